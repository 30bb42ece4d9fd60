//! What an object needs of a kernel: the least release, capabilities, types. Told from the plan alone, on any machine.

use std::collections::BTreeSet;
use std::fmt;

use crate::hook::{BtfAttach, section};
use crate::insn::{AluOp, AtomicOp, ByteOrder, Operation, Width, helper_name, walk};
use crate::map::{MapFlags, MapSpec, MapType};
use crate::object::ObjectSpec;
use crate::program::{Extern, ExternKind, ProgramSpec, Referent, helper_since};
use crate::system::KernelVersion;

/// What an object, or a part of it, needs of a kernel.
///
/// The release is a lower bound: what instructions, helpers and types exist since when is known, not what the verifier
/// of a release is clever enough to accept. Distributions also carry newer features into older kernels.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Needs {
    /// What is needed and since when it is there, the newest first.
    pub features: Vec<Need>,
    /// Capabilities that loading takes.
    pub capabilities: BTreeSet<Capability>,
    /// Whether the kernel must have BTF of itself.
    pub kernel_btf: bool,
}

/// Something that not every kernel has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Need {
    /// The first Linux release that has it.
    pub since: KernelVersion,
    /// What it is.
    pub what: String,
}

/// A capability that the kernel asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Creating maps and loading programs; before Linux 5.8 `CAP_SYS_ADMIN`.
    #[doc(alias = "CAP_BPF")]
    Bpf,
    /// Tracing programs, and helpers that read the kernel's memory; before Linux 5.8 `CAP_SYS_ADMIN`.
    #[doc(alias = "CAP_PERFMON")]
    Perfmon,
    /// Network programs and maps of sockets and interfaces.
    #[doc(alias = "CAP_NET_ADMIN")]
    NetAdmin,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Capability::Bpf => "CAP_BPF",
            Capability::Perfmon => "CAP_PERFMON",
            Capability::NetAdmin => "CAP_NET_ADMIN",
        })
    }
}

impl Needs {
    /// What a whole object needs. Optional programs are left out.
    pub fn of(object: &ObjectSpec) -> Needs {
        let mut needs = Needs::default();
        for map in &object.maps {
            needs.map(map);
        }
        for program in object.programs.iter().filter(|program| !program.optional) {
            needs.program(program);
        }
        needs.sorted()
    }

    /// What a map needs.
    pub fn of_map(map: &MapSpec) -> Needs {
        let mut needs = Needs::default();
        needs.map(map);
        needs.sorted()
    }

    /// What a program needs, its maps aside.
    pub fn of_program(program: &ProgramSpec) -> Needs {
        let mut needs = Needs::default();
        needs.program(program);
        needs.sorted()
    }

    /// The least Linux release that has everything; `None` where nothing tells.
    pub fn least_kernel(&self) -> Option<KernelVersion> {
        self.features.first().map(|need| need.since)
    }

    fn sorted(mut self) -> Needs {
        self.features
            .sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.what.cmp(&b.what)));
        self.features.dedup();
        self
    }

    fn add(&mut self, since: &str, what: impl Into<String>) {
        if let Some(since) = KernelVersion::parse(since) {
            self.features.push(Need {
                since,
                what: what.into(),
            });
        }
    }

    fn map(&mut self, map: &MapSpec) {
        self.capabilities.insert(Capability::Bpf);
        let by_sockets = [
            MapType::SOCKMAP,
            MapType::SOCKHASH,
            MapType::DEVMAP,
            MapType::DEVMAP_HASH,
            MapType::XSKMAP,
        ];
        if by_sockets.contains(&map.map_type) {
            self.capabilities.insert(Capability::NetAdmin);
        }
        if let Some(row) = map.map_type.row() {
            self.add(row.since, format!("maps of type {}", map.map_type));
        }
        for (flag, since, what) in [
            (MapFlags::NUMA_NODE, "4.14", "maps on a NUMA node"),
            (
                MapFlags::RDONLY_PROG,
                "5.2",
                "maps that programs may only read",
            ),
            (
                MapFlags::WRONLY_PROG,
                "5.2",
                "maps that programs may only write",
            ),
            (
                MapFlags::MMAPABLE,
                "5.5",
                "arrays that can be mapped into memory",
            ),
            (
                MapFlags::PRESERVE_ELEMS,
                "5.10",
                "perf event arrays that keep their events",
            ),
            (
                MapFlags::INNER_MAP,
                "5.10",
                "inner arrays of different sizes",
            ),
        ] {
            if map.flags.contains(flag) {
                self.add(since, what);
            }
        }
        if map.freeze {
            self.add("5.2", "frozen maps");
        }
        if map.struct_ops.is_some() {
            self.kernel_btf = true;
        }
        if let Some(inner) = &map.inner {
            self.map(inner);
        }
    }

    fn program(&mut self, program: &ProgramSpec) {
        self.capabilities.insert(Capability::Bpf);
        if program.program_type.needs_perfmon() {
            self.capabilities.insert(Capability::Perfmon);
        }
        if program.program_type.needs_net_admin() {
            self.capabilities.insert(Capability::NetAdmin);
        }
        let of_type = program.program_type.since();
        if let Some(since) = of_type {
            self.add(since, format!("programs of type {}", program.program_type));
        }
        let meant = (program.program_type, program.expected_attach_type);
        let row = section(&program.section)
            .row
            .filter(|row| (row.program_type, row.attach_type) == meant);
        if let Some(row) = row.filter(|row| Some(row.since) != of_type) {
            self.add(row.since, format!("programs for `{}`", row.prefix()));
        }
        if let Some(attach) = BtfAttach::of(program.program_type, program.expected_attach_type) {
            self.kernel_btf |= attach != BtfAttach::Program;
        }
        if !program.core_relocations.is_empty() {
            self.kernel_btf = true;
        }
        if program.instructions.len() > 4096 {
            self.add("5.2", "programs of more than 4096 instructions");
        }
        if program.functions.len() > 1 {
            self.add("4.16", "calls between functions");
        }
        for symbol in &program.externs {
            self.symbol(symbol);
        }
        if program
            .references
            .iter()
            .any(|at| matches!(at.referent, Referent::MapValue { .. }))
        {
            self.add("5.2", "global variables");
        }
        self.instructions(program);
    }

    fn symbol(&mut self, symbol: &Extern) {
        self.kernel_btf |= symbol.type_id.is_some() && !symbol.weak;
        match symbol.kind {
            ExternKind::Function => self.add("5.13", "calls of kernel functions"),
            ExternKind::Variable if symbol.type_id.is_some() => {
                self.add("5.10", "typed kernel variables")
            }
            ExternKind::Variable => {}
        }
    }

    fn instructions(&mut self, program: &ProgramSpec) {
        for step in walk(&program.instructions).map_while(Result::ok) {
            if step.insn.is_func_ref() {
                self.once("5.13", "callbacks");
            }
            let Ok(operation) = step.operation() else {
                continue;
            };
            let back = step
                .insn
                .jump_target(step.index)
                .is_some_and(|target| target <= step.index);
            match operation {
                Operation::CallHelper { id } => {
                    if let (Some(since), Some(name)) = (helper_since(id), helper_name(id)) {
                        self.once(since, &format!("helper {name}"));
                    }
                    continue;
                }
                Operation::MayGoto { .. } => self.once("6.9", "instruction may_goto"),
                Operation::AddrSpaceCast { .. } => self.once("6.9", "arena pointers"),
                Operation::LoadAcquire { .. } | Operation::StoreRelease { .. } => {
                    self.once("6.15", "instructions load_acquire and store_release");
                }
                Operation::GotoReg { .. } => self.once("6.19", "instruction gotox"),
                Operation::Atomic { op, .. } if op != AtomicOp::ADD => {
                    self.once("5.12", "atomic instructions beyond addition");
                }
                Operation::Alu {
                    signed: true,
                    op: AluOp::DIV | AluOp::MOD,
                    ..
                }
                | Operation::MovSx { .. }
                | Operation::Load { signed: true, .. }
                | Operation::ByteOrder {
                    order: ByteOrder::Swap,
                    ..
                }
                | Operation::Goto { long: true, .. } => self.once("6.6", "instruction set v4"),
                Operation::JumpIf {
                    width: Width::W32, ..
                } => self.once("5.1", "32-bit comparisons"),
                _ => {}
            }
            if back && !matches!(operation, Operation::MayGoto { .. }) {
                self.once("5.3", "loops");
            }
        }
    }

    fn once(&mut self, since: &str, what: &str) {
        if !self.features.iter().any(|need| need.what == what) {
            self.add(since, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insn::{Insn, Reg, helper_id};
    use crate::program::ProgramType;

    fn kernel(needs: &Needs) -> String {
        needs
            .least_kernel()
            .expect("something is needed")
            .to_string()
    }

    #[test]
    fn a_map_needs_its_type_and_flags() {
        let mut map = MapSpec::new("m", MapType::HASH, 4, 4, 1);
        assert_eq!(kernel(&Needs::of_map(&map)), "3.19.0");
        map.map_type = MapType::RINGBUF;
        assert_eq!(kernel(&Needs::of_map(&map)), "5.8.0");
        map.map_type = MapType::ARRAY;
        map.flags = MapFlags::MMAPABLE;
        assert_eq!(kernel(&Needs::of_map(&map)), "5.5.0");
        map.map_type = MapType::XSKMAP;
        assert!(
            Needs::of_map(&map)
                .capabilities
                .contains(&Capability::NetAdmin)
        );
    }

    #[test]
    fn a_program_needs_its_helpers_and_its_type() {
        let call = |name| Insn::call_helper(helper_id(name).expect("a helper"));
        let code = vec![
            call("bpf_redirect_map"),
            call("bpf_redirect_map"),
            Insn::exit(),
        ];
        let needs = Needs::of_program(&ProgramSpec::new("p", ProgramType::XDP, code));
        let whats: Vec<&str> = needs
            .features
            .iter()
            .map(|need| need.what.as_str())
            .collect();
        assert_eq!(whats, ["helper bpf_redirect_map", "programs of type xdp"]);
        assert_eq!(kernel(&needs), "4.14.0");
        assert_eq!(
            needs.capabilities,
            BTreeSet::from([Capability::Bpf, Capability::NetAdmin])
        );
        assert!(!needs.kernel_btf);
    }

    #[test]
    fn loops_and_new_instructions_count() {
        let program =
            |code| Needs::of_program(&ProgramSpec::new("p", ProgramType::SOCKET_FILTER, code));
        assert_eq!(
            kernel(&program(vec![
                Insn::mov_imm(Reg::R0, 0),
                Insn::goto(-2),
                Insn::exit()
            ])),
            "5.3.0"
        );
        assert_eq!(
            kernel(&program(vec![Insn::gotol(0), Insn::exit()])),
            "6.6.0"
        );
        assert_eq!(
            kernel(&program(vec![Insn::may_goto(0), Insn::exit()])),
            "6.9.0"
        );
    }
}
