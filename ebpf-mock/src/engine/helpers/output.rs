//! Events for user space: `bpf_perf_event_output()` and its like in kernel/trace/bpf_trace.c and net/core/filter.c,
//! `bpf_ringbuf_*()` in kernel/bpf/ringbuf.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, Next, wrong};
use super::super::memory::Block;
use super::super::problem::Problem;
use super::super::run::Run;
use super::dynptr::{Dynptr, Kind};
use super::row;
use super::types::Types;
use crate::engine::context::Context as RunContext;
use crate::map::{ForPrograms, Reserved, RingBuffer};

use Argument::{Anything, Context, Map, Memory, SizeOrZero, Special};

/// `bpf_perf_event_output()` is of all types but a few.
const PERF: Types = Types::ALL.but(&[T::SK_REUSEPORT, T::FLOW_DISSECTOR, T::NETFILTER]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(25, "perf_event_output", PERF, &[Context, Map, Anything, Memory, SizeOrZero], perf_event_output),
    row(130, "ringbuf_output", Types::ALL, &[Map, Memory, SizeOrZero, Anything], ringbuf_output),
    row(131, "ringbuf_reserve", Types::ALL, &[Map, Anything, Anything], ringbuf_reserve),
    row(132, "ringbuf_submit", Types::ALL, &[Special, Anything], ringbuf_submit),
    row(133, "ringbuf_discard", Types::ALL, &[Special, Anything], ringbuf_discard),
    row(134, "ringbuf_query", Types::ALL, &[Map, Anything], ringbuf_query),
    row(198, "ringbuf_reserve_dynptr", Types::ALL, &[Map, Anything, Anything, Special], ringbuf_reserve_dynptr),
    row(199, "ringbuf_submit_dynptr", Types::ALL, &[Special, Anything], ringbuf_submit_dynptr),
    row(200, "ringbuf_discard_dynptr", Types::ALL, &[Special, Anything], ringbuf_discard_dynptr),
    row(209, "user_ringbuf_drain", Types::ALL, &[Map, Special, Anything, Anything], user_ringbuf_drain),
];

/// A record that a program has and that is not in the ring yet.
#[derive(Debug)]
pub(crate) struct OpenRecord {
    /// Where the program writes.
    at: u64,
    ring: Arc<RingBuffer>,
    record: Reserved,
}

impl OpenRecord {
    /// Gives it back, where the program did not.
    pub(super) fn discard(self) {
        self.ring.discard(self.record, 0);
    }
}

/// A sample for user space, and behind it as much of the packet as the flags say.
fn perf_event_output(
    run: &mut Run,
    [_, map, flags, data, size]: [u64; 5],
) -> Result<Flow, Problem> {
    const CONTEXT_LENGTH: u64 = 0xfffff << 32;
    let map = run.map(25, 1, map)?;
    let ForPrograms::Perf(events) = map.storage.for_programs() else {
        return Err(wrong(25, 1, "array of perf events"));
    };
    let sample = run.memory.view(data, size as usize)?;
    let mut packet = Vec::new();
    let mut plain = flags;
    let wanted = (flags & CONTEXT_LENGTH) >> 32;
    let of_packet = match &run.context {
        RunContext::Xdp(_, xdp) => Some(xdp.len(&run.memory.packet)),
        RunContext::SkBuff(_, skb) => Some(skb.len(&run.memory.packet)),
        _ => None,
    };
    if let Some(length) = of_packet {
        plain = flags & !CONTEXT_LENGTH;
        if wanted > length as u64 && plain <= u64::from(u32::MAX) {
            return Ok(Flow::Return(Errno::EFAULT.negative()));
        }
        packet.resize(wanted.min(length as u64) as usize, 0);
        match &run.context {
            RunContext::Xdp(_, xdp) => {
                let _ = xdp.load_bytes(&run.memory.packet, 0, &mut packet);
            }
            RunContext::SkBuff(_, skb) => {
                let bytes = skb.bytes(&run.memory.packet, 0, packet.len());
                packet.copy_from_slice(bytes.unwrap_or_default());
            }
            _ => {}
        }
    }
    let done = events.output(run.cpu, plain, &[&sample, &packet]);
    Ok(Flow::errno(done))
}

impl Run {
    /// The ring that an argument is.
    fn ring(&self, helper: u32, map: u64) -> Result<Arc<RingBuffer>, Problem> {
        let map = self.map(helper, 0, map)?;
        match map.storage.for_programs() {
            ForPrograms::Ring(ring) => Ok(ring.clone()),
            _ => Err(wrong(helper, 0, "ring buffer")),
        }
    }

    /// Room for a record, with what older ones left in it.
    fn reserve(&mut self, ring: Arc<RingBuffer>, size: u64) -> Option<u64> {
        let record = ring.reserve(size)?;
        let mut bytes = vec![0; record.len()];
        ring.read(&record, 0, &mut bytes);
        let Some(at) = self.memory.add_block("record", Block::new(bytes, true)) else {
            ring.discard(record, 0);
            return None;
        };
        self.state.records.push(OpenRecord { at, ring, record });
        Some(at)
    }

    /// Ends a record: it is in the ring now, or skipped.
    fn finish(&mut self, helper: u32, at: u64, flags: u64, discard: bool) -> Result<Flow, Problem> {
        let place = self.state.records.iter().position(|open| open.at == at);
        let place = place.ok_or_else(|| wrong(helper, 0, "record that is not submitted yet"))?;
        let OpenRecord { ring, record, .. } = self.state.records.swap_remove(place);
        let why = if discard {
            "was discarded"
        } else {
            "was submitted"
        };
        let block = self.memory.end_block(at, why).unwrap_or_default();
        if discard {
            ring.discard(record, flags);
        } else {
            ring.write(&record, 0, block.contents());
            ring.submit(record, flags);
        }
        Ok(Flow::Return(0))
    }
}

fn ringbuf_output(run: &mut Run, [map, data, size, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let ring = run.ring(130, map)?;
    let sample = run.memory.view(data, size as usize)?;
    Ok(Flow::errno(ring.output(&sample, flags)))
}

fn ringbuf_reserve(run: &mut Run, [map, size, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let ring = run.ring(131, map)?;
    if flags != 0 {
        return Ok(Flow::Return(0));
    }
    Ok(Flow::Return(run.reserve(ring, size).unwrap_or(0)))
}

fn ringbuf_submit(run: &mut Run, [record, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.finish(132, record, flags, false)
}

fn ringbuf_discard(run: &mut Run, [record, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.finish(133, record, flags, true)
}

fn ringbuf_query(run: &mut Run, [map, what, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let ring = run.ring(134, map)?;
    Ok(Flow::Return(ring.query(what)))
}

fn ringbuf_reserve_dynptr(
    run: &mut Run,
    [map, size, flags, dynptr, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let ring = run.ring(198, map)?;
    let refuse = |run: &mut Run, errno: Errno| {
        run.put_dynptr(dynptr, None)?;
        Ok(Flow::Return(errno.negative()))
    };
    let size = u64::from(size as u32);
    if flags != 0 {
        return refuse(run, Errno::EINVAL);
    }
    if size > u64::from(Dynptr::LONGEST) {
        return refuse(run, Errno::E2BIG);
    }
    let Some(at) = run.reserve(ring, size) else {
        // The program has to give even this back.
        return refuse(run, Errno::EINVAL);
    };
    let made = Dynptr::new(Kind::Record, at, size as u32);
    run.put_dynptr(dynptr, Some(made))?;
    Ok(Flow::Return(0))
}

fn finish_dynptr(
    run: &mut Run,
    helper: u32,
    at: u64,
    flags: u64,
    discard: bool,
) -> Result<Flow, Problem> {
    let dynptr = run.take_dynptr(helper, 0, at)?;
    match dynptr {
        Some(dynptr) => run.finish(helper, dynptr.base, flags, discard),
        None => Ok(Flow::Return(0)),
    }
}

fn ringbuf_submit_dynptr(run: &mut Run, [dynptr, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    finish_dynptr(run, 199, dynptr, flags, false)
}

fn ringbuf_discard_dynptr(run: &mut Run, [dynptr, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    finish_dynptr(run, 200, dynptr, flags, true)
}

/// Calls a function for each sample that user space wrote, until it returns 1.
fn user_ringbuf_drain(
    run: &mut Run,
    [map, function, context, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let map = run.map(209, 0, map)?;
    let ForPrograms::UserRing(ring) = map.storage.for_programs() else {
        return Err(wrong(209, 0, "user ring buffer"));
    };
    let mut drain = match ring.drain(flags) {
        Ok(drain) => drain,
        Err(errno) => return Ok(Flow::Return(errno.negative())),
    };
    let mut given: Option<(u64, u64)> = None;
    let next = move |run: &mut Run, returned: Option<u64>| {
        if let Some((sample, dynptr)) = given.take() {
            run.memory.end_block(sample, "is of a call that is over");
            run.memory.end_block(dynptr, "is of a call that is over");
        }
        if let Some(returned) = returned {
            drain.returned(returned);
        }
        let Some(length) = drain.next() else {
            let result = drain.result();
            return Ok(Next::Done(
                result.map_or_else(Negative::negative, u64::from),
            ));
        };
        let mut sample = vec![0; length];
        drain.read(0, &mut sample);
        let full = || Problem::NotSimulated("more regions than addresses have room for".into());
        let sample = run.memory.add_block("sample", Block::new(sample, true));
        let sample = sample.ok_or_else(full)?;
        let dynptr = run
            .memory
            .add_block("dynptr", Block::new(vec![0; Dynptr::SIZE], true));
        let dynptr = dynptr.ok_or_else(full)?;
        // A callback may write to its sample, which nobody reads again, and have a pointer into it.
        let made = Dynptr::new(Kind::Memory, sample, length as u32);
        run.put_dynptr(dynptr, Some(made))?;
        given = Some((sample, dynptr));
        Ok(Next::Call {
            function,
            arguments: [dynptr, context, 0, 0, 0],
        })
    };
    Ok(Flow::Callback(Box::new(next)))
}
