//! An encoder of x86-64 instructions for a compiler that makes machine code in one pass.
//!
//! Such a compiler emits 1.0 to 1.4 instructions for an operator of wasm and has some 45 ns for it, so an
//! encoder may cost 2 ns an instruction. That rules out a list of instructions as data, a byte pushed at a
//! time, and a table of fix-ups. Instructions are built in words and stored whole.
//!
//! ```text
//! regs        registers, sets of them, sizes, conditions, memory operands
//! code        the bytes: storing, growing, patching, padding, labels, code before the body
//! form        how an instruction is put together: prefixes, opcode, ModRM, immediate
//! vector_ops  a constant for each vector instruction
//! general, control, vector                the instructions, a method for each form
//! ```
//!
//! Each layer uses only layers above it in this list. Methods have the names that Intel's manual gives to the
//! instructions; families with the same form (`alu`, `shift_imm`, `binary`) take the instruction as a value.
//! An operand that may be a register or memory is generic, so a form is written once.
//!
//! Invariants: the same calls give the same bytes [PURE]; the shortest encoding is chosen where the choice
//! costs nothing; no method changes flags or registers beyond what its instruction does.
//!
//! Absent on purpose: instructions that no operator of wasm needs; memory operands without a base register;
//! the forms that save a byte if the register is rax; choosing between SSE and AVX, or asking what the
//! processor has, which is the compiler's business.

mod code;
mod control;
mod form;
mod general;
mod regs;
mod vector;
mod vector_ops;

#[cfg(test)]
mod tests;

pub use code::{Asm, Label};
pub use general::{Alu, Alu1, Bits, Shift, ShiftX};
pub use regs::{Cond, Gpr, Mem, Reg, RegSet, Scale, Size, Xmm};
pub use vector_ops::*;
