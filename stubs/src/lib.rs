//! Code memory, entries, call sites and relinking.
//!
//! The crate keeps machine code of functions that are compiled, replaced and removed one by one while
//! they run. It knows nothing of WebAssembly ([NO-WASM]): a function is an [`EntryId`], its code is a
//! body of bytes with relocations, and what a fault or a position means is the owner's business.
//!
//! - [`CodeSpace`]: everything, see `space` for the order of publishing.
//! - [`stacks`]: the stacks that freeing code must look at.
//! - `verify`: the checker that holds it all to its word.
//!
//! Absent: any compiler, any policy, any lock that is held while somebody compiles.

mod asm;
mod callers;
mod census;
mod code_memory;
mod ids;
mod patch;
mod published;
mod space;
pub mod stacks;
mod stats;
mod sys;
mod verify;

pub use census::CallerSites;
pub use ids::{BodyId, CodeError, EntryBlock, EntryId, GroupId, Tier};
pub use published::{
    Location, NewBody, PlacedReloc, PublishedBody, RelocKind, RelocValue, SideTables,
};
pub use space::{CodeSpace, CodeSpaceConfig, FirstCall, Reclaimed};
pub use stats::LinkStats;
pub use verify::{LinkFault, Verified};
