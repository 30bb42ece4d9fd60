//! What maps refer to, on both systems: programs, sockets, control groups, interfaces.

use std::env;
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use ebpf_core::conformance::code;
use ebpf_core::hook::{Descriptor, Interface};
use ebpf_core::program::{AttachType, Program, ProgramFlags, ProgramSpec, ProgramType};
use ebpf_core::system::{Bindings, Cpus};
use ebpf_core::{KernelSystem, System};
use ebpf_mock::{MockCgroup, MockFile, MockSocket, MockSystem, MockTask, SocketKind};
use ebpf_testbed::{Cgroup, Sandbox, Veth};
use nix::sys::socket::sockopt::{PeerPidfd, ReusePort};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, bind, getsockopt, listen, setsockopt,
    socket,
};

/// The kinds of the sockets, by number.
pub(crate) const SOCKETS: [SocketKind; 4] = [
    SocketKind::Udp,
    SocketKind::Tcp,
    SocketKind::Unix,
    SocketKind::Udp,
];

/// How many programs there are.
pub(crate) const PROGRAMS: usize = 6;

/// How many interfaces there are, the loopback one included.
pub(crate) const INTERFACES: usize = 3;

/// How many files there are.
pub(crate) const FILES: usize = 2;

/// How many control groups there are.
pub(crate) const CGROUPS: usize = 2;

/// A system and what its maps may refer to.
pub(crate) trait World {
    fn system(&self) -> &dyn System;
    fn programs(&self) -> &[Arc<dyn Program>];
    fn socket(&self, index: usize) -> Descriptor<'_>;
    /// Closes a socket and opens another of its kind.
    fn renew(&mut self, index: usize);
    fn cgroup(&self, index: usize) -> Descriptor<'_>;
    fn file(&self, index: usize) -> Descriptor<'_>;
    fn task(&self) -> Descriptor<'_>;
    fn interface(&self, index: usize) -> u32;
}

fn program_specs() -> [ProgramSpec; PROGRAMS] {
    let returning = |program_type| code(program_type, "r0 = 1\nexit");
    let hooked = |attach_type| {
        let mut spec = returning(ProgramType::XDP);
        spec.expected_attach_type = Some(attach_type);
        spec
    };
    let mut fragments = returning(ProgramType::XDP);
    fragments.flags = ProgramFlags::XDP_HAS_FRAGS;
    [
        returning(ProgramType::XDP),
        hooked(AttachType::XDP_DEVMAP),
        hooked(AttachType::XDP_CPUMAP),
        returning(ProgramType::SOCKET_FILTER),
        returning(ProgramType::SCHED_CLS),
        fragments,
    ]
}

pub(crate) fn load_programs(system: &dyn System) -> Vec<Arc<dyn Program>> {
    program_specs()
        .iter()
        .map(|spec| {
            system
                .load_program(spec, &Bindings::default())
                .unwrap_or_else(|error| panic!("{error:#}"))
        })
        .collect()
}

/// What of the kernel lasts as long as the run.
pub(crate) struct Ground {
    system: KernelSystem,
    cpus: Cpus,
    programs: Vec<Arc<dyn Program>>,
    cgroups: Vec<(Cgroup, File)>,
    files: Vec<File>,
    task: OwnedFd,
    interfaces: [u32; INTERFACES],
    _veth: Veth,
    sandbox: Sandbox,
}

impl Ground {
    pub(crate) fn new() -> Ground {
        let sandbox = Sandbox::new().expect("namespaces");
        let veth = Veth::pair("near", "far").expect("a veth pair");
        veth.set_up().expect("bring up the veth pair");
        let system = KernelSystem::new();
        let cgroup = || {
            let cgroup = Cgroup::new(&sandbox).expect("a control group");
            let directory = File::open(cgroup.path()).expect("its directory");
            (cgroup, directory)
        };
        Ground {
            cpus: system.cpus().expect("CPUs"),
            programs: load_programs(&system),
            cgroups: (0..CGROUPS).map(|_| cgroup()).collect(),
            files: (0..FILES).map(|_| nameless_file()).collect(),
            task: this_process(),
            interfaces: [1, veth.near().index(), veth.far().index()],
            _veth: veth,
            sandbox,
            system,
        }
    }

    /// The CPUs of the machine.
    pub(crate) fn cpus(&self) -> &Cpus {
        &self.cpus
    }

    /// Where pins may be.
    pub(crate) fn bpffs(&self) -> &Path {
        self.sandbox.bpffs()
    }

    pub(crate) fn programs(&self) -> &[Arc<dyn Program>] {
        &self.programs
    }

    pub(crate) fn system(&self) -> &KernelSystem {
        &self.system
    }
}

fn nameless_file() -> File {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).custom_flags(nix::libc::O_TMPFILE);
    options.open(env::temp_dir()).expect("a file")
}

/// A descriptor of this process, which the end of a pair of sockets tells of the other.
fn this_process() -> OwnedFd {
    let (near, _far) = UnixStream::pair().expect("a pair");
    getsockopt(&near, PeerPidfd).expect("a descriptor of this process")
}

/// The kernel, with sockets of an episode's own.
pub(crate) struct KernelWorld<'g> {
    ground: &'g Ground,
    sockets: Vec<OwnedFd>,
}

impl<'g> KernelWorld<'g> {
    pub(crate) fn new(ground: &'g Ground) -> KernelWorld<'g> {
        KernelWorld {
            ground,
            sockets: SOCKETS.iter().map(|kind| open_socket(*kind)).collect(),
        }
    }
}

/// A bound datagram socket, a listening or a connected stream.
fn open_socket(kind: SocketKind) -> OwnedFd {
    let bound = |kind| {
        let socket =
            socket(AddressFamily::Inet, kind, SockFlag::SOCK_CLOEXEC, None).expect("a socket");
        setsockopt(&socket, ReusePort, &true).expect("SO_REUSEPORT");
        let address = SockaddrIn::new(127, 0, 0, 1, 0);
        bind(socket.as_raw_fd(), &address).expect("a free port");
        socket
    };
    match kind {
        SocketKind::Tcp => {
            let socket = bound(SockType::Stream);
            listen(&socket, Backlog::new(1).expect("a backlog")).expect("listen");
            socket
        }
        SocketKind::Unix => UnixStream::pair().expect("a pair").0.into(),
        _ => bound(SockType::Datagram),
    }
}

impl World for KernelWorld<'_> {
    fn system(&self) -> &dyn System {
        &self.ground.system
    }

    fn programs(&self) -> &[Arc<dyn Program>] {
        &self.ground.programs
    }

    fn socket(&self, index: usize) -> Descriptor<'_> {
        (&self.sockets[index]).into()
    }

    fn renew(&mut self, index: usize) {
        self.sockets[index] = open_socket(SOCKETS[index]);
    }

    fn cgroup(&self, index: usize) -> Descriptor<'_> {
        (&self.ground.cgroups[index].1).into()
    }

    fn file(&self, index: usize) -> Descriptor<'_> {
        (&self.ground.files[index]).into()
    }

    fn task(&self) -> Descriptor<'_> {
        (&self.ground.task).into()
    }

    fn interface(&self, index: usize) -> u32 {
        self.ground.interfaces[index]
    }
}

/// A simulated machine of the same kind.
pub(crate) struct MockWorld {
    system: MockSystem,
    programs: Vec<Arc<dyn Program>>,
    sockets: Vec<MockSocket>,
    cgroups: Vec<MockCgroup>,
    files: Vec<MockFile>,
    task: MockTask,
    interfaces: [u32; INTERFACES],
}

impl MockWorld {
    pub(crate) fn new(ground: &Ground, seed: u64) -> MockWorld {
        let system = MockSystem::builder()
            .cpu_sets(ground.cpus.clone())
            .seed(seed)
            .build();
        // A kernel may have made others before: each has its like.
        let last = ground.interfaces.iter().copied().max().unwrap_or(1);
        for index in 2..=last {
            let added = system.add_interface(format!("if{index}"));
            assert!(matches!(added, Ok(Interface::Index(added)) if added == index));
        }
        let cgroup = |n| system.create_cgroup(format!("/sys/fs/cgroup/{n}"));
        MockWorld {
            programs: load_programs(&system),
            sockets: SOCKETS
                .iter()
                .map(|kind| open_mock_socket(&system, *kind))
                .collect(),
            cgroups: (0..CGROUPS)
                .map(|n| cgroup(n).expect("a control group"))
                .collect(),
            files: (0..FILES).map(|_| system.file()).collect(),
            task: system
                .add_task(ebpf_mock::TaskSpec::new("fuzz"))
                .expect("a task"),
            interfaces: ground.interfaces,
            system,
        }
    }
}

/// The like of what [`open_socket`] opens.
fn open_mock_socket(system: &MockSystem, kind: SocketKind) -> MockSocket {
    let socket = system.socket(kind);
    if kind != SocketKind::Unix {
        socket.set_share_port(true);
        socket
            .bind((std::net::Ipv4Addr::LOCALHOST, 0))
            .expect("a free port");
    }
    if kind == SocketKind::Tcp {
        socket.listen().expect("listen");
    }
    socket
}

impl World for MockWorld {
    fn system(&self) -> &dyn System {
        &self.system
    }

    fn programs(&self) -> &[Arc<dyn Program>] {
        &self.programs
    }

    fn socket(&self, index: usize) -> Descriptor<'_> {
        (&self.sockets[index]).into()
    }

    fn renew(&mut self, index: usize) {
        self.sockets[index] = open_mock_socket(&self.system, SOCKETS[index]);
    }

    fn cgroup(&self, index: usize) -> Descriptor<'_> {
        (&self.cgroups[index]).into()
    }

    fn file(&self, index: usize) -> Descriptor<'_> {
        (&self.files[index]).into()
    }

    fn task(&self) -> Descriptor<'_> {
        (&self.task).into()
    }

    fn interface(&self, index: usize) -> u32 {
        self.interfaces[index]
    }
}
