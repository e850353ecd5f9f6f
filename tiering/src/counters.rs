//! Counters of what the compilers did. Each is declared once. Statistics read them, and tests read them to
//! prove that something happened.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Counts since the engine was created.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: AtomicU64,)*
        }

        /// The counts at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The counts of this moment.
            pub fn read(&self) -> Counts {
                Counts { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// functions of all linkages
    functions_defined;
    /// functions compiled by the baseline tier
    baseline_compiled;
    /// of these, functions compiled ahead of their first call
    ahead_compiled;
    /// of these, functions that were called since
    ahead_called;
    /// bytes of bytecode compiled ahead of a call
    ahead_wasm_bytes;
    /// of these, bytes of functions that were called since
    ahead_called_wasm_bytes;
    /// functions compiled by the optimising tier
    optimised_compiled;
    /// bytes of bytecode compiled by the baseline tier
    baseline_wasm_bytes;
    /// bytes of bytecode compiled by the optimising tier
    optimised_wasm_bytes;
    /// nanoseconds spent in the baseline compiler
    baseline_compile_ns;
    /// nanoseconds spent in the optimising compiler
    optimised_compile_ns;
    /// loops for which OSR code was compiled
    loops_compiled;
    /// frames that entered OSR code
    loops_entered;
    /// calls in whose place the callee's body was compiled
    inlined;
    /// of these, calls of functions of other modules
    inlined_foreign;
    /// of these, indirect calls
    inlined_guarded;
    /// functions reset to their stubs because a module was dropped whose code they had inlined
    uninlined;
    /// functions that a compiler refused
    failures;
    /// functions sent to the optimiser
    promotions;
    /// compilations of a function, tier and generation beyond the first; must stay 0
    doubled;
    /// calls that found a function without code
    first_calls;
    /// spent budgets, which only baseline code has
    budgets_spent;
    /// entries from the host that began in a stub
    entered_stub;
    /// entries from the host that began in baseline code
    entered_baseline;
    /// entries from the host that began in optimised code
    entered_optimised;
    /// functions reset to their stubs because the code space was full
    sent_back;
    /// storm: entries switched to the function's other body
    flips;
    /// storm: functions reset to their stubs
    resets;
}

/// Adds to a counter.
pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}
