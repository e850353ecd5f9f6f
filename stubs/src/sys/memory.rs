//! The memory of a code space: entry words and code, in one of two forms.
//!
//! ```text
//! one reservation                                           elsewhere
//! | entry words (RW, anonymous) | code (RX, memfd)        | | code (RW, same memfd) |   twice mapped
//! | entry words (RW, anonymous) | code (RX, shared)       | | code (RW, the same)   |   without a name
//! | entry words (RW, anonymous) | code (none -> RW -> RX) |                             sealed
//! ```
//! Twice mapped is the preferred form: code can be written through the other view while it runs. If the
//! system refuses executable memfds, the sealed form is used: code is written before its pages become
//! executable, and never while anything on them may run, so call sites cannot be patched.
//!
//! Profilers look for a map of symbols only where code is in no file. Where code has a listener, which may
//! write such a map, shared memory without a file is mapped twice.
//!
//! Invariants: [W^X] no address is ever writable and executable. A forked child inherits the executable view,
//! so that unwinders, which read instructions, can still walk its frames. It inherits neither the entry words
//! nor the writable view, so nothing can be called or written there. Its copies of these objects must not
//! unmap anything (something else may be there by then) and must not punch holes into the file, which is the
//! parent's too.

use super::unix::{forks, was_forked_since};
use crate::ids::CodeError;
use region::Protection;
use rustix::fs::{FallocateFlags, MemfdFlags, fallocate, ftruncate, memfd_create};
use rustix::mm::{
    Advice, MapFlags, MprotectFlags, MremapFlags, ProtFlags, madvise, mmap, mmap_anonymous,
    mprotect, mremap_fixed, munmap,
};
use std::ffi::c_void;
use std::fmt::{self, Display};
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::os::fd::OwnedFd;

/// Bytes of a page.
pub(crate) const PAGE: usize = 4096;

/// How code is written.
enum View {
    /// Through a second mapping, at this address.
    Twice {
        writable: *mut u8,
        file: Option<OwnedFd>,
    },
    /// Before its pages become executable.
    Sealed,
}

/// The memory of a code space.
pub(crate) struct Mapping {
    reservation: ManuallyDrop<region::Allocation>,
    start: usize,
    data_len: usize,
    code_len: usize,
    view: View,
    forks: u32,
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.is_patchable() {
            "twice"
        } else {
            "sealed"
        };
        write!(f, "Mapping({:#x}, {form})", self.start)
    }
}

// SAFETY: a mapping belongs to no thread: what unmaps it is its drop, which has it alone.
unsafe impl Send for Mapping {}
// SAFETY: its methods only compute addresses and ask the system. Memory at them is read and written by
// others, which ensure themselves that it is not written at the same time: under the code space's lock, or
// atomically.
unsafe impl Sync for Mapping {}

fn refused<E: Display>(what: &str) -> impl FnOnce(E) -> CodeError {
    move |error| CodeError::Mapping(format!("{what}: {error}"))
}

fn exclude_from_fork(start: *mut u8, len: usize) -> Result<(), CodeError> {
    // SAFETY: called with our own mappings; the advice changes nothing in this process.
    unsafe { madvise(start.cast(), len, Advice::LinuxDontFork) }.map_err(refused("fork advice"))
}

/// The limit of file sizes in bytes, or infinity if the system does not report it. (The wrapper of rustix
/// assumes that this call cannot fail.)
fn file_size_limit() -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: libc::RLIM_INFINITY,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: the call writes the structure, or fails and does not change it.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    limit.rlim_cur
}

fn populate(at: *mut u8, len: usize) {
    if len == 0 {
        return;
    }
    let from = at as usize / PAGE * PAGE;
    let len = (at as usize + len).next_multiple_of(PAGE) - from;
    // SAFETY: our own pages, whose contents stay. A refusal costs time, nothing else.
    let _ = unsafe { madvise(from as *mut c_void, len, Advice::LinuxPopulateWrite) };
}

impl Mapping {
    /// Reserves room for entry words and code; the lengths are multiples of the page size. Pages cost
    /// nothing before they are written.
    pub(crate) fn twice(data_len: usize, code_len: usize) -> Result<Mapping, CodeError> {
        // The limit of file sizes applies to a memfd, and exceeding it raises a signal that ends the process.
        if file_size_limit() < code_len as u64 {
            return Err(refused("size of the memfd")(
                "above the limit of file sizes",
            ));
        }
        let file = memfd_create("lazywasm-code", MemfdFlags::CLOEXEC).map_err(refused("memfd"))?;
        ftruncate(&file, code_len as u64).map_err(refused("size of the memfd"))?;
        let mut mapping = Mapping::sealed(data_len, code_len)?;
        let executable = ProtFlags::READ | ProtFlags::EXEC;
        let fixed = MapFlags::SHARED | MapFlags::FIXED;
        // SAFETY: it replaces the second part of our own reservation, which nothing uses yet.
        unsafe { mmap(mapping.at(0), code_len, executable, fixed, &file, 0) }
            .map_err(refused("executable view"))?;
        let (anywhere, rw) = (std::ptr::null_mut(), ProtFlags::READ | ProtFlags::WRITE);
        // SAFETY: a new mapping at an address of the kernel's choice.
        let writable = unsafe { mmap(anywhere, code_len, rw, MapFlags::SHARED, &file, 0) };
        let writable = writable.map_err(refused("writable view"))?.cast();
        let file = Some(file);
        mapping.view = View::Twice { writable, file };
        exclude_from_fork(writable, code_len)?;
        Ok(mapping)
    }

    /// The same in memory that has no file.
    pub(crate) fn twice_without_name(
        data_len: usize,
        code_len: usize,
    ) -> Result<Mapping, CodeError> {
        let mut mapping = Mapping::sealed(data_len, code_len)?;
        let (anywhere, rw) = (std::ptr::null_mut(), ProtFlags::READ | ProtFlags::WRITE);
        let flags = MapFlags::SHARED | MapFlags::NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let writable = unsafe { mmap_anonymous(anywhere, code_len, rw, flags) };
        let writable = writable.map_err(refused("shared memory"))?;
        let view = View::Twice {
            writable: writable.cast(),
            file: None,
        };
        mapping.view = view;
        let at = mapping.at(0);
        // Of shared memory, "moving" no bytes of a mapping maps the same pages once more.
        // SAFETY: it replaces the second part of our own reservation, which nothing uses yet.
        unsafe { mremap_fixed(writable, 0, code_len, MremapFlags::MAYMOVE, at) }
            .map_err(refused("executable view"))?;
        // SAFETY: the mapping that was just made.
        unsafe { mprotect(at, code_len, MprotectFlags::READ | MprotectFlags::EXEC) }
            .map_err(refused("executable view"))?;
        exclude_from_fork(writable.cast(), code_len)?;
        Ok(mapping)
    }

    /// Reserves the same in the sealed form.
    pub(crate) fn sealed(data_len: usize, code_len: usize) -> Result<Mapping, CodeError> {
        let total = data_len + code_len;
        let reservation = region::alloc(total, Protection::NONE).map_err(refused("reservation"))?;
        let start = reservation.as_ptr::<u8>() as usize;
        let mapping = Mapping {
            reservation: ManuallyDrop::new(reservation),
            start,
            data_len,
            code_len,
            view: View::Sealed,
            forks: forks(),
        };
        // SAFETY: the first part of our own reservation.
        unsafe { region::protect(start as *const u8, data_len, Protection::READ_WRITE) }
            .map_err(refused("entry words"))?;
        exclude_from_fork(start as *mut u8, data_len)?;
        Ok(mapping)
    }

    /// Whether code can be written while it runs, so that bodies may share a page.
    pub(crate) fn is_patchable(&self) -> bool {
        matches!(self.view, View::Twice { .. })
    }

    /// Whether this is a forked child's copy, which has no entry words and no writable view.
    #[inline]
    pub(crate) fn is_foreign(&self) -> bool {
        was_forked_since(self.forks)
    }

    /// Address of the first entry word.
    pub(crate) fn data(&self) -> *mut u8 {
        self.start as *mut u8
    }

    /// Address of the first byte of code in the executable view.
    pub(crate) fn executable(&self) -> usize {
        self.start + self.data_len
    }

    /// Whether an address is in the executable view.
    pub(crate) fn contains(&self, address: usize) -> bool {
        (self.executable()..self.executable() + self.code_len).contains(&address)
    }

    fn at(&self, offset: usize) -> *mut c_void {
        (self.executable() + offset) as *mut c_void
    }

    /// The byte at an offset of the code in the writable view.
    ///
    /// # Panics
    /// If the code cannot be patched.
    pub(crate) fn patchable(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset < self.code_len);
        match self.view {
            View::Twice { writable, .. } => writable.wrapping_add(offset),
            View::Sealed => unreachable!("sealed code is not patched"),
        }
    }

    /// Writes code through `write`, which gets the address of the byte at `range.start` and may write the
    /// range.
    ///
    /// # Errors
    /// If the system refuses to make the pages writable, or executable again; then they must not be run.
    /// Never if code is patchable.
    ///
    /// # Safety
    /// Nothing runs or writes the range meanwhile. Unless the code is patchable, this holds for everything on
    /// its pages.
    pub(crate) unsafe fn write(
        &self,
        range: Range<usize>,
        write: impl FnOnce(*mut u8),
    ) -> Result<(), CodeError> {
        assert!(range.start <= range.end && range.end <= self.code_len);
        match self.view {
            View::Twice { writable, .. } => write(writable.wrapping_add(range.start)),
            View::Sealed => {
                let from = range.start / PAGE * PAGE;
                let len = range.end.next_multiple_of(PAGE) - from;
                let protect = |protection| {
                    // SAFETY: pages of our own reservation on which nothing runs.
                    unsafe { region::protect(self.at(from).cast::<u8>(), len, protection) }
                        .map_err(refused("sealing code"))
                };
                protect(Protection::READ_WRITE)?;
                write(self.at(range.start).cast());
                protect(Protection::READ_EXECUTE)?;
            }
        }
        Ok(())
    }

    /// Makes the system provide pages of entry words that are going to be written. For many pages this is
    /// cheaper than a fault for each.
    pub(crate) fn populate_words(&self, words: Range<usize>) {
        populate(self.data().wrapping_add(words.start), words.len());
    }

    /// The same for code.
    pub(crate) fn populate_code(&self, code: Range<usize>) {
        if let View::Twice { writable, .. } = self.view {
            populate(writable.wrapping_add(code.start), code.len());
        }
    }

    /// Returns pages of code to the system.
    pub(crate) fn discard(&self, pages: Range<usize>) {
        if self.is_foreign() {
            return;
        }
        // A refusal costs memory, nothing else.
        match &self.view {
            View::Twice {
                file: Some(file), ..
            } => {
                let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
                let _ = fallocate(file, hole, pages.start as u64, pages.len() as u64);
            }
            View::Twice { writable, .. } => {
                let from = writable.wrapping_add(pages.start).cast();
                // SAFETY: pages of our own, whose contents are not needed.
                let _ = unsafe { madvise(from, pages.len(), Advice::LinuxRemove) };
            }
            View::Sealed => {
                // SAFETY: private pages of our own, whose contents are not needed.
                let _ =
                    unsafe { madvise(self.at(pages.start), pages.len(), Advice::LinuxDontNeed) };
            }
        }
    }

    /// Drops the page tables of the writable view, since its pages count as resident a second time. The
    /// contents stay.
    pub(crate) fn drop_writable(&self, pages: Range<usize>) {
        if let View::Twice { writable, .. } = self.view {
            let from = writable.wrapping_add(pages.start).cast();
            // SAFETY: the pages belong to the file, so dropping them from this view loses nothing.
            let _ = unsafe { madvise(from, pages.len(), Advice::LinuxDontNeed) };
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.is_foreign() {
            return;
        }
        if let View::Twice { writable, .. } = self.view {
            // SAFETY: our own mapping, which nothing uses: the owner promises this by dropping the code
            // space. A failure to unmap can only leak.
            let _ = unsafe { munmap(writable.cast(), self.code_len) };
        }
        // SAFETY: dropped once, here.
        unsafe { ManuallyDrop::drop(&mut self.reservation) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mapping: &Mapping, offset: usize) -> u8 {
        // SAFETY: the tests read what they have written.
        unsafe { ((mapping.executable() + offset) as *const u8).read_volatile() }
    }

    #[test]
    fn all_forms_show_what_was_written_until_it_is_discarded() {
        for form in [Mapping::twice, Mapping::twice_without_name, Mapping::sealed] {
            let mapping = form(PAGE, 4 * PAGE).unwrap();
            let range = PAGE + 5..PAGE + 6;
            // SAFETY: nothing else uses this memory.
            unsafe { mapping.write(range.clone(), |at| at.write(7)) }.unwrap();
            assert_eq!(read(&mapping, range.start), 7);
            mapping.drop_writable(PAGE..2 * PAGE);
            assert_eq!(read(&mapping, range.start), 7);
            mapping.discard(PAGE..2 * PAGE);
            assert_eq!(read(&mapping, range.start), 0);
        }
    }
}
