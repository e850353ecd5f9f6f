//! Instructions on vector registers, which hold floats too.
//!
//! A method for each form of operands; which instruction it is, a constant of `vector_ops.rs` says. Without
//! AVX the first source is the destination; methods with a `v` emit the AVX form, which names both. A
//! function's code uses one kind only: mixing them is slow on older processors.
//!
//! An operand in memory that has 16 bytes must be aligned without AVX, except for the instructions that say
//! otherwise; compiled code loads with `MOVUPS` what may not be aligned.

use super::code::{Asm, Label};
use super::form::{GprOrMem, Imm, Map, NextPlus, Opcode, Rex, XmmOrMem, is_64};
use super::regs::{Gpr, Mem, Size, Xmm};
use super::vector_ops::{
    Binary, BinaryImm, Blend, Broadcast, Extract, FloatFromInt, Fma, FromGpr, Insert, IntFromFloat,
    Load, LoadHalf, Mask, Merge, ShiftImm, Store, ToGpr, Unary, UnaryImm,
};

/// The REX prefix of an instruction that has W as part of its opcode, or not.
#[inline(always)]
fn rex(opcode: Opcode) -> Rex {
    Rex {
        wide: opcode.is_wide(),
        forced: false,
    }
}

/// The forms without AVX.
impl Asm {
    #[inline]
    pub fn binary<S: XmmOrMem>(&mut self, op: Binary, dst: Xmm, src: S) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn binary_imm<S: XmmOrMem>(&mut self, op: BinaryImm, dst: Xmm, src: S, imm: u8) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::byte(imm));
    }

    #[inline]
    pub fn merge(&mut self, op: Merge, dst: Xmm, src: Xmm) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn unary<S: XmmOrMem>(&mut self, op: Unary, dst: Xmm, src: S) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn unary_imm<S: XmmOrMem>(&mut self, op: UnaryImm, dst: Xmm, src: S, imm: u8) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::byte(imm));
    }

    #[inline]
    pub fn load(&mut self, op: Load, dst: Xmm, src: Mem) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn load_half(&mut self, op: LoadHalf, dst: Xmm, src: Mem) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn store(&mut self, op: Store, dst: Mem, src: Xmm) {
        self.legacy(op.0, Rex::NARROW, src.number(), dst, Imm::NONE);
    }

    #[inline]
    pub fn shift_lanes(&mut self, op: ShiftImm, dst: Xmm, count: u8) {
        self.legacy(op.0, Rex::NARROW, op.1, dst, Imm::byte(count));
    }

    /// The mask is in xmm0.
    #[inline]
    pub fn blend<S: XmmOrMem>(&mut self, op: Blend, dst: Xmm, src: S) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn move_from_gpr<S: GprOrMem>(&mut self, op: FromGpr, dst: Xmm, src: S) {
        self.legacy(op.0, rex(op.0), dst.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn move_to_gpr<D: GprOrMem>(&mut self, op: ToGpr, dst: D, src: Xmm) {
        self.legacy(op.0, rex(op.0), src.number(), dst, Imm::NONE);
    }

    #[inline]
    pub fn insert<S: GprOrMem>(&mut self, op: Insert, dst: Xmm, src: S, lane: u8) {
        self.legacy(op.0, rex(op.0), dst.number(), src, Imm::byte(lane));
    }

    #[inline]
    pub fn extract<D: GprOrMem>(&mut self, op: Extract, dst: D, src: Xmm, lane: u8) {
        self.legacy(op.0, rex(op.0), src.number(), dst, Imm::byte(lane));
    }

    #[inline]
    pub fn mask(&mut self, op: Mask, dst: Gpr, src: Xmm) {
        self.legacy(op.0, Rex::NARROW, dst.number(), src, Imm::NONE);
    }

    /// `from` is the size of the integer.
    #[inline]
    pub fn float_from_int<S: GprOrMem>(&mut self, op: FloatFromInt, from: Size, dst: Xmm, src: S) {
        self.legacy(op.0, Rex::of_wide(from), dst.number(), src, Imm::NONE);
    }

    /// `to` is the size of the integer.
    #[inline]
    pub fn int_from_float<S: XmmOrMem>(&mut self, op: IntFromFloat, to: Size, dst: Gpr, src: S) {
        self.legacy(op.0, Rex::of_wide(to), dst.number(), src, Imm::NONE);
    }

    /// A constant of the code as source. A constant of 16 bytes is aligned as other memory.
    pub fn binary_label(&mut self, op: Binary, dst: Xmm, src: Label) {
        self.binary(op, dst, NextPlus);
        self.refer_before(src);
    }

    /// A constant of the code as source.
    pub fn unary_label(&mut self, op: Unary, dst: Xmm, src: Label) {
        self.unary(op, dst, NextPlus);
        self.refer_before(src);
    }

    /// A constant of the code as source.
    pub fn load_label(&mut self, op: Load, dst: Xmm, src: Label) {
        self.legacy(op.0, Rex::NARROW, dst.number(), NextPlus, Imm::NONE);
        self.refer_before(src);
    }
}

/// The forms of AVX, and what exists only there.
impl Asm {
    /// `dst = a op b`
    #[inline]
    pub fn vbinary<S: XmmOrMem>(&mut self, op: Binary, dst: Xmm, a: Xmm, b: S) {
        self.vex(op.0, false, dst.number(), a.number(), b, Imm::NONE);
    }

    /// `dst = a op b`
    #[inline]
    pub fn vbinary_imm<S: XmmOrMem>(&mut self, op: BinaryImm, dst: Xmm, a: Xmm, b: S, imm: u8) {
        self.vex(op.0, false, dst.number(), a.number(), b, Imm::byte(imm));
    }

    #[inline]
    pub fn vmerge(&mut self, op: Merge, dst: Xmm, a: Xmm, b: Xmm) {
        self.vex(op.0, false, dst.number(), a.number(), b, Imm::NONE);
    }

    #[inline]
    pub fn vunary<S: XmmOrMem>(&mut self, op: Unary, dst: Xmm, src: S) {
        self.vex(op.0, false, dst.number(), 0, src, Imm::NONE);
    }

    #[inline]
    pub fn vunary_imm<S: XmmOrMem>(&mut self, op: UnaryImm, dst: Xmm, src: S, imm: u8) {
        self.vex(op.0, false, dst.number(), 0, src, Imm::byte(imm));
    }

    #[inline]
    pub fn vload(&mut self, op: Load, dst: Xmm, src: Mem) {
        self.vex(op.0, false, dst.number(), 0, src, Imm::NONE);
    }

    #[inline]
    pub fn vload_half(&mut self, op: LoadHalf, dst: Xmm, a: Xmm, src: Mem) {
        self.vex(op.0, false, dst.number(), a.number(), src, Imm::NONE);
    }

    #[inline]
    pub fn vstore(&mut self, op: Store, dst: Mem, src: Xmm) {
        self.vex(op.0, false, src.number(), 0, dst, Imm::NONE);
    }

    /// `dst = src op count`
    #[inline]
    pub fn vshift_lanes(&mut self, op: ShiftImm, dst: Xmm, src: Xmm, count: u8) {
        self.vex(op.0, false, op.1, dst.number(), src, Imm::byte(count));
    }

    /// `dst` = the lanes of `b` that `mask` selects, else those of `a`.
    #[inline]
    pub fn vblend<S: XmmOrMem>(&mut self, op: Blend, dst: Xmm, a: Xmm, b: S, mask: Xmm) {
        let byte = match op {
            Blend::BLENDVPS => 0x4A,
            Blend::BLENDVPD => 0x4B,
            _ => 0x4C,
        };
        let opcode = Opcode::new(0x66, Map::M0F3A, byte);
        let mask = Imm::byte(mask.number() << 4);
        self.vex(opcode, false, dst.number(), a.number(), b, mask);
    }

    #[inline]
    pub fn vmove_from_gpr<S: GprOrMem>(&mut self, op: FromGpr, dst: Xmm, src: S) {
        self.vex(op.0, op.0.is_wide(), dst.number(), 0, src, Imm::NONE);
    }

    #[inline]
    pub fn vmove_to_gpr<D: GprOrMem>(&mut self, op: ToGpr, dst: D, src: Xmm) {
        self.vex(op.0, op.0.is_wide(), src.number(), 0, dst, Imm::NONE);
    }

    /// `dst = a` but for one lane.
    #[inline]
    pub fn vinsert<S: GprOrMem>(&mut self, op: Insert, dst: Xmm, a: Xmm, src: S, lane: u8) {
        let wide = op.0.is_wide();
        self.vex(op.0, wide, dst.number(), a.number(), src, Imm::byte(lane));
    }

    #[inline]
    pub fn vextract<D: GprOrMem>(&mut self, op: Extract, dst: D, src: Xmm, lane: u8) {
        self.vex(op.0, op.0.is_wide(), src.number(), 0, dst, Imm::byte(lane));
    }

    #[inline]
    pub fn vmask(&mut self, op: Mask, dst: Gpr, src: Xmm) {
        self.vex(op.0, false, dst.number(), 0, src, Imm::NONE);
    }

    /// `from` is the size of the integer.
    #[inline]
    pub fn vfloat_from_int<S: GprOrMem>(
        &mut self,
        op: FloatFromInt,
        from: Size,
        dst: Xmm,
        a: Xmm,
        src: S,
    ) {
        self.vex(op.0, is_64(from), dst.number(), a.number(), src, Imm::NONE);
    }

    /// `to` is the size of the integer.
    #[inline]
    pub fn vint_from_float<S: XmmOrMem>(&mut self, op: IntFromFloat, to: Size, dst: Gpr, src: S) {
        self.vex(op.0, is_64(to), dst.number(), 0, src, Imm::NONE);
    }

    /// `dst += a * b`, or what `op` says.
    #[inline]
    pub fn fma<S: XmmOrMem>(&mut self, op: Fma, dst: Xmm, a: Xmm, b: S) {
        self.vex(op.0, op.0.is_wide(), dst.number(), a.number(), b, Imm::NONE);
    }

    #[inline]
    pub fn broadcast<S: XmmOrMem>(&mut self, op: Broadcast, dst: Xmm, src: S) {
        self.vex(op.0, false, dst.number(), 0, src, Imm::NONE);
    }

    /// A constant of the code as second source.
    pub fn vbinary_label(&mut self, op: Binary, dst: Xmm, a: Xmm, b: Label) {
        self.vbinary(op, dst, a, NextPlus);
        self.refer_before(b);
    }

    /// A constant of the code as source.
    pub fn vunary_label(&mut self, op: Unary, dst: Xmm, src: Label) {
        self.vunary(op, dst, NextPlus);
        self.refer_before(src);
    }

    /// A constant of the code as source.
    pub fn vload_label(&mut self, op: Load, dst: Xmm, src: Label) {
        self.vex(op.0, false, dst.number(), 0, NextPlus, Imm::NONE);
        self.refer_before(src);
    }
}
