//! Locals: their slots and registers, and what of their slots has to be zero at first.
//!
//! See `values` for where a local may be, and for its uses that were not read yet.

use super::Compiler;
use super::asm::{Gpr, Mem, Reg, RegSet};
use super::machine::CALLEE_SAVED;
use super::values::{At, Kind, NO_REG, NONE, Ty, Value, reg_of};

/// A local of the function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    /// The offset of its slot in the frame area.
    pub slot: u32,
    /// The topmost of its uses that were not read yet. May be stale: see [`Compiler::use_of`].
    pub head: u32,
    pub ty: Ty,
    /// Its register, or `NO_REG`.
    reg: u8,
    /// Whether code made so far sets it. If not, and if no loop is open, it is still zero.
    pub written: bool,
    /// Whether it is set before all code that follows, so that its slot is never read before it is written.
    pub definite: bool,
}

impl Local {
    pub(super) fn new(slot: u32, ty: Ty, is_param: bool) -> Local {
        Local {
            slot,
            head: NONE,
            ty,
            reg: NO_REG,
            written: is_param,
            definite: is_param,
        }
    }

    pub(super) fn reg(&self) -> Option<Reg> {
        (self.reg != NO_REG).then(|| reg_of(self.reg))
    }
}

impl Compiler<'_> {
    /// The memory of a slot.
    #[inline]
    pub(super) fn slot(&self, offset: u32, ty: Ty) -> Mem {
        self.area_used.set(true);
        Mem::at(Gpr::RBP, -((self.head + offset + ty.size()) as i32))
    }

    /// Notes that a local's slot is read, so that it has to be zero at first.
    #[inline]
    pub(super) fn rely_on_slot(&mut self, local: u32) {
        let Local {
            slot, ty, definite, ..
        } = self.locals[local as usize];
        if !definite {
            let (first, end) = self.zeroed;
            self.zeroed = (first.min(slot), end.max(slot + ty.size()));
        }
    }

    /// Notes that the slots of all locals may be read, at a loop: optimised code that takes over there reads
    /// those that nothing has set yet. What is set before the first loop is set before the other ones too.
    ///
    /// Slots that only some paths set are among them, though compiled code reads none that it did not rely on
    /// by itself: whoever looks at the area at a loop finds a value in every slot.
    pub(super) fn rely_on_all_slots(&mut self) {
        if !self.zeroed_for_loops {
            self.zeroed_for_loops = true;
            for local in 0..self.locals.len() as u32 {
                self.rely_on_slot(local);
            }
        }
    }

    /// The register of a local, pinned. It is read if it is not in one.
    #[inline]
    pub(super) fn local_reg(&mut self, local: u32) -> Reg {
        match self.locals[local as usize].reg() {
            Some(reg) => {
                self.pinned |= RegSet::of(reg);
                reg
            }
            None => self.read_local(local),
        }
    }

    /// Reads a local into a register.
    pub(super) fn read_local(&mut self, local: u32) -> Reg {
        let Local { slot, ty, .. } = self.locals[local as usize];
        let mut reg = None;
        // What had to be read again after a call is kept where calls leave it.
        if self.called && !ty.is_vector() {
            reg = (CALLEE_SAVED - self.occupied()).first();
        }
        let reg = match reg {
            Some(reg) => self.pin_free(reg),
            None => self.alloc(ty),
        };
        self.rely_on_slot(local);
        self.load_reg(ty, reg, self.slot(slot, ty));
        self.bind_local(local, reg);
        reg
    }

    /// Gives a register to a local.
    pub(super) fn bind_local(&mut self, local: u32, reg: Reg) {
        self.locals[local as usize].reg = reg.index() as u8;
        self.owner[reg.index()] = local;
        self.local_regs |= RegSet::of(reg);
    }

    /// Takes its register from a local, without storing it.
    pub(super) fn free_local(&mut self, reg: Reg) {
        self.locals[self.owner[reg.index()] as usize].reg = NO_REG;
        self.local_regs -= RegSet::of(reg);
        self.dirty -= RegSet::of(reg);
    }

    /// Stores a local to its slot from its register, which stays.
    pub(super) fn store_local(&mut self, reg: Reg) {
        let Local { slot, ty, .. } = self.locals[self.owner[reg.index()] as usize];
        self.store_reg(ty, self.slot(slot, ty), reg);
        self.dirty -= RegSet::of(reg);
    }

    /// Stores the dirty locals among these registers. They stay in the registers, clean.
    pub(super) fn clean(&mut self, regs: RegSet) {
        for reg in (self.dirty & regs).regs() {
            self.store_local(reg);
        }
    }

    pub(super) fn local_get(&mut self, local: u32) {
        let Local { ty, written, .. } = self.locals[local as usize];
        if !written && self.loop_depth == 0 {
            self.push_const(ty, 0);
        } else {
            self.push_use(local, ty);
        }
    }

    pub(super) fn local_set(&mut self, local: u32) {
        let value = self.pop();
        self.assign(local, value);
    }

    pub(super) fn local_tee(&mut self, local: u32) {
        let value = self.pop();
        self.assign(local, value);
        self.push_use(local, value.ty);
    }

    fn assign(&mut self, local: u32, value: Value) {
        self.rescue_uses(local);
        let at_function_level = self.frames.len() == 1;
        let state = &mut self.locals[local as usize];
        state.written = true;
        state.definite |= at_function_level;
        let old = state.reg();
        let reg = match (value.at, old) {
            (At::Shared(reg), Some(old)) if reg == old => return,
            (At::Own(reg), _) => {
                if let Some(old) = old {
                    self.free_local(old);
                }
                reg
            }
            (_, Some(old)) => {
                self.load_value(value, old);
                old
            }
            (_, None) => {
                let reg = self.alloc(value.ty);
                self.load_value(value, reg);
                reg
            }
        };
        if old != Some(reg) {
            self.bind_local(local, reg);
        }
        self.dirty |= RegSet::of(reg);
    }

    /// Reads the uses of a local that were not read yet, before the local changes.
    fn rescue_uses(&mut self, local: u32) {
        let mut position = self.use_of(local);
        if position == NONE {
            return;
        }
        let reg = self.local_reg(local);
        // The topmost use takes the register. The local is about to change, so its value is not needed.
        self.free_local(reg);
        let ty = self.locals[local as usize].ty;
        let top = position as usize;
        position = (self.operands[top].data >> 32) as u32;
        self.operands[top].kind = Kind::Reg;
        self.operands[top].reg = reg.index() as u8;
        self.owner[reg.index()] = top as u32;
        self.operand_regs |= RegSet::of(reg);
        while let Some(operand) = self.operands.get(position as usize)
            && operand.is_use_of(local)
        {
            let (slot, next) = (operand.slot(), (operand.data >> 32) as u32);
            self.asm_reserve();
            self.store_reg(ty, self.slot(slot, ty), reg);
            self.operands[position as usize].kind = Kind::Slot;
            position = next;
        }
        self.locals[local as usize].head = NONE;
    }
}
