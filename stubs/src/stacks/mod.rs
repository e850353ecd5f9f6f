//! Registered stacks: every stack on which compiled code may be running.
//!
//! A thread registers at its first use and is forgotten when it ends. Each stack has a state word:
//!
//! ```text
//! OUTSIDE --enter_wasm--> WASM --enter_host--> HOST --enter_wasm--> WASM ...      (nested)
//!         <--leave_wasm--      <--leave_host--
//!                                     HOST <--reclaimer--> SCANNING
//! ```
//! Whoever wants to free code asks all of them which of it they still hold ([`ask`]):
//! - OUTSIDE: nothing. Code addresses are loaded from entries only after `enter_wasm`.
//! - HOST: the reclaimer scans it from the noted stack pointer up; the state SCANNING holds back the
//!   thread's return into compiled code meanwhile. Host frames below hold no code addresses that will be
//!   jumped to, nor do the registers that the host keeps for its caller: compiled code loads addresses
//!   right before it uses them.
//! - WASM: the thread gets a signal and scans itself, the registers of the interrupted frame included,
//!   since it may hold a target in a register just before its call.
//!
//! A request is left in the stack, and taken out by the signal handler, once: so a handler never comes upon a
//! question that is over, and a signal without a request is somebody else's.
//!
//! Scanning is conservative: any word that is an address in a body keeps the body. A stack that cannot be
//! asked (its thread does not answer, or is handling another signal on another stack) keeps all.
//!
//! A forked child has the forking thread alone: it gets a registry of its own.

use crate::{asm, sys};
use std::cell::Cell;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

const OUTSIDE: u32 = 0;
const WASM: u32 = 1;
const HOST: u32 = 2;
const SCANNING: u32 = 3;

/// Bytes below the stack pointer that leaf functions may use (System V ABI, "red zone").
const RED_ZONE: usize = 128;

/// How long a thread may take to answer the handshake. A thread that does not (its signals are
/// blocked, it is stopped by a debugger, or the process has taken the signal for itself) keeps
/// everything alive until a later scan. Guessed: long beside the time slices of a loaded machine.
const PATIENCE: Duration = Duration::from_millis(200);

/// A thread's stack.
#[derive(Debug)]
pub struct Stack {
    low: usize,
    high: usize,
    thread: AtomicI32,
    state: AtomicU32,
    /// Lowest address that may hold something of compiled code; valid in the states HOST and SCANNING.
    host_sp: AtomicUsize,
    /// A question that this thread's signal handler shall answer.
    request: AtomicPtr<Question>,
    /// Number of the last question that was answered.
    answered: AtomicU64,
}

/// What a stack's state was before; to be given back.
#[derive(Clone, Copy, Debug)]
#[must_use = "the state must be restored"]
pub struct StackState {
    state: u32,
    host_sp: usize,
}

type Registry = Mutex<Vec<Arc<Stack>>>;

static FIRST_REGISTRY: Registry = Mutex::new(Vec::new());

/// The registry of this process; a forked child makes itself a new one, since the lock of the old one may be
/// held by a thread that the child does not have.
static REGISTRY: AtomicPtr<Registry> = AtomicPtr::new((&raw const FIRST_REGISTRY).cast_mut());

fn registry() -> MutexGuard<'static, Vec<Arc<Stack>>> {
    // SAFETY: a static, or leaked by `after_fork`.
    let registry = unsafe { &*REGISTRY.load(Ordering::Acquire) };
    // The list is consistent at every point where its holder could panic.
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn after_fork() {
    let mine = MINE.get();
    let mut stacks = Vec::new();
    if !mine.is_null() {
        // SAFETY: `MINE` is set as long as the registration lives, which holds the stack in an `Arc`.
        let stack = unsafe {
            Arc::increment_strong_count(mine);
            Arc::from_raw(mine)
        };
        stack.thread.store(sys::thread_id(), Ordering::Relaxed);
        stack.request.store(std::ptr::null_mut(), Ordering::Relaxed);
        // A scan of this stack that was under way goes on in the parent only.
        let _ = stack
            .state
            .compare_exchange(SCANNING, HOST, Ordering::Relaxed, Ordering::Relaxed);
        stacks.push(stack);
    }
    let registry = Box::leak(Box::new(Mutex::new(stacks)));
    REGISTRY.store(registry, Ordering::Release);
}

struct Registration(Arc<Stack>);

impl Drop for Registration {
    fn drop(&mut self) {
        registry().retain(|stack| !Arc::ptr_eq(stack, &self.0));
        MINE.set(std::ptr::null());
    }
}

thread_local! {
    static REGISTRATION: Registration = Registration::new();
    static MINE: Cell<*const Stack> = const { Cell::new(std::ptr::null()) };
}

impl Registration {
    fn new() -> Registration {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            sys::install_handshake(answer);
            sys::in_forked_children(after_fork);
        });
        sys::accept_handshake();
        let (low, high) = sys::stack_bounds();
        let stack = Arc::new(Stack {
            low,
            high,
            thread: AtomicI32::new(sys::thread_id()),
            state: AtomicU32::new(OUTSIDE),
            host_sp: AtomicUsize::new(0),
            request: AtomicPtr::new(std::ptr::null_mut()),
            answered: AtomicU64::new(0),
        });
        registry().push(stack.clone());
        Registration(stack)
    }
}

/// The calling thread's stack, registered at the first call. `None` in a thread that is ending, once its registration
/// is gone with its other thread-local values.
pub fn try_current() -> Option<&'static Stack> {
    let mine = MINE.get();
    let mine = if mine.is_null() {
        let registered = REGISTRATION.try_with(|registration| Arc::as_ptr(&registration.0));
        let registered = registered.ok()?;
        MINE.set(registered);
        registered
    } else {
        mine
    };
    // SAFETY: the registration lives as long as the thread, and the reference does not leave it in
    // practice: `Stack` methods are about the calling thread, and nothing stores the reference.
    Some(unsafe { &*mine })
}

/// As [`try_current`].
///
/// # Panics
/// In a thread that is ending.
pub fn current() -> &'static Stack {
    try_current().expect("the thread has its thread-local values")
}

impl Stack {
    /// Lowest address of the stack, above its guard.
    pub fn low(&self) -> usize {
        self.low
    }

    /// One past the highest address of the stack.
    pub fn high(&self) -> usize {
        self.high
    }

    fn note(&self) -> StackState {
        let state = match self.state.load(Ordering::Relaxed) {
            SCANNING => HOST,
            state => state,
        };
        StackState {
            state,
            host_sp: self.host_sp.load(Ordering::Relaxed),
        }
    }

    fn become_wasm(&self, from: u32) {
        while self
            .state
            .compare_exchange_weak(from, WASM, Ordering::SeqCst, Ordering::Relaxed)
            .is_err()
        {
            // Only the state SCANNING holds us back, for as long as a scan of this stack takes.
            std::thread::yield_now();
        }
    }

    /// Compiled code is about to run on this stack. Code addresses must be loaded afterwards.
    pub fn enter_wasm(&self) -> StackState {
        let before = self.note();
        debug_assert_ne!(before.state, WASM, "compiled code is entered from the host");
        self.become_wasm(before.state);
        before
    }

    /// Compiled code entered by [`Stack::enter_wasm`] has ended.
    pub fn leave_wasm(&self, before: StackState) {
        self.host_sp.store(before.host_sp, Ordering::Relaxed);
        self.state.store(before.state, Ordering::Release);
    }

    /// Compiled code has called the host; what it left is at `sp` and above.
    pub fn enter_host(&self, sp: usize) -> StackState {
        let before = self.note();
        self.host_sp.store(sp, Ordering::Relaxed);
        self.state.store(HOST, Ordering::Release);
        before
    }

    /// The host returns to compiled code.
    pub fn leave_host(&self, before: StackState) {
        debug_assert_eq!(before.state, WASM, "the host was called by compiled code");
        self.become_wasm(HOST);
    }
}

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

    /// Looks at every word from `from` to `to`.
    ///
    /// # Safety
    /// The range must be readable: part of a stack that does not go away meanwhile.
    unsafe fn scan(&self, from: usize, to: usize) {
        let mut at = from & !7;
        while at < to {
            // SAFETY: by the caller's promise. Other threads may write there; any value will do.
            self.consider(unsafe { (at as *const usize).read_volatile() });
            at += 8;
        }
    }
}

/// The signal handler's part: scan this thread's stack and registers. Returns false if nobody asked.
fn answer(stack_pointer: usize, registers: &[i64]) -> bool {
    // SAFETY: set as long as this thread's registration lives.
    let Some(mine) = (unsafe { MINE.get().as_ref() }) else {
        return false;
    };
    let question = mine.request.swap(std::ptr::null_mut(), Ordering::Acquire);
    // SAFETY: the asker keeps a question until it has taken the request back, was answered, or has
    // leaked it; see `ask`.
    let Some(question) = (unsafe { question.as_ref() }) else {
        return false;
    };
    let (from, number) = (stack_pointer.wrapping_sub(RED_ZONE), question.number);
    if (mine.low..mine.high).contains(&from) {
        for register in registers {
            question.consider(*register as usize);
        }
        // SAFETY: the interrupted part of this thread's own stack.
        unsafe { question.scan(from, mine.high) };
    } else {
        // Another signal is being handled on another stack, and what it interrupted is not known here.
        question.hold_all();
    }
    mine.answered.store(number, Ordering::Release);
    true
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
    for stack in stacks.iter() {
        if std::ptr::eq(Arc::as_ptr(stack), MINE.get()) {
            scan_own(stack, &question);
        } else if asked == Asked::All || !scan_idle(stack, &question) {
            let request = Arc::as_ptr(&question).cast_mut();
            stack.request.store(request, Ordering::Release);
            // A signal that cannot be sent is one that is not answered.
            sys::send_handshake(stack.thread.load(Ordering::Relaxed));
            waiting.push(stack);
        }
    }
    let started = Instant::now();
    for stack in waiting {
        while stack.answered.load(Ordering::Acquire) != question.number {
            if started.elapsed() > PATIENCE {
                question.hold_all();
                let request = stack.request.swap(std::ptr::null_mut(), Ordering::AcqRel);
                if request.is_null() {
                    // The handler has begun and may need the question for longer than we do.
                    std::mem::forget(question.clone());
                }
                break;
            }
            std::thread::yield_now();
        }
    }
    question
}

/// Answers for a stack that is not in compiled code. Returns false if it is.
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
                // SAFETY: the thread cannot end (it would need the registry's lock, which the asker
                // holds) nor return above `from` before the state is HOST again.
                unsafe { question.scan(from, stack.high) };
                stack.state.store(HOST, Ordering::Release);
                return true;
            }
            _ => return false,
        }
    }
}

fn scan_own(stack: &Stack, question: &Question) {
    let from = match stack.state.load(Ordering::Relaxed) {
        OUTSIDE => return,
        HOST | SCANNING => stack.host_sp.load(Ordering::Relaxed),
        _ => {
            let here = 0u8;
            (&raw const here) as usize
        }
    };
    asm::with_kept_registers(|registers| {
        registers
            .iter()
            .for_each(|register| question.consider(*register as usize));
        // SAFETY: the used part of the calling thread's own stack.
        unsafe { question.scan(from, stack.high) };
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_nest() {
        let stack = current();
        let outside = stack.enter_wasm();
        let wasm = stack.enter_host(stack.high() - 64);
        let host = stack.enter_wasm();
        stack.leave_wasm(host);
        assert_eq!(stack.state.load(Ordering::Relaxed), HOST);
        assert_eq!(stack.host_sp.load(Ordering::Relaxed), stack.high() - 64);
        stack.leave_host(wasm);
        assert_eq!(stack.state.load(Ordering::Relaxed), WASM);
        stack.leave_wasm(outside);
        assert_eq!(stack.state.load(Ordering::Relaxed), OUTSIDE);
    }

    #[test]
    fn words_at_both_ends_of_a_range_hold_it() {
        let question = Question::new(vec![(100, 200), (200, 300), (400, 500)]);
        question.consider(200);
        assert!(question.is_held(0) && question.is_held(1) && !question.is_held(2));
        question.consider(399);
        question.consider(501);
        assert!(!question.is_held(2));
        question.consider(500);
        assert!(question.is_held(2));
    }

    #[test]
    fn a_thread_in_compiled_code_answers_for_itself() {
        let (ready, wait) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let stack = current();
            let before = stack.enter_wasm();
            let held: [usize; 4] = [0x7000_0000_1234; 4];
            std::hint::black_box(&held);
            ready.send(()).unwrap();
            while stopped.try_recv().is_err() {
                std::hint::black_box(&held);
                std::hint::spin_loop();
            }
            stack.leave_wasm(before);
        });
        wait.recv().unwrap();
        let ranges = vec![
            (0x7000_0000_1000, 0x7000_0000_2000),
            (0x7000_0000_3000, 0x7000_0000_4000),
        ];
        let answer = ask(Question::new(ranges), Asked::InCode);
        assert!(
            answer.is_held(0),
            "the value stands on the other thread's stack"
        );
        assert!(
            !answer.is_held(1),
            "the thread answered; of one that does not, everything is taken as held"
        );
        stop.send(()).unwrap();
        thread.join().unwrap();
    }
}
