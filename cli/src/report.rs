//! What is reported when a program has ended, however it ends: statistics, the explanation, the rest of the trace file.

use crate::errors;
use crate::observe::Observers;
use crate::stats::{Format, Told};
use anyhow::{Context, Result};
use lazywasm::Engine;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

/// What is told at the end, however it comes.
pub struct Report {
    pub observers: Observers,
    pub stats: Option<Format>,
    pub engine: Engine,
    /// When code of the program could run, counted from the start.
    pub first_instruction: OnceLock<Duration>,
    /// Whether it was told. Locked while it is.
    pub told: Mutex<bool>,
}

impl Report {
    /// Tells, unless it was told before.
    ///
    /// # Errors
    /// If there is a file to be written, which cannot be.
    pub fn tell(&self) -> Result<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *told, true) {
            return Ok(());
        }
        if let Some(format) = self.stats {
            let first_instruction = self.first_instruction.get().copied();
            Told::new(&self.engine.stats(), first_instruction).tell(format);
        }
        self.observers.finish()
    }

    /// As `tell`, where the status says something else already.
    pub fn write_or_report_error(&self) {
        if let Err(error) = self.tell() {
            errors::report(&format!("{error:#}"));
        }
    }

    /// Sees to it that a signal that ends the program does not take the report with it.
    ///
    /// # Errors
    /// If the system allows no handler.
    pub fn tell_if_killed(self: &Arc<Report>) -> Result<()> {
        if self.stats.is_none() && !self.observers.report_at_the_end() {
            return Ok(());
        }
        let cannot = "cannot wait for signals";
        let mut signals = Signals::new([SIGINT, SIGTERM]).context(cannot)?;
        let report = Arc::clone(self);
        let wait = move || {
            for signal in &mut signals {
                report.write_or_report_error();
                // Ends the process as the signal would have done.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        let thread = thread::Builder::new().name("signals".to_string());
        if let Err(error) = thread.spawn(wait) {
            let lost = "a signal will end the program without its report: no thread can be started";
            errors::report(&format!("{lost}: {error}"));
        }
        Ok(())
    }
}
