//! The helpers, one topic a file. Each has a table of its rows; a helper that is in none is a
//! [`Problem::NoHelper`].

mod arena;
mod cgroup;
pub(crate) mod checksum;
mod choose;
mod dynptr;
mod exception;
mod facilities;
mod fib;
mod flow;
mod format;
mod local_storage;
mod map;
mod number;
mod object;
mod options;
mod output;
mod packet;
mod print;
mod probe;
mod redirect;
mod reference;
mod seq;
mod sock;
mod sockmap;
mod stack;
mod state;
mod syncookie;
mod tail_call;
mod task;
mod time;
mod timer;
mod tunnel;
mod types;
mod xdp;

use std::sync::LazyLock;

pub(crate) use cgroup::Sysctl;
pub(crate) use facilities::Facilities;
pub use facilities::HelperCall;
pub use fib::{Route, RouteKind};
pub(crate) use redirect::Redirect;
pub(crate) use reference::Traced;
pub(crate) use seq::Seq;
pub(crate) use sockmap::Cuts;
pub(crate) use state::State;
pub(crate) use tunnel::Tunnel;
pub(crate) use types::Types;

use super::helper::{Argument, Flow, Helper, Kfunc};
use super::problem::Problem;
use super::run::Run;

/// The tables of all topics.
const TOPICS: &[&[Helper]] = &[
    cgroup::HELPERS,
    choose::HELPERS,
    dynptr::HELPERS,
    fib::HELPERS,
    flow::HELPERS,
    local_storage::HELPERS,
    map::HELPERS,
    options::HELPERS,
    object::HELPERS,
    output::HELPERS,
    packet::HELPERS,
    print::HELPERS,
    probe::HELPERS,
    redirect::HELPERS,
    reference::HELPERS,
    seq::HELPERS,
    sock::HELPERS,
    sockmap::HELPERS,
    stack::HELPERS,
    syncookie::HELPERS,
    tail_call::HELPERS,
    task::HELPERS,
    time::HELPERS,
    timer::HELPERS,
    tunnel::HELPERS,
    xdp::HELPERS,
];

/// The kernel functions of all topics.
const KFUNCS: &[&[Kfunc]] = &[
    arena::KFUNCS,
    dynptr::KFUNCS,
    exception::KFUNCS,
    object::KFUNCS,
    reference::KFUNCS,
    timer::KFUNCS,
];

/// A row of a table. The name is there for readers; a test compares it with the number.
const fn row(
    id: u32,
    name: &'static str,
    types: Types,
    arguments: &'static [Argument],
    call: fn(&mut Run, [u64; 5]) -> Result<Flow, Problem>,
) -> Helper {
    Helper {
        id,
        name,
        types,
        arguments,
        call,
    }
}

/// A row of a table of kernel functions: its name, the release that first had it, and what it does.
const fn kfunc(
    name: &'static str,
    since: &'static str,
    call: fn(&mut Run, [u64; 5]) -> Result<Flow, Problem>,
) -> Kfunc {
    Kfunc { name, since, call }
}

/// The rows by number.
static ROWS: LazyLock<Vec<Option<&'static Helper>>> = LazyLock::new(|| {
    let all = || TOPICS.iter().copied().flatten();
    let last = all().map(|helper| helper.id).max().unwrap_or(0);
    let mut rows = vec![None; last as usize + 1];
    for helper in all() {
        if let Some(row) = rows.get_mut(helper.id as usize) {
            *row = Some(helper);
        }
    }
    rows
});

/// The helper of a number.
pub(crate) fn find(id: u32) -> Option<&'static Helper> {
    ROWS.get(id as usize).copied().flatten()
}

/// Every kernel function.
pub(crate) fn kfuncs() -> impl Iterator<Item = &'static Kfunc> {
    KFUNCS.iter().copied().flatten()
}

/// The kernel function of a name.
pub(crate) fn find_kfunc(name: &str) -> Option<&'static Kfunc> {
    let mut all = KFUNCS.iter().copied().flatten();
    all.find(|kfunc| kfunc.name == name)
}

#[cfg(test)]
mod tests {
    use ebpf_core::insn::helper_name;

    use super::*;

    #[test]
    fn every_helper_has_its_name_and_one_row() {
        let mut seen = Vec::new();
        for helper in TOPICS.iter().copied().flatten() {
            let name = format!("bpf_{}", helper.name);
            assert_eq!(helper_name(helper.id), Some(name.as_str()), "{}", helper.id);
            assert!(helper.arguments.len() <= 5);
            assert!(!seen.contains(&helper.id), "{helper:?} is there twice");
            seen.push(helper.id);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn helpers_are_of_the_types_that_the_kernel_says() {
        use ebpf_core::program::ProgramType;
        use ebpf_core::system::{Feature, Support};
        use ebpf_core::{KernelSystem, System};

        if !ebpf_testbed::require("kernel") {
            return;
        }
        let system = KernelSystem::new();
        // Those that depend on how a program is to be attached, and one that a locked kernel gives to nobody.
        let depends = [36, 49, 57, 186, 187];
        let mut wrong = Vec::new();
        for program_type in ProgramType::ALL.iter().copied() {
            let any = system.probe(Feature::Helper(program_type, 1));
            if any != Ok(Support::Yes) {
                continue;
            }
            for helper in TOPICS.iter().copied().flatten() {
                let found = system.probe(Feature::Helper(program_type, helper.id));
                let allowed = match found {
                    Ok(Support::Yes) => true,
                    Ok(Support::No) => false,
                    _ => continue,
                };
                if helper.types.allow(program_type) != allowed && !depends.contains(&helper.id) {
                    wrong.push(format!(
                        "{helper:?} of {program_type}: the kernel says {allowed}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
