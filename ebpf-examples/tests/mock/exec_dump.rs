//! The dump of started programs, seen from each hook.

use std::ops::ControlFlow;

use ebpf_core::Errno;
use ebpf_examples::exec_dump::{ExecDump, ExecError, Execution, Hook, Processor, Text};
use ebpf_mock::fault::{Fault, FaultInjector, Operation};
use ebpf_mock::{MockSystem, TaskSpec};

/// Where the memory of the process is: the file's name, the arguments, and the list of them.
const FILE: u64 = 0x1000;
const TEXTS: u64 = 0x2000;
const LIST: u64 = 0x3000;

/// Has a process of user 1000 and group 100 call execve with these arguments, of which the first is its own name.
fn execve(system: &MockSystem, file: &str, arguments: &[&str]) {
    let text = |text: &str| [text.as_bytes(), b"\0"].concat();
    system.supply_memory(FILE, text(file));
    let (mut texts, mut list) = (Vec::new(), Vec::new());
    for argument in arguments {
        list.extend_from_slice(&(TEXTS + texts.len() as u64).to_ne_bytes());
        texts.extend(text(argument));
    }
    list.extend_from_slice(&[0; 8]);
    system.supply_memory(TEXTS, texts);
    system.supply_memory(LIST, list);
    let shell = TaskSpec::new("sh").ids(77, 77).user(1000, 100);
    let shell = system.add_task(shell).expect("a task");
    let called = system.run_as(&shell, || system.system_call("execve", &[FILE, LIST, 0], 0));
    assert_eq!(called, Ok(1), "one program sees it");
}

#[test]
fn every_hook_tells_who_started_what_with_which_arguments() {
    for hook in Hook::ALL {
        let system = MockSystem::new();
        let started = ExecDump::start(&system, &[hook], Processor::named("x86_64"));
        let mut dump = started.unwrap_or_else(|error| panic!("{hook}: {error}"));
        execve(&system, "/bin/echo", &["echo", "two", "words"]);
        let mut seen: Vec<Execution> = Vec::new();
        let drained = dump.drain(|execution| {
            seen.push(execution.clone());
            ControlFlow::Continue(())
        });
        drained.unwrap_or_else(|error| panic!("{hook}: {error}"));
        let [one] = &seen[..] else {
            panic!("{hook}: {seen:?}");
        };
        let whole = |text: &str| Text::Whole(text.to_owned());
        assert_eq!((one.pid, one.uid, one.gid), (77, 1000, 100), "{hook}");
        assert_eq!(
            (&one.name[..], &one.file),
            ("sh", &whole("/bin/echo")),
            "{hook}"
        );
        assert_eq!(one.arguments, [whole("two"), whole("words")], "{hook}");
        dump.detach().expect("detached");
    }
}

#[test]
fn the_first_hook_that_works_is_taken() {
    let system = FaultInjector::new(MockSystem::new());
    let refused = Fault::at(Operation::Attach).on("execve_kprobe");
    system.inject(refused.errno(Errno::ENOENT));
    let dump = ExecDump::start(&system, &Hook::ALL, Processor::named("x86_64"));
    assert_eq!(dump.expect("another works").hook(), Hook::Tracepoint);

    system.inject(Fault::at(Operation::Attach).errno(Errno::ENOENT));
    let none = ExecDump::start(&system, &Hook::ALL, Processor::named("x86_64"));
    let Err(ExecError::NoHook(reasons)) = none else {
        panic!("{none:?}");
    };
    assert_eq!(reasons.len(), 3);
    assert!(system.inner().inventory().is_empty());
}
