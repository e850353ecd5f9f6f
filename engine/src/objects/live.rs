//! Live instances: their functions are replaced while the program runs.
//!
//! Everything here runs on the thread that has the store, so no code of the store runs meanwhile. The order
//! is that of docs/live.md: the definition, then its generation, then the code (`CodeSource::redefined`),
//! then a barrier.

use super::func::{Func, FuncData};
use super::instance::Instance;
use super::store::{AsContext, AsContextMut, StoreOpaque};
use crate::ids::{DefinedFunc, FuncIndex};
use crate::linkage::{Changed, Forward, ForwardTarget, Linkage};
use crate::module::{ItemIndex, ModuleData};
use crate::shown::shown_name;
use crate::types::FuncType;
use anyhow::{Context as _, Result, bail, ensure};
use std::ops::Range;
use std::sync::Arc;
use stubs::{CallerSite, EntryId, Tier};

/// What a function of an instance is at this moment, see [`Instance::func_state`].
#[derive(Clone, Debug)]
pub struct FuncState {
    /// Its name: its own, that of an export, or its index.
    pub name: String,
    /// Its type, which never changes.
    pub ty: FuncType,
    /// The module that has its code, `host`, or `not resolved`.
    pub defined_in: String,
    /// What a call of it reaches.
    pub tier: FuncTier,
    /// How often it was replaced.
    pub generation: u32,
    /// The addresses of its code, if it has some that the engine has compiled.
    pub code: Option<Range<usize>>,
    /// The recorded call sites in compiled code.
    pub callers: Vec<CallSite>,
    /// The module and the name of each function whose code has a copy of it.
    pub inlined_into: Vec<(String, String)>,
}

/// What a call of a function reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FuncTier {
    /// Its stub: it is compiled when it is called.
    Stub,
    /// Code of the baseline compiler.
    Baseline,
    /// Code of the optimising compiler.
    Optimised,
    /// A function of the host.
    Host,
    /// Nothing: its instance was removed, and the call traps.
    Removed,
}

/// A call instruction that was compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// The module with the call.
    pub module: String,
    /// The function with the call.
    pub function: String,
    /// Offset of the call instruction from the start of the function's body.
    pub offset: u32,
    /// Whether it goes to the callee's code, and not through its stub.
    pub direct: bool,
}

impl Instance {
    /// Replaces a function: from now on, the function called `name` is `with`.
    ///
    /// `name` is that of an export, or of the name section. Every call that begins after this returns
    /// reaches `with`: from any code, through tables, references, imports and handles. Calls that are running
    /// end in the old function. `with` runs in its own instance; if it is the host's, its caller is this
    /// instance. A host function that the program has called may replace functions too.
    ///
    /// # Errors
    /// If the instance is not live ([`crate::Linker::instantiate_live`]), has no such function or several of
    /// that name, or imports it; if `with` is of another type or store, or leads back to the function itself.
    /// Nothing has changed then.
    ///
    /// # Panics
    /// If the instance belongs to another store.
    pub fn replace_func(&self, mut store: impl AsContextMut, name: &str, with: Func) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let linkage = store.instance(self.id_in(store)).linkage.clone();
        replace(store, &linkage, name, with)
            .with_context(|| format!("cannot replace the function {}", shown_name(name)))
    }

    /// Replaces the body of a function: from now on, the function called `name` is what `body` says.
    ///
    /// `body` is an entry of a code section, with or without the size before it: declarations of locals, then
    /// instructions, in the index space of the instance's module. It is validated first. All else is as for
    /// [`Instance::replace_func`].
    ///
    /// # Errors
    /// As [`Instance::replace_func`]; and if the body is not valid in the function's place.
    ///
    /// # Panics
    /// If the instance belongs to another store.
    pub fn replace_body(
        &self,
        mut store: impl AsContextMut,
        name: &str,
        body: &[u8],
    ) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let linkage = store.instance(self.id_in(store)).linkage.clone();
        let replace = || -> Result<()> {
            let func = replaceable(&linkage, name)?;
            let body = linkage
                .data()
                .validated_body(linkage.engine(), func, body)?;
            change(&linkage, func, Changed::Body(body));
            Ok(())
        };
        replace().with_context(|| {
            format!(
                "cannot replace the body of the function {}",
                shown_name(name)
            )
        })
    }

    /// Removes the instance: from now on, calls of its functions trap ([`crate::Trap::RemovedFunction`]), and
    /// the error names the function. Calls that are running end in their function, but those that they make
    /// of the instance's functions trap too. Its code is freed as soon as no stack holds it. The instance has
    /// no exports any more, linkers may define their names again, and no module can import them. Memories,
    /// tables and globals that others import live on.
    ///
    /// # Errors
    /// If the instance is not live, or was removed before.
    ///
    /// # Panics
    /// If the instance belongs to another store.
    pub fn remove(self, mut store: impl AsContextMut) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let linkage = store.instance(self.id_in(store)).linkage.clone();
        ensure_live(&linkage).context("cannot remove the instance")?;
        linkage.remove();
        let engine = linkage.engine();
        engine.source().remove(&linkage);
        engine.code().synchronise();
        Ok(())
    }

    /// What a function is at this moment, and who calls it. The instance need not be live; `name` is as for
    /// [`Instance::replace_func`].
    ///
    /// # Errors
    /// If the instance has no such function, or several of that name.
    ///
    /// # Panics
    /// If the instance belongs to another store.
    pub fn func_state(&self, store: impl AsContext, name: &str) -> Result<FuncState> {
        let context = store.as_context();
        let store = context.opaque();
        let instance = store.instance(self.id_in(store));
        let func = find(instance.data(), name)?;
        if let Some(func) = instance.linkage.own_func(func) {
            return Ok(state_of(&instance.linkage, func));
        }
        let imported = instance.imported[func].expect("it is imported from elsewhere");
        Ok(match imported.data(store).definition() {
            Some((linkage, func)) => state_of(&linkage, func),
            None => {
                let ty = instance.data().type_of(func);
                of_the_host(shown_name(name), instance.data().func_type(ty).clone(), 0)
            }
        })
    }
}

/// The function of a module with this name.
fn find(data: &ModuleData, name: &str) -> Result<FuncIndex> {
    if let Some(ItemIndex::Func(func)) = data.export(name) {
        return Ok(func);
    }
    let named = data.funcs_named(name);
    match named[..] {
        [func] => Ok(func),
        [] => bail!("{} has no function of that name", data.label()),
        _ => bail!(
            "{} has {} functions of that name",
            data.label(),
            named.len()
        ),
    }
}

fn ensure_live(linkage: &Linkage) -> Result<()> {
    let module = linkage.data().label();
    ensure!(
        linkage.is_live(),
        "the instance of {module} is not live: Linker::instantiate_live makes one that is"
    );
    ensure!(
        !linkage.is_removed(),
        "the instance of {module} was removed"
    );
    Ok(())
}

/// The function of this name, if it may be replaced.
fn replaceable(linkage: &Linkage, name: &str) -> Result<DefinedFunc> {
    let data = linkage.data();
    let func = find(data, name)?;
    ensure_live(linkage)?;
    let defined = data.defined(func);
    defined.with_context(|| {
        format!(
            "{} imports it: it is replaced where it is defined",
            data.label()
        )
    })
}

fn replace(store: &mut StoreOpaque, linkage: &Arc<Linkage>, name: &str, with: Func) -> Result<()> {
    let func = replaceable(linkage, name)?;
    ensure!(
        with.comes_from(store),
        "the new function belongs to another store"
    );
    ensure!(
        !with.is_removed(store),
        "the new function was removed with its instance"
    );
    let data = linkage.data();
    let own = linkage
        .module()
        .type_handle(data.type_of(data.func_index(func)));
    let with = with.data(store);
    ensure!(
        own.id() == with.ty.id(),
        "it has the type {}, and the new function has the type {}",
        own.ty(),
        with.ty.ty()
    );
    ensure_ends(linkage, func, with)?;
    change(linkage, func, Changed::Forward(forward_to(with)));
    Ok(())
}

/// What makes a function of the store the definition of another one.
pub(super) fn forward_to(with: &FuncData) -> Forward {
    let target = match with.definition() {
        None => ForwardTarget::Host,
        Some((linkage, func)) => ForwardTarget::Wasm(Arc::downgrade(&linkage), func),
    };
    Forward::new(with.record as usize, target)
}

/// Gives a function another definition. When this returns, calls reach it.
fn change(linkage: &Arc<Linkage>, func: DefinedFunc, to: Changed) {
    let mut to = Some(to);
    let engine = linkage.engine();
    engine.source().redefine(linkage, func, &mut || {
        linkage.change(func, to.take().expect("it is changed once"));
    });
    engine.code().synchronise();
}

/// Fails if following what a function is, and what that was replaced by, leads to `func`.
pub(super) fn ensure_ends(
    linkage: &Arc<Linkage>,
    func: DefinedFunc,
    with: &FuncData,
) -> Result<()> {
    let mut next = with.definition();
    let mut passed = Vec::new();
    while let Some((at, at_func)) = next {
        let is_itself = Arc::ptr_eq(&at, linkage) && at_func == func;
        ensure!(
            !is_itself || !passed.is_empty(),
            "the new function is the function itself"
        );
        ensure!(
            !is_itself,
            "the new function was replaced by it: {} would call itself",
            passed.join(", which was replaced by ")
        );
        passed.push(at.definition(at_func).name());
        next = match at.forward(at_func).map(|forward| forward.target().clone()) {
            Some(ForwardTarget::Wasm(linkage, func)) => {
                Some(linkage).and_then(|linkage| Some((linkage.upgrade()?, func)))
            }
            Some(ForwardTarget::Host) | None => None,
        };
    }
    Ok(())
}

fn module_name(linkage: &Linkage) -> String {
    let name = linkage.data().display_name();
    name.unwrap_or_else(|| "module without a name".to_string())
}

fn of_the_host(name: String, ty: FuncType, generation: u32) -> FuncState {
    FuncState {
        name,
        ty,
        defined_in: "host".to_string(),
        tier: FuncTier::Host,
        generation,
        code: None,
        callers: Vec::new(),
        inlined_into: Vec::new(),
    }
}

fn state_of(linkage: &Arc<Linkage>, func: DefinedFunc) -> FuncState {
    let definition = linkage.definition(func);
    let engine = linkage.engine();
    let name = definition.name();
    let ty = definition.module.type_of(definition.func_index());
    let ty = definition.module.func_type(ty).clone();
    let generation = linkage.generation(func).unwrap_or(0);
    let target = linkage
        .forward(func)
        .map(|forward| forward.target().clone());
    let mut state = match target {
        _ if linkage.is_removed() => FuncState {
            defined_in: module_name(linkage),
            tier: FuncTier::Removed,
            ..of_the_host(name, ty, generation)
        },
        Some(ForwardTarget::Host) => of_the_host(name, ty, generation),
        Some(ForwardTarget::Wasm(linkage, func)) => match linkage.upgrade() {
            Some(linkage) => FuncState {
                name,
                generation,
                ..state_of(&linkage, func)
            },
            None => of_the_host(name, ty, generation),
        },
        None if linkage.is_unresolved(func) => FuncState {
            defined_in: "not resolved".to_string(),
            tier: FuncTier::Stub,
            ..of_the_host(name, ty, generation)
        },
        None => {
            let body = engine.code().current(linkage.entry(func));
            FuncState {
                name,
                ty,
                defined_in: module_name(linkage),
                tier: match body.as_ref().map(|body| body.tier()) {
                    None => FuncTier::Stub,
                    Some(Tier::BASELINE) => FuncTier::Baseline,
                    Some(_) => FuncTier::Optimised,
                },
                generation,
                code: body.map(|body| body.start()..body.start() + body.len()),
                callers: Vec::new(),
                inlined_into: Vec::new(),
            }
        }
    };
    let names = |entry: EntryId| {
        let linkage = engine.linkage_of_entry(entry)?;
        let func = linkage.func_of_entry(entry)?;
        Some((module_name(&linkage), linkage.definition(func).name()))
    };
    let entry = linkage.entry(func);
    let sites = engine.code().call_sites_of(entry).into_iter();
    let sites = sites.filter_map(
        |CallerSite {
             caller,
             offset,
             direct,
         }| {
            let (module, function) = names(caller)?;
            Some(CallSite {
                module,
                function,
                offset,
                direct,
            })
        },
    );
    state.callers = sites.collect();
    let inliners = engine.code().inliners_of_function(entry).into_iter();
    state.inlined_into = inliners.filter_map(names).collect();
    state
}
