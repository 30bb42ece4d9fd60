//! Stack traces of user space, and who holds what.

use ebpf_core::insn::assemble;
use ebpf_core::kernel::{FileSymbols, ProcessSymbols};
use ebpf_core::map::{Frame, MapFlags, MapSpec, MapType, StackTrace, StackTraces};
use ebpf_core::program::{
    Program, ProgramSpec, ProgramType, Reference, Referent, RunInput, RunOutput,
};
use ebpf_core::system::{Bindings, Feature, Kind};
use ebpf_core::{KernelSystem, System};
use ebpf_testbed::{Sandbox, require};

use super::programs::{load, returns};

/// The user-space stack of this call, in a map with these flags and values of so many bytes.
fn own_stack(system: &KernelSystem, flags: MapFlags, value_size: u32) -> Option<StackTrace> {
    let helper = Feature::Helper(ProgramType::RAW_TRACEPOINT, 27);
    if !system.probe(helper).expect("an answer").is_yes() {
        ebpf_testbed::skip("this kernel collects no stack traces");
        return None;
    }
    let spec = MapSpec::new("stacks", MapType::STACK_TRACE, 4, value_size, 16).with_flags(flags);
    let stacks = system.create_map(&spec, None).expect("create");
    // `BPF_F_USER_STACK`
    let text = "r2 = 0 ll\nr3 = 256\ncall bpf_get_stackid\nexit";
    let mut spec = ProgramSpec::new(
        "collector",
        ProgramType::RAW_TRACEPOINT,
        assemble(text).expect("a program"),
    )
    .with_license("GPL");
    let map = spec.map_index("stacks");
    spec.references = vec![Reference {
        instruction: 0,
        referent: Referent::Map { map },
    }];
    let bindings = Bindings {
        maps: &[&*stacks],
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings).expect("load");
    let result = match program.run(&RunInput::context(&[]), &mut RunOutput::none()) {
        Ok(result) => result,
        Err(error) => {
            ebpf_testbed::skip(&format!(
                "this kernel does not run raw tracepoints: {error}"
            ));
            return None;
        }
    };
    let id = result.return_value;
    assert!((id as i32) >= 0, "bpf_get_stackid: {}", id as i32);
    let stacks = StackTraces::new(stacks).expect("stack traces");
    Some(stacks.get(id).expect("lookup").expect("a trace"))
}

#[test]
fn a_frame_of_ours_is_in_our_executable() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let Some(trace) = own_stack(&system, MapFlags::NONE, 8 * 32) else {
        return;
    };
    let Some(Some(address)) = trace.call_addresses().next() else {
        panic!("no frames: {trace:?}")
    };
    assert_eq!(
        system.facts().symbol_at(address),
        Ok(None),
        "no symbol of the kernel"
    );
    let found = ProcessSymbols::of(0).expect("our own").at(address);
    let found = found.expect("a place in a file");
    // The system call is made by the library in this executable, or by the C library.
    assert!(found.symbol.is_some(), "{found}");
    assert!(found.file.starts_with('/'), "{found}");
}

#[test]
fn a_build_id_is_that_of_our_executable() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let Some(trace) = own_stack(&system, MapFlags::STACK_BUILD_ID, 32 * 8) else {
        return;
    };
    let Some(Frame::File { build_id, offset }) = trace.frames().first() else {
        ebpf_testbed::skip("the kernel could not look at our executable");
        return;
    };
    let own = FileSymbols::open(&std::env::current_exe().expect("a path")).expect("symbols");
    if own.build_id().is_some_and(|id| build_id.starts_with(id)) {
        assert!(own.at(*offset).is_some(), "{offset:#x}");
    } else {
        assert_ne!(*build_id, [0; 20], "that of the C library");
    }
}

#[test]
fn processes_are_told_that_hold_an_object() {
    if !require("kernel") {
        return;
    }
    let program = load(&returns(0, ProgramType::XDP)).expect("load");
    let holders = KernelSystem::new().holders().expect("holders");
    let ours = holders
        .iter()
        .find(|holder| holder.kind == Kind::Program && holder.id == program.info().id.0)
        .expect("we hold it");
    assert_eq!(ours.pid, std::process::id());
    assert!(!ours.comm.is_empty());
}

#[test]
fn pins_are_found_wherever_a_bpffs_is() {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    let deep = sandbox.bpffs().join("one/two");
    std::fs::create_dir_all(&deep).expect("mkdir");
    let program = load(&returns(0, ProgramType::XDP)).expect("load");
    let path = deep.join("program");
    program.pin(&path).expect("pin");
    let pins = system.pins().expect("pins");
    let found = pins.iter().find(|pin| pin.path == path).expect("our pin");
    assert_eq!((found.kind, found.id), (Kind::Program, program.info().id.0));
}
