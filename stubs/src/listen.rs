//! Listening to code: what is placed in a code space and what is removed from it, for debuggers and
//! profilers.
//!
//! A listener is given to a space when the space is made. It is called on the thread that places or frees the
//! code, so on several threads at once. No lock of the space is held then. It can rely on this:
//!
//!  1. A piece is reported as placed before anything can run it. Of a body that is published, steps 1 to 4
//!     (`space`) are done then, and it is found by its address; nothing points to it, calls of its own
//!     function inside it included. Steps 5 to 7 follow when all bodies of the call were reported. Entries
//!     whose stubs are being reported are not handed out.
//!  2. Each piece is reported as placed once and as removed once, and [`CodeListener::placed`] has returned
//!     before [`CodeListener::removed`] is called for it. A body for which `placed` has not returned is not
//!     freed (`PublishedBody::reported`).
//!  3. Bodies of one function are reported as placed in the order in which they are published, and one after
//!     the other: a thread that publishes another one waits until the report has ended ([`Reports`]).
//!  4. Two pieces that are reported as placed and not as removed never overlap. Memory is used again only
//!     after `removed` has returned: [`CodeSpace::reclaim`] claims the bodies (`PublishedBody::claimed`),
//!     reports them, and frees them after that. The same holds for the numbers of entries and for the code
//!     map, so in `removed` the body is still found by its address and its bytes can be read.
//!  5. Functions that place code return after `placed` has returned; `reclaim` returns after `removed` has
//!     returned for each body that it frees. Dropping the space reports all code that is left as removed.
//!  6. When `removed` is called, nothing runs the code any more, and nothing will.
//!
//! If the function is reset to its stub, or its entry is released, while the listener is called for its new
//! body, the body is retired and nothing ever points to it; the publisher gets [`CodeError::Withdrawn`].
//!
//! There is no order between pieces of different functions. Without a listener, publishing is one critical
//! section, and each point that would call the listener only checks an `Option`.

use crate::arch;
use crate::frame_layout::FrameLayout;
use crate::ids::{CodeError, EntryBlock, EntryId};
use crate::published::{NewBody, PublishedBody};
use crate::space::{CodeSpace, State, unpoisoned};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::thread::{self, ThreadId};

/// Is called when code is placed in a code space and when it is removed. No lock of the space is held then.
///
/// `placed` is called before the code can run, and returns before `removed` is called for the same code.
/// `removed` returns before the memory or the entry's number is used again; so two pieces that were placed
/// and not removed never overlap. Bodies of one function are reported in the order in which they are
/// published; there is no order between different functions. Calls come on several threads at once.
///
/// A listener may call its space, but it must not publish code of the function that it is called for: that
/// panics. Two listeners that publish code of each other's functions wait for each other for ever.
///
/// A listener that keeps its space should hold a [`std::sync::Weak`], since the space holds the listener. If
/// it panics, the function that placed or freed the code completes its work, and then panics.
pub trait CodeListener: Send + Sync {
    /// Is called after code was placed, before it can run.
    fn placed(&self, code: &Code<'_>);

    /// Is called when nothing runs the code any more, before it is freed.
    fn removed(&self, code: &Code<'_>);
}

impl fmt::Debug for dyn CodeListener + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeListener")
    }
}

/// What the owner of a code space attaches to code for its listener. Its meaning is the owner's.
pub type Attachment = Arc<dyn Any + Send + Sync>;

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
    attachment: Option<&'a Attachment>,
}

impl<'a> Code<'a> {
    pub(crate) fn new(kind: CodeKind<'a>, start: usize, len: usize) -> Code<'a> {
        Code {
            kind,
            start,
            len,
            attachment: None,
        }
    }

    pub(crate) fn with_attachment(self, attachment: Option<&'a Attachment>) -> Code<'a> {
        Code { attachment, ..self }
    }

    fn of(body: &'a Arc<PublishedBody>) -> Code<'a> {
        let code = Code::new(CodeKind::Body(body), body.start, body.len);
        code.with_attachment(body.side.attachment.as_ref())
    }

    /// The kind of the code.
    pub fn kind(&self) -> CodeKind<'a> {
        self.kind
    }

    /// Address of the first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// What the owner has attached to this body or trampoline. Of trampolines, it is there in the report that
    /// they are placed only.
    pub fn attachment(&self) -> Option<&'a Attachment> {
        self.attachment
    }

    /// How to unwind out of the code, if this crate has written it.
    pub fn frame_layout(&self) -> Option<FrameLayout> {
        match self.kind {
            CodeKind::EntryStubs(stubs) => Some(arch::stub_frames(stubs.len)),
            CodeKind::FirstCallPath => Some(arch::compile_on_call_frames(self.len)),
            CodeKind::Body(_) | CodeKind::Trampoline => None,
        }
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

/// What is being reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A body of this entry.
    Body(EntryId),
    /// A page of stubs.
    Stubs,
    /// Bodies that are about to be freed.
    Removal,
}

/// What is being reported at this moment, and by which thread.
#[derive(Debug, Default)]
pub(crate) struct Reports(Vec<(Subject, ThreadId)>);

impl Reports {
    pub(crate) fn begin(&mut self, subject: Subject) {
        self.0.push((subject, thread::current().id()));
    }

    /// Ends a report of the calling thread.
    pub(crate) fn end(&mut self, subject: Subject) {
        let report = (subject, thread::current().id());
        if let Some(at) = self.0.iter().rposition(|under_way| *under_way == report) {
            self.0.swap_remove(at);
        }
    }

    /// Whether there is a report of such a subject by the calling thread (`own`), or by another one.
    fn any(&self, own: bool, subject: impl Fn(Subject) -> bool) -> bool {
        let here = thread::current().id();
        let mut reports = self.0.iter();
        reports.any(|(under_way, by)| (*by == here) == own && subject(*under_way))
    }
}

impl CodeSpace {
    /// Takes the relink lock when no other thread reports such a subject.
    pub(crate) fn lock_when_reported(
        &self,
        subject: impl Fn(Subject) -> bool,
    ) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while !state.reports.0.is_empty() && state.reports.any(false, &subject) {
            state = unpoisoned(self.report_ended.wait(state));
        }
        state
    }

    /// Waits until bodies are freed for whose removal other threads call the listener at this moment. A
    /// thread in which a listener is being called does not wait.
    pub fn wait_for_removals(&self) {
        if self.listener.is_none() || self.check_process().is_err() {
            return;
        }
        let is_removal = |subject| subject == Subject::Removal;
        let mut state = self.lock();
        let in_listener = state.reports.any(true, |_| true);
        while !in_listener && state.reports.any(false, is_removal) {
            state = unpoisoned(self.report_ended.wait(state));
        }
    }

    /// Publishes bodies, or places them aside, in a space that has a listener: places them, reports them with
    /// no lock held, and then makes their entries point to them.
    pub(crate) fn publish_reported(
        &self,
        bodies: &[NewBody<'_>],
        aside: bool,
    ) -> Result<Vec<Arc<PublishedBody>>, CodeError> {
        let ours = |subject| match subject {
            Subject::Body(entry) => bodies.iter().any(|body| body.entry == entry),
            Subject::Stubs | Subject::Removal => false,
        };
        let mut state = self.lock_when_reported(ours);
        if state.reports.any(true, ours) {
            drop(state);
            panic!("a listener published code of the function that it was called for");
        }
        // Until they are reported, calls of their own functions inside them go elsewhere too.
        let placed = self.place_all(&mut state, bodies, true)?;
        for body in &placed {
            body.pins.store(u32::from(aside), Ordering::Relaxed);
            state.reports.begin(Subject::Body(body.entry));
        }
        drop(state);
        let panic = self.report_bodies(&placed);

        let mut state = self.lock();
        for body in &placed {
            state.reports.end(Subject::Body(body.entry));
        }
        let is_retired = |body: &Arc<PublishedBody>| body.retired.load(Ordering::Relaxed);
        let withdrawn = placed.iter().any(is_retired);
        for body in &placed {
            if withdrawn {
                body.pins.store(0, Ordering::Relaxed);
                self.retire(&mut state, body.clone());
            } else if !aside {
                self.point(&mut state, body.entry, Some(body));
            }
        }
        drop(state);
        self.report_ended.notify_all();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        match withdrawn {
            true => Err(CodeError::Withdrawn),
            false => Ok(placed),
        }
    }

    /// Reports bodies that were just placed, all of them even if the listener panics. Returns its first
    /// panic. The caller holds no lock.
    fn report_bodies(&self, bodies: &[Arc<PublishedBody>]) -> Option<Panic> {
        let listener = self.listener.as_ref()?;
        first_panic(bodies.iter().map(|body| {
            || {
                let _reported = ReportedAtEnd(body);
                listener.placed(&Code::of(body));
            }
        }))
    }

    /// Reports stubs that were just written. Other threads get no entries meanwhile.
    pub(crate) fn report_stubs(&self, mut state: MutexGuard<'_, State>, stubs: Code<'static>) {
        if self.listener.is_none() {
            return;
        }
        state.reports.begin(Subject::Stubs);
        drop(state);
        let panic = first_panic([|| self.report_permanent(stubs)].into_iter());
        self.lock().reports.end(Subject::Stubs);
        self.report_ended.notify_all();
        if let Some(panic) = panic {
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
    pub(crate) fn report_permanent(&self, code: Code<'_>) {
        if let Some(listener) = &self.listener {
            listener.placed(&code);
        }
    }
}

type Panic = Box<dyn Any + Send>;

/// Calls all of these and returns the first panic.
fn first_panic(calls: impl Iterator<Item = impl FnOnce()>) -> Option<Panic> {
    let mut first = None;
    for call in calls {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            first.get_or_insert(panic);
        }
    }
    first
}

/// Reports bodies that are about to be freed, all of them even if the listener panics. Returns its first
/// panic. The caller holds no lock.
pub(crate) fn report_removed(
    listener: &dyn CodeListener,
    bodies: &[Arc<PublishedBody>],
) -> Option<Panic> {
    report_all_removed(listener, bodies.iter().map(Code::of))
}

fn report_all_removed<'a>(
    listener: &dyn CodeListener,
    removed: impl Iterator<Item = Code<'a>>,
) -> Option<Panic> {
    first_panic(removed.map(|code| move || listener.removed(&code)))
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
        if let Some(panic) = report_all_removed(&*listener, all)
            && !std::thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}
