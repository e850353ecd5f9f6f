//! Linkers: names for everything that a module may import.

use super::deferred::{self, Resolver};
use super::externs::Extern;
use super::func::Func;
use super::host_func::{Caller, HostDefinition, IntoFunc};
use super::instance::Instance;
use super::instantiate::Sharing;
use super::store::{AsContext, AsContextMut, StoreOpaque};
use super::value::Val;
use crate::Engine;
use crate::module::{Import, ImportType, ItemIndex, Module};
use crate::shown::shown_name;
use crate::types::FuncType;
use anyhow::{Result, bail};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

#[derive(Clone)]
enum Definition {
    Extern(Extern),
    /// Becomes a function of each store at its first use there.
    Host(Arc<HostDefinition>),
}

/// Names by which modules find their imports, for stores with data of type `T` and no other.
///
/// ```compile_fail
/// # use lazywasm_engine::Linker;
/// fn narrowed<'a>(linker: Linker<fn(&'a str)>) -> Linker<fn(&'static str)> {
///     linker
/// }
/// ```
pub struct Linker<T> {
    engine: Engine,
    names: HashMap<String, HashMap<String, Definition>>,
    shadowing: bool,
    resolver: Option<Arc<Resolver>>,
    /// Host functions defined here were made for exactly this type.
    _data: PhantomData<fn(T) -> T>,
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Linker {
            engine: self.engine.clone(),
            names: self.names.clone(),
            shadowing: self.shadowing,
            resolver: self.resolver.clone(),
            _data: PhantomData,
        }
    }
}

impl<T: 'static> Linker<T> {
    /// A linker without names.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker {
            engine: engine.clone(),
            names: HashMap::new(),
            shadowing: false,
            resolver: None,
            _data: PhantomData,
        }
    }

    /// The engine it belongs to.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again, which replaces its definition. Off by default.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.shadowing = allow;
        self
    }

    /// Function imports that nothing defines are resolved when they are first called: by `resolver`, which
    /// gets the importing instance as its caller, and the import. What it returns must have the import's
    /// type. It is remembered for that instance, and later calls go there as if it had been imported.
    ///
    /// The resolver may read files, make modules, instantiate them, and define names in a linker of its own.
    /// If it fails, that is the error of the call, and the next call asks again. It is an error if it calls
    /// the import that it resolves.
    ///
    /// ```no_run
    /// # fn with(engine: &lazywasm_engine::Engine) -> anyhow::Result<()> {
    /// use lazywasm_engine::{AsContextMut, Caller, ImportType, Instance, Linker, Module};
    ///
    /// let mut linker: Linker<()> = Linker::new(engine);
    /// linker.resolve_on_call(|mut caller: Caller<'_, ()>, import: &ImportType<'_>| {
    ///     let file = format!("{}.wasm", import.module());
    ///     let module = Module::from_file(caller.engine(), file)?;
    ///     let instance = Instance::new(&mut caller, &module, &[])?;
    ///     let func = instance.get_func(&mut caller, import.name());
    ///     func.ok_or_else(|| anyhow::anyhow!("it exports no function of that name"))
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve_on_call(
        &mut self,
        resolver: impl Fn(Caller<'_, T>, &ImportType<'_>) -> Result<Func> + Send + Sync + 'static,
    ) -> &mut Self
    where
        T: 'static,
    {
        self.resolver = Some(deferred::resolver(resolver));
        self
    }

    /// Whether an import without a definition is resolved when it is called.
    fn is_deferred(&self, import: &Import) -> bool {
        self.resolver.is_some() && matches!(import.item, ItemIndex::Func(_))
    }

    /// Defines a name. In a store, functions of instances that were removed give their names up.
    fn insert(
        &mut self,
        store: Option<&StoreOpaque>,
        module: &str,
        name: &str,
        definition: Definition,
    ) -> Result<()> {
        let names = self.names.entry(module.to_string()).or_default();
        let is_free = match (names.get(name), store) {
            (None, _) => true,
            (Some(Definition::Extern(Extern::Func(func))), Some(store)) => func.is_removed(store),
            (Some(_), _) => false,
        };
        if !self.shadowing && !is_free {
            bail!(
                "{}.{} is defined already",
                shown_name(module),
                shown_name(name)
            );
        }
        names.insert(name.to_string(), definition);
        Ok(())
    }

    /// Defines a name.
    ///
    /// # Errors
    /// If it is defined already.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self> {
        let context = store.as_context();
        let item = Definition::Extern(item.into());
        self.insert(Some(context.opaque()), module, name, item)?;
        Ok(self)
    }

    /// Defines a host function from a closure with or without a leading [`Caller`].
    ///
    /// # Errors
    /// If the name is defined already.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Self> {
        self.insert(
            None,
            module,
            name,
            Definition::Host(Arc::new(func.into_definition())),
        )?;
        Ok(self)
    }

    /// Defines a host function of any type, see [`Func::new`].
    ///
    /// # Errors
    /// If the name is defined already.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self> {
        self.insert(
            None,
            module,
            name,
            Definition::Host(Arc::new(HostDefinition::new(ty, func))),
        )?;
        Ok(self)
    }

    /// Defines every export of an instance under a module name.
    ///
    /// # Errors
    /// If one of the names is defined already.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Self> {
        let mut context = store.as_context_mut();
        let exports: Vec<(String, Extern)> = instance
            .exports(&mut context)
            .map(|export| (export.name().to_string(), export.into_extern()))
            .collect();
        for (name, item) in exports {
            let store = Some(context.as_context());
            let store = store.as_ref().map(|store| store.opaque());
            self.insert(store, module, &name, Definition::Extern(item))?;
        }
        Ok(self)
    }

    /// Instantiates a module and defines its exports under a name.
    ///
    /// # Errors
    /// As [`Linker::instantiate`] and [`Linker::instance`].
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        name: &str,
        module: &Module,
    ) -> Result<&mut Self> {
        let instance = self.instantiate(&mut store, module)?;
        self.instance(store, name, instance)
    }

    /// Defines everything of a module under a second name.
    ///
    /// # Errors
    /// If one of its names is defined already under the second one.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<()> {
        let names: Vec<(String, Definition)> = match self.names.get(module) {
            Some(names) => names
                .iter()
                .map(|(name, definition)| (name.clone(), definition.clone()))
                .collect(),
            None => bail!(
                "nothing is defined under the module name {}",
                shown_name(module)
            ),
        };
        for (name, definition) in names {
            self.insert(None, as_module, &name, definition)?;
        }
        Ok(())
    }

    /// The definition of a name, in a store.
    pub fn get(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        name: &str,
    ) -> Option<Extern> {
        let definition = self.names.get(module)?.get(name)?;
        let store = store.as_context_mut().opaque();
        self.resolve(store, definition).ok()
    }

    fn resolve(&self, store: &mut StoreOpaque, definition: &Definition) -> Result<Extern> {
        match definition {
            Definition::Extern(item) => Ok(*item),
            Definition::Host(host) => {
                let key = Arc::as_ptr(host) as usize;
                if let Some(func) = store.linked(key) {
                    return Ok(func.into());
                }
                let func = host.make(store)?;
                store.remember_linked(func, key, host.clone());
                Ok(func.into())
            }
        }
    }

    /// Checks that every import of a module has a name here, or is resolved when it is called.
    ///
    /// # Errors
    /// One error that names all missing imports.
    pub fn check_imports(&self, module: &Module) -> Result<()> {
        let data = module.data();
        let missing: Vec<&Import> = data
            .imports
            .iter()
            .filter(|import| self.find(import).is_none() && !self.is_deferred(import))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = missing
            .iter()
            .map(|import| {
                let ty = data.type_of_item(import.item);
                format!("{} ({ty})", import.shown())
            })
            .collect();
        match list.as_slice() {
            [one] => bail!(
                "unknown import: {} needs {one}, which is not defined",
                data.label()
            ),
            many => bail!(
                "unknown import: {} needs {} imports that are not defined:\n  {}",
                data.label(),
                many.len(),
                many.join("\n  ")
            ),
        }
    }

    fn find(&self, import: &Import) -> Option<&Definition> {
        self.names.get(&import.module)?.get(&import.name)
    }

    /// Instantiates a module with the definitions of its imports.
    ///
    /// # Errors
    /// If names are missing (all of them in one message), and as [`Instance::new`].
    pub fn instantiate(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        self.instantiate_as(store, module, Sharing::Shared)
    }

    /// Instantiates a module so that its functions can be replaced while they run, see
    /// [`Instance::replace_func`]. The code of the instance is its own: other instances of the module do not
    /// share it.
    ///
    /// # Errors
    /// As [`Linker::instantiate`].
    pub fn instantiate_live(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        self.instantiate_as(store, module, Sharing::Live)
    }

    fn instantiate_as(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
        sharing: Sharing,
    ) -> Result<Instance> {
        self.check_imports(module)?;
        let mut context = store.as_context_mut();
        let mut imports = Vec::with_capacity(module.data().imports.len());
        for import in &module.data().imports {
            let definition = self.find(import);
            let definition = definition.map(|found| self.resolve(context.opaque_mut(), found));
            imports.push(definition.transpose()?);
        }
        let resolver = self.resolver.clone();
        super::instantiate::instantiate(&mut context, module, &imports, sharing, resolver)
    }

    /// The function that runs a command: its export with an empty name, or `_start`.
    ///
    /// # Errors
    /// If the module's instance under `module` has neither.
    pub fn get_default(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
    ) -> Result<Func> {
        for name in ["", "_start"] {
            if let Some(Extern::Func(func)) = self.get(&mut store, module, name) {
                return Ok(func);
            }
        }
        bail!("{} exports no function _start", shown_name(module))
    }
}
