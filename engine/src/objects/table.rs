//! Tables.
//!
//! The elements are words that compiled code reads and writes directly; where they are and how many
//! is in a `TableDef`: in the context of the instance that defines the table, or on its own for a table
//! made by the host.

use super::ids::TableId;
use super::store::{AsContext, AsContextMut, StoreId, StoreOpaque};
use super::value::Ref;
use crate::boundary::layout::TableDef;
use crate::types::TableType;
use anyhow::{Result, bail, ensure};
use std::ptr::NonNull;

/// Most elements of a table; browsers have the same limit (WebAssembly JavaScript interface,
/// "Implementation-defined limits").
pub(crate) const MAX_ELEMENTS: u64 = 10_000_000;

/// A table as its store owns it.
pub(crate) struct TableData {
    def: NonNull<TableDef>,
    _own_def: Option<Box<TableDef>>,
    elements: Vec<u64>,
    ty: TableType,
}

// SAFETY: `def` points into a block of the same store (or to `_own_def`); access to it is governed by
// access to the store.
unsafe impl Send for TableData {}
// SAFETY: as above.
unsafe impl Sync for TableData {}

impl TableData {
    /// A table of nulls. `place` is where compiled code will look for it, or `None` for a table that
    /// no instance defines; a place must live as long as the store.
    pub(crate) fn new(ty: TableType, place: Option<*mut TableDef>) -> Result<TableData> {
        ensure!(
            ty.minimum() <= MAX_ELEMENTS,
            "a table of {} elements exceeds {MAX_ELEMENTS}",
            ty.minimum()
        );
        let mut own_def = match place {
            None => Some(Box::new(TableDef {
                elements: std::ptr::null_mut(),
                len: 0,
                rewritten: 1,
                reserved: 0,
            })),
            Some(_) => None,
        };
        let def = match (&mut own_def, place) {
            (Some(own), _) => NonNull::from(&mut **own),
            (None, place) => place
                .and_then(NonNull::new)
                .expect("a place inside a context"),
        };
        let mut table = TableData {
            def,
            _own_def: own_def,
            elements: vec![0; ty.minimum() as usize],
            ty,
        };
        table.update_def(1);
        Ok(table)
    }

    fn update_def(&mut self, rewritten: u32) {
        let def = TableDef {
            elements: self.elements.as_mut_ptr(),
            len: self.elements.len() as u64,
            rewritten,
            reserved: 0,
        };
        // SAFETY: the place lives as long as the store that owns this, and compiled code of the store
        // does not run while the runtime has `&mut` of it.
        unsafe { self.def.write(def) }
    }

    /// Notes that the elements are those that the active segments of the module that defines the table have
    /// put there.
    pub(crate) fn set_as_defined(&mut self) {
        self.update_def(0);
    }

    pub(crate) fn def(&self) -> *mut TableDef {
        self.def.as_ptr()
    }

    pub(crate) fn ty(&self) -> &TableType {
        &self.ty
    }

    pub(crate) fn len(&self) -> u64 {
        self.elements.len() as u64
    }

    /// Its declared type, with the size it has now as minimum.
    pub(crate) fn current_type(&self) -> TableType {
        TableType::of(*self.ty.element(), self.len(), self.ty.maximum())
    }

    pub(crate) fn elements_mut(&mut self) -> &mut [u64] {
        self.update_def(1);
        &mut self.elements
    }

    pub(crate) fn elements(&self) -> &[u64] {
        &self.elements
    }

    /// Grows by `delta` elements; the old size, or `None` where limits or the system refuse.
    pub(crate) fn grow(&mut self, delta: u64, init: u64) -> Option<u64> {
        let old = self.len();
        let new = old.checked_add(delta)?;
        if new > self.ty.maximum().unwrap_or(MAX_ELEMENTS).min(MAX_ELEMENTS) {
            return None;
        }
        self.elements.try_reserve((new - old) as usize).ok()?;
        self.elements.resize(new as usize, init);
        // SAFETY: as in `update_def`; it was written when the table was made.
        let rewritten = unsafe { self.def.as_ref().rewritten };
        self.update_def(rewritten);
        Some(old)
    }
}

/// A table of a store.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    store: StoreId,
    id: TableId,
}

impl Table {
    /// A table made by the host, every element `init`.
    ///
    /// # Errors
    /// If it is too large or `init` is of another type.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Table> {
        let store = store.as_context_mut().opaque();
        ensure!(
            init.ty() == *ty.element(),
            "a table of {} cannot hold {}",
            ty.element(),
            init.ty()
        );
        let word = init.to_word(store)?;
        let mut data = TableData::new(ty, None)?;
        data.elements_mut().fill(word);
        let id = store.add_table(data);
        Ok(Table {
            store: store.id(),
            id,
        })
    }

    pub(crate) fn from_id(store: &StoreOpaque, id: TableId) -> Table {
        Table {
            store: store.id(),
            id,
        }
    }

    pub(crate) fn id_in(&self, store: &StoreOpaque) -> Result<TableId> {
        ensure!(
            self.store == store.id(),
            "the table belongs to another store"
        );
        Ok(self.id)
    }

    /// Its type, with the size it has now as minimum.
    ///
    /// # Panics
    /// If it belongs to another store; so do all methods without a `Result`.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let store = store.as_context();
        let id = self.id_in(store.opaque()).expect("a table of this store");
        store.opaque().table(id).current_type()
    }

    /// Its size in elements.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.ty(store).minimum()
    }

    /// The element at an index, or `None` outside the table.
    pub fn get(&self, mut store: impl AsContextMut, index: u64) -> Option<Ref> {
        let store = store.as_context_mut().opaque();
        let table = store.table(self.id_in(store).expect("a table of this store"));
        let (word, ty) = (
            *table.elements().get(usize::try_from(index).ok()?)?,
            *table.ty().element(),
        );
        Some(Ref::from_word(store, word, ty))
    }

    /// Writes an element.
    ///
    /// # Errors
    /// If the index is outside the table or the value of another type.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Ref) -> Result<()> {
        let store = store.as_context_mut().opaque();
        let id = self.id_in(store)?;
        ensure!(
            value.ty() == *store.table(id).ty().element(),
            "the table cannot hold {}",
            value.ty()
        );
        let word = value.to_word(store)?;
        match store.table_mut(id).elements_mut().get_mut(index as usize) {
            Some(element) => *element = word,
            None => bail!("element {index} is outside the table"),
        }
        Ok(())
    }

    /// Grows by `delta` elements and returns the old size.
    ///
    /// # Errors
    /// If its maximum or the system refuses, or `init` is of another type.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        let store = store.as_context_mut().opaque();
        let id = self.id_in(store)?;
        ensure!(
            init.ty() == *store.table(id).ty().element(),
            "the table cannot hold {}",
            init.ty()
        );
        let word = init.to_word(store)?;
        match store.table_mut(id).grow(delta, word) {
            Some(old) => Ok(old),
            None => bail!("the table cannot grow by {delta} elements"),
        }
    }
}
