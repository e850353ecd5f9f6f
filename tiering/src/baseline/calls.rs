//! Calls: of functions of this module and of imports bound to wasm (sites that can be relinked), of the host,
//! through tables, and of the engine's helpers; and the tail calls among them.
//!
//! ```text
//! own function      call rel32                      caller's context
//! wasm import       call rel32                      context from the import slot
//! host import       call [[slot.entry]]             context from the import slot
//! through a table   call [[record.entry]]           context from the record
//! helper            call [ctx + helper]             caller's context, C convention
//! ```
//! Before a call, dirty locals in registers that it changes are stored, and operands below the arguments are
//! spilled from them; then arguments move to their places. Results are in registers that the operands own
//! from then on. Before host calls and calls through tables, the caller's context is stored in the store's
//! block, so that the host's door knows the caller.
//!
//! A tail call first puts the arguments in place, as if it was a call; what is left of the frame is taken
//! down out of line, when it is known which registers were saved:
//!
//! ```text
//! caller's frame | own arguments | return address | rbp | ... frame ... | new arguments | rsp
//! caller's frame | new arguments | return address | rsp
//! ```

use super::Compiler;
use super::asm::{Alu, Cond, Gpr, Mem, Reg, RegSet, Size};
use super::machine::{CALLEE_SAVED, SCRATCH, XSCRATCH};
use super::moves::{ParamPlaces, Place, ResultPlaces};
use super::observed::in_registers;
use super::out_of_line::{OutOfLine, helper};
use super::values::{Ty, Value};
use crate::compiled::{Reloc, Target};
use engine::FuncType;
use engine::Trap;
use engine::ids::{FuncIndex, TableIndex, TypeIndex};
use engine::layout::offsets;
use engine::libcalls::Libcall;
use stubs::FrameStep;
use stubs::RelocKind;

/// What is called.
#[derive(Clone, Copy, Debug)]
enum Callee {
    /// A function of the module, with the caller's context.
    Own(FuncIndex),
    /// An import that is bound to wasm.
    Wasm(FuncIndex),
    /// An import that is bound to the host.
    Host(FuncIndex),
    /// The function of a record in rax.
    Record,
}

/// A tail call whose arguments are in place, but for those on the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct TailCall {
    /// The function, or `None` if its code is in r10.
    site: Option<FuncIndex>,
    /// Bytes of arguments at rsp.
    args: u32,
    /// The operator.
    pub(super) offset: u32,
}

impl TailCall {
    /// Bytes of arguments on the stack.
    pub(super) fn args(&self) -> u32 {
        self.args
    }
}

impl Compiler<'_> {
    fn callee(&self, func: FuncIndex) -> Callee {
        if self.module.defined(func).is_some() {
            Callee::Own(func)
        } else if (self.input.scopes[0].import_is_wasm)(func) {
            Callee::Wasm(func)
        } else {
            Callee::Host(func)
        }
    }

    pub(super) fn call(&mut self, func: FuncIndex) {
        let ty = self.func_type(self.module.type_of(func));
        self.call_function(ty, self.callee(func));
    }

    pub(super) fn return_call(&mut self, func: FuncIndex) {
        let ty = self.func_type(self.module.type_of(func));
        self.tail_call_function(ty, self.callee(func));
    }

    pub(super) fn call_indirect(&mut self, ty: TypeIndex, table: TableIndex) {
        self.find_record(ty, table);
        self.call_function(self.func_type(ty), Callee::Record);
    }

    pub(super) fn return_call_indirect(&mut self, ty: TypeIndex, table: TableIndex) {
        self.find_record(ty, table);
        self.tail_call_function(self.func_type(ty), Callee::Record);
    }

    /// Pops an index, and puts the record of the function there into rax. Traps if there is none of the type.
    fn find_record(&mut self, ty: TypeIndex, table: TableIndex) {
        let index = self.pop();
        let index = self.index_reg(index);
        let address = self.element_address(table, index);
        let rax = Reg::of_gpr(Gpr::RAX);
        if address != Gpr::RAX && index != Gpr::RAX {
            self.claim(rax);
        } else if self.local_regs.has(RegSet::of(rax)) {
            // The index is a local that was in rax. It is not needed any more.
            self.clean(RegSet::of(rax));
            self.free_local(rax);
        }
        self.pinned |= RegSet::of(rax);
        self.may_trap(Trap::UndefinedElement);
        self.asm.mov(Size::S64, Gpr::RAX, Mem::at(address, 0));
        let ids = Mem::at(self.roles.ctx, offsets::CTX_TYPE_IDS);
        self.asm.mov(Size::S64, SCRATCH, ids);
        let id = Mem::at(SCRATCH, 4 * ty.0 as i32);
        self.asm.mov(Size::S32, SCRATCH, id);
        // A null record faults here, which is the trap for a null record.
        self.may_trap(Trap::IndirectCallToNull);
        let actual = Mem::at(Gpr::RAX, offsets::RECORD_TYPE);
        self.asm.alu(Alu::Cmp, Size::S32, SCRATCH, actual);
        self.trap_if(Cond::Ne, Trap::BadSignature);
        if self.input.settings.feedback {
            self.note_callee();
        }
    }

    /// Counts the callee, whose record is in rax. If it is the first one that was ever seen, in line.
    fn note_callee(&mut self) {
        let site = self.profiled.len() as u32;
        self.profiled.push(self.offset);
        let r10 = Reg::of_gpr(Gpr::R10);
        self.claim(r10);
        let entry = Mem::at(Gpr::RAX, offsets::RECORD_ENTRY);
        self.asm.mov(Size::S64, Gpr::R10, entry);
        self.asm.mov_imm(SCRATCH, u64::MAX >> 1);
        self.relocs.push(Reloc {
            offset: self.asm.position() - 8,
            kind: RelocKind::Abs8,
            target: Target::Feedback(site),
            addend: 0,
            weight: 0,
        });
        let seen = Mem::at(SCRATCH, 0);
        self.asm.alu_store(Alu::Cmp, Size::S32, seen, Gpr::R10);
        let other = self.asm.new_label();
        self.asm.jcc(Cond::Ne, other);
        let count = Mem::at(SCRATCH, offsets::SEEN_COUNT);
        self.asm.inc(Size::S32, count);
        let back = self.asm.label_here();
        self.defer(OutOfLine::NoteCallee {
            at: other,
            back,
            offset: self.offset,
        });
        self.pinned -= RegSet::of(r10);
    }

    /// Stores the caller's context for the host's door.
    fn note_caller(&mut self) {
        let store = Mem::at(self.roles.ctx, offsets::CTX_STORE);
        self.asm.mov(Size::S64, SCRATCH, store);
        let caller = Mem::at(SCRATCH, offsets::STORE_CALLER);
        self.asm.mov_store(Size::S64, caller, self.roles.ctx);
    }

    /// Emits the moves of the topmost operands to the places of parameters. Those on the stack are stored
    /// from rsp on.
    fn move_arguments(&mut self, ty: &FuncType, results_pointer: bool) {
        let count = ty.params().len();
        let first = self.height() - count;
        let mut moves = std::mem::take(&mut self.moves);
        let mut places = ParamPlaces::after(results_pointer);
        for (at, ty) in ty.params().enumerate() {
            let value = self.peek(first + at);
            match places.next(Ty::of(ty)) {
                Place::Reg(reg) => moves.add(value, reg),
                Place::Memory(offset) => {
                    self.move_to_memory(value, Mem::at(Gpr::RSP, offset as i32));
                }
            }
        }
        self.emit_moves(&mut moves);
        self.moves = moves;
    }

    /// Saves what a call changes: dirty locals are stored, operands below `height` are spilled.
    fn save_for_call(&mut self, height: usize) {
        let changed = RegSet::ALL_GPR.with(RegSet::ALL_XMM) - CALLEE_SAVED;
        self.clean(changed);
        self.spill_operands(changed, height);
    }

    /// Forgets what a call has changed.
    fn forget_after_call(&mut self) {
        for reg in (self.local_regs - CALLEE_SAVED).regs() {
            self.free_local(reg);
        }
        self.unknown &= CALLEE_SAVED;
        self.called = true;
    }

    fn call_function(&mut self, ty: &FuncType, callee: Callee) {
        let count = ty.params().len();
        let height = self.height() - count;
        let overflow = super::overflow_of(ty);
        self.overflow = self.overflow.max(overflow);
        self.save_for_call(height);
        let stack = stack_bytes(ty, overflow > 0);
        if stack > 0 {
            self.asm
                .alu_imm(Alu::Sub, Size::S64, Gpr::RSP, stack as i32);
        }
        self.move_arguments(ty, overflow > 0);
        self.asm_reserve();
        if overflow > 0 {
            // The memory for results is at the end of the frame.
            let results = Mem::at(Gpr::RSP, stack as i32);
            self.asm.lea(Size::S64, Gpr::RSI, results);
        }
        match callee {
            Callee::Own(func) => {
                self.asm.mov(Size::S64, Gpr::RDI, self.roles.ctx);
                self.emit_site(func);
            }
            Callee::Wasm(func) => {
                self.load_import_context(func);
                self.emit_site(func);
            }
            Callee::Host(_) | Callee::Record => {
                self.note_caller();
                self.load_callee(callee);
                self.asm.call_to(Mem::at(Gpr::R10, 0));
            }
        }
        self.record_call(self.offset);
        self.discard(count);
        self.forget_after_call();
        self.pinned = RegSet::EMPTY;
        self.push_call_results(ty);
    }

    fn load_import_context(&mut self, func: FuncIndex) {
        let slot = self.module.layout().import(func);
        let ctx = Mem::at(self.roles.ctx, slot + offsets::IMPORT_CTX);
        self.asm.mov(Size::S64, Gpr::RDI, ctx);
    }

    /// Puts the callee's context into rdi, and the address of its entry word into r10.
    fn load_callee(&mut self, callee: Callee) {
        match callee {
            Callee::Host(func) => {
                let slot = self.module.layout().import(func);
                let entry = Mem::at(self.roles.ctx, slot + offsets::IMPORT_ENTRY);
                self.asm.mov(Size::S64, Gpr::R10, entry);
                self.load_import_context(func);
            }
            Callee::Record => {
                let entry = Mem::at(Gpr::RAX, offsets::RECORD_ENTRY);
                self.asm.mov(Size::S64, Gpr::R10, entry);
                let ctx = Mem::at(Gpr::RAX, offsets::RECORD_CTX);
                self.asm.mov(Size::S64, Gpr::RDI, ctx);
            }
            Callee::Own(_) | Callee::Wasm(_) => unreachable!("these are called by a site"),
        }
    }

    fn emit_site(&mut self, func: FuncIndex) {
        let at = self.asm.call_site();
        self.record_site(at, func);
    }

    /// Pushes the results of a call, which are in registers, and at rsp beyond those.
    fn push_call_results(&mut self, ty: &FuncType) {
        let mut places = ResultPlaces::default();
        for ty in ty.results() {
            let ty = Ty::of(ty);
            match places.next(ty) {
                Place::Reg(reg) => {
                    self.push_reg(ty, reg);
                    if ty == Ty::I32 {
                        self.unknown |= RegSet::of(reg);
                    }
                }
                Place::Memory(offset) => {
                    self.push_in_slot(ty);
                    let operand = self.operands.last().expect("it was just pushed");
                    let to = self.slot(operand.slot(), ty);
                    let from = Mem::at(Gpr::RSP, offset as i32);
                    let scratch = match ty.is_vector() {
                        true => Reg::of_xmm(XSCRATCH),
                        false => Reg::of_gpr(SCRATCH),
                    };
                    self.asm_reserve();
                    self.load_reg(ty, scratch, from);
                    self.store_reg(ty, to, scratch);
                }
            }
        }
    }

    fn tail_call_function(&mut self, ty: &FuncType, callee: Callee) {
        let overflow = super::overflow_of(ty);
        let args = stack_bytes(ty, overflow > 0);
        if args > 0 {
            self.asm.alu_imm(Alu::Sub, Size::S64, Gpr::RSP, args as i32);
        }
        self.move_arguments(ty, overflow > 0);
        self.asm_reserve();
        if overflow > 0 {
            // The callee's results are the function's own, and have the same places.
            self.asm.mov(Size::S64, Gpr::RSI, Mem::at(Gpr::RBP, -8));
        }
        let site = match callee {
            Callee::Own(func) => {
                self.asm.mov(Size::S64, Gpr::RDI, self.roles.ctx);
                Some(func)
            }
            Callee::Wasm(func) => {
                self.load_import_context(func);
                Some(func)
            }
            Callee::Host(_) | Callee::Record => {
                self.note_caller();
                self.load_callee(callee);
                self.asm.mov(Size::S64, Gpr::R10, Mem::at(Gpr::R10, 0));
                None
            }
        };
        let at = self.asm.new_label();
        self.asm.jmp(at);
        self.defer(OutOfLine::TailCall {
            at,
            call: TailCall {
                site,
                args,
                offset: self.offset,
            },
        });
        self.reachable = false;
    }

    /// Takes the frame down and jumps to the callee.
    pub(super) fn emit_tail_call(&mut self, call: TailCall) {
        let (args, own) = (call.args as i32, self.stack_params as i32);
        self.restore_saved();
        if args == 0 && own == 0 {
            self.asm.leave();
            self.note_step(FrameStep::bare);
        } else {
            // The arguments move to higher addresses, so from the last to the first.
            self.asm.mov(Size::S64, Gpr::RAX, Mem::at(Gpr::RBP, 8));
            self.asm.mov(Size::S64, SCRATCH, Mem::at(Gpr::RBP, 0));
            self.note_step(in_registers);
            let target = 16 + own - args;
            for at in (0..args).step_by(16).rev() {
                self.asm_reserve();
                let scratch = Reg::of_xmm(XSCRATCH);
                self.load_reg(Ty::V128, scratch, Mem::at(Gpr::RSP, at));
                self.store_reg(Ty::V128, Mem::at(Gpr::RBP, target + at), scratch);
            }
            self.asm_reserve();
            let top = Mem::at(Gpr::RBP, target - 8);
            self.asm.lea(Size::S64, Gpr::RSP, top);
            self.asm
                .mov_store(Size::S64, Mem::at(Gpr::RSP, 0), Gpr::RAX);
            self.asm.mov(Size::S64, Gpr::RBP, SCRATCH);
            self.note_step(FrameStep::bare);
        }
        match call.site {
            Some(func) => {
                let at = self.asm.jmp_site();
                self.record_site(at, func);
            }
            None => self.asm.jmp_to(Gpr::R10),
        }
        self.note_frame_of_body();
    }

    /// Calls a helper with these arguments, all i32 extended by zeros, and pops nothing. Its result, if it
    /// has one, is in rax, pinned.
    pub(super) fn call_helper(&mut self, callee: Libcall, args: &[Argument]) {
        self.save_for_call(self.height());
        const REGS: [Gpr; 5] = [Gpr::RSI, Gpr::RDX, Gpr::RCX, Gpr::R8, Gpr::R9];
        let mut moves = std::mem::take(&mut self.moves);
        for (argument, reg) in args.iter().zip(REGS) {
            let reg = Reg::of_gpr(reg);
            match *argument {
                Argument::Value(value) => moves.add(value, reg),
                Argument::Wide(value) => {
                    // The move of an i32 clears the upper half, and none is made in place.
                    if value.reg() == Some(reg) {
                        self.asm.mov(Size::S32, reg.gpr(), reg.gpr());
                    }
                    moves.add(value, reg);
                }
                Argument::Number(number) => moves.add(Value::constant(Ty::I32, number.into()), reg),
            }
        }
        self.emit_moves(&mut moves);
        self.moves = moves;
        self.asm_reserve();
        self.asm.mov(Size::S64, Gpr::RDI, self.roles.ctx);
        self.asm.call_to(helper(self.roles.ctx, callee));
        self.record_call(self.offset);
        self.forget_after_call();
        self.pinned = RegSet::gpr(Gpr::RAX);
    }
}

/// An argument of a helper.
#[derive(Clone, Copy, Debug)]
pub(super) enum Argument {
    Value(Value),
    /// An i32 as an unsigned number of 64 bits.
    Wide(Value),
    Number(u32),
}

fn stack_bytes(ty: &FuncType, results_pointer: bool) -> u32 {
    let mut places = ParamPlaces::after(results_pointer);
    for ty in ty.params() {
        places.next(Ty::of(ty));
    }
    places.stack_bytes()
}
