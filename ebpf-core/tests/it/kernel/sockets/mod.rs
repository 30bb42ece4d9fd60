//! Hooks around sockets, with real sockets in namespaces of the test's own.

mod cgroup;
mod filter;
mod lookup;
mod netfilter;
mod reuseport;
mod sockmap;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use ebpf_core::conformance::code;
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{AttachType, ProgramError, ProgramType};
use ebpf_core::system::{Bindings, Feature, Support};
use ebpf_core::{KernelSystem, Map, Program, System};
use ebpf_testbed::{Sandbox, require, skip};

/// Far longer than loopback takes.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(20));

/// A network namespace whose only interface is the loopback, or a spoken skip.
fn sandbox() -> Option<Sandbox> {
    require("kernel").then(|| Sandbox::new().expect("namespaces"))
}

/// Whether the kernel has a feature, or a spoken skip.
fn has(feature: Feature) -> bool {
    let found = KernelSystem::new().probe(feature).expect("probe");
    if found == Support::No {
        skip(&format!("this kernel has no {feature}"));
    }
    found != Support::No
}

/// A program of a text.
fn program(
    program_type: ProgramType,
    attach_type: Option<AttachType>,
    text: &str,
    maps: &[&dyn Map],
) -> Arc<dyn Program> {
    load(program_type, attach_type, text, maps).unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

/// A program of a text, if the kernel takes it.
fn load(
    program_type: ProgramType,
    attach_type: Option<AttachType>,
    text: &str,
    maps: &[&dyn Map],
) -> Result<Arc<dyn Program>, ProgramError> {
    let mut spec = code(program_type, text);
    spec.expected_attach_type = attach_type;
    let bindings = Bindings {
        maps,
        ..Bindings::default()
    };
    KernelSystem::new().load_program(&spec, &bindings)
}

/// A socket filter that gives each packet this verdict.
fn filter(verdict: u32) -> Arc<dyn Program> {
    program(
        ProgramType::SOCKET_FILTER,
        None,
        &format!("w0 = {}\nexit", verdict as i32),
        &[],
    )
}

fn map(map_type: MapType, key_size: u32, value_size: u32, max_entries: u32) -> Arc<dyn Map> {
    KernelSystem::new()
        .create_map(
            &MapSpec::new("sockets", map_type, key_size, value_size, max_entries),
            None,
        )
        .expect("a map")
}

/// A UDP socket on the loopback.
fn udp() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.set_read_timeout(PATIENCE).expect("a timeout");
    socket
}

fn address(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("an address")
}

fn send(payload: &[u8], to: SocketAddr) {
    let sent = udp().send_to(payload, to).expect("send");
    assert_eq!(sent, payload.len());
}

/// The next datagram.
#[track_caller]
fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let length = socket.recv(&mut buffer).expect("a datagram");
    buffer[..length].to_vec()
}
