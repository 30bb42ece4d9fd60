//! Sockets and cgroups of the kernel for cases: UDP on the loopback of the case's namespace.

use std::fs::File;
use std::io::{self, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ebpf_core::conformance::{Speaks, TestCgroup, TestEndpoint, TestSocket};
use ebpf_core::hook::{CgroupAttached, Descriptor, Place};
use ebpf_core::program::{AttachType, ProgramId};
use ebpf_core::{Errno, KernelSystem};
use ebpf_testbed::Cgroup;
use nix::sys::socket::sockopt::ReusePort;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind as bind_to, setsockopt, socket,
};

use super::endpoint;

/// Far longer than loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A socket of the kernel.
pub(super) struct Socket(UdpSocket);

/// A cgroup of the kernel.
pub(super) struct Group(pub(super) Cgroup);

/// A socket bound to a port, which others may bind too if it is shared.
pub(super) fn bind(port: u16, shared: bool) -> io::Result<Socket> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
    setsockopt(&socket, ReusePort, &shared)?;
    bind_to(socket.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, port))?;
    let socket = UdpSocket::from(socket);
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(Socket(socket))
}

fn errno(error: &io::Error) -> Errno {
    Errno(error.raw_os_error().expect("a number of the kernel"))
}

impl TestSocket for Socket {
    fn descriptor(&self) -> Descriptor<'_> {
        (&self.0).into()
    }

    fn port(&self) -> u16 {
        self.0.local_addr().expect("bound").port()
    }

    fn send(&self, port: u16, payload: &[u8]) -> Result<(), Errno> {
        let sent = self.0.send_to(payload, (Ipv4Addr::LOCALHOST, port));
        sent.map(drop).map_err(|error| errno(&error))
    }

    fn receive(&self) -> Vec<u8> {
        let mut buffer = [0; 2048];
        let length = self.0.recv(&mut buffer).expect("a datagram");
        buffer[..length].to_vec()
    }
}

impl TestCgroup for Group {
    fn place(&self) -> Place<'_> {
        self.0.path().into()
    }

    fn child(&self) -> Box<dyn TestCgroup + '_> {
        Box::new(Group(self.0.child("below").expect("a cgroup")))
    }

    fn attached(&self, hook: AttachType) -> CgroupAttached {
        let attached = KernelSystem::new().cgroup_attached(self.0.path(), hook);
        attached.expect("query")
    }

    fn effective(&self, hook: AttachType) -> Vec<ProgramId> {
        let effective = KernelSystem::new().cgroup_effective(self.0.path(), hook);
        effective.expect("query")
    }

    fn socket(&self) -> Result<Box<dyn TestSocket + '_>, Errno> {
        match self.0.run(|| bind(0, false)).expect("enter the cgroup") {
            Ok(socket) => Ok(Box::new(socket)),
            Err(error) => Err(errno(&error)),
        }
    }

    fn endpoint(&self, speaks: Speaks, ipv6: bool) -> Result<Box<dyn TestEndpoint + '_>, Errno> {
        let opened = self
            .0
            .run(|| endpoint::open(speaks, ipv6))
            .expect("enter the cgroup");
        Ok(Box::new(opened?))
    }

    fn read_sysctl(&self, name: &str) -> Result<Vec<u8>, Errno> {
        let read = || std::fs::read(sysctl(name));
        self.0
            .run(read)
            .expect("enter the cgroup")
            .map_err(|error| errno(&error))
    }

    fn write_sysctl(&self, name: &str, value: &[u8]) -> Result<(), Errno> {
        let write = || {
            let mut file = File::options().write(true).open(sysctl(name))?;
            file.write(value).map(drop)
        };
        self.0
            .run(write)
            .expect("enter the cgroup")
            .map_err(|error| errno(&error))
    }

    fn open_zero(&self, write: bool) -> Result<(), Errno> {
        let open = || {
            File::options()
                .read(!write)
                .write(write)
                .open("/dev/zero")
                .map(drop)
        };
        self.0
            .run(open)
            .expect("enter the cgroup")
            .map_err(|error| errno(&error))
    }
}

fn sysctl(name: &str) -> PathBuf {
    Path::new("/proc/sys").join(name)
}
