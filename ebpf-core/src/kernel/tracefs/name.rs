//! Names of events of ours: they say whose they are, so that what a dead process left behind can be told from the rest.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Errno;
use crate::kernel::sys::errno_of;

/// Bytes of an event's name at most; `MAX_EVENT_NAME_LEN` in kernel/trace/trace.h counts the NUL.
const LONGEST: usize = 63;

/// Who made an event: the process, when it started (a number is used again), and the namespace in which it has that
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Maker {
    pub(super) pid: u32,
    /// Clock ticks after the boot.
    pub(super) started: u64,
    /// Inode number of the pid namespace.
    pub(super) namespace: u64,
}

impl Maker {
    /// This process.
    pub(super) fn this() -> Result<Maker, Errno> {
        Ok(Maker {
            pid: std::process::id(),
            started: started("self")?.ok_or(Errno::EINVAL)?,
            namespace: namespace()?,
        })
    }

    /// Whether it runs still; `None` for one of another namespace, which cannot be told.
    pub(super) fn is_alive(self) -> Option<bool> {
        if namespace().ok()? != self.namespace {
            return None;
        }
        match started(&self.pid.to_string()) {
            Ok(since) => Some(since == Some(self.started)),
            Err(Errno::ENOENT | Errno::ESRCH) => Some(false),
            Err(_) => None,
        }
    }

    /// The maker that a name tells, if it is a name of ours.
    pub(super) fn of(name: &str) -> Option<Maker> {
        let mut parts = name.strip_prefix('p')?.split('_');
        let pid = parts.next()?.parse().ok()?;
        let mut hex = || u64::from_str_radix(parts.next()?, 16).ok();
        let (started, namespace, _count) = (hex()?, hex()?, hex()?);
        Some(Maker {
            pid,
            started,
            namespace,
        })
    }

    fn name(self, count: u64, label: &str) -> String {
        let Maker {
            pid,
            started,
            namespace,
        } = self;
        let mut name = format!("p{pid}_{started:x}_{namespace:x}_{count:x}_");
        let legal = |byte: char| {
            if byte.is_ascii_alphanumeric() {
                byte
            } else {
                '_'
            }
        };
        let room = LONGEST.saturating_sub(name.len());
        name.extend(label.chars().take(room).map(legal));
        name
    }
}

/// A name that no event has or had.
pub(in crate::kernel) fn fresh_name(label: &str) -> Result<String, Errno> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Ok(Maker::this()?.name(COUNT.fetch_add(1, Ordering::Relaxed), label))
}

/// When a process of `/proc` started; `None` for one that is dead and not waited for.
fn started(process: &str) -> Result<Option<u64>, Errno> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    let stat = stat.map_err(|error| errno_of(&error))?;
    // The name is in parentheses and may have any character.
    let (_, after) = stat.rsplit_once(") ").ok_or(Errno::EINVAL)?;
    let mut fields = after.split(' ');
    if matches!(fields.next(), Some("Z" | "X")) {
        return Ok(None);
    }
    let started = fields.nth(18).and_then(|field| field.parse().ok());
    started.map(Some).ok_or(Errno::EINVAL)
}

fn namespace() -> Result<u64, Errno> {
    let metadata = fs::metadata("/proc/self/ns/pid").map_err(|error| errno_of(&error))?;
    Ok(metadata.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_who_made_them() {
        let maker = Maker::this().expect("this process");
        let (one, two) = (
            fresh_name("f").expect("a name"),
            fresh_name("f").expect("a name"),
        );
        assert_ne!(one, two);
        assert_eq!(Maker::of(&one), Some(maker));
        assert_eq!(maker.is_alive(), Some(true));
    }

    #[test]
    fn names_are_legal_whatever_is_probed() {
        let far = Maker {
            pid: 4_194_304,
            started: u64::MAX,
            namespace: u64::MAX,
        };
        for label in [
            "foo.isra.0+0x10",
            "/usr/lib/libc.so.6:malloc",
            "é\0\n x",
            &"x".repeat(200),
        ] {
            for maker in [far, Maker::this().expect("this process")] {
                let name = maker.name(u64::MAX, label);
                assert!(
                    name.len() <= 80 && Maker::of(&name) == Some(maker),
                    "{name}"
                );
                assert!(
                    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
                    "{name}"
                );
            }
            let name = fresh_name(label).expect("a name");
            assert!(name.len() <= LONGEST, "{name}");
        }
    }

    #[test]
    fn names_of_others_are_not_ours() {
        for name in [
            "",
            "p",
            "p_0x10_f_0",
            "do_exit_goebpf_77",
            "p77",
            "p77_12",
            "p77_1_2",
            "p77_1_2_x_f",
            "myprobe",
        ] {
            assert_eq!(Maker::of(name), None, "{name}");
        }
    }

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let this = Maker::this().expect("this process");
        let before = Maker {
            started: this.started.wrapping_sub(1),
            ..this
        };
        assert_eq!(before.is_alive(), Some(false));
        let none = Maker {
            pid: u32::MAX,
            ..this
        };
        assert_eq!(none.is_alive(), Some(false));
        let elsewhere = Maker {
            namespace: 1,
            ..this
        };
        assert_eq!(elsewhere.is_alive(), None);
    }
}
