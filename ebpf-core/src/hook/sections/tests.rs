use std::collections::BTreeSet;

use super::*;

/// libbpf 1.8 has this many patterns; `socket_filter`, `tc_cls` and `tc_act` are goebpf's alone.
const LIBBPF_ROWS: usize = 116;
const GOEBPF_ROWS: usize = 3;

#[test]
fn has_every_pattern_once() {
    assert_eq!(SECTIONS.len(), LIBBPF_ROWS + GOEBPF_ROWS);
    let names: BTreeSet<&str> = SECTIONS.iter().map(SectionRow::prefix).collect();
    assert_eq!(names.len(), SECTIONS.len());
}

#[test]
fn every_example_means_its_row() {
    for row in SECTIONS {
        for name in [row.example, row.prefix()] {
            let meaning = section(name);
            assert_eq!(
                meaning.row.map(|row| row.pattern),
                Some(row.pattern),
                "{name}"
            );
            assert_eq!(
                (meaning.program_type, meaning.attach_type),
                (row.program_type, row.attach_type),
                "{name}"
            );
            assert_eq!(meaning.flags, row.flags, "{name}");
            assert!(!meaning.optional);
        }
        assert_eq!(
            section(row.example).attach_to.is_some(),
            row.takes_target(),
            "{}",
            row.example
        );
        assert!(section(&format!("?{}", row.example)).optional);
    }
}

#[test]
fn since_never_precedes_the_program_type() {
    let number = |release: &str| {
        let (major, minor) = release.split_once('.').expect("a release");
        (
            major.parse::<u32>().expect("major"),
            minor.parse::<u32>().expect("minor"),
        )
    };
    for row in SECTIONS {
        let of_type = row.program_type.since().expect("a known type");
        assert!(
            number(row.since) >= number(of_type),
            "{} since {}, its type since {of_type}",
            row.pattern,
            row.since
        );
    }
}

#[test]
fn sleepable_and_fragment_variants_say_so() {
    for row in SECTIONS {
        let name = row.prefix();
        let sleeps = name.ends_with(".s") || name == "syscall";
        assert_eq!(
            row.flags.contains(ProgramFlags::SLEEPABLE),
            sleeps,
            "{name}"
        );
        assert_eq!(
            row.flags.contains(ProgramFlags::XDP_HAS_FRAGS),
            name.starts_with("xdp.frags"),
            "{name}"
        );
    }
}

#[test]
fn goebpf_prefixes_in_any_case_and_with_sub_sections() {
    for (name, program_type) in [
        ("xdp/foo", ProgramType::XDP),
        ("XDP", ProgramType::XDP),
        ("Socket_Filter/x", ProgramType::SOCKET_FILTER),
        ("tc_cls/x", ProgramType::SCHED_CLS),
        ("TC_ACT", ProgramType::SCHED_ACT),
        ("Kprobe/do_exit", ProgramType::KPROBE),
        ("KRETPROBE/do_exit", ProgramType::KPROBE),
    ] {
        assert_eq!(section(name).program_type, program_type, "{name}");
    }
    assert_eq!(section("Kprobe/do_exit").attach_to, Some("do_exit"));
    assert_eq!(section("xdp/foo").attach_to, None);
}

#[test]
fn the_longest_pattern_wins() {
    assert_eq!(
        section("xdp/devmap").attach_type,
        Some(AttachType::XDP_DEVMAP)
    );
    assert_eq!(
        section("xdp/devmap/x").attach_type,
        Some(AttachType::XDP_DEVMAP)
    );
    assert_eq!(
        section("tc/ingress").attach_type,
        Some(AttachType::TCX_INGRESS)
    );
    assert_eq!(section("tc/entry").attach_type, None);
    assert_eq!(
        section("sk_skb/stream_parser").attach_type,
        Some(AttachType::SK_SKB_STREAM_PARSER)
    );
}

#[test]
fn other_names_tell_nothing() {
    for name in [
        "",
        "?",
        "/",
        "xdp_foo",
        "xdpx",
        "Xdp.frags",
        "socket1",
        "prog",
        "static",
        "1",
        ".text",
        "fentryx/f",
        "é",
        "kprobé",
    ] {
        let meaning = section(name);
        assert_eq!(meaning.program_type, ProgramType::UNSPEC, "{name}");
        assert!(meaning.row.is_none(), "{name}");
    }
    assert!(section("?prog").optional);
}

#[test]
fn targets_keep_their_slashes_and_may_be_missing() {
    assert_eq!(
        section("uprobe//bin/sh:main").attach_to,
        Some("/bin/sh:main")
    );
    assert_eq!(
        section("tp/sched/sched_switch").attach_to,
        Some("sched/sched_switch")
    );
    assert_eq!(section("fentry").attach_to, None);
    assert_eq!(section("fentry/").attach_to, None);
}

#[test]
fn tells_what_programs_are_tied_to() {
    let of = |name: &str| section(name).row.and_then(SectionRow::btf_attach);
    assert_eq!(of("fexit/f"), Some(BtfAttach::Function));
    assert_eq!(of("tp_btf/t"), Some(BtfAttach::RawTracepoint));
    assert_eq!(of("lsm_cgroup/h"), Some(BtfAttach::Lsm));
    assert_eq!(of("iter/task"), Some(BtfAttach::Iterator));
    assert_eq!(of("freplace/f"), Some(BtfAttach::Program));
    assert_eq!(of("struct_ops/f"), Some(BtfAttach::StructOps));
    assert_eq!(of("fentry.multi/f*"), None);
    assert_eq!(of("xdp"), None);
}
