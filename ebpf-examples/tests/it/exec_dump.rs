//! The dump of calls of execve, with real processes.

use std::env::consts::ARCH;
use std::ops::ControlFlow;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use ebpf_core::{Errno, KernelSystem};
use ebpf_examples::exec_dump::{ExecDump, ExecError, Execution, Hook, Processor, Text};
use ebpf_testbed::{Unprivileged, require, skip};
use nix::sys::signal::Signal;

use crate::process::{Running, alone};

const DUMP: &str = env!("CARGO_BIN_EXE_exec_dump");

/// A dump by this hook; `None`, and said so, where the kernel has no such hook.
fn start(hook: Hook) -> Option<ExecDump> {
    match ExecDump::start(&KernelSystem::new(), &[hook], Processor::named(ARCH)) {
        Ok(dump) => Some(dump),
        Err(ExecError::NoHook(reasons)) => {
            let errno = reasons.first().and_then(ExecError::errno);
            let absent = [
                Errno::ENOENT,
                Errno::EOPNOTSUPP,
                Errno::ENODEV,
                Errno::EINVAL,
            ];
            assert!(
                hook == Hook::Kprobe && errno.is_some_and(|errno| absent.contains(&errno)),
                "{reasons:?}"
            );
            skip(&format!("{hook}: {}", reasons[0]));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// A program that does nothing, by its full path: a search for it would be several calls.
fn program() -> &'static str {
    let places = ["/bin/true", "/usr/bin/true"];
    places
        .into_iter()
        .find(|place| Path::new(place).exists())
        .unwrap()
}

/// Runs a program as user 1234 of group 5678, from a thread with a name of its own.
fn run(arguments: &[String]) {
    let mut command = Command::new(program());
    command.args(arguments).uid(1234).gid(5678).current_dir("/");
    let builder = thread::Builder::new().name("starter".to_owned());
    let status = builder.spawn(move || command.status().unwrap()).unwrap();
    assert!(status.join().unwrap().success());
}

/// The call that has this first argument.
fn find(dump: &mut ExecDump, mark: &str) -> Execution {
    let mut found = None;
    while found.is_none() {
        dump.wait(Duration::from_secs(60)).unwrap();
        dump.drain(|execution| {
            let first = execution.arguments.first();
            if first.is_some_and(|text| matches!(text, Text::Whole(text) if text == mark)) {
                found = Some(execution.clone());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    }
    found.unwrap()
}

/// goebpf's original shows the user as the group and the group as the user.
#[test]
fn every_hook_tells_user_and_group_the_right_way_round_and_all_the_arguments() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    for hook in Hook::ALL {
        let Some(mut dump) = start(hook) else {
            continue;
        };
        assert_eq!(dump.hook(), hook);
        let mark = format!("mark-{}-{hook}", process::id());
        let own = [
            mark.clone(),
            String::new(),
            "two words\n".to_owned(),
            "x".repeat(255),
            "y".repeat(256),
            "é".repeat(200),
        ];
        run(&own);
        let execution = find(&mut dump, &mark);
        assert_eq!((execution.uid, execution.gid), (1234, 5678), "{hook}");
        assert_eq!(execution.name, "starter", "{hook}");
        assert_ne!(execution.pid, process::id());
        assert_eq!(execution.file, Text::Whole(program().to_owned()));
        assert!(!execution.more);
        let expected = [
            Text::Whole(mark.clone()),
            Text::Whole(String::new()),
            Text::Whole("two words\n".to_owned()),
            Text::Whole("x".repeat(255)),
            Text::Cut("y".repeat(255)),
            // Half a letter is left of the last.
            Text::Cut("é".repeat(127) + "\u{fffd}"),
        ];
        assert_eq!(execution.arguments, expected, "{hook}");

        for (count, more) in [(19, false), (20, false), (21, true), (300, true)] {
            let mark = format!("mark-{count}-{mark}");
            let numbers = (1..count).map(|number| format!("argument {number}"));
            let arguments: Vec<String> = [mark.clone()].into_iter().chain(numbers).collect();
            run(&arguments);
            let execution = find(&mut dump, &mark);
            assert_eq!(
                (execution.arguments.len(), execution.more),
                (count.min(20), more)
            );
        }

        // A call that fails is one too.
        let mark = format!("absent-{mark}");
        Command::new("/absent/program")
            .arg(&mark)
            .status()
            .unwrap_err();
        let execution = find(&mut dump, &mark);
        assert_eq!(execution.file, Text::Whole("/absent/program".to_owned()));
        dump.detach().unwrap();
        assert_eq!(dump.summary().lost, 0);
    }
}

#[test]
fn the_first_hook_that_works_is_taken() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let system = KernelSystem::new();
    // Where nothing is known of the processor, one hook is left.
    let dump = ExecDump::start(&system, &Hook::ALL, None).unwrap();
    assert_eq!(dump.hook(), Hook::Tracepoint);
    let hooks = [Hook::Kprobe, Hook::RawTracepoint];
    let none = ExecDump::start(&system, &hooks, None).unwrap_err();
    assert_eq!(
        none.to_string(),
        "there is no way to see calls of execve here:\n  \
         kprobe of system call `execve`: where this processor's registers lie is not known here\n  \
         raw tracepoint `sys_enter`: where this processor's registers lie is not known here"
    );
}

#[test]
fn it_shows_calls_until_it_is_interrupted() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    for hook in ["auto", "tracepoint", "raw-tracepoint"] {
        let mut dump = Running::start(Command::new(DUMP).args(["--hook", hook]));
        dump.wait_for("TIME         PCOMM            PID      UID      GID      DESC");
        let mark = format!("mark-{}-{hook}", process::id());
        run(&[mark.clone(), "-l".to_owned()]);
        dump.wait_for(&mark);
        dump.signal(Signal::SIGINT);
        let output = dump.end();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stdout}");
        let row = stdout.lines().find(|line| line.contains(&mark)).unwrap();
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(cells[0].len(), "15:04:05.000".len(), "{row}");
        assert_eq!(cells[1], "starter", "{row}");
        assert_eq!(&cells[3..], ["1234", "5678", program(), &mark, "-l"]);
        let last = stdout.lines().last().unwrap();
        assert!(
            last.starts_with("detached: ") && last.ends_with(" calls received, 0 lost"),
            "{last}"
        );
        assert!(stdout.starts_with("listening by "), "{stdout}");
    }

    let mut dump = Running::start(Command::new(DUMP).args(["--count", "1"]));
    dump.wait_for("DESC");
    run(&["once".to_owned()]);
    let output = dump.end();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), stdout.lines().count()), (Some(0), 4));
}

#[test]
fn without_privileges_it_says_what_the_kernel_said() {
    if !require("kernel") {
        return;
    }
    let copy = Unprivileged::of(DUMP).unwrap();
    let output = copy.command().output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(": EPERM: operation not permitted (CAP_BPF (or root) is needed"),
        "{stderr}"
    );
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}
