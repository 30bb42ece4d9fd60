//! Helpers of programs on control groups: kernel/bpf/cgroup.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{CGROUP, Types};

use Argument::{Anything, Context, Memory, MemoryOut, Size};

const SYSCTL: Types = Types::of(&[T::CGROUP_SYSCTL]);
const RETVAL: Types = CGROUP.and(Types::of(&[T::LSM]));

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
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

/// Where a `struct bpf_sockopt` has what the call is to return.
const RETVAL_AT: usize = 36;

/// What the system call is to return, as far as programs before this one said.
fn get_retval(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    let retval = match run.program.spec.program_type {
        T::CGROUP_SOCKOPT => run.context.word(RETVAL_AT) as i32,
        _ => run.state.retval,
    };
    Ok(Flow::Return(i64::from(retval) as u64))
}

fn set_retval(run: &mut Run, [retval, ..]: [u64; 5]) -> Result<Flow, Problem> {
    if run.program.spec.program_type == T::CGROUP_SOCKOPT {
        run.context.put(RETVAL_AT, &(retval as i32).to_le_bytes());
    }
    run.state.retval = retval as i32;
    Ok(Flow::Return(0))
}
