//! Structures of the kernel that programs have pointers to, with memory that the test supplies; what programs keep, and
//! what they forget to give back.

use std::sync::Arc;
use std::time::Duration;

use ebpf_core::btf::Kind;
use ebpf_core::hook::Tracing;
use ebpf_core::insn::assemble;
use ebpf_core::map::{Map, MapSpec, MapType, UpdateFlags};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{
    Extern, ExternKind, Program, ProgramFlags, ProgramSpec, ProgramType, Reference, Referent,
    RunInput, RunOutput,
};
use ebpf_core::system::{Bindings, ExternValue};
use ebpf_core::{Collection, Errno, System, SystemExt};
use ebpf_mock::{KernelTypes, MockSystem};

const TYPED: &[u8] = include_bytes!("../../../ebpf-core/testdata/trace/typed.bpf.o");
const ARENAS: &[u8] = include_bytes!("../../../ebpf-core/testdata/conformance/arenas.bpf.o");

/// Where a structure of the test's is.
const OPENED: u64 = 0xffff_8881_0000_0000;

fn machine() -> MockSystem {
    let types = KernelTypes::new()
        .function("test_open", &["opened", "flags"])
        .lsm_hook("file_open", &["file"])
        .variable("test_limit", 4, false)
        .variable("test_counter", 4, true);
    MockSystem::builder().kernel_types(types).build()
}

fn loaded(system: &MockSystem) -> Option<Collection> {
    let object = ObjectSpec::parse(TYPED).expect("parse");
    let native = object.endian.is_native();
    native.then(|| system.load(&object).expect("load"))
}

fn seen(loaded: &Collection, name: &str) -> u64 {
    loaded.global(name).expect("a variable").get()
}

/// Bytes of a `struct opened`.
fn opened(mode: u32, inner: u64) -> Vec<u8> {
    [u64::from(mode).to_le_bytes(), inner.to_le_bytes()].concat()
}

fn ask(loaded: &Collection, program: &str) -> u32 {
    let program = loaded.program(program).expect("a program");
    let ran = program.run(&RunInput::context(&[0; 8]), &mut RunOutput::none());
    ran.expect("run").return_value
}

#[test]
fn arguments_are_followed_into_memory_of_the_test() {
    let system = machine();
    let Some(loaded) = loaded(&system) else {
        return;
    };
    let _links = ["entry", "leave", "guard"].map(|name| {
        let program = loaded.program(name).expect("a program");
        program.attach(&Tracing::new().into()).expect("attach")
    });
    system.supply_memory(OPENED, opened(5, OPENED + 0x100));
    system.supply_memory(OPENED + 0x100, 77u64.to_le_bytes());
    let result = system.call_kernel_function("test_open", &[OPENED, 9], 33);
    assert_eq!(result, Ok(33));
    assert_eq!((seen(&loaded, "mode"), seen(&loaded, "number")), (5, 77));
    assert_eq!(
        (seen(&loaded, "argument"), seen(&loaded, "arguments")),
        (9, 2)
    );
    assert_eq!(seen(&loaded, "past") as i64, i64::from(-Errno::EINVAL.0));
    assert_eq!(
        seen(&loaded, "no_result") as i64,
        i64::from(-Errno::EOPNOTSUPP.0)
    );
    assert_eq!(seen(&loaded, "result"), 33);

    // A field that is NULL, and a structure that is nowhere, read as zeros.
    system.supply_memory(OPENED, opened(6, 0));
    system
        .call_kernel_function("test_open", &[OPENED, 0], 0)
        .expect("call");
    assert_eq!((seen(&loaded, "mode"), seen(&loaded, "number")), (6, 0));
    system
        .call_kernel_function("test_open", &[OPENED + 0x10_0000, 0], 0)
        .expect("call");
    assert_eq!(seen(&loaded, "mode"), 0);

    assert_eq!(
        system.call_kernel_function("bpf_lsm_file_open", &[OPENED], 0),
        Ok(0)
    );
    system.supply_memory(OPENED, opened(7, 0));
    let denied = system.call_kernel_function("bpf_lsm_file_open", &[OPENED], 0);
    assert_eq!(denied.map(|result| result as i32), Ok(-1));
}

#[test]
fn variables_of_the_kernel_are_the_tests() {
    let system = machine();
    let Some(loaded) = loaded(&system) else {
        return;
    };
    system.supply_variable("test_limit", 40i32.to_le_bytes());
    for cpu in 0..4 {
        system.supply_per_cpu_variable("test_counter", cpu, (100 + cpu).to_le_bytes());
    }
    system
        .on_cpu(3, || ask(&loaded, "variables"))
        .expect("a CPU");
    assert_eq!(seen(&loaded, "limit"), 40);
    let counters: [u64; 3] = loaded.global("counters").expect("counters").get();
    assert_eq!(counters, [102, 99, 103]);
}

#[test]
fn a_task_has_memory_where_the_test_supplied_it() {
    let system = machine();
    let Some(loaded) = loaded(&system) else {
        return;
    };
    ask(&loaded, "current");
    assert_eq!(seen(&loaded, "task_word"), 0);
    let task = system.current_task();
    system.supply_memory(task.address(), 1234u64.to_le_bytes());
    ask(&loaded, "current");
    assert_eq!(seen(&loaded, "task_word"), 1234);
}

#[test]
fn callbacks_of_structures_are_called() {
    let types = KernelTypes::new().struct_ops("test_ops", &["first", "second"]);
    let system = MockSystem::builder().kernel_types(types).build();
    let btf = system.target_btf().expect("types").expect("types");
    let structure = btf.find("test_ops", Kind::STRUCT).expect("the structure");
    let text = "r1 = *(u64 *)(r1 + 0)\nr0 = *(u64 *)(r1 + 8)\nexit";
    let mut spec = ProgramSpec::new(
        "second",
        ProgramType::STRUCT_OPS,
        assemble(text).expect("text"),
    )
    .with_license("GPL");
    spec.expected_attach_type = Some(ebpf_core::program::AttachType(1));
    let target = ebpf_core::system::BtfTarget {
        type_id: structure,
        module: None,
    };
    let bindings = Bindings {
        attach_btf: Some(&target),
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings).expect("load");
    let mut map = MapSpec::new("ops", MapType::STRUCT_OPS, 4, 128, 1);
    map.struct_ops = Some("test_ops".into());
    let map = system.create_map(&map, None).expect("a map");
    let mut value = vec![0; map.info().value_size as usize];
    let descriptor = program
        .handle()
        .raw_in(system.id())
        .expect("of this system");
    value[72..76].copy_from_slice(&descriptor.to_ne_bytes());
    map.update_elem(&[0; 4], &value, UpdateFlags::ANY)
        .expect("update");

    system.supply_memory(OPENED, opened(0, 55));
    assert_eq!(system.call_struct_ops(&*map, "second", &[OPENED]), Ok(55));
    let absent = system.call_struct_ops(&*map, "first", &[OPENED]);
    assert!(absent.is_err_and(|error| error.to_string().contains("ENOENT")));
}

/// A system-call program of this text; `call N` of its externs where it says `call kernel_N`.
fn calling(system: &MockSystem, text: &str, functions: &[&str]) -> Arc<dyn Program> {
    let placed = text.replace("call kernel", "call bpf_ktime_get_ns");
    let instructions = assemble(&placed).expect("text");
    let mut spec = ProgramSpec::new("case", ProgramType::SYSCALL, instructions).with_license("GPL");
    spec.flags = ProgramFlags::SLEEPABLE;
    let calls = spec.instructions.iter().enumerate();
    let calls: Vec<u32> = calls
        .filter(|(_, insn)| insn.call_kind().is_some() && insn.imm == 5)
        .map(|(at, _)| at as u32)
        .collect();
    assert_eq!(calls.len(), functions.len());
    let btf = system.target_btf().expect("types").expect("types");
    let mut externs = Vec::new();
    for (index, (instruction, name)) in calls.into_iter().zip(functions).enumerate() {
        spec.references.push(Reference {
            instruction,
            referent: Referent::Extern { index },
        });
        spec.externs.push(Extern {
            name: (*name).into(),
            kind: ExternKind::Function,
            weak: false,
            type_id: None,
        });
        let type_id = btf.find(name, Kind::FUNC).expect("a kernel function");
        let target = ebpf_core::system::BtfTarget {
            type_id,
            module: None,
        };
        externs.push(ExternValue::Typed(target));
    }
    let bindings = Bindings {
        externs: &externs,
        ..Bindings::default()
    };
    system.load_program(&spec, &bindings).expect("load")
}

fn fault(program: &dyn Program) -> String {
    let ran = program.run(&RunInput::context(&[]), &mut RunOutput::none());
    ran.expect_err("a fault").to_string()
}

#[test]
fn what_is_not_given_back_is_a_fault() {
    let system = MockSystem::new();
    let leak = "r1 = 1000\ncall kernel\nr0 = 0\nexit";
    let said = fault(&*calling(&system, leak, &["bpf_task_from_pid"]));
    assert!(
        said.contains("a task is not given back at the end"),
        "{said}"
    );
    let locked = "call kernel\nr0 = 0\nexit";
    let said = fault(&*calling(&system, locked, &["bpf_rcu_read_lock"]));
    assert!(
        said.contains("bpf_rcu_read_lock is not given back"),
        "{said}"
    );
    let twice =
        "r1 = 1000\ncall kernel\nr6 = r0\nr1 = r6\ncall kernel\nr1 = r6\ncall kernel\nr0 = 0\nexit";
    let functions = ["bpf_task_from_pid", "bpf_task_release", "bpf_task_release"];
    let said = fault(&*calling(&system, twice, &functions));
    assert!(
        said.contains("is no task that has to be given back"),
        "{said}"
    );
}

#[test]
fn user_space_shares_an_arena() {
    let system = MockSystem::new();
    let mut object = ObjectSpec::parse(ARENAS).expect("parse");
    if !object.endian.is_native() {
        return;
    }
    let arena = object.maps.iter_mut().find(|map| &*map.name == "arena");
    arena.expect("the arena").map_extra = 1 << 44;
    let loaded = system.load(&object).expect("load");
    let map = loaded.map("arena").expect("arena");
    system
        .write_arena(&**map, 4096 + 8, &7u64.to_ne_bytes())
        .expect("write");
    loaded
        .global::<u64>("address")
        .expect("address")
        .set(&((1 << 44) + 4096 + 8))
        .expect("set");
    ask(&loaded, "fetch");
    assert_eq!(seen(&loaded, "result"), 7);
    loaded
        .global::<u64>("number")
        .expect("number")
        .set(&9)
        .expect("set");
    ask(&loaded, "store");
    let mut bytes = [0; 8];
    system
        .read_arena(&**map, 4096 + 8, &mut bytes)
        .expect("read");
    assert_eq!(u64::from_ne_bytes(bytes), 9);
    assert!(
        system.read_arena(&**map, 8 * 4096 - 4, &mut bytes).is_err(),
        "past the end"
    );
    let page = system.read_arena(&**map, 0, &mut bytes);
    page.expect("a page comes to be");
    loaded
        .global::<u64>("address")
        .expect("address")
        .set(&0)
        .expect("set");
    loaded
        .global::<u32>("pages")
        .expect("pages")
        .set(&1)
        .expect("set");
    ask(&loaded, "allocate");
    assert_eq!(
        seen(&loaded, "result"),
        (1 << 44) + 2 * 4096,
        "the first two are taken"
    );
}

#[test]
fn time_goes_by_without_anything_to_do() {
    let system = MockSystem::new();
    let before = system.clock().expect("clocks");
    assert_eq!(system.advance_clock(Duration::from_secs(3)), Ok(0));
    let after = system.clock().expect("clocks");
    assert_eq!(after.boot, before.boot + Duration::from_secs(3));
    assert_eq!(after.wall, before.wall + Duration::from_secs(3));
    assert_eq!(
        system.advance_clock(Duration::MAX),
        Ok(0),
        "as far as it goes"
    );
}

#[test]
fn a_timer_in_a_map_without_one_is_a_fault() {
    let system = MockSystem::new();
    let map = MapSpec::new("plain", MapType::ARRAY, 4, 16, 1);
    let map = system.create_map(&map, None).expect("a map");
    let text = "r1 = 0 ll\nr2 = r10\nr2 += -4\n*(u32 *)(r10 - 4) = 0\ncall bpf_map_lookup_elem\nif r0 == 0 goto out\n\
                r1 = r0\nr2 = 0 ll\nr3 = 1\ncall bpf_timer_init\nout: r0 = 0\nexit";
    let mut spec = ProgramSpec::new("case", ProgramType::SYSCALL, assemble(text).expect("text"))
        .with_license("GPL");
    spec.flags = ProgramFlags::SLEEPABLE;
    let wide: Vec<_> = (0..spec.instructions.len())
        .filter(|at| spec.instructions[*at].is_wide())
        .collect();
    for at in wide {
        let referent = Referent::Map { map: 0 };
        spec.references.push(Reference {
            instruction: at as u32,
            referent,
        });
    }
    spec.maps = vec!["plain".into()];
    let bindings = Bindings {
        maps: &[&*map],
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings).expect("load");
    let said = fault(&*program);
    assert!(
        said.contains("argument 1 of bpf_timer_init is no timer in a value of a map"),
        "{said}"
    );
}
