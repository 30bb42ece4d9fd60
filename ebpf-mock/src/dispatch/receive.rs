//! What becomes of a frame that an interface receives: XDP, traffic control, sockets: `__netif_receive_skb_core()` in
//! net/core/dev.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{ALL_PROTOCOLS, Interface, TcAction, TcDirection, XdpAction};
use ebpf_core::program::AttachType;
use ebpf_core::system::SystemError;

use super::packet::Packet;
use super::{Stop, start};
use crate::MockSystem;
use crate::engine::context::{Context, XdpBuff};
use crate::engine::helpers::Redirect;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::map::RedirectTarget;
use crate::program::{ProgramObject, set_off};
use crate::world::Runs;

/// Room before a frame: `XDP_PACKET_HEADROOM`.
const HEADROOM: usize = 256;
/// Room behind it.
const TAILROOM: usize = 320;
/// How often a frame is passed on at most: `XMIT_RECURSION_LIMIT`.
const MOST_HOPS: u32 = 8;
/// How often classification begins again at most.
const MOST_ROUNDS: u32 = 16;
/// The largest frame.
const MOST: usize = 65_549;

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// An XDP program dropped it, or returned what there is not.
    XdpDropped(XdpAction),
    /// A program of traffic control dropped it.
    TcDropped,
    /// A program of traffic control took it for itself.
    TcTaken,
    /// It left by an interface. [`MockSystem::transmitted`] has it, unless the interface is of a pair or the loopback one.
    Transmitted {
        /// The interface.
        ifindex: u32,
    },
    /// It was to be redirected to where nothing is, or was passed on too often.
    Lost,
    /// A program that chooses sockets, one of a control group, or a filter dropped it.
    Filtered,
    /// A program of netfilter dropped it, before or after it was found to be for this machine.
    NetfilterDropped,
    /// A socket got it, or several that see all frames.
    Delivered {
        /// The cookies of the sockets.
        sockets: Vec<u64>,
    },
    /// It came through, and there is no socket for it.
    Unclaimed,
}

/// What traffic control does with a packet.
enum Controlled {
    On,
    Over(Fate),
}

impl Kernel {
    /// An interface receives a frame by a queue.
    pub(super) fn receive(
        self: &Arc<Kernel>,
        ifindex: u32,
        queue: u32,
        frame: &[u8],
        hops: u32,
    ) -> Result<Fate, Stop> {
        if hops >= MOST_HOPS {
            return Ok(Fate::Lost);
        }
        let Some((_, program)) = self.world.interfaces.running_xdp(ifindex) else {
            return self.receive_in_stack(ifindex, frame, hops);
        };
        let mut ran = self.run_xdp(&program, frame, [ifindex, queue, 0])?;
        let redirect = ran.run.state.redirect.take();
        match ran.action {
            XdpAction::PASS => self.receive_in_stack(ifindex, &ran.frame, hops),
            XdpAction::TX => self.send_frame(ifindex, queue, &ran.frame, hops + 1),
            XdpAction::REDIRECT => match redirect {
                Some(to) => self.redirect_frame(to, (ifindex, queue), &ran.frame, hops),
                None => Ok(Fate::Lost),
            },
            action => Ok(Fate::XdpDropped(action)),
        }
    }

    /// Runs an XDP program on a frame of an interface and a queue, that will leave by another one.
    fn run_xdp(
        self: &Arc<Kernel>,
        program: &Arc<ProgramObject>,
        frame: &[u8],
        [ingress_ifindex, rx_queue_index, egress_ifindex]: [u32; 3],
    ) -> Result<RanXdp, Stop> {
        let mut run = start(self, program);
        run.memory.packet.refill(HEADROOM, frame, TAILROOM);
        let xdp = XdpBuff {
            data: HEADROOM,
            ingress_ifindex,
            rx_queue_index,
            egress_ifindex,
            ..XdpBuff::default()
        };
        run.context = Context::Xdp(program.view().ok_or(Errno::EINVAL)?, xdp);
        let action = set_off(&mut run, Run::context_address())?;
        let mut frame = Vec::new();
        if let Context::Xdp(_, xdp) = &run.context {
            let packet = &run.memory.packet;
            frame.extend_from_slice(packet.bytes.get(xdp.data..packet.end).unwrap_or_default());
            frame.extend(xdp.parts.iter().flatten());
        }
        Ok(RanXdp {
            action: XdpAction(action as u32),
            frame,
            run,
        })
    }

    /// A frame goes where an XDP program said.
    fn redirect_frame(
        self: &Arc<Kernel>,
        to: Redirect,
        (ifindex, queue): (u32, u32),
        frame: &[u8],
        hops: u32,
    ) -> Result<Fate, Stop> {
        let (map, key, broadcast, exclude_ingress) = match to {
            Redirect::Interface { ifindex, .. } => {
                return self.send_frame(ifindex, queue, frame, hops + 1);
            }
            Redirect::Map {
                map,
                key,
                broadcast,
                exclude_ingress,
            } => (map, key, broadcast, exclude_ingress),
            Redirect::Neighbour { .. } | Redirect::Peer { .. } => return Ok(Fate::Lost),
        };
        let mut targets = match broadcast {
            true => map.storage.redirect_targets(),
            false => map
                .storage
                .redirect_target(&key.to_ne_bytes())
                .into_iter()
                .collect(),
        };
        let excluded = |target: &RedirectTarget| {
            exclude_ingress && matches!(target, RedirectTarget::Interface(to, _) if *to == ifindex)
        };
        targets.retain(|target| !excluded(target));
        let mut fate = Fate::Lost;
        for target in targets {
            fate = match target {
                RedirectTarget::Interface(to, program) => {
                    let mut frame = frame.to_vec();
                    if let Some(program) = program {
                        let ran = self.run_xdp(&program, &frame, [ifindex, queue, to])?;
                        if ran.action != XdpAction::PASS {
                            fate = Fate::XdpDropped(ran.action);
                            continue;
                        }
                        frame = ran.frame;
                    }
                    self.send_frame(to, queue, &frame, hops + 1)?
                }
                RedirectTarget::Cpu(program) => {
                    let mut frame = frame.to_vec();
                    if let Some(program) = program {
                        let ran = self.run_xdp(&program, &frame, [ifindex, queue, 0])?;
                        if ran.action != XdpAction::PASS {
                            fate = Fate::XdpDropped(ran.action);
                            continue;
                        }
                        frame = ran.frame;
                    }
                    self.receive_in_stack(ifindex, &frame, hops + 1)?
                }
                RedirectTarget::Socket(socket) => {
                    let sockets = socket.give(None, frame.to_vec()).then_some(socket.cookie);
                    Fate::Delivered {
                        sockets: sockets.into_iter().collect(),
                    }
                }
            };
        }
        Ok(fate)
    }

    /// What XDP passed on, or what comes from another interface.
    pub(super) fn receive_in_stack(
        self: &Arc<Kernel>,
        ifindex: u32,
        frame: &[u8],
        hops: u32,
    ) -> Result<Fate, Stop> {
        if frame.len() < 14 {
            return Ok(Fate::Lost);
        }
        let mut packet = Packet::received(self, frame, ifindex);
        match self.control(&mut packet, ifindex, TcDirection::Ingress, hops)? {
            Controlled::Over(fate) => Ok(fate),
            Controlled::On => self.deliver(packet, ifindex),
        }
    }

    /// Traffic control of one direction: the programs of TCX, then the filters.
    fn control(
        self: &Arc<Kernel>,
        packet: &mut Packet,
        ifindex: u32,
        direction: TcDirection,
        hops: u32,
    ) -> Result<Controlled, Stop> {
        packet.moved_to(ifindex);
        packet.begin_at(0);
        let interfaces = &self.world.interfaces;
        for program in interfaces.ordered(ifindex, direction.attach_type()) {
            let action = self.run_tc(packet, &program, hops)?;
            match action {
                (TcAction::OK, _) => return Ok(Controlled::On),
                (TcAction::SHOT, _) => return Ok(Controlled::Over(Fate::TcDropped)),
                (TcAction::REDIRECT, to) => return self.redirect_packet(packet, to, hops),
                // What TCX does not know is no say.
                _ => {}
            }
        }
        for _ in 0..MOST_ROUNDS {
            match self.classify(packet, ifindex, direction, hops)? {
                (TcAction::SHOT, _) => return Ok(Controlled::Over(Fate::TcDropped)),
                (TcAction::STOLEN | TcAction::QUEUED | TcAction::TRAP, _) => {
                    return Ok(Controlled::Over(Fate::TcTaken));
                }
                (TcAction::REDIRECT, to) => return self.redirect_packet(packet, to, hops),
                (TcAction::RECLASSIFY, _) => {}
                _ => return Ok(Controlled::On),
            }
        }
        Ok(Controlled::Over(Fate::TcDropped))
    }

    /// Asks the filters, until one has a say.
    fn classify(
        self: &Arc<Kernel>,
        packet: &mut Packet,
        ifindex: u32,
        direction: TcDirection,
        hops: u32,
    ) -> Result<(TcAction, Option<Redirect>), Stop> {
        for filter in self.world.interfaces.filters(ifindex, direction) {
            if ![ALL_PROTOCOLS, packet.protocol()].contains(&filter.protocol) {
                continue;
            }
            let (said, to) = self.run_tc(packet, &filter.program, hops)?;
            let action = match filter.runs {
                // What it returns is a class, 0 for no match.
                Runs::Classifier {
                    direct_action: false,
                } if said == TcAction::OK => continue,
                Runs::Classifier {
                    direct_action: false,
                } => TcAction::OK,
                Runs::Classifier {
                    direct_action: true,
                } => match said {
                    TcAction::OK
                    | TcAction::SHOT
                    | TcAction::STOLEN
                    | TcAction::TRAP
                    | TcAction::REDIRECT => said,
                    _ => TcAction::UNSPEC,
                },
                Runs::Action { default } => match said {
                    TcAction::PIPE
                    | TcAction::RECLASSIFY
                    | TcAction::OK
                    | TcAction::REDIRECT
                    | TcAction::SHOT => said,
                    TcAction::UNSPEC => default,
                    _ => TcAction::UNSPEC,
                },
            };
            if action != TcAction::UNSPEC {
                return Ok((action, to));
            }
        }
        Ok((TcAction::UNSPEC, None))
    }

    /// Runs a program of traffic control; copies of the packet that it sent go on their way.
    fn run_tc(
        self: &Arc<Kernel>,
        packet: &mut Packet,
        program: &Arc<ProgramObject>,
        hops: u32,
    ) -> Result<(TcAction, Option<Redirect>), Stop> {
        let mut said = packet.run(self, program, None)?;
        let state = &mut said.run.state;
        let (clones, redirect) = (std::mem::take(&mut state.clones), state.redirect.take());
        for (to, frame) in clones {
            self.redirect_copy(&to, &frame, hops)?;
        }
        Ok((TcAction(said.verdict as u32), redirect))
    }

    fn redirect_packet(
        self: &Arc<Kernel>,
        packet: &Packet,
        to: Option<Redirect>,
        hops: u32,
    ) -> Result<Controlled, Stop> {
        let fate = match to {
            Some(to) => self.redirect_copy(&to, packet.frame(), hops)?,
            None => Fate::Lost,
        };
        Ok(Controlled::Over(fate))
    }

    /// A frame goes where a program of traffic control said: `skb_do_redirect()`.
    fn redirect_copy(
        self: &Arc<Kernel>,
        to: &Redirect,
        frame: &[u8],
        hops: u32,
    ) -> Result<Fate, Stop> {
        match to {
            Redirect::Interface {
                ifindex,
                ingress: true,
            } => match self.world.interfaces.exists(*ifindex) {
                true => self.receive(*ifindex, 0, frame, hops + 1),
                false => Ok(Fate::Lost),
            },
            Redirect::Interface { ifindex, .. } | Redirect::Neighbour { ifindex, .. } => {
                self.transmit(*ifindex, frame, hops + 1)
            }
            Redirect::Peer { ifindex } => {
                let peer = self.world.interfaces.with(*ifindex, |state| state.peer);
                match peer.flatten() {
                    Some(peer) if hops < MOST_HOPS => self.receive_in_stack(peer, frame, hops + 1),
                    _ => Ok(Fate::Lost),
                }
            }
            Redirect::Map { .. } => Ok(Fate::Lost),
        }
    }

    /// The network stack sends a frame by an interface: `__dev_queue_xmit()`.
    pub(super) fn transmit(
        self: &Arc<Kernel>,
        ifindex: u32,
        frame: &[u8],
        hops: u32,
    ) -> Result<Fate, Stop> {
        if hops >= MOST_HOPS || frame.len() < 14 || !self.world.interfaces.exists(ifindex) {
            return Ok(Fate::Lost);
        }
        let mut packet = Packet::received(self, frame, ifindex);
        match self.control(&mut packet, ifindex, TcDirection::Egress, hops)? {
            Controlled::Over(fate) => Ok(fate),
            Controlled::On => self.leave(packet, ifindex, hops),
        }
    }

    /// A packet leaves by an interface: past the programs of its end of a netkit pair.
    fn leave(
        self: &Arc<Kernel>,
        mut packet: Packet,
        ifindex: u32,
        hops: u32,
    ) -> Result<Fate, Stop> {
        use crate::world::InterfaceKind;
        let interfaces = &self.world.interfaces;
        let device = interfaces.with(ifindex, |state| (state.kind, state.peer));
        let programs = match device {
            Some((InterfaceKind::NetkitPrimary, _)) => {
                interfaces.ordered(ifindex, AttachType::NETKIT_PRIMARY)
            }
            Some((InterfaceKind::NetkitPeer, Some(primary))) => {
                interfaces.ordered(primary, AttachType::NETKIT_PEER)
            }
            _ => Vec::new(),
        };
        for program in programs {
            match self.run_tc(&mut packet, &program, hops)? {
                (TcAction::OK, _) => break,
                (TcAction::SHOT, _) => return Ok(Fate::TcDropped),
                (TcAction::REDIRECT, Some(to)) => {
                    return self.redirect_copy(&to, packet.frame(), hops);
                }
                _ => {}
            }
        }
        self.send_frame(ifindex, 0, packet.frame(), hops + 1)
    }

    /// A device sends a frame by a queue.
    fn send_frame(
        self: &Arc<Kernel>,
        ifindex: u32,
        queue: u32,
        frame: &[u8],
        hops: u32,
    ) -> Result<Fate, Stop> {
        use crate::world::InterfaceKind::{Ethernet, Loopback};
        let device = self.world.interfaces.with(ifindex, |state| {
            if state.kind == Ethernet {
                state.sent(queue, frame);
            }
            (state.kind, state.peer)
        });
        match device {
            None => Ok(Fate::Lost),
            Some((Loopback, _)) => self.receive(ifindex, 0, frame, hops),
            Some((_, Some(peer))) => self.receive(peer, 0, frame, hops),
            Some(_) => Ok(Fate::Transmitted { ifindex }),
        }
    }
}

/// What an XDP program said of a frame, and made of it.
struct RanXdp {
    action: XdpAction,
    frame: Vec<u8>,
    run: Run,
}

impl MockSystem {
    /// Has an interface receive a frame, by its first queue: XDP, traffic control (TCX, then filters), sockets. What
    /// programs send or redirect is transmitted ([`MockSystem::transmitted`]) or received by other interfaces.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface; `EMSGSIZE` for a frame of more than 65549 bytes, `EINVAL` for one that has no
    /// Ethernet header; what a program did wrong.
    pub fn inject(
        &self,
        interface: impl Into<Interface>,
        frame: &[u8],
    ) -> Result<Fate, SystemError> {
        self.inject_on(interface, 0, frame)
    }

    /// The same by this queue.
    ///
    /// # Errors
    /// As [`MockSystem::inject`]; `EINVAL` if the interface has no such queue.
    pub fn inject_on(
        &self,
        interface: impl Into<Interface>,
        queue: u32,
        frame: &[u8],
    ) -> Result<Fate, SystemError> {
        let interface = interface.into();
        let inject = || {
            let ifindex = self.interface_index(&interface)?;
            let queues = self
                .kernel()
                .world
                .interfaces
                .with(ifindex, |state| state.spec.queues);
            if queues.is_none_or(|queues| queue >= queues) || frame.len() < 14 {
                return Err(Stop::Errno(Errno::EINVAL));
            }
            if frame.len() > MOST {
                return Err(Stop::Errno(Errno::EMSGSIZE));
            }
            self.kernel().receive(ifindex, queue, frame, 0)
        };
        inject().map_err(|stop| stop.of("inject a frame on", interface.to_string()))
    }

    /// Takes the frames that an Ethernet interface has transmitted and that were not taken yet, in order; of more than
    /// 16384 the first ones are gone.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface.
    pub fn transmitted(
        &self,
        interface: impl Into<Interface>,
    ) -> Result<Vec<crate::Transmitted>, SystemError> {
        let interface = interface.into();
        let taken = self.interface_index(&interface).and_then(|ifindex| {
            let taken = self
                .kernel()
                .world
                .interfaces
                .with(ifindex, |state| state.take_sent());
            taken.ok_or(Errno::ENODEV)
        });
        taken.map_err(|errno| {
            Stop::Errno(errno).of("take what was transmitted by", interface.to_string())
        })
    }
}
