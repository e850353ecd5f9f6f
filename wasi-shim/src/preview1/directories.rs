//! Reading directories.
//!
//! Owns the listing and its cookies. A cookie is an index into the entries as they were when the program last
//! asked from the beginning: creating or removing files between two calls shifts no entry, on any file
//! system. `.` and `..` come first. The listing uses its own descriptor, so two threads reading one directory
//! do not share the kernel's position.

use crate::ctx::WasiCtx;
use crate::errno::Result;
use crate::fds::{Descriptor, Entry, Listing, filetype_of};
use crate::guest::GuestMemory;
use crate::types::{DIRENT_SIZE, rights};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir, fstat, openat, statat};
use std::mem::MaybeUninit;
use std::sync::{Arc, PoisonError};

/// Bytes requested from the kernel at once. Guessed; enough for a few hundred names.
const CHUNK: usize = 32 * 1024;

/// `fd_readdir`: writes the entries from `cookie` on to `buffer`, the last one cut at the end of the buffer;
/// the number of bytes used is written to `result`. Fewer than `len` means that the end was reached.
pub fn fd_readdir(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffer: u32,
    len: u32,
    cookie: u64,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.directory(fd, rights::FD_READDIR)?;
    memory.check(result, 4)?;
    memory.check(buffer, len)?;
    let listing = listing(&descriptor, cookie == 0)?;
    let out = memory.bytes_mut(buffer, len)?;
    let first = usize::try_from(cookie)
        .unwrap_or(usize::MAX)
        .min(listing.len());
    let mut used = 0;
    for (index, entry) in listing.iter().enumerate().skip(first) {
        let mut header = [0; DIRENT_SIZE];
        header[0..8].copy_from_slice(&(index as u64 + 1).to_le_bytes());
        header[8..16].copy_from_slice(&entry.inode.to_le_bytes());
        header[16..20].copy_from_slice(&(entry.name.len() as u32).to_le_bytes());
        header[20] = entry.filetype;
        for part in [&header[..], &entry.name[..]] {
            let fits = part.len().min(out.len() - used);
            out[used..used + fits].copy_from_slice(&part[..fits]);
            used += fits;
        }
        if used == out.len() {
            break;
        }
    }
    memory.write_u32(result, used as u32)
}

/// The listing kept with the descriptor; read again if there is none or if `from_start`.
fn listing(descriptor: &Descriptor, from_start: bool) -> Result<Listing> {
    let slot = &descriptor.directory()?.listing;
    if !from_start && let Some(kept) = &*slot.lock().unwrap_or_else(PoisonError::into_inner) {
        return Ok(kept.clone());
    }
    // Made without the lock: reading a directory can block.
    let made: Listing = Arc::new(read_entries(descriptor)?);
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
    Ok(made)
}

fn read_entries(descriptor: &Descriptor) -> Result<Vec<Entry>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = openat(descriptor, ".", flags, Mode::empty())?;
    let own_inode = fstat(&fd)?.st_ino;
    let directory = |name: &[u8], inode| Entry {
        name: name.to_vec(),
        inode,
        filetype: filetype_of(FileType::Directory),
    };
    // A directory given by the host is a root: the program must not learn what is above it.
    let mut parent_inode = own_inode;
    let is_root = descriptor.directory()?.preopen.is_some();
    let mut entries = vec![directory(b".", own_inode)];
    let mut chunk = vec![MaybeUninit::uninit(); CHUNK];
    let mut reader = RawDir::new(&fd, &mut chunk);
    while let Some(entry) = reader.next() {
        let entry = entry?;
        let name = entry.file_name();
        match name.to_bytes() {
            b"." => {}
            b".." if is_root => {}
            b".." => parent_inode = entry.ino(),
            bytes => {
                let filetype = match entry.file_type() {
                    // Some file systems keep no types in their directories. The type of an entry that was
                    // removed meanwhile stays unknown.
                    FileType::Unknown => statat(&fd, name, AtFlags::SYMLINK_NOFOLLOW)
                        .map_or(FileType::Unknown, |stat| {
                            FileType::from_raw_mode(stat.st_mode)
                        }),
                    known => known,
                };
                entries.push(Entry {
                    name: bytes.to_vec(),
                    inode: entry.ino(),
                    filetype: filetype_of(filetype),
                });
            }
        }
    }
    entries.insert(1, directory(b"..", parent_inode));
    Ok(entries)
}
