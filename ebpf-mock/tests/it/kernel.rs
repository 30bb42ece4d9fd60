//! The conformance suite around the running kernel, through wrappers that could make operations fail, and do not. What
//! needs sockets or cgroups of the test bed's is left to the suite of `ebpf-core`.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use ebpf_core::conformance::{Case, Testbed};
use ebpf_core::hook::Interface;
use ebpf_core::{KernelSystem, System};
use ebpf_mock::fault::FaultInjector;
use ebpf_testbed::{Sandbox, Veth, require};

ebpf_core::conformance_tests!(crate::kernel::run);

/// The kernel, in namespaces of the case's own.
struct Kernel {
    system: FaultInjector<KernelSystem>,
    veth: OnceCell<Veth>,
    pins: PathBuf,
    // Dropped last.
    _sandbox: Sandbox,
}

pub(crate) fn run(case: Case) {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let pins = sandbox.bpffs().join("pins");
    std::fs::create_dir(&pins).expect("a directory for pins");
    case.run(&Kernel {
        system: FaultInjector::new(KernelSystem::new()),
        veth: OnceCell::new(),
        pins,
        _sandbox: sandbox,
    });
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

    fn current_task(&self) -> u64 {
        u64::from(std::process::id()) << 32 | u64::from(nix::unistd::gettid().as_raw() as u32)
    }

    fn system_call(&self) {
        nix::unistd::getppid();
    }

    fn skip(&self, case: &str, why: &str) {
        println!("{case}: not run around the kernel: {why}");
    }
}
