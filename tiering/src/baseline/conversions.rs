//! Conversions between integers and floats, and between floats.

use super::Compiler;
use crate::bytecode::operators::{Float, Int, Sign};

impl Compiler<'_> {
    pub(super) fn truncate(&mut self, _to: Int, _from: Float, _sign: Sign) {
        todo!()
    }
    pub(super) fn truncate_saturating(&mut self, _to: Int, _from: Float, _sign: Sign) {
        todo!()
    }
    pub(super) fn convert(&mut self, _to: Float, _from: Int, _sign: Sign) {
        todo!()
    }
    pub(super) fn demote(&mut self) {
        todo!()
    }
    pub(super) fn promote(&mut self) {
        todo!()
    }
    pub(super) fn reinterpret_as_int(&mut self, _to: Int) {
        todo!()
    }
    pub(super) fn reinterpret_as_float(&mut self, _to: Float) {
        todo!()
    }
}
