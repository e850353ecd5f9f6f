//! The command `lazywasm`: parses the command line, runs the subcommand, and turns the outcome into a message
//! on stderr and an exit status.
//!
//! The exit status is the program's own; 134 after a trap or a timeout, 1 for other errors, 2 for wrong
//! usage.
//!
//! `run`, `explain` and `wast` are the subcommands, besides `completions` and `man`. The first two share the
//! rest: `options`, `load` (modules
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

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use errors::ErrorReport;
use std::ffi::OsString;
use std::path::Path;
use std::process;
use std::time::Instant;

#[derive(Parser)]
#[command(
    name = "lazywasm",
    version,
    about = "Runs WebAssembly: compiles functions when they are called, and the hot ones again",
    override_usage = "lazywasm <COMMAND>\n       lazywasm FILE [ARGUMENTS], short for `lazywasm run FILE [ARGUMENTS]`",
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
    /// Write a script that makes a shell complete command lines
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual page, for `man -l`
    Man,
}

/// The command line with `run` put in where it is left out: before a first word that is a file or looks like
/// one. The name of a subcommand always means the subcommand.
fn with_run_put_in(mut words: Vec<OsString>) -> Vec<OsString> {
    let Some(first) = words.get(1) else {
        return words;
    };
    let command = Arguments::command();
    let is_subcommand = first == "help" || command.find_subcommand(first).is_some();
    let path = Path::new(first);
    let looks_like_a_file = path.components().count() > 1
        || path
            .extension()
            .is_some_and(|extension| extension == "wasm" || extension == "wat");
    let is_option = first.as_encoded_bytes().starts_with(b"-");
    if !is_subcommand && !is_option && (looks_like_a_file || path.is_file()) {
        words.insert(1, "run".into());
    }
    words
}

/// Writes the script that makes a shell complete command lines.
fn print_completions(shell: Shell) {
    let name = "lazywasm";
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        name,
        &mut std::io::stdout(),
    );
}

/// Writes the manual page, in the language of troff.
fn print_manual() -> anyhow::Result<i32> {
    let page = clap_mangen::Man::new(Arguments::command());
    page.render(&mut std::io::stdout())?;
    Ok(0)
}

fn main() {
    let started = Instant::now();
    allocator::give_memory_back();
    let arguments = Arguments::parse_from(with_run_put_in(std::env::args_os().collect()));
    let outcome = match arguments.command {
        Command::Run(options) => run::run(&options, started),
        Command::Explain(options) => explain::explain(&options, started),
        Command::Wast(options) => wast::run(&options),
        Command::Completions { shell } => {
            print_completions(shell);
            Ok(0)
        }
        Command::Man => print_manual(),
    };
    let status = outcome.unwrap_or_else(|error| {
        let report = ErrorReport::new(&error);
        errors::print(&report);
        report.status()
    });
    process::exit(status);
}
