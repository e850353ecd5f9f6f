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
use super::asm::{Gpr, Reg, RegSet, Xmm};
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

/// No position, no local.
pub(super) const NONE: u32 = u32::MAX;

/// No register.
pub(super) const NO_REG: u8 = u8::MAX;

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
    pub(super) reg: u8,
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

    pub(super) fn is_use_of(&self, local: u32) -> bool {
        self.kind == Kind::Local && self.data as u32 == local
    }
}

pub(super) fn reg_of(number: u8) -> Reg {
    if number < 16 {
        Reg::of_gpr(Gpr::new(number))
    } else {
        Reg::of_xmm(Xmm::new(number - 16))
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
    pub(super) fn push_operand(&mut self, kind: Kind, ty: Ty, reg: u8, data: u64) {
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
    pub(super) fn push_use(&mut self, local: u32, ty: Ty) {
        let below = self.use_of(local);
        let data = u64::from(local) | u64::from(below) << 32;
        self.locals[local as usize].head = self.operands.len() as u32;
        self.push_operand(Kind::Local, ty, NO_REG, data);
    }

    /// The topmost use of a local that was not read yet, or `NONE`. Operands that were settled or dropped
    /// do not leave the chain; what is found in their place is no use, and below it there is none.
    #[inline]
    pub(super) fn use_of(&self, local: u32) -> u32 {
        let head = self.locals[local as usize].head;
        match self.operands.get(head as usize) {
            Some(operand) if operand.is_use_of(local) => head,
            _ => NONE,
        }
    }

    #[inline]
    pub(super) fn pop_operand(&mut self) -> Operand {
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

    pub(super) fn spill_operand(&mut self, position: usize) {
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
