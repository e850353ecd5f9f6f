//! Vectors of 128 bits.

use super::Compiler;
use crate::bytecode::decode::{Memarg, Next};
use crate::bytecode::operators::{
    Float, FloatCompare, IntCompare, Shape, Sign, VectorBinary, VectorConvert, VectorShift,
    VectorUnary,
};

impl Compiler<'_> {
    pub(super) fn vector_load(&mut self, _at: Memarg) {
        todo!()
    }
    pub(super) fn vector_store(&mut self, _at: Memarg) {
        todo!()
    }
    pub(super) fn vector_load_extend(&mut self, _bytes: u8, _sign: Sign, _at: Memarg) {
        todo!()
    }
    pub(super) fn vector_load_splat(&mut self, _bytes: u8, _at: Memarg) {
        todo!()
    }
    pub(super) fn vector_load_zero(&mut self, _bytes: u8, _at: Memarg) {
        todo!()
    }
    pub(super) fn vector_load_lane(&mut self, _bytes: u8, _at: Memarg, _lane: u8) {
        todo!()
    }
    pub(super) fn vector_store_lane(&mut self, _bytes: u8, _at: Memarg, _lane: u8) {
        todo!()
    }
    pub(super) fn vector_const(&mut self, _value: [u8; 16]) {
        todo!()
    }
    pub(super) fn splat(&mut self, _shape: Shape) {
        todo!()
    }
    pub(super) fn extract_lane(&mut self, _shape: Shape, _sign: Sign, _lane: u8) {
        todo!()
    }
    pub(super) fn replace_lane(&mut self, _shape: Shape, _lane: u8) {
        todo!()
    }
    pub(super) fn any_true(&mut self, _next: Next) {
        todo!()
    }
    pub(super) fn all_true(&mut self, _shape: Shape, _next: Next) {
        todo!()
    }
    pub(super) fn bitmask(&mut self, _shape: Shape) {
        todo!()
    }
    pub(super) fn shuffle(&mut self, _lanes: [u8; 16]) {
        todo!()
    }
    pub(super) fn swizzle(&mut self) {
        todo!()
    }
    pub(super) fn bitselect(&mut self) {
        todo!()
    }
    pub(super) fn vector_unary(&mut self, _operation: VectorUnary) {
        todo!()
    }
    pub(super) fn vector_binary(&mut self, _operation: VectorBinary) {
        todo!()
    }
    pub(super) fn vector_shift(&mut self, _operation: VectorShift) {
        todo!()
    }
    pub(super) fn vector_int_compare(&mut self, _shape: Shape, _operation: IntCompare) {
        todo!()
    }
    pub(super) fn vector_float_compare(&mut self, _ty: Float, _operation: FloatCompare) {
        todo!()
    }
    pub(super) fn vector_convert(&mut self, _operation: VectorConvert) {
        todo!()
    }
}
