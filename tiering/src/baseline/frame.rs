//! Prologue and epilogue.
//!
//! ```text
//! start:  sub  dword [rdi + budget], 2       counts the entry
//!         jb   spent
//! begun:  push rbp ; mov rbp, rsp
//!         mov  r11, [rdi + store]            only if it calls or the frame is large
//!         cmp  rsp, [r11 + limit] ; jb overflow
//!         sub  rsp, frame
//!         (saves registers, keeps the results pointer, zeroes slots, loads context and base)
//! body:   ...
//!         leave ; ret
//! spent:  push rbp ; mov rbp, rsp ; mov eax, func ; call BudgetSpent ; pop rbp ; jmp begun
//! ```
//!
//! ```text
//! rbp + 16   arguments on the stack
//! rbp + 8    return address
//! rbp        the caller's frame pointer
//! rbp - 16   the results pointer at rbp - 8, if there is one
//!            frame area, from higher to lower addresses: locals, then operands
//!            saved registers
//! rsp        results of callees that are not in registers
//! ```

use super::asm::{Alu, Asm, Cond, Gpr, Label, Mem, Reg, Size};
use super::machine::{self, SCRATCH, XSCRATCH};
use super::out_of_line::helper;
use super::values::Ty;
use super::{BODY_AT, Compiler};
use engine::Trap;
use engine::layout::{Budget, offsets};
use engine::libcalls::Libcall;
use std::cell::{Cell, RefCell};
use stubs::FrameStep;

/// A function without calls is checked for room on the stack only if its frame is larger. The limit is far
/// enough above the end of the stack.
const UNCHECKED: u32 = 1 << 10;

/// A larger frame is checked as a whole, a smaller one only for its start.
const CHECKED_AT_START: u32 = 4 << 10;

/// Up to this many bytes are zeroed without a loop.
const ZEROED_SINGLY: u32 = 256;

impl Compiler<'_> {
    /// Bytes between the frame pointer and the stack pointer.
    pub(super) fn frame_size(&self) -> u32 {
        let saved = 8 * self.saved_regs().len();
        (self.head + self.area_size() + saved).next_multiple_of(16) + self.overflow
    }

    /// Bytes of the frame area, which exists only if it is used.
    pub(super) fn area_size(&self) -> u32 {
        match self.area_used.get() {
            true => self.max_end.next_multiple_of(16),
            false => 0,
        }
    }

    pub(super) fn emit_epilogue(&mut self) {
        self.asm_reserve();
        self.asm.bind(self.epilogue);
        self.restore_saved();
        if self.frame_size() > 0 {
            self.asm.leave();
        } else {
            self.asm.pop(Gpr::RBP);
        }
        self.note_step(FrameStep::bare);
        self.emit_return();
        self.note_frame_of_body();
    }

    fn emit_return(&mut self) {
        match self.stack_params {
            0 => self.asm.ret(),
            bytes => {
                let bytes = u16::try_from(bytes);
                let bytes = bytes.expect("validation allows 1,000 parameters, of 16 bytes each");
                self.asm.ret_pop(bytes);
            }
        }
    }

    /// Emits what belongs to the prologue behind the body, jump tables and constants, then the prologue.
    /// Returns where it begins, and the alignment of the function.
    pub(super) fn emit_prologue(&mut self) -> (u32, u32) {
        let spent = self.input.settings.budgets.then(|| self.emit_spent());
        let overflow = self.checks_stack().then(|| {
            let label = self.asm.label_here();
            self.asm_reserve();
            self.record_trap(self.asm.position(), Trap::StackOverflow, 0);
            self.note_row(0);
            self.note_step(|at| FrameStep::framed(at, 0));
            self.asm.ud2();
            label
        });
        self.emit_data();
        let align = if self.aligned { 16 } else { 8 };
        let begun = Cell::new(0);
        let steps = RefCell::new(Vec::new());
        let mut asm = std::mem::take(&mut self.asm);
        let start = asm.emit_before(BODY_AT, align, |asm| {
            let mut steps = steps.borrow_mut();
            steps.clear();
            let mut note = |step| {
                if self.input.settings.observed {
                    steps.push(step);
                }
            };
            note(FrameStep::bare(asm.position()));
            if let Some(spent) = spent {
                let budget = self.module.layout().budget(self.input.func);
                let entries = Mem::at(Gpr::RDI, budget + offsets::BUDGET_ENTRIES);
                asm.alu_imm(Alu::Sub, Size::S32, entries, Budget::STEP as i32);
                asm.jcc(Cond::B, spent);
            }
            begun.set(asm.position());
            self.emit_begin(asm, overflow, &mut note);
        });
        self.asm = asm;
        self.note_prologue(steps.into_inner());
        if let Some(jump) = self.spent_jump {
            self.asm.patch(jump, begun.get() as i32 - (jump as i32 + 4));
        }
        (start, 16)
    }

    fn checks_stack(&self) -> bool {
        !self.leaf || self.frame_size() > UNCHECKED
    }

    /// The code for a spent budget. It runs before there is a frame, and makes one for the engine.
    fn emit_spent(&mut self) -> Label {
        self.asm_reserve();
        let spent = self.asm.label_here();
        self.note_row(0);
        self.note_step(FrameStep::bare);
        self.asm.push(Gpr::RBP);
        self.note_step(FrameStep::pushed);
        self.asm.mov(Size::S64, Gpr::RBP, Gpr::RSP);
        self.note_step(|at| FrameStep::framed(at, 0));
        let func = u64::from(self.input.func.0);
        self.asm.mov_imm(Gpr::RAX, func);
        self.asm.call_to(helper(Gpr::RDI, Libcall::BudgetSpent));
        self.record_call(0);
        self.asm.pop(Gpr::RBP);
        self.note_step(FrameStep::bare);
        // It leads into the prologue, which is not there yet.
        self.spent_jump = Some(self.asm.jmp_site());
        spent
    }

    fn emit_begin(&self, asm: &mut Asm, overflow: Option<Label>, note: &mut impl FnMut(FrameStep)) {
        let frame = self.frame_size();
        asm.push(Gpr::RBP);
        note(FrameStep::pushed(asm.position()));
        asm.mov(Size::S64, Gpr::RBP, Gpr::RSP);
        note(FrameStep::framed(asm.position(), 0));
        if let Some(overflow) = overflow {
            asm.mov(Size::S64, SCRATCH, Mem::at(Gpr::RDI, offsets::CTX_STORE));
            let limit = Mem::at(SCRATCH, offsets::STORE_STACK_LIMIT);
            if frame > CHECKED_AT_START {
                asm.lea(Size::S64, Gpr::RAX, Mem::at(Gpr::RSP, -(frame as i32)));
                asm.alu(Alu::Cmp, Size::S64, Gpr::RAX, limit);
            } else {
                asm.alu(Alu::Cmp, Size::S64, Gpr::RSP, limit);
            }
            asm.jcc(Cond::B, overflow);
        }
        if frame > 0 {
            asm.alu_imm(Alu::Sub, Size::S64, Gpr::RSP, frame as i32);
        }
        for (saved, (reg, slot)) in (1..).zip(self.saved_slots()) {
            asm.mov_store(Size::S64, slot, reg);
            note(FrameStep::framed(asm.position(), saved));
        }
        if self.head > 0 {
            asm.mov_store(Size::S64, Mem::at(Gpr::RBP, -8), Gpr::RSI);
        }
        self.emit_zeros(asm);
        let memory = self.uses_base.then(|| {
            let memory = self.module.layout().memory(engine::ids::MemoryIndex(0));
            memory + offsets::MEMORY_BASE
        });
        if !self.leaf {
            asm.mov(Size::S64, self.roles.ctx, Gpr::RDI);
        }
        if let Some(base) = memory {
            asm.mov(Size::S64, self.roles.base, Mem::at(Gpr::RDI, base));
        }
    }

    /// Zeroes the slots that are read before they are written.
    fn emit_zeros(&self, asm: &mut Asm) {
        let (first, end) = self.zeroed;
        if first >= end {
            return;
        }
        // The slots lie from higher to lower addresses.
        let low = -((self.head + end) as i32);
        let bytes = (end - first) as i32;
        let zero = Reg::of_xmm(XSCRATCH);
        if bytes == 8 {
            return asm.mov_store_imm(Size::S64, Mem::at(Gpr::RBP, low), 0);
        }
        let avx = self.cpu.avx;
        machine::zero_vector(asm, avx, XSCRATCH);
        let mut at = low;
        let last = low + bytes - 16;
        if bytes > ZEROED_SINGLY as i32 {
            asm.lea(Size::S64, SCRATCH, Mem::at(Gpr::RBP, low));
            asm.lea(Size::S64, Gpr::RAX, Mem::at(Gpr::RBP, last));
            let again = asm.position();
            machine::store_reg(asm, avx, Ty::V128, Mem::at(SCRATCH, 0), zero);
            asm.alu_imm(Alu::Add, Size::S64, SCRATCH, 16);
            asm.alu(Alu::Cmp, Size::S64, SCRATCH, Gpr::RAX);
            asm.jcc_back(Cond::B, again);
            at = last;
        }
        while at < last {
            machine::store_reg(asm, avx, Ty::V128, Mem::at(Gpr::RBP, at), zero);
            at += 16;
        }
        machine::store_reg(asm, avx, Ty::V128, Mem::at(Gpr::RBP, last), zero);
    }
}
