//! The machine code that this crate writes itself: stubs and the shared path of first calls.

mod x64;

pub(crate) use x64::*;
