//! Float constants and arithmetic.

use super::Compiler;
use super::values::Ty;
use crate::bytecode::operators::{Float, FloatBinary, FloatUnary};

impl Compiler<'_> {
    pub(super) fn f32_const(&mut self, bits: u32) {
        self.push_const(Ty::F32, u64::from(bits));
    }

    pub(super) fn f64_const(&mut self, bits: u64) {
        self.push_const(Ty::F64, bits);
    }

    pub(super) fn float_unary(&mut self, _ty: Float, _operation: FloatUnary) {
        todo!()
    }

    pub(super) fn float_binary(&mut self, _ty: Float, _operation: FloatBinary) {
        todo!()
    }
}
