//! Integer arithmetic, comparisons and conversions between integers; and the unary and binary operations
//! that floats and vectors also use.

use super::Translator;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Opcode, Type, types};

impl Translator<'_, '_> {
    /// An instruction with one operand and a result of the same type.
    pub(super) fn unary(&mut self, opcode: Opcode, ty: Type) {
        let x = self.pop();
        let (inst, dfg) = self.builder.ins().Unary(opcode, ty, x);
        let result = dfg.first_result(inst);
        self.push(result, ty);
    }

    /// An instruction with two operands and a result, all of one type.
    pub(super) fn binary(&mut self, opcode: Opcode, ty: Type) {
        let y = self.pop();
        let x = self.pop();
        let (inst, dfg) = self.builder.ins().Binary(opcode, ty, x, y);
        let result = dfg.first_result(inst);
        self.push(result, ty);
    }

    /// The same for an instruction that can trap: division and remainder.
    pub(super) fn dividing(&mut self, opcode: Opcode, ty: Type) {
        self.mark();
        self.binary(opcode, ty);
    }

    pub(super) fn compare(&mut self, cond: IntCC) {
        let y = self.pop();
        let x = self.pop();
        let result = self.builder.ins().icmp(cond, x, y);
        self.push(result, types::I32);
    }

    pub(super) fn eqz(&mut self) {
        let x = self.values.pop_raw(&mut self.builder, &mut self.flags);
        self.values.push_eqz(x);
    }

    /// A conversion between types, by an instruction with one operand.
    pub(super) fn convert(&mut self, opcode: Opcode, to: Type) {
        let x = self.pop();
        let (inst, dfg) = self.builder.ins().Unary(opcode, to, x);
        let result = dfg.first_result(inst);
        self.push(result, to);
    }

    /// Sign-extends the lowest bits, as many as `from` has.
    pub(super) fn extend_sign(&mut self, from: Type, ty: Type) {
        let x = self.pop();
        let low = self.builder.ins().ireduce(from, x);
        let result = self.builder.ins().sextend(ty, low);
        self.push(result, ty);
    }
}
