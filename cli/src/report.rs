//! What is written when a program has ended, however it ended: statistics, the explanation, the end of the
//! trace file.

use crate::errors;
use crate::observe::Observers;
use crate::stats::{EngineReport, Format};
use anyhow::{Context, Result};
use lazywasm::Engine;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

/// What is written at the end. It is written once: by the thread that waits for the program, or by the one
/// that waits for signals.
pub struct Report {
    pub observers: Observers,
    pub engine: Engine,
    /// When code of the program could first run, counted from the start of the process.
    pub first_instruction: OnceLock<Duration>,
    stats: Option<Format>,
    /// Locked while the report is written, so that the process does not end in the middle.
    written: Mutex<bool>,
}

impl Report {
    pub fn new(engine: Engine, observers: Observers, stats: Option<Format>) -> Report {
        Report {
            observers,
            engine,
            first_instruction: OnceLock::new(),
            stats,
            written: Mutex::new(false),
        }
    }

    /// Writes the report, unless it was written before.
    ///
    /// # Errors
    /// If the trace file cannot be written.
    pub fn write(&self) -> Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *written, true) {
            return Ok(());
        }
        if let Some(format) = self.stats {
            let first_instruction = self.first_instruction.get().copied();
            EngineReport::new(&self.engine.stats(), first_instruction).write(format);
        }
        self.observers.finish()
    }

    /// Like [`Report::write`], but prints the error: the exit status reports something else already.
    pub fn write_or_print_error(&self) {
        if let Err(error) = self.write() {
            errors::print(&format!("{error:#}"));
        }
    }

    /// Makes sure that the report is written if SIGINT or SIGTERM ends the program.
    ///
    /// # Errors
    /// If the system allows no signal handler.
    pub fn write_on_signals(self: &Arc<Report>) -> Result<()> {
        if self.stats.is_none() && !self.observers.report_at_the_end() {
            return Ok(());
        }
        // A signal that is ignored from the start stays ignored: a shell without job control starts
        // background processes in this way, so that Ctrl-C does not end them.
        let awaited = [SIGINT, SIGTERM]
            .into_iter()
            .filter(|signal| !is_ignored(*signal));
        let awaited: Vec<i32> = awaited.collect();
        let cannot = "cannot wait for signals";
        // Standard error may be a pipe that nobody reads: then the report is never written, and a second
        // signal ends the process at once.
        let signalled = Arc::new(AtomicBool::new(false));
        for signal in &awaited {
            flag::register_conditional_default(*signal, Arc::clone(&signalled)).context(cannot)?;
            flag::register(*signal, Arc::clone(&signalled)).context(cannot)?;
        }
        let mut signals = Signals::new(&awaited).context(cannot)?;
        let report = Arc::clone(self);
        let wait = move || {
            for signal in &mut signals {
                report.write_or_print_error();
                // Ends the process as the signal would have done.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        let thread = thread::Builder::new().name("signals".to_string());
        if let Err(error) = thread.spawn(wait) {
            let lost = "a signal will end the program without its report: no thread can be started";
            errors::print(&format!("{lost}: {error}"));
        }
        Ok(())
    }
}

/// Whether this process ignores a signal. Reads /proc, because `sigaction` would need unsafe code.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 << (signal - 1) != 0)
}
