//! Code behind the body, for what happens seldom: traps, spent budgets, branches out of loops, tail calls.
//!
//! Each piece is noted while the body is compiled, with the copies of registers that it makes, and emitted
//! when the body and its epilogue are there.

use super::Compiler;
use super::asm::{Alu, Cond, Gpr, Label, Mem, Reg, RegSet, Size, Xmm};
use super::calls::TailCall;
use super::locals::Local;
use super::machine::{self, SCRATCH};
use super::values::Ty;
use crate::bytecode::operators::{Float, Int};
use engine::Trap;
use engine::layout::offsets;
use engine::libcalls::Libcall;
use std::ops::Range;
use stubs::FrameStep;

/// A register and the slot of the local in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copy {
    reg: Reg,
    ty: Ty,
    slot: u32,
}

/// A range of `Compiler::copies`.
pub(super) type Copies = Range<usize>;

/// Code behind the body. `at` is where it begins, `back` where it returns to, and `offset` the operator.
pub(super) enum OutOfLine {
    Trap {
        at: Label,
        trap: Trap,
        offset: u32,
    },
    /// A branch out of a loop: stores locals and goes to the label.
    Edge {
        at: Label,
        stores: Copies,
        to: Label,
        offset: u32,
    },
    /// The trips through a loop have spent the budget. The frame area is completed, and its length given to
    /// the engine.
    TripsSpent {
        at: Label,
        back: Label,
        stores: Copies,
        loads: Copies,
        offset: u32,
        area: u32,
    },
    /// The program was asked to stop.
    Interrupted {
        at: Label,
        back: Label,
        stores: Copies,
        loads: Copies,
        offset: u32,
    },
    /// An indirect call found another callee than the first one that was ever seen: r11 is its feedback, r10
    /// the entry.
    NoteCallee {
        at: Label,
        back: Label,
        offset: u32,
    },
    TailCall {
        at: Label,
        call: TailCall,
    },
    /// A float without an integer.
    NoInteger {
        at: Label,
        ty: Float,
        x: Xmm,
        offset: u32,
    },
    /// A conversion yielded the lowest integer, which is right or means that there is none.
    LowestInteger {
        at: Label,
        back: Label,
        to: Int,
        ty: Float,
        x: Xmm,
        offset: u32,
    },
}

impl OutOfLine {
    /// Where the operator is whose code it belongs to.
    fn operator(&self) -> u32 {
        match self {
            OutOfLine::Trap { offset, .. }
            | OutOfLine::TripsSpent { offset, .. }
            | OutOfLine::Interrupted { offset, .. }
            | OutOfLine::NoInteger { offset, .. }
            | OutOfLine::LowestInteger { offset, .. }
            | OutOfLine::Edge { offset, .. }
            | OutOfLine::NoteCallee { offset, .. } => *offset,
            OutOfLine::TailCall { call, .. } => call.offset,
        }
    }

    /// The largest number of bytes of its code, without its copies.
    fn largest(&self) -> usize {
        match self {
            OutOfLine::Trap { .. } => 2,
            OutOfLine::Edge { .. } => 5,
            OutOfLine::TripsSpent { .. } => 128,
            OutOfLine::Interrupted { .. } => 32,
            OutOfLine::NoteCallee { .. } => 32,
            // A load and a store for 16 bytes of arguments.
            OutOfLine::TailCall { call, .. } => 128 + 2 * call.args() as usize,
            OutOfLine::NoInteger { .. } => 16,
            OutOfLine::LowestInteger { .. } => 96,
        }
    }
}

/// The largest number of bytes of a store or load of a copy.
const COPY: usize = 10;

/// A jump table, and its labels in `Compiler::targets`.
pub(super) struct Table {
    pub table: Label,
    pub targets: Range<usize>,
}

/// The memory that holds the code of a helper.
pub(super) fn helper(ctx: Gpr, helper: Libcall) -> Mem {
    Mem::at(ctx, offsets::CTX_HELPERS + 8 * helper as i32)
}

impl Compiler<'_> {
    /// Notes a piece, and what its code will take of the function's limit.
    pub(super) fn defer(&mut self, piece: OutOfLine) {
        self.deferred += piece.largest();
        self.out_of_line.push(piece);
    }

    /// The registers of locals and their slots, for code out of line.
    pub(super) fn copies_of(&mut self, regs: RegSet) -> Copies {
        let first = self.copies.len();
        self.area_used.set(self.area_used.get() || !regs.is_empty());
        for reg in regs.regs() {
            let Local { ty, slot, .. } = self.locals[self.owner[reg.index()] as usize];
            self.copies.push(Copy { reg, ty, slot });
        }
        self.deferred += COPY * regs.len() as usize;
        first..self.copies.len()
    }

    fn emit_stores(&mut self, stores: Copies) {
        for at in stores {
            let Copy { reg, ty, slot } = self.copies[at];
            self.store_reg(ty, self.slot(slot, ty), reg);
        }
    }

    fn emit_loads(&mut self, loads: Copies) {
        for at in loads {
            let Copy { reg, ty, slot } = self.copies[at];
            self.load_reg(ty, reg, self.slot(slot, ty));
        }
    }

    pub(super) fn emit_out_of_line(&mut self) {
        #[cfg(debug_assertions)]
        let end = self.asm.position() as usize + self.deferred;
        let mut pieces = std::mem::take(&mut self.out_of_line);
        for piece in pieces.drain(..) {
            self.asm_reserve();
            if self.input.settings.observed {
                self.note_row(piece.operator());
            }
            match piece {
                OutOfLine::Trap { at, trap, offset } => {
                    self.asm.bind(at);
                    self.record_trap(self.asm.position(), trap, offset);
                    self.asm.ud2();
                }
                OutOfLine::Edge { at, stores, to, .. } => {
                    self.asm.bind(at);
                    self.emit_stores(stores);
                    self.asm.jmp(to);
                }
                OutOfLine::TripsSpent {
                    at,
                    back,
                    stores,
                    loads,
                    offset,
                    area,
                } => {
                    self.asm.bind(at);
                    self.emit_stores(stores);
                    self.emit_trips_spent(offset, area);
                    self.asm.test(Size::S64, Gpr::RAX, Gpr::RAX);
                    let stay = self.asm.new_label();
                    self.asm.jcc(Cond::E, stay);
                    self.emit_entry_of_osr_code();
                    self.asm.bind(stay);
                    self.emit_loads(loads);
                    self.asm.jmp(back);
                }
                OutOfLine::Interrupted {
                    at,
                    back,
                    stores,
                    loads,
                    offset,
                } => {
                    self.asm.bind(at);
                    self.emit_stores(stores);
                    self.asm.mov(Size::S64, Gpr::RDI, self.roles.ctx);
                    self.asm.call_to(helper(Gpr::RDI, Libcall::Interrupted));
                    self.record_call(offset);
                    self.emit_loads(loads);
                    self.asm.jmp(back);
                }
                OutOfLine::NoteCallee { at, back, .. } => {
                    self.asm.bind(at);
                    // The helper changes no register; these two may be arguments.
                    self.asm.push(Gpr::RSI);
                    self.asm.push(Gpr::RDX);
                    self.asm.mov(Size::S64, Gpr::RSI, SCRATCH);
                    self.asm.mov(Size::S64, Gpr::RDX, Gpr::R10);
                    self.asm
                        .call_to(helper(self.roles.ctx, Libcall::NoteCallee));
                    self.asm.pop(Gpr::RDX);
                    self.asm.pop(Gpr::RSI);
                    self.asm.jmp(back);
                }
                OutOfLine::TailCall { at, call } => {
                    self.asm.bind(at);
                    self.emit_tail_call(call);
                }
                OutOfLine::NoInteger { at, ty, x, offset } => {
                    self.asm.bind(at);
                    self.emit_no_integer(ty, x, offset);
                }
                OutOfLine::LowestInteger {
                    at,
                    back,
                    to,
                    ty,
                    x,
                    offset,
                } => {
                    self.asm.bind(at);
                    self.emit_lowest_integer(back, to, ty, x, offset);
                }
            }
        }
        self.out_of_line = pieces;
        #[cfg(debug_assertions)]
        assert!(
            self.asm.position() as usize <= end,
            "no piece has more code than was noted for it"
        );
    }

    /// Emits jump tables and constants, behind all instructions.
    pub(super) fn emit_data(&mut self) {
        for Table { table, targets } in self.tables.drain(..) {
            self.asm.jump_table(table, &self.targets[targets]);
        }
        for (bytes, label) in self.constants.drain(..) {
            self.asm.align(16);
            self.asm.bind(label);
            self.asm.data(&bytes);
            self.aligned = true;
        }
    }

    /// Asks the engine whether the loop goes on elsewhere: its code, or 0, is in rax then.
    fn emit_trips_spent(&mut self, offset: u32, area: u32) {
        let asm = &mut self.asm;
        if self.leaf {
            // A leaf keeps nothing in registers that calls preserve.
            asm.push(self.roles.ctx);
            asm.push(self.roles.base);
        } else {
            asm.mov(Size::S64, Gpr::RDI, self.roles.ctx);
        }
        asm.mov_imm(Gpr::RSI, u64::from(self.input.func.0));
        asm.mov_imm(Gpr::RDX, u64::from(offset));
        let low = -((self.head + area) as i32);
        asm.lea(Size::S64, Gpr::RCX, Mem::at(Gpr::RBP, low));
        asm.mov_imm(Gpr::R8, u64::from(area));
        asm.call_to(helper(Gpr::RDI, Libcall::LoopBudgetSpent));
        self.record_call(offset);
        if self.leaf {
            self.asm.pop(self.roles.base);
            self.asm.pop(self.roles.ctx);
        }
    }

    /// Leaves the frame for the code in rax, which takes the context and the results pointer, but no
    /// arguments.
    fn emit_entry_of_osr_code(&mut self) {
        let params = self.stack_params as i32;
        if !self.leaf {
            self.asm.mov(Size::S64, Gpr::RDI, self.roles.ctx);
        }
        if self.head > 0 {
            self.asm.mov(Size::S64, Gpr::RSI, Mem::at(Gpr::RBP, -8));
        }
        self.restore_saved();
        if params > 0 {
            // The caller expects that the arguments are popped.
            self.asm.mov(Size::S64, SCRATCH, Mem::at(Gpr::RBP, 8));
            let moved = Mem::at(Gpr::RBP, 8 + params);
            self.asm.mov_store(Size::S64, moved, SCRATCH);
        }
        self.asm.leave();
        self.note_step(FrameStep::bare);
        if params > 0 {
            self.asm.alu_imm(Alu::Add, Size::S64, Gpr::RSP, params);
        }
        self.asm.jmp_to(Gpr::RAX);
        self.note_frame_of_body();
    }

    /// The label of a constant of 16 bytes behind the code.
    pub(super) fn constant(&mut self, bytes: [u8; 16]) -> Label {
        let recent = self.constants.iter().rev().take(8);
        if let Some((_, label)) = recent.clone().find(|(known, _)| *known == bytes) {
            return *label;
        }
        let label = self.asm.new_label();
        self.constants.push((bytes, label));
        label
    }

    /// The registers that the function saves, and where.
    pub(super) fn saved_slots(&self) -> impl Iterator<Item = (Gpr, Mem)> + use<> {
        let first = self.head + self.area_size();
        let slot = move |at: usize| Mem::at(Gpr::RBP, -((first + 8 * (at as u32 + 1)) as i32));
        let regs = self.saved_regs().gprs();
        regs.enumerate().map(move |(at, reg)| (reg, slot(at)))
    }

    /// The registers that the function saves.
    pub(super) fn saved_regs(&self) -> RegSet {
        let mut regs = self.saved;
        if !self.leaf {
            regs |= RegSet::gpr(self.roles.ctx);
            if self.uses_base {
                regs |= RegSet::gpr(self.roles.base);
            }
        }
        debug_assert!((regs & machine::VECTORS).is_empty());
        regs
    }

    pub(super) fn restore_saved(&mut self) {
        for (reg, slot) in self.saved_slots() {
            self.asm.mov(Size::S64, reg, slot);
        }
    }
}
