//! Listening to code: what is placed in a code space and what is removed from it, for debuggers and
//! profilers.
//!
//! A listener is given to a space when the space is made. It is called on the thread that has placed or frees
//! the code, so on several threads at once. No lock of the space is held then, so the listener may call the
//! space. It can rely on this:
//!
//!  1. Each piece of code is reported as placed once and as removed once, and [`CodeListener::placed`] has
//!     returned before [`CodeListener::removed`] is called for it. A body for which `placed` has not returned
//!     is not freed (`PublishedBody::reported`).
//!  2. Two pieces that are reported as placed and not as removed never overlap. Memory is used again only
//!     after `removed` has returned: [`CodeSpace::reclaim`] claims the bodies (`PublishedBody::claimed`),
//!     reports them, and frees them after that. The same holds for the numbers of entries and for the code
//!     map, so in `removed` the body is still found by its address and its bytes can be read.
//!  3. Functions that place code return after `placed` has returned; `reclaim` returns after `removed` has
//!     returned for each body that it frees. Dropping the space reports all code that is left as removed.
//!  4. When `removed` is called, nothing runs the code any more, and nothing will.
//!
//! It cannot rely on an order between different pieces. A body can be called as soon as it is published, so
//! it may run before `placed` is called. If two threads publish bodies of one entry, either body may be
//! reported first.
//!
//! Without a listener, each point that would call it only checks an `Option`.

use crate::ids::EntryBlock;
use crate::published::PublishedBody;
use crate::space::{CodeSpace, State};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Is called when code is placed in a code space and when it is removed. No lock of the space is held then.
///
/// `placed` returns before `removed` is called for the same code, and `removed` returns before the memory or
/// the entry's number is used again; so two pieces that were placed and not removed never overlap. There is
/// no order between different pieces of code. Calls come on several threads at once.
///
/// A listener that keeps its space should hold a [`std::sync::Weak`], since the space holds the listener. If
/// it panics, the function that placed or freed the code completes its work, and then panics.
pub trait CodeListener: Send + Sync {
    /// Is called after code was placed. The code may be running already.
    fn placed(&self, code: &Code<'_>);

    /// Is called when nothing runs the code any more, before it is freed.
    fn removed(&self, code: &Code<'_>);
}

impl fmt::Debug for dyn CodeListener + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeListener")
    }
}

/// The kind of a piece of code.
#[derive(Clone, Copy, Debug)]
pub enum CodeKind<'a> {
    /// The code of a function. Keeping the `Arc` keeps the body's tables, not its code.
    Body(&'a Arc<PublishedBody>),
    /// Code that belongs to no function, see [`CodeSpace::place_trampoline`].
    Trampoline,
    /// The stubs of these entries. Not all of the entries need be in use.
    EntryStubs(EntryBlock),
    /// The path that all first calls take.
    FirstCallPath,
}

/// A piece of code in its place, for the time that a listener is being called.
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

    /// The kind of the code.
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

    /// A copy of the bytes. Displacements of call sites may change at any time, so two copies may differ in
    /// them.
    pub fn bytes(&self) -> Vec<u8> {
        let byte = |at: usize| {
            // SAFETY: [OUTLIVE] the code is not freed while a listener is called for it. Another thread may
            // be patching it, so it is read byte by byte.
            unsafe { (at as *const u8).read_volatile() }
        };
        (self.start..self.start + self.len).map(byte).collect()
    }
}

/// Allows a body to be freed when its listener has returned or panicked.
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

    /// Reports bodies that were just placed, all of them even if the listener panics. The caller holds no
    /// lock.
    pub(crate) fn report_bodies(&self, bodies: &[Arc<PublishedBody>]) {
        if self.listener.is_none() {
            return;
        }
        let mut first = None;
        for body in bodies {
            let report = AssertUnwindSafe(|| self.report_body(body));
            if let Err(panic) = catch_unwind(report) {
                first.get_or_insert(panic);
            }
        }
        if let Some(panic) = first {
            resume_unwind(panic);
        }
    }

    /// Records code that stays as long as the space. The caller reports it after it has released the lock.
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

/// Reports bodies that are about to be freed, all of them even if the listener panics. Returns its first
/// panic. The caller holds no lock.
pub(crate) fn report_removed(
    listener: &dyn CodeListener,
    bodies: &[Arc<PublishedBody>],
) -> Option<Box<dyn Any + Send>> {
    report_all(listener, bodies.iter().map(Code::of))
}

fn report_all<'a>(
    listener: &dyn CodeListener,
    removed: impl Iterator<Item = Code<'a>>,
) -> Option<Box<dyn Any + Send>> {
    let mut first = None;
    for code in removed {
        let report = AssertUnwindSafe(|| listener.removed(&code));
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
        let all = bodies.iter().map(Code::of).chain(permanent);
        if let Some(panic) = report_all(&*listener, all)
            && !std::thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}
