//! Where a function's locals and operands are while it is translated. Only here does the translation differ
//! between the two compilers.
//!
//! Optimising: locals are SSA variables, operands are SSA values. There is no frame area.
//!
//! Reference: locals are in the frame area (`bytecode::frame_area`), which is one stack slot. Operands that
//! are live across a call or the start of a block are stored there too, at the offset that belongs to their
//! height. So few values are live for long, and allocating registers stays linear.
//!
//! Invariants, reference: a spilled value is in the area at every point that its spill dominates, because an
//! offset is only written by the operand of that height. At the start of a block, loop or `if`, all
//! operands below are constants or in the area, so that all paths to its end agree.

use super::access::{Access, Flags};
use crate::bytecode::frame_area;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{
    Block, InstBuilder, MemFlagsData, Opcode, StackSlot, StackSlotData, StackSlotKind, Type, Value,
    types,
};
use cranelift_codegen::packed_option::PackedOption;
use cranelift_frontend::{FunctionBuilder, Variable};

/// Where an operand is.
#[derive(Clone, Copy, Debug)]
enum Storage {
    /// An SSA value. It may be narrower or of another lane type than the operand, see `normalise`.
    Value(Value),
    /// An integer constant. A value is made where it is used.
    Const(i64),
    /// Whether this value is zero. A branch needs only the value itself; the result of the comparison is
    /// made where it is used.
    Eqz(Value),
    /// The frame area, at the operand's offset.
    Area,
}

/// An entry of the operand stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    storage: Storage,
    ty: Type,
    offset: u32,
}

#[derive(Clone, Copy, Debug)]
enum Local {
    Area(u32),
    Variable(Variable),
}

/// The value that was last stored to or loaded from a local in the area, and when.
#[derive(Clone, Copy, Debug)]
struct Recent {
    value: PackedOption<Value>,
    when: u32,
}

/// For this many accesses of locals, a value is reused instead of being loaded again. If it were longer,
/// the one-pass allocator would have to spill values that are already in the area.
const REMEMBERED: u32 = 16;

/// Buffers that are reused for the next function.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Locals of the body being translated, after those of the bodies around it.
    locals: Vec<(Local, Type)>,
    recent: Vec<Recent>,
    operands: Vec<Operand>,
}

/// Locals and operands of one function.
#[derive(Debug)]
pub(super) struct Values {
    buffers: Buffers,
    area: Option<StackSlot>,
    /// Position of local 0 of the body being translated.
    first_local: usize,
    locals_end: u32,
    area_end: u32,
    /// All operands below this height are constants or in the area. Without this, a deep stack would be
    /// searched at every call.
    spilled: usize,
    /// The last computed address, with its base and index, and when it was computed.
    address: Option<(Value, Value, Recent)>,
    /// Counts accesses of locals and addresses. It jumps ahead where values must no longer be reused.
    clock: u32,
    block: Option<Block>,
}

fn size_of(ty: Type) -> u32 {
    if ty.bits() == 128 {
        frame_area::VECTOR
    } else {
        frame_area::WORD
    }
}

/// Converts a value to the wasm operand's type: results of comparisons are bytes until 32 bits are needed,
/// and vectors have the lanes of the instruction that made them.
fn normalise(b: &mut FunctionBuilder<'_>, value: Value, ty: Type) -> Value {
    let has = b.func.dfg.value_type(value);
    if has == ty {
        value
    } else if has == types::I8 {
        b.ins().uextend(ty, value)
    } else {
        b.ins().bitcast(
            ty,
            MemFlagsData::new().with_endianness(cranelift_codegen::ir::Endianness::Little),
            value,
        )
    }
}

impl Values {
    /// The values of a new function. If `area` is set, its locals and spilled operands are in a frame area.
    pub(super) fn new(b: &mut FunctionBuilder<'_>, mut buffers: Buffers, area: bool) -> Values {
        buffers.locals.clear();
        buffers.recent.clear();
        buffers.operands.clear();
        // The size is set by `finish`; nothing reads it before the function is compiled.
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 0, 4);
        let area = area.then(|| b.create_sized_stack_slot(slot));
        Values {
            buffers,
            area,
            first_local: 0,
            locals_end: 0,
            area_end: 0,
            spilled: 0,
            address: None,
            clock: REMEMBERED,
            block: None,
        }
    }

    /// Ends the function: sets the size of the area's stack slot. Returns the buffers, which can be reused.
    pub(super) fn finish(self, b: &mut FunctionBuilder<'_>) -> Buffers {
        if let Some(slot) = self.area {
            b.func.sized_stack_slots[slot].size = self.area_end.next_multiple_of(16);
        }
        self.buffers
    }

    /// Whether there is a frame area.
    pub(super) fn in_area(&self) -> bool {
        self.area.is_some()
    }

    // Locals.

    /// Adds a local, which has no value yet.
    pub(super) fn declare_local(&mut self, b: &mut FunctionBuilder<'_>, ty: Type) {
        let local = if self.area.is_some() {
            let offset = frame_area::slot_offset(self.locals_end, size_of(ty));
            self.locals_end = offset + size_of(ty);
            self.area_end = self.locals_end;
            Local::Area(offset)
        } else {
            Local::Variable(b.declare_var(ty))
        };
        self.buffers.locals.push((local, ty));
        self.buffers.recent.push(Recent {
            value: None.into(),
            when: 0,
        });
    }

    /// Begins the locals of an inlined body. The result must be passed to `close_locals` at its end.
    pub(super) fn open_locals(&mut self) -> usize {
        std::mem::replace(&mut self.first_local, self.buffers.locals.len())
    }

    /// Returns to the locals of the body around.
    pub(super) fn close_locals(&mut self, outer: usize) {
        self.buffers.locals.truncate(self.first_local);
        self.buffers.recent.truncate(self.first_local);
        self.first_local = outer;
    }

    /// Number of locals so far.
    pub(super) fn local_count(&self) -> u32 {
        (self.buffers.locals.len() - self.first_local) as u32
    }

    fn position(&self, local: u32) -> usize {
        self.first_local + local as usize
    }

    /// The type of a local.
    pub(super) fn local_type(&self, index: u32) -> Type {
        self.buffers.locals[self.position(index)].1
    }

    /// Bytes from the area's start to the end of the locals.
    pub(super) fn locals_end(&self) -> u32 {
        self.locals_end
    }

    /// The value of a local.
    pub(super) fn get_local(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        flags: &mut Flags,
        index: u32,
    ) -> Value {
        let at = self.position(index);
        let (local, ty) = self.buffers.locals[at];
        match local {
            Local::Area(offset) => {
                self.tick(b);
                let recent = self.buffers.recent[at];
                let value = match recent.value.expand() {
                    Some(value) if self.clock - recent.when <= REMEMBERED => value,
                    _ => self.load(b, flags, ty, offset),
                };
                self.remember(at, value);
                value
            }
            Local::Variable(variable) => b.use_var(variable),
        }
    }

    /// Sets a local; `value` must have the local's type.
    pub(super) fn set_local(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        flags: &mut Flags,
        index: u32,
        value: Value,
    ) {
        let at = self.position(index);
        match self.buffers.locals[at].0 {
            Local::Area(offset) => {
                self.tick(b);
                self.store(b, flags, value, offset);
                self.remember(at, value);
            }
            Local::Variable(variable) => b.def_var(variable, value),
        }
    }

    fn remember(&mut self, at: usize, value: Value) {
        self.buffers.recent[at] = Recent {
            value: value.into(),
            when: self.clock,
        };
    }

    /// The sum of a base and a 32-bit index. The reference compiler reuses a recent equal sum; the optimiser
    /// finds equal sums itself.
    pub(super) fn sum(&mut self, b: &mut FunctionBuilder<'_>, base: Value, index: Value) -> Value {
        self.tick(b);
        let sum = match self.address {
            Some((of, with, sum))
                if (of, with) == (base, index) && self.clock - sum.when <= REMEMBERED =>
            {
                sum.value.expect("an address is remembered with its value")
            }
            _ => {
                let index = b.ins().uextend(types::I64, index);
                b.ins().iadd(base, index)
            }
        };
        let recent = Recent {
            value: sum.into(),
            when: self.clock,
        };
        self.address = self.area.is_some().then_some((base, index, recent));
        sum
    }

    /// Counts one access. Values are not reused in another block.
    fn tick(&mut self, b: &FunctionBuilder<'_>) {
        self.clock += 1;
        if b.current_block() != self.block {
            self.block = b.current_block();
            self.forget_locals();
        }
    }

    /// No value may be reused after this point: at a call, values are not kept in registers.
    pub(super) fn forget_locals(&mut self) {
        self.clock += REMEMBERED + 1;
    }

    /// The address of a byte of the area.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn area_address(&self, b: &mut FunctionBuilder<'_>, offset: u32) -> Value {
        let slot = self
            .area
            .expect("called only in functions with a frame area");
        b.ins().stack_addr(types::I64, slot, offset as i32)
    }

    fn load(&self, b: &mut FunctionBuilder<'_>, flags: &mut Flags, ty: Type, offset: u32) -> Value {
        let address = self.area_address(b, offset);
        let flags = flags.get(b.func, Access::Frame);
        let (inst, dfg) = b
            .ins()
            .Load(Opcode::Load, ty, flags, Offset32::new(0), address);
        dfg.first_result(inst)
    }

    fn store(&self, b: &mut FunctionBuilder<'_>, flags: &mut Flags, value: Value, offset: u32) {
        let address = self.area_address(b, offset);
        let flags = flags.get(b.func, Access::Frame);
        let ty = b.func.dfg.value_type(value);
        b.ins()
            .Store(Opcode::Store, ty, flags, Offset32::new(0), value, address);
    }

    // Operands.

    /// Number of operands.
    pub(super) fn height(&self) -> usize {
        self.buffers.operands.len()
    }

    /// Bytes from the area's start to the end of the topmost operand's slot.
    pub(super) fn operands_end(&self) -> u32 {
        match self.buffers.operands.last() {
            Some(top) => top.offset + size_of(top.ty),
            None => self.locals_end,
        }
    }

    fn next_offset(&self, ty: Type) -> u32 {
        frame_area::slot_offset(self.operands_end(), size_of(ty))
    }

    /// Pushes a value of the wasm type `ty`. The value may also be a byte, or a vector with any lanes.
    pub(super) fn push(&mut self, value: Value, ty: Type) {
        let offset = self.next_offset(ty);
        self.buffers.operands.push(Operand {
            storage: Storage::Value(value),
            ty,
            offset,
        });
    }

    /// Pushes an integer constant.
    pub(super) fn push_const(&mut self, value: i64, ty: Type) {
        let offset = self.next_offset(ty);
        self.buffers.operands.push(Operand {
            storage: Storage::Const(value),
            ty,
            offset,
        });
    }

    /// Pushes an i32 that is 1 if this value is zero, and 0 if it is not.
    pub(super) fn push_eqz(&mut self, value: Value) {
        let offset = self.next_offset(types::I32);
        self.buffers.operands.push(Operand {
            storage: Storage::Eqz(value),
            ty: types::I32,
            offset,
        });
    }

    fn top(&self) -> Operand {
        *self
            .buffers
            .operands
            .last()
            .expect("a validated body never pops an empty stack")
    }

    /// The type of the topmost operand.
    pub(super) fn top_type(&self) -> Type {
        self.top().ty
    }

    fn value_of(&self, b: &mut FunctionBuilder<'_>, flags: &mut Flags, operand: Operand) -> Value {
        match operand.storage {
            Storage::Value(value) => value,
            Storage::Const(value) => b.ins().iconst(operand.ty, value),
            Storage::Eqz(value) => b.ins().icmp_imm_s(IntCC::Equal, value, 0),
            Storage::Area => self.load(b, flags, operand.ty, operand.offset),
        }
    }

    /// Pops an operand in the form that it has: a byte for a comparison, a vector with any lanes.
    pub(super) fn pop_raw(&mut self, b: &mut FunctionBuilder<'_>, flags: &mut Flags) -> Value {
        let operand = self.top();
        self.drop_top();
        self.value_of(b, flags, operand)
    }

    /// Pops the condition of a branch: a value, and whether the branch is taken if it is zero instead of if
    /// it is not.
    pub(super) fn pop_condition(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        flags: &mut Flags,
    ) -> (Value, bool) {
        if let Storage::Eqz(value) = self.top().storage {
            self.drop_top();
            return (value, true);
        }
        (self.pop_raw(b, flags), false)
    }

    /// Pops an operand and converts it to its own type.
    pub(super) fn pop(&mut self, b: &mut FunctionBuilder<'_>, flags: &mut Flags) -> Value {
        let ty = self.top().ty;
        let value = self.pop_raw(b, flags);
        normalise(b, value, ty)
    }

    /// Pops a vector operand with these lanes.
    pub(super) fn pop_lanes(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        flags: &mut Flags,
        ty: Type,
    ) -> Value {
        let value = self.pop_raw(b, flags);
        normalise(b, value, ty)
    }

    /// Drops the topmost operand without making a value of it.
    pub(super) fn drop_top(&mut self) {
        self.buffers.operands.pop();
        self.spilled = self.spilled.min(self.buffers.operands.len());
    }

    /// Pops an operand if it is a constant.
    pub(super) fn pop_const(&mut self) -> Option<i64> {
        let Storage::Const(value) = self.top().storage else {
            return None;
        };
        self.drop_top();
        Some(value)
    }

    /// Adds the topmost `count` operands to `out`, lowest first, in their own types. They stay on the
    /// stack.
    pub(super) fn peek_into(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        flags: &mut Flags,
        count: usize,
        out: &mut Vec<impl From<Value>>,
    ) {
        for at in self.height() - count..self.height() {
            let operand = self.buffers.operands[at];
            let value = self.value_of(b, flags, operand);
            out.push(normalise(b, value, operand.ty).into());
        }
    }

    /// Drops all operands above this height.
    pub(super) fn truncate(&mut self, height: usize) {
        self.buffers.operands.truncate(height);
        self.spilled = self.spilled.min(height);
    }

    /// Copies the operands above this height, for `restore`.
    pub(super) fn copy_from(&self, height: usize) -> Vec<Operand> {
        self.buffers.operands[height..].to_vec()
    }

    /// Pushes operands that `copy_from` returned, at the same height.
    pub(super) fn restore(&mut self, operands: &[Operand]) {
        self.buffers.operands.extend_from_slice(operands);
    }

    /// Copies operands to variables: as many as there are variables, from `first` up to `end`.
    pub(super) fn carry(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        flags: &mut Flags,
        variables: &[Variable],
        first: usize,
        end: usize,
    ) {
        for (at, variable) in (first..end).zip(variables) {
            let operand = self.buffers.operands[at];
            let value = self.value_of(b, flags, operand);
            let value = normalise(b, value, operand.ty);
            b.def_var(*variable, value);
        }
    }

    /// Reads the same operands from their variables, where several paths with different values meet.
    pub(super) fn take_carried(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        variables: &[Variable],
        first: usize,
        end: usize,
    ) {
        for (at, variable) in (first..end).zip(variables) {
            self.buffers.operands[at].storage = Storage::Value(b.use_var(*variable));
        }
    }

    /// Stores operands to the frame area, up to the height `end`, except for constants. Does nothing if there
    /// is no area.
    pub(super) fn spill(&mut self, b: &mut FunctionBuilder<'_>, flags: &mut Flags, end: usize) {
        if self.area.is_none() {
            return;
        }
        for at in self.spilled..end {
            let operand = self.buffers.operands[at];
            if let Storage::Area | Storage::Const(_) = operand.storage {
                continue;
            }
            self.buffers.operands[at].storage = Storage::Area;
            let value = self.value_of(b, flags, operand);
            let value = normalise(b, value, operand.ty);
            self.store(b, flags, value, operand.offset);
            self.area_end = self.area_end.max(operand.offset + size_of(operand.ty));
        }
        self.spilled = self.spilled.max(end);
    }
}
