//! The iterators that visit something, and the structures that are filled in for programs.

use ebpf_core::btf::{BtfBuilder, IntEncoding, MemberSpec, TypeId};

/// The iterators, since when there are they, and what their programs are told.
pub(super) const ITERATORS: &[(&str, &str, &[&str])] = &[
    ("bpf_map", "5.8", &["meta", "map"]),
    ("bpf_map_elem", "5.9", &["meta", "map", "key", "value"]),
    ("bpf_prog", "5.9", &["meta", "prog"]),
    ("bpf_link", "5.19", &["meta", "link"]),
    ("cgroup", "6.1", &["meta", "cgroup"]),
    ("task", "5.8", &["meta", "task"]),
];

/// The structures and their fields, with what each is.
#[rustfmt::skip]
const STRUCTURES: &[(&str, &[(&str, Of)])] = &[
    ("bpf_map", &[
        ("map_type", Of::Word), ("key_size", Of::Word), ("value_size", Of::Word), ("max_entries", Of::Word),
        ("map_flags", Of::Word), ("id", Of::Word), ("name", Of::Text),
    ]),
    ("bpf_prog_aux", &[("used_map_cnt", Of::Word), ("attach_btf_id", Of::Word), ("id", Of::Word), ("name", Of::Text)]),
    ("bpf_prog", &[("type", Of::Word), ("len", Of::Word), ("aux", Of::Pointer)]),
    ("bpf_link", &[("id", Of::Word), ("type", Of::Word), ("prog", Of::Pointer)]),
    ("task_struct", &[("pid", Of::Word), ("tgid", Of::Word), ("comm", Of::Text)]),
    ("kernfs_node", &[("id", Of::Pointer)]),
    ("cgroup", &[("level", Of::Word), ("kn", Of::Pointer)]),
    ("net_device", &[("ifindex", Of::Word), ("mtu", Of::Word), ("name", Of::Text)]),
    ("nf_hook_state", &[("hook", Of::Byte), ("pf", Of::Byte), ("in", Of::Pointer), ("out", Of::Pointer)]),
    ("sk_buff", &[("len", Of::Word), ("mark", Of::Word), ("priority", Of::Word), ("protocol", Of::Half)]),
];

/// What a field is.
#[derive(Clone, Copy, Debug)]
enum Of {
    Byte,
    Half,
    Word,
    /// An address, or another number of 8 bytes.
    Pointer,
    /// 16 bytes with a NUL at the end.
    Text,
}

/// Adds the structures. `long` is the type of numbers of 8 bytes.
pub(super) fn add_structures(types: &mut BtfBuilder, long: TypeId) {
    let mut int = |name, size| types.int(name, size, IntEncoding::NONE);
    let (byte, half) = (int("char", 1), int("unsigned short", 2));
    let (word, index) = (int("unsigned int", 4), int("__ARRAY_SIZE_TYPE__", 4));
    let text = types.array(byte, index, 16);
    for (name, fields) in STRUCTURES {
        let mut members = Vec::new();
        let mut end = 0u32;
        for (field, of) in *fields {
            let (type_id, size, alignment) = match of {
                Of::Byte => (byte, 1, 1),
                Of::Half => (half, 2, 2),
                Of::Word => (word, 4, 4),
                Of::Pointer => (long, 8, 8),
                Of::Text => (text, 16, 1),
            };
            let start = end.next_multiple_of(alignment);
            members.push(MemberSpec::new(field, type_id, start));
            end = start + size;
        }
        types.structure(name, end.next_multiple_of(8), &members);
    }
}
