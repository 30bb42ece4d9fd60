//! A packet on its way, with what the network stack knows of it.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramType;

use super::{Stop, start};
use crate::engine::context::{Context, SkBuff, Sock};
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::{ProgramObject, set_off};

/// Room before a packet, in which programs may let it grow.
const HEADROOM: usize = 256;
/// Room behind it.
const TAILROOM: usize = 320;

/// A packet in the network stack.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    block: Block,
    skb: SkBuff,
}

/// What a program said of a packet.
pub(super) struct Said {
    pub(super) verdict: u64,
    pub(super) run: Run,
}

impl Packet {
    /// What the stack makes of a frame that an interface received.
    pub(super) fn received(kernel: &Kernel, frame: &[u8], ifindex: u32) -> Packet {
        let mut block = Block::default();
        block.refill(HEADROOM, frame, TAILROOM);
        let own = kernel.hardware_address(ifindex).unwrap_or_default();
        let mut skb = SkBuff::received(&block, ifindex, own, [0xff; 6]);
        skb.ingress_ifindex = ifindex;
        Packet { block, skb }
    }

    /// The whole frame.
    pub(super) fn frame(&self) -> &[u8] {
        let start = self.mac();
        self.block
            .bytes
            .get(start..self.block.end)
            .unwrap_or_default()
    }

    /// The protocol behind the Ethernet header, as a number.
    pub(super) fn protocol(&self) -> u16 {
        u16::from_be(self.skb.protocol)
    }

    /// The index of the Ethernet header in the block.
    fn mac(&self) -> usize {
        let start = self.block.start as i64 + i64::from(self.skb.mac);
        usize::try_from(start).unwrap_or(0)
    }

    /// Has the packet begin so many bytes after its Ethernet header does.
    pub(super) fn begin_at(&mut self, offset: usize) {
        let start = (self.mac() + offset).min(self.block.end);
        let moved = start as i64 - self.block.start as i64;
        self.block.start = start;
        let moved = i32::try_from(moved).unwrap_or(0);
        self.skb.mac -= moved;
        self.skb.network -= moved;
        self.skb.transport = self.skb.transport.map(|at| at - moved);
    }

    /// On another interface: that which it came in by stays.
    pub(super) fn moved_to(&mut self, ifindex: u32) {
        self.skb.ifindex = ifindex;
    }

    pub(super) fn of_socket(&mut self, sock: Option<Arc<Sock>>, mark: u32, priority: u32) {
        (self.skb.mark, self.skb.priority) = (mark, priority);
        self.skb.sock = sock;
    }

    /// Runs a program on the packet, which begins where it was told to.
    pub(super) fn run(
        &mut self,
        kernel: &Arc<Kernel>,
        program: &Arc<ProgramObject>,
        sock: Option<&Arc<Sock>>,
    ) -> Result<Said, Stop> {
        self.run_after(kernel, program, sock, 0)
    }

    /// The same after others said what a call is to return.
    pub(super) fn run_after(
        &mut self,
        kernel: &Arc<Kernel>,
        program: &Arc<ProgramObject>,
        sock: Option<&Arc<Sock>>,
        retval: i32,
    ) -> Result<Said, Stop> {
        let mut run = start(kernel, program);
        run.state.retval = retval;
        let view = program.view().ok_or(Errno::EINVAL)?;
        let before = std::mem::take(&mut run.memory.packet);
        run.memory.packet = std::mem::take(&mut self.block);
        run.memory.packet.writable = matches!(
            program.spec.program_type,
            ProgramType::SCHED_CLS | ProgramType::SCHED_ACT | ProgramType::SK_SKB
        );
        let mut skb = std::mem::take(&mut self.skb);
        let kept = skb.sock.clone();
        skb.sock = sock.cloned().or(skb.sock);
        if let Some(sock) = &skb.sock {
            let block = Block::new(sock.bytes.to_vec(), false);
            skb.sock_address = run.memory.add_block("socket", block).unwrap_or(0);
            run.state.socks.push((skb.sock_address, sock.clone()));
        }
        run.context = Context::SkBuff(view, Box::new(skb));
        let verdict = set_off(&mut run, Run::context_address());
        self.block = std::mem::replace(&mut run.memory.packet, before);
        if let Context::SkBuff(_, skb) = std::mem::take(&mut run.context) {
            self.skb = *skb;
        }
        self.skb.sock = kept;
        self.skb.sock_address = 0;
        Ok(Said {
            verdict: verdict?,
            run,
        })
    }
}
