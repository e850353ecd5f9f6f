//! What a store owns, and how it is made: instances, memories, tables, globals and values; instantiation,
//! and linkers, which find imports by name.
//!
//! `store` is the owner. The other files have one kind of object each: the object as its store owns it, and
//! an embedder's handle to it. Handles and the rest of the crate name objects by their position in the store,
//! each kind with a type of its own (`ids`).

pub(crate) mod deferred;
pub(crate) mod externs;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod host_func;
pub(crate) mod ids;
pub(crate) mod instance;
pub(crate) mod instantiate;
pub(crate) mod linker;
pub(crate) mod live;
pub(crate) mod memory;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod typed_func;
pub(crate) mod value;
