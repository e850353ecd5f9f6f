//! A body is reported before anything can run it: what happens between its report and its publication, and
//! who waits for whom.

mod assembled;
mod ledger;

use assembled::*;
use lazywasm_stubs::{
    Code, CodeError, CodeKind, CodeListener, CodeSpace, EntryBlock, EntryId, GroupId, PublishedBody,
};
use ledger::{Ledger, space_with};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

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

/// Passes the first removal to the test, and waits for it.
struct SlowRemoval {
    arrived: Mutex<Sender<()>>,
    go: Mutex<Receiver<()>>,
    slow: AtomicBool,
}

impl CodeListener for SlowRemoval {
    fn placed(&self, _: &Code<'_>) {}

    fn removed(&self, _: &Code<'_>) {
        if self.slow.swap(false, Ordering::SeqCst) {
            self.arrived.lock().unwrap().send(()).unwrap();
            self.go.lock().unwrap().recv().unwrap();
        }
    }
}

#[test]
fn who_needs_room_waits_for_removals_of_other_threads() {
    let (arrived, wait) = channel();
    let (leave, go) = channel();
    let space = space_with(Arc::new(SlowRemoval {
        arrived: Mutex::new(arrived),
        go: Mutex::new(go),
        slow: AtomicBool::new(true),
    }));
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    publish(&space, entry, group, &constant(1));
    space.reset_to_stub(entry);
    let waited = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| space.reclaim());
        wait.recv().unwrap();
        assert_eq!(space.reclaim().pending, 1, "the other thread will free it");
        let waiting = scope.spawn(|| {
            space.wait_for_removals();
            waited.store(true, Ordering::SeqCst);
            space.pending_bytes()
        });
        std::thread::sleep(Duration::from_millis(20));
        assert!(!waited.load(Ordering::SeqCst));
        leave.send(()).unwrap();
        assert_eq!(waiting.join().unwrap(), 0);
    });
    space.wait_for_removals();
}
