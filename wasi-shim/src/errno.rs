//! Error numbers of WASI, and how an error of the host becomes one.
//!
//! Owns the one list of names, numbers and meanings. Invariant: every host error is translated; an error that
//! WASI has no name for becomes the nearest one, or `IO` if none is near.

use rustix::io::Errno as Host;
use std::fmt;

/// An error number as WASI preview 1 defines it, which a function returns to the program.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(u16);

macro_rules! errnos {
    ($($name:ident = $number:literal, $meaning:literal $(, from $($host:ident)|+)?;)*) => {
        impl Errno {
            $(#[doc = $meaning] pub const $name: Errno = Errno($number);)*

            /// The name, in capitals and without the leading `E`.
            pub fn name(self) -> &'static str {
                match self.0 {
                    $($number => stringify!($name),)*
                    _ => "UNKNOWN",
                }
            }

            /// What the number means, as a phrase.
            pub fn meaning(self) -> &'static str {
                match self.0 {
                    $($number => $meaning,)*
                    _ => "unknown error",
                }
            }
        }

        impl From<Host> for Errno {
            fn from(host: Host) -> Errno {
                match host {
                    $($($(Host::$host)|+ => Errno::$name,)?)*
                    _ => Errno::IO,
                }
            }
        }
    };
}

errnos! {
    SUCCESS = 0, "no error";
    TOOBIG = 1, "argument list too long", from TOOBIG;
    ACCES = 2, "permission denied", from ACCESS | KEYEXPIRED | KEYREJECTED | KEYREVOKED | NOKEY;
    ADDRINUSE = 3, "address in use", from ADDRINUSE;
    ADDRNOTAVAIL = 4, "address not available", from ADDRNOTAVAIL;
    AFNOSUPPORT = 5, "address family not supported", from AFNOSUPPORT | PFNOSUPPORT;
    AGAIN = 6, "try again", from AGAIN;
    ALREADY = 7, "already under way", from ALREADY;
    BADF = 8, "bad file descriptor", from BADF | BADFD;
    BADMSG = 9, "bad message", from BADMSG;
    BUSY = 10, "device or resource busy", from BUSY;
    CANCELED = 11, "canceled", from CANCELED;
    CHILD = 12, "no child process", from CHILD;
    CONNABORTED = 13, "connection aborted", from CONNABORTED;
    CONNREFUSED = 14, "connection refused", from CONNREFUSED;
    CONNRESET = 15, "connection reset", from CONNRESET;
    DEADLK = 16, "a deadlock would follow", from DEADLK;
    DESTADDRREQ = 17, "destination address required", from DESTADDRREQ;
    DOM = 18, "argument outside the domain of the function", from DOM;
    DQUOT = 19, "quota exceeded", from DQUOT;
    EXIST = 20, "file exists", from EXIST;
    FAULT = 21, "bad address", from FAULT;
    FBIG = 22, "file too large", from FBIG;
    HOSTUNREACH = 23, "host is unreachable", from HOSTUNREACH | HOSTDOWN;
    IDRM = 24, "identifier removed", from IDRM;
    ILSEQ = 25, "illegal byte sequence", from ILSEQ;
    INPROGRESS = 26, "in progress", from INPROGRESS;
    INTR = 27, "interrupted", from INTR;
    INVAL = 28, "invalid argument", from INVAL;
    IO = 29, "input or output error", from IO | REMOTEIO;
    ISCONN = 30, "socket is connected", from ISCONN;
    ISDIR = 31, "is a directory", from ISDIR;
    LOOP = 32, "too many levels of symbolic links", from LOOP;
    MFILE = 33, "too many open files", from MFILE;
    MLINK = 34, "too many links", from MLINK;
    MSGSIZE = 35, "message too large", from MSGSIZE;
    MULTIHOP = 36, "multihop attempted", from MULTIHOP;
    NAMETOOLONG = 37, "file name too long", from NAMETOOLONG;
    NETDOWN = 38, "network is down", from NETDOWN;
    NETRESET = 39, "connection aborted by the network", from NETRESET;
    NETUNREACH = 40, "network unreachable", from NETUNREACH | NONET;
    NFILE = 41, "too many files open in the system", from NFILE;
    NOBUFS = 42, "no buffer space", from NOBUFS;
    NODEV = 43, "no such device", from NODEV;
    NOENT = 44, "no such file or directory", from NOENT;
    NOEXEC = 45, "not an executable format", from NOEXEC;
    NOLCK = 46, "no locks available", from NOLCK;
    NOLINK = 47, "link severed", from NOLINK;
    NOMEM = 48, "not enough memory", from NOMEM;
    NOMSG = 49, "no message of that type", from NOMSG | NODATA;
    NOPROTOOPT = 50, "protocol not available", from NOPROTOOPT;
    NOSPC = 51, "no space left on device", from NOSPC;
    NOSYS = 52, "function not supported", from NOSYS;
    NOTCONN = 53, "socket is not connected", from NOTCONN;
    NOTDIR = 54, "not a directory or a link to one", from NOTDIR;
    NOTEMPTY = 55, "directory not empty", from NOTEMPTY;
    NOTRECOVERABLE = 56, "state not recoverable", from NOTRECOVERABLE;
    NOTSOCK = 57, "not a socket", from NOTSOCK;
    NOTSUP = 58, "not supported", from OPNOTSUPP;
    NOTTY = 59, "inappropriate control operation", from NOTTY;
    NXIO = 60, "no such device or address", from NXIO | NOMEDIUM;
    OVERFLOW = 61, "value too large for its type", from OVERFLOW;
    OWNERDEAD = 62, "previous owner died", from OWNERDEAD;
    PERM = 63, "operation not permitted", from PERM;
    PIPE = 64, "broken pipe", from PIPE | STRPIPE | SHUTDOWN;
    PROTO = 65, "protocol error", from PROTO;
    PROTONOSUPPORT = 66, "protocol not supported", from PROTONOSUPPORT | SOCKTNOSUPPORT;
    PROTOTYPE = 67, "protocol wrong type for socket", from PROTOTYPE;
    RANGE = 68, "result too large", from RANGE;
    ROFS = 69, "read-only file system", from ROFS;
    SPIPE = 70, "invalid seek", from SPIPE;
    SRCH = 71, "no such process", from SRCH;
    STALE = 72, "stale file handle", from STALE;
    TIMEDOUT = 73, "timed out", from TIMEDOUT | TIME;
    TXTBSY = 74, "text file busy", from TXTBSY;
    XDEV = 75, "link across devices", from XDEV;
    NOTCAPABLE = 76, "the descriptor lacks the right";
}

impl Errno {
    /// The number a WASI function returns.
    pub fn raw(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning())
    }
}

impl std::error::Error for Errno {}

/// What the functions of this crate return: a value, or the error number for the program.
pub(crate) type Result<T> = std::result::Result<T, Errno>;
