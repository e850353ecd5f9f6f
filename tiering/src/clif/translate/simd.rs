//! Vector instructions: their table, and the few operations that translate them.
//!
//! A wasm vector has no lane type; Cranelift's vectors have one. Operands are cast to the lanes that an
//! instruction needs when they are popped. Results are pushed with the lanes that they have.

use super::Translator;
use crate::compiled::CompileError;
use cranelift_codegen::ir::Opcode as C;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{
    F32, F32X4, F64, F64X2, I8, I8X16, I16, I16X8, I32, I32X4, I64, I64X2,
};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value};
use wasmparser::MemArg;
use wasmparser::Operator as O;

/// The type of vectors on the operand stack and in locals.
const VECTOR: Type = I8X16;

/// Which half of its operand a widening instruction reads, and how it extends.
#[derive(Clone, Copy)]
enum Widen {
    LowS,
    HighS,
    LowU,
    HighU,
}

impl Widen {
    fn opcode(self) -> C {
        match self {
            Widen::LowS => C::SwidenLow,
            Widen::HighS => C::SwidenHigh,
            Widen::LowU => C::UwidenLow,
            Widen::HighU => C::UwidenHigh,
        }
    }
}

impl Translator<'_, '_> {
    /// Translates a reachable vector instruction.
    pub(super) fn vector_operator(&mut self, operator: &O<'_>) -> Result<(), CompileError> {
        match *operator {
            O::V128Load { memarg } => self.load(memarg, C::Load, VECTOR, 16),
            O::V128Store { memarg } => self.store(memarg, C::Store, 16),
            O::V128Load8x8S { memarg } => self.load_widening(memarg, C::Sload8x8),
            O::V128Load8x8U { memarg } => self.load_widening(memarg, C::Uload8x8),
            O::V128Load16x4S { memarg } => self.load_widening(memarg, C::Sload16x4),
            O::V128Load16x4U { memarg } => self.load_widening(memarg, C::Uload16x4),
            O::V128Load32x2S { memarg } => self.load_widening(memarg, C::Sload32x2),
            O::V128Load32x2U { memarg } => self.load_widening(memarg, C::Uload32x2),
            O::V128Load8Splat { memarg } => self.load_splat(memarg, I8, I8X16),
            O::V128Load16Splat { memarg } => self.load_splat(memarg, I16, I16X8),
            O::V128Load32Splat { memarg } => self.load_splat(memarg, I32, I32X4),
            O::V128Load64Splat { memarg } => self.load_splat(memarg, I64, I64X2),
            O::V128Load32Zero { memarg } => self.load_zero(memarg, I32, I32X4),
            O::V128Load64Zero { memarg } => self.load_zero(memarg, I64, I64X2),
            O::V128Load8Lane { memarg, lane } => self.load_lane(memarg, I8, I8X16, lane),
            O::V128Store8Lane { memarg, lane } => self.store_lane(memarg, I8X16, lane),
            O::V128Load16Lane { memarg, lane } => self.load_lane(memarg, I16, I16X8, lane),
            O::V128Store16Lane { memarg, lane } => self.store_lane(memarg, I16X8, lane),
            O::V128Load32Lane { memarg, lane } => self.load_lane(memarg, I32, I32X4, lane),
            O::V128Store32Lane { memarg, lane } => self.store_lane(memarg, I32X4, lane),
            O::V128Load64Lane { memarg, lane } => self.load_lane(memarg, I64, I64X2, lane),
            O::V128Store64Lane { memarg, lane } => self.store_lane(memarg, I64X2, lane),

            O::V128Const { value } => self.vector_const(value.bytes()),
            O::I8x16Shuffle { lanes } => self.shuffle(&lanes),
            O::I8x16Swizzle => self.lanes_binary(C::Swizzle, I8X16),
            O::I8x16Splat => self.splat(I8, I8X16),
            O::I8x16ExtractLaneS { lane } => self.extract_narrow(I8X16, lane, C::Sextend),
            O::I8x16ExtractLaneU { lane } => self.extract_narrow(I8X16, lane, C::Uextend),
            O::I8x16ReplaceLane { lane } => self.replace(I8, I8X16, lane),
            O::I16x8Splat => self.splat(I16, I16X8),
            O::I16x8ExtractLaneS { lane } => self.extract_narrow(I16X8, lane, C::Sextend),
            O::I16x8ExtractLaneU { lane } => self.extract_narrow(I16X8, lane, C::Uextend),
            O::I16x8ReplaceLane { lane } => self.replace(I16, I16X8, lane),
            O::I32x4Splat => self.splat(I32, I32X4),
            O::I32x4ExtractLane { lane } => self.extract(I32X4, lane, I32),
            O::I32x4ReplaceLane { lane } => self.replace(I32, I32X4, lane),
            O::I64x2Splat => self.splat(I64, I64X2),
            O::I64x2ExtractLane { lane } => self.extract(I64X2, lane, I64),
            O::I64x2ReplaceLane { lane } => self.replace(I64, I64X2, lane),
            O::F32x4Splat => self.splat(F32, F32X4),
            O::F32x4ExtractLane { lane } => self.extract(F32X4, lane, F32),
            O::F32x4ReplaceLane { lane } => self.replace(F32, F32X4, lane),
            O::F64x2Splat => self.splat(F64, F64X2),
            O::F64x2ExtractLane { lane } => self.extract(F64X2, lane, F64),
            O::F64x2ReplaceLane { lane } => self.replace(F64, F64X2, lane),

            O::I8x16Eq => self.compare_lanes(IntCC::Equal, I8X16),
            O::I8x16Ne => self.compare_lanes(IntCC::NotEqual, I8X16),
            O::I8x16LtS => self.compare_lanes(IntCC::SignedLessThan, I8X16),
            O::I8x16LtU => self.compare_lanes(IntCC::UnsignedLessThan, I8X16),
            O::I8x16GtS => self.compare_lanes(IntCC::SignedGreaterThan, I8X16),
            O::I8x16GtU => self.compare_lanes(IntCC::UnsignedGreaterThan, I8X16),
            O::I8x16LeS => self.compare_lanes(IntCC::SignedLessThanOrEqual, I8X16),
            O::I8x16LeU => self.compare_lanes(IntCC::UnsignedLessThanOrEqual, I8X16),
            O::I8x16GeS => self.compare_lanes(IntCC::SignedGreaterThanOrEqual, I8X16),
            O::I8x16GeU => self.compare_lanes(IntCC::UnsignedGreaterThanOrEqual, I8X16),
            O::I8x16Abs => self.lanes_unary(C::Iabs, I8X16),
            O::I8x16Neg => self.lanes_unary(C::Ineg, I8X16),
            O::I8x16AllTrue => self.all_true(I8X16),
            O::I8x16Bitmask => self.bitmask(I8X16),
            O::I8x16Shl => self.shift_lanes(C::Ishl, I8X16),
            O::I8x16ShrS => self.shift_lanes(C::Sshr, I8X16),
            O::I8x16ShrU => self.shift_lanes(C::Ushr, I8X16),
            O::I8x16Add => self.lanes_binary(C::Iadd, I8X16),
            O::I8x16Sub => self.lanes_binary(C::Isub, I8X16),
            O::I8x16MinS => self.lanes_binary(C::Smin, I8X16),
            O::I8x16MinU => self.lanes_binary(C::Umin, I8X16),
            O::I8x16MaxS => self.lanes_binary(C::Smax, I8X16),
            O::I8x16MaxU => self.lanes_binary(C::Umax, I8X16),
            O::I8x16AddSatS => self.lanes_binary(C::SaddSat, I8X16),
            O::I8x16AddSatU => self.lanes_binary(C::UaddSat, I8X16),
            O::I8x16SubSatS => self.lanes_binary(C::SsubSat, I8X16),
            O::I8x16SubSatU => self.lanes_binary(C::UsubSat, I8X16),
            O::I8x16AvgrU => self.lanes_binary(C::AvgRound, I8X16),

            O::I16x8Eq => self.compare_lanes(IntCC::Equal, I16X8),
            O::I16x8Ne => self.compare_lanes(IntCC::NotEqual, I16X8),
            O::I16x8LtS => self.compare_lanes(IntCC::SignedLessThan, I16X8),
            O::I16x8LtU => self.compare_lanes(IntCC::UnsignedLessThan, I16X8),
            O::I16x8GtS => self.compare_lanes(IntCC::SignedGreaterThan, I16X8),
            O::I16x8GtU => self.compare_lanes(IntCC::UnsignedGreaterThan, I16X8),
            O::I16x8LeS => self.compare_lanes(IntCC::SignedLessThanOrEqual, I16X8),
            O::I16x8LeU => self.compare_lanes(IntCC::UnsignedLessThanOrEqual, I16X8),
            O::I16x8GeS => self.compare_lanes(IntCC::SignedGreaterThanOrEqual, I16X8),
            O::I16x8GeU => self.compare_lanes(IntCC::UnsignedGreaterThanOrEqual, I16X8),
            O::I16x8Abs => self.lanes_unary(C::Iabs, I16X8),
            O::I16x8Neg => self.lanes_unary(C::Ineg, I16X8),
            O::I16x8AllTrue => self.all_true(I16X8),
            O::I16x8Bitmask => self.bitmask(I16X8),
            O::I16x8Shl => self.shift_lanes(C::Ishl, I16X8),
            O::I16x8ShrS => self.shift_lanes(C::Sshr, I16X8),
            O::I16x8ShrU => self.shift_lanes(C::Ushr, I16X8),
            O::I16x8Add => self.lanes_binary(C::Iadd, I16X8),
            O::I16x8Sub => self.lanes_binary(C::Isub, I16X8),
            O::I16x8Mul => self.lanes_binary(C::Imul, I16X8),
            O::I16x8MinS => self.lanes_binary(C::Smin, I16X8),
            O::I16x8MinU => self.lanes_binary(C::Umin, I16X8),
            O::I16x8MaxS => self.lanes_binary(C::Smax, I16X8),
            O::I16x8MaxU => self.lanes_binary(C::Umax, I16X8),
            O::I16x8AddSatS => self.lanes_binary(C::SaddSat, I16X8),
            O::I16x8AddSatU => self.lanes_binary(C::UaddSat, I16X8),
            O::I16x8SubSatS => self.lanes_binary(C::SsubSat, I16X8),
            O::I16x8SubSatU => self.lanes_binary(C::UsubSat, I16X8),
            O::I16x8AvgrU => self.lanes_binary(C::AvgRound, I16X8),

            O::I32x4Eq => self.compare_lanes(IntCC::Equal, I32X4),
            O::I32x4Ne => self.compare_lanes(IntCC::NotEqual, I32X4),
            O::I32x4LtS => self.compare_lanes(IntCC::SignedLessThan, I32X4),
            O::I32x4LtU => self.compare_lanes(IntCC::UnsignedLessThan, I32X4),
            O::I32x4GtS => self.compare_lanes(IntCC::SignedGreaterThan, I32X4),
            O::I32x4GtU => self.compare_lanes(IntCC::UnsignedGreaterThan, I32X4),
            O::I32x4LeS => self.compare_lanes(IntCC::SignedLessThanOrEqual, I32X4),
            O::I32x4LeU => self.compare_lanes(IntCC::UnsignedLessThanOrEqual, I32X4),
            O::I32x4GeS => self.compare_lanes(IntCC::SignedGreaterThanOrEqual, I32X4),
            O::I32x4GeU => self.compare_lanes(IntCC::UnsignedGreaterThanOrEqual, I32X4),
            O::I32x4Abs => self.lanes_unary(C::Iabs, I32X4),
            O::I32x4Neg => self.lanes_unary(C::Ineg, I32X4),
            O::I32x4AllTrue => self.all_true(I32X4),
            O::I32x4Bitmask => self.bitmask(I32X4),
            O::I32x4Shl => self.shift_lanes(C::Ishl, I32X4),
            O::I32x4ShrS => self.shift_lanes(C::Sshr, I32X4),
            O::I32x4ShrU => self.shift_lanes(C::Ushr, I32X4),
            O::I32x4Add => self.lanes_binary(C::Iadd, I32X4),
            O::I32x4Sub => self.lanes_binary(C::Isub, I32X4),
            O::I32x4Mul => self.lanes_binary(C::Imul, I32X4),
            O::I32x4MinS => self.lanes_binary(C::Smin, I32X4),
            O::I32x4MinU => self.lanes_binary(C::Umin, I32X4),
            O::I32x4MaxS => self.lanes_binary(C::Smax, I32X4),
            O::I32x4MaxU => self.lanes_binary(C::Umax, I32X4),

            O::I64x2Eq => self.compare_lanes(IntCC::Equal, I64X2),
            O::I64x2Ne => self.compare_lanes(IntCC::NotEqual, I64X2),
            O::I64x2LtS => self.compare_lanes(IntCC::SignedLessThan, I64X2),
            O::I64x2GtS => self.compare_lanes(IntCC::SignedGreaterThan, I64X2),
            O::I64x2LeS => self.compare_lanes(IntCC::SignedLessThanOrEqual, I64X2),
            O::I64x2GeS => self.compare_lanes(IntCC::SignedGreaterThanOrEqual, I64X2),
            O::I64x2Abs => self.lanes_unary(C::Iabs, I64X2),
            O::I64x2Neg => self.lanes_unary(C::Ineg, I64X2),
            O::I64x2AllTrue => self.all_true(I64X2),
            O::I64x2Bitmask => self.bitmask(I64X2),
            O::I64x2Shl => self.shift_lanes(C::Ishl, I64X2),
            O::I64x2ShrS => self.shift_lanes(C::Sshr, I64X2),
            O::I64x2ShrU => self.shift_lanes(C::Ushr, I64X2),
            O::I64x2Add => self.lanes_binary(C::Iadd, I64X2),
            O::I64x2Sub => self.lanes_binary(C::Isub, I64X2),
            O::I64x2Mul => self.lanes_binary(C::Imul, I64X2),

            O::I8x16Popcnt => self.lanes_unary(C::Popcnt, I8X16),
            O::I16x8Q15MulrSatS => self.lanes_binary(C::SqmulRoundSat, I16X8),
            O::I32x4DotI16x8S => self.dot(),
            O::I8x16NarrowI16x8S => self.narrow(C::Snarrow, I16X8),
            O::I8x16NarrowI16x8U => self.narrow(C::Unarrow, I16X8),
            O::I16x8NarrowI32x4S => self.narrow(C::Snarrow, I32X4),
            O::I16x8NarrowI32x4U => self.narrow(C::Unarrow, I32X4),
            O::I16x8ExtendLowI8x16S => self.widen(Widen::LowS, I8X16),
            O::I16x8ExtMulLowI8x16S => self.widening_mul(Widen::LowS, I8X16),
            O::I16x8ExtendLowI8x16U => self.widen(Widen::LowU, I8X16),
            O::I16x8ExtMulLowI8x16U => self.widening_mul(Widen::LowU, I8X16),
            O::I16x8ExtendHighI8x16S => self.widen(Widen::HighS, I8X16),
            O::I16x8ExtMulHighI8x16S => self.widening_mul(Widen::HighS, I8X16),
            O::I16x8ExtendHighI8x16U => self.widen(Widen::HighU, I8X16),
            O::I16x8ExtMulHighI8x16U => self.widening_mul(Widen::HighU, I8X16),
            O::I16x8ExtAddPairwiseI8x16S => self.widening_add(Widen::LowS, Widen::HighS, I8X16),
            O::I16x8ExtAddPairwiseI8x16U => self.widening_add(Widen::LowU, Widen::HighU, I8X16),
            O::I32x4ExtendLowI16x8S => self.widen(Widen::LowS, I16X8),
            O::I32x4ExtMulLowI16x8S => self.widening_mul(Widen::LowS, I16X8),
            O::I32x4ExtendLowI16x8U => self.widen(Widen::LowU, I16X8),
            O::I32x4ExtMulLowI16x8U => self.widening_mul(Widen::LowU, I16X8),
            O::I32x4ExtendHighI16x8S => self.widen(Widen::HighS, I16X8),
            O::I32x4ExtMulHighI16x8S => self.widening_mul(Widen::HighS, I16X8),
            O::I32x4ExtendHighI16x8U => self.widen(Widen::HighU, I16X8),
            O::I32x4ExtMulHighI16x8U => self.widening_mul(Widen::HighU, I16X8),
            O::I32x4ExtAddPairwiseI16x8S => self.widening_add(Widen::LowS, Widen::HighS, I16X8),
            O::I32x4ExtAddPairwiseI16x8U => self.widening_add(Widen::LowU, Widen::HighU, I16X8),
            O::I64x2ExtendLowI32x4S => self.widen(Widen::LowS, I32X4),
            O::I64x2ExtMulLowI32x4S => self.widening_mul(Widen::LowS, I32X4),
            O::I64x2ExtendLowI32x4U => self.widen(Widen::LowU, I32X4),
            O::I64x2ExtMulLowI32x4U => self.widening_mul(Widen::LowU, I32X4),
            O::I64x2ExtendHighI32x4S => self.widen(Widen::HighS, I32X4),
            O::I64x2ExtMulHighI32x4S => self.widening_mul(Widen::HighS, I32X4),
            O::I64x2ExtendHighI32x4U => self.widen(Widen::HighU, I32X4),
            O::I64x2ExtMulHighI32x4U => self.widening_mul(Widen::HighU, I32X4),

            O::V128And => self.lanes_binary(C::Band, VECTOR),
            O::V128Or => self.lanes_binary(C::Bor, VECTOR),
            O::V128Xor => self.lanes_binary(C::Bxor, VECTOR),
            O::V128Not => self.lanes_unary(C::Bnot, VECTOR),
            O::V128AndNot => self.and_not(),
            O::V128Bitselect => self.bitselect(),
            O::V128AnyTrue => self.any_true(),

            O::F32x4Eq => self.compare_float_lanes(FloatCC::Equal, F32X4),
            O::F32x4Ne => self.compare_float_lanes(FloatCC::NotEqual, F32X4),
            O::F32x4Lt => self.compare_float_lanes(FloatCC::LessThan, F32X4),
            O::F32x4Gt => self.compare_float_lanes(FloatCC::GreaterThan, F32X4),
            O::F32x4Le => self.compare_float_lanes(FloatCC::LessThanOrEqual, F32X4),
            O::F32x4Ge => self.compare_float_lanes(FloatCC::GreaterThanOrEqual, F32X4),
            O::F32x4Abs => self.lanes_unary(C::Fabs, F32X4),
            O::F32x4Neg => self.lanes_unary(C::Fneg, F32X4),
            O::F32x4Ceil => self.lanes_unary(C::Ceil, F32X4),
            O::F32x4Floor => self.lanes_unary(C::Floor, F32X4),
            O::F32x4Trunc => self.lanes_unary(C::Trunc, F32X4),
            O::F32x4Nearest => self.lanes_unary(C::Nearest, F32X4),
            O::F32x4Sqrt => self.lanes_unary(C::Sqrt, F32X4),
            O::F32x4Add => self.lanes_binary(C::Fadd, F32X4),
            O::F32x4Sub => self.lanes_binary(C::Fsub, F32X4),
            O::F32x4Mul => self.lanes_binary(C::Fmul, F32X4),
            O::F32x4Div => self.lanes_binary(C::Fdiv, F32X4),
            O::F32x4Min => self.lanes_binary(C::Fmin, F32X4),
            O::F32x4Max => self.lanes_binary(C::Fmax, F32X4),
            O::F32x4PMin => self.pseudo_min_max(FloatCC::LessThan, F32X4),
            O::F32x4PMax => self.pseudo_min_max(FloatCC::GreaterThan, F32X4),

            O::F64x2Eq => self.compare_float_lanes(FloatCC::Equal, F64X2),
            O::F64x2Ne => self.compare_float_lanes(FloatCC::NotEqual, F64X2),
            O::F64x2Lt => self.compare_float_lanes(FloatCC::LessThan, F64X2),
            O::F64x2Gt => self.compare_float_lanes(FloatCC::GreaterThan, F64X2),
            O::F64x2Le => self.compare_float_lanes(FloatCC::LessThanOrEqual, F64X2),
            O::F64x2Ge => self.compare_float_lanes(FloatCC::GreaterThanOrEqual, F64X2),
            O::F64x2Abs => self.lanes_unary(C::Fabs, F64X2),
            O::F64x2Neg => self.lanes_unary(C::Fneg, F64X2),
            O::F64x2Ceil => self.lanes_unary(C::Ceil, F64X2),
            O::F64x2Floor => self.lanes_unary(C::Floor, F64X2),
            O::F64x2Trunc => self.lanes_unary(C::Trunc, F64X2),
            O::F64x2Nearest => self.lanes_unary(C::Nearest, F64X2),
            O::F64x2Sqrt => self.lanes_unary(C::Sqrt, F64X2),
            O::F64x2Add => self.lanes_binary(C::Fadd, F64X2),
            O::F64x2Sub => self.lanes_binary(C::Fsub, F64X2),
            O::F64x2Mul => self.lanes_binary(C::Fmul, F64X2),
            O::F64x2Div => self.lanes_binary(C::Fdiv, F64X2),
            O::F64x2Min => self.lanes_binary(C::Fmin, F64X2),
            O::F64x2Max => self.lanes_binary(C::Fmax, F64X2),
            O::F64x2PMin => self.pseudo_min_max(FloatCC::LessThan, F64X2),
            O::F64x2PMax => self.pseudo_min_max(FloatCC::GreaterThan, F64X2),

            O::F32x4ConvertI32x4S => self.convert_lanes(C::FcvtFromSint, I32X4, F32X4),
            O::F32x4ConvertI32x4U => self.convert_lanes(C::FcvtFromUint, I32X4, F32X4),
            O::F64x2ConvertLowI32x4S => self.convert_low(Widen::LowS, C::FcvtFromSint),
            O::F64x2ConvertLowI32x4U => self.convert_low(Widen::LowU, C::FcvtFromUint),
            O::I32x4TruncSatF32x4S => self.convert_lanes(C::FcvtToSintSat, F32X4, I32X4),
            O::I32x4TruncSatF32x4U => self.convert_lanes(C::FcvtToUintSat, F32X4, I32X4),
            O::I32x4TruncSatF64x2SZero => self.truncate_low(C::FcvtToSintSat, C::Snarrow),
            O::I32x4TruncSatF64x2UZero => self.truncate_low(C::FcvtToUintSat, C::Uunarrow),
            O::F32x4DemoteF64x2Zero => self.demote(),
            O::F64x2PromoteLowF32x4 => self.promote(),

            ref other => {
                return Err(CompileError::Unsupported(format!(
                    "{} at offset {} of the body",
                    name(other),
                    self.unit.offset
                )));
            }
        }
        Ok(())
    }

    fn pop_lanes(&mut self, ty: Type) -> Value {
        self.values
            .pop_lanes(&mut self.builder, &mut self.flags, ty)
    }

    fn unary_of(&mut self, opcode: C, control: Type, x: Value) -> Value {
        let (inst, dfg) = self.builder.ins().Unary(opcode, control, x);
        dfg.first_result(inst)
    }

    fn binary_of(&mut self, opcode: C, control: Type, x: Value, y: Value) -> Value {
        let (inst, dfg) = self.builder.ins().Binary(opcode, control, x, y);
        dfg.first_result(inst)
    }

    fn lanes_unary(&mut self, opcode: C, ty: Type) {
        let x = self.pop_lanes(ty);
        let result = self.unary_of(opcode, ty, x);
        self.push(result, VECTOR);
    }

    fn pop_two(&mut self, ty: Type) -> (Value, Value) {
        let y = self.pop_lanes(ty);
        let x = self.pop_lanes(ty);
        (x, y)
    }

    fn lanes_binary(&mut self, opcode: C, ty: Type) {
        let (x, y) = self.pop_two(ty);
        let result = self.binary_of(opcode, ty, x, y);
        self.push(result, VECTOR);
    }

    fn vector_const(&mut self, bytes: &[u8; 16]) {
        let constant = self
            .builder
            .func
            .dfg
            .constants
            .insert(bytes.as_slice().into());
        let value = self.builder.ins().vconst(VECTOR, constant);
        self.push(value, VECTOR);
    }

    fn zeros(&mut self, ty: Type) -> Value {
        let constant = self
            .builder
            .func
            .dfg
            .constants
            .insert([0; 16].as_slice().into());
        self.builder.ins().vconst(ty, constant)
    }

    fn shuffle(&mut self, lanes: &[u8; 16]) {
        let (x, y) = self.pop_two(I8X16);
        let mask = self
            .builder
            .func
            .dfg
            .immediates
            .push(lanes.as_slice().into());
        let result = self.builder.ins().shuffle(x, y, mask);
        self.push(result, VECTOR);
    }

    /// Pops a scalar as one lane.
    fn pop_lane(&mut self, lane: Type) -> Value {
        let value = self.pop();
        if lane == I8 || lane == I16 {
            self.builder.ins().ireduce(lane, value)
        } else {
            value
        }
    }

    fn splat(&mut self, lane: Type, ty: Type) {
        let x = self.pop_lane(lane);
        let result = self.builder.ins().splat(ty, x);
        self.push(result, VECTOR);
    }

    fn extract(&mut self, ty: Type, lane: u8, scalar: Type) {
        let x = self.pop_lanes(ty);
        let result = self.builder.ins().extractlane(x, lane);
        self.push(result, scalar);
    }

    fn extract_narrow(&mut self, ty: Type, lane: u8, extend: C) {
        let x = self.pop_lanes(ty);
        let x = self.builder.ins().extractlane(x, lane);
        let result = self.unary_of(extend, I32, x);
        self.push(result, I32);
    }

    fn replace(&mut self, lane_type: Type, ty: Type, lane: u8) {
        let y = self.pop_lane(lane_type);
        let x = self.pop_lanes(ty);
        let result = self.builder.ins().insertlane(x, y, lane);
        self.push(result, VECTOR);
    }

    fn compare_lanes(&mut self, cond: IntCC, ty: Type) {
        let (x, y) = self.pop_two(ty);
        let result = self.builder.ins().icmp(cond, x, y);
        self.push(result, VECTOR);
    }

    fn compare_float_lanes(&mut self, cond: FloatCC, ty: Type) {
        let (x, y) = self.pop_two(ty);
        let result = self.builder.ins().fcmp(cond, x, y);
        self.push(result, VECTOR);
    }

    fn shift_lanes(&mut self, opcode: C, ty: Type) {
        let amount = self.pop();
        let x = self.pop_lanes(ty);
        let result = self.binary_of(opcode, ty, x, amount);
        self.push(result, VECTOR);
    }

    fn any_true(&mut self) {
        let x = self.pop_lanes(VECTOR);
        let result = self.builder.ins().vany_true(x);
        self.push(result, I32);
    }

    fn all_true(&mut self, ty: Type) {
        let x = self.pop_lanes(ty);
        let result = self.builder.ins().vall_true(x);
        self.push(result, I32);
    }

    fn bitmask(&mut self, ty: Type) {
        let x = self.pop_lanes(ty);
        let result = self.builder.ins().vhigh_bits(I32, x);
        self.push(result, I32);
    }

    fn and_not(&mut self) {
        let (x, y) = self.pop_two(VECTOR);
        let result = self.builder.ins().band_not(x, y);
        self.push(result, VECTOR);
    }

    fn bitselect(&mut self) {
        let mask = self.pop_lanes(VECTOR);
        let (x, y) = self.pop_two(VECTOR);
        let result = self.builder.ins().bitselect(mask, x, y);
        self.push(result, VECTOR);
    }

    fn narrow(&mut self, opcode: C, from: Type) {
        self.lanes_binary(opcode, from);
    }

    fn widen(&mut self, how: Widen, from: Type) {
        self.lanes_unary(how.opcode(), from);
    }

    fn widening_mul(&mut self, how: Widen, from: Type) {
        let (x, y) = self.pop_two(from);
        let x = self.unary_of(how.opcode(), from, x);
        let y = self.unary_of(how.opcode(), from, y);
        let result = self.builder.ins().imul(x, y);
        self.push(result, VECTOR);
    }

    fn widening_add(&mut self, low: Widen, high: Widen, from: Type) {
        let x = self.pop_lanes(from);
        let low = self.unary_of(low.opcode(), from, x);
        let high = self.unary_of(high.opcode(), from, x);
        let result = self.builder.ins().iadd_pairwise(low, high);
        self.push(result, VECTOR);
    }

    fn dot(&mut self) {
        let (x, y) = self.pop_two(I16X8);
        let products = [Widen::LowS, Widen::HighS].map(|half| {
            let x = self.unary_of(half.opcode(), I16X8, x);
            let y = self.unary_of(half.opcode(), I16X8, y);
            self.builder.ins().imul(x, y)
        });
        let result = self.builder.ins().iadd_pairwise(products[0], products[1]);
        self.push(result, VECTOR);
    }

    /// The minimum or maximum by one comparison: in each lane the second operand if `cond` holds, otherwise
    /// the first.
    fn pseudo_min_max(&mut self, cond: FloatCC, ty: Type) {
        let (x, y) = self.pop_two(ty);
        let second = self.builder.ins().fcmp(cond, y, x);
        let second = self.builder.ins().bitcast(ty, little(), second);
        let result = self.builder.ins().bitselect(second, y, x);
        self.push(result, VECTOR);
    }

    fn convert_lanes(&mut self, opcode: C, from: Type, to: Type) {
        let x = self.pop_lanes(from);
        let result = self.unary_of(opcode, to, x);
        self.push(result, VECTOR);
    }

    fn convert_low(&mut self, half: Widen, opcode: C) {
        let x = self.pop_lanes(I32X4);
        let wide = self.unary_of(half.opcode(), I32X4, x);
        let result = self.unary_of(opcode, F64X2, wide);
        self.push(result, VECTOR);
    }

    fn truncate_low(&mut self, opcode: C, narrow: C) {
        let x = self.pop_lanes(F64X2);
        let wide = self.unary_of(opcode, I64X2, x);
        let zero = self.zeros(I64X2);
        let result = self.binary_of(narrow, I64X2, wide, zero);
        self.push(result, VECTOR);
    }

    fn demote(&mut self) {
        let x = self.pop_lanes(F64X2);
        let result = self.builder.ins().fvdemote(x);
        self.push(result, VECTOR);
    }

    fn promote(&mut self) {
        let x = self.pop_lanes(F32X4);
        let result = self.builder.ins().fvpromote_low(x);
        self.push(result, VECTOR);
    }

    fn load_widening(&mut self, at: MemArg, opcode: C) {
        // The opcode's controlling type is that of addresses; it determines the lanes of its result itself.
        let value = self.load_value(at, opcode, I64, 8);
        self.push(value, VECTOR);
    }

    fn load_splat(&mut self, at: MemArg, lane: Type, ty: Type) {
        let value = self.load_value(at, C::Load, lane, lane.bytes());
        let value = self.builder.ins().splat(ty, value);
        self.push(value, VECTOR);
    }

    fn load_zero(&mut self, at: MemArg, lane: Type, ty: Type) {
        let value = self.load_value(at, C::Load, lane, lane.bytes());
        let value = self.builder.ins().scalar_to_vector(ty, value);
        self.push(value, VECTOR);
    }

    fn load_lane(&mut self, at: MemArg, lane_type: Type, ty: Type, lane: u8) {
        let vector = self.pop_lanes(ty);
        let value = self.load_value(at, C::Load, lane_type, lane_type.bytes());
        let value = self.builder.ins().insertlane(vector, value, lane);
        self.push(value, VECTOR);
    }

    fn store_lane(&mut self, at: MemArg, ty: Type, lane: u8) {
        let vector = self.pop_lanes(ty);
        let value = self.builder.ins().extractlane(vector, lane);
        self.store_value(at, C::Store, value, ty.lane_type().bytes());
    }
}

fn little() -> MemFlagsData {
    MemFlagsData::new().with_endianness(cranelift_codegen::ir::Endianness::Little)
}

/// The name of an instruction without its immediates.
fn name(operator: &O<'_>) -> String {
    let text = format!("{operator:?}");
    text.split([' ', '{', '('])
        .next()
        .unwrap_or_default()
        .to_string()
}
