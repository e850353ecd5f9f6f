//! Compiles wasm bodies to machine code with two compilers, and decides when. The only crate that knows
//! Cranelift.
//!
//! The engine calls `tiers`. `transitions` moves functions from one state (`state`) to the next: first
//! calls, promotion on background threads, on-stack replacement, and the storm that tests relinking.
//! `pipeline` runs one of the `compilers` and publishes the code. These are `baseline`, which makes machine
//! code in one pass over the bytecode (`bytecode`), `optimise`, and for tests `reference`: plain data in,
//! plain data out (`compiled`). The last two use `clif`, which translates bytecode into Cranelift's
//! intermediate form. `inlining` decides what is inlined; `policy` has every tuning number; `records` tells
//! debuggers and profilers of code.

mod baseline;
mod bytecode;
mod clif;
pub mod compiled;
pub mod compilers;
mod counters;
pub mod events;
mod inlining;
mod optimise;
mod pipeline;
pub mod policy;
pub mod records;
mod reference;
mod state;
mod tiers;
mod transitions;

pub use counters::{Counters, Counts};
pub use tiers::Tiers;
