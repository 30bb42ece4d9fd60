//! Datagrams that sockets send and get, and the programs on their way: `udp_sendmsg()`, `udp_queue_rcv_skb()` in
//! net/ipv4/udp.c, `bpf_sk_lookup_run_v4()` in include/linux/filter.h, `reuseport_select_sock()` in
//! net/core/sock_reuseport.c.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::NetfilterHook;
use ebpf_core::program::{AttachType, ProgramType};

use super::frame::{self, Headers, UDP, UDP_HEADER};
use super::group::Answer;
use super::packet::Packet;
use super::receive::Fate;
use super::{Stop, start};
use crate::engine::context::{Context, ETHERNET, Sock};
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::{ProgramObject, set_off};
use crate::world::{SocketHook, SocketKind, SocketObject};

/// What programs that choose say.
const SK_PASS: u64 = 1;

/// Families of addresses.
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;

/// A socket as programs see it.
fn sock_of(socket: &Arc<SocketObject>) -> Arc<Sock> {
    Arc::new(Sock::of(socket))
}

impl Kernel {
    /// A socket sends a datagram, from an address that it has.
    pub(crate) fn send_datagram(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        from: SocketAddr,
        to: SocketAddr,
        payload: &[u8],
    ) -> Result<(), Stop> {
        let (ifindex, devices, from) = self.route(socket, from, to)?;
        let frame = frame::datagram(devices, from, to, payload).ok_or(Errno::EMSGSIZE)?;
        let hooks = [NetfilterHook::LOCAL_OUT, NetfilterHook::POST_ROUTING];
        let namespace = &socket.namespace;
        if !self.passes_netfilter(namespace, &frame, &hooks, [None, Some(ifindex)])? {
            return Err(Errno::EPERM.into());
        }
        let mut packet = Packet::received(self, &frame, ifindex);
        let sock = sock_of(socket);
        let (mark, priority) = socket.with(|state| (state.mark, state.priority));
        packet.of_socket(Some(sock.clone()), mark, priority);
        self.filter_by_group(socket, &mut packet, AttachType::CGROUP_INET_EGRESS, &sock)?;
        // What becomes of it on its way the sender does not notice.
        self.transmit(ifindex, packet.frame(), 0)?;
        Ok(())
    }

    /// By which interface a socket reaches an address, the addresses of devices that a frame has, and the address that the
    /// socket has there.
    pub(super) fn route(
        &self,
        socket: &SocketObject,
        from: SocketAddr,
        to: SocketAddr,
    ) -> Result<(u32, [[u8; 6]; 2], SocketAddr), Stop> {
        let interfaces = &self.world.interfaces;
        let ways = interfaces.addresses(&socket.namespace);
        let is_own =
            to.ip().is_loopback() || ways.iter().any(|(_, address, _)| *address == to.ip());
        if is_own {
            let ifindex = interfaces
                .loopback(&socket.namespace)
                .ok_or(Errno::ENETUNREACH)?;
            let source = if from.ip().is_unspecified() {
                to.ip()
            } else {
                from.ip()
            };
            return Ok((ifindex, [[0; 6]; 2], SocketAddr::new(source, from.port())));
        }
        let reached = ways
            .iter()
            .filter(|(_, address, prefix)| in_network(*address, *prefix, to.ip()));
        let (ifindex, address, _) = *reached
            .max_by_key(|(_, _, prefix)| *prefix)
            .ok_or(Errno::ENETUNREACH)?;
        let own = self.hardware_address(ifindex).unwrap_or_default();
        let source = if from.ip().is_unspecified() {
            address
        } else {
            from.ip()
        };
        Ok((
            ifindex,
            [[0xff; 6], own],
            SocketAddr::new(source, from.port()),
        ))
    }

    /// The programs of a socket's control group look at a packet, from its network header on.
    fn filter_by_group(
        self: &Arc<Kernel>,
        socket: &SocketObject,
        packet: &mut Packet,
        attach_type: AttachType,
        sock: &Arc<Sock>,
    ) -> Result<(), Stop> {
        packet.begin_at(ETHERNET);
        let programs = self
            .world
            .cgroups
            .effective(&socket.cgroup, (attach_type.0, 0));
        let flags = attach_type == AttachType::CGROUP_INET_EGRESS;
        let mut answer = Answer::default();
        for program in programs {
            let said = packet.run_after(self, &program, Some(sock), answer.retval)?;
            answer.hear(said.verdict, said.run.state.retval, flags);
        }
        packet.begin_at(0);
        answer.outcome()
    }

    /// The sockets get a packet.
    pub(super) fn deliver(
        self: &Arc<Kernel>,
        mut packet: Packet,
        ifindex: u32,
    ) -> Result<Fate, Stop> {
        let Some(namespace) = self
            .world
            .interfaces
            .with(ifindex, |state| state.namespace.clone())
        else {
            return Ok(Fate::Lost);
        };
        let mut cookies = Vec::new();
        for socket in self.world.sockets.of(SocketKind::Packet, &namespace) {
            let frame = packet.frame().to_vec();
            let kept = match self.filter(&socket, &mut packet, 0)? {
                0 => continue,
                kept => frame.len().min(kept as usize),
            };
            if socket.give(None, frame.get(..kept).unwrap_or_default().to_vec()) {
                cookies.push(socket.cookie);
            }
        }
        let hooks = [NetfilterHook::PRE_ROUTING, NetfilterHook::LOCAL_IN];
        let devices = [Some(ifindex), None];
        if !self.passes_netfilter(&namespace, packet.frame(), &hooks, devices)? {
            return Ok(match cookies.is_empty() {
                true => Fate::NetfilterDropped,
                false => delivered(cookies),
            });
        }
        let Some(headers) = frame::read(packet.frame()) else {
            return Ok(delivered(cookies));
        };
        let chosen = self.choose(&namespace, &mut packet, headers, ifindex)?;
        let socket = match chosen {
            Chosen::Nobody => return Ok(delivered(cookies)),
            Chosen::Dropped if cookies.is_empty() => return Ok(Fate::Filtered),
            Chosen::Dropped => return Ok(delivered(cookies)),
            Chosen::Socket(socket) => socket,
        };
        let sock = sock_of(&socket);
        let group =
            self.filter_by_group(&socket, &mut packet, AttachType::CGROUP_INET_INGRESS, &sock);
        match group {
            Err(Stop::Errno(_)) if cookies.is_empty() => return Ok(Fate::Filtered),
            Err(Stop::Errno(_)) => return Ok(delivered(cookies)),
            other => other?,
        }
        let datagram = packet
            .frame()
            .get(headers.transport..headers.end)
            .unwrap_or_default()
            .to_vec();
        let kept = match self.filter(&socket, &mut packet, headers.transport)? {
            0 if cookies.is_empty() => return Ok(Fate::Filtered),
            0 => return Ok(delivered(cookies)),
            // Headers are never cut.
            kept => datagram.len().min((kept as usize).max(UDP_HEADER)),
        };
        let payload = datagram.get(UDP_HEADER..kept).unwrap_or_default().to_vec();
        if socket.give(Some(headers.from), payload) {
            cookies.push(socket.cookie);
        }
        Ok(delivered(cookies))
    }

    /// How many bytes of a packet the filter of a socket keeps, from this offset on.
    fn filter(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        packet: &mut Packet,
        offset: usize,
    ) -> Result<u32, Stop> {
        let Some(program) = socket.program(SocketHook::Filter) else {
            return Ok(u32::MAX);
        };
        packet.begin_at(offset);
        let said = packet.run(self, &program, Some(&sock_of(socket)))?;
        packet.begin_at(0);
        Ok(said.verdict as u32)
    }

    /// The socket that a datagram is for.
    fn choose(
        self: &Arc<Kernel>,
        namespace: &Arc<crate::world::NetnsObject>,
        packet: &mut Packet,
        headers: Headers,
        ifindex: u32,
    ) -> Result<Chosen, Stop> {
        let Headers { from, to, .. } = headers;
        let found = self.world.sockets.receiver(namespace, from, to);
        let connected = found
            .as_ref()
            .is_some_and(|socket| socket.with(|state| state.peer.is_some()));
        if connected {
            return Ok(found.map_or(Chosen::Nobody, Chosen::Socket));
        }
        let programs = namespace.programs(AttachType::SK_LOOKUP);
        let mut selected: Option<Arc<Sock>> = None;
        let (mut alone, mut all_pass) = (false, true);
        for program in programs {
            let mut run = start(self, &program);
            run.state.before = selected.clone();
            let view = program.view().ok_or(Errno::EINVAL)?;
            run.context = Context::of_fields(view, &lookup_context(from, to, ifindex));
            let verdict = set_off(&mut run, Run::context_address())?;
            if verdict == SK_PASS && run.state.selected.is_some() {
                selected = run.state.selected.take();
                alone = run.state.alone;
            } else if verdict != SK_PASS {
                all_pass = false;
            }
        }
        if selected.is_none() && !all_pass {
            return Ok(Chosen::Dropped);
        }
        let steered = selected.and_then(|sock| sock.of.as_ref()?.upgrade());
        let Some(socket) = steered.or(found) else {
            return Ok(Chosen::Nobody);
        };
        match socket.group() {
            Some(group) if !alone => {
                self.choose_in_group(packet, headers, socket, &group.members())
            }
            _ => Ok(Chosen::Socket(socket)),
        }
    }

    /// One of the sockets that share a port.
    fn choose_in_group(
        self: &Arc<Kernel>,
        packet: &mut Packet,
        headers: Headers,
        socket: Arc<SocketObject>,
        members: &[Arc<SocketObject>],
    ) -> Result<Chosen, Stop> {
        // Without a program the ports and addresses decide.
        let spread = || {
            let flow = u64::from(headers.from.port()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
            let index = flow as usize % members.len().max(1);
            let member = members.get(index).unwrap_or(&socket);
            Chosen::Socket(member.clone())
        };
        let Some(program) = socket.program(SocketHook::Reuseport) else {
            return Ok(spread());
        };
        if program.spec.program_type == ProgramType::SOCKET_FILTER {
            packet.begin_at(headers.transport + UDP_HEADER);
            let said = packet.run(self, &program, Some(&sock_of(&socket)))?;
            packet.begin_at(0);
            let member = members.get(said.verdict as u32 as usize);
            return Ok(member.map_or_else(spread, |member| Chosen::Socket(member.clone())));
        }
        let (verdict, selected) = self.run_reuseport(packet, headers, &program, &socket)?;
        if verdict != SK_PASS {
            return Ok(Chosen::Dropped);
        }
        let selected = selected.and_then(|sock| sock.of.as_ref()?.upgrade());
        Ok(selected.map_or_else(spread, Chosen::Socket))
    }

    fn run_reuseport(
        self: &Arc<Kernel>,
        packet: &Packet,
        headers: Headers,
        program: &Arc<ProgramObject>,
        socket: &Arc<SocketObject>,
    ) -> Result<(u64, Option<Arc<Sock>>), Stop> {
        /// Bytes of `struct sk_reuseport_md`.
        const SIZE: usize = 56;
        let mut run = start(self, program);
        let frame = packet.frame();
        let datagram = frame
            .get(headers.transport..headers.end)
            .unwrap_or_default();
        let sock = sock_of(socket);
        let at = run
            .memory
            .add_block("socket", Block::new(sock.bytes.to_vec(), false));
        run.state.socks.push((at.unwrap_or(0), sock.clone()));
        run.state.sock = Some(sock);
        run.state.group = socket.group();
        run.memory.packet.refill(0, datagram, 0);
        run.memory.packet.writable = false;
        let mut context = vec![0u8; SIZE];
        let (start_at, end_at) = (
            run.memory.packet_address(0),
            run.memory.packet_address(datagram.len()),
        );
        let mut put = |at: usize, bytes: &[u8]| {
            for (to, from) in context.iter_mut().skip(at).zip(bytes) {
                *to = *from;
            }
        };
        put(0, &start_at.to_le_bytes());
        put(8, &end_at.to_le_bytes());
        put(16, &(datagram.len() as u32).to_le_bytes());
        put(20, &packet.protocol().to_be_bytes());
        put(24, &u32::from(UDP).to_le_bytes());
        put(
            32,
            &u32::from(headers.from.port())
                .wrapping_mul(0x9e37_79b9)
                .to_le_bytes(),
        );
        put(40, &at.unwrap_or(0).to_le_bytes());
        run.context = Context::of_fields(program.view().ok_or(Errno::EINVAL)?, &context);
        let verdict = set_off(&mut run, Run::context_address())?;
        Ok((verdict, run.state.selected.take()))
    }
}

/// Who gets a datagram.
enum Chosen {
    Nobody,
    Dropped,
    Socket(Arc<SocketObject>),
}

fn delivered(sockets: Vec<u64>) -> Fate {
    match sockets.is_empty() {
        true => Fate::Unclaimed,
        false => Fate::Delivered { sockets },
    }
}

/// A `struct bpf_sk_lookup` of a datagram.
fn lookup_context(from: SocketAddr, to: SocketAddr, ifindex: u32) -> Vec<u8> {
    const SIZE: usize = 72;
    let mut context = vec![0u8; SIZE];
    let mut put = |at: usize, bytes: &[u8]| {
        for (to, from) in context.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
    };
    let family = if to.is_ipv6() { AF_INET6 } else { AF_INET };
    put(8, &family.to_le_bytes());
    put(12, &u32::from(UDP).to_le_bytes());
    for (address, v4, v6) in [(from.ip(), 16, 20), (to.ip(), 40, 44)] {
        match address {
            IpAddr::V4(address) => put(v4, &address.octets()),
            IpAddr::V6(address) => put(v6, &address.octets()),
        }
    }
    put(36, &from.port().to_be_bytes());
    put(60, &u32::from(to.port()).to_le_bytes());
    put(64, &ifindex.to_le_bytes());
    context
}

/// Whether an address is in the network of another one.
fn in_network(own: IpAddr, prefix: u8, other: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, false),
        IpAddr::V6(address) => (u128::from(address), true),
    };
    let ((own, own_v6), (other, other_v6)) = (bits(own), bits(other));
    let rest = 128 - u32::from(prefix).min(128);
    own_v6 == other_v6 && own.checked_shr(rest) == other.checked_shr(rest)
}
