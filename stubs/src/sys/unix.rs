//! Linux: forks, membarrier, and the signal of the handshake.

use crate::arch;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Once, OnceLock};

const MEMBARRIER_SYNC_CORE: libc::c_int = 1 << 5;
const MEMBARRIER_REGISTER_SYNC_CORE: libc::c_int = 1 << 6;

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: the call takes no pointers.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

/// Registers the process for [`synchronise_cores`], which is cheap as long as it has one thread. If this is
/// refused, [`synchronise_cores`] will return false.
pub(crate) fn register_for_barriers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        membarrier(MEMBARRIER_REGISTER_SYNC_CORE);
    });
}

static BARRIERS: AtomicU64 = AtomicU64::new(0);

/// How often [`synchronise_cores`] has succeeded.
pub(crate) fn barriers() -> u64 {
    BARRIERS.load(Ordering::Relaxed)
}

/// When it returns true, every core that runs a thread of this process has executed a serialising
/// instruction since the call (membarrier(2), `MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE`).
pub(crate) fn synchronise_cores() -> bool {
    let done = membarrier(MEMBARRIER_SYNC_CORE);
    BARRIERS.fetch_add(u64::from(done), Ordering::Relaxed);
    done
}

/// Registers `f` to be called in every forked child from now on, by the forking thread. This cannot be
/// undone.
pub(crate) fn in_forked_children(f: extern "C" fn()) {
    let f: unsafe extern "C" fn() = f;
    // SAFETY: the handler is a function of this program. If this is refused (no memory), a forked child does
    // not know that it is not its parent, which only matters to programs that fork.
    unsafe { libc::pthread_atfork(None, None, Some(f)) };
}

static FORKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// How many forks are between this process and the first one that called this.
pub(crate) fn forks() -> u32 {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| in_forked_children(count_fork));
    FORKS.load(Ordering::Relaxed)
}

/// Whether this is another process than the one in which [`forks`] returned this number.
#[inline]
pub(crate) fn was_forked_since(forks: u32) -> bool {
    FORKS.load(Ordering::Relaxed) != forks
}

/// The kernel's id of the calling thread.
pub(crate) fn thread_id() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}

/// The signal that requests a thread to scan its stack. Its default action is to be ignored, so that a
/// late one does no harm.
pub(crate) const HANDSHAKE: i32 = libc::SIGURG;

/// The signals of faults.
const FAULTS: [i32; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// Sends the signal of the handshake to a thread of this process.
pub(crate) fn send_handshake(thread: i32) -> bool {
    // SAFETY: the call takes no pointers.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, HANDSHAKE) == 0 }
}

/// Makes sure that the calling thread can receive the handshake, and the signals of faults: if such a signal
/// is blocked when an instruction faults, the process ends.
pub(crate) fn accept_signals() {
    // SAFETY: the set is initialised before it is used.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for signal in FAULTS.into_iter().chain([HANDSHAKE]) {
            libc::sigaddset(&mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
    }
}

/// A handler of the handshake. It gets the stack pointer and the registers of the interrupted code, and
/// returns whether the signal was ours; other signals are passed to the handler that was installed before. It
/// may touch atomics and the interrupted stack, nothing else.
pub(crate) type HandshakeHandler = fn(stack: usize, registers: &[i64]) -> bool;

static HANDLER: OnceLock<HandshakeHandler> = OnceLock::new();
static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

extern "C" fn on_handshake(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a `ucontext_t`, which lives as long as the handler runs.
    let interrupted = unsafe { &*context.cast::<libc::ucontext_t>() };
    let (stack, registers) = arch::interrupted_registers(interrupted);
    if HANDLER
        .get()
        .is_some_and(|handler| handler(stack, registers))
    {
        return;
    }
    let Some(previous) = PREVIOUS.get() else {
        return;
    };
    match previous.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => {}
        // SAFETY: the process installed this action for this signal, with the signature that its flags name.
        handler => unsafe {
            if previous.sa_flags & libc::SA_SIGINFO != 0 {
                let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute(handler);
                handler(signal, info, context);
            } else {
                let handler: extern "C" fn(i32) = std::mem::transmute(handler);
                handler(signal);
            }
        },
    }
}

/// Installs the handler of the handshake, once in the life of the process.
pub(crate) fn install_handshake(handler: HandshakeHandler) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = HANDLER.set(handler);
        // SAFETY: all fields of the action are set, and the handler touches atomics and the stack only.
        unsafe {
            let mut previous: libc::sigaction = std::mem::zeroed();
            libc::sigaction(HANDSHAKE, std::ptr::null(), &mut previous);
            let _ = PREVIOUS.set(previous);
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_handshake as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
            // Other signals wait, but not those of faults: a second handler might not fit on an alternate
            // stack, and a profiler sends its signal at any time.
            libc::sigfillset(&mut action.sa_mask);
            for fault in FAULTS {
                libc::sigdelset(&mut action.sa_mask, fault);
            }
            libc::sigaction(HANDSHAKE, &action, std::ptr::null_mut());
        }
    });
}
