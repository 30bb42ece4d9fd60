//! Programs that are told what happens to a TCP connection: `tcp_call_bpf()` in include/net/tcp.h,
//! `__cgroup_bpf_run_filter_sock_ops()` in kernel/bpf/cgroup.c.

use std::sync::Arc;

use ebpf_core::program::AttachType;

use super::Stop;
use super::group::{Answer, Talk};
use crate::engine::context::{Sock, SockField};
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::world::{SocketObject, tcp};

/// What happens: `BPF_SOCK_OPS_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It is about to wait for an answer: how long?
    TimeoutInit = 1,
    /// It is about to say how much it takes: how much?
    RwndInit = 2,
    /// It is about to connect.
    Connect = 3,
    ActiveEstablished = 4,
    PassiveEstablished = 5,
    /// Does its congestion control need ECN?
    NeedsEcn = 6,
    /// Its state changes.
    State = 10,
    Listen = 11,
}

/// `BPF_SOCK_OPS_STATE_CB_FLAG`
const STATE_EVENTS: u32 = 4;

/// A `struct bpf_sock_ops`.
struct OfEvent<'s> {
    socket: &'s Arc<SocketObject>,
    event: Event,
    /// What it says of the event; the first is what programs reply.
    arguments: [u32; 4],
    /// Of a connection that was asked for, before there is a whole socket of it.
    is_request: bool,
}

impl Talk for OfEvent<'_> {
    fn before(&mut self, run: &mut Run) -> Vec<u8> {
        let mut sock = Sock::of(self.socket);
        let events = self.socket.with(|state| state.stream.events);
        if self.is_request {
            sock.set(SockField::State, &tcp::NEW_SYN_RECV.to_ne_bytes());
        }
        let sock = Arc::new(sock);
        let mut bytes = vec![0; 224];
        let mut put = |at: usize, value: &[u8]| {
            for (to, from) in bytes.iter_mut().skip(at).zip(value) {
                *to = *from;
            }
        };
        put(0, &(self.event as u32).to_le_bytes());
        put(4, self.arguments.map(u32::to_le_bytes).as_flattened());
        let family = sock.get(SockField::Family);
        put(20, &family.to_le_bytes());
        // Fields of a socket that are as they are there: where, and how many bytes.
        for (at, from, length) in [
            (24, SockField::DstIp4, 4),
            (28, SockField::SrcIp4, 4),
            (32, SockField::DstIp6, 16),
            (48, SockField::SrcIp6, 16),
            (68, SockField::SrcPort, 4),
            (88, SockField::State, 4),
        ] {
            let from = sock.bytes.get(from as usize..).unwrap_or_default();
            put(at, from.get(..length).unwrap_or_default());
        }
        // The port is in the upper half, in the order of the network.
        let port = sock.get(SockField::DstPort) << 16;
        put(64, &port.to_le_bytes());
        if !self.is_request {
            put(72, &1u32.to_le_bytes());
            put(84, &events.to_le_bytes());
            put(184, &run.give_sock(sock.clone()).to_le_bytes());
        }
        run.state.sock = Some(sock);
        bytes
    }

    fn after(&mut self, run: &mut Run) {
        for (index, argument) in self.arguments.iter_mut().enumerate() {
            *argument = run.context.word(4 + 4 * index);
        }
    }
}

impl Kernel {
    /// Tells the programs of its control group of an event.
    pub(super) fn tell(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        event: Event,
        arguments: [u32; 4],
        is_request: bool,
    ) -> Result<(), Stop> {
        let mut talk = OfEvent {
            socket,
            event,
            arguments,
            is_request,
        };
        let hook = AttachType::CGROUP_SOCK_OPS;
        let told = self.ask_group(&socket.cgroup, hook, Answer::default(), false, &mut talk);
        // What they reply is about time and amounts, which are not simulated.
        told.map(drop)
    }

    /// Puts a connection into another state: `tcp_set_state()`. Those who want to know are told before.
    pub(super) fn set_stream_state(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        new: u32,
    ) -> Result<(), Stop> {
        let (old, events) = socket.with(|state| (state.stream.state, state.stream.events));
        if old == new {
            return Ok(());
        }
        let told = match events & STATE_EVENTS {
            0 => Ok(()),
            _ => self.tell(socket, Event::State, [old, new, 0, 0], false),
        };
        socket.with(|state| state.stream.state = new);
        told
    }
}
