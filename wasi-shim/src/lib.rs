//! WASI preview 1 for lazywasm: the system interface a wasm program sees, over rustix only, for Linux.
//!
//! The crate is a stack of small layers, each of which knows only the ones below it:
//!
//! ```text
//!   link        the engine's linker: casts arguments, finds the caller's memory, turns an errno into an i32
//!   preview1    the 46 functions of wasi_snapshot_preview1 (45 of them also as wasi_unstable), by family
//!   ctx         WasiCtx: arguments, environment, the descriptor table; built by WasiCtxBuilder
//!   writes      what writes or grows files, without the signals that such calls may raise
//!   fds paths   descriptors with their rights; path resolution that cannot leave a directory
//!   guest       GuestMemory: every access to the program's memory, checked
//!   errno types the numbers of the ABI, each written once
//! ```
//!
//! Everything below `link` runs without an engine, and is tested that way: a function takes the
//! context, a [`GuestMemory`] and the raw integers a program passed.
//!
//! Invariants:
//! - No argument of a program makes this crate panic, overflow, or allocate more than a small
//!   multiple of what the program itself put into its memory and its directories.
//! - A path reaches only what is beneath the directory it is resolved in; `paths` describes how.
//! - What a directory given read-only contains is never changed through it.
//! - The lock of the descriptor table is never held across a system call that can block.
//!
//! Absent: unsafe code, except for signal masks (`writes`); buffering of output; anything that knows a
//! compiler.

#![deny(unsafe_code)]

mod clocks;
mod ctx;
mod errno;
mod fds;
mod guest;
mod paths;
#[macro_use]
pub mod preview1;
mod link;
pub mod types;
mod writes;

pub use ctx::{CapturedOutput, WasiCtx, WasiCtxBuilder};
pub use errno::Errno;
pub use guest::GuestMemory;
pub use link::{add_to_linker, exit_status};
pub use preview1::I32Exit;
pub use writes::ignore_signals_of_writes;
