//! Programs of the kernel.

mod dump;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ebpf_sys::bpf_prog_info;

use super::attr::TestRun;
use super::map::name_of;
use super::system::Shared;
use super::{attach, bpffs, sys};
use crate::Errno;
use crate::btf::TypeId;
use crate::hook::AttachTarget;
use crate::link::Link;
use crate::map::MapId;
use crate::program::{
    AttachType, Program, ProgramDump, ProgramError, ProgramId, ProgramInfo, ProgramStats,
    ProgramTag, ProgramType, RunInput, RunOutput, RunResult, VerifierLog,
};
use crate::system::{Handle, SystemId, hint};

/// A program of the running kernel. Dropping it closes its descriptor; the program lives as long as anything refers to
/// it.
#[derive(Debug)]
pub struct KernelProgram {
    fd: OwnedFd,
    info: ProgramInfo,
    shared: Arc<Shared>,
    /// What it was loaded with, which the kernel does not tell.
    attach_type: Option<AttachType>,
}

/// Contexts up to this long are run on without an allocation; the longest of a packet has 192 bytes.
const SHORT_CONTEXT: usize = 512;

/// Ids of maps that fit without asking twice.
const FEW_MAPS: usize = 64;

impl KernelProgram {
    /// The program behind a descriptor that is known to be one; `name` is longer than what the kernel keeps.
    pub(super) fn open(
        shared: &Arc<Shared>,
        fd: OwnedFd,
        name: Option<Arc<str>>,
    ) -> Result<KernelProgram, Errno> {
        let mut few = [0u32; FEW_MAPS];
        let info = match sys::program_info(fd.as_fd(), &mut few) {
            Ok(told) if told.nr_map_ids as usize <= FEW_MAPS => program_info(&told, &few),
            Ok(told) => {
                let mut many = vec![0u32; told.nr_map_ids as usize];
                program_info(&sys::program_info(fd.as_fd(), &mut many)?, &many)
            }
            // Before Linux 4.13 nothing is told.
            Err(Errno::EINVAL) if name.is_some() => {
                ProgramInfo::new(ProgramId(0), "", ProgramType::UNSPEC)
            }
            Err(errno) => return Err(errno),
        };
        let name = name.unwrap_or_else(|| info.name.clone());
        Ok(KernelProgram {
            fd,
            info: ProgramInfo { name, ..info },
            shared: shared.clone(),
            attach_type: None,
        })
    }

    /// The same, of this type where the kernel did not tell, with what the verifier wrote.
    pub(super) fn loaded_as(
        mut self,
        program_type: ProgramType,
        attach_type: Option<AttachType>,
        log: VerifierLog,
    ) -> KernelProgram {
        self.attach_type = attach_type;
        self.info.program_type = program_type;
        self.info.verifier_log = log;
        self
    }

    /// What is found out once, for all objects of the program's system.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The hook that it was loaded for, if it was loaded here.
    pub(super) fn attach_type(&self) -> Option<AttachType> {
        self.attach_type
    }

    #[cold]
    fn refused(&self, op: &'static str, errno: Errno, hint: Option<&'static str>) -> ProgramError {
        ProgramError::Os {
            op,
            program: self.info.name.clone(),
            errno,
            hint,
        }
    }
}

fn program_info(told: &bpf_prog_info, map_ids: &[u32]) -> ProgramInfo {
    let mut info = ProgramInfo::new(
        ProgramId(told.id),
        name_of(&told.name),
        ProgramType(told.type_),
    );
    // The first bit of the bit field.
    let first = if cfg!(target_endian = "big") { 0x80 } else { 1 };
    info.gpl_compatible = told._bitfield_1[0] & first != 0;
    info.tag = ProgramTag(told.tag);
    info.jited_bytes = told.jited_prog_len;
    info.translated_bytes = told.xlated_prog_len;
    info.verified_instructions = told.verified_insns;
    info.loaded_at = Duration::from_nanos(told.load_time);
    info.created_by_uid = told.created_by_uid;
    info.map_ids = map_ids
        .iter()
        .take(told.nr_map_ids as usize)
        .map(|id| MapId(*id))
        .collect();
    info.btf_id = told.btf_id;
    info.attach_btf = (told.attach_btf_obj_id, TypeId(told.attach_btf_id));
    info.netns = (told.netns_dev, told.netns_ino);
    info.ifindex = told.ifindex;
    info
}

impl Program for KernelProgram {
    fn info(&self) -> &ProgramInfo {
        &self.info
    }

    fn query(&self) -> Result<ProgramStats, ProgramError> {
        let told = sys::program_info(self.fd.as_fd(), &mut [])
            .map_err(|errno| self.refused("query", errno, None))?;
        let mut stats = ProgramStats::new();
        stats.run_time = Duration::from_nanos(told.run_time_ns);
        stats.run_count = told.run_cnt;
        stats.recursion_misses = told.recursion_misses;
        let text = bpffs::fdinfo(self.fd.as_fd()).unwrap_or_default();
        stats.memory_bytes = bpffs::field(&text, "memlock").and_then(|bytes| bytes.parse().ok());
        Ok(stats)
    }

    fn dump(&self) -> Result<ProgramDump, ProgramError> {
        let parts = sys::program_parts(self.fd.as_fd())
            .map_err(|errno| self.refused("dump", errno, None))?;
        Ok(dump::assemble(parts))
    }

    fn handle(&self) -> Handle {
        Handle::new(SystemId::KERNEL, self.fd.as_raw_fd() as u32)
    }

    fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError> {
        attach::attach(self, target)
    }

    fn run<'i, 'o>(
        &self,
        input: &RunInput<'i>,
        output: &mut RunOutput<'o>,
    ) -> Result<RunResult, ProgramError> {
        let mut attr = TestRun {
            // Some types refuse any number here; none means once.
            repeat: if input.repeat > 1 { input.repeat } else { 0 },
            flags: input.flags.0,
            cpu: input.cpu,
            batch_size: input.batch_size,
            ..TestRun::default()
        };
        let size = input.context.len();
        // Programs of type syscall leave their context where they found it, so it has to be ours.
        let (mut short, mut long) = ([0u8; SHORT_CONTEXT], Vec::new());
        let context = match short.get_mut(..size) {
            Some(context) => context,
            None => {
                long.resize(size, 0);
                &mut long[..]
            }
        };
        context.copy_from_slice(input.context);
        let in_place = self.info.program_type == ProgramType::SYSCALL;
        let context_out = if in_place {
            &mut []
        } else {
            &mut *output.context
        };
        sys::test_run(
            self.fd.as_fd(),
            &mut attr,
            input.data,
            context,
            [&mut *output.data, context_out],
        )
        .map_err(|errno| self.refused("run", errno, hint::run_program(errno)))?;
        if in_place {
            attr.ctx_size_out = attr.ctx_size_in;
            let fits = size.min(output.context.len());
            if let (Some(to), Some(from)) = (output.context.get_mut(..fits), context.get(..fits)) {
                to.copy_from_slice(from);
            }
            if fits < size && !output.context.is_empty() {
                return Err(self.refused("run", Errno::ENOSPC, hint::run_program(Errno::ENOSPC)));
            }
        }
        Ok(RunResult::new(
            attr.retval,
            Duration::from_nanos(attr.duration.into()),
            attr.data_size_out as usize,
            attr.ctx_size_out as usize,
        ))
    }

    fn pin(&self, path: &Path) -> Result<(), ProgramError> {
        sys::pin(self.fd.as_fd(), path).map_err(|errno| ProgramError::Path {
            op: "pin",
            program: self.info.name.clone(),
            path: path.into(),
            errno,
            hint: bpffs::pin_hint(path, errno),
        })
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.fd.as_fd())
    }
}
