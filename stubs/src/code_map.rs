//! The map from addresses to bodies, read without a lock and by signal handlers.
//!
//! ```text
//! address -> page of the arena -> chunk -> places, ordered by address -> body
//! ```
//! A chunk's array of places only grows, and a place is complete before it is counted, so a reader sees
//! a sorted prefix. Whoever asks for an address inside a body knows that the body is alive, so that neither
//! it nor its chunk is freed under the reader ([OUTLIVE]). Bodies are made findable in
//! [`Chunk::add`] and withdrawn in [`Chunk::remove`], nowhere else.
//!
//! Absent: writers beside the holder of the relink lock.

use crate::published::PublishedBody;
use crate::sys::PAGE;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Least bytes of code for each place in a chunk's array of bodies; a chunk whose places are used
/// up counts as full. Guessed: the bodies of real programs are mostly larger, and untouched places
/// of large chunks cost no memory.
const BYTES_PER_PLACE: usize = 128;

/// A place for a body in a chunk.
#[derive(Debug)]
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
    pub(crate) fn new(offset: usize, len: usize) -> Chunk {
        let count = len.div_ceil(BYTES_PER_PLACE);
        // SAFETY: zero and null are the values of an unused place; zeroed memory is asked for so that
        // untouched parts of a large array cost nothing.
        let places = unsafe { Box::<[Place]>::new_zeroed_slice(count).assume_init() };
        Chunk {
            offset,
            len,
            places,
            count: AtomicU32::new(0),
        }
    }

    pub(crate) fn has_place(&self) -> bool {
        (self.count.load(Ordering::Relaxed) as usize) < self.places.len()
    }

    /// Makes a body findable, whose first byte is at this offset of the chunk. Bodies come in the order of
    /// their addresses.
    pub(crate) fn add(&self, start: usize, body: &Arc<PublishedBody>) {
        let at = self.count.load(Ordering::Relaxed);
        let place = &self.places[at as usize];
        place.start.store(start as u32, Ordering::Relaxed);
        place
            .body
            .store(Arc::as_ptr(body).cast_mut(), Ordering::Relaxed);
        self.count.store(at + 1, Ordering::Release);
    }

    /// Withdraws the body at this offset.
    pub(crate) fn remove(&self, start: usize) {
        let at = self.position(start).expect("the body was added");
        self.places[at]
            .body
            .store(std::ptr::null_mut(), Ordering::Release);
    }

    fn position(&self, offset: usize) -> Option<usize> {
        let count = self.count.load(Ordering::Acquire) as usize;
        let after = self.places[..count]
            .partition_point(|place| place.start.load(Ordering::Relaxed) as usize <= offset);
        after.checked_sub(1)
    }

    fn find(&self, offset: usize) -> *const PublishedBody {
        self.position(offset).map_or(std::ptr::null(), |at| {
            self.places[at].body.load(Ordering::Acquire).cast_const()
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
        // SAFETY: a null `AtomicPtr` is all zeros; zeroed memory is asked for so that untouched parts
        // cost nothing.
        let pages =
            unsafe { Box::<[AtomicPtr<Chunk>]>::new_zeroed_slice(code_len / PAGE).assume_init() };
        CodeMap { pages }
    }

    /// The body whose code is at an offset of the arena. Takes no lock, allocates nothing.
    ///
    /// # Safety
    /// If the offset is in a chunk, then it is in a live body, which stays alive as long as the
    /// answer is used.
    pub(crate) unsafe fn find<'a>(&self, offset: usize) -> Option<&'a PublishedBody> {
        // SAFETY: [OUTLIVE] a chunk with a live body is alive, by the caller's promise.
        let chunk = unsafe { self.chunk_at(offset).as_ref()? };
        // SAFETY: [OUTLIVE] and so is the body.
        let body = unsafe { chunk.find(offset - chunk.offset).as_ref()? };
        (offset - chunk.offset - body.offset_in_chunk < body.len).then_some(body)
    }

    /// The chunk that an offset of the arena is in; null if there is none.
    pub(crate) fn chunk_at(&self, offset: usize) -> *const Chunk {
        let page = self.pages.get(offset / PAGE);
        page.map_or(std::ptr::null(), |page| page.load(Ordering::Acquire))
    }

    /// Leads the chunk's pages to it. The caller takes them back before the chunk is freed.
    pub(crate) fn insert(&self, chunk: &Arc<Chunk>) {
        self.set(chunk, Arc::as_ptr(chunk).cast_mut());
    }

    /// Takes the chunk's pages back.
    pub(crate) fn remove(&self, chunk: &Chunk) {
        self.set(chunk, std::ptr::null_mut());
    }

    fn set(&self, chunk: &Chunk, value: *mut Chunk) {
        for page in &self.pages[chunk.offset / PAGE..(chunk.offset + chunk.len) / PAGE] {
            page.store(value, Ordering::Release);
        }
    }
}
