//! Tasks: what runs on a machine, and what storage lives with.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::hook::Descriptor as HookDescriptor;
use parking_lot::Mutex;

use crate::kernel::{Descriptor, Kernel, Object};

/// The number of the first task that a test starts.
const FIRST: u32 = 1000;

/// The tasks of a machine, by number.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<BTreeMap<u32, Arc<TaskObject>>>);

impl Tasks {
    /// Starts one. Numbers ascend.
    fn start(&self, comm: &str) -> Arc<TaskObject> {
        let mut tasks = self.0.lock();
        let last = tasks
            .last_key_value()
            .map_or(FIRST - 1, |(last, _)| (*last).max(FIRST - 1));
        let task = Arc::new(TaskObject {
            pid: last.wrapping_add(1),
            comm: comm.to_owned(),
        });
        tasks.insert(task.pid, task.clone());
        task
    }

    /// Whether a task has not ended.
    pub(crate) fn is_alive(&self, task: &TaskObject) -> bool {
        self.0.lock().contains_key(&task.pid)
    }

    fn end(&self, task: &TaskObject) {
        let ended = self.0.lock().remove(&task.pid);
        drop(ended);
    }
}

/// A task as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct TaskObject {
    pub(crate) pid: u32,
    pub(crate) comm: String,
}

/// A task of a simulated machine: a process of one thread, and a descriptor of it. Dropping it closes the descriptor; the
/// task runs until it is told to exit.
#[derive(Debug)]
#[doc(alias = "pidfd")]
pub struct MockTask {
    object: Arc<TaskObject>,
    descriptor: Descriptor,
}

impl MockTask {
    pub(crate) fn start(kernel: &Arc<Kernel>, comm: &str) -> MockTask {
        MockTask::open(kernel, kernel.tasks.start(comm))
    }

    fn open(kernel: &Arc<Kernel>, object: Arc<TaskObject>) -> MockTask {
        MockTask {
            descriptor: kernel.open(Object::Task(object.clone())),
            object,
        }
    }

    /// Another descriptor of the same task.
    #[must_use]
    pub fn reopen(&self) -> MockTask {
        MockTask::open(&self.descriptor.kernel, self.object.clone())
    }

    /// The number of the task.
    pub fn pid(&self) -> u32 {
        self.object.pid
    }

    /// The name of what it runs.
    pub fn comm(&self) -> &str {
        &self.object.comm
    }

    /// Ends the task, and the storage that lives with it. The descriptor stays open.
    pub fn exit(&self) {
        self.descriptor.kernel.tasks.end(&self.object);
    }
}

impl<'t> From<&'t MockTask> for HookDescriptor<'t> {
    fn from(task: &'t MockTask) -> HookDescriptor<'t> {
        task.descriptor.of_hook()
    }
}
