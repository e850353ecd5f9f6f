//! Registers: which one is taken for a value (see `values` for the order), and values in them.

use super::Compiler;
use super::asm::{Gpr, Reg, RegSet, Xmm};
use super::machine::{CALLEE_SAVED, VECTORS};
use super::values::{At, Ty, Value};

impl Compiler<'_> {
    /// Registers that are not free.
    #[inline]
    pub(super) fn occupied(&self) -> RegSet {
        self.local_regs | self.operand_regs | self.pinned
    }

    /// A register for a value of this type, pinned.
    #[inline]
    pub(super) fn alloc(&mut self, ty: Ty) -> Reg {
        let set = match ty.is_vector() {
            true => VECTORS,
            false => self.gprs,
        };
        let free = set - self.occupied();
        let free = match (free - CALLEE_SAVED).first() {
            Some(reg) => Some(reg),
            None => free.first(),
        };
        match free {
            Some(reg) => self.pin_free(reg),
            None => self.evict(set),
        }
    }

    #[inline]
    pub(super) fn alloc_gpr(&mut self) -> Gpr {
        self.alloc(Ty::I64).gpr()
    }

    #[inline]
    pub(super) fn alloc_xmm(&mut self) -> Xmm {
        self.alloc(Ty::V128).xmm()
    }

    #[inline]
    pub(super) fn pin_free(&mut self, reg: Reg) -> Reg {
        let set = RegSet::of(reg);
        self.pinned |= set;
        self.unknown -= set;
        self.saved |= set & CALLEE_SAVED;
        reg
    }

    #[inline(never)]
    fn evict(&mut self, set: RegSet) -> Reg {
        let set = set - self.pinned;
        let locals = set & self.local_regs;
        let clean = locals - self.dirty;
        let among = if clean.is_empty() { locals } else { clean };
        let next = among.above(self.evicted).first().or(among.first());
        let reg = match next {
            Some(reg) => {
                if self.dirty.has(RegSet::of(reg)) {
                    self.store_local(reg);
                }
                self.free_local(reg);
                self.evicted = reg;
                reg
            }
            None => {
                let operands = (set & self.operand_regs).regs();
                let lowest = operands.min_by_key(|reg| self.owner[reg.index()]);
                let reg = lowest.expect("an operator pins fewer registers than there are");
                self.spill_operand(self.owner[reg.index()] as usize);
                reg
            }
        };
        self.pin_free(reg)
    }

    /// Makes a certain register free and pins it. What was in it moves elsewhere. It must not be pinned,
    /// unless the value in it is not needed any more.
    pub(super) fn claim(&mut self, reg: Reg) {
        let set = RegSet::of(reg);
        if self.local_regs.has(set) {
            let local = self.owner[reg.index()];
            let ty = self.locals[local as usize].ty;
            let dirty = self.dirty.has(set);
            match self.free_like(ty) {
                Some(other) => {
                    self.free_local(reg);
                    self.move_reg(ty, other, reg);
                    self.bind_local(local, other);
                    if dirty {
                        self.dirty |= RegSet::of(other);
                    }
                }
                None => {
                    if dirty {
                        self.store_local(reg);
                    }
                    self.free_local(reg);
                }
            }
        } else if self.operand_regs.has(set) {
            let position = self.owner[reg.index()] as usize;
            let ty = self.operands[position].ty;
            match self.free_like(ty) {
                Some(other) => {
                    self.move_reg(ty, other, reg);
                    self.operand_regs -= set;
                    self.operand_regs |= RegSet::of(other);
                    self.owner[other.index()] = position as u32;
                    self.operands[position].reg = other.index() as u8;
                }
                None => self.spill_operand(position),
            }
        }
        // The value is still in the register too, and the operator may have popped it.
        let unknown = self.unknown & set;
        self.pin_free(reg);
        self.unknown |= unknown;
    }

    /// A free register for a value of this type, not pinned.
    fn free_like(&mut self, ty: Ty) -> Option<Reg> {
        let set = match ty.is_vector() {
            true => VECTORS,
            false => self.gprs,
        };
        let free = set - self.occupied();
        // One that the function need not save, if there is one.
        let reg = (free - CALLEE_SAVED).first().or(free.first())?;
        self.saved |= RegSet::of(reg) & CALLEE_SAVED;
        self.unknown -= RegSet::of(reg);
        Some(reg)
    }

    /// The value in a register, which may only be read.
    #[inline]
    pub(super) fn value_reg(&mut self, value: Value) -> Reg {
        match value.at {
            At::Own(reg) | At::Shared(reg) => reg,
            At::Const(_) | At::Slot(_) => self.value_mut(value),
        }
    }

    /// The value in a register that may be overwritten.
    #[inline]
    pub(super) fn value_mut(&mut self, value: Value) -> Reg {
        match value.at {
            At::Own(reg) => reg,
            _ => {
                let reg = self.alloc(value.ty);
                self.load_value(value, reg);
                reg
            }
        }
    }

    /// The value of an i32 in a register whose upper half is zero.
    pub(super) fn index_reg(&mut self, value: Value) -> Gpr {
        let reg = self.value_reg(value);
        if self.unknown.has(RegSet::of(reg)) {
            self.move_reg(Ty::I32, reg, reg);
        }
        reg.gpr()
    }

    #[inline]
    pub(super) fn gpr(&mut self, value: Value) -> Gpr {
        self.value_reg(value).gpr()
    }

    #[inline]
    pub(super) fn gpr_mut(&mut self, value: Value) -> Gpr {
        self.value_mut(value).gpr()
    }

    #[inline]
    pub(super) fn xmm(&mut self, value: Value) -> Xmm {
        self.value_reg(value).xmm()
    }

    #[inline]
    pub(super) fn xmm_mut(&mut self, value: Value) -> Xmm {
        self.value_mut(value).xmm()
    }

    /// Pops a value into a register that may only be read.
    #[inline]
    pub(super) fn pop_gpr(&mut self) -> Gpr {
        let value = self.pop();
        self.gpr(value)
    }

    /// Pops a value into a register that may only be read.
    #[inline]
    pub(super) fn pop_xmm(&mut self) -> Xmm {
        let value = self.pop();
        self.xmm(value)
    }

    /// Pops a value into a register that may be overwritten.
    #[inline]
    pub(super) fn pop_xmm_mut(&mut self) -> Xmm {
        let value = self.pop();
        self.xmm_mut(value)
    }
}
