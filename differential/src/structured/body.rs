//! The body of one function while it is made: its bytes, the spans of which it consists, its locals and
//! labels. `values` and `statements` add to it.
//!
//! Everything is made to size: whoever wants values of some types gets code that pushes exactly these, and a
//! statement leaves the stack as it was. So any statement may come between any two operands, and bodies are
//! valid without being checked.
//!
//! A float is *clean* if its bits are the same in every engine. What computes floats may leave any NaN, and
//! that can travel through locals, blocks and internal calls. Where bits become visible (memories, globals,
//! the host, lanes of vectors), clean values are asked for, and [`Body::clean`] makes a NaN the canonical
//! one. Vectors are always clean.

use super::plan::Plan;
use crate::value::Sequence;
use wasm_encoder::ValType::{F32, F64, I32, I64, V128};
use wasm_encoder::{Encode as _, Instruction, ValType};

/// A part of a body that can be replaced as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The values that it pushes. Those of a statement are none.
    pub(super) types: Vec<ValType>,
}

/// A label to which a branch may go.
#[derive(Clone)]
pub(super) struct Label {
    /// The values that a branch carries.
    pub(super) types: Vec<ValType>,
    /// The local that counts the trips of a loop. Branches to a loop without one never end.
    pub(super) counter: Option<u32>,
    pub(super) is_loop: bool,
    /// Whether the values must be clean.
    pub(super) clean: bool,
}

/// A body being made.
pub(super) struct Body<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) sequence: Sequence,
    pub(super) code: Vec<u8>,
    pub(super) spans: Vec<Span>,
    /// Parameters first.
    pub(super) locals: Vec<ValType>,
    /// Locals that may be read anywhere.
    pub(super) readable: Vec<u32>,
    /// Locals that may be written anywhere. The counters of loops are not.
    pub(super) writable: Vec<u32>,
    /// Innermost last; the first is the function's.
    pub(super) labels: Vec<Label>,
    /// How many more values and statements may be made. Then only the simplest are.
    pub(super) budget: i32,
    /// How many loops are around.
    pub(super) loops: u32,
    /// The index of the function, which may call itself.
    pub(super) index: u32,
    /// For each type, the local in which a value waits to be made clean. Not to be read elsewhere.
    scratch: Vec<(ValType, u32)>,
}

/// What remains of a body.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// The types of the locals, without parameters.
    pub(super) locals: Vec<ValType>,
    pub(super) code: Vec<u8>,
    pub(super) spans: Vec<Span>,
}

impl<'a> Body<'a> {
    /// Makes the body of the function at this index.
    pub(super) fn make(
        plan: &'a mut Plan,
        sequence: Sequence,
        index: u32,
        is_entry: bool,
        budget: i32,
    ) -> Made {
        let signature = plan.signature_of(index).clone();
        let params = signature.params.len();
        let mut body = Body {
            plan,
            sequence,
            code: Vec::new(),
            spans: Vec::new(),
            locals: signature.params.clone(),
            readable: (0..params as u32).collect(),
            writable: (0..params as u32).collect(),
            labels: vec![Label {
                types: signature.results.clone(),
                counter: None,
                is_loop: false,
                clean: is_entry,
            }],
            budget,
            loops: 0,
            index,
            scratch: Vec::new(),
        };
        body.declare_locals();
        body.span(&signature.results, |body| {
            body.fuel(is_entry, &signature.results);
            let statements = 2 + body.below(6);
            body.statements(statements as usize, 4);
            body.results(&signature.results, is_entry);
        });
        body.op(&Instruction::End);
        Made {
            locals: body.locals.split_off(params),
            code: body.code,
            spans: body.spans,
        }
    }

    /// Few locals, more than there are registers, or hundreds; of one kind or of all.
    fn declare_locals(&mut self) {
        let count = match self.below(8) {
            0 => 0,
            1..=3 => 1 + self.below(6),
            4..=6 => 8 + self.below(20),
            _ => 40 + self.below(260),
        };
        let kinds = match self.below(5) {
            0 => Some(vec![I32, I64]),
            1 => Some(vec![F32, F64]),
            2 => Some(vec![I32, F64]),
            _ => None,
        };
        for _ in 0..count {
            let ty = match &kinds {
                Some(kinds) => kinds[self.below(kinds.len() as u64) as usize],
                None => self.any_type(),
            };
            let local = self.new_local(ty);
            self.readable.push(local);
            self.writable.push(local);
        }
    }

    /// An entry gets fuel, every other function uses some, or returns at once if there is none: so recursion
    /// and calls in loops end.
    fn fuel(&mut self, is_entry: bool, results: &[ValType]) {
        let fuel = self.plan.fuel;
        if is_entry {
            let amount = 3 + self.below(30) as i32;
            self.op(&Instruction::I32Const(amount));
            self.op(&Instruction::GlobalSet(fuel));
            return;
        }
        self.op(&Instruction::GlobalGet(fuel));
        self.op(&Instruction::I32Eqz);
        self.op(&Instruction::If(wasm_encoder::BlockType::Empty));
        for ty in results {
            self.zero(*ty);
        }
        self.op(&Instruction::Return);
        self.op(&Instruction::End);
        self.op(&Instruction::GlobalGet(fuel));
        self.op(&Instruction::I32Const(1));
        self.op(&Instruction::I32Sub);
        self.op(&Instruction::GlobalSet(fuel));
    }

    // Choices.

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        (self.sequence.number() >> 16) % limit
    }

    /// Whether something happens that happens once in so many times.
    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Whether to make something that traps or may trap.
    pub(super) fn hazard(&mut self) -> bool {
        match self.plan.hazard {
            0 => false,
            times => self.one_in(times),
        }
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    pub(super) fn any_type(&mut self) -> ValType {
        let number = self.below(32);
        super::plan::type_of(number, self.plan.vectors)
    }

    pub(super) fn number_type(&mut self) -> ValType {
        self.pick(&[I32, I32, I64, F32, F64])
    }

    /// Up to so many types.
    pub(super) fn some_types(&mut self, limit: u64) -> Vec<ValType> {
        let count = self.below(limit + 1);
        (0..count).map(|_| self.any_type()).collect()
    }

    // Emitting.

    pub(super) fn op(&mut self, instruction: &Instruction<'_>) {
        instruction.encode(&mut self.code);
    }

    pub(super) fn raw(&mut self, code: &[u8]) {
        self.code.extend_from_slice(code);
    }

    pub(super) fn leb(&mut self, number: u32) {
        number.encode(&mut self.code);
    }

    pub(super) fn vector_op(&mut self, opcode: u32) {
        self.code.push(0xFD);
        self.leb(opcode);
    }

    /// Notes that what is emitted meanwhile can be replaced as a whole.
    pub(super) fn span(&mut self, types: &[ValType], emit: impl FnOnce(&mut Self)) {
        let start = self.code.len();
        emit(self);
        self.spans.push(Span {
            start,
            end: self.code.len(),
            types: types.to_vec(),
        });
    }

    /// The simplest value of a type.
    pub(super) fn zero(&mut self, ty: ValType) {
        zero(ty).encode(&mut self.code);
    }

    // Locals.

    pub(super) fn new_local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.locals.len() as u32 - 1
    }

    /// A local of a type from a list. Some are used much more often than others, so that they are in
    /// registers, and are still wanted when they are written.
    fn local_from(&mut self, locals: &[u32], ty: ValType) -> Option<u32> {
        let fitting: Vec<u32> = locals
            .iter()
            .copied()
            .filter(|local| self.locals[*local as usize] == ty)
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let few = if self.one_in(4) { fitting.len() } else { 4 };
        Some(self.pick(&fitting[..few.min(fitting.len())]))
    }

    pub(super) fn readable_local(&mut self, ty: ValType) -> Option<u32> {
        let locals = std::mem::take(&mut self.readable);
        let found = self.local_from(&locals, ty);
        self.readable = locals;
        found
    }

    pub(super) fn writable_local(&mut self, ty: ValType) -> Option<u32> {
        let locals = std::mem::take(&mut self.writable);
        let found = self.local_from(&locals, ty);
        self.writable = locals;
        found
    }

    /// A local of any type that may be written.
    pub(super) fn any_writable(&mut self) -> Option<(u32, ValType)> {
        if self.writable.is_empty() {
            return None;
        }
        let few = if self.one_in(4) { usize::MAX } else { 8 };
        let local = self.below(few.min(self.writable.len()) as u64) as usize;
        let local = self.writable[local];
        Some((local, self.locals[local as usize]))
    }

    // NaNs.

    /// Makes the float or the vector of floats on the stack clean; `lanes` is the type of its lanes.
    fn canonical(&mut self, ty: ValType, lanes: ValType) {
        let known = self.scratch.iter().find(|(of, _)| *of == ty);
        let local = match known {
            Some((_, local)) => *local,
            None => {
                let local = self.new_local(ty);
                self.scratch.push((ty, local));
                local
            }
        };
        self.op(&Instruction::LocalTee(local));
        if lanes == F32 {
            self.op(&Instruction::F32Const(f32::NAN.into()));
        } else {
            self.op(&Instruction::F64Const(f64::NAN.into()));
        }
        if ty == V128 {
            let (splat, equal) = if lanes == F32 {
                (0x13, 0x41)
            } else {
                (0x14, 0x47)
            };
            self.vector_op(splat);
            self.op(&Instruction::LocalGet(local));
            self.op(&Instruction::LocalGet(local));
            self.vector_op(equal);
            self.vector_op(0x52);
        } else {
            self.op(&Instruction::LocalGet(local));
            self.op(&Instruction::LocalGet(local));
            self.raw(&[if lanes == F32 { 0x5B } else { 0x61 }]);
            self.op(&Instruction::Select);
        }
    }

    /// Makes the value on the stack clean if it is a float.
    pub(super) fn clean(&mut self, ty: ValType) {
        if matches!(ty, F32 | F64) {
            self.canonical(ty, ty);
        }
    }

    pub(super) fn clean_lanes(&mut self, lanes: ValType) {
        self.canonical(V128, lanes);
    }
}

/// The instruction for the simplest value of a type.
pub(super) fn zero(ty: ValType) -> Instruction<'static> {
    match ty {
        I32 => Instruction::I32Const(0),
        I64 => Instruction::I64Const(0),
        F32 => Instruction::F32Const(0.0_f32.into()),
        F64 => Instruction::F64Const(0.0_f64.into()),
        V128 => Instruction::V128Const(0),
        ValType::Ref(reference) => Instruction::RefNull(reference.heap_type),
    }
}
