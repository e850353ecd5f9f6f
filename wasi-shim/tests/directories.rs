//! Reading directories: cookies, cut entries, changes between calls.

mod harness;
use harness::{DirEntry, Guest, READ, ROOT, Scratch};
use lazywasm_wasi_shim::Errno;
use lazywasm_wasi_shim::types::{filetype, oflags};
use std::collections::BTreeSet;

fn names(entries: &[DirEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

/// Reads with buffers of `room` bytes until the end, as a C library does.
fn all(guest: &mut Guest, fd: u32, room: u32) -> Vec<DirEntry> {
    let mut entries: Vec<DirEntry> = Vec::new();
    loop {
        let cookie = entries.last().map_or(0, |entry| entry.next);
        let (more, used) = guest.readdir(fd, cookie, room).unwrap();
        assert!(
            used < room || !more.is_empty(),
            "a buffer of {room} bytes holds no entry"
        );
        entries.extend(more);
        if used < room {
            return entries;
        }
    }
}

#[test]
fn an_empty_directory_has_two_entries() {
    let scratch = Scratch::new();
    scratch.mkdir("d");
    let guest = &mut Guest::with_dir(scratch.path());
    let fd = guest.open("d", oflags::DIRECTORY, READ).unwrap();
    let (entries, used) = guest.readdir(fd, 0, 256).unwrap();
    assert_eq!(names(&entries), [".", ".."]);
    assert_eq!(used, 24 + 1 + 24 + 2);
    assert!(
        entries
            .iter()
            .all(|entry| entry.filetype == filetype::DIRECTORY)
    );
    assert_eq!(entries[0].inode, guest.filestat(fd).unwrap().inode);
    assert_eq!(entries[1].inode, guest.filestat(ROOT).unwrap().inode);
    // The root has no parent for the program.
    let (entries, _) = guest.readdir(ROOT, 0, 256).unwrap();
    assert_eq!(entries[0].inode, entries[1].inode);
}

#[test]
fn types_and_inodes() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    scratch.mkdir("dir");
    scratch.symlink("file", "link");
    let guest = &mut Guest::with_dir(scratch.path());
    let (entries, _) = guest.readdir(ROOT, 0, 1024).unwrap();
    for (name, filetype) in [
        ("file", filetype::REGULAR_FILE),
        ("dir", filetype::DIRECTORY),
        ("link", filetype::SYMBOLIC_LINK),
    ] {
        let entry = entries.iter().find(|entry| entry.name == name).unwrap();
        assert_eq!(entry.filetype, filetype);
        assert_eq!(entry.inode, guest.path_filestat(name, 0).unwrap().inode);
    }
}

#[test]
fn many_entries_in_small_buffers() {
    let scratch = Scratch::new();
    let mut expected: BTreeSet<String> = [".", ".."].map(String::from).into();
    for number in 0..1000 {
        let name = format!("file.{number}");
        scratch.write(&name, "");
        expected.insert(name);
    }
    let guest = &mut Guest::with_dir(scratch.path());
    for room in [64, 100, 256, 4096, 100_000] {
        let entries = all(guest, ROOT, room);
        assert_eq!(entries.len(), 1002, "with buffers of {room} bytes");
        assert_eq!(
            entries
                .into_iter()
                .map(|entry| entry.name)
                .collect::<BTreeSet<_>>(),
            expected
        );
    }
}

#[test]
fn cookies_outlive_changes() {
    let scratch = Scratch::new();
    for number in 0..100 {
        scratch.write(&format!("file.{number}"), "");
    }
    let guest = &mut Guest::with_dir(scratch.path());
    let everything = all(guest, ROOT, 4096);
    // Read some, remove what was read and add others, as `rm -r` and editors do: nothing is skipped.
    let (first, _) = guest.readdir(ROOT, 0, 1000).unwrap();
    for entry in &first[2..] {
        guest.unlink(&entry.name).unwrap();
    }
    for number in 0..50 {
        scratch.write(&format!("new.{number}"), "");
    }
    let cookie = first.last().unwrap().next;
    let (rest, _) = guest.readdir(ROOT, cookie, 100_000).unwrap();
    assert_eq!(names(&rest), names(&everything)[first.len()..]);
    // Any cookie can be used again.
    let (again, _) = guest.readdir(ROOT, everything[9].next, 100_000).unwrap();
    assert_eq!(names(&again), names(&everything)[10..]);
    // A listing from the beginning shows the directory as it is now.
    assert_eq!(
        all(guest, ROOT, 4096).len(),
        everything.len() - (first.len() - 2) + 50
    );
    // Cookies past the end, or that were never returned, mean the end.
    assert_eq!(guest.readdir(ROOT, u64::MAX, 256).unwrap(), (Vec::new(), 0));
}

#[test]
fn the_last_entry_is_cut_where_the_buffer_ends() {
    let scratch = Scratch::new();
    let guest = &mut Guest::with_dir(scratch.path());
    for room in 0..51 {
        let (entries, used) = guest.readdir(ROOT, 0, room).unwrap();
        assert_eq!(used, room);
        assert_eq!(entries.len(), usize::from(room >= 25));
    }
    assert_eq!(guest.readdir(ROOT, 0, 51).unwrap().0.len(), 2);
    assert_eq!(guest.readdir(ROOT, 0, 52).unwrap().1, 51);
    scratch.write("f", "");
    let file = guest.open("f", 0, READ).unwrap();
    assert_eq!(guest.readdir(file, 0, 64), Err(Errno::NOTDIR));
}
