//! `struct bpf_nf_ctx`: where on its way a packet is, and the packet.

use std::sync::Arc;

use super::{Context, SkBuff, View};
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::engine::structure::Structure;

/// Where a netfilter program runs: `struct nf_hook_state`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HookState {
    pub(crate) hook: u8,
    pub(crate) family: u8,
    /// The interface that the packet came in by, where it did.
    pub(crate) incoming: Option<u32>,
    /// The interface that it is to leave by, where it is.
    pub(crate) outgoing: Option<u32>,
}

impl Run {
    /// Makes the context of a netfilter program, of the packet that is in the run's memory; gives its address.
    pub(crate) fn netfilter_context(
        &mut self,
        view: Arc<View>,
        skb: SkBuff,
        state: HookState,
    ) -> u64 {
        let mut device = |ifindex: Option<u32>| ifindex.map_or(0, |ifindex| self.device(ifindex));
        let (incoming, outgoing) = (device(state.incoming), device(state.outgoing));
        // Behind the devices there are the socket, the namespace and what comes next: none of these is simulated.
        let mut bytes = vec![state.hook, state.family, 0, 0, 0, 0, 0, 0];
        bytes.extend(
            [incoming, outgoing, 0, 0, 0]
                .into_iter()
                .flat_map(u64::to_le_bytes),
        );
        let state = self
            .memory
            .add_block("nf_hook_state", Block::new(bytes, false));
        let packet = Structure::new(&self.kernel, "sk_buff")
            .number("len", skb.len(&self.memory.packet) as u64)
            .number("mark", skb.mark.into())
            .number("priority", skb.priority.into())
            .number("protocol", skb.protocol.into())
            .put(&mut self.memory);
        let context = [state.unwrap_or(0), packet].map(u64::to_le_bytes).concat();
        self.state.skb = packet;
        self.context = Context::SkBuff(view, Box::new(skb));
        self.memory
            .add_block("context", Block::new(context, false))
            .unwrap_or(0)
    }

    /// A `struct net_device`.
    fn device(&mut self, ifindex: u32) -> u64 {
        let interfaces = &self.kernel.world.interfaces;
        let known = interfaces.with(ifindex, |state| (state.spec.name.clone(), state.spec.mtu));
        let (name, mtu) = known.unwrap_or_default();
        Structure::new(&self.kernel, "net_device")
            .number("ifindex", ifindex.into())
            .number("mtu", mtu.into())
            .bytes("name", name.as_bytes())
            .put(&mut self.memory)
    }
}
