//! A simulated program: a context, a memory, and calls with the integers that a real program would pass.
//!
//! Owns the scratch directories of tests, removed when dropped.
#![allow(dead_code, reason = "each test file uses the part it needs")]

use lazywasm_wasi_shim::types::rights;
use lazywasm_wasi_shim::{Errno, WasiCtx, WasiCtxBuilder};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub type Result<T> = std::result::Result<T, Errno>;

pub const READ: u64 = rights::FD_READ;
pub const WRITE: u64 = rights::FD_WRITE;
/// The first directory given.
pub const ROOT: u32 = 3;
pub const MEMORY: u32 = 1 << 18;

/// A directory that is removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("wasi-shim-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.join(name)).unwrap()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.join(name), bytes).unwrap();
    }

    pub fn mkdir(&self, name: &str) {
        std::fs::create_dir_all(self.join(name)).unwrap();
    }

    pub fn symlink(&self, target: &str, name: &str) {
        std::os::unix::fs::symlink(target, self.join(name)).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a test with both ways of resolving paths.
pub fn both_resolutions(test: impl Fn(&mut dyn FnMut(&mut WasiCtxBuilder))) {
    test(&mut |_| {});
    test(&mut |builder| {
        builder.resolve_by_walking();
    });
}

pub struct Guest {
    pub ctx: WasiCtx,
    pub bytes: Vec<u8>,
    top: u32,
}

/// `call!(guest, function, arguments...)`: one call with a fresh view of memory.
macro_rules! call {
    ($guest:expr, $function:ident $(, $argument:expr)*) => {{
        let guest = &mut *$guest;
        lazywasm_wasi_shim::preview1::$function(
            &guest.ctx,
            &mut lazywasm_wasi_shim::GuestMemory::new(&mut guest.bytes)
            $(, $argument)*
        )
    }};
}
#[allow(unused_imports, reason = "each test file uses the part it needs")]
pub(crate) use call;

impl Guest {
    pub fn new(ctx: WasiCtx) -> Guest {
        Guest {
            ctx,
            bytes: vec![0; MEMORY as usize],
            top: 4096,
        }
    }

    /// A program given one directory, as descriptor 3.
    pub fn with_dir(path: &Path) -> Guest {
        Guest::new(
            WasiCtx::builder()
                .preopened_dir(path, "/", false)
                .build()
                .unwrap(),
        )
    }

    pub fn with_read_only_dir(path: &Path) -> Guest {
        Guest::new(
            WasiCtx::builder()
                .preopened_dir(path, "/", true)
                .build()
                .unwrap(),
        )
    }

    /// Newly allocated memory of the program.
    pub fn alloc(&mut self, len: u32) -> u32 {
        let at = self.top;
        self.top = (at + len + 15) & !7;
        assert!(self.top <= MEMORY, "the pretend program ran out of memory");
        at
    }

    /// Frees what was allocated since `mark`, an earlier result of [`alloc`](Self::alloc).
    pub fn release(&mut self, mark: u32) {
        self.top = mark;
    }

    pub fn put(&mut self, bytes: &[u8]) -> (u32, u32) {
        let at = self.alloc(bytes.len() as u32);
        self.bytes[at as usize..][..bytes.len()].copy_from_slice(bytes);
        (at, bytes.len() as u32)
    }

    pub fn u16(&self, at: u32) -> u16 {
        u16::from_le_bytes(self.bytes[at as usize..][..2].try_into().unwrap())
    }

    pub fn u32(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.bytes[at as usize..][..4].try_into().unwrap())
    }

    pub fn u64(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.bytes[at as usize..][..8].try_into().unwrap())
    }

    pub fn set_u32(&mut self, at: u32, value: u32) {
        self.bytes[at as usize..][..4].copy_from_slice(&value.to_le_bytes());
    }

    pub fn set_u64(&mut self, at: u32, value: u64) {
        self.bytes[at as usize..][..8].copy_from_slice(&value.to_le_bytes());
    }

    pub fn iovecs(&mut self, vectors: &[(u32, u32)]) -> (u32, u32) {
        let at = self.alloc(vectors.len() as u32 * 8);
        for (index, &(pointer, len)) in vectors.iter().enumerate() {
            self.set_u32(at + index as u32 * 8, pointer);
            self.set_u32(at + index as u32 * 8 + 4, len);
        }
        (at, vectors.len() as u32)
    }

    pub fn open_with(
        &mut self,
        dir: u32,
        path: &str,
        oflags: u32,
        base: u64,
        fdflags: u32,
        lookup: u32,
    ) -> Result<u32> {
        let (at, len) = self.put(path.as_bytes());
        let result = self.alloc(4);
        call!(
            self, path_open, dir, lookup, at, len, oflags, base, 0, fdflags, result
        )?;
        Ok(self.u32(result))
    }

    /// Opens beneath descriptor 3 without following a link in the last component.
    pub fn open(&mut self, path: &str, oflags: u32, base: u64) -> Result<u32> {
        self.open_with(ROOT, path, oflags, base, 0, 0)
    }

    pub fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32> {
        let vector = self.put(bytes);
        let (iovs, count) = self.iovecs(&[vector]);
        let result = self.alloc(4);
        call!(self, fd_write, fd, iovs, count, result)?;
        Ok(self.u32(result))
    }

    pub fn read(&mut self, fd: u32, len: u32) -> Result<Vec<u8>> {
        let buffer = self.alloc(len);
        let (iovs, count) = self.iovecs(&[(buffer, len)]);
        let result = self.alloc(4);
        call!(self, fd_read, fd, iovs, count, result)?;
        Ok(self.bytes[buffer as usize..][..self.u32(result) as usize].to_vec())
    }

    pub fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64> {
        let result = self.alloc(8);
        call!(self, fd_seek, fd, offset, whence, result)?;
        Ok(self.u64(result))
    }

    /// Type, flags, rights, inherited rights.
    pub fn fdstat(&mut self, fd: u32) -> Result<(u8, u16, u64, u64)> {
        let at = self.alloc(24);
        call!(self, fd_fdstat_get, fd, at)?;
        Ok((
            self.bytes[at as usize],
            self.u16(at + 2),
            self.u64(at + 8),
            self.u64(at + 16),
        ))
    }

    pub fn filestat(&mut self, fd: u32) -> Result<Filestat> {
        let at = self.alloc(64);
        call!(self, fd_filestat_get, fd, at)?;
        Ok(self.filestat_at(at))
    }

    pub fn path_filestat(&mut self, path: &str, lookup: u32) -> Result<Filestat> {
        let (path, len) = self.put(path.as_bytes());
        let at = self.alloc(64);
        call!(self, path_filestat_get, ROOT, lookup, path, len, at)?;
        Ok(self.filestat_at(at))
    }

    fn filestat_at(&self, at: u32) -> Filestat {
        Filestat {
            inode: self.u64(at + 8),
            filetype: self.bytes[at as usize + 16],
            links: self.u64(at + 24),
            size: self.u64(at + 32),
            accessed: self.u64(at + 40),
            modified: self.u64(at + 48),
        }
    }

    pub fn mkdir(&mut self, path: &str) -> Result<()> {
        let (path, len) = self.put(path.as_bytes());
        call!(self, path_create_directory, ROOT, path, len)
    }

    pub fn rmdir(&mut self, path: &str) -> Result<()> {
        let (path, len) = self.put(path.as_bytes());
        call!(self, path_remove_directory, ROOT, path, len)
    }

    pub fn unlink(&mut self, path: &str) -> Result<()> {
        let (path, len) = self.put(path.as_bytes());
        call!(self, path_unlink_file, ROOT, path, len)
    }

    pub fn rename(&mut self, old: (u32, &str), new: (u32, &str)) -> Result<()> {
        let (old_path, old_len) = self.put(old.1.as_bytes());
        let (new_path, new_len) = self.put(new.1.as_bytes());
        call!(
            self,
            path_rename,
            old.0,
            old_path,
            old_len,
            new.0,
            new_path,
            new_len
        )
    }

    pub fn link(&mut self, old: (u32, &str), lookup: u32, new: (u32, &str)) -> Result<()> {
        let (old_path, old_len) = self.put(old.1.as_bytes());
        let (new_path, new_len) = self.put(new.1.as_bytes());
        call!(
            self, path_link, old.0, lookup, old_path, old_len, new.0, new_path, new_len
        )
    }

    pub fn symlink(&mut self, target: &str, path: &str) -> Result<()> {
        let (target, target_len) = self.put(target.as_bytes());
        let (path, len) = self.put(path.as_bytes());
        call!(self, path_symlink, target, target_len, ROOT, path, len)
    }

    pub fn readlink(&mut self, path: &str, room: u32) -> Result<Vec<u8>> {
        let (path, len) = self.put(path.as_bytes());
        let buffer = self.alloc(room);
        let result = self.alloc(4);
        call!(self, path_readlink, ROOT, path, len, buffer, room, result)?;
        Ok(self.bytes[buffer as usize..][..self.u32(result) as usize].to_vec())
    }

    pub fn set_times(
        &mut self,
        path: &str,
        lookup: u32,
        times: (u64, u64),
        flags: u32,
    ) -> Result<()> {
        let (path, len) = self.put(path.as_bytes());
        call!(
            self,
            path_filestat_set_times,
            ROOT,
            lookup,
            path,
            len,
            times.0,
            times.1,
            flags
        )
    }

    pub fn close(&mut self, fd: u32) -> Result<()> {
        call!(self, fd_close, fd)
    }

    /// One `fd_readdir`: whole entries (next cookie, inode, type, name) and the bytes used.
    pub fn readdir(&mut self, fd: u32, cookie: u64, room: u32) -> Result<(Vec<DirEntry>, u32)> {
        let mark = self.top;
        let buffer = self.alloc(room);
        let result = self.alloc(4);
        call!(self, fd_readdir, fd, buffer, room, cookie, result)?;
        let used = self.u32(result);
        self.top = mark;
        let mut entries = Vec::new();
        let mut at = buffer;
        while at + 24 <= buffer + used {
            let len = self.u32(at + 16);
            if at + 24 + len > buffer + used {
                break;
            }
            let name = self.bytes[at as usize + 24..][..len as usize].to_vec();
            entries.push(DirEntry {
                next: self.u64(at),
                inode: self.u64(at + 8),
                filetype: self.bytes[at as usize + 20],
                name: String::from_utf8(name).unwrap(),
            });
            at += 24 + len;
        }
        Ok((entries, used))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    pub inode: u64,
    pub filetype: u8,
    pub links: u64,
    pub size: u64,
    pub accessed: u64,
    pub modified: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub next: u64,
    pub inode: u64,
    pub filetype: u8,
    pub name: String,
}
