//! Programs at functions of the C library, which the tests call.

use std::path::Path;

use ebpf_core::conformance::Counter;
use ebpf_core::hook::{ProbeVia, Uprobe, UprobeMulti, Usdt};
use ebpf_core::link::{Link, LinkTarget, LinkType};
use ebpf_core::program::{AttachType, ProgramExt, ProgramType};
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Errno, KernelSystem, System};
use ebpf_testbed::require;

use super::{calls, counter, has};
use crate::conformance::current_task;

const LIBC: &str = "libc.so.6";

fn ways() -> Vec<ProbeVia> {
    let mut ways = vec![ProbeVia::Auto, ProbeVia::PerfPmu, ProbeVia::Tracefs];
    let links = KernelSystem::new().probe(Feature::Link(LinkType::PERF_EVENT));
    if links == Ok(Support::Yes) {
        ways.push(ProbeVia::Link);
    }
    ways
}

/// Where the probe is, as its attachment says.
fn place(link: &dyn Link) -> (String, u64) {
    match &link.info().target {
        LinkTarget::Uprobe { file, offset, .. } => (file.to_string(), *offset),
        other => panic!("{other:?}"),
    }
}

fn ready() -> bool {
    require("kernel") && has(Feature::Uprobes)
}

#[test]
fn entry_and_return_are_seen_while_it_is_attached() {
    if !ready() {
        return;
    }
    for via in ways() {
        for probe in [Uprobe::entry(LIBC, "getppid"), Uprobe::ret(LIBC, "getppid")] {
            for probe in [
                probe.clone(),
                probe.clone().pid(0),
                probe.pid(std::process::id()),
            ] {
                let counter = counter(ProgramType::KPROBE);
                calls(2);
                let link = counter
                    .program
                    .attach_to(probe.clone().via(via))
                    .unwrap_or_else(|error| panic!("{probe} {via:?}: {error}"));
                calls(5);
                assert_eq!(counter.hits(), 5, "{probe} {via:?}");
                link.detach().expect("detach");
                calls(3);
                assert_eq!(counter.hits(), 5, "{probe} {via:?}, detached");
            }
        }
    }
}

#[test]
fn a_place_has_several_names() {
    if !ready() {
        return;
    }
    let counter = counter(ProgramType::KPROBE);
    let link = counter
        .program
        .attach_to(Uprobe::entry(LIBC, "getppid"))
        .expect("attach");
    let (path, offset) = place(&*link);
    assert!(Path::new(&path).is_absolute(), "{path}");
    drop(link);
    let mut names = vec![
        Uprobe::at(&path, offset),
        Uprobe::entry(&path, "getppid"),
        Uprobe::entry("libc", "getppid").pid(0),
    ];
    if cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        names.push(Uprobe::entry(LIBC, "getppid@GLIBC_2.2.5"));
    }
    for probe in names {
        let before = counter.hits();
        let link = counter
            .program
            .attach_to(probe.clone())
            .unwrap_or_else(|error| panic!("{probe}: {error}"));
        calls(2);
        assert_eq!(counter.hits(), before + 2, "{probe}");
        assert_eq!(place(&*link).1, offset, "{probe}");
    }
}

#[test]
fn another_process_is_not_seen() {
    if !ready() {
        return;
    }
    let counter = counter(ProgramType::KPROBE);
    // The first process of the machine, or of this container.
    let probe = Uprobe::entry(LIBC, "getppid");
    let libc = place(&*counter.program.attach_to(probe).expect("attach")).0;
    let _link = counter
        .program
        .attach_to(Uprobe::entry(libc, "getppid").pid(1))
        .expect("attach");
    calls(3);
    assert_eq!(counter.hits(), 0);
    let gone = Uprobe::entry(LIBC, "getppid").pid(u32::MAX >> 1);
    let error = counter
        .program
        .attach_to(gone)
        .expect_err("no such process");
    assert_eq!(error.errno(), Some(Errno::ESRCH), "{error}");
}

#[test]
fn what_there_is_not_says_so() {
    if !ready() {
        return;
    }
    let counter = counter(ProgramType::KPROBE);
    let directory = std::env::temp_dir().join(format!("ebpf uprobe {}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let script = directory.join("script");
    std::fs::write(&script, "#!/bin/sh\n").expect("write");
    for (probe, errno, words) in [
        (
            Uprobe::entry(LIBC, "getppidd"),
            Errno::ENOENT,
            "has no function `getppidd`; did you mean",
        ),
        (
            Uprobe::entry(LIBC, "getppid@NO_SUCH"),
            Errno::ENOENT,
            "has no `getppid@NO_SUCH`, but `getppid@",
        ),
        (
            Uprobe::entry("libnosuch.so.1", "f"),
            Errno::ENOENT,
            "there is no `libnosuch.so.1` in the directories of libraries or in PATH",
        ),
        (
            Uprobe::entry("/no/such/file", "f"),
            Errno::ENOENT,
            "/no/such/file",
        ),
        (
            Uprobe::at("/no/such/file", 0x40),
            Errno::ENOENT,
            "/no/such/file",
        ),
        (
            Uprobe::entry(&script, "main"),
            Errno::ENOEXEC,
            "is no executable or library in ELF format",
        ),
        (
            Uprobe::at("/dev/null", 0),
            Errno::EINVAL,
            "the offset is beyond the file",
        ),
    ] {
        let error = counter
            .program
            .attach_to(probe.clone())
            .expect_err("nothing there");
        assert_eq!(error.errno(), Some(errno), "{probe}: {error}");
        assert!(error.to_string().contains(words), "{probe}: {error}");
    }
    std::fs::remove_dir_all(directory).expect("remove");
}

#[test]
fn a_cookie_tells_attachments_apart() {
    let cookies = Feature::Helper(ProgramType::KPROBE, 174);
    if !ready() || !has(Feature::Link(LinkType::PERF_EVENT)) || !has(cookies) {
        return;
    }
    let spec = Counter::spec(ProgramType::KPROBE, true);
    let counter = Counter::load(&KernelSystem::new(), &spec, current_task(), None).expect("load");
    for (cookie, probe) in [
        (3, Uprobe::entry(LIBC, "getppid")),
        (4, Uprobe::ret(LIBC, "getppid")),
    ] {
        let _link = counter
            .program
            .attach_to(probe.cookie(cookie))
            .expect("attach");
        calls(1);
        assert_eq!(counter.cookie(), cookie);
    }
}

#[test]
fn many_places_with_one_link() {
    if !ready() || !has(Feature::UprobeMulti) {
        return;
    }
    let mut spec = Counter::spec(ProgramType::KPROBE, true);
    spec.expected_attach_type = Some(AttachType::TRACE_UPROBE_MULTI);
    let load = || Counter::load(&KernelSystem::new(), &spec, current_task(), None).expect("load");
    let both = ["getppid", "getpgrp"];
    for (probes, expected) in [
        (UprobeMulti::symbols(LIBC, both).cookies([5, 6]), 4),
        (UprobeMulti::symbols(LIBC, both).ret().pid(0), 4),
        (UprobeMulti::pattern(LIBC, "getpp?d"), 2),
    ] {
        let counter = load();
        let link = counter
            .program
            .attach_to(probes.clone())
            .unwrap_or_else(|error| panic!("{probes}: {error}"));
        calls(2);
        nix::unistd::getpgrp();
        nix::unistd::getpgrp();
        assert_eq!(counter.hits(), expected, "{probes}");
        if !probes.cookies.is_empty() {
            assert_eq!(counter.cookie(), 6);
        }
        assert_eq!(link.info().link_type, LinkType::UPROBE_MULTI);
        link.detach().expect("detach");
        calls(2);
        assert_eq!(counter.hits(), expected, "{probes}, detached");
    }
    let counter = load();
    for (probes, errno) in [
        (UprobeMulti::pattern(LIBC, "no_such_*"), Errno::ENOENT),
        (
            UprobeMulti::pattern(LIBC, "getpp?d").cookies([1]),
            Errno::EINVAL,
        ),
        (
            UprobeMulti::symbols(LIBC, ["getppid"]).cookies([1, 2]),
            Errno::EINVAL,
        ),
        (
            UprobeMulti::symbols(LIBC, ["no_such_function"]),
            Errno::ENOENT,
        ),
    ] {
        let error = counter
            .program
            .attach_to(probes.clone())
            .expect_err("refused");
        assert_eq!(error.errno(), Some(errno), "{probes}: {error}");
    }
}

/// A library of one page of code with the notes of static probes, as `<sys/sdt.h>` writes them: a header, a segment, two
/// sections and their names.
fn with_static_probes() -> Vec<u8> {
    let mut notes = Vec::new();
    let mut note = |pc: u64, semaphore: u64, name: &str, arguments: &str| {
        let mut description = Vec::new();
        for word in [pc, 0x1000, semaphore] {
            description.extend(word.to_ne_bytes());
        }
        for text in ["app", name, arguments] {
            description.extend(text.as_bytes());
            description.push(0);
        }
        for word in [8, description.len() as u32, 3] {
            notes.extend(word.to_ne_bytes());
        }
        notes.extend(b"stapsdt\0");
        notes.extend(&description);
        notes.resize(notes.len().next_multiple_of(4), 0);
    };
    note(0x10_0100, 0x10_0800, "start", "8@%rdi -4@%esi");
    note(0x10_0200, 0x10_0800, "start", "8@%rax");
    note(0x10_0300, 0, "stop", "");

    // One page: the header, the segment's row, then nothing but code that does nothing.
    let mut file = vec![0x90u8; 0x1000];
    let names = b"\0.note.stapsdt\0.shstrtab\0";
    let notes_at = file.len() as u64;
    file.extend(&notes);
    let names_at = file.len() as u64;
    file.extend(names);
    file.resize(file.len().next_multiple_of(8), 0);
    let sections_at = file.len() as u64;
    let mut section = |name: u32, kind: u32, at: u64, size: u64| {
        for word in [name, kind] {
            file.extend(word.to_ne_bytes());
        }
        for word in [0, 0, at, size] {
            file.extend(word.to_ne_bytes());
        }
        file.extend([0; 8]);
        for word in [4u64, 0] {
            file.extend(word.to_ne_bytes());
        }
    };
    section(0, 0, 0, 0);
    section(1, 7, notes_at, notes.len() as u64);
    section(15, 3, names_at, names.len() as u64);

    let order = if cfg!(target_endian = "big") { 2 } else { 1 };
    let mut header = vec![0x7f, b'E', b'L', b'F', 2, order, 1, 0];
    header.resize(16, 0);
    // ET_DYN of the running machine, as the test's own executable says it.
    let own = std::fs::read(std::env::current_exe().expect("a path")).expect("read");
    header.extend(3u16.to_ne_bytes());
    header.extend(&own[18..20]);
    header.extend(1u32.to_ne_bytes());
    for word in [0u64, 64, sections_at] {
        header.extend(word.to_ne_bytes());
    }
    header.extend(0u32.to_ne_bytes());
    for word in [64u16, 56, 1, 64, 3, 2] {
        header.extend(word.to_ne_bytes());
    }
    // The segment: the first page at 0x100000, readable and executable.
    for word in [1u32, 5] {
        header.extend(word.to_ne_bytes());
    }
    for word in [0u64, 0x10_0000, 0x10_0000, 0x1000, 0x1000, 0x1000] {
        header.extend(word.to_ne_bytes());
    }
    file[..header.len()].copy_from_slice(&header);
    file
}

#[test]
fn static_probes_are_places_with_arguments() {
    if !ready() {
        return;
    }
    // A blank in the path is nothing to tracefs.
    let directory = std::env::temp_dir().join(format!("ebpf usdt {}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join("libapp.so");
    std::fs::write(&path, with_static_probes()).expect("write");

    let probes = KernelSystem::new().static_probes(&path).expect("probes");
    let found: Vec<_> = probes
        .iter()
        .map(|probe| {
            (
                probe.name.as_str(),
                probe.offset,
                probe.semaphore,
                probe.arguments().len(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("start", 0x100, 0x800, 2),
            ("start", 0x200, 0x800, 1),
            ("stop", 0x300, 0, 0)
        ]
    );

    let counter = counter(ProgramType::KPROBE);
    let link = counter
        .program
        .attach_to(Usdt::new(&path, "app", "start"))
        .expect("attach");
    assert!(link.info().id.is_none(), "there are two places");
    link.detach().expect("detach");
    let link = counter
        .program
        .attach_to(Usdt::new(&path, "app", "stop").pid(0))
        .expect("attach");
    assert_eq!(place(&*link).1, 0x300);
    drop(link);
    let error = counter
        .program
        .attach_to(Usdt::new(&path, "app", "stat"))
        .expect_err("no such probe");
    assert!(
        error
            .to_string()
            .contains("has no static probe `app:stat`; did you mean `app:start`"),
        "{error}"
    );

    let _link = counter
        .program
        .attach_to(Uprobe::at(&path, 0x100).via(ProbeVia::Tracefs))
        .expect("attach");
    std::fs::remove_dir_all(directory).expect("remove");
}
