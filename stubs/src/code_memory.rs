//! The part of the arena that holds code: which addresses are in use, and by which group.
//!
//! ```text
//! arena   | shared path | entry stubs (by id) | chunk | chunk | free | chunk ... | never used
//! chunk   | body | body | ...                 whole pages of one group, allocated upwards
//! ```
//! A group's first chunk has one page; each later one is twice as large. Bodies are freed one by one. Whole
//! pages without a live body are returned to the system at once, addresses when the last body of a closed
//! chunk is freed. Free ranges of addresses are merged with their neighbours, and the one that fits best is
//! used first.
//!
//! Finding room for a body takes two array accesses, for its group and for the group's open chunk; only
//! opening a chunk searches.
//!
//! This file only does the accounts: it touches no code. It is used under the relink lock.
//! Invariants: chunks and free ranges never overlap; a chunk is in the code map from when it is made until
//! its addresses are released.

use crate::chunk::Chunk;
use crate::code_map::CodeMap;
use crate::ids::GroupId;
use crate::sys::PAGE;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the largest chunk, unless a single body needs more.
const MAX_CHUNK: usize = 1 << 20;

/// The system is asked for pages of a chunk in steps of this many bytes. Measured: with 16 KiB, or a fault
/// for each page, a body of 1,800 bytes takes 0.2 us longer to publish, 1 us with cold caches. A small chunk
/// is provided as a whole, so at most as much again as a group uses, and less than a step, is never written.
const PROVIDE_STEP: usize = 64 << 10;

/// Position of a chunk in the accounts. It is used again when the chunk's addresses are released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChunkId(u32);

/// The accounts of a chunk.
#[derive(Debug)]
struct ChunkState {
    chunk: Arc<Chunk>,
    used: usize,
    /// Bytes from the chunk's start whose pages the system was asked to provide.
    provided: usize,
    /// Live bodies that touch each page.
    live_on_page: Box<[u16]>,
    live: u32,
    /// No more bodies will be placed in it.
    closed: bool,
}

/// Where a body is placed.
pub(crate) struct Placement {
    pub chunk: ChunkId,
    /// Offset of the chunk in the arena.
    pub chunk_offset: usize,
    /// Offset in the chunk.
    pub start: usize,
    /// Offsets in the arena of pages that are written next, by this body and by those after it.
    pub provide: Range<usize>,
}

/// What a body needs.
pub(crate) struct PlaceRequest {
    pub group: GroupId,
    pub len: usize,
    /// How far after the first free byte the chosen start may be, at most.
    pub slack: usize,
}

/// The chunks of one group.
#[derive(Debug)]
struct Group {
    generation: u32,
    /// The chunk that bodies are placed in.
    open: Option<ChunkId>,
    next_len: usize,
}

/// The accounts of the whole arena. Offsets are in the arena.
#[derive(Debug)]
pub(crate) struct CodeMemory {
    /// Free ranges that were used before: offset -> length.
    free: BTreeMap<usize, usize>,
    /// Everything from this offset on was never used, or is free again.
    fresh: usize,
    end: usize,
    /// By id; `None` where an id is free.
    chunks: Vec<Option<ChunkState>>,
    free_chunks: Vec<u32>,
    /// By position.
    groups: Vec<Group>,
    free_groups: Vec<u32>,
    /// Whether bodies may share a page. They may not where pages are sealed one by one.
    share_pages: bool,
    /// Pages whose contents are not needed any more, to be returned to the system.
    discards: Vec<Range<usize>>,
}

impl CodeMemory {
    pub(crate) fn new(range: Range<usize>, share_pages: bool) -> CodeMemory {
        CodeMemory {
            free: BTreeMap::new(),
            fresh: range.start,
            end: range.end,
            chunks: Vec::new(),
            free_chunks: Vec::new(),
            groups: Vec::new(),
            free_groups: Vec::new(),
            share_pages,
            discards: Vec::new(),
        }
    }

    pub(crate) fn add_group(&mut self) -> GroupId {
        let at = self.free_groups.pop().unwrap_or_else(|| {
            self.groups.push(Group {
                generation: 0,
                open: None,
                next_len: PAGE,
            });
            (self.groups.len() - 1) as u32
        });
        GroupId {
            at,
            generation: self.groups[at as usize].generation,
        }
    }

    fn group(&mut self, id: GroupId) -> Option<&mut Group> {
        let group = self.groups.get_mut(id.at as usize)?;
        (group.generation == id.generation).then_some(group)
    }

    /// Closes the group's last chunk. An unknown group is one that was removed before.
    pub(crate) fn remove_group(&mut self, id: GroupId, map: &CodeMap) {
        let Some(group) = self.group(id) else { return };
        group.generation += 1;
        group.next_len = PAGE;
        let open = group.open.take();
        self.free_groups.push(id.at);
        if let Some(chunk) = open {
            self.close(chunk, map);
        }
    }

    fn state(&mut self, chunk: ChunkId) -> &mut ChunkState {
        let state = self.chunks[chunk.0 as usize].as_mut();
        state.expect("a chunk with a body, or an open one, exists")
    }

    /// Allocates memory for a body. `choose` gets the first free offset and returns the offset of the start,
    /// at most `slack` bytes later. Returns `None` if the memory is full.
    ///
    /// # Panics
    /// If the group was removed.
    pub(crate) fn allocate(
        &mut self,
        wanted: &PlaceRequest,
        map: &CodeMap,
        choose: impl Fn(usize) -> usize,
    ) -> Option<Placement> {
        let most = wanted.len + wanted.slack;
        let open = self.group(wanted.group).expect("the group exists").open;
        let fits = |chunk: &ChunkId| {
            let state = self.chunks[chunk.0 as usize].as_ref();
            state.is_some_and(|state| {
                state.used + most <= state.chunk.len && state.chunk.has_place()
            })
        };
        let chunk = match open.filter(fits) {
            Some(chunk) => chunk,
            None => self.open_chunk(wanted.group, most, map)?,
        };
        let share_pages = self.share_pages;
        let state = self.state(chunk);
        let chunk_offset = state.chunk.offset;
        let start = choose(chunk_offset + state.used) - chunk_offset;
        assert!(start - state.used <= wanted.slack, "the start is in reach");
        state.used = start + wanted.len;
        let provided = state.provided;
        if provided < state.used {
            let ahead = state
                .used
                .next_multiple_of(PAGE)
                .max(provided + PROVIDE_STEP);
            state.provided = ahead.min(state.chunk.len);
        }
        let provide = chunk_offset + provided..chunk_offset + state.provided;
        state.live += 1;
        for page in &mut state.live_on_page[pages(start, wanted.len)] {
            *page += 1;
        }
        if !share_pages {
            self.group(wanted.group).expect("the group exists").open = None;
            self.close(chunk, map);
        }
        Some(Placement {
            chunk,
            chunk_offset,
            start,
            provide,
        })
    }

    fn open_chunk(&mut self, group: GroupId, least: usize, map: &CodeMap) -> Option<ChunkId> {
        let least = least.next_multiple_of(PAGE);
        let next_len = if self.share_pages {
            self.groups[group.at as usize].next_len
        } else {
            PAGE
        };
        let len = next_len.max(least);
        // If only less is left, the smallest chunk that holds the body will do.
        let (offset, len) = match self.allocate_pages(len) {
            Some(offset) => (offset, len),
            None => (self.allocate_pages(least)?, least),
        };
        let chunk = Arc::new(Chunk::new(offset, len));
        map.insert(&chunk);
        let state = Some(ChunkState {
            chunk,
            used: 0,
            provided: 0,
            live_on_page: vec![0; len / PAGE].into_boxed_slice(),
            live: 0,
            closed: false,
        });
        let id = match self.free_chunks.pop() {
            Some(free) => {
                self.chunks[free as usize] = state;
                ChunkId(free)
            }
            None => {
                self.chunks.push(state);
                ChunkId((self.chunks.len() - 1) as u32)
            }
        };
        let group = &mut self.groups[group.at as usize];
        group.next_len = (group.next_len * 2).min(MAX_CHUNK);
        if let Some(full) = group.open.replace(id) {
            self.close(full, map);
        }
        Some(id)
    }

    fn close(&mut self, chunk: ChunkId, map: &CodeMap) {
        let state = self.state(chunk);
        state.closed = true;
        if state.live == 0 {
            self.free_chunk(chunk, map);
        }
    }

    /// A chunk that has a body.
    ///
    /// # Panics
    /// If it was freed.
    pub(crate) fn chunk(&self, chunk: ChunkId) -> &Chunk {
        let state = self.chunks[chunk.0 as usize].as_ref();
        &state.expect("a chunk with a body exists").chunk
    }

    /// Releases the memory of a body that no stack and no core can reach any more.
    pub(crate) fn release(&mut self, chunk: ChunkId, start: usize, len: usize, map: &CodeMap) {
        let state = self.chunks[chunk.0 as usize].as_mut();
        let state = state.expect("a chunk with a body exists");
        state.live -= 1;
        if state.live == 0 && state.closed {
            self.free_chunk(chunk, map);
            return;
        }
        // The last page is still being filled, unless the chunk is closed.
        let complete = if state.closed {
            state.live_on_page.len()
        } else {
            state.used / PAGE
        };
        let offset = state.chunk.offset;
        for page in pages(start, len) {
            state.live_on_page[page] -= 1;
            if state.live_on_page[page] == 0 && page < complete {
                let from = offset + page * PAGE;
                self.discards.push(from..from + PAGE);
            }
        }
    }

    fn free_chunk(&mut self, chunk: ChunkId, map: &CodeMap) {
        let state = self.chunks[chunk.0 as usize].take();
        let chunk_of_bodies = state.expect("the chunk exists").chunk;
        self.free_chunks.push(chunk.0);
        map.remove(&chunk_of_bodies);
        let (offset, len) = (chunk_of_bodies.offset, chunk_of_bodies.len);
        self.discards.push(offset..offset + len);
        self.release_pages(offset, len);
    }

    fn allocate_pages(&mut self, len: usize) -> Option<usize> {
        let fitting = self.free.iter().filter(|(_, free)| **free >= len);
        if let Some((&offset, &free)) = fitting.min_by_key(|(_, free)| **free) {
            self.free.remove(&offset);
            if free > len {
                self.free.insert(offset + len, free - len);
            }
            return Some(offset);
        }
        let offset = self.fresh;
        (len <= self.end - offset).then(|| self.fresh += len)?;
        Some(offset)
    }

    fn release_pages(&mut self, mut offset: usize, mut len: usize) {
        if let Some((&before, &before_len)) = self.free.range(..offset).next_back()
            && before + before_len == offset
        {
            self.free.remove(&before);
            offset = before;
            len += before_len;
        }
        if let Some(after_len) = self.free.remove(&(offset + len)) {
            len += after_len;
        }
        if offset + len == self.fresh {
            self.fresh = offset;
        } else {
            self.free.insert(offset, len);
        }
    }

    /// Pages that have become unneeded since the last call. They must be returned to the system before
    /// anything is allocated again.
    pub(crate) fn take_discards(&mut self) -> Vec<Range<usize>> {
        std::mem::take(&mut self.discards)
    }

    /// End of what is in use.
    pub(crate) fn high_water(&self) -> usize {
        self.fresh
    }
}

fn pages(start: usize, len: usize) -> Range<usize> {
    start / PAGE..(start + len).div_ceil(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: usize = 16 * PAGE;

    fn memory(pages: usize, share_pages: bool) -> (CodeMemory, CodeMap) {
        let end = START + pages * PAGE;
        (CodeMemory::new(START..end, share_pages), CodeMap::new(end))
    }

    fn take(
        memory: &mut CodeMemory,
        map: &CodeMap,
        group: GroupId,
        len: usize,
    ) -> Option<Placement> {
        let wanted = PlaceRequest {
            group,
            len,
            slack: 0,
        };
        memory.allocate(&wanted, map, |offset| offset)
    }

    fn discarded(memory: &mut CodeMemory) -> Vec<(usize, usize)> {
        let discards = memory.take_discards();
        discards.iter().map(|d| (d.start, d.len())).collect()
    }

    #[test]
    fn chunks_double_and_a_large_body_gets_its_own_size() {
        let (mut memory, map) = memory(1024, true);
        let group = memory.add_group();
        let lengths: Vec<usize> = [PAGE, 2 * PAGE, 4 * PAGE, 100 * PAGE]
            .into_iter()
            .map(|len| {
                let chunk = take(&mut memory, &map, group, len).unwrap().chunk;
                memory.chunk(chunk).len
            })
            .collect();
        assert_eq!(lengths, [PAGE, 2 * PAGE, 4 * PAGE, 100 * PAGE]);
        let next = take(&mut memory, &map, group, 10).unwrap();
        let chunk = memory.chunk(next.chunk);
        assert_eq!(chunk.len, 16 * PAGE, "doubling went on meanwhile");
    }

    #[test]
    fn pages_without_a_live_body_are_given_back_before_their_chunk() {
        let (mut memory, map) = memory(64, true);
        let group = memory.add_group();
        let filler = take(&mut memory, &map, group, PAGE).unwrap();
        let first = take(&mut memory, &map, group, PAGE).unwrap();
        let second = take(&mut memory, &map, group, 100).unwrap();
        assert_eq!(first.chunk, second.chunk);
        memory.release(first.chunk, first.start, PAGE, &map);
        let offset = first.chunk_offset;
        assert_eq!(discarded(&mut memory), [(offset, PAGE)]);
        // The page that is still being filled stays, and the addresses too.
        memory.release(second.chunk, second.start, 100, &map);
        assert_eq!(discarded(&mut memory), []);
        assert!(!map.chunk_at(offset).is_null());
        memory.remove_group(group, &map);
        assert_eq!(discarded(&mut memory), [(offset, 2 * PAGE)]);
        let pages = [offset, offset + PAGE];
        assert!(pages.iter().all(|page| map.chunk_at(*page).is_null()));
        memory.release(filler.chunk, filler.start, PAGE, &map);
        assert_eq!(memory.high_water(), START, "all of it is free again");
        assert!(memory.free.is_empty() && memory.chunks.iter().all(Option::is_none));
    }

    #[test]
    fn free_ranges_are_merged_and_the_best_fit_is_used() {
        let (mut memory, _) = memory(64, true);
        let offsets: Vec<usize> = (0..6)
            .map(|_| memory.allocate_pages(PAGE).unwrap())
            .collect();
        memory.release_pages(offsets[0], PAGE);
        memory.release_pages(offsets[2], PAGE);
        memory.release_pages(offsets[3], PAGE);
        assert_eq!(memory.allocate_pages(PAGE), Some(offsets[0]), "best fit");
        assert_eq!(memory.allocate_pages(2 * PAGE), Some(offsets[2]), "merged");
        assert_eq!(memory.allocate_pages(2 * PAGE), Some(START + 6 * PAGE));
    }

    #[test]
    fn the_last_pages_hold_a_body_if_not_a_whole_chunk() {
        let (mut memory, map) = memory(4, true);
        let group = memory.add_group();
        assert!(take(&mut memory, &map, group, PAGE).is_some());
        assert!(take(&mut memory, &map, group, 2 * PAGE).is_some());
        assert!(take(&mut memory, &map, group, PAGE).is_some());
        assert!(take(&mut memory, &map, group, 1).is_none());
    }

    #[test]
    fn bodies_that_may_not_share_pages_do_not() {
        let (mut memory, map) = memory(64, false);
        let group = memory.add_group();
        let first = take(&mut memory, &map, group, 10).unwrap();
        let second = take(&mut memory, &map, group, 10).unwrap();
        assert_ne!(first.chunk_offset, second.chunk_offset);
        memory.release(first.chunk, first.start, 10, &map);
        let offset = first.chunk_offset;
        assert_eq!(discarded(&mut memory), [(offset, PAGE)]);
        let third = take(&mut memory, &map, group, 10).unwrap();
        assert_eq!(third.chunk_offset, offset, "used again at once");
    }

    #[test]
    fn pages_are_provided_once_and_before_they_are_written() {
        let (mut memory, map) = memory(1024, true);
        let group = memory.add_group();
        let (mut provided, mut steps) = (START..START, 0);
        for len in std::iter::repeat_n(1000, 1000) {
            let body = take(&mut memory, &map, group, len).unwrap();
            let (start, provide) = (body.chunk_offset + body.start, body.provide);
            if !provide.is_empty() {
                // Chunks follow each other here.
                let left = provided.end..provide.start;
                assert!(left.is_empty() || !provided.contains(&start));
                assert!(provide.len() <= PROVIDE_STEP && provide.end % PAGE == 0);
                provided.end = provide.end;
                steps += 1;
            }
            assert!(provided.start <= start && start + len <= provided.end);
        }
        assert!((1000 * 1000 / PROVIDE_STEP..30).contains(&steps), "{steps}");
        // One that is larger than a step is provided as a whole.
        let large = take(&mut memory, &map, group, 5 * PROVIDE_STEP).unwrap();
        let (start, provide) = (large.chunk_offset + large.start, large.provide);
        assert!(provide.end >= start + 5 * PROVIDE_STEP);
    }

    #[test]
    fn a_group_in_the_place_of_a_removed_one_is_another() {
        let (mut memory, map) = memory(64, true);
        let old = memory.add_group();
        for len in [PAGE, 2 * PAGE] {
            take(&mut memory, &map, old, len).unwrap();
        }
        memory.remove_group(old, &map);
        let new = memory.add_group();
        assert_eq!((new.at, new == old), (old.at, false));
        let body = take(&mut memory, &map, new, 10).unwrap();
        assert_eq!(memory.chunk(body.chunk).len, PAGE, "it begins small again");
        // Removing the old one again does not close the new one's chunk.
        memory.remove_group(old, &map);
        let next = take(&mut memory, &map, new, 10).unwrap();
        assert_eq!((next.chunk, next.start), (body.chunk, 10));
        assert_ne!(memory.add_group().at, new.at);
    }
}
