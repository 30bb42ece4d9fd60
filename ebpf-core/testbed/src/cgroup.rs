//! Control groups of a test's own, with nothing but threads of the test in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::unistd::gettid;

use crate::namespace::on_a_thread;
use crate::{Error, Sandbox};

/// Where cgroup2 is mounted if it is mounted nowhere yet; seen by the sandbox only.
const MOUNT_POINT: &str = "/sys/fs/cgroup";
/// How long a thread that has ended may stay in a cgroup.
const PATIENCE: Duration = Duration::from_secs(2);

/// A new cgroup (of version 2) below the one that the process is in. It takes single threads: the rest of the process
/// stays where it is. Dropping it removes it.
///
/// `cgroups(7)`
#[derive(Debug)]
pub struct Cgroup {
    path: PathBuf,
}

impl Cgroup {
    /// Makes a cgroup with a name that no other test has.
    ///
    /// # Errors
    /// [`Error::Os`] where the kernel has no cgroup2, or the process may not make cgroups below its own.
    pub fn new(sandbox: &Sandbox) -> Result<Self, Error> {
        static CGROUPS: AtomicU32 = AtomicU32::new(0);
        let number = CGROUPS.fetch_add(1, Ordering::Relaxed);
        let name = format!("ebpf-test-{}-{number}", process::id());
        Self::make(own_directory(sandbox)?.join(name))
    }

    /// Makes a cgroup below this one, which has to be dropped before.
    ///
    /// # Errors
    /// As [`Cgroup::new`].
    pub fn child(&self, name: &str) -> Result<Self, Error> {
        Self::make(self.path.join(name))
    }

    fn make(path: PathBuf) -> Result<Self, Error> {
        let step = |step: &str| {
            let step = format!("{step} the cgroup `{}`", path.display());
            move |error: io::Error| Error::os(step, error)
        };
        fs::create_dir(&path).map_err(step("make"))?;
        let cgroup = Self { path: path.clone() };
        fs::write(path.join("cgroup.type"), "threaded").map_err(step("give threads to"))?;
        Ok(cgroup)
    }

    /// Its directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` inside the cgroup, on a helper thread, and gives back its answer. Sockets that it opens belong to the
    /// cgroup for good. A panic of `work` goes on in the caller.
    ///
    /// # Errors
    /// [`Error::Os`] if the thread may not enter.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        on_a_thread(|| {
            fs::write(self.path.join("cgroup.threads"), gettid().to_string()).map_err(|error| {
                Error::os(format!("enter the cgroup `{}`", self.path.display()), error)
            })?;
            Ok(work())
        })
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let start = Instant::now();
        while let Err(error) = fs::remove_dir(&self.path) {
            // A thread that was joined is in its cgroup for a moment still.
            if error.raw_os_error() != Some(libc::EBUSY) || start.elapsed() > PATIENCE {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The directory of the process's own cgroup.
fn own_directory(_sandbox: &Sandbox) -> Result<PathBuf, Error> {
    let read = |path: &str| {
        fs::read_to_string(path).map_err(|error| Error::os(format!("read `{path}`"), error))
    };
    let cgroups = read("/proc/self/cgroup")?;
    let own = cgroups.lines().find_map(|line| line.strip_prefix("0::"));
    let missing = || {
        Error::os(
            "find the process's cgroup",
            io::Error::from_raw_os_error(libc::ENOENT),
        )
    };
    let own = own.ok_or_else(missing)?.trim_start_matches('/');
    let mounts = read("/proc/thread-self/mountinfo")?;
    let mounted = mounts.lines().find_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        let point = place.split(' ').nth(4)?;
        kind.starts_with("cgroup2 ").then(|| PathBuf::from(point))
    });
    let point = match mounted {
        Some(point) => point,
        None => {
            let none = None::<&str>;
            mount(none, MOUNT_POINT, Some("cgroup2"), MsFlags::empty(), none)
                .map_err(|errno| Error::os(format!("mount cgroup2 on `{MOUNT_POINT}`"), errno))?;
            PathBuf::from(MOUNT_POINT)
        }
    };
    Ok(point.join(own))
}
