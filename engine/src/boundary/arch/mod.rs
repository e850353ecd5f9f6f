//! The processor's part of the boundary: machine code that Rust cannot express, and the registers of
//! interrupted threads. A port adds a file beside `x64` with the same items.

#[cfg(target_arch = "x86_64")]
mod x64;

#[cfg(target_arch = "x86_64")]
pub(super) use x64::*;

#[cfg(not(target_arch = "x86_64"))]
compile_error!("the engine has machine code for x86-64 only");
