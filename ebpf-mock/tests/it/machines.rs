//! The machines of cases: as they are without a word, but for what later kernels have, and for the types of this one.

use std::sync::Arc;

use ebpf_core::btf::{Btf, BtfBuilder, IntEncoding, MemberSpec, TypeId};
use ebpf_core::conformance::Case;
use ebpf_core::system::KernelVersion;
use ebpf_mock::MockSystem;

/// The machine of a case.
pub(crate) fn of(case: Case) -> MockSystem {
    match case.name.split("::").next() {
        Some("insn_array" | "one_cpu" | "rhash") => MockSystem::builder()
            .release(KernelVersion::new(7, 2, 0))
            .build(),
        Some("struct_ops") => MockSystem::builder()
            .target_btf(Arc::new(congestion_control()))
            .build(),
        _ => MockSystem::new(),
    }
}

/// A machine that has every type of map.
pub(crate) fn latest() -> MockSystem {
    MockSystem::builder()
        .release(KernelVersion::new(7, 2, 0))
        .target_btf(Arc::new(congestion_control()))
        .build()
}

/// As much of a kernel's types as congestion controls are made of.
fn congestion_control() -> Btf {
    let mut btf = BtfBuilder::new();
    let [byte, int, index] = [("char", 1), ("unsigned int", 4), ("__ARRAY_SIZE_TYPE__", 4)]
        .map(|(name, size)| btf.int(name, size, IntEncoding(0)));
    let proto = btf.func_proto(TypeId::VOID, &[]);
    let callback = btf.ptr(proto);
    let module = btf.structure("module", 0, &[]);
    let module = btf.ptr(module);
    let name = btf.array(byte, index, 16);
    let mut members = Vec::new();
    let mut size = 0;
    for (member, ty, bytes) in [
        ("ssthresh", callback, 8),
        ("cong_avoid", callback, 8),
        ("cong_control", callback, 8),
        ("undo_cwnd", callback, 8),
        ("name", name, 16),
        ("owner", module, 8),
        ("key", int, 4),
        ("flags", int, 4),
        ("init", callback, 8),
    ] {
        members.push(MemberSpec::new(member, ty, size));
        size += bytes;
    }
    let structure = btf.structure("tcp_congestion_ops", size, &members);
    let common = [
        MemberSpec::new("refcnt", int, 0),
        MemberSpec::new("state", int, 4),
    ];
    let common = btf.structure("bpf_struct_ops_common_value", 8, &common);
    // The structure begins at a cache line.
    let members = [
        MemberSpec::new("common", common, 0),
        MemberSpec::new("data", structure, 64),
    ];
    btf.structure(
        "bpf_struct_ops_tcp_congestion_ops",
        64 + size.next_multiple_of(64),
        &members,
    );
    btf.build().expect("types")
}
