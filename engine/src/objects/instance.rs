//! Instances: a linkage with memories, tables and globals of its own.

use super::deferred::Resolver;
use super::externs::{Export, Extern};
use super::func::{Func, FuncData};
use super::global::Global;
use super::ids::{GlobalId, InstanceId, MemoryId, TableId};
use super::instantiate::Sharing;
use super::memory::Memory;
use super::store::{AsContextMut, StoreContext, StoreContextMut, StoreId, StoreOpaque};
use super::table::Table;
use super::typed_func::{TypedFunc, WasmParams, WasmResults};
use crate::boundary::layout::FuncRecord;
use crate::boundary::vmctx::{Block, Context, locate, records_size};
use crate::ids::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, Indexed, MemoryIndex, TableIndex};
use crate::linkage::Linkage;
use crate::module::{Import, ItemIndex, Module, ModuleData};
use crate::shown::shown_name;
use anyhow::{Context as _, Result, anyhow, ensure};
use std::sync::Arc;

/// An instance as its store owns it.
pub(crate) struct InstanceData {
    pub(crate) linkage: Arc<Linkage>,
    pub(crate) context: Context,
    records: Block,
    /// What the function imports are; `None` for those that are deferred.
    pub(crate) imported: Indexed<FuncIndex, Option<Func>>,
    /// Which memories, tables and globals of the store the module's indices name.
    pub(crate) memories: Indexed<MemoryIndex, MemoryId>,
    pub(crate) tables: Indexed<TableIndex, TableId>,
    pub(crate) globals: Indexed<GlobalIndex, GlobalId>,
    pub(crate) dropped_elements: Indexed<ElemIndex, bool>,
    pub(crate) dropped_data: Indexed<DataIndex, bool>,
    /// Resolves the deferred imports.
    pub(crate) resolver: Option<Arc<Resolver>>,
}

impl InstanceData {
    pub(crate) fn new(linkage: Arc<Linkage>, imported: Vec<Option<Func>>) -> InstanceData {
        let data = linkage.data();
        InstanceData {
            context: Context::new(data.layout()),
            records: Block::zeroed(records_size(data.funcs.len())),
            imported: imported.into(),
            memories: Indexed::new(),
            tables: Indexed::new(),
            globals: Indexed::new(),
            dropped_elements: vec![false; data.elements.len()].into(),
            dropped_data: vec![false; data.data.len()].into(),
            resolver: None,
            linkage,
        }
    }

    pub(crate) fn data(&self) -> &ModuleData {
        self.linkage.data()
    }

    /// First of the records, one for each function index; those of imports stay unused.
    pub(crate) fn records(&self) -> *mut FuncRecord {
        self.records.as_ptr().cast()
    }

    /// The record of a function, filled at its first use.
    pub(crate) fn record(
        &self,
        store_funcs: impl Fn(Func) -> *mut FuncRecord,
        func: FuncIndex,
    ) -> *mut FuncRecord {
        match self.imported.get(func).copied().flatten() {
            Some(imported) => store_funcs(imported),
            None => self.own_record(func),
        }
    }

    fn own_record(&self, func: FuncIndex) -> *mut FuncRecord {
        let own = self.linkage.own_func(func);
        let own = own.expect("what is not imported from elsewhere is a function of the linkage");
        // SAFETY: the block has a record for each function index of the module, and only the thread
        // that runs the store touches it.
        unsafe {
            let record = self.records().add(func.index());
            if (*record).entry.is_null() {
                let ty = self.data().type_of(func);
                record.write(FuncRecord {
                    entry: self
                        .linkage
                        .engine()
                        .code()
                        .entry_word(self.linkage.entry(own)),
                    ctx: self.context.as_ptr(),
                    type_id: self.linkage.type_id(ty),
                    reserved: 0,
                });
            }
            record
        }
    }

    /// The function index of one of this instance's records.
    pub(crate) fn func_of_record(&self, record: usize) -> Option<FuncIndex> {
        let offset = record.checked_sub(self.records() as usize)?;
        let at = offset / size_of::<FuncRecord>();
        (at < self.data().funcs.len()).then(|| FuncIndex::from(at))
    }
}

impl StoreOpaque {
    /// The record of a function of an instance.
    pub(crate) fn record_of(&self, instance: InstanceId, func: FuncIndex) -> *mut FuncRecord {
        self.instance(instance)
            .record(|imported| imported.data(self).record, func)
    }

    /// The id of a function of an instance.
    pub(crate) fn func_of_instance(&mut self, instance: InstanceId, func: FuncIndex) -> Func {
        let owner = self.instance(instance);
        if let Some(imported) = owner.imported.get(func).copied().flatten() {
            return imported;
        }
        let record = self.record_of(instance, func);
        if let Some(known) = self.known_record(record as usize) {
            return known;
        }
        let owner = self.instance(instance);
        let ty = owner
            .linkage
            .module()
            .type_handle(owner.data().type_of(func))
            .clone();
        let own = owner.linkage.own_func(func);
        let own = own.expect("what is not imported from elsewhere is a function of the linkage");
        let data = FuncData::wasm(record, ty, owner.linkage.clone(), own);
        self.add_func(data)
    }

    /// The function with this record, or `None` for null.
    pub(crate) fn func_of_record(&mut self, record: usize) -> Option<Func> {
        if record == 0 {
            return None;
        }
        if let Some(known) = self.known_record(record) {
            return Some(known);
        }
        // Records of host functions are noted when they are made, so this is one of an instance.

        // SAFETY: compiled code and tables of this store only hold addresses of records of this store
        // ([IDS]).
        let ctx = unsafe { (*(record as *const FuncRecord)).ctx };
        // SAFETY: the record of an instance's function holds that instance's context ([IDS]).
        let instance = unsafe { locate(ctx) }.instance;
        let func = self
            .instance(instance)
            .func_of_record(record)
            .expect("the record is one of its instance");
        Some(self.func_of_instance(instance, func))
    }

    pub(crate) fn extern_of(&mut self, instance: InstanceId, item: ItemIndex) -> Extern {
        match item {
            ItemIndex::Func(func) => Extern::Func(self.func_of_instance(instance, func)),
            ItemIndex::Table(at) => {
                Extern::Table(Table::from_id(self, self.instance(instance).tables[at]))
            }
            ItemIndex::Memory(at) => {
                Extern::Memory(Memory::from_id(self, self.instance(instance).memories[at]))
            }
            ItemIndex::Global(at) => {
                Extern::Global(Global::from_id(self, self.instance(instance).globals[at]))
            }
        }
    }

    pub(crate) fn export_of(&mut self, instance: InstanceId, name: &str) -> Option<Extern> {
        let owner = self.instance(instance);
        let item = owner.data().export(name)?;
        let exported = !owner.linkage.is_removed();
        exported.then(|| self.extern_of(instance, item))
    }
}

/// An instance of a module in a store.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    store: StoreId,
    id: InstanceId,
}

impl Instance {
    pub(crate) fn from_id(store: &StoreOpaque, id: InstanceId) -> Instance {
        Instance {
            store: store.id(),
            id,
        }
    }

    /// Instantiates a module with these imports, in the order of [`Module::imports`], and runs its
    /// start function.
    ///
    /// # Errors
    /// If an import does not fit, a limit is exceeded, or a segment or the start function traps.
    pub fn new(store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Instance> {
        Instance::new_as(store, module, imports, Sharing::Shared)
    }

    /// Like [`Instance::new`], so that its functions can be replaced while they run, see
    /// [`Instance::replace_func`].
    ///
    /// # Errors
    /// As [`Instance::new`].
    pub fn new_live(
        store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance> {
        Instance::new_as(store, module, imports, Sharing::Live)
    }

    fn new_as(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
        sharing: Sharing,
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports: Vec<Option<Extern>> = imports.iter().copied().map(Some).collect();
        super::instantiate::instantiate(&mut store, module, &imports, sharing, None)
    }

    pub(crate) fn id_in(&self, store: &StoreOpaque) -> InstanceId {
        assert!(
            self.store == store.id(),
            "the instance belongs to another store"
        );
        self.id
    }

    /// The module it is an instance of.
    ///
    /// # Panics
    /// If it belongs to another store; so do all methods.
    pub fn module<'a, T: 'a>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        let store = store.into().opaque_ref();
        store.instance(self.id_in(store)).linkage.module()
    }

    /// The export with this name. An instance that was removed has none.
    pub fn get_export(&self, mut store: impl AsContextMut, name: &str) -> Option<Extern> {
        let store = store.as_context_mut().opaque();
        let id = self.id_in(store);
        store.export_of(id, name)
    }

    /// All exports, in the module's order.
    pub fn exports<'a, T: 'a>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> + 'a {
        let store: &'a mut StoreOpaque = store.into().opaque();
        let id = self.id_in(store);
        let owner = store.instance(id);
        let exports = match owner.linkage.is_removed() {
            true => &[][..],
            false => &owner.data().exports,
        };
        let items: Vec<ItemIndex> = exports.iter().map(|(_, item)| *item).collect();
        let externs: Vec<Extern> = items
            .into_iter()
            .map(|item| store.extern_of(id, item))
            .collect();
        let names: &'a StoreOpaque = store;
        let exports = &names.instance(id).data().exports;
        exports
            .iter()
            .zip(externs)
            .map(|((name, _), definition)| Export::new(name, definition))
    }

    /// The exported function with this name.
    pub fn get_func(&self, store: impl AsContextMut, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The exported function with this name and these types.
    ///
    /// # Errors
    /// If there is no such function, or it has another type.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        mut store: impl AsContextMut,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>> {
        let export = self.get_export(&mut store, name);
        let shown = || shown_name(name);
        let export = export.ok_or_else(|| anyhow!("there is no export named \"{}\"", shown()))?;
        let func = export
            .into_func()
            .ok_or_else(|| anyhow!("the export \"{}\" is not a function", shown()))?;
        func.typed(&store)
            .with_context(|| format!("the export \"{}\" has another type", shown()))
    }

    /// The exported memory with this name.
    pub fn get_memory(&self, store: impl AsContextMut, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The exported table with this name.
    pub fn get_table(&self, store: impl AsContextMut, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The exported global with this name.
    pub fn get_global(&self, store: impl AsContextMut, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }
}

/// Checks that there are as many imports as the module needs.
pub(crate) fn check_count(wanted: &[Import], given: usize) -> Result<()> {
    ensure!(
        wanted.len() == given,
        "the module has {} imports, but {given} were given",
        wanted.len()
    );
    Ok(())
}
