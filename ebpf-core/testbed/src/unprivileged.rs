//! Running a program as a user without privileges.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The user and the group without privileges.
const NOBODY: u32 = 65534;

/// A program that a user without privileges can run even where the directory that it is in, such as that of a build, is
/// closed to others: it is held open, and found by its descriptor.
#[derive(Debug)]
pub struct Unprivileged {
    file: File,
}

impl Unprivileged {
    /// Holds `program`, which everybody must be allowed to execute.
    ///
    /// # Errors
    /// What opening it says.
    pub fn of(program: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::open(program)?;
        Ok(Self { file })
    }

    /// A command that runs the program as nobody, as long as this value lives.
    #[must_use]
    pub fn command(&self) -> Command {
        // The process that becomes the program has the descriptor until then, and may follow its own links.
        let mut command = Command::new(format!("/proc/self/fd/{}", self.file.as_raw_fd()));
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command
    }
}
