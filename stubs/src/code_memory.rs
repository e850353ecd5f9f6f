//! Chunks: where bodies are kept, and the map from addresses to bodies.
//!
//! ```text
//! arena   | shared path | entry stubs (by id) | chunk | chunk | free | chunk ...
//! chunk   | body | body | ...                 bump allocated, in pages, of one group
//! ```
//! A group's chunks begin at one page and double. Bodies die one by one; whole pages without a live body
//! are given back at once, the address range when the last body of the chunk has died. The map is
//! read without a lock, also by signal handlers: a page leads to its chunk, a chunk has an array of
//! bodies in the order of their addresses that only grows. Whoever asks for an address inside a body
//! knows that the body is alive, so what the answer points to is not freed under it ([OUTLIVE]).

use crate::published::PublishedBody;
use crate::sys::PAGE;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Bytes of the largest chunk that is not made for a single larger body.
const MAX_CHUNK: usize = 1 << 20;

/// Least bytes of code for each place in a chunk's array of bodies; a chunk whose places are used
/// up counts as full.
const BYTES_PER_PLACE: usize = 128;

/// A place for a body in a chunk.
#[derive(Debug, Default)]
struct Place {
    /// Offset of the body's first byte in the chunk.
    start: AtomicU32,
    /// Null once the body is freed.
    body: AtomicPtr<PublishedBody>,
}

/// Consecutive pages of code of one group.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Offset in the arena.
    pub offset: usize,
    pub len: usize,
    places: Box<[Place]>,
    /// Places in use; written under the relink lock, after the place itself.
    count: AtomicU32,
}

impl Chunk {
    fn new(offset: usize, len: usize) -> Chunk {
        let places = (0..len.div_ceil(BYTES_PER_PLACE))
            .map(|_| Place::default())
            .collect();
        Chunk {
            offset,
            len,
            places,
            count: AtomicU32::new(0),
        }
    }

    fn has_place(&self) -> bool {
        (self.count.load(Ordering::Relaxed) as usize) < self.places.len()
    }

    /// Makes a body findable. Bodies come in the order of their addresses.
    pub(crate) fn add(&self, start: usize, body: &Arc<PublishedBody>) {
        let at = self.count.load(Ordering::Relaxed) as usize;
        self.places[at].start.store(start as u32, Ordering::Relaxed);
        self.places[at]
            .body
            .store(Arc::as_ptr(body).cast_mut(), Ordering::Relaxed);
        self.count.store(at as u32 + 1, Ordering::Release);
    }

    fn position(&self, offset: usize) -> Option<usize> {
        let count = self.count.load(Ordering::Acquire) as usize;
        let after = self.places[..count]
            .partition_point(|place| place.start.load(Ordering::Relaxed) as usize <= offset);
        after.checked_sub(1)
    }

    fn remove(&self, start: usize) {
        let at = self.position(start).expect("the body was added");
        self.places[at]
            .body
            .store(std::ptr::null_mut(), Ordering::Release);
    }

    fn find(&self, offset: usize) -> *mut PublishedBody {
        self.position(offset).map_or(std::ptr::null_mut(), |at| {
            self.places[at].body.load(Ordering::Acquire)
        })
    }
}

/// From a page of the arena to its chunk.
#[derive(Debug)]
pub(crate) struct CodeMap {
    pages: Box<[AtomicPtr<Chunk>]>,
}

impl CodeMap {
    pub(crate) fn new(code_len: usize) -> CodeMap {
        let count = code_len / PAGE;
        // SAFETY: a null `AtomicPtr` is all zeros, so zeroed memory is an array of them; it is asked
        // for zeroed so that untouched parts cost nothing.
        let pages = unsafe { Box::<[AtomicPtr<Chunk>]>::new_zeroed_slice(count).assume_init() };
        CodeMap { pages }
    }

    /// The body whose code is at an offset of the arena. Takes no lock, allocates nothing.
    ///
    /// # Safety
    /// If the offset is inside a body, that body must stay alive as long as the answer is used.
    pub(crate) unsafe fn find<'a>(&self, offset: usize) -> Option<&'a PublishedBody> {
        let chunk = self.pages.get(offset / PAGE)?.load(Ordering::Acquire);
        // SAFETY: a chunk with a live body is alive, by the caller's promise.
        let chunk = unsafe { chunk.as_ref()? };
        // SAFETY: and so is the body.
        let body = unsafe { chunk.find(offset - chunk.offset).as_ref()? };
        (offset - chunk.offset - body.offset_in_chunk < body.len).then_some(body)
    }

    fn set(&self, chunk: &Chunk, value: *mut Chunk) {
        for page in &self.pages[chunk.offset / PAGE..(chunk.offset + chunk.len) / PAGE] {
            page.store(value, Ordering::Release);
        }
    }
}

/// What a chunk's owner knows about it.
#[derive(Debug)]
struct ChunkState {
    chunk: Arc<Chunk>,
    used: usize,
    /// Live bodies that touch each page.
    live_on_page: Vec<u16>,
    live: u32,
    /// No more bodies will come.
    closed: bool,
}

/// A body's room: which chunk, and the offset in it.
pub(crate) struct Room {
    pub chunk: Arc<Chunk>,
    pub start: usize,
}

/// The chunks of one group.
#[derive(Debug, Default)]
struct Group {
    current: Option<usize>,
    next_len: usize,
}

/// All of the arena behind the stubs. Used under the relink lock.
#[derive(Debug)]
pub(crate) struct CodeMemory {
    /// Free ranges that were used before: offset -> length.
    free: BTreeMap<usize, usize>,
    /// Everything from here on was never used.
    fresh: usize,
    end: usize,
    /// By offset.
    chunks: BTreeMap<usize, ChunkState>,
    groups: std::collections::HashMap<u32, Group>,
    next_group: u32,
}

/// Pages to be given back to the system: offset and length.
pub(crate) type Discards = Vec<(usize, usize)>;

impl CodeMemory {
    pub(crate) fn new(start: usize, end: usize) -> CodeMemory {
        CodeMemory {
            free: BTreeMap::new(),
            fresh: start,
            end,
            chunks: BTreeMap::new(),
            groups: Default::default(),
            next_group: 0,
        }
    }

    pub(crate) fn add_group(&mut self) -> u32 {
        let id = self.next_group;
        self.next_group += 1;
        self.groups.insert(
            id,
            Group {
                current: None,
                next_len: PAGE,
            },
        );
        id
    }

    pub(crate) fn remove_group(&mut self, group: u32, map: &CodeMap, discards: &mut Discards) {
        if let Some(Group {
            current: Some(offset),
            ..
        }) = self.groups.remove(&group)
        {
            self.close(offset, map, discards);
        }
    }

    fn close(&mut self, offset: usize, map: &CodeMap, discards: &mut Discards) {
        let state = self.chunks.get_mut(&offset).expect("the chunk exists");
        state.closed = true;
        if state.live == 0 {
            self.free_chunk(offset, map, discards);
        }
    }

    fn take_pages(&mut self, len: usize) -> Option<usize> {
        let fitting = self
            .free
            .iter()
            .filter(|(_, free)| **free >= len)
            .min_by_key(|(_, free)| **free);
        if let Some((&offset, &free)) = fitting {
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

    fn give_pages(&mut self, mut offset: usize, mut len: usize) {
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

    /// Room for `len` bytes. `choose` is told the first possible offset in the arena and picks the
    /// offset for the start, at most `slack` bytes later.
    pub(crate) fn take(
        &mut self,
        group: u32,
        len: usize,
        slack: usize,
        map: &CodeMap,
        discards: &mut Discards,
        choose: impl Fn(usize) -> usize,
    ) -> Option<Room> {
        let wanted = len + slack;
        let state = self.groups.get(&group).expect("the group exists");
        let current = state.current.filter(|offset| {
            let state = &self.chunks[offset];
            state.used + wanted <= state.chunk.len && state.chunk.has_place()
        });
        let offset = match current {
            Some(offset) => offset,
            None => {
                let (full, chunk_len) = (
                    state.current,
                    state.next_len.max(wanted.next_multiple_of(PAGE)),
                );
                let offset = self.take_pages(chunk_len)?;
                if let Some(full) = full {
                    self.close(full, map, discards);
                }
                let group = self.groups.get_mut(&group).expect("the group exists");
                group.current = Some(offset);
                group.next_len = (group.next_len * 2).min(MAX_CHUNK);
                self.add_chunk(offset, chunk_len, map);
                offset
            }
        };
        let state = self.chunks.get_mut(&offset).expect("the chunk exists");
        let start = choose(offset + state.used) - offset;
        state.used = start + len;
        state.live += 1;
        for page in &mut state.live_on_page[start / PAGE..(start + len).div_ceil(PAGE)] {
            *page += 1;
        }
        Some(Room {
            chunk: state.chunk.clone(),
            start,
        })
    }

    fn add_chunk(&mut self, offset: usize, len: usize, map: &CodeMap) {
        let chunk = Arc::new(Chunk::new(offset, len));
        map.set(&chunk, Arc::as_ptr(&chunk).cast_mut());
        let live_on_page = vec![0; len / PAGE];
        self.chunks.insert(
            offset,
            ChunkState {
                chunk,
                used: 0,
                live_on_page,
                live: 0,
                closed: false,
            },
        );
    }

    /// Forgets a body that no stack and no core can reach any more.
    pub(crate) fn give(&mut self, body: &PublishedBody, map: &CodeMap, discards: &mut Discards) {
        let offset = body.chunk.offset;
        let start = body.offset_in_chunk;
        body.chunk.remove(start);
        let state = self
            .chunks
            .get_mut(&offset)
            .expect("a chunk with a live body exists");
        state.live -= 1;
        let whole_pages = state.used / PAGE;
        for page in start / PAGE..(start + body.len).div_ceil(PAGE) {
            state.live_on_page[page] -= 1;
            if state.live_on_page[page] == 0 && page < whole_pages {
                discards.push((offset + page * PAGE, PAGE));
            }
        }
        if state.live == 0 && state.closed {
            self.free_chunk(offset, map, discards);
        }
    }

    fn free_chunk(&mut self, offset: usize, map: &CodeMap, discards: &mut Discards) {
        let state = self.chunks.remove(&offset).expect("the chunk exists");
        map.set(&state.chunk, std::ptr::null_mut());
        discards.push((offset, state.chunk.len));
        self.give_pages(offset, state.chunk.len);
    }

    /// End of what was ever used.
    pub(crate) fn high_water(&self) -> usize {
        self.fresh
    }
}
