//! The engines that are compared, and one comparison.
//!
//! Engines are made once and used for many modules: that is how they live, and their code is then
//! retired and reused meanwhile. A harness that has seen enough is thrown away.

use crate::compare::{Difference, compare};
use crate::generate;
use crate::lazy::Lazy;
use crate::peer::{self, Peer};
use crate::script::{Notes, run};
use crate::value::digest;
use lazywasm::Engine;
use spec_tests::modes::RunMode;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The modes that are compared. Tiered as shipped is left out: what it adds to tiered at once is only
/// that less happens.
const MODES: [RunMode; 5] = [
    RunMode::Baseline,
    RunMode::Optimise,
    RunMode::TieredAtOnce,
    RunMode::TieredInPlace,
    RunMode::RelinkStorm,
];

/// Engines to compare.
pub struct Harness {
    modes: Vec<(RunMode, Engine)>,
    peer: wasmi::Engine,
    /// What each mode was seen doing. Some of it, such as call sites, is gone when its module is.
    proven: Mutex<HashSet<(RunMode, &'static str)>>,
}

/// What one comparison saw when all agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing could be run: no module came of the input, or it exports no function.
    Skipped,
    /// The module could not be instantiated, and all said so alike.
    NotInstantiated,
    /// Calls were made.
    Ran {
        /// How many returned.
        returned: usize,
        /// How many trapped.
        trapped: usize,
        /// Whether wasmi took part. It refuses what exceeds a limit of its own.
        with_peer: bool,
    },
}

/// Verdicts, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Inputs of which no module came or that exported no function.
    pub skipped: usize,
    /// Modules that could not be instantiated.
    pub not_instantiated: usize,
    /// Modules in which at least one call returned.
    pub ran: usize,
    /// Modules in which every call trapped.
    pub only_trapped: usize,
    /// Modules that wasmi ran too.
    pub with_peer: usize,
    /// Calls that returned, of one mode.
    pub calls_returned: usize,
    /// Calls that trapped, of one mode.
    pub calls_trapped: usize,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Skipped => self.skipped += 1,
            Verdict::NotInstantiated => self.not_instantiated += 1,
            Verdict::Ran {
                returned,
                trapped,
                with_peer,
            } => {
                if returned > 0 {
                    self.ran += 1;
                } else {
                    self.only_trapped += 1;
                }
                self.with_peer += usize::from(with_peer);
                self.calls_returned += returned;
                self.calls_trapped += trapped;
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ran ({} calls returned, {} trapped), {} only trapped, {} could not be instantiated, \
             {} skipped; {} compared with wasmi too",
            self.ran,
            self.calls_returned,
            self.calls_trapped,
            self.only_trapped,
            self.not_instantiated,
            self.skipped,
            self.with_peer
        )
    }
}

impl Harness {
    /// New engines.
    ///
    /// # Panics
    /// If the system refuses memory for code.
    pub fn new() -> Harness {
        let modes = MODES.map(|mode| {
            let engine = Engine::new(&mode.config()).expect("memory for code");
            (mode, engine)
        });
        Harness {
            modes: modes.into(),
            peer: peer::engine(),
            proven: Mutex::default(),
        }
    }

    /// Generates a module from bytes and compares.
    ///
    /// # Errors
    /// What differs.
    pub fn check_bytes(&self, bytes: &[u8]) -> Result<Verdict, Difference> {
        match generate::from_bytes(bytes) {
            Some(wasm) => self.check_module(&wasm, digest(bytes)),
            None => Ok(Verdict::Skipped),
        }
    }

    /// Generates the module of a seed and compares.
    ///
    /// # Errors
    /// What differs.
    pub fn check_seed(&self, seed: u64) -> Result<Verdict, Difference> {
        self.check_bytes(&generate::bytes_of_seed(seed))
    }

    /// Compares a valid module in binary form; `arguments` is the seed of the arguments.
    ///
    /// # Errors
    /// What differs, or why a mode refused the module.
    pub fn check_module(&self, wasm: &[u8], arguments: u64) -> Result<Verdict, Difference> {
        let mut all: Vec<(&str, Notes)> = Vec::new();
        for (mode, engine) in &self.modes {
            let mut subject = Lazy::new(engine, wasm).map_err(|error| Difference {
                text: format!("{mode} refused a valid module: {error:#}"),
            })?;
            let notes = run(&mut subject, arguments);
            self.note_proofs(*mode, engine);
            drop(subject);
            self.check_engine(*mode, engine)?;
            all.push((mode.name(), notes));
        }
        let modes = all.len();
        if let Ok(mut subject) = Peer::new(&self.peer, wasm) {
            all.push(("wasmi", run(&mut subject, arguments)));
        }
        // The modes come first: if wasmi alone differs, that is said of all of them.
        let ((name, notes), others) = all.split_first().expect("there is at least one mode");
        for (other, other_notes) in others {
            compare((name, notes), (other, other_notes))?;
        }
        Ok(if notes.returned + notes.trapped > 0 {
            Verdict::Ran {
                returned: notes.returned,
                trapped: notes.trapped,
                with_peer: all.len() > modes,
            }
        } else if notes.steps.is_empty() {
            Verdict::Skipped
        } else {
            Verdict::NotInstantiated
        })
    }

    fn note_proofs(&self, mode: RunMode, engine: &Engine) {
        let stats = engine.stats();
        let proofs = mode.proofs().iter().filter(|(_, count)| count(&stats) > 0);
        self.proven
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(proofs.map(|(what, _)| (mode, *what)));
    }

    /// What must hold of an engine whatever it ran.
    fn check_engine(&self, mode: RunMode, engine: &Engine) -> Result<(), Difference> {
        let fail = |text| Err(Difference { text });
        if let Err(error) = engine.verify_links() {
            return fail(format!("{mode} has wrong links: {error:#}"));
        }
        let stats = engine.stats();
        if stats.failures > 0 {
            return fail(format!(
                "{mode}: a compiler refused {} functions",
                stats.failures
            ));
        }
        if stats.doubled > 0 {
            return fail(format!("{mode} compiled {} functions twice", stats.doubled));
        }
        Ok(())
    }

    /// Checks that every mode did what it is there for, after some modules ran.
    ///
    /// # Errors
    /// What did not happen.
    pub fn check_modes(&self) -> Result<(), Difference> {
        let proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        for (mode, _) in &self.modes {
            for (what, _) in mode.proofs() {
                if !proven.contains(&(*mode, *what)) {
                    return Err(Difference {
                        text: format!("{mode} never had: {what}"),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Default for Harness {
    fn default() -> Harness {
        Harness::new()
    }
}
