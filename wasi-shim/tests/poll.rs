//! `poll_oneoff`: times, descriptors, both, neither.

mod harness;
use harness::{Guest, READ, ROOT, Scratch, call};
use lazywasm_wasi_shim::types::{EVENT_FD_READWRITE_HANGUP, clockid, eventtype};
use lazywasm_wasi_shim::{Errno, WasiCtx};
use std::time::{Duration, Instant};

const MS: u64 = 1_000_000;

#[derive(Clone, Copy)]
enum Wait {
    Clock { id: u32, timeout: u64, flags: u16 },
    Read(u32),
    Write(u32),
}

#[derive(Debug, PartialEq, Eq)]
struct Event {
    userdata: u64,
    error: u16,
    kind: u8,
    bytes: u64,
    flags: u16,
}

/// Polls; the user data of each subscription is its index plus 100.
fn poll(guest: &mut Guest, waits: &[Wait]) -> Result<Vec<Event>, Errno> {
    let subscriptions = guest.alloc(waits.len() as u32 * 48);
    let events = guest.alloc(waits.len() as u32 * 32);
    for (index, wait) in waits.iter().enumerate() {
        let at = subscriptions + index as u32 * 48;
        guest.set_u64(at, index as u64 + 100);
        match *wait {
            Wait::Clock { id, timeout, flags } => {
                guest.bytes[at as usize + 8] = eventtype::CLOCK;
                guest.set_u32(at + 16, id);
                guest.set_u64(at + 24, timeout);
                guest.set_u32(at + 40, flags.into());
            }
            Wait::Read(fd) => {
                guest.bytes[at as usize + 8] = eventtype::FD_READ;
                guest.set_u32(at + 16, fd);
            }
            Wait::Write(fd) => {
                guest.bytes[at as usize + 8] = eventtype::FD_WRITE;
                guest.set_u32(at + 16, fd);
            }
        }
    }
    let result = guest.alloc(4);
    call!(
        guest,
        poll_oneoff,
        subscriptions,
        events,
        waits.len() as u32,
        result
    )?;
    Ok((0..guest.u32(result))
        .map(|index| {
            let at = events + index * 32;
            Event {
                userdata: guest.u64(at),
                error: guest.u16(at + 8),
                kind: guest.bytes[at as usize + 10],
                bytes: guest.u64(at + 16),
                flags: guest.u16(at + 24),
            }
        })
        .collect())
}

fn after(milliseconds: u64) -> Wait {
    Wait::Clock {
        id: clockid::MONOTONIC,
        timeout: milliseconds * MS,
        flags: 0,
    }
}

fn event(index: u64, kind: u8) -> Event {
    Event {
        userdata: 100 + index,
        error: 0,
        kind,
        bytes: 0,
        flags: 0,
    }
}

#[test]
fn sleeping_takes_as_long_as_asked() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    let start = Instant::now();
    assert_eq!(
        poll(guest, &[after(10_000), after(30)]).unwrap(),
        [event(1, eventtype::CLOCK)]
    );
    let took = start.elapsed();
    assert!(
        took >= Duration::from_millis(30) && took < Duration::from_secs(5),
        "{took:?}"
    );
}

#[test]
fn points_in_time() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    for id in [clockid::REALTIME, clockid::MONOTONIC] {
        call!(guest, clock_time_get, id, 0, 16).unwrap();
        let now = guest.u64(16);
        let start = Instant::now();
        let at = |timeout| Wait::Clock {
            id,
            timeout,
            flags: 1,
        };
        assert_eq!(
            poll(guest, &[at(now + 20 * MS), at(u64::MAX)]).unwrap(),
            [event(0, eventtype::CLOCK)]
        );
        assert!(start.elapsed() >= Duration::from_millis(15));
        // A time in the past is not waited for.
        assert_eq!(
            poll(guest, &[at(0), at(u64::MAX)]).unwrap(),
            [event(0, eventtype::CLOCK)]
        );
    }
}

#[test]
fn clocks_that_cannot_be_waited_on_fail_alone() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    let clock = |id, flags| Wait::Clock {
        id,
        timeout: u64::MAX,
        flags,
    };
    let events = poll(
        guest,
        &[
            clock(2, 0),
            clock(3, 0),
            clock(9, 0),
            clock(1, 2),
            after(60_000),
        ],
    )
    .unwrap();
    let errors: Vec<u16> = events.iter().map(|event| event.error).collect();
    let (unsupported, invalid) = (Errno::NOTSUP.raw(), Errno::INVAL.raw());
    assert_eq!(errors, [unsupported, unsupported, invalid, invalid]);
}

#[test]
fn files_are_always_ready() {
    let scratch = Scratch::new();
    scratch.write("f", "12345");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ).unwrap();
    guest.read(fd, 2).unwrap();
    let events = poll(
        guest,
        &[
            Wait::Read(fd),
            Wait::Write(fd),
            Wait::Read(ROOT),
            after(60_000),
        ],
    )
    .unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!((events[0].kind, events[0].bytes), (eventtype::FD_READ, 3));
    assert_eq!(events[1].kind, eventtype::FD_WRITE);
}

#[test]
fn pipes_become_ready() {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    let keep = writer.try_clone().unwrap();
    let guest = &mut Guest::new(
        WasiCtx::builder()
            .stdin(reader)
            .stdout(writer)
            .build()
            .unwrap(),
    );
    // Empty: can be written, cannot be read.
    assert_eq!(
        poll(guest, &[Wait::Read(0), after(5)]).unwrap(),
        [event(1, eventtype::CLOCK)]
    );
    assert_eq!(
        poll(guest, &[Wait::Read(0), Wait::Write(1)]).unwrap(),
        [event(1, eventtype::FD_WRITE)]
    );
    guest.write(1, b"abc").unwrap();
    let events = poll(guest, &[Wait::Read(0), after(60_000)]).unwrap();
    assert_eq!(
        events,
        [Event {
            bytes: 3,
            ..event(0, eventtype::FD_READ)
        }]
    );
    // Another thread's write ends the wait.
    guest.read(0, 3).unwrap();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        rustix::io::write(&keep, b"later").unwrap();
    });
    let events = poll(guest, &[after(60_000), Wait::Read(0)]).unwrap();
    assert_eq!(
        events,
        [Event {
            bytes: 5,
            ..event(1, eventtype::FD_READ)
        }]
    );
    thread.join().unwrap();
}

#[test]
fn a_closed_other_end_is_a_hangup() {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    let guest = &mut Guest::new(WasiCtx::builder().stdin(reader).build().unwrap());
    drop(writer);
    let events = poll(guest, &[Wait::Read(0)]).unwrap();
    assert_eq!(
        events,
        [Event {
            flags: EVENT_FD_READWRITE_HANGUP,
            ..event(0, eventtype::FD_READ)
        }]
    );
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    let guest = &mut Guest::new(WasiCtx::builder().stdout(writer).build().unwrap());
    drop(reader);
    let events = poll(guest, &[Wait::Write(1)]).unwrap();
    assert_eq!(
        events,
        [Event {
            flags: EVENT_FD_READWRITE_HANGUP,
            ..event(0, eventtype::FD_WRITE)
        }]
    );
}

#[test]
fn unknown_descriptors_fail_alone() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    let events = poll(guest, &[Wait::Read(44), Wait::Write(2), after(60_000)]).unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(
        (events[0].error, events[0].kind),
        (Errno::BADF.raw(), eventtype::FD_READ)
    );
    assert_eq!((events[1].error, events[1].kind), (0, eventtype::FD_WRITE));
}

#[test]
fn nothing_to_wait_for_is_an_error() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    assert_eq!(poll(guest, &[]), Err(Errno::INVAL));
    guest.bytes[64 + 8] = 3;
    assert_eq!(call!(guest, poll_oneoff, 64, 256, 1, 16), Err(Errno::INVAL));
}

#[test]
fn the_older_subscription_is_wider() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    // An `identifier` precedes the clock; the second subscription starts at 56.
    guest.set_u64(64, 7);
    guest.set_u64(64 + 16, u64::MAX);
    guest.set_u32(64 + 24, clockid::MONOTONIC);
    guest.set_u64(64 + 32, u64::MAX);
    guest.set_u64(64 + 56, 8);
    guest.set_u32(64 + 56 + 24, clockid::MONOTONIC);
    guest.set_u64(64 + 56 + 32, MS);
    call!(guest, poll_oneoff_unstable, 64, 1024, 2, 16).unwrap();
    assert_eq!(
        (guest.u32(16), guest.u64(1024), guest.u16(1024 + 8)),
        (1, 8, 0)
    );
}
