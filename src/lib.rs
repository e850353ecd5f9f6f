//! lazywasm: a WebAssembly engine for people who cannot wait.
//!
//! A function is compiled quickly when it is first called. If it becomes hot, it is compiled again with
//! optimisation on another thread, and its callers are redirected to the better code while the program runs.
//!
//! The API follows Wasmtime's names and shapes:
//!
//! ```
//! use lazywasm::{Caller, Engine, Linker, Module, Store};
//!
//! # fn main() -> lazywasm::Result<()> {
//! let engine = Engine::default();
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (import "host" "double" (func $double (param i32) (result i32)))
//!         (func (export "run") (param i32) (result i32)
//!             (i32.add (call $double (local.get 0)) (i32.const 2))))"#,
//! )?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "double", |mut caller: Caller<'_, u32>, x: i32| {
//!     *caller.data_mut() += 1;
//!     x * 2
//! })?;
//! let mut store = Store::new(&engine, 0);
//! let instance = linker.instantiate(&mut store, &module)?;
//! let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
//! assert_eq!(run.call(&mut store, 20)?, 42);
//! assert_eq!(*store.data(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! This crate wires the engine to its compilers; everything else is re-exported.

mod config;
pub mod live;
mod stats;

pub use config::Config;
pub use engine::{
    AsContext, AsContextMut, Caller, Error, Export, ExportType, Extern, ExternRef, ExternType,
    FrameInfo, Func, FuncType, Global, GlobalType, HeapType, ImportType, Instance, InterruptHandle,
    IntoFunc, Linker, Memory, MemoryType, Module, Mutability, Ref, RefType, Result, Store,
    StoreContext, StoreContextMut, Table, TableType, Trap, TypedFunc, V128, Val, ValType,
    WasmBacktrace, WasmParams, WasmResults, WasmRet, WasmTy, shown_name, shown_text,
};
pub use stats::Stats;
pub use tiering::events::{Event, EventFunc, LeftCallee, Subject, TierName};
pub use tiering::policy::{DEFAULT_THRESHOLD, Mode};
pub use tiering::records::{
    CodeFunc, CodeId, CodeListener, CodeRecord, CodeRow, CodeSubject, ExceptionHandler,
    FrameLayout, FrameStep, InlinedFunc, Place, Register, Safepoint, SavedRegister, TrapPlace,
};

use std::ops::Deref;
use std::sync::Arc;
use tiering::{Counters, Tiers};

/// Shared state of all modules and stores: compilers, code, types. Cloning is cheap and gives the same
/// engine; many threads may use the same engine.
#[derive(Clone, Debug)]
pub struct Engine {
    inner: engine::Engine,
    counters: Arc<Counters>,
}

impl Engine {
    /// An engine with this configuration.
    ///
    /// # Errors
    /// If the system refuses memory for code.
    pub fn new(config: &Config) -> Result<Engine> {
        let tiers = Tiers::new(
            config.tuning,
            config.listener.clone(),
            config.code_listener.clone(),
        );
        let counters = tiers.counters();
        let inner = engine::Engine::with_code_source(&config.engine, Box::new(tiers))?;
        Ok(Engine { inner, counters })
    }

    /// What the engine has done, in numbers.
    pub fn stats(&self) -> Stats {
        Stats::collect(&self.counters.read(), &self.inner.link_stats())
    }
}

impl Default for Engine {
    /// An engine with the default configuration.
    ///
    /// # Panics
    /// If the system refuses memory for code.
    fn default() -> Engine {
        Engine::new(&Config::new()).expect("memory for code")
    }
}

/// Everything that takes an [`engine::Engine`](Module) takes this one.
impl Deref for Engine {
    type Target = engine::Engine;
    fn deref(&self) -> &engine::Engine {
        &self.inner
    }
}
