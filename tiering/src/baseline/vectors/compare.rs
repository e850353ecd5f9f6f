//! Comparisons of vectors: each lane of the result is all ones or zero.

use super::super::Compiler;
use super::super::asm::{Binary, BinaryImm};
use super::super::floats::by_type;
use super::super::machine::XSCRATCH;
use super::equal;
use crate::bytecode::operators::{Float, FloatCompare, IntCompare, Shape};

fn greater(shape: Shape) -> Binary {
    match shape {
        Shape::I8x16 => Binary::PCMPGTB,
        Shape::I16x8 => Binary::PCMPGTW,
        Shape::I32x4 | Shape::F32x4 => Binary::PCMPGTD,
        Shape::I64x2 | Shape::F64x2 => Binary::PCMPGTQ,
    }
}

fn lowest_unsigned(shape: Shape) -> Binary {
    match shape {
        Shape::I8x16 => Binary::PMINUB,
        Shape::I16x8 => Binary::PMINUW,
        _ => Binary::PMINUD,
    }
}

fn highest_unsigned(shape: Shape) -> Binary {
    match shape {
        Shape::I8x16 => Binary::PMAXUB,
        Shape::I16x8 => Binary::PMAXUW,
        _ => Binary::PMAXUD,
    }
}

impl Compiler<'_> {
    pub(in super::super) fn vector_int_compare(&mut self, shape: Shape, operation: IntCompare) {
        let (result, a, b) = self.pop_two();
        let (equal, greater) = (equal(shape), greater(shape));
        match operation {
            IntCompare::Eq | IntCompare::Ne => self.xop(equal, result, a, b),
            IntCompare::GtS | IntCompare::LeS => self.xop(greater, result, a, b),
            IntCompare::LtS | IntCompare::GeS => {
                self.xop(greater, XSCRATCH, b, a);
                self.copy(result, XSCRATCH);
            }
            // The lower of both is the first one, or the higher one is.
            IntCompare::LeU | IntCompare::GtU => {
                self.xop(lowest_unsigned(shape), XSCRATCH, b, a);
                self.xop(equal, result, a, XSCRATCH);
            }
            IntCompare::GeU | IntCompare::LtU => {
                self.xop(highest_unsigned(shape), XSCRATCH, b, a);
                self.xop(equal, result, a, XSCRATCH);
            }
        }
        let negated = matches!(
            operation,
            IntCompare::Ne | IntCompare::LeS | IntCompare::GeS | IntCompare::GtU | IntCompare::LtU
        );
        if negated {
            self.ones(XSCRATCH);
            self.xop(Binary::PXOR, result, result, XSCRATCH);
        }
        self.push_vector(result);
    }

    pub(in super::super) fn vector_float_compare(&mut self, ty: Float, operation: FloatCompare) {
        let (result, a, b) = self.pop_two();
        let op = by_type(ty, BinaryImm::CMPPS, BinaryImm::CMPPD);
        // Predicates of the instruction; the others are these with the operands exchanged.
        const EQUAL: u8 = 0;
        const LESS: u8 = 1;
        const LESS_OR_EQUAL: u8 = 2;
        const NOT_EQUAL: u8 = 4;
        match operation {
            FloatCompare::Eq => self.xop_imm(op, result, a, b, EQUAL),
            FloatCompare::Ne => self.xop_imm(op, result, a, b, NOT_EQUAL),
            FloatCompare::Lt => self.xop_imm(op, result, a, b, LESS),
            FloatCompare::Le => self.xop_imm(op, result, a, b, LESS_OR_EQUAL),
            FloatCompare::Gt => {
                self.xop_imm(op, XSCRATCH, b, a, LESS);
                self.copy(result, XSCRATCH);
            }
            FloatCompare::Ge => {
                self.xop_imm(op, XSCRATCH, b, a, LESS_OR_EQUAL);
                self.copy(result, XSCRATCH);
            }
        }
        self.push_vector(result);
    }
}
