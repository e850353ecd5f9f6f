//! The map from addresses to bodies. It is read without a lock, by signal handlers too.
//!
//! ```text
//! address -> page of the arena -> chunk -> places, ordered by address -> body
//! ```
//! A caller who asks for an address inside a body knows that the body is alive, so neither it nor its chunk
//! is freed under the reader ([OUTLIVE]). Bodies are added and removed in their chunk, nowhere else.
//!
//! Only the holder of the relink lock writes here.

use crate::chunk::Chunk;
use crate::published::PublishedBody;
use crate::sys::PAGE;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// From a page of the arena to its chunk.
#[derive(Debug)]
pub(crate) struct CodeMap {
    pages: Box<[AtomicPtr<Chunk>]>,
}

impl CodeMap {
    pub(crate) fn new(code_len: usize) -> CodeMap {
        // SAFETY: a null `AtomicPtr` is all zeros. Zeroed memory is requested so that untouched parts
        // cost nothing.
        let pages =
            unsafe { Box::<[AtomicPtr<Chunk>]>::new_zeroed_slice(code_len / PAGE).assume_init() };
        CodeMap { pages }
    }

    /// The body whose code is at an offset of the arena. Takes no lock, allocates nothing.
    ///
    /// # Safety
    /// If the offset is in a chunk, then it is in a trampoline or in a live body, which stays alive as long
    /// as the result is used.
    pub(crate) unsafe fn find<'a>(&self, offset: usize) -> Option<&'a PublishedBody> {
        // SAFETY: [OUTLIVE] the chunk has a live body or a trampoline, by the caller's promise, so it is
        // alive.
        let chunk = unsafe { self.chunk_at(offset).as_ref()? };
        // SAFETY: [OUTLIVE] a body that is found is alive, by the caller's promise.
        let body = unsafe { chunk.find(offset - chunk.offset).as_ref()? };
        (offset - chunk.offset - body.offset_in_chunk < body.len).then_some(body)
    }

    /// The chunk that an offset of the arena is in; null if there is none.
    pub(crate) fn chunk_at(&self, offset: usize) -> *const Chunk {
        let page = self.pages.get(offset / PAGE);
        page.map_or(std::ptr::null(), |page| page.load(Ordering::Acquire))
    }

    /// Maps the chunk's pages to it. The caller removes them before the chunk is freed.
    pub(crate) fn insert(&self, chunk: &Arc<Chunk>) {
        self.set(chunk, Arc::as_ptr(chunk).cast_mut());
    }

    /// Removes the chunk's pages.
    pub(crate) fn remove(&self, chunk: &Chunk) {
        self.set(chunk, std::ptr::null_mut());
    }

    fn set(&self, chunk: &Chunk, value: *mut Chunk) {
        for page in &self.pages[chunk.offset / PAGE..(chunk.offset + chunk.len) / PAGE] {
            page.store(value, Ordering::Release);
        }
    }
}
