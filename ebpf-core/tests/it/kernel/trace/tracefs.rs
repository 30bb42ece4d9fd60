//! What tracefs keeps: whose probes there are, what a killed process leaves behind, and where tracefs is.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ebpf_core::conformance::Counter;
use ebpf_core::hook::{Kprobe, ProbeVia, Tracepoint, Uprobe};
use ebpf_core::kernel::{ProbeKind, TracefsProbe};
use ebpf_core::program::{ProgramExt, ProgramType};
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Errno, KernelSystem, Link, System};
use ebpf_testbed::{Sandbox, require};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use super::{calls, counter, has};

fn getppid() -> Uprobe {
    Uprobe::entry("libc.so.6", "getppid").via(ProbeVia::Tracefs)
}

/// The probes of a process, as the list has them.
fn probes_of(pid: u32) -> Vec<TracefsProbe> {
    let mut probes = KernelSystem::new().probes().expect("list");
    probes.retain(|probe| probe.owner.is_some_and(|owner| owner.pid == pid));
    probes
}

fn ready() -> bool {
    require("kernel") && has(Feature::Uprobes)
}

/// The file of definitions, in a tracefs of this thread's own mount namespace.
fn definitions(sandbox: &Sandbox) -> PathBuf {
    let place = sandbox.bpffs().with_file_name("tracefs of a test");
    let place = if fs::create_dir(&place).is_ok() {
        place
    } else {
        PathBuf::from("/mnt")
    };
    mount(
        Some("tracefs"),
        &place,
        Some("tracefs"),
        MsFlags::empty(),
        None::<&str>,
    )
    .expect("mount tracefs");
    place.join("uprobe_events")
}

fn define(file: &Path, line: &str) {
    let mut file = OpenOptions::new().append(true).open(file).expect("open");
    file.write_all(format!("{line}\n").as_bytes())
        .expect("write");
}

#[test]
fn a_probe_is_listed_and_goes_with_its_link() {
    if !ready() {
        return;
    }
    let counter = counter(ProgramType::KPROBE);
    // A function of its own: no other test's probe has this name.
    let probe = || Uprobe::entry("libc.so.6", "getsid").via(ProbeVia::Tracefs);
    let mine = || {
        let mut probes = probes_of(std::process::id());
        probes.retain(|probe| probe.event.ends_with("_getsid"));
        probes
    };
    let links: Vec<Box<dyn Link>> = (0..3)
        .map(|_| counter.program.attach_to(probe()).expect("attach"))
        .collect();
    let listed = mine();
    assert_eq!(listed.len(), 3);
    for probe in &listed {
        assert_eq!(
            (probe.group.as_str(), probe.kind),
            ("ebpf_core", ProbeKind::Uprobe)
        );
        assert_eq!(probe.owner.and_then(|owner| owner.alive), Some(true));
        assert!(probe.target.contains("libc"), "{probe}");
    }
    let mut links = links.into_iter();
    links.next().expect("one").detach().expect("detach");
    assert_eq!(mine(), listed[1..]);
    drop(links);
    assert_eq!(mine(), []);
}

#[test]
fn a_failure_leaves_no_line_behind() {
    if !ready() {
        return;
    }
    // A type of its own, a function of its own: no other test's line has this name.
    let wrong = counter(ProgramType::TRACEPOINT);
    let error = wrong
        .program
        .attach_to(Uprobe::entry("libc.so.6", "getpgid").via(ProbeVia::Tracefs))
        .expect_err("another type");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    let left: Vec<_> = probes_of(std::process::id())
        .into_iter()
        .filter(|probe| probe.event.ends_with("getpgid"))
        .collect();
    assert_eq!(left, []);
}

/// Not a test: what the next one starts as a process, to be killed.
#[test]
fn child_that_attaches() {
    if std::env::var_os("EBPF_TEST_TRACEFS_CHILD").is_none() {
        return;
    }
    let counter = counter(ProgramType::KPROBE);
    let _one = counter.program.attach_to(getppid()).expect("attach");
    let _two = counter
        .program
        .attach_to(Uprobe::ret("libc.so.6", "getppid").via(ProbeVia::Tracefs))
        .expect("attach");
    println!("attached");
    // Until it is killed, or its parent is gone.
    let _ = std::io::stdin().lines().next();
}

/// A process with two probes in tracefs.
fn child() -> Child {
    // Not by its path: in a mount namespace of its own this thread may not find it.
    let mut child = Command::new("/proc/self/exe")
        .args([
            "--exact",
            "kernel::trace::tracefs::child_that_attaches",
            "--nocapture",
        ])
        .env("EBPF_TEST_TRACEFS_CHILD", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let ready = lines
        .map_while(Result::ok)
        .any(|line| line.contains("attached"));
    assert!(ready, "the child attached nothing");
    child
}

#[test]
fn only_what_the_dead_left_is_cleaned_up() {
    if !ready() {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    let (mut living, mut dead) = (child(), child());
    let names = |pid| {
        probes_of(pid)
            .into_iter()
            .map(|probe| probe.event)
            .collect::<Vec<_>>()
    };
    let (living_names, dead_names) = (names(living.id()), names(dead.id()));
    assert_eq!((living_names.len(), dead_names.len()), (2, 2));
    assert!(dead_names.iter().all(|name| !living_names.contains(name)));

    // Someone else's, with a name like goebpf's, and one of our group that no process made.
    let file = definitions(&sandbox);
    let target = probes_of(living.id()).swap_remove(0).target;
    let pid = std::process::id();
    let foreign = [
        format!("others_{pid}/getppid_goebpf_1"),
        format!("ebpf_core/by_hand_{pid}"),
    ];
    for name in &foreign {
        define(&file, &format!("p:{name} {target}"));
    }
    let is_there = |name: &String| {
        let probes = system.probes().expect("list");
        probes
            .iter()
            .any(|probe| format!("{}/{}", probe.group, probe.event) == *name)
    };

    dead.kill().expect("kill");
    // Not waited for, it is a zombie, which is dead too.
    let alive = || {
        probes_of(dead.id())
            .iter()
            .filter_map(|probe| probe.owner?.alive)
            .collect::<Vec<_>>()
    };
    while alive().contains(&true) {
        std::thread::yield_now();
    }
    assert!(alive().len() <= 2);
    dead.wait().expect("wait");
    let cleaned = system.cleanup_probes().expect("clean up");
    assert!(cleaned.failed.is_empty(), "{:?}", cleaned.failed);
    assert!(
        cleaned
            .removed
            .iter()
            .all(|probe| !living_names.contains(&probe.event)),
        "{:?}",
        cleaned.removed
    );
    assert_eq!(probes_of(dead.id()), []);
    assert_eq!(names(living.id()), living_names);
    assert!(foreign.iter().all(is_there));

    for name in &foreign {
        define(&file, &format!("-:{name}"));
    }
    living.kill().expect("kill");
    living.wait().expect("wait");
    system.cleanup_probes().expect("clean up");
    assert_eq!(probes_of(living.id()), []);
}

/// Makes this thread's mount namespace one where tracefs is mounted nowhere.
fn unmount_everywhere() {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mounts");
    for line in mounts.lines().rev() {
        let mut fields = line.split(' ');
        let point = fields.nth(4).expect("a place").replace("\\040", " ");
        let kind = line.split(" - ").nth(1).unwrap_or_default();
        if kind.starts_with("tracefs ") || kind.starts_with("debugfs ") {
            umount2(point.as_str(), MntFlags::MNT_DETACH).expect("unmount");
        }
    }
}

/// Attaches by everything that needs tracefs, and counts.
fn attaches_and_counts(case: &str) {
    let tracepoint = counter(ProgramType::TRACEPOINT);
    let _link = tracepoint
        .program
        .attach_to(Tracepoint::new("syscalls", "sys_enter_getppid"))
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    let uprobe = counter(ProgramType::KPROBE);
    let _other = uprobe
        .program
        .attach_to(getppid())
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    let kprobe = counter(ProgramType::KPROBE);
    let kprobes = KernelSystem::new().probe(Feature::Kprobes) == Ok(Support::Yes);
    let _third: Option<Box<dyn Link>> = kprobes.then(|| {
        let probe = Kprobe::syscall("getppid").via(ProbeVia::Tracefs);
        kprobe
            .program
            .attach_to(probe)
            .unwrap_or_else(|error| panic!("{case}: {error}"))
    });
    calls(3);
    assert_eq!((tracepoint.hits(), uprobe.hits()), (3, 3), "{case}");
    assert_eq!(kprobe.hits(), if kprobes { 3 } else { 0 }, "{case}");
}

#[test]
fn tracefs_is_found_wherever_it_is_and_debugfs_is_not_needed() {
    if !ready() {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    unmount_everywhere();
    attaches_and_counts("mounted nowhere");
    let mount_at = |kind: &str, place: &str| {
        mount(
            Some(kind),
            place,
            Some(kind),
            MsFlags::empty(),
            None::<&str>,
        )
        .unwrap_or_else(|error| panic!("{place}: {error}"));
    };
    mount_at("tmpfs", "/mnt");
    for place in ["/sys/kernel/tracing", "/mnt/a place of its own"] {
        if place.starts_with("/mnt") {
            fs::create_dir(place).expect("a directory");
        }
        mount_at("tracefs", place);
        attaches_and_counts(place);
        umount2(place, MntFlags::MNT_DETACH).expect("unmount");
    }
    if Path::new("/sys/kernel/debug").is_dir() {
        mount_at("tmpfs", "/sys/kernel/debug");
        fs::create_dir("/sys/kernel/debug/tracing").expect("a directory");
        mount_at("tracefs", "/sys/kernel/debug/tracing");
        attaches_and_counts("/sys/kernel/debug/tracing");
    }
}

#[test]
fn names_never_collide() {
    if !ready() {
        return;
    }
    // The same function, many times, on many threads at once.
    let counts: Vec<u64> = std::thread::scope(|scope| {
        let work = || {
            let counters: Vec<Counter> = (0..4).map(|_| counter(ProgramType::KPROBE)).collect();
            let links: Vec<Box<dyn Link>> = counters
                .iter()
                .map(|counter| counter.program.attach_to(getppid()).expect("attach"))
                .collect();
            calls(2);
            for link in links {
                link.detach().expect("detach");
            }
            calls(2);
            counters.iter().map(Counter::hits).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("joined"))
            .collect()
    });
    assert_eq!(counts, [2; 16]);
}
