//! The command as its users meet it: a process with arguments, output and an exit status.
//!
//! `programs` pins what works, `options` what the options of `run` give and tell, `bad_input` what is said when something is wrong, `scratch` runs the
//! command and holds the files of a test.

mod bad_input;
mod lives;
mod options;
mod programs;
mod scratch;
