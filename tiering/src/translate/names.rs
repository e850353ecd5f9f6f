//! Names of things outside a body, as (namespace, index) pairs of Cranelift.
//!
//! Written by `calls` and `tables`, read back when relocations are made (`crate::emit`).

/// Functions of the module, by function index.
pub(crate) const FUNCTIONS: u32 = 0;
/// Helpers of the engine, by their number.
pub(crate) const LIBCALLS: u32 = 1;
/// Ids of types of the module, by type index.
pub(crate) const TYPE_IDS: u32 = 2;
