//! Asking all registered stacks which code they still hold.
//!
//! A request is left in the stack, and taken out by the signal handler of the thread that is in compiled code
//! there, once: so a handler never comes upon a question that is over, and a signal without a request is somebody
//! else's. A stack whose state leaves WASM before its thread answers is scanned by the asker after all.
//!
//! Scanning is conservative: any word that is an address in a body keeps the body. A stack that cannot be
//! asked keeps all: its thread does not answer, is handling another signal on another stack, or has switched to a
//! stack that is not registered. There is no empty answer for a stack that is not OUTSIDE.

use super::{HOST, OUTSIDE, OWN, RUNNING, SCANNING, Stack, WASM, registry};
use crate::asm;
use crate::sys;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes below the stack pointer that leaf functions may use (System V ABI, "red zone").
pub const RED_ZONE: usize = 128;

/// How long a thread may take to answer the handshake. A thread that does not (its signals are
/// blocked, it is stopped by a debugger, or the process has taken the signal for itself) keeps
/// everything alive until a later scan. Guessed: long beside the time slices of a loaded machine.
const PATIENCE: Duration = Duration::from_millis(200);

/// After this time without an answer the asker looks whether the stack is still in compiled code: its thread
/// may have switched to another stack, where the handler does not find the request. Guessed: a signal to a thread
/// that runs takes some microseconds.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Address ranges that somebody wants to free, and whether any stack holds an address in them.
pub(crate) struct Question {
    /// First and last address, sorted, not overlapping. The last is one past the end of a body, since a
    /// return address may be that.
    ranges: Vec<(usize, usize)>,
    held: Vec<AtomicBool>,
    number: u64,
}

impl Question {
    pub(crate) fn new(ranges: Vec<(usize, usize)>) -> Question {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        debug_assert!(ranges.is_sorted());
        let held = ranges.iter().map(|_| AtomicBool::new(false)).collect();
        Question {
            ranges,
            held,
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Whether the range at this position was found on a stack.
    pub(crate) fn is_held(&self, position: usize) -> bool {
        self.held[position].load(Ordering::Acquire)
    }

    fn hold_all(&self) {
        self.held
            .iter()
            .for_each(|held| held.store(true, Ordering::Release));
    }

    fn consider(&self, word: usize) {
        let (first, last) = (self.ranges[0].0, self.ranges[self.ranges.len() - 1].1);
        if word < first || word > last {
            return;
        }
        // Adjacent bodies share an address: it is the end of one and the start of the next.
        let mut at = self.ranges.partition_point(|range| range.0 <= word);
        while at > 0 && word <= self.ranges[at - 1].1 {
            self.held[at - 1].store(true, Ordering::Release);
            at -= 1;
        }
    }

    /// Looks at every word of the stack from `from` up. Where `from` is not in the stack, the stack holds all.
    ///
    /// # Safety
    /// The stack from `from` up is in use and does not go away meanwhile.
    unsafe fn scan(&self, stack: &Stack, from: usize) {
        let (mut at, high) = (from & !7, stack.high());
        if !stack.contains(at) {
            self.hold_all();
            return;
        }
        while at < high {
            // SAFETY: by the caller's promise. Other threads may write there; any value will do.
            self.consider(unsafe { (at as *const usize).read_volatile() });
            at += 8;
        }
    }

    fn scan_registers(&self, registers: &[i64]) {
        for register in registers {
            self.consider(*register as usize);
        }
    }
}

/// The signal handler's part: scan this thread's stack and registers. Returns false if nobody asked.
pub(super) fn answer(stack_pointer: usize, registers: &[i64]) -> bool {
    let (own, running) = (OWN.get(), RUNNING.get());
    let own = own.filter(|own| !running.is_some_and(|running| std::ptr::eq(*own, running)));
    let mut asked = false;
    for stack in [running, own].into_iter().flatten() {
        let question = stack.request.swap(std::ptr::null_mut(), Ordering::Acquire);
        // SAFETY: the asker keeps a question until it has taken the request back, was answered, or has
        // leaked it; see `ask`.
        let Some(question) = (unsafe { question.as_ref() }) else {
            continue;
        };
        asked = true;
        let from = stack_pointer.wrapping_sub(RED_ZONE);
        let number = question.number;
        if stack.contains(from) {
            question.scan_registers(registers);
            // SAFETY: the interrupted part of the stack that this thread runs on.
            unsafe { question.scan(stack, from) };
        } else if !scan_idle(stack, question) {
            // Another signal is being handled on another stack, and what it interrupted is not known here.
            question.hold_all();
        }
        stack.answered.store(number, Ordering::Release);
    }
    asked
}

/// Which threads answer for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Those in compiled code.
    InCode,
    /// All, so that each core has executed a serialising instruction: a signal returns by one.
    All,
}

/// Asks every stack. On return the question's answers are complete; where a thread could not be asked,
/// everything counts as held.
pub(crate) fn ask(question: Question, asked: Asked) -> Arc<Question> {
    let question = Arc::new(question);
    if question.ranges.is_empty() {
        return question;
    }
    let stacks = registry();
    let mut waiting: Vec<&Stack> = Vec::new();
    for &stack in &stacks.used {
        let is = |of_thread: Option<&Stack>| of_thread.is_some_and(|it| std::ptr::eq(it, stack));
        if is(RUNNING.get()) && stack.state.load(Ordering::Relaxed) == WASM {
            scan_own(stack, &question);
        } else if asked == Asked::All && stack.is_threads() && !is(OWN.get())
            || !scan_idle(stack, &question)
        {
            stack.send(&question);
            waiting.push(stack);
        }
    }
    let started = Instant::now();
    for stack in waiting {
        await_answer(stack, &question, started, asked);
    }
    question
}

fn await_answer(stack: &Stack, question: &Arc<Question>, started: Instant, asked: Asked) {
    while stack.answered.load(Ordering::Acquire) != question.number {
        let passed = started.elapsed();
        let left = asked == Asked::InCode
            && passed > LOOK_AGAIN
            && stack.state.load(Ordering::SeqCst) != WASM;
        if left || passed > PATIENCE {
            let request = stack.request.swap(std::ptr::null_mut(), Ordering::AcqRel);
            let begun = request.is_null();
            if passed > PATIENCE {
                question.hold_all();
                if begun {
                    // The handler may need the question for longer than we do.
                    std::mem::forget(question.clone());
                }
                return;
            }
            if !begun {
                if scan_idle(stack, question) {
                    return;
                }
                stack.send(question);
            }
        }
        std::thread::yield_now();
    }
}

/// Answers for a stack that is not in compiled code. Returns false if it is, or is being scanned already.
fn scan_idle(stack: &Stack, question: &Question) -> bool {
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
                // SAFETY: the stack is in use until compiled code has returned to it, and nobody returns above
                // `from` before the state is HOST again.
                unsafe { question.scan(stack, from) };
                stack.state.store(HOST, Ordering::Release);
                return true;
            }
            _ => return false,
        }
    }
}

/// Answers for the stack on which the calling thread was called by compiled code.
fn scan_own(stack: &Stack, question: &Question) {
    let marker = 0u8;
    asm::with_kept_registers(|registers| {
        question.scan_registers(registers);
        // SAFETY: the used part of the stack that the calling thread runs on.
        unsafe { question.scan(stack, (&raw const marker) as usize) };
    });
}

impl Stack {
    /// Whether it is a thread's own stack.
    fn is_threads(&self) -> bool {
        !self.spare.load(Ordering::Relaxed)
    }

    /// Leaves a request for the thread that is in compiled code here.
    fn send(&self, question: &Arc<Question>) {
        let request = Arc::as_ptr(question).cast_mut();
        self.request.store(request, Ordering::Release);
        // A signal that cannot be sent is one that is not answered.
        sys::send_handshake(self.thread.load(Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stacks::{here, tests::one_at_a_time};

    #[test]
    fn words_at_both_ends_of_a_range_hold_it() {
        let question = Question::new(vec![(100, 200), (200, 300), (400, 500)]);
        question.consider(99);
        assert!(!question.is_held(0));
        question.consider(100);
        assert!(question.is_held(0) && !question.is_held(1));
        question.consider(200);
        assert!(question.is_held(0) && question.is_held(1) && !question.is_held(2));
        question.consider(399);
        question.consider(501);
        assert!(!question.is_held(2));
        question.consider(500);
        assert!(question.is_held(2));
    }

    /// A range of addresses that stands on the stacks of the threads below, and one that does not.
    const HELD: (usize, usize) = (0x7000_0000_1000, 0x7000_0000_2000);
    const NOT_HELD: (usize, usize) = (0x7000_0000_3000, 0x7000_0000_4000);

    /// Asks about both ranges while another thread has been told to begin, and tells it to stop. Its `work` is given what
    /// says that it has begun, and what gives an error once it is to stop.
    fn answers(
        asked: Asked,
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
        let answer = ask(Question::new(vec![HELD, NOT_HELD]), asked);
        drop(stop);
        thread.join().unwrap();
        (answer.is_held(0), answer.is_held(1))
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
    fn a_thread_in_compiled_code_answers_for_itself() {
        for asked in [Asked::InCode, Asked::All] {
            let answer = answers(asked, |begun, stop| {
                let stack = here().unwrap().unwrap();
                let before = stack.enter_wasm();
                begun();
                while !stop() {
                    std::hint::spin_loop();
                }
                stack.leave_wasm(before);
            });
            assert_eq!(answer, (true, false), "{asked:?}");
        }
    }

    #[test]
    fn each_thread_answers_for_itself_where_all_are_asked() {
        let _alone = one_at_a_time();
        let (ready, wait) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            ready.send(here().unwrap().unwrap()).unwrap();
            stopped.recv().unwrap_err();
        });
        let stack = wait.recv().unwrap();
        for (asked, itself) in [(Asked::InCode, false), (Asked::All, true)] {
            let question = ask(Question::new(vec![NOT_HELD]), asked);
            let answered = stack.answered.load(Ordering::Relaxed) == question.number;
            assert_eq!(answered, itself, "{asked:?}");
        }
        drop(stop);
        thread.join().unwrap();
    }

    #[test]
    fn a_thread_on_a_spare_stack_answers_for_its_own_too() {
        let answer = answers(Asked::All, |begun, stop| {
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
    fn the_stack_of_who_asks_is_scanned() {
        let _alone = one_at_a_time();
        let stack = here().unwrap().unwrap();
        let held: [usize; 4] = [HELD.0 + 0x234; 4];
        std::hint::black_box(&held);
        let before = stack.enter_wasm();
        let question = ask(Question::new(vec![HELD]), Asked::InCode);
        stack.leave_wasm(before);
        std::hint::black_box(&held);
        assert!(question.is_held(0));
        assert_ne!(stack.answered.load(Ordering::Relaxed), question.number);
    }

    #[test]
    fn a_thread_in_the_host_is_scanned_by_who_asks() {
        let answer = answers(Asked::InCode, |begun, stop| {
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
    fn a_thread_that_does_not_answer_holds_all() {
        for asked in [Asked::InCode, Asked::All] {
            let answer = answers(asked, |begun, stop| {
                let stack = here().unwrap().unwrap();
                block_handshake();
                let before = stack.enter_wasm();
                begun();
                while !stop() {
                    std::hint::spin_loop();
                }
                stack.leave_wasm(before);
            });
            assert_eq!(answer, (true, true), "{asked:?}");
        }
    }

    #[test]
    fn a_thread_that_leaves_before_it_answers_is_scanned() {
        let answer = answers(Asked::InCode, |begun, stop| {
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
        let answer = answers(Asked::InCode, |begun, stop| {
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
        // Who is asked too late holds all in any case, which is no proof.
        let in_time = (0..100).any(|_| {
            let started = Instant::now();
            let answer = ask(Question::new(vec![HELD, NOT_HELD]), Asked::InCode);
            assert!(answer.is_held(0) && answer.is_held(1));
            started.elapsed() < PATIENCE
        });
        LEAVE_HANDLER.store(true, Ordering::SeqCst);
        thread.join().unwrap();
        assert!(in_time);
    }
}
