//! The engines that are compared, and one comparison.
//!
//! Engines are made once and used for many modules, as embedders use them, so that code is retired and its
//! space is reused. After enough programs the harness is replaced.

use crate::compare::{Difference, compare};
use crate::generate::{self, Program};
use crate::lazy::Lazy;
use crate::peer::{self, OUT_OF_FUEL, Peer};
use crate::script::{Notes, run};
use crate::structured::{Feature, Structured};
use crate::subject::Stop;
use crate::value::digest;
use lazywasm::{Engine, Stats};
use spec_tests::modes::RunMode;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The modes that are compared. Tiered as shipped is left out: it does only less than tiered at once.
const MODES: [RunMode; 6] = [
    RunMode::Baseline,
    RunMode::Reference,
    RunMode::Optimise,
    RunMode::TieredAtOnce,
    RunMode::TieredInPlace,
    RunMode::RelinkStorm,
];

/// The modes of a structured program. The others take turns: what they add depends on chance and on timing,
/// and each mode that optimises takes as long as all others together.
const ALWAYS: [RunMode; 4] = [
    RunMode::Baseline,
    RunMode::Reference,
    RunMode::Optimise,
    RunMode::TieredAtOnce,
];

/// One in so many programs is run once more, with functions that are replaced meanwhile.
const CHANGED: u64 = 4;

/// Engines to compare.
pub struct Harness {
    modes: Vec<(RunMode, Engine)>,
    peer: wasmi::Engine,
    /// The proofs of each mode that were seen. Some counters, such as call sites, shrink when a module is
    /// dropped.
    proven: Mutex<HashSet<(RunMode, &'static str)>>,
}

/// Whether a valid program ends: what made a program smaller may have removed the end of a loop.
pub fn ends(program: &Program, arguments: u64) -> bool {
    let Ok(mut subject) = Peer::new(&peer::limited_engine(), program) else {
        return false;
    };
    let notes = run(&mut subject, arguments);
    let mut outcomes = notes.steps.iter().map(|step| &step.outcome);
    !outcomes.any(|outcome| matches!(outcome, Err(Stop::Failed(why)) if why == OUT_OF_FUEL))
}

/// The result of a comparison in which all agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing could be run: the input made no program, or the program exports no function.
    Skipped,
    /// The program could not be instantiated, with the same error everywhere.
    NotInstantiated,
    /// Calls were made.
    Ran {
        /// How many returned.
        returned: usize,
        /// How many trapped.
        trapped: usize,
        /// Whether wasmi took part. It refuses programs that exceed one of its limits.
        with_peer: bool,
        /// Whether a call of another module was inlined in some mode.
        inlined_foreign: bool,
        /// Whether a running loop entered optimised code in some mode.
        entered_loop: bool,
        /// How many functions were replaced while it ran once more, in each mode.
        replaced: usize,
    },
}

/// Verdicts, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Inputs that made no program, or one that exports no function.
    pub skipped: usize,
    /// Programs that could not be instantiated.
    pub not_instantiated: usize,
    /// Programs in which at least one call returned.
    pub ran: usize,
    /// Programs in which every call trapped.
    pub only_trapped: usize,
    /// Programs that wasmi ran too.
    pub with_peer: usize,
    /// Programs in which a call of another module was inlined.
    pub inlined_foreign: usize,
    /// Programs in which a running loop entered optimised code.
    pub entered_loop: usize,
    /// Programs in which both happened.
    pub both: usize,
    /// Programs whose functions were replaced while they ran, and how many functions were.
    pub changed: usize,
    /// Functions that were replaced, of one mode.
    pub replaced: usize,
    /// Calls that returned, of one mode.
    pub calls_returned: usize,
    /// Calls that trapped, of one mode.
    pub calls_trapped: usize,
    /// Structured programs.
    pub structured: usize,
    /// How many of them have each feature.
    pub features: [usize; Feature::ALL.len()],
    /// Programs that differed.
    pub differences: usize,
}

impl Tally {
    /// Counts a structured program, in which all agreed.
    pub fn add_structured(&mut self, made: &Structured) {
        self.structured += 1;
        for feature in made.features() {
            self.features[feature as usize] += 1;
        }
    }

    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Skipped => self.skipped += 1,
            Verdict::NotInstantiated => self.not_instantiated += 1,
            Verdict::Ran {
                returned,
                trapped,
                with_peer,
                inlined_foreign,
                entered_loop,
                replaced,
            } => {
                if returned > 0 {
                    self.ran += 1;
                } else {
                    self.only_trapped += 1;
                }
                self.with_peer += usize::from(with_peer);
                self.inlined_foreign += usize::from(inlined_foreign);
                self.entered_loop += usize::from(entered_loop);
                self.both += usize::from(inlined_foreign && entered_loop);
                self.changed += usize::from(replaced > 0);
                self.replaced += replaced;
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
             {} skipped; {} compared with wasmi too; {} inlined across modules, {} entered running loops, {} both; \
             {} with {} functions replaced; {} differences; {} structured",
            self.ran,
            self.calls_returned,
            self.calls_trapped,
            self.only_trapped,
            self.not_instantiated,
            self.skipped,
            self.with_peer,
            self.inlined_foreign,
            self.entered_loop,
            self.both,
            self.changed,
            self.replaced,
            self.differences,
            self.structured
        )?;
        for feature in Feature::ALL {
            write!(f, ", {feature:?} {}", self.features[feature as usize])?;
        }
        Ok(())
    }
}

impl Harness {
    /// New engines.
    ///
    /// # Panics
    /// If the system refuses memory for code.
    pub fn new() -> Harness {
        let modes = MODES.map(|mode| {
            let mut config = mode.config();
            // So baseline code that is never replaced counts budgets and asks whether it should stop. The
            // official suite runs it without.
            config.interruption(mode == RunMode::Baseline);
            let engine = Engine::new(&config).expect("memory for code");
            (mode, engine)
        });
        Harness {
            modes: modes.into(),
            peer: peer::engine(),
            proven: Mutex::default(),
        }
    }

    /// Generates a program from bytes and compares.
    ///
    /// # Errors
    /// What differs.
    pub fn check_bytes(&self, bytes: &[u8]) -> Result<Verdict, Difference> {
        match generate::from_bytes(bytes) {
            Some(program) => self.check_program(&program, digest(bytes)),
            None => Ok(Verdict::Skipped),
        }
    }

    /// Generates the program of a seed and compares.
    ///
    /// # Errors
    /// What differs.
    pub fn check_seed(&self, seed: u64) -> Result<Verdict, Difference> {
        self.check_bytes(&generate::bytes_of_seed(seed))
    }

    /// Compares a structured program.
    ///
    /// # Errors
    /// What differs, or why a mode refused a module.
    pub fn check_structured(&self, program: &Program, seed: u64) -> Result<Verdict, Difference> {
        let turn = match seed % 8 {
            0 => Some(RunMode::RelinkStorm),
            4 => Some(RunMode::TieredInPlace),
            _ => None,
        };
        self.check_in(program, seed, |mode| {
            ALWAYS.contains(&mode) || turn == Some(mode)
        })
    }

    /// Compares a valid program in all modes; `arguments` is the seed of the arguments.
    ///
    /// # Errors
    /// What differs, or why a mode refused a module.
    pub fn check_program(&self, program: &Program, arguments: u64) -> Result<Verdict, Difference> {
        self.check_in(program, arguments, |_| true)
    }

    fn check_in(
        &self,
        program: &Program,
        arguments: u64,
        takes_part: impl Fn(RunMode) -> bool,
    ) -> Result<Verdict, Difference> {
        let mut all: Vec<(&str, Notes)> = Vec::new();
        let (mut inlined_foreign, mut entered_loop) = (false, false);
        for (mode, engine) in self.modes.iter().filter(|(mode, _)| takes_part(*mode)) {
            let before = engine.stats();
            let mut subject = Lazy::new(engine, program).map_err(|error| Difference {
                text: format!("{mode} refused a valid module: {error:#}"),
            })?;
            let notes = run(&mut subject, arguments);
            let stats = self.note_proofs(*mode, engine);
            inlined_foreign |= stats.inlined_foreign > before.inlined_foreign;
            entered_loop |= stats.loops_entered > before.loops_entered;
            drop(subject);
            self.check_engine(*mode, engine)?;
            all.push((mode.name(), notes));
        }
        let replaced = match arguments % CHANGED {
            0 => self.check_changing(program, arguments, &takes_part)?,
            _ => 0,
        };
        let modes = all.len();
        if let Ok(mut subject) = Peer::new(&self.peer, program) {
            all.push(("wasmi", run(&mut subject, arguments)));
        }
        // The modes come first: if only wasmi differs, the report says so about all modes.
        let ((name, notes), others) = all.split_first().expect("there is at least one mode");
        for (other, other_notes) in others {
            compare((name, notes), (other, other_notes))?;
        }
        Ok(if notes.returned + notes.trapped > 0 {
            Verdict::Ran {
                returned: notes.returned,
                trapped: notes.trapped,
                with_peer: all.len() > modes,
                inlined_foreign,
                entered_loop,
                replaced,
            }
        } else if notes.steps.is_empty() {
            Verdict::Skipped
        } else {
            Verdict::NotInstantiated
        })
    }

    /// Runs a program while functions of it are replaced, and compares the modes. Returns how many were, in
    /// each.
    fn check_changing(
        &self,
        program: &Program,
        seed: u64,
        takes_part: &impl Fn(RunMode) -> bool,
    ) -> Result<usize, Difference> {
        let mut first: Option<(&str, Notes, usize)> = None;
        for (mode, engine) in self.modes.iter().filter(|(mode, _)| takes_part(*mode)) {
            let mut subject =
                Lazy::changing(engine, program, seed).map_err(|error| Difference {
                    text: format!("{mode} refused a valid module: {error:#}"),
                })?;
            let notes = run(&mut subject, seed);
            let replaced = subject.replaced;
            drop(subject);
            self.check_engine(*mode, engine)?;
            match &first {
                None => first = Some((mode.name(), notes, replaced)),
                Some((name, expected, _)) => {
                    let compared = compare((name, expected), (mode.name(), &notes));
                    compared.map_err(|Difference { text }| Difference {
                        text: format!("with functions replaced: {text}"),
                    })?;
                }
            }
        }
        Ok(first.map_or(0, |(_, _, replaced)| replaced))
    }

    fn note_proofs(&self, mode: RunMode, engine: &Engine) -> Stats {
        let stats = engine.stats();
        let proofs = mode.proofs().iter().filter(|(_, count)| count(&stats) > 0);
        self.proven
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(proofs.map(|(what, _)| (mode, *what)));
        stats
    }

    /// Checks what must hold for an engine whatever it ran.
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

    /// Checks, after some modules ran, that every mode did what distinguishes it.
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
