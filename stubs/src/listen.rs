//! Listening to code: what is placed in a code space and what is removed from it, for debuggers and profilers.
//!
//! A listener is given to a space when it is made. It is called while no lock of the space is held, so it may call the
//! space, on whatever thread has placed or freed code, on several threads at once. What it can rely on:
//!
//!  1. Each piece of code is reported as placed once and as removed once, and [`CodeListener::placed`] has returned before
//!     [`CodeListener::removed`] is called for it. A body that is still being reported as placed is not freed
//!     (`reported` of [`PublishedBody`]).
//!  2. While a piece is reported as placed, no other piece overlaps it: memory is used again only after `removed` has
//!     returned (`claimed`; [`CodeSpace::reclaim`] frees after it has reported). The same holds for its entry's number
//!     and for the code map: in `removed`, the body is still found and still readable.
//!  3. `publish` and the other functions that place code return after `placed` has returned, `reclaim` returns after
//!     `removed` has returned for each body that it freed. Dropping the space reports as removed what is left.
//!
//! What it cannot rely on: an order between different pieces. A body can be called as soon as it is published, so it may run
//! before `placed` is called, and of two bodies of one entry that two threads publish, either may be reported first. When
//! `removed` is called, nothing runs the code any more.
//!
//! Without a listener each place below costs one comparison.

use crate::ids::EntryBlock;
use crate::published::PublishedBody;
use crate::space::{CodeSpace, State};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Is called when code is placed in a code space and when it is removed; the file's head says in which order.
///
/// A panic passes on to the caller of the function that placed or freed the code, after that has done its work.
pub trait CodeListener: Send + Sync {
    /// The code is in its place and may be running already.
    fn placed(&self, code: &Code<'_>);

    /// Nothing runs the code any more. Its memory is used again after this has returned.
    fn removed(&self, code: &Code<'_>);
}

impl fmt::Debug for dyn CodeListener + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeListener")
    }
}

/// What a piece of code is.
#[derive(Clone, Copy, Debug)]
pub enum CodeKind<'a> {
    /// The code of a function. Keeping the body keeps its tables, not its code.
    Body(&'a Arc<PublishedBody>),
    /// Code of no function, see [`CodeSpace::place_trampoline`].
    Trampoline,
    /// The stubs of these entries, not all of which need be in use.
    EntryStubs(EntryBlock),
    /// The path that all first calls take.
    FirstCallPath,
}

/// A piece of code in its place, as long as a listener is being called.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    kind: CodeKind<'a>,
    start: usize,
    len: usize,
}

impl<'a> Code<'a> {
    pub(crate) fn new(kind: CodeKind<'a>, start: usize, len: usize) -> Code<'a> {
        Code { kind, start, len }
    }

    fn of(body: &'a Arc<PublishedBody>) -> Code<'a> {
        Code::new(CodeKind::Body(body), body.start, body.len)
    }

    /// What it is.
    pub fn kind(&self) -> CodeKind<'a> {
        self.kind
    }

    /// Address of the first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Bytes of code.
    #[allow(clippy::len_without_is_empty, reason = "code has bytes")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// A copy of the bytes. Displacements of call sites may change at any time, so two copies may differ in them.
    pub fn bytes(&self) -> Vec<u8> {
        let byte = |at: usize| {
            // SAFETY: [OUTLIVE] the code is not freed while its listener is called. Bytes have no alignment, and another
            // thread may be patching them.
            unsafe { (at as *const u8).read_volatile() }
        };
        (self.start..self.start + self.len).map(byte).collect()
    }
}

/// Lets a body be freed, also if its listener panics.
struct ReportedAtEnd<'a>(&'a PublishedBody);

impl Drop for ReportedAtEnd<'_> {
    fn drop(&mut self) {
        self.0.reported.store(true, Ordering::Release);
    }
}

impl CodeSpace {
    /// Reports a body that was just placed. The caller holds no lock.
    pub(crate) fn report_body(&self, body: &Arc<PublishedBody>) {
        if let Some(listener) = &self.listener {
            let _reported = ReportedAtEnd(body);
            listener.placed(&Code::of(body));
        }
    }

    /// Notes code that stays as long as the space. To be reported once the lock is dropped.
    pub(crate) fn note_permanent(&self, state: &mut State, code: Code<'static>) {
        if self.listener.is_some() {
            state.permanent.push(code);
        }
    }

    /// Reports code that stays as long as the space. The caller holds no lock.
    pub(crate) fn report_permanent(&self, code: Code<'static>) {
        if let Some(listener) = &self.listener {
            listener.placed(&code);
        }
    }
}

/// Reports bodies that are about to be freed, all of them even if the listener panics. Returns its first panic.
/// The caller holds no lock.
pub(crate) fn report_removed(
    listener: &dyn CodeListener,
    bodies: &[Arc<PublishedBody>],
) -> Option<Box<dyn Any + Send>> {
    let mut first = None;
    for body in bodies {
        let report = AssertUnwindSafe(|| listener.removed(&Code::of(body)));
        if let Err(panic) = catch_unwind(report) {
            first.get_or_insert(panic);
        }
    }
    first
}

impl Drop for CodeSpace {
    fn drop(&mut self) {
        let Some(listener) = self.listener.take() else {
            return;
        };
        if self.check_process().is_err() {
            return;
        }
        let state = self.lock();
        let bodies: Vec<Arc<PublishedBody>> = state.functions.bodies().cloned().collect();
        let permanent = state.permanent.clone();
        drop(state);
        bodies
            .iter()
            .map(Code::of)
            .chain(permanent)
            .for_each(|code| listener.removed(&code));
    }
}
