//! A map of events and a thread whose programs write into it.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use ebpf_core::insn::{Insn, Pseudo, assemble, walk};
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{ProgramSpec, ProgramType, Reference, Referent, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{KernelSystem, Map, MapExt, Program, System};

/// Bytes of a ring buffer, and of each CPU's perf ring.
pub const BUFFER: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ring,
    Perf,
}

/// How fast is written.
#[derive(Clone, Copy)]
pub enum Pattern {
    /// As fast as programs can, in a loop of the kernel.
    FlatOut,
    /// An event for each system call of a thread.
    EachSyscall,
    /// An event each time.
    Every(Duration),
}

pub struct Stage {
    pub map: Arc<dyn Map>,
    program: Arc<dyn Program>,
    refusals: Arc<dyn Map>,
    pattern: Pattern,
}

/// The thread that writes.
pub struct Writing {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Stage {
    pub fn new(kind: Kind, size: u32, pattern: Pattern) -> Result<Stage> {
        let system = KernelSystem::new();
        let slots = system.cpus()?.possible.slots();
        let spec = match kind {
            Kind::Ring => MapSpec::new("events", MapType::RINGBUF, 0, 0, BUFFER as u32),
            Kind::Perf => MapSpec::new("events", MapType::PERF_EVENT_ARRAY, 4, 4, slots),
        };
        let map = system.create_map(&spec, None)?;
        let spec = MapSpec::new("refusals", MapType::ARRAY, 4, 8, 1);
        let refusals = system.create_map(&spec, None)?;
        let program_type = match pattern {
            Pattern::EachSyscall => ProgramType::RAW_TRACEPOINT,
            _ => ProgramType::XDP,
        };
        let spec = spec_of(program_type, &text(kind, size, pattern))?;
        let maps: [&dyn Map; 2] = [&map, &refusals];
        let bindings = Bindings {
            maps: &maps,
            ..Bindings::default()
        };
        Ok(Stage {
            program: system.load_program(&spec, &bindings)?,
            map,
            refusals,
            pattern,
        })
    }

    /// How many records a ring buffer refused.
    pub fn refused(&self) -> u64 {
        let count = self.refusals.get_uint(&0u32.to_ne_bytes());
        count.ok().flatten().unwrap_or(0)
    }

    /// Begins to write, on another CPU.
    pub fn start(&self) -> Writing {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, program, pattern) = (stop.clone(), self.program.clone(), self.pattern);
        let thread = std::thread::spawn(move || {
            pin(1);
            let frame = [0; 64];
            let write = |count| {
                let input = RunInput::data(&frame).repeat(count);
                program.run(&input, &mut RunOutput::none()).expect("run");
            };
            let running = || !stopped.load(Ordering::Relaxed);
            match pattern {
                Pattern::FlatOut => {
                    while running() {
                        write(20_000);
                    }
                }
                Pattern::EachSyscall => {
                    let _attached = raw_tracepoint(&*program).expect("attach to sys_enter");
                    while running() {
                        for _ in 0..1000 {
                            // SAFETY: a system call without arguments.
                            unsafe { libc::syscall(libc::SYS_getppid) };
                        }
                    }
                }
                Pattern::Every(interval) => {
                    let mut next = Instant::now();
                    while running() {
                        write(1);
                        next += interval;
                        if interval > Duration::from_micros(500) {
                            let left = next.saturating_duration_since(Instant::now());
                            std::thread::sleep(left);
                        }
                        while Instant::now() < next {
                            std::hint::spin_loop();
                        }
                    }
                }
            }
        });
        Writing { stop, thread }
    }
}

impl Writing {
    pub fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
    }
}

/// Writes records of `size` bytes that begin with the time, and counts what a ring buffer refuses.
fn text(kind: Kind, size: u32, pattern: Pattern) -> String {
    let fill: String = (8..size)
        .step_by(8)
        .map(|at| format!("*(u64 *)(r10 - {}) = {at}\n", size - at))
        .collect();
    let only = match pattern {
        // The number of the system call is the second argument of sys_enter.
        Pattern::EachSyscall => format!(
            "r1 = *(u64 *)(r1 + 8)\nif r1 != {} goto out",
            libc::SYS_getppid
        ),
        _ => String::new(),
    };
    // Nobody looks at the time of events that are written as fast as possible.
    let time = match pattern {
        Pattern::Every(_) => "call bpf_ktime_get_ns",
        _ => "r0 = 1",
    };
    let output = match kind {
        Kind::Ring => format!(
            "r1 = map_by_idx(0)\nr2 = r10\nr2 += -{size}\nr3 = {size}\nr4 = 0\ncall bpf_ringbuf_output"
        ),
        Kind::Perf => format!(
            "r1 = r6\nr2 = map_by_idx(0)\nw3 = -1\nr4 = r10\nr4 += -{size}\nr5 = {size}\ncall bpf_perf_event_output"
        ),
    };
    let count = match kind {
        Kind::Ring => {
            "if r0 == 0 goto out
            *(u32 *)(r10 - 8) = 0
            r1 = map_by_idx(1)
            r2 = r10
            r2 += -8
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r1 = 1
            lock *(u64 *)(r0 + 0) += r1"
        }
        // The kernel counts, and tells.
        Kind::Perf => "r1 = map_by_idx(1)",
    };
    format!(
        "r6 = r1\n{only}\n{time}\n{fill}*(u64 *)(r10 - {size}) = r0\n{output}\n{count}\nout: r0 = 0\nexit"
    )
}

/// A spec of this text, in which `map_by_idx` names maps by their place.
fn spec_of(program_type: ProgramType, text: &str) -> Result<ProgramSpec> {
    let mut instructions = assemble(text)?;
    let mut references = Vec::new();
    for step in walk(&instructions) {
        let step = step?;
        if let (Some(Pseudo::MAP_IDX), Some(second)) = (step.insn.pseudo(), step.second) {
            let map = step.insn.imm64(second) as u32 as usize;
            let instruction = step.index as u32;
            let referent = Referent::Map { map };
            references.push(Reference {
                instruction,
                referent,
            });
        }
    }
    for reference in &references {
        let at = reference.instruction as usize;
        let plain = Insn::ld_imm64(instructions[at].dst, 0);
        instructions[at..at + 2].copy_from_slice(&plain);
    }
    let mut spec =
        ProgramSpec::new("write", program_type, instructions).with_license("Dual MIT/GPL");
    spec.maps = vec!["events".into(), "refusals".into()];
    spec.references = references;
    Ok(spec)
}

/// `BPF_RAW_TRACEPOINT_OPEN` of sys_enter.
fn raw_tracepoint(program: &dyn Program) -> Result<OwnedFd> {
    #[repr(C)]
    struct Open {
        name: u64,
        program: u32,
        _pad: u32,
    }
    let program = program.fd().expect("the kernel's").as_raw_fd() as u32;
    let attr = Open {
        name: c"sys_enter".as_ptr() as u64,
        program,
        _pad: 0,
    };
    // SAFETY: `attr` and the name are live for the call.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, 17, &attr, size_of::<Open>()) };
    ensure!(
        fd >= 0,
        "open sys_enter: {}",
        std::io::Error::last_os_error()
    );
    // SAFETY: the kernel has just given this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Keeps the thread on a CPU, where there are several.
pub fn pin(cpu: usize) {
    // SAFETY: a set of CPUs is plain memory, and zeros are the empty one; the call reads it.
    unsafe {
        let mut set: libc::cpu_set_t = MaybeUninit::zeroed().assume_init();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

fn clock(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes the structure.
    unsafe { libc::clock_gettime(clock, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time of `bpf_ktime_get_ns`.
pub fn monotonic() -> u64 {
    clock(libc::CLOCK_MONOTONIC).as_nanos() as u64
}

/// CPU time of this thread.
pub fn thread_time() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}
