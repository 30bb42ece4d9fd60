//! `bpfobj prog`, `map`, `link` and `btf`, as users run them, about what this test has loaded.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{self, Command};

use ebpf_core::hook::{Interface, Xdp, XdpVia};
use ebpf_core::link::LinkType;
use ebpf_core::map::{MapExt, MapSpec, MapType};
use ebpf_core::program::{Program, ProgramExt};
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Collection, KernelSystem, Map, System, SystemExt};
use ebpf_testbed::{Sandbox, Unprivileged, Veth, require};
use serde_json::Value;

const BPFOBJ: &str = env!("CARGO_BIN_EXE_bpfobj");

fn run(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(BPFOBJ).args(arguments).output();
    let output = output.expect("bpfobj runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[track_caller]
fn told(arguments: &[&str]) -> String {
    let (good, out, err) = run(arguments);
    assert!(good, "{arguments:?}: {err}");
    out
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&told(&[arguments, &["--json"]].concat())).expect("JSON")
}

fn firewall() -> Collection {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bpf/basic_firewall.bpf.o");
    KernelSystem::new().load_file(path).expect("load")
}

#[test]
fn a_program_is_told_of() {
    if !require("kernel") {
        return;
    }
    let objects = firewall();
    let program = objects.program("firewall").expect("the program");
    let id = program.info().id.to_string();
    let report = &json(&["prog", "show", &id])[0];
    assert_eq!(report["name"], "firewall");
    assert_eq!(report["program_type"], "xdp");
    assert_eq!(report["tag"], program.info().tag.to_string());
    assert_eq!(report["translated_bytes"], program.info().translated_bytes);
    let date = report["loaded_at"].as_str().expect("a date");
    assert!(date.starts_with("20") && date.ends_with('Z'), "{date}");
    let names = |maps: &Value| -> BTreeSet<String> {
        let maps = maps.as_array().expect("maps").iter();
        maps.map(|map| map["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let expected = ["ipv4_rules", "ipv6_rules", "rule_counters", "totals"];
    assert_eq!(names(&report["maps"]), expected.map(str::to_owned).into());
    let users = report["users"].as_array().expect("users");
    assert!(
        users.iter().any(|user| user["pid"] == process::id()),
        "{users:?}"
    );

    let all = json(&["prog", "list"]);
    let ids: Vec<_> = all
        .as_array()
        .expect("programs")
        .iter()
        .map(|report| &report["id"])
        .collect();
    assert!(ids.iter().any(|found| **found == program.info().id.0));
    let text = told(&["prog", "show", &id]);
    for line in [
        "type          xdp\n",
        "name          firewall\n",
        "licence       GPL-compatible\n",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    assert!(told(&["prog", "list"]).starts_with("ID "));
}

#[test]
fn the_code_of_a_program_is_dumped_with_names() {
    if !require("kernel") {
        return;
    }
    let objects = firewall();
    let info = objects.program("firewall").expect("the program").info();
    let id = info.id.to_string();
    let text = told(&["prog", "dump", &id]);
    assert!(text.starts_with("firewall:\n; "), "{text}");
    let map = objects.map("ipv4_rules").expect("the map").info();
    assert!(
        text.contains(&format!("; map {} `ipv4_rules`\n", map.id)),
        "{text}"
    );
    assert!(
        text.contains("basic_firewall.bpf.c:"),
        "source lines: {text}"
    );

    let code = json(&["prog", "dump", &id]);
    assert_eq!(code["functions"][0]["name"], "firewall");
    let instructions = code["instructions"].as_array().expect("instructions");
    let bytes: usize = instructions
        .iter()
        .map(|line| line["bytes"].as_str().map_or(0, str::len) / 2)
        .sum();
    assert_eq!(bytes, info.translated_bytes as usize);
    if info.jited_bytes > 0 {
        let machine_code = told(&["prog", "dump", &id, "--machine-code"]);
        assert!(machine_code.starts_with("firewall:\n"), "{machine_code}");
    }
}

#[test]
fn elements_are_shown_by_their_types_or_as_bytes() {
    if !require("kernel") {
        return;
    }
    let objects = firewall();
    let rules = objects.map("ipv4_rules").expect("the map");
    let key = rules.key(
        "192.0.2.0/24"
            .parse::<ebpf_core::codec::Cidr>()
            .expect("a network"),
    );
    rules.upsert(&key.expect("a key"), &[1; 8]).expect("room");
    let id = rules.info().id.to_string();
    let text = told(&["map", "dump", &id]);
    assert!(
        text.starts_with("{ ") && text.ends_with("\n1 element\n"),
        "{text}"
    );
    assert!(text.contains("24") && text.contains("192"), "{text}");
    let report = &json(&["map", "show", &id])[0];
    assert_eq!(report["map_type"], "lpm_trie");
    assert_eq!(report["flags"], "BPF_F_NO_PREALLOC");
    assert_eq!(report["key_type"], "struct ipv4_prefix");

    let totals = objects
        .map("totals")
        .expect("the map")
        .info()
        .id
        .to_string();
    let dump = json(&["map", "dump", &totals]);
    assert_eq!(dump["elements"][0]["key"], 0);
    assert_eq!(dump["elements"][0]["values"][0]["packets"], 0, "{dump}");

    let untyped =
        KernelSystem::new().create_map(&MapSpec::new("untyped", MapType::HASH, 2, 3, 4), None);
    let untyped = untyped.expect("create");
    untyped.upsert(&[1, 2], &[3, 4, 0xff]).expect("room");
    let id = untyped.info().id.to_string();
    assert_eq!(told(&["map", "dump", &id]), "01 02: 03 04 ff\n1 element\n");
    assert!(told(&["map", "list"]).contains("untyped"));
}

#[test]
fn keys_are_shown_where_values_cannot_be_read() {
    if !require("kernel") {
        return;
    }
    let spec = MapSpec::new("events", MapType::PERF_EVENT_ARRAY, 4, 4, 2);
    let map = KernelSystem::new().create_map(&spec, None).expect("create");
    let text = told(&["map", "dump", &map.info().id.to_string()]);
    assert!(text.starts_with("0\n1\nnote: only keys: "), "{text}");
    let queue = MapSpec::new("waiting", MapType::QUEUE, 0, 4, 4);
    let queue = KernelSystem::new()
        .create_map(&queue, None)
        .expect("create");
    let (good, _, err) = run(&["map", "dump", &queue.info().id.to_string()]);
    assert!(!good);
    assert_eq!(
        err,
        "bpfobj: walk on map `waiting`: maps of type queue have no such operation\n"
    );
}

#[test]
fn links_and_pins_are_told_of() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    if system.probe(Feature::Link(LinkType::XDP)) != Ok(Support::Yes) {
        ebpf_testbed::skip("this kernel has no links of XDP");
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let veth = Veth::pair("near", "far").expect("a veth pair");
    let objects = firewall();
    let program = objects.program("firewall").expect("the program");
    let near = Interface::Index(veth.near().index());
    let link = program
        .attach_to(Xdp::on(near).via(XdpVia::Link))
        .expect("attach");
    let pin = sandbox.bpffs().join("link");
    link.pin(&pin).expect("pin");
    let pin = pin.display().to_string();

    let id = link.info().id.expect("a link").to_string();
    let report = &json(&["link", "show", &id])[0];
    assert_eq!(report["link_type"], "xdp");
    assert_eq!(report["program"], program.info().id.0);
    assert_eq!(report["program_name"], "firewall");
    assert_eq!(report["target"]["ifindex"], veth.near().index());
    assert_eq!(report["pinned"][0], *pin);
    assert_eq!(json(&["link", "show", &pin])[0]["id"], report["id"]);
    assert!(told(&["link", "list"]).contains(&format!("interface {}", veth.near().index())));

    let (good, _, err) = run(&["prog", "show", &pin]);
    assert!(!good);
    assert_eq!(
        err,
        format!("bpfobj: {pin}: a link is pinned there, no program\n")
    );
}

#[test]
fn types_are_told_of() {
    if !require("kernel") {
        return;
    }
    let objects = firewall();
    let info = objects.program("firewall").expect("the program").info();
    let report = &json(&["btf", "show", &info.btf_id.to_string()])[0];
    assert_eq!(report["of_kernel"], false);
    assert_eq!(report["programs"], serde_json::json!([info.id.0]));
    assert!(
        report["maps"]
            .as_array()
            .is_some_and(|maps| maps.len() >= 4),
        "{report}"
    );
    assert!(told(&["btf", "list"]).starts_with("ID "));
}

#[test]
fn without_privileges_it_is_said_what_is_missing() {
    if !require("kernel") {
        return;
    }
    let bpfobj = Unprivileged::of(BPFOBJ).expect("the program");
    for (word, kind) in [
        ("prog", "program"),
        ("map", "map"),
        ("link", "link"),
        ("btf", "program"),
    ] {
        let output = bpfobj.command().args([word, "list"]).output();
        let output = output.expect("bpfobj runs");
        assert!(!output.status.success());
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            format!(
                "bpfobj: list ids of kind {kind}: EPERM: operation not permitted (CAP_SYS_ADMIN (or root) is needed)\n"
            )
        );
    }
}

#[test]
fn what_is_not_there_is_said() {
    for (arguments, expected) in [
        (
            ["prog", "show", "2147483646"],
            "bpfobj: open program 2147483646: ",
        ),
        (
            ["map", "dump", "2147483646"],
            "bpfobj: open map 2147483646: ",
        ),
        (
            ["link", "show", "/nonsense/path"],
            "bpfobj: open pin /nonsense/path: ",
        ),
        (["btf", "show", "2147483646"], "bpfobj: "),
    ] {
        let (good, _, err) = run(&arguments);
        assert!(!good && err.starts_with(expected), "{arguments:?}: {err}");
    }
    let (good, _, err) = run(&["prog", "show", "name"]);
    assert!(
        !good && err.contains("write an id, or a path with a `/`"),
        "{err}"
    );
}
