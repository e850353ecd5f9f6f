//! How the C library's allocator treats what is freed.
//!
//! Left alone, it learns from the first large block freed to keep blocks of that size. A compiler frees the buffers of a
//! large function once and never needs as much again: on a run of CPython that made a quarter of the peak.
#![allow(unsafe_code)]

/// Bytes at the end of a heap from which they go back to the system. The allocator's own number, but setting it
/// keeps the allocator from raising it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TRIM_THRESHOLD: i32 = 128 << 10;

/// To be called before anything large is allocated.
pub fn give_memory_back() {
    // SAFETY: sets a number in the allocator, under the allocator's own lock. If it refuses, nothing changes.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, TRIM_THRESHOLD);
    }
}
