//! What is known of registers where paths meet, and what loops keep in them.
//!
//! A label before which all branches come keeps a *snapshot*: the registers that have the same local on all
//! paths so far. Each path stores its dirty locals first, so all that is left out is in its slot. Operands
//! below a block are settled when it begins, so they never differ.
//!
//! At a loop, branches come later. Its header's snapshot says which locals are in which registers; a branch
//! back stores the other dirty locals, and moves or loads these. Locals that the loop sets count as dirty at
//! its header, the others have been stored before it.

use super::Compiler;
use super::asm::{Mem, Reg, RegSet, Size};
use super::machine::CALLEE_SAVED;
use super::survey::{LoopNote, bit};
use super::values::{At, NONE, Ty, Value};

/// The locals in registers at a label.
#[derive(Clone, Copy)]
pub(super) struct Snapshot {
    pub regs: RegSet,
    unknown: RegSet,
    pub owner: [u32; 32],
}

/// Locals that a loop keeps in registers although it does not use them first, if it has so many registers
/// or fewer in use. Guessed.
const SPARE: u32 = 5;

/// Registers that stay free for the operands of a loop. Guessed.
const FOR_OPERANDS: u32 = 4;

impl Compiler<'_> {
    /// A snapshot of the locals in registers.
    pub(super) fn snapshot(&mut self) -> u32 {
        let snapshot = Snapshot {
            regs: self.local_regs,
            unknown: self.unknown & self.local_regs,
            owner: self.owner,
        };
        match self.free_snapshots.pop() {
            Some(at) => {
                self.snapshots[at as usize] = snapshot;
                at
            }
            None => {
                self.snapshots.push(snapshot);
                self.snapshots.len() as u32 - 1
            }
        }
    }

    pub(super) fn free_snapshot(&mut self, at: u32) {
        if at != NONE {
            self.free_snapshots.push(at);
        }
    }

    /// Notes a branch to the end of a block with the registers as they are. Returns its snapshot.
    pub(super) fn merge_into(&mut self, edge: u32) -> u32 {
        if edge == NONE {
            return self.snapshot();
        }
        let known = &mut self.snapshots[edge as usize];
        let both = known.regs & self.local_regs;
        let mut same = RegSet::EMPTY;
        for reg in both.regs() {
            if known.owner[reg.index()] == self.owner[reg.index()] {
                same |= RegSet::of(reg);
            }
        }
        known.regs = same;
        known.unknown = (known.unknown | self.unknown) & same;
        edge
    }

    /// Of two snapshots, the second of which is freed, what is the same in both.
    pub(super) fn merge_snapshots(&mut self, edge: u32, other: u32) -> u32 {
        if edge == NONE {
            return other;
        }
        self.restore(other);
        self.merge_into(edge);
        self.free_snapshot(other);
        edge
    }

    /// Continues with the registers of a snapshot; all locals in them are clean.
    pub(super) fn restore(&mut self, snapshot: u32) {
        for reg in self.local_regs.regs() {
            self.free_local(reg);
        }
        let Snapshot {
            regs,
            unknown,
            owner,
        } = self.snapshots[snapshot as usize];
        for reg in regs.regs() {
            self.bind_local(owner[reg.index()], reg);
        }
        self.unknown = unknown;
        self.operand_regs = RegSet::EMPTY;
    }

    /// Decides what a loop keeps in registers, and makes it so. All operands are settled.
    pub(super) fn enter_loop(&mut self, note: LoopNote) {
        debug_assert!(self.operand_regs.is_empty());
        for reg in self.local_regs.regs() {
            let local = self.owner[reg.index()];
            let local_bit = bit(local);
            let is_set = note.set & local_bit != 0;
            let wanted = note.read & local_bit != 0;
            let keep = wanted || note.innermost && self.local_regs.len() <= SPARE;
            let mut kept = reg;
            if !keep || note.calls && !CALLEE_SAVED.has(RegSet::of(reg)) {
                match self.kept_over_calls(reg, wanted) {
                    Some(other) => kept = other,
                    None => {
                        self.clean(RegSet::of(reg));
                        self.free_local(reg);
                        continue;
                    }
                }
            }
            let set = RegSet::of(kept);
            if self.unknown.has(set) {
                self.asm.mov(Size::S32, kept.gpr(), kept.gpr());
                self.unknown -= set;
            }
            if is_set {
                self.dirty |= set;
            } else {
                self.clean(set);
            }
        }
        if note.innermost && !note.calls {
            self.preload(note);
        }
    }

    /// Moves a local that a loop with calls reads to a register that calls keep, if one is free.
    fn kept_over_calls(&mut self, reg: Reg, wanted: bool) -> Option<Reg> {
        if !wanted || reg.is_xmm() {
            return None;
        }
        let free = CALLEE_SAVED - self.local_regs;
        let other = free.first()?;
        let local = self.owner[reg.index()];
        let dirty = self.dirty.has(RegSet::of(reg));
        self.free_local(reg);
        self.saved |= RegSet::of(other);
        self.move_reg(self.locals[local as usize].ty, other, reg);
        self.bind_local(local, other);
        if dirty {
            self.dirty |= RegSet::of(other);
        }
        Some(other)
    }

    /// Loads locals that an innermost loop reads, as long as enough registers stay free.
    fn preload(&mut self, note: LoopNote) {
        let mut left = note.read;
        while left != 0 {
            let local = left.trailing_zeros();
            left &= left - 1;
            let Some(state) = self.locals.get(local as usize) else {
                return;
            };
            let among = match state.ty.is_vector() {
                true => super::machine::VECTORS,
                false => self.gprs,
            };
            if state.reg().is_some() || (among - self.local_regs).len() <= FOR_OPERANDS {
                continue;
            }
            self.asm_reserve();
            self.pinned = RegSet::EMPTY;
            let reg = self.read_local(local);
            if note.set & bit(local) != 0 {
                self.dirty |= RegSet::of(reg);
            }
        }
    }

    /// Whether a branch back to a loop with this snapshot needs no code.
    pub(super) fn is_at_header(&self, header: u32) -> bool {
        let header = &self.snapshots[header as usize];
        if !(header.regs - self.local_regs).is_empty() || !(self.unknown & header.regs).is_empty() {
            return false;
        }
        let in_place = |reg: Reg| header.owner[reg.index()] == self.owner[reg.index()];
        header.regs.regs().all(in_place) && (self.dirty - header.regs).is_empty()
    }

    /// Emits what makes registers and slots as they are at the header of a loop. What the compiler knows does
    /// not change: the code after it may be reached without it.
    pub(super) fn move_to_header(&mut self, header: u32) {
        let Snapshot { regs, owner, .. } = self.snapshots[header as usize];
        for reg in self.dirty.regs() {
            let local = self.owner[reg.index()];
            let kept = regs.regs().any(|kept| owner[kept.index()] == local);
            if !kept {
                let state = self.locals[local as usize];
                self.asm_reserve();
                self.store_reg(state.ty, self.slot(state.slot, state.ty), reg);
            }
        }
        let mut moves = std::mem::take(&mut self.moves);
        let mut widen = RegSet::EMPTY;
        for reg in regs.regs() {
            let local = self.locals[owner[reg.index()] as usize];
            match local.reg() {
                Some(from) if from == reg => widen |= self.unknown & RegSet::of(reg),
                Some(from) => moves.add(
                    Value {
                        ty: local.ty,
                        at: At::Shared(from),
                    },
                    reg,
                ),
                None => moves.add(
                    Value {
                        ty: local.ty,
                        at: At::Slot(local.slot),
                    },
                    reg,
                ),
            }
        }
        self.emit_moves(&mut moves);
        self.moves = moves;
        for reg in widen.regs() {
            self.asm.mov(Size::S32, reg.gpr(), reg.gpr());
        }
    }

    /// The slot of the operand at a position of a block that begins at `end` of the frame area, and where it
    /// ends.
    pub(super) fn slot_after(&self, end: u32, ty: Ty) -> (Mem, u32) {
        let offset = crate::bytecode::frame_area::slot_offset(end, ty.size());
        (self.slot(offset, ty), offset + ty.size())
    }
}
