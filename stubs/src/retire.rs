//! Freeing code that nothing points to any more.
//!
//!  1. [`CodeSpace::point`] has pointed the entry and all sites elsewhere; [`CodeSpace::retire`] puts the
//!     body on a list. It is still linked: it may be running, and its callees may change.
//!  2. [`CodeSpace::reclaim`] copies the list, and makes every core execute a serialising instruction, after
//!     which no core fetches an old displacement.
//!  3. It scans every stack for addresses in these bodies (`stacks`). New activations begin after the
//!     entry was pointed elsewhere, so a body that no stack holds stays free of users.
//!  4. For each body that no stack holds, it calls the listener, if there is one, with no lock held
//!     (`listen`).
//!  5. [`CodeSpace::free`] overwrites these bodies with breakpoints, forgets their edges, and releases their
//!     memory and the released entries that nothing uses any more.
//!
//! Invariant: [OUTLIVE] only step 5 frees, and only what passed steps 2 and 3 after it was retired, or what
//! nothing ever pointed to ([`CodeSpace::remove_unused`]).

use crate::arch;
use crate::listen::{self, Subject};
use crate::published::PublishedBody;
use crate::space::{CodeSpace, State};
use crate::stacks::{self, Responders, StackScan};
use crate::sys;
use std::panic::resume_unwind;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// What [`CodeSpace::reclaim`] did.
#[derive(Clone, Debug, Default)]
pub struct Reclaimed {
    /// The bodies that were freed.
    pub freed: Vec<Arc<PublishedBody>>,
    /// Bytes of code freed.
    pub bytes: usize,
    /// Number of bodies that are retired and not freed: some stack holds them, or a listener is being called
    /// for them.
    pub pending: usize,
    /// Whether a stack could not be scanned, so that all bodies counted as held: its thread did not respond
    /// in time, or has switched to an unknown stack. Another attempt may free more.
    pub incomplete: bool,
}

impl CodeSpace {
    /// Keeps a body from being retired when it is replaced. Returns false, and does nothing, if it has
    /// been retired already.
    pub fn pin(&self, body: &PublishedBody) -> bool {
        if self.check_process().is_err() {
            return false;
        }
        assert!(self.owns(body), "a body of this space is pinned");
        let _state = self.lock();
        if body.retired.load(Ordering::Relaxed) {
            return false;
        }
        body.pins.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Removes a pin. A body that is not current and has no pin is retired.
    pub fn unpin(&self, body: &Arc<PublishedBody>) {
        if self.check_process().is_err() {
            return;
        }
        assert!(self.owns(body), "a body of this space is unpinned");
        let mut state = self.lock();
        let before = body.pins.load(Ordering::Relaxed);
        body.pins.store(before.saturating_sub(1), Ordering::Relaxed);
        if before == 1 && !state.functions.is_current(body) {
            self.retire(&mut state, body.clone());
        }
    }

    /// Step 1: puts a body to which nothing points any more on the list of those to be freed.
    pub(crate) fn retire(&self, state: &mut State, body: Arc<PublishedBody>) {
        if body.retired.swap(true, Ordering::Relaxed) {
            return;
        }
        state.stats.retired += 1;
        self.pending_bytes.fetch_add(body.len, Ordering::Relaxed);
        state.retired.push(body);
    }

    /// Bytes of code that wait to be freed.
    pub fn pending_bytes(&self) -> usize {
        self.pending_bytes.load(Ordering::Relaxed)
    }

    /// Frees the retired bodies that no stack holds. It costs next to nothing if nothing was retired;
    /// otherwise it costs a barrier, a lock of all stacks, and a signal to each thread that runs compiled
    /// code.
    ///
    /// Bodies for whose removal other threads call the listener at this moment are not freed when it returns;
    /// [`CodeSpace::wait_for_removals`] waits for these.
    ///
    /// It may be called by host code that compiled code has called; the stack of its thread is scanned like
    /// the others.
    pub fn reclaim(&self) -> Reclaimed {
        if self.pending_bytes() == 0 || self.check_process().is_err() {
            return Reclaimed::default();
        }
        let one_at_a_time = self.reclaiming.lock();
        let one_at_a_time = one_at_a_time.unwrap_or_else(PoisonError::into_inner);
        let mut candidates = self.candidates();
        candidates.sort_unstable_by_key(|body| body.start);
        // If the barrier is refused, a handshake with every thread replaces it: returning from a signal
        // serialises.
        let responders = if sys::synchronise_cores() {
            Responders::InCode
        } else {
            Responders::All
        };
        let range = |body: &Arc<PublishedBody>| (body.start, body.start + body.len);
        let answer = stacks::scan_stacks(
            StackScan::new(candidates.iter().map(range).collect()),
            responders,
        );

        let incomplete = answer.is_incomplete();
        let mut held = (0..candidates.len()).map(|at| answer.is_held(at));
        candidates.retain(|_| !held.next().expect("as many as there are"));
        let freed = candidates;
        let mut panic = None;
        if let Some(listener) = &self.listener {
            self.claim(&freed);
            drop(one_at_a_time);
            panic = listen::report_removed(&**listener, &freed);
        }
        let mut state = self.lock();
        self.free(&mut state, &freed);
        let pending = state.retired.len();
        if self.listener.is_some() {
            state.reports.end(Subject::Removal);
            self.report_ended.notify_all();
        }
        drop(state);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        Reclaimed {
            bytes: freed.iter().map(|body| body.len).sum(),
            freed,
            pending,
            incomplete,
        }
    }

    /// The retired bodies for which no listener is being called.
    fn candidates(&self) -> Vec<Arc<PublishedBody>> {
        let state = self.lock();
        let not_in_a_listener = |body: &&Arc<PublishedBody>| {
            body.reported.load(Ordering::Acquire) && !body.claimed.load(Ordering::Relaxed)
        };
        let retired = state.retired.iter();
        retired.filter(not_in_a_listener).cloned().collect()
    }

    /// Reserves these bodies for the caller, who reports and then frees them. Until they are freed they count
    /// as retired.
    fn claim(&self, bodies: &[Arc<PublishedBody>]) {
        let mut state = self.lock();
        state.reports.begin(Subject::Removal);
        for body in bodies {
            body.claimed.store(true, Ordering::Relaxed);
        }
    }

    /// Removes bodies that were placed and to which nothing was ever pointed, so that no core and no stack
    /// can use them and steps 2 to 4 have nothing to do. The caller has held the lock since they were placed.
    /// They are not counted.
    pub(crate) fn remove_unused(&self, state: &mut State, bodies: &[Arc<PublishedBody>]) {
        for body in bodies {
            self.retire(state, body.clone());
            let tier = usize::from(body.tier.0);
            state.stats.published[tier] -= 1;
            state.stats.published_bytes[tier] -= body.len as u64;
        }
        self.free(state, bodies);
        state.stats.retired -= bodies.len() as u64;
        state.stats.freed -= bodies.len() as u64;
    }

    /// Step 5. The one place where code is freed.
    fn free(&self, state: &mut State, bodies: &[Arc<PublishedBody>]) {
        for body in bodies {
            body.freed.store(true, Ordering::Relaxed);
            let chunk = state.memory.chunk(body.chunk);
            chunk.remove(body.offset_in_chunk);
            let offset = body.start - self.mapping.executable();
            // SAFETY: [OUTLIVE] nothing runs or holds these bytes any more, by steps 2 and 3 or because
            // nothing ever did. They share pages only where code is patchable. Breakpoints make a mistake
            // visible; it does no harm if the system refuses to write them.
            let _ = unsafe {
                self.mapping.write(offset..offset + body.len, |at| {
                    at.write_bytes(arch::BREAKPOINT, body.len);
                })
            };
            let start = body.offset_in_chunk;
            state.memory.release(body.chunk, start, body.len, &self.map);
            state.code_bytes -= body.len;
            state.stats.freed += 1;
            self.pending_bytes.fetch_sub(body.len, Ordering::Relaxed);
        }
        state.functions.remove(bodies);
        let is_freed = |body: &Arc<PublishedBody>| body.freed.load(Ordering::Relaxed);
        state.retired.retain(|body| !is_freed(body));
        state.entries.end_quarantine(&state.functions);
        self.discard(state);
    }

    /// Returns pages without live code to the system. With debug assertions they stay, full of
    /// breakpoints, until they are used again.
    pub(crate) fn discard(&self, state: &mut State) {
        for pages in state.memory.take_discards() {
            if !cfg!(debug_assertions) {
                self.mapping.discard(pages);
            }
        }
    }
}
