//! Names of things outside a body, as (namespace, index) pairs of Cranelift.
//!
//! `calls` writes them, and `crate::clif::emit` reads them back when it makes relocations. A namespace is a
//! kind of thing together with the scope to which the index refers.

use crate::compiled::ScopeId;

/// Functions of the module, by function index.
pub(crate) const FUNCTIONS: u32 = 0;
/// Helpers of the engine, by their number.
pub(crate) const LIBCALLS: u32 = 1;
/// Ids of types of the module, by type index.
pub(crate) const TYPE_IDS: u32 = 2;
/// Entry words of functions, by function index.
pub(crate) const ENTRY_WORDS: u32 = 3;
/// Records of the functions that have taken the places of others, by the position of the latter among the
/// functions of the linkage.
pub(crate) const FORWARD_RECORDS: u32 = 4;

const KINDS: u32 = 5;

/// The namespace for a kind of thing of a scope.
pub(crate) fn namespace(kind: u32, scope: ScopeId) -> u32 {
    debug_assert!(kind < KINDS);
    scope.index() as u32 * KINDS + kind
}

/// Kind and scope of a namespace.
pub(crate) fn parts(namespace: u32) -> (u32, ScopeId) {
    (
        namespace % KINDS,
        ScopeId::new((namespace / KINDS) as usize),
    )
}
