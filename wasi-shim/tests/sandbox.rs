//! Attempts to get out of a directory, or to change one given read-only. Each runs with both ways of
//! resolving paths; afterwards it is checked that nothing outside has changed.

mod harness;
use harness::{Guest, READ, ROOT, Scratch, WRITE, both_resolutions, call};
use lazywasm_wasi_shim::types::{fstflags, oflags, rights};
use lazywasm_wasi_shim::{Errno, WasiCtx};
use std::sync::atomic::{AtomicBool, Ordering};

const FOLLOW: u32 = 1;

/// A program given `inside`, next to `secret` and `outside/file` which it was not given. `inside` has every
/// kind of link to the outside.
fn with_ways_out(test: impl Fn(&Scratch, &mut Guest)) {
    both_resolutions(|configure| {
        let scratch = Scratch::new();
        scratch.mkdir("inside/dir");
        scratch.mkdir("outside");
        scratch.write("secret", "secret");
        scratch.write("outside/file", "outside");
        scratch.write("inside/file", "inside");
        let absolute = scratch.join("secret");
        for (target, name) in [
            ("../secret", "inside/out"),
            (absolute.to_str().unwrap(), "inside/absolute"),
            ("../outside", "inside/outdir"),
            ("..", "inside/up"),
            ("dir/../../secret", "inside/winding"),
            ("../created", "inside/dangling"),
            ("../../secret", "inside/dir/out"),
            ("/proc/self/cwd", "inside/cwd"),
            ("/proc/self/fd/0", "inside/stdin"),
        ] {
            scratch.symlink(target, name);
        }
        let mut builder = WasiCtx::builder();
        builder.preopened_dir(scratch.join("inside"), "/", false);
        configure(&mut builder);
        test(&scratch, &mut Guest::new(builder.build().unwrap()));

        assert_eq!(scratch.read("secret"), b"secret");
        assert_eq!(scratch.read("outside/file"), b"outside");
        let mut outside: Vec<_> = std::fs::read_dir(scratch.join("outside"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        outside.sort();
        assert_eq!(outside, ["file"]);
        let mut top: Vec<_> = std::fs::read_dir(scratch.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        top.sort();
        assert_eq!(top, ["inside", "outside", "secret"]);
    });
}

/// Paths that name something outside if links are followed.
const OUT: &[&str] = &[
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "..",
    "../",
    "../secret",
    "./../secret",
    "dir/../../secret",
    "dir/../../inside/file",
    "out",
    "out/",
    "absolute",
    "outdir/file",
    "outdir/",
    "up/secret",
    "up/inside/file",
    "winding",
    "dir/out",
    "cwd/",
    "stdin",
];

#[test]
fn reading_and_writing_outside() {
    with_ways_out(|_, guest| {
        for path in OUT {
            for (flags, base) in [
                (0, READ),
                (0, WRITE),
                (oflags::TRUNC, 0),
                (oflags::TRUNC, WRITE),
                (oflags::CREAT, WRITE),
                (oflags::DIRECTORY, READ),
            ] {
                let got = guest.open_with(ROOT, path, flags, base, 0, FOLLOW);
                // To create a file, the kernel checks the slash before the link.
                let early =
                    flags & oflags::CREAT != 0 && path.ends_with('/') && got == Err(Errno::ISDIR);
                assert!(
                    early || got == Err(Errno::PERM),
                    "{path:?} {flags} {base}: {got:?}"
                );
            }
            assert_eq!(
                guest.path_filestat(path, FOLLOW),
                Err(Errno::PERM),
                "{path:?}"
            );
            let touched = guest.set_times(path, FOLLOW, (1, 1), fstflags::ATIM | fstflags::MTIM);
            assert_eq!(touched, Err(Errno::PERM), "{path:?}");
            let linked = guest.link((ROOT, path), FOLLOW, (ROOT, "dir/stolen"));
            assert_eq!(linked, Err(Errno::PERM), "{path:?}");
        }
        // No file is created through a dangling link to the outside.
        let created = guest.open_with(ROOT, "dangling", oflags::CREAT, WRITE, 0, FOLLOW);
        assert_eq!(created, Err(Errno::PERM));
        // A directory that was opened separately allows no way up either.
        let dir = guest.open("dir", oflags::DIRECTORY, READ).unwrap();
        for path in ["..", "../file", "../../secret", "out"] {
            assert_eq!(
                guest.open_with(dir, path, 0, READ, 0, FOLLOW),
                Err(Errno::PERM),
                "{path:?}"
            );
        }
    });
}

#[test]
fn changing_names_outside() {
    with_ways_out(|_, guest| {
        for path in [
            "/x",
            "../x",
            "dir/../../x",
            "outdir/x",
            "up/x",
            "outdir/file",
            "../secret",
            "/",
        ] {
            assert_eq!(guest.mkdir(path), Err(Errno::PERM), "mkdir {path:?}");
            assert_eq!(guest.rmdir(path), Err(Errno::PERM), "rmdir {path:?}");
            assert_eq!(guest.unlink(path), Err(Errno::PERM), "unlink {path:?}");
            assert_eq!(
                guest.symlink("file", path),
                Err(Errno::PERM),
                "symlink {path:?}"
            );
            assert_eq!(
                guest.readlink(path, 10),
                Err(Errno::PERM),
                "readlink {path:?}"
            );
            assert_eq!(
                guest.link((ROOT, "file"), 0, (ROOT, path)),
                Err(Errno::PERM),
                "link to {path:?}"
            );
            assert_eq!(
                guest.link((ROOT, path), 0, (ROOT, "x")),
                Err(Errno::PERM),
                "link {path:?}"
            );
            assert_eq!(
                guest.rename((ROOT, "file"), (ROOT, path)),
                Err(Errno::PERM),
                "rename to {path:?}"
            );
            assert_eq!(
                guest.rename((ROOT, path), (ROOT, "x")),
                Err(Errno::PERM),
                "rename {path:?}"
            );
        }
        for path in ["..", "../", "up/..", "dir/../.."] {
            assert_eq!(guest.rmdir(path), Err(Errno::PERM), "rmdir {path:?}");
            assert_eq!(guest.mkdir(path), Err(Errno::PERM), "mkdir {path:?}");
            assert_eq!(
                guest.rename((ROOT, "dir"), (ROOT, path)),
                Err(Errno::PERM),
                "rename to {path:?}"
            );
            assert_eq!(
                guest.path_filestat(path, 0),
                Err(Errno::PERM),
                "stat {path:?}"
            );
        }
    });
}

#[test]
fn trailing_slashes_follow_nothing_out() {
    with_ways_out(|_, guest| {
        assert_eq!(guest.path_filestat("outdir/", 0), Err(Errno::PERM));
        assert_eq!(
            guest.set_times("outdir/", 0, (1, 1), fstflags::MTIM),
            Err(Errno::PERM)
        );
        assert_eq!(guest.readlink("outdir/", 10), Err(Errno::PERM));
        assert_eq!(
            guest.link((ROOT, "outdir/"), 0, (ROOT, "x")),
            Err(Errno::PERM)
        );
        assert_eq!(guest.open("outdir/", 0, READ), Err(Errno::PERM));
        // Calls that act on the name itself see a link, with a slash after it or not.
        assert_eq!(guest.rmdir("outdir/"), Err(Errno::NOTDIR));
        assert_eq!(guest.unlink("outdir/"), Err(Errno::NOTDIR));
        assert_eq!(guest.mkdir("outdir/"), Err(Errno::EXIST));
        assert_eq!(guest.mkdir("dangling/"), Err(Errno::EXIST));
        assert_eq!(guest.symlink("file", "dangling/"), Err(Errno::EXIST));
        assert_eq!(
            guest.rename((ROOT, "outdir/"), (ROOT, "x")),
            Err(Errno::NOTDIR)
        );
        assert_eq!(
            guest.rename((ROOT, "dir"), (ROOT, "outdir/")),
            Err(Errno::NOTDIR)
        );
        assert_eq!(
            guest.link((ROOT, "file"), 0, (ROOT, "dangling/")),
            Err(Errno::EXIST)
        );
        // Moving or removing the link moves or removes the link.
        guest.rename((ROOT, "outdir"), (ROOT, "dir/moved")).unwrap();
        guest.unlink("dir/moved").unwrap();
        guest.unlink("out").unwrap();
    });
}

#[test]
fn a_link_made_by_the_program_leads_nowhere_new() {
    with_ways_out(|scratch, guest| {
        assert_eq!(
            guest.symlink(scratch.join("secret").to_str().unwrap(), "x"),
            Err(Errno::PERM)
        );
        // A link inside may point anywhere; only following it is refused.
        guest.symlink("../../secret", "dir/mine").unwrap();
        assert_eq!(
            guest.open_with(ROOT, "dir/mine", 0, READ, 0, FOLLOW),
            Err(Errno::PERM)
        );
        guest.symlink("dir/../file", "fine").unwrap();
        guest.open_with(ROOT, "fine", 0, READ, 0, FOLLOW).unwrap();
        // A link that stayed inside no longer does when it is moved up.
        guest.mkdir("dir/deep").unwrap();
        guest.symlink("../../file", "dir/deep/link").unwrap();
        guest
            .open_with(ROOT, "dir/deep/link", 0, READ, 0, FOLLOW)
            .unwrap();
        guest
            .rename((ROOT, "dir/deep/link"), (ROOT, "dir/link"))
            .unwrap();
        assert_eq!(
            guest.open_with(ROOT, "dir/link", 0, READ, 0, FOLLOW),
            Err(Errno::PERM)
        );
    });
}

#[test]
fn a_directory_moved_out_from_under_the_program() {
    with_ways_out(|scratch, guest| {
        let dir = guest.open("dir", oflags::DIRECTORY, READ).unwrap();
        // The host moves it elsewhere: `..` from it must not become a way to the new neighbours.
        std::fs::rename(scratch.join("inside/dir"), scratch.join("outside/dir")).unwrap();
        assert_eq!(
            guest.open_with(dir, "../file", 0, READ, 0, FOLLOW),
            Err(Errno::PERM)
        );
        assert_eq!(
            guest.open_with(dir, "..", 0, READ, 0, FOLLOW),
            Err(Errno::PERM)
        );
        std::fs::rename(scratch.join("outside/dir"), scratch.join("inside/dir")).unwrap();
    });
}

struct StopWhenDropped<'a>(&'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// While one thread replaces a directory by a link to the outside, and back, no path through it may ever
/// reach the outside.
#[test]
fn a_link_swapped_in_by_a_racing_thread() {
    const ROUNDS: u32 = 3000;
    both_resolutions(|configure| {
        let scratch = Scratch::new();
        scratch.mkdir("inside/real/sub");
        scratch.write("inside/real/sub/file", "inside");
        scratch.mkdir("outside/sub");
        scratch.write("outside/sub/file", "secret");
        scratch.symlink("../outside", "inside/evil");
        scratch.symlink("../../outside/sub/file", "inside/real/evilfile");
        scratch.write("inside/real/goodfile", "inside");
        let mut builder = WasiCtx::builder();
        builder.preopened_dir(scratch.join("inside"), "/", false);
        configure(&mut builder);
        let guest = &mut Guest::new(builder.build().unwrap());

        let done = AtomicBool::new(false);
        let (mut inside, mut refused) = (0, 0);
        std::thread::scope(|scope| {
            // Stops the other thread, also when an assertion fails here.
            let _stop = StopWhenDropped(&done);
            scope.spawn(|| {
                let inside = std::fs::File::open(scratch.join("inside")).unwrap();
                let real = std::fs::File::open(scratch.join("inside/real")).unwrap();
                let exchange = rustix::fs::RenameFlags::EXCHANGE;
                while !done.load(Ordering::Relaxed) {
                    rustix::fs::renameat_with(&inside, "real", &inside, "evil", exchange).unwrap();
                    rustix::fs::renameat_with(&real, "goodfile", &real, "evilfile", exchange)
                        .unwrap();
                }
            });
            for round in 0..ROUNDS {
                let mark = guest.alloc(0);
                let path = [
                    "real/sub/file",
                    "real/goodfile",
                    "real/sub/../sub/file",
                    "evil/sub/file",
                ][round as usize % 4];
                match guest.open_with(ROOT, path, 0, READ, 0, FOLLOW) {
                    Ok(fd) => {
                        // Empty after it was cut and before it is written below.
                        let read = guest.read(fd, 20).unwrap();
                        assert!(read == b"inside" || read.is_empty(), "{path}: {read:?}");
                        guest.close(fd).unwrap();
                        inside += 1;
                    }
                    Err(_) => refused += 1,
                }
                // Renaming and creating beneath it stay inside as well.
                let _ = guest.mkdir("real/sub/made");
                let _ = guest.rmdir("real/sub/made");
                let _ = guest.set_times("real/goodfile", FOLLOW, (1, 1), fstflags::MTIM);
                let _ = guest
                    .open_with(ROOT, "real/goodfile", oflags::TRUNC, 0, 0, 0)
                    .map(|fd| {
                        guest.close(fd).unwrap();
                    });
                let _ = guest
                    .open_with(ROOT, "real/goodfile", 0, WRITE, 0, 0)
                    .map(|fd| {
                        guest.write(fd, b"inside").unwrap();
                        guest.close(fd).unwrap();
                    });
                guest.release(mark);
            }
        });
        assert!(
            inside > 0 && refused > 0,
            "no race: {inside} inside, {refused} refused"
        );
        assert_eq!(scratch.read("outside/sub/file"), b"secret");
        assert!(!scratch.join("outside/sub/made").exists());
        let modified = std::fs::metadata(scratch.join("outside/sub/file"))
            .unwrap()
            .modified()
            .unwrap();
        assert!(modified > std::time::UNIX_EPOCH + std::time::Duration::from_secs(1));
    });
}

/// A program given `rw` as 3 and `ro`, read-only, as 4.
fn with_read_only(test: impl Fn(&mut Guest)) {
    both_resolutions(|configure| {
        let scratch = Scratch::new();
        scratch.mkdir("ro/dir");
        scratch.write("ro/file", "keep");
        scratch.symlink("file", "ro/link");
        scratch.mkdir("rw");
        scratch.write("rw/file", "mine");
        let before = std::fs::metadata(scratch.join("ro/file")).unwrap();
        let mut builder = WasiCtx::builder();
        builder
            .preopened_dir(scratch.join("rw"), "/rw", false)
            .preopened_dir(scratch.join("ro"), "/ro", true);
        configure(&mut builder);
        test(&mut Guest::new(builder.build().unwrap()));

        assert_eq!(scratch.read("ro/file"), b"keep");
        let after = std::fs::metadata(scratch.join("ro/file")).unwrap();
        assert_eq!(before.modified().unwrap(), after.modified().unwrap());
        let mut names: Vec<_> = std::fs::read_dir(scratch.join("ro"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["dir", "file", "link"]);
        assert_eq!(
            std::fs::read_dir(scratch.join("ro/dir")).unwrap().count(),
            0
        );
    });
}

const RO: u32 = 4;

#[test]
fn a_read_only_directory_refuses_every_change() {
    with_read_only(|guest| {
        let dir = guest
            .open_with(RO, "dir", oflags::DIRECTORY, READ, 0, 0)
            .unwrap();
        let again = guest.open_with(RO, ".", 0, READ, 0, 0).unwrap();
        for (fd, name) in [
            (RO, "file"),
            (again, "file"),
            (RO, "new"),
            (dir, "new"),
            (RO, "link"),
        ] {
            for (flags, base) in [
                (0, WRITE),
                (0, READ | WRITE),
                (oflags::TRUNC, 0),
                (oflags::TRUNC, READ),
                (oflags::CREAT, READ),
                (oflags::CREAT | oflags::EXCL, READ),
                (oflags::CREAT | oflags::TRUNC, WRITE),
            ] {
                let got = guest.open_with(fd, name, flags, base, 0, FOLLOW);
                assert_eq!(got, Err(Errno::ROFS), "{name} {flags} {base}");
            }
            let (path, len) = guest.put(name.as_bytes());
            assert_eq!(
                call!(guest, path_create_directory, fd, path, len),
                Err(Errno::ROFS)
            );
            assert_eq!(
                call!(guest, path_remove_directory, fd, path, len),
                Err(Errno::ROFS)
            );
            assert_eq!(
                call!(guest, path_unlink_file, fd, path, len),
                Err(Errno::ROFS)
            );
            assert_eq!(
                call!(guest, path_symlink, path, len, fd, path, len),
                Err(Errno::ROFS)
            );
            let touch = call!(guest, path_filestat_set_times, fd, 1, path, len, 1, 1, 5);
            assert_eq!(touch, Err(Errno::ROFS));
            // Neither into it nor out of it: a second name would not be read-only.
            assert_eq!(guest.rename((fd, name), (ROOT, "x")), Err(Errno::ROFS));
            assert_eq!(guest.rename((ROOT, "file"), (fd, name)), Err(Errno::ROFS));
            assert_eq!(guest.link((fd, name), 0, (ROOT, "x")), Err(Errno::ROFS));
            assert_eq!(
                guest.link((fd, name), FOLLOW, (ROOT, "x")),
                Err(Errno::ROFS)
            );
            assert_eq!(guest.link((ROOT, "file"), 0, (fd, name)), Err(Errno::ROFS));
        }
        let touch = call!(guest, fd_filestat_set_times, RO, 1, 1, 5);
        assert_eq!(touch, Err(Errno::ROFS));
    });
}

#[test]
fn a_file_from_a_read_only_directory_refuses_every_change() {
    with_read_only(|guest| {
        // A program may ask for every right but writing; none of them lets it change anything.
        let fd = guest.open_with(RO, "file", 0, !WRITE, 0, 0).unwrap();
        let other = guest
            .open_with(ROOT, "file", 0, READ | WRITE, 0, 0)
            .unwrap();
        call!(guest, fd_renumber, fd, other).unwrap();
        assert_eq!(guest.read(other, 9).unwrap(), b"keep");
        assert_eq!(guest.write(other, b"x"), Err(Errno::BADF));
        let (iovs, count) = guest.iovecs(&[(0, 1)]);
        assert_eq!(
            call!(guest, fd_pwrite, other, iovs, count, 0, 16),
            Err(Errno::BADF)
        );
        assert_eq!(
            call!(guest, fd_filestat_set_size, other, 0),
            Err(Errno::ROFS)
        );
        assert_eq!(call!(guest, fd_allocate, other, 0, 100), Err(Errno::ROFS));
        assert_eq!(
            call!(guest, fd_filestat_set_times, other, 1, 1, 5),
            Err(Errno::ROFS)
        );
        let (_, _, base, inheriting) = guest.fdstat(other).unwrap();
        assert_eq!(base & rights::WRITING, 0);
        let more = call!(guest, fd_fdstat_set_rights, other, base | WRITE, inheriting);
        assert_eq!(more, Err(Errno::NOTCAPABLE));
    });
}

#[test]
fn moving_between_two_given_directories() {
    both_resolutions(|configure| {
        let scratch = Scratch::new();
        scratch.mkdir("a/sub");
        scratch.mkdir("b");
        scratch.write("a/sub/file", "data");
        let mut builder = WasiCtx::builder();
        builder
            .preopened_dir(scratch.join("a"), "/a", false)
            .preopened_dir(scratch.join("b"), "/b", false);
        configure(&mut builder);
        let guest = &mut Guest::new(builder.build().unwrap());
        guest.link((3, "sub/file"), 0, (4, "linked")).unwrap();
        guest.rename((3, "sub"), (4, "moved")).unwrap();
        assert_eq!(scratch.read("b/moved/file"), b"data");
        assert_eq!(scratch.read("b/linked"), b"data");
        assert_eq!(guest.rename((4, "moved"), (3, "../c")), Err(Errno::PERM));
        assert_eq!(guest.rename((4, "../a"), (3, "x")), Err(Errno::PERM));
    });
}
