//! The program `bpfobj`, as users run it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output};

use ebpf_testbed::{Unprivileged, require};
use serde_json::Value;

const BPFOBJ: &str = env!("CARGO_BIN_EXE_bpfobj");

fn object(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = root.join("../ebpf-core/testdata").join(name);
    let found = if tests.exists() {
        tests
    } else {
        root.join("bpf").join(name)
    };
    found.canonicalize().expect(name).display().to_string()
}

/// A directory that is gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Scratch {
        let dir = env::temp_dir().join(format!("bpfobj-{test}-{}", process::id()));
        fs::create_dir_all(&dir).expect("a directory");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("for all to read");
        Scratch(dir)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a run said, and whether its exit code was 0.
struct Said {
    good: bool,
    out: String,
    err: String,
}

fn said(output: Output) -> Said {
    Said {
        good: output.status.success(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

fn run(arguments: &[&str]) -> Said {
    said(
        Command::new(BPFOBJ)
            .args(arguments)
            .output()
            .expect("bpfobj runs"),
    )
}

/// Loads one object that must be refused, and says why, without the name of the file.
#[track_caller]
fn refused(file: &str, more: &[&str]) -> String {
    let said = run(&[&["load", file], more].concat());
    assert!(!said.good, "{}", said.out);
    let start = format!("FAIL {file}: ");
    let reason = said
        .out
        .strip_prefix(&start)
        .unwrap_or_else(|| panic!("{}", said.out));
    reason.trim_end().to_owned()
}

#[test]
fn plan_tells_what_an_object_contains_and_needs() {
    let said = run(&["plan", &object("load/whole.bpf.o")]);
    assert!(said.good, "{}", said.err);
    for line in [
        "whole.bpf.o: 4 programs, 11 maps, little-endian, licence `Dual MIT/GPL`",
        "PROGRAM       SECTION   TYPE  ATTACHES TO  INSNS  CALLS            MAPS            LINUX  REMARKS",
        "tail          xdp/tail  xdp   -            6      trace_printk     .rodata.str1.1  5.2    GPL-only: bpf_trace_printk",
        "asked_for     ?xdp      xdp   -            2                                       4.8    optional",
        "of_no_type    mystery   -     -            2                                       -      its section tells no type",
        "verdict   4      .rodata+0x0  const volatile __u32",
        "READS OF THE KERNEL'S CONFIGURATION: LINUX_KERNEL_VERSION, CONFIG_SURELY_NOT_THERE (weak)",
        "  Linux 5.8 or newer, for maps of type ringbuf (5.8),",
        "  CAP_BPF, CAP_NET_ADMIN (before Linux 5.8: CAP_SYS_ADMIN), or root",
    ] {
        assert!(said.out.contains(line), "no `{line}` in\n{}", said.out);
    }
}

#[test]
fn plan_as_json_has_the_same() {
    let files = [object("load/whole.bpf.o"), object("basic_firewall.bpf.o")];
    let said = run(&["plan", "--json", &files[0], &files[1]]);
    assert!(said.good, "{}", said.err);
    let plans: Value = serde_json::from_str(&said.out).expect("JSON");
    let [whole, firewall] = plans.as_array().expect("an array").as_slice() else {
        panic!("{}", said.out);
    };
    assert_eq!(whole["needs"]["least_kernel"], "5.8");
    assert_eq!(whole["gpl_compatible"], true);
    let programs = whole["programs"].as_array().expect("programs");
    let tail = programs
        .iter()
        .find(|program| program["name"] == "tail")
        .expect("tail");
    let printk = serde_json::json!([{ "id": 6, "name": "bpf_trace_printk", "since": "4.1", "gpl_only": true }]);
    assert_eq!(tail["helpers"], printk);
    let untyped = programs
        .iter()
        .find(|program| program["name"] == "of_no_type")
        .expect("of_no_type");
    assert_eq!(untyped["program_type"], Value::Null);
    assert_eq!(firewall["programs"][0]["section"], "xdp");
}

#[test]
fn a_licence_that_does_not_fit_is_remarked() {
    let said = run(&["plan", &object("load/no_license.bpf.o")]);
    assert!(
        said.out.contains("its licence forbids: bpf_trace_printk"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("note: there is no section `license`"),
        "{}",
        said.out
    );
}

#[test]
fn dump_shows_instructions_with_their_lines() {
    let file = object("load/pinned.bpf.o");
    let said = run(&["dump", &file, "--program", "count"]);
    assert!(said.good, "{}", said.err);
    for line in [
        "program count: xdp in section xdp, attach type xdp, 13 instructions\n",
        "pinned.bpf.c:17: __u64 *value = bpf_map_lookup_elem(&shared, &zero);\n",
        " ; map shared\n",
        "call bpf_map_lookup_elem#1\n",
    ] {
        assert!(said.out.contains(line), "no `{line}` in\n{}", said.out);
    }
    assert!(!said.out.contains("weakly"));
    assert!(run(&["dump", &file]).out.contains("program weakly: "));

    let none = run(&["dump", &file, "--program", "x"]);
    assert!(!none.good);
    assert_eq!(
        none.err,
        format!("bpfobj: {file}: no program `x` among count, same, weakly\n")
    );
}

#[test]
fn files_that_are_no_objects_are_told_apart() {
    let scratch = Scratch::new("files");
    let whole = fs::read(object("load/whole.bpf.o")).expect("an object");
    let missing = scratch.0.join("missing.bpf.o").display().to_string();
    for (file, reason) in [
        (
            missing,
            "read the object: No such file or directory (os error 2) (is the path right? objects are what `clang -target \
             bpf -c` writes)",
        ),
        (
            scratch.file("text.txt", b"hello\n"),
            "parse the object: this is no object file: it begins with \"hello\\n\", not with an ELF header. Objects are \
             what `clang -target bpf -c` writes",
        ),
        (
            scratch.file("empty.bpf.o", b""),
            "parse the object: the file is empty",
        ),
        (
            scratch.file("cut.bpf.o", &whole[..700]),
            "parse the object: the table of sections reaches beyond the end of the file (700 bytes): the file is \
             truncated or damaged",
        ),
    ] {
        assert_eq!(refused(&file, &[]), reason);
        for command in ["plan", "dump"] {
            let said = run(&[command, &file]);
            assert!(!said.good);
            assert_eq!(said.err, format!("bpfobj: {file}: {reason}\n"));
        }
    }
}

#[test]
fn objects_for_other_machines_are_named_for_what_they_are() {
    let mut elf = fs::read(object("load/pinned.bpf.o")).expect("an object");
    // e_machine: EM_AARCH64.
    elf[18] = 183;
    elf[19] = 0;
    let scratch = Scratch::new("machine");
    assert_eq!(
        refused(&scratch.file("arm.o", &elf), &[]),
        "parse the object: this is machine code for arm64, not eBPF (machine 183, where eBPF has 247): compile it with \
         `clang -target bpf -c`"
    );
    if cfg!(target_endian = "little") {
        assert_eq!(
            refused(&object("object/calls.eb.bpf.o"), &[]),
            "the object is big-endian, this machine is little-endian: compile it with -target bpfel"
        );
    }
}

#[test]
fn load_says_ok_or_why_not_for_each_file() {
    if !require("kernel") {
        return;
    }
    let (good, bad) = (
        object("load/pinned.bpf.o"),
        object("load/refused_program.bpf.o"),
    );
    let firewall = object("basic_firewall.bpf.o");
    let said = run(&["load", &good, &firewall]);
    assert!(said.good, "{}", said.out);
    assert_eq!(said.out, format!("OK {good}\nOK {firewall}\n"));
    assert!(
        !Path::new("/sys/fs/bpf/shared").exists(),
        "nothing is pinned"
    );

    let said = run(&["load", &bad, &good]);
    assert!(!said.good);
    // What is outside of what is said in other words since Linux 7.3.
    let start =
        format!("FAIL {bad}: verifier refused program `careless`: EACCES: permission denied: ");
    let cause = said.out.strip_prefix(&start).expect(&said.out);
    let cause = cause
        .strip_suffix(&format!("\nOK {good}\n"))
        .expect(&said.out);
    assert!(cause.starts_with("R1 ") && cause.contains(" is outside of the "));
    let verbose = run(&["load", "--verbose", &bad]).out;
    assert!(verbose.contains(&format!("\n    {cause}\n")), "{verbose}");
}

#[test]
fn a_map_that_the_kernel_refuses_is_named() {
    if !require("kernel") {
        return;
    }
    assert_eq!(
        refused(&object("load/refused_map.bpf.o"), &[]),
        "create on map `too_large`: E2BIG: argument list too long (the map is larger than the kernel allows)"
    );
    assert_eq!(
        refused(&object("load/no_entries.bpf.o"), &[]),
        "create map `sized_later` (hash): max_entries is 0: set it before the map is created"
    );
}

#[test]
fn a_section_without_a_type_is_given_one() {
    let file = object("load/whole.bpf.o");
    assert_eq!(
        refused(&file, &[]),
        "section `mystery` tells no program type for program `of_no_type`: give one with --type mystery=TYPE, where TYPE \
         is `xdp`, `tc`, `kprobe`, …"
    );
    let wrong = run(&["load", &file, "--type", "mystery"]);
    assert!(!wrong.good);
    assert!(
        wrong
            .err
            .contains("write SECTION=TYPE, as in `prog=xdp` or `probe=kprobe/do_exit`"),
        "{}",
        wrong.err
    );
    if !require("kernel") {
        return;
    }
    for type_name in ["xdp", "socket_filter", "BPF_PROG_TYPE_XDP"] {
        let said = run(&["load", &file, "--type", &format!("mystery={type_name}")]);
        assert!(said.good, "{}", said.out);
        assert_eq!(said.out, format!("OK {file}\n"));
    }
    assert_eq!(
        refused(&file, &["--type", "mystery=xpd"]),
        "section `mystery`: `xpd` is no program type and no section name that tells one (try `xdp`, `tc`, `kprobe`, …)"
    );
}

#[test]
fn optional_programs_are_loaded_when_asked_for() {
    if !require("kernel") {
        return;
    }
    let file = object("load/replaces.bpf.o");
    assert!(run(&["load", &file]).good);
    assert_eq!(
        refused(&file, &["--optional"]),
        "load program `inner`: programs of type ext need a target: a loaded program, given by LoadOptions::target"
    );
}

#[test]
fn without_privileges_plan_works_and_load_says_what_is_missing() {
    if !require("kernel") {
        return;
    }
    let scratch = Scratch::new("nobody");
    let bpfobj = Unprivileged::of(BPFOBJ).unwrap();
    let file = scratch.file(
        "pinned.bpf.o",
        &fs::read(object("load/pinned.bpf.o")).expect("an object"),
    );
    let as_nobody = |command: &str| {
        let output = bpfobj.command().args([command, &file]).output();
        said(output.expect("bpfobj runs"))
    };
    assert!(as_nobody("plan").good);
    let load = as_nobody("load");
    assert!(!load.good);
    assert_eq!(
        load.out,
        format!(
            "FAIL {file}: create on map `shared`: EPERM: operation not permitted (CAP_BPF (or root) is needed, before \
             Linux 5.11 also enough RLIMIT_MEMLOCK)\n"
        )
    );
}
