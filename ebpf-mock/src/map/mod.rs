//! Maps: what each type keeps and how, behind one trait; [`MockMap`] is a descriptor of one.

mod arena;
mod array;
mod batch;
mod cgroup_storage;
mod chains;
mod device;
mod field;
mod handle;
mod hash;
mod insn_array;
mod jhash;
mod lpm_trie;
mod nested;
mod not_simulated;
mod object;
mod owner;
mod perf_event_array;
mod ring;
mod ringbuf;
mod rules;
mod socket;
mod stack_trace;
mod storage;
mod stream;
mod struct_ops;
mod table;
mod types;
mod unread;
mod user_ringbuf;
mod value;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, UpdateFlags};
use ebpf_core::program::{AttachType, ProgramSpec, ProgramType};

pub(crate) use arena::Arena;
pub(crate) use field::{Field, Special, fields_in};
pub use handle::MockMap;
pub(crate) use jhash::jhash;
pub use not_simulated::{NOT_SIMULATED, NotSimulated};
pub(crate) use object::MapObject;
pub(crate) use perf_event_array::{PerfEvents, PerfRing, Wakes};
pub(crate) use ringbuf::{Reserved, RingBuffer};
pub(crate) use stack_trace::{BUILD_ID_BYTES, StackTraces, encode_frames};
pub(crate) use storage::StorageOwner;
pub(crate) use struct_ops::Callbacks;
pub(crate) use table::Buckets;
pub(crate) use user_ringbuf::{Drain, UserRing};

use crate::engine::memory::ValueMemory;
use crate::hook::SockmapPrograms;
use crate::kernel::Kernel;
use crate::program::ProgramObject;
use crate::world::{CgroupObject, SocketObject};

/// Where a packet goes that is redirected to an element of a map.
#[derive(Clone, Debug)]
pub(crate) enum RedirectTarget {
    /// Out of an interface, past a program.
    Interface(u32, Option<Arc<ProgramObject>>),
    /// On to the network stack on a CPU, past a program.
    Cpu(Option<Arc<ProgramObject>>),
    /// To a socket.
    Socket(Arc<SocketObject>),
}

/// What a map of some type keeps. Keys and values have the sizes that the map was made with; absence is `ENOENT`.
///
/// What every type answers alike (lengths, permissions, freezing) is settled before.
pub(crate) trait Storage: fmt::Debug + Send + Sync {
    /// Copies a value out.
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno>;

    /// Writes a value; descriptors in it are those of `kernel`.
    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno>;

    /// Deletes an element.
    fn delete(&self, key: &[u8]) -> Result<(), Errno>;

    /// Copies a value out and deletes the element.
    fn take(&self, _key: &[u8], _value: &mut [u8], _flags: LookupFlags) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    /// The key after `after`, or the first.
    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno>;

    /// Reads whole buckets from one on, as many as fit; `None` for a type without buckets, which is read key by key.
    fn read_buckets(
        &self,
        _from: u32,
        _delete: bool,
        _keys: &mut [u8],
        _values: &mut [u8],
    ) -> Option<Result<Buckets, Errno>> {
        None
    }

    /// The memory of the values, of types whose values programs get pointers to.
    fn values(&self) -> Option<ValueMemory> {
        None
    }

    /// Which slot of that memory the value of a key has, for a program that looks it up.
    fn slot(&self, _key: &[u8]) -> Option<u32> {
        None
    }

    /// The arena, of those.
    fn arena(&self) -> Option<&Arena> {
        None
    }

    /// The memory of what an owner has in local storage. Where it has nothing, that comes to be if `create` says so, as zeros
    /// or as these bytes.
    fn owned(&self, _owner: &StorageOwner, _create: Option<Option<&[u8]>>) -> Option<ValueMemory> {
        None
    }

    /// Deletes what an owner has in local storage.
    fn disown(&self, _owner: &StorageOwner) -> Result<(), Errno> {
        Err(Errno::ENOENT)
    }

    /// The program that is a callback of a structure, by the callback's name.
    fn callback(&self, _name: &str) -> Option<Arc<ProgramObject>> {
        None
    }

    /// The key of the element in a slot of that memory.
    fn key_of(&self, _slot: u32) -> Option<Vec<u8>> {
        None
    }

    /// The programs of maps of sockets that have some.
    fn sockmap_programs(&self) -> Option<&SockmapPrograms> {
        None
    }

    /// The inner map of a key, of maps of maps.
    fn inner(&self, _key: &[u8]) -> Option<Arc<MapObject>> {
        None
    }

    /// The program of a key, of arrays of programs.
    fn program(&self, _key: &[u8]) -> Option<Arc<ProgramObject>> {
        None
    }

    /// Where a packet goes that is redirected to a key.
    fn redirect_target(&self, _key: &[u8]) -> Option<RedirectTarget> {
        None
    }

    /// Where packets go that are redirected to all keys.
    fn redirect_targets(&self) -> Vec<RedirectTarget> {
        Vec::new()
    }

    /// The socket of a key, of maps of sockets.
    fn socket(&self, _key: &[u8]) -> Option<Arc<SocketObject>> {
        None
    }

    /// Puts a socket at a key, of maps of sockets, as a program does.
    fn put_socket(
        &self,
        _kernel: &Kernel,
        _key: &[u8],
        _socket: &Arc<SocketObject>,
        _flags: UpdateFlags,
    ) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    /// The control group of a key, of arrays of those.
    fn cgroup(&self, _key: &[u8]) -> Option<Arc<CgroupObject>> {
        None
    }

    /// Whether a packet that is redirected to a key goes somewhere.
    fn leads_somewhere(&self, _key: &[u8]) -> bool {
        false
    }

    /// Writes a value from a program on a CPU: where there is one for each CPU, that of this one.
    fn update_on(
        &self,
        kernel: &Kernel,
        _cpu: u32,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        self.update(kernel, key, value, flags)
    }

    /// A program that uses the map was attached to a control group, by its number: storage for both comes to be.
    fn attached_to_cgroup(&self, _cgroup: u64, _attach_type: AttachType) {}
    /// The type of the programs that the map is for, once there was one.
    fn owner(&self) -> Option<ProgramType> {
        None
    }

    /// The memory that user space may map.
    fn shared(&self) -> Option<&[AtomicU64]> {
        None
    }

    /// What programs do with the map that is not about elements.
    fn for_programs(&self) -> ForPrograms<'_> {
        ForPrograms::Elements
    }

    /// Bytes that are charged for the map.
    fn charge(&self) -> u64;

    /// Whether a program may be joined with the map.
    fn usable_by(&self, _program: &ProgramSpec) -> bool {
        true
    }
}

/// What programs do with maps of some types besides looking up, writing and deleting elements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ForPrograms<'s> {
    /// Nothing else.
    Elements,
    /// They write records.
    Ring(&'s Arc<RingBuffer>),
    /// They read samples of user space.
    UserRing(&'s Arc<UserRing>),
    /// They write records, into the ring of a CPU.
    Perf(&'s Arc<PerfEvents>),
    /// They leave their stacks in it.
    Stacks(&'s StackTraces),
}
