//! Ways that packets take: routes, neighbours, and what interfaces carry. `bpf_ipv4_fib_lookup()` and its like in
//! net/core/filter.c.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ebpf_core::Errno;
use ebpf_core::hook::Interface;
use ebpf_core::system::SystemError;
use parking_lot::RwLock;

use super::super::helper::{Argument, Flow, Helper, Negative};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::TC_OR_XDP;
use crate::MockSystem;
use crate::engine::context::Context as RunContext;

use Argument::{Anything, Context, MemoryOut, Size, Special};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(69, "fib_lookup", TC_OR_XDP, &[Context, MemoryOut, Size, Anything], fib_lookup),
    row(163, "check_mtu", TC_OR_XDP, &[Context, Anything, Special, Anything, Anything], check_mtu),
];

/// What becomes of a packet that takes a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteKind {
    /// It goes on.
    #[default]
    #[doc(alias = "RTN_UNICAST")]
    Unicast,
    /// It is for this machine.
    #[doc(alias = "RTN_LOCAL")]
    Local,
    /// It is dropped.
    #[doc(alias = "RTN_BLACKHOLE")]
    Blackhole,
    /// Its sender is told that there is no way.
    #[doc(alias = "RTN_UNREACHABLE")]
    Unreachable,
    /// Its sender is told that it is forbidden.
    #[doc(alias = "RTN_PROHIBIT")]
    Prohibit,
}

/// A route of a simulated machine, in its main table.
///
/// ```
/// use ebpf_core::hook::Interface;
/// use ebpf_mock::{MockSystem, Route};
/// let system = MockSystem::new();
/// let uplink = system.add_interface("uplink")?;
/// let gateway = "10.0.0.1".parse().expect("an address");
/// system.add_route(Route::to("0.0.0.0".parse().expect("an address"), 0).via(gateway), &uplink)?;
/// system.add_neighbour(gateway, [2, 0, 0, 0, 0, 1], &uplink)?;
/// # Ok::<(), ebpf_core::system::SystemError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The addresses that it is for begin with these bits.
    pub to: IpAddr,
    /// How many bits.
    pub prefix: u8,
    /// The router behind which they are; on the link itself without it.
    pub via: Option<IpAddr>,
    /// What becomes of packets.
    pub kind: RouteKind,
    /// Of several routes the one with the lowest is taken.
    pub metric: u32,
    /// The longest packet that fits; that of the interface without it.
    pub mtu: Option<u32>,
    /// The address that this machine has for packets of its own.
    pub source: Option<IpAddr>,
}

impl Route {
    /// A route to addresses whose first `prefix` bits are those of `to`.
    pub fn to(to: IpAddr, prefix: u8) -> Route {
        Route {
            to,
            prefix,
            via: None,
            kind: RouteKind::Unicast,
            metric: 0,
            mtu: None,
            source: None,
        }
    }

    /// The same through a router.
    #[must_use]
    pub fn via(self, router: IpAddr) -> Route {
        Route {
            via: Some(router),
            ..self
        }
    }

    /// The same of this kind.
    #[must_use]
    pub fn kind(self, kind: RouteKind) -> Route {
        Route { kind, ..self }
    }

    /// The same for packets up to this length.
    #[must_use]
    pub fn mtu(self, mtu: u32) -> Route {
        Route {
            mtu: Some(mtu),
            ..self
        }
    }

    fn matches(&self, address: IpAddr) -> bool {
        let same = |to: u128, address: u128, bits: u32| {
            let prefix = u32::from(self.prefix).min(bits);
            prefix == 0 || (to ^ address) >> (bits - prefix) == 0
        };
        match (self.to, address) {
            (IpAddr::V4(to), IpAddr::V4(address)) => {
                same(to.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(to), IpAddr::V6(address)) => same(to.to_bits(), address.to_bits(), 128),
            _ => false,
        }
    }
}

/// The ways that there are.
#[derive(Debug, Default)]
pub(crate) struct Ways(RwLock<Table>);

#[derive(Debug, Default)]
struct Table {
    /// With the interface that they lead out of.
    routes: Vec<(u32, Route)>,
    neighbours: BTreeMap<(u32, IpAddr), [u8; 6]>,
}

impl Ways {
    /// The best route to an address, out of one interface or any.
    fn route(&self, to: IpAddr) -> Option<(u32, Route)> {
        let table = self.0.read();
        let fitting = table.routes.iter().filter(|(_, route)| route.matches(to));
        let best = fitting.max_by_key(|(_, route)| (route.prefix, u32::MAX - route.metric));
        best.cloned()
    }

    fn neighbour(&self, ifindex: u32, address: IpAddr) -> Option<[u8; 6]> {
        self.0.read().neighbours.get(&(ifindex, address)).copied()
    }
}

impl MockSystem {
    /// Adds a route, out of an interface. Every interface forwards packets.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface, `EINVAL` for a prefix that is longer than an address or a router of another
    /// family.
    pub fn add_route(&self, route: Route, interface: &Interface) -> Result<(), SystemError> {
        let bits = if route.to.is_ipv4() { 32 } else { 128 };
        let odd = route
            .via
            .is_some_and(|via| via.is_ipv4() != route.to.is_ipv4());
        let index = self.kernel().ifindex(interface);
        let index = index.and_then(|index| {
            if route.prefix > bits || odd {
                return Err(Errno::EINVAL);
            }
            Ok(index)
        });
        let index = index.map_err(|errno| refused("add route", &route.to.to_string(), errno))?;
        let mut table = self.kernel().facilities.ways.0.write();
        table.routes.push((index, route));
        Ok(())
    }

    /// Says which hardware address a neighbour on an interface's link has.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface.
    pub fn add_neighbour(
        &self,
        address: IpAddr,
        hardware_address: [u8; 6],
        interface: &Interface,
    ) -> Result<(), SystemError> {
        let index = self.kernel().ifindex(interface);
        let index = index.map_err(|errno| refused("add neighbour", &address.to_string(), errno))?;
        let mut table = self.kernel().facilities.ways.0.write();
        table.neighbours.insert((index, address), hardware_address);
        Ok(())
    }
}

fn refused(op: &'static str, what: &str, errno: Errno) -> SystemError {
    SystemError::Os {
        op,
        what: what.into(),
        errno,
        hint: None,
    }
}

/// Answers of `bpf_fib_lookup()`: `BPF_FIB_LKUP_RET_…`.
mod answer {
    pub(super) const SUCCESS: u64 = 0;
    pub(super) const BLACKHOLE: u64 = 1;
    pub(super) const UNREACHABLE: u64 = 2;
    pub(super) const PROHIBIT: u64 = 3;
    pub(super) const NOT_FWDED: u64 = 4;
    pub(super) const NO_NEIGH: u64 = 7;
    pub(super) const FRAG_NEEDED: u64 = 8;
    pub(super) const NO_SRC_ADDR: u64 = 9;
}

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

fn fib_lookup(run: &mut Run, [_, params, length, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    /// Bytes of `struct bpf_fib_lookup`.
    const PARAMS: usize = 64;
    const SKIP_NEIGH: u64 = 4;
    const SRC: u64 = 16;
    const KNOWN: u64 = 63;
    let length = length as i32;
    if length < PARAMS as i32 || flags & !KNOWN != 0 {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let mut bytes = [0; PARAMS];
    run.memory.read(params, &mut bytes)?;
    let is_v4 = match bytes[0] {
        AF_INET => true,
        AF_INET6 => false,
        _ => return Ok(Flow::Return(Errno::EAFNOSUPPORT.negative())),
    };
    let word = |bytes: &[u8; PARAMS], at: usize| {
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_ne_bytes(*word))
    };
    if run.kernel.hardware_address(word(&bytes, 8)).is_none() {
        return Ok(Flow::Return(Errno::ENODEV.negative()));
    }
    let Some((ifindex, route)) = run.kernel.facilities.ways.route(address(&bytes, 32, is_v4))
    else {
        return Ok(Flow::Return(answer::NOT_FWDED));
    };
    match route.kind {
        RouteKind::Unicast => {}
        RouteKind::Local => return Ok(Flow::Return(answer::NOT_FWDED)),
        RouteKind::Blackhole => return Ok(Flow::Return(answer::BLACKHOLE)),
        RouteKind::Unreachable => return Ok(Flow::Return(answer::UNREACHABLE)),
        RouteKind::Prohibit => return Ok(Flow::Return(answer::PROHIBIT)),
    }
    let Some(own) = run.kernel.hardware_address(ifindex) else {
        return Ok(Flow::Return(answer::NOT_FWDED));
    };
    let mtu = route.mtu.unwrap_or_else(|| run.kernel.mtu(ifindex));
    let total = u32::from(u16::from_ne_bytes([bytes[6], bytes[7]]));
    let mtu_result = (mtu.min(u16::MAX.into()) as u16).to_ne_bytes();
    let finish = |run: &mut Run, bytes: &[u8; PARAMS], result: u64| {
        run.memory.write(params, bytes)?;
        Ok(Flow::Return(result))
    };
    if total > mtu {
        bytes[6..8].copy_from_slice(&mtu_result);
        return finish(run, &bytes, answer::FRAG_NEEDED);
    }
    bytes[12..16].copy_from_slice(&route.metric.to_ne_bytes());
    bytes[8..12].copy_from_slice(&ifindex.to_ne_bytes());
    if flags & SRC != 0 {
        match route.source {
            Some(source) => put_address(&mut bytes, 16, source),
            None => return finish(run, &bytes, answer::NO_SRC_ADDR),
        }
    }
    let hop = route.via.unwrap_or_else(|| address(&bytes, 32, is_v4));
    if route.via.is_some() {
        put_address(&mut bytes, 32, hop);
    }
    if flags & SKIP_NEIGH == 0 {
        let Some(neighbour) = run.kernel.facilities.ways.neighbour(ifindex, hop) else {
            return finish(run, &bytes, answer::NO_NEIGH);
        };
        bytes[52..58].copy_from_slice(&own);
        bytes[58..64].copy_from_slice(&neighbour);
    }
    bytes[48..52].fill(0);
    if total > 0 {
        bytes[6..8].copy_from_slice(&mtu_result);
    } else if let RunContext::SkBuff(_, skb) = &run.context {
        // Without a length it is the packet's that counts.
        let length = skb.len(&run.memory.packet) as u32;
        bytes[6..8].copy_from_slice(&mtu_result);
        if length > mtu + 14 {
            return finish(run, &bytes, answer::FRAG_NEEDED);
        }
    }
    finish(run, &bytes, answer::SUCCESS)
}

fn address(bytes: &[u8; 64], at: usize, is_v4: bool) -> IpAddr {
    let mut address = [0; 16];
    address.copy_from_slice(bytes.get(at..at + 16).unwrap_or(&[0; 16]));
    if is_v4 {
        let [a, b, c, d, ..] = address;
        Ipv4Addr::new(a, b, c, d).into()
    } else {
        Ipv6Addr::from(address).into()
    }
}

fn put_address(bytes: &mut [u8; 64], at: usize, address: IpAddr) {
    let place = bytes.iter_mut().skip(at);
    match address {
        IpAddr::V4(address) => place
            .zip(address.octets())
            .for_each(|(to, from)| *to = from),
        IpAddr::V6(address) => place
            .zip(address.octets())
            .for_each(|(to, from)| *to = from),
    }
}

/// Whether a packet, as long as it is to be, fits an interface.
fn check_mtu(
    run: &mut Run,
    [context, ifindex, length, change, flags]: [u64; 5],
) -> Result<Flow, Problem> {
    const HEADER: u32 = 14;
    const SEGMENTS: u64 = 1;
    const FRAG_NEEDED: u64 = 1;
    let given = run.memory.read_number::<4>(length)? as u32;
    let (actual, current) = match &run.context {
        RunContext::SkBuff(_, skb) => (skb.len(&run.memory.packet) as u32, skb.ifindex),
        RunContext::Xdp(_, xdp) => (xdp.len(&run.memory.packet) as u32, xdp.ingress_ifindex),
        _ => return Err(super::super::helper::wrong(163, 0, "context")),
    };
    let is_xdp = matches!(run.context, RunContext::Xdp(..));
    let refused = context != Run::context_address()
        || flags & !SEGMENTS != 0
        || (flags != 0 && (is_xdp || change as i32 != 0 || given != 0));
    if refused {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let ifindex = if ifindex as u32 == 0 {
        current
    } else {
        ifindex as u32
    };
    if run.kernel.hardware_address(ifindex).is_none() {
        return Ok(Flow::Return(Errno::ENODEV.negative()));
    }
    let mtu = run.kernel.mtu(ifindex);
    let wanted = if given == 0 {
        actual
    } else {
        given.saturating_add(HEADER)
    };
    let fits = i64::from(wanted) + i64::from(change as i32) <= i64::from(mtu) + i64::from(HEADER);
    run.memory.write_number::<4>(length, mtu.into())?;
    Ok(Flow::Return(if fits { 0 } else { FRAG_NEEDED }))
}
