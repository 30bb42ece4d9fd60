//! From a program's spec to a program of the kernel.

use std::ffi::{CStr, CString};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use zerocopy::{Immutable, IntoBytes};

use super::attr::ProgLoad;
use super::btf::LoadedBtf;
use super::create::kernel_name;
use super::memlock;
use super::program::KernelProgram;
use super::sys::{self, ProgramSource};
use super::system::Shared;
use crate::Errno;
use crate::codec::{Endian, c_str};
use crate::insn::{self, Insn, Pseudo};
use crate::program::{
    LogLevel, ProgramError, ProgramProblem, ProgramSpec, ProgramType, Reference, Referent,
    VerifierLog,
};
use crate::system::{Bindings, BtfTarget, ExternValue, Handle, SystemId};

/// Bytes of the first buffer for the verifier's log, and of the largest: what every kernel takes.
const FIRST_LOG: usize = 64 << 10;
const LARGEST_LOG: usize = (1 << 24) - 1;

/// How often the verifier is asked again when it was interrupted.
const ATTEMPTS: usize = 5;

/// Loads a program.
pub(super) fn load(
    system: &Arc<Shared>,
    spec: &ProgramSpec,
    bindings: &Bindings<'_>,
) -> Result<KernelProgram, ProgramError> {
    let name: Arc<str> = spec.name.as_str().into();
    let problem = |problem| ProgramError::Spec {
        program: name.clone(),
        problem,
    };
    if let Some(refusal) = spec.problem(bindings) {
        return Err(problem(refusal));
    }
    let license = CString::new(&*spec.license).map_err(|_| problem(ProgramProblem::NameHasNul))?;

    let mut joined = Joined::new(system, spec, bindings, &name)?;
    let attr = attributes(system, spec, bindings, &mut joined, &name)?;
    let types = Types::new(system, spec);
    let mut attempt = Attempt {
        system,
        attr,
        license: &license,
        joined: &joined,
        types: types.as_ref(),
        lines: true,
    };
    let (fd, log) = attempt.load(&name, spec.log_level)?;
    let program = KernelProgram::open(system, fd, Some(name.clone()))
        .map_err(|errno| ProgramError::load_failed(&name, errno))?;
    Ok(program.loaded_as(spec.program_type, spec.expected_attach_type, log))
}

/// The instructions with what they refer to, and the descriptors that must stay open until they are loaded.
struct Joined {
    instructions: Vec<u8>,
    /// BTF of modules, at the places that calls name; place 0 is the kernel's own.
    btfs: Vec<i32>,
    modules: Vec<Arc<LoadedBtf>>,
}

impl Joined {
    fn new(
        system: &Shared,
        spec: &ProgramSpec,
        bindings: &Bindings<'_>,
        name: &Arc<str>,
    ) -> Result<Joined, ProgramError> {
        let mut joined = Joined {
            instructions: Vec::new(),
            btfs: Vec::new(),
            modules: Vec::new(),
        };
        let mut instructions = spec.instructions.clone();
        for reference in &spec.references {
            joined.resolve(system, bindings, name, *reference, &mut instructions)?;
        }
        joined.instructions = insn::encode(&instructions, Endian::NATIVE);
        Ok(joined)
    }

    fn resolve(
        &mut self,
        system: &Shared,
        bindings: &Bindings<'_>,
        name: &Arc<str>,
        reference: Reference,
        instructions: &mut [Insn],
    ) -> Result<(), ProgramError> {
        let problem = |what, index, given| ProgramError::Spec {
            program: name.clone(),
            problem: ProgramProblem::Binding { what, index, given },
        };
        let at = reference.instruction as usize;
        let given = instructions.len();
        let no_instruction = || problem("instruction", at, given);
        let map = |index: usize| {
            let map = bindings
                .maps
                .get(index)
                .ok_or_else(|| problem("map", index, bindings.maps.len()))?;
            raw(map.handle(), name)
        };
        let first = *instructions.get(at).ok_or_else(no_instruction)?;
        let wide = |pseudo, value| Insn::ld_imm64_pseudo(first.dst, pseudo, value);
        let pair = match reference.referent {
            Referent::Map { map: index } => wide(Pseudo::MAP_FD, u64::from(map(index)?)),
            Referent::MapValue { map: index, offset } => wide(
                Pseudo::MAP_VALUE,
                u64::from(offset) << 32 | u64::from(map(index)?),
            ),
            Referent::Extern { index } => {
                let value = bindings.externs.get(index);
                let value =
                    value.ok_or_else(|| problem("extern", index, bindings.externs.len()))?;
                if first.call_kind().is_some() {
                    let call = match value {
                        ExternValue::Typed(target) => {
                            let place = self.call_place(system, target, name)?;
                            Insn::call_kfunc(target.type_id.0, place)
                        }
                        _ => Insn::call_helper(insn::missing_function(index)),
                    };
                    *instructions.get_mut(at).ok_or_else(no_instruction)? = call;
                    return Ok(());
                }
                match value {
                    ExternValue::Missing => wide(Pseudo::NONE, 0),
                    ExternValue::Address(address) => wide(Pseudo::NONE, *address),
                    ExternValue::Typed(target) => {
                        let module = self.module(system, target, name)?;
                        let fd = module.map_or(0, |module| module.raw());
                        wide(
                            Pseudo::BTF_ID,
                            u64::from(fd) << 32 | u64::from(target.type_id.0),
                        )
                    }
                }
            }
        };
        let slots = instructions
            .get_mut(at..)
            .and_then(|rest| rest.first_chunk_mut::<2>());
        match slots {
            Some(slots) if first.is_wide() => *slots = pair,
            _ => return Err(no_instruction()),
        }
        Ok(())
    }

    /// The BTF of the module that a target is in, kept open.
    fn module(
        &mut self,
        system: &Shared,
        target: &BtfTarget,
        name: &Arc<str>,
    ) -> Result<Option<Arc<LoadedBtf>>, ProgramError> {
        let Some(module) = &target.module else {
            return Ok(None);
        };
        let btf = system
            .btfs
            .module(module)
            .map_err(|errno| ProgramError::Os {
                op: "find the BTF of the module of",
                program: name.clone(),
                errno,
                hint: Some("the module must be loaded, and listing BTF needs CAP_SYS_ADMIN"),
            })?;
        self.modules.push(btf.clone());
        Ok(Some(btf))
    }

    /// The place of a target's BTF among those that calls name.
    fn call_place(
        &mut self,
        system: &Shared,
        target: &BtfTarget,
        name: &Arc<str>,
    ) -> Result<i16, ProgramError> {
        let Some(module) = self.module(system, target, name)? else {
            return Ok(0);
        };
        let fd = module.raw() as i32;
        if self.btfs.is_empty() {
            self.btfs.push(0);
        }
        let place = self
            .btfs
            .iter()
            .skip(1)
            .position(|known| *known == fd)
            .map_or_else(
                || {
                    self.btfs.push(fd);
                    self.btfs.len() - 1
                },
                |place| place + 1,
            );
        i16::try_from(place).map_err(|_| ProgramError::load_failed(name, Errno::E2BIG))
    }
}

fn raw(handle: Handle, program: &Arc<str>) -> Result<u32, ProgramError> {
    handle
        .raw_in(SystemId::KERNEL)
        .map_err(|source| ProgramError::Foreign {
            program: program.clone(),
            source,
        })
}

/// The numbers of the spec and of the target.
fn attributes(
    system: &Shared,
    spec: &ProgramSpec,
    bindings: &Bindings<'_>,
    joined: &mut Joined,
    name: &Arc<str>,
) -> Result<ProgLoad, ProgramError> {
    // Kernels before 5.0 run kprobes only of programs built for themselves.
    let version = match (spec.kernel_version, spec.program_type) {
        (0, ProgramType::KPROBE) => system.facts.version().map_or(0, |release| release.code()),
        (version, _) => version,
    };
    let mut attr = ProgLoad {
        prog_type: spec.program_type.0,
        kern_version: version,
        prog_flags: spec.flags.0,
        prog_name: kernel_name(&spec.name),
        prog_ifindex: spec.ifindex,
        expected_attach_type: spec.expected_attach_type.map_or(0, |attach| attach.0),
        ..ProgLoad::default()
    };
    if let Some(target) = bindings.attach_btf {
        attr.attach_btf_id = target.type_id.0;
        attr.attach_fd = joined
            .module(system, target, name)?
            .map_or(0, |module| module.raw());
    }
    if let Some(target) = bindings.target {
        attr.attach_fd = raw(target.handle(), name)?;
    }
    Ok(attr)
}

/// The types of functions and the source lines, as the kernel wants them.
struct Types {
    btf: Arc<LoadedBtf>,
    functions: Vec<FunctionRecord>,
    lines: Vec<LineInfo>,
}

/// `struct bpf_func_info`.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct FunctionRecord {
    instruction: u32,
    type_id: u32,
}

/// `struct bpf_line_info`.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct LineInfo {
    instruction: u32,
    file_name: u32,
    text: u32,
    line_and_column: u32,
}

impl Types {
    /// `None` where there are no types, or the kernel does not take them.
    fn new(system: &Shared, spec: &ProgramSpec) -> Option<Types> {
        let btf = system.btfs.load(system, spec.btf.as_ref()?).ok()?;
        let record = |function: &crate::program::Function| {
            Some(FunctionRecord {
                instruction: function.start,
                type_id: function.type_id?.0,
            })
        };
        // The kernel wants all functions or none.
        let functions: Option<Vec<_>> = spec.functions.iter().map(record).collect();
        let functions = functions.unwrap_or_default();
        let line = |line: &crate::program::LineRecord| LineInfo {
            instruction: line.instruction,
            file_name: line.file_name,
            text: line.text,
            line_and_column: line.line << 10 | line.column.min(0x3ff),
        };
        // Lines without functions are refused.
        let lines = if functions.is_empty() {
            Vec::new()
        } else {
            spec.lines.iter().map(line).collect()
        };
        Some(Types {
            btf,
            functions,
            lines,
        })
    }
}

/// One program on its way into the kernel, with what is left out of it step by step where the kernel is too old.
struct Attempt<'a> {
    system: &'a Shared,
    attr: ProgLoad,
    license: &'a CStr,
    joined: &'a Joined,
    types: Option<&'a Types>,
    lines: bool,
}

impl Attempt<'_> {
    /// Loads the program. Where it is refused, the verifier's log of the same refusal is in the error.
    fn load(
        &mut self,
        name: &Arc<str>,
        level: LogLevel,
    ) -> Result<(OwnedFd, VerifierLog), ProgramError> {
        let bits = match level {
            LogLevel::OnRefusal => return self.load_quietly(name),
            LogLevel::Stats => 4,
            LogLevel::Instructions => 1,
            LogLevel::States => 2,
        };
        let (mut result, mut log) = self.logged(bits);
        while let Err(errno) = result {
            if !self.leave_out(errno, Some(&log)) {
                return Err(ProgramError::load_refused(name, errno, log));
            }
            (result, log) = self.logged(bits);
        }
        result
            .map(|fd| (fd, log))
            .map_err(|errno| ProgramError::load_failed(name, errno))
    }

    fn load_quietly(&mut self, name: &Arc<str>) -> Result<(OwnedFd, VerifierLog), ProgramError> {
        loop {
            let errno = match self.once(0, &mut []) {
                Ok(fd) => return Ok((fd, VerifierLog::default())),
                Err(errno) => errno,
            };
            if self.leave_out(errno, None) {
                continue;
            }
            if matches!(errno, Errno::EPERM) {
                return Err(ProgramError::load_failed(name, errno));
            }
            // Again, for the log; the first answer is the one that was not about the buffer.
            let (again, log) = self.logged(1);
            match again {
                Ok(fd) => return Ok((fd, VerifierLog::default())),
                Err(_) if self.leave_out(errno, Some(&log)) => {}
                Err(_) => return Err(ProgramError::load_refused(name, errno, log)),
            }
        }
    }

    /// Asks the kernel once, or a few times if it was interrupted.
    fn once(&mut self, level: u32, log: &mut [u8]) -> Result<OwnedFd, Errno> {
        let mut source = ProgramSource {
            instructions: &self.joined.instructions,
            license: self.license,
            functions: &[],
            lines: &[],
            btfs: &self.joined.btfs,
        };
        self.attr.prog_btf_fd = 0;
        if let Some(types) = self.types {
            self.attr.prog_btf_fd = types.btf.raw();
            source.functions = types.functions.as_bytes();
            source.lines = if self.lines {
                types.lines.as_bytes()
            } else {
                &[]
            };
        }
        self.attr.log_level = level;
        let mut result = Err(Errno::EAGAIN);
        for _ in 0..ATTEMPTS {
            let attr = &mut self.attr;
            result = memlock::retrying(self.system, || sys::load_program(attr, &source, log));
            if !matches!(result, Err(Errno::EAGAIN)) {
                break;
            }
        }
        result
    }

    /// Asks the kernel with a buffer for the log that grows until it is large enough.
    fn logged(&mut self, level: u32) -> (Result<OwnedFd, Errno>, VerifierLog) {
        let mut size = FIRST_LOG;
        loop {
            let mut buffer = vec![0; size];
            let result = self.once(level, &mut buffer);
            let full = matches!(result, Err(Errno::ENOSPC));
            if full && size < LARGEST_LOG {
                // Since Linux 6.4 the kernel says how much it takes.
                let wanted = (self.attr.log_true_size as usize).max(size * 2);
                size = wanted.min(LARGEST_LOG);
                continue;
            }
            return (result, VerifierLog::new(&*c_str(&buffer), full));
        }
    }

    /// After a refusal: leaves out something that the kernel may be too old for, or types that it does not like.
    /// Whether there is something new to try.
    fn leave_out(&mut self, errno: Errno, log: Option<&VerifierLog>) -> bool {
        if !matches!(
            errno,
            Errno::EINVAL | Errno::E2BIG | Errno::EACCES | Errno::ENOTSUPP | Errno::EFAULT
        ) {
            return false;
        }
        let Some(log) = log else {
            // What old kernels do not know at all; telling costs nothing where they know.
            if self.attr.prog_name != [0; 16] && !self.system.takes_names() {
                self.attr.prog_name = [0; 16];
                return true;
            }
            if self.attr.expected_attach_type != 0 && !self.system.takes_attach_types() {
                self.attr.expected_attach_type = 0;
                return true;
            }
            return false;
        };
        let Some(types) = self.types else {
            return false;
        };
        // Types are looked at before the first instruction.
        let before = log.is_empty()
            || log.text().contains("processed 0 insns")
            || !log.text().contains("processed ");
        if !before {
            return false;
        }
        if self.lines && !types.lines.is_empty() {
            self.lines = false;
        } else {
            self.types = None;
        }
        true
    }
}
