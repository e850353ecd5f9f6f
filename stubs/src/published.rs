//! Bodies: compiled ones that are to be published, and published ones.
//!
//! A body owns its call sites, so no site outlives the code that contains it. Edges (see `functions`) refer
//! to sites only through their body.
//!
//! Invariants: a published body's bytes change only at its call sites (`arch::patch_branch`); `retired`,
//! `claimed` and `freed` are set once, in this order, under the relink lock; once it is freed nothing may be
//! read at `start`.

use crate::arch::RelocKind;
use crate::ids::{EntryId, GroupId, InlineNode, Tier};
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
    /// Added to the value.
    pub addend: i64,
    /// How important it is that a call site can be patched; 0 is cold.
    pub weight: u32,
}

/// A place in the source of the code, as its compiler numbers places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The part of the body that it belongs to.
    pub inline_node: InlineNode,
    /// Offset in that part's source.
    pub offset: u32,
}

/// A function whose code is part of another's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// The function.
    pub entry: EntryId,
    /// Where in the source it is called.
    pub from: Location,
}

/// Facts about the instructions of a body, by offset in its code. `traps` and `positions` are sorted.
#[derive(Clone, Debug, Default)]
pub struct SideTables {
    /// Offsets of instructions that can fault, with a code whose meaning is the owner's.
    pub traps: Box<[(u32, u8)]>,
    /// Offsets of instructions that have a place in the source, with its position in `locations`: those that
    /// can fault, and calls at their last byte.
    pub positions: Box<[(u32, u32)]>,
    /// The places in the source.
    pub locations: Box<[Location]>,
    /// The inlined parts; each is called from an earlier one or from the function itself.
    pub inlined: Box<[Inlined]>,
}

impl SideTables {
    /// The code of the trap at an offset.
    pub fn trap(&self, offset: u32) -> Option<u8> {
        let at = self
            .traps
            .binary_search_by_key(&offset, |(at, _)| *at)
            .ok()?;
        Some(self.traps[at].1)
    }

    /// The place of the instruction at an offset.
    pub fn location(&self, offset: u32) -> Option<Location> {
        let at = self
            .positions
            .binary_search_by_key(&offset, |(at, _)| *at)
            .ok()?;
        self.locations.get(self.positions[at].1 as usize).copied()
    }

    /// The frames of a place: the function that the place belongs to, then the callers into which it was
    /// inlined, up to `own`, the body's function. Each is an entry and an offset in its source.
    pub fn frames(&self, own: EntryId, place: Location) -> impl Iterator<Item = (EntryId, u32)> {
        let mut next = Some(place);
        std::iter::from_fn(move || {
            let place = next?;
            let part = place.inline_node.position();
            let part = part.map(|at| self.inlined[at]);
            next = part.map(|part| part.from);
            Some((part.map_or(own, |part| part.entry), place.offset))
        })
    }

    /// The inlined functions, each once.
    pub(crate) fn inlined_functions(&self) -> Vec<EntryId> {
        let mut functions: Vec<EntryId> = self.inlined.iter().map(|part| part.entry).collect();
        functions.sort_unstable();
        functions.dedup();
        functions
    }
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
    pub(crate) entry: EntryId,
    pub(crate) tier: Tier,
    pub(crate) generation: u32,
    pub(crate) start: usize,
    pub(crate) len: usize,
    /// Sorted by callee, then by offset.
    pub(crate) sites: Box<[CallSite]>,
    pub(crate) side: SideTables,
    /// Offset of its chunk in the arena.
    pub(crate) chunk: usize,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read_by_offset() {
        let at = |part: Option<usize>, offset| Location {
            inline_node: part.map_or(InlineNode::FUNCTION, InlineNode::inlined),
            offset,
        };
        // Function 7 with 8 inlined, into which 9 is.
        let part = |entry, from| Inlined {
            entry: EntryId(entry),
            from,
        };
        let tables = SideTables {
            traps: [(4, 11), (9, 12)].into(),
            positions: [(4, 1), (9, 0)].into(),
            locations: [at(None, 100), at(Some(1), 300)].into(),
            inlined: [part(8, at(None, 120)), part(9, at(Some(0), 220))].into(),
        };
        assert_eq!(
            [4, 5, 9].map(|o| tables.trap(o)),
            [Some(11), None, Some(12)]
        );
        assert_eq!(tables.location(5), None);
        assert_eq!(tables.location(9), Some(at(None, 100)));
        let frames = |place| -> Vec<(u32, u32)> {
            let frames = tables.frames(EntryId(7), place);
            frames.map(|(entry, offset)| (entry.0, offset)).collect()
        };
        let inner = tables.location(4).unwrap();
        assert_eq!(frames(inner), [(9, 300), (8, 220), (7, 120)]);
        assert_eq!(frames(at(None, 100)), [(7, 100)]);
        assert_eq!(tables.inlined_functions(), [EntryId(8), EntryId(9)]);
    }
}
