//! Functions as embedders see them, and how the host calls compiled code.
//!
//! `typed_func` has Rust types for calls and for host functions; `host_func` is how compiled code calls the
//! host.

use super::host_func::{Caller, HostDefinition, HostFunc, IntoFunc};
use super::typed_func::{self, TypedFunc, WasmParams, WasmResults};
use crate::boundary::activation;
use crate::boundary::door::ValRaw;
use crate::boundary::layout::FuncRecord;
use crate::ids::DefinedFunc;
use crate::linkage::{Binding, Linkage};
use crate::objects::ids::FuncId;
use crate::objects::store::{AsContext, AsContextMut, StoreId, StoreOpaque};
use crate::objects::value::Val;
use crate::type_registry::TypeHandle;
use crate::types::FuncType;
use anyhow::{Result, ensure};
use std::sync::Arc;

/// A function as its store knows it.
pub(crate) struct FuncData {
    pub(crate) record: *mut FuncRecord,
    pub(crate) ty: TypeHandle,
    kind: Kind,
}

enum Kind {
    Wasm(Arc<Linkage>, DefinedFunc),
    /// Owns what the record's context points to.
    Host(#[allow(dead_code)] Box<HostFunc>),
}

// SAFETY: the record is in a block of the same store; access to it is governed by access to the store.
unsafe impl Send for FuncData {}
// SAFETY: as above.
unsafe impl Sync for FuncData {}

impl FuncData {
    pub(crate) fn wasm(
        record: *mut FuncRecord,
        ty: TypeHandle,
        linkage: Arc<Linkage>,
        func: DefinedFunc,
    ) -> FuncData {
        FuncData {
            record,
            ty,
            kind: Kind::Wasm(linkage, func),
        }
    }

    /// What an import of this function is bound to.
    pub(crate) fn binding(&self) -> Binding {
        match self.definition() {
            Some((linkage, func)) => Binding::Wasm { linkage, func },
            None => Binding::Host,
        }
    }

    /// The linkage that defines it, and which of its functions it is; `None` if it is the host's.
    pub(crate) fn definition(&self) -> Option<(Arc<Linkage>, DefinedFunc)> {
        match &self.kind {
            Kind::Wasm(linkage, func) => Some((linkage.clone(), *func)),
            Kind::Host(_) => None,
        }
    }
}

/// A function of a store: of an instance, or of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    store: StoreId,
    id: FuncId,
}

impl Func {
    pub(crate) fn from_id(store: &StoreOpaque, id: FuncId) -> Func {
        Func {
            store: store.id(),
            id,
        }
    }

    pub(crate) fn comes_from(&self, store: &StoreOpaque) -> bool {
        self.store == store.id()
    }

    /// Whether it is a function of this store whose instance was removed.
    pub(crate) fn is_removed(&self, store: &StoreOpaque) -> bool {
        let definition = self
            .comes_from(store)
            .then(|| self.data(store).definition());
        definition
            .flatten()
            .is_some_and(|(linkage, _)| linkage.is_removed())
    }

    pub(crate) fn data<'a>(&self, store: &'a StoreOpaque) -> &'a FuncData {
        assert!(
            self.comes_from(store),
            "the function belongs to another store"
        );
        store.func(self.id)
    }

    /// A host function of any type, called with slices of values. The slice of results holds the
    /// default value of each type when the function is entered.
    ///
    /// # Panics
    /// If the system refuses memory for the code that calls it, or the process was forked since the engine
    /// was made.
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Func {
        let store = store.as_context_mut();
        HostDefinition::new(ty, func)
            .make(store.opaque())
            .unwrap_or_else(|error| panic!("no host function can be made: {error:#}"))
    }

    /// A host function from a closure with or without a leading [`Caller`].
    ///
    /// # Panics
    /// As [`Func::new`].
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        let store = store.as_context_mut();
        func.into_definition()
            .make(store.opaque())
            .unwrap_or_else(|error| panic!("no host function can be made: {error:#}"))
    }

    /// Its type.
    ///
    /// # Panics
    /// If it belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        self.data(store.as_context().opaque()).ty.ty().clone()
    }

    /// Calls it.
    ///
    /// # Errors
    /// If the arguments or the number of results do not fit its type, if it traps (the error then
    /// holds a [`crate::Trap`] and a [`crate::WasmBacktrace`]), or what a host function returned.
    ///
    /// # Panics
    /// If it belongs to another store, and with the panic of a host function that it calls.
    pub fn call(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let ty = self.data(store).ty.clone();
        let wanted = ty.ty();
        ensure!(
            params.len() == wanted.params().len(),
            "expected {} arguments, found {}",
            wanted.params().len(),
            params.len()
        );
        ensure!(
            results.len() == wanted.results().len(),
            "expected room for {} results, found {}",
            wanted.results().len(),
            results.len()
        );
        let mut values = vec![ValRaw::default(); params.len().max(results.len())];
        for (position, (param, ty)) in params.iter().zip(wanted.params()).enumerate() {
            param.ensure_type(ty, || format!("argument {position}"))?;
            values[position] = param.to_raw(store)?;
        }
        // SAFETY: the store is used exclusively, and the values are of the function's types.
        unsafe { call_raw(store, *self, &mut values)? };
        for (position, ty) in wanted.results().enumerate() {
            results[position] = Val::from_raw(store, &values[position], ty);
        }
        Ok(())
    }

    /// The same function with Rust types.
    ///
    /// # Errors
    /// If it has another type.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>> {
        let ty = self.ty(store);
        ensure!(
            Params::matches_params(&ty) && Results::matches_results(&ty),
            "expected a function {}, found {ty}",
            typed_func::describe::<Params, Results>()
        );
        Ok(TypedFunc::of(*self))
    }

    pub(crate) fn add_host(store: &mut StoreOpaque, host: Box<HostFunc>, ty: TypeHandle) -> Func {
        let record = host.record();
        store.add_func(FuncData {
            record,
            ty,
            kind: Kind::Host(host),
        })
    }
}

/// Calls a function with raw values: arguments in `values`, results over them.
///
/// # Safety
/// The store must not be used by anything else during the call, `values` must have room for
/// all arguments and all results, and the arguments must be of the function's types, references
/// being of this store.
pub(crate) unsafe fn call_raw(
    store: *mut StoreOpaque,
    func: Func,
    values: &mut [ValRaw],
) -> Result<()> {
    // SAFETY: by the caller's promise the store is alive and not used by anything else; the borrow ends
    // before code runs.
    let (record, trampoline) = unsafe {
        let data = func.data(&*store);
        (data.record, data.ty.enter((*store).engine())?)
    };
    // SAFETY: as promised by the caller; the trampoline is that of the function's own type.
    unsafe {
        let (block, engine) = (Arc::as_ptr((*store).block()), (*store).engine().as_ptr());
        activation::enter(block, engine, record, trampoline, values)
    }
}
