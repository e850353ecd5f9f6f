//! The only writer into code that may be running.
//!
//! A displacement is changed by one aligned 8-byte store that contains it, so that a core that
//! fetches the instruction sees the old or the new target, never a mixture. Stores are made under the
//! relink lock, so the other bytes of the word do not change meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};

/// Whether four bytes at this address lie in one aligned 8-byte word.
pub(crate) fn can_patch(address: usize) -> bool {
    address % 8 <= 4
}

/// Writes a displacement at an address of the writable view.
///
/// # Safety
/// The four bytes are the displacement of a call site, [`can_patch`] holds for their address, and the
/// relink lock is held.
pub(crate) unsafe fn write_displacement(at: *mut u8, displacement: i32) {
    debug_assert!(can_patch(at as usize));
    let shift = (at as usize % 8) * 8;
    // SAFETY: the aligned word around the site lies in the same page of the arena, and all writers of
    // code in use come through here.
    let word = unsafe { AtomicU64::from_ptr(at.wrapping_sub(shift / 8).cast()) };
    let mask = 0xFFFF_FFFFu64 << shift;
    let old = word.load(Ordering::Relaxed);
    let new = old & !mask | u64::from(displacement as u32) << shift;
    word.store(new, Ordering::Release);
}
