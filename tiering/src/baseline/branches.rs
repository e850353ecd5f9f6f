//! Branches: `br`, `br_if`, `br_table` and `return`, and what they pass.
//!
//! ```text
//! br_if     store dirty locals ; cmp ; jcc label
//!           out of a loop: cmp ; jcc stub      stub: store dirty locals ; jmp label
//!           with code on the way: cmp ; jncc over ; code ; jmp label ; over:
//! br, to a loop: what its header wants, see `merge` ; count the trip ; jns header ; jmp spent
//! ```

use super::Compiler;
use super::asm::{Alu, Cond, Gpr, Label, Mem, Reg, RegSet, Size};
use super::compare::Comparison;
use super::control::{Frame, FrameKind};
use super::machine::{SCRATCH, XSCRATCH};
use super::moves::{Place, ResultPlaces, result_reg};
use super::out_of_line::OutOfLine;
use super::values::{At, NONE, Ty, Value};
use crate::bytecode::decode::Labels;
use engine::layout::{Budget, offsets};

impl Compiler<'_> {
    fn frame_at(&self, label: u32) -> usize {
        self.frames.len() - 1 - label as usize
    }

    pub(super) fn br(&mut self, label: u32) {
        let at = self.frame_at(label);
        let frame = self.frames[at];
        match frame.kind {
            FrameKind::Function => return self.return_(),
            FrameKind::Loop => self.emit_back_edge(at),
            FrameKind::Block | FrameKind::If => {
                self.pass_results(at);
                self.clean(self.dirty);
                self.note_branch(at);
                self.asm.jmp(frame.label);
            }
        }
        self.reachable = false;
    }

    pub(super) fn br_if(&mut self, label: u32) {
        let mut comparison = self.pop_comparison();
        let at = self.frame_at(label);
        let frame = self.frames[at];
        let count = self.passed_count(&frame);
        match frame.kind {
            FrameKind::Function if count > 0 => {
                let over = self.skip_unless(&comparison);
                self.emit_results();
                self.asm.jmp(self.epilogue);
                self.asm.bind(over);
            }
            FrameKind::Loop if !self.is_plain_back_edge(&frame) => {
                let over = self.skip_unless(&comparison);
                self.emit_back_edge(at);
                self.asm.bind(over);
            }
            FrameKind::Function | FrameKind::Loop => {
                self.emit_comparison(&comparison);
                self.jump_if(comparison.branch, frame.label);
            }
            FrameKind::Block | FrameKind::If if count > 1 => {
                self.clean(self.dirty);
                self.note_branch(at);
                let over = self.skip_unless(&comparison);
                self.pass_in_slots(frame.end, count);
                self.asm.jmp(frame.label);
                self.asm.bind(over);
            }
            FrameKind::Block | FrameKind::If => {
                if count == 1 {
                    let top = self.operands.last().expect("a result is passed");
                    self.leave_register(&mut comparison, result_reg(top.ty));
                    self.pass_result();
                }
                let leaves_loop = self.innermost_loop != NONE && self.innermost_loop as usize > at;
                if leaves_loop && !self.dirty.is_empty() {
                    self.emit_comparison(&comparison);
                    let stub = self.asm.new_label();
                    self.jump_if(comparison.branch, stub);
                    let stores = self.copies_of(self.dirty);
                    self.defer(OutOfLine::Edge {
                        at: stub,
                        stores,
                        to: frame.label,
                        offset: self.offset,
                    });
                } else {
                    self.clean(self.dirty);
                    self.emit_comparison(&comparison);
                    self.jump_if(comparison.branch, frame.label);
                }
                self.note_branch(at);
            }
        }
    }

    /// Makes a comparison and jumps over what follows if the branch is not taken.
    fn skip_unless(&mut self, comparison: &Comparison) -> Label {
        self.emit_comparison(comparison);
        let over = self.asm.new_label();
        self.jump_unless(comparison.branch, over);
        over
    }

    /// Whether a branch back to a loop is a jump to its header and nothing else.
    fn is_plain_back_edge(&self, frame: &Frame) -> bool {
        !self.input.settings.budgets
            && self.passed_count(frame) == 0
            && self.is_at_header(frame.edge)
    }

    /// Emits a branch back to a loop. What is known does not change.
    fn emit_back_edge(&mut self, at: usize) {
        let frame = self.frames[at];
        let count = self.passed_count(&frame);
        if count > 0 {
            self.pass_in_slots(frame.end, count);
        }
        self.move_to_header(frame.edge);
        if self.input.settings.budgets {
            self.asm_reserve();
            let budget = self.module.layout().budget(self.input.func) + offsets::BUDGET_TRIPS;
            let trips = Mem::at(self.roles.ctx, budget);
            let step = Budget::STEP as i32;
            self.asm.alu_imm(Alu::Sub, Size::S32, trips, step);
            self.asm.jcc(Cond::Ns, frame.label);
            self.asm.jmp(frame.aside);
        } else {
            self.asm.jmp(frame.label);
        }
    }

    pub(super) fn br_table(&mut self, labels: &mut Labels<'_>) {
        let index = self.pop();
        let index = self.index_reg(index);
        let count = labels.len();
        let passed = {
            let last = labels.clone().last().expect("a default label");
            self.passed_count(&self.frames[self.frame_at(last)])
        };
        let mut index = index;
        if passed == 1 {
            let top = self.operands.last().expect("a result is passed");
            let reg = result_reg(top.ty);
            if reg == Reg::of_gpr(index) {
                let other = self.alloc_gpr();
                self.asm.mov(Size::S32, other, index);
                index = other;
                self.pinned -= RegSet::of(reg);
            }
            self.pass_result();
        }
        // The default label is the last of the table, and takes all indices beyond it.
        let target = self.alloc_gpr();
        self.asm.mov_imm(target, count as u64 - 1);
        self.asm.alu(Alu::Cmp, Size::S32, index, target);
        self.asm.cmovcc(Cond::B, Size::S32, target, index);
        self.emit_table(target, labels, passed);
    }

    /// Jumps through a table of labels, at a position in a register.
    fn emit_table(&mut self, position: Gpr, labels: &mut Labels<'_>, passed: usize) {
        self.clean(self.dirty);
        let table = self.asm.new_label();
        // The register's value is no longer needed after the load, so it takes the distance.
        let base = self.alloc_gpr();
        self.asm.lea_label(base, table);
        let entry = Mem::indexed(base, position, super::asm::Scale::Four, 0);
        self.asm.movsx(Size::S32, Size::S64, SCRATCH, entry);
        self.asm.alu(Alu::Add, Size::S64, SCRATCH, base);
        self.asm.jmp_to(SCRATCH);
        let first = self.targets.len();
        for label in labels {
            // A stub may move a thousand values, and a table have a hundred thousand of them.
            if self.is_too_large() {
                break;
            }
            let target = self.table_target(label, passed);
            self.targets.push(target);
        }
        let targets = first..self.targets.len();
        self.tables
            .push(super::out_of_line::Table { table, targets });
        self.reachable = false;
    }

    /// Where an entry of a table leads: to the label, or to a stub with what the branch needs.
    fn table_target(&mut self, label: u32, passed: usize) -> Label {
        let at = self.frame_at(label);
        let frame = self.frames[at];
        let direct = match frame.kind {
            FrameKind::Function => passed == 0,
            FrameKind::Loop => self.is_plain_back_edge(&frame),
            FrameKind::Block | FrameKind::If => passed <= 1,
        };
        if frame.stub.0 == self.offset {
            return frame.stub.1;
        }
        if matches!(frame.kind, FrameKind::Block | FrameKind::If) {
            self.note_branch(at);
        }
        if direct {
            self.frames[at].stub = (self.offset, frame.label);
            return frame.label;
        }
        self.asm_reserve();
        let stub = self.asm.label_here();
        self.frames[at].stub = (self.offset, stub);
        match frame.kind {
            FrameKind::Function => {
                self.emit_results();
                self.asm.jmp(frame.label);
            }
            FrameKind::Loop => self.emit_back_edge(at),
            FrameKind::Block | FrameKind::If => {
                self.pass_in_slots(frame.end, passed);
                self.asm.jmp(frame.label);
            }
        }
        stub
    }

    /// Puts the topmost operands where the caller expects the results. What is known does not change.
    pub(super) fn emit_results(&mut self) {
        let count = self.own_type.results().len();
        let first = self.height() - count;
        let mut places = ResultPlaces::default();
        let mut moves = std::mem::take(&mut self.moves);
        let mut pointer_loaded = false;
        // Those in memory come first, while all registers have their values. The pointer is in r11, so a
        // value that needs it is stored through xmm15.
        for (at, ty) in self.own_type.results().enumerate() {
            let ty = Ty::of(ty);
            match places.next(ty) {
                Place::Reg(reg) => {
                    let value = self.peek(first + at);
                    moves.add(value, reg);
                }
                Place::Memory(offset) => {
                    let value = self.peek(first + at);
                    self.asm_reserve();
                    if !pointer_loaded {
                        let pointer = Mem::at(Gpr::RBP, -8);
                        self.asm.mov(Size::S64, SCRATCH, pointer);
                        pointer_loaded = true;
                    }
                    self.store_result(value, Mem::at(SCRATCH, offset as i32));
                }
            }
        }
        self.emit_moves(&mut moves);
        self.moves = moves;
    }

    /// Stores a value to memory without r11.
    fn store_result(&mut self, value: Value, to: Mem) {
        match (value.at, value.ty) {
            (At::Const(bits), Ty::I64 | Ty::F64 | Ty::Ref) => {
                self.asm.mov_store_imm(Size::S32, to, bits as i32);
                let high = (bits >> 32) as i32;
                self.asm.mov_store_imm(Size::S32, to.plus(4), high);
            }
            (At::Slot(offset), ty) => {
                let from = self.slot(offset, ty);
                let ty = match ty {
                    Ty::I32 | Ty::F32 => Ty::F32,
                    Ty::I64 | Ty::F64 | Ty::Ref => Ty::F64,
                    Ty::V128 => Ty::V128,
                };
                let scratch = Reg::of_xmm(XSCRATCH);
                self.load_reg(ty, scratch, from);
                self.store_reg(ty, to, scratch);
            }
            _ => self.store(value, to),
        }
    }

    pub(super) fn return_(&mut self) {
        self.emit_results();
        self.asm.jmp(self.epilogue);
        self.reachable = false;
    }

    /// Puts the topmost operands where paths to the end of a block have them.
    pub(super) fn pass_results(&mut self, at: usize) {
        match self.passed_count(&self.frames[at]) {
            0 => {}
            1 => self.pass_result(),
            count => self.pass_in_slots(self.frames[at].end, count),
        }
    }

    /// Puts the topmost operand into the register of a block's only result.
    fn pass_result(&mut self) {
        let value = self.pop();
        let reg = result_reg(value.ty);
        if value.reg() != Some(reg) || !matches!(value.at, At::Own(_)) {
            self.claim(reg);
        }
        // This clears the upper half of an i32, too: the label does not know that it is undefined.
        self.load_value(value, reg);
        self.push_reg(value.ty, reg);
    }

    /// Stores the topmost operands to the slots that begin at `end`. They stay where they are, too.
    fn pass_in_slots(&mut self, mut end: u32, count: usize) {
        self.moved += count;
        let first = self.height() - count;
        for position in first..self.height() {
            let value = self.peek(position);
            let (slot, next) = self.slot_after(end, value.ty);
            end = next;
            self.move_to_memory(value, slot);
        }
    }

    /// Notes that something branches to the end of a block, with the registers as they are.
    pub(super) fn note_branch(&mut self, at: usize) {
        let edge = self.merge_into(self.frames[at].edge);
        self.frames[at].edge = edge;
    }
}
