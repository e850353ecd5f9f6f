//! Instantiation (core specification, section 4.5.4), step by step.
//!
//! 1. check that every import fits;
//! 2. bind the function imports to a linkage;
//! 3. make the instance's context, fill its header and import slots;
//! 4. memories, tables and globals of its own;
//! 5. element segments;
//! 6. data segments;
//! 7. the start function.
//!
//! After a trap in step 5 or later, what was written before remains, as the specification says. The instance
//! stays in the store then, since its functions may already be in tables of other instances.

use super::deferred::Resolver;
use super::externs::Extern;
use super::func::{Func, call_raw};
use super::global::GlobalData;
use super::ids::InstanceId;
use super::instance::{Instance, InstanceData, check_count};
use super::store::{StoreContextMut, StoreOpaque};
use super::table::TableData;
use crate::boundary::door::ValRaw;
use crate::boundary::layout::{CtxHeader, ImportSlot, MemorySlot};
use crate::boundary::vmctx::Where;
use crate::ids::{DataIndex, DefinedFunc, ElemIndex, GlobalIndex, TableIndex};
use crate::linkage::{Binding, Linkages};
use crate::module::{
    ConstExpr, ConstOp, ElementItems, Import, ItemIndex, Module, ModuleData, SegmentMode,
};
use crate::trap::Trap;
use crate::types::{ExternType, MemoryType, TableType};
use anyhow::{Context, Result, bail, ensure};
use std::sync::Arc;

/// How an instance gets its linkage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Instances with the same bindings share it.
    Shared,
    /// It is the instance's own, so that functions can be replaced.
    Live,
}

pub(crate) fn instantiate<T>(
    context: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Option<Extern>],
    sharing: Sharing,
    resolver: Option<Arc<Resolver>>,
) -> Result<Instance> {
    let store = context.opaque_mut();
    ensure!(
        crate::Engine::same(store.engine(), module.engine()),
        "the module and the store belong to different engines"
    );
    let instance = make(store, module, imports, sharing, resolver)
        .with_context(|| format!("cannot instantiate {}", module.data().label()))?;
    initialise(store, instance)
        .with_context(|| format!("cannot instantiate {}", module.data().label()))?;
    let start = store.instance(instance).data().start;
    if let Some(start) = start {
        let func = store.func_of_instance(instance, start);
        // SAFETY: the store is used exclusively, and a start function takes and returns nothing.
        unsafe { call_raw(store, func, &mut [])? };
    }
    Ok(Instance::from_id(store, instance))
}

/// Steps 1 to 4.
fn make(
    store: &mut StoreOpaque,
    module: &Module,
    imports: &[Option<Extern>],
    sharing: Sharing,
    resolver: Option<Arc<Resolver>>,
) -> Result<InstanceId> {
    let data = module.data();
    check_count(&data.imports, imports.len())?;
    let mut funcs: Vec<Option<Func>> = Vec::new();
    for (import, given) in data.imports.iter().zip(imports) {
        match given {
            Some(given) => check_import(store, data, import, given)?,
            None => ensure!(
                matches!(import.item, ItemIndex::Func(_)),
                "only functions are resolved when they are called, not {}",
                import.shown()
            ),
        }
        if let ItemIndex::Func(_) = import.item {
            funcs.push(given.and_then(Extern::into_func));
        }
    }
    let mut deferred = (data.counts().defined_funcs..).map(DefinedFunc);
    let bindings = funcs.iter().map(|func| match func {
        Some(func) => func.data(store).binding(),
        None => Binding::Deferred(deferred.next().expect("there are fewer imports")),
    });
    let bindings: Vec<Binding> = bindings.collect();
    let linkage = match sharing {
        Sharing::Shared if funcs.iter().all(Option::is_some) => {
            store.engine().linkages().find_or_make(module, bindings)?
        }
        Sharing::Shared => Linkages::make_own(module, bindings, false)?,
        Sharing::Live => Linkages::make_own(module, bindings, true)?,
    };

    let id = store.next_instance();
    let mut instance = InstanceData::new(linkage, funcs);
    instance.resolver = resolver;
    fill_header(store, &mut instance, id);
    let result = make_parts(store, &mut instance, imports);
    // It is added even after an error: globals and tables made so far point into its context.
    store.add_instance(instance);
    result?;
    make_globals(store, id)?;
    init_tables(store, id)?;
    Ok(id)
}

fn check_import(
    store: &StoreOpaque,
    data: &ModuleData,
    import: &Import,
    given: &Extern,
) -> Result<()> {
    let wanted = data.type_of_item(import.item);
    let found = match given {
        Extern::Func(func) => {
            ensure!(
                func.comes_from(store),
                "the import {} belongs to another store",
                import.shown()
            );
            ensure!(
                !func.is_removed(store),
                "the import {} was removed with its instance",
                import.shown()
            );
            ExternType::Func(func.data(store).ty.ty().clone())
        }
        Extern::Global(global) => ExternType::Global(*store.global(global.id_in(store)?).ty()),
        Extern::Table(table) => ExternType::Table(store.table(table.id_in(store)?).current_type()),
        Extern::Memory(memory) => {
            ExternType::Memory(store.memory(memory.id_in(store)?).current_type())
        }
    };
    if !fits(&found, &wanted) {
        bail!(
            "incompatible import type for {}: expected {wanted}, found {found}",
            import.shown()
        );
    }
    Ok(())
}

/// Whether an external of type `found` can be imported as `wanted` (specification, section 3.3.12).
fn fits(found: &ExternType, wanted: &ExternType) -> bool {
    match (found, wanted) {
        (ExternType::Func(found), ExternType::Func(wanted)) => found == wanted,
        (ExternType::Global(found), ExternType::Global(wanted)) => found == wanted,
        (ExternType::Table(found), ExternType::Table(wanted)) => table_fits(found, wanted),
        (ExternType::Memory(found), ExternType::Memory(wanted)) => memory_fits(found, wanted),
        _ => false,
    }
}

fn table_fits(found: &TableType, wanted: &TableType) -> bool {
    found.element() == wanted.element()
        && limits_fit(
            (found.minimum(), found.maximum()),
            (wanted.minimum(), wanted.maximum()),
        )
}

fn memory_fits(found: &MemoryType, wanted: &MemoryType) -> bool {
    limits_fit(
        (found.minimum(), found.maximum()),
        (wanted.minimum(), wanted.maximum()),
    )
}

fn limits_fit(found: (u64, Option<u64>), wanted: (u64, Option<u64>)) -> bool {
    let maximum_fits = match (found.1, wanted.1) {
        (_, None) => true,
        (Some(found), Some(wanted)) => found <= wanted,
        (None, Some(_)) => false,
    };
    found.0 >= wanted.0 && maximum_fits
}

/// Step 3: fills in what compiled code needs before it can run in this context.
fn fill_header(store: &StoreOpaque, instance: &mut InstanceData, id: InstanceId) {
    let header = CtxHeader {
        store: store.block().ctx(),
        linkage: Arc::as_ptr(&instance.linkage).cast(),
        records: instance.records(),
        instance: id,
        reserved: 0,
        type_ids: instance.linkage.module().type_ids().as_ptr(),
        generations: match instance.linkage.generations() {
            Some(generations) => generations.as_ptr(),
            None => std::ptr::null(),
        },
    };
    // SAFETY: the context is new and its own; the offsets are those of its layout.
    unsafe {
        instance.context.header().write(header);
        instance.context.helpers().write(store.engine().helpers());
        for (index, _) in instance.imported.iter() {
            let record = instance.record(|func| func.data(store).record, index);
            let slot = ImportSlot {
                ctx: (*record).ctx,
                entry: (*record).entry,
            };
            instance.context.import(index).write(slot);
        }
    }
}

/// Step 4, without what needs constant expressions.
fn make_parts(
    store: &mut StoreOpaque,
    instance: &mut InstanceData,
    imports: &[Option<Extern>],
) -> Result<()> {
    let linkage = instance.linkage.clone();
    let data = linkage.data();
    for given in imports.iter().flatten() {
        match given {
            Extern::Func(_) => {}
            Extern::Memory(memory) => {
                instance.memories.push(memory.id_in(store)?);
            }
            Extern::Table(table) => {
                instance.tables.push(table.id_in(store)?);
            }
            Extern::Global(global) => {
                instance.globals.push(global.id_in(store)?);
            }
        }
    }
    for ty in &data.memories[instance.memories.len()..] {
        instance.memories.push(store.add_memory(*ty)?);
    }
    for (index, &memory) in instance.memories.iter() {
        let memory = store.memory(memory);
        let slot = MemorySlot {
            base: memory.base(),
            def: memory.def(),
        };
        // SAFETY: as in `fill_header`.
        unsafe { instance.context.memory(index).write(slot) };
    }
    for index in (0..data.tables.len()).map(TableIndex::from) {
        match instance.context.table(index) {
            // SAFETY: as in `fill_header`.
            Where::Slot(slot) => unsafe { slot.write(store.table(instance.tables[index]).def()) },
            Where::Here(place) => {
                let table = TableData::new(*data.table(index), Some(place))?;
                instance.tables.push(store.add_table(table));
            }
        }
    }
    for (index, &global) in instance.globals.iter() {
        let Where::Slot(slot) = instance.context.global(index) else {
            unreachable!("imported globals come first and have slots")
        };
        // SAFETY: as in `fill_header`.
        unsafe { slot.write(store.global(global).cell()) };
    }
    Ok(())
}

fn make_globals(store: &mut StoreOpaque, instance: InstanceId) -> Result<()> {
    let linkage = store.instance(instance).linkage.clone();
    let data = linkage.data();
    let imported = data.globals.len() - data.global_inits.len();
    for (own, init) in data.global_inits.iter().enumerate() {
        let value = evaluate(store, instance, init)?;
        let index = GlobalIndex::from(imported + own);
        let Where::Here(place) = store.instance(instance).context.global(index) else {
            unreachable!("own globals are in the context")
        };
        let global = store.add_global(GlobalData::new(*data.global(index), Some(place), value));
        store.instance_mut(instance).globals.push(global);
    }
    Ok(())
}

fn init_tables(store: &mut StoreOpaque, instance: InstanceId) -> Result<()> {
    let linkage = store.instance(instance).linkage.clone();
    let data = linkage.data();
    let imported = data.tables.len() - data.table_inits.len();
    for (own, init) in data.table_inits.iter().enumerate() {
        let Some(init) = init else { continue };
        let word = low_word(&evaluate(store, instance, init)?);
        let table = store.instance(instance).tables[TableIndex::from(imported + own)];
        store.table_mut(table).elements_mut().fill(word);
    }
    Ok(())
}

/// Steps 5 and 6.
fn initialise(store: &mut StoreOpaque, instance: InstanceId) -> Result<()> {
    let linkage = store.instance(instance).linkage.clone();
    let data = linkage.data();
    for (position, segment) in data.elements.iter().enumerate() {
        match &segment.mode {
            SegmentMode::Passive => {}
            SegmentMode::Declared => {
                store.instance_mut(instance).dropped_elements[ElemIndex::from(position)] = true
            }
            SegmentMode::Active { target, offset } => {
                let start = u64::from(low_word(&evaluate(store, instance, offset)?) as u32);
                let count = segment.items.len() as u64;
                let length = store.table(store.instance(instance).tables[*target]).len();
                store
                    .table_init(instance, *target, ElemIndex::from(position), start, 0, count)
                    .with_context(|| {
                        format!(
                            "element segment {position} ({count} elements at {start}) for table {} of {length} elements",
                            target.index()
                        )
                    })?;
                store.instance_mut(instance).dropped_elements[ElemIndex::from(position)] = true;
            }
        }
    }
    let imported = data.tables.len() - data.table_inits.len();
    for own in imported..data.tables.len() {
        let table = store.instance(instance).tables[TableIndex::from(own)];
        store.table_mut(table).set_as_defined();
    }
    for (position, segment) in data.data.iter().enumerate() {
        if let SegmentMode::Active { target, offset } = &segment.mode {
            let start = low_word(&evaluate(store, instance, offset)?) as u32 as usize;
            let bytes = &data.bytes[segment.bytes.clone()];
            let memory = store.instance(instance).memories[*target];
            let memory = store.memory_mut(memory).bytes_mut();
            let range = start.checked_add(bytes.len()).map(|end| start..end);
            let length = memory.len();
            let range = range
                .and_then(|range| memory.get_mut(range))
                .ok_or(Trap::MemoryOutOfBounds);
            let place = range.with_context(|| {
                format!(
                    "data segment {position} ({} bytes at {start}) for memory {} of {length} bytes",
                    bytes.len(),
                    target.index()
                )
            })?;
            place.copy_from_slice(bytes);
            store.instance_mut(instance).dropped_data[DataIndex::from(position)] = true;
        }
    }
    Ok(())
}

impl ElementItems {
    pub(crate) fn len(&self) -> usize {
        match self {
            ElementItems::Functions(funcs) => funcs.len(),
            ElementItems::Expressions(exprs) => exprs.len(),
        }
    }
}

impl StoreOpaque {
    /// The instruction `table.init`, also used for active segments.
    pub(crate) fn table_init(
        &mut self,
        instance: InstanceId,
        table: TableIndex,
        segment: ElemIndex,
        destination: u64,
        source: u64,
        count: u64,
    ) -> Result<()> {
        let linkage = self.instance(instance).linkage.clone();
        let items = &linkage.data().elements[segment.index()].items;
        let available = if self.instance(instance).dropped_elements[segment] {
            0
        } else {
            items.len() as u64
        };
        let table = self.instance(instance).tables[table];
        let fits = |start: u64, len: u64| start.checked_add(count).is_some_and(|end| end <= len);
        if !fits(source, available) || !fits(destination, self.table(table).len()) {
            return Err(Trap::TableOutOfBounds.into());
        }
        for step in 0..count {
            let from = (source + step) as usize;
            let word = match items {
                ElementItems::Functions(funcs) => self.record_of(instance, funcs[from]) as u64,
                ElementItems::Expressions(exprs) => {
                    low_word(&evaluate(self, instance, &exprs[from])?)
                }
            };
            self.table_mut(table).elements_mut()[(destination + step) as usize] = word;
        }
        Ok(())
    }
}

fn low_word(value: &ValRaw) -> u64 {
    u64::from_le_bytes(value.0[..8].try_into().expect("eight bytes"))
}

/// The value of a constant expression, which validation has found well typed.
fn evaluate(store: &mut StoreOpaque, instance: InstanceId, expr: &ConstExpr) -> Result<ValRaw> {
    fn word(value: u64) -> ValRaw {
        let mut raw = ValRaw::default();
        raw.0[..8].copy_from_slice(&value.to_le_bytes());
        raw
    }
    if let [ConstOp::Const(bytes)] = &expr[..] {
        return Ok(ValRaw(*bytes));
    }
    let mut stack: Vec<ValRaw> = Vec::with_capacity(2);
    for op in expr.iter() {
        let value = match op {
            ConstOp::Const(bytes) => ValRaw(*bytes),
            ConstOp::GlobalGet(global) => store
                .global(store.instance(instance).globals[*global])
                .get(),
            ConstOp::RefFunc(func) => word(store.record_of(instance, *func) as u64),
            binary => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    bail!("a constant expression lacks operands");
                };
                let (left, right) = (low_word(&left), low_word(&right));
                let narrow = |value: u32| u64::from(value);
                word(match binary {
                    ConstOp::I32Add => narrow((left as u32).wrapping_add(right as u32)),
                    ConstOp::I32Sub => narrow((left as u32).wrapping_sub(right as u32)),
                    ConstOp::I32Mul => narrow((left as u32).wrapping_mul(right as u32)),
                    ConstOp::I64Add => left.wrapping_add(right),
                    ConstOp::I64Sub => left.wrapping_sub(right),
                    ConstOp::I64Mul => left.wrapping_mul(right),
                    ConstOp::Const(_) | ConstOp::GlobalGet(_) | ConstOp::RefFunc(_) => {
                        unreachable!("matched above")
                    }
                })
            }
        };
        stack.push(value);
    }
    stack.pop().context("a constant expression gives no value")
}
