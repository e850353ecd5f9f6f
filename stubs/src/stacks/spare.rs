//! Spare stacks: for calls from stacks whose bounds are not known, and from stacks that are too small.
//!
//! A coroutine's stack may be anywhere, with or without a guard, so its end and the memory below it are not
//! known. Instead of guessing, the caller's work runs on a stack of ours, which has a guard and is
//! registered, and the caller's own stack waits as it does in any call. The work may switch stacks itself (a
//! coroutine that waits inside a host function) and be resumed by another thread.
//!
//! ```text
//! | guard | lowest ........................... top | <- the work's first frame
//! ```
//! A few stacks are kept for later calls. Their lower pages are returned to the system.

use super::{Stack, here, registry};
use crate::arch;
use crate::ids::CodeError;
use crate::sys;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;

/// Number of unused stacks that are kept. Guessed: the number of threads that need a spare stack at the same
/// time.
const MAX_IDLE: usize = 4;

/// Number of stacks that may be in use. Linux allows a process 65,530 mappings by default, and each stack
/// takes two.
const MAX_IN_USE: usize = 16 << 10;

/// Bytes of the smallest spare stack, large enough for most requests.
const MIN_SIZE: usize = 1 << 20;

/// Bytes at the top whose pages are kept between uses.
const KEPT_AT_TOP: usize = 64 << 10;

/// Work that is passed to another stack, and its result that is passed back.
struct Task<F, R> {
    work: Option<F>,
    result: Option<std::thread::Result<R>>,
}

extern "C" fn run<F: FnOnce() -> R, R>(task: *mut Task<F, R>) {
    // SAFETY: `on_spare` passes its own task and touches it again only after this has returned.
    let task = unsafe { &mut *task };
    let work = task.work.take().expect("a task runs once");
    // A panic must not unwind from one stack to the other.
    task.result = Some(catch_unwind(AssertUnwindSafe(work)));
}

/// Runs `work` on a spare stack of at least `bytes`, which is passed to it.
///
/// # Errors
/// If the system refuses the memory, too many are in use, or the calling thread is ending.
///
/// # Panics
/// With the panic of `work`.
pub fn on_spare<R>(bytes: usize, work: impl FnOnce(&'static Stack) -> R) -> Result<R, CodeError> {
    let stack = take(bytes)?;
    let mut task = Task {
        work: Some(|| work(stack)),
        result: None,
    };
    // A function, since the type of a closure has no name.
    fn runner<F: FnOnce() -> R, R>(_: &Task<F, R>) -> extern "C" fn(*mut Task<F, R>) {
        run::<F, R>
    }
    let run = runner(&task) as usize;
    // SAFETY: nothing else uses the stack; `run` takes the address of this task, and does not unwind.
    unsafe { arch::call_on(stack.high(), run, (&raw mut task).cast()) };
    give_back(stack);
    let result = task.result.take();
    match result.expect("the task has run") {
        Ok(result) => Ok(result),
        Err(panic) => resume_unwind(panic),
    }
}

/// Runs `work` with `bytes` of stack: on the current stack, if it is known to have them, else on a spare
/// stack.
///
/// # Errors
/// As [`on_spare`].
///
/// # Panics
/// With the panic of `work`.
pub fn with_room<R>(bytes: usize, work: impl FnOnce() -> R) -> Result<R, CodeError> {
    match here()? {
        Some(stack) if stack.room() >= bytes => Ok(work()),
        _ => on_spare(bytes, |_| work()),
    }
}

fn take(bytes: usize) -> Result<&'static Stack, CodeError> {
    let mut stacks = registry();
    let in_use = stacks.used.iter();
    let in_use = in_use.filter(|stack| stack.spare.load(Ordering::Relaxed));
    if in_use.count() >= MAX_IN_USE {
        return Err(CodeError::Stacks(MAX_IN_USE));
    }
    let size = |stack: &Stack| stack.high() - stack.low();
    let fitting = (0..stacks.idle.len()).filter(|at| size(stacks.idle[*at]) >= bytes);
    let stack = match fitting.min_by_key(|at| size(stacks.idle[*at])) {
        Some(at) => stacks.idle.swap_remove(at),
        None => {
            let (low, high) = sys::map_stack(bytes.max(MIN_SIZE))?;
            let stack = stacks.object();
            stack.set_bounds(low, high);
            stack.spare.store(true, Ordering::Relaxed);
            stack
        }
    };
    stacks.used.push(stack);
    Ok(stack)
}

fn give_back(stack: &'static Stack) {
    let (low, high) = (stack.low(), stack.high());
    sys::discard_stack(low, (high - KEPT_AT_TOP).max(low));
    let mut stacks = registry();
    if stacks.idle.len() < MAX_IDLE {
        stacks.release(stack);
        stacks.idle.push(stack);
    } else {
        stack.set_bounds(0, 0);
        stack.spare.store(false, Ordering::Relaxed);
        stacks.retire(stack);
        drop(stacks);
        sys::unmap_stack(low, high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stacks::tests::one_at_a_time;
    use std::sync::mpsc::channel;

    #[test]
    fn a_stack_that_is_large_enough_is_used_again() {
        let _alone = one_at_a_time();
        let low = |bytes| on_spare(bytes, |spare| (spare.low(), spare.room())).unwrap();
        let (first, room) = low(1);
        assert!(room > MIN_SIZE / 2);
        let idle: Vec<usize> = registry().idle.iter().map(|stack| stack.low()).collect();
        assert!(idle.contains(&first) && idle.contains(&low(MIN_SIZE / 2).0));
        let (larger, room) = low(16 * MIN_SIZE);
        assert!(larger != first && room > 15 * MIN_SIZE);
    }

    #[test]
    fn the_lower_pages_of_a_stack_are_returned() {
        let _alone = one_at_a_time();
        let exchange = |word: u64| {
            // SAFETY: the lowest word of a stack that is in use by this test, far below its used part.
            on_spare(1, |spare| unsafe {
                (spare.low() as *mut u64).replace(word)
            })
        };
        exchange(7).unwrap();
        assert_eq!(exchange(7).unwrap(), 0);
    }

    #[test]
    fn work_runs_on_a_registered_stack_and_gives_its_result() {
        let _alone = one_at_a_time();
        let outer = here().unwrap().unwrap();
        let found = on_spare(3 << 20, |spare| {
            let found = here().unwrap().unwrap();
            assert!(std::ptr::eq(found, spare));
            assert!(spare.room() > 3 << 19);
            std::ptr::from_ref(found)
        });
        assert!(!std::ptr::eq(found.unwrap(), outer));
        assert!(std::ptr::eq(here().unwrap().unwrap(), outer));
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_stack_is_returned() {
        let _alone = one_at_a_time();
        for _ in 0..3 * MAX_IDLE {
            let panic = std::panic::catch_unwind(|| on_spare(1, |_| resume_unwind(Box::new(7))));
            let panic: Box<i32> = panic
                .map(|_: Result<(), _>| ())
                .unwrap_err()
                .downcast()
                .unwrap();
            assert_eq!(*panic, 7);
        }
        let in_use = |stack: &&'static Stack| stack.spare.load(Ordering::Relaxed);
        assert_eq!(
            registry().used.iter().filter(|stack| in_use(stack)).count(),
            0
        );
    }

    #[test]
    fn a_stack_that_is_large_enough_is_not_left() {
        let _alone = one_at_a_time();
        let outer = here().unwrap().unwrap();
        let on = |bytes| with_room(bytes, || std::ptr::from_ref(here().unwrap().unwrap())).unwrap();
        assert!(std::ptr::eq(on(4096), outer));
        assert!(!std::ptr::eq(on(1 << 30), outer));
    }

    #[test]
    fn many_at_once_have_stacks_of_their_own() {
        let _alone = one_at_a_time();
        let (ready, wait) = channel();
        let threads: Vec<_> = (0..3 * MAX_IDLE)
            .map(|_| {
                let ready = ready.clone();
                std::thread::spawn(move || {
                    on_spare(1, |spare| {
                        let (go, gone) = channel::<()>();
                        ready.send((spare.low(), go)).unwrap();
                        let _ = gone.recv();
                    })
                })
            })
            .collect();
        let all: Vec<_> = threads.iter().map(|_| wait.recv().unwrap()).collect();
        let mut lows: Vec<usize> = all.iter().map(|(low, _)| *low).collect();
        lows.sort_unstable();
        lows.dedup();
        assert_eq!(lows.len(), threads.len());
        drop(all);
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
        let stacks = registry();
        assert_eq!(stacks.idle.len(), MAX_IDLE);
        let spare = |stack: &&Stack| stack.spare.load(Ordering::Relaxed);
        assert!(!stacks.bare.iter().copied().any(|stack| spare(&stack)));
    }
}
