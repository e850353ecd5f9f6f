//! The modes in which a script is executed, and the counters that prove that each mode really happened.
//!
//! A mode that silently fell back to another would pass every test. So each mode lists the counters of the
//! engine that it must move. After a run of the whole suite, a counter at zero is a failure.

use lazywasm::{Config, Mode, Stats};
use std::fmt;

/// A mode of execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunMode {
    /// Baseline code only.
    Baseline,
    /// Code of the reference compiler only.
    Reference,
    /// Optimised code at the first call.
    Optimise,
    /// Both tiers, with the smallest threshold.
    TieredAtOnce,
    /// Both tiers, with a small threshold; the running thread optimises, so that its loops enter optimised
    /// code and calls are inlined by their profile.
    TieredInPlace,
    /// Both tiers, as shipped.
    Tiered,
    /// Both tiers, while call sites are relinked back and forth.
    RelinkStorm,
}

/// One proof that a mode happened: its name and its counter.
pub type Proof = (&'static str, fn(&Stats) -> u64);

const BASELINE_BODIES: Proof = ("bodies compiled by the baseline tier", |stats| {
    stats.baseline_compiled
});
const OPTIMISED_BODIES: Proof = ("bodies compiled by the optimising tier", |stats| {
    stats.optimised_compiled
});
const RECORDED_SITES: Proof = ("call sites recorded", |stats| stats.sites_recorded);
const PATCHED_SITES: Proof = ("call sites that reach code directly", |stats| {
    stats.sites_patched
});
const STUB_SITES: Proof = ("call sites that go through a stub", |stats| {
    stats.sites_recorded - stats.sites_patched
});
const RELINKS: Proof = ("entries whose target was changed", |stats| stats.relinks);
const PATCHES: Proof = ("call sites rewritten while they were in use", |stats| {
    stats.patches
});
const FLIPS: Proof = ("entries switched to the other body", |stats| stats.flips);
const RESETS: Proof = ("functions reset to their stubs", |stats| stats.resets);
const FREED: Proof = ("bodies freed", |stats| stats.bodies_freed);
const FROM_STUBS: Proof = ("calls that found a stub", |stats| stats.entered_stub);
const TO_BASELINE: Proof = ("calls that found baseline code", |stats| {
    stats.entered_baseline
});
const TO_OPTIMISED: Proof = ("calls that found optimised code", |stats| {
    stats.entered_optimised
});

const LOOPS_ENTERED: Proof = ("loops entered in optimised code", |stats| {
    stats.loops_entered
});
const INLINED: Proof = ("calls inlined", |stats| stats.inlined);
const INLINED_FOREIGN: Proof = ("calls of other modules inlined", |stats| {
    stats.inlined_foreign
});
const INLINED_GUARDED: Proof = ("indirect calls inlined", |stats| stats.inlined_guarded);

impl RunMode {
    /// Every mode, in the order of reports.
    pub const ALL: [RunMode; 7] = [
        RunMode::Baseline,
        RunMode::Reference,
        RunMode::Optimise,
        RunMode::TieredAtOnce,
        RunMode::TieredInPlace,
        RunMode::Tiered,
        RunMode::RelinkStorm,
    ];

    /// The name used in test names, tables and expectation files.
    pub fn name(self) -> &'static str {
        match self {
            RunMode::Baseline => "baseline",
            RunMode::Reference => "reference",
            RunMode::Optimise => "optimise",
            RunMode::TieredAtOnce => "tiered-at-once",
            RunMode::TieredInPlace => "tiered-in-place",
            RunMode::Tiered => "tiered",
            RunMode::RelinkStorm => "relink-storm",
        }
    }

    /// The mode with this name.
    pub fn from_name(name: &str) -> Option<RunMode> {
        RunMode::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The engine's configuration for this mode.
    pub fn config(self) -> Config {
        let mut config = Config::new();
        match self {
            RunMode::Baseline => config.mode(Mode::Baseline),
            RunMode::Reference => config.mode(Mode::Reference),
            RunMode::Optimise => config.mode(Mode::Optimise),
            RunMode::TieredAtOnce => config.mode(Mode::Tiered).threshold(1),
            RunMode::TieredInPlace => config
                .mode(Mode::Tiered)
                .threshold(2)
                .parallel_compilation(false),
            RunMode::Tiered => config.mode(Mode::Tiered),
            // Relinking is the same for all processors, so this mode runs the code for old ones, too.
            RunMode::RelinkStorm => config
                .mode(Mode::RelinkStorm)
                .threshold(1)
                .oldest_processor(true),
        };
        config.count_entries(true);
        config
    }

    /// The counters that a run of the whole suite must have moved.
    pub fn proofs(self) -> &'static [Proof] {
        match self {
            // Every site of baseline code can be patched.
            RunMode::Baseline => &[
                BASELINE_BODIES,
                RECORDED_SITES,
                PATCHED_SITES,
                FROM_STUBS,
                TO_BASELINE,
            ],
            RunMode::Reference => &[
                BASELINE_BODIES,
                RECORDED_SITES,
                PATCHED_SITES,
                STUB_SITES,
                FROM_STUBS,
                TO_BASELINE,
            ],
            RunMode::Optimise => &[
                OPTIMISED_BODIES,
                RECORDED_SITES,
                PATCHED_SITES,
                STUB_SITES,
                FROM_STUBS,
                TO_OPTIMISED,
            ],
            RunMode::TieredAtOnce | RunMode::Tiered => &[
                BASELINE_BODIES,
                OPTIMISED_BODIES,
                RECORDED_SITES,
                PATCHED_SITES,
                STUB_SITES,
                RELINKS,
                PATCHES,
                FREED,
                FROM_STUBS,
                TO_BASELINE,
                TO_OPTIMISED,
            ],
            RunMode::TieredInPlace => &[
                BASELINE_BODIES,
                OPTIMISED_BODIES,
                RELINKS,
                PATCHES,
                TO_BASELINE,
                TO_OPTIMISED,
                LOOPS_ENTERED,
                INLINED,
                INLINED_FOREIGN,
                INLINED_GUARDED,
            ],
            RunMode::RelinkStorm => &[
                BASELINE_BODIES,
                OPTIMISED_BODIES,
                RECORDED_SITES,
                PATCHED_SITES,
                STUB_SITES,
                FLIPS,
                RESETS,
                PATCHES,
                FREED,
                FROM_STUBS,
                TO_BASELINE,
                TO_OPTIMISED,
            ],
        }
    }
}

impl fmt::Display for RunMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_identify_their_modes() {
        for mode in RunMode::ALL {
            assert_eq!(RunMode::from_name(mode.name()), Some(mode));
        }
        assert_eq!(RunMode::from_name("fast"), None);
    }
}
