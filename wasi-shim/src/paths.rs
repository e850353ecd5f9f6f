//! Path resolution that cannot leave a directory.
//!
//! Owns the walk from a directory and a path the program passed to a descriptor of the host. There are two
//! ways to walk with the same contract, and tests check both:
//!
//! - [`Resolution::Kernel`]: `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS`. The kernel
//!   refuses every step that would leave the directory, atomically with taking it.
//! - [`Resolution::Walk`]: where the kernel (or a seccomp filter) has no `openat2`. One component at a time
//!   with `O_PATH | O_NOFOLLOW`; symbolic links are read and expanded here, and `..` pops a stack of
//!   descriptors and never asks the kernel, so that moving a directory meanwhile cannot turn it into a way
//!   out.
//!
//! Functions that name a file to create, remove or rename resolve the parent and then hand one last
//! component to a `*at` call ([`Place`]). Invariants of that component:
//! - It is used only with calls that never follow a symbolic link in it, trailing slash or not:
//!   `mkdirat unlinkat renameat symlinkat`, and `linkat` on the new name. A trailing slash is kept, so
//!   that the kernel applies POSIX's rules for it.
//! - Everything else (stat, times, reading links, links to existing files) goes through a descriptor
//!   opened by [`Resolution::open`].
//!
//! Names are bytes, as on Linux: a name that a directory lists can be opened, UTF-8 or not.

use crate::errno::{Errno, Result};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, readlinkat};
use rustix::io::Errno as Host;
use std::sync::OnceLock;

/// How paths are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolution {
    Kernel,
    Walk,
}

/// Symbolic links followed before `LOOP`, as on Linux.
const LINKS_MAX: u32 = 40;
/// How often `openat2` is repeated when a rename disturbed it. Then the path is walked, which a rename cannot
/// disturb.
const RETRIES: u32 = 32;
/// Flags of a descriptor that only refers to a file and cannot read or write it.
const PLACE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

impl Resolution {
    /// The best way this system offers.
    pub(crate) fn of_this_system() -> Resolution {
        static PROBE: OnceLock<Resolution> = OnceLock::new();
        *PROBE.get_or_init(|| {
            let probe = openat2(CWD, ".", PLACE, Mode::empty(), ResolveFlags::BENEATH);
            // Seccomp filters of older container systems return PERM for calls they do not know.
            match probe {
                Err(Host::NOSYS | Host::PERM | Host::INVAL | Host::TOOBIG) => Resolution::Walk,
                _ => Resolution::Kernel,
            }
        })
    }

    /// Opens `path` beneath `dir`. With `NOFOLLOW` in `flags` a symbolic link in the last component is
    /// not followed (unless a slash comes after it). `PERM` if the path leaves `dir`.
    pub(crate) fn open(
        self,
        dir: BorrowedFd<'_>,
        path: &[u8],
        flags: OFlags,
        mode: Mode,
    ) -> Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC;
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        if path[0] == b'/' {
            return Err(Errno::PERM);
        }
        match self {
            Resolution::Kernel => open_by_kernel(dir, path, flags, mode),
            Resolution::Walk => open_by_walking(dir, path, flags, mode),
        }
    }

    /// Opens a descriptor that only refers to what `path` names.
    pub(crate) fn open_place(
        self,
        dir: BorrowedFd<'_>,
        path: &[u8],
        follow: bool,
    ) -> Result<OwnedFd> {
        let flags = if follow {
            PLACE
        } else {
            PLACE | OFlags::NOFOLLOW
        };
        self.open(dir, path, flags, Mode::empty())
    }

    /// Resolves all components of `path` except the last.
    pub(crate) fn parent<'a>(self, dir: BorrowedFd<'a>, path: &[u8]) -> Result<Place<'a>> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        if path[0] == b'/' {
            return Err(Errno::PERM);
        }
        let (parent, last, slash) = split_last(path);
        if last == b"." || last == b".." {
            // The kernel refuses these as the last component too, but would not report that the path leaves
            // `dir`.
            self.open_place(dir, path, true)?;
        }
        let mut name = last.to_vec();
        if slash {
            name.push(b'/');
        }
        let dir = if parent.is_empty() {
            Dir::Given(dir)
        } else {
            Dir::Opened(self.open(dir, parent, PLACE | OFlags::DIRECTORY, Mode::empty())?)
        };
        Ok(Place { dir, name })
    }
}

/// A resolved directory and one component in it, for calls that do not follow it.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    dir: Dir<'a>,
    /// The component, with one slash after it if the path had any.
    pub(crate) name: Vec<u8>,
}

#[derive(Debug)]
enum Dir<'a> {
    Given(BorrowedFd<'a>),
    Opened(OwnedFd),
}

impl Place<'_> {
    /// The directory.
    pub(crate) fn dir(&self) -> BorrowedFd<'_> {
        match &self.dir {
            Dir::Given(fd) => *fd,
            Dir::Opened(fd) => fd.as_fd(),
        }
    }
}

/// Splits a relative path into what comes before its last component, that component, and whether
/// slashes follow it.
fn split_last(path: &[u8]) -> (&[u8], &[u8], bool) {
    let end = path
        .iter()
        .rposition(|&byte| byte != b'/')
        .map_or(0, |last| last + 1);
    let start = path[..end]
        .iter()
        .rposition(|&byte| byte == b'/')
        .map_or(0, |slash| slash + 1);
    (&path[..start], &path[start..end], end < path.len())
}

fn open_by_kernel(dir: BorrowedFd<'_>, path: &[u8], flags: OFlags, mode: Mode) -> Result<OwnedFd> {
    // The call refuses a mode where nothing is created.
    let mode = if flags.contains(OFlags::CREATE) {
        mode
    } else {
        Mode::empty()
    };
    for _ in 0..RETRIES {
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match openat2(dir, path, flags, mode, beneath) {
            Err(Host::AGAIN | Host::INTR) => continue,
            // Only BENEATH makes an open return this.
            Err(Host::XDEV) => return Err(Errno::PERM),
            result => return Ok(result?),
        }
    }
    open_by_walking(dir, path, flags, mode)
}

fn open_by_walking(
    root: BorrowedFd<'_>,
    path: &[u8],
    flags: OFlags,
    mode: Mode,
) -> Result<OwnedFd> {
    if path.len() > crate::types::PATH_MAX as usize {
        return Err(Errno::NAMETOOLONG);
    }
    let follow_last =
        !flags.contains(OFlags::NOFOLLOW) && !flags.contains(OFlags::CREATE | OFlags::EXCL);
    let mut walk = Walk {
        stack: Vec::new(),
        pending: Vec::new(),
        links: 0,
    };
    walk.push_components(path);
    while let Some(component) = walk.pending.pop() {
        let here = walk.stack.last().map_or(root, AsFd::as_fd);
        match component.name.as_slice() {
            b"." => {}
            b".." => {
                // `..` pops the stack: where the popped directory was moved meanwhile does not matter.
                walk.stack.pop().ok_or(Errno::PERM)?;
            }
            name if walk.pending.is_empty() && !component.must_be_directory => {
                if follow_last && let Some(target) = read_link(here, name)? {
                    walk.expand(&target, false)?;
                    continue;
                }
                match open_unfollowed(here, name, flags, mode) {
                    // It became a symbolic link between the two calls: read it again.
                    Err(Host::LOOP) if follow_last => {
                        walk.count_link()?;
                        walk.pending.push(component);
                        continue;
                    }
                    result => return Ok(result?),
                }
            }
            name => {
                let next = open_unfollowed(here, name, PLACE, Mode::empty())?;
                match FileType::from_raw_mode(fstat(&next)?.st_mode) {
                    FileType::Directory => walk.stack.push(next),
                    FileType::Symlink => {
                        let target = readlinkat(&next, "", Vec::new())?;
                        walk.expand(target.as_bytes(), component.must_be_directory)?;
                    }
                    _ => return Err(Errno::NOTDIR),
                }
            }
        }
    }
    // The path ended in `.`, `..` or a slash: the directory on top is what it names. `NOFOLLOW` on a
    // dot changes nothing, and creating it is refused by the kernel as it should be.
    let here = walk.stack.last().map_or(root, AsFd::as_fd);
    Ok(openat(here, ".", flags, mode)?)
}

/// Opens one component, and never follows it: it may have become a symbolic link since it was read. The walk
/// opens everything that has a name here.
fn open_unfollowed(
    dir: BorrowedFd<'_>,
    name: &[u8],
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    openat(dir, name, flags | OFlags::NOFOLLOW, mode)
}

struct Component {
    name: Vec<u8>,
    /// Whether it is the last one and a slash follows it.
    must_be_directory: bool,
}

/// The state of a walk: directories entered, components still to come (the next one last).
struct Walk {
    stack: Vec<OwnedFd>,
    pending: Vec<Component>,
    links: u32,
}

impl Walk {
    fn push_components(&mut self, path: &[u8]) {
        let (_, _, slash) = split_last(path);
        let components = path
            .split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty());
        for (index, name) in components.rev().enumerate() {
            let must_be_directory = slash && index == 0;
            self.pending.push(Component {
                name: name.to_vec(),
                must_be_directory,
            });
        }
    }

    fn count_link(&mut self) -> Result<()> {
        self.links += 1;
        if self.links > LINKS_MAX {
            Err(Errno::LOOP)
        } else {
            Ok(())
        }
    }

    /// Replaces a symbolic link by its target.
    fn expand(&mut self, target: &[u8], must_be_directory: bool) -> Result<()> {
        self.count_link()?;
        if target.is_empty() {
            return Err(Errno::NOENT);
        }
        if target[0] == b'/' {
            return Err(Errno::PERM);
        }
        let before = self.pending.len();
        self.push_components(target);
        if must_be_directory && let Some(last) = self.pending.get_mut(before) {
            last.must_be_directory = true;
        }
        Ok(())
    }
}

/// The target of the symbolic link `name` in `dir`, or nothing if it is something else or absent.
fn read_link(dir: BorrowedFd<'_>, name: &[u8]) -> Result<Option<Vec<u8>>> {
    match readlinkat(dir, name, Vec::new()) {
        Ok(target) => Ok(Some(target.into_bytes())),
        Err(Host::INVAL | Host::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let path =
                std::env::temp_dir().join(format!("wasi-paths-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(path.join("tree/a/b")).unwrap();
            fs::write(path.join("tree/a/file"), "inside").unwrap();
            fs::write(path.join("secret"), "outside").unwrap();
            let root = path.join("tree");
            for (target, link) in [
                ("../secret", "up"),
                ("/etc/passwd", "absolute"),
                ("b/../../../secret", "a/deep"),
                ("a/file", "fine"),
                ("../a/file", "a/back"),
                ("loop", "loop"),
                ("a", "dir"),
                ("a/", "dirslash"),
                ("missing", "dangling"),
                ("../missing", "dangling_out"),
                ("..", "a/parent"),
            ] {
                symlink(target, root.join(link)).unwrap();
            }
            Scratch(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn both_ways_agree() {
        let scratch = Scratch::new("agree");
        let root = fs::File::open(scratch.0.join("tree")).unwrap();
        let read = OFlags::RDONLY;
        let nofollow = OFlags::NOFOLLOW;
        let cases: &[(&str, OFlags, std::result::Result<(), Errno>)] = &[
            ("a/file", read, Ok(())),
            ("./a//.//file", read, Ok(())),
            ("a/b/../file", read, Ok(())),
            ("a/b/../../a/file", read, Ok(())),
            ("a/file/", read, Err(Errno::NOTDIR)),
            ("a/file/.", read, Err(Errno::NOTDIR)),
            ("a/", read, Ok(())),
            ("a/..", read, Ok(())),
            (".", read, Ok(())),
            ("..", read, Err(Errno::PERM)),
            ("a/../..", read, Err(Errno::PERM)),
            ("../tree/a/file", read, Err(Errno::PERM)),
            ("/etc/passwd", read, Err(Errno::PERM)),
            ("up", read, Err(Errno::PERM)),
            ("up", nofollow, Err(Errno::LOOP)),
            ("up/", read, Err(Errno::PERM)),
            ("absolute", read, Err(Errno::PERM)),
            ("a/deep", read, Err(Errno::PERM)),
            ("fine", read, Ok(())),
            ("fine", nofollow, Err(Errno::LOOP)),
            ("fine/", read, Err(Errno::NOTDIR)),
            ("fine/", nofollow, Err(Errno::NOTDIR)),
            ("a/back", read, Ok(())),
            ("a/parent/a/file", read, Ok(())),
            ("a/parent/..", read, Err(Errno::PERM)),
            ("loop", read, Err(Errno::LOOP)),
            ("dir/file", nofollow, Ok(())),
            ("dir/", nofollow, Ok(())),
            ("dirslash", read, Ok(())),
            ("dirslash/file", read, Ok(())),
            ("missing", read, Err(Errno::NOENT)),
            ("missing/x", read, Err(Errno::NOENT)),
            ("", read, Err(Errno::NOENT)),
            ("dangling", read, Err(Errno::NOENT)),
            (
                "dangling_out",
                OFlags::WRONLY | OFlags::CREATE,
                Err(Errno::PERM),
            ),
            (
                "dangling_out",
                OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
                Err(Errno::EXIST),
            ),
            ("up", OFlags::WRONLY | OFlags::TRUNC, Err(Errno::PERM)),
            ("a\0b", read, Err(Errno::INVAL)),
        ];
        for resolution in [Resolution::Kernel, Resolution::Walk] {
            for (path, flags, expected) in cases {
                let mode = Mode::from_raw_mode(0o600);
                let got = resolution
                    .open(root.as_fd(), path.as_bytes(), *flags, mode)
                    .map(drop);
                assert_eq!(got, *expected, "{resolution:?} {path:?} {flags:?}");
            }
        }
        assert_eq!(fs::read(scratch.0.join("secret")).unwrap(), b"outside");
        assert!(!scratch.0.join("missing").exists());
    }

    /// Between reading a component and opening it, another process can replace it. A race shows that only by
    /// chance, so the step that protects against it is tested alone.
    #[test]
    fn a_step_of_the_walk_follows_no_link() {
        let scratch = Scratch::new("step");
        let root = fs::File::open(scratch.0.join("tree")).unwrap();
        let mode = Mode::from_raw_mode(0o600);
        for name in ["up", "absolute", "fine", "dir", "dangling", "dangling_out"] {
            for flags in [
                OFlags::RDONLY,
                OFlags::WRONLY | OFlags::TRUNC,
                OFlags::WRONLY | OFlags::CREATE,
                OFlags::RDONLY | OFlags::NONBLOCK,
            ] {
                let opened = open_unfollowed(root.as_fd(), name.as_bytes(), flags, mode);
                assert_eq!(opened.map(drop), Err(Host::LOOP), "{name} {flags:?}");
            }
            let place = open_unfollowed(root.as_fd(), name.as_bytes(), PLACE, mode).unwrap();
            let kind = FileType::from_raw_mode(fstat(&place).unwrap().st_mode);
            assert_eq!(kind, FileType::Symlink, "{name}");
        }
        assert_eq!(fs::read(scratch.0.join("secret")).unwrap(), b"outside");
        assert!(!scratch.0.join("missing").exists());
    }

    #[test]
    fn the_last_component_is_split_off() {
        assert_eq!(split_last(b"a"), (&b""[..], &b"a"[..], false));
        assert_eq!(split_last(b"a/b"), (&b"a/"[..], &b"b"[..], false));
        assert_eq!(split_last(b"a//b//"), (&b"a//"[..], &b"b"[..], true));
        assert_eq!(split_last(b"a/"), (&b""[..], &b"a"[..], true));
    }
}
