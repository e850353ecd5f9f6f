//! Error messages and exit statuses.
//!
//! There are three kinds: the program trapped or ran out of time, the command was used wrongly, and
//! everything else (a file that cannot be read, an invalid module, a missing import).

use anyhow::Error;
use lazywasm::{Trap, WasmBacktrace, shown_text};
use std::ffi::OsStr;
use std::fmt;
use std::io::Write as _;

/// Status after a trap: what a shell reports for a process that was aborted.
pub const TRAPPED: i32 = 134;
/// Status after any other error.
pub const FAILED: i32 = 1;
/// Status after wrong usage. The parser of options uses the same.
pub const USAGE: i32 = 2;

/// The end of help texts.
pub const EXIT_STATUS: &str = "Exit status: the program's own; 134 after a trap or a timeout, 1 for other errors, 2 for wrong usage.";

/// The command was used wrongly; the text says how and what would be right.
#[derive(Debug)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// The program was stopped at its time limit; the text says after how long.
#[derive(Debug)]
pub struct TimedOut(pub String);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimedOut {}

/// At most this many characters of each line of a message are shown: one line of a text module may be the
/// whole module.
const SHOWN: usize = 2000;

/// Writes a message to stderr. Names in it were escaped where they became text. The rest, such as paths and
/// arguments, is escaped here, so that a terminal does not obey it, and long lines are cut. A closed stderr
/// is no error.
pub fn print(message: &impl fmt::Display) {
    let mut text = String::from("lazywasm: ");
    for line in message.to_string().lines() {
        let end = line
            .char_indices()
            .nth(SHOWN)
            .map_or(line.len(), |(at, _)| at);
        text += &shown_text(&line[..end]);
        text.push('\n');
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// A path or an argument as messages show it.
pub fn shown_os(text: impl AsRef<OsStr>) -> String {
    shown_text(&text.as_ref().to_string_lossy())
}

/// An error as it is shown to the user.
pub struct ErrorReport<'a>(&'a Error);

impl<'a> ErrorReport<'a> {
    /// The report of `error`.
    pub fn new(error: &'a Error) -> ErrorReport<'a> {
        ErrorReport(error)
    }

    /// The exit status for this error.
    pub fn status(&self) -> i32 {
        if self.0.is::<UsageError>() {
            USAGE
        } else if self.0.is::<TimedOut>() || self.0.downcast_ref::<Trap>().is_some() {
            TRAPPED
        } else {
            FAILED
        }
    }
}

impl fmt::Display for ErrorReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backtrace = self.0.downcast_ref::<WasmBacktrace>();
        let backtrace = backtrace.map(|backtrace| backtrace.to_string());
        if let Some(timed_out) = self.0.downcast_ref::<TimedOut>() {
            write!(f, "{timed_out}")?;
        } else {
            if self.0.is::<Trap>() {
                f.write_str("the program trapped: ")?;
            }
            // The causes come first. The backtrace is part of the chain too; it is printed last, because it
            // is long.
            let causes = self.0.chain().map(|cause| cause.to_string());
            let causes: Vec<String> = causes
                .filter(|cause| backtrace.as_ref() != Some(cause))
                .collect();
            f.write_str(&causes.join(": "))?;
        }
        match backtrace {
            Some(backtrace) => write!(f, "\n{}", backtrace.trim_end()),
            None => Ok(()),
        }
    }
}
