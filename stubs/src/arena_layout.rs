//! Where things are in the memory of a code space.
//!
//! ```text
//! data region   | word 0 | word 1 | ...                 8 bytes each
//! arena         | shared path (one page) | stub 0 | stub 1 | ...  STUB_LEN bytes each | chunks of code
//! ```

use crate::arch;
use crate::sys::PAGE;

/// Most entries of one code space.
pub(crate) const MAX_ENTRIES: usize = 4 << 20;

/// Bytes of all entry words.
pub(crate) const WORDS_LEN: usize = MAX_ENTRIES * 8;

/// Where in the arena the stubs begin: after the page of the shared path.
pub(crate) const STUBS: usize = PAGE;

/// Where in the arena the stubs end and code begins.
pub(crate) const STUBS_END: usize = STUBS + MAX_ENTRIES * arch::STUB_LEN;

/// Least room for code after the stubs, in bytes.
const MIN_CODE: usize = 1 << 20;

/// Most bytes of entry words and code together: code reaches all of it by relative branches and references.
const MAX_TOTAL: usize = arch::BRANCH_REACH - PAGE;

/// Bytes of the arena, if so many are to be reserved.
pub(crate) fn arena_len(reserve: usize) -> usize {
    let wanted = reserve.max(STUBS_END + MIN_CODE);
    wanted.next_multiple_of(PAGE).min(MAX_TOTAL - WORDS_LEN)
}
