//! Imports that are resolved when they are called.
//!
//! A deferred import is a function of the importing linkage (`linkage`), whose stub leads here at the first
//! call. The resolver says which function it is, and that takes its place for this instance: from then on,
//! calls go there. An error is an error of the call, and the next call asks again.
//!
//! The resolver is code of the host that runs on top of compiled code, as a host function does.

use super::func::Func;
use super::host_func::Caller;
use super::live;
use super::store::{AsContextMut, StoreOpaque};
use crate::boundary::activation;
use crate::ids::DefinedFunc;
use crate::linkage::{Changed, Linkage};
use crate::module::{Import, ImportType};
use crate::objects::ids::InstanceId;
use anyhow::{Context as _, Result, ensure};
use std::sync::Arc;

/// Finds the function of an import: the store, the importing instance, and the import.
pub(crate) type Resolver =
    dyn Fn(*mut StoreOpaque, InstanceId, &ImportType<'_>) -> Result<Func> + Send + Sync;

/// A resolver for stores with data of type `T`, see [`crate::Linker::resolve_on_call`].
pub(crate) fn resolver<T: 'static>(
    resolve: impl Fn(Caller<'_, T>, &ImportType<'_>) -> Result<Func> + Send + Sync + 'static,
) -> Arc<Resolver> {
    Arc::new(move |store, instance, import| {
        // SAFETY: `resolve_import` passes the store that runs on this thread, whose data is a `T`, since its
        // instance was made with this resolver.
        let mut caller = unsafe { Caller::<T>::new(store, Some(instance)) };
        let found = resolve(caller.reborrow(), import)?;
        let store = caller.as_context_mut().opaque();
        ensure!(
            found.comes_from(store),
            "the function belongs to another store"
        );
        Ok(found)
    })
}

/// Resolves the deferred import for which a function of the linkage stands.
///
/// # Errors
/// That of the resolver, or why what it has found cannot be the import. Names the import.
///
/// # Safety
/// The store runs on this thread, its compiled code has called the function and waits, and nothing has
/// borrowed the store. The instance is one of this linkage.
pub(crate) unsafe fn resolve_import(
    store: *mut StoreOpaque,
    instance: InstanceId,
    linkage: &Arc<Linkage>,
    func: DefinedFunc,
) -> Result<()> {
    let data = linkage.data();
    let index = linkage.definition(func).func_index();
    let import = data.import_of(index).expect("it stands for an import");
    // SAFETY: by the caller's promise; the borrow ends at once.
    let resolver = unsafe { (*store).instance(instance).resolver.clone() };
    let resolver = resolver.expect("an instance with deferred imports has a resolver");
    // SAFETY: as promised by the caller.
    let resolved = unsafe { resolve(store, instance, linkage, func, import, &*resolver) };
    resolved.with_context(|| {
        format!(
            "cannot resolve the import {} of {}",
            import.shown(),
            data.label()
        )
    })
}

/// # Safety
/// As for [`resolve_import`].
unsafe fn resolve(
    store: *mut StoreOpaque,
    instance: InstanceId,
    linkage: &Arc<Linkage>,
    func: DefinedFunc,
    import: &Import,
    resolver: &Resolver,
) -> Result<()> {
    let resolving = linkage.begin_resolving(func);
    let _resolving = resolving.context("its resolver has called it")?;
    let ty = ImportType::of(linkage.data(), import);
    let outside = activation::in_host();
    let found = resolver(store, instance, &ty);
    drop(outside);
    let found = found?;
    // SAFETY: as promised to `resolve_import`; the resolver has returned.
    let found = found.data(unsafe { &*store });
    let definition = linkage.definition(func);
    let wanted = linkage
        .module()
        .type_handle(linkage.data().type_of(definition.func_index()));
    ensure!(
        wanted.id() == found.ty.id(),
        "it has the type {}, and the function that was found has the type {}",
        wanted.ty(),
        found.ty.ty()
    );
    live::ensure_ends(linkage, func, found)?;
    linkage.change(func, Changed::Forward(live::forward_to(found)));
    Ok(())
}
