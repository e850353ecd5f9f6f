//! From the decision to compile a function to its code in place.
//!
//! 1. `compile` plans what is inlined, runs a compiler, and counts.
//! 2. `publish` gives relocations their targets and the body to the code space; `eviction` makes room there.
//! 3. `report` tells the listener of events.
//! 4. `reclaim` frees code that was replaced.

mod compile;
mod eviction;
mod publish;
mod reclaim;
mod report;

pub(crate) use compile::{Compilers, Refusal, panic_text};
