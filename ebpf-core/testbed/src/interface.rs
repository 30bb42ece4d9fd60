//! Interfaces made, set and measured by netlink messages.

use std::fmt;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::address::{AddressAttribute, AddressHeaderFlags, AddressMessage};
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoNetkit, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
    NetkitMode, State,
};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteMessage, RouteType};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;

use crate::netlink::Netlink;
use crate::{Error, Namespace};

/// How long is waited for what the kernel does in its own time, in seconds.
const WAIT_SECONDS: u64 = 10;

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// What crossed an interface since it was made, as the driver counts it.
#[doc(alias = "IFLA_STATS64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LinkStats {
    /// Frames received.
    pub rx_packets: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Bytes received, link headers included.
    pub rx_bytes: u64,
    /// Bytes sent, link headers included.
    pub tx_bytes: u64,
    /// Received frames that were dropped before the stack saw them.
    pub rx_dropped: u64,
    /// Frames that were to be sent and were dropped instead.
    pub tx_dropped: u64,
}

/// An interface, of the namespace in which it was opened, from whatever thread it is used.
#[derive(Debug)]
pub struct Interface {
    netlink: Netlink,
    name: String,
    index: u32,
    mac: Option<Mac>,
}

impl Interface {
    /// The interface `name` of the calling thread's network namespace.
    ///
    /// # Errors
    /// [`Error::Os`], with ENODEV when there is none.
    pub fn open(name: &str) -> Result<Self, Error> {
        let netlink = Netlink::open()?;
        let mut query = LinkMessage::default();
        query
            .attributes
            .push(LinkAttribute::IfName(name.to_owned()));
        let found = get_link(&netlink, name, query)?;
        let mac = found
            .attributes
            .iter()
            .find_map(|attribute| match attribute {
                LinkAttribute::Address(bytes) => bytes.as_slice().try_into().ok().map(Mac),
                _ => None,
            });
        Ok(Self {
            netlink,
            name: name.to_owned(),
            index: found.header.index,
            mac,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its index in its namespace.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its Ethernet address, if it has one.
    #[must_use]
    pub fn mac(&self) -> Option<Mac> {
        self.mac
    }

    /// Lets it send and receive. A pair of veth interfaces does once both are up: [`Interface::wait_up`].
    ///
    /// # Errors
    /// [`Error::Os`].
    pub fn set_up(&self) -> Result<(), Error> {
        self.set_flags("bring up", LinkFlags::Up)
    }

    /// Stops it. Its addresses of IPv6 are lost.
    ///
    /// # Errors
    /// [`Error::Os`].
    pub fn set_down(&self) -> Result<(), Error> {
        self.set_flags("take down", LinkFlags::empty())
    }

    /// Sets the largest packet, in bytes, without the link header.
    ///
    /// # Errors
    /// [`Error::Os`], with EINVAL beyond what the interface can do.
    pub fn set_mtu(&self, bytes: u32) -> Result<(), Error> {
        let mut change = self.message();
        change.attributes.push(LinkAttribute::Mtu(bytes));
        self.set_link("set the MTU of", change)
    }

    /// Gives it an address, usable at once (no duplicate address detection), and the route to the address's network.
    ///
    /// # Errors
    /// [`Error::Os`], with EEXIST when it has that address.
    pub fn add_address(&self, address: IpAddr, prefix_len: u8) -> Result<(), Error> {
        let mut message = AddressMessage::default();
        message.header.family = family(address);
        message.header.prefix_len = prefix_len;
        message.header.index = self.index;
        message.header.flags = AddressHeaderFlags::Nodad;
        message.attributes = vec![
            AddressAttribute::Local(address),
            AddressAttribute::Address(address),
        ];
        let step = || {
            format!(
                "give interface `{}` the address {address}/{prefix_len}",
                self.name
            )
        };
        self.netlink.request(
            step,
            RouteNetlinkMessage::NewAddress(message),
            NLM_F_CREATE | NLM_F_EXCL,
        )?;
        // An address of IPv6 is put to use by a worker of the kernel's, a moment later.
        wait(
            || self.is_local(address),
            || format!("address {address} of interface `{}`", self.name),
        )
    }

    /// States for good that `address` is reached over this interface at `mac`, so that nobody need ask by ARP or
    /// neighbour discovery.
    ///
    /// # Errors
    /// [`Error::Os`].
    pub fn add_neighbour(&self, address: IpAddr, mac: Mac) -> Result<(), Error> {
        let destination = match address {
            IpAddr::V4(address) => NeighbourAddress::Inet(address),
            IpAddr::V6(address) => NeighbourAddress::Inet6(address),
        };
        let mut message = NeighbourMessage::default();
        message.header.family = family(address);
        message.header.ifindex = self.index;
        message.header.state = NeighbourState::Permanent;
        message.attributes = vec![
            NeighbourAttribute::Destination(destination),
            NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()),
        ];
        let step = || format!("make {address} a neighbour of interface `{}`", self.name);
        self.netlink.request(
            step,
            RouteNetlinkMessage::NewNeighbour(message),
            NLM_F_CREATE | NLM_F_REPLACE,
        )?;
        Ok(())
    }

    /// What crossed it so far.
    ///
    /// # Errors
    /// [`Error::Os`] when it is gone.
    pub fn stats(&self) -> Result<LinkStats, Error> {
        let step = "read the statistics of";
        let stats = self.attribute(step, "statistics", |attribute| match attribute {
            LinkAttribute::Stats64(stats) => Some(*stats),
            _ => None,
        })?;
        Ok(LinkStats {
            rx_packets: stats.rx_packets,
            tx_packets: stats.tx_packets,
            rx_bytes: stats.rx_bytes,
            tx_bytes: stats.tx_bytes,
            rx_dropped: stats.rx_dropped,
            tx_dropped: stats.tx_dropped,
        })
    }

    /// Waits until it carries traffic: up, as is its peer if it has one, and known so to the queueing layer, which
    /// silently drops what is sent before.
    ///
    /// # Errors
    /// [`Error::Late`] when that does not come.
    pub fn wait_up(&self) -> Result<(), Error> {
        let is_up = || {
            self.attribute(
                "read the state of",
                "its state",
                |attribute| match attribute {
                    LinkAttribute::OperState(state) => Some(*state == State::Up),
                    _ => None,
                },
            )
        };
        wait(is_up, || {
            format!("interface `{}` (is its peer up?)", self.name)
        })
    }

    /// Takes it out of the world, with its peer if it has one.
    ///
    /// # Errors
    /// [`Error::Os`], with ENODEV when it is gone already.
    pub fn delete(&self) -> Result<(), Error> {
        let step = || format!("delete interface `{}`", self.name);
        self.netlink
            .request(step, RouteNetlinkMessage::DelLink(self.message()), 0)?;
        Ok(())
    }

    /// Whether packets to `address` are taken as this machine's own.
    fn is_local(&self, address: IpAddr) -> Result<bool, Error> {
        let mut query = RouteMessage::default();
        query.header.address_family = family(address);
        query.header.destination_prefix_length = if address.is_ipv4() { 32 } else { 128 };
        query
            .attributes
            .push(RouteAttribute::Destination(match address {
                IpAddr::V4(address) => RouteAddress::Inet(address),
                IpAddr::V6(address) => RouteAddress::Inet6(address),
            }));
        let step = || format!("ask for the route to {address}");
        match self.netlink.request(step, RouteNetlinkMessage::GetRoute(query), 0) {
            Ok(answers) => Ok(answers.iter().any(|answer| {
                matches!(answer, RouteNetlinkMessage::NewRoute(route) if route.header.kind == RouteType::Local)
            })),
            Err(error) if error.raw_os_error() == Some(Errno::ENETUNREACH as i32) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The connection to the kernel, in the interface's namespace.
    pub(crate) fn netlink(&self) -> &Netlink {
        &self.netlink
    }

    /// A message about this interface.
    fn message(&self) -> LinkMessage {
        let mut message = LinkMessage::default();
        message.header.index = self.index;
        message
    }

    fn set_flags(&self, what: &str, flags: LinkFlags) -> Result<(), Error> {
        let mut change = self.message();
        change.header.flags = flags;
        change.header.change_mask = LinkFlags::Up;
        self.set_link(what, change)
    }

    fn set_link(&self, what: &str, change: LinkMessage) -> Result<(), Error> {
        let step = || format!("{what} interface `{}`", self.name);
        self.netlink
            .request(step, RouteNetlinkMessage::SetLink(change), 0)?;
        Ok(())
    }

    fn attribute<T>(
        &self,
        what: &str,
        lacks: &'static str,
        pick: impl FnMut(&LinkAttribute) -> Option<T>,
    ) -> Result<T, Error> {
        let link = get_link(&self.netlink, &self.name, self.message())?;
        let step = || format!("{what} interface `{}`", self.name);
        link.attributes
            .iter()
            .find_map(pick)
            .ok_or_else(|| Error::Answer {
                step: step(),
                lacks,
            })
    }
}

/// Two interfaces joined by a wire: what one sends, the other receives. Dropping the pair deletes it.
#[derive(Debug)]
pub struct Veth {
    near: Interface,
    far: Interface,
}

impl Veth {
    /// Makes a pair, both ends in the calling thread's namespace, both down.
    ///
    /// # Errors
    /// [`Error::Os`], with EEXIST when a name is taken EPERM for want of CAP_NET_ADMIN and EOPNOTSUPP where the kernel has no veth driver.
    pub fn pair(near: &str, far: &str) -> Result<Self, Error> {
        Self::pair_across(near, far, &Namespace::current()?)
    }

    /// Makes a pair, `near` in the calling thread's namespace and `far` in `namespace`, both down.
    ///
    /// # Errors
    /// As [`Veth::pair`].
    pub fn pair_across(near: &str, far: &str, namespace: &Namespace) -> Result<Self, Error> {
        Self::make(near, far, namespace, InfoKind::Veth, |peer| {
            InfoData::Veth(InfoVeth::Peer(peer))
        })
    }

    /// As [`Veth::pair_across`], of netkit devices that have Ethernet addresses; `near` is the primary one.
    ///
    /// # Errors
    /// As [`Veth::pair`], with EOPNOTSUPP where the kernel has no netkit driver.
    pub fn netkit_across(near: &str, far: &str, namespace: &Namespace) -> Result<Self, Error> {
        Self::make(near, far, namespace, InfoKind::Netkit, |peer| {
            InfoData::Netkit(vec![
                InfoNetkit::Mode(NetkitMode::L2),
                InfoNetkit::Peer(peer),
            ])
        })
    }

    fn make(
        near: &str,
        far: &str,
        namespace: &Namespace,
        kind: InfoKind,
        data: impl FnOnce(LinkMessage) -> InfoData,
    ) -> Result<Self, Error> {
        let mut peer = LinkMessage::default();
        peer.attributes = vec![
            LinkAttribute::IfName(far.to_owned()),
            LinkAttribute::NetNsFd(namespace.file().as_raw_fd()),
        ];
        let step = format!("make the {kind} pair `{near}` and `{far}`");
        let mut pair = LinkMessage::default();
        pair.attributes = vec![
            LinkAttribute::IfName(near.to_owned()),
            LinkAttribute::LinkInfo(vec![LinkInfo::Kind(kind), LinkInfo::Data(data(peer))]),
        ];
        Netlink::open()?.request(
            || step,
            RouteNetlinkMessage::NewLink(pair),
            NLM_F_CREATE | NLM_F_EXCL,
        )?;
        Ok(Self {
            near: Interface::open(near)?,
            far: namespace.run(|| Interface::open(far))??,
        })
    }

    /// The end in the namespace of whoever made the pair.
    #[must_use]
    pub fn near(&self) -> &Interface {
        &self.near
    }

    /// The other end.
    #[must_use]
    pub fn far(&self) -> &Interface {
        &self.far
    }

    /// Brings both ends up and waits until they carry traffic.
    ///
    /// # Errors
    /// [`Error::Os`]; [`Error::Late`].
    pub fn set_up(&self) -> Result<(), Error> {
        self.far.set_up()?;
        self.near.set_up()?;
        self.far.wait_up()?;
        self.near.wait_up()
    }
}

impl Drop for Veth {
    fn drop(&mut self) {
        // It may be gone already, with its namespace.
        let _ = self.near.delete();
    }
}

fn get_link(netlink: &Netlink, name: &str, query: LinkMessage) -> Result<LinkMessage, Error> {
    let step = || format!("look up interface `{name}`");
    let answers = netlink.request(step, RouteNetlinkMessage::GetLink(query), 0)?;
    let link = answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewLink(link) => Some(link),
        _ => None,
    });
    link.ok_or_else(|| Error::Answer {
        step: step(),
        lacks: "the interface",
    })
}

/// Waits until `done`; `what` is named in the error when it takes too long.
fn wait(
    done: impl Fn() -> Result<bool, Error>,
    what: impl FnOnce() -> String,
) -> Result<(), Error> {
    let start = Instant::now();
    while !done()? {
        if start.elapsed() > Duration::from_secs(WAIT_SECONDS) {
            return Err(Error::Late {
                what: what(),
                seconds: WAIT_SECONDS,
            });
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn family(address: IpAddr) -> AddressFamily {
    match address {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    }
}
