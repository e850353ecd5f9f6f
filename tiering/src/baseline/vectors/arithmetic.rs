//! Arithmetic of vectors.

use super::super::Compiler;
use super::super::asm::{
    Alu, Binary, BinaryImm, FromGpr, Gpr, ShiftImm, Size, Unary, UnaryImm, Xmm,
};
use super::super::machine::{SCRATCH, XSCRATCH};
use super::super::values::At;
use super::{UPPER_HALF, bytes, doublewords, quadwords, words};
use crate::bytecode::operators::{VectorBinary, VectorShift, VectorUnary};

/// Directions of rounding, without raising the inexact exception.
const NEAREST: u8 = 8;
const FLOOR: u8 = 8 | 1;
const CEIL: u8 = 8 | 2;
const TRUNC: u8 = 8 | 3;

/// The predicate of a comparison of floats: one of them is no number.
const UNORDERED: u8 = 3;

impl Compiler<'_> {
    /// `dst = a` with all lanes shifted by a constant.
    pub(super) fn shift_lanes(&mut self, op: ShiftImm, dst: Xmm, a: Xmm, count: u8) {
        if self.cpu.avx {
            return self.asm.vshift_lanes(op, dst, a, count);
        }
        self.copy(dst, a);
        self.asm.shift_lanes(op, dst, count);
    }

    pub(in super::super) fn vector_unary(&mut self, operation: VectorUnary) {
        use VectorUnary as V;
        let (result, a) = self.pop_one();
        match operation {
            V::V128Not => {
                self.ones(XSCRATCH);
                self.xop(Binary::PXOR, result, a, XSCRATCH);
            }
            V::I8x16Abs => self.xunary(Unary::PABSB, result, a),
            V::I16x8Abs => self.xunary(Unary::PABSW, result, a),
            V::I32x4Abs => self.xunary(Unary::PABSD, result, a),
            V::I64x2Abs => {
                self.zero(XSCRATCH);
                self.xop(Binary::PCMPGTQ, XSCRATCH, XSCRATCH, a);
                self.xop(Binary::PXOR, result, a, XSCRATCH);
                self.xop(Binary::PSUBQ, result, result, XSCRATCH);
            }
            V::I8x16Neg => self.negate(Binary::PSUBB, result, a),
            V::I16x8Neg => self.negate(Binary::PSUBW, result, a),
            V::I32x4Neg => self.negate(Binary::PSUBD, result, a),
            V::I64x2Neg => self.negate(Binary::PSUBQ, result, a),
            V::I8x16Popcnt => self.popcnt(result, a),
            V::F32x4Abs => {
                self.xop_constant(Binary::ANDPS, result, a, doublewords(i32::MAX as u32));
            }
            V::F64x2Abs => {
                self.xop_constant(Binary::ANDPD, result, a, quadwords(i64::MAX as u64));
            }
            V::F32x4Neg => self.xop_constant(Binary::XORPS, result, a, doublewords(1 << 31)),
            V::F64x2Neg => self.xop_constant(Binary::XORPD, result, a, quadwords(1 << 63)),
            V::F32x4Sqrt => self.xunary(Unary::SQRTPS, result, a),
            V::F64x2Sqrt => self.xunary(Unary::SQRTPD, result, a),
            V::F32x4Ceil => self.xunary_imm(UnaryImm::ROUNDPS, result, a, CEIL),
            V::F32x4Floor => self.xunary_imm(UnaryImm::ROUNDPS, result, a, FLOOR),
            V::F32x4Trunc => self.xunary_imm(UnaryImm::ROUNDPS, result, a, TRUNC),
            V::F32x4Nearest => self.xunary_imm(UnaryImm::ROUNDPS, result, a, NEAREST),
            V::F64x2Ceil => self.xunary_imm(UnaryImm::ROUNDPD, result, a, CEIL),
            V::F64x2Floor => self.xunary_imm(UnaryImm::ROUNDPD, result, a, FLOOR),
            V::F64x2Trunc => self.xunary_imm(UnaryImm::ROUNDPD, result, a, TRUNC),
            V::F64x2Nearest => self.xunary_imm(UnaryImm::ROUNDPD, result, a, NEAREST),
        }
        self.push_vector(result);
    }

    fn negate(&mut self, sub: Binary, result: Xmm, a: Xmm) {
        self.zero(XSCRATCH);
        self.xop(sub, XSCRATCH, XSCRATCH, a);
        self.copy(result, XSCRATCH);
    }

    /// Counts the bits of each byte: those of both halves are looked up.
    fn popcnt(&mut self, result: Xmm, a: Xmm) {
        const COUNTS: [u8; 16] = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];
        let upper = self.alloc_xmm();
        self.shift_lanes(ShiftImm::PSRLW, XSCRATCH, a, 4);
        self.xop_constant(Binary::PAND, XSCRATCH, XSCRATCH, bytes(15));
        self.load_constant(upper, COUNTS);
        self.xop(Binary::PSHUFB, upper, upper, XSCRATCH);
        self.xop_constant(Binary::PAND, XSCRATCH, a, bytes(15));
        self.load_constant(result, COUNTS);
        self.xop(Binary::PSHUFB, result, result, XSCRATCH);
        self.xop(Binary::PADDB, result, result, upper);
    }

    pub(in super::super) fn vector_binary(&mut self, operation: VectorBinary) {
        use VectorBinary as V;
        let (result, a, b) = self.pop_two();
        let op = match operation {
            V::V128And => Binary::PAND,
            V::V128Or => Binary::POR,
            V::V128Xor => Binary::PXOR,
            V::I8x16NarrowI16x8S => Binary::PACKSSWB,
            V::I8x16NarrowI16x8U => Binary::PACKUSWB,
            V::I8x16Add => Binary::PADDB,
            V::I8x16AddSatS => Binary::PADDSB,
            V::I8x16AddSatU => Binary::PADDUSB,
            V::I8x16Sub => Binary::PSUBB,
            V::I8x16SubSatS => Binary::PSUBSB,
            V::I8x16SubSatU => Binary::PSUBUSB,
            V::I8x16MinS => Binary::PMINSB,
            V::I8x16MinU => Binary::PMINUB,
            V::I8x16MaxS => Binary::PMAXSB,
            V::I8x16MaxU => Binary::PMAXUB,
            V::I8x16AvgrU => Binary::PAVGB,
            V::I16x8NarrowI32x4S => Binary::PACKSSDW,
            V::I16x8NarrowI32x4U => Binary::PACKUSDW,
            V::I16x8Add => Binary::PADDW,
            V::I16x8AddSatS => Binary::PADDSW,
            V::I16x8AddSatU => Binary::PADDUSW,
            V::I16x8Sub => Binary::PSUBW,
            V::I16x8SubSatS => Binary::PSUBSW,
            V::I16x8SubSatU => Binary::PSUBUSW,
            V::I16x8Mul => Binary::PMULLW,
            V::I16x8MinS => Binary::PMINSW,
            V::I16x8MinU => Binary::PMINUW,
            V::I16x8MaxS => Binary::PMAXSW,
            V::I16x8MaxU => Binary::PMAXUW,
            V::I16x8AvgrU => Binary::PAVGW,
            V::I32x4Add => Binary::PADDD,
            V::I32x4Sub => Binary::PSUBD,
            V::I32x4Mul => Binary::PMULLD,
            V::I32x4MinS => Binary::PMINSD,
            V::I32x4MinU => Binary::PMINUD,
            V::I32x4MaxS => Binary::PMAXSD,
            V::I32x4MaxU => Binary::PMAXUD,
            V::I32x4DotI16x8S => Binary::PMADDWD,
            V::I64x2Add => Binary::PADDQ,
            V::I64x2Sub => Binary::PSUBQ,
            V::F32x4Add => Binary::ADDPS,
            V::F32x4Sub => Binary::SUBPS,
            V::F32x4Mul => Binary::MULPS,
            V::F32x4Div => Binary::DIVPS,
            V::F64x2Add => Binary::ADDPD,
            V::F64x2Sub => Binary::SUBPD,
            V::F64x2Mul => Binary::MULPD,
            V::F64x2Div => Binary::DIVPD,
            _ => return self.vector_composed(operation, result, a, b),
        };
        self.xop(op, result, a, b);
        self.push_vector(result);
    }

    /// Operations that are several instructions, or have their operands the other way round.
    fn vector_composed(&mut self, operation: VectorBinary, result: Xmm, a: Xmm, b: Xmm) {
        use VectorBinary as V;
        match operation {
            V::V128AndNot => self.exchanged(Binary::PANDN, result, a, b),
            // The instruction returns its second operand if neither is less.
            V::F32x4PMin => self.exchanged(Binary::MINPS, result, a, b),
            V::F32x4PMax => self.exchanged(Binary::MAXPS, result, a, b),
            V::F64x2PMin => self.exchanged(Binary::MINPD, result, a, b),
            V::F64x2PMax => self.exchanged(Binary::MAXPD, result, a, b),
            V::F32x4Min => self.lowest(false, result, a, b),
            V::F32x4Max => self.highest(false, result, a, b),
            V::F64x2Min => self.lowest(true, result, a, b),
            V::F64x2Max => self.highest(true, result, a, b),
            V::I16x8Q15MulrSatS => {
                // Only -1 times -1 is out of range, and comes out as -1.
                self.xop(Binary::PMULHRSW, result, a, b);
                self.xop_constant(Binary::PCMPEQW, XSCRATCH, result, words(0x8000));
                self.xop(Binary::PXOR, result, result, XSCRATCH);
            }
            V::I64x2Mul => self.multiply_quadwords(result, a, b),
            V::I16x8ExtMulLowI8x16S => self.widened(Unary::PMOVSXBW, false, result, a, b),
            V::I16x8ExtMulHighI8x16S => self.widened(Unary::PMOVSXBW, true, result, a, b),
            V::I16x8ExtMulLowI8x16U => self.widened(Unary::PMOVZXBW, false, result, a, b),
            V::I16x8ExtMulHighI8x16U => self.widened(Unary::PMOVZXBW, true, result, a, b),
            V::I32x4ExtMulLowI16x8S => self.widened(Unary::PMOVSXWD, false, result, a, b),
            V::I32x4ExtMulHighI16x8S => self.widened(Unary::PMOVSXWD, true, result, a, b),
            V::I32x4ExtMulLowI16x8U => self.widened(Unary::PMOVZXWD, false, result, a, b),
            V::I32x4ExtMulHighI16x8U => self.widened(Unary::PMOVZXWD, true, result, a, b),
            V::I64x2ExtMulLowI32x4S => self.spread(Binary::PMULDQ, LOW, result, a, b),
            V::I64x2ExtMulHighI32x4S => self.spread(Binary::PMULDQ, HIGH, result, a, b),
            V::I64x2ExtMulLowI32x4U => self.spread(Binary::PMULUDQ, LOW, result, a, b),
            V::I64x2ExtMulHighI32x4U => self.spread(Binary::PMULUDQ, HIGH, result, a, b),
            _ => unreachable!("{operation:?} is one instruction"),
        }
        self.push_vector(result);
    }

    /// An instruction whose first operand is the second one of the operator.
    fn exchanged(&mut self, op: Binary, result: Xmm, a: Xmm, b: Xmm) {
        if self.cpu.avx {
            return self.asm.vbinary(op, result, b, a);
        }
        self.copy(XSCRATCH, b);
        self.asm.binary(op, XSCRATCH, a);
        self.copy(result, XSCRATCH);
    }

    /// The lower of floats, or what is no number; of zeros, the negative one.
    fn lowest(&mut self, double: bool, result: Xmm, a: Xmm, b: Xmm) {
        let min = if double { Binary::MINPD } else { Binary::MINPS };
        // Where the operands are not in order, both ways return one of them, and bits of both are set.
        self.xop(min, XSCRATCH, b, a);
        self.xop(min, result, a, b);
        self.xop(Binary::ORPS, result, result, XSCRATCH);
        self.unordered(double, result);
        self.xop(Binary::ORPS, result, result, XSCRATCH);
        self.make_canonical(double, result);
    }

    /// The higher of floats, or what is no number; of zeros, the positive one.
    fn highest(&mut self, double: bool, result: Xmm, a: Xmm, b: Xmm) {
        let (max, sub) = match double {
            true => (Binary::MAXPD, Binary::SUBPD),
            false => (Binary::MAXPS, Binary::SUBPS),
        };
        self.xop(max, XSCRATCH, b, a);
        self.xop(max, result, a, b);
        // Different are zeros, and what is no number. The difference of -0 and -0 is 0.
        self.xop(Binary::XORPS, XSCRATCH, XSCRATCH, result);
        self.xop(Binary::ORPS, result, result, XSCRATCH);
        self.xop(sub, result, result, XSCRATCH);
        self.unordered(double, result);
        self.make_canonical(double, result);
    }

    /// Sets the lanes of xmm15 where the result is no number.
    fn unordered(&mut self, double: bool, result: Xmm) {
        let op = if double {
            BinaryImm::CMPPD
        } else {
            BinaryImm::CMPPS
        };
        self.xop_imm(op, XSCRATCH, result, result, UNORDERED);
    }

    /// Clears all but the highest bit of the fraction in the lanes that are set in xmm15.
    fn make_canonical(&mut self, double: bool, result: Xmm) {
        let (shift, sign_and_exponent) = match double {
            true => (ShiftImm::PSRLQ, 13),
            false => (ShiftImm::PSRLD, 10),
        };
        self.shift_lanes(shift, XSCRATCH, XSCRATCH, sign_and_exponent);
        self.xop(Binary::ANDNPS, XSCRATCH, XSCRATCH, result);
        self.copy(result, XSCRATCH);
    }

    /// The product of 64 bits from three of 32.
    fn multiply_quadwords(&mut self, result: Xmm, a: Xmm, b: Xmm) {
        let cross = self.alloc_xmm();
        self.shift_lanes(ShiftImm::PSRLQ, XSCRATCH, a, 32);
        self.xop(Binary::PMULUDQ, XSCRATCH, XSCRATCH, b);
        self.shift_lanes(ShiftImm::PSRLQ, cross, b, 32);
        self.xop(Binary::PMULUDQ, cross, cross, a);
        self.xop(Binary::PADDQ, cross, cross, XSCRATCH);
        self.shift_lanes(ShiftImm::PSLLQ, cross, cross, 32);
        self.xop(Binary::PMULUDQ, result, a, b);
        self.xop(Binary::PADDQ, result, result, cross);
    }

    /// The product of the lower or upper lanes, extended to twice their size.
    fn widened(&mut self, extend: Unary, high: bool, result: Xmm, a: Xmm, b: Xmm) {
        let mul = match extend {
            Unary::PMOVSXBW | Unary::PMOVZXBW => Binary::PMULLW,
            _ => Binary::PMULLD,
        };
        for (to, from) in [(XSCRATCH, b), (result, a)] {
            let from = if high {
                self.xunary_imm(UnaryImm::PSHUFD, to, from, UPPER_HALF);
                to
            } else {
                from
            };
            self.xunary(extend, to, from);
        }
        self.xop(mul, result, result, XSCRATCH);
    }

    /// The product of two lanes of 32 bits that are spread over the vector.
    fn spread(&mut self, mul: Binary, lanes: u8, result: Xmm, a: Xmm, b: Xmm) {
        self.xunary_imm(UnaryImm::PSHUFD, XSCRATCH, b, lanes);
        self.xunary_imm(UnaryImm::PSHUFD, result, a, lanes);
        self.xop(mul, result, result, XSCRATCH);
    }
}

/// Immediates of shuffles that put the two lower or upper lanes of 32 bits where products are made.
const LOW: u8 = 0b01_01_00_00;
const HIGH: u8 = 0b11_11_10_10;

// Shifts.
impl Compiler<'_> {
    pub(in super::super) fn vector_shift(&mut self, operation: VectorShift) {
        use VectorShift as V;
        let count = self.pop();
        let (by_imm, by_reg, bits) = match operation {
            V::I8x16Shl | V::I8x16ShrU | V::I8x16ShrS => {
                return match count.at {
                    At::Const(count) => self.shift_bytes_by(operation, (count & 7) as u8),
                    _ => {
                        let count = self.gpr(count);
                        self.shift_bytes(operation, count);
                    }
                };
            }
            V::I64x2ShrS => {
                let count = self.gpr(count);
                return self.shift_quadwords_signed(count);
            }
            V::I16x8Shl => (ShiftImm::PSLLW, Binary::PSLLW, 16),
            V::I16x8ShrS => (ShiftImm::PSRAW, Binary::PSRAW, 16),
            V::I16x8ShrU => (ShiftImm::PSRLW, Binary::PSRLW, 16),
            V::I32x4Shl => (ShiftImm::PSLLD, Binary::PSLLD, 32),
            V::I32x4ShrS => (ShiftImm::PSRAD, Binary::PSRAD, 32),
            V::I32x4ShrU => (ShiftImm::PSRLD, Binary::PSRLD, 32),
            V::I64x2Shl => (ShiftImm::PSLLQ, Binary::PSLLQ, 64),
            V::I64x2ShrU => (ShiftImm::PSRLQ, Binary::PSRLQ, 64),
        };
        if let At::Const(count) = count.at {
            let (result, a) = self.pop_one();
            self.shift_lanes(by_imm, result, a, (count & (bits - 1)) as u8);
            return self.push_vector(result);
        }
        let count = self.gpr(count);
        let (result, a) = self.pop_one();
        self.load_count(count, bits as i32, 0);
        self.xop(by_reg, result, a, XSCRATCH);
        self.push_vector(result);
    }

    /// Puts a count modulo a number of bits, and `more`, into xmm15. r11 changes.
    fn load_count(&mut self, count: Gpr, bits: i32, more: i32) {
        self.asm.mov(Size::S32, SCRATCH, count);
        self.asm.alu_imm(Alu::And, Size::S32, SCRATCH, bits - 1);
        if more != 0 {
            self.asm.alu_imm(Alu::Add, Size::S32, SCRATCH, more);
        }
        self.move_from_gpr(FromGpr::MOVD, XSCRATCH, SCRATCH);
    }

    /// There are no shifts of bytes: those of words are masked, or words are made of them.
    fn shift_bytes_by(&mut self, operation: VectorShift, count: u8) {
        let (result, a) = self.pop_one();
        match operation {
            VectorShift::I8x16Shl => {
                self.shift_lanes(ShiftImm::PSLLW, result, a, count);
                self.xop_constant(Binary::PAND, result, result, bytes(0xFF << count));
            }
            VectorShift::I8x16ShrU => {
                self.shift_lanes(ShiftImm::PSRLW, result, a, count);
                self.xop_constant(Binary::PAND, result, result, bytes(0xFF >> count));
            }
            _ => {
                self.xop(Binary::PUNPCKHBW, XSCRATCH, a, a);
                self.xop(Binary::PUNPCKLBW, result, a, a);
                self.shift_lanes(ShiftImm::PSRAW, XSCRATCH, XSCRATCH, 8 + count);
                self.shift_lanes(ShiftImm::PSRAW, result, result, 8 + count);
                self.xop(Binary::PACKSSWB, result, result, XSCRATCH);
            }
        }
        self.push_vector(result);
    }

    fn shift_bytes(&mut self, operation: VectorShift, count: Gpr) {
        let (result, a) = self.pop_one();
        let other = self.alloc_xmm();
        if operation == VectorShift::I8x16ShrS {
            self.load_count(count, 8, 8);
            self.xop(Binary::PUNPCKHBW, other, a, a);
            self.xop(Binary::PUNPCKLBW, result, a, a);
            self.xop(Binary::PSRAW, other, other, XSCRATCH);
            self.xop(Binary::PSRAW, result, result, XSCRATCH);
            self.xop(Binary::PACKSSWB, result, result, other);
        } else {
            let op = match operation {
                VectorShift::I8x16Shl => Binary::PSLLW,
                _ => Binary::PSRLW,
            };
            self.load_count(count, 8, 0);
            self.xop(op, result, a, XSCRATCH);
            // The mask for one byte, copied to all.
            self.ones(other);
            self.shift_lanes(ShiftImm::PSRLW, other, other, 8);
            self.xop(op, other, other, XSCRATCH);
            self.zero(XSCRATCH);
            self.xop(Binary::PSHUFB, other, other, XSCRATCH);
            self.xop(Binary::PAND, result, result, other);
        }
        self.push_vector(result);
    }

    /// There is no such shift: the sign is extended by a subtraction.
    fn shift_quadwords_signed(&mut self, count: Gpr) {
        let (result, a) = self.pop_one();
        let sign = self.alloc_xmm();
        self.load_count(count, 64, 0);
        self.load_constant(sign, quadwords(1 << 63));
        self.xop(Binary::PSRLQ, sign, sign, XSCRATCH);
        self.xop(Binary::PSRLQ, result, a, XSCRATCH);
        self.xop(Binary::PXOR, result, result, sign);
        self.xop(Binary::PSUBQ, result, result, sign);
        self.push_vector(result);
    }
}
