//! The simulated kernel itself: its objects by id, by descriptor and by path, and what it knows of its machine.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::btf::Btf;
use ebpf_core::map::{MapFlags, MapSpec, MapType};
use ebpf_core::program::Program;
use ebpf_core::system::{ExternValue, ForeignHandle, Handle, Kind, SystemId};
use parking_lot::{Mutex, RwLock};

use crate::bpffs::Bpffs;
use crate::builder::Machine;
use crate::engine::coverage::{Coverage, Covered};
use crate::engine::helpers::Facilities;
use crate::engine::kept::Kept;
use crate::event::Bell;
use crate::interleave::Gate;
use crate::link::LinkObject;
use crate::map::{Callbacks, MapObject, jhash};
use crate::privileges::Privileges;
use crate::program::ProgramObject;
use crate::world::{
    CgroupObject, FileObject, Interfaces, NetnsObject, SocketObject, TaskObject, World,
};

/// Ids and descriptors are positive 32-bit integers.
pub(crate) const LAST_ID: u32 = i32::MAX as u32;

/// An object that ids, descriptors and pins name.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    Map(Arc<MapObject>),
    Program(Arc<ProgramObject>),
    Link(Arc<LinkObject>),
    Socket(Arc<SocketObject>),
    Cgroup(Arc<CgroupObject>),
    Task(Arc<TaskObject>),
    File(Arc<FileObject>),
    Netns(Arc<NetnsObject>),
}

impl Object {
    /// Counts a descriptor or pin of it.
    pub(crate) fn add_user(&self) {
        if let Object::Map(map) = self {
            map.add_user();
        }
    }

    /// Counts one less.
    pub(crate) fn drop_user(&self) {
        if let Object::Map(map) = self {
            map.drop_user();
        }
    }
}

/// A simulated kernel. Descriptors of its objects keep it; its objects do not.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) id: SystemId,
    pub(crate) machine: Machine,
    pub(crate) bpffs: Bpffs,
    pub(crate) maps: Ids<MapObject>,
    pub(crate) programs: Ids<ProgramObject>,
    pub(crate) links: Ids<LinkObject>,
    pub(crate) btfs: Ids<BtfObject>,
    /// The kernel's own types.
    pub(crate) own_types: Option<Arc<BtfObject>>,
    pub(crate) world: World,
    pub(crate) callbacks: Arc<Callbacks>,
    /// Where user space waits for events.
    pub(crate) bell: Arc<Bell>,
    /// What values of maps keep.
    pub(crate) held: Arc<Kept>,
    /// What helpers use of the machine besides its world.
    pub(crate) facilities: Facilities,
    cookies: AtomicU64,
    /// What its user wanted never to end.
    kept: Mutex<Vec<Object>>,
    /// How many want runs of programs to be counted.
    counting: Arc<AtomicU32>,
    descriptors: Descriptors,
    seeds: AtomicU64,
    /// Bytes that are charged for what exists.
    memory: Arc<AtomicU64>,
    /// What was executed of programs, where that is counted.
    pub(crate) covered: Mutex<Vec<Covered>>,
    /// Where programs wait for their turn, while interleavings are explored.
    gate: RwLock<Option<Arc<Gate>>>,
    gated: AtomicBool,
}

impl Drop for Kernel {
    fn drop(&mut self) {
        let coverage = Coverage::of(self.covered.get_mut());
        self.write_coverage(&coverage);
    }
}

impl Kernel {
    pub(crate) fn new(machine: Machine) -> Kernel {
        // What numbers the simulated systems of a process is the only thing that they share.
        static SYSTEMS: AtomicU32 = AtomicU32::new(1);
        let btfs = Ids::default();
        let own = machine.target_btf.clone();
        let own_types = own.and_then(|btf| btfs.insert(|id| BtfObject { id, btf }).ok());
        Kernel {
            id: SystemId(SYSTEMS.fetch_add(1, Ordering::Relaxed)),
            bpffs: Bpffs::new(&machine.bpffs),
            maps: Ids::default(),
            programs: Ids::default(),
            links: Ids::default(),
            btfs,
            own_types,
            world: World::new(),
            callbacks: Arc::default(),
            bell: Arc::default(),
            held: Arc::default(),
            facilities: Facilities::default(),
            cookies: AtomicU64::new(1),
            kept: Mutex::default(),
            counting: Arc::default(),
            descriptors: Descriptors::default(),
            seeds: AtomicU64::new(machine.seed),
            memory: Arc::default(),
            covered: Mutex::default(),
            gate: RwLock::default(),
            gated: AtomicBool::new(false),
            machine,
        }
    }

    /// Where a variable or function of the kernel is, by its name; 0 if there is none.
    pub(crate) fn extern_address(&self, name: &str, value: &ExternValue) -> u64 {
        match value {
            ExternValue::Address(address) => *address,
            ExternValue::Typed(_) => self.variable(name),
            _ => 0,
        }
    }

    /// Where a variable of the kernel is: where its symbols say, or at a place of its own.
    pub(crate) fn variable(&self, name: &str) -> u64 {
        const VARIABLES: u64 = 0xffff_b000_0000_0000;
        const APART: u32 = 12;
        let symbol = self.machine.symbols.address(name);
        symbol.unwrap_or_else(|| VARIABLES | u64::from(jhash(name.as_bytes(), 0)) << APART)
    }

    /// How many values a per-CPU map has.
    pub(crate) fn possible_cpus(&self) -> u32 {
        self.machine.cpus.possible.len() as u32
    }

    /// The next of the numbers that are random in a kernel and repeat here.
    pub(crate) fn draw_seed(&self) -> u64 {
        // The steps and the mixing of SplitMix64.
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self
            .seeds
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP);
        let state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ state >> 31
    }

    /// Sets memory aside, until the charge is dropped.
    pub(crate) fn charge(&self, bytes: u64) -> Result<Charge, Errno> {
        let within = |used: u64| {
            used.checked_add(bytes)
                .filter(|used| *used <= self.machine.memory)
        };
        self.memory
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, within)
            .map_err(|_| Errno::ENOMEM)?;
        Ok(Charge {
            memory: self.memory.clone(),
            bytes,
        })
    }

    /// The object of some types, which is the same as long as any refers to it.
    pub(crate) fn types(&self, btf: &Arc<Btf>) -> Result<Arc<BtfObject>, Errno> {
        let known = self.btfs.find(|known| Arc::ptr_eq(&known.btf, btf));
        match known {
            Some(known) => Ok(known),
            None => self.btfs.insert(|id| BtfObject {
                id,
                btf: btf.clone(),
            }),
        }
    }

    /// Where programs wait for their turn, if they do.
    #[inline]
    pub(crate) fn gate(&self) -> Option<Arc<Gate>> {
        match self.gated.load(Ordering::Relaxed) {
            true => self.gate.read().clone(),
            false => None,
        }
    }

    /// Has programs wait for their turn, or no longer.
    pub(crate) fn set_gate(&self, gate: Option<Arc<Gate>>) {
        self.gated.store(gate.is_some(), Ordering::Relaxed);
        *self.gate.write() = gate;
    }

    /// Takes what was executed so far, where it is to be written to a directory: `EBPF_COVERAGE`.
    pub(crate) fn take_coverage(&self) -> Option<Coverage> {
        let Some(Some(_)) = &self.machine.coverage else {
            return None;
        };
        Some(Coverage::of(&std::mem::take(&mut *self.covered.lock())))
    }

    /// Writes what was executed, where the environment variable `EBPF_COVERAGE` says.
    pub(crate) fn write_coverage(&self, coverage: &Coverage) {
        let Some(Some(directory)) = &self.machine.coverage else {
            return;
        };
        if coverage.is_empty() {
            return;
        }
        let name = format!("{}-{}", std::process::id(), self.id.0);
        if let Err(error) = coverage.write_into(directory, &name) {
            eprintln!(
                "coverage is not written to {}: {error}",
                directory.display()
            );
        }
    }

    /// Whether somebody wants runs of programs to be counted.
    pub(crate) fn counts_runs(&self) -> bool {
        self.counting.load(Ordering::Relaxed) > 0
    }

    /// Has runs counted, until what it gives is dropped.
    pub(crate) fn count_runs(&self) -> Counting {
        self.counting.fetch_add(1, Ordering::Relaxed);
        Counting(self.counting.clone())
    }

    /// The longest packet of an interface, without its link header.
    pub(crate) fn mtu(&self, index: u32) -> u32 {
        let interfaces = &self.world.interfaces;
        interfaces.with(index, |state| state.spec.mtu).unwrap_or(0)
    }

    /// The hardware address of an interface; `None` if there is none of this index.
    pub(crate) fn hardware_address(&self, index: u32) -> Option<[u8; 6]> {
        let interfaces = &self.world.interfaces;
        interfaces.with(index, |state| state.hardware_address(index))
    }

    /// A number for a socket or a file that no other has.
    pub(crate) fn next_cookie(&self) -> u64 {
        self.cookies.fetch_add(1, Ordering::Relaxed)
    }

    /// Keeps an object as long as the kernel.
    pub(crate) fn keep(&self, object: Object) {
        self.kept.lock().push(object);
    }

    /// A new descriptor of an object.
    pub(crate) fn open(self: &Arc<Kernel>, object: Object) -> Descriptor {
        object.add_user();
        let number = self.descriptors.insert(object);
        Descriptor {
            kernel: self.clone(),
            number,
        }
    }

    /// The object that a descriptor's number names.
    pub(crate) fn by_descriptor(&self, number: u32) -> Option<Object> {
        self.descriptors.open.read().get(&number).cloned()
    }

    /// The program that a value of user space is; `None` if its descriptor is closed.
    pub(crate) fn program(
        &self,
        program: &dyn Program,
    ) -> Result<Option<Arc<ProgramObject>>, ForeignHandle> {
        let number = program.handle().raw_in(self.id)?;
        Ok(match self.by_descriptor(number) {
            Some(Object::Program(program)) => Some(program),
            _ => None,
        })
    }

    /// Why a map is not kept on an interface: none that is simulated keeps maps.
    /// `bpf_map_offload_map_alloc()` in kernel/bpf/offload.c.
    pub(crate) fn offload(&self, spec: &MapSpec) -> Errno {
        let offloaded = matches!(spec.map_type, MapType::ARRAY | MapType::HASH);
        if !self.machine.privileges.include(Privileges::SYS_ADMIN) {
            Errno::EPERM
        } else if offloaded && spec.ifindex == Interfaces::LOOPBACK {
            // The only one that has nothing to do with programs at all.
            Errno::EOPNOTSUPP
        } else {
            Errno::EINVAL
        }
    }

    /// Where the order of a map's keys begins: for a map that is to have the same one always, at 0.
    pub(crate) fn seed_of(&self, spec: &MapSpec) -> u64 {
        if spec.flags.contains(MapFlags::ZERO_SEED) {
            0
        } else {
            self.draw_seed()
        }
    }

    /// The ids of a kind of object that exist after one.
    pub(crate) fn id_after(&self, kind: Kind, after: u32) -> Option<u32> {
        match kind {
            Kind::Map => self.maps.after(after),
            Kind::Program => self.programs.after(after),
            Kind::Link => self.links.after(after),
            Kind::Btf => self.btfs.after(after),
            _ => None,
        }
    }
}

/// Where a CPU has its copy of a variable.
pub(crate) fn per_cpu(variable: u64, cpu: u32) -> u64 {
    /// Copies are as far apart as no variable is large.
    const APART: u32 = 32;
    variable ^ (u64::from(cpu) + 1) << APART
}

/// Types that maps and programs refer to.
#[derive(Debug)]
pub(crate) struct BtfObject {
    pub(crate) id: u32,
    pub(crate) btf: Arc<Btf>,
}

/// Runs of programs are counted while this exists.
#[derive(Debug)]
pub(crate) struct Counting(Arc<AtomicU32>);

impl Drop for Counting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Memory that is charged while this exists.
#[derive(Debug)]
pub(crate) struct Charge {
    memory: Arc<AtomicU64>,
    pub(crate) bytes: u64,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.memory.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Objects by their ids, which ascend. An object ends when nothing else refers to it.
#[derive(Debug)]
pub(crate) struct Ids<T>(Mutex<Numbered<T>>);

#[derive(Debug)]
struct Numbered<T> {
    last: u32,
    objects: BTreeMap<u32, Weak<T>>,
}

impl<T> Default for Ids<T> {
    fn default() -> Ids<T> {
        Ids(Mutex::new(Numbered {
            last: 0,
            objects: BTreeMap::new(),
        }))
    }
}

impl<T> Ids<T> {
    /// Gives what `make` makes of it a new id.
    pub(crate) fn insert(&self, make: impl FnOnce(u32) -> T) -> Result<Arc<T>, Errno> {
        self.try_insert(|id| Some(make(id))).ok_or(Errno::ENOSPC)
    }

    /// As [`Ids::insert`], unless `make` declines.
    pub(crate) fn try_insert(&self, make: impl FnOnce(u32) -> Option<T>) -> Option<Arc<T>> {
        let mut ids = self.0.lock();
        let mut id = ids.last;
        for _ in 0..=ids.objects.len() {
            id = if id >= LAST_ID { 1 } else { id + 1 };
            let free = ids
                .objects
                .get(&id)
                .is_none_or(|object| object.strong_count() == 0);
            if free {
                let object = Arc::new(make(id)?);
                ids.last = id;
                ids.objects.insert(id, Arc::downgrade(&object));
                return Some(object);
            }
        }
        None
    }

    /// The object of an id.
    pub(crate) fn get(&self, id: u32) -> Option<Arc<T>> {
        self.0.lock().objects.get(&id).and_then(Weak::upgrade)
    }

    /// Every object, by ascending ids.
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        let ids = self.0.lock();
        ids.objects.values().filter_map(Weak::upgrade).collect()
    }

    /// The first object that is the right one.
    pub(crate) fn find(&self, right: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let ids = self.0.lock();
        ids.objects
            .values()
            .filter_map(Weak::upgrade)
            .find(|object| right(object))
    }

    /// The first id after `after` whose object exists; those of objects that do not are forgotten.
    fn after(&self, after: u32) -> Option<u32> {
        let mut ids = self.0.lock();
        loop {
            let (id, object) = ids.objects.range(after.checked_add(1)?..).next()?;
            let id = *id;
            if object.strong_count() > 0 {
                return Some(id);
            }
            ids.objects.remove(&id);
        }
    }
}

/// The open descriptors of a process: numbers that name objects and keep them.
#[derive(Debug, Default)]
struct Descriptors {
    last: AtomicU32,
    open: RwLock<HashMap<u32, Object>>,
}

impl Descriptors {
    /// Numbers are not used again: one that was closed never names something else.
    fn insert(&self, object: Object) -> u32 {
        let mut open = self.open.write();
        loop {
            // The first ones are those of the standard streams, and no small number should mean something by chance.
            let number = self.last.fetch_add(1, Ordering::Relaxed) % (LAST_ID - 1000) + 1000;
            if let std::collections::hash_map::Entry::Vacant(place) = open.entry(number) {
                place.insert(object);
                return number;
            }
        }
    }
}

/// An open descriptor. It keeps its object, and the kernel.
#[derive(Debug)]
pub(crate) struct Descriptor {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) number: u32,
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        let object = self.kernel.descriptors.open.write().remove(&self.number);
        // Its end may end others, which are descriptors' too: the lock is free by now.
        if let Some(object) = object {
            object.drop_user();
        }
    }
}

/// A name as the kernel keeps it: 15 bytes of letters, digits, `_` and `.`; anything else becomes `_`.
pub(crate) fn kernel_name(name: &str) -> String {
    let kept = name.bytes().take(15).map(|byte| match byte {
        b'.' => '.',
        byte if byte.is_ascii_alphanumeric() => char::from(byte),
        _ => '_',
    });
    kept.collect()
}

impl Descriptor {
    /// The descriptor as targets of attachments take it.
    pub(crate) fn of_hook(&self) -> ebpf_core::hook::Descriptor<'_> {
        ebpf_core::hook::Descriptor::simulated(Handle::new(self.kernel.id, self.number))
    }
}
