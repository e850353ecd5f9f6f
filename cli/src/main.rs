//! The command `lazywasm`: parses the command line, runs the subcommand, and turns the outcome into a message
//! on stderr and an exit status.
//!
//! The exit status is the program's own; 134 after a trap or a timeout, 1 for other errors, 2 for wrong
//! usage.
//!
//! `run`, `explain` and `wast` are the subcommands; so are `completions` and `man`, both in `generated`. The
//! first two share the rest: `options`, `load` (modules and their imports), `task` (what is called),
//! `observe` (events while the program runs), `explanation` (the history of each function), `profile` (files
//! for profilers), `report` and `stats` (what is written at the end). `invoke` parses and prints values,
//! `units` sizes and durations; `errors` prints error messages; `allocator` keeps the peak of memory low.
//! `tests/tidy.rs` holds the list of which of them uses which.

#![deny(unsafe_code)]

mod allocator;
mod errors;
mod explain;
mod explanation;
mod generated;
mod invoke;
mod lazy;
mod load;
mod observe;
mod options;
mod profile;
mod reactor;
mod report;
mod run;
mod stats;
mod task;
mod units;
mod wast;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use errors::ErrorReport;
use options::STANDARD_INPUT;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process;
use std::time::Instant;

#[derive(Parser)]
#[command(
    name = "lazywasm",
    version,
    about = "Runs WebAssembly: compiles functions when they are called, and the hot ones again",
    override_usage = "lazywasm <COMMAND>\n       lazywasm FILE [ARGUMENTS], short for `lazywasm run FILE [ARGUMENTS]`; options need `run`",
    after_help = errors::EXIT_STATUS
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a WASI program, or call one of a module's functions; without options, `run` may be left out
    Run(Box<options::Options>),
    /// Run a program as `run` does, and report afterwards what became of its functions
    Explain(Box<explain::Options>),
    /// Run scripts in the language of the official test suite
    Wast(wast::Options),
    /// Write a script that makes a shell complete command lines
    Completions(generated::CompletionsOptions),
    /// Write the manual page of the command, or of one of its subcommands
    Man(generated::ManOptions),
}

/// Parses the command line. Where it begins with a file, `run` is put in before that.
fn parse(mut words: Vec<OsString>) -> Result<Arguments, clap::Error> {
    // `run` is put in only after an error. So the name of a subcommand always means the subcommand, and a
    // complete command line is parsed once.
    let error = match Arguments::try_parse_from(&words) {
        Ok(arguments) => return Ok(arguments),
        Err(error) => error,
    };
    match words.get(1) {
        Some(first) if is_no_subcommand(first, &error) && looks_like_a_file(first) => {
            words.insert(1, "run".into());
            Arguments::try_parse_from(words)
        }
        _ => Err(error),
    }
}

/// Whether the error is that this word is not the name of a subcommand.
fn is_no_subcommand(word: &OsStr, error: &clap::Error) -> bool {
    let found = error.get(ContextKind::InvalidSubcommand);
    error.kind() == ErrorKind::InvalidSubcommand
        && matches!(found, Some(ContextValue::String(found)) if *found == word.to_string_lossy())
}

/// Whether a word is more likely a file, even a missing one, than a misspelled subcommand.
fn looks_like_a_file(word: &OsStr) -> bool {
    let path = Path::new(word);
    let extension = path.extension().and_then(OsStr::to_str);
    word == STANDARD_INPUT
        || matches!(extension, Some("wasm" | "wat"))
        || path.components().count() > 1
        || path.exists()
}

fn main() {
    let started = Instant::now();
    allocator::give_memory_back();
    let arguments = parse(std::env::args_os().collect()).unwrap_or_else(|error| error.exit());
    let outcome = match arguments.command {
        Command::Run(options) => run::run(&options, started),
        Command::Explain(options) => explain::explain(&options, started),
        Command::Wast(options) => wast::run(&options),
        Command::Completions(options) => generated::completions(&options, Arguments::command()),
        Command::Man(options) => generated::manual(&options, Arguments::command()),
    };
    let status = outcome.unwrap_or_else(|error| {
        let report = ErrorReport::new(&error);
        errors::print(&report);
        report.status()
    });
    process::exit(status);
}
