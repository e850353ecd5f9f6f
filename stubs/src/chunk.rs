//! A chunk: consecutive pages of code of one group, and the bodies in them by address.
//!
//! The array of bodies is read without a lock and by signal handlers. It only grows, and a place is complete
//! before it is counted, so a reader sees a sorted prefix. Bodies become findable in [`Chunk::add`] and are
//! withdrawn in [`Chunk::remove`], nowhere else. Only the holder of the relink lock writes here.

use crate::published::PublishedBody;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Bytes of code per place in a chunk's array of bodies. A chunk whose places are used up counts as full.
/// Guessed: the bodies of real programs are mostly larger, and untouched places of large chunks cost no
/// memory.
const BYTES_PER_PLACE: usize = 128;

/// An element of a chunk's array of bodies.
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
        // SAFETY: zero and null are the values of an unused place. Zeroed memory is requested so that
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

    /// Makes a body findable whose first byte is at this offset of the chunk. Bodies are added in the order
    /// of their addresses.
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

    /// The last body that starts at or before this offset of the chunk; null if there is none or it was
    /// withdrawn.
    pub(crate) fn find(&self, offset: usize) -> *const PublishedBody {
        self.position(offset).map_or(std::ptr::null(), |at| {
            self.places[at].body.load(Ordering::Acquire).cast_const()
        })
    }
}
