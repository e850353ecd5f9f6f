//! Linux: a memfd mapped twice, membarrier, thread bounds and the signal of the handshake.
//!
//! ```text
//! one reservation                                            elsewhere
//! | entry words (RW, anonymous) | code (RX, memfd) |         | code (RW, same memfd) |
//! ```
//! No address is both writable and executable ([W^X]). Neither view is inherited by a fork.

use crate::ids::CodeError;
use rustix::fs::{FallocateFlags, MemfdFlags, fallocate, ftruncate, memfd_create};
use rustix::mm::{
    Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap, mmap_anonymous, mprotect, munmap,
};
use std::os::fd::OwnedFd;
use std::ptr::NonNull;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Bytes of a page.
pub(crate) const PAGE: usize = 4096;

/// A range of address space that is given back when dropped.
#[derive(Debug)]
struct Range {
    start: NonNull<u8>,
    len: usize,
}

impl Range {
    fn of(start: *mut std::ffi::c_void, len: usize) -> Range {
        Range {
            start: NonNull::new(start.cast()).expect("a mapping is not at address 0"),
            len,
        }
    }

    fn as_void(&self) -> *mut std::ffi::c_void {
        self.start.as_ptr().cast()
    }

    fn not_inherited(&self) -> Result<(), CodeError> {
        // SAFETY: the range is ours; the advice changes nothing in this process.
        unsafe { madvise(self.as_void(), self.len, Advice::LinuxDontFork) }
            .map_err(refused("fork advice"))
    }
}

impl Drop for Range {
    fn drop(&mut self) {
        // SAFETY: the range is ours, and whoever drops the code space promises that nothing runs there.
        // A failure to unmap can only leak.
        let _ = unsafe { munmap(self.as_void(), self.len) };
    }
}

fn refused(what: &str) -> impl Fn(rustix::io::Errno) -> CodeError + '_ {
    move |error| CodeError::Mapping(format!("{what}: {error}"))
}

/// The memory of a code space.
#[derive(Debug)]
pub(crate) struct Mapping {
    reservation: Range,
    data_len: usize,
    writable: Range,
    file: OwnedFd,
}

// SAFETY: the mapping is plain memory; who may write where is decided by the code space's lock.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Reserves room for both; the lengths are multiples of the page size. Pages cost nothing
    /// before they are written.
    pub(crate) fn new(data_len: usize, code_len: usize) -> Result<Mapping, CodeError> {
        let file = memfd_create("lazywasm-code", MemfdFlags::CLOEXEC).map_err(refused("memfd"))?;
        ftruncate(&file, code_len as u64).map_err(refused("size of the memfd"))?;
        let total = data_len + code_len;
        let nowhere = std::ptr::null_mut();
        let none = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping at a place of the kernel's choice.
        let reservation = unsafe { mmap_anonymous(nowhere, total, ProtFlags::empty(), none) };
        let reservation = Range::of(reservation.map_err(refused("reservation"))?, total);
        let rw = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: the first part of our own reservation.
        unsafe { mprotect(reservation.as_void(), data_len, rw) }.map_err(refused("entry words"))?;
        let executable = ProtFlags::READ | ProtFlags::EXEC;
        let fixed = MapFlags::SHARED | MapFlags::FIXED;
        // SAFETY: over the second part of our own reservation, which nobody uses yet.
        unsafe {
            let code = reservation.start.as_ptr().add(data_len).cast();
            mmap(code, code_len, executable, fixed, &file, 0)
                .map_err(refused("executable view"))?;
        }
        let rw = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at a place of the kernel's choice.
        let writable = unsafe { mmap(nowhere, code_len, rw, MapFlags::SHARED, &file, 0) };
        let writable = Range::of(writable.map_err(refused("writable view"))?, code_len);
        reservation.not_inherited()?;
        writable.not_inherited()?;
        Ok(Mapping {
            reservation,
            data_len,
            writable,
            file,
        })
    }

    /// First entry word.
    pub(crate) fn data(&self) -> *mut u8 {
        self.reservation.start.as_ptr()
    }

    /// First byte of code, as the processor fetches it.
    pub(crate) fn executable(&self) -> usize {
        self.reservation.start.as_ptr() as usize + self.data_len
    }

    /// The same byte as the writable view sees it.
    pub(crate) fn writable(&self) -> *mut u8 {
        self.writable.start.as_ptr()
    }

    /// Gives pages of code back to the system. They read as zeros afterwards.
    pub(crate) fn discard(&self, offset: usize, len: usize) {
        // A refusal costs memory, nothing else.
        let _ = fallocate(
            &self.file,
            FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE,
            offset as u64,
            len as u64,
        );
    }

    /// Forgets the page tables of the writable view, whose pages would count twice. The contents stay.
    pub(crate) fn drop_writable(&self, offset: usize, len: usize) {
        // SAFETY: the pages belong to the memfd, so dropping them from this view loses nothing.
        let _ = unsafe {
            madvise(
                self.writable().add(offset).cast(),
                len,
                Advice::LinuxDontNeed,
            )
        };
    }
}

const MEMBARRIER_SYNC_CORE: libc::c_int = 1 << 5;
const MEMBARRIER_REGISTER_SYNC_CORE: libc::c_int = 1 << 6;

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: the call takes no pointers.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

/// Asks for the right to use [`synchronise_cores`]; cheap as long as the process has one thread.
pub(crate) fn prepare_cores() -> bool {
    static ONCE: Once = Once::new();
    static WORKS: AtomicBool = AtomicBool::new(false);
    ONCE.call_once(|| WORKS.store(membarrier(MEMBARRIER_REGISTER_SYNC_CORE), Ordering::Relaxed));
    WORKS.load(Ordering::Relaxed)
}

/// When it returns true, every core that runs a thread of this process has executed a serialising
/// instruction since the call (membarrier(2), `MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE`).
pub(crate) fn synchronise_cores() -> bool {
    membarrier(MEMBARRIER_SYNC_CORE)
}

static FORKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// How many forks lie between this process and the first that asked.
pub(crate) fn forks() -> u32 {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler only increments an atomic.
        unsafe { libc::pthread_atfork(None, None, Some(count_fork)) };
    });
    FORKS.load(Ordering::Relaxed)
}

/// Lowest and highest address of the calling thread's stack.
pub(crate) fn stack_bounds() -> (usize, usize) {
    // SAFETY: the attributes are initialised by the call, read, and destroyed.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let asked = libc::pthread_getattr_np(libc::pthread_self(), &mut attributes);
        assert_eq!(
            asked, 0,
            "the bounds of a thread's stack cannot be asked for"
        );
        let (mut low, mut size) = (std::ptr::null_mut(), 0);
        libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
        let mut guard = 0;
        libc::pthread_attr_getguardsize(&attributes, &mut guard);
        libc::pthread_attr_destroy(&mut attributes);
        (low as usize + guard, low as usize + size)
    }
}

/// The kernel's id of the calling thread.
pub(crate) fn thread_id() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}

/// The signal by which a stack is asked to scan itself. Its default action is to be ignored, so that a
/// late one does no harm.
pub(crate) const HANDSHAKE: i32 = libc::SIGURG;

/// Sends the signal of the handshake to a thread of this process.
pub(crate) fn send_handshake(thread: i32) -> bool {
    // SAFETY: the call takes no pointers.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, HANDSHAKE) == 0 }
}

/// Makes sure that the calling thread can receive the handshake.
pub(crate) fn accept_handshake() {
    // SAFETY: the set is initialised before it is used.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, HANDSHAKE);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
    }
}

/// What a handler of the handshake is told: stack pointer and registers of the interrupted code.
/// Returns whether the signal was meant for us.
pub(crate) type HandshakeHandler = fn(stack: usize, registers: &[i64]) -> bool;

static HANDLER: std::sync::OnceLock<HandshakeHandler> = std::sync::OnceLock::new();
static PREVIOUS: std::sync::OnceLock<libc::sigaction> = std::sync::OnceLock::new();

extern "C" fn on_handshake(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a `ucontext_t`.
    let registers = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let stack = registers[libc::REG_RSP as usize] as usize;
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
        // SAFETY: the action was installed by the process for this signal with this signature.
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
        // SAFETY: the action is filled completely, and the handler touches atomics and the stack only.
        unsafe {
            let mut previous: libc::sigaction = std::mem::zeroed();
            libc::sigaction(HANDSHAKE, std::ptr::null(), &mut previous);
            let _ = PREVIOUS.set(previous);
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_handshake as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
            libc::sigemptyset(&mut action.sa_mask);
            libc::sigaction(HANDSHAKE, &action, std::ptr::null_mut());
        }
    });
}
