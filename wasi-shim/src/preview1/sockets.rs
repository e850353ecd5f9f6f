//! Sockets: accepting, receiving, sending, shutting down. Programs are given listening sockets; WASI
//! preview 1 has no way to make others.

use super::descriptors::host_flags;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fds::Descriptor;
use crate::guest::GuestMemory;
use crate::types::{fdflags, rights, sock};
use crate::writes;
use rustix::fs::OFlags;
use rustix::io::retry_on_intr;
use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags, Shutdown, SocketFlags};

/// `sock_accept`: takes the next connection; its number is written to `result`. The only flag turns off
/// waiting on the new socket.
pub fn sock_accept(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_socket()?;
    descriptor.need(rights::SOCK_ACCEPT)?;
    if flags & !fdflags::NONBLOCK != 0 {
        return Err(Errno::INVAL);
    }
    memory.check(result, 4)?;
    let mut socket_flags = SocketFlags::CLOEXEC;
    socket_flags.set(
        SocketFlags::NONBLOCK,
        host_flags(flags).contains(OFlags::NONBLOCK),
    );
    let connection = retry_on_intr(|| rustix::net::accept_with(&*descriptor, socket_flags))?;
    let connection = Descriptor::opened(connection, rights::SOCKET, false)?;
    memory.write_u32(result, ctx.fds.insert(connection)?)
}

/// `sock_recv`: receives into the buffers of an array of iovecs. The number of bytes goes to `result`, and to
/// `result_flags` (16 bits) whether a datagram was cut.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn sock_recv(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    flags: u32,
    result: u32,
    result_flags: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_socket()?;
    descriptor.need_access(rights::FD_READ)?;
    if flags & !(sock::RECV_PEEK | sock::RECV_WAITALL) != 0 {
        return Err(Errno::INVAL);
    }
    memory.check(result, 4)?;
    memory.check(result_flags, 2)?;
    let mut receive = RecvFlags::empty();
    receive.set(RecvFlags::PEEK, flags & sock::RECV_PEEK != 0);
    receive.set(RecvFlags::WAITALL, flags & sock::RECV_WAITALL != 0);
    let mut buffers = memory.scatter(iovs, iovs_len)?;
    let message = retry_on_intr(|| {
        rustix::net::recvmsg(
            &*descriptor,
            &mut buffers,
            &mut RecvAncillaryBuffer::default(),
            receive,
        )
    })?;
    let truncated = message.flags.contains(ReturnFlags::TRUNC);
    memory.write_u32(
        result,
        u32::try_from(message.bytes).map_err(|_| Errno::OVERFLOW)?,
    )?;
    memory.write_u16(
        result_flags,
        if truncated {
            sock::RECV_DATA_TRUNCATED
        } else {
            0
        },
    )
}

/// `sock_send`: sends from the buffers of an array of ciovecs; the number of bytes goes to `result`. No flags
/// are defined.
pub fn sock_send(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    flags: u32,
    result: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_socket()?;
    descriptor.need_access(rights::FD_WRITE)?;
    if flags != 0 {
        return Err(Errno::INVAL);
    }
    memory.check(result, 4)?;
    let buffers = memory.gather(iovs, iovs_len)?;
    let sent = writes::send(&descriptor, &buffers)?;
    memory.write_u32(result, u32::try_from(sent).map_err(|_| Errno::OVERFLOW)?)
}

/// `sock_shutdown`: ends receiving, sending, or both. `INVAL` for neither.
pub fn sock_shutdown(
    ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    how: u32,
) -> Result<()> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need_socket()?;
    descriptor.need(rights::SOCK_SHUTDOWN)?;
    let how = match how {
        sock::SHUT_RD => Shutdown::Read,
        sock::SHUT_WR => Shutdown::Write,
        both if both == sock::SHUT_RD | sock::SHUT_WR => Shutdown::Both,
        _ => return Err(Errno::INVAL),
    };
    Ok(rustix::net::shutdown(&*descriptor, how)?)
}
