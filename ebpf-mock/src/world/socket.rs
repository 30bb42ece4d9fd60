//! Sockets, and the programs attached to them: `sk_attach_bpf()` in net/core/filter.c, `reuseport_attach_prog()` in
//! net/core/sock_reuseport.c.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::hook::Descriptor as HookDescriptor;
use ebpf_core::program::ProgramType;
use ebpf_core::system::SystemError;
use parking_lot::Mutex;

use super::cgroup::CgroupObject;
use super::namespace::NetnsObject;
use super::option::Options;
use super::psock::Psock;
use super::stream::Stream;
use crate::MockSystem;
use crate::kernel::{Descriptor, Kernel, Object};
use crate::program::ProgramObject;

/// The ports that are chosen for sockets that say none.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;

/// What a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SocketKind {
    /// A stream over IP, that is connected or listens.
    Tcp,
    /// Datagrams over IP.
    Udp,
    /// Frames, as they cross an interface.
    Packet,
    /// Frames that XDP programs redirect, without the network stack.
    #[doc(alias = "AF_XDP")]
    Xdp,
    /// A stream within the machine.
    Unix,
}

/// A datagram that a socket received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Datagram {
    /// Who sent it; `None` of a frame.
    pub from: Option<SocketAddr>,
    /// What it says; of a frame, all of it.
    pub payload: Vec<u8>,
}

/// A socket as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct SocketObject {
    pub(crate) kind: SocketKind,
    /// A number that no other socket ever has.
    pub(crate) cookie: u64,
    /// Of the task that opened it.
    pub(crate) cgroup: Arc<CgroupObject>,
    pub(crate) namespace: Arc<NetnsObject>,
    pub(crate) user: u32,
    state: Mutex<State>,
    /// Whether no descriptor names it any more. It may be there still, until its connection has ended.
    closed: AtomicBool,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whether it speaks IPv6; `None` until its first address says.
    pub(crate) ipv6: Option<bool>,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) shares_port: bool,
    pub(crate) mark: u32,
    pub(crate) priority: u32,
    /// The only interface that it sends and receives by.
    pub(crate) interface: Option<u32>,
    pub(crate) received: VecDeque<Datagram>,
    pub(crate) stream: Stream,
    pub(crate) options: Options,
    filter: Option<Arc<ProgramObject>>,
    locked: bool,
    /// What has it for itself.
    holder: Holder,
    /// What the maps that it is in have it do.
    pub(crate) psock: Option<Psock>,
    /// Those that share its port.
    group: Option<Arc<Group>>,
}

/// What has a socket for itself (`sk_user_data`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Holder {
    #[default]
    Nobody,
    /// An array that shares a port.
    Array,
    /// So many places in maps that take data over.
    Maps(u32),
}

/// The sockets that share a port, in the order of binding, and the program that chooses among them.
#[derive(Debug, Default)]
pub(crate) struct Group {
    members: Mutex<Vec<Weak<SocketObject>>>,
    program: Mutex<Option<Arc<ProgramObject>>>,
}

impl Group {
    /// Those that are open.
    pub(crate) fn members(&self) -> Vec<Arc<SocketObject>> {
        let members = self.members.lock();
        members.iter().filter_map(Weak::upgrade).collect()
    }

    pub(crate) fn program(&self) -> Option<Arc<ProgramObject>> {
        self.program.lock().clone()
    }
}

/// Which of the two programs of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketHook {
    Filter,
    Reuseport,
}

impl SocketObject {
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock())
    }

    /// Whether a descriptor names it.
    pub(crate) fn is_open(&self) -> bool {
        !self.closed.load(Ordering::Relaxed)
    }

    /// Says that it is closed; whether it was open.
    pub(crate) fn close(&self) -> bool {
        !self.closed.swap(true, Ordering::Relaxed)
    }

    /// Whether it speaks IPv6.
    pub(crate) fn is_ipv6(&self) -> bool {
        self.with(|state| state.is_ipv6())
    }

    /// Gives it a datagram or a frame, unless it has as many as it keeps.
    pub(crate) fn give(&self, from: Option<SocketAddr>, payload: Vec<u8>) -> bool {
        /// How many datagrams are kept that nobody takes.
        const MOST: usize = 4096;
        self.with(|state| {
            let room = state.received.len() < MOST;
            if room {
                state.received.push_back(Datagram { from, payload });
            }
            room
        })
    }

    /// Those that share its port.
    pub(crate) fn group(&self) -> Option<Arc<Group>> {
        self.state.lock().group.clone()
    }

    /// Whether programs may choose it among those that share its port.
    pub(crate) fn is_in_group(&self) -> bool {
        self.state.lock().group.is_some()
    }

    /// Takes the socket for an array of those that share a port.
    ///
    /// # Errors
    /// `EBUSY` when another has it.
    pub(crate) fn take(&self) -> Result<(), Errno> {
        let mut state = self.state.lock();
        match state.holder {
            Holder::Nobody => state.holder = Holder::Array,
            _ => return Err(Errno::EBUSY),
        }
        Ok(())
    }

    /// Gives it up again.
    pub(crate) fn release(&self) {
        self.state.lock().holder = Holder::Nobody;
    }

    /// The program at a hook.
    pub(crate) fn program(&self, hook: SocketHook) -> Option<Arc<ProgramObject>> {
        match hook {
            SocketHook::Filter => self.state.lock().filter.clone(),
            SocketHook::Reuseport => self.group()?.program(),
        }
    }

    /// Puts a program at a hook, in the place of the one that is there.
    pub(crate) fn attach(
        &self,
        hook: SocketHook,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let mut state = self.state.lock();
        if state.locked {
            return Err(Errno::EPERM);
        }
        let program_type = program.spec.program_type;
        let old = match hook {
            SocketHook::Filter if program_type == ProgramType::SOCKET_FILTER => {
                state.filter.replace(program.clone())
            }
            SocketHook::Reuseport if program_type == ProgramType::SOCKET_FILTER => {
                state.choose_by(program)?
            }
            SocketHook::Reuseport if program_type == ProgramType::SK_REUSEPORT => {
                if !matches!(self.kind, SocketKind::Tcp | SocketKind::Udp) {
                    return Err(Errno::ENOTSUPP);
                }
                state.choose_by(program)?
            }
            _ => return Err(Errno::EINVAL),
        };
        drop(state);
        drop(old);
        Ok(())
    }

    /// Takes the program of a hook away, whichever it is.
    pub(crate) fn detach(&self, hook: SocketHook) -> Result<(), Errno> {
        let mut state = self.state.lock();
        if state.locked {
            return Err(Errno::EPERM);
        }
        let old = match hook {
            SocketHook::Filter => state.filter.take(),
            SocketHook::Reuseport => {
                let group = state.group.as_ref();
                group.and_then(|group| group.program.lock().take())
            }
        };
        drop(state);
        old.map(drop).ok_or(Errno::ENOENT)
    }
}

impl State {
    /// Whether an array of those that share a port has it.
    pub(crate) fn is_in_array(&self) -> bool {
        self.holder == Holder::Array
    }

    /// Whether maps that take data over have it.
    pub(crate) fn is_in_maps(&self) -> bool {
        matches!(self.holder, Holder::Maps(_))
    }

    /// It has one more place in such maps.
    pub(crate) fn take_place(&mut self) {
        self.holder = match self.holder {
            Holder::Maps(places) => Holder::Maps(places.saturating_add(1)),
            _ => Holder::Maps(1),
        };
    }

    /// It has one less.
    pub(crate) fn leave_place(&mut self) {
        self.holder = match self.holder {
            Holder::Maps(places) if places > 1 => Holder::Maps(places - 1),
            _ => Holder::Nobody,
        };
    }

    pub(crate) fn is_ipv6(&self) -> bool {
        let address = self.local.or(self.peer);
        self.ipv6
            .unwrap_or_else(|| address.is_some_and(|address| address.is_ipv6()))
    }

    fn choose_by(
        &mut self,
        program: &Arc<ProgramObject>,
    ) -> Result<Option<Arc<ProgramObject>>, Errno> {
        let group = match (&self.group, self.local) {
            (Some(group), _) => group,
            // Before it is bound it is a group by itself.
            (None, None) if self.shares_port => self.group.insert(Arc::default()),
            (None, _) => return Err(Errno::EINVAL),
        };
        Ok(group.program.lock().replace(program.clone()))
    }
}

/// The sockets of a machine that are open.
#[derive(Debug, Default)]
pub(crate) struct Sockets(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    last: u64,
    open: BTreeMap<u64, Weak<SocketObject>>,
}

impl Sockets {
    /// Opens a socket.
    pub(crate) fn open(
        &self,
        kind: SocketKind,
        (cgroup, namespace): (Arc<CgroupObject>, Arc<NetnsObject>),
        user: u32,
    ) -> Arc<SocketObject> {
        let mut table = self.0.lock();
        table.last += 1;
        let socket = Arc::new(SocketObject {
            kind,
            cookie: table.last,
            cgroup,
            namespace,
            user,
            state: Mutex::default(),
            closed: AtomicBool::new(false),
        });
        table.open.retain(|_, socket| socket.strong_count() > 0);
        table.open.insert(socket.cookie, Arc::downgrade(&socket));
        socket
    }

    /// The sockets of a kind in a namespace, in the order of opening.
    pub(crate) fn of(
        &self,
        kind: SocketKind,
        namespace: &Arc<NetnsObject>,
    ) -> Vec<Arc<SocketObject>> {
        let sockets: Vec<_> = {
            let table = self.0.lock();
            table.open.values().filter_map(Weak::upgrade).collect()
        };
        let here = |socket: &Arc<SocketObject>| {
            socket.kind == kind && Arc::ptr_eq(&socket.namespace, namespace)
        };
        sockets.into_iter().filter(here).collect()
    }

    /// Gives a socket an address; a port of 0 is chosen.
    pub(crate) fn bind(
        &self,
        socket: &Arc<SocketObject>,
        to: SocketAddr,
    ) -> Result<SocketAddr, Errno> {
        let others = self.of(socket.kind, &socket.namespace);
        let bound = |port: u16| {
            let others = others.iter().filter(|other| !Arc::ptr_eq(other, socket));
            others.filter_map(move |other| {
                let local = other.with(|state| state.local)?;
                let meet = local.ip() == to.ip()
                    || local.ip().is_unspecified()
                    || to.ip().is_unspecified();
                (local.port() == port && meet).then_some((other, local))
            })
        };
        let port = match to.port() {
            0 => EPHEMERAL
                .into_iter()
                .find(|port| bound(*port).next().is_none()),
            said => Some(said),
        };
        let port = port.ok_or(Errno::EADDRINUSE)?;
        let address = SocketAddr::new(to.ip(), port);
        let shares = socket.with(|state| match state.local {
            Some(_) => Err(Errno::EINVAL),
            None => Ok(state.shares_port),
        })?;
        let mut group = None;
        for (other, local) in bound(port) {
            if !shares || !other.with(|state| state.shares_port) {
                return Err(Errno::EADDRINUSE);
            }
            if local == address {
                group = group.or_else(|| other.group());
            }
        }
        let group = socket.with(|state| {
            state.local = Some(address);
            if shares && matches!(socket.kind, SocketKind::Tcp | SocketKind::Udp) {
                let group = group.or(state.group.take()).unwrap_or_default();
                state.group = Some(group);
            }
            state.group.clone()
        });
        if let Some(group) = group {
            let mut members = group.members.lock();
            members.retain(|member| member.strong_count() > 0);
            members.push(Arc::downgrade(socket));
        }
        Ok(address)
    }
}

impl Sockets {
    /// Takes a socket's address away again.
    pub(crate) fn unbind(&self, socket: &Arc<SocketObject>) {
        let group = socket.with(|state| {
            state.local = None;
            state.group.clone()
        });
        if let Some(group) = group {
            let is = |member: &Weak<SocketObject>| std::ptr::eq(member.as_ptr(), &**socket);
            group.members.lock().retain(|member| !is(member));
        }
    }
}

/// A socket of a simulated machine. It is closed when it is dropped.
#[derive(Debug)]
pub struct MockSocket {
    object: Arc<SocketObject>,
    descriptor: Descriptor,
}

impl MockSocket {
    /// The number by which programs and maps know the socket.
    #[doc(alias = "SO_COOKIE")]
    pub fn cookie(&self) -> u64 {
        self.object.cookie
    }

    /// What it speaks.
    pub fn kind(&self) -> SocketKind {
        self.object.kind
    }

    /// Its address, once it is bound. What a process is told is [`MockSocket::name`].
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.object.with(|state| state.local)
    }

    /// Whether other sockets may be bound to its port too, if they say so as well. To be said before it is bound.
    #[doc(alias = "SO_REUSEPORT")]
    pub fn set_share_port(&self, shares: bool) {
        self.object.with(|state| state.shares_port = shares);
    }

    /// Locks its filter: no program is attached to it or detached from it any more.
    #[doc(alias = "SO_LOCK_FILTER")]
    pub fn lock_filter(&self) {
        self.object.with(|state| state.locked = true);
    }

    /// The mark of what it sends, which programs see. 0 at first.
    #[doc(alias = "SO_MARK")]
    pub fn set_mark(&self, mark: u32) {
        self.object.with(|state| state.mark = mark);
    }

    pub(crate) fn object(&self) -> &Arc<SocketObject> {
        &self.object
    }

    pub(crate) fn kernel(&self) -> &Arc<Kernel> {
        &self.descriptor.kernel
    }

    pub(crate) fn open(kernel: &Arc<Kernel>, object: Arc<SocketObject>) -> MockSocket {
        MockSocket {
            descriptor: kernel.open(Object::Socket(object.clone())),
            object,
        }
    }
}

impl Drop for MockSocket {
    /// Closes it. What programs do wrong then, only [`MockSocket::close`] says.
    fn drop(&mut self) {
        if self.object.close() {
            let _ = self.descriptor.kernel.close_socket(&self.object);
        }
    }
}

impl<'s> From<&'s MockSocket> for HookDescriptor<'s> {
    fn from(socket: &'s MockSocket) -> HookDescriptor<'s> {
        socket.descriptor.of_hook()
    }
}

impl MockSystem {
    /// A new socket of the current task, if the programs of its control group allow it. Its first address says whether it
    /// is one of IPv4 or of IPv6.
    ///
    /// # Errors
    /// `EPERM`, or what the program says, where one forbids it; what a program did wrong.
    #[doc(alias = "BPF_CGROUP_INET_SOCK_CREATE")]
    pub fn open_socket(&self, kind: SocketKind) -> Result<MockSocket, SystemError> {
        self.ask_for(kind, None)
    }

    /// The same of IPv4, which takes no other addresses.
    ///
    /// # Errors
    /// As [`MockSystem::open_socket`].
    #[doc(alias = "AF_INET")]
    pub fn open_ipv4_socket(&self, kind: SocketKind) -> Result<MockSocket, SystemError> {
        self.ask_for(kind, Some(false))
    }

    /// The same of IPv6, which takes no other addresses.
    ///
    /// # Errors
    /// As [`MockSystem::open_socket`].
    #[doc(alias = "AF_INET6")]
    pub fn open_ipv6_socket(&self, kind: SocketKind) -> Result<MockSocket, SystemError> {
        self.ask_for(kind, Some(true))
    }

    fn ask_for(&self, kind: SocketKind, ipv6: Option<bool>) -> Result<MockSocket, SystemError> {
        let object = self.new_socket(kind);
        if matches!(kind, SocketKind::Tcp | SocketKind::Udp) {
            object.with(|state| state.ipv6 = ipv6);
            let asked = self.kernel().ask_for_socket(&object);
            asked.map_err(|stop| stop.of("open", "a socket"))?;
        }
        Ok(MockSocket::open(self.kernel(), object))
    }

    /// A new socket of the current task, of which no program is asked. It is neither bound nor connected.
    pub fn socket(&self, kind: SocketKind) -> MockSocket {
        MockSocket::open(self.kernel(), self.new_socket(kind))
    }

    fn new_socket(&self, kind: SocketKind) -> Arc<SocketObject> {
        let kernel = self.kernel();
        let task = kernel.world.tasks.current().task;
        let place = (task.cgroup.clone(), task.namespace.clone());
        kernel.world.sockets.open(kind, place, task.user)
    }
}
