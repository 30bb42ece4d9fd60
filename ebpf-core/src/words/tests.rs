//! The tables of this crate against the bindings made from the kernel's headers.

use crate::btf::{CoreRelocKind, FuncLinkage, Kind, VarLinkage};
use crate::hook::XdpAction;
use crate::link::LinkType;
use crate::map::{MapFlags, MapType};
use crate::program::{AttachType, ProgramFlags, ProgramType, RunFlags};

const BINDINGS: &str = include_str!("../../../ebpf-sys/src/bindings.rs");

/// The constants of one enum of the bindings: name and number, counters such as `__MAX_…` left out.
fn enumerators(of: &str) -> Vec<(&'static str, u32)> {
    let marker = format!(": {of} = {of}(");
    let found: Vec<_> = BINDINGS
        .lines()
        .filter_map(|line| {
            let (left, right) = line.split_once(&marker)?;
            let name = left.trim().strip_prefix("pub const ")?;
            let number = right.strip_suffix(");")?.parse().ok()?;
            (!name.starts_with("__")).then_some((name, number))
        })
        .collect();
    assert!(found.len() > 3, "the bindings have no enum `{of}`");
    found
}

fn constant(name: &str) -> Option<u64> {
    let marker = format!("pub const {name}: ");
    BINDINGS.lines().find_map(|line| {
        let (_, value) = line.trim().strip_prefix(&marker)?.split_once(" = ")?;
        value.strip_suffix(';')?.parse().ok()
    })
}

macro_rules! same_as_bindings {
    ($($Type:ident $enum:literal;)*) => {$(
        for (name, number) in enumerators($enum) {
            let known = $Type::from_name(name).or_else(|| {
                // An alias of the headers: the number must be known under another name.
                $Type::ALL.contains(&$Type(number)).then_some($Type(number))
            });
            assert_eq!(known, Some($Type(number)), "{name} of {} has no row in {}", $enum, stringify!($Type));
        }
    )*};
}

#[test]
fn every_enumerator_of_the_headers_has_a_row() {
    same_as_bindings! {
        MapType "bpf_map_type";
        ProgramType "bpf_prog_type";
        AttachType "bpf_attach_type";
        LinkType "bpf_link_type";
        XdpAction "xdp_action";
        CoreRelocKind "bpf_core_relo_kind";
    }
}

#[test]
fn btf_has_the_numbers_of_the_headers() {
    for &kind in Kind::ALL {
        let known = kind.kernel_name().and_then(constant);
        // The bindings may be of headers without the newest kinds.
        if known.is_some() || kind <= Kind::ENUM64 {
            assert_eq!(known, Some(kind.0.into()), "{kind}");
        }
    }
    for &linkage in VarLinkage::ALL {
        let known = linkage.kernel_name().and_then(constant);
        assert_eq!(known, Some(linkage.0.into()), "{linkage}");
    }
    for &linkage in FuncLinkage::ALL {
        let name = linkage.kernel_name().expect("a name");
        let row = format!(
            "{name}: btf_func_linkage = btf_func_linkage({});",
            linkage.0
        );
        assert!(BINDINGS.contains(&row), "{row}");
    }
}

#[test]
fn flags_have_the_numbers_of_the_headers() {
    for flags in [
        format!("{:?}", MapFlags(u32::MAX)),
        format!("{:?}", ProgramFlags(u32::MAX)),
        format!("{:?}", RunFlags(u32::MAX)),
    ] {
        assert!(flags.contains("BPF_F_"), "{flags}");
    }
    let rows: [(&str, u64); 8] = [
        ("BPF_F_NO_PREALLOC", MapFlags::NO_PREALLOC.0.into()),
        ("BPF_F_MMAPABLE", MapFlags::MMAPABLE.0.into()),
        ("BPF_F_RB_OVERWRITE", MapFlags::RB_OVERWRITE.0.into()),
        ("BPF_F_NO_USER_CONV", MapFlags::NO_USER_CONV.0.into()),
        ("BPF_F_RDONLY_PROG", MapFlags::RDONLY_PROG.0.into()),
        ("BPF_F_XDP_HAS_FRAGS", ProgramFlags::XDP_HAS_FRAGS.0.into()),
        ("BPF_F_SLEEPABLE", ProgramFlags::SLEEPABLE.0.into()),
        (
            "BPF_F_TEST_XDP_LIVE_FRAMES",
            RunFlags::XDP_LIVE_FRAMES.0.into(),
        ),
    ];
    for (name, number) in rows {
        assert_eq!(constant(name), Some(number), "{name}");
    }
}

#[test]
fn unknown_numbers_pass_through() {
    assert_eq!(MapType(999).to_string(), "map type 999");
    assert_eq!(format!("{:?}", MapType(999)), "MapType(999)");
    assert_eq!(MapType::HASH.to_string(), "hash");
    assert_eq!(format!("{:?}", MapType::HASH), "BPF_MAP_TYPE_HASH");
    assert_eq!(MapType::from_name("lpm_trie"), Some(MapType::LPM_TRIE));
    assert_eq!(
        MapFlags(1 << 30 | 1).to_string(),
        "BPF_F_NO_PREALLOC | 0x40000000"
    );
    assert_eq!(MapFlags::NONE.to_string(), "0x0");
}
