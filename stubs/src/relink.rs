//! Pointing entries, and the call sites that follow them, to other code.
//!
//! The entry word is the truth. It is set first, by one store, and from then on every call through the stub
//! reaches the new code. Call sites follow under the same lock. Nothing is wrong if a core sees a patch
//! late, since the old code stays until every core and stack has been seen without it (`retire`).
//!
//! Invariants: [ENTRY] a word holds its lazy half or the start of a published body of that entry. [SITES]
//! after [`CodeSpace::point`] every site of every body that is not freed goes to its callee's stub or
//! current body, retired callers included, which may still be running.

use crate::arch;
use crate::functions::Edge;
use crate::ids::EntryId;
use crate::published::{CallSite, PublishedBody};
use crate::space::{CodeSpace, State};
use crate::sys;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl CodeSpace {
    /// Returns the target that a site should have, given the start of its callee's code, and records in the
    /// site whether it is direct.
    pub(crate) fn choose_target(&self, site: &CallSite, code: Option<usize>) -> usize {
        let direct = code.filter(|_| self.patch_sites && !site.crossing);
        site.direct.store(direct.is_some(), Ordering::Relaxed);
        direct.unwrap_or_else(|| self.stub_address(site.callee))
    }

    /// Steps 5 to 7 of publishing: points an entry to a body, or to its stub.
    pub(crate) fn point(&self, state: &mut State, entry: EntryId, body: Option<&PublishedBody>) {
        let code = body.map(|body| body.start);
        let target = code.unwrap_or_else(|| self.lazy_half(entry));
        self.word(entry).store(target, Ordering::SeqCst);
        state.stats.relinks += 1;

        if self.patch_sites {
            state.stats.patches += self.relink(state.functions.callers(entry), code);
        }

        let replaced = state.functions.set_current(entry, body);
        if let Some(replaced) = replaced
            && replaced.pins.load(Ordering::Relaxed) == 0
            && !state.functions.is_current(&replaced)
        {
            self.retire(state, replaced);
        }
    }

    /// Step 6: patches the sites of these edges that can be patched. Returns how many.
    fn relink<'a>(&self, edges: impl Iterator<Item = Edge<'a>>, code: Option<usize>) -> u64 {
        let mut written = 0;
        for edge in edges {
            for site in edge.sites.iter().filter(|site| !site.crossing) {
                let target = self.choose_target(site, code);
                let at = edge.caller.start + site.offset as usize;
                let writable = self.mapping.patchable(at - self.mapping.executable());
                // SAFETY: [SITES] the site belongs to a body that is not freed, since its edge is still
                // there; its displacement does not cross; the relink lock is held.
                unsafe { arch::patch_branch(writable, at, target) };
                written += 1;
            }
        }
        written
    }

    /// Makes this pinned body the current one of its function. Does nothing, and returns false, if the
    /// body is not pinned or has been retired.
    pub fn switch(&self, body: &Arc<PublishedBody>) -> bool {
        if self.check_process().is_err() {
            return false;
        }
        assert!(self.owns(body), "a body of this space is switched to");
        let mut state = self.lock();
        if body.pins.load(Ordering::Relaxed) == 0 || body.retired.load(Ordering::Relaxed) {
            return false;
        }
        self.point(&mut state, body.entry, Some(body));
        true
    }

    /// Returns when a thread that then calls a function reaches what its entry points to now. Until then,
    /// another core, or this one, may have fetched the old displacement of a call site.
    pub fn synchronise(&self) {
        if self.check_process().is_ok() && !sys::synchronise_cores() {
            // The system refuses to do it for all cores. The code of a store is run by one thread, and a
            // thread that moves to another core is serialised by that.
            arch::serialise();
        }
    }

    /// Resets a function to its stub, so that its next call is a first call again. All its
    /// bodies, pinned ones too, are retired.
    pub fn reset_to_stub(&self, entry: EntryId) {
        if self.check_process().is_err() {
            return;
        }
        let mut state = self.lock();
        self.withdraw(&mut state, entry);
    }

    /// Resets a function to its stub and retires all its bodies.
    pub(crate) fn withdraw(&self, state: &mut State, entry: EntryId) {
        if state.functions.current(entry).is_some() {
            self.point(state, entry, None);
        }
        let bodies: Vec<_> = state.functions.bodies_of(entry).cloned().collect();
        for body in bodies {
            body.pins.store(0, Ordering::Relaxed);
            self.retire(state, body);
        }
    }
}
