//! Scanning all registered stacks for addresses of code that is to be freed.
//!
//! For a stack in compiled code, the reclaimer stores a request in the [`Stack`] and sends a signal to its
//! thread. The signal handler takes the request out, so each request is handled once, a handler never sees a
//! scan that is over, and a signal without a request belongs to another part of the process. If the stack's
//! state leaves WASM before its thread responds, the reclaimer scans the stack itself.
//!
//! Scanning is conservative: any word that is an address in a body keeps the body. A stack that cannot be
//! scanned keeps all bodies: its thread does not respond, is handling another signal on another stack, or has
//! switched to a stack that is not registered. No stack that is not OUTSIDE counts as empty.

use super::{HOST, OUTSIDE, OWN, RUNNING, SCANNING, Stack, WASM, registry};
use crate::arch::{self, RED_ZONE};
use crate::sys;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a thread may take to respond to the signal. A thread that does not respond (its signals are
/// blocked, it is stopped by a debugger, or the process uses the signal for something else) keeps
/// all bodies alive until a later scan. Guessed: long compared with the time slices of a loaded machine.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(200);

/// After this time without a response the reclaimer checks whether the stack is still in compiled code: its
/// thread may have switched to another stack, where the handler does not find the request. Guessed: a signal
/// to a running thread takes some microseconds.
const RECHECK_AFTER: Duration = Duration::from_millis(1);

/// Address ranges of code that is to be freed, and whether any stack holds an address in them.
pub(crate) struct StackScan {
    /// First and last address, sorted, not overlapping. The last is one past the end of a body, since a
    /// return address may be there.
    ranges: Vec<(usize, usize)>,
    held: Vec<AtomicBool>,
    /// Whether a stack could not be scanned, so that all ranges count as held.
    incomplete: AtomicBool,
    number: u64,
}

impl StackScan {
    pub(crate) fn new(ranges: Vec<(usize, usize)>) -> StackScan {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        debug_assert!(ranges.is_sorted());
        let held = ranges.iter().map(|_| AtomicBool::new(false)).collect();
        StackScan {
            ranges,
            held,
            incomplete: AtomicBool::new(false),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Whether the range at this position was found on a stack.
    pub(crate) fn is_held(&self, position: usize) -> bool {
        self.held[position].load(Ordering::Acquire)
    }

    /// Whether a stack could not be scanned; a later scan may find less held.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.incomplete.load(Ordering::Acquire)
    }

    fn hold_all(&self) {
        self.incomplete.store(true, Ordering::Release);
        self.held
            .iter()
            .for_each(|held| held.store(true, Ordering::Release));
    }

    fn check_word(&self, word: usize) {
        let (first, last) = (self.ranges[0].0, self.ranges[self.ranges.len() - 1].1);
        if word < first || word > last {
            return;
        }
        // Adjacent bodies share an address, the end of one and the start of the next.
        let mut at = self.ranges.partition_point(|range| range.0 <= word);
        while at > 0 && word <= self.ranges[at - 1].1 {
            self.held[at - 1].store(true, Ordering::Release);
            at -= 1;
        }
    }

    /// Checks every word of the stack from `from` up. If `from` is not in the stack, all ranges count as
    /// held.
    ///
    /// # Safety
    /// The stack from `from` up is in use and is not unmapped meanwhile.
    unsafe fn scan_stack(&self, stack: &Stack, from: usize) {
        let (mut at, high) = (from & !7, stack.high());
        if !stack.contains(at) {
            self.hold_all();
            return;
        }
        while at < high {
            // SAFETY: promised by the caller. Other threads may write there meanwhile; each value is
            // acceptable.
            self.check_word(unsafe { (at as *const usize).read_volatile() });
            at += 8;
        }
    }

    fn scan_registers(&self, registers: &[i64]) {
        for register in registers {
            self.check_word(*register as usize);
        }
    }
}

/// The signal handler's part: scans this thread's stack and registers. Returns false if there was no request.
pub(super) fn respond(stack_pointer: usize, registers: &[i64]) -> bool {
    let (own, running) = (OWN.get(), RUNNING.get());
    let own = own.filter(|own| !running.is_some_and(|running| std::ptr::eq(*own, running)));
    let mut requested = false;
    for stack in [running, own].into_iter().flatten() {
        let scan = stack.request.swap(std::ptr::null_mut(), Ordering::Acquire);
        // SAFETY: the reclaimer keeps a scan until it has taken the request back, has seen the response, or
        // has leaked the scan; see `await_response`.
        let Some(scan) = (unsafe { scan.as_ref() }) else {
            continue;
        };
        requested = true;
        let from = stack_pointer.wrapping_sub(RED_ZONE);
        let number = scan.number;
        if stack.contains(from) {
            scan.scan_registers(registers);
            // SAFETY: the interrupted part of the stack that this thread runs on.
            unsafe { scan.scan_stack(stack, from) };
        } else if !scan_idle(stack, scan) {
            // Another signal is being handled on another stack, and the code that it interrupted is not known
            // here.
            scan.hold_all();
        }
        stack.answered.store(number, Ordering::Release);
    }
    requested
}

/// Which threads scan their stacks themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Responders {
    /// The threads in compiled code.
    InCode,
    /// All threads, so that each core has executed a serialising instruction: returning from a signal is one.
    All,
}

/// Scans every stack. On return the result is complete. If a stack could not be scanned, all ranges count as
/// held.
pub(crate) fn scan_stacks(scan: StackScan, responders: Responders) -> Arc<StackScan> {
    let scan = Arc::new(scan);
    if scan.ranges.is_empty() {
        return scan;
    }
    let stacks = registry();
    let mut waiting: Vec<&Stack> = Vec::new();
    for &stack in &stacks.used {
        let is = |of_thread: Option<&Stack>| of_thread.is_some_and(|it| std::ptr::eq(it, stack));
        if is(RUNNING.get()) && stack.state.load(Ordering::Relaxed) == WASM {
            scan_own(stack, &scan);
        } else if responders == Responders::All && stack.is_threads() && !is(OWN.get())
            || !scan_idle(stack, &scan)
        {
            stack.request_scan(&scan);
            waiting.push(stack);
        }
    }
    let started = Instant::now();
    for stack in waiting {
        await_response(stack, &scan, started, responders);
    }
    scan
}

fn await_response(stack: &Stack, scan: &Arc<StackScan>, started: Instant, responders: Responders) {
    while stack.answered.load(Ordering::Acquire) != scan.number {
        let passed = started.elapsed();
        let left = responders == Responders::InCode
            && passed > RECHECK_AFTER
            && stack.state.load(Ordering::SeqCst) != WASM;
        if left || passed > RESPONSE_TIMEOUT {
            let request = stack.request.swap(std::ptr::null_mut(), Ordering::AcqRel);
            let begun = request.is_null();
            if passed > RESPONSE_TIMEOUT {
                scan.hold_all();
                if begun {
                    // The handler may still be using the scan.
                    std::mem::forget(scan.clone());
                }
                return;
            }
            if !begun {
                if scan_idle(stack, scan) {
                    return;
                }
                stack.request_scan(scan);
            }
        }
        std::thread::yield_now();
    }
}

/// Scans a stack that is not in compiled code. Returns false if it is, or if it is being scanned already.
fn scan_idle(stack: &Stack, scan: &StackScan) -> bool {
    loop {
        match stack.state.load(Ordering::SeqCst) {
            OUTSIDE => return true,
            HOST => {
                let taken = stack.state.compare_exchange(
                    HOST,
                    SCANNING,
                    Ordering::SeqCst,
                    Ordering::Relaxed,
                );
                if taken.is_err() {
                    continue;
                }
                let from = stack.host_sp.load(Ordering::Relaxed);
                // SAFETY: the stack is in use until the host has returned to compiled code, which needs the
                // state HOST, and frames above `from` stay until then.
                unsafe { scan.scan_stack(stack, from) };
                stack.state.store(HOST, Ordering::Release);
                return true;
            }
            _ => return false,
        }
    }
}

/// Scans the stack of the calling thread, which compiled code has called.
fn scan_own(stack: &Stack, scan: &StackScan) {
    let marker = 0u8;
    arch::with_preserved_registers(|registers| {
        scan.scan_registers(registers);
        // SAFETY: the used part of the stack that the calling thread runs on.
        unsafe { scan.scan_stack(stack, (&raw const marker) as usize) };
    });
}

impl Stack {
    /// Whether it is a thread's own stack.
    fn is_threads(&self) -> bool {
        !self.spare.load(Ordering::Relaxed)
    }

    /// Stores a request for the thread that is in compiled code on this stack, and sends it the signal.
    fn request_scan(&self, scan: &Arc<StackScan>) {
        let request = Arc::as_ptr(scan).cast_mut();
        self.request.store(request, Ordering::Release);
        // If the signal cannot be sent, there will be no response.
        sys::send_handshake(self.thread.load(Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stacks::{here, tests::one_at_a_time};

    #[test]
    fn words_at_both_ends_of_a_range_hold_it() {
        let scan = StackScan::new(vec![(100, 200), (200, 300), (400, 500)]);
        scan.check_word(99);
        assert!(!scan.is_held(0));
        scan.check_word(100);
        assert!(scan.is_held(0) && !scan.is_held(1));
        scan.check_word(200);
        assert!(scan.is_held(0) && scan.is_held(1) && !scan.is_held(2));
        scan.check_word(399);
        scan.check_word(501);
        assert!(!scan.is_held(2));
        scan.check_word(500);
        assert!(scan.is_held(2));
    }

    /// A range of addresses that the stacks of the threads below hold, and one that they do not hold.
    const HELD: (usize, usize) = (0x7000_0000_1000, 0x7000_0000_2000);
    const NOT_HELD: (usize, usize) = (0x7000_0000_3000, 0x7000_0000_4000);

    /// Scans for both ranges while another thread does `work`. The work gets a function to call when it has
    /// begun, and one that returns whether it should stop. Returns whether each range is held.
    fn answers(
        responders: Responders,
        work: impl FnOnce(Box<dyn FnOnce()>, &dyn Fn() -> bool) + Send + 'static,
    ) -> (bool, bool) {
        let _alone = one_at_a_time();
        let (ready, wait) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let held: [usize; 4] = [HELD.0 + 0x234; 4];
            std::hint::black_box(&held);
            let begun = Box::new(move || ready.send(()).unwrap());
            work(begun, &|| {
                std::hint::black_box(&held);
                stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected)
            });
        });
        wait.recv().unwrap();
        let answer = scan_stacks(StackScan::new(vec![HELD, NOT_HELD]), responders);
        drop(stop);
        thread.join().unwrap();
        let held = (answer.is_held(0), answer.is_held(1));
        // In these tests every stack that can be scanned holds the first range only.
        assert_eq!(answer.is_incomplete(), held.1);
        held
    }

    fn block_handshake() {
        // SAFETY: the set is initialised before it is used.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, sys::HANDSHAKE);
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        }
    }

    #[test]
    fn a_thread_in_compiled_code_scans_its_own_stack() {
        for responders in [Responders::InCode, Responders::All] {
            let answer = answers(responders, |begun, stop| {
                let stack = here().unwrap().unwrap();
                let before = stack.enter_wasm();
                begun();
                while !stop() {
                    std::hint::spin_loop();
                }
                stack.leave_wasm(before);
            });
            assert_eq!(answer, (true, false), "{responders:?}");
        }
    }

    #[test]
    fn each_thread_scans_its_own_stack_if_all_must() {
        let _alone = one_at_a_time();
        let (ready, wait) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            ready.send(here().unwrap().unwrap()).unwrap();
            stopped.recv().unwrap_err();
        });
        let stack = wait.recv().unwrap();
        for (responders, itself) in [(Responders::InCode, false), (Responders::All, true)] {
            let scan = scan_stacks(StackScan::new(vec![NOT_HELD]), responders);
            let answered = stack.answered.load(Ordering::Relaxed) == scan.number;
            assert_eq!(answered, itself, "{responders:?}");
        }
        drop(stop);
        thread.join().unwrap();
    }

    #[test]
    fn a_thread_on_a_spare_stack_scans_its_own_stack_too() {
        let answer = answers(Responders::All, |begun, stop| {
            let on_spare = crate::stacks::on_spare(1, |spare| {
                let held: [usize; 4] = [HELD.0 + 0x234; 4];
                std::hint::black_box(&held);
                let before = spare.enter_wasm();
                begun();
                while !stop() {
                    std::hint::spin_loop();
                }
                spare.leave_wasm(before);
                std::hint::black_box(&held);
            });
            on_spare.unwrap();
        });
        assert_eq!(answer, (true, false));
    }

    #[test]
    fn the_stack_of_the_reclaimer_is_scanned() {
        let _alone = one_at_a_time();
        let stack = here().unwrap().unwrap();
        let held: [usize; 4] = [HELD.0 + 0x234; 4];
        std::hint::black_box(&held);
        let before = stack.enter_wasm();
        let scan = scan_stacks(StackScan::new(vec![HELD]), Responders::InCode);
        stack.leave_wasm(before);
        std::hint::black_box(&held);
        assert!(scan.is_held(0));
        assert_ne!(stack.answered.load(Ordering::Relaxed), scan.number);
    }

    #[test]
    fn a_thread_in_the_host_is_scanned_by_the_reclaimer() {
        let answer = answers(Responders::InCode, |begun, stop| {
            let stack = here().unwrap().unwrap();
            let outside = stack.enter_wasm();
            let marker = 0u8;
            let wasm = stack.enter_host((&raw const marker) as usize);
            block_handshake();
            begun();
            while !stop() {
                std::thread::yield_now();
            }
            stack.leave_host(wasm);
            stack.leave_wasm(outside);
        });
        assert_eq!(answer, (true, false));
    }

    #[test]
    fn a_thread_that_does_not_respond_holds_all() {
        for responders in [Responders::InCode, Responders::All] {
            let answer = answers(responders, |begun, stop| {
                let stack = here().unwrap().unwrap();
                block_handshake();
                let before = stack.enter_wasm();
                begun();
                while !stop() {
                    std::hint::spin_loop();
                }
                stack.leave_wasm(before);
            });
            assert_eq!(answer, (true, true), "{responders:?}");
        }
    }

    #[test]
    fn a_thread_that_leaves_before_it_responds_is_scanned() {
        let answer = answers(Responders::InCode, |begun, stop| {
            let stack = here().unwrap().unwrap();
            block_handshake();
            let outside = stack.enter_wasm();
            begun();
            while stack.request.load(Ordering::SeqCst).is_null() {
                std::hint::spin_loop();
            }
            let marker = 0u8;
            let wasm = stack.enter_host((&raw const marker) as usize);
            while !stop() {
                std::thread::yield_now();
            }
            stack.leave_host(wasm);
            stack.leave_wasm(outside);
        });
        assert_eq!(answer, (true, false));
    }

    #[test]
    fn a_stack_pointer_outside_of_a_stack_holds_all() {
        let answer = answers(Responders::InCode, |begun, stop| {
            let stack = here().unwrap().unwrap();
            let outside = stack.enter_wasm();
            stack.host_sp.store(stack.high(), Ordering::Relaxed);
            stack.state.store(HOST, Ordering::Release);
            begun();
            while !stop() {
                std::thread::yield_now();
            }
            stack.state.store(WASM, Ordering::Release);
            stack.leave_wasm(outside);
        });
        assert_eq!(answer, (true, true));
    }

    static IN_HANDLER: AtomicBool = AtomicBool::new(false);
    static LEAVE_HANDLER: AtomicBool = AtomicBool::new(false);

    extern "C" fn wait_on_the_alternate_stack(_: i32) {
        IN_HANDLER.store(true, Ordering::SeqCst);
        while !LEAVE_HANDLER.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn a_thread_that_handles_a_signal_on_another_stack_holds_all() {
        let _alone = one_at_a_time();
        // SAFETY: the handler touches atomics only. The library gives each thread an alternate stack.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = wait_on_the_alternate_stack as *const () as usize;
            action.sa_flags = libc::SA_ONSTACK;
            assert_eq!(
                libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()),
                0
            );
        }
        let (ready, wait) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let stack = here().unwrap().unwrap();
            let before = stack.enter_wasm();
            ready.send(()).unwrap();
            // SAFETY: the handler returns.
            unsafe { libc::raise(libc::SIGUSR2) };
            stack.leave_wasm(before);
        });
        wait.recv().unwrap();
        while !IN_HANDLER.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        // A response that comes too late keeps all bodies in any case, which proves nothing.
        let in_time = (0..100).any(|_| {
            let started = Instant::now();
            let answer = scan_stacks(StackScan::new(vec![HELD, NOT_HELD]), Responders::InCode);
            assert!(answer.is_held(0) && answer.is_held(1));
            started.elapsed() < RESPONSE_TIMEOUT
        });
        LEAVE_HANDLER.store(true, Ordering::SeqCst);
        thread.join().unwrap();
        assert!(in_time);
    }
}
