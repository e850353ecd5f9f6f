//! Differential testing: runs a generated program of linked modules in every mode of lazywasm and on wasmi,
//! and compares everything that can be seen from outside.
//!
//! The tiers share a translator, so two of them agreeing proves less than it seems; wasmi shares nothing with
//! them but the specification. What is compared: results, kinds of traps, calls of host functions with their
//! arguments, the backtraces of traps (between the modes), and after the last call of each instance the
//! globals, tables and memories.
//!
//! A run has four steps, each in a file:
//!
//! 1. [`generate`] makes valid modules that end, from bytes; `link` finds what one may import from another.
//!    [`structured`] makes programs of which nearly all is executed, from a seed.
//! 2. `subject` names what every engine must be able to do, and `lazy` and `peer` do it.
//! 3. `script` makes the same calls with the same arguments on every subject, and notes what happened.
//! 4. `compare` finds the first difference between two notes.
//!
//! Some programs are run once more, with functions that are replaced meanwhile (`changes`).
//!
//! Absent on purpose: a tolerance for NaNs. Generated code makes NaNs canonical itself before their bits can
//! be seen, so bits are compared as bits.

mod changes;
mod compare;
pub mod generate;
mod harness;
mod lazy;
mod link;
mod peer;
mod script;
pub mod structured;
mod subject;
pub mod value;

pub use compare::Difference;
pub use harness::{Harness, Tally, Verdict, ends};
