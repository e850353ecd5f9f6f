//! The input and the output of every compiler: plain data in, plain data out ([PURE]).
//!
//! A [`CompiledBody`] holds no address and no process-wide id. Everything that differs from process to
//! process (functions, helpers, ids of types) is a relocation, so bodies can be compared byte by byte and
//! could be stored on disk. Absent: where the code is placed (crate `stubs`) and when it is compiled
//! (`policy`).
//!
//! ```text
//! code      bytes; constants and jump tables follow the instructions
//! relocs    offset -> what to write there
//! side      offset of an instruction that can trap, or of a call's last byte
//!           -> Trap, if it is one, and (inline node, offset in the bytecode)
//! ```

use engine::ModuleData;
use engine::ids::{DefinedFunc, FuncIndex, TypeIndex};
use engine::libcalls::Libcall;
use std::fmt;
use stubs::{FrameLayout, InlineNode, Location, RelocKind, SideStream};

/// Machine code of one function and all data that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledBody {
    /// The bytes, relocations not applied.
    pub code: Vec<u8>,
    /// Alignment of the first byte, a power of two.
    pub align: u32,
    /// What to write into the bytes, sorted by offset.
    pub relocs: Vec<Reloc>,
    /// The instructions that can trap, with the code of the [`engine::Trap`], and the calls.
    pub side: SideStream,
    /// The inlined calls, as the input lists them. Parent and offset say where backtraces show the call:
    /// for a tail call, that is where the body that made it was called.
    pub inlined: Vec<InlinedCall>,
    /// Bytes between the frame pointer and the stack pointer.
    pub frame_size: u32,
    /// Offsets in the bytecode of the indirect calls that record their callees.
    pub profiled: Vec<u32>,
    /// Bytes of bytecode that were compiled.
    pub wasm_bytes: u32,
    /// What listeners are told of the code, if the settings ask for it.
    pub observed: Option<Box<Observed>>,
}

/// What debuggers and profilers want to know of code, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// How to unwind out of it.
    pub frame: FrameLayout,
    /// Where each instruction comes from, sorted by offset; the first is of offset 0.
    pub rows: Vec<Row>,
}

/// Where code comes from, up to the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Offset in the code.
    pub offset: u32,
    /// The place in the bytecode. Prologues and what belongs to no operator have the function's offset 0.
    pub location: Location,
}

/// One relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reloc {
    /// Offset of the first byte to write.
    pub offset: u32,
    /// What to write.
    pub kind: RelocKind,
    /// What it refers to.
    pub target: Target,
    /// Added to the target's address.
    pub addend: i64,
    /// How hot the place is estimated to be: the number of loops around it.
    pub weight: u32,
}

/// What a relocation refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A function of a scope's module: its own, or an import that is bound to wasm.
    Function(ScopeId, FuncIndex),
    /// The entry word of a function of that kind.
    EntryWord(ScopeId, FuncIndex),
    /// A helper of the engine.
    Libcall(Libcall),
    /// Arithmetic that this processor has no instruction for. C calling convention.
    FloatLibcall(FloatLibcall),
    /// The engine-wide id of a type of a scope's module, as a number.
    TypeId(ScopeId, TypeIndex),
    /// Where the indirect call at this position in [`CompiledBody::profiled`] records its callees.
    Feedback(u32),
    /// The record of the function that has taken the place of this one.
    ForwardRecord(ScopeId, DefinedFunc),
}

/// Arithmetic helpers needed on processors without SSE4.1 or FMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatLibcall {
    /// f32 -> f32, towards positive infinity
    CeilF32,
    /// f64 -> f64, towards positive infinity
    CeilF64,
    /// f32 -> f32, towards negative infinity
    FloorF32,
    /// f64 -> f64, towards negative infinity
    FloorF64,
    /// f32 -> f32, towards zero
    TruncF32,
    /// f64 -> f64, towards zero
    TruncF64,
    /// f32 -> f32, to the nearest, ties to even
    NearestF32,
    /// f64 -> f64, to the nearest, ties to even
    NearestF64,
}

/// Position of a scope in [`CompileInput::scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(u32);

impl ScopeId {
    /// The scope of the function that is compiled.
    pub const OWN: ScopeId = ScopeId(0);

    /// The scope at this position.
    ///
    /// # Panics
    /// If the position does not fit into 32 bits.
    pub fn new(position: usize) -> ScopeId {
        ScopeId(u32::try_from(position).expect("a function has fewer scopes"))
    }

    /// The position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A module to which indices of functions, types, memories and so on refer.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The module, validated.
    pub module: &'a ModuleData,
    /// Whether an imported function is bound to wasm. If not, it is a host function.
    pub import_is_wasm: &'a dyn Fn(FuncIndex) -> bool,
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.module.name().unwrap_or("Scope"))
    }
}

/// A call that is replaced by the callee's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlinedCall {
    /// The body that contains the call.
    pub parent: InlineNode,
    /// Offset of the call instruction in that body. An indirect call may be listed several times, once for
    /// each callee for which there is a guard, in the order of the guards.
    pub offset: u32,
    /// Scope of the callee.
    pub scope: ScopeId,
    /// The callee. Its type is that of the call.
    pub func: DefinedFunc,
    /// The generation of its definition, if the callee may be replaced: the body is run only as long as that
    /// is its generation.
    pub generation: Option<u32>,
    /// The function that the call names, if the callee has taken its place.
    pub through: Option<Through>,
}

impl InlinedCall {
    /// Whether something else than the callee may be called there later.
    pub fn may_change(&self) -> bool {
        let through = self.through.and_then(|through| through.generation);
        self.generation.or(through).is_some()
    }
}

/// A function whose place an inlined callee has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// Its scope.
    pub scope: ScopeId,
    /// Its position among the functions of the linkage.
    pub func: DefinedFunc,
    /// The generation of its definition, if another function may take its place.
    pub generation: Option<u32>,
}

/// The input of a compiler.
#[derive(Clone, Copy)]
pub struct CompileInput<'a> {
    /// The module of the function, then those of the inlined functions.
    pub scopes: &'a [Scope<'a>],
    /// The function of the first scope that is compiled.
    pub func: DefinedFunc,
    /// Its body: declarations of locals, then instructions. Validated in the first scope.
    pub body: &'a [u8],
    /// The calls that are inlined, sorted by parent and offset; a parent comes before the calls that it
    /// contains. Optimising compiler only.
    pub inlined: &'a [InlinedCall],
    /// The body of each inlined call.
    pub inlined_bodies: &'a [&'a [u8]],
    /// For on-stack replacement, the offset in the body of the `loop` instruction at which the code starts.
    /// The code has the function's results but no parameters. It reads locals and operands from the store's
    /// buffer, in the layout of baseline code's frame area. `None`: an ordinary body. Optimising compiler
    /// only.
    pub start_at: Option<u32>,
    /// The settings of the compilation.
    pub settings: &'a CompileSettings,
}

impl<'a> CompileInput<'a> {
    /// The module of the function.
    pub fn module(&self) -> &'a ModuleData {
        self.scopes[0].module
    }

    /// A scope.
    pub fn scope(&self, scope: ScopeId) -> &'a Scope<'a> {
        &self.scopes[scope.index()]
    }

    /// Bytes of bytecode that are compiled: those of the function and of the inlined bodies.
    pub fn wasm_bytes(&self) -> usize {
        let inlined = self.inlined_bodies.iter().map(|body| body.len());
        self.body.len() + inlined.sum::<usize>()
    }
}

impl fmt::Debug for CompileInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompileInput")
            .field("func", &self.func)
            .field("inlined", &self.inlined)
            .field("settings", self.settings)
            .finish_non_exhaustive()
    }
}

/// Settings of one compilation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileSettings {
    /// Baseline: the code counts down its [`engine::layout::Budget`]. Below 0 it calls
    /// [`Libcall::BudgetSpent`] at its entry, [`Libcall::LoopBudgetSpent`] in a loop.
    pub budgets: bool,
    /// Baseline: indirect calls record their callees.
    pub feedback: bool,
    /// The code checks at entry and at loop headers whether the program should stop.
    pub interruption: bool,
    /// Baseline: the code uses nothing beyond what the compiler needs of a processor, as if this one had no
    /// AVX, BMI and LZCNT. For tests: such processors are rare.
    pub oldest_processor: bool,
    /// [`CompiledBody::observed`] is filled in. The code is the same.
    pub observed: bool,
}

/// Why a function was not compiled. It is never the guest's fault: the body is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// The compiler does not support this.
    Unsupported(String),
    /// A limit of the implementation was reached.
    TooLarge(String),
    /// Optimising would take too long.
    TooLong(String),
    /// The compiler contradicts itself: a bug of ours.
    Internal(String),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Unsupported(what) => write!(f, "not supported: {what}"),
            CompileError::TooLarge(what) => write!(f, "too large: {what}"),
            CompileError::TooLong(what) => write!(f, "optimising would take too long: {what}"),
            CompileError::Internal(what) => write!(f, "a bug in the compiler: {what}"),
        }
    }
}

impl std::error::Error for CompileError {}
