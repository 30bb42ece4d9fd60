//! Real datagrams and connections: those who send them, and those who take them.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use ebpf_examples::basic_firewall::Action;
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, bind, connect, socket};

use crate::flags::Flags;
use crate::plan;
use crate::verdict::Behind;

/// How long an allowed connection may take to open or to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long anyone sleeps between looks at the flags.
const NAP: Duration = Duration::from_millis(20);

/// What arrived at the receiver's sockets, past the firewall.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    datagrams: Mutex<HashMap<IpAddr, u64>>,
    connections: Mutex<HashMap<IpAddr, u64>>,
    conversations: AtomicU64,
}

impl Arrivals {
    /// What arrived so far.
    pub(crate) fn behind(&self) -> Behind {
        let (datagrams, _) = self.of_sources_to(Action::Pass);
        let (wrong_datagrams, wrong_connections) = self.of_sources_to(Action::Drop);
        Behind {
            datagrams,
            conversations: self.conversations.load(Ordering::Relaxed),
            wrong_datagrams,
            wrong_connections,
        }
    }

    /// Datagrams and connections that arrived from addresses to be treated so.
    fn of_sources_to(&self, action: Action) -> (u64, u64) {
        let count = |arrived: &Mutex<HashMap<IpAddr, u64>>| {
            let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
            plan::sources_to(action)
                .filter_map(|source| arrived.get(&source))
                .sum()
        };
        (count(&self.datagrams), count(&self.connections))
    }

    fn note(arrived: &Mutex<HashMap<IpAddr, u64>>, from: SocketAddr) {
        *arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(from.ip())
            .or_default() += 1;
    }
}

/// The receiver's sockets on one address. They are open, so that nothing is refused, once this value is there.
#[derive(Debug)]
pub(crate) struct Server {
    udp: UdpSocket,
    tcp: TcpListener,
}

impl Server {
    /// The servers of both families, in the calling thread's namespace.
    pub(crate) fn open_all() -> Result<Vec<Self>> {
        let [(ipv4, _), (ipv6, _), ..] = plan::RECEIVER;
        [ipv4, ipv6].into_iter().map(Self::open).collect()
    }

    fn open(address: IpAddr) -> Result<Self> {
        let open = || {
            let udp = UdpSocket::bind((address, plan::UDP_PORT))?;
            let tcp = TcpListener::bind((address, plan::TCP_PORT))?;
            udp.set_nonblocking(true)?;
            tcp.set_nonblocking(true)?;
            Ok::<_, io::Error>(Self { udp, tcp })
        };
        open().with_context(|| format!("open the receiver's sockets on {address}"))
    }

    /// Takes datagrams until the demo is over.
    pub(crate) fn take_datagrams(&self, arrivals: &Arrivals, flags: &Flags) -> Result<()> {
        let mut buffer = [0; 2048];
        while !flags.over() {
            match self.udp.recv_from(&mut buffer) {
                Ok((_, from)) => Arrivals::note(&arrivals.datagrams, from),
                Err(error) if is_transient(&error) => thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error).context("receive a datagram"),
            }
        }
        Ok(())
    }

    /// Takes connections until the demo is over, and sends back to each what it said.
    pub(crate) fn take_connections(&self, arrivals: &Arrivals, flags: &Flags) -> Result<()> {
        while !flags.over() {
            match self.tcp.accept() {
                Ok((stream, from)) => {
                    Arrivals::note(&arrivals.connections, from);
                    echo(stream).with_context(|| format!("answer {from}"))?;
                }
                Err(error) if is_transient(&error) => thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error).context("take a connection"),
            }
        }
        Ok(())
    }
}

/// Sends `rounds` datagrams from each address, spread over `time`. Before each round, `ready` is given how many
/// were sent, and waits until the firewall has kept up, or the interface's short queue could overflow.
///
/// Runs in the sender's namespace, as the other senders do.
pub(crate) fn send_datagrams(
    rounds: u32,
    time: Duration,
    flags: &Flags,
    mut ready: impl FnMut(u64) -> Result<()>,
) -> Result<()> {
    let start = Instant::now();
    let senders = plan::sources()
        .map(|(_, source)| {
            let socket = UdpSocket::bind((source, 0))
                .with_context(|| format!("open a socket on {source}"))?;
            Ok((socket, plan::server_for(source, plan::UDP_PORT)))
        })
        .collect::<Result<Vec<_>>>()?;
    for round in 0..rounds {
        ready(u64::from(round) * senders.len() as u64)?;
        for (socket, to) in &senders {
            socket
                .send_to(plan::DATAGRAM, to)
                .with_context(|| format!("send a datagram to {to}"))?;
        }
        let due = time.mul_f64(f64::from(round + 1) / f64::from(rounds));
        while start.elapsed() < due {
            if flags.enough() {
                return Ok(());
            }
            thread::sleep((due - start.elapsed().min(due)).min(NAP));
        }
    }
    Ok(())
}

/// Opens connection after connection from an allowed address until it is enough, and checks what comes back.
pub(crate) fn converse(source: IpAddr, arrivals: &Arrivals, flags: &Flags) -> Result<()> {
    while !flags.enough() {
        converse_once(source)
            .with_context(|| format!("talk over TCP from {source}, which is allowed"))?;
        arrivals.conversations.fetch_add(1, Ordering::Relaxed);
        thread::sleep(NAP * 5);
    }
    Ok(())
}

/// Tries to connect from an address that is dropped, and lets the kernel repeat its requests until it is enough.
pub(crate) fn knock(source: IpAddr, flags: &Flags) -> Result<()> {
    let attempts = (0..plan::ATTEMPTS)
        .map(|_| start_connecting(source))
        .collect::<Result<Vec<_>>>()?;
    while !flags.enough() {
        thread::sleep(NAP);
    }
    for attempt in attempts {
        ensure!(
            attempt.peer_addr().is_err(),
            "{source} is to be dropped, yet it got a connection"
        );
    }
    Ok(())
}

fn converse_once(source: IpAddr) -> Result<()> {
    let mut stream = start_connecting(source)?;
    match talk(&mut stream) {
        Ok(answer) => ensure!(
            answer == plan::SPEECH,
            "what came back is not what was said"
        ),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            bail!("no answer within {PATIENCE:?}")
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Says the speech, hangs up, and gives what came back.
fn talk(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // The first write waits until the connection is open.
    stream.write_all(plan::SPEECH)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Begins to connect from `source` and does not wait for an answer.
fn start_connecting(source: IpAddr) -> Result<TcpStream> {
    let to = plan::server_for(source, plan::TCP_PORT);
    let start = || {
        let family = if source.is_ipv4() {
            AddressFamily::Inet
        } else {
            AddressFamily::Inet6
        };
        let socket = socket(
            family,
            SockType::Stream,
            SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
            None,
        )?;
        let stream = TcpStream::from(socket);
        let fd = stream.as_raw_fd();
        bind(fd, &SockaddrStorage::from(SocketAddr::new(source, 0)))?;
        match connect(fd, &SockaddrStorage::from(to)) {
            Ok(()) | Err(Errno::EINPROGRESS) => Ok(stream),
            Err(errno) => Err(errno),
        }
    };
    start().with_context(|| format!("connect from {source} to {to}"))
}

fn echo(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut said = Vec::new();
    stream.read_to_end(&mut said)?;
    stream.write_all(&said)
}

fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
