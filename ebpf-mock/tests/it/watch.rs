//! What is told of programs that run: where they were stopped, which lines they executed.

use std::sync::{Arc, Mutex};

use ebpf_core::insn::{Class, Insn, JmpOp, Opcode, Source};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{Program, RunInput, RunOutput};
use ebpf_core::{System, SystemExt};
use ebpf_mock::{Coverage, MockSystem};

const OBJECT: &[u8] = include_bytes!("../../../ebpf-examples/bpf/packet_counter.bpf.o");
const SOURCE: &str = include_str!("../../../ebpf-examples/bpf/packet_counter.bpf.c");

/// An Ethernet frame with the beginning of an IPv4 header.
fn frame(length: usize) -> Vec<u8> {
    let mut frame = vec![0; length];
    for (byte, value) in frame[12..].iter_mut().zip([0x08, 0x00, 0x45]) {
        *byte = value;
    }
    frame
}

fn counter(system: &dyn System, edit: impl Fn(&mut Vec<Insn>)) -> Arc<dyn Program> {
    let mut object = ObjectSpec::parse(OBJECT).expect("an object");
    for program in &mut object.programs {
        edit(&mut program.instructions);
    }
    let collection = system.load(&object).expect("load");
    let program = collection.program("count_xdp").expect("the program");
    program.clone()
}

fn run(program: &dyn Program, frame: &[u8]) -> Result<u32, String> {
    let result = program.run(&RunInput::data(frame), &mut RunOutput::none());
    let result = result.map_err(|error| error.to_string())?;
    Ok(result.return_value)
}

/// The line of the source that has a text, from 1.
fn line(text: &str) -> u32 {
    let at = SOURCE.lines().position(|line| line.contains(text));
    at.expect("a line") as u32 + 1
}

#[test]
fn lines_functions_and_branches_are_counted() {
    let system = MockSystem::builder().coverage().build();
    let program = counter(&system, |_| {});
    for length in [64, 64, 14] {
        assert_eq!(run(&*program, &frame(length)), Ok(2));
    }
    let coverage = system.coverage();
    let file = coverage
        .files()
        .find(|file| file.ends_with("packet_counter.bpf.c"))
        .expect("the source");
    let executed = |text: &str| coverage.line(file, line(text));
    assert_eq!(executed("return XDP_PASS;"), Some(3));
    assert_eq!(executed("counter->packets += 1;"), Some(3));
    assert_eq!(executed("#include"), None);
    assert_eq!(coverage.function("count_xdp"), Some(3));
    let text = coverage.to_string();
    assert!(
        text.contains(&format!("DA:{},3\n", line("return XDP_PASS;"))),
        "{text}"
    );
    assert!(text.contains("FNDA:3,count_xdp\n"));
    // Some branch was taken for one length and not for the other.
    let both = |file: &str| {
        let counts: Vec<&str> = file
            .lines()
            .filter(|line| line.starts_with("BRDA:"))
            .collect();
        counts
            .windows(2)
            .any(|ways| ways[0].ends_with(",0,2") && ways[1].ends_with(",1,1"))
            || counts
                .windows(2)
                .any(|ways| ways[0].ends_with(",0,1") && ways[1].ends_with(",1,2"))
    };
    assert!(both(&text), "{text}");

    // What genhtml checks: of a line with branches that was executed, one was reached, and of others none.
    for file in text.split("end_of_record") {
        let numbers = |kind: &str| -> Vec<(u32, bool)> {
            let records = file.lines().filter_map(|line| line.strip_prefix(kind));
            let records = records.map(|record| {
                let (line, rest) = record.split_once(',').expect("two numbers");
                let count = rest.rsplit(',').next().expect("a count");
                (line.parse().expect("a line"), !["0", "-"].contains(&count))
            });
            records.collect()
        };
        let branches = numbers("BRDA:");
        for (line, hit) in numbers("DA:") {
            let mut of_line = branches.iter().filter(|branch| branch.0 == line).peekable();
            if of_line.peek().is_some() {
                assert_eq!(
                    of_line.any(|branch| branch.1),
                    hit,
                    "line {line} in\n{file}"
                );
            }
        }
    }

    let mut twice = Coverage::parse(&text);
    assert_eq!(twice.to_string(), text);
    twice.merge(&coverage);
    assert_eq!(twice.function("count_xdp"), Some(6));
}

#[test]
fn nothing_is_counted_unless_asked() {
    if std::env::var_os("EBPF_COVERAGE").is_some() {
        return;
    }
    let system = MockSystem::new();
    run(&*counter(&system, |_| {}), &frame(64)).expect("a run");
    assert!(system.coverage().is_empty());
}

#[test]
fn executed_lines_are_traced() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = lines.clone();
    let system = MockSystem::builder()
        .trace(move |step| {
            if let Some(position) = &step.position {
                seen.lock().expect("no panic").push(position.line);
            }
        })
        .build();
    run(&*counter(&system, |_| {}), &frame(64)).expect("a run");
    let lines = lines.lock().expect("no panic");
    let count = line("counter->packets += 1;");
    let pass = line("return XDP_PASS;");
    let counted = lines
        .iter()
        .position(|line| *line == count)
        .expect("it counts");
    let passed = lines
        .iter()
        .rposition(|line| *line == pass)
        .expect("it passes");
    assert!(counted < passed);
}

#[test]
fn a_read_past_the_packet_is_shown_in_the_source() {
    let system = MockSystem::builder().static_checks(false).build();
    let program = counter(&system, |instructions| {
        // Nothing compares with the packet's end any more.
        let compares = Opcode::jmp(Class::JMP, JmpOp::JGT, Source::REG);
        for insn in instructions.iter_mut().filter(|insn| insn.code == compares) {
            *insn = Insn::goto(0);
        }
    });
    let report = run(&*program, &frame(20)).expect_err("a fault");
    println!("{report}");
    let mut lines = report.lines();
    let first = lines.next().unwrap_or_default();
    assert!(
        first.contains("of the packet, which has 20 bytes"),
        "{report}"
    );
    let second = lines.next().unwrap_or_default();
    assert!(
        second.contains("--> ") && second.contains("packet.h:"),
        "{report}"
    );
    for part in [
        "^",
        " = in `count_xdp`, instruction ",
        " is the packet +",
        " from ",
        " = before that:",
    ] {
        assert!(report.contains(part), "no `{part}` in\n{report}");
    }
}

/// What the next test starts in processes of its own: systems on several threads, which the environment tells to count.
#[test]
fn many_systems_run() {
    let threads: Vec<_> = (0..3)
        .map(|_| {
            std::thread::spawn(|| {
                let system = MockSystem::new();
                let program = counter(&system, |_| {});
                for length in [64, 64, 14] {
                    assert_eq!(run(&*program, &frame(length)), Ok(2));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn threads_and_processes_add_up() {
    let name = format!("ebpf-mock-coverage-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let start = || {
        std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "watch::many_systems_run"])
            .env("EBPF_COVERAGE", &directory)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("a process")
    };
    for mut process in [start(), start()] {
        assert!(process.wait().expect("it ends").success());
    }
    let files = std::fs::read_dir(&directory).expect("a directory").count();
    let coverage = Coverage::read_dir(&directory).expect("coverage");
    std::fs::remove_dir_all(&directory).expect("removed");
    assert_eq!(files, 6, "one of each system");
    // Two processes of three threads, each with three runs.
    assert_eq!(coverage.function("count_xdp"), Some(18));
    let file = coverage
        .files()
        .find(|file| file.ends_with("packet_counter.bpf.c"))
        .expect("the source");
    assert_eq!(coverage.line(file, line("return XDP_PASS;")), Some(18));
    let ways = coverage.to_string();
    let ways = ways.lines().filter(|line| line.starts_with("BRDA:"));
    let both = ways.filter(|way| way.ends_with(",12") || way.ends_with(",6"));
    assert!(both.count() >= 2, "a branch that depends on the length");
}
