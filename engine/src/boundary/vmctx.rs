//! The one place where raw context pointers become a store and an id, and back.
//!
//! Everything outside holds ids (positions in a store); compiled code holds pointers into the blocks
//! made here. Invariants: a block never moves and lives as long as its store; a context pointer that
//! compiled code passes to the runtime is one that this module handed out, for a store whose code
//! is running on this very thread ([IDS]).

use super::layout::{
    Budget, CtxHeader, CtxLayout, FuncRecord, GlobalCell, Helpers, ImportSlot, MemorySlot, Place,
    StoreCtx, TableDef, offsets,
};
use crate::objects::ids::InstanceId;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Zeroed memory at a fixed place, 16-byte aligned. Pages that are never touched cost nothing.
#[derive(Debug)]
pub(crate) struct Block {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a block is plain memory without thread affinity; the users of its address synchronise.
unsafe impl Send for Block {}
// SAFETY: as above; `&Block` only exposes the address.
unsafe impl Sync for Block {}

impl Block {
    /// `bytes` of zeros; at least one word.
    pub(crate) fn zeroed(bytes: usize) -> Block {
        let layout =
            Layout::from_size_align(bytes.max(16), 16).expect("sizes are bounded by CtxLayout");
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(layout)
        };
        Block { start, layout }
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated in `zeroed` with this very layout, freed once.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// The block that all contexts of a store point to. It is shared with interrupt handles, which touch
/// only the atomic word and may outlive the store.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct StoreBlock {
    ctx: UnsafeCell<StoreCtx>,
    /// Of a type that only `objects` knows.
    store: AtomicPtr<()>,
}

// SAFETY: other threads only reach `interrupt`, which is atomic; the rest belongs to the thread that
// runs the store, as `&mut` access to the store guarantees.
unsafe impl Send for StoreBlock {}
// SAFETY: as above.
unsafe impl Sync for StoreBlock {}

impl StoreBlock {
    pub(crate) fn new() -> Arc<StoreBlock> {
        Arc::new(StoreBlock {
            ctx: UnsafeCell::new(StoreCtx {
                stack_limit: usize::MAX,
                interrupt: AtomicU32::new(0),
                reserved: 0,
                caller: std::ptr::null_mut(),
                exit_fp: 0,
                exit_pc: 0,
                osr_buffer: std::ptr::null(),
            }),
            store: AtomicPtr::new(std::ptr::null_mut()),
        })
    }

    /// Notes where the store is, once it has its final address.
    pub(crate) fn set_store(&self, store: *mut ()) {
        self.store.store(store, Ordering::Relaxed);
    }

    pub(crate) fn store(&self) -> *mut () {
        self.store.load(Ordering::Relaxed)
    }

    pub(crate) fn ctx(&self) -> *mut StoreCtx {
        self.ctx.get()
    }

    pub(crate) fn interrupt(&self) -> &AtomicU32 {
        // SAFETY: the block lives while `self` is borrowed, and the field is only accessed atomically.
        unsafe { &*std::ptr::addr_of!((*self.ctx.get()).interrupt) }
    }
}

/// The store and the instance that a context pointer belongs to.
pub(crate) struct Located {
    pub store: *mut (),
    pub instance: InstanceId,
}

/// The store and instance of a context.
///
/// # Safety
/// `ctx` must be the context of a living instance (see the file's invariants).
pub(crate) unsafe fn locate(ctx: *const u8) -> Located {
    // SAFETY: by the caller's promise the header is there, and `store` points into a `StoreBlock`,
    // whose first field it is ([IDS]).
    unsafe {
        let header = &*ctx.cast::<CtxHeader>();
        let block = &*header.store.cast::<StoreBlock>();
        Located {
            store: block.store(),
            instance: header.instance,
        }
    }
}

/// The store block of a context.
///
/// # Safety
/// As for [`locate`].
pub(crate) unsafe fn store_ctx(ctx: *const u8) -> *mut StoreCtx {
    // SAFETY: by the caller's promise the header is there.
    unsafe { (*ctx.cast::<CtxHeader>()).store }
}

/// The context block of one instance, with typed access to its parts.
#[derive(Debug)]
pub(crate) struct Context {
    /// `BEFORE` bytes, and the context.
    block: Block,
    layout: CtxLayout,
}

/// Bytes before a context. They hold the helpers and keep the context aligned.
const BEFORE: usize = size_of::<Helpers>().next_multiple_of(16);

impl Context {
    pub(crate) fn new(layout: &CtxLayout) -> Context {
        Context {
            block: Block::zeroed(BEFORE + layout.size()),
            layout: layout.clone(),
        }
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        // SAFETY: the block has so many bytes before the context.
        unsafe { self.block.as_ptr().add(BEFORE) }
    }

    /// The helpers, before the context.
    pub(crate) fn helpers(&self) -> *mut Helpers {
        // SAFETY: the block has so many bytes before the context, see `BEFORE`.
        unsafe { self.as_ptr().offset(offsets::CTX_HELPERS as isize).cast() }
    }

    fn at<T>(&self, offset: i32) -> *mut T {
        // SAFETY: `CtxLayout` returns only offsets inside the block, aligned for what is there.
        unsafe { self.as_ptr().add(offset as usize).cast() }
    }

    pub(crate) fn header(&self) -> *mut CtxHeader {
        self.at(0)
    }

    pub(crate) fn import(&self, func: crate::ids::FuncIndex) -> *mut ImportSlot {
        self.at(self.layout.import(func))
    }

    pub(crate) fn memory(&self, memory: crate::ids::MemoryIndex) -> *mut MemorySlot {
        self.at(self.layout.memory(memory))
    }

    /// Where compiled code finds the table: in place, or the slot of a pointer.
    pub(crate) fn table(&self, table: crate::ids::TableIndex) -> Where<TableDef> {
        self.place(self.layout.table(table))
    }

    /// Where compiled code finds the global: in place, or the slot of a pointer.
    pub(crate) fn global(&self, global: crate::ids::GlobalIndex) -> Where<GlobalCell> {
        self.place(self.layout.global(global))
    }

    pub(crate) fn budget(&self, func: crate::ids::DefinedFunc) -> *mut Budget {
        self.at(self.layout.budget(func))
    }

    fn place<T>(&self, place: Place) -> Where<T> {
        match place {
            Place::InContext(offset) => Where::Here(self.at(offset)),
            Place::Behind(offset) => Where::Slot(self.at(offset)),
        }
    }
}

/// Where a part of a context is.
pub(crate) enum Where<T> {
    /// The part itself.
    Here(*mut T),
    /// The slot for a pointer to it.
    Slot(*mut *mut T),
}

/// Bytes of the records of `count` functions.
pub(crate) fn records_size(count: usize) -> usize {
    count * size_of::<FuncRecord>()
}
