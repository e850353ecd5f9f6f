//! Sockets, with sockets of the standard library at the other end.

mod harness;
use harness::{Guest, Scratch, call};
use lazywasm_wasi_shim::types::{fdflags, filetype, sock};
use lazywasm_wasi_shim::{Errno, WasiCtx};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixDatagram, UnixStream};

/// A program given one listening socket, as descriptor 3, and its address.
fn listening() -> (Guest, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (
        Guest::new(
            WasiCtx::builder()
                .preopened_socket(listener)
                .build()
                .unwrap(),
        ),
        address,
    )
}

#[test]
fn a_conversation() {
    let (mut guest, address) = listening();
    let guest = &mut guest;
    let mut peer = TcpStream::connect(address).unwrap();
    assert_eq!(guest.fdstat(3).unwrap().0, filetype::SOCKET_STREAM);
    call!(guest, sock_accept, 3, 0, 16).unwrap();
    let fd = guest.u32(16);
    assert_eq!(guest.fdstat(fd).unwrap().0, filetype::SOCKET_STREAM);

    peer.write_all(b"hello").unwrap();
    let (iovs, count) = guest.iovecs(&[(64, 2), (80, 10)]);
    call!(guest, sock_recv, fd, iovs, count, sock::RECV_PEEK, 16, 20).unwrap();
    assert_eq!((guest.u32(16), guest.u16(20)), (5, 0));
    guest.bytes[64..90].fill(0);
    call!(guest, sock_recv, fd, iovs, count, 0, 16, 20).unwrap();
    assert_eq!(guest.u32(16), 5);
    assert_eq!(
        (&guest.bytes[64..67], &guest.bytes[80..84]),
        (&b"he\0"[..], &b"llo\0"[..])
    );

    let data = guest.put(b"answer");
    let (iovs, count) = guest.iovecs(&[data]);
    call!(guest, sock_send, fd, iovs, count, 0, 16).unwrap();
    assert_eq!(guest.u32(16), 6);
    // Plain reading and writing work on sockets too.
    guest.write(fd, b"!").unwrap();
    call!(guest, sock_shutdown, fd, sock::SHUT_WR).unwrap();
    let mut heard = String::new();
    peer.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "answer!");
    assert_eq!(
        call!(guest, sock_send, fd, iovs, count, 0, 16),
        Err(Errno::PIPE)
    );
    drop(peer);
    assert_eq!(guest.read(fd, 5).unwrap(), b"");
}

/// More than the system takes in one call: a stream takes a part, a message is refused completely.
#[test]
fn thousands_of_buffers() {
    let (stream, peer) = UnixStream::pair().unwrap();
    let (datagram, other) = UnixDatagram::pair().unwrap();
    let mut builder = WasiCtx::builder();
    builder.stdout(stream).stderr(datagram);
    let guest = &mut Guest::new(builder.build().unwrap());
    let (ab, _) = guest.put(b"ab");
    let (iovs, count) = guest.iovecs(&[(ab, 2); 2000]);
    call!(guest, sock_send, 1, iovs, count, 0, 16).unwrap();
    assert_eq!(guest.u32(16), 2048);
    call!(guest, fd_write, 1, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 2048);
    assert_eq!(
        call!(guest, sock_send, 2, iovs, count, 0, 16),
        Err(Errno::MSGSIZE)
    );

    // With no bytes, only sending makes a message.
    assert_eq!(guest.write(2, b""), Ok(0));
    other.set_nonblocking(true).unwrap();
    assert!(other.recv(&mut [0; 8]).is_err());
    call!(guest, sock_send, 2, iovs, 0, 0, 16).unwrap();
    assert_eq!(other.recv(&mut [0; 8]).unwrap(), 0);

    (&peer).write_all(&[7; 3000]).unwrap();
    let room = guest.alloc(2000);
    let buffers: Vec<_> = (0..2000).map(|index| (room + index, 1)).collect();
    let (iovs, count) = guest.iovecs(&buffers);
    call!(guest, sock_recv, 1, iovs, count, 0, 16, 20).unwrap();
    assert_eq!(guest.u32(16), 1024);
    call!(guest, fd_read, 1, iovs, count, 16).unwrap();
    assert_eq!(guest.u32(16), 1024);
}

#[test]
fn waiting_for_all() {
    let (mut guest, address) = listening();
    let guest = &mut guest;
    let thread = std::thread::spawn(move || {
        let mut peer = TcpStream::connect(address).unwrap();
        peer.write_all(b"one").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(30));
        peer.write_all(b"two").unwrap();
        peer
    });
    call!(guest, sock_accept, 3, 0, 16).unwrap();
    let fd = guest.u32(16);
    let (iovs, count) = guest.iovecs(&[(64, 6)]);
    call!(
        guest,
        sock_recv,
        fd,
        iovs,
        count,
        sock::RECV_WAITALL,
        16,
        20
    )
    .unwrap();
    assert_eq!((guest.u32(16), &guest.bytes[64..70]), (6, &b"onetwo"[..]));
    drop(thread.join().unwrap());
}

#[test]
fn not_waiting() {
    let (mut guest, address) = listening();
    let guest = &mut guest;
    call!(guest, fd_fdstat_set_flags, 3, fdflags::NONBLOCK).unwrap();
    assert_eq!(call!(guest, sock_accept, 3, 0, 16), Err(Errno::AGAIN));
    let _peer = TcpStream::connect(address).unwrap();
    // The connection may take a moment to reach the queue.
    let accepted = (0..1000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        call!(guest, sock_accept, 3, fdflags::NONBLOCK, 16).is_ok()
    });
    assert!(accepted);
    let fd = guest.u32(16);
    assert_eq!(guest.fdstat(fd).unwrap().1, fdflags::NONBLOCK as u16);
    assert_eq!(guest.read(fd, 1), Err(Errno::AGAIN));
}

#[test]
fn wrong_descriptors_and_flags() {
    let scratch = Scratch::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut builder = WasiCtx::builder();
    builder
        .preopened_socket(listener)
        .preopened_dir(scratch.path(), "/", false);
    let guest = &mut Guest::new(builder.build().unwrap());
    // Directories come first, whatever the order of the calls.
    call!(guest, fd_prestat_get, 3, 16).unwrap();
    assert_eq!(call!(guest, sock_accept, 3, 0, 16), Err(Errno::NOTSOCK));
    assert_eq!(call!(guest, sock_accept, 9, 0, 16), Err(Errno::BADF));
    assert_eq!(
        call!(guest, sock_accept, 4, fdflags::APPEND, 16),
        Err(Errno::INVAL)
    );
    assert_eq!(call!(guest, sock_shutdown, 1, 1), Err(Errno::NOTSOCK));
    assert_eq!(call!(guest, sock_shutdown, 9, 1), Err(Errno::BADF));
    assert_eq!(call!(guest, sock_shutdown, 4, 0), Err(Errno::INVAL));
    assert_eq!(call!(guest, sock_shutdown, 4, 4), Err(Errno::INVAL));
    assert_eq!(call!(guest, sock_send, 3, 0, 0, 0, 16), Err(Errno::NOTSOCK));
    assert_eq!(call!(guest, sock_send, 4, 0, 0, 1, 16), Err(Errno::INVAL));
    assert_eq!(
        call!(guest, sock_recv, 4, 0, 0, 4, 16, 20),
        Err(Errno::INVAL)
    );
    assert_eq!(guest.seek(4, 0, 0), Err(Errno::SPIPE));
    assert_eq!(
        call!(guest, sock_recv, 4, 0, 0, 0, 16, 20),
        Err(Errno::NOTCONN)
    );
}
