//! What of the kernel's maps is not simulated, and why.

use ebpf_core::map::MapType;

/// Something that maps of a type do in a kernel and do not do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotSimulated {
    /// The type.
    pub map_type: MapType,
    /// What is missing.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
}

const fn row(map_type: MapType, what: &'static str, why: &'static str) -> NotSimulated {
    NotSimulated {
        map_type,
        what,
        why,
    }
}

/// What of the kernel's maps is not simulated. Maps of every type are made and obey their rules; what is asked beyond them
/// is refused with an error that names the operation and the type.
///
/// | type | what | why |
/// |---|---|---|
/// | `ARENA` | user space mapping its pages | touching a page that is missing is a fault, which no slice of words can be: `read_arena` and `write_arena` stand in for it |
/// | `STRUCT_OPS` | the kernel calling the callbacks | the code that calls them (TCP, schedulers) is not simulated: the test calls them, with `call_struct_ops` |
/// | `STRUCT_OPS` | rules of structures other than `tcp_congestion_ops` | they are in the subsystem's code; any value of data members is taken |
/// | `STRUCT_OPS` | links (`BPF_F_LINK`) | `ebpf-core` has no call that attaches a map: one that wants a link is made, written and read |
/// | `RINGBUF` | overwriting the oldest records (`BPF_F_RB_OVERWRITE`) | no reader of `ebpf-core` follows a ring whose records vanish: making one is refused by name |
/// | `INSN_ARRAY` | indirect jumps | no program that has them is loaded |
pub const NOT_SIMULATED: &[NotSimulated] = &[
    row(
        MapType::ARENA,
        "user space mapping its pages",
        "touching a page that is missing is a fault, which no slice of words can be: read_arena and write_arena stand in for it",
    ),
    row(
        MapType::STRUCT_OPS,
        "the kernel calling the callbacks",
        "the code that calls them (TCP, schedulers) is not simulated: the test calls them, with call_struct_ops",
    ),
    row(
        MapType::STRUCT_OPS,
        "rules of structures other than tcp_congestion_ops",
        "they are in the subsystem's code; any value of data members is taken",
    ),
    row(
        MapType::STRUCT_OPS,
        "links (`BPF_F_LINK`)",
        "`ebpf-core` has no call that attaches a map: one that wants a link is made, written and read",
    ),
    row(
        MapType::RINGBUF,
        "overwriting the oldest records (`BPF_F_RB_OVERWRITE`)",
        "no reader of `ebpf-core` follows a ring whose records vanish: making one is refused by name",
    ),
    row(
        MapType::INSN_ARRAY,
        "indirect jumps",
        "no program that has them is loaded",
    ),
];
