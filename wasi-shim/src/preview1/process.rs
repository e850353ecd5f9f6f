//! Functions of the program itself: arguments, environment, clocks, randomness, yielding, ending.
//!
//! Owns [`I32Exit`], the error by which a program's exit reaches the host. Nothing here touches descriptors.

use crate::clocks;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::guest::GuestMemory;
use crate::types::clockid;
use rustix::rand::{GetRandomFlags, getrandom};
use std::fmt;

/// The program ended itself with this status.
///
/// It passes as an error through the frames of the program to the host that called it. The host should end
/// with the same status; the system keeps its low eight bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I32Exit(pub i32);

impl fmt::Display for I32Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the program exited with status {}", self.0)
    }
}

impl std::error::Error for I32Exit {}

/// `proc_exit`: ends the program. Any status is accepted.
pub fn proc_exit(_ctx: &WasiCtx, _memory: &mut GuestMemory<'_>, status: u32) -> I32Exit {
    I32Exit(status as i32)
}

/// Why a function that may end the program did not simply succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It failed.
    Errno(Errno),
    /// The program must end.
    Exit(I32Exit),
}

/// `proc_raise`: sends the program a signal.
///
/// The signal is meant for the program and not for the process that hosts it, and a program has no handlers.
/// So each has its default effect: it is ignored, or it ends the program with status 128 plus the signal's
/// number on Linux, as a shell would report it.
///
/// # Errors
/// `NOTSUP` for the signals that stop a process, `INVAL` for numbers that are no signal.
pub fn proc_raise(
    _ctx: &WasiCtx,
    _memory: &mut GuestMemory<'_>,
    signal: u32,
) -> std::result::Result<(), Stop> {
    // Linux numbers in the order of WASI's: hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe
    // alrm term chld cont stop tstp ttin ttou urg xcpu xfsz vtalrm prof winch poll pwr sys.
    const LINUX: [u8; 31] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25,
        26, 27, 28, 29, 30, 31,
    ];
    let number = LINUX
        .get(signal as usize)
        .copied()
        .ok_or(Stop::Errno(Errno::INVAL))?;
    match number {
        // No signal, and those that are ignored by default: chld, cont, urg, winch.
        0 | 17 | 18 | 23 | 28 => Ok(()),
        19..=22 => Err(Stop::Errno(Errno::NOTSUP)),
        _ => Err(Stop::Exit(I32Exit(128 + i32::from(number)))),
    }
}

/// `sched_yield`: lets other threads run.
pub fn sched_yield(_ctx: &WasiCtx, _memory: &mut GuestMemory<'_>) -> Result<()> {
    std::thread::yield_now();
    Ok(())
}

/// `random_get`: fills `len` bytes at `buffer` from the system's generator.
pub fn random_get(
    _ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    buffer: u32,
    len: u32,
) -> Result<()> {
    let mut rest = memory.bytes_mut(buffer, len)?;
    // The system may return fewer bytes than requested; then the rest is requested again.
    while !rest.is_empty() {
        let got = rustix::io::retry_on_intr(|| getrandom(&mut *rest, GetRandomFlags::empty()))?;
        rest = &mut rest[got..];
    }
    Ok(())
}

/// `clock_res_get`: the resolution of a clock in nanoseconds, written to `result` (64 bits).
pub fn clock_res_get(
    _ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u32,
    result: u32,
) -> Result<()> {
    memory.write_u64(result, clocks::resolution(clocks::clock(id)?))
}

/// `clock_time_get`: the value of a clock in nanoseconds, written to `result` (64 bits). The precision that
/// the program asks for is ignored.
pub fn clock_time_get(
    _ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u32,
    _precision: u64,
    result: u32,
) -> Result<()> {
    memory.write_u64(result, clocks::now(clocks::clock(id)?))
}

/// Whether `poll_oneoff` can wait on a clock: processor time does not pass while waiting.
pub(crate) fn can_wait_on(id: u32) -> Result<()> {
    match id {
        clockid::REALTIME | clockid::MONOTONIC => Ok(()),
        _ => clocks::clock(id).and(Err(Errno::NOTSUP)),
    }
}

/// `args_sizes_get`: the number of arguments, and the bytes they take with a NUL after each.
pub fn args_sizes_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    count: u32,
    bytes: u32,
) -> Result<()> {
    write_sizes(memory, &ctx.args, count, bytes)
}

/// `args_get`: the arguments, and an array of pointers to them.
pub fn args_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    pointers: u32,
    buffer: u32,
) -> Result<()> {
    write_strings(memory, &ctx.args, pointers, buffer)
}

/// `environ_sizes_get`: the number of variables, and the bytes they take with a NUL after each.
pub fn environ_sizes_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    count: u32,
    bytes: u32,
) -> Result<()> {
    write_sizes(memory, &ctx.env, count, bytes)
}

/// `environ_get`: the variables as `NAME=value`, and an array of pointers to them.
pub fn environ_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    pointers: u32,
    buffer: u32,
) -> Result<()> {
    write_strings(memory, &ctx.env, pointers, buffer)
}

fn write_sizes(
    memory: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    count: u32,
    bytes: u32,
) -> Result<()> {
    let total: usize = strings.iter().map(|string| string.len() + 1).sum();
    memory.write_u32(
        count,
        u32::try_from(strings.len()).map_err(|_| Errno::OVERFLOW)?,
    )?;
    memory.write_u32(bytes, u32::try_from(total).map_err(|_| Errno::OVERFLOW)?)
}

fn write_strings(
    memory: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    mut pointers: u32,
    mut buffer: u32,
) -> Result<()> {
    for string in strings {
        let len = u32::try_from(string.len()).map_err(|_| Errno::OVERFLOW)?;
        memory.write_u32(pointers, buffer)?;
        memory.bytes_mut(buffer, len)?.copy_from_slice(string);
        // The string was written, so its end is an address; the NUL is checked on its own.
        let end = buffer.checked_add(len).ok_or(Errno::FAULT)?;
        memory.write_u8(end, 0)?;
        pointers = pointers.checked_add(4).ok_or(Errno::FAULT)?;
        buffer = end.checked_add(1).ok_or(Errno::FAULT)?;
    }
    Ok(())
}
