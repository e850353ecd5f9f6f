//! The boundary of compiled code: everything that it touches, and everything that touches it.
//!
//! - What compiled code sees: `layout` (fields of contexts), `libcalls` (helpers that it may call) and
//!   `runtime_calls` (their bodies, and first calls), `vmctx` (from a context pointer to ids and back).
//! - Who makes it: [`code_source::CodeSource`].
//! - Entering and leaving: `activation`, `signals` (faults as traps), `backtrace` (which functions ran).
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
