//! From the bytecode of one function to Cranelift's intermediate form (CLIF), for the
//! optimising and the reference compiler.
//!
//! 1. `translate` creates the signature and the entry block, declares the parameters and zeroes the other
//!    locals.
//! 2. `Translator::instructions` reads one instruction after the other. `opcodes` is a table with one line
//!    for each, which names the family that translates it: `control`, `integer`, `float`, `memory`,
//!    `calls`, `tables`, `simd`.
//! 3. `inline` translates the body of a callee in place of a call; `osr` starts at a loop.
//! 4. `versions` translates loops with functions that may be replaced twice.
//! 5. `values` knows where locals and operands are; `access` knows what each memory access may assume.
//!
//! Bodies are validated ([VALID]), so operands exist and have their types. An unknown instruction is an
//! error that names it. Unreachable code is skipped. Nested blocks use memory of the vector of frames, not
//! of Rust's stack; only nested inlined bodies are recursion, up to the depth in policy. [PURE]: names in
//! the CLIF are (namespace, index) pairs, see `names`.

mod access;
mod calls;
mod control;
mod float;
mod inline;
mod integer;
mod locals;
mod memory;
mod opcodes;
mod osr;
mod simd;
mod tables;
mod values;
mod versions;

use crate::bytecode::{self, Instruction, Locals, Walk};
use crate::clif::names;
use crate::clif::passes::trap_places::locate_conditional_traps;
use crate::clif::signature::{self, WasmSignature};
use crate::compiled::{CompileError, CompileInput, InlinedCall, Scope, ScopeId};
use crate::policy::effort;
use access::{Access, Flags};
use control::Frame;
use cranelift_codegen::ir::{
    BlockArg, FuncRef, Function, GlobalValue, GlobalValueData, SigRef, SourceLoc, StackSlot, Type,
    UserFuncName, Value, types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use engine::ModuleData;
use engine::ids::{FuncIndex, TypeIndex};
use engine::layout::offsets;
use engine::libcalls::Libcall;
use std::collections::HashMap;
use std::rc::Rc;
use stubs::{InlineNode, Location};
use values::{Buffers, Values};
use versions::Version;
use wasmparser::Operator;

/// Buffers of the translator that are reused for the next function.
#[derive(Default)]
pub(crate) struct TranslateBuffers {
    builder: FunctionBuilderContext,
    buffers: Buffers,
    walk: bytecode::WalkBuffers,
}

/// The data of a translated function other than its CLIF.
pub(crate) struct Translation {
    /// Source locations in the CLIF are indices into `locations`, and into `depths`: the number of loops
    /// around each.
    pub(crate) locations: Vec<Location>,
    pub(crate) depths: Vec<u32>,
    /// Whether it contains a call of any kind.
    pub(crate) calls: bool,
    /// The stack limit, for compilers that decide to check it.
    pub(crate) stack_limit: GlobalValue,
    pub(crate) inlined: Vec<InlinedCall>,
    pub(crate) wasm_bytes: u32,
}

/// Where locals are kept. Nothing else differs between the compilers here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LocalsIn {
    /// In the frame area: the reference compiler.
    FrameArea,
    /// As SSA variables: the optimising compiler.
    Variables,
}

/// A signature in the forms that a call needs.
struct CallShape {
    signature: SigRef,
    abi: WasmSignature,
    /// Cranelift's types of the results.
    results: Vec<Type>,
}

/// A body being translated: that of the function itself, or one inlined into it.
struct Unit<'a> {
    /// The body's number, as in `Location::inline_node`.
    node: InlineNode,
    scope: ScopeId,
    module: &'a ModuleData,
    import_is_wasm: &'a dyn Fn(FuncIndex) -> bool,
    /// The context of the instance whose code this is ([FOREIGN]).
    ctx: Value,
    frames: Vec<Frame>,
    /// Whether the instruction being read is reachable.
    reachable: bool,
    /// Offset of the instruction being translated in the body.
    offset: u32,
}

/// The limits at which a translation stops, in proportion to the bytes of bytecode.
#[derive(Clone, Copy, Debug)]
struct Limits {
    insts: usize,
    values: usize,
}

impl Limits {
    fn of(input: &CompileInput<'_>, locals_in: LocalsIn) -> Limits {
        let per_byte = |each: usize| each.saturating_mul(input.wasm_bytes());
        Limits {
            insts: effort::FEW_INSTS.saturating_add(per_byte(effort::INSTS_PER_BYTE)),
            values: match locals_in {
                LocalsIn::FrameArea => usize::MAX,
                LocalsIn::Variables => {
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
    builder: FunctionBuilder<'f>,
    values: Values,
    flags: Flags,
    input: &'a CompileInput<'a>,
    unit: Unit<'a>,
    /// The context with which the function was called. All contexts in the function belong to the same
    /// store.
    own_ctx: Value,
    results_pointer: Option<Value>,
    own_abi: Rc<WasmSignature>,
    loop_depth: u32,
    locations: Vec<Location>,
    depths: Vec<u32>,
    /// The inlined calls, and where backtraces show them.
    inlined: Vec<InlinedCall>,
    calls: bool,
    args: Vec<Value>,
    block_args: Vec<BlockArg>,
    /// Bases of memories by context, scope and index. Each is loaded directly after its context.
    bases: Vec<((Value, ScopeId, u32), Value)>,
    /// Signatures of calls, by scope.
    shapes: HashMap<(ScopeId, TypeIndex), Rc<CallShape>>,
    funcs: HashMap<(ScopeId, FuncIndex), FuncRef>,
    /// Global values of symbols, by namespace and index.
    symbols: HashMap<(u32, u32), GlobalValue>,
    libcalls: HashMap<Libcall, FuncRef>,
    /// Memory for results of callees that do not fit into registers.
    overflow: Option<StackSlot>,
    /// For OSR code: the path to the loop at which it starts.
    start: Option<osr::Start>,
    /// For OSR code: the operands below the loop at which it starts, as variables, and the height of the
    /// lowest.
    carried: (usize, Vec<Variable>),
    stack_limit: GlobalValue,
    version: Version,
    limits: Limits,
    /// Whether listeners are told where each instruction comes from.
    observed: bool,
}

fn unreadable(error: wasmparser::BinaryReaderError) -> CompileError {
    CompileError::Internal(format!("a validated body cannot be read: {error}"))
}

/// Translates a function to CLIF in `func`, which must be empty.
pub(crate) fn translate(
    input: &CompileInput<'_>,
    locals_in: LocalsIn,
    isa: &dyn TargetIsa,
    func: &mut Function,
    memory: &mut TranslateBuffers,
) -> Result<Translation, CompileError> {
    let start = input
        .start_at
        .map(|offset| osr::find_start(input, offset))
        .transpose()?;
    let buffers = std::mem::take(&mut memory.buffers);
    let mut translator = Translator::open(input, locals_in, func, &mut memory.builder, buffers);
    translator.start = start;
    let translated = translator.whole_body(&mut memory.walk);
    let Translator {
        mut builder,
        values,
        locations,
        depths,
        calls,
        stack_limit,
        inlined,
        ..
    } = translator;
    memory.buffers = values.finish(&mut builder);
    if let Err(error) = translated {
        // What the builder has begun must not become part of the next function.
        memory.builder = FunctionBuilderContext::new();
        return Err(error);
    }
    builder.finalize(isa.frontend_config());
    if locals_in == LocalsIn::Variables {
        locate_conditional_traps(func);
    }
    Ok(Translation {
        locations,
        depths,
        calls,
        stack_limit,
        inlined,
        wasm_bytes: u32::try_from(input.wasm_bytes()).unwrap_or(u32::MAX),
    })
}

impl<'a, 'f> Translator<'a, 'f> {
    /// Sets the function's name and signature, and creates its entry block.
    fn open(
        input: &'a CompileInput<'a>,
        locals_in: LocalsIn,
        func: &'f mut Function,
        memory: &'f mut FunctionBuilderContext,
        buffers: Buffers,
    ) -> Translator<'a, 'f> {
        let Scope {
            module,
            import_is_wasm,
        } = input.scopes[0];
        let index = module.func_index(input.func);
        let own_abi = Rc::new(signature::wasm_signature(
            module.func_type(module.type_of(index)),
        ));
        func.name = UserFuncName::user(names::FUNCTIONS, index.0);
        func.signature = match input.start_at {
            None => own_abi.signature.clone(),
            Some(_) => own_abi.without_params(),
        };
        let mut flags = Flags::new(func, locals_in == LocalsIn::Variables);
        let stack_limit = stack_limit(func, &mut flags);

        let mut builder = FunctionBuilder::new(func, memory);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        builder.seal_block(entry);
        builder.ensure_inserted_block();
        builder.set_srcloc(SourceLoc::new(0));
        let values = Values::new(&mut builder, buffers, locals_in == LocalsIn::FrameArea);
        let ctx = builder.block_params(entry)[0];
        let results_pointer = (own_abi.overflow > 0).then(|| builder.block_params(entry)[1]);
        Translator {
            builder,
            values,
            flags,
            input,
            unit: Unit {
                node: InlineNode::FUNCTION,
                scope: ScopeId::OWN,
                module,
                import_is_wasm,
                ctx,
                frames: Vec::new(),
                reachable: true,
                offset: 0,
            },
            own_ctx: ctx,
            results_pointer,
            own_abi,
            loop_depth: 0,
            locations: vec![Location {
                inline_node: InlineNode::FUNCTION,
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
            overflow: None,
            start: None,
            carried: (0, Vec::new()),
            stack_limit,
            version: Version::Only,
            limits: Limits::of(input, locals_in),
            observed: input.settings.observed,
        }
    }

    fn whole_body(&mut self, memory: &mut bytecode::WalkBuffers) -> Result<(), CompileError> {
        let module = self.unit.module;
        let body = self.input.body;
        let mut locals = Locals::of(body).map_err(unreadable)?;
        let mut walk = if self.start.is_some() {
            let mut walk = locals.walk_in(memory).map_err(unreadable)?;
            self.enter_at_loop(&mut walk)?;
            walk
        } else {
            let ty = module.type_of(module.func_index(self.input.func));
            self.declare_params(ty);
            self.declare_locals(&mut locals)?;
            // A body without calls checks for an interrupt only in its loops: without loops it ends soon,
            // and leaf functions do not pay for a call.
            if self.input.settings.interruption
                && bytecode::calls_functions(body).map_err(unreadable)?
            {
                self.check_interrupt();
            }
            self.open_function(ty);
            locals.walk_in(memory).map_err(unreadable)?
        };
        self.instructions(&mut walk)?;
        walk.return_buffers(memory);
        Ok(())
    }
}

/// The loads that yield the stack limit: context, store, limit.
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
    fn instructions(&mut self, walk: &mut Walk<'_>) -> Result<(), CompileError> {
        while let Some(instruction) = walk.next() {
            self.instruction(instruction.map_err(unreadable)?, walk)?;
        }
        Ok(())
    }

    /// Translates an instruction; `walk` has those that follow.
    fn instruction(
        &mut self,
        instruction: Instruction<'_>,
        walk: &mut Walk<'_>,
    ) -> Result<(), CompileError> {
        self.unit.offset = instruction.offset;
        if self.start.is_some() && self.unit.node == InlineNode::FUNCTION {
            self.land_if_here();
        }
        if self.unit.reachable {
            if let Operator::Loop { blockty } = instruction.operator
                && self.version_loop(blockty, walk)?
            {
                return Ok(());
            }
            if self.observed {
                self.mark();
            }
            self.operator(&instruction.operator)?;
            return self.limits.check(self.builder.func);
        }
        if instruction.depth == self.unit.frames.len() {
            // Unreachable code is skipped, except for the end of a reachable block.
            match instruction.operator {
                Operator::Else => self.else_(),
                Operator::End => self.end(),
                _ => {}
            }
        }
        Ok(())
    }

    /// Sets the source location of the following CLIF to the current instruction. It is needed only where
    /// an instruction may trap or call, and everywhere if listeners are told of the code.
    fn mark(&mut self) {
        self.mark_place(self.unit.node, self.unit.offset);
    }

    /// Sets the source location of the following CLIF to this place.
    fn mark_place(&mut self, inline_node: InlineNode, offset: u32) {
        let index = self.locations.len() as u32;
        self.locations.push(Location {
            inline_node,
            offset,
        });
        self.depths.push(self.loop_depth);
        self.builder.set_srcloc(SourceLoc::new(index));
    }

    // The operand stack, for the families.

    fn pop(&mut self) -> Value {
        self.values.pop(&mut self.builder, &mut self.flags)
    }

    fn push(&mut self, value: Value, ty: Type) {
        self.values.push(value, ty);
    }
}
