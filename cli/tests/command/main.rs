//! Tests of the command as a process: with arguments, output and an exit status.
//!
//! `programs` tests what works, `options` what the options of `run` do, `lazy` modules that are loaded when
//! they are called, `command_line` the short form without `run`, the standard input, completions and manual
//! pages, `explain_and_trace` the reports about functions, `profile` the files for profilers, `bad_input` the
//! errors, `no_threads` the command on a system that starts no threads. `scratch` runs the command and holds
//! the files of a test.

mod bad_input;
mod command_line;
mod explain_and_trace;
mod lazy;
mod no_threads;
mod options;
mod profile;
mod programs;
mod scratch;
