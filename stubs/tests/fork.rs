//! What a forked child may do. This is a file of its own, so that no other test runs meanwhile.

mod assembled;

use assembled::*;
use lazywasm_stubs::CodeError;

/// Runs `child` in a forked child. It must return true, and it must not fault.
fn in_child(child: impl FnOnce() -> bool) {
    // SAFETY: the child only calls functions that glibc allows after a fork, and ends by `_exit`.
    unsafe {
        let pid = libc::fork();
        assert!(pid >= 0);
        if pid == 0 {
            let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
            libc::_exit(i32::from(!matches!(answer, Ok(true))));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
        assert_eq!(status, 0, "the child's wait status");
    }
}

#[test]
fn a_child_leaves_its_parents_code_alone_and_has_its_own() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let body = publish(&space, entries.first, group, &constant(7));
    assert!(space.pin(&body));
    assert_eq!(call(&space, entries.first), 7);
    // Another thread that the child will not have, in compiled code as far as the registry knows.
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let (ready, wait) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let stack = assembled::stack();
        let before = stack.enter_wasm();
        ready.send(()).unwrap();
        while matches!(
            stopped.try_recv(),
            Err(std::sync::mpsc::TryRecvError::Empty)
        ) {
            std::hint::spin_loop();
        }
        stack.leave_wasm(before);
    });
    wait.recv().unwrap();
    let mut inherited = Some(space);
    in_child(|| {
        let space = inherited.take().unwrap();
        let code = constant(1);
        let refused = space.publish(new_body(entries.first, group, &code));
        let refused = matches!(refused, Err(CodeError::Forked));
        let refused = refused && space.alloc_entries(1) == Err(CodeError::Forked);
        // What an owner does when it is dropped.
        space.reset_to_stub(entries.first);
        space.unpin(&body);
        space.release_entries(entries);
        space.drop_group(group);
        space.reclaim();
        drop(space);

        let own = assembled::space();
        let entry = own.alloc_entries(1).unwrap().first;
        let group = own.new_group();
        publish(&own, entry, group, &constant(1));
        publish(&own, entry, group, &constant(2));
        refused && call(&own, entry) == 2 && own.reclaim().freed.len() == 1 && own.verify().is_ok()
    });
    let space = inherited.unwrap();
    assert_eq!(call(&space, entries.first), 7);
    space.verify().unwrap();
    drop(stop);
    thread.join().unwrap();
}
