//! Signals of failed writes, in a host that has not changed their default of ending the process: the program
//! gets an error number, and the host continues with the same mask and pending signals.
//!
//! The settings of the tests apply to the whole process and are made once, before the first. If a signal is
//! delivered, all tests fail.

mod harness;
use harness::{Guest, READ, Scratch, WRITE, call};
use lazywasm_wasi_shim::types::{fdflags, oflags};
use lazywasm_wasi_shim::{Errno, WasiCtx};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read, pipe};
use std::mem::zeroed;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::ptr::null_mut;
use std::sync::Once;

const LIMIT: u64 = 1 << 16;

/// Pipes the output of the tests through a process without the limit, because it may be written to a file
/// that is already larger.
#[allow(
    clippy::zombie_processes,
    reason = "it ends after this process, whose output it reads"
)]
fn report_through_another_process() {
    let mut writer = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    rustix::stdio::dup2_stdout(writer.stdin.take().unwrap()).unwrap();
}

/// Makes both signals end the process, and limits files to `LIMIT`.
fn be_a_host_that_signals_end() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            // SAFETY: SIG_DFL is a disposition, not code.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        report_through_another_process();
        let limit = Rlimit {
            current: Some(LIMIT),
            maximum: Some(LIMIT),
        };
        setrlimit(Resource::Fsize, limit).unwrap();
    });
}

/// A program with this as its standard output.
fn writing_to(fd: impl Into<OwnedFd>) -> Guest {
    be_a_host_that_signals_end();
    Guest::new(WasiCtx::builder().stdout(fd).build().unwrap())
}

/// A program with a pipe as its standard output whose reader is gone.
fn without_reader() -> Guest {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writing_to(writer)
}

/// The signals of the two that this thread blocks, and those of them that are pending.
fn blocked_and_pending() -> (Vec<i32>, Vec<i32>) {
    // SAFETY: the calls write to sets in this frame; without a new set the mask is not changed.
    unsafe {
        let (mut mask, mut pending) = (zeroed(), zeroed());
        libc::pthread_sigmask(libc::SIG_BLOCK, null_mut(), &mut mask);
        libc::sigpending(&mut pending);
        let of = |set| {
            let both = [libc::SIGPIPE, libc::SIGXFSZ].into_iter();
            both.filter(|signal| libc::sigismember(set, *signal) == 1)
                .collect()
        };
        (of(&mask), of(&pending))
    }
}

/// Blocks or unblocks SIGPIPE in this thread.
fn mask_sigpipe(how: i32) {
    // SAFETY: the mask belongs to this thread, and the set is in this frame.
    unsafe {
        let mut set = zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGPIPE);
        libc::pthread_sigmask(how, &set, null_mut());
    }
}

#[test]
fn a_pipe_without_a_reader() {
    let guest = &mut without_reader();
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    assert_eq!(guest.write(1, &[0; 100_000]), Err(Errno::PIPE));
    // The same if the program asked for no waiting.
    call!(guest, fd_fdstat_set_flags, 1, fdflags::NONBLOCK).unwrap();
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    assert_eq!(blocked_and_pending(), (vec![], vec![]));
}

/// If the reader closes the pipe after a part was written, the write succeeds in part, but still raises the
/// signal.
#[test]
fn a_reader_that_closes_in_the_middle_of_a_write() {
    let (mut reader, writer) = pipe().unwrap();
    let guest = &mut writing_to(writer);
    let thread = std::thread::spawn(move || reader.read_exact(&mut [0; 1000]).unwrap());
    let written = guest.write(1, &[0; 200_000]);
    thread.join().unwrap();
    assert!(matches!(written, Ok(1000..200_000)), "{written:?}");
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    assert_eq!(blocked_and_pending(), (vec![], vec![]));
}

#[test]
fn a_socket_without_a_peer() {
    let (socket, peer) = UnixStream::pair().unwrap();
    drop(peer);
    let guest = &mut writing_to(socket);
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    let (at, len) = guest.put(b"x");
    let (iovs, count) = guest.iovecs(&[(at, len)]);
    assert_eq!(
        call!(guest, sock_send, 1, iovs, count, 0, 16),
        Err(Errno::PIPE)
    );
    call!(guest, fd_fdstat_set_flags, 1, fdflags::NONBLOCK).unwrap();
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    assert_eq!(blocked_and_pending(), (vec![], vec![]));
}

#[test]
fn files_beyond_the_limit() {
    be_a_host_that_signals_end();
    let scratch = Scratch::new();
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", oflags::CREAT, READ | WRITE).unwrap();
    let bytes = guest.put(&[7; 100_000]);
    let (iovs, count) = guest.iovecs(&[bytes]);

    // What fits is written, and then nothing more.
    call!(guest, fd_write, fd, iovs, count, 16).unwrap();
    assert_eq!(u64::from(guest.u32(16)), LIMIT);
    assert_eq!(
        call!(guest, fd_write, fd, iovs, count, 16),
        Err(Errno::FBIG)
    );
    assert_eq!(
        call!(guest, fd_pwrite, fd, iovs, count, LIMIT, 16),
        Err(Errno::FBIG)
    );
    call!(guest, fd_pwrite, fd, iovs, count, LIMIT - 10, 16).unwrap();
    assert_eq!(guest.u32(16), 10);
    for size in [LIMIT + 1, 1 << 40] {
        assert_eq!(
            call!(guest, fd_filestat_set_size, fd, size),
            Err(Errno::FBIG)
        );
        assert_eq!(call!(guest, fd_allocate, fd, 0, size), Err(Errno::FBIG));
    }
    call!(guest, fd_filestat_set_size, fd, LIMIT).unwrap();
    guest.open("f", oflags::TRUNC, WRITE).unwrap();
    assert_eq!(guest.filestat(fd).unwrap().size, 0);
    assert_eq!(blocked_and_pending(), (vec![], vec![]));
}

#[test]
fn streams_kept_in_memory_beyond_the_limit() {
    be_a_host_that_signals_end();
    let mut builder = WasiCtx::builder();
    let output = builder.capture_stdout().unwrap();
    let guest = &mut Guest::new(builder.build().unwrap());
    assert_eq!(guest.write(1, &[0; 100_000]).map(u64::from), Ok(LIMIT));
    assert_eq!(guest.write(1, b"x"), Err(Errno::FBIG));
    assert_eq!(output.contents().unwrap().len() as u64, LIMIT);
    assert!(WasiCtx::builder().stdin_bytes(&[0; 100_000]).is_err());
    WasiCtx::builder().stdin_bytes(&[0; 1000]).unwrap();
}

/// A host that blocks the signal and checks later finds the same pending signals as without the program.
#[test]
fn what_the_host_has_pending_stays() {
    let guest = &mut without_reader();
    mask_sigpipe(libc::SIG_BLOCK);
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    assert_eq!(blocked_and_pending(), (vec![libc::SIGPIPE], vec![]));

    // SAFETY: the signal goes to this thread, which blocks it.
    unsafe { libc::raise(libc::SIGPIPE) };
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
    let host = vec![libc::SIGPIPE];
    assert_eq!(blocked_and_pending(), (host.clone(), host));

    // Removed here, so that the signal can be unblocked.
    // SAFETY: the set and the number are in this frame; the signal is pending, so this does not wait.
    unsafe {
        let mut set = zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGPIPE);
        libc::sigwait(&set, &mut 0);
    }
    mask_sigpipe(libc::SIG_UNBLOCK);
    assert_eq!(blocked_and_pending(), (vec![], vec![]));
}
