//! Linear memories: addresses, loads, stores, sizes, and calls of helpers for the other instructions.
//!
//! ```text
//! base          address space reserved            guard
//! |-------------|---------------------------------|----------|
//!   accessible    faults: the processor checks      faults too
//! ```
//! An access at index + offset needs no check if offset + size is within the guard, since the index has 32
//! bits. If not, the end is compared with the length, and the address becomes 0 if it is out of bounds,
//! also on a mispredicted path.

use super::Translator;
use super::access::{Access, trap_code};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{InstBuilder, Opcode, Type, Value, ValueDef, types};
use engine::Trap;
use engine::ids::MemoryIndex;
use engine::layout::{MEMORY_GUARD, offsets};
use engine::libcalls::Libcall;
use wasmparser::MemArg;

impl Translator<'_, '_> {
    /// The base of a memory. It never changes, so it is loaded once, directly after its context.
    fn memory_base(&mut self, memory: u32) -> Value {
        let ctx = self.unit.ctx;
        // The offset of the slot depends on the module, and one value may be the context of callees of
        // several modules.
        let key = (ctx, self.unit.scope, memory);
        if let Some((_, base)) = self.bases.iter().find(|(of, _)| *of == key) {
            return *base;
        }
        let slot = self.unit.module.layout().memory(MemoryIndex(memory));
        let flags = self.flags.get(self.builder.func, Access::Fixed);
        let cursor = FuncCursor::new(self.builder.func);
        let mut cursor = match cursor.func.dfg.value_def(ctx) {
            ValueDef::Result(inst, _) => cursor.after_inst(inst),
            _ => {
                let entry = cursor.func.layout.entry_block();
                cursor.at_first_insertion_point(entry.expect("the entry block was inserted first"))
            }
        };
        let offset = Offset32::new(slot + offsets::MEMORY_BASE);
        let (inst, dfg) = cursor
            .ins()
            .Load(Opcode::Load, types::I64, flags, offset, ctx);
        let base = dfg.first_result(inst);
        self.bases.push((key, base));
        base
    }

    fn memory_length(&mut self, memory: u32) -> Value {
        let slot = self.unit.module.layout().memory(MemoryIndex(memory));
        let ctx = self.unit.ctx;
        let def = self.load_at(Access::Fixed, types::I64, ctx, slot + offsets::MEMORY_DEF);
        self.load_at(Access::Length, types::I64, def, offsets::MEMORY_LEN)
    }

    /// Pops an index, and returns the address of an access of `size` bytes: a value and an offset to add to
    /// it. The access must be of the kind `Access::Linear`.
    pub(super) fn address(&mut self, at: MemArg, size: u32) -> (Value, i32) {
        let base = self.memory_base(at.memory);
        let offset = at.offset;
        if offset + u64::from(size) > MEMORY_GUARD {
            return (self.checked_address(at, size, base), 0);
        }
        if let Some(index) = self.values.pop_const() {
            // The sum is always within the reservation and its guard.
            let sum = u64::from(index as u32) + offset;
            if let Ok(sum) = i32::try_from(sum) {
                return (base, sum);
            }
            self.values.push_const(index, types::I32);
        }
        let index = self.pop();
        (
            self.values.sum(&mut self.builder, base, index),
            offset as i32,
        )
    }

    fn checked_address(&mut self, at: MemArg, size: u32, base: Value) -> Value {
        let index = self.pop_wide();
        // Neither sum can wrap: index and offset have 32 bits.
        let start = self.builder.ins().iadd_imm_s(index, at.offset as i64);
        let end = self.builder.ins().iadd_imm_s(start, i64::from(size));
        let length = self.memory_length(at.memory);
        let outside = self
            .builder
            .ins()
            .icmp(IntCC::UnsignedGreaterThan, end, length);
        let address = self.builder.ins().iadd(base, start);
        let nowhere = self.builder.ins().iconst(types::I64, 0);
        self.builder
            .ins()
            .select_spectre_guard(outside, nowhere, address)
    }

    /// Loads a value and returns it. `control` is the controlling type of the load's opcode.
    pub(super) fn load_value(
        &mut self,
        at: MemArg,
        opcode: Opcode,
        control: Type,
        size: u32,
    ) -> Value {
        self.mark();
        let (address, offset) = self.address(at, size);
        let flags = self.flags.get(self.builder.func, Access::Linear);
        let (inst, dfg) =
            self.builder
                .ins()
                .Load(opcode, control, flags, Offset32::new(offset), address);
        dfg.first_result(inst)
    }

    /// Stores a value that was popped.
    pub(super) fn store_value(&mut self, at: MemArg, opcode: Opcode, value: Value, size: u32) {
        self.mark();
        let (address, offset) = self.address(at, size);
        let flags = self.flags.get(self.builder.func, Access::Linear);
        let ty = self.builder.func.dfg.value_type(value);
        self.builder
            .ins()
            .Store(opcode, ty, flags, Offset32::new(offset), value, address);
        self.keep_store(Trap::MemoryOutOfBounds);
    }

    pub(super) fn load(&mut self, at: MemArg, opcode: Opcode, ty: Type, size: u32) {
        let value = self.load_value(at, opcode, ty, size);
        self.push(value, ty);
    }

    pub(super) fn store(&mut self, at: MemArg, opcode: Opcode, size: u32) {
        let value = self.pop();
        self.store_value(at, opcode, value, size);
    }

    pub(super) fn memory_size(&mut self, memory: u32) {
        let length = self.memory_length(memory);
        let pages = self
            .builder
            .ins()
            .ushr_imm_u(length, i64::from(engine::PAGE_SIZE.trailing_zeros()));
        let pages = self.builder.ins().ireduce(types::I32, pages);
        self.push(pages, types::I32);
    }

    pub(super) fn memory_grow(&mut self, memory: u32) {
        let delta = self.pop_wide();
        let memory = self.number(memory);
        let old = self.libcall(Libcall::MemoryGrow, &[memory, delta]);
        let old = self
            .builder
            .ins()
            .ireduce(types::I32, old.expect("the helper has a result"));
        self.push(old, types::I32);
    }

    /// The address of a range that will be read or written as a whole. Traps if it is not inside its
    /// memory.
    fn range_address(&mut self, memory: u32, start: Value, len: Value) -> Value {
        // The sum cannot wrap: both have 32 bits.
        let end = self.builder.ins().iadd(start, len);
        let length = self.memory_length(memory);
        let outside = self
            .builder
            .ins()
            .icmp(IntCC::UnsignedGreaterThan, end, length);
        self.builder
            .ins()
            .trapnz(outside, trap_code(Trap::MemoryOutOfBounds));
        let base = self.memory_base(memory);
        self.builder.ins().iadd(base, start)
    }

    pub(super) fn memory_copy(&mut self, to_memory: u32, from_memory: u32) {
        self.mark();
        let len = self.pop_wide();
        let from = self.pop_wide();
        let to = self.pop_wide();
        let from = self.range_address(from_memory, from, len);
        let to = self.range_address(to_memory, to, len);
        self.libcall(Libcall::CopyBytes, &[to, from, len]);
    }

    pub(super) fn memory_fill(&mut self, memory: u32) {
        self.mark();
        let len = self.pop_wide();
        let byte = self.pop();
        let to = self.pop_wide();
        let to = self.range_address(memory, to, len);
        self.libcall(Libcall::FillBytes, &[to, byte, len]);
    }
}
