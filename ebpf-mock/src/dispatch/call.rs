//! Calls of functions and of the system, tracepoints, samples: what sets off the programs of tracing.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::AttachType;
use ebpf_core::system::SystemError;

use super::registers::Registers;
use super::{Stop, start};
use crate::MockSystem;
use crate::engine::context::Context;
use crate::engine::helpers::Traced;
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::{ProgramObject, set_off};
use crate::symbols::{SYSTEM_CALLS, syscall_function};
use crate::world::{FoundSymbol, Probe, Site};

/// Something that happens, on the current task and CPU.
struct Happening<'k> {
    kernel: &'k Arc<Kernel>,
    /// How many programs it set off.
    ran: usize,
}

impl Happening<'_> {
    /// The programs of the sites that are meant, and the cookie of each.
    fn programs(&self, meant: impl Fn(&Probe) -> Option<u64>) -> Vec<(Arc<ProgramObject>, u64)> {
        let current = self.kernel.world.tasks.current();
        let here = (current.task.process, current.cpu);
        self.kernel.world.probes.at(here, meant)
    }

    /// Runs a program with what `context` gives for r1.
    fn run(
        &mut self,
        (program, cookie): &(Arc<ProgramObject>, u64),
        context: impl FnOnce(&mut Run) -> u64,
    ) -> Result<u64, Stop> {
        let mut run = start(self.kernel, program);
        run.state.cookie = *cookie;
        let context = context(&mut run);
        self.ran += 1;
        Ok(set_off(&mut run, context)?)
    }

    /// Runs those that see registers: `registers` makes them for each run.
    fn run_probes(
        &mut self,
        programs: &[(Arc<ProgramObject>, u64)],
        registers: impl Fn(&mut Run) -> Registers,
    ) -> Result<Vec<u64>, Stop> {
        let mut results = Vec::with_capacity(programs.len());
        for program in programs {
            results.push(self.run(program, |run| {
                let bytes = registers(run).to_bytes();
                if let Some(view) = run.program.view() {
                    run.context = Context::of_fields(view, &bytes);
                }
                Run::context_address()
            })?);
        }
        Ok(results)
    }

    /// Runs those that see numbers: `numbers` makes them for each run.
    fn run_numbers(
        &mut self,
        programs: &[(Arc<ProgramObject>, u64)],
        numbers: impl Fn(&mut Run) -> Vec<u64>,
    ) -> Result<Vec<u64>, Stop> {
        let mut results = Vec::with_capacity(programs.len());
        for program in programs {
            results.push(self.run(program, |run| {
                let bytes = numbers(run)
                    .into_iter()
                    .flat_map(u64::to_le_bytes)
                    .collect();
                block(run, "context", bytes)
            })?);
        }
        Ok(results)
    }

    fn raw_tracepoint(
        &mut self,
        name: &str,
        arguments: impl Fn(&mut Run) -> Vec<u64>,
    ) -> Result<(), Stop> {
        let programs = self.programs(|probe| match &probe.site {
            Site::RawTracepoint { name: known } if **known == *name => Some(probe.cookie),
            _ => None,
        });
        self.run_numbers(&programs, arguments).map(drop)
    }

    /// A tracepoint of these fields, which come after what all tracepoints have.
    fn tracepoint(&mut self, category: &str, name: &str, fields: &[u8]) -> Result<(), Stop> {
        let programs = self.programs(|probe| match &probe.site {
            Site::Tracepoint {
                category: of,
                name: known,
            } if **of == *category && **known == *name => Some(probe.cookie),
            _ => None,
        });
        let task = self.kernel.world.tasks.current().task;
        // Its number and flags, which are not simulated, and the number of the task.
        let mut record = vec![0; 4];
        record.extend_from_slice(&task.thread.to_le_bytes());
        record.extend_from_slice(fields);
        for program in &programs {
            self.run(program, |run| block(run, "context", record.clone()))?;
        }
        Ok(())
    }

    /// Kprobes at the entry of a function, or at its return. Gives the programs of sessions that want no return.
    fn kprobes(
        &mut self,
        address: u64,
        at_return: bool,
        unwanted: &[Arc<ProgramObject>],
        registers: impl Fn(&mut Run) -> Registers,
    ) -> Result<Vec<Arc<ProgramObject>>, Stop> {
        let meant = |sessions: bool| {
            move |probe: &Probe| match &probe.site {
                Site::Kprobe {
                    address: of,
                    offset: 0,
                    at_return: returns,
                    ..
                } if !sessions => (*of == address && *returns == at_return).then_some(probe.cookie),
                Site::KprobeMulti {
                    functions,
                    at_return: returns,
                    session,
                } if *session == sessions => {
                    let function = functions
                        .iter()
                        .find(|function| function.address == address);
                    let function = function.filter(|_| *session || *returns == at_return);
                    function.map(|function| function.cookie)
                }
                _ => None,
            }
        };
        let programs = self.programs(meant(false));
        self.run_probes(&programs, &registers)?;
        let mut sessions = self.programs(meant(true));
        let wanted =
            |program: &Arc<ProgramObject>| !unwanted.iter().any(|un| Arc::ptr_eq(un, program));
        sessions.retain(|(program, _)| wanted(program));
        let results = self.run_probes(&sessions, &registers)?;
        let skip = sessions
            .into_iter()
            .zip(results)
            .filter(|(_, result)| *result != 0);
        Ok(skip.map(|((program, _), _)| program).collect())
    }

    /// Programs that were loaded for a function, at its entry or return: they see its arguments, then its result. Gives
    /// what those that change the result returned last, if not 0.
    fn trampolines(
        &mut self,
        name: &str,
        attach_types: &[AttachType],
        numbers: &[u64],
    ) -> Result<Option<u64>, Stop> {
        let current = self.kernel.world.tasks.current();
        let programs = self
            .kernel
            .world
            .probes
            .at((current.task.process, current.cpu), |probe| {
                match &probe.site {
                    Site::Tracing {
                        attach_type,
                        object: 0,
                        ..
                    } => {
                        let of = probe.program.spec.attach_to.as_deref();
                        let called = match *attach_type {
                            AttachType::LSM_MAC => name.strip_prefix("bpf_lsm_"),
                            _ => Some(name),
                        };
                        let meant = of == called && attach_types.contains(attach_type);
                        meant.then_some(probe.cookie)
                    }
                    _ => None,
                }
            });
        let has_result = !attach_types.contains(&AttachType::TRACE_FENTRY);
        let traced = Traced {
            arguments: (numbers.len() - usize::from(has_result)) as u32,
            has_result,
        };
        let results = self.run_numbers(&programs, |run| {
            run.state.traced = Some(traced);
            numbers.to_vec()
        })?;
        Ok(results.into_iter().rfind(|result| *result as i32 != 0))
    }

    fn system_call(&mut self, name: &str, arguments: &[u64], result: i64) -> Result<(), Stop> {
        let known = SYSTEM_CALLS.iter().find(|(known, _)| *known == name);
        let (_, number) = known.copied().ok_or(Errno::ENOSYS)?;
        let address = self.kernel.machine.symbols.address(&syscall_function(name));
        let mut six = [0; 6];
        for (to, from) in six.iter_mut().zip(arguments) {
            *to = *from;
        }
        let of_task = Registers::of_system_call(number, &six);
        let task_registers =
            |run: &mut Run, registers: &Registers| block(run, "registers", registers.to_bytes());
        let fields = |numbers: &[u64]| -> Vec<u8> {
            numbers
                .iter()
                .flat_map(|number| number.to_le_bytes())
                .collect()
        };
        let mut enter = vec![number];
        enter.extend_from_slice(&six);
        self.raw_tracepoint("sys_enter", |run| {
            vec![task_registers(run, &of_task), number]
        })?;
        self.tracepoint("raw_syscalls", "sys_enter", &fields(&enter))?;
        self.tracepoint("syscalls", &format!("sys_enter_{name}"), &fields(&enter))?;
        if let Some(address) = address {
            let entry = |run: &mut Run| {
                let at = task_registers(run, &of_task);
                Registers::of_call(&[at]).instruction_pointer(address)
            };
            let unwanted = self.kprobes(address, false, &[], entry)?;
            let back = |run: &mut Run| entry(run).result(result as u64);
            self.kprobes(address, true, &unwanted, back)?;
        }
        let exit = fields(&[number, result as u64]);
        let returned = of_task.clone().result(result as u64);
        self.raw_tracepoint("sys_exit", |run| {
            vec![task_registers(run, &returned), result as u64]
        })?;
        self.tracepoint("raw_syscalls", "sys_exit", &exit)?;
        self.tracepoint("syscalls", &format!("sys_exit_{name}"), &exit)
    }

    fn kernel_function(&mut self, name: &str, arguments: &[u64], result: u64) -> Result<u64, Stop> {
        let address = self
            .kernel
            .machine
            .symbols
            .address(name)
            .ok_or(Errno::ENOENT)?;
        let called = Registers::of_call(arguments).instruction_pointer(address);
        let unwanted = self.kprobes(address, false, &[], |_| called.clone())?;
        self.trampolines(name, &[AttachType::TRACE_FENTRY], arguments)?;
        let changing = [AttachType::MODIFY_RETURN, AttachType::LSM_MAC];
        let mut numbers = arguments.to_vec();
        numbers.push(0);
        let result = self
            .trampolines(name, &changing, &numbers)?
            .unwrap_or(result);
        if let Some(last) = numbers.last_mut() {
            *last = result;
        }
        self.trampolines(name, &[AttachType::TRACE_FEXIT], &numbers)?;
        let returned = called.clone().result(result);
        self.kprobes(address, true, &unwanted, |_| returned.clone())?;
        Ok(result)
    }

    /// Uprobes at a place in a file, at its entry or return.
    fn uprobes(
        &mut self,
        (file, offset): (&Path, u64),
        at_return: bool,
        registers: &Registers,
    ) -> Result<(), Stop> {
        let programs = self.programs(|probe| match &probe.site {
            Site::Uprobe {
                file: of,
                offset: at,
                at_return: returns,
                ..
            } => {
                let meant = of == file && *at == offset && *returns == at_return;
                meant.then_some(probe.cookie)
            }
            Site::UprobeMulti {
                file: of,
                places,
                at_return: returns,
                session,
            } => {
                let meant = of == file && (*session || *returns == at_return);
                let mut places = places.iter().filter(|_| meant);
                let place = places.find(|place| place.offset == offset);
                place.map(|place| place.cookie)
            }
            _ => None,
        });
        self.run_probes(&programs, |_| registers.clone()).map(drop)
    }
}

/// Bytes that a program can read, and where.
fn block(run: &mut Run, name: &'static str, bytes: Vec<u8>) -> u64 {
    run.memory
        .add_block(name, Block::new(bytes, false))
        .unwrap_or(0)
}

impl MockSystem {
    fn happen(&self) -> Happening<'_> {
        Happening {
            kernel: self.kernel(),
            ran: 0,
        }
    }

    /// Has the current task do a system call that gives `result`: raw tracepoints `sys_enter` and `sys_exit`, tracepoints
    /// `syscalls:sys_enter_NAME` and `syscalls:sys_exit_NAME`, and probes of the call's function see it. Nothing else comes
    /// of it. Says how many programs ran.
    ///
    /// # Errors
    /// `ENOSYS` for a call that is not one of the 40 that the simulated system has; what a program did wrong.
    pub fn system_call(
        &self,
        name: &str,
        arguments: &[u64],
        result: i64,
    ) -> Result<usize, SystemError> {
        let mut happening = self.happen();
        let done = happening.system_call(name, arguments, result);
        done.map_err(|stop| stop.of("do system call", name))?;
        Ok(happening.ran)
    }

    /// Has the kernel call one of its functions: probes at its entry and return run, and programs that were loaded for it.
    /// Gives its result, which those of `fmod_ret` and LSM may have changed.
    ///
    /// # Errors
    /// `ENOENT` if the kernel has no such function; what a program did wrong.
    pub fn call_kernel_function(
        &self,
        name: &str,
        arguments: &[u64],
        result: u64,
    ) -> Result<u64, SystemError> {
        let called = self.happen().kernel_function(name, arguments, result);
        called.map_err(|stop| stop.of("call kernel function", name))
    }

    /// Has the current task call a function of an executable or library: probes at its entry and return run. Says how many
    /// programs ran.
    ///
    /// # Errors
    /// `ENOENT` if there is no such file or function; what a program did wrong.
    pub fn call_user_function(
        &self,
        binary: impl AsRef<Path>,
        function: &str,
        arguments: &[u64],
        result: u64,
    ) -> Result<usize, SystemError> {
        let path = binary.as_ref();
        let mut happening = self.happen();
        let mut call = || {
            let binary = self
                .kernel()
                .world
                .binaries
                .find(path)
                .ok_or(Errno::ENOENT)?;
            let FoundSymbol::At(offset) = binary.symbol(function) else {
                return Err(Stop::Errno(Errno::ENOENT));
            };
            let registers = Registers::of_call(arguments);
            happening.uprobes((&binary.path, offset), false, &registers)?;
            let returned = registers.result(result);
            happening.uprobes((&binary.path, offset), true, &returned)
        };
        let what = format!("{function} of {}", path.display());
        call().map_err(|stop| stop.of("call", what))?;
        Ok(happening.ran)
    }

    /// Fires a tracepoint: the programs that are attached to it see `fields`, after 8 bytes that all tracepoints have. Says
    /// how many ran.
    ///
    /// # Errors
    /// `ENOENT` if there is no such tracepoint, `EINVAL` if the fields are not as many bytes as it has; what a program did
    /// wrong.
    pub fn fire_tracepoint(
        &self,
        category: &str,
        name: &str,
        fields: &[u8],
    ) -> Result<usize, SystemError> {
        let mut happening = self.happen();
        let mut fire = || {
            let tracepoint = self.kernel().world.tracepoints.get(category, name);
            let tracepoint = tracepoint.ok_or(Errno::ENOENT)?;
            if fields.len() + 8 != tracepoint.size() as usize {
                return Err(Stop::Errno(Errno::EINVAL));
            }
            happening.tracepoint(category, name, fields)
        };
        fire().map_err(|stop| stop.of("fire tracepoint", format!("{category}:{name}")))?;
        Ok(happening.ran)
    }

    /// Fires a raw tracepoint with these arguments. Says how many programs ran.
    ///
    /// # Errors
    /// `ENOENT` if there is no such tracepoint; what a program did wrong.
    pub fn fire_raw_tracepoint(&self, name: &str, arguments: &[u64]) -> Result<usize, SystemError> {
        let mut happening = self.happen();
        let fired = match self.kernel().world.tracepoints.has_raw(name) {
            true => happening.raw_tracepoint(name, |_| arguments.to_vec()),
            false => Err(Errno::ENOENT.into()),
        };
        fired.map_err(|stop| stop.of("fire raw tracepoint", name))?;
        Ok(happening.ran)
    }

    /// Has a perf event be sampled on the current CPU: the programs of events of this kind (`PERF_TYPE_*`, and which of
    /// them) see the registers, the period and the address. Says how many ran.
    ///
    /// # Errors
    /// What a program did wrong.
    pub fn sample_perf_event(
        &self,
        (event_type, config): (u32, u64),
        registers: &Registers,
        period: u64,
        address: u64,
    ) -> Result<usize, SystemError> {
        let mut happening = self.happen();
        let programs = happening.programs(|probe| match probe.site {
            Site::PerfEvent {
                event_type: of,
                config: which,
            } if (of, which) == (event_type, config) => Some(probe.cookie),
            _ => None,
        });
        let mut bytes = registers.to_bytes();
        bytes.extend_from_slice(&period.to_le_bytes());
        bytes.extend_from_slice(&address.to_le_bytes());
        for program in &programs {
            let ran = happening.run(program, |run| {
                if let Some(view) = run.program.view() {
                    run.context = Context::of_fields(view, &bytes);
                }
                Run::context_address()
            });
            ran.map_err(|stop| stop.of("sample perf event", format!("{config:#x}")))?;
        }
        Ok(happening.ran)
    }
}
