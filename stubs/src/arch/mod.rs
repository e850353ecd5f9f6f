//! Everything that depends on the processor, one file for each processor.
//!
//! The file of a processor provides:
//!
//! | names | what they are |
//! | --- | --- |
//! | `STUB_LEN`, `LAZY_HALF`, `stub` | entry stubs |
//! | `compile_on_call` | the shared path of first calls |
//! | `stub_frames`, `compile_on_call_frames` | how to unwind out of these two |
//! | [`RelocKind`], `BRANCH_REACH` | forms of relocations, and how far a relative branch reaches |
//! | `FETCH_BLOCK`, `PATCH_WORD` | alignments that are good for the start of a body |
//! | `can_patch`, `patch_branch` | changing call sites that may be running |
//! | `make_fetchable` | what new code needs before it may be executed |
//! | `BREAKPOINT` | the byte that freed code is filled with |
//! | [`RED_ZONE`], `call_on`, `with_preserved_registers`, `interrupted_registers` | stacks and registers |
//!
//! `verify` decodes call sites and stubs by itself, so that it checks this folder too; a new processor needs
//! a second decoder there. [`crate::FirstCall::handler`] names the calling convention in its type.

#[cfg(target_arch = "x86_64")]
mod x64;
#[cfg(target_arch = "x86_64")]
pub(crate) use x64::*;
#[cfg(target_arch = "x86_64")]
pub use x64::{RED_ZONE, RelocKind};

#[cfg(not(target_arch = "x86_64"))]
compile_error!("lazywasm generates code for x86-64 only");
