//! Bodies: compiled ones that are to be published, and published ones.
//!
//! A body owns its call sites, so no site outlives the code that contains it. Edges (see `functions`) refer
//! to sites only through their body.
//!
//! Invariants: a published body's bytes change only at its call sites (`arch::patch_branch`); `retired`,
//! `claimed` and `freed` are set once, in this order, under the relink lock; once it is freed nothing may be
//! read at `start`.

use crate::arch::RelocKind;
use crate::code_memory::ChunkId;
use crate::functions::BodyId;
use crate::ids::{EntryId, GroupId, Tier};
use crate::side_tables::SideTables;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

/// What a relocation refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocValue {
    /// The code of a function. With [`RelocKind::CallRel4`] this is a call site, which is recorded
    /// and relinked; with others it is the address of the function's entry stub.
    Entry(EntryId),
    /// The address of an entry word.
    EntryWord(EntryId),
    /// A number, or an address that never changes.
    Address(u64),
}

/// One relocation, ready to be applied.
#[derive(Clone, Copy, Debug)]
pub struct PlacedReloc {
    /// Offset of its first byte in the code.
    pub offset: u32,
    /// What to write.
    pub kind: RelocKind,
    /// What it refers to.
    pub value: RelocValue,
    /// Added to the value. -4 for a call site, which ends with its displacement.
    pub addend: i64,
    /// How important it is that a call site can be patched; 0 is cold.
    pub weight: u32,
}

/// A compiled body that is to be published.
#[derive(Debug)]
pub struct NewBody<'a> {
    /// The entry of its function.
    pub entry: EntryId,
    /// The group that it is placed in.
    pub group: GroupId,
    /// How much effort went into it.
    pub tier: Tier,
    /// How many times the function was reset to its stub before.
    pub generation: u32,
    /// The bytes, relocations not applied.
    pub code: &'a [u8],
    /// Alignment of the first byte, a power of two up to 4096.
    pub align: u32,
    /// The relocations.
    pub relocs: &'a [PlacedReloc],
    /// Facts about its instructions.
    pub side: SideTables,
    /// What the code refers to by address, and is kept until the code is freed.
    pub keeps: Option<Arc<dyn Any + Send + Sync>>,
}

/// A call site of a published body.
#[derive(Debug)]
pub(crate) struct CallSite {
    /// Offset of the displacement.
    pub offset: u32,
    pub callee: EntryId,
    /// Whether the displacement crosses an aligned 8-byte boundary, so that it cannot be patched.
    pub crossing: bool,
    /// Whether it goes to the callee's code rather than to its stub; written under the relink lock.
    pub direct: AtomicBool,
}

/// Machine code in its place. Holding the `Arc` keeps its tables, not its code: the code lives as long as it
/// is current, pinned, or on a stack.
#[derive(Debug)]
pub struct PublishedBody {
    pub(crate) id: BodyId,
    pub(crate) entry: EntryId,
    pub(crate) tier: Tier,
    pub(crate) generation: u32,
    pub(crate) start: usize,
    pub(crate) len: usize,
    /// Sorted by callee, then by offset.
    pub(crate) sites: Box<[CallSite]>,
    pub(crate) side: SideTables,
    /// Dropped with the body, after its code is freed.
    pub(crate) _keeps: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) chunk: ChunkId,
    pub(crate) offset_in_chunk: usize,
    /// How many holders keep it from being retired; changed under the relink lock.
    pub(crate) pins: AtomicU32,
    /// Whether no entry and no call site points to it any more; changed under the relink lock.
    pub(crate) retired: AtomicBool,
    /// Whether its listener, if there is one, has returned from `placed`. The body is not freed before.
    pub(crate) reported: AtomicBool,
    /// Whether a call of `reclaim` is reporting its removal and will free it; changed under the relink lock.
    pub(crate) claimed: AtomicBool,
    /// Whether its bytes are gone; changed under the relink lock.
    pub(crate) freed: AtomicBool,
}

impl PublishedBody {
    /// Address of the first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Bytes of code.
    #[allow(clippy::len_without_is_empty, reason = "a body has code")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The entry of its function.
    pub fn entry(&self) -> EntryId {
        self.entry
    }

    /// How much effort went into it.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// How many times the function was reset to its stub before.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Facts about its instructions.
    pub fn side(&self) -> &SideTables {
        &self.side
    }

    /// Number of call sites.
    pub fn call_sites(&self) -> usize {
        self.sites.len()
    }
}
