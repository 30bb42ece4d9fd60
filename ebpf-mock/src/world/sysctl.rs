//! Sysctls: files below `/proc/sys`, as a test sets them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ebpf_core::Errno;
use ebpf_core::system::SystemError;
use parking_lot::Mutex;

use crate::MockSystem;

/// The sysctls of a machine, by their paths below `/proc/sys`.
#[derive(Debug)]
pub(crate) struct Sysctls(Mutex<BTreeMap<String, Sysctl>>);

#[derive(Clone, Debug)]
struct Sysctl {
    /// With its line feed.
    value: Vec<u8>,
    /// Which numbers it may be, where it is one.
    numbers: Option<RangeInclusive<i64>>,
}

impl Sysctl {
    /// One that begins as this text: if that is a number it stays one.
    fn new(value: &[u8]) -> Sysctl {
        let any = i64::from(i32::MIN)..=i64::from(i32::MAX);
        Sysctl {
            numbers: number(value).map(|_| any),
            value: line(value),
        }
    }
}

impl Default for Sysctls {
    fn default() -> Sysctls {
        let known = [
            ("kernel/hostname", "mock", None),
            ("net/core/somaxconn", "4096", Some(0..=i64::from(i32::MAX))),
            ("net/ipv4/ip_default_ttl", "64", Some(1..=255)),
            ("net/ipv4/ip_forward", "0", None),
            ("net/ipv4/tcp_congestion_control", "cubic", None),
        ];
        let known = known.map(|(name, value, numbers)| {
            let mut sysctl = Sysctl::new(value.as_bytes());
            sysctl.numbers = numbers.or(sysctl.numbers);
            (name.to_owned(), sysctl)
        });
        Sysctls(Mutex::new(known.into()))
    }
}

impl Sysctls {
    /// What one is.
    pub(crate) fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.lock().get(name).map(|sysctl| sysctl.value.clone())
    }

    /// Makes one something else.
    pub(crate) fn write(&self, name: &str, value: &[u8]) -> Result<(), Errno> {
        let mut sysctls = self.0.lock();
        let sysctl = sysctls.get_mut(name).ok_or(Errno::ENOENT)?;
        if let Some(numbers) = &sysctl.numbers {
            let number = number(value).filter(|number| numbers.contains(number));
            sysctl.value = format!("{}\n", number.ok_or(Errno::EINVAL)?).into_bytes();
        } else {
            sysctl.value = line(value);
        }
        Ok(())
    }
}

fn number(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

fn line(value: &[u8]) -> Vec<u8> {
    let mut line = value.trim_ascii_end().to_vec();
    line.push(b'\n');
    line
}

/// A path below `/proc/sys`, however it is said.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_prefix("/proc/sys/").unwrap_or(name)
}

impl MockSystem {
    /// Sets a sysctl, such as `net/ipv4/ip_forward`, which is made if there is none. No program is asked. One that is a
    /// number at first stays one. All network namespaces have the same.
    pub fn set_sysctl(&self, name: &str, value: &str) {
        let mut sysctls = self.kernel().world.sysctls.0.lock();
        let made = Sysctl::new(value.as_bytes());
        sysctls
            .entry(plain(name).to_owned())
            .and_modify(|sysctl| sysctl.value.clone_from(&made.value))
            .or_insert(made);
    }

    /// What the current task reads of a sysctl, from its start to its end: `cat`.
    ///
    /// The programs of its control group are asked of each read: of a file that has something in it, twice.
    ///
    /// # Errors
    /// `ENOENT` if there is none; `EPERM`, or what the program says, where one forbids it; what a program did wrong.
    #[doc(alias = "BPF_CGROUP_SYSCTL")]
    pub fn read_sysctl(&self, name: &str) -> Result<Vec<u8>, SystemError> {
        let read = self.kernel().read_sysctl(plain(name));
        read.map_err(|stop| stop.of("read sysctl", name))
    }

    /// The current task writes to a sysctl, if the programs of its control group allow it, which may say otherwise what is
    /// written.
    ///
    /// # Errors
    /// As [`MockSystem::read_sysctl`]; `EACCES` for users that are not root; `EINVAL` for what is no number, where it has
    /// to be one.
    pub fn write_sysctl(&self, name: &str, value: impl AsRef<[u8]>) -> Result<(), SystemError> {
        let written = self.kernel().write_sysctl(plain(name), value.as_ref());
        written.map_err(|stop| stop.of("write sysctl", name))
    }
}
