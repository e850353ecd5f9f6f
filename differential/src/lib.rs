//! Differential testing: one generated program of linked modules, run in every mode of lazywasm and on wasmi,
//! and everything that can be seen from outside compared.
//!
//! The tiers share a translator, so two of them agreeing proves less than it seems; wasmi shares nothing with
//! them but the specification. What is compared: results, kinds of traps, calls of host functions with their
//! arguments, the backtraces of traps (between the modes), and after the last call of each instance the
//! globals, tables and memories.
//!
//! A run goes through four steps, a file for each:
//!
//! 1. [`generate`] makes valid modules that end, from bytes; `link` tells it what one may import from
//!    another.
//! 2. `subject` names what every engine must be able to do, and `lazy` and `peer` do it.
//! 3. `script` drives a subject: the same calls with the same arguments for all, and notes what happened.
//! 4. `compare` finds the first thing in which two notes differ.
//!
//! Absent on purpose: a tolerance for NaNs. Generated code makes every computed NaN canonical itself, so
//! bits are compared as bits.

mod compare;
pub mod generate;
mod harness;
mod lazy;
mod link;
mod peer;
mod script;
mod subject;
pub mod value;

pub use compare::Difference;
pub use harness::{Harness, Tally, Verdict};
