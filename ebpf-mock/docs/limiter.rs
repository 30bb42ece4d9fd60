use std::error::Error;
use std::sync::Arc;

use ebpf_core::hook::XdpAction;
use ebpf_core::program::{Program, ProgramExt};
use ebpf_core::{Collection, System, SystemExt};
use etherparse::PacketBuilder;

/// A datagram from an address.
fn frame(source: [u8; 4]) -> Vec<u8> {
    let mut frame = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 9], [2, 0, 0, 0, 0, 1])
        .ipv4(source, [192, 0, 2, 1], 64)
        .udp(4000, 7)
        .write(&mut frame, b"hello")
        .expect("a frame");
    frame
}

/// What the program says of a frame.
fn verdict(program: &dyn Program, frame: &[u8]) -> Result<XdpAction, Box<dyn Error>> {
    let (result, _) = program.run_once(frame, 0)?;
    Ok(XdpAction(result.return_value))
}

/// The object, loaded.
fn load(system: &dyn System) -> (Collection, Arc<dyn Program>) {
    let mut objects = system.load_bytes(LIMITER).expect("it loads");
    let program = objects.take_program("limiter").expect("the program");
    (objects, program)
}
