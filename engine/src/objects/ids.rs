//! Positions of objects in their store.
//!
//! An id is only meaningful together with the store that gave it. Nothing is removed from a store before the
//! store itself is dropped, so an id never comes to name another object. Handles of embedders
//! ([`crate::Func`] and the others) are an id with its store's identity.

crate::ids::index_types! {
    /// An instance of a store.
    InstanceId,
    /// A function of a store: of an instance, or of the host.
    FuncId,
    /// A linear memory of a store.
    MemoryId,
    /// A table of a store.
    TableId,
    /// A global of a store.
    GlobalId,
}
