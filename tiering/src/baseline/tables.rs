//! Tables, references and globals.
//!
//! Instructions that only read or write a word are inline; those that may grow a table or access many
//! elements call a helper. If an index is outside its table, the element's address is 0, also on a
//! mispredicted path, and the access faults: one comparison, no branch.

use super::Compiler;
use super::asm::{Alu, Cond, Gpr, Mem, Scale, Size};
use super::calls::Argument;
use super::machine::SCRATCH;
use super::values::Ty;
use engine::ids::{ElemIndex, FuncIndex, GlobalIndex, TableIndex};
use engine::layout::{Place, offsets};
use engine::libcalls::Libcall;
use engine::{HeapType, Trap};

impl Compiler<'_> {
    /// The memory of a table or global; it may use r11.
    fn place(&mut self, place: Place) -> Mem {
        match place {
            Place::InContext(offset) => Mem::at(self.roles.ctx, offset),
            Place::Behind(offset) => {
                let pointer = Mem::at(self.roles.ctx, offset);
                self.asm.mov(Size::S64, SCRATCH, pointer);
                Mem::at(SCRATCH, 0)
            }
        }
    }

    fn table_place(&mut self, table: TableIndex) -> Mem {
        self.place(self.module.layout().table(table))
    }

    /// The address of an element in a register of its own, or 0 if it is out of bounds. r11 changes.
    pub(super) fn element_address(&mut self, table: TableIndex, index: Gpr) -> Gpr {
        let address = self.alloc_gpr();
        let ty = *self.module.table(table);
        let def = self.table_place(table);
        // A table that cannot grow always has its minimum size.
        let fixed = (ty.maximum() == Some(ty.minimum()))
            .then(|| i32::try_from(ty.minimum()).ok())
            .flatten();
        let elements = def.plus(offsets::TABLE_ELEMENTS);
        self.asm.mov(Size::S64, address, elements);
        let element = Mem::indexed(address, index, Scale::Eight, 0);
        self.asm.lea(Size::S64, address, element);
        match fixed {
            Some(len) => self.asm.alu_imm(Alu::Cmp, Size::S64, index, len),
            None => {
                let len = def.plus(offsets::TABLE_LEN);
                self.asm.alu(Alu::Cmp, Size::S64, index, len);
            }
        }
        self.asm.mov_imm(SCRATCH, 0);
        self.asm.cmovcc(Cond::Ae, Size::S64, address, SCRATCH);
        address
    }

    pub(super) fn table_get(&mut self, table: TableIndex) {
        let index = self.pop();
        let index = self.index_reg(index);
        let address = self.element_address(table, index);
        self.may_trap(Trap::TableOutOfBounds);
        self.asm.mov(Size::S64, address, Mem::at(address, 0));
        self.push_gpr(Ty::Ref, address);
    }

    pub(super) fn table_set(&mut self, table: TableIndex) {
        let value = self.pop_gpr();
        let index = self.pop();
        let index = self.index_reg(index);
        let address = self.element_address(table, index);
        self.may_trap(Trap::TableOutOfBounds);
        self.asm.mov_store(Size::S64, Mem::at(address, 0), value);
        let rewritten = self.table_place(table).plus(offsets::TABLE_REWRITTEN);
        self.asm.mov_store_imm(Size::S32, rewritten, 1);
    }

    pub(super) fn table_size(&mut self, table: TableIndex) {
        let reg = self.alloc_gpr();
        let len = self.table_place(table).plus(offsets::TABLE_LEN);
        self.asm.mov(Size::S32, reg, len);
        self.push_gpr(Ty::I32, reg);
    }

    pub(super) fn table_grow(&mut self, table: TableIndex) {
        let delta = self.pop();
        let initial = self.pop();
        let args = [
            Argument::Number(table.0),
            Argument::Value(initial),
            Argument::Wide(delta),
        ];
        self.call_helper(Libcall::TableGrow, &args);
        self.push_i32_result();
    }

    pub(super) fn table_fill(&mut self, table: TableIndex) {
        let len = self.pop();
        let element = self.pop();
        let to = self.pop();
        let args = [
            Argument::Number(table.0),
            Argument::Wide(to),
            Argument::Value(element),
            Argument::Wide(len),
        ];
        self.call_helper(Libcall::TableFill, &args);
    }

    pub(super) fn table_copy(&mut self, to: TableIndex, from: TableIndex) {
        self.copy_by_helper(Libcall::TableCopy, to.0, from.0);
    }

    pub(super) fn table_init(&mut self, elem: ElemIndex, table: TableIndex) {
        self.copy_by_helper(Libcall::TableInit, table.0, elem.0);
    }

    pub(super) fn elem_drop(&mut self, elem: ElemIndex) {
        self.call_helper(Libcall::ElemDrop, &[Argument::Number(elem.0)]);
    }

    pub(super) fn ref_null(&mut self, _heap: HeapType) {
        self.push_const(Ty::Ref, 0);
    }

    pub(super) fn ref_func(&mut self, func: FuncIndex) {
        self.call_helper(Libcall::RefFunc, &[Argument::Number(func.0)]);
        self.push_gpr(Ty::Ref, Gpr::RAX);
    }

    pub(super) fn global_get(&mut self, global: GlobalIndex) {
        let ty = Ty::of(*self.module.global(global).content());
        let reg = self.alloc(ty);
        let from = self.place(self.module.layout().global(global));
        self.load_reg(ty, reg, from);
        self.push_reg(ty, reg);
    }

    pub(super) fn global_set(&mut self, global: GlobalIndex) {
        let value = self.pop();
        let ty = value.ty;
        if let (Some(imm), Ty::I32 | Ty::I64) = (value.imm32(), ty) {
            let to = self.place(self.module.layout().global(global));
            let size = if ty == Ty::I32 { Size::S32 } else { Size::S64 };
            return self.asm.mov_store_imm(size, to, imm);
        }
        let reg = self.value_reg(value);
        let to = self.place(self.module.layout().global(global));
        self.store_reg(ty, to, reg);
    }
}
