//! Programs with a `struct __sk_buff`: `bpf_prog_test_run_skb()`.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::{ProgramType, RunFlags, RunInput, RunOutput, RunResult};

use super::{Ran, Refusal, context_of, copy_out, double_at, put, repeat, word_at};
use crate::engine::context::{
    Context, ETHERNET, IPV4, IPV6, PAGE, SHARED_INFO, SkBuff, Sock, SockField, Summed,
};
use crate::engine::helpers::checksum;
use crate::engine::memory::Block;
use crate::engine::run::Run;

/// Room before a packet: `NET_SKB_PAD`.
const HEADROOM: usize = 64;
/// Bytes of `struct __sk_buff`.
const SIZE: usize = 192;
/// The loopback interface.
const LOOPBACK: u32 = 1;

/// The fields that a user may set: all others have to be zeros.
const SETTABLE: [std::ops::Range<usize>; 6] = [8..12, 32..44, 48..68, 152..168, 176..180, 184..192];

pub(super) fn run(run: &mut Run, input: &RunInput<'_>, output: &mut RunOutput<'_>) -> Ran {
    let program_type = run.program.spec.program_type;
    let sums = input.flags == RunFlags::SKB_CHECKSUM_COMPLETE;
    if (input.flags != RunFlags::NONE && !sums) || input.cpu != 0 || input.batch_size != 0 {
        return Err(Errno::EINVAL.into());
    }
    let size = input.data.len();
    if !(ETHERNET..=PAGE - HEADROOM - SHARED_INFO).contains(&size) {
        return Err(Errno::EINVAL.into());
    }
    let context = context_of(input, output, SIZE)?;
    let is_l2 = matches!(
        program_type,
        ProgramType::SCHED_CLS | ProgramType::SCHED_ACT
    );
    run.memory.packet.refill(HEADROOM, input.data, SHARED_INFO);
    run.memory.packet.writable = is_l2 || program_type == ProgramType::LWT_XMIT;
    let mut skb = received(run, context.as_deref())?;
    skb.sock = Some(Arc::new(sock(
        &skb,
        &run.memory.packet,
        run.kernel.next_cookie(),
    )?));
    if !is_l2 {
        skb.pull_ethernet(&mut run.memory.packet);
    }
    if let Some(context) = &context {
        let length = skb.len(&run.memory.packet) as u32;
        set(&mut skb, context, length)?;
    }
    if sums {
        skb.summed = Summed::Complete(sum(&skb, &run.memory.packet));
    }
    let view = run.program.view().ok_or(Errno::ENOTSUPP)?;
    let bytes = skb.sock.as_ref().map_or([0; 80], |sock| sock.bytes);
    let sock_address = run
        .memory
        .add_block("socket", Block::new(bytes.to_vec(), false));
    skb.sock_address = sock_address.unwrap_or(0);
    if let (Some(at), Some(sock)) = (sock_address, &skb.sock) {
        run.state.socks.push((at, sock.clone()));
    }
    run.context = Context::SkBuff(view, Box::new(skb));
    let runs = repeat(run, input, |_| Run::context_address())?;
    let Context::SkBuff(_, skb) = &mut run.context else {
        return Err(Errno::EINVAL.into());
    };
    let packet = &mut run.memory.packet;
    if !is_l2 {
        skb.push(packet, ETHERNET);
        let start = packet.start;
        put(&mut packet.bytes, start, &[0; ETHERNET]);
    }
    if let (true, Summed::Complete(kept)) = (sums, skb.summed)
        && checksum::fold(kept) != checksum::fold(sum(skb, packet))
    {
        return Err(Errno::EBADMSG.into());
    }
    copy_out(output.data, packet.contents())?;
    let mut context_length = 0;
    if let Some(mut context) = context
        && !output.context.is_empty()
    {
        tell(skb, &mut context);
        copy_out(output.context, &context)?;
        context_length = SIZE;
    }
    let length = skb.len(packet);
    Ok(RunResult::new(
        runs.verdict,
        runs.duration,
        length,
        context_length,
    ))
}

/// What the stack makes of the packet on the interface that the context says.
fn received(run: &Run, context: Option<&[u8]>) -> Result<SkBuff, Refusal> {
    let ifindex = context.map_or(0, |context| word_at(context, 40));
    if ifindex <= LOOPBACK {
        return Ok(SkBuff::received(
            &run.memory.packet,
            LOOPBACK,
            [0; 6],
            [0; 6],
        ));
    }
    let addresses = run.kernel.hardware_address(ifindex).ok_or(Errno::ENODEV)?;
    Ok(SkBuff::received(
        &run.memory.packet,
        ifindex,
        addresses,
        [0xff; 6],
    ))
}

/// The socket that the kernel makes for the packet: its addresses are the packet's.
fn sock(skb: &SkBuff, packet: &Block, cookie: u64) -> Result<Sock, Errno> {
    const CLOSED: u32 = 7;
    const NO_QUEUE: u32 = u32::MAX;
    let header = packet.contents().get(ETHERNET..).unwrap_or_default();
    let mut sock = Sock {
        cookie,
        ..Sock::default()
    };
    let family = |sock: &mut Sock, family: u32| sock.set(SockField::Family, &family.to_ne_bytes());
    match skb.protocol {
        IPV4 => {
            let header = header.first_chunk::<20>().ok_or(Errno::EINVAL)?;
            family(&mut sock, 2);
            sock.set(SockField::SrcIp4, &header[12..16]);
            sock.set(SockField::DstIp4, &header[16..20]);
        }
        IPV6 => {
            let header = header.first_chunk::<40>().ok_or(Errno::EINVAL)?;
            family(&mut sock, 10);
            sock.set(SockField::SrcIp6, &header[8..24]);
            sock.set(SockField::DstIp6, &header[24..40]);
        }
        _ => {}
    }
    sock.set(SockField::State, &CLOSED.to_ne_bytes());
    sock.set(SockField::RxQueueMapping, &NO_QUEUE.to_ne_bytes());
    Ok(sock)
}

/// Takes over what a user may set: `convert___skb_to_skb()`.
fn set(skb: &mut SkBuff, context: &[u8], length: u32) -> Result<(), Errno> {
    const LONGEST: u32 = 65536;
    const MOST_SEGMENTS: u32 = 65535;
    let is_settable = |at: usize| SETTABLE.iter().any(|range| range.contains(&at));
    let set = context.iter().enumerate().filter(|(_, byte)| **byte != 0);
    if set.into_iter().any(|(at, _)| !is_settable(at)) {
        return Err(Errno::EINVAL);
    }
    skb.mark = word_at(context, 8);
    skb.priority = word_at(context, 32);
    skb.ingress_ifindex = word_at(context, 36);
    skb.tstamp = double_at(context, 152);
    if let Some(cb) = context.get(48..68) {
        skb.cb.copy_from_slice(cb);
    }
    skb.wire_len = match word_at(context, 160) {
        0 => length,
        wire_len if wire_len < length || wire_len > LONGEST => return Err(Errno::EINVAL),
        wire_len => wire_len,
    };
    let segments = word_at(context, 164);
    if segments > MOST_SEGMENTS {
        return Err(Errno::EINVAL);
    }
    skb.gso_segs = segments as u16;
    skb.gso_size = word_at(context, 176) as u16;
    skb.hwtstamp = double_at(context, 184);
    Ok(())
}

/// Says what became of it: `convert_skb_to___skb()`.
fn tell(skb: &SkBuff, context: &mut [u8]) {
    put(context, 8, &skb.mark.to_ne_bytes());
    put(context, 32, &skb.priority.to_ne_bytes());
    put(context, 36, &skb.ingress_ifindex.to_ne_bytes());
    put(context, 40, &skb.ifindex.to_ne_bytes());
    put(context, 48, &skb.cb);
    put(context, 152, &skb.tstamp.to_ne_bytes());
    put(context, 160, &skb.wire_len.to_ne_bytes());
    put(context, 164, &u32::from(skb.gso_segs).to_ne_bytes());
    put(context, 184, &skb.hwtstamp.to_ne_bytes());
}

/// The sum of everything from the network header on.
fn sum(skb: &SkBuff, packet: &Block) -> u32 {
    let start = packet.start.checked_add_signed(skb.network as isize);
    let bytes = start.and_then(|start| packet.bytes.get(start..packet.end));
    checksum::partial(bytes.unwrap_or_default(), 0)
}
