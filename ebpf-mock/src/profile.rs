//! What a release of the kernel has: the tables of `ebpf-core` say since when, and those of `change` how maps changed.

mod change;

use ebpf_core::link::LinkType;
use ebpf_core::program::helper_since;
use ebpf_core::system::{Feature, KernelVersion, Support};

pub(crate) use change::{BatchCommand, Change};

use crate::builder::Machine;
use crate::engine::helpers;

/// Whether a simulated machine has a feature.
pub(crate) fn probe(machine: &Machine, feature: Feature) -> Support {
    let since = |release: Option<&str>| has(machine, release);
    let after = |major, minor| yes_or_no(machine.release >= KernelVersion::new(major, minor, 0));
    match feature {
        Feature::Bpf => Support::Yes,
        Feature::MapType(map_type) => since(map_type.row().map(|row| row.since)),
        Feature::ProgramType(program_type) => since(program_type.since()),
        Feature::Helper(program_type, id) => match since(program_type.since()) {
            Support::Yes if helpers::find(id).is_none_or(|row| row.types.allow(program_type)) => {
                since(helper_since(id))
            }
            _ => Support::No,
        },
        Feature::AttachType(program_type, attach_type) => match since(program_type.since()) {
            Support::Yes => yes_or_no(machine.knows(attach_type)),
            no => no,
        },
        Feature::Link(link_type) => since(link_type.since()),
        Feature::Btf => after(4, 18),
        Feature::KernelBtf => yes_or_no(machine.target_btf.is_some()),
        Feature::ObjectNames => after(4, 15),
        Feature::BatchOperations => after(5, 6),
        Feature::MmapableArrays => after(5, 5),
        Feature::GlobalData => after(5, 2),
        Feature::BpfToBpfCalls => after(4, 16),
        Feature::BoundedLoops => after(5, 3),
        Feature::LargePrograms => after(5, 2),
        Feature::RunStatistics => after(5, 1),
        Feature::TestRun => after(4, 12),
        Feature::MemcgAccounting => after(5, 11),
        Feature::Kprobes => after(4, 1),
        Feature::Uprobes => after(4, 3),
        Feature::KprobeMulti => since(LinkType::KPROBE_MULTI.since()),
        Feature::UprobeMulti => since(LinkType::UPROBE_MULTI.since()),
        Feature::Fentry => after(5, 5),
        Feature::Lsm => after(5, 7),
        Feature::IsaV2 => after(4, 14),
        Feature::IsaV3 => after(5, 1),
        Feature::IsaV4 => after(6, 6),
        _ => Support::No,
    }
}

fn has(machine: &Machine, since: Option<&str>) -> Support {
    let since = since.filter(|since| since.starts_with(|c: char| c.is_ascii_digit()));
    let since = since.and_then(KernelVersion::parse);
    yes_or_no(since.is_some_and(|since| machine.release >= since))
}

fn yes_or_no(yes: bool) -> Support {
    if yes { Support::Yes } else { Support::No }
}

impl Machine {
    /// Whether BTF can be loaded.
    pub(crate) fn takes_types(&self) -> bool {
        probe(self, Feature::Btf) == Support::Yes
    }
}
