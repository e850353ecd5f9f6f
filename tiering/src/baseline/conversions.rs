//! Conversions between integers and floats, and between floats.
//!
//! The processor converts a float to a signed integer, and yields the lowest one if there is none. So a
//! conversion first looks whether that came out, which only overflow in a subtraction tells, and goes on from
//! there. Unsigned integers of 32 bits are converted as signed ones of 64.

use super::Compiler;
use super::asm::{
    Alu, Binary, Cond, FloatFromInt, FromGpr, Gpr, IntFromFloat, Label, Reg, Shift, Size, ToGpr,
    Xmm,
};
use super::compare::{float_ty, int_ty, size_of};
use super::floats::by_type;
use super::machine::{self, SCRATCH, XSCRATCH};
use super::out_of_line::OutOfLine;
use super::values::{At, Ty, Value};
use crate::bytecode::operators::{Float, Int, Sign};
use engine::Trap;

/// The bits of 2^63 as a float.
fn two_to_63(ty: Float) -> u64 {
    match ty {
        Float::F32 => u64::from(0x5F00_0000_u32),
        Float::F64 => 0x43E0_0000_0000_0000,
    }
}

impl Compiler<'_> {
    fn int_from_float(&mut self, ty: Float, size: Size, to: Gpr, from: Xmm) {
        let op = by_type(ty, IntFromFloat::CVTTSS2SI, IntFromFloat::CVTTSD2SI);
        if self.cpu.avx {
            self.asm.vint_from_float(op, size, to, from);
        } else {
            self.asm.int_from_float(op, size, to, from);
        }
    }

    /// Puts the bits of a float into xmm15. r11 changes.
    fn load_bits(&mut self, ty: Float, bits: u64) {
        self.load_const(float_ty(ty), Reg::of_xmm(XSCRATCH), bits);
    }

    /// Traps out of line if a condition holds: no number, or too large a number.
    fn trap_of(&mut self, cond: Cond, ty: Float, x: Xmm) {
        let at = self.asm.new_label();
        self.asm.jcc(cond, at);
        self.defer(OutOfLine::NoInteger {
            at,
            ty,
            x,
            offset: self.offset,
        });
    }

    pub(super) fn truncate(&mut self, to: Int, from: Float, sign: Sign) {
        let x = self.pop_xmm();
        let result = self.alloc_gpr();
        match (to, sign) {
            (_, Sign::Signed) => {
                let size = size_of(to);
                self.int_from_float(from, size, result, x);
                self.asm.alu_imm(Alu::Cmp, size, result, 1);
                let (at, back) = (self.asm.new_label(), self.asm.new_label());
                self.asm.jcc(Cond::O, at);
                self.asm.bind(back);
                self.defer(OutOfLine::LowestInteger {
                    at,
                    back,
                    to,
                    ty: from,
                    x,
                    offset: self.offset,
                });
            }
            (Int::I32, Sign::Unsigned) => {
                self.int_from_float(from, Size::S64, result, x);
                self.asm.mov(Size::S32, SCRATCH, result);
                self.asm.alu(Alu::Cmp, Size::S64, SCRATCH, result);
                self.trap_of(Cond::Ne, from, x);
            }
            (Int::I64, Sign::Unsigned) => {
                let large = self.split_at_63(from, result, x);
                self.asm.test(Size::S64, result, result);
                self.trap_of(Cond::S, from, x);
                let done = self.asm.jmp_over();
                self.asm.bind(large);
                self.convert_large(from, result, x);
                self.trap_of(Cond::S, from, x);
                self.set_top_bit(result);
                self.asm.land(done);
            }
        }
        self.push_int(to, result);
    }

    /// Converts a float below 2^63, and jumps if it is not. xmm15 is 2^63 then.
    fn split_at_63(&mut self, ty: Float, result: Gpr, x: Xmm) -> Label {
        self.load_bits(ty, two_to_63(ty));
        self.compare_floats(ty, x, XSCRATCH);
        let large = self.asm.new_label();
        self.asm.jcc(Cond::Ae, large);
        self.int_from_float(ty, Size::S64, result, x);
        large
    }

    /// Converts a float from 2^63 on, less that; the sign flag tells that it is too large. xmm15 is 2^63.
    fn convert_large(&mut self, ty: Float, result: Gpr, x: Xmm) {
        // Without three operands, the difference is the other way round.
        let sub = by_type(ty, Binary::SUBSS, Binary::SUBSD);
        if self.cpu.avx {
            self.asm.vbinary(sub, XSCRATCH, x, XSCRATCH);
            self.int_from_float(ty, Size::S64, result, XSCRATCH);
        } else {
            self.asm.binary(sub, XSCRATCH, x);
            self.int_from_float(ty, Size::S64, result, XSCRATCH);
            self.asm.alu1(super::asm::Alu1::Neg, Size::S64, result);
        }
        self.asm.test(Size::S64, result, result);
    }

    fn set_top_bit(&mut self, result: Gpr) {
        self.asm.mov_imm(SCRATCH, 1 << 63);
        self.asm.alu(Alu::Xor, Size::S64, result, SCRATCH);
    }

    pub(super) fn truncate_saturating(&mut self, to: Int, from: Float, sign: Sign) {
        let x = self.pop_xmm();
        let result = self.alloc_gpr();
        match (to, sign) {
            (_, Sign::Signed) => {
                let size = size_of(to);
                let highest = match to {
                    Int::I32 => i32::MAX as u64,
                    Int::I64 => i64::MAX as u64,
                };
                self.int_from_float(from, size, result, x);
                self.asm.alu_imm(Alu::Cmp, size, result, 1);
                let fits = self.asm.jcc_over(Cond::No);
                self.compare_with_zero_float(from, x);
                self.asm.mov_imm(SCRATCH, highest);
                self.asm.cmovcc(Cond::Ae, size, result, SCRATCH);
                self.asm.mov_imm(SCRATCH, 0);
                self.asm.cmovcc(Cond::P, size, result, SCRATCH);
                self.asm.land(fits);
            }
            (Int::I32, Sign::Unsigned) => {
                self.int_from_float(from, Size::S64, result, x);
                self.asm.mov(Size::S32, SCRATCH, result);
                self.asm.alu(Alu::Cmp, Size::S64, SCRATCH, result);
                let fits = self.asm.jcc_over(Cond::E);
                self.compare_with_zero_float(from, x);
                self.asm.mov_imm(result, 0);
                self.asm.mov_imm(SCRATCH, u64::from(u32::MAX));
                self.asm.cmovcc(Cond::A, Size::S32, result, SCRATCH);
                self.asm.land(fits);
            }
            (Int::I64, Sign::Unsigned) => {
                let large = self.split_at_63(from, result, x);
                // What is negative or no number becomes 0.
                self.asm.mov_imm(SCRATCH, 0);
                self.asm.test(Size::S64, result, result);
                self.asm.cmovcc(Cond::S, Size::S64, result, SCRATCH);
                let done = self.asm.jmp_over();
                self.asm.bind(large);
                self.convert_large(from, result, x);
                let fits = self.asm.jcc_over(Cond::Ns);
                self.asm.mov_imm(result, i64::MAX as u64);
                self.asm.land(fits);
                self.set_top_bit(result);
                self.asm.land(done);
            }
        }
        self.push_int(to, result);
    }

    fn compare_with_zero_float(&mut self, ty: Float, x: Xmm) {
        machine::zero_vector(&mut self.asm, self.cpu.avx, XSCRATCH);
        self.compare_floats(ty, x, XSCRATCH);
    }

    /// Code out of line for a conversion that yielded the lowest integer: whether that is right.
    pub(super) fn emit_lowest_integer(
        &mut self,
        back: Label,
        to: Int,
        ty: Float,
        x: Xmm,
        offset: u32,
    ) {
        let no = self.asm.new_label();
        match (to, ty) {
            // All of these numbers are integers, so only that one is right.
            (Int::I32, Float::F32) | (Int::I64, _) => {
                let bits = match (to, ty) {
                    (Int::I32, _) => u64::from((-2_147_483_648.0_f32).to_bits()),
                    (Int::I64, Float::F32) => {
                        u64::from((-9_223_372_036_854_775_808.0_f32).to_bits())
                    }
                    (Int::I64, Float::F64) => (-9_223_372_036_854_775_808.0_f64).to_bits(),
                };
                self.load_bits(ty, bits);
                self.compare_floats(ty, x, XSCRATCH);
                self.asm.jcc(Cond::P, no);
                self.asm.jcc(Cond::E, back);
            }
            (Int::I32, Float::F64) => {
                self.load_bits(ty, (-2_147_483_649.0_f64).to_bits());
                self.compare_floats(ty, x, XSCRATCH);
                self.asm.jcc(Cond::Be, no);
                self.compare_with_zero_float(ty, x);
                self.asm.jcc(Cond::B, back);
            }
        }
        self.asm.bind(no);
        self.emit_no_integer(ty, x, offset);
    }

    /// Code out of line for a float without an integer: traps.
    pub(super) fn emit_no_integer(&mut self, ty: Float, x: Xmm, offset: u32) {
        self.compare_floats(ty, x, x);
        let number = self.asm.jcc_over(Cond::Np);
        self.record_trap(self.asm.position(), Trap::BadConversionToInteger, offset);
        self.asm.ud2();
        self.asm.land(number);
        self.record_trap(self.asm.position(), Trap::IntegerOverflow, offset);
        self.asm.ud2();
    }

    pub(super) fn convert(&mut self, to: Float, from: Int, sign: Sign) {
        let value = self.pop();
        let op = by_type(to, FloatFromInt::CVTSI2SS, FloatFromInt::CVTSI2SD);
        let result = self.alloc_xmm();
        match (from, sign) {
            (_, Sign::Signed) => {
                let reg = self.gpr(value);
                self.float_from_int(op, size_of(from), result, reg);
            }
            (Int::I32, Sign::Unsigned) => {
                let reg = self.index_reg(value);
                self.float_from_int(op, Size::S64, result, reg);
            }
            (Int::I64, Sign::Unsigned) => {
                let reg = self.gpr(value);
                let half = self.alloc_gpr();
                self.asm.test(Size::S64, reg, reg);
                let large = self.asm.jcc_over(Cond::S);
                self.float_from_int(op, Size::S64, result, reg);
                let done = self.asm.jmp_over();
                self.asm.land(large);
                // Half of it, with the lowest bit kept for the rounding, and then twice that.
                self.asm.mov(Size::S64, half, reg);
                self.asm.mov(Size::S64, SCRATCH, reg);
                self.asm.shift_imm(Shift::Shr, Size::S64, half, 1);
                self.asm.alu_imm(Alu::And, Size::S32, SCRATCH, 1);
                self.asm.alu(Alu::Or, Size::S64, half, SCRATCH);
                self.float_from_int(op, Size::S64, result, half);
                let add = by_type(to, Binary::ADDSS, Binary::ADDSD);
                self.xop(add, result, result, result);
                self.asm.land(done);
            }
        }
        self.push_xmm(float_ty(to), result);
    }

    fn float_from_int(&mut self, op: FloatFromInt, from: Size, result: Xmm, reg: Gpr) {
        // The instruction keeps the rest of the register; zeros avoid waiting for what is there.
        machine::zero_vector(&mut self.asm, self.cpu.avx, result);
        if self.cpu.avx {
            self.asm.vfloat_from_int(op, from, result, result, reg);
        } else {
            self.asm.float_from_int(op, from, result, reg);
        }
    }

    pub(super) fn demote(&mut self) {
        self.resize(Binary::CVTSD2SS, Ty::F32);
    }

    pub(super) fn promote(&mut self) {
        self.resize(Binary::CVTSS2SD, Ty::F64);
    }

    fn resize(&mut self, op: Binary, to: Ty) {
        let value = self.pop();
        let from = self.xmm(value);
        let result = self.result_for(value, from);
        self.xop(op, result, from, from);
        self.push_xmm(to, result);
    }

    pub(super) fn reinterpret_as_int(&mut self, to: Int) {
        let value = self.pop();
        let ty = int_ty(to);
        match value.at {
            At::Const(bits) => self.push_const(ty, bits),
            At::Slot(offset) => {
                let result = self.alloc(ty);
                self.load_value(
                    Value {
                        ty,
                        at: At::Slot(offset),
                    },
                    result,
                );
                self.push_reg(ty, result);
            }
            At::Own(x) | At::Shared(x) => {
                let result = self.alloc_gpr();
                let op = match to {
                    Int::I32 => ToGpr::MOVD,
                    Int::I64 => ToGpr::MOVQ,
                };
                if self.cpu.avx {
                    self.asm.vmove_to_gpr(op, result, x.xmm());
                } else {
                    self.asm.move_to_gpr(op, result, x.xmm());
                }
                self.push_int(to, result);
            }
        }
    }

    pub(super) fn reinterpret_as_float(&mut self, to: Float) {
        let value = self.pop();
        let ty = float_ty(to);
        match value.at {
            At::Const(bits) => self.push_const(ty, bits),
            At::Slot(offset) => {
                let result = self.alloc(ty);
                self.load_value(
                    Value {
                        ty,
                        at: At::Slot(offset),
                    },
                    result,
                );
                self.push_reg(ty, result);
            }
            At::Own(reg) | At::Shared(reg) => {
                let result = self.alloc_xmm();
                let op = by_type(to, FromGpr::MOVD, FromGpr::MOVQ);
                if self.cpu.avx {
                    self.asm.vmove_from_gpr(op, result, reg.gpr());
                } else {
                    self.asm.move_from_gpr(op, result, reg.gpr());
                }
                self.push_xmm(ty, result);
            }
        }
    }
}
