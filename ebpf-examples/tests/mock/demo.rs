//! The demo in memory: what it says, and that it counts what the plan sends.

use std::process::{Command, Output};

use serde_json::Value;

fn demo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(["--system", "mock"]).args(arguments);
    command.output().expect("it runs")
}

#[test]
fn all_that_is_sent_is_counted() {
    let output = demo(&["--packets", "20", "--seconds", "2"]);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(0), ""),
        "{stdout}"
    );
    assert!(stdout.starts_with("system: simulated system "), "{stdout}");
    assert!(stdout.contains(", in memory\n"), "{stdout}");
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
    // Five addresses may pass, each with twenty datagrams and ten connections a second.
    let behind = "behind the firewall: 100 datagrams and 100 TCP conversations, none from a dropped address\n";
    assert!(stdout.contains(behind), "{stdout}");
}

#[test]
fn as_json_it_says_which_system_it_was() {
    let output = demo(&["--json", "--packets", "20", "--seconds", "3"]);
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["system"], "mock");
    let rules = report["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), 7);
    for rule in rules {
        assert_eq!(rule["sent"], rule["counted"]);
        // Three requests, at once, after one second and after three, from each address.
        let dropped = rule["action"] == "drop";
        let (udp, again) = (&rule["sent_udp"]["packets"], &rule["retransmitted"]);
        let addresses = udp.as_u64().expect("a number") / 20;
        assert_eq!(
            again.as_u64(),
            Some(if dropped { addresses * 3 * 2 } else { 0 }),
            "{rule}"
        );
    }
    let number = |value: &Value| value.as_u64().expect("a number");
    // Each of ten addresses asked for the other end's.
    assert_eq!(number(&report["other_counted"]["packets"]), 10);
    let parts = ["passed", "dropped", "other_counted"].map(|part| number(&report[part]["packets"]));
    assert_eq!(number(&report["interface"]), parts.iter().sum::<u64>());
}
