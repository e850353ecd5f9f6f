//! Registered stacks: every stack on which compiled code may be running.
//!
//! A thread registers its own stack at its first use. Compiled code that is called on a stack whose bounds nobody
//! knows (a coroutine's), or that is too small, runs on a stack of ours instead (`spare`). Which stack a thread is on
//! is found by its stack pointer ([`here`]), since a host function may switch stacks under us. Each stack has a state
//! word:
//!
//! ```text
//! OUTSIDE --enter_wasm--> WASM --enter_host--> HOST --enter_wasm--> WASM ...      (nested)
//!         <--leave_wasm--      <--leave_host--
//!                                     HOST <--reclaimer--> SCANNING
//! ```
//! Whoever wants to free code asks all of them which of it they still hold (`question`):
//! - OUTSIDE: nothing. Code addresses are loaded from entries only after `enter_wasm`.
//! - HOST: the reclaimer scans it from the noted stack pointer up; the state SCANNING holds back the
//!   return into compiled code meanwhile. Host frames below hold no code addresses that will be
//!   jumped to, nor do the registers that the host keeps for its caller: compiled code loads addresses
//!   right before it uses them. A coroutine that waits inside a host function is in this state, and no
//!   thread need be on its stack.
//! - WASM: the thread gets a signal and scans itself, the registers of the interrupted frame included,
//!   since it may hold a target in a register just before its call.
//!
//! Invariants: a thread is in compiled code on at most one stack, which `RUNNING` names; a [`Stack`] is never freed,
//! only used again for another stack, so a stale `RUNNING` is harmless: whoever reads it compares the stack pointer.
//!
//! A forked child has the forking thread alone: it gets a registry of its own.

mod question;
mod spare;

pub use question::RED_ZONE;
pub use spare::{on_spare, with_room};

pub(crate) use question::{Asked, Question, ask};

use crate::ids::CodeError;
use crate::sys;
use std::cell::Cell;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

const OUTSIDE: u32 = 0;
const WASM: u32 = 1;
const HOST: u32 = 2;
const SCANNING: u32 = 3;

/// A stack: a thread's own, or a spare one.
#[derive(Debug)]
pub struct Stack {
    /// Lowest address; equal to `high` where the bounds are not known or there is no memory.
    low: AtomicUsize,
    /// One past the highest address.
    high: AtomicUsize,
    /// The thread that was in compiled code here last.
    thread: AtomicI32,
    state: AtomicU32,
    /// Lowest address that may hold something of compiled code; valid in the states HOST and SCANNING.
    host_sp: AtomicUsize,
    /// A question that the signal handler of the thread in compiled code should answer.
    request: AtomicPtr<Question>,
    /// Number of the last question that was answered.
    answered: AtomicU64,
    /// What the owner keeps of the innermost entry on this stack, see [`Stack::innermost`].
    innermost: AtomicUsize,
    /// Whether it is a spare stack, not a thread's own.
    spare: AtomicBool,
    /// The object made before this one.
    made_before: Option<&'static Stack>,
}

/// The object made last, and by way of it all others: objects are never freed.
static LAST_MADE: AtomicPtr<Stack> = AtomicPtr::new(std::ptr::null_mut());

fn last_made() -> Option<&'static Stack> {
    // SAFETY: null, or an object that was leaked.
    unsafe { LAST_MADE.load(Ordering::Acquire).as_ref() }
}

/// What a stack's state was before; to be given back.
#[derive(Clone, Copy, Debug)]
#[must_use = "the state must be restored"]
pub struct StackState {
    state: u32,
    host_sp: usize,
}

#[derive(Default)]
struct Stacks {
    /// Those of threads, and spare ones that are in use.
    used: Vec<&'static Stack>,
    /// Spare ones that have memory.
    idle: Vec<&'static Stack>,
    /// Objects without memory, to be used again.
    bare: Vec<&'static Stack>,
}

type Registry = Mutex<Stacks>;

static FIRST_REGISTRY: Registry = Mutex::new(Stacks {
    used: Vec::new(),
    idle: Vec::new(),
    bare: Vec::new(),
});

/// The registry of this process; a forked child makes itself a new one, since the lock of the old one may be
/// held by a thread that the child does not have.
static REGISTRY: AtomicPtr<Registry> = AtomicPtr::new((&raw const FIRST_REGISTRY).cast_mut());

fn registry() -> MutexGuard<'static, Stacks> {
    // SAFETY: a static, or leaked by `after_fork`.
    let registry = unsafe { &*REGISTRY.load(Ordering::Acquire) };
    // The lists are consistent at every point where their holder could panic.
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn after_fork() {
    let mut used: Vec<&'static Stack> = Vec::new();
    for stack in [OWN.get(), RUNNING.get()].into_iter().flatten() {
        if used.iter().any(|known| std::ptr::eq(*known, stack)) {
            continue;
        }
        stack.thread.store(sys::thread_id(), Ordering::Relaxed);
        stack.request.store(std::ptr::null_mut(), Ordering::Relaxed);
        used.push(stack);
    }
    // Scans that were under way go on in the parent only; a coroutine may still be resumed on any stack.
    for stack in std::iter::successors(last_made(), |stack| stack.made_before) {
        let _ = stack
            .state
            .compare_exchange(SCANNING, HOST, Ordering::Relaxed, Ordering::Relaxed);
    }
    let stacks = Stacks {
        used,
        ..Stacks::default()
    };
    REGISTRY.store(Box::leak(Box::new(Mutex::new(stacks))), Ordering::Release);
}

struct Registration(&'static Stack);

impl Drop for Registration {
    fn drop(&mut self) {
        OWN.set(None);
        RUNNING.set(None);
        self.0.set_bounds(0, 0);
        registry().retire(self.0);
    }
}

thread_local! {
    static REGISTRATION: Registration = Registration::new();
    /// The thread's own stack, once it is registered.
    static OWN: Cell<Option<&'static Stack>> = const { Cell::new(None) };
    /// The stack on which the thread was in compiled code last, and is if it is in compiled code.
    static RUNNING: Cell<Option<&'static Stack>> = const { Cell::new(None) };
}

impl Registration {
    fn new() -> Registration {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            sys::install_handshake(question::answer);
            sys::in_forked_children(after_fork);
        });
        sys::accept_signals();
        // Without bounds it is never found, and compiled code runs on spare stacks.
        let (low, high) = sys::stack_bounds().unwrap_or((0, 0));
        let mut stacks = registry();
        let stack = stacks.object();
        stack.set_bounds(low, high);
        stack.thread.store(sys::thread_id(), Ordering::Relaxed);
        stacks.used.push(stack);
        OWN.set(Some(stack));
        Registration(stack)
    }
}

impl Stacks {
    /// A stack without memory, in the state OUTSIDE.
    fn object(&mut self) -> &'static Stack {
        self.bare.pop().unwrap_or_else(|| {
            let stack = Box::leak(Box::new(Stack {
                low: AtomicUsize::new(0),
                high: AtomicUsize::new(0),
                thread: AtomicI32::new(0),
                state: AtomicU32::new(OUTSIDE),
                host_sp: AtomicUsize::new(0),
                request: AtomicPtr::new(std::ptr::null_mut()),
                answered: AtomicU64::new(0),
                innermost: AtomicUsize::new(0),
                spare: AtomicBool::new(false),
                made_before: last_made(),
            }));
            LAST_MADE.store(stack, Ordering::Release);
            stack
        })
    }

    /// Takes a stack out of use.
    fn release(&mut self, stack: &'static Stack) {
        let at = self
            .used
            .iter()
            .rposition(|used| std::ptr::eq(*used, stack));
        // In a forked child, stacks of threads that it does not have are not known.
        if let Some(at) = at {
            self.used.swap_remove(at);
        }
    }

    /// Takes a stack without memory out of use.
    fn retire(&mut self, stack: &'static Stack) {
        self.release(stack);
        self.bare.push(stack);
    }
}

/// Registers the calling thread, at its first call. False in a thread that is ending, once its registration is gone
/// with its other thread-local values. Not inlined: a host function may come back on another thread, and a
/// compiler takes the address of a thread-local value for a constant of the function.
#[inline(never)]
fn register_thread() -> bool {
    OWN.get().is_some() || REGISTRATION.try_with(|_| ()).is_ok()
}

/// The registered stack on which the caller runs; `None` if it runs on another one, such as a coroutine's.
///
/// # Errors
/// [`CodeError::ThreadEnds`] if the calling thread cannot be registered any more.
#[inline(never)]
pub fn here() -> Result<Option<&'static Stack>, CodeError> {
    let marker = 0u8;
    let sp = (&raw const marker) as usize;
    // Where the thread was last, most often.
    match RUNNING.get().filter(|stack| stack.contains(sp)) {
        Some(stack) => Ok(Some(stack)),
        None => look_for(sp),
    }
}

#[cold]
fn look_for(sp: usize) -> Result<Option<&'static Stack>, CodeError> {
    if !register_thread() {
        return Err(CodeError::ThreadEnds);
    }
    let own = OWN.get().filter(|stack| stack.contains(sp));
    // A spare stack may have been left by another thread in a host function and be resumed by this one.
    let found = || {
        registry()
            .used
            .iter()
            .copied()
            .find(|stack| stack.contains(sp))
    };
    Ok(own.or_else(found))
}

/// The stack on which the calling thread is in compiled code, if the stack pointer lies in it. May be asked
/// by signal handlers, about the code that they interrupted.
#[inline(never)]
pub fn running_at(sp: usize) -> Option<&'static Stack> {
    RUNNING
        .get()
        .filter(|stack| stack.contains(sp) && stack.state.load(Ordering::Relaxed) == WASM)
}

/// The stack on which the calling thread is in compiled code.
///
/// # Panics
/// If the caller was not called by compiled code.
#[inline(never)]
pub fn running() -> &'static Stack {
    let running = RUNNING.get();
    running.expect("compiled code runs on a registered stack")
}

impl Stack {
    /// Lowest address of the stack, above its guard.
    #[inline]
    pub fn low(&self) -> usize {
        self.low.load(Ordering::Relaxed)
    }

    /// One past the highest address of the stack.
    #[inline]
    pub fn high(&self) -> usize {
        self.high.load(Ordering::Relaxed)
    }

    /// Whether an address lies in the stack.
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        (self.low()..self.high()).contains(&address)
    }

    /// Bytes of the stack that the caller, who runs on it, may still use.
    #[inline]
    pub fn room(&self) -> usize {
        let marker = 0u8;
        ((&raw const marker) as usize).saturating_sub(self.low())
    }

    /// What the owner has noted of the innermost entry into compiled code on this stack; 0 if there is none.
    #[inline]
    pub fn innermost(&self) -> usize {
        self.innermost.load(Ordering::Relaxed)
    }

    /// Notes what [`Stack::innermost`] answers.
    #[inline]
    pub fn set_innermost(&self, word: usize) {
        self.innermost.store(word, Ordering::Relaxed);
    }

    fn set_bounds(&self, low: usize, high: usize) {
        self.low.store(low, Ordering::Relaxed);
        self.high.store(high, Ordering::Relaxed);
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

    /// The calling thread goes into compiled code on this stack.
    #[inline(never)]
    fn become_wasm(&'static self, from: u32) {
        let is_self = |stack: Option<&Stack>| stack.is_some_and(|stack| std::ptr::eq(stack, self));
        if !is_self(RUNNING.get()) || !is_self(OWN.get()) {
            self.take_over();
        }
        while self
            .state
            .compare_exchange_weak(from, WASM, Ordering::SeqCst, Ordering::Relaxed)
            .is_err()
        {
            // Only the state SCANNING holds us back, for as long as a scan of this stack takes.
            std::thread::yield_now();
        }
    }

    /// The calling thread is the one to be asked about this stack from now on.
    fn take_over(&'static self) {
        assert!(register_thread(), "compiled code runs on a living thread");
        let own = OWN.get().expect("the thread is registered");
        let thread = own.thread.load(Ordering::Relaxed);
        self.thread.store(thread, Ordering::Relaxed);
        RUNNING.set(Some(self));
    }

    /// Compiled code is about to run on this stack, by the calling thread, whose stack pointer lies in it. Code
    /// addresses must be loaded afterwards.
    pub fn enter_wasm(&'static self) -> StackState {
        let before = self.note();
        debug_assert_ne!(before.state, WASM, "compiled code is entered from the host");
        self.become_wasm(before.state);
        before
    }

    /// Loads the address of the code that is to run on this stack, after [`Stack::enter_wasm`]: before, whoever frees code
    /// would not have asked this stack for it ([OUTLIVE]).
    #[inline]
    pub fn load_code(&self, entry: &AtomicUsize) -> usize {
        debug_assert_eq!(self.state.load(Ordering::Relaxed), WASM);
        entry.load(Ordering::SeqCst)
    }

    /// Compiled code entered by [`Stack::enter_wasm`] has ended.
    #[inline]
    pub fn leave_wasm(&self, before: StackState) {
        self.host_sp.store(before.host_sp, Ordering::Relaxed);
        self.state.store(before.state, Ordering::Release);
    }

    /// Compiled code has called the host; what it left is at `sp` and above.
    pub fn enter_host(&self, sp: usize) -> StackState {
        debug_assert!(self.contains(sp), "compiled code ran on this stack");
        let before = self.note();
        self.host_sp.store(sp, Ordering::Relaxed);
        self.state.store(HOST, Ordering::Release);
        before
    }

    /// The host returns to compiled code, on the calling thread.
    pub fn leave_host(&'static self, before: StackState) {
        debug_assert_eq!(before.state, WASM, "the host was called by compiled code");
        self.become_wasm(HOST);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Whoever asks asks the stacks of all tests of this process.
    pub(crate) fn one_at_a_time() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn states_nest() {
        let _alone = one_at_a_time();
        let stack = here().unwrap().unwrap();
        let is_running = |sp| running_at(sp).is_some_and(|found| std::ptr::eq(found, stack));
        assert!(!is_running(stack.low()));
        let outside = stack.enter_wasm();
        assert!(is_running(stack.low()) && !is_running(stack.high()));
        assert_eq!(stack.load_code(&AtomicUsize::new(77)), 77);
        let wasm = stack.enter_host(stack.high() - 64);
        assert!(!is_running(stack.low()));
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
    fn the_innermost_entry_is_noted() {
        let stack = here().unwrap().unwrap();
        let before = stack.innermost();
        stack.set_innermost(77);
        assert_eq!(stack.innermost(), 77);
        stack.set_innermost(before);
    }

    #[test]
    fn the_thread_that_resumes_a_stack_is_asked_about_it() {
        let _alone = one_at_a_time();
        on_spare(1, |spare| {
            let asked = || spare.thread.load(Ordering::Relaxed);
            let is_running =
                || running_at(spare.low()).is_some_and(|found| std::ptr::eq(found, spare));
            let sp = spare.high() - 64;
            let outside = spare.enter_wasm();
            assert!(asked() == sys::thread_id() && is_running());
            let wasm = spare.enter_host(sp);
            let resume = || {
                spare.leave_host(wasm);
                assert!(asked() == sys::thread_id() && is_running());
                let wasm = spare.enter_host(sp);
                assert!(!is_running());
                wasm
            };
            let wasm = std::thread::scope(|scope| scope.spawn(resume).join().unwrap());
            assert_ne!(asked(), sys::thread_id());
            spare.leave_host(wasm);
            assert!(asked() == sys::thread_id() && is_running());
            spare.leave_wasm(outside);
        })
        .unwrap();
    }

    #[test]
    fn a_forked_child_knows_the_stack_that_it_runs_on() {
        let _alone = one_at_a_time();
        let stack = here().unwrap().unwrap();
        let other = registry().object();
        other.state.store(SCANNING, Ordering::Relaxed);
        // SAFETY: the child looks at the registry that it has made, and ends.
        unsafe {
            let child = libc::fork();
            if child == 0 {
                let known = registry().used.iter().any(|it| std::ptr::eq(*it, stack));
                let scanned = other.state.load(Ordering::Relaxed) == SCANNING;
                libc::_exit(i32::from(!known || scanned));
            }
            other.state.store(OUTSIDE, Ordering::Relaxed);
            registry().bare.push(other);
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &mut status, 0), child);
            assert_eq!(status, 0);
        }
    }

    #[test]
    fn a_scan_holds_back_the_return_into_compiled_code() {
        let _alone = one_at_a_time();
        let (in_host, arrived) = std::sync::mpsc::channel();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let returned = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = returned.clone();
        let thread = std::thread::spawn(move || {
            let stack = here().unwrap().unwrap();
            let outside = stack.enter_wasm();
            let marker = 0u8;
            let wasm = stack.enter_host((&raw const marker) as usize);
            in_host.send(stack).unwrap();
            wait.recv().unwrap();
            stack.leave_host(wasm);
            flag.store(true, Ordering::SeqCst);
            stack.leave_wasm(outside);
        });
        let stack = arrived.recv().unwrap();
        let scanning =
            stack
                .state
                .compare_exchange(HOST, SCANNING, Ordering::SeqCst, Ordering::SeqCst);
        assert!(scanning.is_ok());
        go.send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!returned.load(Ordering::SeqCst), "the scan is not over");
        stack.state.store(HOST, Ordering::SeqCst);
        thread.join().unwrap();
        assert!(returned.load(Ordering::SeqCst));
    }

    #[test]
    fn the_objects_of_threads_that_ended_are_used_again() {
        let object = || {
            let thread = std::thread::spawn(|| here().unwrap().unwrap() as *const Stack as usize);
            thread.join().unwrap()
        };
        let seen: std::collections::HashSet<usize> = (0..200).map(|_| object()).collect();
        assert!(seen.len() < 100, "{} objects for 200 threads", seen.len());
    }
}
