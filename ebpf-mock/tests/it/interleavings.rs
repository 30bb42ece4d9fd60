//! Programs on several CPUs at once, in every order.

use ebpf_core::hook::Xdp;
use ebpf_core::map::{Map, MapError, UpdateFlags};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::ProgramExt;
use ebpf_core::{Collection, MapExt, SystemExt};
use ebpf_mock::testing::{
    BrokenSchedule, Explored, InterleavingError, Interleavings, Scenario, ScenarioError, Violation,
};
use ebpf_mock::{InterfaceSpec, MockSystem};

const OBJECT: &[u8] = include_bytes!("../../testdata/interleave/counters.bpf.o");
const SOURCE: &str = include_str!("../../testdata/interleave/counters.bpf.c");
const FRAME: [u8; 64] = [0; 64];

type Made = Result<Scenario, ScenarioError>;

fn load(system: &MockSystem) -> Result<Collection, ScenarioError> {
    Ok(system.load(&ObjectSpec::parse(OBJECT)?)?)
}

/// A number at the end of a value.
fn counted(map: &dyn Map, key: u32) -> Result<u64, MapError> {
    let value = map.get(&key.to_ne_bytes())?.unwrap_or_default();
    Ok(value
        .last_chunk()
        .map_or(0, |number| u64::from_ne_bytes(*number)))
}

/// So many CPUs run a program once each; what a map has in the end under a key has to be their number.
fn counting(name: &'static str, map: &'static str, key: u32, cpus: u32) -> impl FnMut() -> Made {
    move || {
        let system = MockSystem::new();
        let loaded = load(&system)?;
        let mut scenario = Scenario::new(&system);
        for cpu in 0..cpus {
            let program = loaded.program(name)?.clone();
            scenario = scenario.on_cpu(cpu, move || program.run_once(&FRAME, 0).map(drop));
        }
        let map = loaded.map(map)?.clone();
        Ok(scenario.holds(move || match counted(&*map, key)? {
            all if all == u64::from(cpus) => Ok(()),
            some => Err(ScenarioError::from(format!(
                "{some} of {cpus} packets are counted"
            ))),
        }))
    }
}

#[track_caller]
fn broken(explored: Result<Explored, InterleavingError>) -> BrokenSchedule {
    match explored {
        Err(InterleavingError::Broken(broken)) => *broken,
        other => panic!("a schedule should be broken: {other:?}"),
    }
}

fn line(text: &str) -> usize {
    let at = SOURCE.lines().position(|line| line.contains(text));
    at.expect("a line") + 1
}

#[test]
fn a_lost_update_is_found_and_told() {
    let explore = || Interleavings::new().explore(counting("count_plain", "total", 0, 2));
    let found = broken(explore());
    let count = line("*packets += 1;");
    let expected = format!(
        "1 of 2 packets are counted
  under the schedule `0x1 1x2 0x1` of 2 instances, with 1 preemption, found in {} runs
  CPU 0  counters.bpf.c:{count}  *packets += 1;  // reads `total`
  CPU 1  counters.bpf.c:{count}  *packets += 1;  // reads `total`
  CPU 1  counters.bpf.c:{count}  *packets += 1;  // writes `total`
  CPU 0  counters.bpf.c:{count}  *packets += 1;  // writes `total`",
        found.tried()
    );
    assert_eq!(found.to_string(), expected);
    assert_eq!(broken(explore()).to_string(), expected, "the same again");

    let replay =
        |schedule: &str, name| Interleavings::new().replay(schedule, counting(name, "total", 0, 2));
    let again = broken(replay(&found.schedule(), "count_plain"));
    assert_eq!((again.violation(), again.tried()), (found.violation(), 1));
    assert!(
        replay("0x2 1x2", "count_plain").is_ok(),
        "one after the other"
    );
    assert!(replay("1x2", "count_plain").is_ok(), "the rest as it comes");
    for other in ["0x2 1x2", "7x1", "0x1 0x1"] {
        let answer = replay(other, "count_atomic");
        let repeats = !matches!(answer, Err(InterleavingError::NotRepeatable { .. }));
        assert!(!repeats, "{other}: {answer:?}");
    }
    for text in ["", "0", "x1", "0x", "1x-1"] {
        let answer = replay(text, "count_plain");
        assert!(
            matches!(answer, Err(InterleavingError::NoSchedule(_))),
            "{text}"
        );
    }
}

#[test]
fn atomics_locks_and_values_of_their_own_lose_nothing() {
    for (name, map) in [("count_atomic", "total"), ("count_locked", "guarded")] {
        for cpus in [2, 3] {
            let explored = Interleavings::new().explore(counting(name, map, 0, cpus));
            let explored = explored.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(explored.is_exhaustive(), "{name} on {cpus}: {explored}");
        }
    }
    // Nobody touches what another one does, so that there is one order.
    let each = Interleavings::new().explore(|| {
        let system = MockSystem::builder().cpus(2).build();
        let loaded = load(&system)?;
        let mut scenario = Scenario::new(&system);
        for cpu in 0..2 {
            let program = loaded.program("count_each")?.clone();
            scenario = scenario.on_cpu(cpu, move || program.run_once(&FRAME, 0).map(drop));
        }
        let map = loaded.map("each")?.clone();
        Ok::<_, ScenarioError>(scenario.holds(move || {
            let values = map.get(&[0; 4])?.unwrap_or_default();
            assert_eq!(values, [1u64.to_ne_bytes(); 2].concat());
            Ok::<_, MapError>(())
        }))
    });
    let each = each.expect("it holds");
    // Who begins is still to be chosen.
    assert!(each.is_exhaustive() && each.schedules <= 4, "{each}");
}

#[test]
fn three_cpus_lose_more() {
    let explore = |preemptions| {
        Interleavings::new()
            .preemptions(preemptions)
            .random(0, 0)
            .explore(counting("count_plain", "total", 0, 3))
    };
    let none = explore(0).expect("without preemptions nothing is lost");
    assert_eq!((none.preemptions, none.is_exhaustive()), (Some(0), false));
    assert_eq!(broken(explore(1)).preemptions(), 1);
    // By chance alone.
    let chance = Interleavings::new().schedules(1).random(100, 7);
    let found = broken(chance.explore(counting("count_plain", "total", 0, 3)));
    let again = Interleavings::new();
    broken(again.replay(&found.schedule(), counting("count_plain", "total", 0, 3)));
}

#[test]
fn a_careless_first_update_is_found() {
    let length = FRAME.len() as u32;
    let found =
        broken(Interleavings::new().explore(counting("count_careless", "by_length", length, 2)));
    let text = found.to_string();
    assert!(text.contains("bpf_map_update_elem(&by_length"), "{text}");
    let careful = Interleavings::new().explore(counting("count_careful", "by_length", length, 2));
    assert!(careful.expect("it holds").is_exhaustive());
}

#[test]
fn user_space_takes_part() {
    // Reads and then clears, while a program counts with an atomic instruction.
    let explored = Interleavings::new().explore(|| {
        let system = MockSystem::new();
        let loaded = load(&system)?;
        let program = loaded.program("count_atomic")?.clone();
        let total = loaded.map("total")?.clone();
        let collected = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let (reader, seen) = (total.clone(), collected.clone());
        Ok::<_, ScenarioError>(
            Scenario::new(&system)
                .on_cpu(0, move || program.run_once(&FRAME, 0).map(drop))
                .on_cpu(1, move || {
                    seen.store(counted(&*reader, 0)?, std::sync::atomic::Ordering::Relaxed);
                    reader.update_elem(&[0; 4], &[0; 8], UpdateFlags::ANY)
                })
                .holds(move || {
                    let seen = collected.load(std::sync::atomic::Ordering::Relaxed);
                    match seen + counted(&*total, 0)? {
                        1 => Ok(()),
                        _ => Err(ScenarioError::from("the packet is counted nowhere")),
                    }
                }),
        )
    });
    let text = broken(explored).to_string();
    assert!(
        text.contains("user space         looks up in `total`"),
        "{text}"
    );
}

#[test]
fn what_is_attached_takes_part() {
    let explored = Interleavings::new().explore(|| {
        let system = MockSystem::new();
        let loaded = load(&system)?;
        let interface = system.add_interface(InterfaceSpec::new("eth0"))?;
        let program = loaded.program("count_plain")?;
        let link = program.attach_to(Xdp::on(interface.clone()))?;
        let mut scenario = Scenario::new(&system);
        for cpu in [2, 3] {
            let (system, interface) = (system.clone(), interface.clone());
            scenario = scenario.on_cpu(cpu, move || system.inject(interface, &FRAME).map(drop));
        }
        let total = loaded.map("total")?.clone();
        Ok::<_, ScenarioError>(scenario.holds(move || {
            drop(link);
            assert_eq!(counted(&*total, 0)?, 2, "packets");
            Ok::<_, MapError>(())
        }))
    });
    let found = broken(explored);
    assert!(
        matches!(found.violation(), Violation::Invariant(_)),
        "{found}"
    );
    assert!(
        found.to_string().contains("  CPU 3  counters.bpf.c:"),
        "{found}"
    );
}

#[test]
fn what_fails_and_what_does_not_end_is_said() {
    let with = |instance: fn(&dyn Map) -> Result<(), ScenarioError>| {
        Interleavings::new().accesses(100).explore(|| {
            let system = MockSystem::new();
            let total = load(&system)?.map("total")?.clone();
            Ok::<_, ScenarioError>(Scenario::new(&system).on_cpu(1, move || instance(&*total)))
        })
    };
    let failed = broken(with(|_| Err("no luck".into())));
    let violation = Violation::Failed {
        instance: 0,
        cpu: 1,
        error: "no luck".to_owned(),
    };
    assert_eq!(failed.violation(), &violation);
    let panicked = broken(with(|_| panic!("at the wrong time")));
    assert!(
        panicked
            .to_string()
            .starts_with("on CPU 1: at the wrong time\n")
    );
    let endless = broken(with(|total| {
        loop {
            counted(total, 0)?;
        }
    }));
    assert_eq!(endless.violation(), &Violation::Endless);
    let no_cpu = Interleavings::new().explore(|| {
        let system = MockSystem::new();
        Ok::<_, ScenarioError>(Scenario::new(&system).on_cpu(99, || Ok::<_, ScenarioError>(())))
    });
    assert!(broken(no_cpu).to_string().contains("CPU 99"));
    let no_scenario = Interleavings::new().explore(|| Err::<Scenario, _>("no object"));
    let no_scenario = no_scenario.expect_err("there is nothing to run");
    assert_eq!(
        no_scenario.to_string(),
        "the scenario could not be made: no object"
    );
}
