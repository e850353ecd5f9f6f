//! The boundary of compiled code: everything that it touches, and everything that touches it.
//!
//! - What compiled code sees: `layout` (fields of contexts), `libcalls` (helpers that it may call) and
//!   `runtime_calls` (their bodies, and first calls), `vmctx` (from a context pointer to ids and back).
//! - Where it comes from: [`code_source::CodeSource`]; `refusing` is a source without a compiler.
//! - Entering and leaving: `door` (what is passed), `activation`, `signals` (faults as traps).
//! - Its stack: `frames`, and `backtrace` (which functions ran).
//! - The processor's part of all this: `arch`.
//!
//! Raw pointers end here: the rest of the crate holds ids ([IDS]).

pub(crate) mod activation;
mod arch;
pub(crate) mod backtrace;
pub mod code_source;
pub(crate) mod door;
mod frames;
pub mod layout;
pub mod libcalls;
mod refusing;
pub(crate) mod runtime_calls;
pub(crate) mod signals;
pub(crate) mod vmctx;
