//! Descriptors: what the program's small numbers refer to, and what may be done through them.
//!
//! Owns the table from numbers to [`Descriptor`]s and the rights of each.
//!
//! Invariants:
//! - Rights only shrink. They belong to the descriptor, not to the number, so renumbering keeps them.
//! - A descriptor beneath a read-only directory is read-only itself, whatever its rights say.
//! - The table's lock is held only to look up or change a slot. A call that may block works on an
//!   `Arc` taken out of the table, so another thread can close the number meanwhile; the host's
//!   descriptor is closed when the last call on it ends, and is never reused under a call.

use crate::errno::{Errno, Result};
use crate::types::{filetype, rights};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::retry_on_intr;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What kind of thing a descriptor is open on, as far as functions treat it differently.
#[derive(Debug)]
pub(crate) enum Kind {
    Directory(Directory),
    RegularFile,
    Socket,
    Pipe,
    /// Terminals and other devices.
    Device,
}

/// What a directory's descriptor has beyond the host's.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// The path the program knows it by, if it was given one by the host.
    pub(crate) preopen: Option<Vec<u8>>,
    /// Its entries as they were when the program last started reading them, for stable cookies.
    pub(crate) listing: Mutex<Option<Listing>>,
}

/// Entries of a directory; a cookie is an index into them.
pub(crate) type Listing = Arc<Vec<Entry>>;

/// One entry of a directory.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) inode: u64,
    pub(crate) filetype: u8,
}

/// An open descriptor.
#[derive(Debug)]
pub(crate) struct Descriptor {
    fd: OwnedFd,
    pub(crate) kind: Kind,
    /// Nothing may be changed through it.
    pub(crate) read_only: bool,
    /// For a standard stream: whether the program asked for no waiting. Other processes may share the stream,
    /// so its flags must not be changed.
    pub(crate) nonblocking: Option<AtomicBool>,
    base: AtomicU64,
    inheriting: AtomicU64,
}

impl Descriptor {
    /// Wraps a descriptor the host gives to the program: standard streams, sockets, directories.
    /// Its rights follow from what it is and from how it was opened.
    pub(crate) fn given(
        fd: OwnedFd,
        preopen: Option<Vec<u8>>,
        read_only: bool,
    ) -> Result<Descriptor> {
        let access = fcntl_getfl(&fd)? & OFlags::RWMODE;
        let mut descriptor = Descriptor::opened(fd, rights::INHERITED, read_only)?;
        if let Kind::Directory(directory) = &mut descriptor.kind {
            directory.preopen = preopen;
        } else if access == OFlags::RDONLY {
            descriptor.drop_rights(rights::WRITING);
        } else if access == OFlags::WRONLY {
            descriptor.drop_rights(rights::FD_READ);
        }
        Ok(descriptor)
    }

    /// Wraps a standard stream. A directory as a standard stream can be neither read nor written, and gives
    /// no access to its contents: only the directories that the host gives do that.
    pub(crate) fn stream(fd: OwnedFd) -> Result<Descriptor> {
        let flags = fcntl_getfl(&fd)?;
        let mut descriptor = Descriptor::given(fd, None, false)?;
        if let Kind::Directory(_) = descriptor.kind {
            descriptor.kind = Kind::Device;
            descriptor.base = AtomicU64::new(0);
            descriptor.inheriting = AtomicU64::new(0);
        }
        // The program may not change the times of a file to which a shell redirected its output.
        descriptor.drop_rights(rights::FD_FILESTAT_SET_TIMES);
        descriptor.nonblocking = Some(AtomicBool::new(flags.contains(OFlags::NONBLOCK)));
        Ok(descriptor)
    }

    /// Whether this is a stream for which the program asked for no waiting.
    pub(crate) fn does_not_wait(&self) -> bool {
        let nonblocking = self.nonblocking.as_ref();
        nonblocking.is_some_and(|nonblocking| nonblocking.load(Ordering::Relaxed))
    }

    /// Checks without waiting whether bytes can be read or written, as `events` says.
    ///
    /// # Errors
    /// `AGAIN` if they cannot.
    pub(crate) fn is_ready(&self, events: PollFlags) -> Result<()> {
        let mut polled = [PollFd::new(&self.fd, events)];
        match retry_on_intr(|| poll(&mut polled, Some(&Timespec::default())))? {
            0 => Err(Errno::AGAIN),
            _ => Ok(()),
        }
    }

    /// Wraps a descriptor opened beneath a directory whose inherited rights are `inheriting`.
    pub(crate) fn opened(fd: OwnedFd, inheriting: u64, read_only: bool) -> Result<Descriptor> {
        let (kind, possible) = match FileType::from_raw_mode(fstat(&fd)?.st_mode) {
            FileType::Directory => (Kind::Directory(Directory::default()), rights::DIRECTORY),
            FileType::RegularFile => (Kind::RegularFile, rights::FILE),
            FileType::Socket => (Kind::Socket, rights::SOCKET),
            // A disk and the null device have a position; a terminal has none.
            FileType::Fifo => (Kind::Pipe, rights::STREAM),
            FileType::BlockDevice => (Kind::Device, rights::FILE),
            FileType::CharacterDevice if !fd.is_terminal() => (Kind::Device, rights::FILE),
            _ => (Kind::Device, rights::STREAM),
        };
        let passes_on = if possible == rights::DIRECTORY {
            inheriting
        } else {
            0
        };
        Ok(Descriptor {
            fd,
            kind,
            read_only,
            nonblocking: None,
            base: AtomicU64::new(possible & inheriting),
            inheriting: AtomicU64::new(passes_on),
        })
    }

    /// Removes rights before the descriptor is put into the table.
    pub(crate) fn drop_rights(&mut self, dropped: u64) {
        *self.base.get_mut() &= !dropped;
    }

    /// The rights of the descriptor, and those that descriptors opened beneath it can have.
    pub(crate) fn rights(&self) -> (u64, u64) {
        (
            self.base.load(Ordering::Relaxed),
            self.inheriting.load(Ordering::Relaxed),
        )
    }

    /// Reduces the rights; `NOTCAPABLE` if any would be added.
    pub(crate) fn narrow(&self, base: u64, inheriting: u64) -> Result<()> {
        let (old_base, old_inheriting) = self.rights();
        if base & !old_base != 0 || inheriting & !old_inheriting != 0 {
            return Err(Errno::NOTCAPABLE);
        }
        // Two threads that reduce them at once leave the intersection: rights only shrink.
        self.base.fetch_and(base, Ordering::Relaxed);
        self.inheriting.fetch_and(inheriting, Ordering::Relaxed);
        Ok(())
    }

    /// Fails with `NOTCAPABLE` unless all of `needed` is among the rights.
    pub(crate) fn need(&self, needed: u64) -> Result<()> {
        if needed & !self.rights().0 == 0 {
            Ok(())
        } else {
            Err(Errno::NOTCAPABLE)
        }
    }

    /// Fails with `ROFS` if nothing may be changed through it.
    pub(crate) fn need_writable(&self) -> Result<()> {
        if self.read_only {
            Err(Errno::ROFS)
        } else {
            Ok(())
        }
    }

    /// Fails with `ISDIR` on a directory, and with `BADF` unless open for `access`
    /// (`FD_READ` or `FD_WRITE`): as POSIX requires for reading from a descriptor that is not open for it.
    pub(crate) fn need_access(&self, access: u64) -> Result<()> {
        self.need_bytes()?;
        self.need(access).map_err(|_| Errno::BADF)
    }

    /// Fails with `ISDIR` on a directory.
    pub(crate) fn need_bytes(&self) -> Result<()> {
        match self.kind {
            Kind::Directory(_) => Err(Errno::ISDIR),
            _ => Ok(()),
        }
    }

    /// Fails with `NOTSOCK` on anything but a socket.
    pub(crate) fn need_socket(&self) -> Result<()> {
        match self.kind {
            Kind::Socket => Ok(()),
            _ => Err(Errno::NOTSOCK),
        }
    }

    /// The directory part; `NOTDIR` if it is not a directory.
    pub(crate) fn directory(&self) -> Result<&Directory> {
        match &self.kind {
            Kind::Directory(directory) => Ok(directory),
            _ => Err(Errno::NOTDIR),
        }
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// WASI's number for a host file type. The kind of a socket is found out by asking the socket.
pub(crate) fn filetype_of(host: FileType) -> u8 {
    match host {
        FileType::BlockDevice => filetype::BLOCK_DEVICE,
        FileType::CharacterDevice => filetype::CHARACTER_DEVICE,
        FileType::Directory => filetype::DIRECTORY,
        FileType::RegularFile => filetype::REGULAR_FILE,
        FileType::Symlink => filetype::SYMBOLIC_LINK,
        FileType::Socket => filetype::SOCKET_STREAM,
        _ => filetype::UNKNOWN,
    }
}

/// The program's numbers and what they refer to.
#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Mutex<Vec<Option<Arc<Descriptor>>>>,
}

impl Table {
    fn slots(&self) -> MutexGuard<'_, Vec<Option<Arc<Descriptor>>>> {
        // No code runs under the lock that could leave the slots half changed.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `number` refers to; `BADF` if nothing.
    pub(crate) fn get(&self, number: u32) -> Result<Arc<Descriptor>> {
        self.slots()
            .get(number as usize)
            .and_then(Clone::clone)
            .ok_or(Errno::BADF)
    }

    /// Assigns the lowest free number to a descriptor, as POSIX requires.
    pub(crate) fn insert(&self, descriptor: Descriptor) -> Result<u32> {
        let mut slots = self.slots();
        let index = slots
            .iter()
            .position(Option::is_none)
            .unwrap_or(slots.len());
        let number = u32::try_from(index).map_err(|_| Errno::MFILE)?;
        if index == slots.len() {
            slots.push(None);
        }
        slots[index] = Some(Arc::new(descriptor));
        Ok(number)
    }

    /// Frees a number; `BADF` if it refers to nothing.
    pub(crate) fn remove(&self, number: u32) -> Result<()> {
        let removed = self.slots().get_mut(number as usize).and_then(Option::take);
        // Dropped here and not above: closing may block, and the lock is released by now.
        removed.map(drop).ok_or(Errno::BADF)
    }

    /// Makes `to` refer to what `from` refers to, and frees `from`. Both must be open.
    pub(crate) fn renumber(&self, from: u32, to: u32) -> Result<()> {
        let replaced = {
            let mut slots = self.slots();
            let open = |number: u32| matches!(slots.get(number as usize), Some(Some(_)));
            if !open(from) || !open(to) {
                return Err(Errno::BADF);
            }
            if from == to {
                return Ok(());
            }
            let moved = slots[from as usize].take();
            std::mem::replace(&mut slots[to as usize], moved)
        };
        drop(replaced);
        Ok(())
    }
}
