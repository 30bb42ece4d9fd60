//! Text: printing for people, formatting, and reading numbers.

use ebpf_core::Errno;

use super::super::helper::{Argument, Flow, Helper, Negative};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::format::{self, Strings};
use super::types::Types;
use super::{number, row};

use Argument::{Anything, Memory, MemoryOrNull, MemoryOut, Size, SizeOrZero, Special};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(6, "trace_printk", Types::ALL, &[Memory, Size], trace_printk),
    row(105, "strtol", Types::ALL, &[Memory, Size, Anything, Special], strtol),
    row(106, "strtoul", Types::ALL, &[Memory, Size, Anything, Special], strtoul),
    row(165, "snprintf", Types::ALL, &[MemoryOut, SizeOrZero, Special, MemoryOrNull, SizeOrZero], snprintf),
    row(177, "trace_vprintk", Types::ALL, &[Memory, Size, MemoryOrNull, SizeOrZero], trace_vprintk),
    row(182, "strncmp", Types::ALL, &[Memory, Size, Special], strncmp),
];

/// The longest text of a conversion, and of a line.
const LONGEST: usize = 1024;

impl Strings for Run {
    fn string(&mut self, address: u64, user: bool) -> Vec<u8> {
        let mut bytes = vec![0; LONGEST];
        match self.probe_string(address, &mut bytes, user) {
            Ok(length) => {
                bytes.truncate(length.saturating_sub(1));
                bytes
            }
            Err(_) => Vec::new(),
        }
    }

    fn bytes(&mut self, address: u64, out: &mut [u8]) {
        if self.probe(address, out).is_err() {
            out.fill(0);
        }
    }
}

fn trace_printk(
    run: &mut Run,
    [format, size, first, second, third]: [u64; 5],
) -> Result<Flow, Problem> {
    let format = run.memory.to_vec(format, size as u32 as usize)?;
    print(run, &format, &[first, second, third])
}

fn trace_vprintk(
    run: &mut Run,
    [format, size, data, length, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let format = run.memory.to_vec(format, size as u32 as usize)?;
    let Some(arguments) = arguments(run, data, length)? else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    print(run, &format, &arguments)
}

/// The numbers that a program put side by side; `None` for what the kernel does not take.
pub(super) fn arguments(run: &Run, data: u64, length: u64) -> Result<Option<Vec<u64>>, Problem> {
    const MOST: usize = 12;
    let length = length as u32 as usize;
    if !length.is_multiple_of(8) || length / 8 > MOST || (length > 0 && data == 0) {
        return Ok(None);
    }
    let bytes = run.memory.view(data, length)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    Ok(Some(
        numbers
            .iter()
            .map(|number| u64::from_ne_bytes(*number))
            .collect(),
    ))
}

/// Appends a line to the trace pipe, as tracefs shows it, and gives how long the text is.
fn print(run: &mut Run, format: &[u8], arguments: &[u64]) -> Result<Flow, Problem> {
    let text = match format::format(format, arguments, run) {
        Ok(text) => text,
        Err(errno) => return Ok(Flow::Return(errno.negative())),
    };
    let shown = text.get(..LONGEST - 1).unwrap_or(&text);
    let shown = String::from_utf8_lossy(shown);
    let now = run.kernel.machine.clock.lock().monotonic;
    let task = run.task();
    let (comm, thread) = (&task.comm, task.thread);
    let (seconds, micros, cpu) = (now.as_secs(), now.subsec_micros(), run.cpu);
    let line = format!(
        "{:>16}-{:<7} [{cpu:03}] ...11 {seconds:5}.{micros:06}: bpf_trace_printk: {}",
        comm,
        thread,
        shown.strip_suffix('\n').unwrap_or(&shown)
    );
    run.kernel.facilities.print(line);
    Ok(Flow::Return(text.len() as u64))
}

/// Text into memory; gives how long all of it would be, with its NUL.
fn snprintf(run: &mut Run, [to, size, format, data, length]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let Some(arguments) = arguments(run, data, length)? else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    let format = run.constant_string(format)?;
    let mut text = match format::format(&format, &arguments, run) {
        Ok(text) => text,
        Err(errno) => return Ok(Flow::Return(errno.negative())),
    };
    text.push(0);
    let whole = text.len();
    if text.len() > size {
        text.truncate(size);
        if let Some(last) = text.last_mut() {
            *last = 0;
        }
    }
    run.memory.write(to, &text)?;
    Ok(Flow::Return(whole as u64))
}

fn strtol(run: &mut Run, [text, length, flags, result, _]: [u64; 5]) -> Result<Flow, Problem> {
    let found = number::signed(&run.memory.view(text, length as u32 as usize)?, flags);
    parsed(
        run,
        result,
        found.map(|(number, taken)| (number as u64, taken)),
    )
}

fn strtoul(run: &mut Run, [text, length, flags, result, _]: [u64; 5]) -> Result<Flow, Problem> {
    let found = number::unsigned(&run.memory.view(text, length as u32 as usize)?, flags);
    parsed(run, result, found)
}

fn parsed(run: &mut Run, result: u64, found: Result<(u64, usize), Errno>) -> Result<Flow, Problem> {
    let (number, returned) = match found {
        Ok((number, taken)) => (number, taken as u64),
        Err(errno) => (0, errno.negative()),
    };
    run.memory.write_number::<8>(result, number)?;
    Ok(Flow::Return(returned))
}

/// Compares bytes up to a NUL with a constant string.
fn strncmp(run: &mut Run, [first, length, second, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let first = run.memory.to_vec(first, length as u32 as usize)?;
    let second = run.constant_string(second)?;
    let second = second.iter().copied().chain(std::iter::repeat(0));
    for (first, second) in first.iter().zip(second) {
        if *first != second {
            let order = if *first < second { -1i64 } else { 1 };
            return Ok(Flow::Return(order as u64));
        }
        if *first == 0 {
            break;
        }
    }
    Ok(Flow::Return(0))
}

impl Run {
    /// A string with its NUL, of a map that programs cannot write.
    fn constant_string(&self, at: u64) -> Result<Vec<u8>, Problem> {
        let mut string = Vec::new();
        loop {
            let byte = self
                .memory
                .read_number::<1>(at.wrapping_add(string.len() as u64))?;
            string.push(byte as u8);
            if byte == 0 {
                return Ok(string);
            }
        }
    }
}
