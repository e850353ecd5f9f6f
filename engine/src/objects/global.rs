//! Globals.

use super::ids::GlobalId;
use super::store::{AsContext, AsContextMut, StoreId, StoreOpaque};
use super::value::Val;
use crate::boundary::door::ValRaw;
use crate::boundary::layout::GlobalCell;
use crate::types::{GlobalType, Mutability};
use anyhow::{Result, ensure};
use std::ptr::NonNull;

/// A global as its store owns it: where its cell is.
pub(crate) struct GlobalData {
    cell: NonNull<GlobalCell>,
    _own_cell: Option<Box<GlobalCell>>,
    ty: GlobalType,
}

// SAFETY: `cell` points into a block of the same store (or to `_own_cell`); access to it is governed
// by access to the store.
unsafe impl Send for GlobalData {}
// SAFETY: as above.
unsafe impl Sync for GlobalData {}

impl GlobalData {
    /// A global that holds `value`. `place` is where compiled code will look for it, or `None` for
    /// one that no instance defines; a place must live as long as the store.
    pub(crate) fn new(ty: GlobalType, place: Option<*mut GlobalCell>, value: ValRaw) -> GlobalData {
        let mut own_cell = match place {
            None => Some(Box::new(GlobalCell([0; 16]))),
            Some(_) => None,
        };
        let cell = match (&mut own_cell, place) {
            (Some(own), _) => NonNull::from(&mut **own),
            (None, place) => place
                .and_then(NonNull::new)
                .expect("a place inside a context"),
        };
        let mut global = GlobalData {
            cell,
            _own_cell: own_cell,
            ty,
        };
        global.set(value);
        global
    }

    pub(crate) fn cell(&self) -> *mut GlobalCell {
        self.cell.as_ptr()
    }

    pub(crate) fn ty(&self) -> &GlobalType {
        &self.ty
    }

    pub(crate) fn get(&self) -> ValRaw {
        // SAFETY: the cell lives as long as the store that owns this; `&self` of the store means that
        // no compiled code of it runs.
        ValRaw(unsafe { self.cell.read() }.0)
    }

    pub(crate) fn set(&mut self, value: ValRaw) {
        // SAFETY: as above, with `&mut`.
        unsafe { self.cell.write(GlobalCell(value.0)) }
    }
}

/// A global of a store.
#[derive(Clone, Copy, Debug)]
pub struct Global {
    store: StoreId,
    id: GlobalId,
}

impl Global {
    /// A global made by the host.
    ///
    /// # Errors
    /// If the value is of another type or store.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Global> {
        let store = store.as_context_mut().opaque();
        value.ensure_type(*ty.content(), || "value of the global".to_string())?;
        let raw = value.to_raw(store)?;
        let id = store.add_global(GlobalData::new(ty, None, raw));
        Ok(Global {
            store: store.id(),
            id,
        })
    }

    pub(crate) fn from_id(store: &StoreOpaque, id: GlobalId) -> Global {
        Global {
            store: store.id(),
            id,
        }
    }

    pub(crate) fn id_in(&self, store: &StoreOpaque) -> Result<GlobalId> {
        ensure!(
            self.store == store.id(),
            "the global belongs to another store"
        );
        Ok(self.id)
    }

    /// Its type.
    ///
    /// # Panics
    /// If it belongs to another store; so does `get`.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let store = store.as_context();
        *store
            .opaque()
            .global(self.id_in(store.opaque()).expect("a global of this store"))
            .ty()
    }

    /// Its value.
    pub fn get(&self, mut store: impl AsContextMut) -> Val {
        let store = store.as_context_mut().opaque();
        let global = store.global(self.id_in(store).expect("a global of this store"));
        let (raw, ty) = (global.get(), *global.ty().content());
        Val::from_raw(store, &raw, ty)
    }

    /// Writes its value.
    ///
    /// # Errors
    /// If it is immutable, or the value is of another type or store.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> Result<()> {
        let store = store.as_context_mut().opaque();
        let id = self.id_in(store)?;
        let ty = *store.global(id).ty();
        ensure!(
            ty.mutability() == Mutability::Var,
            "an immutable global cannot be written"
        );
        value.ensure_type(*ty.content(), || "value of the global".to_string())?;
        let raw = value.to_raw(store)?;
        store.global_mut(id).set(raw);
        Ok(())
    }
}
