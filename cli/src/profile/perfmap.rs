//! The map of symbols that `perf` reads for code without a file: a line for each piece of code, with its
//! address, its length, both hexadecimal, and its name.
//!
//! Lines cannot be taken back. Where memory was used again, `perf` may name code that is gone; a jitdump has
//! times, with which it does not.

use super::{Output, symbol_name};
use lazywasm::{CodeId, CodeListener, CodeRecord};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

pub(super) struct PerfMap(Output);

impl PerfMap {
    pub(super) fn new(file: File, path: PathBuf) -> PerfMap {
        PerfMap(Output::new(file, path))
    }
}

impl CodeListener for PerfMap {
    fn code_added(&self, code: &CodeRecord) {
        let (start, len) = (code.addresses.start, code.addresses.len());
        let line = format!("{start:x} {len:x} {}\n", symbol_name(code));
        self.0.with(|file| file.write_all(line.as_bytes()));
    }

    fn code_removed(&self, _: CodeId) {}
}
