//! WASI's four clocks, in nanoseconds of 64 bits.
//!
//! Owns the conversions between those and the host's seconds and nanoseconds. Invariant: times
//! before 1970 read as zero, times past the range of 64 bits (the year 2554) as the end of the range.

use crate::errno::{Errno, Result};
use crate::types::clockid;
use rustix::time::{ClockId, Timespec, clock_getres, clock_gettime};

const NANOS: u64 = 1_000_000_000;

/// The host's clock for a WASI clock identifier; `INVAL` for a number that names none.
pub(crate) fn clock(id: u32) -> Result<ClockId> {
    match id {
        clockid::REALTIME => Ok(ClockId::Realtime),
        clockid::MONOTONIC => Ok(ClockId::Monotonic),
        clockid::PROCESS_CPUTIME_ID => Ok(ClockId::ProcessCPUTime),
        clockid::THREAD_CPUTIME_ID => Ok(ClockId::ThreadCPUTime),
        _ => Err(Errno::INVAL),
    }
}

/// The clock's value in nanoseconds.
pub(crate) fn now(clock: ClockId) -> u64 {
    nanoseconds(clock_gettime(clock))
}

/// The clock's resolution in nanoseconds.
pub(crate) fn resolution(clock: ClockId) -> u64 {
    nanoseconds(clock_getres(clock))
}

/// Nanoseconds of a host time.
pub(crate) fn nanoseconds(time: Timespec) -> u64 {
    nanoseconds_of(time.tv_sec, time.tv_nsec as u64)
}

/// The nanoseconds of a time of a file.
pub(crate) fn nanoseconds_of(seconds: i64, nanos: u64) -> u64 {
    match u64::try_from(seconds) {
        Ok(seconds) => seconds.saturating_mul(NANOS).saturating_add(nanos),
        Err(_) => 0,
    }
}

/// A number of nanoseconds as the host represents it; every value can be represented.
pub(crate) fn timespec(nanoseconds: u64) -> Timespec {
    Timespec {
        tv_sec: (nanoseconds / NANOS) as i64,
        tv_nsec: (nanoseconds % NANOS) as i64,
    }
}
