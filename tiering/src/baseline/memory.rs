//! Linear memories: addresses, loads, stores, sizes, and calls of helpers for the other instructions.
//!
//! An access at index + offset needs no check if offset + size is within the guard behind the memory's
//! reservation, since the index has 32 bits. If not, the end is compared with the length, and the address
//! becomes 0 if it is out of bounds, also on a mispredicted path. Memory 0 has its base in a register, others
//! load it. A constant index becomes part of the displacement.

use super::Compiler;
use super::asm::{Alu, Cond, Gpr, Load, Mem, Reg, RegSet, Scale, Shift, Size, Store};
use super::calls::Argument;
use super::compare::{float_ty, int_ty};
use super::machine::SCRATCH;
use super::values::{At, Ty, Value};
use crate::bytecode::decode::Memarg;
use crate::bytecode::operators::{Float, Int, Sign};
use engine::Trap;
use engine::ids::{DataIndex, MemoryIndex};
use engine::layout::{MEMORY_GUARD, offsets};
use engine::libcalls::Libcall;

/// The address of an access, and a register that was used for it and may be overwritten now.
pub(super) struct Address {
    pub mem: Mem,
    spare: Option<Gpr>,
}

fn size_of_bytes(bytes: u8) -> Size {
    match bytes {
        1 => Size::S8,
        2 => Size::S16,
        4 => Size::S32,
        _ => Size::S64,
    }
}

impl Compiler<'_> {
    /// The base of a memory, in r11 unless it is memory 0.
    fn memory_base(&mut self, memory: MemoryIndex) -> Gpr {
        if memory.0 == 0 {
            self.uses_base = true;
            return self.roles.base;
        }
        let slot = self.module.layout().memory(memory) + offsets::MEMORY_BASE;
        self.asm
            .mov(Size::S64, SCRATCH, Mem::at(self.roles.ctx, slot));
        SCRATCH
    }

    /// Pops an index, and returns the address of an access of `size` bytes. The next instruction but for
    /// allocations of registers must be the access, after a call of `may_trap`: the address may use r11.
    pub(super) fn address(&mut self, at: Memarg, size: u32) -> Address {
        let index = self.pop();
        if u64::from(at.offset) + u64::from(size) > MEMORY_GUARD {
            return self.checked_address(at, size, index);
        }
        let offset = at.offset as i32;
        if let At::Const(constant) = index.at
            && let Ok(sum) = i32::try_from(constant + u64::from(at.offset))
        {
            return Address {
                mem: Mem::at(self.memory_base(at.memory), sum),
                spare: None,
            };
        }
        let reg = self.index_reg(index);
        let spare = (!matches!(index.at, At::Shared(_))).then_some(reg);
        let base = self.memory_base(at.memory);
        Address {
            mem: Mem::indexed(base, reg, Scale::One, offset),
            spare,
        }
    }

    fn checked_address(&mut self, at: Memarg, size: u32, index: Value) -> Address {
        let index = self.index_reg(index);
        let address = self.alloc_gpr();
        let end = self.alloc_gpr();
        // Neither sum can wrap: index and offset have 32 bits.
        self.asm.mov_imm(address, u64::from(at.offset));
        self.asm.alu(Alu::Add, Size::S64, address, index);
        let past = Mem::at(address, size as i32);
        self.asm.lea(Size::S64, end, past);
        let base = self.memory_base(at.memory);
        self.asm.alu(Alu::Add, Size::S64, address, base);
        self.compare_with_length(end, at.memory);
        self.asm.mov_imm(SCRATCH, 0);
        self.asm.cmovcc(Cond::A, Size::S64, address, SCRATCH);
        Address {
            mem: Mem::at(address, 0),
            spare: Some(address),
        }
    }

    /// Compares a number with the length of a memory in bytes. r11 changes.
    fn compare_with_length(&mut self, number: Gpr, memory: MemoryIndex) {
        self.load_memory_def(memory);
        let len = Mem::at(SCRATCH, offsets::MEMORY_LEN);
        self.asm.alu(Alu::Cmp, Size::S64, number, len);
    }

    /// Loads the address of what code reads of a memory into r11.
    fn load_memory_def(&mut self, memory: MemoryIndex) {
        let slot = self.module.layout().memory(memory) + offsets::MEMORY_DEF;
        self.asm
            .mov(Size::S64, SCRATCH, Mem::at(self.roles.ctx, slot));
    }

    /// The register of a loaded integer.
    fn loaded(&mut self, address: &Address) -> Gpr {
        match address.spare {
            Some(reg) => {
                self.unknown -= RegSet::gpr(reg);
                reg
            }
            None => self.alloc_gpr(),
        }
    }

    pub(super) fn int_load(&mut self, ty: Int, bytes: u8, sign: Sign, at: Memarg) {
        let address = self.address(at, u32::from(bytes));
        let reg = self.loaded(&address);
        self.may_trap(Trap::MemoryOutOfBounds);
        let to = super::compare::size_of(ty);
        match (bytes, sign) {
            (1 | 2, Sign::Unsigned) => self.asm.movzx(size_of_bytes(bytes), reg, address.mem),
            (4, Sign::Unsigned) => self.asm.mov(Size::S32, reg, address.mem),
            (8, _) => self.asm.mov(Size::S64, reg, address.mem),
            (_, _) => self.asm.movsx(size_of_bytes(bytes), to, reg, address.mem),
        }
        self.push_gpr(int_ty(ty), reg);
    }

    pub(super) fn int_store(&mut self, ty: Int, bytes: u8, at: Memarg) {
        let mut value = self.pop();
        let size = size_of_bytes(bytes);
        // Of a store that is narrower than the type, only the low bytes count.
        let imm = match (value.at, bytes) {
            (At::Const(bits), 1 | 2 | 4) => Some(bits as i32),
            (At::Const(_), _) => value.imm32(),
            _ => None,
        };
        if imm.is_none() && value.reg().is_none() {
            value.at = At::Own(self.value_mut(value));
        }
        let address = self.address(at, u32::from(bytes));
        self.may_trap(Trap::MemoryOutOfBounds);
        debug_assert!(ty == Int::I64 || bytes <= 4);
        match imm {
            Some(imm) => self.asm.mov_store_imm(size, address.mem, imm),
            None => {
                let reg = value.reg().expect("it was loaded");
                self.asm.mov_store(size, address.mem, reg.gpr());
            }
        }
    }

    pub(super) fn float_load(&mut self, ty: Float, at: Memarg) {
        let ty = float_ty(ty);
        let size = if ty == Ty::F32 { 4 } else { 8 };
        let address = self.address(at, size);
        let reg = self.alloc_xmm();
        let op = if ty == Ty::F32 {
            Load::MOVSS
        } else {
            Load::MOVSD
        };
        self.may_trap(Trap::MemoryOutOfBounds);
        if self.cpu.avx {
            self.asm.vload(op, reg, address.mem);
        } else {
            self.asm.load(op, reg, address.mem);
        }
        self.push_xmm(ty, reg);
    }

    pub(super) fn float_store(&mut self, ty: Float, at: Memarg) {
        let ty = float_ty(ty);
        let value = self.pop();
        let reg = self.xmm(value);
        let size = if ty == Ty::F32 { 4 } else { 8 };
        let address = self.address(at, size);
        let op = if ty == Ty::F32 {
            Store::MOVSS
        } else {
            Store::MOVSD
        };
        self.may_trap(Trap::MemoryOutOfBounds);
        if self.cpu.avx {
            self.asm.vstore(op, address.mem, reg);
        } else {
            self.asm.store(op, address.mem, reg);
        }
    }

    pub(super) fn memory_size(&mut self, memory: MemoryIndex) {
        let reg = self.alloc_gpr();
        self.load_memory_def(memory);
        let len = Mem::at(SCRATCH, offsets::MEMORY_LEN);
        self.asm.mov(Size::S64, reg, len);
        let page = engine::PAGE_SIZE.trailing_zeros() as u8;
        self.asm.shift_imm(Shift::Shr, Size::S64, reg, page);
        self.push_gpr(Ty::I32, reg);
    }

    pub(super) fn memory_grow(&mut self, memory: MemoryIndex) {
        let delta = self.pop();
        let args = [Argument::Number(memory.0), Argument::Wide(delta)];
        self.call_helper(Libcall::MemoryGrow, &args);
        self.push_i32_result();
    }

    /// Pushes the lower half of a helper's result.
    pub(super) fn push_i32_result(&mut self) {
        self.push_gpr(Ty::I32, Gpr::RAX);
        self.unknown |= RegSet::gpr(Gpr::RAX);
    }

    /// The address of a range that will be read or written as a whole, in a register of its own. Traps if the
    /// range is not inside its memory.
    fn range_address(&mut self, memory: MemoryIndex, start: Value, len: Gpr) -> Gpr {
        let start = self.index_reg(start);
        let end = self.alloc_gpr();
        // The sum cannot wrap: both have 32 bits.
        let sum = Mem::indexed(start, len, Scale::One, 0);
        self.asm.lea(Size::S64, end, sum);
        self.compare_with_length(end, memory);
        self.trap_if(Cond::A, Trap::MemoryOutOfBounds);
        let base = self.memory_base(memory);
        let sum = Mem::indexed(base, start, Scale::One, 0);
        self.asm.lea(Size::S64, end, sum);
        end
    }

    pub(super) fn memory_copy(&mut self, to_memory: MemoryIndex, from_memory: MemoryIndex) {
        let len = self.pop();
        let from = self.pop();
        let to = self.pop();
        let len = self.index_reg(len);
        let from = self.range_address(from_memory, from, len);
        let to = self.range_address(to_memory, to, len);
        let args = [to, from, len].map(|reg| Argument::Value(in_gpr(reg)));
        self.call_helper(Libcall::CopyBytes, &args);
    }

    pub(super) fn memory_fill(&mut self, memory: MemoryIndex) {
        let len = self.pop();
        let byte = self.pop();
        let to = self.pop();
        let len = self.index_reg(len);
        let to = self.range_address(memory, to, len);
        let args = [
            Argument::Value(in_gpr(to)),
            Argument::Value(byte),
            Argument::Value(in_gpr(len)),
        ];
        self.call_helper(Libcall::FillBytes, &args);
    }

    pub(super) fn memory_init(&mut self, data: DataIndex, memory: MemoryIndex) {
        self.copy_by_helper(Libcall::MemoryInit, memory.0, data.0);
    }

    /// Calls a helper that copies: two indices, destination, source, length.
    pub(super) fn copy_by_helper(&mut self, callee: Libcall, to_index: u32, from_index: u32) {
        let len = self.pop();
        let from = self.pop();
        let to = self.pop();
        let args = [
            Argument::Number(to_index),
            Argument::Number(from_index),
            Argument::Wide(to),
            Argument::Wide(from),
            Argument::Wide(len),
        ];
        self.call_helper(callee, &args);
    }

    pub(super) fn data_drop(&mut self, data: DataIndex) {
        self.call_helper(Libcall::DataDrop, &[Argument::Number(data.0)]);
    }
}

fn in_gpr(reg: Gpr) -> Value {
    super::moves::in_reg(Ty::I64, Reg::of_gpr(reg))
}
