//! Listening to code: each piece is reported as placed and as removed once, in an order that a debugger can
//! follow, and a listener may call the space.

mod assembled;
mod ledger;

use assembled::*;
use lazywasm_stubs::{Code, CodeKind, CodeListener, CodeSpace, CodeSpaceConfig, EntryId, GroupId};
use ledger::{Ledger, listened, space_with};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

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
