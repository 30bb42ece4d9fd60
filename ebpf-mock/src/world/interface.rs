//! Network interfaces, and what each of them is.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{Interface, TcAttached, TcDirection};
use ebpf_core::program::AttachType;
use ebpf_core::system::SystemError;
use parking_lot::Mutex;

use super::namespace::NetnsObject;
use super::order::{HookList, Where};
use super::traffic_control::TrafficControl;
use super::xdp::XdpSlots;
use crate::MockSystem;
use crate::kernel::Kernel;
use crate::program::ProgramObject;
use crate::system::refused;

/// What kind of device an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum InterfaceKind {
    /// An Ethernet device: what it transmits leaves the machine.
    #[default]
    Ethernet,
    /// What it transmits it receives itself.
    Loopback,
    /// One end of a pair: what it transmits the other end receives.
    Veth,
    /// The end of a netkit pair that manages both.
    NetkitPrimary,
    /// The other end of a netkit pair.
    NetkitPeer,
}

/// An interface to be added to a simulated machine.
///
/// ```
/// use ebpf_mock::{InterfaceSpec, MockSystem};
/// let system = MockSystem::new();
/// let eth0 = InterfaceSpec::new("eth0").queues(4).address([192, 0, 2, 1].into(), 24);
/// system.add_interface(eth0)?;
/// # Ok::<(), ebpf_core::system::SystemError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InterfaceSpec {
    /// Its name: 15 bytes at most.
    pub name: String,
    /// How many queues it receives and transmits by. 1 without it.
    pub queues: u32,
    /// Whether its driver runs XDP programs; if not, they run in the network stack. True without it.
    pub native_xdp: bool,
    /// The largest packet that it transmits, without its Ethernet header. 1500 without it.
    pub mtu: u32,
    /// Its Ethernet address; chosen by its index without it.
    pub hardware_address: Option<[u8; 6]>,
    /// Its addresses, and how many bits of each are its network's.
    pub addresses: Vec<(IpAddr, u8)>,
}

impl InterfaceSpec {
    /// An Ethernet interface of this name.
    pub fn new(name: impl Into<String>) -> InterfaceSpec {
        InterfaceSpec {
            name: name.into(),
            queues: 1,
            native_xdp: true,
            mtu: 1500,
            hardware_address: None,
            addresses: Vec::new(),
        }
    }

    /// The same with so many queues.
    #[must_use]
    pub fn queues(self, queues: u32) -> InterfaceSpec {
        InterfaceSpec { queues, ..self }
    }

    /// The same, whose driver runs XDP programs or not.
    #[must_use]
    pub fn native_xdp(self, native_xdp: bool) -> InterfaceSpec {
        InterfaceSpec { native_xdp, ..self }
    }

    /// The same with this MTU.
    #[must_use]
    pub fn mtu(self, mtu: u32) -> InterfaceSpec {
        InterfaceSpec { mtu, ..self }
    }

    /// The same with this Ethernet address.
    #[must_use]
    pub fn hardware_address(self, address: [u8; 6]) -> InterfaceSpec {
        InterfaceSpec {
            hardware_address: Some(address),
            ..self
        }
    }

    /// The same with one more address.
    #[must_use]
    pub fn address(mut self, address: IpAddr, prefix: u8) -> InterfaceSpec {
        self.addresses.push((address, prefix));
        self
    }
}

impl From<&str> for InterfaceSpec {
    fn from(name: &str) -> InterfaceSpec {
        InterfaceSpec::new(name)
    }
}

impl From<String> for InterfaceSpec {
    fn from(name: String) -> InterfaceSpec {
        InterfaceSpec::new(name)
    }
}

/// The interfaces of a machine, by index: no two of them have the same one, whatever their namespaces.
#[derive(Debug, Default)]
pub(crate) struct Interfaces(Mutex<Numbered>);

#[derive(Debug, Default)]
struct Numbered {
    /// The last index that was given.
    last: u32,
    states: BTreeMap<u32, State>,
}

/// An interface.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) spec: InterfaceSpec,
    pub(crate) kind: InterfaceKind,
    /// The other end of a pair.
    pub(crate) peer: Option<u32>,
    pub(crate) namespace: Arc<NetnsObject>,
    pub(super) xdp: XdpSlots,
    tcx: [HookList; 2],
    /// Of the primary end and of the peer; on the primary one.
    netkit: [HookList; 2],
    pub(super) traffic: TrafficControl,
    /// What it transmitted, as long as nobody has taken it.
    sent: VecDeque<Transmitted>,
}

/// A frame that an interface transmitted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transmitted {
    /// The queue that it left by.
    pub queue: u32,
    /// The frame, from its Ethernet header on.
    pub frame: Vec<u8>,
}

/// How many frames are kept that nobody takes.
const MOST_SENT: usize = 16384;

/// A hook of an interface that runs several programs in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ordered {
    Tcx(TcDirection),
    Netkit { of_peer: bool },
}

impl Ordered {
    fn of(attach_type: AttachType) -> Option<Ordered> {
        match attach_type {
            AttachType::TCX_INGRESS => Some(Ordered::Tcx(TcDirection::Ingress)),
            AttachType::TCX_EGRESS => Some(Ordered::Tcx(TcDirection::Egress)),
            AttachType::NETKIT_PRIMARY => Some(Ordered::Netkit { of_peer: false }),
            AttachType::NETKIT_PEER => Some(Ordered::Netkit { of_peer: true }),
            _ => None,
        }
    }
}

impl State {
    fn list(&mut self, hook: Ordered) -> Result<&mut HookList, Errno> {
        match hook {
            Ordered::Tcx(direction) => {
                let [ingress, egress] = &mut self.tcx;
                Ok(match direction {
                    TcDirection::Ingress => ingress,
                    TcDirection::Egress => egress,
                })
            }
            Ordered::Netkit { of_peer } => match self.kind {
                InterfaceKind::NetkitPrimary => {
                    let [primary, peer] = &mut self.netkit;
                    Ok(if of_peer { peer } else { primary })
                }
                InterfaceKind::NetkitPeer => Err(Errno::EACCES),
                _ => Err(Errno::ENXIO),
            },
        }
    }

    /// Keeps a frame that it transmitted.
    pub(crate) fn sent(&mut self, queue: u32, frame: &[u8]) {
        if self.sent.len() >= MOST_SENT {
            self.sent.pop_front();
        }
        self.sent.push_back(Transmitted {
            queue,
            frame: frame.to_vec(),
        });
    }

    /// Takes what it transmitted.
    pub(crate) fn take_sent(&mut self) -> Vec<Transmitted> {
        self.sent.drain(..).collect()
    }

    /// Its Ethernet address: one of those that are assigned locally, if none was said.
    pub(crate) fn hardware_address(&self, index: u32) -> [u8; 6] {
        let [a, b, c, d] = index.to_be_bytes();
        match (self.spec.hardware_address, self.kind) {
            (Some(address), _) => address,
            (None, InterfaceKind::Loopback) => [0; 6],
            (None, _) => [2, 0, a, b, c, d],
        }
    }
}

impl Interfaces {
    /// The index of the loopback interface, which every machine has.
    pub(crate) const LOOPBACK: u32 = 1;

    /// Adds an interface and gives its index, which is one that there never was.
    pub(crate) fn add(
        &self,
        spec: InterfaceSpec,
        kind: InterfaceKind,
        namespace: &Arc<NetnsObject>,
    ) -> Result<u32, Errno> {
        self.0.lock().add(spec, kind, None, namespace)
    }

    /// Adds two interfaces that are the ends of a pair.
    pub(crate) fn add_pair(
        &self,
        specs: [InterfaceSpec; 2],
        kinds: [InterfaceKind; 2],
        namespace: &Arc<NetnsObject>,
    ) -> Result<[u32; 2], Errno> {
        let mut interfaces = self.0.lock();
        let [one, other] = specs;
        let [first, second] = kinds;
        let one = interfaces.add(one, first, None, namespace)?;
        let other = interfaces
            .add(other, second, Some(one), namespace)
            .inspect_err(|_| drop(interfaces.states.remove(&one)))?;
        if let Some(state) = interfaces.states.get_mut(&one) {
            state.peer = Some(other);
        }
        Ok([one, other])
    }

    /// Removes an interface, with the other end of its pair.
    pub(crate) fn remove(&self, index: u32) -> Result<(), Errno> {
        let mut interfaces = self.0.lock();
        let gone = interfaces.states.remove(&index).ok_or(Errno::ENODEV)?;
        let peer = gone.peer.and_then(|peer| interfaces.states.remove(&peer));
        // Programs end with it, and others with them: not under the lock.
        drop(interfaces);
        drop((gone, peer));
        Ok(())
    }

    /// What `look` says of an interface; `None` if there is none.
    pub(crate) fn with<T>(&self, index: u32, look: impl FnOnce(&mut State) -> T) -> Option<T> {
        self.0.lock().states.get_mut(&index).map(look)
    }

    /// Whether there is an interface of this index.
    pub(crate) fn exists(&self, index: u32) -> bool {
        self.0.lock().states.contains_key(&index)
    }

    /// The index of an interface of a namespace, if it is there.
    pub(crate) fn find(
        &self,
        interface: &Interface,
        namespace: &Arc<NetnsObject>,
    ) -> Result<u32, Errno> {
        let interfaces = self.0.lock();
        let mut here = interfaces
            .states
            .iter()
            .filter(|(_, state)| Arc::ptr_eq(&state.namespace, namespace));
        let found = match interface {
            Interface::Index(index) => here.find(|(known, _)| *known == index),
            Interface::Name(name) => here.find(|(_, state)| state.spec.name == *name),
        };
        found.map(|(index, _)| *index).ok_or(Errno::ENODEV)
    }

    /// The addresses of the interfaces of a namespace, with how many bits of each are its network's.
    pub(crate) fn addresses(&self, namespace: &Arc<NetnsObject>) -> Vec<(u32, IpAddr, u8)> {
        let interfaces = self.0.lock();
        let here = interfaces
            .states
            .iter()
            .filter(|(_, state)| Arc::ptr_eq(&state.namespace, namespace));
        here.flat_map(|(index, state)| {
            let addresses = state.spec.addresses.iter();
            addresses.map(|(address, prefix)| (*index, *address, *prefix))
        })
        .collect()
    }

    /// The loopback interface of a namespace.
    pub(crate) fn loopback(&self, namespace: &Arc<NetnsObject>) -> Option<u32> {
        let interfaces = self.0.lock();
        let mut states = interfaces.states.iter();
        let found = states.find(|(_, state)| {
            state.kind == InterfaceKind::Loopback && Arc::ptr_eq(&state.namespace, namespace)
        });
        found.map(|(index, _)| *index)
    }

    /// Puts a program of a link at a hook that runs several in order.
    pub(crate) fn attach_ordered(
        &self,
        index: u32,
        attach_type: AttachType,
        program: &Arc<ProgramObject>,
        link: u32,
        at: &Where,
    ) -> Result<(), Errno> {
        let hook = Ordered::of(attach_type).ok_or(Errno::EINVAL)?;
        let attached = self.with(index, |state| state.list(hook)?.attach(program, link, at));
        attached.unwrap_or(Err(Errno::ENODEV))
    }

    /// Puts another program in the place of a link's.
    pub(crate) fn replace_ordered(
        &self,
        index: u32,
        attach_type: AttachType,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let hook = Ordered::of(attach_type).ok_or(Errno::EINVAL)?;
        let old = self.with(index, |state| state.list(hook)?.replace(link, program));
        old.unwrap_or(Err(Errno::ENOLINK)).map(drop)
    }

    /// Takes a link's program away.
    pub(crate) fn remove_ordered(&self, index: u32, attach_type: AttachType, link: u32) {
        let Some(hook) = Ordered::of(attach_type) else {
            return;
        };
        let old = self.with(index, |state| {
            // What filters share with TCX lasts as long as there is a queueing discipline; netkit's is the device's.
            let kept = match hook {
                Ordered::Tcx(_) => state.traffic.kind().is_some(),
                Ordered::Netkit { .. } => true,
            };
            let list = state.list(hook).ok()?;
            list.remove(link, kept)
        });
        drop(old);
    }

    /// The programs of a hook, in the order in which they run.
    pub(crate) fn ordered(&self, index: u32, attach_type: AttachType) -> Vec<Arc<ProgramObject>> {
        let programs = Ordered::of(attach_type).and_then(|hook| {
            self.with(index, |state| {
                state.list(hook).ok().map(|list| list.programs())
            })
        });
        programs.flatten().unwrap_or_default()
    }

    /// What is attached to the traffic control of an interface.
    pub(crate) fn traffic(&self, index: u32) -> Result<TcAttached, Errno> {
        let told = self.with(index, |state| {
            let mut told = TcAttached::default();
            told.qdisc = state.traffic.kind().map(Into::into);
            told.filters = state.traffic.told();
            let mut list = |hook| state.list(hook).ok().map(|list| list.told());
            told.tcx_ingress = list(Ordered::Tcx(TcDirection::Ingress));
            told.tcx_egress = list(Ordered::Tcx(TcDirection::Egress));
            told.netkit_primary = list(Ordered::Netkit { of_peer: false });
            told.netkit_peer = list(Ordered::Netkit { of_peer: true });
            told
        });
        told.ok_or(Errno::ENODEV)
    }
}

impl Numbered {
    fn add(
        &mut self,
        spec: InterfaceSpec,
        kind: InterfaceKind,
        peer: Option<u32>,
        namespace: &Arc<NetnsObject>,
    ) -> Result<u32, Errno> {
        if !is_name(&spec.name) || spec.queues == 0 {
            return Err(Errno::EINVAL);
        }
        let taken = |state: &State| {
            state.spec.name == spec.name && Arc::ptr_eq(&state.namespace, namespace)
        };
        if self.states.values().any(taken) {
            return Err(Errno::EEXIST);
        }
        self.last = self.last.checked_add(1).ok_or(Errno::ENFILE)?;
        let state = State {
            spec,
            kind,
            peer,
            namespace: namespace.clone(),
            xdp: XdpSlots::default(),
            tcx: Default::default(),
            netkit: Default::default(),
            traffic: TrafficControl::default(),
            sent: VecDeque::new(),
        };
        self.states.insert(self.last, state);
        Ok(self.last)
    }
}

/// Whether the kernel takes a name for an interface's: `dev_valid_name()` in net/core/dev.c.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c != '/' && c != ':' && c != '\0' && !c.is_ascii_whitespace();
    !name.is_empty() && name.len() < 16 && name != "." && name != ".." && name.chars().all(allowed)
}

impl MockSystem {
    /// Adds a network interface, up, in the namespace of the current task: an Ethernet device, whose driver runs XDP
    /// programs unless the spec says otherwise.
    ///
    /// # Errors
    /// `EEXIST` if there is one of this name, `EINVAL` for what cannot be a name, and for one without queues.
    pub fn add_interface(&self, spec: impl Into<InterfaceSpec>) -> Result<Interface, SystemError> {
        let spec = spec.into();
        let name = spec.name.clone();
        let world = &self.kernel().world;
        let namespace = &world.tasks.current().task.namespace;
        let added = world
            .interfaces
            .add(spec, InterfaceKind::Ethernet, namespace);
        added
            .map(Interface::Index)
            .map_err(|errno| refused("add interface", name, errno, None))
    }

    /// Adds the interface by which the machine reaches itself.
    pub(crate) fn add_loopback(&self) {
        let spec = InterfaceSpec::new("lo")
            .native_xdp(false)
            .mtu(65536)
            .address(Ipv4Addr::LOCALHOST.into(), 8)
            .address(Ipv6Addr::LOCALHOST.into(), 128);
        let world = &self.kernel().world;
        let namespace = world.namespaces.initial();
        // It is the first, and its name is right.
        let _ = world
            .interfaces
            .add(spec, InterfaceKind::Loopback, &namespace);
    }

    /// Adds a pair of interfaces: what one transmits, the other receives.
    ///
    /// # Errors
    /// As [`MockSystem::add_interface`].
    pub fn add_veth(
        &self,
        one: impl Into<InterfaceSpec>,
        other: impl Into<InterfaceSpec>,
    ) -> Result<[Interface; 2], SystemError> {
        self.add_pair([one.into(), other.into()], [InterfaceKind::Veth; 2])
    }

    /// Adds a netkit pair. Programs of either end are attached by the primary one.
    ///
    /// # Errors
    /// As [`MockSystem::add_interface`].
    pub fn add_netkit(
        &self,
        primary: impl Into<InterfaceSpec>,
        peer: impl Into<InterfaceSpec>,
    ) -> Result<[Interface; 2], SystemError> {
        let kinds = [InterfaceKind::NetkitPrimary, InterfaceKind::NetkitPeer];
        self.add_pair([primary.into(), peer.into()], kinds)
    }

    fn add_pair(
        &self,
        specs: [InterfaceSpec; 2],
        kinds: [InterfaceKind; 2],
    ) -> Result<[Interface; 2], SystemError> {
        let [one, other] = specs.each_ref().map(|spec| spec.name.clone());
        let world = &self.kernel().world;
        let namespace = &world.tasks.current().task.namespace;
        let added = world.interfaces.add_pair(specs, kinds, namespace);
        added
            .map(|pair| pair.map(Interface::Index))
            .map_err(|errno| refused("add interfaces", format!("{one} and {other}"), errno, None))
    }

    /// Removes an interface, with what is attached to it and with the other end of its pair. Links to it stay, and do
    /// nothing any more.
    ///
    /// # Errors
    /// `ENODEV` if there is none in the namespace of the current task.
    pub fn remove_interface(&self, interface: &Interface) -> Result<(), SystemError> {
        let removed = self
            .interface_index(interface)
            .and_then(|index| self.kernel().world.interfaces.remove(index));
        removed.map_err(|errno| refused("remove", interface.to_string(), errno, None))
    }

    /// What is attached to the traffic control of an interface: filters, and the programs of TCX and netkit.
    ///
    /// # Errors
    /// `ENODEV` if there is none in the namespace of the current task.
    pub fn tc_attached(&self, interface: impl Into<Interface>) -> Result<TcAttached, SystemError> {
        let interface = interface.into();
        let told = self
            .interface_index(&interface)
            .and_then(|index| self.kernel().world.interfaces.traffic(index));
        told.map_err(|errno| {
            refused(
                "query traffic control of",
                interface.to_string(),
                errno,
                None,
            )
        })
    }

    /// The index of an interface of the current task's namespace.
    pub(crate) fn interface_index(&self, interface: &Interface) -> Result<u32, Errno> {
        self.kernel().ifindex(interface)
    }
}

impl Kernel {
    /// The index of an interface of the current task's namespace.
    pub(crate) fn ifindex(&self, interface: &Interface) -> Result<u32, Errno> {
        let namespace = &self.world.tasks.current().task.namespace;
        self.world.interfaces.find(interface, namespace)
    }
}
