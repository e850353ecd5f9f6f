//! The numbers of the WASI preview 1 ABI: rights, flags, tags, and the offset of each field of a record.
//!
//! Owns the layout facts; everything that reads or writes a record takes its offsets from here. All records
//! are little-endian and naturally aligned, as wasm lays them out. The two versions of the interface differ
//! only in three places, which are in [`Abi`].

/// Which version of the interface a program was built for.
///
/// They differ in the order of the `whence` values of `fd_seek`, in the width of the link count in
/// a filestat record, and in one more field in a clock subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    /// `wasi_snapshot_preview1`.
    Preview1,
    /// `wasi_unstable`, the version before it.
    Unstable,
}

impl Abi {
    /// The name of the module programs import from.
    pub const fn module_name(self) -> &'static str {
        match self {
            Abi::Preview1 => "wasi_snapshot_preview1",
            Abi::Unstable => "wasi_unstable",
        }
    }

    /// Bytes of a filestat record.
    pub const fn filestat_size(self) -> u32 {
        match self {
            Abi::Preview1 => 64,
            Abi::Unstable => 56,
        }
    }

    /// Bytes of a subscription record of `poll_oneoff`.
    pub const fn subscription_size(self) -> u32 {
        match self {
            Abi::Preview1 => 48,
            Abi::Unstable => 56,
        }
    }

    /// Where the clock record's `id` field starts in a subscription; `timeout`, `precision` and
    /// `flags` follow at 8, 16 and 24 bytes from it.
    pub const fn subscription_clock(self) -> u32 {
        match self {
            Abi::Preview1 => 16,
            // An `identifier` of eight bytes precedes the clock's id.
            Abi::Unstable => 24,
        }
    }
}

/// Rights: what a descriptor may be used for.
pub mod rights {
    macro_rules! rights {
        ($($name:ident = $bit:literal;)*) => {
            $(#[doc = concat!("Bit ", $bit, " of the rights.")] pub const $name: u64 = 1 << $bit;)*
        };
    }
    rights! {
        FD_DATASYNC = 0; FD_READ = 1; FD_SEEK = 2; FD_FDSTAT_SET_FLAGS = 3; FD_SYNC = 4; FD_TELL = 5;
        FD_WRITE = 6; FD_ADVISE = 7; FD_ALLOCATE = 8; PATH_CREATE_DIRECTORY = 9; PATH_CREATE_FILE = 10;
        PATH_LINK_SOURCE = 11; PATH_LINK_TARGET = 12; PATH_OPEN = 13; FD_READDIR = 14; PATH_READLINK = 15;
        PATH_RENAME_SOURCE = 16; PATH_RENAME_TARGET = 17; PATH_FILESTAT_GET = 18;
        PATH_FILESTAT_SET_SIZE = 19; PATH_FILESTAT_SET_TIMES = 20; FD_FILESTAT_GET = 21;
        FD_FILESTAT_SET_SIZE = 22; FD_FILESTAT_SET_TIMES = 23; PATH_SYMLINK = 24;
        PATH_REMOVE_DIRECTORY = 25; PATH_UNLINK_FILE = 26; POLL_FD_READWRITE = 27; SOCK_SHUTDOWN = 28;
        SOCK_ACCEPT = 29;
    }

    /// What anything that holds bytes can be used for.
    pub const FILE: u64 = FD_DATASYNC
        | FD_READ
        | FD_SEEK
        | FD_FDSTAT_SET_FLAGS
        | FD_SYNC
        | FD_TELL
        | FD_WRITE
        | FD_ADVISE
        | FD_ALLOCATE
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_SIZE
        | FD_FILESTAT_SET_TIMES
        | POLL_FD_READWRITE;

    /// What a pipe or a terminal can be used for. Without the seeking rights a C library takes a
    /// character device for a terminal, which is how programs find out whether they talk to a person.
    pub const STREAM: u64 =
        FILE & !(FD_SEEK | FD_TELL | FD_ADVISE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE);

    /// What a socket can be used for.
    pub const SOCKET: u64 = FD_READ
        | FD_WRITE
        | FD_FDSTAT_SET_FLAGS
        | FD_FILESTAT_GET
        | POLL_FD_READWRITE
        | SOCK_SHUTDOWN
        | SOCK_ACCEPT;

    /// What a directory can be used for.
    pub const DIRECTORY: u64 = FD_FDSTAT_SET_FLAGS
        | FD_SYNC
        | FD_DATASYNC
        | FD_ADVISE
        | FD_READDIR
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_TIMES
        | POLL_FD_READWRITE
        | PATH_CREATE_DIRECTORY
        | PATH_CREATE_FILE
        | PATH_LINK_SOURCE
        | PATH_LINK_TARGET
        | PATH_OPEN
        | PATH_READLINK
        | PATH_RENAME_SOURCE
        | PATH_RENAME_TARGET
        | PATH_FILESTAT_GET
        | PATH_FILESTAT_SET_SIZE
        | PATH_FILESTAT_SET_TIMES
        | PATH_SYMLINK
        | PATH_REMOVE_DIRECTORY
        | PATH_UNLINK_FILE;

    /// What descriptors opened beneath a directory can be given.
    pub const INHERITED: u64 = DIRECTORY | FILE | SOCKET;

    /// What requires a descriptor that is open for writing.
    pub const WRITING: u64 = FD_WRITE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;
}

/// File types in filestat and fdstat records and directory entries.
pub mod filetype {
    /// Anything WASI has no number for, pipes among them.
    pub const UNKNOWN: u8 = 0;
    /// A block device.
    pub const BLOCK_DEVICE: u8 = 1;
    /// A character device.
    pub const CHARACTER_DEVICE: u8 = 2;
    /// A directory.
    pub const DIRECTORY: u8 = 3;
    /// A regular file.
    pub const REGULAR_FILE: u8 = 4;
    /// A datagram socket.
    pub const SOCKET_DGRAM: u8 = 5;
    /// A stream socket.
    pub const SOCKET_STREAM: u8 = 6;
    /// A symbolic link.
    pub const SYMBOLIC_LINK: u8 = 7;
}

/// Flags of an open descriptor.
pub mod fdflags {
    /// Writes go to the end.
    pub const APPEND: u32 = 1 << 0;
    /// Writes wait for the data to be stored.
    pub const DSYNC: u32 = 1 << 1;
    /// Calls that would wait fail with `AGAIN`.
    pub const NONBLOCK: u32 = 1 << 2;
    /// Reads wait as writes do.
    pub const RSYNC: u32 = 1 << 3;
    /// Writes wait for data and metadata to be stored.
    pub const SYNC: u32 = 1 << 4;
    /// Every flag there is.
    pub const ALL: u32 = APPEND | DSYNC | NONBLOCK | RSYNC | SYNC;
}

/// Flags of `path_open`.
pub mod oflags {
    /// Create the file if it does not exist.
    pub const CREAT: u32 = 1 << 0;
    /// Fail unless it is a directory.
    pub const DIRECTORY: u32 = 1 << 1;
    /// Fail if the file exists.
    pub const EXCL: u32 = 1 << 2;
    /// Cut the file to length zero.
    pub const TRUNC: u32 = 1 << 3;
    /// Every flag there is.
    pub const ALL: u32 = CREAT | DIRECTORY | EXCL | TRUNC;
}

/// Flags that say which times to set, and from what.
pub mod fstflags {
    /// Set the access time to the one given.
    pub const ATIM: u32 = 1 << 0;
    /// Set the access time to now.
    pub const ATIM_NOW: u32 = 1 << 1;
    /// Set the modification time to the one given.
    pub const MTIM: u32 = 1 << 2;
    /// Set the modification time to now.
    pub const MTIM_NOW: u32 = 1 << 3;
    /// Every flag there is.
    pub const ALL: u32 = ATIM | ATIM_NOW | MTIM | MTIM_NOW;
}

/// The one flag of path lookup: follow a symbolic link in the last component.
pub const LOOKUP_SYMLINK_FOLLOW: u32 = 1 << 0;

/// `fd_seek` origins, in the order of preview 1.
pub mod whence {
    /// From the beginning.
    pub const SET: u32 = 0;
    /// From the current position.
    pub const CUR: u32 = 1;
    /// From the end.
    pub const END: u32 = 2;
}

/// Clock identifiers.
pub mod clockid {
    /// Wall clock, nanoseconds since 1970.
    pub const REALTIME: u32 = 0;
    /// A clock that never goes back.
    pub const MONOTONIC: u32 = 1;
    /// Processor time of the process.
    pub const PROCESS_CPUTIME_ID: u32 = 2;
    /// Processor time of the thread.
    pub const THREAD_CPUTIME_ID: u32 = 3;
}

/// Kinds of events of `poll_oneoff`.
pub mod eventtype {
    /// A time was reached.
    pub const CLOCK: u8 = 0;
    /// A descriptor can be read.
    pub const FD_READ: u8 = 1;
    /// A descriptor can be written.
    pub const FD_WRITE: u8 = 2;
}

/// Set in a clock subscription whose timeout is a point in time and not a duration.
pub const SUBSCRIPTION_CLOCK_ABSTIME: u16 = 1 << 0;
/// Set in an event when the other end was closed.
pub const EVENT_FD_READWRITE_HANGUP: u16 = 1 << 0;

/// Flags of the socket functions.
pub mod sock {
    /// `sock_recv` leaves the data in the queue.
    pub const RECV_PEEK: u32 = 1 << 0;
    /// `sock_recv` waits until the buffers are full.
    pub const RECV_WAITALL: u32 = 1 << 1;
    /// `sock_recv` had to drop part of a datagram.
    pub const RECV_DATA_TRUNCATED: u16 = 1 << 0;
    /// `sock_shutdown` ends receiving.
    pub const SHUT_RD: u32 = 1 << 0;
    /// `sock_shutdown` ends sending.
    pub const SHUT_WR: u32 = 1 << 1;
}

/// Bytes of an iovec: pointer, length.
pub const IOVEC_SIZE: u32 = 8;
/// The maximum number of iovecs that one call uses, as on Linux (`IOV_MAX`). Further ones are ignored, and
/// the call moves less than requested.
pub const IOVEC_MAX: u32 = 1024;
/// The maximum number of subscriptions of one `poll_oneoff`; more is `INVAL`, because `poll` itself refuses
/// more descriptors than a process may have.
pub const SUBSCRIPTIONS_MAX: u32 = 1 << 16;
/// Bytes of an fdstat record: type at 0, flags at 2, rights at 8, inherited rights at 16.
pub const FDSTAT_SIZE: u32 = 24;
/// Bytes of a prestat record: tag at 0, length of the name at 4.
pub const PRESTAT_SIZE: u32 = 8;
/// Bytes of a directory entry before its name: next at 0, inode at 8, length at 16, type at 20.
pub const DIRENT_SIZE: usize = 24;
/// Bytes of an event record: user data at 0, error at 8, kind at 10, bytes at 16, flags at 24.
pub const EVENT_SIZE: u32 = 32;
/// The longest path, in bytes, as on Linux (where the limit counts a final NUL).
pub const PATH_MAX: u32 = 4095;
