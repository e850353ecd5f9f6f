//! A file mapped as code, so that `perf record` notes it: by that it knows that the process writes a jitdump.
#![allow(unsafe_code)]

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::ffi::c_void;
use std::fs::File;
use std::io;

/// Bytes that are mapped: at least one, of a file that has some.
const LEN: usize = 1;

/// The mapping. Nothing reads or runs it.
pub(super) struct Marker(*mut c_void);

// SAFETY: the address is only kept to be unmapped at the end; any thread may do this.
unsafe impl Send for Marker {}
// SAFETY: there is nothing that a shared reference can do.
unsafe impl Sync for Marker {}

impl Marker {
    /// Maps a file that can be read.
    pub(super) fn new(file: &File) -> io::Result<Marker> {
        let (protection, flags) = (ProtFlags::READ | ProtFlags::EXEC, MapFlags::PRIVATE);
        // SAFETY: the system chooses the address, so no memory in use is replaced, and nothing of the mapping
        // is read.
        let at = unsafe { mmap(std::ptr::null_mut(), LEN, protection, flags, file, 0)? };
        Ok(Marker(at))
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        // SAFETY: this value has made the mapping, and nothing refers to it.
        let _ = unsafe { munmap(self.0, LEN) };
    }
}
