//! Running a program as a user without privileges.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};

/// The user and the group without privileges.
const NOBODY: u32 = 65534;

/// A copy of a program that a user without privileges can reach, because the build's directory may be closed to others.
/// Dropping it removes the copy.
#[derive(Debug)]
pub struct Unprivileged {
    copy: PathBuf,
}

impl Unprivileged {
    /// Copies `program` to the directory for temporary files.
    ///
    /// # Errors
    /// What copying it says.
    pub fn copy_of(program: impl AsRef<Path>) -> io::Result<Self> {
        static COPIES: AtomicU32 = AtomicU32::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("ebpf-unprivileged-{}-{number}", process::id());
        let copy = std::env::temp_dir().join(name);
        // In a process of its own: a descriptor open for writing here would be inherited by what other threads start,
        // and a file that anyone has open for writing cannot be run ("text file busy").
        let status = Command::new("cp")
            .arg(program.as_ref())
            .arg(&copy)
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("cp: {status}")));
        }
        Ok(Self { copy })
    }

    /// A command that runs the copy as nobody.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.copy);
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command
    }
}

impl Drop for Unprivileged {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.copy);
    }
}
