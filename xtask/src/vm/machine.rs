//! Booting a machine, and what it reports.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::kernels::Kernel;
use super::payload::{self, Payload};
use super::results::{Listener, Outcome};
use crate::process::command;
use crate::tools;

/// How long a machine may run. Under emulation on a busy machine a boot alone can take half a minute.
const LIMIT: Duration = Duration::from_secs(2400);

/// What the kernel's log must not hold.
const ALARMS: &[&str] = &[
    "Kernel panic",
    "BUG:",
    "WARNING:",
    "Oops",
    "general protection fault",
];

/// What is no alarm where it stands in the line before: words of the verifier to whoever wrote a program, in the form of a warning.
const HARMLESS: &[&str] = &["trace type BPF program uses run-time allocation"];

/// How a machine's run went.
pub(crate) struct Run {
    pub(crate) outcomes: Vec<Outcome>,
    /// What is missing in the machine.
    pub(crate) notes: Vec<String>,
    /// The features that were asked for, and whether they are there.
    pub(crate) probes: BTreeMap<String, bool>,
    /// What is wrong besides tests that failed.
    pub(crate) wrong: Vec<String>,
    pub(crate) seconds: f64,
}

/// Boots `kernel` and runs the programs of `payload`.
pub(crate) fn run(kernel: &Kernel, payload: &Payload) -> Result<Run> {
    let start = Instant::now();
    let files = Files::new(kernel.name)?;
    files.write_archive(&[
        &payload.archive,
        &payload::kernel_archive(&payload.programs, kernel)?,
    ])?;
    let mut attempt = 1;
    let (listener, ended) = loop {
        let (listener, ended) = boot(kernel, payload, &files)?;
        // A busy host can starve a machine before it is up. Nothing has been tested then, so that trying again hides nothing.
        if listener.booted || attempt == 2 {
            break (listener, ended);
        }
        attempt += 1;
    };
    let _ = fs::remove_file(&files.archive);

    let console = fs::read(&files.console).unwrap_or_default();
    let console = String::from_utf8_lossy(&console);
    let mut wrong = listener.wrong();
    match ended {
        Some(status) if status.success() => {}
        Some(status) => wrong.push(format!("qemu ended with {status}")),
        None => wrong.push(format!("it was still running after {} s", LIMIT.as_secs())),
    }
    wrong.extend(alarms(&console).map(|line| format!("the kernel said: {line}")));
    if listener.done && wrong.is_empty() && !console.contains("reboot: Power down") {
        wrong.push("the machine was not switched off in an orderly way".to_owned());
    }
    if !listener.done {
        let lines: Vec<&str> = console.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(40));
        let last = last.map(|line| format!("\n    {line}")).collect::<String>();
        wrong.push(format!("the end of the kernel's log:{last}"));
    }
    Ok(Run {
        notes: listener.notes.clone(),
        probes: listener.probes.clone(),
        outcomes: listener.outcomes(),
        wrong,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The lines of a kernel's log that it must not hold.
fn alarms(console: &str) -> impl Iterator<Item = &str> {
    let before = std::iter::once("").chain(console.lines());
    let lines = before.zip(console.lines());
    lines
        .filter(|(before, line)| {
            let has = |line: &str, words: &[&str]| words.iter().any(|word| line.contains(word));
            has(line, ALARMS) && !has(before, HARMLESS)
        })
        .map(|(_, line)| line)
}

/// The files of one machine.
struct Files {
    archive: PathBuf,
    console: PathBuf,
    report: PathBuf,
}

impl Files {
    fn new(kernel: &str) -> Result<Self> {
        let dir = super::logs();
        fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
        Ok(Self {
            archive: dir.join(format!("{kernel}.cpio")),
            console: dir.join(format!("{kernel}.console.log")),
            report: dir.join(format!("{kernel}.log")),
        })
    }

    fn write_archive(&self, parts: &[&[u8]]) -> Result<()> {
        let write = || {
            let mut file = File::create(&self.archive)?;
            parts.iter().try_for_each(|part| file.write_all(part))
        };
        write().with_context(|| format!("write {}", self.archive.display()))
    }
}

/// Boots once. `None` if the machine had to be stopped.
fn boot<'a>(
    kernel: &Kernel,
    payload: &'a Payload,
    files: &Files,
) -> Result<(Listener<'a>, Option<ExitStatus>)> {
    let _ = fs::remove_file(&files.console);
    let mut report = File::create(&files.report)
        .with_context(|| format!("create {}", files.report.display()))?;
    let mut listener = Listener::new(kernel.name, &payload.programs);
    let mut machine = start(kernel, files)?;
    let output = machine
        .stdout
        .take()
        .context("qemu has no standard output")?;
    let ended = thread::scope(|scope| {
        let listener = &mut listener;
        scope.spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = Vec::new();
            while output
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read != 0)
            {
                let _ = report.write_all(&line);
                listener.hear(String::from_utf8_lossy(&line).trim_end_matches('\n'));
                line.clear();
            }
        });
        wait(&mut machine)
    })?;
    Ok((listener, ended))
}

fn wait(machine: &mut Child) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if let Some(status) = machine.try_wait().context("wait for qemu")? {
            return Ok(Some(status));
        }
        sleep(Duration::from_millis(50));
    }
    machine.kill().context("stop qemu")?;
    machine.wait().context("wait for qemu")?;
    Ok(None)
}

fn start(kernel: &Kernel, files: &Files) -> Result<Child> {
    let mut qemu = command(tools::qemu()?);
    if hardware() {
        qemu.args(["-accel", "kvm", "-cpu", "host"]);
    } else {
        // One thread for all CPUs: with one each, a CPU may run into a breakpoint that another has taken away already, which no
        // machine does, and the kernel, which rewrites its code like that, dies of it.
        qemu.args(["-accel", "tcg,thread=single", "-cpu", kernel.cpu]);
    }
    // Two CPUs, because maps have values for each CPU. BPF must be named among the security modules on 5.10.
    qemu.args([
        "-M",
        "pc",
        "-smp",
        "2",
        "-m",
        "1024",
        "-nodefaults",
        "-no-user-config",
    ])
    .args(["-display", "none", "-no-reboot", "-serial"])
    .arg(format!("file:{}", files.console.display()))
    .args(["-serial", "stdio", "-kernel"])
    .arg(&kernel.vmlinux)
    .arg("-initrd")
    .arg(&files.archive)
    .args([
        "-append",
        "console=ttyS0 panic=-1 cryptomgr.notests lsm=landlock,lockdown,yama,bpf",
    ])
    .stdout(Stdio::piped());
    qemu.spawn().context("start qemu")
}

/// Whether the processor runs machines. A `/dev/kvm` without one of the two modules is of another kind, which does not run these kernels.
fn hardware() -> bool {
    let module = ["kvm_intel", "kvm_amd"]
        .iter()
        .any(|name| Path::new("/sys/module").join(name).exists());
    module
        && File::options()
            .read(true)
            .write(true)
            .open("/dev/kvm")
            .is_ok()
}

/// Machines are of this machine's own architecture, for which Debian's kernels are fetched.
pub(crate) fn check() -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!(
            "the machines are x86-64 and run the test programs of this one, which therefore has to be x86-64 Linux"
        );
    }
    tools::qemu().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_alarms_but_for_what_the_verifier_tells_authors() {
        let log = "[ 1.0] ------------[ cut here ]------------\n\
                   [ 1.0] trace type BPF program uses run-time allocation\n\
                   [ 1.0] WARNING: CPU: 1 PID: 2 at kernel/bpf/verifier.c:1 bpf_check+0x1/0x2\n\
                   [ 2.0] ------------[ cut here ]------------\n\
                   [ 2.0] WARNING: CPU: 1 PID: 3 at net/core/dev.c:1 f+0x1/0x2\n";
        let found: Vec<_> = alarms(log).collect();
        assert_eq!(
            found,
            ["[ 2.0] WARNING: CPU: 1 PID: 3 at net/core/dev.c:1 f+0x1/0x2"]
        );
    }
}
