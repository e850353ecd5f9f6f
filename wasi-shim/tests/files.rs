//! Open files: reading, writing, positions, sizes, times, flags, rights, numbers.

mod harness;
use harness::{Guest, READ, ROOT, Scratch, WRITE, call};
use lazywasm_wasi_shim::types::{fdflags, filetype, fstflags, oflags, rights, whence};
use lazywasm_wasi_shim::{Errno, WasiCtx};

#[test]
fn standard_streams() {
    let mut builder = WasiCtx::builder();
    let out = builder.capture_stdout().unwrap();
    builder.stdin_bytes(b"hello").unwrap();
    let guest = &mut Guest::new(builder.build().unwrap());
    assert_eq!(guest.read(0, 3).unwrap(), b"hel");
    assert_eq!(guest.read(0, 10).unwrap(), b"lo");
    assert_eq!(guest.read(0, 10).unwrap(), b"");
    assert_eq!(guest.write(1, b"one "), Ok(4));
    assert_eq!(guest.write(1, b"two"), Ok(3));
    assert_eq!(out.contents().unwrap(), b"one two");
    // The program has no standard error: writes are discarded, reads are refused.
    assert_eq!(guest.write(2, b"gone"), Ok(4));
    assert_eq!(guest.read(2, 1), Err(Errno::BADF));
    assert_eq!(guest.fdstat(2).unwrap().0, filetype::CHARACTER_DEVICE);
}

#[test]
fn several_buffers_keep_their_order() {
    let scratch = Scratch::new();
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", oflags::CREAT, READ | WRITE).unwrap();
    let a = guest.put(b"abc");
    let b = guest.put(b"");
    let c = guest.put(b"defgh");
    let (iovs, count) = guest.iovecs(&[c, b, a]);
    call!(guest, fd_write, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 8);
    assert_eq!(scratch.read("f"), b"defghabc");
    guest.seek(fd, 0, whence::SET).unwrap();
    let (iovs, count) = guest.iovecs(&[(200, 3), (100, 2), (150, 40)]);
    call!(guest, fd_read, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 8);
    assert_eq!(&guest.bytes[200..204], b"def\0");
    assert_eq!(&guest.bytes[100..103], b"gh\0");
    assert_eq!(&guest.bytes[150..154], b"abc\0");
}

/// More than the system takes in one call (1024 on Linux): a call moves what that many buffers hold, and
/// reports that.
#[test]
fn thousands_of_buffers() {
    let scratch = Scratch::new();
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", oflags::CREAT, READ | WRITE).unwrap();
    let (ab, _) = guest.put(b"ab");
    let (iovs, count) = guest.iovecs(&[(ab, 2); 2000]);
    call!(guest, fd_write, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 2048);
    call!(guest, fd_pwrite, fd, iovs, count, 1, 16).unwrap();
    assert_eq!(guest.u32(16), 2048);
    assert_eq!(scratch.read("f"), [b"a", &b"ab".repeat(1024)[..]].concat());

    let room = guest.alloc(4000);
    let buffers: Vec<_> = (0..2000).map(|index| (room + 2 * index, 1)).collect();
    let (iovs, count) = guest.iovecs(&buffers);
    guest.seek(fd, 0, whence::SET).unwrap();
    for offset in [None, Some(1)] {
        match offset {
            None => call!(guest, fd_read, fd, iovs, count, 16),
            Some(offset) => call!(guest, fd_pread, fd, iovs, count, offset, 16),
        }
        .unwrap();
        assert_eq!(guest.u32(16), 1024);
    }
    assert_eq!(&guest.bytes[room as usize..][..4], b"a\0b\0");
    assert_eq!(&guest.bytes[room as usize + 2046..][..4], b"b\0\0\0");

    // Empty buffers do not count, and buffers after the last one used are not read.
    let mut buffers = vec![(0, 0); 3000];
    buffers[2999] = (ab, 2);
    let (iovs, count) = guest.iovecs(&buffers);
    call!(guest, fd_write, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 2);
    let mut buffers = vec![(ab, 2); 1025];
    buffers[1024] = (u32::MAX, 1);
    let (iovs, count) = guest.iovecs(&buffers);
    call!(guest, fd_write, fd, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 2048);
}

#[test]
fn positioned_access_leaves_the_position() {
    let scratch = Scratch::new();
    scratch.write("f", "0123456789");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ | WRITE).unwrap();
    let data = guest.put(b"XY");
    let (iovs, count) = guest.iovecs(&[data]);
    call!(guest, fd_pwrite, fd, iovs, count, 4, 16).unwrap();
    assert_eq!(guest.u32(16), 2);
    let (iovs, count) = guest.iovecs(&[(64, 4)]);
    call!(guest, fd_pread, fd, iovs, count, 3, 16).unwrap();
    assert_eq!((guest.u32(16), &guest.bytes[64..68]), (4, &b"3XY6"[..]));
    call!(guest, fd_pread, fd, iovs, count, 100, 16).unwrap();
    assert_eq!(guest.u32(16), 0);
    assert_eq!(
        call!(guest, fd_pread, fd, iovs, count, u64::MAX, 16),
        Err(Errno::INVAL)
    );
    call!(guest, fd_tell, fd, 24).unwrap();
    assert_eq!(guest.u64(24), 0);
}

#[test]
fn seeking() {
    let scratch = Scratch::new();
    scratch.write("f", "0123456789");
    scratch.mkdir("d");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ).unwrap();
    assert_eq!(guest.seek(fd, 4, whence::SET), Ok(4));
    assert_eq!(guest.seek(fd, -1, whence::CUR), Ok(3));
    assert_eq!(guest.seek(fd, -1, whence::END), Ok(9));
    assert_eq!(guest.seek(fd, 100, whence::END), Ok(110));
    assert_eq!(guest.seek(fd, -1, whence::SET), Err(Errno::INVAL));
    assert_eq!(guest.seek(fd, -200, whence::CUR), Err(Errno::INVAL));
    assert_eq!(guest.seek(fd, 0, 3), Err(Errno::INVAL));
    // The older version counts origins from the current position on.
    call!(guest, fd_seek_unstable, fd, 2, 2, 16).unwrap();
    assert_eq!(guest.u64(16), 2);
    call!(guest, fd_seek_unstable, fd, 1, 0, 16).unwrap();
    assert_eq!(guest.u64(16), 3);
    call!(guest, fd_seek_unstable, fd, 0, 1, 16).unwrap();
    assert_eq!(guest.u64(16), 10);
    let dir = guest.open("d", oflags::DIRECTORY, 0).unwrap();
    for origin in [whence::SET, whence::CUR, whence::END] {
        assert_eq!(guest.seek(dir, 0, origin), Err(Errno::ISDIR));
    }
    assert_eq!(guest.read(dir, 1), Err(Errno::ISDIR));
    assert_eq!(guest.write(dir, b"x"), Err(Errno::ISDIR));
    assert_eq!(call!(guest, fd_tell, dir, 16), Err(Errno::ISDIR));
    assert_eq!(call!(guest, fd_allocate, dir, 0, 1), Err(Errno::ISDIR));
    assert_eq!(
        call!(guest, fd_filestat_set_size, dir, 0),
        Err(Errno::ISDIR)
    );
    assert_eq!(
        guest.fdstat(dir).unwrap().2 & (rights::FD_SEEK | rights::FD_FILESTAT_SET_SIZE),
        0
    );
    assert_eq!(guest.seek(77, 0, whence::CUR), Err(Errno::BADF));
}

#[test]
fn pipes_have_no_position_and_report_a_closed_reader() {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    let guest = &mut Guest::new(WasiCtx::builder().stdout(writer).build().unwrap());
    assert_eq!(guest.seek(1, 0, whence::CUR), Err(Errno::SPIPE));
    assert_eq!(call!(guest, fd_tell, 1, 16), Err(Errno::SPIPE));
    assert_eq!(guest.write(1, b"x"), Ok(1));
    assert_eq!(guest.fdstat(1).unwrap().0, filetype::UNKNOWN);
    drop(reader);
    assert_eq!(guest.write(1, b"x"), Err(Errno::PIPE));
}

#[test]
fn a_full_pipe_that_does_not_wait_says_so_and_counts_what_it_took() {
    let (_reader, writer) = rustix::pipe::pipe().unwrap();
    let guest = &mut Guest::new(WasiCtx::builder().stdout(writer).build().unwrap());
    call!(guest, fd_fdstat_set_flags, 1, fdflags::NONBLOCK).unwrap();
    assert_eq!(guest.fdstat(1).unwrap().1, fdflags::NONBLOCK as u16);
    let (iovs, count) = guest.iovecs(&[(0, 200_000)]);
    call!(guest, fd_write, 1, iovs, count, 16).unwrap();
    let taken = guest.u32(16);
    assert!(taken > 0 && taken < 200_000, "{taken}");
    assert_eq!(
        call!(guest, fd_write, 1, iovs, count, 16),
        Err(Errno::AGAIN)
    );
}

#[test]
fn flags_take_effect() {
    let scratch = Scratch::new();
    scratch.write("f", "12345");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest
        .open_with(
            ROOT,
            "f",
            0,
            READ | WRITE,
            fdflags::APPEND | fdflags::SYNC,
            0,
        )
        .unwrap();
    let flags = u32::from(guest.fdstat(fd).unwrap().1);
    assert_eq!(
        flags & (fdflags::APPEND | fdflags::SYNC),
        fdflags::APPEND | fdflags::SYNC
    );
    guest.write(fd, b"67").unwrap();
    assert_eq!(scratch.read("f"), b"1234567");
    guest.seek(fd, 0, whence::SET).unwrap();
    call!(guest, fd_fdstat_set_flags, fd, 0).unwrap();
    guest.write(fd, b"ab").unwrap();
    assert_eq!(scratch.read("f"), b"ab34567");
    call!(guest, fd_fdstat_set_flags, fd, fdflags::APPEND).unwrap();
    guest.write(fd, b"!").unwrap();
    assert_eq!(scratch.read("f"), b"ab34567!");
    let plain = guest.open("f", 0, READ).unwrap();
    assert_eq!(guest.fdstat(plain).unwrap().1, 0);
    assert_eq!(
        call!(guest, fd_fdstat_set_flags, plain, fdflags::DSYNC),
        Err(Errno::NOTSUP)
    );
    assert_eq!(
        call!(guest, fd_fdstat_set_flags, plain, 32),
        Err(Errno::INVAL)
    );
}

#[test]
fn size_space_and_advice() {
    let scratch = Scratch::new();
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", oflags::CREAT, READ | WRITE).unwrap();
    call!(guest, fd_allocate, fd, 0, 100).unwrap();
    call!(guest, fd_allocate, fd, 10, 10).unwrap();
    assert_eq!(guest.filestat(fd).unwrap().size, 100);
    call!(guest, fd_allocate, fd, 90, 20).unwrap();
    assert_eq!(guest.filestat(fd).unwrap().size, 110);
    assert_eq!(call!(guest, fd_allocate, fd, 0, 0), Err(Errno::INVAL));
    assert_eq!(
        call!(guest, fd_allocate, fd, u64::MAX, 1),
        Err(Errno::INVAL)
    );
    assert_eq!(
        call!(guest, fd_allocate, fd, 1, i64::MAX as u64),
        Err(Errno::FBIG)
    );
    call!(guest, fd_filestat_set_size, fd, 5).unwrap();
    assert_eq!(guest.filestat(fd).unwrap().size, 5);
    assert_eq!(
        call!(guest, fd_filestat_set_size, fd, u64::MAX),
        Err(Errno::INVAL)
    );
    for advice in 0..6 {
        assert_eq!(call!(guest, fd_advise, fd, 0, u64::MAX, advice), Ok(()));
    }
    assert_eq!(call!(guest, fd_advise, fd, 0, 0, 6), Err(Errno::INVAL));
    assert_eq!(
        call!(guest, fd_advise, fd, u64::MAX, 0, 0),
        Err(Errno::INVAL)
    );
    assert_eq!(call!(guest, fd_sync, fd), Ok(()));
    assert_eq!(call!(guest, fd_datasync, fd), Ok(()));
    let reader = guest.open("f", 0, READ).unwrap();
    assert_eq!(
        call!(guest, fd_filestat_set_size, reader, 0),
        Err(Errno::BADF)
    );
    assert_eq!(guest.filestat(fd).unwrap().size, 5);
}

#[test]
fn times_to_the_nanosecond() {
    let scratch = Scratch::new();
    scratch.write("f", "");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ).unwrap();
    let (accessed, modified) = (1_234_567_890_123_456_789, 987_654_321);
    call!(
        guest,
        fd_filestat_set_times,
        fd,
        accessed,
        modified,
        fstflags::ATIM | fstflags::MTIM
    )
    .unwrap();
    let stat = guest.filestat(fd).unwrap();
    assert_eq!((stat.accessed, stat.modified), (accessed, modified));
    call!(guest, fd_filestat_set_times, fd, 0, 0, fstflags::MTIM_NOW).unwrap();
    let stat = guest.filestat(fd).unwrap();
    assert_eq!(stat.accessed, accessed);
    assert!(stat.modified > accessed);
    // The end of the range: whatever the file system answers, nothing breaks.
    let _ = call!(
        guest,
        fd_filestat_set_times,
        fd,
        u64::MAX,
        u64::MAX,
        fstflags::ATIM | fstflags::MTIM
    );
    guest.filestat(fd).unwrap();
    for both in [
        fstflags::ATIM | fstflags::ATIM_NOW,
        fstflags::MTIM | fstflags::MTIM_NOW,
        16,
    ] {
        assert_eq!(
            call!(guest, fd_filestat_set_times, fd, 1, 1, both),
            Err(Errno::INVAL)
        );
    }
}

#[test]
fn the_older_filestat_is_narrower() {
    let scratch = Scratch::new();
    scratch.write("f", "12345");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ).unwrap();
    let new = guest.filestat(fd).unwrap();
    guest.bytes[64 + 56..64 + 64].fill(0xaa);
    call!(guest, fd_filestat_get_unstable, fd, 64).unwrap();
    assert_eq!(guest.u64(64 + 8), new.inode);
    assert_eq!(guest.bytes[64 + 16], filetype::REGULAR_FILE);
    assert_eq!(guest.u32(64 + 20), 1);
    assert_eq!(guest.u64(64 + 24), 5);
    assert_eq!(guest.u64(64 + 40), new.modified);
    assert_eq!(
        guest.u64(64 + 56),
        0xaaaa_aaaa_aaaa_aaaa,
        "nothing is written past 56 bytes"
    );
    let (path, len) = guest.put(b"f");
    call!(guest, path_filestat_get_unstable, ROOT, 0, path, len, 256).unwrap();
    assert_eq!(guest.bytes[64..120], guest.bytes[256..312]);
}

#[test]
fn opening_decides_reading_and_writing() {
    let scratch = Scratch::new();
    scratch.write("f", "data");
    let guest = &mut Guest::with_dir(scratch.path());
    let reader = guest.open("f", 0, READ).unwrap();
    let writer = guest.open("f", 0, WRITE).unwrap();
    let neither = guest.open("f", 0, 0).unwrap();
    assert_eq!(guest.write(reader, b"x"), Err(Errno::BADF));
    assert_eq!(guest.read(writer, 1), Err(Errno::BADF));
    assert_eq!(guest.read(neither, 1), Err(Errno::BADF));
    assert_eq!(guest.write(neither, b"x"), Err(Errno::BADF));
    assert_eq!(guest.fdstat(reader).unwrap().2 & (READ | WRITE), READ);
    assert_eq!(guest.fdstat(writer).unwrap().2 & (READ | WRITE), WRITE);
    assert_eq!(scratch.read("f"), b"data");
}

#[test]
fn rights_only_shrink_and_stay_with_the_descriptor() {
    let scratch = Scratch::new();
    scratch.write("f", "data");
    scratch.write("g", "more");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("f", 0, READ | WRITE).unwrap();
    let (_, _, base, inheriting) = guest.fdstat(fd).unwrap();
    let fewer = base & !(READ | WRITE);
    call!(guest, fd_fdstat_set_rights, fd, fewer, inheriting).unwrap();
    assert_eq!(guest.read(fd, 1), Err(Errno::BADF));
    assert_eq!(guest.write(fd, b"x"), Err(Errno::BADF));
    assert_eq!(guest.seek(fd, 1, whence::SET), Ok(1));
    assert_eq!(
        call!(guest, fd_fdstat_set_rights, fd, base, inheriting),
        Err(Errno::NOTCAPABLE)
    );
    assert_eq!(
        call!(guest, fd_fdstat_set_rights, fd, fewer, inheriting | 1),
        Err(Errno::NOTCAPABLE)
    );
    // Under another number it has no more rights.
    let other = guest.open("g", 0, READ | WRITE).unwrap();
    call!(guest, fd_renumber, fd, other).unwrap();
    assert_eq!(guest.write(other, b"x"), Err(Errno::BADF));
    assert_eq!(guest.fdstat(other).unwrap().2, fewer);
    // Rights that a directory no longer passes on are given to nothing beneath it.
    let (_, _, base, inheriting) = guest.fdstat(ROOT).unwrap();
    call!(
        guest,
        fd_fdstat_set_rights,
        ROOT,
        base & !rights::PATH_FILESTAT_SET_SIZE,
        inheriting & !WRITE
    )
    .unwrap();
    assert_eq!(guest.open("f", 0, READ | WRITE), Err(Errno::NOTCAPABLE));
    assert_eq!(guest.open("f", oflags::TRUNC, READ), Err(Errno::PERM));
    assert_eq!(scratch.read("f"), b"data");
}

#[test]
fn numbers() {
    let scratch = Scratch::new();
    scratch.write("f", "f");
    scratch.write("g", "g");
    let guest = &mut Guest::with_dir(scratch.path());
    let f = guest.open("f", 0, READ).unwrap();
    let g = guest.open("g", 0, READ).unwrap();
    assert_eq!((f, g), (4, 5));
    assert_eq!(call!(guest, fd_renumber, f, 6), Err(Errno::BADF));
    assert_eq!(call!(guest, fd_renumber, 6, f), Err(Errno::BADF));
    assert_eq!(call!(guest, fd_renumber, f, u32::MAX), Err(Errno::BADF));
    assert_eq!(call!(guest, fd_renumber, f, f), Ok(()));
    assert_eq!(call!(guest, fd_renumber, g, f), Ok(()));
    assert_eq!(guest.read(f, 1).unwrap(), b"g");
    assert_eq!(guest.close(g), Err(Errno::BADF));
    // The lowest free number is assigned next.
    guest.close(0).unwrap();
    assert_eq!(guest.open("f", 0, READ), Ok(0));
    assert_eq!(guest.open("f", 0, READ), Ok(g));
    assert_eq!(guest.close(u32::MAX), Err(Errno::BADF));
}

#[test]
fn directories_given_at_start_are_named() {
    let scratch = Scratch::new();
    scratch.mkdir("d");
    let mut builder = WasiCtx::builder();
    builder
        .preopened_dir(scratch.path(), "/data", false)
        .preopened_dir(scratch.join("d"), "", false);
    let guest = &mut Guest::new(builder.build().unwrap());
    call!(guest, fd_prestat_get, 3, 16).unwrap();
    assert_eq!((guest.u32(16), guest.u32(20)), (0, 5));
    call!(guest, fd_prestat_dir_name, 3, 64, 5).unwrap();
    call!(guest, fd_prestat_dir_name, 3, 80, 6).unwrap();
    assert_eq!(&guest.bytes[64..70], b"/data\0");
    assert_eq!(&guest.bytes[80..86], b"/data\0");
    assert_eq!(
        call!(guest, fd_prestat_dir_name, 3, 64, 4),
        Err(Errno::NAMETOOLONG)
    );
    call!(guest, fd_prestat_get, 4, 16).unwrap();
    assert_eq!(guest.u32(20), 0);
    assert_eq!(call!(guest, fd_prestat_get, 5, 16), Err(Errno::BADF));
    assert_eq!(call!(guest, fd_prestat_get, 0, 16), Err(Errno::BADF));
    let opened = guest.open("d", oflags::DIRECTORY, READ).unwrap();
    assert_eq!(call!(guest, fd_prestat_get, opened, 16), Err(Errno::BADF));
}
