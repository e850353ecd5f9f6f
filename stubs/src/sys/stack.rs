//! Memory of stacks: the bounds of a thread's own, and mappings for spare ones.

use crate::ids::CodeError;
use rustix::mm::{
    Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap_anonymous, mprotect, munmap,
};
use std::ffi::c_void;

/// Bytes below a spare stack that fault. Host functions with larger frames touch each page of them in order
/// (those in Rust always, those in C if the compiler was told to).
const GUARD: usize = 64 << 10;

/// Lowest address of the calling thread's stack, and the end of it. `None` if the system does not report
/// them. The C library computes the main thread's from /proc; if that stack has no limit, the result only
/// names the mapping that happens to be below it now.
pub(crate) fn stack_bounds() -> Option<(usize, usize)> {
    let is_main = super::thread_id() == rustix::process::getpid().as_raw_nonzero().get();
    if is_main && !has_limit() {
        return None;
    }
    // SAFETY: the attributes are initialised by the call, read, and destroyed.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let (mut low, mut size) = (std::ptr::null_mut(), 0);
        libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
        let mut guard = 0;
        libc::pthread_attr_getguardsize(&attributes, &mut guard);
        libc::pthread_attr_destroy(&mut attributes);
        Some((low as usize + guard, low as usize + size))
    }
}

/// Whether the main thread's stack has a limit. False if the system does not report it.
fn has_limit() -> bool {
    // SAFETY: the call writes to a structure of this frame.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_STACK, &mut limit) == 0
            && limit.rlim_cur != libc::RLIM_INFINITY
    }
}

/// Maps a stack of this many bytes, rounded up to whole pages, above a guard. Returns its bounds.
pub(crate) fn map_stack(bytes: usize) -> Result<(usize, usize), CodeError> {
    let refused = |error: rustix::io::Errno| CodeError::Stack(format!("{bytes} bytes: {error}"));
    let bytes = bytes
        .checked_next_multiple_of(super::PAGE)
        .filter(|bytes| *bytes < isize::MAX as usize - GUARD)
        .ok_or_else(|| refused(rustix::io::Errno::NOMEM))?;
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::STACK;
    let anywhere = std::ptr::null_mut();
    // SAFETY: a new mapping at an address of the kernel's choice.
    let start = unsafe { mmap_anonymous(anywhere, GUARD + bytes, ProtFlags::empty(), flags) };
    let start = start.map_err(refused)? as usize;
    let (low, high) = (start + GUARD, start + GUARD + bytes);
    let usable = MprotectFlags::READ | MprotectFlags::WRITE;
    // SAFETY: the new mapping, which nothing uses yet.
    if let Err(error) = unsafe { mprotect(low as *mut c_void, bytes, usable) } {
        unmap_stack(low, high);
        return Err(refused(error));
    }
    Ok((low, high))
}

/// Unmaps a stack of [`map_stack`] that is not used any more.
pub(crate) fn unmap_stack(low: usize, high: usize) {
    // SAFETY: our own mapping, guard included. A refusal can only leak.
    let _ = unsafe { munmap((low - GUARD) as *mut c_void, high - low + GUARD) };
}

/// Returns the pages of an unused part of a spare stack to the system.
pub(crate) fn discard_stack(low: usize, high: usize) {
    // SAFETY: our own pages, whose contents are not needed. A refusal costs memory, nothing else.
    let _ = unsafe { madvise(low as *mut c_void, high - low, Advice::LinuxDontNeed) };
}
