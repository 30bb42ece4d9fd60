//! Runs a program of this crate and looks at what it leaves behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, thread};

use ebpf_core::kernel::KernelSystem;
use ebpf_core::program::ProgramId;
use ebpf_core::system::{Kind, System};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// One test of this crate at a time has firewalls at work, so that they do not slow each other down.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps this thread where it is, and with it the ring that what it sends comes into; gives the CPU.
pub(crate) fn stay_on_one_cpu() -> usize {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).unwrap();
    let mut all = 0..CpuSet::count();
    let first = all.find(|cpu| allowed.is_set(*cpu).unwrap()).unwrap();
    let mut one = CpuSet::new();
    one.set(first).unwrap();
    sched_setaffinity(this, &one).unwrap();
    first
}

/// A program that runs, and its output so far.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    seen: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdout,
            seen: String::new(),
        }
    }

    /// Reads lines until one contains `text`.
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            let start = self.seen.len();
            let length = self.stdout.read_line(&mut self.seen).unwrap();
            if length == 0 {
                let mut stderr = String::new();
                let from = self.child.stderr.as_mut().unwrap();
                from.read_to_string(&mut stderr).unwrap();
                panic!("it ended before it said `{text}`:\n{}{stderr}", self.seen);
            }
            if self.seen[start..].contains(text) {
                return;
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits until it ends, and gives all that it said.
    pub(crate) fn end(mut self) -> Output {
        while self.stdout.read_line(&mut self.seen).unwrap() > 0 {}
        let mut output = self.child.wait_with_output().unwrap();
        output.stdout = self.seen.into_bytes();
        output
    }
}

/// Runs a program that ends with this code, says nothing on standard output, and on standard error something that begins
/// with `message`, or is `message` where that is whole lines.
pub(crate) fn told(program: &str, arguments: &[&str], code: i32, message: &str) {
    let output = Running::start(Command::new(program).args(arguments)).end();
    let stderr = String::from_utf8(output.stderr).unwrap();
    if message.ends_with('\n') {
        assert_eq!(stderr, message);
    } else {
        assert!(stderr.starts_with(message), "{stderr}");
    }
    assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0));
}

/// The firewalls in the kernel.
pub(crate) fn firewalls() -> Vec<u32> {
    let system = KernelSystem::new();
    let mut found = Vec::new();
    let mut last = None;
    while let Some(id) = system.next_id(Kind::Program, last).unwrap() {
        // It may be gone by now.
        if system
            .program_by_id(ProgramId(id))
            .is_ok_and(|program| &*program.info().name == "firewall")
        {
            found.push(id);
        }
        last = Some(id);
    }
    found
}

/// Waits until none of these firewalls is in the kernel: it frees them a moment after their last user is gone.
pub(crate) fn wait_until_gone(firewalls_then: &[u32]) {
    let start = Instant::now();
    while firewalls().iter().any(|id| firewalls_then.contains(id)) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "firewalls {firewalls_then:?} are still there"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// The network interfaces of the machine.
pub(crate) fn interfaces() -> Vec<String> {
    let entries = fs::read_dir("/sys/class/net").unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
