//! What is done with maps: plain data, so that a sequence can be repeated, cut and printed.

use std::fmt;

use ebpf_core::map::MapSpec;

/// Where a map is held. An operation on an empty slot does nothing.
pub(crate) type Slot = usize;

/// How many slots there are.
pub(crate) const SLOTS: usize = 5;

/// One operation.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Create {
        slot: Slot,
        spec: Box<MapSpec>,
        /// The map that is the template of a map of maps, instead of the spec's.
        template: Option<Slot>,
    },
    Drop {
        slot: Slot,
    },
    /// Opens the map of a slot by its id into another.
    Reopen {
        slot: Slot,
        into: Slot,
    },
    Lookup {
        slot: Slot,
        key: Bytes,
        flags: u64,
    },
    Update {
        slot: Slot,
        key: Bytes,
        value: Bytes,
        flags: u64,
    },
    Delete {
        slot: Slot,
        key: Bytes,
    },
    Take {
        slot: Slot,
        key: Bytes,
        flags: u64,
    },
    Next {
        slot: Slot,
        after: Option<Bytes>,
    },
    /// Reads everything, key by key.
    Walk {
        slot: Slot,
    },
    /// Reads a batch after the last one. Where the order is the kernel's own affair, everything is read in batches.
    ReadBatch {
        slot: Slot,
        count: usize,
        delete: bool,
        flags: u64,
        /// Whether to begin anew.
        anew: bool,
    },
    UpdateBatch {
        slot: Slot,
        keys: Vec<Bytes>,
        values: Vec<Bytes>,
        flags: u64,
    },
    DeleteBatch {
        slot: Slot,
        keys: Vec<Bytes>,
        flags: u64,
    },
    LookupMany {
        slot: Slot,
        keys: Vec<Bytes>,
    },
    Freeze {
        slot: Slot,
    },
    /// What is known of the map.
    Info {
        slot: Slot,
    },
    /// Maps the memory into this process.
    Share {
        slot: Slot,
    },
    /// Reads a word of the memory, and writes one if it can be written.
    Touch {
        slot: Slot,
        word: usize,
        store: Option<u64>,
    },
    Unshare {
        slot: Slot,
    },
    /// Closes a socket, and opens another in its place.
    Renew {
        socket: usize,
    },
}

impl Op {
    /// The slot whose map is asked.
    pub(crate) fn slot(&self) -> Option<Slot> {
        match self {
            Op::Renew { .. } => None,
            Op::Create { slot, .. }
            | Op::Drop { slot }
            | Op::Reopen { slot, .. }
            | Op::Lookup { slot, .. }
            | Op::Update { slot, .. }
            | Op::Delete { slot, .. }
            | Op::Take { slot, .. }
            | Op::Next { slot, .. }
            | Op::Walk { slot }
            | Op::ReadBatch { slot, .. }
            | Op::UpdateBatch { slot, .. }
            | Op::DeleteBatch { slot, .. }
            | Op::LookupMany { slot, .. }
            | Op::Freeze { slot }
            | Op::Info { slot }
            | Op::Share { slot }
            | Op::Touch { slot, .. }
            | Op::Unshare { slot } => Some(*slot),
        }
    }

    /// Whether it makes, ends or opens a map rather than asking one.
    pub(crate) fn is_about_slots(&self) -> bool {
        matches!(
            self,
            Op::Create { .. } | Op::Drop { .. } | Op::Reopen { .. }
        )
    }
}

/// Bytes of a key or a value, with numbers in them that each system has its own of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) raw: Vec<u8>,
    /// What is named at which place, by 4 bytes.
    pub(crate) things: Vec<(usize, Thing)>,
}

/// What a number in a key or a value names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// The descriptor of the map in a slot.
    Map(Slot),
    /// The descriptor of a program.
    Program(usize),
    /// The descriptor of a socket.
    Socket(usize),
    /// The descriptor of a control group.
    Cgroup(usize),
    /// The descriptor of a file.
    File(usize),
    /// The descriptor of a task.
    Task,
    /// The index of an interface.
    Interface(usize),
    /// No descriptor: a negative number.
    Nothing,
    /// The number of a descriptor that is not open.
    Closed,
}

impl From<Vec<u8>> for Bytes {
    fn from(raw: Vec<u8>) -> Bytes {
        Bytes {
            raw,
            things: Vec::new(),
        }
    }
}

impl Bytes {
    /// Names something at a place.
    pub(crate) fn with(mut self, at: usize, thing: Thing) -> Bytes {
        self.things.push((at, thing));
        self
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.raw)?;
        for (at, thing) in &self.things {
            write!(f, "[{at}={thing:?}]")?;
        }
        Ok(())
    }
}

/// Bytes in hexadecimal, runs of the same one in short.
pub(crate) fn hex(f: &mut dyn fmt::Write, bytes: &[u8]) -> fmt::Result {
    if bytes.is_empty() {
        return f.write_str("-");
    }
    for run in bytes.chunk_by(|one, two| one == two) {
        match run {
            [first, _, _, _, ..] => write!(f, "{first:02x}*{},", run.len())?,
            _ => run.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?,
        }
    }
    Ok(())
}

struct List<'b>(&'b [Bytes]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, bytes) in self.0.iter().enumerate() {
            write!(f, "{}{bytes}", if n == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// A spec in a line, without what is usual.
pub(crate) fn spec_text(spec: &MapSpec) -> String {
    let mut text = format!(
        "{} key {} value {} entries {}",
        spec.map_type, spec.key_size, spec.value_size, spec.max_entries
    );
    if spec.flags.0 != 0 {
        text += &format!(" flags {:?}", spec.flags);
    }
    if let Some(node) = spec.numa_node {
        text += &format!(" node {node}");
    }
    if spec.map_extra != 0 {
        text += &format!(" extra {}", spec.map_extra);
    }
    if spec.ifindex != 0 {
        text += &format!(" ifindex {}", spec.ifindex);
    }
    if spec.types.is_some() {
        text += " typed";
    }
    if let Some(inner) = &spec.inner {
        text += &format!(" of ({})", spec_text(inner));
    }
    format!("{text} named {:?}", spec.name)
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Create {
                slot,
                spec,
                template,
            } => {
                write!(f, "create {slot}: {}", spec_text(spec))?;
                template.map_or(Ok(()), |from| write!(f, " like {from}"))
            }
            Op::Drop { slot } => write!(f, "drop {slot}"),
            Op::Reopen { slot, into } => write!(f, "reopen {slot} into {into}"),
            Op::Lookup { slot, key, flags } => write!(f, "lookup {slot}: {key} flags {flags:#x}"),
            Op::Update {
                slot,
                key,
                value,
                flags,
            } => write!(f, "update {slot}: {key} = {value} flags {flags:#x}"),
            Op::Delete { slot, key } => write!(f, "delete {slot}: {key}"),
            Op::Take { slot, key, flags } => write!(f, "take {slot}: {key} flags {flags:#x}"),
            Op::Next { slot, after: None } => write!(f, "first key {slot}"),
            Op::Next {
                slot,
                after: Some(after),
            } => write!(f, "next key {slot}: after {after}"),
            Op::Walk { slot } => write!(f, "walk {slot}"),
            Op::ReadBatch {
                slot,
                count,
                delete,
                flags,
                anew,
            } => {
                let verb = if *delete { "take" } else { "read" };
                let from = if *anew { " from the start" } else { "" };
                write!(f, "{verb} batch {slot}: {count}{from} flags {flags:#x}")
            }
            Op::UpdateBatch {
                slot,
                keys,
                values,
                flags,
            } => write!(
                f,
                "update batch {slot}: {} = {} flags {flags:#x}",
                List(keys),
                List(values)
            ),
            Op::DeleteBatch { slot, keys, flags } => {
                write!(f, "delete batch {slot}: {} flags {flags:#x}", List(keys))
            }
            Op::LookupMany { slot, keys } => write!(f, "lookup many {slot}: {}", List(keys)),
            Op::Freeze { slot } => write!(f, "freeze {slot}"),
            Op::Info { slot } => write!(f, "info {slot}"),
            Op::Share { slot } => write!(f, "share memory {slot}"),
            Op::Touch { slot, word, store } => write!(f, "touch {slot}: word {word} = {store:x?}"),
            Op::Unshare { slot } => write!(f, "unshare memory {slot}"),
            Op::Renew { socket } => write!(f, "renew socket {socket}"),
        }
    }
}
