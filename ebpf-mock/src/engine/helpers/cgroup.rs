//! Helpers of programs on control groups: kernel/bpf/cgroup.c, and options of sockets in net/core/filter.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{CGROUP, Types};
use crate::engine::context::Context as RunContext;

use Argument::{Anything, Context, Memory, MemoryOut, Size};

const SYSCTL: Types = Types::of(&[T::CGROUP_SYSCTL]);
const OPTIONS: Types = Types::of(&[T::SOCK_OPS, T::CGROUP_SOCK_ADDR, T::CGROUP_SOCKOPT]);
const RETVAL: Types = CGROUP.and(Types::of(&[T::LSM]));

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(49, "setsockopt", OPTIONS, &[Argument::Special, Anything, Anything, Memory, Size], setsockopt),
    row(57, "getsockopt", OPTIONS, &[Argument::Special, Anything, Anything, MemoryOut, Size], getsockopt),
    row(59, "sock_ops_cb_flags_set", Types::of(&[T::SOCK_OPS]), &[Context, Anything], cb_flags_set),
    row(101, "sysctl_get_name", SYSCTL, &[Context, MemoryOut, Size, Anything], sysctl_get_name),
    row(102, "sysctl_get_current_value", SYSCTL, &[Context, MemoryOut, Size], sysctl_get_current_value),
    row(103, "sysctl_get_new_value", SYSCTL, &[Context, MemoryOut, Size], sysctl_get_new_value),
    row(104, "sysctl_set_new_value", SYSCTL, &[Context, Memory, Size], sysctl_set_new_value),
    row(186, "get_retval", RETVAL, &[], get_retval),
    row(187, "set_retval", RETVAL, &[Anything], set_retval),
];

/// A sysctl that is read or written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sysctl {
    /// Its path below `/proc/sys`, such as `net/ipv4/tcp_mem`.
    pub(crate) name: String,
    /// What it is, with its line feed.
    pub(crate) current: Vec<u8>,
    /// What is written to it; `None` where it is read.
    pub(crate) new: Option<Vec<u8>>,
    /// Whether the program said what is written.
    pub(crate) changed: bool,
}

impl Run {
    fn sysctl(&self, helper: u32, context: u64) -> Result<&Sysctl, Problem> {
        let sysctl = self.state.sysctl.as_ref();
        sysctl
            .filter(|_| context == Run::context_address())
            .ok_or_else(|| wrong(helper, 0, "context of a sysctl"))
    }

    /// Copies text with a NUL, as much as fits: `copy_sysctl_value()`.
    fn put_text(&mut self, to: u64, size: u64, text: Option<Vec<u8>>) -> Result<Flow, Problem> {
        let size = size as u32 as usize;
        self.memory.check(to, size, Access::Write)?;
        let mut bytes = vec![0; size];
        let text = text.filter(|text| !text.is_empty());
        let result = match &text {
            None => Err(Errno::EINVAL),
            Some(text) if text.len() < size => Ok(text.len() as u64),
            Some(_) => Err(Errno::E2BIG),
        };
        let kept = size.saturating_sub(1);
        for (to, from) in bytes.iter_mut().take(kept).zip(text.iter().flatten()) {
            *to = *from;
        }
        self.memory.write(to, &bytes)?;
        Ok(Flow::Return(result.unwrap_or_else(Negative::negative)))
    }
}

fn sysctl_get_name(
    run: &mut Run,
    [context, to, size, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    const BASE_NAME: u64 = 1;
    let name = &run.sysctl(101, context)?.name;
    let base = name.rsplit('/').next().unwrap_or(name);
    let shown = if flags & BASE_NAME != 0 { base } else { name };
    let shown = shown.as_bytes().to_vec();
    run.put_text(to, size, Some(shown))
}

fn sysctl_get_current_value(
    run: &mut Run,
    [context, to, size, ..]: [u64; 5],
) -> Result<Flow, Problem> {
    let current = run.sysctl(102, context)?.current.clone();
    run.put_text(to, size, Some(current))
}

fn sysctl_get_new_value(run: &mut Run, [context, to, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let new = run.sysctl(103, context)?.new.clone();
    run.put_text(to, size, new)
}

fn sysctl_set_new_value(
    run: &mut Run,
    [context, from, size, ..]: [u64; 5],
) -> Result<Flow, Problem> {
    const MOST: usize = 4095;
    let size = size as u32 as usize;
    let bytes = run.memory.to_vec(from, size)?;
    run.sysctl(104, context)?;
    let Some(sysctl) = &mut run.state.sysctl else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    if sysctl.new.is_none() || bytes.is_empty() {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    if size > MOST {
        return Ok(Flow::Return(Errno::E2BIG.negative()));
    }
    (sysctl.new, sysctl.changed) = (Some(bytes), true);
    Ok(Flow::Return(0))
}

/// What the system call is to return, as far as programs before this one said.
fn get_retval(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(i64::from(run.state.retval) as u64))
}

fn set_retval(run: &mut Run, [retval, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.state.retval = retval as i32;
    Ok(Flow::Return(0))
}

/// Sets an option of the socket that the program runs for. Options are kept as they are given, and mean nothing else.
fn setsockopt(run: &mut Run, [_, level, name, from, size]: [u64; 5]) -> Result<Flow, Problem> {
    let value = run.memory.to_vec(from, size as u32 as usize)?;
    let name = (level as i32, name as i32);
    run.state.options.insert(name, value);
    Ok(Flow::Return(0))
}

/// Reads an option that was set, by this program or by who runs it.
fn getsockopt(run: &mut Run, [_, level, name, to, size]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let value = run.state.options.get(&(level as i32, name as i32));
    let mut bytes = vec![0; size];
    let result = match value {
        Some(value) if value.len() <= size => {
            for (to, from) in bytes.iter_mut().zip(value) {
                *to = *from;
            }
            Ok(())
        }
        Some(_) => Err(Errno::EINVAL),
        None => Err(Errno::ENOPROTOOPT),
    };
    run.memory.write(to, &bytes)?;
    Ok(Flow::errno(result))
}

/// Says at which events of a connection the program wants to run; gives the flags that there are none of.
fn cb_flags_set(run: &mut Run, [context, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const KNOWN: u32 = 0x7f;
    /// Where the context has them.
    const AT: usize = 84;
    let flags = flags as u32;
    let is_context = context == Run::context_address();
    match &mut run.context {
        RunContext::Fields(_, bytes) if is_context => {
            if let Some(place) = bytes.get_mut(AT..AT + 4) {
                place.copy_from_slice(&(flags & KNOWN).to_ne_bytes());
            }
            Ok(Flow::Return(u64::from(flags & !KNOWN)))
        }
        _ => Err(wrong(59, 0, "context")),
    }
}
