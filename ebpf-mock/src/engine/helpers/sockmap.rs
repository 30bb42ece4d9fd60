//! What programs do with maps of sockets and the data of these: net/core/sock_map.c, `bpf_msg_*()` in net/core/filter.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{MapType, UpdateFlags};
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::Types;
use crate::engine::context::Sock;
use crate::world::SocketKind;

use Argument::{Anything, Context, Map, MapKey};

const SK_MSG: Types = Types::of(&[T::SK_MSG]);
const SK_SKB: Types = Types::of(&[T::SK_SKB]);
const SOCK_OPS: Types = Types::of(&[T::SOCK_OPS]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(52, "sk_redirect_map", SK_SKB, &[Context, Map, Anything, Anything], sk_redirect_map),
    row(53, "sock_map_update", SOCK_OPS, &[Context, Map, MapKey, Anything], sock_map_update),
    row(60, "msg_redirect_map", SK_MSG, &[Context, Map, Anything, Anything], msg_redirect_map),
    row(61, "msg_apply_bytes", SK_MSG, &[Context, Anything], msg_apply_bytes),
    row(62, "msg_cork_bytes", SK_MSG, &[Context, Anything], msg_cork_bytes),
    row(63, "msg_pull_data", SK_MSG, &[Context, Anything, Anything, Anything], msg_pull_data),
    row(70, "sock_hash_update", SOCK_OPS, &[Context, Map, MapKey, Anything], sock_hash_update),
    row(71, "msg_redirect_hash", SK_MSG, &[Context, Map, MapKey, Anything], msg_redirect_hash),
    row(72, "sk_redirect_hash", SK_SKB, &[Context, Map, MapKey, Anything], sk_redirect_hash),
    row(90, "msg_push_data", SK_MSG, &[Context, Anything, Anything, Anything], msg_push_data),
    row(91, "msg_pop_data", SK_MSG, &[Context, Anything, Anything, Anything], msg_pop_data),
];

/// How the bytes of a message lie: programs see the first stretch of it, or what they pull.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    /// Where stretches end, but for the last.
    ends: Vec<usize>,
    /// For how many bytes the verdict is to be.
    pub(crate) apply: u32,
    /// How many bytes there have to be before a verdict.
    pub(crate) wanted: u32,
}

impl Cuts {
    pub(crate) fn new(apply: u32, wanted: u32) -> Cuts {
        Cuts {
            ends: Vec::new(),
            apply,
            wanted,
        }
    }

    fn cut(&mut self, at: usize, length: usize) {
        if at > 0 && at < length && !self.ends.contains(&at) {
            self.ends.push(at);
            self.ends.sort_unstable();
        }
    }
}

impl Run {
    /// Tells the program where the first stretch of its message is, and how many bytes the message has.
    pub(crate) fn show_message(&mut self) {
        let length = self.memory.packet.bytes.len();
        let first = self.state.cuts.as_ref();
        let first = first.and_then(|cuts| cuts.ends.first().copied());
        self.show_part(0, first.unwrap_or(length));
    }

    /// Tells it where a part of the message is.
    fn show_part(&mut self, start: usize, end: usize) {
        let packet = &mut self.memory.packet;
        (packet.start, packet.end) = (start, end);
        let length = packet.bytes.len() as u32;
        let [data, data_end] = [start, end].map(|at| self.memory.packet_address(at));
        self.context.put(0, &data.to_le_bytes());
        self.context.put(8, &data_end.to_le_bytes());
        self.context.put(68, &length.to_le_bytes());
    }

    /// How the message lies, whose context an argument has to be.
    fn message(&mut self, helper: u32, context: u64) -> Result<&mut Cuts, Problem> {
        let cuts = self.state.cuts.as_mut();
        cuts.filter(|_| context == Run::context_address())
            .ok_or_else(|| wrong(helper, 0, "context of a message"))
    }
}

/// Chooses the socket of a map for data; drops it where there is none.
fn redirect(run: &mut Run, helper: u32, map: u64, key: &[u8], flags: u64) -> Result<Flow, Problem> {
    const DROP: u64 = 0;
    const PASS: u64 = 1;
    const INGRESS: u64 = 1;
    let map = run.map(helper, 1, map)?;
    let is_message = run.program.spec.program_type == T::SK_MSG;
    let ingress = flags & INGRESS != 0;
    let socket = map.storage.socket(key).filter(|socket| {
        let sends = !is_message || ingress || socket.kind == SocketKind::Tcp;
        flags & !INGRESS == 0 && socket.takes_redirected() && sends
    });
    let Some(socket) = socket else {
        return Ok(Flow::Return(DROP));
    };
    run.state.selected = Some(Arc::new(Sock::of(&socket)));
    run.state.ingress = ingress;
    Ok(Flow::Return(PASS))
}

fn by_index(
    run: &mut Run,
    helper: u32,
    [_, map, key, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    redirect(run, helper, map, &(key as u32).to_ne_bytes(), flags)
}

fn by_key(run: &mut Run, helper: u32, [_, map, key, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let size = run.map(helper, 1, map)?.info.key_size as usize;
    let key = run.memory.to_vec(key, size)?;
    redirect(run, helper, map, &key, flags)
}

fn sk_redirect_map(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    by_index(run, 52, arguments)
}

fn msg_redirect_map(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    by_index(run, 60, arguments)
}

fn sk_redirect_hash(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    by_key(run, 72, arguments)
}

fn msg_redirect_hash(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    by_key(run, 71, arguments)
}

/// Puts the socket of an event into a map.
fn put(
    run: &mut Run,
    helper: u32,
    [context, map, key, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    /// Events at which a socket may be put: it is established, or listens.
    const EVENTS: [u32; 3] = [4, 5, 11];
    let map = run.map(helper, 1, map)?;
    let expected = match helper {
        53 => MapType::SOCKMAP,
        _ => MapType::SOCKHASH,
    };
    if map.info.map_type != expected {
        return Err(wrong(helper, 1, "map of sockets"));
    }
    let key = run.memory.to_vec(key, map.info.key_size as usize)?;
    let socket = run.world_sock(helper, 0, context)?;
    let event = run.context.word(0);
    let socket = socket.filter(|_| EVENTS.contains(&event));
    let put = socket.ok_or(Errno::EOPNOTSUPP).and_then(|socket| {
        let flags = UpdateFlags(flags);
        map.storage.put_socket(&run.kernel, &key, &socket, flags)
    });
    Ok(Flow::errno(put))
}

fn sock_map_update(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    put(run, 53, arguments)
}

fn sock_hash_update(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    put(run, 70, arguments)
}

/// Says for how many bytes the verdict is.
fn msg_apply_bytes(run: &mut Run, [context, bytes, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.message(61, context)?.apply = bytes as u32;
    Ok(Flow::Return(0))
}

/// Says how many bytes there have to be before it is asked again.
fn msg_cork_bytes(run: &mut Run, [context, bytes, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.message(62, context)?.wanted = bytes as u32;
    Ok(Flow::Return(0))
}

/// Makes a part of the message that which the program sees. Pointers into it are dead afterwards.
fn msg_pull_data(
    run: &mut Run,
    [context, start, end, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let (start, end) = (start as u32 as usize, end as u32 as usize);
    let length = run.memory.packet.bytes.len();
    let cuts = run.message(63, context)?;
    let fits = flags == 0 && start < end && end <= length;
    if fits {
        // What it lies in becomes one stretch.
        cuts.ends.retain(|cut| *cut <= start || *cut >= end);
    }
    run.memory.packet.moved();
    if !fits {
        let (start, end) = (run.memory.packet.start, run.memory.packet.end);
        run.show_part(start, end);
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    run.show_part(start, end);
    Ok(Flow::Return(0))
}

/// Puts zeros into the message; on Linux it is whatever the memory had.
fn msg_push_data(
    run: &mut Run,
    [context, start, length, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    /// As much as Linux gives at once.
    const MOST: usize = 4 << 20;
    let (start, length) = (start as u32 as usize, length as u32 as usize);
    let there = run.memory.packet.bytes.len();
    let cuts = run.message(90, context)?;
    let refused = match (flags, length) {
        (1.., _) => Some(Errno::EINVAL),
        (0, 0) => None,
        _ if start > there => Some(Errno::EINVAL),
        _ if length > MOST => Some(Errno::ENOMEM),
        _ => None,
    };
    if refused.is_none() && length > 0 {
        for cut in &mut cuts.ends {
            *cut += if *cut > start { length } else { 0 };
        }
        cuts.cut(start, there + length);
        cuts.cut(start + length, there + length);
        let zeros = std::iter::repeat_n(0, length);
        run.memory.packet.bytes.splice(start..start, zeros);
    }
    Ok(changed(run, refused, length > 0))
}

/// Takes bytes out of the message.
fn msg_pop_data(
    run: &mut Run,
    [context, start, length, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let (start, length) = (start as u32 as usize, length as u32 as usize);
    let there = run.memory.packet.bytes.len();
    let cuts = run.message(91, context)?;
    let end = start + length;
    let refused = match (flags, length) {
        (1.., _) => Some(Errno::EINVAL),
        (0, 0) => None,
        _ if start >= there || end > there => Some(Errno::EINVAL),
        _ => None,
    };
    if refused.is_none() && length > 0 {
        cuts.ends.retain(|cut| *cut <= start || *cut >= end);
        for cut in &mut cuts.ends {
            *cut -= if *cut >= end { length } else { 0 };
        }
        cuts.ends.dedup();
        cuts.cut(start, there - length);
        cuts.ends.retain(|cut| *cut > 0 && *cut < there - length);
        run.memory.packet.bytes.drain(start..end);
    }
    Ok(changed(run, refused, length > 0))
}

/// After a change of the message: pointers into it are dead, and the program sees its first stretch.
fn changed(run: &mut Run, refused: Option<Errno>, is_change: bool) -> Flow {
    run.memory.packet.moved();
    if refused.is_none() && is_change {
        run.show_message();
    } else {
        let (start, end) = (run.memory.packet.start, run.memory.packet.end);
        run.show_part(start, end);
    }
    Flow::errno(refused.map_or(Ok(()), Err))
}
