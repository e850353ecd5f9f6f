//! Entry words and entry stubs, and the numbers that name them. `arena_layout` says where they are.
//!
//! A stub depends on its number alone, so it is written once, a page of stubs at a time, and stays when its
//! entry is reused for another function. Only the word changes.
//!
//! Invariants: [ENTRY]; a stub is written before its entry is handed out.

use crate::arch;
use crate::arena_layout::{MAX_ENTRIES, STUBS, WORDS_LEN};
use crate::ids::{CodeError, EntryBlock, EntryId};
use crate::listen::{Code, CodeKind, Subject};
use crate::space::{CodeSpace, State};
use crate::sys::PAGE;
use std::sync::atomic::{AtomicUsize, Ordering};

const STUBS_PER_PAGE: u32 = (PAGE / arch::STUB_LEN) as u32;

impl CodeSpace {
    /// The word that holds the address of an entry's code. It lives as long as the code space.
    pub fn entry_word(&self, entry: EntryId) -> *const AtomicUsize {
        debug_assert!((entry.0 as usize) < MAX_ENTRIES);
        let words = self.mapping.data().cast::<AtomicUsize>();
        words.wrapping_add(entry.0 as usize)
    }

    /// The entry whose word's address has these low 32 bits. It need not be in use.
    pub fn entry_of_word(&self, low_half: u32) -> Option<EntryId> {
        // The words take less than 4 GiB, so the low halves are as far apart as the addresses.
        let distance = low_half.wrapping_sub(self.mapping.data() as usize as u32) as usize;
        (distance < WORDS_LEN && distance.is_multiple_of(8)).then_some(EntryId(distance as u32 / 8))
    }

    pub(crate) fn word(&self, entry: EntryId) -> &AtomicUsize {
        assert!((entry.0 as usize) < MAX_ENTRIES, "an entry of this space");
        // SAFETY: [ENTRY] the word is in the data region, which lives as long as `self`.
        unsafe { &*self.entry_word(entry) }
    }

    /// The address that may always be called for an entry.
    pub fn stub_address(&self, entry: EntryId) -> usize {
        self.mapping.executable() + STUBS + entry.0 as usize * arch::STUB_LEN
    }

    /// The address that an entry holds now. A caller that wants to run what is there loads it after its stack
    /// has entered compiled code, see [`crate::stacks`].
    pub fn target(&self, entry: EntryId) -> usize {
        self.word(entry).load(Ordering::SeqCst)
    }

    pub(crate) fn lazy_half(&self, entry: EntryId) -> usize {
        self.stub_address(entry) + arch::LAZY_HALF
    }

    /// Whether an entry points to its stub's lazy half.
    pub fn is_lazy(&self, entry: EntryId) -> bool {
        self.target(entry) == self.lazy_half(entry)
    }

    /// Allocates entries. The next call of each is a first call.
    ///
    /// # Errors
    /// If there are too many, the system refuses memory for their stubs, or the process was forked.
    pub fn alloc_entries(&self, count: u32) -> Result<EntryBlock, CodeError> {
        self.check_process()?;
        if count == 0 {
            return Ok(EntryBlock {
                first: EntryId(0),
                len: 0,
            });
        }
        // Stubs that another thread has written and not yet reported may be those of entries of this block.
        let mut state = self.lock_when_reported(|subject| matches!(subject, Subject::Stubs));
        let block = state.entries.take(count).ok_or(CodeError::Entries(count))?;
        let written = match self.write_stubs(&mut state, block.first.0 + count) {
            Ok(written) => written,
            Err(error) => {
                let state = &mut *state;
                state.entries.release(block, &state.functions);
                return Err(error);
            }
        };
        let mut lazy = self.lazy_half(block.first);
        for entry in block.entries() {
            self.word(entry).store(lazy, Ordering::Relaxed);
            lazy += arch::STUB_LEN;
        }
        if let Some(stubs) = written {
            self.report_stubs(state, stubs);
        }
        Ok(block)
    }

    /// Makes sure that all stubs below a number are written. Returns those that it wrote.
    fn write_stubs(&self, state: &mut State, end: u32) -> Result<Option<Code<'static>>, CodeError> {
        let (first, end) = (state.stubs_written, end.next_multiple_of(STUBS_PER_PAGE));
        if first >= end {
            return Ok(None);
        }
        let at = |id: u32| STUBS + id as usize * arch::STUB_LEN;
        let words = first as usize * 8..end as usize * 8;
        self.mapping.populate_words(words);
        self.mapping.populate_code(at(first)..at(end));
        let path = self.mapping.executable();
        // SAFETY: [ENTRY] whole pages of stubs whose entries were never handed out, so nothing runs them.
        unsafe {
            self.mapping.write(at(first)..at(end), |writable| {
                let mut to = writable.cast::<[u8; arch::STUB_LEN]>();
                for id in first..end {
                    let (stub, word) = (path + at(id), self.entry_word(EntryId(id)));
                    to.write(arch::stub(stub, word as usize, id, path));
                    to = to.add(1);
                }
            })?;
        }
        arch::make_fetchable(path + at(first), at(end) - at(first));
        self.mapping.drop_writable(at(first)..at(end));
        state.stubs_written = end;
        let entries = EntryBlock {
            first: EntryId(first),
            len: end - first,
        };
        let kind = CodeKind::EntryStubs(entries);
        let stubs = Code::new(kind, path + at(first), at(end) - at(first));
        self.note_permanent(state, stubs);
        Ok(Some(stubs))
    }

    /// Releases entries. All their bodies are retired. The entries are used again when these bodies are
    /// freed, and all bodies that call them or have them inlined.
    ///
    /// The owner promises that nothing outside of this space's code refers to their words or stubs any more:
    /// no function record, no thread that is about to call.
    pub fn release_entries(&self, block: EntryBlock) {
        if block.len == 0 || self.check_process().is_err() {
            return;
        }
        let mut state = self.lock();
        for entry in state.functions.used_in(block) {
            self.withdraw(&mut state, entry);
        }
        let state = &mut *state;
        state.entries.release(block, &state.functions);
    }
}
