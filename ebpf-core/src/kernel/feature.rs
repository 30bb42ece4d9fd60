//! What this kernel can do, found out by trying it with something small.

use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ebpf_sys::bpf_cmd;

use super::attach;
use super::attr::{MapCreate, ProgLoad, TestRun};
use super::btf::int_btf;
use super::create::kernel_name;
use super::memlock;
use super::stats;
use super::sys::{self, Functions, MapFd, Places, ProgramSource};
use super::system::Shared;
use super::tracefs::ProbeFile;
use crate::Errno;
use crate::btf::{Kind, Type};
use crate::codec::{Endian, c_str};
use crate::insn::{self, AluOp, Insn, JmpOp, Reg, Size};
use crate::link::LinkType;
use crate::map::{KeyRule, MapFlags, MapType, ValueRule};
use crate::program::{AttachType, ProgramFlags, ProgramType};
use crate::system::{Feature, KernelFacts, KernelVersion, Support};

/// The answers that are certain.
#[derive(Debug, Default)]
pub(super) struct Features(Mutex<HashMap<Feature, Support>>);

/// `bpf_ktime_get_coarse_ns`, which came with the accounting of memory to cgroups.
const COARSE_CLOCK: u32 = 160;

impl Shared {
    /// Whether the kernel has a feature. What could not be asked, for want of a privilege most often, is asked again
    /// the next time.
    pub(super) fn probe(&self, feature: Feature) -> Support {
        let known = self
            .features
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&feature)
            .copied();
        if let Some(known) = known {
            return known;
        }
        let answer = self.ask(feature);
        if !matches!(answer, Support::Inconclusive(_)) {
            self.features
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(feature, answer);
        }
        answer
    }

    /// Whether memory is charged to the cgroup.
    pub(super) fn memcg_accounting(&self) -> Support {
        self.probe(Feature::MemcgAccounting)
    }

    /// Whether the kernel takes names of maps and programs; where it cannot be told, it does.
    pub(super) fn takes_names(&self) -> bool {
        self.probe(Feature::ObjectNames) != Support::No
    }

    /// Whether the kernel takes expected attach types; where it cannot be told, it does.
    pub(super) fn takes_attach_types(&self) -> bool {
        let oldest = Feature::AttachType(
            ProgramType::CGROUP_SOCK,
            AttachType::CGROUP_INET_SOCK_CREATE,
        );
        self.probe(oldest) != Support::No
    }

    fn ask(&self, feature: Feature) -> Support {
        match feature {
            Feature::Bpf => match sys::try_command(bpf_cmd::BPF_MAP_LOOKUP_BATCH) {
                Errno::ENOSYS => Support::No,
                Errno::EPERM => Support::Inconclusive(Errno::EPERM),
                _ => Support::Yes,
            },
            Feature::MapType(map_type) => self.ask_map_type(map_type),
            Feature::ProgramType(program_type) => self.ask_program_type(program_type),
            Feature::Helper(program_type, id) => self.ask_helper(program_type, id),
            Feature::AttachType(program_type, attach_type) => {
                self.ask_attach_type(program_type, attach_type)
            }
            Feature::Link(link_type) => self.ask_link(link_type),
            Feature::Btf => said(memlock::retrying(self, || {
                sys::load_btf(&int_btf(), &mut [])
            })),
            Feature::KernelBtf => yes_or_no(Path::new("/sys/kernel/btf/vmlinux").exists()),
            Feature::ObjectNames => {
                let named = MapCreate {
                    map_name: kernel_name("probe"),
                    ..small(MapType::ARRAY)
                };
                match self.create(named) {
                    Ok(_) => Support::Yes,
                    Err(errno) => match self.create(small(MapType::ARRAY)) {
                        Ok(_) => Support::No,
                        Err(_) => Support::Inconclusive(errno),
                    },
                }
            }
            Feature::BatchOperations => yes_or_no(self.knows_batches()),
            Feature::MmapableArrays => said(self.create(MapCreate {
                map_flags: MapFlags::MMAPABLE.0,
                ..small(MapType::ARRAY)
            })),
            Feature::GlobalData => match self.create(small(MapType::ARRAY)) {
                Ok(map) => {
                    let address = Insn::ld_map_value(Reg::R1, map.fd().as_raw_fd(), 0);
                    let store = Insn::store_imm(Size::W, Reg::R1, 0, 42);
                    self.loads(&[&address[..], &[store], &RETURN_0].concat())
                }
                Err(errno) => Support::Inconclusive(errno),
            },
            Feature::BpfToBpfCalls => {
                self.loads(&[&[Insn::call_local(1), Insn::exit()], &RETURN_0[..]].concat())
            }
            Feature::BoundedLoops => self.loads(&[
                Insn::mov_imm(Reg::R0, 10),
                Insn::add_imm(Reg::R0, -1),
                Insn::jmp_imm(JmpOp::JNE, Reg::R0, 0, -2),
                Insn::exit(),
            ]),
            Feature::LargePrograms => {
                let mut instructions = vec![Insn::mov_imm(Reg::R0, 0); 4096];
                instructions.push(Insn::exit());
                self.loads(&instructions)
            }
            Feature::TestRun => self.ask_test_run(),
            Feature::RunStatistics => match stats::known() {
                Ok(known) => yes_or_no(known),
                Err(errno) => Support::Inconclusive(errno),
            },
            Feature::MemcgAccounting => {
                // Without lifting the limit: this is what tells whether there is one.
                let program = insn::encode(
                    &[Insn::call_helper(COARSE_CLOCK), Insn::exit()],
                    Endian::NATIVE,
                );
                said(load(
                    &mut plain(ProgramType::SOCKET_FILTER),
                    &program,
                    &mut [],
                ))
            }
            Feature::Kprobes => has(attach::has_probes(ProbeFile::Kprobes)),
            Feature::Uprobes => has(attach::has_probes(ProbeFile::Uprobes)),
            Feature::KprobeMulti => self.ask_multi(AttachType::TRACE_KPROBE_MULTI),
            Feature::UprobeMulti => self.ask_multi(AttachType::TRACE_UPROBE_MULTI),
            Feature::Fentry => self.ask_trampoline(
                ProgramType::TRACING,
                AttachType::TRACE_FENTRY,
                "bpf_fentry_test1",
            ),
            Feature::Lsm => {
                let list = std::fs::read_to_string("/sys/kernel/security/lsm");
                if list.is_ok_and(|list| !list.trim().split(',').any(|lsm| lsm == "bpf")) {
                    return Support::No;
                }
                self.ask_trampoline(ProgramType::LSM, AttachType::LSM_MAC, "bpf_lsm_syslog")
            }
            Feature::IsaV2 => self.loads(&[
                Insn::mov_imm(Reg::R0, 0),
                Insn::jmp_imm(JmpOp::JLT, Reg::R0, 1, 0),
                Insn::exit(),
            ]),
            Feature::IsaV3 => self.loads(&[
                Insn::mov_imm(Reg::R0, 0),
                Insn::jmp32_imm(JmpOp::JEQ, Reg::R0, 1, 0),
                Insn::exit(),
            ]),
            Feature::IsaV4 => {
                // A sign-extending move of 8 bits.
                let movsx = Insn {
                    off: 8,
                    ..Insn::alu64_reg(AluOp::MOV, Reg::R0, Reg::R0)
                };
                self.loads(&[Insn::mov_imm(Reg::R0, 0), movsx, Insn::exit()])
            }
        }
    }

    fn create(&self, attr: MapCreate) -> Result<MapFd, Errno> {
        let cpus = self.possible_cpus().ok();
        memlock::retrying(self, || MapFd::create(&mut attr.clone(), cpus)).map(|(fd, _)| fd)
    }

    fn load(
        &self,
        attr: &mut ProgLoad,
        instructions: &[Insn],
        log: &mut [u8],
    ) -> Result<OwnedFd, Errno> {
        let program = insn::encode(instructions, Endian::NATIVE);
        memlock::retrying(self, || load(attr, &program, log))
    }

    fn loads(&self, instructions: &[Insn]) -> Support {
        said(self.load(
            &mut plain(ProgramType::SOCKET_FILTER),
            instructions,
            &mut [],
        ))
    }

    fn ask_map_type(&self, map_type: MapType) -> Support {
        let mut attr = small(map_type);
        // Kept open until the map is made.
        let (mut inner, mut types) = (None, None);
        match map_type {
            MapType::UNSPEC => return Support::No,
            MapType::LPM_TRIE | MapType::RHASH => attr.map_flags = MapFlags::NO_PREALLOC.0,
            MapType::RINGBUF | MapType::USER_RINGBUF => attr.max_entries = sys::page_size(),
            MapType::ARENA => attr.map_flags = MapFlags::MMAPABLE.0,
            MapType::CGROUP_STORAGE | MapType::PERCPU_CGROUP_STORAGE => attr.max_entries = 0,
            MapType::STACK_TRACE => attr.value_size = 8,
            MapType::INSN_ARRAY => attr.value_size = 16,
            MapType::ARRAY_OF_MAPS | MapType::HASH_OF_MAPS => {
                match self.create(small(MapType::ARRAY)) {
                    Ok(map) => attr.inner_map_fd = inner.insert(map).fd().as_raw_fd() as u32,
                    Err(errno) => return Support::Inconclusive(errno),
                }
            }
            MapType::SK_STORAGE
            | MapType::INODE_STORAGE
            | MapType::TASK_STORAGE
            | MapType::CGRP_STORAGE => {
                match sys::load_btf(&int_btf(), &mut []) {
                    Ok(btf) => attr.btf_fd = types.insert(btf).as_fd().as_raw_fd() as u32,
                    Err(errno) => return Support::Inconclusive(errno),
                }
                (attr.btf_key_type_id, attr.btf_value_type_id) = (1, 1);
                (attr.max_entries, attr.map_flags) = (0, MapFlags::NO_PREALLOC.0);
            }
            MapType::STRUCT_OPS => {
                // The type 1 of the kernel is no structure of callbacks, which a kernel that has the map type says so.
                attr.btf_vmlinux_value_type_id = 1;
                return match self.create(attr) {
                    Err(Errno::ENOTSUPP) => Support::Yes,
                    result => said(result),
                };
            }
            _ => {}
        }
        said(self.create(attr))
    }

    fn ask_program_type(&self, program_type: ProgramType) -> Support {
        let mut attr = typical(program_type);
        let mut log = vec![0; LOG];
        let expected = match program_type {
            ProgramType::UNSPEC => return Support::No,
            ProgramType::TRACING | ProgramType::LSM => "attach_btf_id 1 is not a ",
            ProgramType::EXT => "Cannot replace kernel functions",
            ProgramType::STRUCT_OPS => {
                return match self.load(&mut attr, &RETURN_0, &mut []) {
                    Err(Errno::ENOTSUPP) => Support::Yes,
                    result => said(result),
                };
            }
            _ => return said(self.load(&mut attr, &RETURN_0, &mut [])),
        };
        attr.attach_btf_id = 1;
        attr.log_level = 1;
        match self.load(&mut attr, &RETURN_0, &mut log) {
            Err(Errno::EINVAL) if c_str(&log).contains(expected) => Support::Yes,
            result => said(result),
        }
    }

    fn ask_helper(&self, program_type: ProgramType, id: u32) -> Support {
        if NEED_TARGET.contains(&program_type) {
            return Support::Inconclusive(Errno::EOPNOTSUPP);
        }
        let mut attr = typical(program_type);
        attr.log_level = 1;
        let mut log = vec![0; LOG];
        let call = [Insn::call_helper(id), Insn::exit()];
        match self.load(&mut attr, &call, &mut log) {
            Ok(_) => Support::Yes,
            Err(Errno::EPERM) => Support::Inconclusive(Errno::EPERM),
            Err(errno) => {
                let log = c_str(&log);
                let unknown = [
                    "invalid func ",
                    "unknown func ",
                    "program of this type cannot use helper ",
                ];
                if unknown.iter().any(|words| log.contains(words)) {
                    Support::No
                } else if log.trim().is_empty() {
                    // Refused before the call was looked at: the type is unknown.
                    if errno == Errno::EINVAL {
                        Support::No
                    } else {
                        Support::Inconclusive(errno)
                    }
                } else {
                    // It is about the arguments, of which there are none.
                    Support::Yes
                }
            }
        }
    }

    fn ask_attach_type(&self, program_type: ProgramType, attach_type: AttachType) -> Support {
        if NEED_TARGET.contains(&program_type) {
            return Support::Inconclusive(Errno::EOPNOTSUPP);
        }
        let mut attr = ProgLoad {
            expected_attach_type: attach_type.0,
            ..typical(program_type)
        };
        // Some hooks restrict what is returned, to 1 for a few.
        match self.load(&mut attr, &RETURN_0, &mut []) {
            Err(Errno::EINVAL | Errno::EACCES) => {
                let mut attr = ProgLoad {
                    expected_attach_type: attach_type.0,
                    ..typical(program_type)
                };
                said(self.load(
                    &mut attr,
                    &[Insn::mov_imm(Reg::R0, 1), Insn::exit()],
                    &mut [],
                ))
            }
            result => said(result),
        }
    }

    /// The kernel's own types tell its kinds of links; without them the release does.
    fn ask_link(&self, link_type: LinkType) -> Support {
        let Some(name) = link_type
            .kernel_name()
            .filter(|_| link_type != LinkType::UNSPEC)
        else {
            return Support::No;
        };
        if let Ok(Some(btf)) = self.target_btf()
            && let Some(id) = btf.find("bpf_link_type", Kind::ENUM)
            && let Some(Type::Enum(kinds)) = btf.by_id(id).map(|ty| ty.get())
        {
            return yes_or_no(kinds.enumerators().any(|kind| kind.name == name));
        }
        let since = link_type.since().and_then(KernelVersion::parse);
        match (self.facts.release(), since) {
            (Ok(release), Some(since)) => yes_or_no(release >= since),
            _ => Support::Inconclusive(Errno::ENOENT),
        }
    }

    /// A link to what there is not: a kernel that has such links looks for it.
    fn ask_multi(&self, attach_type: AttachType) -> Support {
        let mut attr = ProgLoad {
            expected_attach_type: attach_type.0,
            ..plain(ProgramType::KPROBE)
        };
        let program = match self.load(&mut attr, &RETURN_0, &mut []) {
            Ok(program) => program,
            Err(errno) => return said::<()>(Err(errno)),
        };
        let program = program.as_fd();
        let link = if attach_type == AttachType::TRACE_KPROBE_MULTI {
            let names = [c"ebpf_core_no_such_function".to_owned()];
            sys::create_kprobe_multi_link(program, attach_type.0, Functions::Names(&names), 0, &[])
        } else {
            let path = c"/".to_owned();
            let places = Places {
                path: &path,
                offsets: &[1],
                counters: &[],
                cookies: &[],
                pid: 0,
            };
            sys::create_uprobe_multi_link(program, attach_type.0, places, 0)
        };
        match link {
            Err(Errno::ESRCH | Errno::ENOENT | Errno::EBADF) => Support::Yes,
            other => said(other),
        }
    }

    /// Attaches to a function of the kernel that is called for tests, or hardly ever.
    fn ask_trampoline(
        &self,
        program_type: ProgramType,
        attach_type: AttachType,
        function: &str,
    ) -> Support {
        let function = match self.target_btf() {
            Ok(Some(btf)) => btf.find(function, Kind::FUNC),
            Ok(None) => None,
            Err(error) => return Support::Inconclusive(error.errno().unwrap_or(Errno::EINVAL)),
        };
        let Some(function) = function else {
            return Support::No;
        };
        let mut attr = ProgLoad {
            expected_attach_type: attach_type.0,
            attach_btf_id: function.0,
            ..plain(program_type)
        };
        said(
            self.load(&mut attr, &RETURN_0, &mut [])
                .and_then(|program| sys::open_raw_tracepoint(program.as_fd(), None, 0)),
        )
    }

    fn ask_test_run(&self) -> Support {
        match self.load(&mut plain(ProgramType::SOCKET_FILTER), &RETURN_0, &mut []) {
            Ok(program) => {
                let packet = [0; 64];
                said(sys::test_run(
                    program.as_fd(),
                    &mut TestRun::default(),
                    &packet,
                    &mut [],
                    [&mut [], &mut []],
                ))
            }
            Err(errno) => Support::Inconclusive(errno),
        }
    }
}

/// Types whose programs are refused without a function of the kernel to attach to.
const NEED_TARGET: [ProgramType; 4] = [
    ProgramType::TRACING,
    ProgramType::LSM,
    ProgramType::EXT,
    ProgramType::STRUCT_OPS,
];

const RETURN_0: [Insn; 2] = [Insn::mov_imm(Reg::R0, 0), Insn::exit()];

/// Bytes of log that the questions above want at most.
const LOG: usize = 16 << 10;

fn yes_or_no(yes: bool) -> Support {
    if yes { Support::Yes } else { Support::No }
}

/// What a look tells.
fn has(found: Result<bool, Errno>) -> Support {
    found.map_or_else(Support::Inconclusive, yes_or_no)
}

/// What a try tells.
fn said<T>(result: Result<T, Errno>) -> Support {
    match result {
        Ok(_) => Support::Yes,
        Err(Errno::EINVAL | Errno::E2BIG | Errno::ENOTSUPP | Errno::EOPNOTSUPP | Errno::ENOSYS) => {
            Support::No
        }
        Err(errno) => Support::Inconclusive(errno),
    }
}

/// The smallest map of a type, by the rules of its row.
fn small(map_type: MapType) -> MapCreate {
    let row = map_type.row();
    let key_size = match row.map(|row| row.key) {
        Some(KeyRule::None) => 0,
        Some(KeyRule::Lpm) => 8,
        Some(KeyRule::CgroupStorage) => 16,
        _ => 4,
    };
    let value_size = match row.map(|row| row.value) {
        Some(ValueRule::None) => 0,
        _ => 4,
    };
    MapCreate {
        map_type: map_type.0,
        key_size,
        value_size,
        max_entries: 1,
        ..MapCreate::default()
    }
}

fn plain(program_type: ProgramType) -> ProgLoad {
    ProgLoad {
        prog_type: program_type.0,
        ..ProgLoad::default()
    }
}

/// What a program of a type must have besides instructions.
fn typical(program_type: ProgramType) -> ProgLoad {
    let mut attr = plain(program_type);
    let attach = match program_type {
        ProgramType::CGROUP_SOCK_ADDR => AttachType::CGROUP_INET4_CONNECT,
        ProgramType::CGROUP_SOCKOPT => AttachType::CGROUP_GETSOCKOPT,
        ProgramType::SK_LOOKUP => AttachType::SK_LOOKUP,
        ProgramType::LIRC_MODE2 => AttachType::LIRC_MODE2,
        ProgramType::NETFILTER => AttachType::NETFILTER,
        ProgramType::TRACING => AttachType::TRACE_RAW_TP,
        ProgramType::LSM => AttachType::LSM_MAC,
        _ => AttachType(0),
    };
    attr.expected_attach_type = attach.0;
    if program_type == ProgramType::SYSCALL {
        attr.prog_flags = ProgramFlags::SLEEPABLE.0;
    }
    attr
}

fn load(attr: &mut ProgLoad, instructions: &[u8], log: &mut [u8]) -> Result<OwnedFd, Errno> {
    let source = ProgramSource {
        instructions,
        license: c"GPL",
        ..ProgramSource::default()
    };
    sys::load_program(attr, &source, log)
}
