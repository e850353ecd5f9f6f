//! Runs scripts of the official WebAssembly test suite (`.wast`) on lazywasm.
//!
//! `script` executes the directives of one script, `values` compares results with what a script expects,
//! `spectest` is the host module that scripts import, `modes` names the ways to execute and what proves that
//! each of them happened, `suite` finds the scripts, and `expectations` knows which of them are not expected
//! to pass.
//!
//! Absent: any knowledge of the engine's internals. It uses only the embedding API.

#![forbid(unsafe_code)]

pub mod expectations;
pub mod modes;
mod script;
mod spectest;
pub mod suite;
mod values;

pub use modes::RunMode;
pub use script::{Failure, Report, RunOptions, Script, run_script};
