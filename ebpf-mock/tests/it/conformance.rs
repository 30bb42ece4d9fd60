//! The conformance suite on a simulated system: each case on one of its own.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ebpf_core::conformance::{Case, TestCgroup, TestOwner, TestSocket, Testbed};
use ebpf_core::hook::{CgroupAttached, Descriptor, Interface, Place};
use ebpf_core::map::MapType;
use ebpf_core::program::{AttachType, ProgramId};
use ebpf_core::system::SystemError;
use ebpf_core::{Errno, System};
use ebpf_mock::fault::FaultInjector;
use ebpf_mock::{MockCgroup, MockSocket, MockSystem, SocketKind, TaskSpec};

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
        let task = TaskSpec::new("inside").cgroup(&self.group);
        let task = self.machine.add_task(task).expect("a task");
        let socket = self
            .machine
            .run_as(&task, || Socket::bound(self.machine, 0, false));
        Ok(Box::new(socket?))
    }
}
