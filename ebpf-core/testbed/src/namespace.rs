//! Network namespaces held by a descriptor.

use std::fs::File;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};

use crate::{Error, Interface};

/// A network namespace. It lives as long as a value of this type, a thread or an open socket in it does.
///
/// `network_namespaces(7)`
#[derive(Debug, Clone)]
pub struct Namespace {
    file: Arc<File>,
}

impl Namespace {
    /// Makes a new network namespace, its loopback interface up. The calling thread stays where it is.
    ///
    /// # Errors
    /// [`Error::Os`], with EPERM for want of CAP_SYS_ADMIN.
    pub fn new() -> Result<Self, Error> {
        on_a_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET)
                .map_err(|errno| Error::os("make a network namespace", errno))?;
            Interface::open("lo")?.set_up()?;
            Self::current()
        })
    }

    /// The network namespace of the calling thread.
    ///
    /// # Errors
    /// [`Error::Os`] when `/proc` is not there.
    pub fn current() -> Result<Self, Error> {
        let path = "/proc/thread-self/ns/net";
        let file = File::open(path).map_err(|error| Error::os(format!("open `{path}`"), error))?;
        Ok(Self {
            file: Arc::new(file),
        })
    }

    /// Runs `work` inside the namespace, on a helper thread, and gives back its answer. Sockets that it opens stay in
    /// the namespace wherever they are used later. A panic of `work` goes on in the caller.
    ///
    /// # Errors
    /// [`Error::Os`], with EPERM for want of CAP_SYS_ADMIN.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        on_a_thread(|| {
            self.enter()?;
            Ok(work())
        })
    }

    /// Moves the calling thread into the namespace for the rest of its life, and threads that it starts with it.
    ///
    /// # Errors
    /// [`Error::Os`], with EPERM for want of CAP_SYS_ADMIN.
    pub fn enter(&self) -> Result<(), Error> {
        setns(&*self.file, CloneFlags::CLONE_NEWNET)
            .map_err(|errno| Error::os("enter a network namespace", errno))
    }

    /// The descriptor that holds the namespace.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

/// Runs `work` on a thread of its own, so that the caller's namespaces stay as they are.
pub(crate) fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        scope
            .spawn(work)
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    })
}
