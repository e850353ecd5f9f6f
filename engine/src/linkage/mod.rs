//! Linkages: a module together with what its function imports finally name.
//!
//! Code belongs to a linkage, not to an instance: all instances that bind their function imports
//! alike share entries, stubs, code and profile. Linkages are hash-consed through a weak map, so
//! that instances of one shape share one. Bindings never change, so code may call an imported function
//! of another linkage without a check; the context to pass is loaded from the instance's import slot.
//!
//! A *live* linkage has one instance and is not in the map. What its functions are may change (`live`). So
//! it is with a linkage that has *deferred* imports: function imports that are resolved at their first call.
//! Each is a function of the linkage itself, numbered after those that the module defines. It has no body;
//! once it is resolved, another function takes its place, as if it had been replaced.
//!
//! ```text
//! Instance -> Linkage -> Module
//!                     -> bound Linkages        (strong; instances form a DAG, so do linkages)
//! Engine  ..> Linkage                          (weak, by shape)
//! ```

mod live;

pub(crate) use live::{Changed, Resolving};
pub use live::{Forward, ForwardTarget};

use crate::Engine;
use crate::ids::{DefinedFunc, FuncIndex, TypeIndex};
use crate::module::{Module, ModuleData};
use anyhow::{Context, Result};
use live::Definitions;
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use stubs::{EntryBlock, EntryId};

/// What a function import is bound to.
#[derive(Clone)]
pub enum Binding {
    /// A function of the host: called through its record's word.
    Host,
    /// A function that a linkage defines, re-exports followed.
    Wasm {
        /// The linkage that defines it.
        linkage: Arc<Linkage>,
        /// Which of its functions.
        func: DefinedFunc,
    },
    /// Not known yet: this function of the importing linkage stands for it.
    Deferred(DefinedFunc),
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Binding::Host => f.write_str("Host"),
            Binding::Wasm { linkage, func } => f.write_str(&linkage.definition(*func).name()),
            Binding::Deferred(_) => f.write_str("Deferred"),
        }
    }
}

/// Where a function is defined: the body for compilers, and the names for messages. See
/// [`Linkage::definition`].
#[derive(Clone, Debug)]
pub struct Definition<'a> {
    /// The module whose indices the body uses.
    pub module: &'a ModuleData,
    /// Position of the function in that module.
    pub func: DefinedFunc,
    index: FuncIndex,
    /// The body, if it is not the one in the module.
    given: Option<Arc<[u8]>>,
}

impl<'a> Definition<'a> {
    /// Bytes of the body: declarations of locals, then instructions (without the size field). Empty for a
    /// deferred import.
    pub fn body(&self) -> &[u8] {
        match &self.given {
            Some(given) => given,
            None if self.is_in_file() => self.module.body(self.func),
            None => &[],
        }
    }

    fn is_in_file(&self) -> bool {
        self.given.is_none() && self.module.defined(self.index).is_some()
    }

    /// Offset of the body's first byte in the module's file; `None` if it is not the body in the file.
    pub fn body_offset(&self) -> Option<usize> {
        self.is_in_file()
            .then(|| self.module.body_offset(self.func))
    }

    /// The function's index in the module.
    pub fn func_index(&self) -> FuncIndex {
        self.index
    }

    /// The function's name for people, see [`ModuleData::func_name`].
    pub fn name(&self) -> String {
        self.module.func_name(self.func_index())
    }
}

/// One binding as part of a key. A linkage is represented by its address, since the owner of the key
/// keeps it alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum BindingKey {
    Host,
    Wasm(usize, DefinedFunc),
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    module: usize,
    bindings: Box<[BindingKey]>,
}

impl Key {
    fn new(module: &Module, bindings: &[Binding]) -> Key {
        let bindings = bindings
            .iter()
            .map(|binding| match binding {
                Binding::Host => BindingKey::Host,
                Binding::Deferred(_) => unreachable!("only shared linkages have a key"),
                Binding::Wasm { linkage, func } => {
                    BindingKey::Wasm(Arc::as_ptr(linkage) as usize, *func)
                }
            })
            .collect();
        Key {
            module: Arc::as_ptr(&module.inner) as usize,
            bindings,
        }
    }
}

/// The engine's map from shapes to living linkages.
#[derive(Default)]
pub(crate) struct Linkages {
    by_shape: Mutex<HashMap<Key, Weak<Linkage>>>,
}

/// A module and its function bindings, with the entries of its functions.
pub struct Linkage {
    module: Module,
    bindings: Box<[Binding]>,
    entries: EntryBlock,
    code: OnceLock<Box<dyn Any + Send + Sync>>,
    /// What the functions are, if that may change: the linkage has one instance.
    definitions: Option<Definitions>,
    /// The deferred imports, in the order of their functions.
    deferred: Box<[FuncIndex]>,
}

impl fmt::Debug for Linkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Linkage({})", self.data().label())
    }
}

impl Linkages {
    /// The linkage of this shape: the living one, or a new one.
    ///
    /// # Errors
    /// If the code space has no room for the entries.
    pub(crate) fn find_or_make(
        &self,
        module: &Module,
        bindings: Vec<Binding>,
    ) -> Result<Arc<Linkage>> {
        // In a forked child the lock below may be held by a thread that the child does not have.
        module.engine().code().check_process()?;
        let key = Key::new(module, &bindings);
        let mut map = self
            .by_shape
            .lock()
            .expect("no panic happens under the map of linkages");
        if let Some(linkage) = map.get(&key).and_then(Weak::upgrade) {
            return Ok(linkage);
        }
        let linkage = Linkage::make(module, bindings, None)?;
        map.insert(key, Arc::downgrade(&linkage));
        Ok(linkage)
    }

    /// A linkage that no other instance will share: it is live, or has deferred imports. Their functions are
    /// numbered after those that the module defines, in the order of the imports.
    ///
    /// # Errors
    /// If the code space has no room for the entries.
    pub(crate) fn make_own(
        module: &Module,
        bindings: Vec<Binding>,
        live: bool,
    ) -> Result<Arc<Linkage>> {
        module.engine().code().check_process()?;
        let functions = module.data().counts().defined_funcs;
        let definitions = Definitions::of_module(live.then_some(functions));
        Linkage::make(module, bindings, Some(definitions))
    }

    fn forget(&self, linkage: &Linkage) {
        if linkage.definitions.is_some() {
            return;
        }
        let key = Key::new(&linkage.module, &linkage.bindings);
        let mut map = self
            .by_shape
            .lock()
            .expect("no panic happens under the map of linkages");
        // A new linkage of the same shape may have taken the place since the last reference was dropped.
        if map.get(&key).is_some_and(|weak| weak.strong_count() == 0) {
            map.remove(&key);
        }
    }
}

impl Linkage {
    fn make(
        module: &Module,
        bindings: Vec<Binding>,
        definitions: Option<Definitions>,
    ) -> Result<Arc<Linkage>> {
        let engine = module.engine();
        let data = module.data();
        let deferred = (0..).map(FuncIndex).zip(&bindings);
        let deferred = deferred.filter(|(_, binding)| matches!(binding, Binding::Deferred(_)));
        let deferred: Box<[FuncIndex]> = deferred.map(|(index, _)| index).collect();
        let entries = engine
            .code()
            .alloc_entries(data.counts().defined_funcs + deferred.len() as u32)
            .with_context(|| format!("no room for the functions of {}", data.label()))?;
        let linkage = Arc::new(Linkage {
            module: module.clone(),
            bindings: bindings.into_boxed_slice(),
            entries,
            code: OnceLock::new(),
            definitions,
            deferred,
        });
        let code = engine.source().attach(&linkage, engine.code());
        assert!(linkage.code.set(code).is_ok(), "a linkage is attached once");
        if entries.len > 0 {
            engine.remember_entries(&linkage, entries.first);
        }
        Ok(linkage)
    }

    /// The engine it belongs to.
    pub fn engine(&self) -> &Engine {
        self.module.engine()
    }

    /// The module whose functions these are.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The module's contents.
    pub fn data(&self) -> &ModuleData {
        self.module.data()
    }

    /// The definition of a function of this linkage. This is the one way to find a body: no other code may
    /// assume that it is in the linkage's own module.
    pub fn definition(&self, func: DefinedFunc) -> Definition<'_> {
        let data = self.data();
        let deferred = func.0.checked_sub(data.counts().defined_funcs);
        Definition {
            module: data,
            func,
            index: match deferred {
                None => data.func_index(func),
                Some(at) => self.deferred[at as usize],
            },
            given: self.given_body(func),
        }
    }

    /// Number of its functions: those that the module defines, and those that stand for deferred imports.
    pub fn func_count(&self) -> u32 {
        self.entries.len
    }

    /// The function of this linkage that is called by an index of the module, if it is one of its own.
    pub fn own_func(&self, func: FuncIndex) -> Option<DefinedFunc> {
        let defined = self.data().defined(func);
        defined.or_else(|| match self.binding(func) {
            Binding::Deferred(own) => Some(*own),
            Binding::Host | Binding::Wasm { .. } => None,
        })
    }

    /// Whether a function stands for a deferred import that has not been resolved.
    pub fn is_unresolved(&self, func: DefinedFunc) -> bool {
        func.0 >= self.data().counts().defined_funcs && self.forward(func).is_none()
    }

    /// Whether its instance was removed: calls of its functions trap.
    pub fn is_removed(&self) -> bool {
        let definitions = self.definitions.as_ref();
        definitions.is_some_and(Definitions::is_removed)
    }

    /// Removes all functions. The caller takes their code away.
    ///
    /// # Panics
    /// If the linkage is shared.
    pub(crate) fn remove(&self) {
        let definitions = self.definitions.as_ref();
        let definitions = definitions.expect("only functions of an instance's own linkage change");
        definitions.remove();
    }

    /// Marks a deferred import as one that is being resolved, until what is returned is dropped. Returns
    /// `None` if it is being resolved already.
    pub(crate) fn begin_resolving(&self, func: DefinedFunc) -> Option<Resolving<'_>> {
        self.definitions.as_ref()?.begin_resolving(func)
    }

    /// The body of a function, if it was replaced by another body.
    pub fn given_body(&self, func: DefinedFunc) -> Option<Arc<[u8]>> {
        match self.definitions.as_ref()?.changed(func)? {
            Changed::Body(body) => Some(body),
            Changed::Forward(_) => None,
        }
    }

    /// Whether its functions may be replaced.
    pub fn is_live(&self) -> bool {
        self.generations().is_some()
    }

    /// The function that a function of this linkage was replaced by, if it was.
    pub fn forward(&self, func: DefinedFunc) -> Option<Forward> {
        match self.definitions.as_ref()?.changed(func)? {
            Changed::Forward(forward) => Some(forward),
            Changed::Body(_) => None,
        }
    }

    /// How often the definition of a function has changed; `None` if it never will.
    pub fn generation(&self, func: DefinedFunc) -> Option<u32> {
        let generation = self.generations()?.get(func.index())?;
        Some(generation.load(Ordering::SeqCst))
    }

    /// The word of the generation of each function that the module defines, if they may be replaced.
    pub(crate) fn generations(&self) -> Option<&[AtomicU32]> {
        self.definitions.as_ref()?.generations()
    }

    /// Changes what a function is. No other thread may be compiling it: see
    /// [`CodeSource::redefine`](crate::code_source::CodeSource::redefine).
    ///
    /// # Panics
    /// If the linkage is shared.
    pub(crate) fn change(&self, func: DefinedFunc, to: Changed) {
        let definitions = self.definitions.as_ref();
        let definitions = definitions.expect("only functions of an instance's own linkage change");
        definitions.change(func, to);
    }

    /// The engine-wide id of a type of the module's type section.
    pub fn type_id(&self, ty: TypeIndex) -> u32 {
        self.module.type_handle(ty).id()
    }

    /// What an imported function is bound to.
    ///
    /// # Panics
    /// If the function is not imported.
    pub fn binding(&self, func: FuncIndex) -> &Binding {
        &self.bindings[func.index()]
    }

    /// The entry of a function defined here.
    pub fn entry(&self, func: DefinedFunc) -> EntryId {
        debug_assert!(func.0 < self.entries.len);
        EntryId(self.entries.first.0 + func.0)
    }

    /// The entries of all functions defined here, in order.
    pub fn entries(&self) -> EntryBlock {
        self.entries
    }

    /// The function whose entry this is.
    pub fn func_of_entry(&self, entry: EntryId) -> Option<DefinedFunc> {
        entry
            .0
            .checked_sub(self.entries.first.0)
            .filter(|at| *at < self.entries.len)
            .map(DefinedFunc)
    }

    /// The entry that a call of this function reaches, or `None` for a host function.
    pub fn entry_of(&self, func: FuncIndex) -> Option<EntryId> {
        match self.data().defined(func) {
            Some(defined) => Some(self.entry(defined)),
            None => match self.binding(func) {
                Binding::Host => None,
                Binding::Wasm { linkage, func } => Some(linkage.entry(*func)),
                Binding::Deferred(own) => Some(self.entry(*own)),
            },
        }
    }

    /// What the code source keeps with this linkage, as it was returned by `attach`.
    pub fn code(&self) -> &(dyn Any + Send + Sync) {
        self.code.get().expect("attached when made").as_ref()
    }
}

impl Drop for Linkage {
    fn drop(&mut self) {
        let engine = self.engine().clone();
        if engine.code().check_process().is_err() {
            // A forked child's copy: there is no code to withdraw, and locks may be held forever.
            return;
        }
        engine.linkages().forget(self);
        if self.entries.len > 0 {
            engine.forget_entries(self.entries.first);
        }
        if self.code.get().is_some() {
            engine.source().detach(self);
        }
        engine.code().release_entries(self.entries);
        engine.source().released();
    }
}
