//! A network and a mount namespace of the calling thread's own.

use std::env;
use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{chroot, fchdir};

use crate::{Error, Interface};

/// Directories that a BPF file system is mounted over, the first that there is. Nothing is written to the disk.
const MOUNT_POINTS: [&str; 2] = ["/sys/fs/bpf", "/mnt"];

/// The calling thread's own network and mount namespaces, with a fresh BPF file system in the latter.
///
/// The loopback interface is up, IPv6 is on, and mounts made inside are seen by nobody else. Threads started from this
/// thread are inside too. Dropping it takes the thread back to where it was; a thread that ends, or a process that is
/// killed, needs no dropping. Several threads may have one each.
///
/// `/sys` keeps showing the machine: `/sys/class/net` lists the interfaces outside, while names, indexes and statistics
/// asked for by netlink or ioctl are those of the sandbox.
#[derive(Debug)]
pub struct Sandbox {
    bpffs: PathBuf,
    outside_network: File,
    outside_root: File,
    outside_mounts: File,
    outside_directory: Option<PathBuf>,
    /// A thread's namespaces are left by that thread: as a lock's guard, the value cannot be sent to another.
    not_send: PhantomData<MutexGuard<'static, ()>>,
}

impl Sandbox {
    /// Moves the calling thread into new namespaces.
    ///
    /// # Errors
    /// [`Error::Os`], with EPERM for want of CAP_SYS_ADMIN; [`crate::Privileges::check`] says more.
    pub fn new() -> Result<Self, Error> {
        let open = |path: &str| {
            File::open(path).map_err(|error| Error::os(format!("open `{path}`"), error))
        };
        let mut sandbox = Self {
            bpffs: PathBuf::new(),
            outside_network: open("/proc/thread-self/ns/net")?,
            outside_root: open("/")?,
            outside_mounts: open("/proc/thread-self/ns/mnt")?,
            outside_directory: env::current_dir().ok(),
            not_send: PhantomData,
        };
        // A mount namespace is only for a thread that shares its root and working directory with no other.
        let flags = CloneFlags::CLONE_FS | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET;
        unshare(flags).map_err(|errno| Error::os("make a network and a mount namespace", errno))?;
        sandbox.bpffs = mount_bpffs()?;
        // A machine may have IPv6 off by default; where /proc/sys is read-only, what it says stays.
        for conf in ["all", "default", "lo"] {
            let _ = std::fs::write(format!("/proc/sys/net/ipv6/conf/{conf}/disable_ipv6"), "0");
        }
        Interface::open("lo")?.set_up()?;
        Ok(sandbox)
    }

    /// Where the sandbox's BPF file system is mounted. Empty at first, and the sandbox's own.
    #[must_use]
    pub fn bpffs(&self) -> &Path {
        &self.bpffs
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Neither step can fail for a thread that was allowed to come here; if one does, the namespaces last as long
        // as the thread, which is all that is lost.
        let _ = setns(&self.outside_network, CloneFlags::CLONE_NEWNET);
        // A mount namespace is entered only with a root and a working directory of the thread's own, and a thread that was
        // started here shares them a little longer than it can be waited for.
        let _ = unshare(CloneFlags::CLONE_FS);
        let _ = setns(&self.outside_mounts, CloneFlags::CLONE_NEWNS);
        // Which makes the root that of the mount namespace: in a chroot that is another one.
        let _ = fchdir(&self.outside_root).and_then(|()| chroot("."));
        if let Some(directory) = &self.outside_directory {
            let _ = env::set_current_dir(directory);
        }
    }
}

fn mount_bpffs() -> Result<PathBuf, Error> {
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>)
        .map_err(|errno| Error::os("make the mounts private", errno))?;
    let point = MOUNT_POINTS
        .into_iter()
        .find(|point| Path::new(point).is_dir())
        .unwrap_or("/mnt");
    mount(
        Some("bpf"),
        point,
        Some("bpf"),
        MsFlags::empty(),
        Some("mode=0700"),
    )
    .map_err(|errno| Error::os(format!("mount a BPF file system on `{point}`"), errno))?;
    Ok(PathBuf::from(point))
}
