//! Float constants and arithmetic.
//!
//! `min` and `max` differ from the processor's where operands are equal (the zeros have signs) or one is no
//! number; a comparison tells these cases apart. Signs are handled with masks behind the code.

use super::Compiler;
use super::asm::{Binary, BinaryImm, Cond, Mem, Unary, Xmm};
use super::compare::float_ty;
use super::machine::XSCRATCH;
use super::values::{At, Ty, Value};
use crate::bytecode::operators::{Float, FloatBinary, FloatUnary};

/// Which of two instructions fits the type.
pub(super) fn by_type<T>(ty: Float, single: T, double: T) -> T {
    match ty {
        Float::F32 => single,
        Float::F64 => double,
    }
}

/// A vector of which each lane of the type has these bits.
fn lanes(ty: Float, single: u32, double: u64) -> [u8; 16] {
    let bits = match ty {
        Float::F32 => u64::from(single) << 32 | u64::from(single),
        Float::F64 => double,
    };
    (u128::from(bits) << 64 | u128::from(bits)).to_le_bytes()
}

/// The lowest bit of the immediate that rounds without raising the inexact exception.
const QUIET: u8 = 8;

impl Compiler<'_> {
    pub(super) fn f32_const(&mut self, bits: u32) {
        self.push_const(Ty::F32, u64::from(bits));
    }

    pub(super) fn f64_const(&mut self, bits: u64) {
        self.push_const(Ty::F64, bits);
    }

    /// `dst = a op b`; `dst` may be `a`, and is not `b` unless it is also `a`.
    pub(super) fn xop(&mut self, op: Binary, dst: Xmm, a: Xmm, b: Xmm) {
        if self.cpu.avx {
            return self.asm.vbinary(op, dst, a, b);
        }
        if dst != a {
            self.asm.unary(Unary::MOVAPS, dst, a);
        }
        self.asm.binary(op, dst, b);
    }

    /// As [`Self::xop`], with memory that has no more bytes than the lane.
    fn xop_mem(&mut self, op: Binary, dst: Xmm, a: Xmm, b: Mem) {
        if self.cpu.avx {
            return self.asm.vbinary(op, dst, a, b);
        }
        if dst != a {
            self.asm.unary(Unary::MOVAPS, dst, a);
        }
        self.asm.binary(op, dst, b);
    }

    /// As [`Self::xop`], with a constant behind the code.
    pub(super) fn xop_constant(&mut self, op: Binary, dst: Xmm, a: Xmm, constant: [u8; 16]) {
        let label = self.constant(constant);
        if self.cpu.avx {
            return self.asm.vbinary_label(op, dst, a, label);
        }
        if dst != a {
            self.asm.unary(Unary::MOVAPS, dst, a);
        }
        self.asm.binary_label(op, dst, label);
    }

    /// Sets the flags by a comparison of floats.
    pub(super) fn compare_floats(&mut self, ty: Float, a: Xmm, b: Xmm) {
        let op = by_type(ty, Unary::UCOMISS, Unary::UCOMISD);
        if self.cpu.avx {
            self.asm.vunary(op, a, b);
        } else {
            self.asm.unary(op, a, b);
        }
    }

    /// The register for a result: that of the operand if it may be overwritten.
    pub(super) fn result_for(&mut self, value: Value, from: Xmm) -> Xmm {
        match value.at {
            At::Shared(_) => self.alloc_xmm(),
            _ => from,
        }
    }

    pub(super) fn float_unary(&mut self, ty: Float, operation: FloatUnary) {
        let value = self.pop();
        let from = self.xmm(value);
        let result = self.result_for(value, from);
        match operation {
            FloatUnary::Abs => {
                let mask = lanes(ty, i32::MAX as u32, i64::MAX as u64);
                let and = by_type(ty, Binary::ANDPS, Binary::ANDPD);
                self.xop_constant(and, result, from, mask);
            }
            FloatUnary::Neg => {
                let mask = lanes(ty, 1 << 31, 1 << 63);
                let xor = by_type(ty, Binary::XORPS, Binary::XORPD);
                self.xop_constant(xor, result, from, mask);
            }
            FloatUnary::Sqrt => {
                let sqrt = by_type(ty, Binary::SQRTSS, Binary::SQRTSD);
                // The operand as the rest of the result avoids waiting for what is in the register.
                if self.cpu.avx {
                    self.asm.vbinary(sqrt, result, from, from);
                } else {
                    self.asm.binary(sqrt, result, from);
                }
            }
            FloatUnary::Nearest => self.round(ty, result, from, 0),
            FloatUnary::Floor => self.round(ty, result, from, 1),
            FloatUnary::Ceil => self.round(ty, result, from, 2),
            FloatUnary::Trunc => self.round(ty, result, from, 3),
        }
        self.push_xmm(float_ty(ty), result);
    }

    fn round(&mut self, ty: Float, result: Xmm, from: Xmm, direction: u8) {
        let op = by_type(ty, BinaryImm::ROUNDSS, BinaryImm::ROUNDSD);
        let direction = direction | QUIET;
        if self.cpu.avx {
            self.asm.vbinary_imm(op, result, from, from, direction);
        } else {
            self.asm.binary_imm(op, result, from, direction);
        }
    }

    pub(super) fn float_binary(&mut self, ty: Float, operation: FloatBinary) {
        let b = self.pop();
        let a = self.pop();
        let op = match operation {
            FloatBinary::Add => by_type(ty, Binary::ADDSS, Binary::ADDSD),
            FloatBinary::Sub => by_type(ty, Binary::SUBSS, Binary::SUBSD),
            FloatBinary::Mul => by_type(ty, Binary::MULSS, Binary::MULSD),
            FloatBinary::Div => by_type(ty, Binary::DIVSS, Binary::DIVSD),
            FloatBinary::Min | FloatBinary::Max => return self.min_or_max(ty, operation, a, b),
            FloatBinary::Copysign => return self.copysign(ty, a, b),
        };
        let from = self.xmm(a);
        // With three operands, the second one's register serves as well.
        let result = match (a.at, b.at) {
            (At::Shared(_), At::Own(b)) if self.cpu.avx => b.xmm(),
            _ => self.result_for(a, from),
        };
        match b.at {
            At::Slot(offset) => {
                let b = self.slot(offset, b.ty);
                self.xop_mem(op, result, from, b);
            }
            _ => {
                let b = self.xmm(b);
                self.xop(op, result, from, b);
            }
        }
        self.push_xmm(float_ty(ty), result);
    }

    fn min_or_max(&mut self, ty: Float, operation: FloatBinary, a: Value, b: Value) {
        let b = self.xmm(b);
        let result = self.xmm_mut(a);
        // Equal are the same number or two zeros; of these, the sign of the lower one is set.
        let (op, of_zeros) = match operation {
            FloatBinary::Min => (by_type(ty, Binary::MINSS, Binary::MINSD), Binary::ORPS),
            _ => (by_type(ty, Binary::MAXSS, Binary::MAXSD), Binary::ANDPS),
        };
        let add = by_type(ty, Binary::ADDSS, Binary::ADDSD);
        self.compare_floats(ty, result, b);
        let different = self.asm.jcc_over(Cond::Ne);
        let unordered = self.asm.jcc_over(Cond::P);
        self.xop(of_zeros, result, result, b);
        let done = self.asm.jmp_over();
        self.asm.land(unordered);
        self.xop(add, result, result, b);
        let done_too = self.asm.jmp_over();
        self.asm.land(different);
        self.xop(op, result, result, b);
        self.asm.land(done);
        self.asm.land(done_too);
        self.push_xmm(float_ty(ty), result);
    }

    fn copysign(&mut self, ty: Float, a: Value, b: Value) {
        let b = self.xmm(b);
        let result = self.xmm_mut(a);
        let and = by_type(ty, Binary::ANDPS, Binary::ANDPD);
        let or = by_type(ty, Binary::ORPS, Binary::ORPD);
        self.xop_constant(and, XSCRATCH, b, lanes(ty, 1 << 31, 1 << 63));
        let magnitude = lanes(ty, i32::MAX as u32, i64::MAX as u64);
        self.xop_constant(and, result, result, magnitude);
        self.xop(or, result, result, XSCRATCH);
        self.push_xmm(float_ty(ty), result);
    }
}
