//! What maps and bpf(2) do in one way up to a release and in another from it on: one row each.

use ebpf_core::map::{MapFlags, MapType};
use ebpf_core::program::AttachType;
use ebpf_core::system::{KernelVersion, Kind};

use crate::builder::Machine;

/// A release: the first two parts of its number.
type Release = (u32, u32);

macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident since $major:literal, $minor:literal;)*) => {
        /// A change of what maps do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Change {
            $($(#[$doc])* $name,)*
        }

        impl Change {
            /// The release that brought it.
            const fn since(self) -> Release {
                match self {
                    $(Change::$name => ($major, $minor),)*
                }
            }
        }
    };
}

changes! {
    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM`, for queues and stacks at first.
    Taking since 4, 20;
    /// `BPF_F_LOCK`. Before it lookups take no flags at all.
    Locks since 5, 1;
    /// `BPF_MAP_FREEZE`.
    Freezing since 5, 2;
    /// Cookies of sockets are read from sockmaps and sockhashes, whose values may have 8 bytes.
    SocketCookies since 5, 7;
    /// Sockmaps and sockhashes hold datagram sockets.
    DatagramSockets since 5, 7;
    /// Device maps have room for programs.
    DevicePrograms since 5, 8;
    /// CPU maps have room for programs.
    CpuPrograms since 5, 9;
    /// Inner maps but plain arrays may be of another length than their template.
    InnerLengths since 5, 10;
    /// Elements of hashes are taken out, and flags are known where that is asked for.
    TakingFromHashes since 5, 14;
    /// Sockmaps and sockhashes hold sockets of the Unix family.
    UnixSockets since 5, 15;
    /// Inner maps may have locks.
    InnerLocks since 6, 2;
    /// The largest value of a CPU is looked at before the memory is asked for.
    PerCpuLimit since 6, 12;
    /// Tries heed the conditions of updates, and replace when they are full.
    TrieConditions since 6, 13;
    /// Stack traces are taken out.
    TakingStacks since 6, 18;
    /// Ring buffers that overwrite: `BPF_F_RB_OVERWRITE`.
    OverwritingRings since 6, 19;
    /// `BPF_F_CPU` and `BPF_F_ALL_CPUS`.
    OneCpu since 7, 0;
    /// What fills up the value of a CPU stays zero.
    ZeroPadding since 7, 0;
    /// What is wrong with the program of a CPU map is said.
    CpuProgramErrors since 7, 0;
}

/// Flags of maps, and the release that brought each. Those that are older than any machine are left out.
const FLAGS: &[(MapFlags, Release)] = &[
    (MapFlags::NO_PREALLOC, (4, 6)),
    (MapFlags::NO_COMMON_LRU, (4, 10)),
    (MapFlags::NUMA_NODE, (4, 14)),
    (MapFlags::RDONLY, (4, 15)),
    (MapFlags::WRONLY, (4, 15)),
    (MapFlags::STACK_BUILD_ID, (4, 17)),
    (MapFlags::ZERO_SEED, (5, 0)),
    (MapFlags::RDONLY_PROG, (5, 2)),
    (MapFlags::WRONLY_PROG, (5, 2)),
    (MapFlags::CLONE, (5, 4)),
    (MapFlags::MMAPABLE, (5, 5)),
    (MapFlags::PRESERVE_ELEMS, (5, 10)),
    (MapFlags::INNER_MAP, (5, 10)),
    (MapFlags::LINK, (6, 4)),
    (MapFlags::VTYPE_BTF_OBJ_FD, (6, 9)),
    (MapFlags::TOKEN_FD, (6, 9)),
    (MapFlags::SEGV_ON_FAULT, (6, 9)),
    (MapFlags::NO_USER_CONV, (6, 9)),
    (MapFlags::RB_OVERWRITE, (6, 19)),
];

/// Attach types of programs whose attach type is looked at when they are loaded, and the release that brought each.
const ATTACH_TYPES: &[(AttachType, Release)] = &[
    (AttachType::CGROUP_INET_SOCK_CREATE, (4, 10)),
    (AttachType::CGROUP_INET4_BIND, (4, 17)),
    (AttachType::CGROUP_INET6_BIND, (4, 17)),
    (AttachType::CGROUP_INET4_CONNECT, (4, 17)),
    (AttachType::CGROUP_INET6_CONNECT, (4, 17)),
    (AttachType::CGROUP_INET4_POST_BIND, (4, 17)),
    (AttachType::CGROUP_INET6_POST_BIND, (4, 17)),
    (AttachType::CGROUP_UDP4_SENDMSG, (4, 18)),
    (AttachType::CGROUP_UDP6_SENDMSG, (4, 18)),
    (AttachType::CGROUP_UDP4_RECVMSG, (5, 2)),
    (AttachType::CGROUP_UDP6_RECVMSG, (5, 2)),
    (AttachType::CGROUP_GETSOCKOPT, (5, 3)),
    (AttachType::CGROUP_SETSOCKOPT, (5, 3)),
    (AttachType::CGROUP_INET4_GETPEERNAME, (5, 8)),
    (AttachType::CGROUP_INET6_GETPEERNAME, (5, 8)),
    (AttachType::CGROUP_INET4_GETSOCKNAME, (5, 8)),
    (AttachType::CGROUP_INET6_GETSOCKNAME, (5, 8)),
    (AttachType::XDP_DEVMAP, (5, 8)),
    (AttachType::XDP_CPUMAP, (5, 9)),
    (AttachType::CGROUP_INET_SOCK_RELEASE, (5, 9)),
    (AttachType::SK_LOOKUP, (5, 9)),
    (AttachType::SK_REUSEPORT_SELECT, (5, 14)),
    (AttachType::SK_REUSEPORT_SELECT_OR_MIGRATE, (5, 14)),
    (AttachType::LSM_CGROUP, (6, 0)),
    (AttachType::NETFILTER, (6, 4)),
    (AttachType::CGROUP_UNIX_CONNECT, (6, 7)),
    (AttachType::CGROUP_UNIX_SENDMSG, (6, 7)),
    (AttachType::CGROUP_UNIX_RECVMSG, (6, 7)),
    (AttachType::CGROUP_UNIX_GETPEERNAME, (6, 7)),
    (AttachType::CGROUP_UNIX_GETSOCKNAME, (6, 7)),
];

/// A command on many elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchCommand {
    /// `BPF_MAP_LOOKUP_BATCH`
    Lookup,
    /// `BPF_MAP_LOOKUP_AND_DELETE_BATCH`
    Take,
    /// `BPF_MAP_UPDATE_BATCH`
    Update,
    /// `BPF_MAP_DELETE_BATCH`
    Delete,
}

impl BatchCommand {
    /// The release that brought the command for maps of a type, if one did.
    const fn since(self, map_type: MapType) -> Option<Release> {
        use BatchCommand::{Lookup, Take, Update};
        match (map_type, self) {
            (
                MapType::HASH | MapType::PERCPU_HASH | MapType::LRU_HASH | MapType::LRU_PERCPU_HASH,
                _,
            ) => Some((5, 6)),
            (MapType::ARRAY, Lookup | Update) => Some((5, 6)),
            (MapType::PERCPU_ARRAY, Lookup | Update) => Some((5, 13)),
            (MapType::LPM_TRIE, Take) => None,
            (MapType::LPM_TRIE, _) => Some((5, 13)),
            (MapType::ARRAY_OF_MAPS, Lookup | Update) | (MapType::HASH_OF_MAPS, _) => Some((5, 19)),
            (MapType::RHASH, _) => Some((7, 2)),
            _ => None,
        }
    }
}

fn is_at_least(release: KernelVersion, (major, minor): Release) -> bool {
    release >= KernelVersion::new(major, minor, 0)
}

impl Machine {
    fn reaches(&self, since: Release) -> bool {
        is_at_least(self.release, since)
    }

    /// Whether the kernel is one that a change came to.
    #[inline]
    pub(crate) fn has(&self, change: Change) -> bool {
        self.reaches(change.since())
    }

    /// Whether the kernel has a command for maps of a type.
    pub(crate) fn batches(&self, command: BatchCommand, map_type: MapType) -> bool {
        let since = command.since(map_type);
        since.is_some_and(|since| self.reaches(since))
    }

    /// The flags of maps that the kernel knows.
    pub(crate) fn map_flags(&self) -> MapFlags {
        let known = FLAGS.iter().filter(|(_, since)| self.reaches(*since));
        known.fold(MapFlags::NONE, |known, (flag, _)| known | *flag)
    }

    /// Whether the kernel knows an attach type. Those that are not in the table are as old as their program types.
    pub(crate) fn knows(&self, attach_type: AttachType) -> bool {
        let row = ATTACH_TYPES.iter().find(|(known, _)| *known == attach_type);
        row.is_none_or(|(_, since)| self.reaches(*since))
    }

    /// Whether objects of a kind have ids that can be listed and opened: `BPF_*_GET_NEXT_ID`, `BPF_*_GET_FD_BY_ID`.
    pub(crate) fn lists(&self, kind: Kind) -> bool {
        self.reaches(match kind {
            Kind::Map | Kind::Program => (4, 13),
            Kind::Btf => (5, 4),
            _ => (5, 8),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{FLAGS, is_at_least};
    use ebpf_core::map::MapFlags;
    use ebpf_core::system::KernelVersion;

    #[test]
    fn every_flag_has_its_release() {
        let last = KernelVersion::new(99, 0, 0);
        let known = FLAGS.iter().filter(|(_, since)| is_at_least(last, *since));
        let all = known.fold(0, |all, (flag, _)| all | flag.0);
        let named = (0..32).filter(|bit| !MapFlags(1 << bit).to_string().contains("0x"));
        let named = named.fold(0, |all, bit| all | 1 << bit);
        assert_eq!(MapFlags(all), MapFlags(named));
    }
}
