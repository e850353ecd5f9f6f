//! Functions that name a file by a directory and a path.
//!
//! Each reads like this: check arguments, find the directory and its right, refuse changes if it is
//! read-only, copy the path out of the program's memory (another thread may change it meanwhile), resolve
//! it with [`crate::paths`], act on what was resolved.

use super::descriptors::host_flags;
use super::files::{times, write_filestat};
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fds::{Descriptor, Kind};
use crate::guest::GuestMemory;
use crate::types::{Abi, LOOKUP_SYMLINK_FOLLOW, PATH_MAX, fdflags, oflags, rights};
use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno as Host;

/// Permissions of new files and directories, before the process's mask.
const NEW_FILE: Mode = Mode::from_raw_mode(0o666);
const NEW_DIRECTORY: Mode = Mode::from_raw_mode(0o777);

/// `path_open`: opens or creates a file; its number goes to `result`.
///
/// Of the rights a program asks for, reading and writing say how the file is opened; a descriptor gets all
/// others that its kind allows and the directory passes on. C libraries ask for a fixed set of rights and do
/// not expect less, so a refusal would break programs without protecting anything. Rights given up with
/// `fd_fdstat_set_rights` stay given up, also below the directory.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_open(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    dirfd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    open_flags: u32,
    base: u64,
    _inheriting: u64,
    flags: u32,
    result: u32,
) -> Result<()> {
    let follow = follows(lookup)?;
    if open_flags & !oflags::ALL != 0 || flags & !fdflags::ALL != 0 {
        return Err(Errno::INVAL);
    }
    let has = |flag| open_flags & flag != 0;
    let (create, directory) = (has(oflags::CREAT), has(oflags::DIRECTORY));
    let (exclusive, truncate) = (has(oflags::EXCL), has(oflags::TRUNC));
    let (read, write) = (base & rights::FD_READ != 0, base & rights::FD_WRITE != 0);

    let mut needed = rights::PATH_OPEN;
    if create {
        needed |= rights::PATH_CREATE_FILE;
    }
    let dir = ctx.directory(dirfd, needed)?;
    if truncate {
        // Programs expect the error of a file system that does not permit the change.
        dir.need(rights::PATH_FILESTAT_SET_SIZE)
            .map_err(|_| Errno::PERM)?;
    }
    let (_, inheriting) = dir.rights();
    if base & (rights::FD_READ | rights::FD_WRITE) & !inheriting != 0 {
        return Err(Errno::NOTCAPABLE);
    }
    if write || create || truncate {
        dir.need_writable()?;
    }
    if directory && create {
        return Err(Errno::INVAL);
    }
    if directory && write {
        return Err(Errno::ISDIR);
    }
    memory.check(result, 4)?;
    let path = path_bytes(memory, path, path_len)?;

    let mut host = host_flags(flags) | OFlags::NOCTTY;
    host |= match (read, write) {
        (_, false) => OFlags::RDONLY,
        (false, true) => OFlags::WRONLY,
        (true, true) => OFlags::RDWR,
    };
    host.set(OFlags::NOFOLLOW, !follow);
    host.set(OFlags::DIRECTORY, directory);
    host.set(OFlags::CREATE, create);
    host.set(OFlags::EXCL, exclusive && create);
    host.set(OFlags::TRUNC, truncate);
    let fd = ctx.resolution.open(dir.as_fd(), &path, host, NEW_FILE)?;

    let mut descriptor = Descriptor::opened(fd, inheriting, dir.read_only)?;
    if !matches!(descriptor.kind, Kind::Directory(_)) {
        if !read {
            descriptor.drop_rights(rights::FD_READ);
        }
        if !write {
            descriptor.drop_rights(rights::WRITING);
        }
    }
    memory.write_u32(result, ctx.fds.insert(descriptor)?)
}

/// `path_create_directory`.
pub fn path_create_directory(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<()> {
    let dir = writable(ctx, fd, rights::PATH_CREATE_DIRECTORY)?;
    let path = path_bytes(memory, path, path_len)?;
    let place = ctx.resolution.parent(dir.as_fd(), &path)?;
    Ok(rustix::fs::mkdirat(
        place.dir(),
        &place.name[..],
        NEW_DIRECTORY,
    )?)
}

/// `path_remove_directory`: removes an empty directory.
pub fn path_remove_directory(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<()> {
    let dir = writable(ctx, fd, rights::PATH_REMOVE_DIRECTORY)?;
    let path = path_bytes(memory, path, path_len)?;
    let place = ctx.resolution.parent(dir.as_fd(), &path)?;
    Ok(rustix::fs::unlinkat(
        place.dir(),
        &place.name[..],
        AtFlags::REMOVEDIR,
    )?)
}

/// `path_unlink_file`: removes a name of anything but a directory.
pub fn path_unlink_file(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<()> {
    let dir = writable(ctx, fd, rights::PATH_UNLINK_FILE)?;
    let path = path_bytes(memory, path, path_len)?;
    let place = ctx.resolution.parent(dir.as_fd(), &path)?;
    Ok(rustix::fs::unlinkat(
        place.dir(),
        &place.name[..],
        AtFlags::empty(),
    )?)
}

/// `path_rename`: moves a name, replacing the target as POSIX allows.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_rename(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<()> {
    let old_dir = writable(ctx, old_fd, rights::PATH_RENAME_SOURCE)?;
    let new_dir = writable(ctx, new_fd, rights::PATH_RENAME_TARGET)?;
    let old_path = path_bytes(memory, old_path, old_path_len)?;
    let new_path = path_bytes(memory, new_path, new_path_len)?;
    let old = ctx.resolution.parent(old_dir.as_fd(), &old_path)?;
    let new = ctx.resolution.parent(new_dir.as_fd(), &new_path)?;
    Ok(rustix::fs::renameat(
        old.dir(),
        &old.name[..],
        new.dir(),
        &new.name[..],
    )?)
}

/// `path_symlink`: makes a symbolic link. `PERM` if the target is an absolute path, which would name
/// something else on the host than in the program.
pub fn path_symlink(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<()> {
    let dir = writable(ctx, fd, rights::PATH_SYMLINK)?;
    let target = path_bytes(memory, target, target_len)?;
    let path = path_bytes(memory, path, path_len)?;
    if target.starts_with(b"/") {
        return Err(Errno::PERM);
    }
    let place = ctx.resolution.parent(dir.as_fd(), &path)?;
    match rustix::fs::symlinkat(&target[..], place.dir(), &place.name[..]) {
        // If the name exists, the kernel ignores the slash. POSIX wants an error unless it is a directory.
        Err(Host::EXIST) if place.name.ends_with(b"/") => {
            match ctx.resolution.open_place(dir.as_fd(), &path, true) {
                Err(Errno::NOTDIR) => Err(Errno::NOTDIR),
                _ => Err(Errno::EXIST),
            }
        }
        result => Ok(result?),
    }
}

/// `path_link`: gives a file another name. Both directories must allow changes: a file that may only be read
/// under one name must not become writable under another.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_link(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    lookup: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<()> {
    let follow = follows(lookup)?;
    let old_dir = writable(ctx, old_fd, rights::PATH_LINK_SOURCE)?;
    let new_dir = writable(ctx, new_fd, rights::PATH_LINK_TARGET)?;
    let old_path = path_bytes(memory, old_path, old_path_len)?;
    let new_path = path_bytes(memory, new_path, new_path_len)?;
    // The old name is opened even where it is not followed: the kernel follows a link with a slash after it
    // whatever the flags say.
    let old = ctx
        .resolution
        .open_place(old_dir.as_fd(), &old_path, follow)?;
    if is(&old, FileType::Directory)? {
        return Err(Errno::PERM);
    }
    let new = ctx.resolution.parent(new_dir.as_fd(), &new_path)?;
    match rustix::fs::linkat(&old, "", new.dir(), &new.name[..], AtFlags::EMPTY_PATH) {
        // Older kernels require a privilege for this form and return NOENT without it.
        Err(Host::NOENT | Host::PERM) => {}
        result => return Ok(result?),
    }
    let old = through_proc(&old);
    Ok(rustix::fs::linkat(
        CWD,
        old,
        new.dir(),
        &new.name[..],
        AtFlags::SYMLINK_FOLLOW,
    )?)
}

/// `path_readlink`: the target of a symbolic link, cut at the end of the buffer; the number of bytes used is
/// written to `result`. `INVAL` if the file is not a symbolic link.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_readlink(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buffer: u32,
    len: u32,
    result: u32,
) -> Result<()> {
    let dir = ctx.directory(fd, rights::PATH_READLINK)?;
    memory.check(result, 4)?;
    memory.check(buffer, len)?;
    let path = path_bytes(memory, path, path_len)?;
    let link = ctx.resolution.open_place(dir.as_fd(), &path, false)?;
    if !is(&link, FileType::Symlink)? {
        return Err(Errno::INVAL);
    }
    let target = rustix::fs::readlinkat(&link, "", Vec::new())?;
    let used = target.as_bytes().len().min(len as usize);
    memory.bytes_mut(buffer, len)?[..used].copy_from_slice(&target.as_bytes()[..used]);
    memory.write_u32(result, used as u32)
}

/// `path_filestat_get`: the attributes of a file, written to `result` as a filestat record.
pub fn path_filestat_get(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    result: u32,
) -> Result<()> {
    filestat(
        ctx,
        memory,
        Abi::Preview1,
        fd,
        lookup,
        (path, path_len),
        result,
    )
}

/// `path_filestat_get` of `wasi_unstable`, with its narrower record.
pub fn path_filestat_get_unstable(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    result: u32,
) -> Result<()> {
    filestat(
        ctx,
        memory,
        Abi::Unstable,
        fd,
        lookup,
        (path, path_len),
        result,
    )
}

fn filestat(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    abi: Abi,
    fd: u32,
    lookup: u32,
    (path, path_len): (u32, u32),
    result: u32,
) -> Result<()> {
    let follow = follows(lookup)?;
    let dir = ctx.directory(fd, rights::PATH_FILESTAT_GET)?;
    let path = path_bytes(memory, path, path_len)?;
    let file = ctx.resolution.open_place(dir.as_fd(), &path, follow)?;
    write_filestat(memory, abi, result, &rustix::fs::fstat(&file)?)
}

/// `path_filestat_set_times`: sets access and modification time of a file, each to a number of nanoseconds,
/// to now, or not at all.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_filestat_set_times(
    ctx: &WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Result<()> {
    let follow = follows(lookup)?;
    let times = times(accessed, modified, flags)?;
    let dir = writable(ctx, fd, rights::PATH_FILESTAT_SET_TIMES)?;
    let path = path_bytes(memory, path, path_len)?;
    let file = ctx.resolution.open_place(dir.as_fd(), &path, follow)?;
    match rustix::fs::utimensat(&file, "", &times, AtFlags::EMPTY_PATH) {
        // Kernels before 5.8 accept no empty path here.
        Err(Host::INVAL | Host::NOENT) => {}
        result => return Ok(result?),
    }
    Ok(rustix::fs::utimensat(
        CWD,
        through_proc(&file),
        &times,
        AtFlags::empty(),
    )?)
}

/// A path to an open descriptor, made only from its number: no path of the program is resolved again.
fn through_proc(fd: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

fn is(fd: &OwnedFd, filetype: FileType) -> Result<bool> {
    Ok(FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode) == filetype)
}

/// The directory of `fd`, which must have the right `needed` and allow changes.
fn writable(ctx: &WasiCtx, fd: u32, needed: u64) -> Result<std::sync::Arc<Descriptor>> {
    let dir = ctx.directory(fd, needed)?;
    dir.need_writable()?;
    Ok(dir)
}

fn follows(lookup: u32) -> Result<bool> {
    match lookup {
        0 => Ok(false),
        LOOKUP_SYMLINK_FOLLOW => Ok(true),
        _ => Err(Errno::INVAL),
    }
}

/// A copy of a path in the program's memory.
fn path_bytes(memory: &GuestMemory<'_>, at: u32, len: u32) -> Result<Vec<u8>> {
    let bytes = memory.bytes(at, len)?;
    if len > PATH_MAX {
        return Err(Errno::NAMETOOLONG);
    }
    if bytes.contains(&0) {
        return Err(Errno::INVAL);
    }
    Ok(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::fstflags;

    /// The fallbacks for older kernels, which newer ones never use, act on a symbolic link and not on its
    /// target.
    #[test]
    fn through_proc_stops_at_the_descriptor() {
        let scratch = std::env::temp_dir().join(format!("wasi-proc-{}", std::process::id()));
        std::fs::create_dir_all(&scratch).unwrap();
        std::fs::write(scratch.join("file"), "").unwrap();
        std::os::unix::fs::symlink("file", scratch.join("link")).unwrap();
        let root = std::fs::File::open(&scratch).unwrap();
        let link = crate::paths::Resolution::of_this_system()
            .open_place(root.as_fd(), b"link", false)
            .unwrap();

        let epoch = times(0, 5, fstflags::MTIM).unwrap();
        rustix::fs::utimensat(CWD, through_proc(&link), &epoch, AtFlags::empty()).unwrap();
        let follow = AtFlags::SYMLINK_FOLLOW;
        rustix::fs::linkat(CWD, through_proc(&link), &root, "copy", follow).unwrap();
        let stat = |name| rustix::fs::statat(&root, name, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        let (link, copy, file) = (stat("link"), stat("copy"), stat("file"));
        std::fs::remove_dir_all(&scratch).unwrap();
        assert_eq!((link.st_mtime, link.st_mtime_nsec), (0, 5));
        assert_eq!(copy.st_ino, link.st_ino);
        assert_ne!(file.st_mtime, 0);
    }
}
