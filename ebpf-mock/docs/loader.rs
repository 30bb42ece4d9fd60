use std::error::Error;
use std::sync::Arc;

use ebpf_core::codec::LpmKeyV4;
use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_core::link::Link;
use ebpf_core::map::{MapExt, PerCpuMap, TypedMap};
use ebpf_core::program::{Program, ProgramExt};
use ebpf_core::{System, SystemExt};

ebpf_core::plain! {
    /// `struct rule` of the program.
    pub struct Rule { pub index: u32, pub action: u32 }

    /// `struct counter` of the program.
    pub struct Counter { pub packets: u64, pub bytes: u64 }
}

/// Drops packets from some networks, until it is dropped itself.
pub struct Blocker {
    pub program: Arc<dyn Program>,
    pub rules: TypedMap<LpmKeyV4, Rule>,
    totals: PerCpuMap<u32, Counter>,
    link: Box<dyn Link>,
}

impl Blocker {
    pub fn start(
        system: &dyn System,
        object: &[u8],
        interface: &str,
        networks: &[&str],
    ) -> Result<Blocker, Box<dyn Error>> {
        let mut objects = system.load_bytes(object)?;
        let rules: TypedMap<LpmKeyV4, Rule> = objects.take_map("ipv4_rules")?.typed()?;
        let action = XdpAction::DROP.0;
        for (index, network) in (0..).zip(networks) {
            rules.insert(&network.parse()?, &Rule { index, action })?;
        }
        let program = objects.take_program("firewall")?;
        let link = program.attach_to(Xdp::on(interface))?;
        let totals = objects.take_map("totals")?.per_cpu()?;
        Ok(Blocker { program, rules, totals, link })
    }

    pub fn dropped(&self) -> Result<u64, Box<dyn Error>> {
        let per_cpu = self.totals.get(&1)?.ok_or("the program counts nothing")?;
        Ok(per_cpu.iter().map(|cpu| cpu.packets).sum())
    }
}
