//! Reading memory that is not the program's: the kernel's and that of processes, which the test supplies.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{TRACING, TRACING_OR_SYSCALL, Types};

use Argument::{Anything, Memory, MemoryOut, SizeOrZero, Special};

const WRITES: Types = TRACING.but(&[T::LSM]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(4, "probe_read", TRACING_OR_SYSCALL, &[MemoryOut, SizeOrZero, Anything], probe_read_kernel),
    row(36, "probe_write_user", WRITES, &[Anything, Memory, Argument::Size], probe_write_user),
    row(45, "probe_read_str", TRACING_OR_SYSCALL, &[MemoryOut, SizeOrZero, Anything], probe_read_kernel_str),
    row(112, "probe_read_user", Types::ALL, &[MemoryOut, SizeOrZero, Anything], probe_read_user),
    row(113, "probe_read_kernel", Types::ALL, &[MemoryOut, SizeOrZero, Anything], probe_read_kernel),
    row(114, "probe_read_user_str", Types::ALL, &[MemoryOut, SizeOrZero, Anything], probe_read_user_str),
    row(115, "probe_read_kernel_str", Types::ALL, &[MemoryOut, SizeOrZero, Anything], probe_read_kernel_str),
    row(148, "copy_from_user", Types::ALL, &[MemoryOut, SizeOrZero, Anything], probe_read_user),
    row(191, "copy_from_user_task", Types::ALL, &[MemoryOut, SizeOrZero, Anything, Special, Anything], copy_from_user_task),
];

/// The addresses of a process end here.
const USER_END: u64 = 1 << 47;

impl Run {
    /// Copies bytes from anywhere: of the program's own memory, or of what the test supplied.
    pub(super) fn probe(&self, at: u64, out: &mut [u8]) -> Result<(), Errno> {
        if out.is_empty() {
            return Ok(());
        }
        if let Some(registers) = self.context.registers(at, out.len()) {
            out.copy_from_slice(registers);
            return Ok(());
        }
        let supplied = self.kernel.facilities.read(at, out);
        match supplied {
            Some(()) => Ok(()),
            None => self.memory.read(at, out).map_err(|_| Errno::EFAULT),
        }
    }

    /// The same of a process.
    fn probe_user(&self, at: u64, out: &mut [u8]) -> Result<(), Errno> {
        if at >= USER_END {
            return Err(Errno::EFAULT);
        }
        self.kernel.facilities.read(at, out).ok_or(Errno::EFAULT)
    }

    /// Copies a string and a NUL behind it, as much as there is room for, and gives how many bytes that are.
    pub(super) fn probe_string(&self, at: u64, out: &mut [u8], user: bool) -> Result<usize, Errno> {
        let last = out.len().saturating_sub(1);
        for (index, place) in out.iter_mut().enumerate() {
            let mut byte = [0];
            let at = at.wrapping_add(index as u64);
            if user {
                self.probe_user(at, &mut byte)?;
            } else {
                self.probe(at, &mut byte)?;
            }
            *place = if index == last { 0 } else { byte[0] };
            if *place == 0 {
                return Ok(index + 1);
            }
        }
        Ok(0)
    }

    /// Gives the program what was read, or zeros and an error.
    fn give(
        &mut self,
        [to, size, from, ..]: [u64; 5],
        read: impl FnOnce(&Run, u64, &mut [u8]) -> Result<u64, Errno>,
    ) -> Result<Flow, Problem> {
        let size = size as u32 as usize;
        self.memory.check(to, size, Access::Write)?;
        let mut bytes = vec![0; size];
        let result = read(self, from, &mut bytes);
        if result.is_err() {
            bytes.fill(0);
        }
        self.memory.write(to, &bytes)?;
        Ok(Flow::Return(result.unwrap_or_else(Negative::negative)))
    }
}

fn probe_read_kernel(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    run.give(arguments, |run, from, bytes| {
        run.probe(from, bytes).map(|()| 0)
    })
}

fn probe_read_user(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    run.give(arguments, |run, from, bytes| {
        run.probe_user(from, bytes).map(|()| 0)
    })
}

fn copy_from_user_task(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    let [to, size, .., flags] = arguments;
    if flags != 0 {
        run.memory.check(to, size as u32 as usize, Access::Write)?;
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    probe_read_user(run, arguments)
}

/// Strings: what is behind them in the memory of the program stays, but for an error.
fn probe_string(
    run: &mut Run,
    [to, size, from, ..]: [u64; 5],
    user: bool,
) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let mut bytes = vec![0; size];
    match run.probe_string(from, &mut bytes, user) {
        Ok(length) => {
            run.memory
                .write(to, bytes.get(..length).unwrap_or_default())?;
            Ok(Flow::Return(length as u64))
        }
        Err(errno) => {
            run.memory.write(to, &vec![0; size])?;
            Ok(Flow::Return(errno.negative()))
        }
    }
}

fn probe_read_kernel_str(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    probe_string(run, arguments, false)
}

fn probe_read_user_str(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    probe_string(run, arguments, true)
}

/// Writes to memory of a process that the test supplied.
fn probe_write_user(run: &mut Run, [to, from, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let bytes = run.memory.to_vec(from, size as u32 as usize)?;
    if to >= USER_END {
        return Ok(Flow::Return(Errno::EPERM.negative()));
    }
    let written = run.kernel.facilities.write(to, &bytes);
    Ok(Flow::errno(written.ok_or(Errno::EFAULT)))
}
