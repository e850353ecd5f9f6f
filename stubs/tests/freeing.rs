//! Retiring and freeing: code on a stack stays, all other memory is used again.

mod assembled;

use assembled::*;
use lazywasm_stubs::{CodeSpace, EntryId, GroupId};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

#[test]
fn memory_and_entries_are_used_again() {
    let space = space();
    let mut highest = 0;
    for round in 0..10_000 {
        let entries = space.alloc_entries(5).unwrap();
        let group = space.new_group();
        for at in 0..5 {
            let published = publish(&space, nth(entries, at), group, &constant(at));
            if round > 10 {
                assert!(published.start() <= highest, "addresses are used again");
            } else {
                highest = highest.max(published.start());
            }
        }
        assert_eq!(call(&space, nth(entries, 3)), 3);
        space.drop_group(group);
        space.release_entries(entries);
        assert_eq!(space.reclaim().freed.len(), 5);
        assert_eq!(entries.first.0, 0, "entries are used again");
    }
    let stats = space.stats();
    assert_eq!((stats.entries, stats.blocks_in_quarantine), (0, 0));
    assert_eq!((stats.freed, stats.retired), (50_000, 50_000));
}

#[test]
fn one_group_stays_small_while_its_bodies_come_and_go() {
    let space = space();
    let entries = space.alloc_entries(1).unwrap();
    let group = space.new_group();
    let mut highest = 0;
    for round in 0..10_000u32 {
        let code = constant(round).nops(round as usize % 900);
        highest = publish(&space, entries.first, group, &code)
            .start()
            .max(highest);
        if round % 32 == 31 {
            space.reclaim();
        }
    }
    let used = highest - space.stub_address(EntryId((4 << 20) - 1));
    assert!(used < 6 << 20, "{used} bytes of addresses for 32 bodies");
    space.verify().unwrap();
}

#[test]
fn released_entries_wait_for_bodies_that_call_them() {
    let space = space();
    let callees = space.alloc_entries(3).unwrap();
    let callers = space.alloc_entries(1).unwrap();
    let group = space.new_group();
    publish(&space, callees.first, group, &constant(1));
    publish(&space, callers.first, group, &calling(callees.first, 0, 1));
    space.release_entries(callees);
    space.reclaim();
    assert_eq!(space.stats().blocks_in_quarantine, 1);
    assert_eq!(space.alloc_entries(3).unwrap().first, EntryId(4));
    space.verify().unwrap();
    space.reset_to_stub(callers.first);
    space.reclaim();
    assert_eq!(space.stats().blocks_in_quarantine, 0);
    assert_eq!(space.alloc_entries(3).unwrap().first, callees.first);
    space.verify().unwrap();
}

/// What the host function `visit` does while compiled code is on the stack.
struct Visit {
    arrived: Sender<()>,
    leave: Receiver<()>,
}

thread_local! {
    static VISIT: OnceLock<Visit> = const { OnceLock::new() };
    static IN_HOST: AtomicBool = const { AtomicBool::new(true) };
}

extern "sysv64" fn visit() {
    let stay = || {
        VISIT.with(|visit| {
            let visit = visit.get().unwrap();
            visit.arrived.send(()).unwrap();
            // A thread in compiled code would not sleep.
            while visit.leave.try_recv().is_err() {
                std::hint::spin_loop();
            }
        });
    };
    if IN_HOST.with(|flag| flag.load(Ordering::Relaxed)) {
        in_host(stay);
    } else {
        stay();
    }
}

fn held_while_on_a_stack(as_host: bool) {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let (inner, outer) = (nth(entries, 0), nth(entries, 1));
    let visitor = assembled::Assembled::default().host(visit as *const () as usize);
    publish(&space, inner, group, &visitor.bytes(&constant(5).code));
    publish(&space, outer, group, &calling(inner, 0, 1));
    let (arrived, wait) = channel();
    let (go, leave) = channel();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            IN_HOST.with(|flag| flag.store(as_host, Ordering::Relaxed));
            VISIT.with(|visit| visit.set(Visit { arrived, leave }).ok().unwrap());
            call(&space, outer)
        });
        wait.recv().unwrap();
        let unrelated = space.alloc_entries(1).unwrap().first;
        publish(&space, unrelated, group, &constant(1));
        publish(&space, unrelated, group, &constant(2));
        publish(&space, inner, group, &constant(100));
        publish(&space, outer, group, &constant(200));
        let done = space.reclaim();
        assert_eq!(
            (done.freed.len(), done.pending),
            (1, 2),
            "two are on the stack"
        );
        assert_eq!(space.pending_bytes() > 0, done.pending > 0);
        space.verify().unwrap();
        go.send(()).unwrap();
        assert_eq!(
            running.join().unwrap(),
            6,
            "old activations end as they began"
        );
    });
    let done = space.reclaim();
    assert_eq!((done.freed.len(), done.pending), (2, 0));
    assert_eq!(call(&space, outer), 200);
}

#[test]
fn code_under_a_host_call_of_another_thread_stays() {
    held_while_on_a_stack(true);
}

#[test]
fn code_that_another_thread_runs_stays() {
    held_while_on_a_stack(false);
}

#[test]
fn code_that_only_a_program_counter_names_stays() {
    let space = space();
    let entries = space.alloc_entries(1).unwrap();
    let group = space.new_group();
    // cmp dword [rdi], 0; je back to it
    let waiting = assembled::Assembled::default().bytes(&[0x83, 0x3F, 0, 0x74, 0xFB]);
    publish(
        &space,
        entries.first,
        group,
        &waiting.bytes(&constant(5).code),
    );
    let flag = AtomicU32::new(0);
    let (arrived, wait) = channel();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            let stack = assembled::stack();
            let before = stack.enter_wasm();
            arrived.send(()).unwrap();
            // SAFETY: the code is a C function that takes the address of a number.
            let result = unsafe {
                let code: extern "sysv64" fn(*const AtomicU32) -> u32 =
                    std::mem::transmute(space.stub_address(entries.first));
                code(&raw const flag)
            };
            stack.leave_wasm(before);
            result
        });
        wait.recv().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        publish(&space, entries.first, group, &constant(6));
        assert_eq!(space.reclaim().pending, 1);
        flag.store(1, Ordering::Relaxed);
        assert_eq!(running.join().unwrap(), 5);
    });
    assert_eq!(space.reclaim().freed.len(), 1);
}

static OWN: OnceLock<(CodeSpace, GroupId, EntryId)> = OnceLock::new();

extern "sysv64" fn replace_the_caller() {
    in_host(|| {
        let (space, group, entry) = OWN.get().unwrap();
        publish(space, *entry, *group, &constant(2));
        let done = space.reclaim();
        assert_eq!((done.freed.len(), done.pending), (0, 1));
    });
}

#[test]
fn a_body_may_be_replaced_by_what_it_calls() {
    let space = space();
    let group = space.new_group();
    let entry = space.alloc_entries(1).unwrap().first;
    let (space, ..) = OWN.get_or_init(|| (space, group, entry));
    let first = assembled::Assembled::default().host(replace_the_caller as *const () as usize);
    publish(space, entry, group, &first.bytes(&constant(1).code));
    assert_eq!(call(space, entry), 1);
    assert_eq!(call(space, entry), 2);
    assert_eq!(space.reclaim().freed.len(), 1);
}

#[test]
fn a_thread_outside_of_compiled_code_delays_nothing() {
    let space = space();
    let entries = space.alloc_entries(1).unwrap();
    let group = space.new_group();
    let (stop, stopped) = channel::<()>();
    let (ready, wait) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            assembled::stack();
            ready.send(()).unwrap();
            let _ = stopped.recv();
        });
        wait.recv().unwrap();
        publish(&space, entries.first, group, &constant(1));
        publish(&space, entries.first, group, &constant(2));
        assert_eq!(space.reclaim().freed.len(), 1);
        drop(stop);
    });
}

#[test]
fn a_popular_function_is_relinked_and_its_callers_freed() {
    const CALLERS: u32 = 10_000;
    let space = space();
    let callee = space.alloc_entries(1).unwrap().first;
    let callers = space.alloc_entries(CALLERS).unwrap();
    let group = space.new_group();
    publish(&space, callee, group, &constant(1));
    for at in 0..CALLERS {
        publish(&space, nth(callers, at), group, &calling(callee, 0, 1));
    }
    publish(&space, callee, group, &constant(10));
    assert_eq!(space.stats().patches, u64::from(CALLERS));
    for at in [0, 1, CALLERS / 2, CALLERS - 1] {
        assert_eq!(call(&space, nth(callers, at)), 11);
    }
    space.verify().unwrap();
    space.release_entries(callers);
    assert_eq!(space.reclaim().freed.len(), CALLERS as usize + 1);
    assert_eq!(space.verify().unwrap().bodies, 1);
}

/// If the system refuses the barrier, threads get signals instead. These tests need a system that allows it.
#[test]
fn nothing_is_freed_without_a_barrier() {
    let space = space();
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    for round in 0..3 {
        publish(&space, entry, group, &constant(round));
        publish(&space, entry, group, &constant(round));
        let before = space.stats().barriers;
        assert!(!space.reclaim().freed.is_empty());
        assert!(space.stats().barriers > before);
    }
}

#[test]
fn a_freed_body_is_not_found_any_more() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let neighbour = publish(&space, nth(entries, 1), group, &constant(3));
    let freed = publish(&space, entries.first, group, &constant(1)).start();
    // SAFETY: the body is current.
    assert!(unsafe { space.lookup(freed) }.is_some());
    publish(&space, entries.first, group, &constant(2));
    assert_eq!(space.reclaim().freed.len(), 1);
    // SAFETY: the body is freed, but its neighbour keeps the chunk, in which the address is looked up.
    assert!(unsafe { space.lookup(freed) }.is_none());
    // SAFETY: the body is current.
    assert!(unsafe { space.lookup(neighbour.start()) }.is_some());
}
