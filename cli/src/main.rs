//! The command `lazywasm`: parses the command line, runs the subcommand, and turns the outcome into a message
//! on stderr and an exit status.
//!
//! The exit status is the program's own; 134 after a trap or a timeout, 1 for other errors, 2 for wrong
//! usage.
//!
//! `run`, `explain` and `wast` are the subcommands. The first two share the rest: `options`, `load` (modules
//! and their imports), `task` (what is called), `observe` (events while the program runs), `explanation` (the
//! history of each function), `report` and `stats` (what is written at the end). `invoke` parses and prints
//! values, `units` sizes and durations; `errors` prints error messages; `allocator` keeps the peak of memory
//! low. `tests/tidy.rs` holds the list of which of them uses which.

#![deny(unsafe_code)]

mod allocator;
mod errors;
mod explain;
mod explanation;
mod invoke;
mod load;
mod observe;
mod options;
mod report;
mod run;
mod stats;
mod task;
mod units;
mod wast;

use clap::{Parser, Subcommand};
use errors::ErrorReport;
use std::process;
use std::time::Instant;

#[derive(Parser)]
#[command(
    name = "lazywasm",
    version,
    about = "Runs WebAssembly: compiles functions when they are called, and the hot ones again",
    after_help = errors::EXIT_STATUS
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a WASI program, or call one of a module's functions
    Run(Box<options::Options>),
    /// Run a program as `run` does, and report afterwards what became of its functions
    Explain(Box<explain::Options>),
    /// Run scripts in the language of the official test suite
    Wast(wast::Options),
}

fn main() {
    let started = Instant::now();
    allocator::give_memory_back();
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Run(options) => run::run(&options, started),
        Command::Explain(options) => explain::explain(&options, started),
        Command::Wast(options) => wast::run(&options),
    };
    let status = outcome.unwrap_or_else(|error| {
        let report = ErrorReport::new(&error);
        errors::print(&report);
        report.status()
    });
    process::exit(status);
}
