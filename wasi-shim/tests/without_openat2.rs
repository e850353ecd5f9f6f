//! A system that refuses `openat2`, as filters of container systems do: paths are resolved component by
//! component, with the same results.
//!
//! The refusal is a filter of system calls on the thread of the one test here. The way to resolve paths is
//! chosen once per process, so this file may have no other test.

mod harness;
use harness::{Guest, READ, ROOT, Scratch, WRITE};
use lazywasm_wasi_shim::Errno;
use lazywasm_wasi_shim::types::oflags;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

const FOLLOW: u32 = 1;

/// Makes `openat2` fail with PERM in this thread from now on.
fn refuse_openat2() {
    let filter = SeccompFilter::new(
        [(libc::SYS_openat2, Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        TargetArch::x86_64,
    );
    let program = BpfProgram::try_from(filter.unwrap()).unwrap();
    seccompiler::apply_filter(&program).unwrap();
}

#[test]
fn paths_lead_where_they_led() {
    refuse_openat2();
    let refused = openat2(CWD, ".", OFlags::PATH, Mode::empty(), ResolveFlags::empty());
    assert_eq!(refused.map(drop), Err(rustix::io::Errno::PERM));

    let scratch = Scratch::new();
    scratch.mkdir("inside/dir");
    scratch.write("inside/file", "inside");
    scratch.write("secret", "secret");
    for (target, name) in [
        ("../secret", "inside/out"),
        ("..", "inside/up"),
        ("/etc/passwd", "inside/absolute"),
        ("../file", "inside/dir/fine"),
    ] {
        scratch.symlink(target, name);
    }
    let guest = &mut Guest::with_dir(&scratch.join("inside"));
    for path in ["file", "dir/../file", "dir/fine"] {
        let fd = guest.open_with(ROOT, path, 0, READ, 0, FOLLOW).unwrap();
        assert_eq!(guest.read(fd, 10).unwrap(), b"inside", "{path}");
    }
    for path in [
        "out",
        "up/secret",
        "absolute",
        "../secret",
        "dir/../../secret",
        "/etc/passwd",
    ] {
        for (flags, base) in [(0, READ), (oflags::TRUNC, WRITE), (oflags::CREAT, WRITE)] {
            let opened = guest.open_with(ROOT, path, flags, base, 0, FOLLOW);
            assert_eq!(opened, Err(Errno::PERM), "{path}");
        }
    }
    assert_eq!(guest.open("out", 0, READ), Err(Errno::LOOP));
    assert_eq!(guest.open("dir/fine", 0, READ), Err(Errno::LOOP));
    guest
        .open("made", oflags::CREAT | oflags::EXCL, WRITE)
        .unwrap();
    assert_eq!(scratch.read("secret"), b"secret");
}
