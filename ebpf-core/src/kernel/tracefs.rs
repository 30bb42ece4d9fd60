//! Tracefs: where it is, the ids of its events, and events of our own in it.

mod list;
mod name;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::list::{ProbeCleanup, ProbeKind, ProbeOwner, TracefsProbe};
pub(super) use self::name::fresh_name;
use super::sys::{self, errno_of};
use crate::Errno;

/// The group of every event of ours.
pub(super) const GROUP: &str = "ebpf_core";

/// A tracefs, wherever it is mounted.
#[derive(Debug)]
pub(super) struct Tracefs {
    root: PathBuf,
    /// A mount of our own, while we need it.
    _mount: Option<OwnedFd>,
}

impl Tracefs {
    /// Where it belongs, where it was before Linux 4.1, where someone else has mounted it, or a private mount that nobody
    /// sees.
    ///
    /// # Errors
    /// `EPERM` without CAP_SYS_ADMIN where it is mounted nowhere; `ENODEV` for a kernel without it.
    pub(super) fn find() -> Result<Tracefs, Errno> {
        let usual = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].map(PathBuf::from);
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let found = usual
            .into_iter()
            .chain(mounts.lines().filter_map(mount_point))
            .find(|root| root.join("events").is_dir());
        if let Some(root) = found {
            return Ok(Tracefs { root, _mount: None });
        }
        let mount = sys::mount_tracefs()?;
        Ok(Tracefs {
            root: format!("/proc/self/fd/{}", mount.as_raw_fd()).into(),
            _mount: Some(mount),
        })
    }

    /// A file of it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The text of one of its files.
    pub(super) fn read(&self, name: &str) -> Result<String, Errno> {
        fs::read_to_string(self.path(name)).map_err(|error| errno_of(&error))
    }

    /// The number by which perf_event_open(2) knows an event.
    ///
    /// # Errors
    /// `ENOENT` where there is no such event.
    pub(super) fn event_id(&self, group: &str, event: &str) -> Result<u64, Errno> {
        let plain =
            |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
        if !plain(group) || !plain(event) {
            return Err(Errno::ENOENT);
        }
        let text = self.read(&format!("events/{group}/{event}/id"))?;
        text.trim().parse().map_err(|_| Errno::EINVAL)
    }

    /// The groups of events, or the events of the group `below`.
    pub(super) fn event_groups(&self, below: &Path) -> Vec<String> {
        let entries = fs::read_dir(self.root.join("events").join(below));
        let entries = entries.into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    /// Adds a line to a file of definitions: the file is never cut, which would remove the events of everybody.
    pub(super) fn append(&self, file: &str, line: &str) -> io::Result<()> {
        let mut events: File = OpenOptions::new().append(true).open(self.path(file))?;
        events.write_all(format!("{line}\n").as_bytes())
    }
}

/// The place of a whole tracefs in a line of `/proc/self/mountinfo`.
fn mount_point(line: &str) -> Option<PathBuf> {
    let (mount, kind) = line.split_once(" - ")?;
    let mut fields = mount.split(' ');
    let (root, point) = (fields.nth(3)?, fields.next()?);
    let whole = kind.split(' ').next() == Some("tracefs") && root == "/";
    whole.then(|| unescape(point))
}

/// Blanks and the like are octal in `/proc/self/mountinfo`.
fn unescape(field: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let octal = (*first == b'\\')
            .then(|| tail.get(..3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

/// Which file defines a kind of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeFile {
    Kprobes,
    Uprobes,
}

impl ProbeFile {
    pub(super) const ALL: [ProbeFile; 2] = [ProbeFile::Kprobes, ProbeFile::Uprobes];

    pub(super) const fn name(self) -> &'static str {
        match self {
            ProbeFile::Kprobes => "kprobe_events",
            ProbeFile::Uprobes => "uprobe_events",
        }
    }
}

/// How many milliseconds to wait before trying again to remove an event that is in use. A process that another thread is
/// starting holds all our descriptors until it executes its program, the event's too, which we closed.
const WAITS_FOR_FORKS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// An event of ours. Dropping it removes exactly its line.
///
/// It is never switched on in tracefs itself, which would write a trace; perf switches it on while it is open.
#[derive(Debug)]
pub(super) struct DynamicEvent {
    tracefs: Tracefs,
    file: ProbeFile,
    name: String,
    ours: bool,
}

impl DynamicEvent {
    /// Defines an event: `kind` is such as `p` or `r100`, `place` what the definition says after the name, `label` goes
    /// into the name for people to read.
    pub(super) fn define(
        file: ProbeFile,
        kind: &str,
        place: &str,
        label: &str,
    ) -> Result<DynamicEvent, Errno> {
        let tracefs = Tracefs::find()?;
        let name = fresh_name(label)?;
        let line = format!("{kind}:{GROUP}/{name} {place}");
        tracefs
            .append(file.name(), &line)
            .map_err(|error| errno_of(&error))?;
        Ok(DynamicEvent {
            tracefs,
            file,
            name,
            ours: true,
        })
    }

    /// The number by which perf_event_open(2) knows it.
    pub(super) fn id(&self) -> Result<u64, Errno> {
        self.tracefs.event_id(GROUP, &self.name)
    }

    /// Removes the line, and says whether that worked: `EBUSY` while something else has the event open.
    pub(super) fn remove(mut self) -> Result<(), Errno> {
        self.take_away()
    }

    /// Leaves the line.
    pub(super) fn forget(mut self) {
        self.ours = false;
    }

    fn take_away(&mut self) -> Result<(), Errno> {
        if !std::mem::take(&mut self.ours) {
            return Ok(());
        }
        let remove = || remove_event(&self.tracefs, self.file, GROUP, &self.name);
        for wait in WAITS_FOR_FORKS {
            match remove() {
                Err(Errno::EBUSY) => std::thread::sleep(Duration::from_millis(wait)),
                removed => return removed,
            }
        }
        remove()
    }
}

impl Drop for DynamicEvent {
    fn drop(&mut self) {
        // There is nobody to tell; `remove` tells.
        let _ = self.take_away();
    }
}

/// Removes one event, by its group and name. One that is gone already is fine.
fn remove_event(tracefs: &Tracefs, file: ProbeFile, group: &str, event: &str) -> Result<(), Errno> {
    match tracefs.append(file.name(), &format!("-:{group}/{event}")) {
        Ok(()) => Ok(()),
        Err(error) => match errno_of(&error) {
            Errno::ENOENT => Ok(()),
            errno => Err(errno),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_found() {
        let line = "46 22 0:12 / /a\\040b\\134c rw,nosuid shared:27 - tracefs tracefs rw";
        assert_eq!(mount_point(line), Some("/a b\\c".into()));
        for other in [
            "46 22 0:12 / /x rw - ext4 /dev/vda rw",
            "46 22 0:12 /events /x rw - tracefs tracefs rw",
            "46 22 0:12 / /x rw",
            "",
        ] {
            assert_eq!(mount_point(other), None, "{other}");
        }
        assert_eq!(unescape("a\\"), PathBuf::from("a\\"));
        assert_eq!(unescape("a\\04"), PathBuf::from("a\\04"));
        assert_eq!(unescape("a\\999"), PathBuf::from("a\\999"));
    }
}
