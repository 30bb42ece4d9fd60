//! Sockets of the kernel with the calls that a process does, each with its result. No call of its own sets an option.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ebpf_core::Errno;
use ebpf_core::conformance::{SocketOption, Speaks, TestEndpoint};
use ebpf_core::hook::Descriptor;
use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, SockaddrStorage, bind, connect,
    getpeername, getsockname, getsockopt, listen, recv, recvfrom, send, sendto, setsockopt, socket,
};
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};

/// Far longer than loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Endpoint(OwnedFd);

pub(super) fn open(speaks: Speaks, ipv6: bool) -> Result<Endpoint, Errno> {
    let family = if ipv6 {
        AddressFamily::Inet6
    } else {
        AddressFamily::Inet
    };
    let kind = match speaks {
        Speaks::Tcp => SockType::Stream,
        Speaks::Udp => SockType::Datagram,
    };
    let made = socket(family, kind, SockFlag::SOCK_CLOEXEC, None);
    made.map(Endpoint).map_err(number)
}

fn number(error: nix::errno::Errno) -> Errno {
    Errno(error as i32)
}

fn address(storage: SockaddrStorage) -> SocketAddr {
    let v4 = storage
        .as_sockaddr_in()
        .map(|v4| SocketAddr::from((v4.ip(), v4.port())));
    let v6 = || {
        storage
            .as_sockaddr_in6()
            .map(|v6| SocketAddr::from((v6.ip(), v6.port())))
    };
    v4.or_else(v6).expect("an address of IP")
}

/// Tries again while there is nothing yet.
fn patient<T>(mut what: impl FnMut() -> nix::Result<T>) -> Result<T, Errno> {
    let start = Instant::now();
    loop {
        match what() {
            Err(nix::errno::Errno::EAGAIN) if start.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(1))
            }
            Err(nix::errno::Errno::EAGAIN) => panic!("nothing comes"),
            other => return other.map_err(number),
        }
    }
}

impl Endpoint {
    fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl TestEndpoint for Endpoint {
    fn descriptor(&self) -> Descriptor<'_> {
        (&self.0).into()
    }

    fn bind(&self, to: SocketAddr) -> Result<(), Errno> {
        bind(self.number(), &SockaddrStorage::from(to)).map_err(number)
    }

    fn listen(&self) -> Result<(), Errno> {
        listen(&self.0, Backlog::new(8).expect("a backlog")).map_err(number)
    }

    fn connect(&self, to: SocketAddr) -> Result<(), Errno> {
        connect(self.number(), &SockaddrStorage::from(to)).map_err(number)
    }

    fn accept(&self) -> Box<dyn TestEndpoint + '_> {
        let listener = TcpListener::from(self.0.try_clone().expect("duplicate"));
        let (made, _) = listener.accept().expect("accept");
        Box::new(Endpoint(made.into()))
    }

    fn name(&self) -> Result<SocketAddr, Errno> {
        getsockname(self.number()).map(address).map_err(number)
    }

    fn peer_name(&self) -> Result<SocketAddr, Errno> {
        getpeername(self.number()).map(address).map_err(number)
    }

    fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        send(self.number(), bytes, MsgFlags::MSG_NOSIGNAL).map_err(number)
    }

    fn send_to(&self, payload: &[u8], to: SocketAddr) -> Result<(), Errno> {
        let sent = sendto(
            self.number(),
            payload,
            &SockaddrStorage::from(to),
            MsgFlags::empty(),
        );
        sent.map(drop).map_err(number)
    }

    fn receive(&self, bytes: usize) -> Result<Vec<u8>, Errno> {
        let mut all = Vec::new();
        while all.len() < bytes {
            let mut part = vec![0; bytes - all.len()];
            let length = patient(|| recv(self.number(), &mut part, MsgFlags::MSG_DONTWAIT))?;
            if length == 0 {
                break;
            }
            all.extend_from_slice(&part[..length]);
        }
        Ok(all)
    }

    fn receive_from(&self) -> Result<(Vec<u8>, SocketAddr), Errno> {
        let mut buffer = vec![0; 2048];
        let start = Instant::now();
        // recvfrom() of the library takes no flags.
        while let Err(nix::errno::Errno::EAGAIN) = recv(
            self.number(),
            &mut [0],
            MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_PEEK,
        ) {
            assert!(start.elapsed() < PATIENCE, "nothing comes");
            sleep(Duration::from_millis(1));
        }
        let (length, from) =
            recvfrom::<SockaddrStorage>(self.number(), &mut buffer).map_err(number)?;
        buffer.truncate(length);
        Ok((buffer, address(from.expect("a sender"))))
    }

    fn set_option(&self, option: SocketOption, value: &[u8]) -> Result<(), Errno> {
        let value = OsString::from_vec(value.to_vec());
        let set = match option {
            SocketOption::Priority => setsockopt(&self.0, Priority, &value),
            SocketOption::Mark => setsockopt(&self.0, Mark, &value),
            SocketOption::KeepAlive => setsockopt(&self.0, KeepAlive, &value),
            SocketOption::Congestion => setsockopt(&self.0, Congestion, &value),
            SocketOption::Unknown => setsockopt(&self.0, Unknown, &value),
        };
        set.map_err(number)
    }

    fn option(&self, option: SocketOption, much: bool) -> Result<Vec<u8>, Errno> {
        let got = match option {
            SocketOption::Priority if much => getsockopt(&self.0, MuchPriority),
            SocketOption::Priority => getsockopt(&self.0, Priority),
            SocketOption::Mark => getsockopt(&self.0, Mark),
            SocketOption::KeepAlive => getsockopt(&self.0, KeepAlive),
            SocketOption::Congestion => getsockopt(&self.0, Congestion),
            SocketOption::Unknown if much => getsockopt(&self.0, MuchUnknown),
            SocketOption::Unknown => getsockopt(&self.0, Unknown),
        };
        got.map(OsString::into_vec).map_err(number)
    }
}

/// Options as bytes, with room for so many.
macro_rules! options {
    ($($Name:ident $level:ident $name:path, $room:expr;)*) => {
        $(sockopt_impl!($Name, Both, libc::$level, $name, OsString<[u8; $room]>);)*
    };
}

const UNKNOWN: i32 = SocketOption::Unknown.numbers().1;

options! {
    Priority SOL_SOCKET libc::SO_PRIORITY, 16;
    MuchPriority SOL_SOCKET libc::SO_PRIORITY, SocketOption::MUCH;
    Mark SOL_SOCKET libc::SO_MARK, 16;
    KeepAlive SOL_SOCKET libc::SO_KEEPALIVE, 16;
    Congestion IPPROTO_TCP libc::TCP_CONGESTION, 16;
    Unknown SOL_SOCKET UNKNOWN, 16;
    MuchUnknown SOL_SOCKET UNKNOWN, SocketOption::MUCH;
}
