//! The kernel's backend: the conformance suite, and what only this backend has.

mod conformance {
    //! The suite that every system passes.

    use std::path::Path;

    use ebpf_core::conformance::{Case, Testbed};
    use ebpf_core::hook::Interface;
    use ebpf_core::{KernelSystem, System};
    use ebpf_testbed::{Sandbox, Veth, require};

    ebpf_core::conformance_tests!(crate::kernel::conformance::run);

    /// The kernel, in namespaces of the test's own.
    struct Kernel {
        system: KernelSystem,
        veth: Veth,
        sandbox: Sandbox,
    }

    pub(crate) fn run(case: Case) {
        if !require("kernel") {
            return;
        }
        let sandbox = Sandbox::new().expect("namespaces");
        let veth = Veth::pair("near", "far").expect("a veth pair");
        veth.set_up().expect("bring up the veth pair");
        let testbed = Kernel {
            system: KernelSystem::new(),
            veth,
            sandbox,
        };
        case.run(&testbed);
    }

    impl Testbed for Kernel {
        fn system(&self) -> &dyn System {
            &self.system
        }

        fn pins(&self) -> &Path {
            self.sandbox.bpffs()
        }

        fn interfaces(&self) -> Vec<Interface> {
            let ends = [self.veth.near(), self.veth.far()];
            ends.map(|end| Interface::Index(end.index())).to_vec()
        }

        fn skip(&self, case: &str, why: &str) {
            eprintln!("SKIP: {case}: {why}");
        }
    }
}
