//! XDP programs: `bpf_prog_test_run_xdp()`.

use std::time::Duration;

use ebpf_core::Errno;
use ebpf_core::program::{AttachType, RunFlags, RunInput, RunOutput, RunResult};

use super::{Ran, context_of, copy_out, once, put, repeat, word_at};
use crate::engine::context::{Context, ETHERNET, MOST_PARTS, PAGE, SHARED_INFO, XdpBuff};
use crate::engine::run::Run;

/// Room before a packet: `XDP_PACKET_HEADROOM`.
const HEADROOM: usize = 256;
/// What of it is not for metadata: `struct xdp_frame`.
const FRAME: usize = 40;
/// Bytes of `struct xdp_md`.
const SIZE: usize = 24;
/// The most metadata.
const MOST_META: usize = 252;
/// What the kernel keeps in each page of a run whose packets go on: `struct xdp_page_head`.
const PAGE_HEAD: usize = 192;
/// The most packets in a batch.
const MOST_BATCH: u32 = 256;
/// The loopback interface.
const LOOPBACK: u32 = 1;

/// What a user said of the packet.
#[derive(Clone, Copy)]
struct Plan {
    /// Bytes of metadata at the start of the data.
    meta: usize,
    /// Bytes that are in the first page, the metadata included.
    linear: usize,
    ingress_ifindex: u32,
}

pub(super) fn run(run: &mut Run, input: &RunInput<'_>, output: &mut RunOutput<'_>) -> Ran {
    let attach = run.program.spec.expected_attach_type;
    if matches!(
        attach,
        Some(AttachType::XDP_DEVMAP | AttachType::XDP_CPUMAP)
    ) {
        return Err(Errno::EINVAL.into());
    }
    let live = input.flags == RunFlags::XDP_LIVE_FRAMES;
    if input.flags != RunFlags::NONE && !live {
        return Err(Errno::EINVAL.into());
    }
    match (live, input.batch_size) {
        (true, batch) if batch > MOST_BATCH => return Err(Errno::E2BIG.into()),
        (false, batch) if batch > 0 => return Err(Errno::EINVAL.into()),
        _ => {}
    }
    let context = context_of(input, output, SIZE)?;
    let wanted = !output.data.is_empty() || !output.context.is_empty();
    let plan = plan(run, input, context.as_deref(), live, live && wanted)?;
    let view = run.program.view().ok_or(Errno::ENOTSUPP)?;
    start(run, input, plan)?;
    let xdp = XdpBuff {
        data: HEADROOM,
        parts: parts(input.data, plan.linear),
        ingress_ifindex: plan.ingress_ifindex,
        ..XdpBuff::default()
    };
    run.context = Context::Xdp(view, xdp.clone());
    if live {
        return live_frames(run, input, plan, &xdp);
    }
    let runs = repeat(run, input, |_| Run::context_address())?;
    let Context::Xdp(_, xdp) = &run.context else {
        return Err(Errno::EINVAL.into());
    };
    let packet = &run.memory.packet;
    let meta = xdp.data - packet.start;
    let later: usize = xdp.parts.iter().map(Vec::len).sum();
    let length = packet.contents().len() + later;
    copy_packet(output.data, packet.contents(), &xdp.parts)?;
    let mut context_length = 0;
    if let Some(mut context) = context
        && !output.context.is_empty()
    {
        put(&mut context, 0, &(meta as u32).to_ne_bytes());
        put(
            &mut context,
            4,
            &(packet.contents().len() as u32).to_ne_bytes(),
        );
        copy_out(output.context, &context)?;
        context_length = SIZE;
    }
    Ok(RunResult::new(
        runs.verdict,
        runs.duration,
        length,
        context_length,
    ))
}

/// Looks at what a user gives, in the kernel's order.
fn plan(
    run: &Run,
    input: &RunInput<'_>,
    context: Option<&[u8]>,
    live: bool,
    wanted_of_live: bool,
) -> Result<Plan, Errno> {
    let size = input.data.len();
    let (mut meta, mut linear) = (0, size);
    if let Some(context) = context {
        let [data, data_end, data_meta] = [0, 4, 8].map(|at| word_at(context, at) as usize);
        if data_meta != 0 || data_end > size || data > data_end || wanted_of_live {
            return Err(Errno::EINVAL);
        }
        if !data.is_multiple_of(4) || data > MOST_META.min(HEADROOM - FRAME) {
            return Err(Errno::EINVAL);
        }
        (meta, linear) = (data, data_end);
    }
    let head = if live { PAGE_HEAD } else { 0 };
    let most = PAGE - (HEADROOM - meta) - head - SHARED_INFO;
    linear = linear.min(most);
    if (live && size > linear) || size - meta < ETHERNET {
        return Err(Errno::EINVAL);
    }
    let mut ingress_ifindex = LOOPBACK;
    if let Some(context) = context {
        let [ingress, queue, egress] = [12, 16, 20].map(|at| word_at(context, at));
        if egress != 0 || (ingress == 0 && queue != 0) {
            return Err(Errno::EINVAL);
        }
        if ingress != 0 {
            if !run.kernel.world.interfaces.exists(ingress) {
                return Err(Errno::ENODEV);
            }
            // Interfaces have one queue.
            if queue > 0 {
                return Err(Errno::EINVAL);
            }
            ingress_ifindex = ingress;
        }
    }
    if (size - linear).div_ceil(PAGE) > MOST_PARTS {
        return Err(Errno::ENOMEM);
    }
    Ok(Plan {
        meta,
        linear,
        ingress_ifindex,
    })
}

/// Puts the packet into memory.
fn start(run: &mut Run, input: &RunInput<'_>, plan: Plan) -> Result<(), Errno> {
    let first = input.data.get(..plan.linear).ok_or(Errno::EINVAL)?;
    let headroom = HEADROOM - plan.meta;
    let tailroom = PAGE.saturating_sub(headroom + first.len());
    run.memory.packet.refill(headroom, first, tailroom);
    Ok(())
}

/// What does not fit into the first page.
fn parts(data: &[u8], linear: usize) -> Vec<Vec<u8>> {
    let rest = data.get(linear..).unwrap_or_default();
    rest.chunks(PAGE).map(<[u8]>::to_vec).collect()
}

/// Runs whose packets go on to where they are sent: each has a packet of its own, and nothing comes back.
fn live_frames(run: &mut Run, input: &RunInput<'_>, plan: Plan, xdp: &XdpBuff) -> Ran {
    for _ in 0..input.repeat.max(1) {
        start(run, input, plan)?;
        if let Context::Xdp(_, running) = &mut run.context {
            running.clone_from(xdp);
        }
        once(run, Run::context_address())?;
    }
    Ok(RunResult::new(0, Duration::ZERO, input.data.len(), 0))
}

/// Gives the packet. Where not all of it fits, the kernel leaves the end of its first page out rather than that of the rest.
fn copy_packet(out: &mut [u8], first: &[u8], parts: &[Vec<u8>]) -> Result<(), Errno> {
    if out.is_empty() {
        return Ok(());
    }
    let later: usize = parts.iter().map(Vec::len).sum();
    let room = out.len().min(first.len() + later);
    let kept = room.checked_sub(later).ok_or(Errno::ENOSPC)?;
    let bytes = first.iter().take(kept).chain(parts.iter().flatten());
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    if room < first.len() + later {
        return Err(Errno::ENOSPC);
    }
    Ok(())
}
