//! Bytes and attributes of open files: reading, writing, positions, sizes, times.
//!
//! Owns the filestat record. Invariant: the address of a result is checked before anything is done, so the
//! program learns of every byte that is read or written.

use crate::clocks::nanoseconds_of;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fds::{Descriptor, Kind, filetype_of};
use crate::guest::GuestMemory;
use crate::types::{Abi, fstflags, rights, whence};
use crate::writes;
use rustix::event::PollFlags;
use rustix::fs::{Advice, FileType, SeekFrom, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use rustix::io::retry_on_intr;
use std::num::NonZeroU64;

/// `fd_read`: reads into the buffers of an array of iovecs; the number of bytes goes to `result`.
pub fn fd_read(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_access(rights::FD_READ)?;
    memory.check(result, 4)?;
    let mut buffers = memory.scatter(iovs, iovs_len)?;
    if descriptor.does_not_wait() {
        descriptor.is_ready(PollFlags::IN)?;
    }
    let read = retry_on_intr(|| rustix::io::readv(&*descriptor, &mut buffers))?;
    write_count(memory, result, read)
}

/// `fd_pread`: like [`fd_read`], from `offset`, without moving the position.
pub fn fd_pread(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_access(rights::FD_READ)?;
    memory.check(result, 4)?;
    check_offset(offset)?;
    let mut buffers = memory.scatter(iovs, iovs_len)?;
    let read = retry_on_intr(|| rustix::io::preadv(&*descriptor, &mut buffers, offset))?;
    write_count(memory, result, read)
}

/// `fd_write`: writes from the buffers of an array of ciovecs; the number of bytes goes to `result`.
pub fn fd_write(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_access(rights::FD_WRITE)?;
    memory.check(result, 4)?;
    let buffers = memory.gather(iovs, iovs_len)?;
    let written = writes::write(&descriptor, &buffers)?;
    write_count(memory, result, written)
}

/// `fd_pwrite`: like [`fd_write`], at `offset`, without moving the position.
pub fn fd_pwrite(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_access(rights::FD_WRITE)?;
    memory.check(result, 4)?;
    check_offset(offset)?;
    let buffers = memory.gather(iovs, iovs_len)?;
    let written = writes::write_at(&descriptor, &buffers, offset)?;
    write_count(memory, result, written)
}

/// `fd_seek`: moves the position; the new one goes to `result`. `SPIPE` where there is no position.
pub fn fd_seek(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: i64,
    origin: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_bytes()?;
    memory.check(result, 8)?;
    let to = match origin {
        whence::SET => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::INVAL)?),
        whence::CUR => SeekFrom::Current(offset),
        whence::END => SeekFrom::End(offset),
        _ => return Err(Errno::INVAL),
    };
    // Reading the position needs fewer rights than moving it.
    let needed = if to == SeekFrom::Current(0) {
        rights::FD_TELL
    } else {
        rights::FD_SEEK
    };
    need_position(&descriptor, needed)?;
    memory.write_u64(result, rustix::fs::seek(&*descriptor, to)?)
}

/// `fd_seek` of `wasi_unstable`, where the origins are current, end, beginning.
pub fn fd_seek_unstable(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: i64,
    origin: u32,
    result: u32,
) -> Result<()> {
    let origin = match origin {
        0 => whence::CUR,
        1 => whence::END,
        2 => whence::SET,
        unknown => unknown,
    };
    fd_seek(ctx, memory, fd, offset, origin, result)
}

/// `fd_tell`: the position, written to `result`.
pub fn fd_tell(ctx: &WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, result: u32) -> Result<()> {
    fd_seek(ctx, memory, fd, 0, whence::CUR, result)
}

/// `fd_advise`: tells the system how a range will be used. `len` zero means to the end.
pub fn fd_advise(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::INVAL),
    };
    need_position(&descriptor, rights::FD_ADVISE)?;
    check_offset(offset)?;
    // A range past every file is a range to the end.
    let len = NonZeroU64::new(len.min(i64::MAX as u64));
    Ok(rustix::fs::fadvise(&*descriptor, offset, len, advice)?)
}

/// `fd_allocate`: makes sure that a range has space on the disk, growing the file if need be.
pub fn fd_allocate(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_bytes()?;
    descriptor.need_writable()?;
    need_position(&descriptor, rights::FD_ALLOCATE)?;
    check_offset(offset)?;
    if len > i64::MAX as u64 - offset {
        return Err(Errno::FBIG);
    }
    writes::allocate(&descriptor, offset, len)
}

/// `fd_datasync`: waits until the file's data is stored.
pub fn fd_datasync(ctx: &WasiCtx, _memory: &mut GuestMemory<'_>, fd: u32) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    need_storage(&descriptor, rights::FD_DATASYNC)?;
    Ok(rustix::fs::fdatasync(&*descriptor)?)
}

/// `fd_sync`: waits until the file's data and attributes are stored.
pub fn fd_sync(ctx: &WasiCtx, _memory: &mut GuestMemory<'_>, fd: u32) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    need_storage(&descriptor, rights::FD_SYNC)?;
    Ok(rustix::fs::fsync(&*descriptor)?)
}

/// `fd_filestat_set_size`: cuts or extends the file to `size` bytes.
pub fn fd_filestat_set_size(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    size: u64,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_bytes()?;
    descriptor.need_writable()?;
    descriptor
        .need(rights::FD_FILESTAT_SET_SIZE)
        .map_err(|error| match descriptor.kind {
            // The error of other systems for a file opened for reading, and for a pipe.
            _ if descriptor.rights().0 & rights::FD_WRITE == 0 => Errno::BADF,
            Kind::Pipe | Kind::Device | Kind::Socket => Errno::INVAL,
            _ => error,
        })?;
    check_offset(size)?;
    writes::set_size(&descriptor, size)
}

/// `fd_filestat_set_times`: sets access and modification time, each to a number of nanoseconds, to now, or
/// not at all.
pub fn fd_filestat_set_times(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    let times = times(accessed, modified, flags)?;
    descriptor.need_writable()?;
    descriptor.need(rights::FD_FILESTAT_SET_TIMES)?;
    Ok(rustix::fs::futimens(&*descriptor, &times)?)
}

/// `fd_filestat_get`: the attributes of an open file, written to `result` as a filestat record.
pub fn fd_filestat_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<()> {
    filestat(ctx, memory, Abi::Preview1, fd, result)
}

/// `fd_filestat_get` of `wasi_unstable`, with its narrower record.
pub fn fd_filestat_get_unstable(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<()> {
    filestat(ctx, memory, Abi::Unstable, fd, result)
}

fn filestat(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    abi: Abi,
    fd: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need(rights::FD_FILESTAT_GET)?;
    write_filestat(memory, abi, result, &rustix::fs::fstat(&*descriptor)?)
}

/// Writes a filestat record.
pub(super) fn write_filestat(
    memory: &mut GuestMemory<'_>,
    abi: Abi,
    at: u32,
    stat: &Stat,
) -> Result<()> {
    memory.check(at, abi.filestat_size())?;
    let filetype = filetype_of(FileType::from_raw_mode(stat.st_mode));
    memory.write_u64(at, stat.st_dev)?;
    memory.write_u64(at + 8, stat.st_ino)?;
    // The type and the padding after it, so that no old bytes remain in the record.
    memory.write_u64(at + 16, u64::from(filetype))?;
    let rest = match abi {
        Abi::Preview1 => {
            memory.write_u64(at + 24, stat.st_nlink)?;
            at + 32
        }
        Abi::Unstable => {
            memory.write_u32(at + 20, u32::try_from(stat.st_nlink).unwrap_or(u32::MAX))?;
            at + 24
        }
    };
    memory.write_u64(rest, stat.st_size as u64)?;
    memory.write_u64(rest + 8, nanoseconds_of(stat.st_atime, stat.st_atime_nsec))?;
    memory.write_u64(rest + 16, nanoseconds_of(stat.st_mtime, stat.st_mtime_nsec))?;
    memory.write_u64(rest + 24, nanoseconds_of(stat.st_ctime, stat.st_ctime_nsec))
}

/// Two times as the host represents them, from WASI's numbers and the flags that say what to do with each.
pub(super) fn times(accessed: u64, modified: u64, flags: u32) -> Result<Timestamps> {
    let time = |nanoseconds: u64, given: u32, now: u32| match (flags & given != 0, flags & now != 0)
    {
        (true, true) => Err(Errno::INVAL),
        (true, false) => Ok(crate::clocks::timespec(nanoseconds)),
        (false, true) => Ok(Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_NOW,
        }),
        (false, false) => Ok(Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        }),
    };
    if flags & !fstflags::ALL != 0 {
        return Err(Errno::INVAL);
    }
    Ok(Timestamps {
        last_access: time(accessed, fstflags::ATIM, fstflags::ATIM_NOW)?,
        last_modification: time(modified, fstflags::MTIM, fstflags::MTIM_NOW)?,
    })
}

/// Checks the right to use positions. `SPIPE` if the file has no position, as POSIX requires.
fn need_position(descriptor: &Descriptor, needed: u64) -> Result<()> {
    descriptor
        .need(needed)
        .map_err(|error| match descriptor.kind {
            Kind::Pipe | Kind::Device | Kind::Socket => Errno::SPIPE,
            _ => error,
        })
}

/// Checks the right to wait for storage. `INVAL` if the file is not stored.
fn need_storage(descriptor: &Descriptor, needed: u64) -> Result<()> {
    descriptor
        .need(needed)
        .map_err(|error| match descriptor.kind {
            Kind::Socket => Errno::INVAL,
            _ => error,
        })
}

/// Offsets and sizes are signed on the host.
fn check_offset(offset: u64) -> Result<()> {
    i64::try_from(offset).map(drop).map_err(|_| Errno::INVAL)
}

/// A call moves at most 2 GiB, so its count always fits.
fn write_count(memory: &mut GuestMemory<'_>, at: u32, count: usize) -> Result<()> {
    memory.write_u32(at, u32::try_from(count).map_err(|_| Errno::OVERFLOW)?)
}
