//! Conversions between vectors of different lanes.
//!
//! Conversions of floats yield the lowest integer where there is none. What is no number becomes 0 before,
//! by a mask or by the rule that `min` and `max` return the second operand then.

use super::super::Compiler;
use super::super::asm::{Binary, BinaryImm, ShiftImm, Unary, UnaryImm, Xmm};
use super::super::machine::XSCRATCH;
use super::{UPPER_HALF, bytes, doublewords, quadwords, words};
use crate::bytecode::operators::VectorConvert;

/// Predicates of comparisons of floats.
const EQUAL: u8 = 0;
const LESS_OR_EQUAL: u8 = 2;
/// Rounds towards zero without raising the inexact exception.
const TO_ZERO: u8 = 8 | 3;

impl Compiler<'_> {
    pub(in super::super) fn vector_convert(&mut self, operation: VectorConvert) {
        use VectorConvert as V;
        let (result, a) = self.pop_one();
        match operation {
            V::I16x8ExtendLowI8x16S => self.xunary(Unary::PMOVSXBW, result, a),
            V::I16x8ExtendLowI8x16U => self.xunary(Unary::PMOVZXBW, result, a),
            V::I16x8ExtendHighI8x16S => self.extend_high(Unary::PMOVSXBW, result, a),
            V::I16x8ExtendHighI8x16U => self.extend_high(Unary::PMOVZXBW, result, a),
            V::I32x4ExtendLowI16x8S => self.xunary(Unary::PMOVSXWD, result, a),
            V::I32x4ExtendLowI16x8U => self.xunary(Unary::PMOVZXWD, result, a),
            V::I32x4ExtendHighI16x8S => self.extend_high(Unary::PMOVSXWD, result, a),
            V::I32x4ExtendHighI16x8U => self.extend_high(Unary::PMOVZXWD, result, a),
            V::I64x2ExtendLowI32x4S => self.xunary(Unary::PMOVSXDQ, result, a),
            V::I64x2ExtendLowI32x4U => self.xunary(Unary::PMOVZXDQ, result, a),
            V::I64x2ExtendHighI32x4S => self.extend_high(Unary::PMOVSXDQ, result, a),
            V::I64x2ExtendHighI32x4U => self.extend_high(Unary::PMOVZXDQ, result, a),
            V::I16x8ExtAddPairwiseI8x16S => {
                // The first operand of the instruction is unsigned, the second one signed.
                self.load_constant(XSCRATCH, bytes(1));
                self.xop(Binary::PMADDUBSW, XSCRATCH, XSCRATCH, a);
                self.copy(result, XSCRATCH);
            }
            V::I16x8ExtAddPairwiseI8x16U => {
                self.xop_constant(Binary::PMADDUBSW, result, a, bytes(1));
            }
            V::I32x4ExtAddPairwiseI16x8S => {
                self.xop_constant(Binary::PMADDWD, result, a, words(1));
            }
            V::I32x4ExtAddPairwiseI16x8U => {
                // As signed numbers, both are less by 2^15.
                self.xop_constant(Binary::PXOR, result, a, words(0x8000));
                self.xop_constant(Binary::PMADDWD, result, result, words(1));
                self.xop_constant(Binary::PADDD, result, result, doublewords(0x1_0000));
            }
            V::I32x4TruncSatF32x4S => self.trunc_sat_f32_signed(result, a),
            V::I32x4TruncSatF32x4U => self.trunc_sat_f32_unsigned(result, a),
            V::I32x4TruncSatF64x2SZero => {
                self.xop_imm(BinaryImm::CMPPD, XSCRATCH, a, a, EQUAL);
                let highest = quadwords(f64::from(i32::MAX).to_bits());
                self.xop_constant(Binary::ANDPD, XSCRATCH, XSCRATCH, highest);
                self.xop(Binary::MINPD, result, a, XSCRATCH);
                self.xunary(Unary::CVTTPD2DQ, result, result);
            }
            V::I32x4TruncSatF64x2UZero => {
                self.zero(XSCRATCH);
                self.xop(Binary::MAXPD, result, a, XSCRATCH);
                let highest = quadwords(f64::from(u32::MAX).to_bits());
                self.xop_constant(Binary::MINPD, result, result, highest);
                self.xunary_imm(UnaryImm::ROUNDPD, result, result, TO_ZERO);
                // With 2^52 added, the integer is in the low bits.
                let magic = quadwords(4_503_599_627_370_496.0_f64.to_bits());
                self.xop_constant(Binary::ADDPD, result, result, magic);
                let even_lanes = 0b10_00_10_00;
                self.xop_imm(BinaryImm::SHUFPS, result, result, XSCRATCH, even_lanes);
            }
            V::F32x4DemoteF64x2Zero => self.xunary(Unary::CVTPD2PS, result, a),
            V::F64x2PromoteLowF32x4 => self.xunary(Unary::CVTPS2PD, result, a),
            V::F32x4ConvertI32x4S => self.xunary(Unary::CVTDQ2PS, result, a),
            V::F32x4ConvertI32x4U => {
                // Both halves are exact, and so is the upper one times 2^16: only the sum is rounded.
                self.shift_lanes(ShiftImm::PSRLD, XSCRATCH, a, 16);
                self.shift_lanes(ShiftImm::PSLLD, result, a, 16);
                self.shift_lanes(ShiftImm::PSRLD, result, result, 16);
                self.xunary(Unary::CVTDQ2PS, XSCRATCH, XSCRATCH);
                self.xunary(Unary::CVTDQ2PS, result, result);
                let scale = doublewords(65_536.0_f32.to_bits());
                self.xop_constant(Binary::MULPS, XSCRATCH, XSCRATCH, scale);
                self.xop(Binary::ADDPS, result, result, XSCRATCH);
            }
            V::F64x2ConvertLowI32x4S => self.xunary(Unary::CVTDQ2PD, result, a),
            V::F64x2ConvertLowI32x4U => {
                // The bits of 2^52 above those of the integer are their sum.
                self.xop_constant(Binary::UNPCKLPS, result, a, doublewords(0x4330_0000));
                let magic = quadwords(4_503_599_627_370_496.0_f64.to_bits());
                self.xop_constant(Binary::SUBPD, result, result, magic);
            }
        }
        self.push_vector(result);
    }

    fn extend_high(&mut self, op: Unary, result: Xmm, a: Xmm) {
        self.xunary_imm(UnaryImm::PSHUFD, result, a, UPPER_HALF);
        self.xunary(op, result, result);
    }

    fn trunc_sat_f32_signed(&mut self, result: Xmm, a: Xmm) {
        self.xop_imm(BinaryImm::CMPPS, XSCRATCH, a, a, EQUAL);
        self.xop(Binary::ANDPS, result, a, XSCRATCH);
        // The sign of the scratch register: a number that is not negative.
        self.xop(Binary::PXOR, XSCRATCH, XSCRATCH, result);
        self.xunary(Unary::CVTTPS2DQ, result, result);
        // Of these, what became negative was too large.
        self.xop(Binary::PAND, XSCRATCH, XSCRATCH, result);
        self.shift_lanes(ShiftImm::PSRAD, XSCRATCH, XSCRATCH, 31);
        self.xop(Binary::PXOR, result, result, XSCRATCH);
    }

    fn trunc_sat_f32_unsigned(&mut self, result: Xmm, a: Xmm) {
        let above = self.alloc_xmm();
        let large = doublewords(2_147_483_648.0_f32.to_bits());
        self.zero(XSCRATCH);
        self.xop(Binary::MAXPS, result, a, XSCRATCH);
        // What is above 2^31, at most as much again.
        self.load_constant(XSCRATCH, large);
        self.xop(Binary::SUBPS, above, result, XSCRATCH);
        self.xop_imm(BinaryImm::CMPPS, XSCRATCH, XSCRATCH, above, LESS_OR_EQUAL);
        self.xunary(Unary::CVTTPS2DQ, above, above);
        self.xop(Binary::PXOR, above, above, XSCRATCH);
        self.zero(XSCRATCH);
        self.xop(Binary::PMAXSD, above, above, XSCRATCH);
        // From 2^31 on, this yields 2^31.
        self.xunary(Unary::CVTTPS2DQ, result, result);
        self.xop(Binary::PADDD, result, result, above);
    }
}
