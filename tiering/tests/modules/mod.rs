//! Modules for tests of the compilers alone: an engine whose code source refuses everything, so that
//! modules can be decoded and nothing is ever run.

use engine::code_source::{CodeSource, EnterTrampoline, HostDoor};
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use engine::{Config, Engine, FuncType, Module, Result};
use lazywasm_tiering::Scratch;
use lazywasm_tiering::compiled::{
    CompileError, CompileInput, CompileSettings, CompiledBody, InlinedCall, Scope,
};
use std::any::Any;
use std::sync::Arc;

struct Refusing;

// SAFETY: nothing is published.
unsafe impl CodeSource for Refusing {
    fn attach(&self, _: &Linkage, _: &Arc<engine::CodeSpace>) -> Box<dyn Any + Send + Sync> {
        Box::new(())
    }
    fn detach(&self, _: &Linkage) {}
    fn first_call(&self, _: &Arc<Linkage>, _: DefinedFunc) -> Result<()> {
        Err(engine::Error::msg("nothing is run here"))
    }
    fn budget_spent(&self, _: &Arc<Linkage>, _: DefinedFunc, _: &mut engine::layout::Budget) {}
    fn host_called(&self) {}
    fn enter_trampoline(&self, _: &FuncType, _: &engine::CodeSpace) -> Result<EnterTrampoline> {
        Err(engine::Error::msg("nothing is run here"))
    }
    fn host_trampoline(&self, _: &FuncType, _: HostDoor, _: &engine::CodeSpace) -> Result<usize> {
        Err(engine::Error::msg("nothing is run here"))
    }
    fn shut_down(&self) {}
}

/// Decodes a module, text or binary.
pub fn module(bytes: &[u8]) -> Module {
    let engine =
        Engine::with_code_source(&Config::default(), Box::new(Refusing)).expect("an engine");
    Module::new(&engine, bytes).expect("a valid module")
}

/// A compiler of this crate.
pub type Compiler = fn(&CompileInput<'_>, &mut Scratch) -> Result<CompiledBody, CompileError>;

/// What of a function is compiled: the function, calls that are inlined, and the loop at which the code starts.
pub struct Part<'a> {
    pub func: DefinedFunc,
    pub inlined: &'a [InlinedCall],
    pub start_at: Option<u32>,
}

impl Part<'_> {
    /// All of it, as it is.
    pub fn whole(func: DefinedFunc) -> Part<'static> {
        Part {
            func,
            inlined: &[],
            start_at: None,
        }
    }
}

/// Compiles a function; every import is the host's unless its name says wasm.
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

/// As [`compile`], for what may be refused.
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
    let input = CompileInput {
        // The module itself, and the same as if it were another one.
        scopes: &[Scope {
            module: module.data(),
            import_is_wasm: &import_is_wasm,
        }; 2],
        func: part.func,
        inlined: part.inlined,
        start_at: part.start_at,
        settings,
    };
    compiler(&input, scratch)
}
