//! From the decision to compile a function to its published code.
//!
//! 1. `compile` plans inlining, runs a compiler, and counts.
//! 2. `publish` resolves relocations and passes the body to the code space; `eviction` makes room there.
//! 3. `report` reports events to the listener.
//! 4. `reclaim` frees code that was replaced.

mod compile;
mod eviction;
mod publish;
mod reclaim;
mod report;

pub(crate) use compile::{Compilers, Published, Refusal, panic_text};
