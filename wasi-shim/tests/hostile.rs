//! Arguments chosen to break the host: each must return an error number, and cost little.

mod harness;
use harness::{Guest, MEMORY, READ, ROOT, Scratch, WRITE, call};
use lazywasm_wasi_shim::types::{fdflags, oflags};
use lazywasm_wasi_shim::{Errno, WasiCtx};

const MAX: u32 = u32::MAX;

fn guest() -> (Scratch, Guest, u32) {
    let scratch = Scratch::new();
    scratch.write("f", "0123456789");
    let mut guest = Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ | WRITE).unwrap();
    (scratch, guest, fd)
}

#[test]
fn results_that_do_not_fit_consume_nothing() {
    let (scratch, mut guest, fd) = guest();
    let guest = &mut guest;
    let (iovs, count) = guest.iovecs(&[(64, 4)]);
    for at in [MEMORY - 3, MEMORY, MAX - 3, MAX] {
        assert_eq!(
            call!(guest, fd_read, fd, iovs, count, at),
            Err(Errno::FAULT)
        );
        assert_eq!(
            call!(guest, fd_write, fd, iovs, count, at),
            Err(Errno::FAULT)
        );
        assert_eq!(
            call!(guest, fd_pread, fd, iovs, count, 0, at),
            Err(Errno::FAULT)
        );
        assert_eq!(
            call!(guest, fd_pwrite, fd, iovs, count, 0, at),
            Err(Errno::FAULT)
        );
        assert_eq!(call!(guest, fd_seek, fd, 5, 0, at), Err(Errno::FAULT));
        assert_eq!(call!(guest, fd_tell, fd, at), Err(Errno::FAULT));
        assert_eq!(call!(guest, fd_fdstat_get, fd, at), Err(Errno::FAULT));
        assert_eq!(call!(guest, fd_filestat_get, fd, at), Err(Errno::FAULT));
        assert_eq!(
            call!(guest, fd_filestat_get_unstable, fd, at),
            Err(Errno::FAULT)
        );
        assert_eq!(call!(guest, fd_prestat_get, ROOT, at), Err(Errno::FAULT));
        assert_eq!(
            call!(guest, fd_readdir, ROOT, 64, 64, 0, at),
            Err(Errno::FAULT)
        );
        assert_eq!(call!(guest, clock_time_get, 0, 0, at), Err(Errno::FAULT));
        assert_eq!(call!(guest, args_sizes_get, at, 0), Err(Errno::FAULT));
        let (path, len) = guest.put(b"g");
        let opened = call!(
            guest,
            path_open,
            ROOT,
            0,
            path,
            len,
            oflags::CREAT,
            READ,
            0,
            0,
            at
        );
        assert_eq!(opened, Err(Errno::FAULT));
        assert!(
            !scratch.join("g").exists(),
            "nothing is created if its number cannot be returned"
        );
    }
    // Records at the very end of memory: written completely or not at all.
    assert_eq!(call!(guest, fd_filestat_get, fd, MEMORY - 64), Ok(()));
    assert_eq!(
        call!(guest, fd_filestat_get, fd, MEMORY - 63),
        Err(Errno::FAULT)
    );
    assert_eq!(
        call!(guest, fd_fdstat_get, fd, MEMORY - 23),
        Err(Errno::FAULT)
    );
    assert_eq!(guest.seek(fd, 0, 1), Ok(0), "the position has not moved");
    assert_eq!(scratch.read("f"), b"0123456789");
}

#[test]
fn iovecs_out_of_all_bounds() {
    let (scratch, mut guest, fd) = guest();
    let guest = &mut guest;
    for (at, count, expected) in [
        (0, MAX, Errno::FAULT),
        (0, MEMORY / 8 + 1, Errno::FAULT),
        (MEMORY - 7, 1, Errno::FAULT),
        (MAX, 1, Errno::FAULT),
        (MAX - 7, 1024, Errno::FAULT),
        (MEMORY, 1, Errno::FAULT),
    ] {
        assert_eq!(
            call!(guest, fd_read, fd, at, count, 16),
            Err(expected),
            "{at} {count}"
        );
        assert_eq!(
            call!(guest, fd_write, fd, at, count, 16),
            Err(expected),
            "{at} {count}"
        );
    }
    for vector in [
        (0, MAX),
        (MAX, 1),
        (MAX, MAX),
        (MEMORY, 1),
        (MEMORY - 1, 2),
        (1, MEMORY),
    ] {
        let (iovs, count) = guest.iovecs(&[(64, 1), vector]);
        assert_eq!(
            call!(guest, fd_read, fd, iovs, count, 16),
            Err(Errno::FAULT),
            "{vector:?}"
        );
        assert_eq!(
            call!(guest, fd_write, fd, iovs, count, 16),
            Err(Errno::FAULT),
            "{vector:?}"
        );
        assert_eq!(
            call!(guest, fd_pread, fd, iovs, count, 0, 16),
            Err(Errno::FAULT),
            "{vector:?}"
        );
    }
    // An empty range at the end of memory is allowed.
    let (iovs, count) = guest.iovecs(&[(MEMORY, 0)]);
    assert_eq!(call!(guest, fd_read, fd, iovs, count, 16), Ok(()));
    assert_eq!(guest.u32(16), 0);
    assert_eq!(call!(guest, fd_read, fd, MEMORY, 0, 16), Ok(()));
    assert_eq!(scratch.read("f"), b"0123456789");
}

#[test]
fn a_thousand_buffers_that_are_all_of_memory() {
    let (_scratch, mut guest, _) = guest();
    let guest = &mut guest;
    let fd = guest.open("g", oflags::CREAT, READ | WRITE).unwrap();
    // Together 256 MiB; the host writes them or returns how many it wrote.
    let (iovs, count) = guest.iovecs(&vec![(0, MEMORY); 64]);
    call!(guest, fd_write, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 64 * MEMORY);
    // Reading into the same place twice reads it once.
    guest.seek(fd, 0, 0).unwrap();
    let (iovs, count) = guest.iovecs(&vec![(1 << 16, 100); 1024]);
    call!(guest, fd_read, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 100);
    // The array of buffers may be one of the buffers.
    let (iovs, count) = guest.iovecs(&[(iovs, 64), (64, 64)]);
    call!(guest, fd_read, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 128);
}

#[test]
fn paths_out_of_all_bounds() {
    let (_scratch, mut guest, _) = guest();
    let guest = &mut guest;
    for (at, len, expected) in [
        (0, MAX, Errno::FAULT),
        (MAX, 1, Errno::FAULT),
        (MAX, MAX, Errno::FAULT),
        (MEMORY, 1, Errno::FAULT),
        (MEMORY - 1, 2, Errno::FAULT),
        (0, MEMORY, Errno::NAMETOOLONG),
        (0, 4096, Errno::NAMETOOLONG),
        (MEMORY, 0, Errno::NOENT),
        (0, 1, Errno::INVAL),
    ] {
        assert_eq!(
            call!(guest, path_create_directory, ROOT, at, len),
            Err(expected),
            "{at} {len}"
        );
        assert_eq!(
            call!(guest, path_unlink_file, ROOT, at, len),
            Err(expected),
            "{at} {len}"
        );
        assert_eq!(
            call!(guest, path_filestat_get, ROOT, 1, at, len, 64),
            Err(expected),
            "{at} {len}"
        );
        let opened = call!(guest, path_open, ROOT, 1, at, len, 0, READ, 0, 0, 64);
        assert_eq!(opened, Err(expected), "{at} {len}");
        assert_eq!(
            call!(guest, path_readlink, ROOT, at, len, 64, 64, 16),
            Err(expected),
            "{at} {len}"
        );
    }
    guest.symlink("target", "link").unwrap();
    let (path, len) = guest.put(b"link");
    for (buffer, room) in [(MAX, 1), (MEMORY - 1, 2), (0, MAX)] {
        assert_eq!(
            call!(guest, path_readlink, ROOT, path, len, buffer, room, 16),
            Err(Errno::FAULT)
        );
        assert_eq!(
            call!(guest, fd_readdir, ROOT, buffer, room, 0, 16),
            Err(Errno::FAULT)
        );
        assert_eq!(
            call!(guest, fd_prestat_dir_name, ROOT, buffer, room),
            Err(Errno::FAULT)
        );
        assert_eq!(call!(guest, random_get, buffer, room), Err(Errno::FAULT));
    }
}

#[test]
fn subscriptions_out_of_all_bounds() {
    let (_scratch, mut guest, _) = guest();
    let guest = &mut guest;
    for (subscriptions, events, count, expected) in [
        (0, 0, MAX, Errno::FAULT),
        (MAX, 0, 1, Errno::FAULT),
        (0, MAX, 1, Errno::FAULT),
        (MEMORY - 47, 0, 1, Errno::FAULT),
        (0, MEMORY - 31, 1, Errno::FAULT),
        (0, 0, MEMORY / 48 + 1, Errno::FAULT),
        (0, 0, 89_478_486, Errno::FAULT),
    ] {
        let got = call!(guest, poll_oneoff, subscriptions, events, count, 16);
        assert_eq!(got, Err(expected), "{subscriptions} {events} {count}");
        assert!(
            call!(
                guest,
                poll_oneoff_unstable,
                subscriptions,
                events,
                count,
                16
            )
            .is_err()
        );
    }
    // A memory full of subscriptions, answered in place: thousands of sleeps of no time.
    let count = MEMORY / 48 - 1;
    guest.bytes.fill(0);
    call!(guest, poll_oneoff, 48, 48, count, 16).unwrap();
    assert_eq!(guest.u32(16), count);
    // More than the host accepts at once.
    let mut large = vec![0; 48 * 70_000];
    let got = lazywasm_wasi_shim::preview1::poll_oneoff(
        &guest.ctx,
        &mut lazywasm_wasi_shim::GuestMemory::new(&mut large),
        0,
        0,
        70_000,
        16,
    );
    assert_eq!(got, Err(Errno::INVAL));
}

#[test]
fn every_function_survives_extremes() {
    let scratch = Scratch::new();
    let guest = &mut Guest::with_dir(scratch.path());
    guest.open("f", oflags::CREAT, READ | WRITE).unwrap();
    // Small numbers name descriptors, flags and lengths; the others are addresses at every edge.
    let words = [
        0,
        1,
        2,
        3,
        4,
        5,
        8,
        0x7fff_ffff,
        0x8000_0000,
        MEMORY - 1,
        MEMORY,
        MAX,
    ];
    let longs = [0, 1, 1 << 31, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |count: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % count
    };
    for _ in 0..20_000 {
        let mut w = || words[next(words.len())];
        let (a, b, c, d, e, f, g) = (w(), w(), w(), w(), w(), w(), w());
        let (x, y) = (longs[next(longs.len())], longs[next(longs.len())]);
        // Calls may close the standard streams; directory and file are opened again.
        if call!(guest, fd_fdstat_get, 3, 64).is_err() {
            *guest = Guest::with_dir(scratch.path());
            guest.open("f", oflags::CREAT, READ | WRITE).unwrap();
        }
        let _ = call!(guest, args_get, a, b);
        let _ = call!(guest, environ_get, a, b);
        let _ = call!(guest, clock_res_get, a, b);
        let _ = call!(guest, clock_time_get, a, x, b);
        let _ = call!(guest, fd_advise, a, x, y, b);
        // This test is not meant to fill the disk.
        let _ = call!(guest, fd_allocate, a, x | 1 << 63, y);
        let _ = call!(guest, fd_datasync, a | 8);
        let _ = call!(guest, fd_fdstat_get, a, b);
        let _ = call!(guest, fd_fdstat_set_flags, a, b & !fdflags::SYNC);
        let _ = call!(guest, fd_filestat_get, a, b);
        let _ = call!(guest, fd_filestat_set_times, a, x, y, b);
        let _ = call!(guest, fd_pread, a, b, c, x, d);
        let _ = call!(guest, fd_prestat_dir_name, a, b, c);
        let _ = call!(guest, fd_readdir, a, b, c, x, d);
        let _ = call!(guest, fd_renumber, a, b);
        let _ = call!(guest, fd_seek, a, x as i64, b, c);
        let _ = call!(guest, fd_write, a, b, c, d);
        let _ = call!(guest, fd_read, a, b, c, d);
        let _ = call!(guest, path_filestat_get, a, b, c, d, e);
        let _ = call!(guest, path_filestat_set_times, a, b, c, d, x, y, e);
        let _ = call!(guest, path_link, a, b, c, d, e, f, g);
        let _ = call!(guest, path_open, a, b, c, d, e, x, y, f, g);
        let _ = call!(guest, path_readlink, a, b, c, d, e, f);
        let _ = call!(guest, path_rename, a, b, c, d, e, f);
        let _ = call!(guest, path_symlink, a, b, c, d, e);
        let _ = call!(guest, args_sizes_get, a, b);
        let _ = call!(guest, environ_sizes_get, a, b);
        let _ = call!(guest, fd_fdstat_set_rights, a, x, y);
        let _ = call!(guest, fd_filestat_set_size, a, x);
        let _ = call!(guest, fd_prestat_get, a, b);
        let _ = call!(guest, fd_pwrite, a, b, c, x, d);
        let _ = call!(guest, fd_sync, a | 8);
        let _ = call!(guest, fd_tell, a, b);
        let _ = call!(guest, path_create_directory, a, b, c);
        let _ = call!(guest, path_remove_directory, a, b, c);
        let _ = call!(guest, path_unlink_file, a, b, c);
        let _ = call!(guest, random_get, a, b);
        let _ = call!(guest, proc_raise, a);
        let _ = call!(guest, sock_accept, a, b, c);
        let _ = call!(guest, sock_recv, a, b, c, d, e, f);
        let _ = call!(guest, sock_send, a, b, c, d, e);
        let _ = call!(guest, sock_shutdown, a, b);
        let _ = call!(guest, fd_close, a);
    }
    // It has no arguments that could be extreme. Calling it each time made a minute of waiting on a machine
    // with as many busy threads as processors: each call yields the rest of a time slice.
    call!(guest, sched_yield).unwrap();
}

#[test]
fn one_context_on_many_threads() {
    use lazywasm_wasi_shim::GuestMemory;
    use lazywasm_wasi_shim::preview1 as wasi;
    const THREADS: u8 = 8;
    const ROUNDS: usize = 300;
    let scratch = Scratch::new();
    let ctx = WasiCtx::builder()
        .preopened_dir(scratch.path(), "/", false)
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let ctx = &ctx;
            scope.spawn(move || {
                let mut bytes = vec![0; 4096];
                // The name of a file, what is written to it, and one iovec for that.
                bytes[0] = b'a' + thread;
                bytes[64..68].copy_from_slice(&0_u32.to_le_bytes());
                bytes[68..72].copy_from_slice(&1_u32.to_le_bytes());
                for _ in 0..ROUNDS {
                    let memory = &mut GuestMemory::new(&mut bytes);
                    wasi::path_open(ctx, memory, 3, 0, 0, 1, 1, WRITE, 0, 1, 16).unwrap();
                    let fd = u32::from_le_bytes(bytes[16..20].try_into().unwrap());
                    let memory = &mut GuestMemory::new(&mut bytes);
                    wasi::fd_write(ctx, memory, fd, 64, 1, 20).unwrap();
                    wasi::fd_close(ctx, memory, fd).unwrap();
                }
            });
        }
    });
    // Each number belonged to one thread at a time: no thread wrote into the file of another.
    for thread in 0..THREADS {
        let name = char::from(b'a' + thread);
        assert_eq!(scratch.read(&name.to_string()), vec![b'a' + thread; ROUNDS]);
    }
}
