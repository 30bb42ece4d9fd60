//! The messages of errors and notes; what loading does is tested on a system.

use super::*;
use crate::Errno;
use crate::hook::BtfAttach;
use crate::map::MapType;
use crate::program::{ProgramError, ProgramProblem};
use crate::system::Kind;

#[track_caller]
fn says(error: impl Into<LoadError>, text: &str) {
    assert_eq!(error.into().to_string(), text);
}

#[test]
fn errors_stay_small() {
    assert!(size_of::<LoadError>() <= 96, "{}", size_of::<LoadError>());
}

#[test]
fn a_name_that_is_not_there_comes_with_those_that_are() {
    let not_found =
        |have: &[&'static str]| LoadError::not_found("map", "drops", have.iter().copied());
    says(not_found(&[]), "there is no map `drops`: there is none");
    says(not_found(&["a"]), "there is no map `drops`: there is `a`");
    says(
        not_found(&["a", "b"]),
        "there is no map `drops`: there are `a`, `b`",
    );
    let many: Vec<String> = (0..25).map(|n| n.to_string()).collect();
    let text = LoadError::not_found("map", "x", many.iter().map(String::as_str)).to_string();
    assert!(text.ends_with("`18`, `19` and 5 more"), "{text}");
}

#[test]
fn a_map_that_does_not_fit_is_compared_field_by_field() {
    let differs = |field, has: &str, wants: &str| Difference {
        field,
        has: has.into(),
        wants: wants.into(),
    };
    let differences = vec![
        differs("map_type", "array", "hash"),
        differs("key_size", "4", "8"),
    ];
    says(
        LoadError::Incompatible {
            map: "drops".into(),
            path: Some(Path::new("/sys/fs/bpf/drops").into()),
            differences: differences.clone().into(),
        },
        "map `drops` pinned at /sys/fs/bpf/drops does not fit the object: its map_type is array, the object wants hash, \
         its key_size is 4, the object wants 8 (unpin it, or change the object)",
    );
    says(
        LoadError::Incompatible {
            map: "drops".into(),
            path: None,
            differences: differences.into_iter().skip(1).collect(),
        },
        "map `drops` given in its place does not fit the object: its key_size is 4, the object wants 8 (unpin it, or \
         change the object)",
    );
    says(
        LoadError::PinnedKind {
            map: "drops".into(),
            path: Path::new("/sys/fs/bpf/drops").into(),
            found: Kind::Program,
        },
        "open map `drops` pinned at /sys/fs/bpf/drops: a program is pinned there (unpin it, or use another directory)",
    );
}

#[test]
fn what_the_kernel_lacks_is_named() {
    says(
        LoadError::Missing {
            needs: "program `trace`".into(),
            names: vec!["bpf_a".into(), "bpf_b".into()].into(),
            why: None,
        },
        "program `trace` needs what the kernel does not provide: bpf_a, bpf_b",
    );
    says(
        LoadError::NoTarget {
            program: "trace".into(),
            kind: BtfAttach::Function,
            name: "no_such".into(),
            why: Some("it has no BTF"),
        },
        "program `trace`: there is no kernel function `no_such` to attach to (it has no BTF)",
    );
    says(
        LoadError::Config {
            option: "CONFIG_X".into(),
            problem: Box::new(ConfigProblem::NotSet),
        },
        "kernel configuration `CONFIG_X`: it is not set, and the variable that wants it is not __weak",
    );
}

#[test]
fn errors_of_one_object_name_it() {
    let program = ProgramError::Spec {
        program: "p".into(),
        problem: ProgramProblem::NoType {
            section: "prog".into(),
        },
    };
    says(
        LoadError::from(program).of("a.bpf.o"),
        "a.bpf.o: load program `p`: section `prog` tells no program type: set ProgramSpec::program_type",
    );
    let map = MapError::os("create", &"m".into(), MapType::HASH, Errno::EPERM);
    let error = LoadError::from(map).of("a.bpf.o");
    assert_eq!(error.errno(), Some(Errno::EPERM));
}

#[test]
fn objects_for_the_other_byte_order_are_refused_in_words() {
    says(
        LoadError::ByteOrder {
            object: "big",
            machine: "little",
        },
        "the object is big-endian, this machine is little-endian: compile it with -target bpfel",
    );
}

#[test]
fn notes_and_reasons_read_as_sentences() {
    let rounded = LoadNote::RingRounded {
        map: "r".into(),
        asked: 5000,
        bytes: 8192,
    };
    assert_eq!(
        rounded.to_string(),
        "ring buffer `r` has 8192 bytes instead of 5000: a power of two, whole pages"
    );
    let skipped = Skipped::new(
        "program",
        "p",
        SkipReason::NoType {
            section: "prog".into(),
        },
    );
    assert_eq!(
        skipped.to_string(),
        "program `p` is not loaded: section `prog` tells no program type: say one with LoadOptions::section_type"
    );
}
