//! Pointers with a length that is known only when the program runs: `bpf_dynptr_*()` in kernel/bpf/helpers.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType;

use super::super::helper::{Argument, Flow, Helper, Kfunc, Negative, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::types::Types;
use super::{kfunc, row};
use crate::engine::context::Context as RunContext;

use Argument::{Anything, Memory, MemoryOut, SizeOrZero, Special};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(197, "dynptr_from_mem", Types::ALL, &[Memory, SizeOrZero, Anything, Special], from_mem),
    row(201, "dynptr_read", Types::ALL, &[MemoryOut, SizeOrZero, Special, Anything, Anything], read),
    row(202, "dynptr_write", Types::ALL, &[Special, Anything, Memory, SizeOrZero, Anything], write),
    row(203, "dynptr_data", Types::ALL, &[Special, Anything, Anything], data),
];

#[rustfmt::skip]
pub(super) const KFUNCS: &[Kfunc] = &[
    kfunc("bpf_dynptr_from_skb", "6.4", from_packet),
    kfunc("bpf_dynptr_from_xdp", "6.4", from_packet),
    kfunc("bpf_dynptr_slice", "6.4", slice),
    kfunc("bpf_dynptr_slice_rdwr", "6.4", slice_rdwr),
    kfunc("bpf_dynptr_adjust", "6.5", adjust),
    kfunc("bpf_dynptr_is_null", "6.5", is_null),
    kfunc("bpf_dynptr_is_rdonly", "6.5", is_rdonly),
    kfunc("bpf_dynptr_size", "6.5", size),
    kfunc("bpf_dynptr_clone", "6.5", clone),
];

/// What a dynptr is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Memory of the program.
    Memory,
    /// A record of a ring buffer.
    Record,
    /// The packet of the run.
    Packet,
}

/// What stands behind a dynptr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dynptr {
    kind: Kind,
    /// Where its memory begins; 0 for the packet.
    pub(super) base: u64,
    /// How far its own start is moved from there.
    offset: u32,
    size: u32,
    pub(super) read_only: bool,
}

impl Dynptr {
    /// Bytes of a `struct bpf_dynptr`.
    pub(super) const SIZE: usize = 16;
    /// The most bytes that one is of: `DYNPTR_MAX_SIZE`.
    pub(super) const LONGEST: u32 = (1 << 24) - 1;

    pub(super) fn new(kind: Kind, base: u64, size: u32) -> Dynptr {
        Dynptr {
            kind,
            base,
            offset: 0,
            size,
            read_only: false,
        }
    }

    /// Where bytes of it lie, if all of them are there: `bpf_dynptr_check_off_len()`.
    fn place(&self, offset: u64, length: u64) -> Result<u32, Errno> {
        let end = u64::from(offset as u32).checked_add(u64::from(length as u32));
        match end {
            Some(end) if end <= self.size.into() => Ok(self.offset + offset as u32),
            _ => Err(Errno::E2BIG),
        }
    }
}

impl Run {
    /// Makes the dynptr at an address this one, or none. What is in memory only says which one it is.
    pub(super) fn put_dynptr(&mut self, at: u64, dynptr: Option<Dynptr>) -> Result<(), Problem> {
        let number = match dynptr {
            None => 0,
            Some(dynptr) => {
                self.state.dynptrs.push(dynptr);
                self.state.dynptrs.len() as u64
            }
        };
        let mut bytes = [0; Dynptr::SIZE];
        if let Some(first) = bytes.first_chunk_mut() {
            *first = number.to_ne_bytes();
        }
        self.memory.write(at, &bytes)
    }

    /// The dynptr at an address; `None` for one that is null.
    fn dynptr(&self, helper: u32, index: u8, at: u64) -> Result<Option<Dynptr>, Problem> {
        let mut bytes = [0; Dynptr::SIZE];
        self.memory.read(at, &mut bytes)?;
        let number = bytes
            .first_chunk()
            .map_or(0, |first| u64::from_ne_bytes(*first));
        if number == 0 {
            return Ok(None);
        }
        let found = self.state.dynptrs.get(number as usize - 1);
        match found {
            Some(dynptr) => Ok(Some(*dynptr)),
            None => Err(wrong(helper, index, "dynptr")),
        }
    }

    /// The same, and it is null afterwards.
    pub(super) fn take_dynptr(
        &mut self,
        helper: u32,
        index: u8,
        at: u64,
    ) -> Result<Option<Dynptr>, Problem> {
        let dynptr = self.dynptr(helper, index, at)?;
        self.put_dynptr(at, None)?;
        Ok(dynptr)
    }

    fn packet_read(&mut self, offset: u32, out: &mut [u8]) -> Result<(), Errno> {
        let packet = &self.memory.packet;
        match &self.context {
            RunContext::Xdp(_, xdp) => xdp.load_bytes(packet, offset, out),
            RunContext::SkBuff(_, skb) => {
                let bytes = skb.bytes(packet, offset as usize, out.len());
                out.copy_from_slice(bytes.ok_or(Errno::EFAULT)?);
                Ok(())
            }
            _ => Err(Errno::EFAULT),
        }
    }
}

fn from_mem(run: &mut Run, [data, size, flags, dynptr, _]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32;
    let refused = if size > Dynptr::LONGEST {
        Some(Errno::E2BIG)
    } else if flags != 0 {
        Some(Errno::EINVAL)
    } else {
        None
    };
    if let Some(errno) = refused {
        run.put_dynptr(dynptr, None)?;
        return Ok(Flow::Return(errno.negative()));
    }
    run.memory.check(data, size as usize, Access::Write)?;
    run.put_dynptr(dynptr, Some(Dynptr::new(Kind::Memory, data, size)))?;
    Ok(Flow::Return(0))
}

fn read(run: &mut Run, [to, length, from, offset, flags]: [u64; 5]) -> Result<Flow, Problem> {
    let dynptr = run.dynptr(201, 2, from)?;
    let Some(dynptr) = dynptr.filter(|_| flags == 0) else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    let place = match dynptr.place(offset, length) {
        Ok(place) => place,
        Err(errno) => return Ok(Flow::Return(errno.negative())),
    };
    let length = length as u32 as usize;
    run.memory.check(to, length, Access::Write)?;
    let bytes = if dynptr.kind == Kind::Packet {
        let mut bytes = vec![0; length];
        if let Err(errno) = run.packet_read(place, &mut bytes) {
            return Ok(Flow::Return(errno.negative()));
        }
        bytes
    } else {
        run.memory.to_vec(dynptr.base + u64::from(place), length)?
    };
    run.memory.write(to, &bytes)?;
    Ok(Flow::Return(0))
}

fn write(run: &mut Run, [to, offset, from, length, flags]: [u64; 5]) -> Result<Flow, Problem> {
    let dynptr = run.dynptr(202, 0, to)?;
    let Some(dynptr) = dynptr.filter(|dynptr| !dynptr.read_only) else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    let place = match dynptr.place(offset, length) {
        Ok(place) => place,
        Err(errno) => return Ok(Flow::Return(errno.negative())),
    };
    let bytes = run.memory.to_vec(from, length as u32 as usize)?;
    let packet = &mut run.memory.packet;
    let done = match (&mut run.context, dynptr.kind) {
        (RunContext::SkBuff(_, skb), Kind::Packet) => {
            let done = skb.store_bytes(packet, place, &bytes, flags);
            packet.moved();
            done
        }
        (_, _) if flags != 0 => Err(Errno::EINVAL),
        (RunContext::Xdp(_, xdp), Kind::Packet) => xdp.store_bytes(packet, place, &bytes),
        (_, Kind::Packet) => Err(Errno::EINVAL),
        _ => {
            run.memory.write(dynptr.base + u64::from(place), &bytes)?;
            Ok(())
        }
    };
    Ok(Flow::errno(done))
}

/// An address for loads and stores of the program's own; NULL for packets, and where it may not write.
fn data(run: &mut Run, [dynptr, offset, length, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let dynptr = run.dynptr(203, 0, dynptr)?;
    let at = dynptr
        .filter(|dynptr| !dynptr.read_only && dynptr.kind != Kind::Packet)
        .and_then(|dynptr| Some(dynptr.base + u64::from(dynptr.place(offset, length).ok()?)));
    Ok(Flow::Return(at.unwrap_or(0)))
}

/// A dynptr of the packet that is run on.
fn from_packet(run: &mut Run, [context, flags, dynptr, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let length = match &run.context {
        RunContext::Xdp(_, xdp) => Some(xdp.len(&run.memory.packet)),
        RunContext::SkBuff(_, skb) => Some(skb.len(&run.memory.packet)),
        _ => None,
    };
    // Programs of netfilter have a pointer to it in their context.
    let known = [Run::context_address(), run.state.skb];
    let length = length.filter(|_| context != 0 && known.contains(&context));
    let length = length.ok_or_else(|| Problem::Argument {
        function: "bpf_dynptr_from_skb".into(),
        index: 0,
        expected: "context with a packet",
    })?;
    if flags != 0 {
        run.put_dynptr(dynptr, None)?;
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let mut made = Dynptr::new(Kind::Packet, 0, length as u32);
    let program_type = run.program.spec.program_type;
    // Types that may only read their packets, or look at them only so.
    made.read_only = !run.memory.packet.writable || program_type == ProgramType::SOCKET_FILTER;
    run.put_dynptr(dynptr, Some(made))?;
    Ok(Flow::Return(0))
}

/// An address of bytes: where they are, or copied to a buffer of the program's.
fn sliced(
    run: &mut Run,
    [dynptr, offset, buffer, length, _]: [u64; 5],
    writes: bool,
) -> Result<Flow, Problem> {
    let Some(dynptr) = run.dynptr(203, 0, dynptr)? else {
        return Ok(Flow::Return(0));
    };
    let Ok(place) = dynptr.place(offset, length) else {
        return Ok(Flow::Return(0));
    };
    if writes && dynptr.read_only {
        return Ok(Flow::Return(0));
    }
    let length = length as u32 as usize;
    if dynptr.kind != Kind::Packet {
        return Ok(Flow::Return(dynptr.base + u64::from(place)));
    }
    let data = match &run.context {
        RunContext::Xdp(_, xdp) => xdp.data,
        _ => run.memory.packet.start,
    };
    let at = data + place as usize;
    if at + length <= run.memory.packet.end {
        return Ok(Flow::Return(run.memory.packet_address(at)));
    }
    if buffer == 0 {
        return Ok(Flow::Return(0));
    }
    let mut bytes = vec![0; length];
    if run.packet_read(place, &mut bytes).is_err() {
        return Ok(Flow::Return(0));
    }
    run.memory.write(buffer, &bytes)?;
    Ok(Flow::Return(buffer))
}

fn slice(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    sliced(run, arguments, false)
}

fn slice_rdwr(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    sliced(run, arguments, true)
}

/// Makes a dynptr begin later and end earlier.
fn adjust(run: &mut Run, [at, start, end, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let Some(mut dynptr) = run.dynptr(203, 0, at)? else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    let (start, end) = (start as u32, end as u32);
    if start > end {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    if start > dynptr.size || end > dynptr.size {
        return Ok(Flow::Return(Errno::ERANGE.negative()));
    }
    dynptr.offset += start;
    dynptr.size = end - start;
    run.put_dynptr(at, Some(dynptr))?;
    Ok(Flow::Return(0))
}

fn is_null(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(u64::from(run.dynptr(203, 0, at)?.is_none())))
}

fn is_rdonly(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let dynptr = run.dynptr(203, 0, at)?;
    Ok(Flow::Return(u64::from(
        dynptr.is_some_and(|dynptr| dynptr.read_only),
    )))
}

fn size(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let dynptr = run.dynptr(203, 0, at)?;
    Ok(Flow::Return(match dynptr {
        Some(dynptr) => u64::from(dynptr.size),
        None => Errno::EINVAL.negative(),
    }))
}

fn clone(run: &mut Run, [from, to, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let dynptr = run.dynptr(203, 0, from)?;
    run.put_dynptr(to, dynptr)?;
    Ok(Flow::Return(match dynptr {
        Some(_) => 0,
        None => Errno::EINVAL.negative(),
    }))
}
