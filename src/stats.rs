//! What an engine did, in numbers.
//!
//! A new counter of `tiering` or `stubs` gets one line here. `cli/src/stats.rs` then chooses whether
//! `--stats` prints it, and `spec-tests/src/modes.rs` whether a mode must have moved it.

use engine::{LinkStats, Tier};
use tiering::Counts;

macro_rules! stats {
    ($($(#[$doc:meta])* $name:ident = |$counts:ident, $links:ident| $value:expr;)*) => {
        /// What an engine did, in numbers. Names are stable. Numbers of what is in use are of this moment,
        /// the others count since the engine was made.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Stats {
            pub(crate) fn collect(counts: &Counts, links: &LinkStats) -> Stats {
                Stats { $($name: { let ($counts, $links) = (counts, links); let _ = ($counts, $links); $value },)* }
            }

            /// Adds the numbers of another engine.
            pub fn add(&mut self, other: &Stats) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

stats! {
    /// Functions of all linkages that were made.
    functions_defined = |c, l| c.functions_defined;
    /// Functions compiled by the baseline tier.
    baseline_compiled = |c, l| c.baseline_compiled;
    /// Of these, functions compiled on a background thread ahead of their first call.
    ahead_compiled = |c, l| c.ahead_compiled;
    /// Of these, functions that were called since.
    ahead_called = |c, l| c.ahead_called;
    /// Bytes of bytecode compiled ahead of a call.
    ahead_wasm_bytes = |c, l| c.ahead_wasm_bytes;
    /// Of these, bytes of functions that were called since.
    ahead_called_wasm_bytes = |c, l| c.ahead_called_wasm_bytes;
    /// Functions compiled by the optimising tier.
    optimised_compiled = |c, l| c.optimised_compiled;
    /// Bytes of bytecode compiled by the baseline tier.
    baseline_wasm_bytes = |c, l| c.baseline_wasm_bytes;
    /// Bytes of bytecode compiled by the optimising tier.
    optimised_wasm_bytes = |c, l| c.optimised_wasm_bytes;
    /// Bytes of code that the baseline tier published.
    baseline_code_bytes = |c, l| l.published_bytes[usize::from(Tier::BASELINE.0)];
    /// Bytes of code that the optimising tier published.
    optimised_code_bytes = |c, l| l.published_bytes[usize::from(Tier::OPTIMISED.0)];
    /// Nanoseconds spent in the baseline compiler.
    baseline_compile_ns = |c, l| c.baseline_compile_ns;
    /// Nanoseconds spent in the optimising compiler.
    optimised_compile_ns = |c, l| c.optimised_compile_ns;
    /// Loops for which the optimising tier compiled code that starts there (on-stack replacement).
    loops_compiled = |c, l| c.loops_compiled;
    /// Running frames that entered such code.
    loops_entered = |c, l| c.loops_entered;
    /// Calls in whose place the optimising tier compiled the callee's body.
    inlined = |c, l| c.inlined;
    /// Of these, calls of functions of other modules.
    inlined_foreign = |c, l| c.inlined_foreign;
    /// Of these, indirect calls; the inlined body is guarded by a comparison of the callee.
    inlined_guarded = |c, l| c.inlined_guarded;
    /// Functions reset to their stubs because a module was dropped whose code they had inlined.
    uninlined = |c, l| c.uninlined;
    /// Functions sent to the optimiser.
    promotions = |c, l| c.promotions;
    /// Functions that a compiler refused.
    failures = |c, l| c.failures;
    /// Compilations beyond one for each function, tier and generation.
    doubled = |c, l| c.doubled;
    /// Calls that found a function without code.
    first_calls = |c, l| c.first_calls;
    /// Budgets that baseline code spent.
    budgets_spent = |c, l| c.budgets_spent;
    /// Calls from the host that began in a stub, where they are counted.
    entered_stub = |c, l| c.entered_stub;
    /// Calls from the host that began in baseline code, where they are counted.
    entered_baseline = |c, l| c.entered_baseline;
    /// Calls from the host that began in optimised code, where they are counted.
    entered_optimised = |c, l| c.entered_optimised;
    /// Functions reset to their stubs because the space for code was full.
    sent_back = |c, l| c.sent_back;
    /// Relink storm: entries switched to a function's other body.
    flips = |c, l| c.flips;
    /// Relink storm: functions reset to their stubs.
    resets = |c, l| c.resets;
    /// Call sites of code in use.
    sites_recorded = |c, l| l.sites;
    /// Of these, those that call the callee's code directly.
    sites_patched = |c, l| l.sites_direct;
    /// Of these, those on the stub because they cannot be written in one store.
    sites_crossing = |c, l| l.sites_crossing;
    /// Of these, those on the stub because the callee has no code yet.
    sites_lazy = |c, l| l.sites_lazy;
    /// Of these, those on the stub because patching is switched off.
    sites_unpatched = |c, l| l.sites_unpatched;
    /// How many times the target of an entry was changed.
    relinks = |c, l| l.relinks;
    /// Call sites written after they were published.
    patches = |c, l| l.patches;
    /// Bodies retired.
    bodies_retired = |c, l| l.retired;
    /// Bodies freed.
    bodies_freed = |c, l| l.freed;
    /// Bytes of code in use.
    live_code_bytes = |c, l| l.live_bytes.iter().sum();
}
