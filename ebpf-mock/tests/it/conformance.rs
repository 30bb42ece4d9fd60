//! The conformance suite on a simulated system: each case on one of its own.

use std::path::{Path, PathBuf};

use ebpf_core::System;
use ebpf_core::conformance::{Case, Testbed};
use ebpf_core::hook::Interface;
use ebpf_mock::MockSystem;

/// The groups that a simulated system has in full so far.
macro_rules! groups {
    ($($group:ident)*) => {
        $(ebpf_core::$group!(crate::conformance::run);)*
    };
}
groups! {
    __conformance_hash __conformance_lru __conformance_array __conformance_per_cpu
    __conformance_lpm_trie __conformance_stream __conformance_nested __conformance_batch __conformance_xdp __conformance_link
}

struct Mock {
    system: MockSystem,
    pins: PathBuf,
    interfaces: Vec<Interface>,
}

pub(crate) fn run(case: Case) {
    let system = MockSystem::new();
    let pins = PathBuf::from("/sys/fs/bpf/pins");
    system
        .create_bpffs_dir(&pins)
        .expect("a directory for pins");
    let interfaces = ["near", "far"].map(|name| system.add_interface(name).expect("an interface"));
    case.run(&Mock {
        system,
        pins,
        interfaces: interfaces.to_vec(),
    });
}

impl Testbed for Mock {
    fn system(&self) -> &dyn System {
        &self.system
    }

    fn pins(&self) -> &Path {
        &self.pins
    }

    fn interfaces(&self) -> Vec<Interface> {
        self.interfaces.clone()
    }

    fn skip(&self, case: &str, why: &str) {
        panic!("{case}: {why}: nothing is skipped on a simulated system");
    }
}
