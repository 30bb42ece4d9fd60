//! The conformance suite on a simulated system: each case on one of its own.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use ebpf_core::System;
use ebpf_core::conformance::{Case, TestOwner, Testbed};
use ebpf_core::hook::Interface;
use ebpf_core::map::MapType;
use ebpf_mock::MockSystem;
use ebpf_mock::fault::FaultInjector;

use crate::{machines, owners};

ebpf_core::conformance_tests!(crate::conformance::run);

struct Mock {
    machine: MockSystem,
    /// What the cases see of it.
    system: Box<dyn System>,
    pins: PathBuf,
    interfaces: Vec<Interface>,
    /// How many were made.
    cgroups: Cell<u32>,
}

/// The cases that a simulated system does not pass yet: most of them run programs. Each of them is seen to fail, so that the
/// list stays true.
const NOT_YET: &str = include_str!("not_yet.txt");

pub(crate) fn run(case: Case) {
    if !NOT_YET.lines().any(|name| name == case.name) {
        return run_on_its_own(case);
    }
    let failed = std::panic::catch_unwind(|| run_on_its_own(case)).is_err();
    assert!(failed, "{} passes now: take it off the list", case.name);
}

/// With a wrapper around the system that injects nothing.
pub(crate) fn run_injected(case: Case) {
    if !NOT_YET.lines().any(|name| name == case.name) {
        run_on(case, |machine| {
            Box::new(FaultInjector::new(machine.clone()))
        });
    }
}

fn run_on_its_own(case: Case) {
    run_on(case, |machine| Box::new(machine.clone()));
}

fn run_on(case: Case, seen: impl Fn(&MockSystem) -> Box<dyn System>) {
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

    fn current_task(&self) -> u64 {
        panic!("no group that runs here has programs that tasks set off");
    }

    fn system_call(&self) {
        panic!("no group that runs here has programs that system calls set off");
    }

    fn skip(&self, case: &str, why: &str) {
        panic!("{case}: {why}: nothing is skipped on a simulated system");
    }
}
