//! Where values are while the code is made: operands, locals and registers.
//!
//! ```text
//! operand   a constant | a local that has not been read yet | a register of its own | its slot
//! local     a register (clean: its slot has the same value, or dirty), or its slot
//! register  free | of a local | of an operand
//! ```
//! Each local and each operand has a slot of the frame area (`crate::bytecode::frame_area`). `local.get`
//! only notes the local; `local.set` of an operand in a register renames the register. A register that is
//! wanted and not free is taken from a clean local, else from a dirty one, else from the lowest operand.
//!
//! Registers of the operator at hand are *pinned* until its end, so that nothing that it does can take them.
//! An operand that was popped owns its register (and the operator may write to it), a local's register may
//! only be read.
//!
//! The uses of a local that were not read yet form a chain through the operand stack, from the topmost one
//! down, so that a `local.set` finds them without a search. Operands below `settled` are constants or in
//! their slots; constants below `stored` are in their slots too. So nothing is walked twice, and all that
//! is done is linear in the size of the body.
//!
//! Invariants, checked after each operator in debug builds: `owner` of a register and the register of what
//! it owns agree; a register has one owner; dirty registers are of locals.
//!
//! An i32 in a register has an undefined upper half if the register is in `unknown`: parameters and results
//! come like that. It is cleared where it matters, which is an index.

use super::Compiler;
use super::asm::{Gpr, Mem, Reg, RegSet, Xmm};
use super::machine::{CALLEE_SAVED, VECTORS};
use crate::bytecode::frame_area;
use engine::ValType;

/// The type of a value, as far as code differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref,
}

impl Ty {
    pub(super) fn of(ty: ValType) -> Ty {
        match ty {
            ValType::I32 => Ty::I32,
            ValType::I64 => Ty::I64,
            ValType::F32 => Ty::F32,
            ValType::F64 => Ty::F64,
            ValType::V128 => Ty::V128,
            ValType::Ref(_) => Ty::Ref,
        }
    }

    /// Whether its registers are vector registers.
    pub(super) fn is_vector(self) -> bool {
        matches!(self, Ty::F32 | Ty::F64 | Ty::V128)
    }

    /// Bytes of its slot.
    pub(super) fn size(self) -> u32 {
        match self {
            Ty::V128 => frame_area::VECTOR,
            _ => frame_area::WORD,
        }
    }
}

/// No position, no local, no register.
pub(super) const NONE: u32 = u32::MAX;

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `data` has the bits; a vector constant is all zeros.
    Const,
    /// `data` has the local, and above it the position of the next lower use of the local in the chain.
    Local,
    Reg,
    Slot,
}

/// An operand on the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub kind: Kind,
    pub ty: Ty,
    /// Where the slots of the operands below it end.
    pub below: u32,
    pub data: u64,
    reg: u8,
}

impl Operand {
    /// The offset of its slot in the frame area.
    pub(super) fn slot(&self) -> u32 {
        frame_area::slot_offset(self.below, self.ty.size())
    }

    pub(super) fn reg(&self) -> Reg {
        debug_assert_eq!(self.kind, Kind::Reg);
        reg_of(self.reg)
    }

    pub(super) fn local(&self) -> u32 {
        debug_assert_eq!(self.kind, Kind::Local);
        self.data as u32
    }

    fn is_use_of(&self, local: u32) -> bool {
        self.kind == Kind::Local && self.data as u32 == local
    }
}

fn reg_of(number: u8) -> Reg {
    if number < 16 {
        Reg::of_gpr(Gpr::new(number))
    } else {
        Reg::of_xmm(Xmm::new(number - 16))
    }
}

/// A local of the function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    /// The offset of its slot in the frame area.
    pub slot: u32,
    /// The topmost of its uses that were not read yet. May be stale: see [`Compiler::use_of`].
    head: u32,
    pub ty: Ty,
    /// Its register, or `NO_REG`.
    reg: u8,
    /// Whether code made so far sets it. If not, and if no loop is open, it is still zero.
    pub written: bool,
    /// Whether it is set before all code that follows, so that its slot is never read before it is written.
    pub definite: bool,
}

const NO_REG: u8 = u8::MAX;

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

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Const(u64),
    /// A register that may be overwritten.
    Own(Reg),
    /// The register of a local, which may only be read.
    Shared(Reg),
    /// A slot of the frame area, by its offset.
    Slot(u32),
}

/// A value that was popped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub ty: Ty,
    pub at: At,
}

impl Value {
    pub(super) fn constant(ty: Ty, bits: u64) -> Value {
        Value {
            ty,
            at: At::Const(bits),
        }
    }

    /// The register that the value is in, if it is in one.
    pub(super) fn reg(&self) -> Option<Reg> {
        match self.at {
            At::Own(reg) | At::Shared(reg) => Some(reg),
            At::Const(_) | At::Slot(_) => None,
        }
    }

    /// The constant, extended by its sign, if the value is one and has a form that instructions take.
    pub(super) fn imm32(&self) -> Option<i32> {
        match (self.at, self.ty) {
            (At::Const(bits), Ty::I32) => Some(bits as i32),
            (At::Const(bits), _) => i32::try_from(bits as i64).ok(),
            _ => None,
        }
    }
}

// The operand stack.
impl Compiler<'_> {
    /// Number of operands.
    #[inline]
    pub(super) fn height(&self) -> usize {
        self.operands.len()
    }

    #[inline]
    fn push_operand(&mut self, kind: Kind, ty: Ty, reg: u8, data: u64) {
        let below = self.end;
        self.end = frame_area::slot_offset(below, ty.size()) + ty.size();
        self.max_end = self.max_end.max(self.end);
        self.operands.push(Operand {
            kind,
            ty,
            below,
            data,
            reg,
        });
    }

    /// Pushes a constant, by its bits; of vectors, only zero.
    #[inline]
    pub(super) fn push_const(&mut self, ty: Ty, bits: u64) {
        self.push_operand(Kind::Const, ty, NO_REG, bits);
    }

    /// Pushes what is in a register, which the operand owns from now on.
    #[inline]
    pub(super) fn push_reg(&mut self, ty: Ty, reg: Reg) {
        debug_assert!(!(self.local_regs | self.operand_regs).has(RegSet::of(reg)));
        self.owner[reg.index()] = self.operands.len() as u32;
        self.operand_regs |= RegSet::of(reg);
        self.push_operand(Kind::Reg, ty, reg.index() as u8, 0);
    }

    #[inline]
    pub(super) fn push_gpr(&mut self, ty: Ty, reg: Gpr) {
        self.push_reg(ty, Reg::of_gpr(reg));
    }

    #[inline]
    pub(super) fn push_xmm(&mut self, ty: Ty, reg: Xmm) {
        self.push_reg(ty, Reg::of_xmm(reg));
    }

    /// Pushes an operand that is in its slot.
    pub(super) fn push_in_slot(&mut self, ty: Ty) {
        self.push_operand(Kind::Slot, ty, NO_REG, 0);
    }

    #[inline]
    fn push_use(&mut self, local: u32, ty: Ty) {
        let below = self.use_of(local);
        let data = u64::from(local) | u64::from(below) << 32;
        self.locals[local as usize].head = self.operands.len() as u32;
        self.push_operand(Kind::Local, ty, NO_REG, data);
    }

    /// The topmost use of a local that was not read yet, or `NONE`. Operands that were settled or dropped
    /// do not leave the chain; what is found in their place is no use, and below it there is none.
    #[inline]
    fn use_of(&self, local: u32) -> u32 {
        let head = self.locals[local as usize].head;
        match self.operands.get(head as usize) {
            Some(operand) if operand.is_use_of(local) => head,
            _ => NONE,
        }
    }

    #[inline]
    fn pop_operand(&mut self) -> Operand {
        let operand = self.operands.pop().expect("a validated body has operands");
        self.end = operand.below;
        let height = self.operands.len() as u32;
        self.settled = self.settled.min(height);
        self.stored = self.stored.min(height);
        match operand.kind {
            Kind::Reg => {
                self.operand_regs -= RegSet::of(operand.reg());
                self.pinned |= RegSet::of(operand.reg());
            }
            Kind::Local => {
                self.locals[operand.local() as usize].head = (operand.data >> 32) as u32;
            }
            Kind::Const | Kind::Slot => {}
        }
        operand
    }

    /// Pops a value. If it is in a register, that is pinned. A local is read into a register.
    #[inline]
    pub(super) fn pop(&mut self) -> Value {
        let operand = self.pop_operand();
        let at = match operand.kind {
            Kind::Const => At::Const(operand.data),
            Kind::Reg => At::Own(operand.reg()),
            Kind::Slot => At::Slot(operand.slot()),
            Kind::Local => At::Shared(self.local_reg(operand.local())),
        };
        Value { ty: operand.ty, at }
    }

    /// Pops operands without reading them.
    pub(super) fn discard(&mut self, count: usize) {
        for _ in 0..count {
            self.pop_operand();
        }
    }

    /// Forgets the operands from this position on, below which all are settled.
    pub(super) fn cut_back(&mut self, height: usize, end: u32) {
        self.operands.truncate(height);
        self.end = end;
        self.settled = self.settled.min(height as u32);
        self.stored = self.stored.min(height as u32);
        self.operand_regs = RegSet::EMPTY;
    }

    /// The value of an operand, which stays on the stack.
    pub(super) fn peek(&mut self, position: usize) -> Value {
        let operand = self.operands[position];
        let at = match operand.kind {
            Kind::Const => At::Const(operand.data),
            Kind::Reg => At::Shared(operand.reg()),
            Kind::Slot => At::Slot(operand.slot()),
            Kind::Local => {
                let local = operand.local();
                match self.locals[local as usize].reg() {
                    Some(reg) => At::Shared(reg),
                    None => {
                        self.rely_on_slot(local);
                        At::Slot(self.locals[local as usize].slot)
                    }
                }
            }
        };
        Value { ty: operand.ty, at }
    }

    /// Makes all operands below this height constants or slots.
    pub(super) fn settle(&mut self, height: usize) {
        for position in self.settled as usize..height {
            let operand = self.operands[position];
            match operand.kind {
                Kind::Const | Kind::Slot => {}
                Kind::Reg => self.spill_operand(position),
                Kind::Local => {
                    let value = self.peek(position);
                    self.asm_reserve();
                    self.store(value, self.slot(operand.slot(), operand.ty));
                    self.operands[position].kind = Kind::Slot;
                }
            }
        }
        self.settled = self.settled.max(height as u32);
    }

    /// Makes the slots of all operands below this height, which are settled, valid: constants are stored.
    pub(super) fn store_constants(&mut self, height: usize) {
        debug_assert!(self.settled as usize >= height);
        for position in self.stored as usize..height {
            let operand = self.operands[position];
            if operand.kind == Kind::Const {
                self.asm_reserve();
                let value = Value {
                    ty: operand.ty,
                    at: At::Const(operand.data),
                };
                self.store(value, self.slot(operand.slot(), operand.ty));
            }
        }
        self.stored = self.stored.max(height as u32);
    }

    /// An operand is no longer known to be a constant: it is in its slot.
    pub(super) fn forget_constant(&mut self, position: usize) {
        self.operands[position].kind = Kind::Slot;
    }

    fn spill_operand(&mut self, position: usize) {
        let operand = self.operands[position];
        let reg = operand.reg();
        self.store_reg(operand.ty, self.slot(operand.slot(), operand.ty), reg);
        self.operand_regs -= RegSet::of(reg);
        self.operands[position].kind = Kind::Slot;
    }

    /// Spills the operands below this height that are in these registers.
    pub(super) fn spill_operands(&mut self, regs: RegSet, height: usize) {
        for reg in (self.operand_regs & regs).regs() {
            let position = self.owner[reg.index()] as usize;
            if position < height {
                self.spill_operand(position);
            }
        }
    }
}

// Locals.
impl Compiler<'_> {
    /// The memory of a slot.
    #[inline]
    pub(super) fn slot(&self, offset: u32, ty: Ty) -> Mem {
        self.area_used.set(true);
        Mem::at(Gpr::RBP, -((self.head + offset + ty.size()) as i32))
    }

    /// Notes that a local's slot is read, so that it has to be zero at first.
    #[inline]
    fn rely_on_slot(&mut self, local: u32) {
        let Local {
            slot, ty, definite, ..
        } = self.locals[local as usize];
        if !definite {
            let (first, end) = self.zeroed;
            self.zeroed = (first.min(slot), end.max(slot + ty.size()));
        }
    }

    /// Notes that the slots of all locals may be read, at a loop. What is set before the first loop is set
    /// before the other ones too.
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
    fn local_reg(&mut self, local: u32) -> Reg {
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

// Registers.
impl Compiler<'_> {
    /// Registers that are not free.
    #[inline]
    fn occupied(&self) -> RegSet {
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
    fn pin_free(&mut self, reg: Reg) -> Reg {
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
