//! What iterators print: `bpf_seq_write()` and `bpf_seq_printf()` in kernel/trace/bpf_trace.c, fs/seq_file.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use super::types::Types;
use super::{format, print, row};

use Argument::{Memory, MemoryOrNull, Size, SizeOrZero, Special};

const ITERATORS: Types = Types::of(&[ProgramType::TRACING]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(126, "seq_printf", ITERATORS, &[Special, Memory, Size, MemoryOrNull, SizeOrZero], printf),
    row(127, "seq_write", ITERATORS, &[Special, Memory, SizeOrZero], write),
];

/// What an iterator prints into: `struct seq_file`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seq {
    /// Where programs see it.
    pub(crate) address: u64,
    pub(crate) bytes: Vec<u8>,
    /// Whether something did not fit.
    pub(crate) overflowed: bool,
}

impl Seq {
    /// How much it takes, less one byte: eight pages.
    pub(crate) const SIZE: usize = 8 * 4096;

    fn append(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        if self.overflowed || self.bytes.len() + bytes.len() >= Seq::SIZE {
            self.overflowed = true;
            return Err(Errno::EOVERFLOW);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

impl Run {
    fn seq(&mut self, helper: u32, address: u64) -> Result<&mut Seq, Problem> {
        let seq = self.state.seq.as_mut();
        seq.filter(|seq| seq.address == address)
            .ok_or_else(|| wrong(helper, 0, "seq_file"))
    }
}

fn write(run: &mut Run, [seq, data, length, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.seq(127, seq)?;
    let bytes = run.memory.to_vec(data, length as u32 as usize)?;
    Ok(Flow::errno(run.seq(127, seq)?.append(&bytes)))
}

fn printf(run: &mut Run, [seq, format, size, data, length]: [u64; 5]) -> Result<Flow, Problem> {
    run.seq(126, seq)?;
    let format = run.memory.to_vec(format, size as u32 as usize)?;
    let Some(arguments) = print::arguments(run, data, length)? else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    match format::format(&format, &arguments, run) {
        Ok(text) => Ok(Flow::errno(run.seq(126, seq)?.append(&text))),
        Err(errno) => Ok(Flow::Return(errno.negative())),
    }
}
