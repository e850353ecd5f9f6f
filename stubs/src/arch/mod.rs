//! The machine code that this crate writes itself: stubs and the shared path of first calls.

#[path = "patch_x64.rs"]
pub(crate) mod patch;
mod x64;

pub(crate) use x64::*;
