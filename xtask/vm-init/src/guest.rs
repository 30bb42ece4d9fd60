//! What the first process does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::kmod::{ModuleInitFlags, finit_module};
use nix::mount::{MsFlags, mount};
use nix::sys::reboot::{RebootMode, reboot};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{self, SetArg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, sync};

/// File systems in the order of mounting: type, directory, options.
const MOUNTS: &[(&str, &str, &str)] = &[
    ("devtmpfs", "/dev", ""),
    ("proc", "/proc", ""),
    ("sysfs", "/sys", ""),
    ("tmpfs", "/tmp", "mode=1777"),
    ("tmpfs", "/run", "mode=0755"),
    ("tmpfs", "/dev/shm", "mode=1777"),
    ("devpts", "/dev/pts", "ptmxmode=0666"),
    ("bpf", "/sys/fs/bpf", "mode=0700"),
    ("cgroup2", "/sys/fs/cgroup", ""),
    ("tracefs", "/sys/kernel/tracing", ""),
    ("debugfs", "/sys/kernel/debug", ""),
    ("securityfs", "/sys/kernel/security", ""),
];

/// The port on which the machine reports.
const REPORT: &str = "/dev/ttyS1";

/// Files to which tests append lines: what a line is called in the report, the variable that names the file, the file.
const LOGS: &[(&str, &str, &str)] = &[
    ("skip", "EBPF_SKIP_LOG", "/run/skipped-tests"),
    ("probe", "EBPF_PROBE_LOG", "/run/probes"),
];

/// A panic here is a panic of the kernel, which whoever booted the machine sees.
pub(crate) fn main() {
    let mut notes = Vec::new();
    for (kind, directory, options) in MOUNTS {
        let _ = fs::create_dir_all(directory);
        let mounted = mount(
            Some(*kind),
            *directory,
            Some(*kind),
            MsFlags::empty(),
            Some(*options),
        );
        if let Err(errno) = mounted {
            notes.push(format!("{kind} is not mounted on {directory}: {errno}"));
        }
    }
    // An oops in the middle of a test must not pass for a test that failed or passed.
    let _ = fs::write("/proc/sys/kernel/panic_on_oops", "1");

    let port = Port::open().unwrap_or_else(|error| panic!("open {REPORT}: {error}"));
    let plan = Plan::read().unwrap_or_else(|error| panic!("read the plan: {error}"));
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    port.line(&["boot", release.trim()]);

    if let Err(error) = ebpf_testbed::Interface::open("lo").and_then(|lo| lo.set_up()) {
        notes.push(error.to_string());
    }
    for file in &plan.modules {
        if let Err(error) = load(file) {
            notes.push(format!("module {file}: {error}"));
        }
    }
    for note in notes {
        port.line(&["note", &note]);
    }
    for (index, program) in plan.programs.iter().enumerate() {
        let index = index.to_string();
        port.line(&["start", &index]);
        let end = plan.run(program, &port);
        for (word, _, file) in LOGS {
            for line in fs::read_to_string(file).unwrap_or_default().lines() {
                port.line(&[word, line]);
            }
            let _ = fs::remove_file(file);
        }
        port.line(&["end", &index, &end]);
    }
    port.line(&["done"]);
    port.drain();
    sync();
    let never = reboot(RebootMode::RB_POWER_OFF);
    panic!("power off: {never:?}");
}

fn load(file: &str) -> io::Result<()> {
    let file = File::open(file)?;
    match finit_module(&file, c"", ModuleInitFlags::empty()) {
        Ok(()) | Err(Errno::EEXIST) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// The way out, shared by the threads that forward a program's output.
#[derive(Clone)]
struct Port(Arc<Mutex<File>>);

impl Port {
    fn open() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(REPORT)?;
        let mut settings = termios::tcgetattr(&file)?;
        termios::cfmakeraw(&mut settings);
        termios::tcsetattr(&file, SetArg::TCSANOW, &settings)?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    fn line(&self, words: &[&str]) {
        let line = words.join("\t") + "\n";
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // If this fails there is nobody to tell; the end of the report will be missed.
        let _ = file.write_all(line.as_bytes());
    }

    fn drain(&self) {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = termios::tcdrain(&*file);
    }

    /// Sends what `source` says, line by line, on a thread of its own.
    fn forward(
        &self,
        word: &'static str,
        source: impl Read + Send + 'static,
    ) -> thread::JoinHandle<()> {
        let port = self.clone();
        thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read != 0)
            {
                let text = String::from_utf8_lossy(&line);
                port.line(&[word, text.trim_end_matches(['\n', '\r'])]);
                line.clear();
            }
        })
    }
}

struct Program {
    directory: String,
    /// The program and its arguments.
    words: Vec<String>,
}

#[derive(Default)]
struct Plan {
    modules: Vec<String>,
    variables: Vec<(String, String)>,
    limit: Duration,
    programs: Vec<Program>,
}

impl Plan {
    fn read() -> io::Result<Self> {
        let mut plan = Self::default();
        for line in fs::read_to_string("/vm/plan")?.lines() {
            let mut words = line.split('\t').map(str::to_owned);
            let mut next = || words.next().unwrap_or_default();
            match next().as_str() {
                "module" => plan.modules.push(next()),
                "env" => plan.variables.push((next(), next())),
                "limit" => plan.limit = Duration::from_secs(next().parse().unwrap_or(60)),
                "run" => plan.programs.push(Program {
                    directory: next(),
                    words: words.collect(),
                }),
                _ => return Err(io::Error::other(format!("no such line: {line}"))),
            }
        }
        Ok(plan)
    }

    /// Runs `program`, sees to it that nothing of it is left, and tells how it ended.
    fn run(&self, program: &Program, port: &Port) -> String {
        let Some((name, arguments)) = program.words.split_first() else {
            return "no program".to_owned();
        };
        let spawned = Command::new(name)
            .args(arguments)
            .current_dir(&program.directory)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs(LOGS.iter().map(|(_, name, file)| (name, file)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => return format!("did not start: {error}"),
        };
        let output = child.stdout.take().map(|stdout| port.forward(">", stdout));
        let errors = child.stderr.take().map(|stderr| port.forward("!", stderr));

        let status = self.wait(child.id());
        // Every process but this one, so that the output ends and the next program starts on an empty machine.
        let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
        while waitpid(None, None).is_ok() {}
        for thread in output.into_iter().chain(errors) {
            let _ = thread.join();
        }
        status.map_or("limit".to_owned(), |status| status.to_string())
    }

    /// Waits for the process `id`, burying orphans meanwhile. `None` if it takes longer than the limit.
    fn wait(&self, id: u32) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < self.limit {
            let (pid, raw) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, (code & 0xff) << 8),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, signal as i32),
                _ => {
                    sleep(Duration::from_millis(10));
                    continue;
                }
            };
            if u32::try_from(pid.as_raw()) == Ok(id) {
                return Some(ExitStatus::from_raw(raw));
            }
        }
        None
    }
}
