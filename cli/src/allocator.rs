//! Makes the C library's allocator return freed memory to the system.
//!
//! By default, the allocator keeps blocks of a size once it has seen a large block of that size freed. A
//! compiler frees the buffers of a large function once and never needs as much again: on a run of CPython,
//! memory kept in this way made a quarter of the peak.
#![allow(unsafe_code)]

/// Free bytes at the end of a heap from which the allocator returns them to the system. This is its own
/// default; setting it keeps the allocator from raising it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TRIM_THRESHOLD: i32 = 128 << 10;

/// Must be called before anything large is allocated.
pub fn give_memory_back() {
    // SAFETY: sets a number in the allocator, under the allocator's own lock. If the allocator refuses,
    // nothing changes.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, TRIM_THRESHOLD);
    }
}
