//! Reading bytecode, for all compilers: blocks, locals, calls, types of operands.
//!
//! Bodies are validated ([VALID]), so an error while reading one is a bug. Absent: Cranelift, and
//! everything that is known only at run time.

pub(crate) mod decode;
pub(crate) mod frame_area;
mod operands;
pub(crate) mod operators;
mod outline;
mod walk;

pub(crate) use operands::{Operands, value_type};
pub(crate) use outline::{Call, Outline, Target, calls_functions};
pub(crate) use walk::{BlockKind, Instruction, Locals, Walk, WalkBuffers};

#[cfg(test)]
pub(crate) use walk::tests;
