//! From wasm bodies to machine code, twice; when and why. The only crate that knows Cranelift.
//!
//! `translate` turns bytecode into Cranelift's intermediate form for both compilers, `baseline` and
//! `optimise` are the compilers: plain data in, plain data out (`compiled`). `tiers` is what the engine
//! calls; `life` holds the states of functions, `policy` every number, `inlining` decides what is inlined, from
//! `call_graph`; `worker` the background
//! thread, `room` what happens when code fills its space, `storm` the mode that tests relinking.

pub mod baseline;
mod bytecode;
mod clif;
pub mod compiled;
mod counters;
pub mod events;
mod inlining;
pub mod optimise;
mod pipeline;
pub mod policy;
mod state;
mod tiers;
mod transitions;

pub use clif::Scratch;
pub use counters::{Counters, Counts};
pub use tiers::Tiers;
