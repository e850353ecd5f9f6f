//! Values of vectors, and numbers that are computed from vectors.

use super::Feature;
use super::body::Body;
use super::operators::{VECTORS, Vector};
use wasm_encoder::ValType;
use wasm_encoder::ValType::{F32, F64, I32, V128};

impl Body<'_> {
    /// An operator whose shape is accepted: each opcode is as likely as any other.
    fn vector_operator(&mut self, accepted: impl Fn(Vector) -> bool) -> (u32, Vector) {
        let rows = VECTORS.iter().filter(|(_, _, shape)| accepted(*shape));
        let all: Vec<(u32, Vector)> = rows
            .flat_map(|(first, last, shape)| (*first..=*last).map(|opcode| (opcode, *shape)))
            .collect();
        self.pick(&all)
    }

    /// Pushes a number that is computed from a vector.
    pub(super) fn vector_to(&mut self, ty: ValType, depth: u32) {
        let (opcode, shape) = self.vector_operator(|shape| match shape {
            Vector::Extract(to, _) => to == ty,
            Vector::Test => ty == I32,
            _ => false,
        });
        self.value(V128, depth, false);
        self.vector_op(opcode);
        if let Vector::Extract(_, lanes) = shape {
            self.lane(lanes);
        }
    }

    fn lane(&mut self, lanes: u8) {
        let lane = self.below(u64::from(lanes)) as u8;
        self.raw(&[lane]);
    }

    /// Pushes a vector.
    pub(super) fn vector(&mut self, depth: u32) {
        self.plan.note(Feature::Vectors);
        let (opcode, shape) = self.vector_operator(|shape| {
            !matches!(
                shape,
                Vector::Extract(..) | Vector::Test | Vector::Store | Vector::StoreLane(_)
            )
        });
        match shape {
            Vector::Unary | Vector::Unary32 | Vector::Unary64 => {
                self.value(V128, depth, false);
                self.vector_op(opcode);
            }
            Vector::Binary | Vector::Binary32 | Vector::Binary64 => {
                self.value(V128, depth, false);
                self.value(V128, depth, false);
                self.vector_op(opcode);
            }
            Vector::Shift => {
                self.value(V128, depth, false);
                if self.one_in(2) {
                    self.constant(I32);
                } else {
                    self.value(I32, depth, false);
                }
                self.vector_op(opcode);
            }
            Vector::Bitselect => {
                self.value(V128, depth, false);
                self.value(V128, depth, false);
                self.value(V128, depth, false);
                self.vector_op(opcode);
            }
            Vector::Shuffle => {
                self.value(V128, depth, false);
                self.value(V128, depth, false);
                self.vector_op(opcode);
                for _ in 0..16 {
                    self.lane(32);
                }
            }
            Vector::Load(width) => {
                let offset = self.address(depth);
                self.vector_op(opcode);
                self.memory_operand(width, offset);
            }
            Vector::LoadLane(width) => {
                let offset = self.address(depth);
                self.value(V128, depth, false);
                self.vector_op(opcode);
                self.memory_operand(width, offset);
                self.lane(16 >> width);
            }
            Vector::Splat(ty) => {
                self.value(ty, depth, true);
                self.vector_op(opcode);
            }
            Vector::Replace(ty, lanes) => {
                self.value(V128, depth, false);
                self.value(ty, depth, true);
                self.vector_op(opcode);
                self.lane(lanes);
            }
            Vector::Extract(..) | Vector::Test | Vector::Store | Vector::StoreLane(_) => {
                unreachable!("pushes no vector")
            }
        }
        match shape {
            Vector::Unary32 | Vector::Binary32 => self.clean_lanes(F32),
            Vector::Unary64 | Vector::Binary64 => self.clean_lanes(F64),
            _ => {}
        }
    }
}
