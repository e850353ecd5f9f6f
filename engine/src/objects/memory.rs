//! Linear memories.
//!
//! ```text
//! base                      base + len                base + 4 GiB        + guard
//!  | accessible              | reserved, no access      | no access          |
//! ```
//! The whole range is reserved once, so the base never moves, and compiled code leaves the check of most
//! accesses to the processor; growing makes more of the range accessible. Pages never written cost nothing.

use super::ids::MemoryId;
use super::store::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreId, StoreOpaque};
use crate::boundary::layout::{MEMORY_GUARD, MEMORY_RESERVE, MemoryDef};
use crate::types::{MemoryType, PAGE_SIZE};
use anyhow::{Context, Result, bail, ensure};
use region::{Allocation, Protection};

/// Most pages of a 32-bit memory.
const MAX_PAGES: u64 = 1 << 16;

/// A memory as its store owns it.
pub(crate) struct MemoryData {
    /// Releases the address space when dropped.
    _reservation: Allocation,
    def: Box<MemoryDef>,
    ty: MemoryType,
}

// SAFETY: the reservation is plain memory; access to it is governed by access to the store.
unsafe impl Send for MemoryData {}
// SAFETY: as above.
unsafe impl Sync for MemoryData {}

impl MemoryData {
    /// Reserves a memory and makes its minimum accessible.
    pub(crate) fn new(ty: MemoryType) -> Result<MemoryData> {
        ensure!(
            ty.minimum() <= MAX_PAGES,
            "a memory of {} pages exceeds 4 GiB",
            ty.minimum()
        );
        let reserve = (MEMORY_RESERVE + MEMORY_GUARD) as usize;
        let reservation = region::alloc(reserve, Protection::NONE)
            .context("cannot reserve address space for a memory")?;
        let base = reservation.as_ptr::<u8>().cast_mut();
        let mut memory = MemoryData {
            _reservation: reservation,
            def: Box::new(MemoryDef { base, len: 0 }),
            ty,
        };
        memory.make_accessible(ty.minimum() * PAGE_SIZE)?;
        Ok(memory)
    }

    fn make_accessible(&mut self, len: u64) -> Result<()> {
        let old = self.def.len;
        if len > old {
            let start = self.def.base.wrapping_add(old as usize);
            // SAFETY: the range is inside the reservation, after what is accessible, and there are no
            // references to inaccessible memory.
            unsafe { region::protect(start, (len - old) as usize, Protection::READ_WRITE) }
                .context("the system has no memory for it")?;
            self.def.len = len;
        }
        Ok(())
    }

    /// Grows by `delta` pages; the old size in pages, or `None` where limits or the system refuse.
    pub(crate) fn grow(&mut self, delta: u64) -> Option<u64> {
        let old = self.pages();
        let new = old.checked_add(delta)?;
        if new > self.ty.maximum().unwrap_or(MAX_PAGES).min(MAX_PAGES) {
            return None;
        }
        self.make_accessible(new * PAGE_SIZE).ok()?;
        Some(old)
    }

    pub(crate) fn pages(&self) -> u64 {
        self.def.len / PAGE_SIZE
    }

    pub(crate) fn def(&self) -> *mut MemoryDef {
        std::ptr::addr_of!(*self.def).cast_mut()
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.def.base
    }

    /// Its declared type, with the size it has now as minimum.
    pub(crate) fn current_type(&self) -> MemoryType {
        MemoryType::of(self.pages(), self.ty.maximum())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes from the base are accessible; writing needs `&mut` of the store.
        unsafe { std::slice::from_raw_parts(self.def.base, self.def.len as usize) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` excludes every other access, compiled code's included.
        unsafe { std::slice::from_raw_parts_mut(self.def.base, self.def.len as usize) }
    }
}

/// A linear memory of a store.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    store: StoreId,
    id: MemoryId,
}

impl Memory {
    /// A memory made by the host, zeroed.
    ///
    /// # Errors
    /// If the store's limit or the system refuses it.
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Memory> {
        let store = store.as_context_mut().opaque();
        let id = store.add_memory(ty)?;
        Ok(Memory {
            store: store.id(),
            id,
        })
    }

    pub(crate) fn from_id(store: &StoreOpaque, id: MemoryId) -> Memory {
        Memory {
            store: store.id(),
            id,
        }
    }

    pub(crate) fn id_in(&self, store: &StoreOpaque) -> Result<MemoryId> {
        ensure!(
            self.store == store.id(),
            "the memory belongs to another store"
        );
        Ok(self.id)
    }

    fn data_in<'a>(&self, store: &'a StoreOpaque) -> &'a MemoryData {
        assert!(
            self.store == store.id(),
            "the memory belongs to another store"
        );
        store.memory(self.id)
    }

    /// Its type, with the size it has now as minimum.
    ///
    /// # Panics
    /// If it belongs to another store; so do all methods without a `Result`.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        self.data_in(store.as_context().opaque()).current_type()
    }

    /// Its size in pages of 64 KiB.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.data_in(store.as_context().opaque()).pages()
    }

    /// Its size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.data_in(store.as_context().opaque()).bytes().len()
    }

    /// Its bytes.
    pub fn data<'a, T: 'a>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        self.data_in(store.into().opaque_ref()).bytes()
    }

    /// Its bytes, to be written.
    pub fn data_mut<'a, T: 'a>(&self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.data_and_store_mut(store).0
    }

    /// Its bytes together with the data of the store.
    pub fn data_and_store_mut<'a, T: 'a>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let (store, data) = store.into().split();
        assert!(
            self.store == store.id(),
            "the memory belongs to another store"
        );
        (store.memory_mut(self.id).bytes_mut(), data)
    }

    /// Copies bytes out.
    ///
    /// # Errors
    /// If the range is outside the memory.
    pub fn read(&self, store: impl AsContext, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let store = store.as_context();
        let bytes = self.data_in(store.opaque()).bytes();
        let range = offset
            .checked_add(buffer.len())
            .and_then(|end| bytes.get(offset..end));
        let Some(range) = range else {
            bail!("{} bytes at {offset} are outside the memory", buffer.len())
        };
        buffer.copy_from_slice(range);
        Ok(())
    }

    /// Copies bytes in.
    ///
    /// # Errors
    /// If the range is outside the memory.
    pub fn write(&self, mut store: impl AsContextMut, offset: usize, buffer: &[u8]) -> Result<()> {
        let store = store.as_context_mut().opaque();
        assert!(
            self.store == store.id(),
            "the memory belongs to another store"
        );
        let bytes = store.memory_mut(self.id).bytes_mut();
        let range = offset
            .checked_add(buffer.len())
            .and_then(|end| bytes.get_mut(offset..end));
        let Some(range) = range else {
            bail!("{} bytes at {offset} are outside the memory", buffer.len())
        };
        range.copy_from_slice(buffer);
        Ok(())
    }

    /// Grows by `delta` pages and returns the old size in pages.
    ///
    /// # Errors
    /// If its maximum, the store's limit or the system refuses.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        let store = store.as_context_mut().opaque();
        let id = self.id_in(store)?;
        match store.grow_memory(id, delta) {
            Some(old) => Ok(old),
            None => bail!("the memory cannot grow by {delta} pages"),
        }
    }
}
