//! The tracepoints of a simulated kernel, as tracefs and as raw ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::system::SystemError;
use parking_lot::Mutex;

use crate::MockSystem;
use crate::symbols::SYSTEM_CALLS;
use crate::system::refused;

/// Bytes before the fields of every tracepoint: its number, flags, preemption count, PID.
const HEADER: u32 = 8;

/// A tracepoint to be added to a simulated kernel.
///
/// ```
/// use ebpf_mock::{MockSystem, TracepointSpec};
/// let system = MockSystem::new();
/// let reset = TracepointSpec::new("net", "card_reset").field("ifindex", 4).field("reason", 8);
/// assert_eq!(reset.fields[1].offset, 16);
/// system.add_tracepoint(reset)?;
/// # Ok::<(), ebpf_core::system::SystemError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracepointSpec {
    /// Its directory in tracefs.
    pub category: String,
    /// Its name there.
    pub name: String,
    /// What a program finds in its context, after 8 bytes that all tracepoints have.
    pub fields: Vec<TracepointField>,
    /// The name of the raw tracepoint behind it; its own name if `None`.
    pub raw: Option<String>,
}

/// A field of a tracepoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracepointField {
    /// Its name.
    pub name: String,
    /// Bytes from the start of the program's context.
    pub offset: u32,
    /// How many bytes it has.
    pub size: u32,
}

impl TracepointSpec {
    /// A tracepoint without fields.
    pub fn new(category: impl Into<String>, name: impl Into<String>) -> TracepointSpec {
        TracepointSpec {
            category: category.into(),
            name: name.into(),
            fields: Vec::new(),
            raw: None,
        }
    }

    /// The same with one more field of so many bytes, at the next offset that is a multiple of its size, or of 8.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, size: u32) -> TracepointSpec {
        let alignment = match size {
            1 | 2 | 4 => size,
            _ => 8,
        };
        let offset = self.size().checked_next_multiple_of(alignment);
        self.fields.push(TracepointField {
            name: name.into(),
            offset: offset.unwrap_or(u32::MAX),
            size,
        });
        self
    }

    /// The same behind which is this raw tracepoint.
    #[must_use]
    pub fn raw(self, name: impl Into<String>) -> TracepointSpec {
        TracepointSpec {
            raw: Some(name.into()),
            ..self
        }
    }

    /// How many bytes a program may read of its context.
    pub fn size(&self) -> u32 {
        let ends = self
            .fields
            .iter()
            .map(|field| field.offset.saturating_add(field.size));
        ends.max().unwrap_or(HEADER)
    }
}

/// The tracepoints of a kernel.
#[derive(Debug)]
pub(crate) struct Tracepoints(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    by_category: BTreeMap<String, BTreeMap<String, Arc<TracepointSpec>>>,
    raw: BTreeSet<String>,
}

impl Default for Tracepoints {
    fn default() -> Tracepoints {
        let mut table = Table::default();
        for (call, _) in SYSTEM_CALLS {
            let mut enter = TracepointSpec::new("syscalls", format!("sys_enter_{call}"))
                .raw("sys_enter")
                .field("__syscall_nr", 8);
            for argument in ["arg0", "arg1", "arg2", "arg3", "arg4", "arg5"] {
                enter = enter.field(argument, 8);
            }
            let exit = TracepointSpec::new("syscalls", format!("sys_exit_{call}"))
                .raw("sys_exit")
                .field("__syscall_nr", 8)
                .field("ret", 8);
            table.add(enter);
            table.add(exit);
        }
        for tracepoint in common() {
            table.add(tracepoint);
        }
        Tracepoints(Mutex::new(table))
    }
}

/// Tracepoints that programs are often attached to, with the fields that they have in Linux 6.18.
fn common() -> Vec<TracepointSpec> {
    let new = TracepointSpec::new;
    vec![
        new("raw_syscalls", "sys_enter")
            .field("id", 8)
            .field("args", 48),
        new("raw_syscalls", "sys_exit")
            .field("id", 8)
            .field("ret", 8),
        new("sched", "sched_switch")
            .field("prev_comm", 16)
            .field("prev_pid", 4)
            .field("prev_prio", 4)
            .field("prev_state", 8)
            .field("next_comm", 16)
            .field("next_pid", 4)
            .field("next_prio", 4),
        new("sched", "sched_process_fork")
            .field("parent_comm", 4)
            .field("parent_pid", 4)
            .field("child_comm", 4)
            .field("child_pid", 4),
        new("sched", "sched_process_exec")
            .field("filename", 4)
            .field("pid", 4)
            .field("old_pid", 4),
        new("sched", "sched_process_exit")
            .field("comm", 16)
            .field("pid", 4)
            .field("prio", 4)
            .field("group_dead", 1),
        new("net", "netif_receive_skb")
            .field("skbaddr", 8)
            .field("len", 4)
            .field("name", 4),
        new("net", "net_dev_xmit")
            .field("skbaddr", 8)
            .field("len", 4)
            .field("rc", 4)
            .field("name", 4),
        new("sock", "inet_sock_set_state")
            .field("skaddr", 8)
            .field("oldstate", 4)
            .field("newstate", 4)
            .field("sport", 2)
            .field("dport", 2)
            .field("family", 2)
            .field("protocol", 2)
            .field("saddr", 4)
            .field("daddr", 4)
            .field("saddr_v6", 16)
            .field("daddr_v6", 16),
        new("timer", "hrtimer_start")
            .field("hrtimer", 8)
            .field("function", 8)
            .field("expires", 8)
            .field("softexpires", 8)
            .field("mode", 4),
    ]
}

impl Table {
    fn add(&mut self, spec: TracepointSpec) -> bool {
        let TracepointSpec { category, name, .. } = &spec;
        let of_category = self.by_category.entry(category.clone()).or_default();
        if of_category.contains_key(name) {
            return false;
        }
        self.raw
            .insert(spec.raw.clone().unwrap_or_else(|| name.clone()));
        of_category.insert(name.clone(), Arc::new(spec));
        true
    }
}

impl Tracepoints {
    pub(crate) fn get(&self, category: &str, name: &str) -> Option<Arc<TracepointSpec>> {
        self.0.lock().by_category.get(category)?.get(name).cloned()
    }

    /// Whether there is a raw tracepoint of this name.
    pub(crate) fn has_raw(&self, name: &str) -> bool {
        self.0.lock().raw.contains(name)
    }

    pub(crate) fn categories(&self) -> Vec<String> {
        self.0.lock().by_category.keys().cloned().collect()
    }

    /// The names of a category; `None` if there is no such category.
    pub(crate) fn names(&self, category: &str) -> Option<Vec<String>> {
        let table = self.0.lock();
        Some(table.by_category.get(category)?.keys().cloned().collect())
    }
}

impl MockSystem {
    /// Adds a tracepoint. Those of common system calls (`syscalls:sys_enter_openat`) and some others
    /// (`sched:sched_switch`) are there from the start.
    ///
    /// # Errors
    /// `EEXIST` if there is one of this name in this category, `EINVAL` for what cannot be a name.
    pub fn add_tracepoint(&self, spec: TracepointSpec) -> Result<(), SystemError> {
        let what = format!("{}:{}", spec.category, spec.name);
        let is_name = |name: &str| !name.is_empty() && !name.contains(['/', '\0', '.']);
        let added = if !is_name(&spec.category) || !is_name(&spec.name) {
            Err(Errno::EINVAL)
        } else if self.kernel().world.tracepoints.0.lock().add(spec) {
            Ok(())
        } else {
            Err(Errno::EEXIST)
        };
        added.map_err(|errno| refused("add tracepoint", what, errno, None))
    }
}
