//! The conformance suite on the running kernel: each case in a thread with namespaces of its own.

mod endpoint;
mod owners;
mod sockets;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use ebpf_core::conformance::{Case, TestCgroup, TestOwner, TestSocket, Testbed};
use ebpf_core::hook::Interface;
use ebpf_core::map::MapType;
use ebpf_core::{KernelSystem, System};
use ebpf_testbed::{Cgroup, Sandbox, Veth, require};

ebpf_core::conformance_tests!(crate::conformance::run);

/// The kernel, in namespaces of the case's own.
struct Kernel {
    system: KernelSystem,
    veth: OnceCell<Veth>,
    pins: PathBuf,
    sandbox: Sandbox,
}

pub(crate) fn run(case: Case) {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    // Not the root: some kernels put pins of their own there.
    let pins = sandbox.bpffs().join("pins");
    std::fs::create_dir(&pins).expect("a directory for pins");
    case.run(&Kernel {
        system: KernelSystem::new(),
        veth: OnceCell::new(),
        pins,
        sandbox,
    });
}

/// What `bpf_get_current_pid_tgid` says of the calling thread.
pub(crate) fn current_task() -> u64 {
    u64::from(std::process::id()) << 32 | u64::from(nix::unistd::gettid().as_raw() as u32)
}

impl Testbed for Kernel {
    fn system(&self) -> &dyn System {
        &self.system
    }

    fn pins(&self) -> &Path {
        &self.pins
    }

    fn interfaces(&self) -> Vec<Interface> {
        let veth = self.veth.get_or_init(|| {
            let veth = Veth::pair("near", "far").expect("a veth pair");
            veth.set_up().expect("bring up the veth pair");
            veth
        });
        [veth.near(), veth.far()]
            .map(|end| Interface::Index(end.index()))
            .to_vec()
    }

    fn socket(&self, port: u16, shared: bool) -> Option<Box<dyn TestSocket + '_>> {
        Some(Box::new(sockets::bind(port, shared).expect("a socket")))
    }

    fn cgroup(&self) -> Result<Box<dyn TestCgroup + '_>, String> {
        match Cgroup::new(&self.sandbox) {
            Ok(cgroup) => Ok(Box::new(sockets::Group(cgroup))),
            Err(error) => Err(format!("no cgroup can be made here: {error}")),
        }
    }

    fn owner(&self, map_type: MapType) -> Option<Box<dyn TestOwner + '_>> {
        owners::of(map_type, &self.sandbox)
    }

    fn current_task(&self) -> u64 {
        current_task()
    }

    fn system_call(&self) {
        nix::unistd::getppid();
    }

    fn skip(&self, case: &str, why: &str) {
        ebpf_testbed::skip_test(case, why);
    }
}
