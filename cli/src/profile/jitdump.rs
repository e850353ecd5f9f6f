//! The format jitdump of `perf` (tools/perf/Documentation/jitdump-specification.txt in the sources of Linux).
//!
//! ```text
//! header      magic, version, its length, processor, 0, pid, time, flags
//! record      kind, its length, time; then by kind:
//!   LOAD        pid, tid, address, address, length, number, name, 0, code
//!   DEBUG_INFO  address, count, then for each row: address, line, 0, file, 0
//! ```
//! Numbers have 4 bytes, but times, addresses, lengths of code, counts and numbers of code have 8. Debug info
//! comes before the code that it is about. `perf record` notes that the file is there because the process
//! maps it as code (`marker`). `perf inject` then writes an ELF file for each piece of code.
//!
//! There are no source files, so a row's file is the name of the function, inlined or not, whose instruction
//! it is, and its line is the instruction's offset in the module's file.

use super::marker::Marker;
use super::{Output, function_name, one_line, symbol_name};
use lazywasm::{CodeId, CodeListener, CodeRecord};
use rustix::thread::gettid;
use rustix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// "JiTD"
const MAGIC: u32 = 0x4A69_5444;
const VERSION: u32 = 1;
const HEADER_LEN: u32 = 40;
/// EM_X86_64
const PROCESSOR: u32 = 62;

const LOAD: u32 = 0;
const DEBUG_INFO: u32 = 2;
/// Bytes of kind, length and time.
const PREFIX_LEN: usize = 16;

pub(super) struct JitDump {
    output: Output,
    pid: u32,
    _marker: Marker,
}

impl JitDump {
    /// Writes the header, and makes the file known to `perf`.
    pub(super) fn new(mut file: File, path: PathBuf, pid: u32) -> io::Result<JitDump> {
        let mut header = Bytes::default();
        for number in [MAGIC, VERSION, HEADER_LEN, PROCESSOR, 0, pid] {
            header.word(number);
        }
        header.long(now());
        header.long(0);
        file.write_all(&header.0)?;
        Ok(JitDump {
            _marker: Marker::new(&file)?,
            output: Output::new(file, path),
            pid,
        })
    }

    fn load(&self, code: &CodeRecord) -> Bytes {
        let mut record = Bytes::default();
        record.word(self.pid);
        record.word(gettid().as_raw_pid().cast_unsigned());
        record.long(code.addresses.start as u64);
        record.long(code.addresses.start as u64);
        record.long(code.bytes.len() as u64);
        record.long(code.id.number());
        record.text(&symbol_name(code));
        record.0.extend(&code.bytes);
        record
    }
}

/// The rows of a function; `None` for other code.
fn debug_info(code: &CodeRecord) -> Option<Bytes> {
    if code.rows.is_empty() {
        return None;
    }
    let mut record = Bytes::default();
    record.long(code.addresses.start as u64);
    record.long(code.rows.len() as u64);
    for row in &code.rows {
        let functions = code.functions_at(row.code_offset);
        let (func, offset) = functions[0];
        // Lines begin at 1.
        let line = func.body_offset.unwrap_or(1) + offset as usize;
        record.long((code.addresses.start + row.code_offset as usize) as u64);
        record.word(u32::try_from(line).unwrap_or(u32::MAX));
        record.word(0);
        record.text(&one_line(&function_name(func)));
    }
    Some(record)
}

impl CodeListener for JitDump {
    fn code_added(&self, code: &CodeRecord) {
        let info = debug_info(code).map(|info| (DEBUG_INFO, info));
        let records = info.into_iter().chain([(LOAD, self.load(code))]);
        self.output.with(|file| {
            // Times rise in the file, since other threads wait.
            let now = now();
            let mut bytes = Bytes::default();
            for (kind, Bytes(payload)) in records {
                let len = u32::try_from(PREFIX_LEN + payload.len());
                bytes.word(kind);
                bytes.word(len.map_err(io::Error::other)?);
                bytes.long(now);
                bytes.0.extend(payload);
            }
            file.write_all(&bytes.0)
        });
    }

    // What is placed where other code was replaces it at its time.
    fn code_removed(&self, _: CodeId) {}
}

/// Nanoseconds of the clock that `perf record -k mono` uses.
fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// Bytes of a record, in the processor's order.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn word(&mut self, number: u32) {
        self.0.extend(number.to_ne_bytes());
    }

    fn long(&mut self, number: u64) {
        self.0.extend(number.to_ne_bytes());
    }

    fn text(&mut self, text: &str) {
        self.0.extend(text.as_bytes());
        self.0.push(0);
    }
}
