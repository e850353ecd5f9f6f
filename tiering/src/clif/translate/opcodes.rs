//! The table of instructions: one line for each says which family does it and with what.
//!
//! Absent: how anything is done, and the vector instructions, which have their own table in `simd`.

use super::Translator;
use crate::compiled::CompileError;
use cranelift_codegen::ir::Opcode as C;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F32, F64, I8, I16, I32, I64};
use engine::ids::{FuncIndex, GlobalIndex, TableIndex, TypeIndex};
use engine::libcalls::Libcall;
use wasmparser::Operator as O;

impl Translator<'_, '_> {
    /// Translates an instruction that can be reached.
    pub(super) fn operator(&mut self, operator: &O<'_>) -> Result<(), CompileError> {
        match *operator {
            O::Nop => {}
            O::Unreachable => self.unreachable(),
            O::Block { blockty } => self.block(blockty),
            O::Loop { blockty } => self.loop_(blockty),
            O::If { blockty } => self.if_(blockty),
            O::Else => self.else_(),
            O::End => self.end(),
            O::Br { relative_depth } => self.br(relative_depth),
            O::BrIf { relative_depth } => self.br_if(relative_depth),
            O::BrTable { ref targets } => self.br_table(targets)?,
            O::Return => self.return_(),
            O::Call { function_index } => self.call(FuncIndex(function_index), false)?,
            O::ReturnCall { function_index } => self.call(FuncIndex(function_index), true)?,
            O::CallIndirect {
                type_index,
                table_index,
            } => self.call_indirect(TableIndex(table_index), TypeIndex(type_index), false)?,
            O::ReturnCallIndirect {
                type_index,
                table_index,
            } => self.call_indirect(TableIndex(table_index), TypeIndex(type_index), true)?,
            O::Drop => self.v.drop_top(),
            O::Select | O::TypedSelect { .. } => self.select(),

            O::LocalGet { local_index } => self.local_get(local_index),
            O::LocalSet { local_index } => self.local_set(local_index),
            O::LocalTee { local_index } => self.local_tee(local_index),
            O::GlobalGet { global_index } => self.global_get(GlobalIndex(global_index)),
            O::GlobalSet { global_index } => self.global_set(GlobalIndex(global_index)),
            O::I32Const { value } => self.v.push_const(i64::from(value as u32), I32),
            O::I64Const { value } => self.v.push_const(value, I64),
            O::F32Const { value } => self.f32_const(value.bits()),
            O::F64Const { value } => self.f64_const(value.bits()),

            O::RefNull { .. } => self.v.push_const(0, I64),
            O::RefIsNull => self.ref_is_null(),
            O::RefFunc { function_index } => self.ref_func(FuncIndex(function_index)),
            O::TableGet { table } => self.table_get(TableIndex(table)),
            O::TableSet { table } => self.table_set(TableIndex(table)),
            O::TableSize { table } => self.table_size(TableIndex(table)),
            O::TableGrow { table } => self.table_grow(TableIndex(table)),
            O::TableFill { table } => self.table_fill(TableIndex(table)),
            O::TableCopy {
                dst_table,
                src_table,
            } => self.table_copy(dst_table, src_table),
            O::TableInit { elem_index, table } => self.table_init(table, elem_index),
            O::ElemDrop { elem_index } => self.drop_segment(Libcall::ElemDrop, elem_index),

            O::I32Load { memarg } => self.load(memarg, C::Load, I32, 4),
            O::I64Load { memarg } => self.load(memarg, C::Load, I64, 8),
            O::F32Load { memarg } => self.load(memarg, C::Load, F32, 4),
            O::F64Load { memarg } => self.load(memarg, C::Load, F64, 8),
            O::I32Load8S { memarg } => self.load(memarg, C::Sload8, I32, 1),
            O::I32Load8U { memarg } => self.load(memarg, C::Uload8, I32, 1),
            O::I32Load16S { memarg } => self.load(memarg, C::Sload16, I32, 2),
            O::I32Load16U { memarg } => self.load(memarg, C::Uload16, I32, 2),
            O::I64Load8S { memarg } => self.load(memarg, C::Sload8, I64, 1),
            O::I64Load8U { memarg } => self.load(memarg, C::Uload8, I64, 1),
            O::I64Load16S { memarg } => self.load(memarg, C::Sload16, I64, 2),
            O::I64Load16U { memarg } => self.load(memarg, C::Uload16, I64, 2),
            O::I64Load32S { memarg } => self.load(memarg, C::Sload32, I64, 4),
            O::I64Load32U { memarg } => self.load(memarg, C::Uload32, I64, 4),
            O::I32Store { memarg } => self.store(memarg, C::Store, 4),
            O::I64Store { memarg } => self.store(memarg, C::Store, 8),
            O::F32Store { memarg } => self.store(memarg, C::Store, 4),
            O::F64Store { memarg } => self.store(memarg, C::Store, 8),
            O::I32Store8 { memarg } => self.store(memarg, C::Istore8, 1),
            O::I32Store16 { memarg } => self.store(memarg, C::Istore16, 2),
            O::I64Store8 { memarg } => self.store(memarg, C::Istore8, 1),
            O::I64Store16 { memarg } => self.store(memarg, C::Istore16, 2),
            O::I64Store32 { memarg } => self.store(memarg, C::Istore32, 4),
            O::MemorySize { mem } => self.memory_size(mem),
            O::MemoryGrow { mem } => self.memory_grow(mem),
            O::MemoryFill { mem } => self.memory_fill(mem),
            O::MemoryCopy { dst_mem, src_mem } => self.memory_copy(dst_mem, src_mem),
            O::MemoryInit { data_index, mem } => {
                self.range_libcall(Libcall::MemoryInit, mem, data_index)
            }
            O::DataDrop { data_index } => self.drop_segment(Libcall::DataDrop, data_index),

            O::I32Eqz => self.is_zero(),
            O::I32Eq => self.compare(IntCC::Equal),
            O::I32Ne => self.compare(IntCC::NotEqual),
            O::I32LtS => self.compare(IntCC::SignedLessThan),
            O::I32LtU => self.compare(IntCC::UnsignedLessThan),
            O::I32GtS => self.compare(IntCC::SignedGreaterThan),
            O::I32GtU => self.compare(IntCC::UnsignedGreaterThan),
            O::I32LeS => self.compare(IntCC::SignedLessThanOrEqual),
            O::I32LeU => self.compare(IntCC::UnsignedLessThanOrEqual),
            O::I32GeS => self.compare(IntCC::SignedGreaterThanOrEqual),
            O::I32GeU => self.compare(IntCC::UnsignedGreaterThanOrEqual),
            O::I32Clz => self.unary(C::Clz, I32),
            O::I32Ctz => self.unary(C::Ctz, I32),
            O::I32Popcnt => self.unary(C::Popcnt, I32),
            O::I32Add => self.binary(C::Iadd, I32),
            O::I32Sub => self.binary(C::Isub, I32),
            O::I32Mul => self.binary(C::Imul, I32),
            O::I32And => self.binary(C::Band, I32),
            O::I32Or => self.binary(C::Bor, I32),
            O::I32Xor => self.binary(C::Bxor, I32),
            O::I32Shl => self.binary(C::Ishl, I32),
            O::I32ShrS => self.binary(C::Sshr, I32),
            O::I32ShrU => self.binary(C::Ushr, I32),
            O::I32Rotl => self.binary(C::Rotl, I32),
            O::I32Rotr => self.binary(C::Rotr, I32),
            O::I32DivS => self.dividing(C::Sdiv, I32),
            O::I32DivU => self.dividing(C::Udiv, I32),
            O::I32RemS => self.dividing(C::Srem, I32),
            O::I32RemU => self.dividing(C::Urem, I32),
            O::I32Extend8S => self.extend_sign(I8, I32),
            O::I32Extend16S => self.extend_sign(I16, I32),

            O::I64Eqz => self.is_zero(),
            O::I64Eq => self.compare(IntCC::Equal),
            O::I64Ne => self.compare(IntCC::NotEqual),
            O::I64LtS => self.compare(IntCC::SignedLessThan),
            O::I64LtU => self.compare(IntCC::UnsignedLessThan),
            O::I64GtS => self.compare(IntCC::SignedGreaterThan),
            O::I64GtU => self.compare(IntCC::UnsignedGreaterThan),
            O::I64LeS => self.compare(IntCC::SignedLessThanOrEqual),
            O::I64LeU => self.compare(IntCC::UnsignedLessThanOrEqual),
            O::I64GeS => self.compare(IntCC::SignedGreaterThanOrEqual),
            O::I64GeU => self.compare(IntCC::UnsignedGreaterThanOrEqual),
            O::I64Clz => self.unary(C::Clz, I64),
            O::I64Ctz => self.unary(C::Ctz, I64),
            O::I64Popcnt => self.unary(C::Popcnt, I64),
            O::I64Add => self.binary(C::Iadd, I64),
            O::I64Sub => self.binary(C::Isub, I64),
            O::I64Mul => self.binary(C::Imul, I64),
            O::I64And => self.binary(C::Band, I64),
            O::I64Or => self.binary(C::Bor, I64),
            O::I64Xor => self.binary(C::Bxor, I64),
            O::I64Shl => self.binary(C::Ishl, I64),
            O::I64ShrS => self.binary(C::Sshr, I64),
            O::I64ShrU => self.binary(C::Ushr, I64),
            O::I64Rotl => self.binary(C::Rotl, I64),
            O::I64Rotr => self.binary(C::Rotr, I64),
            O::I64DivS => self.dividing(C::Sdiv, I64),
            O::I64DivU => self.dividing(C::Udiv, I64),
            O::I64RemS => self.dividing(C::Srem, I64),
            O::I64RemU => self.dividing(C::Urem, I64),
            O::I64Extend8S => self.extend_sign(I8, I64),
            O::I64Extend16S => self.extend_sign(I16, I64),
            O::I64Extend32S => self.extend_sign(I32, I64),
            O::I32WrapI64 => self.convert(C::Ireduce, I32),
            O::I64ExtendI32S => self.convert(C::Sextend, I64),
            O::I64ExtendI32U => self.convert(C::Uextend, I64),

            O::F32Eq => self.compare_floats(FloatCC::Equal),
            O::F32Ne => self.compare_floats(FloatCC::NotEqual),
            O::F32Lt => self.compare_floats(FloatCC::LessThan),
            O::F32Gt => self.compare_floats(FloatCC::GreaterThan),
            O::F32Le => self.compare_floats(FloatCC::LessThanOrEqual),
            O::F32Ge => self.compare_floats(FloatCC::GreaterThanOrEqual),
            O::F32Abs => self.unary(C::Fabs, F32),
            O::F32Neg => self.unary(C::Fneg, F32),
            O::F32Ceil => self.unary(C::Ceil, F32),
            O::F32Floor => self.unary(C::Floor, F32),
            O::F32Trunc => self.unary(C::Trunc, F32),
            O::F32Nearest => self.unary(C::Nearest, F32),
            O::F32Sqrt => self.unary(C::Sqrt, F32),
            O::F32Add => self.binary(C::Fadd, F32),
            O::F32Sub => self.binary(C::Fsub, F32),
            O::F32Mul => self.binary(C::Fmul, F32),
            O::F32Div => self.binary(C::Fdiv, F32),
            O::F32Min => self.binary(C::Fmin, F32),
            O::F32Max => self.binary(C::Fmax, F32),
            O::F32Copysign => self.binary(C::Fcopysign, F32),

            O::F64Eq => self.compare_floats(FloatCC::Equal),
            O::F64Ne => self.compare_floats(FloatCC::NotEqual),
            O::F64Lt => self.compare_floats(FloatCC::LessThan),
            O::F64Gt => self.compare_floats(FloatCC::GreaterThan),
            O::F64Le => self.compare_floats(FloatCC::LessThanOrEqual),
            O::F64Ge => self.compare_floats(FloatCC::GreaterThanOrEqual),
            O::F64Abs => self.unary(C::Fabs, F64),
            O::F64Neg => self.unary(C::Fneg, F64),
            O::F64Ceil => self.unary(C::Ceil, F64),
            O::F64Floor => self.unary(C::Floor, F64),
            O::F64Trunc => self.unary(C::Trunc, F64),
            O::F64Nearest => self.unary(C::Nearest, F64),
            O::F64Sqrt => self.unary(C::Sqrt, F64),
            O::F64Add => self.binary(C::Fadd, F64),
            O::F64Sub => self.binary(C::Fsub, F64),
            O::F64Mul => self.binary(C::Fmul, F64),
            O::F64Div => self.binary(C::Fdiv, F64),
            O::F64Min => self.binary(C::Fmin, F64),
            O::F64Max => self.binary(C::Fmax, F64),
            O::F64Copysign => self.binary(C::Fcopysign, F64),

            O::I32TruncF32S => self.truncate(C::FcvtToSint, I32),
            O::I32TruncSatF32S => self.convert(C::FcvtToSintSat, I32),
            O::F32ConvertI32S => self.convert(C::FcvtFromSint, F32),
            O::I32TruncF32U => self.truncate(C::FcvtToUint, I32),
            O::I32TruncSatF32U => self.convert(C::FcvtToUintSat, I32),
            O::F32ConvertI32U => self.convert(C::FcvtFromUint, F32),
            O::I32TruncF64S => self.truncate(C::FcvtToSint, I32),
            O::I32TruncSatF64S => self.convert(C::FcvtToSintSat, I32),
            O::F64ConvertI32S => self.convert(C::FcvtFromSint, F64),
            O::I32TruncF64U => self.truncate(C::FcvtToUint, I32),
            O::I32TruncSatF64U => self.convert(C::FcvtToUintSat, I32),
            O::F64ConvertI32U => self.convert(C::FcvtFromUint, F64),
            O::I64TruncF32S => self.truncate(C::FcvtToSint, I64),
            O::I64TruncSatF32S => self.convert(C::FcvtToSintSat, I64),
            O::F32ConvertI64S => self.convert(C::FcvtFromSint, F32),
            O::I64TruncF32U => self.truncate(C::FcvtToUint, I64),
            O::I64TruncSatF32U => self.convert(C::FcvtToUintSat, I64),
            O::F32ConvertI64U => self.convert(C::FcvtFromUint, F32),
            O::I64TruncF64S => self.truncate(C::FcvtToSint, I64),
            O::I64TruncSatF64S => self.convert(C::FcvtToSintSat, I64),
            O::F64ConvertI64S => self.convert(C::FcvtFromSint, F64),
            O::I64TruncF64U => self.truncate(C::FcvtToUint, I64),
            O::I64TruncSatF64U => self.convert(C::FcvtToUintSat, I64),
            O::F64ConvertI64U => self.convert(C::FcvtFromUint, F64),
            O::F32DemoteF64 => self.convert(C::Fdemote, F32),
            O::F64PromoteF32 => self.convert(C::Fpromote, F64),
            O::I32ReinterpretF32 => self.reinterpret(I32),
            O::I64ReinterpretF64 => self.reinterpret(I64),
            O::F32ReinterpretI32 => self.reinterpret(F32),
            O::F64ReinterpretI64 => self.reinterpret(F64),

            ref other => return self.vector_operator(other),
        }
        Ok(())
    }

    fn local_get(&mut self, index: u32) {
        let value = self.v.get_local(&mut self.b, &mut self.flags, index);
        let ty = self.v.local_type(index);
        self.push(value, ty);
    }

    fn local_set(&mut self, index: u32) {
        let value = self.pop();
        self.v.set_local(&mut self.b, &mut self.flags, index, value);
    }

    fn local_tee(&mut self, index: u32) {
        let value = self.pop();
        self.v.set_local(&mut self.b, &mut self.flags, index, value);
        let ty = self.v.local_type(index);
        self.push(value, ty);
    }
}
