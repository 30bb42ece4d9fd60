//! Network namespaces, and the programs attached to them: kernel/bpf/net_namespace.c, net/netfilter/nf_bpf_link.c.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::hook::{Descriptor as HookDescriptor, Place};
use ebpf_core::program::{AttachType, ProgramId};
use ebpf_core::system::SystemError;
use parking_lot::Mutex;

use crate::MockSystem;
use crate::kernel::{Descriptor, Kernel, Object};
use crate::program::ProgramObject;
use crate::system::refused;

/// The inode number of the initial namespace, and of the first that is made.
const INITIAL: u32 = 0xf000_0000;
/// By what paths the namespace of the current task is known.
const CURRENT: [&str; 2] = ["/proc/self/ns/net", "/proc/thread-self/ns/net"];
/// By what path the initial one is known.
const FIRST_TASKS: &str = "/proc/1/ns/net";
/// The most programs that choose sockets, and the most flow dissectors.
const MOST_LOOKUPS: usize = 64;

/// The network namespaces of a machine.
#[derive(Debug)]
pub(crate) struct Namespaces {
    initial: Arc<NetnsObject>,
    named: Mutex<Named>,
}

#[derive(Debug)]
struct Named {
    last: u32,
    by_path: BTreeMap<PathBuf, Arc<NetnsObject>>,
    /// Every one that was made, whether it has a name or not.
    all: Vec<Weak<NetnsObject>>,
}

impl Default for Namespaces {
    fn default() -> Namespaces {
        let initial = Arc::new(NetnsObject::new(INITIAL));
        Namespaces {
            named: Mutex::new(Named {
                last: INITIAL,
                by_path: BTreeMap::new(),
                all: vec![Arc::downgrade(&initial)],
            }),
            initial,
        }
    }
}

impl Namespaces {
    pub(crate) fn initial(&self) -> Arc<NetnsObject> {
        self.initial.clone()
    }

    /// Makes a namespace with a name.
    fn create(&self, path: &Path) -> Result<Arc<NetnsObject>, Errno> {
        let mut named = self.named.lock();
        let known = CURRENT.iter().chain([&FIRST_TASKS]);
        if named.by_path.contains_key(path)
            || known.into_iter().any(|known| path == Path::new(known))
        {
            return Err(Errno::EEXIST);
        }
        named.last = named.last.checked_add(1).ok_or(Errno::ENOSPC)?;
        let namespace = Arc::new(NetnsObject::new(named.last));
        named.all.retain(|namespace| namespace.strong_count() > 0);
        named.all.push(Arc::downgrade(&namespace));
        named.by_path.insert(path.to_owned(), namespace.clone());
        Ok(namespace)
    }

    /// Removes the name of a namespace, which ends with whatever else refers to it.
    fn remove(&self, path: &Path) -> Result<(), Errno> {
        let gone = self.named.lock().by_path.remove(path);
        gone.map(drop).ok_or(Errno::ENOENT)
    }

    /// The namespace of a path.
    fn at(&self, path: &Path, current: &Arc<NetnsObject>) -> Option<Arc<NetnsObject>> {
        if CURRENT.iter().any(|known| path == Path::new(known)) {
            return Some(current.clone());
        }
        if path == Path::new(FIRST_TASKS) {
            return Some(self.initial());
        }
        self.named.lock().by_path.get(path).cloned()
    }

    /// Whether another namespace than this one has a flow dissector that excludes its own.
    fn dissector_elsewhere(&self, here: &NetnsObject) -> bool {
        let has = |namespace: &NetnsObject| !namespace.dissectors.lock().is_empty();
        if here.inode != INITIAL {
            return has(&self.initial);
        }
        let others = self.named.lock().all.clone();
        others
            .iter()
            .filter_map(Weak::upgrade)
            .any(|other| other.inode != INITIAL && has(&other))
    }

    /// Puts a program of a link at a hook of a namespace.
    pub(crate) fn attach(
        &self,
        namespace: &NetnsObject,
        attach_type: AttachType,
        program: &Arc<ProgramObject>,
        link: u32,
    ) -> Result<(), Errno> {
        let hook = namespace.hook(attach_type).ok_or(Errno::EINVAL)?;
        let dissector = attach_type == AttachType::FLOW_DISSECTOR;
        let most = if dissector { 1 } else { MOST_LOOKUPS };
        let elsewhere = dissector && self.dissector_elsewhere(namespace);
        let mut programs = hook.lock();
        if programs.len() >= most {
            return Err(Errno::E2BIG);
        }
        if elsewhere {
            return Err(Errno::EEXIST);
        }
        programs.push((link, program.clone()));
        Ok(())
    }
}

/// The programs of a hook with the links that hold them there, in the order in which they run.
type Programs = Mutex<Vec<(u32, Arc<ProgramObject>)>>;

/// A network namespace as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct NetnsObject {
    pub(crate) inode: u32,
    lookups: Programs,
    dissectors: Programs,
    netfilter: Mutex<BTreeMap<NetfilterAt, (u32, Arc<ProgramObject>)>>,
}

/// The place of a netfilter program: family, hook, priority.
pub(crate) type NetfilterAt = (u32, u32, i32);

impl NetnsObject {
    /// A number that no other namespace has.
    #[doc(alias = "SO_NETNS_COOKIE")]
    pub(crate) fn cookie(&self) -> u64 {
        u64::from(self.inode)
    }

    fn new(inode: u32) -> NetnsObject {
        NetnsObject {
            inode,
            lookups: Programs::default(),
            dissectors: Programs::default(),
            netfilter: Mutex::default(),
        }
    }

    fn hook(&self, attach_type: AttachType) -> Option<&Programs> {
        match attach_type {
            AttachType::SK_LOOKUP => Some(&self.lookups),
            AttachType::FLOW_DISSECTOR => Some(&self.dissectors),
            _ => None,
        }
    }

    /// The programs of a hook, in the order in which they run.
    pub(crate) fn programs(&self, attach_type: AttachType) -> Vec<Arc<ProgramObject>> {
        let programs = self.hook(attach_type).map(|hook| hook.lock().clone());
        let programs = programs.unwrap_or_default().into_iter();
        programs.map(|(_, program)| program).collect()
    }

    /// Puts another program in the place of a link's.
    pub(crate) fn replace(
        &self,
        attach_type: AttachType,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let mut programs = self.hook(attach_type).ok_or(Errno::EINVAL)?.lock();
        let there = programs.iter_mut().find(|(of, _)| *of == link);
        let (_, there) = there.ok_or(Errno::ENOLINK)?;
        let old = std::mem::replace(there, program.clone());
        drop(programs);
        drop(old);
        Ok(())
    }

    /// Takes a link's program away.
    pub(crate) fn remove(&self, attach_type: AttachType, link: u32) {
        let gone = self.hook(attach_type).and_then(|hook| {
            let mut programs = hook.lock();
            let index = programs.iter().position(|(of, _)| *of == link)?;
            Some(programs.remove(index))
        });
        drop(gone);
    }

    /// Puts a program of a link at a netfilter hook.
    pub(crate) fn attach_netfilter(
        &self,
        at: NetfilterAt,
        program: &Arc<ProgramObject>,
        link: u32,
    ) -> Result<(), Errno> {
        use std::collections::btree_map::Entry;
        match self.netfilter.lock().entry(at) {
            Entry::Occupied(_) => Err(Errno::EBUSY),
            Entry::Vacant(place) => {
                place.insert((link, program.clone()));
                Ok(())
            }
        }
    }

    /// Takes a link's program away from its netfilter hook.
    pub(crate) fn remove_netfilter(&self, at: NetfilterAt, link: u32) {
        let mut programs = self.netfilter.lock();
        let ours = programs.get(&at).is_some_and(|(of, _)| *of == link);
        let gone = ours.then(|| programs.remove(&at));
        drop(programs);
        drop(gone);
    }

    /// The programs of a netfilter hook, in the order in which they run.
    pub(crate) fn netfilter(&self, family: u32, hook: u32) -> Vec<Arc<ProgramObject>> {
        let programs = self.netfilter.lock();
        let range = programs.range((family, hook, i32::MIN)..=(family, hook, i32::MAX));
        range.map(|(_, (_, program))| program.clone()).collect()
    }
}

/// A network namespace of a simulated machine, open.
#[derive(Debug)]
pub struct MockNetns {
    object: Arc<NetnsObject>,
    descriptor: Descriptor,
}

impl MockNetns {
    fn open(kernel: &Arc<Kernel>, object: Arc<NetnsObject>) -> MockNetns {
        MockNetns {
            descriptor: kernel.open(Object::Netns(object.clone())),
            object,
        }
    }

    /// The number by which programs and links know it.
    pub fn inode(&self) -> u32 {
        self.object.inode
    }

    pub(crate) fn object(&self) -> &Arc<NetnsObject> {
        &self.object
    }
}

impl<'n> From<&'n MockNetns> for HookDescriptor<'n> {
    fn from(namespace: &'n MockNetns) -> HookDescriptor<'n> {
        namespace.descriptor.of_hook()
    }
}

impl<'n> From<&'n MockNetns> for Place<'n> {
    fn from(namespace: &'n MockNetns) -> Place<'n> {
        Place::Open(namespace.into())
    }
}

impl Kernel {
    /// The namespace that a target names; `None` for the current task's.
    pub(crate) fn namespace(&self, place: Option<&Place<'_>>) -> Result<Arc<NetnsObject>, Unfound> {
        let current = self.world.tasks.current().task.namespace.clone();
        match place {
            None => Ok(current),
            Some(Place::Path(path)) => {
                let found = self.world.namespaces.at(path, &current);
                Ok(found.ok_or(Errno::ENOENT)?)
            }
            Some(Place::Open(descriptor)) => {
                let number = descriptor.handle().raw_in(self.id)?;
                match self.by_descriptor(number) {
                    Some(Object::Netns(namespace)) => Ok(namespace),
                    Some(_) => Err(Errno::EINVAL.into()),
                    None => Err(Errno::EBADF.into()),
                }
            }
            Some(_) => Err(Errno::EINVAL.into()),
        }
    }
}

/// Why what a target names was not found.
#[derive(Clone, Debug)]
pub(crate) enum Unfound {
    Errno(Errno),
    Foreign(ebpf_core::system::ForeignHandle),
}

impl From<Errno> for Unfound {
    fn from(errno: Errno) -> Unfound {
        Unfound::Errno(errno)
    }
}

impl From<ebpf_core::system::ForeignHandle> for Unfound {
    fn from(source: ebpf_core::system::ForeignHandle) -> Unfound {
        Unfound::Foreign(source)
    }
}

impl Unfound {
    /// The error of a question about what was not found.
    pub(crate) fn of(self, op: &'static str, what: String) -> SystemError {
        match self {
            Unfound::Errno(errno) => refused(op, what, errno, None),
            Unfound::Foreign(source) => source.into(),
        }
    }
}

impl MockSystem {
    /// Makes a network namespace with a name, such as `/run/netns/blue`. The initial one is `/proc/1/ns/net`, that of the
    /// current task `/proc/self/ns/net`.
    ///
    /// # Errors
    /// `EEXIST` if there is one at this path.
    pub fn create_netns(&self, path: impl AsRef<Path>) -> Result<MockNetns, SystemError> {
        let path = path.as_ref();
        let made = self.kernel().world.namespaces.create(path);
        made.map(|namespace| MockNetns::open(self.kernel(), namespace))
            .map_err(|errno| {
                let what = path.display().to_string();
                refused("create network namespace", what, errno, None)
            })
    }

    /// Removes the name of a network namespace. It ends when no task, interface or descriptor is in it.
    ///
    /// # Errors
    /// `ENOENT` if there is none of this name.
    pub fn remove_netns(&self, path: impl AsRef<Path>) -> Result<(), SystemError> {
        let path = path.as_ref();
        let removed = self.kernel().world.namespaces.remove(path);
        removed.map_err(|errno| {
            let what = path.display().to_string();
            refused("remove network namespace", what, errno, None)
        })
    }

    /// The programs that are attached to a hook of a network namespace, in the order in which they run.
    ///
    /// # Errors
    /// `EINVAL` for what is no network namespace, and for an attach type that is not a namespace's.
    pub fn netns_attached<'t>(
        &self,
        namespace: impl Into<Place<'t>>,
        attach_type: AttachType,
    ) -> Result<Vec<ProgramId>, SystemError> {
        let place = namespace.into();
        let attached = || {
            let namespace = self.kernel().namespace(Some(&place))?;
            if namespace.hook(attach_type).is_none() {
                return Err(Unfound::Errno(Errno::EINVAL));
            }
            let programs = namespace.programs(attach_type).into_iter();
            Ok(programs.map(|program| program.info.id).collect())
        };
        attached().map_err(|why| {
            why.of(
                "query",
                format!("network namespace {place} ({attach_type})"),
            )
        })
    }
}
