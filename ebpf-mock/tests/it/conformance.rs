//! The conformance suite on a simulated system: each case on one of its own.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ebpf_core::conformance::{
    Case, SocketOption, Speaks, TestCgroup, TestEndpoint, TestOwner, TestSocket, Testbed,
};
use ebpf_core::hook::{CgroupAttached, Descriptor, Interface, Place};
use ebpf_core::map::MapType;
use ebpf_core::program::{AttachType, ProgramId};
use ebpf_core::system::SystemError;
use ebpf_core::{Errno, System};
use ebpf_mock::fault::FaultInjector;
use ebpf_mock::{
    DeviceAccess, DeviceKind, MockCgroup, MockSocket, MockSystem, SocketKind, TaskSpec,
};

use crate::{machines, owners, watchdog};

ebpf_core::conformance_tests!(crate::conformance::run);

struct Mock {
    machine: MockSystem,
    /// What the cases see of it.
    system: Box<dyn System>,
    pins: PathBuf,
    interfaces: Vec<Interface>,
    /// How many control groups were made.
    cgroups: Cell<u32>,
}

pub(crate) fn run(case: Case) {
    run_on(case, |machine| Box::new(machine.clone()));
}

/// With a wrapper around the system that injects nothing.
pub(crate) fn run_injected(case: Case) {
    run_on(case, |machine| {
        Box::new(FaultInjector::new(machine.clone()))
    });
}

fn run_on(case: Case, seen: impl Fn(&MockSystem) -> Box<dyn System>) {
    watchdog::watch();
    let machine = machines::of(case);
    let pins = PathBuf::from("/sys/fs/bpf/pins");
    machine
        .create_bpffs_dir(&pins)
        .expect("a directory for pins");
    let interfaces = ["near", "far"].map(|name| machine.add_interface(name).expect("an interface"));
    case.run(&Mock {
        system: seen(&machine),
        machine,
        pins,
        interfaces: interfaces.to_vec(),
        cgroups: Cell::new(0),
    });
}

impl Testbed for Mock {
    fn system(&self) -> &dyn System {
        &*self.system
    }

    fn pins(&self) -> &Path {
        &self.pins
    }

    fn interfaces(&self) -> Vec<Interface> {
        self.interfaces.clone()
    }

    fn owner(&self, map_type: MapType) -> Option<Box<dyn TestOwner + '_>> {
        let number = self.cgroups.replace(self.cgroups.get() + 1);
        Some(owners::of(map_type, &self.machine, number))
    }

    fn socket(&self, port: u16, shared: bool) -> Option<Box<dyn TestSocket + '_>> {
        let socket = Socket::bound(&self.machine, port, shared);
        Some(Box::new(socket.expect("a socket")))
    }

    fn cgroup(&self) -> Result<Box<dyn TestCgroup + '_>, String> {
        let root = Path::new("/sys/fs/cgroup");
        Ok(Box::new(Group::below(root, &self.machine, &self.cgroups)))
    }

    fn current_task(&self) -> u64 {
        self.machine.current_task().pid_tgid()
    }

    fn pass(&self, time: Duration) {
        let advanced = self.machine.advance_clock(time);
        advanced.expect("time goes by");
    }

    fn system_call(&self) {
        let called = self.machine.system_call("getppid", &[], 1);
        called.expect("a system call");
    }

    fn skip(&self, case: &str, why: &str) {
        panic!("{case}: {why}: nothing is skipped on a simulated system");
    }
}

/// A socket on the loopback interface.
struct Socket {
    socket: MockSocket,
    port: u16,
}

impl Socket {
    fn bound(machine: &MockSystem, port: u16, shared: bool) -> Result<Socket, Errno> {
        let socket = machine.open_socket(SocketKind::Udp).map_err(errno_of)?;
        socket.set_share_port(shared);
        let address = socket.bind((Ipv4Addr::LOCALHOST, port)).expect("bind");
        Ok(Socket {
            socket,
            port: address.port(),
        })
    }
}

fn errno_of(error: SystemError) -> Errno {
    error.errno().unwrap_or_else(|| panic!("{error}"))
}

impl TestSocket for Socket {
    fn descriptor(&self) -> Descriptor<'_> {
        (&self.socket).into()
    }

    fn port(&self) -> u16 {
        self.port
    }

    fn send(&self, port: u16, payload: &[u8]) -> Result<(), Errno> {
        let sent = self.socket.send_to(payload, (Ipv4Addr::LOCALHOST, port));
        sent.map_err(errno_of)
    }

    fn receive(&self) -> Vec<u8> {
        self.socket.receive().expect("a datagram").payload
    }
}

/// A control group with a task in it.
struct Group<'m> {
    machine: &'m MockSystem,
    made: &'m Cell<u32>,
    group: MockCgroup,
}

impl<'m> Group<'m> {
    fn below(path: &Path, machine: &'m MockSystem, made: &'m Cell<u32>) -> Group<'m> {
        made.set(made.get() + 1);
        let path = path.join(format!("case{}", made.get()));
        Group {
            group: machine.create_cgroup(path).expect("a control group"),
            machine,
            made,
        }
    }
}

impl Group<'_> {
    /// Does something as a task of the group.
    fn inside<T>(&self, act: impl FnOnce() -> T) -> T {
        let task = TaskSpec::new("inside").cgroup(&self.group);
        let task = self.machine.add_task(task).expect("a task");
        self.machine.run_as(&task, act)
    }
}

impl TestCgroup for Group<'_> {
    fn place(&self) -> Place<'_> {
        (&self.group).into()
    }

    fn child(&self) -> Box<dyn TestCgroup + '_> {
        Box::new(Group::below(self.group.path(), self.machine, self.made))
    }

    fn attached(&self, hook: AttachType) -> CgroupAttached {
        let attached = self.machine.cgroup_attached(&self.group, hook);
        attached.expect("query")
    }

    fn effective(&self, hook: AttachType) -> Vec<ProgramId> {
        let effective = self.machine.cgroup_effective(&self.group, hook);
        effective.expect("query")
    }

    fn socket(&self) -> Result<Box<dyn TestSocket + '_>, Errno> {
        let socket = self.inside(|| Socket::bound(self.machine, 0, false));
        Ok(Box::new(socket?))
    }

    fn endpoint(&self, speaks: Speaks, ipv6: bool) -> Result<Box<dyn TestEndpoint + '_>, Errno> {
        let kind = match speaks {
            Speaks::Tcp => SocketKind::Tcp,
            Speaks::Udp => SocketKind::Udp,
        };
        let open = || match ipv6 {
            true => self.machine.open_ipv6_socket(kind),
            false => self.machine.open_ipv4_socket(kind),
        };
        let socket = self.inside(open).map_err(errno_of)?;
        Ok(Box::new(Endpoint(socket)))
    }

    fn read_sysctl(&self, name: &str) -> Result<Vec<u8>, Errno> {
        let read = self.inside(|| self.machine.read_sysctl(name));
        read.map_err(errno_of)
    }

    fn write_sysctl(&self, name: &str, value: &[u8]) -> Result<(), Errno> {
        let written = self.inside(|| self.machine.write_sysctl(name, value));
        written.map_err(errno_of)
    }

    fn open_zero(&self, write: bool) -> Result<(), Errno> {
        let access = if write {
            DeviceAccess::Write
        } else {
            DeviceAccess::Read
        };
        let opened = self.inside(|| {
            self.machine
                .open_device(DeviceKind::Character, (1, 5), access)
        });
        opened.map_err(errno_of)
    }
}

/// A socket with the calls of a process.
struct Endpoint(MockSocket);

impl TestEndpoint for Endpoint {
    fn descriptor(&self) -> Descriptor<'_> {
        (&self.0).into()
    }

    fn bind(&self, to: SocketAddr) -> Result<(), Errno> {
        self.0.bind(to).map(drop).map_err(errno_of)
    }

    fn listen(&self) -> Result<(), Errno> {
        self.0.listen().map_err(errno_of)
    }

    fn connect(&self, to: SocketAddr) -> Result<(), Errno> {
        self.0.connect(to).map_err(errno_of)
    }

    fn accept(&self) -> Box<dyn TestEndpoint + '_> {
        Box::new(Endpoint(self.0.accept().expect("accept")))
    }

    fn name(&self) -> Result<SocketAddr, Errno> {
        self.0.name().map_err(errno_of)
    }

    fn peer_name(&self) -> Result<SocketAddr, Errno> {
        self.0.peer_name().map_err(errno_of)
    }

    fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.0.send(bytes).map_err(errno_of)
    }

    fn send_to(&self, payload: &[u8], to: SocketAddr) -> Result<(), Errno> {
        self.0.send_to(payload, to).map_err(errno_of)
    }

    fn receive(&self, bytes: usize) -> Result<Vec<u8>, Errno> {
        if self.0.kind() == SocketKind::Udp {
            return Ok(self.0.receive().expect("a datagram").payload);
        }
        let mut all = Vec::new();
        while all.len() < bytes {
            match self.0.read(bytes - all.len()) {
                Ok(part) if part.is_empty() => break,
                Ok(part) => all.extend_from_slice(&part),
                Err(error) if error.errno() == Some(Errno::EAGAIN) => {
                    panic!("nothing comes: {all:?}")
                }
                Err(error) => return Err(errno_of(error)),
            }
        }
        Ok(all)
    }

    fn receive_from(&self) -> Result<(Vec<u8>, SocketAddr), Errno> {
        let datagram = self.0.receive().map_err(errno_of)?;
        Ok((datagram.payload, datagram.from.expect("a sender")))
    }

    fn set_option(&self, option: SocketOption, value: &[u8]) -> Result<(), Errno> {
        let (level, name) = option.numbers();
        self.0.set_option(level, name, value).map_err(errno_of)
    }

    fn option(&self, option: SocketOption, much: bool) -> Result<Vec<u8>, Errno> {
        let (level, name) = option.numbers();
        let room = if much { SocketOption::MUCH } else { 16 };
        let mut value = self.0.option(level, name, room).map_err(errno_of)?;
        while value.last() == Some(&0) {
            value.pop();
        }
        Ok(value)
    }
}
