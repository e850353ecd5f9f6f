//! The baseline compiler: from bytecode to x86-64 code in one pass over the operators.
//!
//! ```text
//! survey      looks ahead: does a small body call, what do loops use
//! families    each operator of the table -> a method of a family:
//!   control, branches, compare, calls, memory, integers, floats, conversions, tables, vectors
//!               | pop and push
//! values      where operands are: constant, register, slot; locals, registers: the same for these
//! merge       what is known where paths meet; loops
//! moves       arguments and results, several values at once
//! out_of_line code behind the body: traps, spent budgets, edges
//! frame       prologue and epilogue, written last; observed: what listeners are told
//! machine     registers by use, moves; asm: the encoder
//! ```
//! The body is emitted first, at a place with room before it; then the epilogue, what is out of line, jump
//! tables and constants; last the prologue, in front of the body, when it is known which registers are saved,
//! how large the frame is, and what has to be zero.
//!
//! Where paths meet, values are in their slots; a register may have a copy too. Before a branch forward,
//! dirty locals are stored, and stay in their registers; the label keeps those that are in the same register
//! on every path. So no edge needs code of its own. A loop keeps locals in registers; what counts its trips
//! stores them to the frame area out of line, so the area is complete when somebody looks.
//!
//! [PURE]: the same input yields the same bytes. Everything is linear in the size of the body. No code holds
//! an address: helpers and ids of types are read from the context.

#[allow(
    dead_code,
    reason = "the encoder has all instructions of a form, for operators of later proposals too"
)]
mod asm;
mod branches;
mod calls;
#[cfg(debug_assertions)]
mod check;
mod compare;
mod control;
mod conversions;
mod families;
mod floats;
mod frame;
mod integers;
mod locals;
mod machine;
mod memory;
mod merge;
mod moves;
mod observed;
mod out_of_line;
mod registers;
mod survey;
mod tables;
pub(super) mod thunk;
mod values;
mod vectors;

use crate::bytecode::decode::{Decoder, Next};
use crate::bytecode::operators::dispatch;
use crate::compiled::{CompileError, CompileInput, CompiledBody, Reloc, ScopeId, Target};
use asm::{Asm, Label, Reg, RegSet};
use compare::Test;
use control::Frame;
use engine::ids::{FuncIndex, TypeIndex};
use engine::{FuncType, ModuleData, Trap};
use locals::Local;
use machine::{Cpu, Roles};
use merge::Snapshot;
use moves::{Moves, ParamPlaces, Place};
use out_of_line::OutOfLine;
use std::cell::Cell;
use stubs::{InlineNode, Location, RelocKind, SideTableWriter};
use survey::Survey;
use values::{NONE, Operand, Ty};

/// Buffers that a compiling thread reuses for the next function. Their contents have no influence on the
/// code ([PURE]).
#[derive(Default)]
pub(crate) struct Scratch {
    asm: Asm,
    operands: Vec<Operand>,
    locals: Vec<Local>,
    frames: Vec<Frame>,
    snapshots: Vec<Snapshot>,
    free_snapshots: Vec<u32>,
    survey: Survey,
    out_of_line: Vec<OutOfLine>,
    copies: Vec<out_of_line::Copy>,
    tables: Vec<out_of_line::Table>,
    targets: Vec<Label>,
    constants: Vec<([u8; 16], Label)>,
    moves: Moves,
    side: SideTableWriter,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
}

/// Bodies up to this size are surveyed before they are compiled. Guessed: the prologue and epilogue of a
/// function that calls have some 30 bytes more than those of a leaf.
const SURVEYED: usize = 256;

/// Where the body begins in the assembler's buffer: the prologue has at most so many bytes.
const BODY_AT: u32 = 512;

/// The code of a function may have so many bytes, and more by `CODE_PER_BYTE` for each byte of the body. A
/// value that a block passes counts as a byte, since it takes as long, also where nothing has to be moved.
/// Programs need less than half. More is needed by thousands of calls and blocks with a thousand values each,
/// and by ten thousands of loops that carry many locals each.
const CODE: usize = 16 << 20;
const CODE_PER_BYTE: usize = 16;

/// Room that is reserved before each operator, and between operands of which there may be many: four times
/// what storing all registers takes.
const ROOM: usize = 1024;

/// A function while it is compiled.
struct Compiler<'a> {
    input: &'a CompileInput<'a>,
    module: &'a ModuleData,
    own_type: &'a FuncType,
    cpu: Cpu,
    asm: Asm,

    /// The registers of context and base, and those for values.
    roles: Roles,
    gprs: RegSet,
    /// Whether there is no call of any kind.
    leaf: bool,

    // Values, see `values`.
    operands: Vec<Operand>,
    locals: Vec<Local>,
    /// Bytes of the frame before the area: the results pointer.
    head: u32,
    /// Where the parameters end in the frame area, the locals, the operands, and the highest operands so far.
    params_end: u32,
    locals_end: u32,
    end: u32,
    max_end: u32,
    /// Whether code reads or writes the frame area.
    area_used: Cell<bool>,
    settled: u32,
    stored: u32,
    owner: [u32; 32],
    local_regs: RegSet,
    operand_regs: RegSet,
    dirty: RegSet,
    unknown: RegSet,
    pinned: RegSet,
    evicted: Reg,
    /// Part of the area that has to be zero at first: where it begins and ends.
    zeroed: (u32, u32),
    /// Whether that part holds all locals that loops may find unset.
    zeroed_for_loops: bool,

    // Control, see `control` and `merge`.
    frames: Vec<Frame>,
    snapshots: Vec<Snapshot>,
    free_snapshots: Vec<u32>,
    reachable: bool,
    loop_depth: u32,
    /// The position of the innermost loop among the frames, or `NONE`.
    innermost_loop: u32,
    survey: Survey,
    surveyed: bool,
    next_loop: usize,
    /// A comparison that the next operator makes, and whose operands are still on the stack.
    pending: Option<Test>,
    epilogue: Label,

    // What becomes of it.
    out_of_line: Vec<OutOfLine>,
    /// The largest number of bytes that the code behind the body can have so far.
    deferred: usize,
    /// Values that blocks have passed so far.
    moved: usize,
    /// Above which the function is refused, see [`CODE`].
    limit: usize,
    copies: Vec<out_of_line::Copy>,
    tables: Vec<out_of_line::Table>,
    targets: Vec<Label>,
    constants: Vec<([u8; 16], Label)>,
    moves: Moves,
    /// Callee-saved registers that were used.
    saved: RegSet,
    uses_base: bool,
    /// Whether something was called so far.
    called: bool,
    aligned: bool,
    /// Bytes for results of callees that are not in registers.
    overflow: u32,
    /// Where the jump back from the code of a spent budget has its displacement.
    spent_jump: Option<u32>,
    /// Bytes of the function's own arguments on the stack.
    stack_params: u32,
    offset: u32,
    relocs: Vec<Reloc>,
    /// Offsets in the code count from the beginning of the body.
    side: SideTableWriter,
    profiled: Vec<u32>,
    notes: observed::Notes,
}

/// Compiles a function.
///
/// # Errors
/// If the processor lacks what the compiler needs, or the code would be very large.
pub(crate) fn compile(
    input: &CompileInput<'_>,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    let cpu = Cpu::of(input.settings)?;
    let module = input.module();
    let ty = module.type_of(module.func_index(input.func));
    let mut compiler = Compiler::new(input, module.func_type(ty), cpu, std::mem::take(scratch));
    let body = compiler.whole_body().map(|()| compiler.finish());
    *scratch = compiler.into_scratch();
    body
}

impl<'a> Compiler<'a> {
    fn new(
        input: &'a CompileInput<'a>,
        own_type: &'a FuncType,
        cpu: Cpu,
        scratch: Scratch,
    ) -> Compiler<'a> {
        let Scratch {
            mut asm,
            mut operands,
            mut locals,
            mut frames,
            mut snapshots,
            mut free_snapshots,
            survey,
            mut out_of_line,
            mut copies,
            mut tables,
            mut targets,
            mut constants,
            moves,
            mut side,
        } = scratch;
        operands.clear();
        locals.clear();
        frames.clear();
        snapshots.clear();
        free_snapshots.clear();
        out_of_line.clear();
        copies.clear();
        tables.clear();
        targets.clear();
        constants.clear();
        side.clear();
        asm.begin(BODY_AT);
        let epilogue = asm.new_label();
        Compiler {
            input,
            module: input.module(),
            own_type,
            cpu,
            asm,
            roles: Roles::CALLING,
            gprs: Roles::CALLING.gprs,
            leaf: false,
            operands,
            locals,
            head: 0,
            params_end: 0,
            locals_end: 0,
            end: 0,
            max_end: 0,
            area_used: Cell::new(false),
            settled: 0,
            stored: 0,
            owner: [NONE; 32],
            local_regs: RegSet::EMPTY,
            operand_regs: RegSet::EMPTY,
            dirty: RegSet::EMPTY,
            unknown: RegSet::EMPTY,
            pinned: RegSet::EMPTY,
            evicted: Reg::of_gpr(asm::Gpr::RAX),
            zeroed: (NONE, 0),
            zeroed_for_loops: false,
            frames,
            snapshots,
            free_snapshots,
            reachable: true,
            loop_depth: 0,
            innermost_loop: NONE,
            survey,
            surveyed: false,
            next_loop: 0,
            pending: None,
            epilogue,
            out_of_line,
            deferred: 0,
            moved: 0,
            limit: 0,
            copies,
            tables,
            targets,
            constants,
            moves,
            saved: RegSet::EMPTY,
            uses_base: false,
            called: false,
            aligned: false,
            overflow: 0,
            spent_jump: None,
            stack_params: 0,
            offset: 0,
            relocs: Vec::new(),
            side,
            profiled: Vec::new(),
            notes: observed::Notes::new(input.settings.observed),
        }
    }

    fn into_scratch(self) -> Scratch {
        Scratch {
            asm: self.asm,
            operands: self.operands,
            locals: self.locals,
            frames: self.frames,
            snapshots: self.snapshots,
            free_snapshots: self.free_snapshots,
            survey: self.survey,
            out_of_line: self.out_of_line,
            copies: self.copies,
            tables: self.tables,
            targets: self.targets,
            constants: self.constants,
            moves: self.moves,
            side: self.side,
        }
    }

    fn whole_body(&mut self) -> Result<(), CompileError> {
        let body = self.input.body;
        self.limit = CODE + CODE_PER_BYTE * body.len();
        let mut d = Decoder::new(body);
        let mut groups = Vec::new();
        d.locals(|count, ty| groups.push((count, Ty::of(ty))));
        if body.len() <= SURVEYED {
            self.survey.rest_of(d.clone(), 1);
            self.surveyed = true;
            // Budgets of loops are asked for out of line, which saves what it needs itself.
            if !self.survey.calls && !self.input.settings.interruption {
                self.leaf = true;
                self.roles = Roles::LEAF;
                self.gprs = Roles::LEAF.gprs;
            }
        }
        self.declare_locals(&groups);
        self.open_function();
        #[cfg(debug_assertions)]
        let mut shadow = check::Shadow::of(self.input);
        let observed = self.input.settings.observed;
        while !d.is_at_end() {
            if !self.surveyed && d.next() == Next::LOOP {
                self.survey.rest_of(d.clone(), self.frames.len());
                self.surveyed = true;
                // Unreachable loops before this one were skipped, and are not in the survey.
                self.next_loop = 0;
            }
            self.offset = d.offset();
            if observed {
                self.note_row(self.offset);
            }
            #[cfg(debug_assertions)]
            self.check_place(&mut shadow, d.next());
            self.pinned = RegSet::EMPTY;
            self.asm.reserve(ROOM);
            dispatch(&mut d, self);
            #[cfg(debug_assertions)]
            if self.reachable {
                self.check_values();
            }
            if !self.reachable && !d.is_at_end() {
                let (after, loops) = survey::skip_unreachable(d);
                d = after;
                self.next_loop += loops;
            }
            if self.is_too_large() {
                let why = "its calls, blocks and loops move too many values";
                return Err(CompileError::TooLarge(why.to_string()));
            }
        }
        Ok(())
    }

    /// Whether the function has more code, and moves more values, than it may.
    fn is_too_large(&self) -> bool {
        self.asm.position() as usize + self.deferred + self.moved > self.limit
    }

    /// Declares the parameters, which are where the caller has put them, and the other locals.
    fn declare_locals(&mut self, groups: &[(u32, Ty)]) {
        let results_pointer = self.own_overflow() > 0;
        self.head = if results_pointer { 16 } else { 0 };
        let mut places = ParamPlaces::after(results_pointer);
        let mut in_memory = false;
        for ty in self.own_type.params() {
            let ty = Ty::of(ty);
            let local = self.declare_local(ty, true);
            match places.next(ty) {
                Place::Reg(reg) => {
                    self.bind_local(local, reg);
                    self.dirty |= RegSet::of(reg);
                    if ty == Ty::I32 {
                        self.unknown |= RegSet::of(reg);
                    }
                }
                Place::Memory(_) => in_memory = true,
            }
        }
        self.stack_params = places.stack_bytes();
        self.params_end = self.end;
        for (count, ty) in groups {
            for _ in 0..*count {
                self.declare_local(*ty, false);
            }
        }
        self.locals_end = self.end;
        if in_memory {
            self.copy_stack_params(results_pointer);
        }
    }

    fn declare_local(&mut self, ty: Ty, is_param: bool) -> u32 {
        let slot = crate::bytecode::frame_area::slot_offset(self.end, ty.size());
        self.end = slot + ty.size();
        self.max_end = self.end;
        self.locals.push(Local::new(slot, ty, is_param));
        self.locals.len() as u32 - 1
    }

    /// Copies the parameters that are on the stack to their slots.
    fn copy_stack_params(&mut self, results_pointer: bool) {
        let mut places = ParamPlaces::after(results_pointer);
        for (local, ty) in self.own_type.params().enumerate() {
            let ty = Ty::of(ty);
            if let Place::Memory(at) = places.next(ty) {
                let to = self.slot(self.locals[local].slot, ty);
                let from = asm::Mem::at(asm::Gpr::RBP, 16 + at as i32);
                self.asm_reserve();
                let scratch = match ty.is_vector() {
                    true => Reg::of_xmm(machine::XSCRATCH),
                    false => Reg::of_gpr(machine::SCRATCH),
                };
                self.load_reg(ty, scratch, from);
                self.store_reg(ty, to, scratch);
            }
        }
    }

    /// The types of a function type.
    fn func_type(&self, ty: TypeIndex) -> &'a FuncType {
        self.module.func_type(ty)
    }

    /// Bytes behind the function's results pointer, or 0 if it has none.
    fn own_overflow(&self) -> u32 {
        overflow_of(self.own_type)
    }

    /// Records that the instruction emitted next may trap.
    #[inline]
    fn may_trap(&mut self, trap: Trap) {
        let at = self.asm.position();
        self.record_trap(at, trap, self.offset);
    }

    fn record_trap(&mut self, at: u32, trap: Trap, offset: u32) {
        self.side.trap(at - BODY_AT, trap.code(), place(offset));
    }

    /// Records that the call that ends at the present position is made by the operator at `offset`.
    fn record_call(&mut self, offset: u32) {
        let at = self.asm.position() - 1;
        self.side.call(at - BODY_AT, place(offset));
    }

    /// Records a call site of a function.
    fn record_site(&mut self, offset: u32, func: FuncIndex) {
        self.relocs.push(Reloc {
            offset,
            kind: RelocKind::CallRel4,
            target: Target::Function(ScopeId::OWN, func),
            addend: -4,
            weight: self.loop_depth,
        });
    }

    /// Emits what follows the body, then the prologue, and returns the body.
    fn finish(&mut self) -> CompiledBody {
        self.emit_epilogue();
        self.emit_out_of_line();
        let (start, align) = self.emit_prologue();
        let code = self.asm.finish(start).to_vec();
        for reloc in &mut self.relocs {
            reloc.offset -= start;
        }
        CompiledBody {
            code,
            align,
            relocs: std::mem::take(&mut self.relocs),
            side: self.side.finish(BODY_AT - start),
            inlined: Vec::new(),
            frame_size: self.frame_size(),
            profiled: std::mem::take(&mut self.profiled),
            wasm_bytes: u32::try_from(self.input.wasm_bytes()).unwrap_or(u32::MAX),
            observed: self.observed(start),
        }
    }
}

/// Bytes for the results of a function that are not in registers.
fn overflow_of(ty: &FuncType) -> u32 {
    let mut places = moves::ResultPlaces::default();
    for ty in ty.results() {
        places.next(Ty::of(ty));
    }
    places.overflow
}

/// The operator at an offset in the body.
fn place(offset: u32) -> Location {
    Location {
        inline_node: InlineNode::FUNCTION,
        offset,
    }
}
