//! From wasm bodies to machine code, twice; when and why. The only crate that knows Cranelift.

pub mod abi;
pub mod baseline;
pub mod compiled;
mod emit;
pub mod isa;
pub mod optimise;
mod translate;

pub use translate::Scratch;
