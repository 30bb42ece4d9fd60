//! Programs of control groups that are asked whether something may be done: `bpf_prog_run_array_cg()` in
//! kernel/bpf/cgroup.c. All of them run, whatever the first says.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::AttachType;

use super::{Stop, is_error, start};
use crate::engine::context::{Context, Sock};
use crate::engine::helpers::Sysctl;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::set_off;
use crate::world::{CgroupObject, DeviceAccess, DeviceKind, SocketObject};

/// What the programs of a group said so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answer {
    /// What the system call is to return: 0, or an error's number, negative.
    pub(super) retval: i32,
    /// What is said besides, where a hook has more than yes and no.
    pub(super) flags: u32,
}

impl Answer {
    /// Hears one more program: what it returned, and what it left that the call is to return. Where a hook has `flags`
    /// they are in the bits above the first.
    pub(super) fn hear(&mut self, verdict: u64, retval: i32, flags: bool) {
        let mut verdict = verdict as u32;
        if flags {
            self.flags |= verdict >> 1;
            verdict &= 1;
        }
        self.retval = match verdict {
            0 if !is_error(retval) => -Errno::EPERM.0,
            _ => retval,
        };
    }

    /// What becomes of the call.
    pub(super) fn outcome(self) -> Result<(), Stop> {
        match self.retval {
            0 => Ok(()),
            retval if is_error(retval) => Err(Errno(-retval).into()),
            // No error: what Linux makes of it differs from call to call.
            _ => Err(Errno::EFAULT.into()),
        }
    }
}

impl Kernel {
    /// Asks the programs at a hook of a group: `before` says what context each has, `after` looks at what it did.
    pub(super) fn ask_group(
        self: &Arc<Kernel>,
        group: &Arc<CgroupObject>,
        hook: AttachType,
        mut answer: Answer,
        flags: bool,
        talk: &mut dyn Talk,
    ) -> Result<Answer, Stop> {
        for program in self.world.cgroups.effective(group, (hook.0, 0)) {
            let mut run = start(self, &program);
            let view = program.view().ok_or(Errno::EINVAL)?;
            run.state.retval = answer.retval;
            let bytes = talk.before(&mut run);
            run.context = Context::of_fields(view, &bytes);
            let verdict = set_off(&mut run, Run::context_address())?;
            talk.after(&mut run);
            answer.hear(verdict, run.state.retval, flags);
        }
        Ok(answer)
    }

    /// Asks the programs of its control group of a socket: `__cgroup_bpf_run_filter_sk()`.
    pub(super) fn ask_of_socket(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        hook: AttachType,
    ) -> Result<Answer, Stop> {
        let mut talk = OfSocket(socket);
        self.ask_group(&socket.cgroup, hook, Answer::default(), false, &mut talk)
    }

    /// Asks whether a socket may be made.
    pub(crate) fn ask_for_socket(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
    ) -> Result<(), Stop> {
        self.ask_of_socket(socket, AttachType::CGROUP_INET_SOCK_CREATE)?
            .outcome()
    }

    /// Asks whether a device may be opened: `__cgroup_bpf_check_dev_permission()`.
    pub(crate) fn ask_for_device(
        self: &Arc<Kernel>,
        kind: DeviceKind,
        (major, minor): (u32, u32),
        access: DeviceAccess,
    ) -> Result<(), Stop> {
        let kind = match kind {
            DeviceKind::Block => 1,
            DeviceKind::Character => 2,
        };
        let access = match access {
            DeviceAccess::MakeNode => 1u32,
            DeviceAccess::Read => 2,
            DeviceAccess::Write => 4,
            DeviceAccess::ReadWrite => 6,
        };
        let context = [access << 16 | kind, major, minor].map(u32::to_le_bytes);
        let group = self.world.tasks.current().task.cgroup.clone();
        let mut talk = OfBytes(context.concat());
        let hook = AttachType::CGROUP_DEVICE;
        self.ask_group(&group, hook, Answer::default(), false, &mut talk)?
            .outcome()
    }

    /// One read or write of a sysctl: `__cgroup_bpf_run_filter_sysctl()`. Gives the position and what is to be written.
    fn ask_for_sysctl(
        self: &Arc<Kernel>,
        name: &str,
        new: Option<&[u8]>,
        position: u32,
    ) -> Result<(u32, Option<Vec<u8>>), Stop> {
        let current = self.world.sysctls.get(name).ok_or(Errno::ENOENT)?;
        let group = self.world.tasks.current().task.cgroup.clone();
        let mut talk = OfSysctl {
            sysctl: Sysctl {
                name: name.to_owned(),
                current,
                new: new.filter(|new| !new.is_empty()).map(<[u8]>::to_vec),
                changed: false,
            },
            write: new.is_some(),
            position,
        };
        let hook = AttachType::CGROUP_SYSCTL;
        self.ask_group(&group, hook, Answer::default(), false, &mut talk)?
            .outcome()?;
        let OfSysctl {
            sysctl, position, ..
        } = talk;
        Ok((position, sysctl.new.filter(|_| sysctl.changed)))
    }

    /// The current task reads a sysctl to its end.
    pub(crate) fn read_sysctl(self: &Arc<Kernel>, name: &str) -> Result<Vec<u8>, Stop> {
        let (at, _) = self.ask_for_sysctl(name, None, 0)?;
        if at != 0 {
            // All is read at once: whoever is past the start is at the end.
            return Ok(Vec::new());
        }
        let value = self.world.sysctls.get(name).ok_or(Errno::ENOENT)?;
        let mut all = value.clone();
        let mut at = value.len() as u32;
        /// How often a program may have it read from the start again.
        const MOST: usize = 64;
        for _ in 0..MOST {
            let (again, _) = self.ask_for_sysctl(name, None, at)?;
            if again != 0 {
                return Ok(all);
            }
            all.extend_from_slice(&value);
            at = value.len() as u32;
        }
        Err(Errno::ENOMEM.into())
    }

    /// The current task writes to a sysctl.
    pub(crate) fn write_sysctl(self: &Arc<Kernel>, name: &str, value: &[u8]) -> Result<(), Stop> {
        self.world.sysctls.get(name).ok_or(Errno::ENOENT)?;
        if self.world.tasks.current().task.user != 0 {
            return Err(Errno::EACCES.into());
        }
        let (_, instead) = self.ask_for_sysctl(name, Some(value), 0)?;
        let value = instead.as_deref().unwrap_or(value);
        Ok(self.world.sysctls.write(name, value)?)
    }
}

/// What a program is told, and what it says.
pub(super) trait Talk {
    /// The bytes of its context.
    fn before(&mut self, run: &mut Run) -> Vec<u8>;

    /// Looks at what it did to them.
    fn after(&mut self, run: &mut Run);
}

/// A context that tells and takes nothing else.
struct OfBytes(Vec<u8>);

impl Talk for OfBytes {
    fn before(&mut self, _: &mut Run) -> Vec<u8> {
        self.0.clone()
    }

    fn after(&mut self, _: &mut Run) {}
}

/// A `struct bpf_sock`.
struct OfSocket<'s>(&'s Arc<SocketObject>);

impl Talk for OfSocket<'_> {
    fn before(&mut self, run: &mut Run) -> Vec<u8> {
        let sock = Arc::new(Sock::of(self.0));
        let bytes = sock.bytes.to_vec();
        run.state.sock = Some(sock);
        bytes
    }

    fn after(&mut self, run: &mut Run) {
        let word = |at| run.context.word(at);
        let (interface, mark, priority) = (word(0), word(16), word(20));
        self.0.with(|state| {
            state.interface = Some(interface).filter(|index| *index != 0);
            (state.mark, state.priority) = (mark, priority);
        });
    }
}

/// A `struct bpf_sysctl`.
struct OfSysctl {
    sysctl: Sysctl,
    write: bool,
    position: u32,
}

impl Talk for OfSysctl {
    fn before(&mut self, run: &mut Run) -> Vec<u8> {
        run.state.sysctl = Some(self.sysctl.clone());
        [u32::from(self.write), self.position]
            .map(u32::to_le_bytes)
            .concat()
    }

    fn after(&mut self, run: &mut Run) {
        self.position = run.context.word(4);
        if let Some(sysctl) = run.state.sysctl.take() {
            self.sysctl = sysctl;
        }
    }
}
