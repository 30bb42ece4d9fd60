//! What a process does with a socket of IP: the calls, each with what it says to the process.

use std::net::SocketAddr;

use ebpf_core::Errno;
use ebpf_core::system::SystemError;

use super::socket::{Datagram, MockSocket, SocketKind};
use crate::dispatch::Stop;
use crate::system::refused;

impl MockSocket {
    /// Whether it has addresses of IP.
    fn is_of_ip(&self) -> Result<(), Stop> {
        match self.kind() {
            SocketKind::Tcp | SocketKind::Udp => Ok(()),
            _ => Err(Errno::EOPNOTSUPP.into()),
        }
    }

    /// Gives it an address; a port of 0 is chosen. Programs of its control group are asked before, and may say another
    /// address; and once more when it is bound.
    ///
    /// # Errors
    /// `EADDRINUSE` if another socket has it, unless both share it; `EADDRNOTAVAIL` if no interface has it; `EINVAL` if the
    /// socket has one; `EAFNOSUPPORT` for another family's; `EACCES` for ports below 1024, unless the task is root's or a
    /// program allows it; `EPERM`, or what the program says, where one forbids it; `EOPNOTSUPP` for sockets without
    /// addresses of IP; what a program did wrong.
    #[doc(alias = "BPF_CGROUP_INET4_BIND")]
    #[doc(alias = "BPF_CGROUP_INET6_BIND")]
    #[doc(alias = "BPF_CGROUP_INET4_POST_BIND")]
    #[doc(alias = "BPF_CGROUP_INET6_POST_BIND")]
    pub fn bind(&self, to: impl Into<SocketAddr>) -> Result<SocketAddr, SystemError> {
        let to = to.into();
        let bound = self
            .is_of_ip()
            .and_then(|()| self.kernel().bind_socket(self.object(), to));
        bound.map_err(|stop| stop.of("bind", format!("a socket to {to}")))
    }

    /// Takes connections from now on; one without an address is given one.
    ///
    /// # Errors
    /// `EOPNOTSUPP` for sockets that do not speak TCP; `EINVAL` if it is connected; what a program did wrong.
    #[doc(alias = "BPF_SOCK_OPS_TCP_LISTEN_CB")]
    pub fn listen(&self) -> Result<(), SystemError> {
        let listens = self.kernel().listen(self.object());
        listens.map_err(|stop| stop.of("listen", "on a socket"))
    }

    /// Connects it. Programs of its control group are asked before, and may say another address. Of TCP, a socket of the
    /// same namespace has to listen there; of UDP it is what is sent to, and heard.
    ///
    /// # Errors
    /// `EISCONN` for one that is; `ENETUNREACH` where no interface leads to; `ECONNREFUSED` where nobody listens;
    /// `ETIMEDOUT` for other machines, of which none answers; `EAFNOSUPPORT` for another family's address; `EPERM`, or
    /// what the program says, where one forbids it; `EOPNOTSUPP` for sockets without addresses of IP; what a program did
    /// wrong.
    #[doc(alias = "BPF_CGROUP_INET4_CONNECT")]
    #[doc(alias = "BPF_CGROUP_INET6_CONNECT")]
    pub fn connect(&self, to: impl Into<SocketAddr>) -> Result<(), SystemError> {
        let to = to.into();
        let connected = self
            .is_of_ip()
            .and_then(|()| self.kernel().connect_socket(self.object(), to));
        connected.map_err(|stop| stop.of("connect", format!("a socket to {to}")))
    }

    /// The next connection that was made to it.
    ///
    /// # Errors
    /// `EAGAIN` if there is none; `EINVAL` if it does not listen.
    pub fn accept(&self) -> Result<MockSocket, SystemError> {
        let accepted = self.kernel().accept(self.object());
        let accepted = accepted.map_err(|errno| refused("accept", "a connection", errno, None))?;
        Ok(MockSocket::open(self.kernel(), accepted))
    }

    /// Sends over a connection: bytes of TCP, of which it says how many were taken, or a datagram.
    ///
    /// # Errors
    /// `EPIPE` if it is not connected, of UDP `EDESTADDRREQ`; `EAGAIN` while the other side has 4 MiB that it has not read;
    /// `EACCES` where a program of a map of sockets drops them; what a program did wrong.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, SystemError> {
        let sent = match self.kind() {
            SocketKind::Tcp => self.kernel().send_stream(self.object(), bytes),
            SocketKind::Udp => self.send_connected(bytes),
            _ => Err(Errno::EOPNOTSUPP.into()),
        };
        sent.map_err(|stop| stop.of("send", "over a connection"))
    }

    /// Up to so many bytes that were sent to it over a connection; none at its end.
    ///
    /// # Errors
    /// `EAGAIN` if there are none yet; `ENOTCONN` if it is not connected; `EOPNOTSUPP` for sockets that do not speak TCP;
    /// what became of the connection.
    pub fn read(&self, most: usize) -> Result<Vec<u8>, SystemError> {
        let read = self.kernel().read_stream(self.object(), most);
        read.map_err(|errno| refused("read", "from a connection", errno, None))
    }

    /// The next datagram that it received, or frame. Programs of its control group may say another sender.
    ///
    /// # Errors
    /// `EAGAIN` if there is none; what a program did wrong.
    #[doc(alias = "recvfrom")]
    #[doc(alias = "BPF_CGROUP_UDP4_RECVMSG")]
    #[doc(alias = "BPF_CGROUP_UDP6_RECVMSG")]
    pub fn receive(&self) -> Result<Datagram, SystemError> {
        let received = self.kernel().receive_datagram(self.object());
        received.map_err(|stop| stop.of("receive", "a datagram"))
    }

    /// Its address, as a process is told: programs of its control group may say another one.
    ///
    /// # Errors
    /// `EOPNOTSUPP` for sockets without addresses of IP; what the program says; what it did wrong.
    #[doc(alias = "getsockname")]
    #[doc(alias = "BPF_CGROUP_INET4_GETSOCKNAME")]
    #[doc(alias = "BPF_CGROUP_INET6_GETSOCKNAME")]
    pub fn name(&self) -> Result<SocketAddr, SystemError> {
        let named = self
            .is_of_ip()
            .and_then(|()| self.kernel().name_of(self.object()));
        named.map_err(|stop| stop.of("name", "a socket"))
    }

    /// The address that it is connected to, as a process is told: programs of its control group may say another one.
    ///
    /// # Errors
    /// As [`MockSocket::name`]; `ENOTCONN` if it is not connected.
    #[doc(alias = "getpeername")]
    #[doc(alias = "BPF_CGROUP_INET4_GETPEERNAME")]
    #[doc(alias = "BPF_CGROUP_INET6_GETPEERNAME")]
    pub fn peer_name(&self) -> Result<SocketAddr, SystemError> {
        let named = self
            .is_of_ip()
            .and_then(|()| self.kernel().peer_name_of(self.object()));
        named.map_err(|stop| stop.of("name", "the peer of a socket"))
    }

    /// Sets an option, by the numbers of its level and name. Programs of its control group may say another one, or another
    /// value.
    ///
    /// The simulated sockets have 37 options of sockets, IP, IPv6 and TCP. Few of them mean anything: the mark, the
    /// priority, the interface, whether a port is shared.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for one that it does not have; `EINVAL` for a value that cannot be; `EPERM` for what only root sets,
    /// or what the program says, where one forbids it; `EFAULT` where it says a length that cannot be; what it did wrong.
    #[doc(alias = "setsockopt")]
    #[doc(alias = "BPF_CGROUP_SETSOCKOPT")]
    pub fn set_option(&self, level: i32, name: i32, value: &[u8]) -> Result<(), SystemError> {
        let set = self
            .kernel()
            .set_socket_option(self.object(), (level, name), value);
        set.map_err(|stop| stop.of("set option", format!("{name} of level {level}")))
    }

    /// What an option is, for a process that has room for so many bytes: programs of its control group may say otherwise.
    ///
    /// # Errors
    /// As [`MockSocket::set_option`].
    #[doc(alias = "getsockopt")]
    #[doc(alias = "BPF_CGROUP_GETSOCKOPT")]
    pub fn option(&self, level: i32, name: i32, room: usize) -> Result<Vec<u8>, SystemError> {
        let got = self
            .kernel()
            .socket_option(self.object(), (level, name), room);
        got.map_err(|stop| stop.of("get option", format!("{name} of level {level}")))
    }

    /// Closes it, as dropping does.
    ///
    /// # Errors
    /// What programs did wrong that were told so.
    #[doc(alias = "BPF_CGROUP_INET_SOCK_RELEASE")]
    pub fn close(self) -> Result<(), SystemError> {
        match self.object().close() {
            true => self.kernel().close_socket(self.object()),
            false => Ok(()),
        }
        .map_err(|stop| stop.of("close", "a socket"))
    }
}
