//! Errors as the user reads them, and their exit status.
//!
//! Three kinds are told apart: the program trapped, the command was used wrongly, and everything
//! else (a file that cannot be read, an invalid module, a missing import).

use anyhow::Error;
use lazywasm::{Trap, WasmBacktrace};
use std::fmt;
use std::io::Write as _;

/// Status after a trap: what a shell reports for a process that was aborted.
pub const TRAPPED: i32 = 134;
/// Status after any other error.
pub const FAILED: i32 = 1;
/// Status after wrong usage, the same that the parser of options uses.
pub const USAGE: i32 = 2;

/// The command was used wrongly; the text says how and what would be right.
#[derive(Debug)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// The program was stopped because its time was over; the text says after how long.
#[derive(Debug)]
pub struct TimedOut(pub String);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimedOut {}

/// Characters of a line of a message that are shown: a line of a text module may be the whole module.
const SHOWN: usize = 2000;

/// Writes a message to stderr. Names in it come from files that nobody has looked at, so control characters
/// are shown, not sent to a terminal, and lines have an end. That nobody reads it is no error.
pub fn tell(message: &impl fmt::Display) {
    let mut text = String::from("lazywasm: ");
    for line in message.to_string().lines() {
        for c in line.chars().take(SHOWN) {
            if c.is_control() {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        text.push('\n');
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// An error on its way to the user.
pub struct Complaint<'a>(&'a Error);

impl<'a> Complaint<'a> {
    /// Looks at an error as something to tell.
    pub fn new(error: &'a Error) -> Complaint<'a> {
        Complaint(error)
    }

    /// The exit status that goes with it.
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

impl fmt::Display for Complaint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(timed_out) = self.0.downcast_ref::<TimedOut>() {
            write!(f, "{timed_out}")?;
        } else if let Some(trap) = self.0.downcast_ref::<Trap>() {
            if !self.0.is::<WasmBacktrace>() {
                // Not in running code: the chain tells where.
                return write!(f, "the program trapped: {:#}", self.0);
            }
            write!(f, "the program trapped: {trap}")?;
        } else {
            return write!(f, "{:#}", self.0);
        }
        if let Some(backtrace) = self.0.downcast_ref::<WasmBacktrace>() {
            write!(f, "\n{}", backtrace.to_string().trim_end())?;
        }
        Ok(())
    }
}
