//! Stores: everything that lives and dies together.
//!
//! A store owns instances, memories, tables, globals and host functions, and returns small handles for
//! them ([`crate::Func`] and the others). One thread at a time runs a store; many stores on many threads
//! share the code of one engine.

use super::func::{Func, FuncData};
use super::global::GlobalData;
use super::ids::{FuncId, GlobalId, InstanceId, MemoryId, TableId};
use super::instance::InstanceData;
use super::memory::MemoryData;
use super::table::TableData;
use super::value::ExternRef;
use crate::Engine;
use crate::boundary::vmctx::StoreBlock;
use crate::ids::Indexed;
use crate::types::{MemoryType, PAGE_SIZE};
use anyhow::{Result, bail};
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Identity of a store; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoreId(u64);

impl StoreId {
    fn fresh() -> StoreId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        StoreId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The part of a store that does not depend on the embedder's type.
pub struct StoreOpaque {
    engine: Engine,
    id: StoreId,
    block: Arc<StoreBlock>,
    // Instances hold what compiled code points to, so nothing is removed before the store is dropped.
    instances: Indexed<InstanceId, InstanceData>,
    funcs: Indexed<FuncId, FuncData>,
    func_by_record: HashMap<usize, FuncId>,
    memories: Indexed<MemoryId, MemoryData>,
    tables: Indexed<TableId, TableData>,
    globals: Indexed<GlobalId, GlobalData>,
    externs: Vec<ExternRef>,
    linked: HashMap<usize, (Func, Arc<dyn Any + Send + Sync>)>,
    memory_in_use: u64,
    max_memory: Option<u64>,
    /// Memory for the frame area of a function that resumes in optimised code.
    osr_buffer: Vec<u128>,
}

#[repr(C)]
pub(crate) struct StoreInner<T> {
    // First, so that a pointer to the opaque part is a pointer to the whole (`Caller` relies on it).
    opaque: StoreOpaque,
    data: T,
}

/// A store with the embedder's data.
///
/// ```no_run
/// # fn with(engine: &lazywasm_engine::Engine) {
/// let mut store = lazywasm_engine::Store::new(engine, 0u32);
/// *store.data_mut() += 1;
/// # }
/// ```
///
/// The type of a store's data cannot be changed to a subtype or supertype: host functions were made for
/// exactly this type.
///
/// ```compile_fail
/// # use lazywasm_engine::Store;
/// fn shortened<'a>(store: Store<&'static str>) -> Store<&'a str> {
///     store
/// }
/// ```
pub struct Store<T> {
    inner: Box<StoreInner<T>>,
    /// Makes the type invariant in `T`.
    _invariant: PhantomData<fn(T) -> T>,
}

impl<T> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.inner.opaque.id.0)
    }
}

impl<T> Store<T> {
    /// An empty store.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        let opaque = StoreOpaque {
            engine: engine.clone(),
            id: StoreId::fresh(),
            block: StoreBlock::new(),
            instances: Indexed::new(),
            funcs: Indexed::new(),
            func_by_record: HashMap::new(),
            memories: Indexed::new(),
            tables: Indexed::new(),
            globals: Indexed::new(),
            externs: Vec::new(),
            linked: HashMap::new(),
            memory_in_use: 0,
            max_memory: engine.config().max_memory,
            osr_buffer: Vec::new(),
        };
        let mut inner = Box::new(StoreInner { opaque, data });
        let pointer: *mut StoreInner<T> = &mut *inner;
        inner.opaque.block.set_store(pointer.cast());
        Store {
            inner,
            _invariant: PhantomData,
        }
    }

    /// The engine it belongs to.
    pub fn engine(&self) -> &Engine {
        &self.inner.opaque.engine
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.inner.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.inner.data
    }

    /// Ends the store and returns the embedder's data.
    pub fn into_data(self) -> T {
        self.inner.data
    }

    /// A handle by which another thread can stop the program that runs in this store.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle {
            block: self.inner.opaque.block.clone(),
        }
    }
}

/// Stops the program of a store from another thread.
#[derive(Clone, Debug)]
pub struct InterruptHandle {
    block: Arc<StoreBlock>,
}

impl InterruptHandle {
    /// Asks the program to stop; it traps with [`crate::Trap::Interrupt`] soon after. The request
    /// remains until [`InterruptHandle::clear`]; it does not end a host function that waits.
    pub fn interrupt(&self) {
        self.block.interrupt().store(1, Ordering::Release);
    }

    /// Withdraws the request, so that the store can be used again.
    pub fn clear(&self) {
        self.block.interrupt().store(0, Ordering::Release);
    }
}

impl StoreOpaque {
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn id(&self) -> StoreId {
        self.id
    }

    pub(crate) fn block(&self) -> &Arc<StoreBlock> {
        &self.block
    }

    /// Copies a frame area to where code that is entered at a loop expects it.
    ///
    /// # Safety
    /// The area is `len` readable bytes of a stack.
    pub(crate) unsafe fn copy_frame_area(&mut self, area: *const u8, len: usize) {
        self.osr_buffer.clear();
        self.osr_buffer.resize(len.div_ceil(size_of::<u128>()), 0);
        // SAFETY: the area is readable by the caller's promise; the buffer was just made long enough, and
        // does not overlap the area, which is on a stack.
        unsafe {
            std::ptr::copy_nonoverlapping(area, self.osr_buffer.as_mut_ptr().cast(), len);
            (*self.block.ctx()).osr_buffer = self.osr_buffer.as_ptr();
        }
    }

    pub(crate) fn instance(&self, id: InstanceId) -> &InstanceData {
        &self.instances[id]
    }

    pub(crate) fn instance_mut(&mut self, id: InstanceId) -> &mut InstanceData {
        &mut self.instances[id]
    }

    /// The id of the instance that is added next.
    pub(crate) fn next_instance(&self) -> InstanceId {
        self.instances.next_index()
    }

    pub(crate) fn add_instance(&mut self, instance: InstanceData) {
        self.instances.push(instance);
    }

    pub(crate) fn func(&self, id: FuncId) -> &FuncData {
        &self.funcs[id]
    }

    /// The function with this record, which is noted at first sight.
    pub(crate) fn add_func(&mut self, data: FuncData) -> Func {
        let record = data.record as usize;
        if let Some(known) = self.known_record(record) {
            return known;
        }
        let id = self.funcs.push(data);
        self.func_by_record.insert(record, id);
        Func::from_id(self, id)
    }

    pub(crate) fn known_record(&self, record: usize) -> Option<Func> {
        self.func_by_record
            .get(&record)
            .map(|&id| Func::from_id(self, id))
    }

    pub(crate) fn memory(&self, id: MemoryId) -> &MemoryData {
        &self.memories[id]
    }

    pub(crate) fn memory_mut(&mut self, id: MemoryId) -> &mut MemoryData {
        &mut self.memories[id]
    }

    pub(crate) fn add_memory(&mut self, ty: MemoryType) -> Result<MemoryId> {
        let bytes = ty.minimum() * PAGE_SIZE;
        if let Some(max) = self.max_memory {
            let total = self.memory_in_use.saturating_add(bytes);
            if total > max {
                match self.memory_in_use {
                    0 => bail!(
                        "a memory of {bytes} bytes exceeds the limit of {max} bytes of memory"
                    ),
                    used => bail!(
                        "a memory of {bytes} bytes exceeds the limit of {max} bytes of memory, of which {used} are in use"
                    ),
                }
            }
        }
        let memory = MemoryData::new(ty)?;
        self.memory_in_use += bytes;
        Ok(self.memories.push(memory))
    }

    /// Grows a memory by `delta` pages; the old size in pages, or `None` where refused.
    pub(crate) fn grow_memory(&mut self, id: MemoryId, delta: u64) -> Option<u64> {
        let bytes = delta.checked_mul(PAGE_SIZE)?;
        let total = self.memory_in_use.checked_add(bytes)?;
        if self.max_memory.is_some_and(|max| total > max) {
            return None;
        }
        let old = self.memories[id].grow(delta)?;
        self.memory_in_use = total;
        Some(old)
    }

    pub(crate) fn table(&self, id: TableId) -> &TableData {
        &self.tables[id]
    }

    pub(crate) fn table_mut(&mut self, id: TableId) -> &mut TableData {
        &mut self.tables[id]
    }

    pub(crate) fn add_table(&mut self, table: TableData) -> TableId {
        self.tables.push(table)
    }

    pub(crate) fn global(&self, id: GlobalId) -> &GlobalData {
        &self.globals[id]
    }

    pub(crate) fn global_mut(&mut self, id: GlobalId) -> &mut GlobalData {
        &mut self.globals[id]
    }

    pub(crate) fn add_global(&mut self, global: GlobalData) -> GlobalId {
        self.globals.push(global)
    }

    /// The word that represents a value of the host in compiled code; 0 for null.
    pub(crate) fn extern_word(&mut self, value: Option<&ExternRef>) -> u64 {
        match value {
            None => 0,
            Some(value) => {
                let repeated = self
                    .externs
                    .last()
                    .is_some_and(|last| ExternRef::ptr_eq(last, value));
                if !repeated {
                    self.externs.push(value.clone());
                }
                self.externs.len() as u64
            }
        }
    }

    pub(crate) fn extern_of_word(&self, word: u64) -> Option<ExternRef> {
        let at = word.checked_sub(1)?;
        self.externs.get(at as usize).cloned()
    }

    /// The function made earlier in this store for a linker's host function, by its address.
    pub(crate) fn linked(&self, definition: usize) -> Option<Func> {
        self.linked.get(&definition).map(|(func, _)| *func)
    }

    /// Remembers the function made for a linker's host function. `keep` is that definition, so that its
    /// address is not reused.
    pub(crate) fn remember_linked(
        &mut self,
        func: Func,
        definition: usize,
        keep: Arc<dyn Any + Send + Sync>,
    ) {
        self.linked.insert(definition, (func, keep));
    }
}

/// Shared access to a store.
pub struct StoreContext<'a, T>(&'a StoreInner<T>);

/// Exclusive access to a store.
pub struct StoreContextMut<'a, T>(&'a mut StoreInner<T>);

impl<T> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for StoreContext<'_, T> {}

impl<'a, T> StoreContext<'a, T> {
    /// The embedder's data.
    pub fn data(&self) -> &'a T {
        &self.0.data
    }

    /// The engine it belongs to.
    pub fn engine(&self) -> &'a Engine {
        &self.0.opaque.engine
    }

    pub(crate) fn opaque(&self) -> &StoreOpaque {
        &self.0.opaque
    }

    pub(crate) fn opaque_ref(self) -> &'a StoreOpaque {
        &self.0.opaque
    }
}

impl<'a, T> StoreContextMut<'a, T> {
    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.0.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.0.data
    }

    /// The engine it belongs to.
    pub fn engine(&self) -> &Engine {
        &self.0.opaque.engine
    }

    pub(crate) fn opaque(self) -> &'a mut StoreOpaque {
        &mut self.0.opaque
    }

    pub(crate) fn opaque_mut(&mut self) -> &mut StoreOpaque {
        &mut self.0.opaque
    }

    pub(crate) fn split(self) -> (&'a mut StoreOpaque, &'a mut T) {
        (&mut self.0.opaque, &mut self.0.data)
    }

    /// The store at this address.
    ///
    /// # Safety
    /// It must be a living store whose data is of type `T`, and nothing else may use it for `'a`.
    pub(crate) unsafe fn from_raw(store: *mut StoreOpaque) -> StoreContextMut<'a, T> {
        // SAFETY: by the caller's promise; the opaque part is the first field of `repr(C)`.
        StoreContextMut(unsafe { &mut *store.cast::<StoreInner<T>>() })
    }
}

/// Anything that has shared access to a store.
pub trait AsContext {
    /// The embedder's data.
    type Data;
    /// Access to the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Anything that has exclusive access to a store.
pub trait AsContextMut: AsContext {
    /// Access to the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T> AsContext for Store<T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(&self.inner)
    }
}
impl<T> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(&mut self.inner)
    }
}
impl<T> AsContext for StoreContext<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}
impl<T> AsContext for StoreContextMut<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.0)
    }
}
impl<T> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self.0)
    }
}
impl<C: AsContext> AsContext for &C {
    type Data = C::Data;
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}
impl<C: AsContext> AsContext for &mut C {
    type Data = C::Data;
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}
impl<C: AsContextMut> AsContextMut for &mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(context: &'a C) -> Self {
        context.as_context()
    }
}
impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        C::as_context(context)
    }
}
impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        C::as_context_mut(context)
    }
}
