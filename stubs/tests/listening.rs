//! Listening to code: each piece is reported as placed and as removed once, in an order that a debugger can
//! follow, and a listener may call the space.

mod assembled;

use assembled::*;
use lazywasm_stubs::{
    Code, CodeError, CodeKind, CodeListener, CodeSpace, CodeSpaceConfig, EntryBlock, EntryId,
    GroupId, PublishedBody,
};
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

fn listened(listener: Arc<dyn CodeListener>) -> CodeSpaceConfig {
    CodeSpaceConfig {
        listener: Some(listener),
        ..config(NO_FIRST_CALL)
    }
}

fn space_with(listener: Arc<dyn CodeListener>) -> CodeSpace {
    CodeSpace::new(listened(listener)).expect("memory for code")
}

/// What a listener knows about a piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    len: usize,
    what: String,
}

fn known(code: &Code<'_>) -> Known {
    let what = match code.kind() {
        CodeKind::Body(body) => {
            assert_eq!((body.start(), body.len()), (code.start(), code.len()));
            format!("body {} {:p}", body.entry().0, Arc::as_ptr(body))
        }
        CodeKind::Trampoline => "trampoline".to_string(),
        CodeKind::EntryStubs(block) => format!("stubs {} {}", block.first.0, block.len),
        CodeKind::FirstCallPath => "first calls".to_string(),
    };
    let len = code.len();
    Known { len, what }
}

/// Keeps the pieces that are in their place, and fails where what it hears does not fit them.
#[derive(Default)]
struct Ledger {
    pieces: Mutex<BTreeMap<usize, Known>>,
    /// Bodies that were removed. Held, so that their addresses name them.
    removed: Mutex<Vec<Arc<PublishedBody>>>,
    heard: AtomicU32,
    failed: AtomicBool,
}

impl Ledger {
    fn expect(&self, holds: bool, what: &str) {
        if !holds {
            eprintln!("{what}");
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    fn what_is(&self, start: usize) -> Option<String> {
        let pieces = self.pieces.lock().unwrap();
        pieces.get(&start).map(|known| known.what.clone())
    }
}

impl CodeListener for Ledger {
    fn placed(&self, code: &Code<'_>) {
        let mut pieces = self.pieces.lock().unwrap();
        let before = pieces.range(..code.start() + code.len()).next_back();
        let overlaps = before.is_some_and(|(at, known)| at + known.len > code.start());
        self.expect(!overlaps, "new code lies where other code is");
        pieces.insert(code.start(), known(code));
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    fn removed(&self, code: &Code<'_>) {
        self.heard.fetch_add(1, Ordering::Relaxed);
        let known = known(code);
        let found = self.pieces.lock().unwrap().remove(&code.start());
        self.expect(found == Some(known), "what is removed was not placed");
        if let CodeKind::Body(body) = code.kind() {
            self.removed.lock().unwrap().push(body.clone());
        }
    }
}

#[test]
fn all_code_is_reported_when_placed_and_when_removed() {
    for make in [CodeSpace::new, CodeSpace::new_sealed] {
        let ledger = Arc::new(Ledger::default());
        let space = make(listened(ledger.clone())).unwrap();
        assert_eq!(ledger.heard.load(Ordering::Relaxed), 1, "the shared path");
        let entries = space.alloc_entries(2).unwrap();
        let stubs = ledger.what_is(space.stub_address(EntryId(0)));
        assert_eq!(stubs.as_deref(), Some("stubs 0 256"));
        space.alloc_entries(200).unwrap();
        assert_eq!(ledger.heard.load(Ordering::Relaxed), 2, "a page of stubs");
        space.alloc_entries(100).unwrap();
        let stubs = ledger.what_is(space.stub_address(EntryId(256)));
        assert_eq!(stubs.as_deref(), Some("stubs 256 256"));
        let trampoline = space.place_trampoline(&constant(1).code, 16, None).unwrap();
        assert_eq!(ledger.what_is(trampoline).as_deref(), Some("trampoline"));

        let group = space.new_group();
        let first = publish(&space, entries.first, group, &constant(1));
        let code = constant(2);
        let aside = space.publish_aside(new_body(entries.first, group, &code));
        assert_eq!(ledger.pieces.lock().unwrap().len(), 6);
        assert!(space.switch(&aside.unwrap()));
        assert_eq!(ledger.heard.load(Ordering::Relaxed), 6, "nothing is placed");
        let freed = space.reclaim().freed;
        assert!(freed.len() == 1 && Arc::ptr_eq(&freed[0], &first));
        assert_eq!(ledger.heard.load(Ordering::Relaxed), 7);
        assert!(Arc::ptr_eq(&ledger.removed.lock().unwrap()[0], &first));
        drop(space);
        assert_eq!(ledger.heard.load(Ordering::Relaxed), 12);
        assert!(ledger.pieces.lock().unwrap().is_empty());
        assert!(!ledger.failed.load(Ordering::Relaxed));
    }
}

/// Notes the bytes it sees.
#[derive(Default)]
struct Bytes(Mutex<Vec<(bool, Vec<u8>)>>);

impl Bytes {
    fn note(&self, placed: bool, code: &Code<'_>) {
        if let CodeKind::Body(_) = code.kind() {
            self.0.lock().unwrap().push((placed, code.bytes()));
        }
    }
}

impl CodeListener for Bytes {
    fn placed(&self, code: &Code<'_>) {
        self.note(true, code);
    }

    fn removed(&self, code: &Code<'_>) {
        self.note(false, code);
    }
}

#[test]
fn the_bytes_can_be_read_in_both_reports() {
    let listener = Arc::new(Bytes::default());
    let space = space_with(listener.clone());
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    publish(&space, entry, group, &constant(7));
    publish(&space, entry, group, &constant(8));
    space.reclaim();
    let (old, new) = (constant(7).code, constant(8).code);
    let seen = listener.0.lock().unwrap();
    assert_eq!(*seen, [(true, old.clone()), (true, new), (false, old)]);
}

#[test]
fn code_that_cannot_be_placed_is_not_reported() {
    let ledger = Arc::new(Ledger::default());
    let space = CodeSpace::new(CodeSpaceConfig {
        cap: 3,
        ..listened(ledger.clone())
    });
    let space = space.unwrap();
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    let heard = ledger.heard.load(Ordering::Relaxed);
    let code = constant(7);
    assert!(space.publish(new_body(entry, group, &code)).is_err());
    assert_eq!(ledger.heard.load(Ordering::Relaxed), heard);
}

/// Passes bodies that are placed to the test, and waits for it.
struct Slow {
    ledger: Ledger,
    arrived: Mutex<Sender<()>>,
    go: Mutex<Receiver<()>>,
    slow: AtomicBool,
}

impl CodeListener for Slow {
    fn placed(&self, code: &Code<'_>) {
        if matches!(code.kind(), CodeKind::Body(_)) && self.slow.swap(false, Ordering::SeqCst) {
            self.arrived.lock().unwrap().send(()).unwrap();
            self.go.lock().unwrap().recv().unwrap();
        }
        self.ledger.placed(code);
    }

    fn removed(&self, code: &Code<'_>) {
        self.ledger.removed(code);
    }
}

/// Runs `meanwhile` while the listener is called for a new body of the first of two entries, which contains
/// a call of itself. Returns what publishing has returned.
fn while_reporting(
    publish: impl Fn(&CodeSpace, EntryId, GroupId) -> Result<Arc<PublishedBody>, CodeError> + Sync,
    meanwhile: impl FnOnce(&CodeSpace, EntryBlock, GroupId),
) -> (CodeSpace, EntryBlock, Result<Arc<PublishedBody>, CodeError>) {
    let (arrived, wait) = channel();
    let (leave, go) = channel();
    let listener = Arc::new(Slow {
        ledger: Ledger::default(),
        arrived: Mutex::new(arrived),
        go: Mutex::new(go),
        slow: AtomicBool::new(true),
    });
    let space = space_with(listener.clone());
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let result = std::thread::scope(|scope| {
        let slow = scope.spawn(|| publish(&space, entries.first, group));
        wait.recv().unwrap();
        space.verify().unwrap();
        meanwhile(&space, entries, group);
        space.verify().unwrap();
        leave.send(()).unwrap();
        slow.join().unwrap()
    });
    space.verify().unwrap();
    assert!(!listener.ledger.failed.load(Ordering::Relaxed));
    (space, entries, result)
}

fn publish_new(
    space: &CodeSpace,
    entry: EntryId,
    group: GroupId,
) -> Result<Arc<PublishedBody>, CodeError> {
    // The call of itself is never executed.
    let code = constant(1).call(entry);
    space.publish(new_body(entry, group, &code))
}

fn place_aside(
    space: &CodeSpace,
    entry: EntryId,
    group: GroupId,
) -> Result<Arc<PublishedBody>, CodeError> {
    space.publish_aside(new_body(entry, group, &constant(1).call(entry)))
}

fn publish_both(
    space: &CodeSpace,
    entry: EntryId,
    group: GroupId,
) -> Result<Arc<PublishedBody>, CodeError> {
    let code = constant(1).call(entry);
    let other = EntryId(entry.0 + 1);
    let bodies = [new_body(entry, group, &code), new_body(other, group, &code)];
    Ok(space.publish_all(&bodies)?[0].clone())
}

#[test]
fn nothing_runs_a_body_before_it_is_reported() {
    let (space, entries, body) = while_reporting(publish_new, |space, entries, group| {
        assert!(space.is_lazy(entries.first));
        // Code that calls it is linked to its stub.
        let caller = calling(entries.first, 0, 1);
        publish(space, nth(entries, 1), group, &caller);
        assert_eq!(space.callers_of(entries.first).direct, 0);
        let done = space.reclaim();
        assert_eq!((done.freed.len(), done.pending), (0, 0));
    });
    assert_eq!(space.target(entries.first), body.unwrap().start());
    assert_eq!(space.callers_of(entries.first).direct, 2);
    assert_eq!(call(&space, nth(entries, 1)), 2);
    let (space, entries, body) = while_reporting(publish_both, |space, entries, _| {
        assert!(space.is_lazy(entries.first) && space.is_lazy(nth(entries, 1)));
    });
    assert_eq!(space.target(entries.first), body.unwrap().start());
    assert_eq!(call(&space, nth(entries, 1)), 1);
}

#[test]
fn a_function_that_is_withdrawn_while_its_body_is_reported_keeps_its_stub() {
    for publish in [publish_new, place_aside, publish_both] {
        let (space, entries, result) = while_reporting(publish, |space, entries, _| {
            space.reset_to_stub(entries.first);
            // The report has not ended, so the body cannot be freed.
            let done = space.reclaim();
            assert_eq!((done.freed.len(), done.pending), (0, 1));
        });
        assert!(matches!(result, Err(CodeError::Withdrawn)));
        assert!(space.is_lazy(entries.first) && space.is_lazy(nth(entries, 1)));
        assert_eq!(space.reclaim().pending, 0);
        assert_eq!(space.stats().freed, space.stats().published[0]);
        // The next one is published.
        let group = space.new_group();
        publish_new(&space, entries.first, group).unwrap();
        assert_eq!(call(&space, entries.first), 1);
    }
}

#[test]
fn bodies_of_one_function_are_reported_one_after_the_other() {
    let (done, ended) = channel();
    let (space, entries, first) = while_reporting(publish_new, |space, entries, group| {
        std::thread::scope(|scope| {
            let done = &done;
            let second = scope.spawn(move || {
                // Its entry is another one, so it does not wait.
                publish(space, nth(entries, 1), group, &constant(5));
                done.send(()).unwrap();
            });
            ended.recv_timeout(Duration::from_secs(60)).unwrap();
            second.join().unwrap();
        });
    });
    assert_eq!(space.target(entries.first), first.unwrap().start());

    let listener = Arc::new(Sequence::default());
    let space = space_with(listener.clone());
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let space = &space;
            scope.spawn(move || {
                for round in 0..200 {
                    let code = constant(thread * 1000 + round);
                    if round % 3 == 0 {
                        let aside = space.publish_aside(new_body(entry, group, &code));
                        space.unpin(&aside.unwrap());
                    } else {
                        publish(space, entry, group, &code);
                    }
                    if round % 16 == 0 {
                        space.reclaim();
                    }
                }
            });
        }
    });
    assert!(!listener.overlapped.load(Ordering::Relaxed));
    // The last one that was published is the current one: nothing overtakes.
    let current = space.current(entry).unwrap();
    let last = listener.last_current.lock().unwrap().unwrap();
    assert_eq!(current.start(), last);
}

/// Whether reports of bodies overlap in time, and which body was reported last of those that are not aside.
#[derive(Default)]
struct Sequence {
    busy: AtomicBool,
    overlapped: AtomicBool,
    last_current: Mutex<Option<usize>>,
}

impl CodeListener for Sequence {
    fn placed(&self, code: &Code<'_>) {
        let CodeKind::Body(_) = code.kind() else {
            return;
        };
        if self.busy.swap(true, Ordering::SeqCst) {
            self.overlapped.store(true, Ordering::SeqCst);
        }
        std::thread::yield_now();
        let value = u32::from_le_bytes(code.bytes()[1..5].try_into().unwrap());
        if value % 1000 % 3 != 0 {
            *self.last_current.lock().unwrap() = Some(code.start());
        }
        self.busy.store(false, Ordering::SeqCst);
    }

    fn removed(&self, _: &Code<'_>) {}
}

/// Publishes code of the function that it is called for.
#[derive(Default)]
struct Recursive(OnceLock<Weak<CodeSpace>>, AtomicBool);

impl CodeListener for Recursive {
    fn placed(&self, code: &Code<'_>) {
        if let (CodeKind::Body(body), Some(space)) =
            (code.kind(), self.0.get().and_then(Weak::upgrade))
            && !self.1.swap(true, Ordering::Relaxed)
        {
            publish(&space, body.entry(), space.new_group(), &constant(2));
        }
    }

    fn removed(&self, _: &Code<'_>) {}
}

#[test]
fn a_listener_that_publishes_for_its_own_function_panics_and_does_not_hang() {
    let listener = Arc::new(Recursive::default());
    let space = Arc::new(space_with(listener.clone()));
    listener.0.set(Arc::downgrade(&space)).unwrap();
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    let publish = || publish(&space, entry, group, &constant(1));
    assert!(catch_unwind(AssertUnwindSafe(publish)).is_err());
    assert_eq!(call(&space, entry), 1, "the outer one is published");
}

/// Calls back into its space: everything that takes a lock.
#[derive(Default)]
struct Busy {
    space: OnceLock<Weak<CodeSpace>>,
    group: OnceLock<GroupId>,
    /// Calls that may still place code, which calls back again.
    left: AtomicU32,
    ledger: Ledger,
}

impl Busy {
    fn use_space(&self, code: &Code<'_>) {
        let (Some(space), Some(group)) =
            (self.space.get().and_then(Weak::upgrade), self.group.get())
        else {
            return;
        };
        if let CodeKind::Body(body) = code.kind() {
            // SAFETY: the body is not freed while a listener is called for it.
            let found = unsafe { space.lookup(body.start()) };
            let found = found.is_some_and(|found| std::ptr::eq(found, Arc::as_ptr(body)));
            self.ledger
                .expect(found, "a body is found while it is heard of");
            space.callers_of(body.entry());
        }
        space.stats();
        space.verify().unwrap();
        let take = |left: u32| left.checked_sub(1);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.left.fetch_update(set, fetch, take).is_ok() {
            let entries = space.alloc_entries(1).unwrap();
            publish(&space, entries.first, *group, &constant(3));
            space.place_trampoline(&constant(4).code, 1, None).unwrap();
            let second = publish(&space, entries.first, *group, &constant(5));
            let apart = second.start().abs_diff(code.start()) >= second.len().min(code.len());
            self.ledger.expect(apart, "the memory is used again");
            space.release_entries(entries);
        }
        space.reclaim();
    }
}

impl CodeListener for Busy {
    fn placed(&self, code: &Code<'_>) {
        self.ledger.placed(code);
        self.use_space(code);
    }

    fn removed(&self, code: &Code<'_>) {
        self.use_space(code);
        self.ledger.removed(code);
    }
}

#[test]
fn a_listener_may_call_the_space() {
    let (done, wait) = channel();
    std::thread::spawn(move || {
        let listener = Arc::new(Busy::default());
        let space = Arc::new(space_with(listener.clone()));
        listener.space.set(Arc::downgrade(&space)).unwrap();
        listener.group.set(space.new_group()).unwrap();
        let entries = space.alloc_entries(1).unwrap();
        for round in 0..40 {
            listener.left.store(3, Ordering::Relaxed);
            publish(
                &space,
                entries.first,
                listener.group.get().copied().unwrap(),
                &constant(round),
            );
            space.reclaim();
        }
        while space.pending_bytes() > 0 {
            space.reclaim();
        }
        let stats = space.stats();
        assert_eq!(
            (stats.freed, stats.retired),
            (stats.retired, 39 + 40 * 3 * 2)
        );
        space.verify().unwrap();
        drop(space);
        assert!(listener.ledger.pieces.lock().unwrap().is_empty());
        assert!(!listener.ledger.failed.load(Ordering::Relaxed));
        done.send(()).unwrap();
    });
    let finished = wait.recv_timeout(Duration::from_secs(60));
    assert!(finished.is_ok(), "it failed or hangs: {finished:?}");
}

/// Panics if a flag is set.
#[derive(Default)]
struct Panics {
    placed: AtomicBool,
    removed: AtomicBool,
    ledger: Ledger,
}

impl CodeListener for Panics {
    fn placed(&self, code: &Code<'_>) {
        self.ledger.placed(code);
        assert!(!self.placed.load(Ordering::Relaxed), "as the test wants");
    }

    fn removed(&self, code: &Code<'_>) {
        self.ledger.removed(code);
        assert!(!self.removed.load(Ordering::Relaxed), "as the test wants");
    }
}

#[test]
fn a_listener_that_panics_delays_nothing() {
    let listener = Arc::new(Panics::default());
    let space = space_with(listener.clone());
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let publish = |at, value| {
        let body = constant(value);
        let publish = || {
            space
                .publish(new_body(nth(entries, at), group, &body))
                .map(drop)
        };
        catch_unwind(AssertUnwindSafe(publish))
    };
    listener.placed.store(true, Ordering::Relaxed);
    assert!(publish(0, 1).is_err() && publish(1, 2).is_err());
    listener.placed.store(false, Ordering::Relaxed);
    assert_eq!(
        (call(&space, nth(entries, 0)), call(&space, nth(entries, 1))),
        (1, 2)
    );
    // Of bodies that are published together, all are reported; otherwise they could not be freed.
    listener.placed.store(true, Ordering::Relaxed);
    let together = constant(5);
    let bodies = [0, 1].map(|at| new_body(nth(entries, at), group, &together));
    let publish_both = || space.publish_all(&bodies).map(drop);
    assert!(catch_unwind(AssertUnwindSafe(publish_both)).is_err());
    assert_eq!(space.reclaim().freed.len(), 2);
    listener.placed.store(false, Ordering::Relaxed);
    listener.ledger.removed.lock().unwrap().clear();
    assert!(publish(0, 3).is_ok() && publish(1, 4).is_ok());
    listener.removed.store(true, Ordering::Relaxed);
    assert!(catch_unwind(AssertUnwindSafe(|| space.reclaim())).is_err());
    assert_eq!(listener.ledger.removed.lock().unwrap().len(), 2);
    assert_eq!((space.stats().freed, space.pending_bytes()), (4, 0));
    space.verify().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(space))).is_err());
    assert!(listener.ledger.pieces.lock().unwrap().is_empty());
    assert!(!listener.ledger.failed.load(Ordering::Relaxed));
}

/// A ledger that takes its time, so that what should not happen meanwhile has the time to.
#[derive(Default)]
struct Dawdling(Ledger);

impl CodeListener for Dawdling {
    fn placed(&self, code: &Code<'_>) {
        std::thread::yield_now();
        self.0.placed(code);
    }

    fn removed(&self, code: &Code<'_>) {
        std::thread::yield_now();
        self.0.removed(code);
    }
}

#[test]
fn reports_of_many_threads_are_in_order() {
    const THREADS: u32 = 4;
    const ROUNDS: u32 = 1500;
    let listener = Arc::new(Dawdling::default());
    let space = space_with(listener.clone());
    let shared = space.alloc_entries(8).unwrap();
    let first = space.new_group();
    for at in 0..8 {
        publish(&space, nth(shared, at), first, &constant(0));
    }
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let space = &space;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let own = space.alloc_entries(2).unwrap();
                    let group = space.new_group();
                    let code = calling(nth(shared, round % 8), 0, 1);
                    publish(space, own.first, group, &code.nops(round as usize % 300));
                    publish(
                        space,
                        nth(shared, (thread + round) % 8),
                        group,
                        &constant(round),
                    );
                    assert!(call(space, own.first) <= ROUNDS);
                    space.drop_group(group);
                    space.release_entries(own);
                    if round % 2 == 0 {
                        space.reclaim();
                    }
                }
            });
        }
    });
    space.reclaim();
    let ledger = &listener.0;
    assert!(!ledger.failed.load(Ordering::Relaxed));
    let removed = ledger.removed.lock().unwrap();
    let distinct: HashSet<_> = removed.iter().map(Arc::as_ptr).collect();
    assert_eq!(distinct.len(), removed.len(), "none is removed twice");
    let stats = space.stats();
    assert_eq!(removed.len() as u64, stats.freed);
    assert_eq!(stats.published[0], u64::from(8 + THREADS * ROUNDS * 2));
    let starts: HashSet<usize> = removed.iter().map(|body| body.start()).collect();
    assert!(starts.len() < removed.len() / 4, "memory was used again");
    drop(removed);
    drop(space);
    assert!(ledger.pieces.lock().unwrap().is_empty());
    assert!(!ledger.failed.load(Ordering::Relaxed));
}
