//! What storage of a simulated machine lives with.

use ebpf_core::System;
use ebpf_core::conformance::TestOwner;
use ebpf_core::hook::Descriptor;
use ebpf_core::map::MapType;
use ebpf_mock::{MockSystem, SocketKind, TaskSpec};

/// A new owner of storage of a type; the number is for what needs a name.
pub(crate) fn of(map_type: MapType, machine: &MockSystem, number: u32) -> Box<dyn TestOwner> {
    match map_type {
        MapType::SK_STORAGE => Owner::of(machine, machine.socket(SocketKind::Udp)),
        MapType::INODE_STORAGE => Owner::of(machine, machine.file()),
        MapType::TASK_STORAGE => {
            let task = machine.add_task(TaskSpec::new("owner"));
            Owner::of(machine, task.expect("a task"))
        }
        _ => {
            let path = format!("/sys/fs/cgroup/owner{number}");
            Owner::of(machine, machine.create_cgroup(path).expect("a cgroup"))
        }
    }
}

/// What storage lives with, and its descriptor.
struct Owner<T> {
    number: u32,
    _owner: T,
}

impl<T> Owner<T> {
    fn of(machine: &MockSystem, owner: T) -> Box<Owner<T>>
    where
        for<'o> &'o T: Into<Descriptor<'o>>,
    {
        let descriptor: Descriptor<'_> = (&owner).into();
        let number = descriptor.handle().raw_in(machine.id());
        let number = number.expect("of this system");
        Box::new(Owner {
            number,
            _owner: owner,
        })
    }
}

impl<T> TestOwner for Owner<T> {
    fn key(&self) -> u32 {
        self.number
    }
}
