//! Functions that take paths: what POSIX requires, with both ways of resolving.

mod harness;
use harness::{Guest, READ, ROOT, Scratch, WRITE, both_resolutions, call};
use lazywasm_wasi_shim::types::{fdflags, filetype, fstflags, oflags};
use lazywasm_wasi_shim::{Errno, WasiCtx};

const FOLLOW: u32 = 1;

/// Runs `test` on an empty directory, once for each way of resolving paths.
fn in_empty_dir(test: impl Fn(&Scratch, &mut Guest)) {
    both_resolutions(|configure| {
        let scratch = Scratch::new();
        let mut builder = WasiCtx::builder();
        builder.preopened_dir(scratch.path(), "/", false);
        configure(&mut builder);
        test(&scratch, &mut Guest::new(builder.build().unwrap()));
    });
}

#[test]
fn creating_and_opening() {
    in_empty_dir(|scratch, guest| {
        assert_eq!(guest.open("f", 0, READ), Err(Errno::NOENT));
        let fd = guest
            .open("f", oflags::CREAT | oflags::EXCL, READ | WRITE)
            .unwrap();
        guest.write(fd, b"data").unwrap();
        assert_eq!(
            guest.open("f", oflags::CREAT | oflags::EXCL, WRITE),
            Err(Errno::EXIST)
        );
        let again = guest.open("./f", oflags::CREAT, READ).unwrap();
        assert_eq!(guest.read(again, 9).unwrap(), b"data");
        guest.open("f", oflags::TRUNC, WRITE).unwrap();
        assert_eq!(scratch.read("f"), b"");
        scratch.write("f", "again");
        guest.open("f", oflags::TRUNC, 0).unwrap();
        assert_eq!(scratch.read("f"), b"");
        assert_eq!(guest.open("f", oflags::DIRECTORY, READ), Err(Errno::NOTDIR));
        assert_eq!(
            guest.open(".", oflags::DIRECTORY, READ | WRITE),
            Err(Errno::ISDIR)
        );
        assert_eq!(guest.open(".", 0, READ | WRITE), Err(Errno::ISDIR));
        assert_eq!(
            guest.open("g", oflags::DIRECTORY | oflags::CREAT, READ),
            Err(Errno::INVAL)
        );
        assert_eq!(guest.open("f", 16, READ), Err(Errno::INVAL));
        assert_eq!(
            guest.open_with(ROOT, "f", 0, READ, 32, 0),
            Err(Errno::INVAL)
        );
        assert_eq!(guest.open_with(ROOT, "f", 0, READ, 0, 2), Err(Errno::INVAL));
        assert_eq!(
            guest.open_with(again, "f", 0, READ, 0, 0),
            Err(Errno::NOTDIR)
        );
        assert_eq!(guest.open_with(99, "f", 0, READ, 0, 0), Err(Errno::BADF));
        guest
            .open_with(ROOT, ".", 0, 0, fdflags::NONBLOCK, 0)
            .unwrap();
    });
}

#[test]
fn roundabout_paths() {
    in_empty_dir(|_, guest| {
        guest.mkdir("dir").unwrap();
        guest.mkdir("dir/nested/").unwrap();
        guest.open("dir/nested/file", oflags::CREAT, WRITE).unwrap();
        guest
            .open("dir/.//nested/../../dir/nested/../nested///./file", 0, READ)
            .unwrap();
        assert_eq!(guest.open("dir/nested/file\0", 0, READ), Err(Errno::INVAL));
        assert_eq!(guest.open("dir/nested/file/", 0, READ), Err(Errno::NOTDIR));
        assert_eq!(
            guest.open("dir/nested/file///", 0, READ),
            Err(Errno::NOTDIR)
        );
        guest.open("dir/nested///", 0, READ).unwrap();
        assert_eq!(guest.open("", 0, READ), Err(Errno::NOENT));
        assert_eq!(guest.mkdir(""), Err(Errno::NOENT));
        assert_eq!(
            guest.open(&"x".repeat(256), 0, READ),
            Err(Errno::NAMETOOLONG)
        );
        assert_eq!(
            guest.open(&"x/".repeat(3000), 0, READ),
            Err(Errno::NAMETOOLONG)
        );
        assert_eq!(guest.unlink(&"x/".repeat(3000)), Err(Errno::NAMETOOLONG));
    });
}

#[test]
fn directories_come_and_go() {
    in_empty_dir(|scratch, guest| {
        guest.mkdir("d/").unwrap();
        assert_eq!(guest.mkdir("d"), Err(Errno::EXIST));
        assert_eq!(guest.mkdir("."), Err(Errno::EXIST));
        assert_eq!(guest.mkdir("missing/d"), Err(Errno::NOENT));
        scratch.write("f", "");
        assert_eq!(guest.mkdir("f/d"), Err(Errno::NOTDIR));
        assert_eq!(guest.rmdir("f"), Err(Errno::NOTDIR));
        assert_eq!(guest.rmdir("f/"), Err(Errno::NOTDIR));
        scratch.write("d/x", "");
        assert_eq!(guest.rmdir("d"), Err(Errno::NOTEMPTY));
        guest.unlink("d/x").unwrap();
        assert_eq!(guest.unlink("d"), Err(Errno::ISDIR));
        assert_eq!(guest.unlink("d/"), Err(Errno::ISDIR));
        assert_eq!(guest.unlink("f/"), Err(Errno::NOTDIR));
        guest.rmdir("d/").unwrap();
        assert_eq!(guest.rmdir("d"), Err(Errno::NOENT));
        guest.unlink("f").unwrap();
        assert_eq!(guest.unlink("f"), Err(Errno::NOENT));
    });
}

#[test]
fn renaming() {
    in_empty_dir(|scratch, guest| {
        let rename = |guest: &mut Guest, old, new| guest.rename((ROOT, old), (ROOT, new));
        guest.mkdir("source").unwrap();
        rename(guest, "source/", "target").unwrap();
        rename(guest, "target", "source/").unwrap();
        rename(guest, "source/", "target/").unwrap();
        guest.mkdir("source").unwrap();
        rename(guest, "source", "target").unwrap();
        guest.mkdir("source").unwrap();
        scratch.write("target/file", "f");
        assert_eq!(rename(guest, "source", "target"), Err(Errno::NOTEMPTY));
        assert_eq!(rename(guest, "source", "target/file"), Err(Errno::NOTDIR));
        rename(guest, "target/file", "plain").unwrap();
        assert_eq!(rename(guest, "plain", "source"), Err(Errno::ISDIR));
        assert_eq!(rename(guest, "plain/", "other"), Err(Errno::NOTDIR));
        assert_eq!(rename(guest, "plain", "other/"), Err(Errno::NOTDIR));
        scratch.write("other", "o");
        rename(guest, "plain", "other").unwrap();
        assert_eq!(scratch.read("other"), b"f");
        assert_eq!(rename(guest, "plain", "x"), Err(Errno::NOENT));
        // Into a directory that was opened separately.
        let fd = guest.open("source", oflags::DIRECTORY, READ).unwrap();
        guest.rename((ROOT, "other"), (fd, "moved")).unwrap();
        assert_eq!(scratch.read("source/moved"), b"f");
    });
}

#[test]
fn symbolic_links() {
    in_empty_dir(|scratch, guest| {
        scratch.write("file", "data");
        guest.mkdir("dir").unwrap();
        guest.symlink("file", "link").unwrap();
        guest.symlink("dir", "dirlink").unwrap();
        guest.symlink("nowhere", "dangling").unwrap();
        guest.symlink("loop", "loop").unwrap();
        assert_eq!(guest.symlink("/", "absolute"), Err(Errno::PERM));
        assert_eq!(guest.symlink("file", "link"), Err(Errno::EXIST));
        assert_eq!(guest.symlink("x", "new/"), Err(Errno::NOENT));
        assert_eq!(guest.symlink("x", "dir/"), Err(Errno::EXIST));
        assert_eq!(guest.symlink("x", "file/"), Err(Errno::NOTDIR));
        assert_eq!(guest.symlink("x", "link/"), Err(Errno::NOTDIR));
        assert_eq!(guest.readlink("link", 10).unwrap(), b"file");
        assert_eq!(guest.readlink("link", 3).unwrap(), b"fil");
        assert_eq!(guest.readlink("link", 0).unwrap(), b"");
        assert_eq!(guest.readlink("file", 10), Err(Errno::INVAL));
        assert_eq!(guest.readlink("dirlink/", 10), Err(Errno::INVAL));

        assert_eq!(guest.open("link", 0, READ), Err(Errno::LOOP));
        let fd = guest.open_with(ROOT, "link", 0, READ, 0, FOLLOW).unwrap();
        assert_eq!(guest.read(fd, 9).unwrap(), b"data");
        assert_eq!(
            guest.open_with(ROOT, "loop", 0, READ, 0, FOLLOW),
            Err(Errno::LOOP)
        );
        assert_eq!(
            guest.open_with(ROOT, "dangling", 0, READ, 0, FOLLOW),
            Err(Errno::NOENT)
        );
        assert_eq!(
            guest.open_with(ROOT, "link", oflags::DIRECTORY, READ, 0, FOLLOW),
            Err(Errno::NOTDIR)
        );
        guest
            .open_with(ROOT, "dirlink", oflags::DIRECTORY, READ, 0, FOLLOW)
            .unwrap();
        let refused = guest.open("dirlink", oflags::DIRECTORY, READ);
        assert!(
            matches!(refused, Err(Errno::NOTDIR | Errno::LOOP)),
            "{refused:?}"
        );
        guest
            .open_with(ROOT, "dangling", oflags::CREAT, WRITE, 0, FOLLOW)
            .unwrap();
        assert_eq!(scratch.read("nowhere"), b"");

        assert_eq!(
            guest.path_filestat("link", 0).unwrap().filetype,
            filetype::SYMBOLIC_LINK
        );
        let followed = guest.path_filestat("link", FOLLOW).unwrap();
        assert_eq!(
            (followed.filetype, followed.size),
            (filetype::REGULAR_FILE, 4)
        );
        assert_eq!(
            guest.path_filestat("dirlink/", 0).unwrap().filetype,
            filetype::DIRECTORY
        );
        assert_eq!(guest.path_filestat("link/", 0), Err(Errno::NOTDIR));
        assert_eq!(guest.path_filestat("link", 2), Err(Errno::INVAL));
        assert_eq!(guest.rmdir("dirlink"), Err(Errno::NOTDIR));
        assert_eq!(guest.rmdir("dirlink/"), Err(Errno::NOTDIR));
        guest.unlink("dirlink").unwrap();
        assert!(scratch.join("dir").exists());
    });
}

#[test]
fn times_of_a_link_and_of_what_it_names() {
    in_empty_dir(|scratch, guest| {
        scratch.write("file", "");
        guest.symlink("file", "link").unwrap();
        let before = guest.path_filestat("file", 0).unwrap();
        guest
            .set_times("link", 0, (0, 12_345), fstflags::MTIM)
            .unwrap();
        assert_eq!(guest.path_filestat("link", 0).unwrap().modified, 12_345);
        assert_eq!(guest.path_filestat("file", 0).unwrap(), before);
        guest
            .set_times("link", FOLLOW, (777, 888), fstflags::ATIM | fstflags::MTIM)
            .unwrap();
        let after = guest.path_filestat("file", 0).unwrap();
        assert_eq!((after.accessed, after.modified), (777, 888));
        assert_eq!(
            guest.set_times("file/", 0, (1, 1), fstflags::MTIM),
            Err(Errno::NOTDIR)
        );
        assert_eq!(
            guest.set_times("file", 0, (1, 1), fstflags::MTIM | fstflags::MTIM_NOW),
            Err(Errno::INVAL)
        );
        assert_eq!(guest.set_times("missing", 0, (1, 1), 0), Err(Errno::NOENT));
    });
}

#[test]
fn hard_links() {
    in_empty_dir(|scratch, guest| {
        let link =
            |guest: &mut Guest, old, lookup, new| guest.link((ROOT, old), lookup, (ROOT, new));
        scratch.write("file", "data");
        guest.mkdir("dir").unwrap();
        link(guest, "file", 0, "dir/other").unwrap();
        let (one, two) = (
            guest.path_filestat("file", 0).unwrap(),
            guest.path_filestat("dir/other", 0).unwrap(),
        );
        assert_eq!((one.inode, one.links), (two.inode, 2));
        assert_eq!(link(guest, "file", 0, "file"), Err(Errno::EXIST));
        assert_eq!(link(guest, "file", 0, "dir"), Err(Errno::EXIST));
        assert_eq!(link(guest, "file", 0, "new/"), Err(Errno::NOENT));
        assert_eq!(link(guest, "file/", 0, "new"), Err(Errno::NOTDIR));
        assert_eq!(link(guest, "dir", 0, "new"), Err(Errno::PERM));
        assert_eq!(link(guest, "missing", 0, "new"), Err(Errno::NOENT));
        assert_eq!(link(guest, "file", 2, "new"), Err(Errno::INVAL));
        // The link itself, dangling or not, or what it names.
        guest.symlink("file", "sym").unwrap();
        guest.symlink("nowhere", "dangling").unwrap();
        link(guest, "sym", 0, "symcopy").unwrap();
        assert_eq!(guest.readlink("symcopy", 10).unwrap(), b"file");
        link(guest, "dangling", 0, "danglingcopy").unwrap();
        link(guest, "sym", FOLLOW, "filecopy").unwrap();
        assert_eq!(guest.path_filestat("filecopy", 0).unwrap().inode, one.inode);
        assert_eq!(link(guest, "dangling", FOLLOW, "x"), Err(Errno::NOENT));
        assert_eq!(link(guest, "file", 0, "dangling"), Err(Errno::EXIST));
    });
}

#[test]
fn names_are_bytes() {
    use std::os::unix::ffi::OsStrExt;
    in_empty_dir(|scratch, guest| {
        let name = b"\xff\xfe name";
        let (path, len) = guest.put(name);
        call!(guest, path_create_directory, ROOT, path, len).unwrap();
        assert!(
            scratch
                .path()
                .join(std::ffi::OsStr::from_bytes(name))
                .is_dir()
        );
        call!(guest, path_remove_directory, ROOT, path, len).unwrap();
    });
}
