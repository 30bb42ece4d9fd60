//! Running the compiler: only where something changed, on all CPUs, and with its errors as they are.

use std::ffi::OsString;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use super::plan::{Endian, Object};
use super::record::{self, Records};
use crate::process::{output, show};

/// A compiler with all that is the same for every object.
pub(super) struct Compiler {
    pub(super) program: PathBuf,
    pub(super) version: u32,
    /// What the compiler says of itself: another one may compile otherwise.
    pub(super) identity: String,
    /// Takes out what only a debugger reads, three quarters of an object.
    pub(super) strip: Option<PathBuf>,
    /// Where it runs, and so what relative paths start from.
    pub(super) directory: PathBuf,
    pub(super) flags: Vec<OsString>,
    /// Whose registers a little-endian and a big-endian object are for, unless the source says so itself.
    pub(super) arch: Option<(&'static str, &'static str)>,
    pub(super) records: PathBuf,
    pub(super) force: bool,
    pub(super) jobs: usize,
}

/// How many objects there are of each kind, and those that could not be made.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) built: usize,
    pub(super) fresh: usize,
    pub(super) failed: Vec<PathBuf>,
}

impl Compiler {
    /// Makes the objects that are not there or not up to date.
    ///
    /// What the compiler has to say goes to standard error as it is, for one object after the other.
    pub(super) fn run(&self, objects: &[Object]) -> Result<Outcome> {
        let records = Records::new(&self.records)?;
        let next = AtomicUsize::new(0);
        let state = Mutex::new((Outcome::default(), None));
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(object) = objects.get(index) else {
                    return;
                };
                let result = self.make(&records, object);
                let Ok(mut state) = state.lock() else {
                    return;
                };
                let (outcome, error) = &mut *state;
                match result {
                    Ok(Made::Fresh) => outcome.fresh += 1,
                    Ok(Made::Built(said)) => {
                        outcome.built += 1;
                        let done = outcome.built + outcome.fresh + outcome.failed.len();
                        eprintln!("[{done}/{}] {}", objects.len(), object.object.display());
                        eprint!("{said}");
                    }
                    Ok(Made::Failed(said)) => {
                        eprint!("{said}");
                        outcome.failed.push(object.object.clone());
                    }
                    Err(broken) => {
                        // Not the source's fault: nothing else would go better.
                        next.store(objects.len(), Ordering::Relaxed);
                        error.get_or_insert(broken);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.jobs.min(objects.len()) {
                scope.spawn(work);
            }
            work();
        });
        match state.into_inner() {
            Ok((mut outcome, None)) => {
                outcome.failed.sort();
                Ok(outcome)
            }
            Ok((_, Some(error))) => Err(error),
            Err(_) => anyhow::bail!("a compiling thread panicked"),
        }
    }

    fn make(&self, records: &Records, object: &Object) -> Result<Made> {
        let out = self.directory.join(&object.object);
        let mut command = self.command(object);
        let what = format!(
            "{}\n{:?}\n{}\n{}",
            self.identity,
            self.strip,
            show(&command),
            object.source.display()
        );
        if !self.force && records.is_fresh(&out, &what) {
            return Ok(Made::Fresh);
        }
        let dir = out.parent().context("an object lies in a directory")?;
        fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
        // Whoever looks at the object while it is made finds the old one or the new one.
        let half = with_suffix(&out, ".part");
        let rule = with_suffix(&out, ".part.d");
        if std::io::stderr().is_terminal() {
            command.arg("-fcolor-diagnostics");
        }
        command.args(["-MD", "-MT", "object", "-MF"]).arg(&rule);
        // A name that begins with `-` is a name.
        command.arg("-o").arg(&half).arg("--").arg(&object.source);
        let answer = command
            .output()
            .with_context(|| format!("start `{}`", self.program.display()))?;
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        let read = fs::read_to_string(&rule).unwrap_or_default();
        let _ = fs::remove_file(&rule);
        if !answer.status.success() {
            let _ = fs::remove_file(&half);
            let hint = if said.contains("No available targets") || said.contains("unknown target") {
                "this clang cannot compile for BPF, as Apple's cannot; name another one in CLANG\n"
            } else if said.is_empty() {
                "clang says nothing, but it failed\n"
            } else {
                ""
            };
            return Ok(Made::Failed(said + hint));
        }
        if let Some(strip) = &self.strip {
            output(Command::new(strip).arg("--strip-debug").arg(&half))?;
        }
        fs::rename(&half, &out).with_context(|| format!("write {}", out.display()))?;
        let inputs: Vec<PathBuf> = record::inputs(&read)
            .iter()
            .map(|file| self.directory.join(file))
            .collect();
        records.write(&out, &what, &inputs)?;
        Ok(Made::Built(said))
    }

    /// All but what it reads and writes.
    fn command(&self, object: &Object) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.directory).stdin(Stdio::null());
        command.args(&self.flags).args(&object.flags);
        let says = |flag: &str| flag.starts_with("-D__TARGET_ARCH_");
        let said = object.flags.iter().any(|flag| says(flag))
            || self.flags.iter().any(|flag| says(&flag.to_string_lossy()));
        if let Some((little, big)) = self.arch.filter(|_| !said) {
            let arch = match object.endian {
                Endian::Little => little,
                Endian::Big => big,
            };
            command.arg(format!("-D__TARGET_ARCH_{arch}"));
        }
        command.arg("-c");
        command
    }
}

enum Made {
    Fresh,
    /// With what the compiler had to say.
    Built(String),
    Failed(String),
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
