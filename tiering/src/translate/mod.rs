//! From the bytecode of one function to Cranelift's intermediate form (CLIF), for both tiers.
//!
//! 1. `translate` gives the function its signature and its entry block, stores or defines the
//!    parameters and zeroes the other locals.
//! 2. `Translator::run` reads one instruction after the other; `opcodes` is the table that says, one
//!    line for each, which family does it: `control`, `integer`, `float`, `memory`, `calls`, `tables`,
//!    `simd`.
//! 3. `inline` puts the body of a callee in the place of a call.
//! 4. `values` knows where locals and operands are; `access` knows what each memory access may assume.
//!
//! Bodies are validated ([VALID]), so operands are there and have their types; an instruction
//! that is not known is an error that names it. Code after a branch is skipped, not translated.
//! Nesting of blocks costs memory of the frame stack, not of Rust's; only inlined bodies inside each other are
//! recursion, and as deep as policy lets them be.
//! [PURE]: names in the CLIF are (namespace, index) pairs, see `names`.

mod access;
mod calls;
mod constants;
mod control;
mod float;
mod inline;
mod integer;
mod loads;
mod memory;
pub(crate) mod names;
mod opcodes;
mod osr;
mod phis;
mod simd;
mod tables;
mod values;

use crate::abi::{self, WasmSignature, clif_type};
use crate::compiled::{CompileError, CompileInput, InlinedCall, Location, Scope};
use crate::emit;
use crate::optimise::Counting;
use crate::policy::effort;
use access::{Access, Flags};
use control::Frame;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    Block, BlockArg, FuncRef, Function, GlobalValue, GlobalValueData, Inst, InstBuilder,
    InstructionData, MemFlagsData, Opcode, SigRef, SourceLoc, StackSlot, Type, UserFuncName, Value,
    types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CompiledCode, Context};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use engine::ModuleData;
use engine::ids::{FuncIndex, TypeIndex};
use engine::layout::offsets;
use engine::libcalls::Libcall;
use loads::Loads;
use std::collections::HashMap;
use std::rc::Rc;
use values::{Buffers, Values};
use wasmparser::{BinaryReader, OperatorsReader, OperatorsReaderAllocations};

/// Buffers that a compiling thread keeps from one function to the next, so that the allocator has
/// less to do. What they hold has no influence on the code ([PURE]).
pub struct Scratch {
    pub(crate) context: Context,
    pub(crate) counting: Counting,
    builder: FunctionBuilderContext,
    buffers: Buffers,
    reader: OperatorsReaderAllocations,
    listing: bool,
    vcode: Option<String>,
    constants: constants::Copies,
    phis: phis::Phis,
    loads: Loads,
    regalloc: regalloc2::Ctx,
}

impl Scratch {
    /// Whether the functions compiled from now on leave a listing behind. Costs time.
    pub fn keep_listing(&mut self, keep: bool) {
        self.listing = keep;
    }

    /// The instructions of the function compiled last, as text, if a listing was wanted.
    pub fn listing(&self) -> Option<&str> {
        self.vcode.as_deref()
    }

    /// Optimises the function in the context, as far as `isa` says so, and gives its code.
    pub(crate) fn compile(&mut self, isa: &dyn TargetIsa) -> Result<CompiledCode, CompileError> {
        let context = &mut self.context;
        let thorough = isa.flags().opt_level() != OptLevel::None;
        if thorough {
            phis::thin_out(&mut context.func, &mut self.phis);
        }
        if let Err(error) = context.optimize(isa, &mut ControlPlane::default()) {
            return Err(emit::refusal(error, &context.func));
        }
        // This is why it is not done in one step: between the two, instructions are what they will be.
        if thorough {
            constants::rematerialise(&mut context.func, &mut self.constants);
        }
        loads::keep_places(&mut context.func, &mut self.loads);
        self.lower(isa)
    }

    /// The code of the function as it was compiled last, with what was changed since.
    pub(crate) fn lower(&mut self, isa: &dyn TargetIsa) -> Result<CompiledCode, CompileError> {
        let context = &mut self.context;
        let stencil = isa.compile_function(
            &context.func,
            &context.domtree,
            &mut self.regalloc,
            context.want_disasm,
            &mut ControlPlane::default(),
        );
        let stencil = stencil.map_err(|error| emit::refusal(error, &context.func))?;
        let mut code = stencil.apply_params(&context.func.params);
        self.vcode = code.vcode.take();
        Ok(code)
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch {
            context: Context::new(),
            counting: Counting::default(),
            builder: FunctionBuilderContext::new(),
            buffers: Buffers::default(),
            reader: OperatorsReaderAllocations::default(),
            listing: false,
            vcode: None,
            constants: constants::Copies::default(),
            phis: phis::Phis::default(),
            loads: Loads::default(),
            regalloc: regalloc2::Ctx::default(),
        }
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
}

/// What is known of a function beside its CLIF.
pub(crate) struct Translation {
    /// Source locations in the CLIF are indices into this; and how many loops are around each.
    pub(crate) locations: Vec<Location>,
    pub(crate) depths: Vec<u32>,
    /// Whether it contains a call of any kind.
    pub(crate) calls: bool,
    /// Where the stack limit is found, for whoever decides that it is checked.
    pub(crate) stack_limit: GlobalValue,
    pub(crate) inlined: Vec<InlinedCall>,
    pub(crate) profiled: Vec<u32>,
    pub(crate) wasm_bytes: u32,
}

/// How locals are kept; all that differs between the tiers here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// In the frame area: the baseline tier.
    FrameArea,
    /// As SSA variables: the optimising tier.
    Variables,
}

/// A signature as a call needs it.
struct CallShape {
    signature: SigRef,
    abi: WasmSignature,
    /// Cranelift's types of the results.
    results: Vec<Type>,
}

/// A body being translated: that of the function itself, or one inlined into it.
struct Unit<'a> {
    /// Its number as in `Location::inline_node`.
    node: u32,
    /// Position of its module among the scopes.
    scope: u32,
    module: &'a ModuleData,
    import_is_wasm: &'a dyn Fn(FuncIndex) -> bool,
    /// The context of the instance whose code this is ([FOREIGN]).
    ctx: Value,
    frames: Vec<Frame>,
    /// Whether the instruction being read can be reached, and how many blocks were opened since not.
    reachable: bool,
    skipped: usize,
    /// Offset of the instruction being translated in the body.
    offset: u32,
}

/// Where a translation ends that makes too much of too little.
#[derive(Clone, Copy, Debug)]
struct Most {
    insts: usize,
    values: usize,
}

impl Most {
    fn of(input: &CompileInput<'_>, keeping: Keeping) -> Most {
        let per_byte = |each: usize| each.saturating_mul(input.wasm_bytes());
        Most {
            insts: effort::FEW_INSTS.saturating_add(per_byte(effort::INSTS_PER_BYTE)),
            values: match keeping {
                Keeping::FrameArea => usize::MAX,
                Keeping::Variables => {
                    effort::FEW_VALUES.saturating_add(per_byte(effort::VALUES_PER_BYTE))
                }
            },
        }
    }

    fn check(&self, func: &Function) -> Result<(), CompileError> {
        if func.dfg.num_values() > self.values {
            let why = "it has many locals that pass through many blocks";
            return Err(CompileError::TooLong(why.to_string()));
        }
        if func.dfg.num_insts() > self.insts {
            let why = "its calls and blocks move many thousand parameters and results";
            return Err(CompileError::TooLarge(why.to_string()));
        }
        Ok(())
    }
}

struct Translator<'a, 'f> {
    b: FunctionBuilder<'f>,
    v: Values,
    flags: Flags,
    input: &'a CompileInput<'a>,
    unit: Unit<'a>,
    /// The context that the function was called with. All contexts in it are of the same store.
    own_ctx: Value,
    results_pointer: Option<Value>,
    own_abi: Rc<WasmSignature>,
    loop_depth: u32,
    locations: Vec<Location>,
    depths: Vec<u32>,
    /// The inlined calls and where backtraces see them.
    inlined: Vec<InlinedCall>,
    calls: bool,
    args: Vec<Value>,
    block_args: Vec<BlockArg>,
    /// Bases of memories by context, scope and index, each loaded where its context was.
    bases: Vec<((Value, u32, u32), Value)>,
    /// Signatures of calls, by scope.
    shapes: HashMap<(u32, TypeIndex), Rc<CallShape>>,
    funcs: HashMap<(u32, FuncIndex), FuncRef>,
    /// Global values of symbols, by namespace and index.
    symbols: HashMap<(u32, u32), GlobalValue>,
    /// Indirect calls that note whom they called, by their offset.
    profiled: Vec<u32>,
    libcalls: HashMap<Libcall, FuncRef>,
    /// Memory for results of callees that find no register.
    overflow: Option<StackSlot>,
    /// Code that starts at a loop: how it comes there.
    start: Option<osr::Start>,
    /// Operands that stand below the loop at which code starts, from this height up, as variables.
    carried: (usize, Vec<Variable>),
    loop_signature: Option<SigRef>,
    stack_limit: GlobalValue,
    most: Most,
}

fn unreadable(error: wasmparser::BinaryReaderError) -> CompileError {
    CompileError::Internal(format!("a validated body cannot be read: {error}"))
}

/// Locals that are zeroed one by one; more of them are zeroed by a loop.
const ZEROED_SINGLY: u32 = 32 * 8;

/// Makes CLIF of a function in `scratch.context.func`.
pub(crate) fn translate(
    input: &CompileInput<'_>,
    keeping: Keeping,
    isa: &dyn TargetIsa,
    scratch: &mut Scratch,
) -> Result<Translation, CompileError> {
    let start = input
        .start_at
        .map(|offset| osr::find_start(input, offset))
        .transpose()?;
    scratch.context.clear();
    scratch.context.set_disasm(scratch.listing);
    let buffers = std::mem::take(&mut scratch.buffers);
    let func = &mut scratch.context.func;
    let mut t = Translator::open(input, keeping, func, &mut scratch.builder, buffers);
    t.start = start;
    let translated = t.whole_body(&mut scratch.reader);
    let Translator {
        mut b,
        v,
        locations,
        depths,
        calls,
        profiled,
        stack_limit,
        inlined,
        ..
    } = t;
    scratch.buffers = v.finish(&mut b);
    if let Err(error) = translated {
        // What the builder had begun must not become part of the next function.
        scratch.builder = FunctionBuilderContext::new();
        return Err(error);
    }
    b.finalize(isa.frontend_config());
    if keeping == Keeping::Variables {
        locate_conditional_traps(func);
    }
    Ok(Translation {
        locations,
        depths,
        calls,
        stack_limit,
        inlined,
        profiled,
        wasm_bytes: u32::try_from(input.wasm_bytes()).unwrap_or(u32::MAX),
    })
}

impl<'a, 'f> Translator<'a, 'f> {
    /// Gives a function its name, its signature and its entry block.
    fn open(
        input: &'a CompileInput<'a>,
        keeping: Keeping,
        func: &'f mut Function,
        builder: &'f mut FunctionBuilderContext,
        buffers: Buffers,
    ) -> Translator<'a, 'f> {
        let Scope {
            module,
            import_is_wasm,
        } = input.scopes[0];
        let index = module.func_index(input.func);
        let own_abi = Rc::new(abi::wasm_signature(module.func_type(module.type_of(index))));
        func.name = UserFuncName::user(names::FUNCTIONS, index.0);
        func.signature = match input.start_at {
            None => own_abi.signature.clone(),
            Some(_) => own_abi.without_params(),
        };
        let mut flags = Flags::new(func, keeping == Keeping::Variables);
        let stack_limit = stack_limit(func, &mut flags);

        let mut b = FunctionBuilder::new(func, builder);
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        b.ensure_inserted_block();
        b.set_srcloc(SourceLoc::new(0));
        let v = Values::new(&mut b, buffers, keeping == Keeping::FrameArea);
        let ctx = b.block_params(entry)[0];
        let results_pointer = (own_abi.overflow > 0).then(|| b.block_params(entry)[1]);
        Translator {
            b,
            v,
            flags,
            input,
            unit: Unit {
                node: 0,
                scope: 0,
                module,
                import_is_wasm,
                ctx,
                frames: Vec::new(),
                reachable: true,
                skipped: 0,
                offset: 0,
            },
            own_ctx: ctx,
            results_pointer,
            own_abi,
            loop_depth: 0,
            locations: vec![Location {
                inline_node: 0,
                offset: 0,
            }],
            depths: vec![0],
            inlined: input.inlined.to_vec(),
            calls: false,
            args: Vec::new(),
            block_args: Vec::new(),
            bases: Vec::new(),
            shapes: HashMap::new(),
            funcs: HashMap::new(),
            symbols: HashMap::new(),
            libcalls: HashMap::new(),
            profiled: Vec::new(),
            overflow: None,
            start: None,
            carried: (0, Vec::new()),
            loop_signature: None,
            stack_limit,
            most: Most::of(input, keeping),
        }
    }

    fn whole_body(&mut self, allocs: &mut OperatorsReaderAllocations) -> Result<(), CompileError> {
        let mut reader = BinaryReader::new(self.unit.module.body(self.input.func), 0);
        if self.start.is_some() {
            for _ in 0..reader.read_var_u32().map_err(unreadable)? {
                reader.read_var_u32().map_err(unreadable)?;
                reader.read::<wasmparser::ValType>().map_err(unreadable)?;
            }
            let mut reader = OperatorsReader::new_with_allocs(reader, std::mem::take(allocs));
            self.enter_at_loop(&mut reader)?;
            self.operators(&mut reader)?;
            *allocs = reader.into_allocations();
            return Ok(());
        }
        let ty = self.begin(&mut reader)?;
        if self.input.settings.interruption && calls_functions(&reader)? {
            self.ask_for_interrupt();
        }
        self.open_function(ty);
        self.run(reader, allocs)
    }

    /// Takes parameters and declarations of locals; gives the function's type.
    fn begin(&mut self, reader: &mut BinaryReader<'a>) -> Result<TypeIndex, CompileError> {
        let ty = self
            .unit
            .module
            .type_of(self.unit.module.func_index(self.input.func));
        self.take_params(ty);
        self.take_locals(reader)?;
        Ok(ty)
    }
}

/// Cranelift makes a conditional trap of a branch to a block that does nothing but trap, with the branch's source
/// location: gives such branches that of the trap. Where both blocks do, it takes the second.
fn locate_conditional_traps(func: &mut Function) {
    let mut traps: HashMap<Block, SourceLoc> = HashMap::new();
    for block in func.layout.blocks() {
        let last = func.layout.last_inst(block);
        if let Some(last) = last.filter(|last| func.dfg.insts[*last].opcode() == Opcode::Trap) {
            let mut others = func.layout.block_insts(block).filter(|inst| *inst != last);
            if others.all(|inst| does_nothing(func, inst)) {
                traps.insert(block, func.srcloc(last));
            }
        }
    }
    let mut located = Vec::new();
    for block in func.layout.blocks() {
        let last = func.layout.last_inst(block);
        if let Some(last) = last
            && let InstructionData::Brif { blocks, .. } = &func.dfg.insts[last]
        {
            let to = blocks.iter().map(|call| call.block(&func.dfg.value_lists));
            let place = to.filter_map(|block| traps.get(&block)).next_back();
            located.extend(place.map(|place| (last, *place)));
        }
    }
    for (branch, place) in located {
        func.set_srcloc(branch, place);
    }
}

/// Whether an instruction but gives a value, as Cranelift's optimiser sees it (its `is_pure_for_egraph`).
fn does_nothing(func: &Function, inst: Inst) -> bool {
    let data = &func.dfg.insts[inst];
    let opcode = data.opcode();
    let movable = |flags: MemFlagsData| flags.readonly() && flags.notrap() && flags.can_move();
    let has_effects = opcode.is_call()
        || opcode.is_terminator()
        || opcode.can_trap()
        || opcode.can_store()
        || opcode.other_side_effects();
    let pure = match data.memflags_data(&func.dfg) {
        Some(flags) if opcode == Opcode::Load => movable(flags),
        _ => !opcode.can_load() && !has_effects,
    };
    pure && func.dfg.inst_results(inst).len() == 1
}

/// Whether a body calls wasm or host functions at all. One that does not is asked to stop in its loops
/// alone: it comes to an end without them, and leaf functions stay free of what a call costs.
fn calls_functions(reader: &BinaryReader<'_>) -> Result<bool, CompileError> {
    use wasmparser::Operator as O;
    let mut reader = OperatorsReader::new(reader.clone());
    while !reader.eof() {
        if let O::Call { .. }
        | O::CallIndirect { .. }
        | O::ReturnCall { .. }
        | O::ReturnCallIndirect { .. } = reader.read().map_err(unreadable)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The way to the stack limit: context, store, limit.
fn stack_limit(func: &mut Function, flags: &mut Flags) -> GlobalValue {
    let ctx = func.create_global_value(GlobalValueData::VMContext);
    let fixed = flags.get(func, Access::Fixed);
    let mutable = flags.get(func, Access::Mutable);
    let store = func.create_global_value(GlobalValueData::Load {
        base: ctx,
        offset: offsets::CTX_STORE.into(),
        global_type: types::I64,
        flags: fixed,
    });
    func.create_global_value(GlobalValueData::Load {
        base: store,
        offset: offsets::STORE_STACK_LIMIT.into(),
        global_type: types::I64,
        flags: mutable,
    })
}

impl Translator<'_, '_> {
    fn take_params(&mut self, ty: TypeIndex) {
        let first = self.own_abi.first_param();
        let entry = self
            .b
            .current_block()
            .expect("the entry block is being filled");
        for (at, ty) in self.unit.module.func_type(ty).params().enumerate() {
            let value = self.b.block_params(entry)[first + at];
            self.v.declare_local(&mut self.b, clif_type(ty));
            self.v
                .set_local(&mut self.b, &mut self.flags, at as u32, value);
        }
    }

    /// Reads the declarations of locals and gives them their zeros.
    fn take_locals(&mut self, reader: &mut BinaryReader<'_>) -> Result<(), CompileError> {
        let first = self.v.locals_end();
        let mut index = self.v.local_count();
        let groups = reader.read_var_u32().map_err(unreadable)?;
        for _ in 0..groups {
            let count = reader.read_var_u32().map_err(unreadable)?;
            let ty = reader.read::<wasmparser::ValType>().map_err(unreadable)?;
            let ty = self.parsed_type(ty)?;
            let zero = (!self.v.in_area() && count > 0).then(|| self.zero(ty));
            for _ in 0..count {
                self.v.declare_local(&mut self.b, ty);
                if let Some(zero) = zero {
                    self.v.set_local(&mut self.b, &mut self.flags, index, zero);
                }
                index += 1;
            }
        }
        if self.v.in_area() {
            self.zero_area(first, self.v.locals_end());
        }
        Ok(())
    }

    fn zero(&mut self, ty: Type) -> Value {
        match ty {
            types::F32 => self.b.ins().f32const(0.0),
            types::F64 => self.b.ins().f64const(0.0),
            types::I32 | types::I64 => self.b.ins().iconst(ty, 0),
            _ => {
                let zero = self.b.func.dfg.constants.insert([0; 16].as_slice().into());
                self.b.ins().vconst(ty, zero)
            }
        }
    }

    /// Zeroes bytes of the frame area; both ends are multiples of 8.
    fn zero_area(&mut self, mut start: u32, end: u32) {
        if start == end {
            return;
        }
        if end - start == 8 {
            let word = self.b.ins().iconst(types::I64, 0);
            let address = self.v.area_address(&mut self.b, start);
            return self.store_at(Access::Frame, word, address, 0);
        }
        let zero = self.zero(types::I8X16);
        if end - start > ZEROED_SINGLY {
            // All but a rest below 64 bytes, which is stored behind the loop.
            let rest = (end - start) % 64;
            let first = self.v.area_address(&mut self.b, start);
            let limit = self.v.area_address(&mut self.b, end - rest);
            let header = self.b.create_block();
            let next = self.b.create_block();
            let pointer = self.b.append_block_param(header, types::I64);
            self.b.ins().jump(header, &[first.into()]);
            self.b.switch_to_block(header);
            for at in 0..4 {
                self.store_at(Access::Frame, zero, pointer, at * 16);
            }
            let after = self.b.ins().iadd_imm_s(pointer, 64);
            let more = self.b.ins().icmp(
                cranelift_codegen::ir::condcodes::IntCC::UnsignedLessThan,
                after,
                limit,
            );
            self.b.ins().brif(more, header, &[after.into()], next, &[]);
            self.b.seal_block(header);
            self.b.seal_block(next);
            self.b.switch_to_block(next);
            start = end - rest;
        }
        while start < end {
            // The last eight bytes are stored together with the eight before them.
            let at = start.min(end - 16);
            let address = self.v.area_address(&mut self.b, at);
            self.store_at(Access::Frame, zero, address, 0);
            start += 16;
        }
    }

    fn parsed_type(&self, ty: wasmparser::ValType) -> Result<Type, CompileError> {
        Ok(match ty {
            wasmparser::ValType::I32 => types::I32,
            wasmparser::ValType::I64 => types::I64,
            wasmparser::ValType::F32 => types::F32,
            wasmparser::ValType::F64 => types::F64,
            wasmparser::ValType::V128 => types::I8X16,
            wasmparser::ValType::Ref(r)
                if r == wasmparser::RefType::FUNCREF || r == wasmparser::RefType::EXTERNREF =>
            {
                types::I64
            }
            wasmparser::ValType::Ref(r) => {
                return Err(CompileError::Unsupported(format!("values of type {r}")));
            }
        })
    }

    fn run(
        &mut self,
        reader: BinaryReader<'_>,
        allocs: &mut OperatorsReaderAllocations,
    ) -> Result<(), CompileError> {
        let mut reader = OperatorsReader::new_with_allocs(reader, std::mem::take(allocs));
        self.operators(&mut reader)?;
        *allocs = reader.into_allocations();
        Ok(())
    }

    fn operators(&mut self, reader: &mut OperatorsReader<'_>) -> Result<(), CompileError> {
        while !reader.eof() {
            self.unit.offset = reader.original_position() as u32;
            if self.start.is_some() && self.unit.node == 0 && self.at_start()? {
                return Ok(());
            }
            let operator = reader.read().map_err(unreadable)?;
            if self.unit.reachable {
                self.operator(&operator)?;
                self.most.check(self.b.func)?;
            } else {
                self.skip(&operator);
            }
        }
        Ok(())
    }

    /// Passes over an instruction that is never reached, but for the block structure.
    fn skip(&mut self, operator: &wasmparser::Operator<'_>) {
        use wasmparser::Operator as O;
        match operator {
            O::Block { .. } | O::Loop { .. } | O::If { .. } => self.unit.skipped += 1,
            O::Else if self.unit.skipped == 0 => self.else_(),
            O::End if self.unit.skipped == 0 => self.end(),
            O::End => self.unit.skipped -= 1,
            _ => {}
        }
    }

    /// Notes that the CLIF made from now on belongs to the current instruction. Needed where an
    /// instruction may trap or call; elsewhere nobody asks.
    fn mark(&mut self) {
        self.mark_place(self.unit.node, self.unit.offset);
    }

    /// Says that the instructions from now on belong to this place.
    fn mark_place(&mut self, inline_node: u32, offset: u32) {
        let index = self.locations.len() as u32;
        self.locations.push(Location {
            inline_node,
            offset,
        });
        self.depths.push(self.loop_depth);
        self.b.set_srcloc(SourceLoc::new(index));
    }

    // The operand stack, for the families.

    fn pop(&mut self) -> Value {
        self.v.pop(&mut self.b, &mut self.flags)
    }

    fn push(&mut self, value: Value, ty: Type) {
        self.v.push(value, ty);
    }
}
