//! Comparisons of floats, and conversions that can trap or that keep the bits. Arithmetic uses the unary
//! and binary operations of `integer`.

use super::Translator;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Opcode, Type, types};

impl Translator<'_, '_> {
    pub(super) fn f32_const(&mut self, bits: u32) {
        let value = self.builder.ins().f32const(Ieee32::with_bits(bits));
        self.push(value, types::F32);
    }

    pub(super) fn f64_const(&mut self, bits: u64) {
        let value = self.builder.ins().f64const(Ieee64::with_bits(bits));
        self.push(value, types::F64);
    }

    pub(super) fn compare_floats(&mut self, cond: FloatCC) {
        let y = self.pop();
        let x = self.pop();
        let result = self.builder.ins().fcmp(cond, x, y);
        self.push(result, types::I32);
    }

    /// Converts a float to an integer, and traps if there is no integer for it.
    pub(super) fn truncate(&mut self, opcode: Opcode, to: Type) {
        self.mark();
        self.convert(opcode, to);
    }

    /// Converts to another type with the same bits.
    pub(super) fn reinterpret(&mut self, to: Type) {
        let x = self.pop();
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        let result = self.builder.ins().bitcast(to, flags, x);
        self.push(result, to);
    }
}
