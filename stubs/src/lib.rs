//! Code memory, entries, call sites and relinking.
//!
//! The crate keeps machine code of functions that are compiled, replaced and removed one by one while
//! they run. It knows nothing of WebAssembly ([NO-WASM]): a function is an [`EntryId`], its code is a
//! body of bytes with relocations, and the meaning of a fault or a position is the owner's business.
//!
//! - [`CodeSpace`]: everything, see `space` for the order of publishing.
//! - [`stacks`]: the stacks that are scanned before code is freed.
//! - [`CodeListener`]: is called when code is placed and removed.
//! - `verify`: the checker of all links.
//!
//! Rules for users that the types do not enforce:
//! - Compiled code runs on a registered stack whose state says so ([`stacks::Stack::enter_wasm`]).
//! - An address of code is loaded from an entry word by compiled code right before the call that uses it, or
//!   by the host after its stack has entered compiled code. It is never kept across a call of the host, where
//!   the reclaimer would not look for it.
//! - Call sites are `call rel32` or `jmp rel32`.
//!
//! Absent: any compiler, any policy, any lock that is held while a compiler runs.

mod arch;
mod arena_layout;

mod chunk;
mod code_map;
mod code_memory;
mod entry_stubs;
mod entry_table;
mod frame_layout;
mod functions;
mod ids;
mod link_queries;
mod listen;
mod place;
mod published;
mod relink;
mod retire;
mod side_tables;
mod space;
pub mod stacks;
mod stats;
mod sys;
mod verify;

pub use arch::{RED_ZONE, RelocKind};
pub use frame_layout::{FrameLayout, FrameStep, Place, Register, SavedRegister};
pub use ids::{CodeError, EntryBlock, EntryId, GroupId, InlineNode, Tier};
pub use link_queries::{CallerSite, CallerSites};
pub use listen::{Attachment, Code, CodeKind, CodeListener};
pub use published::{NewBody, PlacedReloc, PublishedBody, RelocValue};
pub use retire::Reclaimed;
pub use side_tables::{Inlined, Location, SideEntry, SideStream, SideTableWriter, SideTables};
pub use space::{CodeSpace, CodeSpaceConfig, FirstCall};
pub use stats::LinkStats;
pub use verify::{LinkFault, Verified};
