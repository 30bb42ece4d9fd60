//! Programs without a packet of their own: raw tracepoints, system calls, socket lookups; and those that only read one.

use ebpf_core::Errno;
use ebpf_core::program::{RunFlags, RunInput, RunOutput, RunResult};

use super::{Ran, context_of, copy_out, double_at, once, put, repeat, word_at};
use crate::engine::context::{Context, ETHERNET, HookState, IPV4, IPV6, PAGE, SHARED_INFO, SkBuff};
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::world::Interfaces;

/// Families of addresses.
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;

/// `bpf_prog_test_run_raw_tp()`.
pub(super) fn raw_tracepoint(run: &mut Run, input: &RunInput<'_>, output: &RunOutput<'_>) -> Ran {
    const MOST: usize = 12 * 8;
    let refused = !input.data.is_empty()
        || !output.data.is_empty()
        || !output.context.is_empty()
        || input.repeat > 1
        || input.batch_size != 0
        || input.context.len() < run.program.context_read()
        || input.context.len() > MOST;
    let on_cpu = input.flags.contains(RunFlags::ON_CPU);
    if refused || (!on_cpu && input.cpu != 0) {
        return Err(Errno::EINVAL.into());
    }
    if on_cpu {
        if !run.kernel.machine.cpus.online.contains(input.cpu) {
            return Err(Errno::ENXIO.into());
        }
        run.cpu = input.cpu;
    }
    let context = Block::new(input.context.to_vec(), false);
    let context = run.memory.add_block("context", context).unwrap_or(0);
    let verdict = once(run, context)?;
    Ok(RunResult::new(verdict, std::time::Duration::ZERO, 0, 0))
}

/// `bpf_prog_test_run_syscall()`: the program works on the caller's context.
pub(super) fn syscall(run: &mut Run, input: &RunInput<'_>, output: &mut RunOutput<'_>) -> Ran {
    let refused = !input.data.is_empty()
        || !output.data.is_empty()
        || input.repeat > 1
        || input.flags != RunFlags::NONE
        || input.batch_size != 0
        || input.context.len() < run.program.context_read()
        || input.context.len() > usize::from(u16::MAX);
    if refused {
        return Err(Errno::EINVAL.into());
    }
    let context = Block::new(input.context.to_vec(), true);
    let context = run.memory.add_block("context", context).unwrap_or(0);
    let verdict = once(run, context)?;
    let after = run.memory.end_block(context, "is of a run that is over");
    let after = after.unwrap_or_default();
    copy_out(output.context, after.contents())?;
    let length = input.context.len();
    Ok(RunResult::new(
        verdict,
        std::time::Duration::ZERO,
        0,
        length,
    ))
}

/// `bpf_prog_test_run_flow_dissector()`: the output is the keys that it found.
pub(super) fn flow_dissector(
    run: &mut Run,
    input: &RunInput<'_>,
    output: &mut RunOutput<'_>,
) -> Ran {
    /// Bytes of `struct bpf_flow_keys`, and where its flags are.
    const KEYS: usize = 56;
    const FLAGS: usize = 48;
    if input.flags != RunFlags::NONE || input.cpu != 0 || input.batch_size != 0 {
        return Err(Errno::EINVAL.into());
    }
    let size = input.data.len();
    if !(ETHERNET..=PAGE).contains(&size) {
        return Err(Errno::EINVAL.into());
    }
    let context = context_of(input, output, KEYS)?;
    let mut flags = 0;
    if let Some(context) = &context {
        flags = word_at(context, FLAGS);
        let mut rest = context.clone();
        put(&mut rest, FLAGS, &[0; 4]);
        if rest.iter().any(|byte| *byte != 0) {
            return Err(Errno::EINVAL.into());
        }
    }
    let view = run.program.view().ok_or(Errno::ENOTSUPP)?;
    run.memory.packet.refill(0, input.data, 0);
    run.memory.packet.writable = false;
    let mut keys = vec![0; KEYS];
    let offset = (ETHERNET as u16).to_ne_bytes();
    put(&mut keys, 0, &offset);
    put(&mut keys, 2, &offset);
    put(&mut keys, 10, input.data.get(12..14).unwrap_or_default());
    put(&mut keys, FLAGS, &flags.to_ne_bytes());
    let at = run
        .memory
        .add_block("flow keys", Block::new(keys.clone(), true));
    let at = at.unwrap_or(0);
    run.context = Context::SkBuff(
        view,
        Box::new(SkBuff {
            flow_keys: at,
            ..SkBuff::default()
        }),
    );
    let runs = repeat(run, input, |run| {
        if let Some(block) = run.memory.block(at) {
            block.bytes.clone_from(&keys);
        }
        Run::context_address()
    })?;
    let after = run.memory.end_block(at, "is of a run that is over");
    let mut after = after.unwrap_or_default().bytes;
    clamp(&mut after, size);
    copy_out(output.data, &after)?;
    let mut context_length = 0;
    if let Some(context) = context
        && !output.context.is_empty()
    {
        copy_out(output.context, &context)?;
        context_length = KEYS;
    }
    Ok(RunResult::new(
        runs.verdict,
        runs.duration,
        KEYS,
        context_length,
    ))
}

/// The offsets that a flow dissector said lie in the packet: `bpf_flow_dissect()` in net/core/flow_dissector.c.
fn clamp(keys: &mut [u8], size: usize) {
    let half = |keys: &[u8], at: usize| {
        let half = keys.get(at..).and_then(<[u8]>::first_chunk);
        usize::from(half.map_or(0, |half| u16::from_ne_bytes(*half)))
    };
    let network = half(keys, 0).clamp(ETHERNET, size);
    let transport = half(keys, 2).clamp(network, size);
    put(keys, 0, &(network as u16).to_ne_bytes());
    put(keys, 2, &(transport as u16).to_ne_bytes());
}

/// `bpf_prog_test_run_sk_lookup()`.
pub(super) fn sk_lookup(run: &mut Run, input: &RunInput<'_>, output: &mut RunOutput<'_>) -> Ran {
    const SIZE: usize = 72;
    /// Where the local port ends: the rest has to be zeros.
    const END: usize = 64;
    let refused = input.flags != RunFlags::NONE
        || input.cpu != 0
        || input.batch_size != 0
        || !input.data.is_empty()
        || !output.data.is_empty();
    if refused {
        return Err(Errno::EINVAL.into());
    }
    let mut context = context_of(input, output, SIZE)?.ok_or(Errno::EINVAL)?;
    let rest = context.get(END..).unwrap_or_default();
    if double_at(&context, 0) != 0 || rest.iter().any(|byte| *byte != 0) {
        return Err(Errno::EINVAL.into());
    }
    if word_at(&context, 60) > u16::MAX.into() {
        return Err(Errno::ERANGE.into());
    }
    let family = word_at(&context, 8) & 0xffff;
    if family != AF_INET && family != AF_INET6 {
        return Err(Errno::EAFNOSUPPORT.into());
    }
    let mut seen = context.clone();
    let is_v4 = family == AF_INET;
    for (at, length, shown) in [
        (16, 4, is_v4),
        (20, 16, !is_v4),
        (40, 4, is_v4),
        (44, 16, !is_v4),
    ] {
        if !shown {
            put(&mut seen, at, [0u8; 16].get(..length).unwrap_or_default());
        }
    }
    let view = run.program.view().ok_or(Errno::ENOTSUPP)?;
    let runs = repeat(run, input, |run| {
        run.context = Context::of_fields(view.clone(), &seen);
        Run::context_address()
    })?;
    let cookie = run.state.selected.as_ref().map_or(0, |sock| sock.cookie);
    put(&mut context, 0, &cookie.to_ne_bytes());
    let mut context_length = 0;
    if !output.context.is_empty() {
        copy_out(output.context, &context)?;
        context_length = SIZE;
    }
    Ok(RunResult::new(
        runs.verdict,
        runs.duration,
        0,
        context_length,
    ))
}

/// `bpf_prog_test_run_nf()`: nothing but the verdict comes back.
pub(super) fn netfilter(run: &mut Run, input: &RunInput<'_>) -> Ran {
    const HEADROOM: usize = 64;
    const IPV4_HEADER: usize = 20;
    const IPV6_HEADER: usize = 40;
    const NFPROTO_IPV4: u8 = 2;
    const NFPROTO_IPV6: u8 = 10;
    const LOCAL_IN: u8 = 1;
    const LOCAL_OUT: u8 = 3;
    const POST_ROUTING: u8 = 4;
    /// Bytes of `struct nf_hook_state`.
    const STATE: usize = 48;
    if input.flags != RunFlags::NONE || input.cpu != 0 || input.batch_size != 0 {
        return Err(Errno::EINVAL.into());
    }
    let size = input.data.len();
    if !(IPV4_HEADER..=PAGE - HEADROOM - SHARED_INFO).contains(&size) {
        return Err(Errno::EINVAL.into());
    }
    let (mut hook, mut family) = (LOCAL_OUT, NFPROTO_IPV4);
    let (mut incoming, mut outgoing) = (None, None);
    if let Some(context) = context_of(input, &RunOutput::none(), STATE)? {
        let rest = context.get(8..).unwrap_or_default();
        (hook, family) = match context.as_slice() {
            [
                hook @ 0..=POST_ROUTING,
                family @ (NFPROTO_IPV4 | NFPROTO_IPV6),
                ..,
            ] if rest.iter().all(|byte| *byte == 0) => (*hook, *family),
            _ => return Err(Errno::EINVAL.into()),
        };
        incoming = (hook < LOCAL_OUT).then_some(Interfaces::LOOPBACK);
        outgoing = (hook > LOCAL_IN).then_some(Interfaces::LOOPBACK);
    }
    run.memory.packet.refill(0, input.data, 0);
    run.memory.packet.writable = false;
    let mut skb = SkBuff {
        protocol: if family == NFPROTO_IPV4 { IPV4 } else { IPV6 },
        ..SkBuff::default()
    };
    if hook != LOCAL_OUT {
        if size < ETHERNET + IPV4_HEADER {
            return Err(Errno::EINVAL.into());
        }
        let protocol = input.data.get(12..14).unwrap_or_default();
        match (protocol, family) {
            ([8, 0], NFPROTO_IPV4) => {}
            ([0x86, 0xdd], NFPROTO_IPV6) if size >= ETHERNET + IPV6_HEADER => {}
            ([8, 0] | [0x86, 0xdd], _) => return Err(Errno::EINVAL.into()),
            _ => return Err(Errno::EPROTO.into()),
        }
        skb = SkBuff::received(&run.memory.packet, Interfaces::LOOPBACK, [0; 6], [0xff; 6]);
        skb.pull_ethernet(&mut run.memory.packet);
    }
    let view = run.program.view().ok_or(Errno::ENOTSUPP)?;
    let state = HookState {
        hook,
        family,
        incoming,
        outgoing,
    };
    let context = run.netfilter_context(view, skb, state);
    let runs = repeat(run, input, |_| context)?;
    Ok(RunResult::new(runs.verdict, runs.duration, 0, 0))
}
