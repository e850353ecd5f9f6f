//! Engine-wide ids of function types, and the trampolines that go with each type.
//!
//! Two functions may call each other indirectly if and only if their ids are equal, whichever
//! modules they come from. Ids are never reused, so that code that still names a forgotten type
//! cannot mistake a new one for it.

use crate::Engine;
use crate::boundary::door::{EnterTrampoline, HostDoor};
use crate::config::STACK_RESERVE;
use crate::ids::TypeIndex;
use crate::types::FuncType;
use anyhow::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use stubs::stacks;

/// A type that is in use, with what was made for it.
#[derive(Debug)]
pub(crate) struct TypeEntry {
    id: u32,
    ty: FuncType,
    enter: OnceLock<EnterTrampoline>,
    host: OnceLock<usize>,
}

/// A type that is in use; as long as it is held, the type keeps its id.
pub(crate) type TypeHandle = Arc<TypeEntry>;

/// The handles of a module's type section, by type index.
#[derive(Debug)]
pub(crate) struct ModuleTypes {
    handles: Box<[TypeHandle]>,
    /// Their ids, in a form that compiled code can read.
    ids: Box<[u32]>,
}

impl ModuleTypes {
    pub(crate) fn of(&self, ty: TypeIndex) -> &TypeHandle {
        &self.handles[ty.index()]
    }

    pub(crate) fn ids(&self) -> &[u32] {
        &self.ids
    }
}

impl TypeEntry {
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn ty(&self) -> &FuncType {
        &self.ty
    }

    /// The trampoline from the host, made at the first use, on a stack with room for a compiler.
    pub(crate) fn enter(&self, engine: &Engine) -> Result<EnterTrampoline> {
        if let Some(code) = self.enter.get() {
            return Ok(*code);
        }
        engine.code().check_process()?;
        let make = || engine.source().enter_trampoline(&self.ty, engine.code());
        let code = stacks::with_room(STACK_RESERVE, make)??;
        Ok(*self.enter.get_or_init(|| code))
    }

    /// The code of host functions of this type, made at the first use, on a stack with room for a compiler.
    pub(crate) fn host(&self, engine: &Engine, door: HostDoor) -> Result<usize> {
        if let Some(code) = self.host.get() {
            return Ok(*code);
        }
        engine.code().check_process()?;
        let make = || {
            engine
                .source()
                .host_trampoline(&self.ty, door, engine.code())
        };
        let code = stacks::with_room(STACK_RESERVE, make)??;
        Ok(*self.host.get_or_init(|| code))
    }
}

#[derive(Debug, Default)]
pub(crate) struct TypeRegistry {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    by_type: HashMap<FuncType, Weak<TypeEntry>>,
    next_id: u32,
    sweep_at: usize,
}

/// Number of remembered types at which those that are no longer in use are first removed.
const FIRST_SWEEP: usize = 1024;

impl TypeRegistry {
    /// The entries of all types of a module.
    ///
    /// # Panics
    /// As [`TypeRegistry::intern`].
    pub(crate) fn intern_all(&self, types: &[FuncType]) -> ModuleTypes {
        let handles: Box<[TypeHandle]> = types.iter().map(|ty| self.intern(ty)).collect();
        let ids = handles.iter().map(|handle| handle.id()).collect();
        ModuleTypes { handles, ids }
    }

    /// The one entry of this type.
    ///
    /// # Panics
    /// After 2^32 different types, which would take years to make.
    pub(crate) fn intern(&self, ty: &FuncType) -> TypeHandle {
        let mut state = self
            .state
            .lock()
            .expect("nothing panics under the type registry");
        if let Some(entry) = state.by_type.get(ty).and_then(Weak::upgrade) {
            return entry;
        }
        if state.by_type.len() >= state.sweep_at.max(FIRST_SWEEP) {
            state.by_type.retain(|_, entry| entry.strong_count() > 0);
            state.sweep_at = 2 * state.by_type.len();
        }
        let id = state.next_id;
        state.next_id = id
            .checked_add(1)
            .expect("fewer than 2^32 function types are ever made");
        let entry = Arc::new(TypeEntry {
            id,
            ty: ty.clone(),
            enter: OnceLock::new(),
            host: OnceLock::new(),
        });
        state.by_type.insert(ty.clone(), Arc::downgrade(&entry));
        entry
    }
}
