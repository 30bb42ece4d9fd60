//! The first page's example on the kernel, with real packets.

use ebpf_testbed::require;

use crate::process::alone;
use crate::wire::{Wire, ipv4};

mod shown {
    #![allow(dead_code, reason = "its own test is of the simulated system")]

    include!("../both/readme.rs");

    /// The page's function on the kernel.
    pub(super) fn on_the_kernel(end: impl FnOnce()) -> Result<u64, Box<dyn Error>> {
        block(&KernelSystem::new(), "192.0.2.0/24", end)
    }
}

#[test]
fn a_blocked_network_is_dropped() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("eth0");
    let mut packet = Vec::new();
    let datagram = ipv4().udp(7, 9);
    datagram.write(&mut packet, b"datagram").unwrap();
    let dropped = shown::on_the_kernel(|| {
        for _ in 0..3 {
            wire.send(&packet);
        }
    });
    assert_eq!(dropped.unwrap(), 3);
}
