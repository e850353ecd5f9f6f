//! Modules, linkages, stores and instances: the engine without its compilers.
//!
//! The crate decodes and validates, binds imports, instantiates, runs host functions, catches traps
//! and reports where they happened. It never makes machine code: that is behind
//! [`code_source::CodeSource`]. Embedders use the crate `lazywasm`, which wires this one to its
//! compilers and re-exports both.

mod boundary;
mod config;
pub mod ids;
pub mod linkage;
mod module;
mod objects;
mod shown;
mod trap;
mod type_registry;
mod types;

pub use boundary::backtrace::{FrameInfo, WasmBacktrace};
pub use boundary::runtime_calls::libcall_address;
pub use boundary::{code_source, layout, libcalls};
pub use config::{Config, STACK_RESERVE};
pub use module::{ExportType, ImportType, Module, ModuleData};
pub use objects::externs::{Export, Extern};
pub use objects::func::Func;
pub use objects::global::Global;
pub use objects::host_func::{Caller, IntoFunc, WasmRet};
pub use objects::instance::Instance;
pub use objects::linker::Linker;
pub use objects::live::{CallSite, FuncState, FuncTier};
pub use objects::memory::Memory;
pub use objects::store::{
    AsContext, AsContextMut, InterruptHandle, Store, StoreContext, StoreContextMut,
};
pub use objects::table::Table;
pub use objects::typed_func::{TypedFunc, WasmParams, WasmResults, WasmTy};
pub use objects::value::{ExternRef, Ref, V128, Val};
pub use shown::{shown_name, shown_text};
pub use trap::Trap;
pub use types::{
    ExternType, FuncType, GlobalType, HeapType, MemoryType, Mutability, PAGE_SIZE, RefType,
    TableType, ValType,
};

pub use anyhow::{Error, Result};

use boundary::code_source::CodeSource;
use linkage::{Linkage, Linkages};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock, Weak};
pub use stubs::{CodeSpace, LinkStats, Tier};
use stubs::{CodeSpaceConfig, EntryId, FirstCall};
use type_registry::TypeRegistry;

/// Shared state of all modules and stores that use one code space. Cloning is cheap; a clone is the
/// same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<EngineInner>,
}

struct EngineInner {
    // Fields are dropped in this order: the source first, since its threads and trampolines refer to the
    // rest.
    source: Box<dyn CodeSource>,
    linkages: Linkages,
    /// Linkages with their number of entries, by their first entry.
    by_entry: RwLock<BTreeMap<u32, (u32, Weak<Linkage>)>>,
    types: TypeRegistry,
    code: Arc<CodeSpace>,
    config: Config,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// An engine whose code comes from `source`.
    ///
    /// # Errors
    /// If the code space cannot be reserved, or the system refuses the handlers of faults.
    pub fn with_code_source(config: &Config, source: Box<dyn CodeSource>) -> Result<Engine> {
        boundary::signals::install()?;
        let code = CodeSpace::new(CodeSpaceConfig {
            reserve: config.code_reserve,
            cap: config.code_cap,
            patch_sites: config.patch_sites,
            first_call: FirstCall {
                handler: boundary::runtime_calls::first_call,
                data: std::ptr::null(),
            },
            listener: source.code_listener(),
        })?;
        Ok(Engine {
            inner: Arc::new(EngineInner {
                source,
                linkages: Linkages::default(),
                by_entry: RwLock::default(),
                types: TypeRegistry::default(),
                code: Arc::new(code),
                config: config.clone(),
            }),
        })
    }

    /// The engine's code space: entries, published bodies, call sites.
    pub(crate) fn code(&self) -> &Arc<CodeSpace> {
        &self.inner.code
    }

    /// Where the engine's code comes from.
    pub(crate) fn source(&self) -> &dyn CodeSource {
        &*self.inner.source
    }

    /// What is linked at this moment, in numbers.
    pub fn link_stats(&self) -> LinkStats {
        self.code().stats()
    }

    /// Checks every link of the engine's code, see [`stubs::CodeSpace::verify`]. For tests.
    ///
    /// # Errors
    /// If a call site does not call its callee; the error names each such site.
    pub fn verify_links(&self) -> Result<()> {
        self.code().check_process()?;
        let faults = self.code().verify().err().unwrap_or_default();
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::ensure!(list.is_empty(), list.join("\n"));
        Ok(())
    }

    /// Whether two handles name the same engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    /// The living linkage, if any, that defines the function of an entry.
    pub fn linkage_of_entry(&self, entry: EntryId) -> Option<Arc<Linkage>> {
        self.inner.linkage_of_entry(entry)
    }

    /// Where the engine is, for as long as the caller keeps a handle.
    pub(crate) fn as_ptr(&self) -> *const EngineInner {
        Arc::as_ptr(&self.inner)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The code of each helper, by its number.
    pub(crate) fn helpers(&self) -> boundary::layout::Helpers {
        boundary::runtime_calls::helper_addresses()
    }

    pub(crate) fn types(&self) -> &TypeRegistry {
        &self.inner.types
    }

    pub(crate) fn linkages(&self) -> &Linkages {
        &self.inner.linkages
    }

    pub(crate) fn remember_entries(&self, linkage: &Arc<Linkage>, first: EntryId) {
        let mut map = self
            .inner
            .by_entry
            .write()
            .expect("nothing panics under the map of entries");
        let len = linkage.func_count();
        map.insert(first.0, (len, Arc::downgrade(linkage)));
    }

    pub(crate) fn forget_entries(&self, first: EntryId) {
        self.inner
            .by_entry
            .write()
            .expect("nothing panics under the map of entries")
            .remove(&first.0);
    }
}

impl EngineInner {
    /// See [`Engine::linkage_of_entry`].
    fn linkage_of_entry(&self, entry: EntryId) -> Option<Arc<Linkage>> {
        // In a forked child the lock may be held by a thread that the child does not have.
        self.code.check_process().ok()?;
        let map = self.by_entry.read();
        let map = map.expect("nothing panics under the map of entries");
        let (first, (len, linkage)) = map.range(..=entry.0).next_back()?;
        // Only the wanted linkage may be held: a reference to another one could become its last, and dropping
        // a linkage waits for claims, one of which the caller may have.
        let linkage = (entry.0 - first < *len).then(|| linkage.clone())?;
        // If the linkage is dropped after this, that takes the lock.
        drop(map);
        linkage.upgrade()
    }
}

impl Drop for EngineInner {
    fn drop(&mut self) {
        // A forked child has none of the threads that would have to be stopped.
        if self.code.check_process().is_ok() {
            self.source.shut_down();
        }
    }
}
