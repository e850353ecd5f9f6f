//! `lazywasm wast`: runs scripts in the language of the official test suite.
//!
//! Prints a line for each failure, with file and line, and a summary at the end. The status is 0 when all
//! pass.

use crate::errors::FAILED;
use crate::options::STANDARD_INPUT;
use anyhow::{Context, Result};
use clap::Args;
use lazywasm::shown_text;
use spec_tests::{RunMode, RunOptions, Script, run_script};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Progress is shown only for runs longer than this.
const LONG: Duration = Duration::from_secs(1);

#[derive(Args)]
#[command(after_help = "Exit status: 0 when all pass, 1 otherwise, 2 for wrong usage.")]
pub struct Options {
    /// How functions are compiled: baseline, reference, optimise, tiered-at-once, tiered-in-place, tiered or
    /// relink-storm
    #[arg(long, value_name = "MODE", default_value = "tiered", value_parser = parse_mode)]
    mode: RunMode,

    /// Treat modules with several memories as invalid, as scripts of the WebAssembly 2.0 suite expect
    #[arg(long)]
    single_memory: bool,

    /// The scripts to run; `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

fn parse_mode(name: &str) -> Result<RunMode, String> {
    RunMode::from_name(name).ok_or_else(|| {
        let names: Vec<_> = RunMode::ALL.into_iter().map(RunMode::name).collect();
        format!("there is no such mode; choose one of {}", names.join(", "))
    })
}

/// Reads a script from a file or from the standard input.
fn read(file: &Path) -> Result<Script> {
    if file.as_os_str() != STANDARD_INPUT {
        return Script::read(file);
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.context("cannot read the standard input")?;
    Script::from_bytes("<stdin>", bytes)
}

/// Runs all scripts; returns the exit status.
///
/// # Errors
/// If a file cannot be read, or the output cannot be written.
pub fn run(options: &Options) -> Result<i32> {
    let mut progress = Progress::new(options.files.len());
    let mut out = Output(io::stdout().lock());
    let (mut passed, mut failed) = (0, 0);
    for (at, file) in options.files.iter().enumerate() {
        progress.show(at, &shown_text(&file.to_string_lossy()));
        let script = match read(file) {
            Ok(script) => script,
            Err(error) => {
                failed += 1;
                progress.clear();
                out.line(&format!(
                    "{}: {error:#}",
                    shown_text(&file.to_string_lossy())
                ))?;
                continue;
            }
        };
        let report = run_script(
            &script,
            &RunOptions {
                mode: options.mode,
                multi_memory: !options.single_memory,
            },
        );
        passed += report.passed;
        failed += report.failures.len();
        if !report.failures.is_empty() {
            progress.clear();
        }
        for failure in &report.failures {
            out.line(&failure.to_string())?;
        }
    }
    progress.clear();
    out.line(&format!("{passed} passed, {failed} failed"))?;
    Ok(if failed == 0 { 0 } else { FAILED })
}

/// Standard output that may be closed: then nothing more is printed, and the exit status is still right.
struct Output<'a>(io::StdoutLock<'a>);

impl Output<'_> {
    /// Writes a text, which has several lines where it quotes a script.
    fn line(&mut self, text: &str) -> Result<()> {
        let lines: Vec<String> = text.lines().map(shown_text).collect();
        match writeln!(self.0, "{}", lines.join("\n")) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        }
    }
}

/// A line on the terminal with the progress of a long run.
struct Progress {
    total: usize,
    started: Instant,
    on_terminal: bool,
    shown: bool,
}

impl Progress {
    fn new(total: usize) -> Progress {
        let on_terminal = io::stderr().is_terminal() && total > 1;
        Progress {
            total,
            started: Instant::now(),
            on_terminal,
            shown: false,
        }
    }

    fn show(&mut self, at: usize, name: &str) {
        if self.on_terminal && self.started.elapsed() > LONG {
            // A failure to show progress is harmless.
            let _ = write!(io::stderr(), "\r\x1b[K[{}/{}] {name}", at + 1, self.total);
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
            self.shown = false;
        }
    }
}
