//! What a store owns, and what puts it there: instances, memories, tables, globals, values, and the
//! linkers that find imports by name.
//!
//! `store` is the owner; the other files hold one kind of object each, as its store has it and as an
//! embedder's handle to it. Handles and the rest of the crate name objects by their position in the store, each kind with a type of its own (`ids`).

pub(crate) mod externs;
pub(crate) mod global;
pub(crate) mod ids;
pub(crate) mod instance;
pub(crate) mod instantiate;
pub(crate) mod linker;
pub(crate) mod memory;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod value;
