//! Functions that are replaced while the program runs: every way to call a function, every kind of
//! replacement, every mode; what is refused; what the engine says of a function; and hammering.

mod hammer;
mod states;
mod table;
