//! `poll_oneoff`: waiting for times and descriptors.
//!
//! In order: read all subscriptions; answer at once those that fail or are always ready; wait with
//! `poll` for the rest, no longer than the nearest time; report everything that happened. A subscription
//! that cannot be served fails alone, in its own event, as C libraries expect.
//!
//! Invariants: at least one event is reported; a time is never reported early; waiting longer than the
//! host can count is waiting as long as it can.

use super::process::can_wait_on;
use crate::clocks;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fds::{Descriptor, Kind};
use crate::guest::GuestMemory;
use crate::types::{
    Abi, EVENT_FD_READWRITE_HANGUP, EVENT_SIZE, SUBSCRIPTION_CLOCK_ABSTIME, SUBSCRIPTIONS_MAX,
    eventtype, rights,
};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, AsRawFd, RawFd};
use rustix::time::ClockId;
use std::collections::HashMap;
use std::sync::Arc;

/// What one subscription waits for.
enum Wait {
    /// This many nanoseconds from the start of the call.
    Time(u64),
    /// A descriptor that may have to be waited for.
    Descriptor(Arc<Descriptor>),
    /// Nothing: it is ready, with this many bytes.
    Ready(u64),
    /// Nothing: it failed.
    Failed(Errno),
}

struct Subscription {
    userdata: u64,
    kind: u8,
    wait: Wait,
}

struct Event {
    error: Errno,
    bytes: u64,
    flags: u16,
}

/// `poll_oneoff`: waits until at least one of `count` subscriptions at `subscriptions` happens, writes an
/// event for each that did to `events`, and their number to `result`.
pub fn poll_oneoff(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> Result<()> {
    poll_for(
        ctx,
        memory,
        Abi::Preview1,
        (subscriptions, events, count),
        result,
    )
}

/// `poll_oneoff` of `wasi_unstable`, with its wider subscriptions.
pub fn poll_oneoff_unstable(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> Result<()> {
    poll_for(
        ctx,
        memory,
        Abi::Unstable,
        (subscriptions, events, count),
        result,
    )
}

fn poll_for(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    abi: Abi,
    (subscriptions, events, count): (u32, u32, u32),
    result: u32,
) -> Result<()> {
    if count == 0 {
        return Err(Errno::INVAL);
    }
    memory.check_array(subscriptions, count, abi.subscription_size())?;
    memory.check_array(events, count, EVENT_SIZE)?;
    memory.check(result, 4)?;
    if count > SUBSCRIPTIONS_MAX {
        return Err(Errno::INVAL);
    }
    // All are read before any event is written: the two arrays may overlap.
    let waits = (0..count)
        .map(|index| {
            read_subscription(
                ctx,
                memory,
                abi,
                subscriptions + index * abi.subscription_size(),
            )
        })
        .collect::<Result<Vec<_>>>()?;

    let mut written = 0;
    for (subscription, event) in waits.iter().zip(wait_for(&waits)?) {
        if let Some(event) = event {
            let at = events + written * EVENT_SIZE;
            memory.write_u64(at, subscription.userdata)?;
            memory.write_u64(
                at + 8,
                u64::from(event.error.raw()) | u64::from(subscription.kind) << 16,
            )?;
            memory.write_u64(at + 16, event.bytes)?;
            memory.write_u64(at + 24, u64::from(event.flags))?;
            written += 1;
        }
    }
    memory.write_u32(result, written)
}

fn read_subscription(
    ctx: &WasiCtx,
    memory: &GuestMemory<'_>,
    abi: Abi,
    at: u32,
) -> Result<Subscription> {
    let userdata = memory.read_u64(at)?;
    let kind = memory.read_u8(at + 8)?;
    let wait = match kind {
        eventtype::CLOCK => {
            let clock = at + abi.subscription_clock();
            let id = memory.read_u32(clock)?;
            let timeout = memory.read_u64(clock + 8)?;
            let flags = memory.read_u16(clock + 24)?;
            wait_for_clock(id, timeout, flags)
        }
        eventtype::FD_READ | eventtype::FD_WRITE => {
            wait_for_descriptor(ctx, memory.read_u32(at + 16)?, kind)
        }
        _ => return Err(Errno::INVAL),
    };
    Ok(Subscription {
        userdata,
        kind,
        wait: wait.unwrap_or_else(Wait::Failed),
    })
}

fn wait_for_clock(id: u32, timeout: u64, flags: u16) -> Result<Wait> {
    can_wait_on(id)?;
    match flags {
        0 => Ok(Wait::Time(timeout)),
        // A point in time becomes a duration of that clock; if it has passed, there is no need to wait.
        SUBSCRIPTION_CLOCK_ABSTIME => Ok(Wait::Time(
            timeout.saturating_sub(clocks::now(clocks::clock(id)?)),
        )),
        _ => Err(Errno::INVAL),
    }
}

fn wait_for_descriptor(ctx: &WasiCtx, fd: u32, kind: u8) -> Result<Wait> {
    let descriptor = ctx.fds.get(fd)?;
    descriptor.need(rights::POLL_FD_READWRITE)?;
    match descriptor.kind {
        Kind::Directory(_) => Ok(Wait::Ready(0)),
        Kind::RegularFile if kind == eventtype::FD_READ => {
            // Files are always ready, even at their end.
            let size = rustix::fs::fstat(&*descriptor)?.st_size as u64;
            Ok(Wait::Ready(
                size.saturating_sub(rustix::fs::tell(&*descriptor)?),
            ))
        }
        Kind::RegularFile => Ok(Wait::Ready(0)),
        Kind::Pipe | Kind::Device | Kind::Socket => Ok(Wait::Descriptor(descriptor)),
    }
}

/// Waits, and returns the event of each subscription that has one.
fn wait_for(subscriptions: &[Subscription]) -> Result<Vec<Option<Event>>> {
    let start = clocks::now(ClockId::Monotonic);
    let at_once = subscriptions
        .iter()
        .any(|one| matches!(one.wait, Wait::Ready(_) | Wait::Failed(_)));
    let mut nearest: Option<u64> = at_once.then_some(0);
    // Many subscriptions may name the same descriptor. The system accepts only as many entries as there can
    // be descriptors.
    let mut wanted: HashMap<RawFd, (&Descriptor, PollFlags)> = HashMap::new();
    for subscription in subscriptions {
        match &subscription.wait {
            Wait::Time(time) => nearest = Some(nearest.map_or(*time, |other| other.min(*time))),
            Wait::Descriptor(descriptor) => {
                let flags = wanted.entry(descriptor.as_fd().as_raw_fd());
                let (_, flags) = flags.or_insert((descriptor, PollFlags::empty()));
                *flags |= flags_for(subscription.kind);
            }
            Wait::Ready(_) | Wait::Failed(_) => {}
        }
    }
    let polled = wanted
        .values()
        .map(|(descriptor, flags)| PollFd::new(*descriptor, *flags));
    let mut polled: Vec<PollFd<'_>> = polled.collect();

    let elapsed = loop {
        let passed = clocks::now(ClockId::Monotonic).saturating_sub(start);
        let left = nearest.map(|time| clocks::timespec(time.saturating_sub(passed)));
        match poll(&mut polled, left.as_ref()) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {
                let passed = clocks::now(ClockId::Monotonic).saturating_sub(start);
                if nearest.is_some_and(|time| time <= passed) {
                    break passed;
                }
            }
            Ok(_) => break clocks::now(ClockId::Monotonic).saturating_sub(start),
            Err(error) => return Err(error.into()),
        }
    };

    let happened: HashMap<RawFd, PollFlags> = wanted
        .into_keys()
        .zip(polled.iter().map(PollFd::revents))
        .collect();
    let events = subscriptions
        .iter()
        .map(|subscription| match &subscription.wait {
            Wait::Time(time) => (*time <= elapsed).then_some(Event {
                error: Errno::SUCCESS,
                bytes: 0,
                flags: 0,
            }),
            Wait::Ready(bytes) => Some(Event {
                error: Errno::SUCCESS,
                bytes: *bytes,
                flags: 0,
            }),
            Wait::Failed(error) => Some(Event {
                error: *error,
                bytes: 0,
                flags: 0,
            }),
            Wait::Descriptor(descriptor) => {
                let happened = happened[&descriptor.as_fd().as_raw_fd()];
                let others = PollFlags::IN.union(PollFlags::OUT);
                let happened = happened & (flags_for(subscription.kind) | !others);
                descriptor_event(descriptor, subscription.kind, happened)
            }
        });
    Ok(events.collect())
}

/// What a subscription of this kind waits for.
fn flags_for(kind: u8) -> PollFlags {
    match kind {
        eventtype::FD_READ => PollFlags::IN,
        _ => PollFlags::OUT,
    }
}

fn descriptor_event(descriptor: &Descriptor, kind: u8, happened: PollFlags) -> Option<Event> {
    if happened.is_empty() {
        return None;
    }
    let error = if happened.contains(PollFlags::NVAL) {
        Errno::BADF
    } else {
        Errno::SUCCESS
    };
    // A pipe without a reader shows as an error at the writer's end.
    let gone = happened.intersects(PollFlags::HUP | PollFlags::ERR);
    let bytes = match kind {
        // Where bytes cannot be counted, for example of a listening socket, none are reported.
        eventtype::FD_READ => rustix::io::ioctl_fionread(descriptor).unwrap_or(0),
        _ => 0,
    };
    Some(Event {
        error,
        bytes,
        flags: if gone { EVENT_FD_READWRITE_HANGUP } else { 0 },
    })
}
