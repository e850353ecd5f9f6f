//! Which entries are in use.
//!
//! Entries are allocated and released in blocks. The entries of a released block are used again only when no
//! body belongs to them, calls them or has them inlined: a body of theirs may still be on a stack, and a body
//! that calls them holds the addresses of their stubs. Until then the block is in quarantine.
//!
//! This file only keeps numbers; `entry_stubs` writes the words and stubs. It is used under the relink lock.
//! Invariant: each number below `next` is in a block in use, in a block in quarantine, or free.

use crate::functions::Functions;
use crate::ids::{EntryBlock, EntryId};
use std::collections::BTreeMap;

/// A released block.
#[derive(Debug)]
struct Quarantined {
    block: EntryBlock,
    /// Its entries that are still used by bodies. The list only shrinks: released entries get no new
    /// bodies and no new callers.
    waits_for: Vec<EntryId>,
}

/// The numbers of entries.
#[derive(Debug)]
pub(crate) struct EntryTable {
    limit: u32,
    next: u32,
    /// First number of a free range -> its length.
    free: BTreeMap<u32, u32>,
    quarantine: Vec<Quarantined>,
    /// Entries in blocks that are in use.
    pub in_use: u64,
}

impl EntryTable {
    pub(crate) fn new(limit: u32) -> EntryTable {
        EntryTable {
            limit,
            next: 0,
            free: BTreeMap::new(),
            quarantine: Vec::new(),
            in_use: 0,
        }
    }

    /// Takes this many consecutive numbers, if there are.
    pub(crate) fn take(&mut self, count: u32) -> Option<EntryBlock> {
        let fitting = self.free.iter().filter(|(_, len)| **len >= count);
        let first = match fitting.min_by_key(|(_, len)| **len) {
            Some((&first, &len)) => {
                self.free.remove(&first);
                if len > count {
                    self.free.insert(first + count, len - count);
                }
                first
            }
            None => {
                let end = self.next.checked_add(count);
                let end = end.filter(|end| *end <= self.limit)?;
                std::mem::replace(&mut self.next, end)
            }
        };
        self.in_use += u64::from(count);
        Some(EntryBlock {
            first: EntryId(first),
            len: count,
        })
    }

    /// Puts a block in quarantine.
    pub(crate) fn release(&mut self, block: EntryBlock, functions: &Functions) {
        self.in_use -= u64::from(block.len);
        let waits_for = functions.used_in(block);
        self.quarantine.push(Quarantined { block, waits_for });
        self.end_quarantine(functions);
    }

    /// Frees the blocks whose entries are not used any more.
    pub(crate) fn end_quarantine(&mut self, functions: &Functions) {
        let mut ended = Vec::new();
        self.quarantine.retain_mut(|released| {
            released
                .waits_for
                .retain(|entry| !functions.is_unused(*entry));
            let waits = !released.waits_for.is_empty();
            if !waits {
                ended.push(released.block);
            }
            waits
        });
        for block in ended {
            self.give(block.first.0, block.len);
        }
    }

    fn give(&mut self, mut first: u32, mut len: u32) {
        if let Some((&before, &before_len)) = self.free.range(..first).next_back()
            && before + before_len == first
        {
            self.free.remove(&before);
            first = before;
            len += before_len;
        }
        if let Some(after) = self.free.remove(&(first + len)) {
            len += after;
        }
        if first + len == self.next {
            self.next = first;
        } else {
            self.free.insert(first, len);
        }
    }

    /// All numbers that are or were in use.
    pub(crate) fn all(&self) -> impl Iterator<Item = EntryId> {
        (0..self.next).map(EntryId)
    }

    /// Blocks in quarantine.
    pub(crate) fn quarantined(&self) -> usize {
        self.quarantine.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_again_and_ranges_are_merged() {
        let mut table = EntryTable::new(100);
        let functions = Functions::default();
        let blocks: Vec<EntryBlock> = (0..4).map(|_| table.take(10).unwrap()).collect();
        table.release(blocks[0], &functions);
        table.release(blocks[1], &functions);
        assert_eq!(table.free, BTreeMap::from([(0, 20)]));
        assert_eq!(table.take(20).unwrap().first, EntryId(0));
        assert_eq!(table.take(61), None, "the limit holds");
        assert_eq!(table.take(60).unwrap().first, EntryId(40));
        assert_eq!(table.in_use, 100);
    }

    #[test]
    fn what_is_left_of_a_range_is_free() {
        let mut table = EntryTable::new(100);
        let functions = Functions::default();
        let blocks: Vec<EntryBlock> = (0..5).map(|_| table.take(10).unwrap()).collect();
        table.release(blocks[1], &functions);
        assert_eq!(table.take(4).unwrap().first, EntryId(10));
        assert_eq!(table.free, BTreeMap::from([(14, 6)]));
        assert_eq!(table.take(6).unwrap().first, EntryId(14));
        assert_eq!(table.free, BTreeMap::new(), "no empty ranges");
        // The last of three neighbours to be released joins the other two.
        for at in [0, 3, 2] {
            table.release(blocks[at], &functions);
        }
        assert_eq!(table.free, BTreeMap::from([(0, 10), (20, 20)]));
    }

    #[test]
    fn the_end_of_the_table_is_used_again() {
        let mut table = EntryTable::new(100);
        let functions = Functions::default();
        let (first, second) = (table.take(30).unwrap(), table.take(30).unwrap());
        table.release(first, &functions);
        table.release(second, &functions);
        assert_eq!((table.next, table.free.len()), (0, 0));
    }
}
