//! The demo's own network: two namespaces and the wire between them.

use std::net::IpAddr;

use anyhow::{Context as _, Result};
use ebpf_testbed::{Interface, Namespace, Sandbox, Veth};

use crate::plan;

/// Two namespaces joined by a veth pair: the calling thread's, where the firewall is, and the sender's. Neither can be
/// reached from the machine's network, and both end with the process.
pub(crate) struct Network {
    /// Declared first, so that it goes before the namespace that it is in.
    veth: Veth,
    sender: Namespace,
    _sandbox: Sandbox,
}

impl Network {
    /// Makes it, both interfaces down: nothing moves before the firewall and the meter are in place.
    pub(crate) fn new() -> Result<Self> {
        let sandbox = Sandbox::new()?;
        let sender = Namespace::new()?;
        let veth = Veth::pair_across("firewall0", "sender0", &sender)?;
        Ok(Self {
            veth,
            sender,
            _sandbox: sandbox,
        })
    }

    /// The interface that the firewall is attached to.
    pub(crate) fn firewall(&self) -> &Interface {
        self.veth.near()
    }

    /// The interface that everything is sent from.
    pub(crate) fn sender(&self) -> &Interface {
        self.veth.far()
    }

    /// Where [`Network::sender`] is.
    pub(crate) fn senders_namespace(&self) -> &Namespace {
        &self.sender
    }

    /// Gives both ends their addresses, tells each where the other's are, and lets traffic flow. If an end had to ask
    /// for the other's address, packets would pile up until it is told, and then come in one burst.
    pub(crate) fn start(&self) -> Result<()> {
        self.veth
            .set_up()
            .context("the wire between the namespaces")?;
        for (address, prefix_len) in plan::RECEIVER {
            introduce(address, prefix_len, self.firewall(), self.sender())?;
        }
        for (_, address) in plan::sources() {
            introduce(
                address,
                plan::network_len(address),
                self.sender(),
                self.firewall(),
            )?;
        }
        Ok(())
    }
}

/// Gives `owner` an address and tells the other end that it is there.
fn introduce(address: IpAddr, prefix_len: u8, owner: &Interface, other: &Interface) -> Result<()> {
    owner.add_address(address, prefix_len)?;
    let mac = owner
        .mac()
        .with_context(|| format!("interface `{}` has no Ethernet address", owner.name()))?;
    Ok(other.add_neighbour(address, mac)?)
}
