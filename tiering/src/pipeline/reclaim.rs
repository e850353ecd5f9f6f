//! Decides when replaced code is freed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use stubs::{CodeSpace, Reclaimed};

/// Frees retired code of an engine.
#[derive(Debug, Default)]
pub(crate) struct Reclaimer {
    /// The engine's code space, which is known once the first linkage is attached.
    code: OnceLock<Weak<CodeSpace>>,
    /// Bytes of retired code that stacks still held at the last attempt to free it.
    held: AtomicUsize,
}

impl Reclaimer {
    /// Sets the engine's code space.
    pub(crate) fn attach(&self, space: &Arc<CodeSpace>) {
        self.code.get_or_init(|| Arc::downgrade(space));
    }

    /// Frees retired code if there are at least this many bytes of it, and at least twice as many as could
    /// not be freed the last time: a deep stack may hold much of it for long, and scanning takes time in
    /// proportion to the depth of the stack.
    pub(crate) fn reclaim_from(&self, bytes: usize) -> Option<Reclaimed> {
        self.reclaim(bytes.max(2 * self.held.load(Ordering::Relaxed)))
    }

    /// Frees retired code if there are at least this many bytes of it.
    pub(crate) fn reclaim(&self, bytes: usize) -> Option<Reclaimed> {
        let code = self.code.get()?.upgrade()?;
        if code.pending_bytes() < bytes {
            return None;
        }
        let done = code.reclaim();
        self.held.store(code.pending_bytes(), Ordering::Relaxed);
        Some(done)
    }
}
