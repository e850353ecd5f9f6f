//! Tables, references and globals.
//!
//! Instructions that only read or write a word are inline; those that may grow a table or access many
//! elements call a helper. If an index is outside its table, the element's address is 0, also on a
//! mispredicted path, and the access faults: one comparison, no branch.

use super::Translator;
use super::access::Access;
use crate::clif::signature::clif_type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use engine::Trap;
use engine::ids::{FuncIndex, GlobalIndex, TableIndex};
use engine::layout::{Place, offsets};
use engine::libcalls::Libcall;

impl Translator<'_, '_> {
    /// The address of a table or global, and an offset to add to it.
    fn place(&mut self, place: Place) -> (Value, i32) {
        match place {
            Place::InContext(offset) => (self.unit.ctx, offset),
            Place::Behind(offset) => {
                let ctx = self.unit.ctx;
                (self.load_at(Access::Fixed, types::I64, ctx, offset), 0)
            }
        }
    }

    /// The address of an element, or 0 if it is out of bounds. It must be accessed with `access`, whose
    /// trap is then raised.
    pub(super) fn element_address(
        &mut self,
        table: TableIndex,
        index: Value,
        access: Access,
    ) -> Value {
        debug_assert!(matches!(access, Access::Element | Access::Callee));
        let index = self.builder.ins().uextend(types::I64, index);
        let ty = *self.unit.module.table(table);
        let (def, offset) = self.place(self.unit.module.layout().table(table));
        // A table that cannot grow always has its minimum size, and its elements never move.
        let fixed = ty.maximum() == Some(ty.minimum());
        let (len, elements) = if fixed {
            let len = self.builder.ins().iconst(types::I64, ty.minimum() as i64);
            (
                len,
                self.load_at(
                    Access::Fixed,
                    types::I64,
                    def,
                    offset + offsets::TABLE_ELEMENTS,
                ),
            )
        } else {
            (
                self.load_at(Access::Length, types::I64, def, offset + offsets::TABLE_LEN),
                self.load_at(
                    Access::Length,
                    types::I64,
                    def,
                    offset + offsets::TABLE_ELEMENTS,
                ),
            )
        };
        let outside = self
            .builder
            .ins()
            .icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        let bytes = self.builder.ins().ishl_imm_u(index, 3);
        let address = self.builder.ins().iadd(elements, bytes);
        let nowhere = self.builder.ins().iconst(types::I64, 0);
        self.builder
            .ins()
            .select_spectre_guard(outside, nowhere, address)
    }

    pub(super) fn table_get(&mut self, table: TableIndex) {
        self.mark();
        let index = self.pop();
        let address = self.element_address(table, index, Access::Element);
        let value = self.load_at(Access::Element, types::I64, address, 0);
        self.push(value, types::I64);
    }

    pub(super) fn table_set(&mut self, table: TableIndex) {
        self.mark();
        let value = self.pop();
        let index = self.pop();
        let address = self.element_address(table, index, Access::Element);
        self.store_at(Access::Element, value, address, 0);
        self.keep_store(Trap::TableOutOfBounds);
        let (def, offset) = self.place(self.unit.module.layout().table(table));
        let yes = self.builder.ins().iconst(types::I32, 1);
        self.store_at(Access::Length, yes, def, offset + offsets::TABLE_REWRITTEN);
    }

    /// Not zero if the table may have other elements than those that its module put there.
    pub(super) fn is_rewritten(&mut self, table: TableIndex) -> Value {
        let (def, offset) = self.place(self.unit.module.layout().table(table));
        self.load_at(
            Access::Length,
            types::I32,
            def,
            offset + offsets::TABLE_REWRITTEN,
        )
    }

    /// The function record at an index, for a call.
    pub(super) fn callee_record(&mut self, table: TableIndex, index: Value) -> Value {
        let element = self.element_address(table, index, Access::Callee);
        self.load_at(Access::Callee, types::I64, element, 0)
    }

    pub(super) fn table_size(&mut self, table: TableIndex) {
        let (def, offset) = self.place(self.unit.module.layout().table(table));
        let len = self.load_at(Access::Length, types::I64, def, offset + offsets::TABLE_LEN);
        let len = self.builder.ins().ireduce(types::I32, len);
        self.push(len, types::I32);
    }

    /// An index of the module as an argument of a helper.
    pub(super) fn number(&mut self, index: u32) -> Value {
        self.builder.ins().iconst(types::I32, i64::from(index))
    }

    /// Pops an i32 as the unsigned 64-bit number that helpers take.
    pub(super) fn pop_wide(&mut self) -> Value {
        let value = self.pop();
        self.builder.ins().uextend(types::I64, value)
    }

    pub(super) fn table_grow(&mut self, table: TableIndex) {
        let delta = self.pop_wide();
        let initial = self.pop();
        let table = self.number(table.0);
        let old = self.libcall(Libcall::TableGrow, &[table, initial, delta]);
        let old = self
            .builder
            .ins()
            .ireduce(types::I32, old.expect("the helper has a result"));
        self.push(old, types::I32);
    }

    pub(super) fn table_fill(&mut self, table: TableIndex) {
        let len = self.pop_wide();
        let element = self.pop();
        let to = self.pop_wide();
        let table = self.number(table.0);
        self.libcall(Libcall::TableFill, &[table, to, element, len]);
    }

    pub(super) fn table_copy(&mut self, to: u32, from: u32) {
        self.range_libcall(Libcall::TableCopy, to, from);
    }

    pub(super) fn table_init(&mut self, table: u32, segment: u32) {
        self.range_libcall(Libcall::TableInit, table, segment);
    }

    /// Calls one of the four helpers that copy: two indices, destination, source, length.
    pub(super) fn range_libcall(&mut self, libcall: Libcall, to_index: u32, from_index: u32) {
        let len = self.pop_wide();
        let from = self.pop_wide();
        let to = self.pop_wide();
        let to_index = self.number(to_index);
        let from_index = self.number(from_index);
        self.libcall(libcall, &[to_index, from_index, to, from, len]);
    }

    pub(super) fn drop_segment(&mut self, libcall: Libcall, segment: u32) {
        let segment = self.number(segment);
        self.libcall(libcall, &[segment]);
    }

    pub(super) fn ref_func(&mut self, func: FuncIndex) {
        let func = self.number(func.0);
        let record = self.libcall(Libcall::RefFunc, &[func]);
        self.push(record.expect("the helper has a result"), types::I64);
    }

    pub(super) fn ref_is_null(&mut self) {
        let reference = self.pop();
        let null = self.builder.ins().icmp_imm_s(IntCC::Equal, reference, 0);
        self.push(null, types::I32);
    }

    pub(super) fn global_get(&mut self, global: GlobalIndex) {
        let ty = clif_type(*self.unit.module.global(global).content());
        let (base, offset) = self.place(self.unit.module.layout().global(global));
        let value = self.load_at(Access::Global, ty, base, offset);
        self.push(value, ty);
    }

    pub(super) fn global_set(&mut self, global: GlobalIndex) {
        let value = self.pop();
        let (base, offset) = self.place(self.unit.module.layout().global(global));
        self.store_at(Access::Global, value, base, offset);
    }
}
