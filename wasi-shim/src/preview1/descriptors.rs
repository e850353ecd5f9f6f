//! Functions of any descriptor: closing, renumbering, flags and rights, and the directories given at start.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fds::{Kind, filetype_of};
use crate::guest::GuestMemory;
use crate::types::{FDSTAT_SIZE, PRESTAT_SIZE, fdflags, filetype, rights};
use rustix::fd::BorrowedFd;
use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl};
use rustix::net::{SocketType, sockopt};
use std::sync::atomic::Ordering;

/// `fd_close`: frees the number.
pub fn fd_close(ctx: &WasiCtx, _memory: &mut GuestMemory<'_>, fd: u32) -> Result<()> {
    ctx.fds.remove(fd)
}

/// `fd_renumber`: makes `to` refer to what `from` refers to, rights included, and frees `from`. Both must be
/// open; what `to` referred to is closed.
pub fn fd_renumber(ctx: &WasiCtx, _memory: &mut GuestMemory<'_>, from: u32, to: u32) -> Result<()> {
    ctx.fds.renumber(from, to)
}

/// `fd_fdstat_get`: type, flags and rights, written to `result` as an fdstat record.
pub fn fd_fdstat_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    memory.check(result, FDSTAT_SIZE)?;
    let mode = rustix::fs::fstat(&*descriptor)?.st_mode;
    let filetype = match descriptor.kind {
        Kind::Socket => socket_type(rustix::fd::AsFd::as_fd(&*descriptor)),
        _ => filetype_of(FileType::from_raw_mode(mode)),
    };
    let mut flags = flags_of(fcntl_getfl(&*descriptor)?);
    if let Some(nonblocking) = &descriptor.nonblocking {
        flags &= !fdflags::NONBLOCK;
        if nonblocking.load(Ordering::Relaxed) {
            flags |= fdflags::NONBLOCK;
        }
    }
    let (base, inheriting) = descriptor.rights();
    memory.write_u64(result, u64::from(filetype) | u64::from(flags) << 16)?;
    memory.write_u64(result + 8, base)?;
    memory.write_u64(result + 16, inheriting)
}

/// `fd_fdstat_set_flags`: turns appending and not waiting on or off. For a standard stream the latter is kept
/// here, because the host's flags are shared with other users of the stream.
///
/// # Errors
/// `NOTSUP` if it would change how a standard stream appends.
///
/// `NOTSUP` if it would turn on one of the synchronous modes, which Linux fixes when opening. Turning them
/// off is accepted and leaves them on: the program then gets more than it asked for.
pub fn fd_fdstat_set_flags(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
) -> Result<()> {
    const FIXED: u32 = fdflags::DSYNC | fdflags::RSYNC | fdflags::SYNC;
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need(rights::FD_FDSTAT_SET_FLAGS)?;
    if flags & !fdflags::ALL != 0 {
        return Err(Errno::INVAL);
    }
    let current = fcntl_getfl(&*descriptor)?;
    if flags & FIXED & !flags_of(current) != 0 {
        return Err(Errno::NOTSUP);
    }
    if let Some(nonblocking) = &descriptor.nonblocking {
        if (flags ^ flags_of(current)) & fdflags::APPEND != 0 {
            return Err(Errno::NOTSUP);
        }
        nonblocking.store(flags & fdflags::NONBLOCK != 0, Ordering::Relaxed);
        return Ok(());
    }
    let mut wanted = current & !(OFlags::APPEND | OFlags::NONBLOCK);
    wanted.set(OFlags::APPEND, flags & fdflags::APPEND != 0);
    wanted.set(OFlags::NONBLOCK, flags & fdflags::NONBLOCK != 0);
    Ok(fcntl_setfl(&*descriptor, wanted)?)
}

/// `fd_fdstat_set_rights`: gives up rights. `NOTCAPABLE` if it would add any.
pub fn fd_fdstat_set_rights(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    base: u64,
    inheriting: u64,
) -> Result<()> {
    ctx.fds.get(fd)?.narrow(base, inheriting)
}

/// `fd_prestat_get`: the length of the name of a directory given at start. `BADF` for anything else, which
/// is how C libraries find the last one.
pub fn fd_prestat_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<()> {
    let name = preopen_name(ctx, fd)?;
    memory.check(result, PRESTAT_SIZE)?;
    memory.write_u32(result, 0)?;
    memory.write_u32(result + 4, name.len() as u32)
}

/// `fd_prestat_dir_name`: that name, without a NUL. `NAMETOOLONG` if `len` bytes do not hold it.
pub fn fd_prestat_dir_name(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let name = preopen_name(ctx, fd)?;
    let buffer = memory.bytes_mut(path, len)?;
    let room = buffer.get_mut(..name.len()).ok_or(Errno::NAMETOOLONG)?;
    room.copy_from_slice(&name);
    Ok(())
}

fn preopen_name(ctx: &WasiCtx, fd: u32) -> Result<Vec<u8>> {
    let descriptor = ctx.fds.get(fd)?;
    let directory = descriptor.directory().map_err(|_| Errno::BADF)?;
    directory.preopen.clone().ok_or(Errno::BADF)
}

/// WASI's flags among the host's.
fn flags_of(host: OFlags) -> u32 {
    let mut flags = 0;
    for (bit, host_bits) in [
        (fdflags::APPEND, OFlags::APPEND),
        (fdflags::DSYNC, OFlags::DSYNC),
        (fdflags::NONBLOCK, OFlags::NONBLOCK),
        (fdflags::RSYNC | fdflags::SYNC, OFlags::SYNC),
    ] {
        if host.contains(host_bits) {
            flags |= bit;
        }
    }
    flags
}

/// The host's flags for WASI's.
pub(super) fn host_flags(flags: u32) -> OFlags {
    let mut host = OFlags::empty();
    host.set(OFlags::APPEND, flags & fdflags::APPEND != 0);
    host.set(OFlags::NONBLOCK, flags & fdflags::NONBLOCK != 0);
    if flags & fdflags::DSYNC != 0 {
        host |= OFlags::DSYNC;
    }
    // The host has one mode for both.
    if flags & (fdflags::SYNC | fdflags::RSYNC) != 0 {
        host |= OFlags::SYNC;
    }
    host
}

fn socket_type(fd: BorrowedFd<'_>) -> u8 {
    match sockopt::socket_type(fd) {
        Ok(SocketType::DGRAM) => filetype::SOCKET_DGRAM,
        _ => filetype::SOCKET_STREAM,
    }
}
