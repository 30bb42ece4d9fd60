//! What can go wrong with a map, and what might help.

use std::sync::Arc;

use super::{LayoutError, MapType, ReadOnly, SpecProblem};
use crate::Errno;
use crate::codec::CodecError;
use crate::system::ForeignHandle;

/// What went wrong with a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// A buffer has another length than the map demands; nothing was asked of the system.
    #[error("map `{map}`: {what} has {got} bytes, the map wants {expected}")]
    Size {
        /// The map's name.
        map: Arc<str>,
        /// Which buffer.
        what: &'static str,
        /// Bytes that the map wants.
        expected: usize,
        /// Bytes that were given.
        got: usize,
    },
    /// The spec breaks a rule of its map type; nothing was asked of the system.
    #[error("create map `{map}` ({map_type}): {problem}")]
    Spec {
        /// The map's name.
        map: Arc<str>,
        /// Its type.
        map_type: MapType,
        /// The rule.
        problem: SpecProblem,
    },
    /// The operation has no meaning for the map's type.
    #[error("{op} on map `{map}`: maps of type {map_type} have no such operation")]
    Unsupported {
        /// The operation.
        op: &'static str,
        /// The map's name.
        map: Arc<str>,
        /// Its type.
        map_type: MapType,
    },
    /// The system refused.
    #[error("{op} on map `{map}`: {errno}{}", hint_text(.hint))]
    Os {
        /// The operation.
        op: &'static str,
        /// The map's name.
        map: Arc<str>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// A file operation on behalf of a map failed.
    #[error("{op} map `{map}` at {}: {errno}{}", .path.display(), hint_text(.hint))]
    Path {
        /// The operation.
        op: &'static str,
        /// The map's name.
        map: Arc<str>,
        /// The path.
        path: Arc<std::path::Path>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// A map or program of another system was given.
    #[error("map `{map}`: {source}")]
    Foreign {
        /// The map's name.
        map: Arc<str>,
        /// Which systems.
        source: ForeignHandle,
    },
    /// A key or value has no form in the bytes that the map wants, or bytes are no such value.
    #[error("map `{map}`: {what}: {source}")]
    Codec {
        /// The map's name.
        map: Arc<str>,
        /// Which key or value.
        what: &'static str,
        /// Why.
        source: CodecError,
    },
    /// A Rust type does not lie in memory as the map's keys or values do.
    #[error(transparent)]
    Layout(Box<LayoutError>),
    /// A view is for maps of other types.
    #[error("map `{map}` is of type {map_type}: {view} is for {wants}")]
    View {
        /// The map's name.
        map: Arc<str>,
        /// Its type.
        map_type: MapType,
        /// The view.
        view: &'static str,
        /// What the view is for.
        wants: &'static str,
    },
    /// A variable does not lie in the map's memory.
    #[error("map `{map}`: {size} bytes at {offset} do not lie in its memory of {bytes} bytes")]
    OutOfMemory {
        /// The map's name.
        map: Arc<str>,
        /// Bytes in front of the variable.
        offset: usize,
        /// Bytes of the variable.
        size: usize,
        /// Bytes of the memory.
        bytes: usize,
    },
    /// The map's memory cannot be written.
    #[error("map `{map}`: {source}")]
    ReadOnly {
        /// The map's name.
        map: Arc<str>,
        /// Why.
        source: ReadOnly,
    },
    /// A walk over the keys was stopped: it kept starting over, because the keys it stood on were deleted.
    #[error(
        "{op} of map `{map}`: given up after {steps} elements, the keys it stood on were deleted too often"
    )]
    Disturbed {
        /// The operation.
        op: &'static str,
        /// The map's name.
        map: Arc<str>,
        /// How many elements were read, those met again included.
        steps: u64,
    },
}

pub(crate) fn hint_text(hint: &Option<&'static str>) -> String {
    hint.map(|hint| format!(" ({hint})")).unwrap_or_default()
}

impl MapError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            MapError::Os { errno, .. } | MapError::Path { errno, .. } => Some(*errno),
            _ => None,
        }
    }

    /// The refusal of `op` on the map `map`, with the advice that goes with it.
    pub fn os(op: &'static str, map: &Arc<str>, map_type: MapType, errno: Errno) -> MapError {
        MapError::Os {
            op,
            map: map.clone(),
            errno,
            hint: hint_for(op, map_type, errno),
        }
    }
}

fn is_of_sockets(map_type: MapType) -> bool {
    map_type
        .row()
        .is_some_and(|row| row.holds == Some("socket"))
}

/// What might help when `op` on a map of this type failed with `errno`. Both backends give the same advice.
pub fn hint_for(op: &str, map_type: MapType, errno: Errno) -> Option<&'static str> {
    let ring = matches!(map_type, MapType::RINGBUF | MapType::USER_RINGBUF);
    Some(match (op, errno) {
        ("create", Errno::EPERM) => {
            "CAP_BPF (or root) is needed, before Linux 5.11 also enough RLIMIT_MEMLOCK"
        }
        ("create", Errno::EINVAL) if ring => {
            "max_entries must be a power of two and a multiple of the page size"
        }
        ("create", Errno::EINVAL) => {
            "the kernel may lack this map type or one of the flags, or a size breaks its rules"
        }
        ("create", Errno::ENOENT) if map_type == MapType::STRUCT_OPS => {
            "the kernel has no structure of callbacks of this name"
        }
        ("create", Errno::E2BIG) => "the map is larger than the kernel allows",
        ("create", Errno::ENOMEM) => "not enough memory for so many elements",
        ("create", Errno::ENOTSUPP | Errno::EOPNOTSUPP) => {
            "the kernel lacks something the map's types or flags ask for"
        }
        ("update", Errno::ENOTSOCK) => "the descriptor is not a socket's",
        ("update", Errno::EOPNOTSUPP | Errno::ENOTSUPP) if is_of_sockets(map_type) => {
            "the map takes sockets of another kind, or in another state (connected, listening, bound)"
        }
        ("update", Errno::EBADF) if map_type == MapType::CGROUP_ARRAY => {
            "the descriptor is not that of a directory of cgroup2"
        }
        ("update" | "update_batch", Errno::E2BIG)
            if map_type
                .row()
                .is_some_and(|row| row.key == super::KeyRule::U32) =>
        {
            "the index is not below max_entries"
        }
        ("update" | "update_batch", Errno::E2BIG | Errno::ENOSPC) => "the map is full",
        ("update", Errno::EEXIST) => {
            "the key is there already, and elements of an array always are"
        }
        ("update", Errno::ENOENT) => "there is no such key to replace",
        ("update" | "delete" | "delete_batch" | "update_batch", Errno::EPERM) => {
            "the map is frozen or was opened for reading only"
        }
        ("lookup" | "next_key" | "lookup_batch", Errno::EPERM) => {
            "the map was opened for writing only"
        }
        ("delete", Errno::EINVAL) if matches!(map_type, MapType::ARRAY | MapType::PERCPU_ARRAY) => {
            "elements of an array cannot be deleted: write zeros instead"
        }
        ("pin", Errno::EPERM | Errno::EINVAL) => "the path must be in a bpffs (mount -t bpf)",
        ("pin", Errno::EEXIST) => "something is pinned there already",
        ("freeze", Errno::EPERM) => "the map is frozen already or was opened for reading only",
        ("memory", Errno::EINVAL) => "a map opened for reading only cannot be mapped",
        ("memory", Errno::EACCES) => "the map was opened for writing only",
        ("freeze", Errno::EBUSY) => "the map is being written or mapped for writing",
        _ => return None,
    })
}
