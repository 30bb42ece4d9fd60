//! The demo in memory: the same object and the same code on a simulated system, and frames as the sender's kernel would make
//! them.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use ebpf_core::Errno;
use ebpf_core::hook::XdpAction;
use ebpf_core::system::System as _;
use ebpf_examples::basic_firewall::Action;
use ebpf_examples::screen::Screen;
use ebpf_mock::{Fate, InterfaceSpec, MockSocket, MockSystem, SocketKind};
use etherparse::{
    ArpHardwareId, ArpOperation, ArpPacket, EtherType, Icmpv6Type, IpHeaders, PacketBuilder,
    PacketBuilderStep,
};

use crate::meter::{Counts, Interface};
use crate::options::Options;
use crate::plan;
use crate::report::Report;
use crate::verdict::{self, Behind};

/// The interface that the firewall is attached to.
const FIREWALL: &str = "firewall0";
/// Ethernet addresses of both ends.
const SENDER: [u8; 6] = [2, 0, 0, 0, 0, 1];
const RECEIVER: [u8; 6] = [2, 0, 0, 0, 0, 2];
/// How many connections an address that may pass opens in a second.
const CONVERSATIONS: u32 = 10;
/// The first of the sender's ports; each connection has one of its own.
const FIRST_PORT: u16 = 40_000;
const WINDOW: u16 = 0xffff;

/// Runs the demo in memory, which takes no privileges.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let spec = InterfaceSpec::new(FIREWALL).hardware_address(RECEIVER);
    let spec = plan::RECEIVER
        .into_iter()
        .fold(spec, |spec, (address, prefix)| {
            spec.address(address, prefix)
        });
    let system = MockSystem::new();
    let interface = system.add_interface(spec)?;
    let firewall = plan::firewall(&system, interface)?;
    if !options.json {
        writeln!(
            io::stdout(),
            "system: {}, in memory\nframes -> {FIREWALL} (XDP firewall, {} rules): nothing leaves this process",
            system.id(),
            plan::RULES.len()
        )?;
    }

    let mut wire = Wire::new(&system)?;
    wire.run_the_link()?;
    wire.send_datagrams(options.packets)?;
    for source in plan::sources_to(Action::Pass) {
        wire.converse(source, options.seconds.saturating_mul(CONVERSATIONS))?;
    }
    for source in plan::sources_to(Action::Drop) {
        wire.knock(source, options.seconds)?;
    }

    let interface = Interface {
        sent: wire.injected,
        lost: 0,
    };
    let report = Report::new(
        wire.sent.reading(),
        &firewall.counters()?,
        &firewall.totals()?,
        interface,
    );
    if !options.json {
        Screen::new().finish(&report.table())?;
    }
    firewall.detach()?;
    verdict::tell(options, "mock", &report, &wire.behind, "the sender")?;
    Ok(ExitCode::SUCCESS)
}

/// The way from the sender to the firewall's interface, and those who listen behind it.
struct Wire<'s> {
    system: &'s MockSystem,
    servers: Vec<MockSocket>,
    sent: Counts,
    injected: u64,
    behind: Behind,
}

impl<'s> Wire<'s> {
    fn new(system: &'s MockSystem) -> Result<Self> {
        let [(ipv4, _), (ipv6, _), ..] = plan::RECEIVER;
        let open = |address| {
            let socket = system.open_socket(SocketKind::Udp)?;
            socket.bind((address, plan::UDP_PORT))?;
            Ok(socket)
        };
        Ok(Self {
            system,
            servers: [ipv4, ipv6].into_iter().map(open).collect::<Result<_>>()?,
            sent: Counts::new(),
            injected: 0,
            behind: Behind::default(),
        })
    }

    /// Sends a frame, and says whether it came past the firewall.
    fn send(&mut self, frame: &[u8]) -> Result<bool> {
        self.sent.add(frame);
        self.injected += 1;
        let fate = self.system.inject(FIREWALL, frame)?;
        for server in &self.servers {
            loop {
                let datagram = match server.receive() {
                    Ok(datagram) => datagram,
                    Err(error) if error.errno() == Some(Errno::EAGAIN) => break,
                    Err(error) => return Err(error.into()),
                };
                let from = datagram.from.context("a datagram from nowhere")?.ip();
                match plan::sources_to(Action::Drop).any(|source| source == from) {
                    true => self.behind.wrong_datagrams += 1,
                    false => self.behind.datagrams += 1,
                }
            }
        }
        Ok(fate != Fate::XdpDropped(XdpAction::DROP))
    }

    /// What an interface sends of itself: each address asks for the receiver's.
    fn run_the_link(&mut self) -> Result<()> {
        for (_, source) in plan::sources() {
            let to = plan::server_for(source, 0).ip();
            let mut frame = Vec::new();
            match (source, to) {
                (IpAddr::V4(from), IpAddr::V4(to)) => {
                    let builder = PacketBuilder::ethernet2(SENDER, [0xff; 6]);
                    builder.arp(question(from, to)?).write(&mut frame)?;
                }
                _ => {
                    packet(source, to, 255)
                        .icmpv6(Icmpv6Type::Unknown {
                            type_u8: 135,
                            code_u8: 0,
                            bytes5to8: [0; 4],
                        })
                        .write(&mut frame, &ipv6(to))?;
                }
            }
            self.send(&frame)?;
        }
        Ok(())
    }

    /// Sends `rounds` datagrams from each address.
    fn send_datagrams(&mut self, rounds: u32) -> Result<()> {
        let mut frames = Vec::new();
        for (_, source) in plan::sources() {
            let to = plan::server_for(source, plan::UDP_PORT);
            let mut frame = Vec::new();
            packet(source, to.ip(), 64)
                .udp(FIRST_PORT, to.port())
                .write(&mut frame, plan::DATAGRAM)?;
            frames.push(frame);
        }
        for _ in 0..rounds {
            for frame in &frames {
                self.send(frame)?;
            }
        }
        Ok(())
    }

    /// Opens, uses and closes connections from an address: the sender's half of each.
    fn converse(&mut self, source: IpAddr, times: u32) -> Result<()> {
        let to = plan::server_for(source, plan::TCP_PORT);
        for (time, port) in (0..times).zip((FIRST_PORT..=u16::MAX).cycle()) {
            let segment = |sequence| {
                packet(source, to.ip(), 64).tcp(
                    port,
                    to.port(),
                    time.wrapping_add(sequence),
                    WINDOW,
                )
            };
            let after = plan::SPEECH.len() as u32 + 1;
            let mut came_through = true;
            for (segment, payload) in [
                (segment(0).syn(), &[][..]),
                (segment(1).ack(1), &[]),
                (segment(1).psh().ack(1), plan::SPEECH),
                (segment(after).fin().ack(1), &[]),
                (segment(after + 1).ack(701), &[]),
            ] {
                let mut frame = Vec::new();
                segment.write(&mut frame, payload)?;
                came_through &= self.send(&frame)?;
            }
            self.behind.conversations += u64::from(came_through);
        }
        Ok(())
    }

    /// Asks to connect from an address, and again each time that no answer came: after a second, then after twice as long as
    /// the last time.
    fn knock(&mut self, source: IpAddr, seconds: u32) -> Result<()> {
        let to = plan::server_for(source, plan::TCP_PORT);
        for port in (FIRST_PORT..).take(plan::ATTEMPTS.into()) {
            let mut frame = Vec::new();
            packet(source, to.ip(), 64)
                .tcp(port, to.port(), 1, WINDOW)
                .syn()
                .write(&mut frame, &[])?;
            let (mut now, mut wait) = (0, 1);
            while now <= seconds {
                self.behind.wrong_connections += u64::from(self.send(&frame)?);
                now = now.saturating_add(wait);
                wait = wait.saturating_mul(2);
            }
        }
        Ok(())
    }
}

/// The beginning of a frame, both of whose addresses are of one family.
fn packet(from: IpAddr, to: IpAddr, hops: u8) -> PacketBuilderStep<IpHeaders> {
    let ethernet = PacketBuilder::ethernet2(SENDER, RECEIVER);
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => ethernet.ipv4(from.octets(), to.octets(), hops),
        (from, to) => ethernet.ipv6(ipv6(from), ipv6(to), hops),
    }
}

/// The bytes of an address as one of IPv6.
fn ipv6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// Who has this address?
fn question(from: Ipv4Addr, to: Ipv4Addr) -> Result<ArpPacket> {
    Ok(ArpPacket::new(
        ArpHardwareId::ETHERNET,
        EtherType::IPV4,
        ArpOperation::REQUEST,
        &SENDER,
        &from.octets(),
        &[0; 6],
        &to.octets(),
    )?)
}
