//! The command as its users meet it: a process with arguments, output and an exit status.
//!
//! `programs` pins what works, `options` what the options of `run` do, `bad_input` the errors, `no_threads` both on a system that
//! starts no threads. `scratch` runs the command and holds the files of a test.

mod bad_input;
mod lives;
mod no_threads;
mod options;
mod programs;
mod scratch;
