//! The demo on the kernel: what it says, how it ends, what it leaves behind. `tests/mock/demo.rs` has it in memory.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use ebpf_testbed::{Unprivileged, require};
use nix::pty::openpty;
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::process::{Running, alone, firewalls, interfaces, wait_until_gone};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

#[test]
fn all_that_is_sent_is_counted() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let output =
        Running::start(Command::new(DEMO).args(["--seconds", "2", "--packets", "100"])).end();
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(0), ""),
        "{stdout}"
    );
    assert!(stdout.starts_with("system: the kernel\n"), "{stdout}");
    assert!(
        !stdout.contains('\x1b'),
        "not a terminal, yet it is redrawn: {stdout}"
    );
    for start in [
        "drop 198.51.100.0/24 ",
        "pass ::/0 ",
        "other frames ",
        "counted = sent: ",
    ] {
        assert!(
            stdout.lines().any(|line| line.starts_with(start)),
            "no line starts with `{start}`:\n{stdout}"
        );
    }
}

#[test]
fn every_rule_is_met_by_datagrams_and_connections_and_unanswered_requests_are_repeated() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let output =
        Running::start(Command::new(DEMO).args(["--json", "--seconds", "3", "--packets", "50"]))
            .end();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |value: &Value| value.as_u64().unwrap();
    let rules = report["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 7);
    for rule in rules {
        assert_eq!(rule["sent"], rule["counted"]);
        assert!(
            number(&rule["sent_udp"]["packets"]) % 50 == 0
                && number(&rule["sent_tcp"]["packets"]) > 0,
            "{rule}"
        );
        if rule["action"] == "drop" {
            assert!(number(&rule["retransmitted"]) > 0, "{rule}");
        }
    }
    assert_eq!(report["other_sent"], report["other_counted"]);
    let parts = ["passed", "dropped", "other_counted"].map(|part| number(&report[part]["packets"]));
    assert_eq!(number(&report["interface"]), parts.iter().sum::<u64>());
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let interfaces_before = interfaces();
    for (signal, code) in [
        (Signal::SIGINT, Some(130)),
        (Signal::SIGTERM, Some(130)),
        (Signal::SIGKILL, None),
    ] {
        let firewalls_before = firewalls();
        let mut demo = Running::start(Command::new(DEMO).args(["--seconds", "600"]));
        demo.wait_for(" s: sent ");
        let added: Vec<_> = firewalls()
            .into_iter()
            .filter(|id| !firewalls_before.contains(id))
            .collect();
        assert!(!added.is_empty());
        demo.signal(signal);
        let output = demo.end();
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert_eq!(output.status.code(), code, "{stderr}");
        if code.is_some() {
            assert_eq!(stderr, "interrupted; everything is cleaned up\n");
            assert!(stdout.contains("\ncounted = sent: "), "{stdout}");
        }
        wait_until_gone(&added);
        assert_eq!(interfaces(), interfaces_before);
    }
}

#[test]
fn on_a_terminal_the_table_is_redrawn_in_place() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let run = |term: &str| {
        let terminal = openpty(None, None).unwrap();
        let mut command = Command::new(DEMO);
        command
            .args(["--seconds", "1", "--packets", "10"])
            .env("TERM", term)
            .stdin(Stdio::null());
        let mut demo = command
            .stdout(terminal.slave)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The command holds the other end of the terminal too: reading ends once nobody does.
        drop(command);
        let mut shown = Vec::new();
        // That nobody writes any more is an error of a terminal, which comes after all that was written.
        let _ = File::from(terminal.master).read_to_end(&mut shown);
        assert_eq!(demo.wait().unwrap().code(), Some(0));
        String::from_utf8(shown).unwrap()
    };
    let redrawn = run("xterm");
    assert!(redrawn.contains("\x1b[10A"), "{redrawn:?}");
    assert!(!redrawn.contains(" s: sent "), "{redrawn:?}");
    let plain = run("dumb");
    assert!(
        !plain.contains('\x1b') && plain.contains(" s: sent "),
        "{plain:?}"
    );
}

/// What the demo says and how it ends, for a user without privileges.
fn unprivileged(arguments: &[&str]) -> (Option<i32>, String, String) {
    let demo = Unprivileged::of(DEMO).unwrap();
    let output = Running::start(demo.command().args(arguments)).end();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn without_privileges_the_kernel_says_which_one_is_missing_and_how_to_get_it() {
    if !require("kernel") {
        return;
    }
    let (code, stdout, stderr) = unprivileged(&["--system", "kernel"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.starts_with(
            "error: the demo makes network namespaces and loads programs into the kernel; \
             missing: CAP_SYS_ADMIN (to make network and mount namespaces), CAP_NET_ADMIN "
        ),
        "{stderr}"
    );
    assert!(
        stderr.contains("\nhelp: Run it as root: `sudo -E env \"PATH=$PATH\" cargo xtask demo`."),
        "{stderr}"
    );
}

#[test]
fn without_privileges_it_runs_in_memory_and_says_why() {
    if !require("kernel") {
        return;
    }
    let (code, stdout, stderr) = unprivileged(&[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.starts_with(
            "note: this is a simulated system, in memory, as the kernel's cannot be used: missing: CAP_SYS_ADMIN "
        ) && stderr.contains("\nhelp: Run it as root: "),
        "{stderr}"
    );
    assert!(stdout.starts_with("system: simulated system "), "{stdout}");
    assert!(stdout.contains("\ncounted = sent: "), "{stdout}");
}
