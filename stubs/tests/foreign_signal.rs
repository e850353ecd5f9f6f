//! The signal of the handshake may have other users. This is a file of its own, since handlers belong to the
//! process.

mod assembled;

use assembled::*;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static SEEN: AtomicU32 = AtomicU32::new(0);

extern "C" fn on_urgent(_: i32) {
    SEEN.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn signals_without_a_request_go_to_the_earlier_handler() {
    // SAFETY: the handler touches an atomic only.
    unsafe { libc::signal(libc::SIGURG, on_urgent as *const () as usize) };
    let raise = || {
        // SAFETY: the handler returns.
        unsafe { libc::raise(libc::SIGURG) };
    };
    raise();
    assert_eq!(SEEN.load(Ordering::SeqCst), 1);
    assembled::stack();
    raise();
    assert_eq!(SEEN.load(Ordering::SeqCst), 2, "passed on");

    // Both at once: a thread in compiled code gets foreign signals while stacks are scanned.
    let space = space();
    let entries = space.alloc_entries(1).unwrap();
    let group = space.new_group();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let stack = assembled::stack();
            while !stop.load(Ordering::Relaxed) {
                let before = stack.enter_wasm();
                raise();
                stack.leave_wasm(before);
            }
        });
        let (mut freed, mut round) = (0, 0);
        while round < 500 || SEEN.load(Ordering::SeqCst) < 1000 {
            round += 1;
            publish(&space, entries.first, group, &constant(round));
            freed += space.reclaim().freed.len();
            assert!(round < 10_000_000, "foreign signals get lost");
        }
        stop.store(true, Ordering::Relaxed);
        assert!(freed > 400, "{freed}");
    });
    space.reclaim();
    assert_eq!(space.stats().pending, 0);
}
