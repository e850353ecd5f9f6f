//! Structured control: blocks, loops and conditionals.
//!
//! ```text
//! block     nothing; its label comes at its end, if something branches there
//! if        cmp ; jcc else            the registers at the else are those here
//! loop      its header is aligned if it is innermost; see `merge`, and `branches` for the way back
//! ```
//! The one result of a block is in rax or xmm0 where paths meet, several are in their slots.

use super::Compiler;
use super::asm::{Alu, Cond, Label, Mem, Size};
use super::machine::SCRATCH;
use super::moves::result_reg;
use super::out_of_line::OutOfLine;
use super::survey::LoopNote;
use super::values::{NONE, Ty};
use crate::bytecode::decode::BlockType;
use engine::Trap;
use engine::layout::offsets;

/// What opened a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    Function,
    /// A `block`, or an `if` whose `else` has begun.
    Block,
    Loop,
    /// An `if` before its `else`.
    If,
}

/// An open block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub kind: FrameKind,
    pub ty: BlockType,
    /// Operands below its parameters, and where their slots end.
    pub height: u32,
    pub end: u32,
    /// Its end, or the header of a loop.
    pub label: Label,
    /// The snapshot at the label, or `NONE` if nothing has branched there.
    pub edge: u32,
    /// Of an `if`, the label of its `else`; of a loop, that of the code for trips that have spent the budget.
    pub aside: Label,
    /// Of an `if`, the snapshot at its `else`.
    pub else_edge: u32,
    /// How many constants below are in their slots, on every path.
    pub stored: u32,
    /// Of a loop, the position of the loop around it, or `NONE`.
    pub outer_loop: u32,
    /// The last `br_table` with a stub for this block, by its offset, and the stub.
    pub stub: (u32, Label),
}

// Blocks.
impl Compiler<'_> {
    fn param_count(&self, ty: BlockType) -> usize {
        match ty {
            BlockType::Empty | BlockType::Value(_) => 0,
            BlockType::Func(ty) => self.func_type(ty).params().len(),
        }
    }

    fn result_count(&self, ty: BlockType) -> usize {
        match ty {
            BlockType::Empty => 0,
            BlockType::Value(_) => 1,
            BlockType::Func(ty) => self.func_type(ty).results().len(),
        }
    }

    /// How many operands a branch to a block passes.
    pub(super) fn passed_count(&self, frame: &Frame) -> usize {
        match frame.kind {
            FrameKind::Loop => self.param_count(frame.ty),
            FrameKind::Function => self.own_type.results().len(),
            FrameKind::Block | FrameKind::If => self.result_count(frame.ty),
        }
    }

    pub(super) fn open_function(&mut self) {
        self.open(FrameKind::Function, BlockType::Empty, 0);
        // A body without calls asks only in its loops: without loops it ends soon.
        if self.input.settings.interruption && (!self.surveyed || self.survey.calls) {
            self.asm_reserve();
            self.check_interrupt();
        }
    }

    fn open(&mut self, kind: FrameKind, ty: BlockType, height: usize) {
        let end = match self.operands.get(height) {
            Some(param) => param.below,
            None => self.end,
        };
        let label = match kind {
            FrameKind::Function => self.epilogue,
            FrameKind::Loop => self.asm.label_here(),
            FrameKind::Block | FrameKind::If => self.asm.new_label(),
        };
        self.frames.push(Frame {
            kind,
            ty,
            height: height as u32,
            end,
            label,
            edge: NONE,
            aside: label,
            else_edge: NONE,
            stored: self.stored,
            outer_loop: self.innermost_loop,
            stub: (NONE, label),
        });
    }

    pub(super) fn nop(&mut self) {}

    pub(super) fn drop(&mut self) {
        self.discard(1);
    }

    pub(super) fn block(&mut self, ty: BlockType) {
        let height = self.height() - self.param_count(ty);
        self.settle(height);
        self.open(FrameKind::Block, ty, height);
    }

    pub(super) fn if_(&mut self, ty: BlockType) {
        let comparison = self.pop_comparison();
        let params = self.param_count(ty);
        let height = self.height() - params;
        self.settle(self.height());
        if params > 0 {
            self.store_constants(self.height());
        }
        self.clean(self.dirty);
        self.emit_comparison(&comparison);
        self.open(FrameKind::If, ty, height);
        let otherwise = self.asm.new_label();
        self.jump_unless(comparison.branch, otherwise);
        let else_edge = self.snapshot();
        let frame = self.frames.last_mut().expect("it was just opened");
        frame.aside = otherwise;
        frame.else_edge = else_edge;
    }

    pub(super) fn else_(&mut self) {
        let at = self.frames.len() - 1;
        if self.reachable {
            self.pass_results(at);
            self.clean(self.dirty);
            self.note_branch(at);
            let label = self.frames[at].label;
            self.asm.jmp(label);
        }
        let frame = self.frames[at];
        debug_assert_eq!(frame.kind, FrameKind::If);
        self.asm.bind(frame.aside);
        self.restore(frame.else_edge);
        self.free_snapshot(frame.else_edge);
        self.cut_back(frame.height as usize, frame.end);
        if let BlockType::Func(ty) = frame.ty {
            let params = self.func_type(ty).params();
            self.moved += params.len();
            for ty in params {
                self.push_in_slot(Ty::of(ty));
            }
        }
        self.settled = self.operands.len() as u32;
        self.stored = self.stored.min(frame.stored);
        self.frames[at].kind = FrameKind::Block;
        self.frames[at].else_edge = NONE;
        self.reachable = true;
    }

    pub(super) fn end(&mut self) {
        let at = self.frames.len() - 1;
        match self.frames[at].kind {
            FrameKind::Function => {
                if self.reachable {
                    self.emit_results();
                }
                self.frames.pop();
                return;
            }
            FrameKind::Loop => {
                let frame = self.frames.pop().expect("it is the last");
                self.free_snapshot(frame.edge);
                self.loop_depth -= 1;
                self.innermost_loop = frame.outer_loop;
                if !self.reachable {
                    self.cut_back(frame.height as usize, frame.end);
                }
                return;
            }
            FrameKind::If if self.result_count(self.frames[at].ty) > 0 => self.else_(),
            FrameKind::If | FrameKind::Block => {}
        }
        let has_else_edge = self.frames[at].else_edge != NONE;
        if self.reachable && (self.frames[at].edge != NONE || has_else_edge) {
            self.pass_results(at);
            self.clean(self.dirty);
            self.note_branch(at);
        }
        let mut frame = self.frames.pop().expect("it is the last");
        if has_else_edge {
            self.asm.bind(frame.aside);
            frame.edge = self.merge_snapshots(frame.edge, frame.else_edge);
        }
        if frame.edge != NONE {
            self.asm.bind(frame.label);
            self.restore(frame.edge);
            self.free_snapshot(frame.edge);
            self.cut_back(frame.height as usize, frame.end);
            self.push_results(frame.ty);
            self.stored = self.stored.min(frame.stored);
            self.reachable = true;
        } else if !self.reachable {
            self.cut_back(frame.height as usize, frame.end);
        }
    }

    /// Pushes the results of a block where paths meet.
    fn push_results(&mut self, ty: BlockType) {
        match ty {
            BlockType::Empty => {}
            BlockType::Value(ty) => {
                let ty = Ty::of(ty);
                self.push_reg(ty, result_reg(ty));
            }
            BlockType::Func(ty) => {
                let results = self.func_type(ty).results();
                self.moved += results.len();
                let only = results.len() == 1;
                for ty in results {
                    let ty = Ty::of(ty);
                    match only {
                        true => self.push_reg(ty, result_reg(ty)),
                        false => self.push_in_slot(ty),
                    }
                }
            }
        }
    }
}

// Traps, loops and interruption.
impl Compiler<'_> {
    pub(super) fn unreachable(&mut self) {
        self.may_trap(Trap::UnreachableCodeReached);
        self.asm.ud2();
        self.reachable = false;
    }

    /// Traps out of line if a condition holds.
    pub(super) fn trap_if(&mut self, cond: Cond, trap: Trap) {
        let at = self.asm.new_label();
        self.asm.jcc(cond, at);
        self.defer(OutOfLine::Trap {
            at,
            trap,
            offset: self.offset,
        });
    }

    pub(super) fn loop_(&mut self, ty: BlockType) {
        let note = self.survey.loops[self.next_loop];
        self.next_loop += 1;
        let params = self.param_count(ty);
        self.settle(self.height());
        if params > 0 || self.input.settings.budgets {
            self.store_constants(self.height());
        }
        let height = self.height() - params;
        for position in height..self.height() {
            self.forget_constant(position);
        }
        self.enter_loop(note);
        self.begin_loop(ty, height, note);
    }

    fn begin_loop(&mut self, ty: BlockType, height: usize, note: LoopNote) {
        if note.innermost && !note.calls {
            self.asm.align(16);
            self.aligned = true;
        }
        self.open(FrameKind::Loop, ty, height);
        let header = self.snapshot();
        let at = self.frames.len() - 1;
        self.frames[at].edge = header;
        self.innermost_loop = at as u32;
        self.loop_depth += 1;
        if self.input.settings.budgets {
            self.area_used.set(true);
            self.rely_on_all_slots();
            let spent = self.asm.new_label();
            self.frames[at].aside = spent;
            let stores = self.copies_of(self.dirty);
            let loads = self.copies_of(self.local_regs - super::machine::CALLEE_SAVED);
            self.defer(OutOfLine::TripsSpent {
                at: spent,
                back: self.frames[at].label,
                stores,
                loads,
                offset: self.offset,
                area: crate::bytecode::frame_area::area_size(self.end),
            });
        }
        if self.input.settings.interruption {
            self.check_interrupt();
        }
    }

    /// Calls the engine out of line if the program was asked to stop.
    pub(super) fn check_interrupt(&mut self) {
        let store = Mem::at(self.roles.ctx, offsets::CTX_STORE);
        self.asm.mov(Size::S64, SCRATCH, store);
        let word = Mem::at(SCRATCH, offsets::STORE_INTERRUPT);
        self.asm.alu_imm(Alu::Cmp, Size::S32, word, 0);
        let asked = self.asm.new_label();
        self.asm.jcc(Cond::Ne, asked);
        let back = self.asm.label_here();
        let kept = self.local_regs - super::machine::CALLEE_SAVED;
        let stores = self.copies_of(self.dirty & kept);
        let loads = self.copies_of(kept);
        self.defer(OutOfLine::Interrupted {
            at: asked,
            back,
            stores,
            loads,
            offset: self.offset,
        });
    }
}
