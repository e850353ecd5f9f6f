//! Modules for tests of the compilers only. The engine's code source refuses everything, so modules can be
//! decoded but never run.

use engine::code_source::Refusing;
use engine::ids::DefinedFunc;
use engine::{Config, Engine, Module};
use lazywasm_tiering::compiled::{
    CompileError, CompileInput, CompileSettings, CompiledBody, InlinedCall, Scope,
};
use lazywasm_tiering::compilers::Scratch;

/// Decodes a module in text or binary form.
pub fn module(bytes: &[u8]) -> Module {
    let engine =
        Engine::with_code_source(&Config::default(), Box::new(Refusing)).expect("an engine");
    Module::new(&engine, bytes).expect("a valid module")
}

/// A compiler of this crate.
pub type Compiler = fn(&CompileInput<'_>, &mut Scratch) -> Result<CompiledBody, CompileError>;

/// What is compiled: a function, the calls that are inlined into it, and the loop at which the code starts.
pub struct Part<'a> {
    pub func: DefinedFunc,
    pub inlined: &'a [InlinedCall],
    pub start_at: Option<u32>,
}

impl Part<'_> {
    /// The whole function, with nothing inlined.
    pub fn whole(func: DefinedFunc) -> Part<'static> {
        Part {
            func,
            inlined: &[],
            start_at: None,
        }
    }
}

/// Compiles a function. Imports from the module `wasm` are bound to wasm; all others are host functions.
pub fn compile(
    compiler: Compiler,
    module: &Module,
    part: &Part<'_>,
    settings: &CompileSettings,
    scratch: &mut Scratch,
) -> CompiledBody {
    let body = try_compile(compiler, module, part, settings, scratch);
    body.unwrap_or_else(|error| panic!("{:?}: {error}", part.func))
}

/// Like [`compile`], for functions that may be refused.
pub fn try_compile(
    compiler: Compiler,
    module: &Module,
    part: &Part<'_>,
    settings: &CompileSettings,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    let imports: Vec<bool> = module
        .imports()
        .map(|import| import.module() == "wasm")
        .collect();
    let import_is_wasm = |func: engine::ids::FuncIndex| imports[func.index()];
    let bodies = part
        .inlined
        .iter()
        .map(|call| module.data().body(call.func));
    let bodies: Vec<&[u8]> = bodies.collect();
    let input = CompileInput {
        // The module itself, and the same module as if it were another one.
        scopes: &[Scope {
            module: module.data(),
            import_is_wasm: &import_is_wasm,
        }; 2],
        func: part.func,
        body: module.data().body(part.func),
        inlined: part.inlined,
        inlined_bodies: &bodies,
        start_at: part.start_at,
        settings,
    };
    compiler(&input, scratch)
}
