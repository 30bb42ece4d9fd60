//! Statistics of runs: counted while someone wants them.

use std::fs;
use std::path::Path;

use super::sys::{self, errno_of};
use crate::Errno;
use crate::system::{StatsGuard, SystemError, hint};

const SETTING: &str = "/proc/sys/kernel/bpf_stats_enabled";

/// Begins to count; the guard ends it, unless others count too.
pub(super) fn enable() -> Result<StatsGuard, SystemError> {
    match sys::enable_stats() {
        // The kernel counts while the descriptor is open.
        Ok(fd) => Ok(StatsGuard::new(fd)),
        Err(Errno::EINVAL) => Setting::enable()
            .map(StatsGuard::new)
            .map_err(|errno| failed(errno, SETTING)),
        Err(errno) => Err(failed(errno, "statistics of runs")),
    }
}

#[cold]
fn failed(errno: Errno, what: &str) -> SystemError {
    SystemError::Os {
        op: "enable",
        what: what.into(),
        errno,
        hint: hint::enable_stats(errno),
    }
}

/// Whether this kernel can count.
pub(super) fn known() -> Result<bool, Errno> {
    match sys::enable_stats() {
        Ok(_) => Ok(true),
        Err(Errno::EINVAL) => Ok(Path::new(SETTING).exists()),
        Err(errno) => Err(errno),
    }
}

/// The setting of the whole machine, before Linux 5.8; put back as it was found.
#[derive(Debug)]
struct Setting {
    before: String,
}

impl Setting {
    fn enable() -> Result<Setting, Errno> {
        let before = fs::read_to_string(SETTING).map_err(|error| errno_of(&error))?;
        fs::write(SETTING, "1").map_err(|error| errno_of(&error))?;
        Ok(Setting { before })
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        // Nobody is left to tell.
        let _ = fs::write(SETTING, &self.before);
    }
}
