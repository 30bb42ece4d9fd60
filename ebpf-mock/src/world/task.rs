//! Tasks, and which of them runs on the calling thread.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::thread::ThreadId;

use ebpf_core::Errno;
use ebpf_core::hook::Descriptor as HookDescriptor;
use ebpf_core::system::SystemError;
use parking_lot::Mutex;

use super::cgroup::{CgroupObject, MockCgroup};
use super::namespace::{MockNetns, NetnsObject};
use crate::MockSystem;
use crate::kernel::{Descriptor, Kernel, Object};
use crate::system::refused;

/// The task that there is at first.
const FIRST: u32 = 1000;
/// The longest name of a task, in bytes, without its NUL byte.
const COMM: usize = 15;

/// A task to be added to a simulated machine.
///
/// ```
/// use ebpf_mock::{MockSystem, TaskSpec};
/// let system = MockSystem::new();
/// let nginx = system.add_task(TaskSpec::new("nginx").user(33, 33))?;
/// system.run_as(&nginx, || assert_eq!(system.current_task().comm(), "nginx"));
/// # Ok::<(), ebpf_core::system::SystemError>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskSpec<'s> {
    /// Its name, which is cut to 15 bytes.
    pub comm: String,
    /// The number of its process; the next one without it.
    pub process: Option<u32>,
    /// Its own number; that of its process without it.
    pub thread: Option<u32>,
    /// Its user. Root without it.
    pub user: u32,
    /// Its group of users. Root's without it.
    pub group: u32,
    /// Its control group. The root without it.
    pub cgroup: Option<&'s MockCgroup>,
    /// Its network namespace. The initial one without it.
    pub namespace: Option<&'s MockNetns>,
}

impl<'s> TaskSpec<'s> {
    /// A process of root's of this name.
    pub fn new(comm: impl Into<String>) -> TaskSpec<'s> {
        TaskSpec {
            comm: comm.into(),
            process: None,
            thread: None,
            user: 0,
            group: 0,
            cgroup: None,
            namespace: None,
        }
    }

    /// The same with these numbers: of the process, and of the thread.
    #[must_use]
    pub fn ids(self, process: u32, thread: u32) -> TaskSpec<'s> {
        TaskSpec {
            process: Some(process),
            thread: Some(thread),
            ..self
        }
    }

    /// The same of this user and this group of users.
    #[must_use]
    pub fn user(self, user: u32, group: u32) -> TaskSpec<'s> {
        TaskSpec {
            user,
            group,
            ..self
        }
    }

    /// The same in this control group.
    #[must_use]
    pub fn cgroup(self, cgroup: &'s MockCgroup) -> TaskSpec<'s> {
        TaskSpec {
            cgroup: Some(cgroup),
            ..self
        }
    }

    /// The same in this network namespace.
    #[must_use]
    pub fn namespace(self, namespace: &'s MockNetns) -> TaskSpec<'s> {
        TaskSpec {
            namespace: Some(namespace),
            ..self
        }
    }
}

/// A task as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct TaskObject {
    /// The number of its process: what user space calls its PID, and the kernel its TGID.
    pub(crate) process: u32,
    /// Its own number.
    pub(crate) thread: u32,
    pub(crate) user: u32,
    pub(crate) group: u32,
    pub(crate) comm: String,
    pub(crate) cgroup: Arc<CgroupObject>,
    pub(crate) namespace: Arc<NetnsObject>,
}

impl TaskObject {
    /// What `bpf_get_current_pid_tgid` says.
    pub(crate) fn pid_tgid(&self) -> u64 {
        u64::from(self.process) << 32 | u64::from(self.thread)
    }
}

/// What runs where.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) task: Arc<TaskObject>,
    pub(crate) cpu: u32,
}

/// The tasks of a machine.
#[derive(Debug)]
pub(crate) struct Tasks {
    first: Current,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    last: u32,
    by_thread: BTreeMap<u32, Arc<TaskObject>>,
    /// What runs on the threads of the test that said so.
    current: HashMap<ThreadId, Current>,
}

impl Known {
    /// The next number that no thread and no process has.
    fn free(&self) -> u32 {
        let taken = |number: u32| {
            let is = |task: &Arc<TaskObject>| task.thread == number || task.process == number;
            number == 0 || self.by_thread.values().any(is)
        };
        let mut number = self.last.wrapping_add(1);
        while taken(number) {
            number = number.wrapping_add(1);
        }
        number
    }
}

impl Tasks {
    pub(super) fn new(namespace: Arc<NetnsObject>, cgroup: Arc<CgroupObject>) -> Tasks {
        let task = Arc::new(TaskObject {
            process: FIRST,
            thread: FIRST,
            user: 0,
            group: 0,
            comm: "test".to_owned(),
            cgroup,
            namespace,
        });
        Tasks {
            known: Mutex::new(Known {
                last: FIRST,
                by_thread: BTreeMap::from([(FIRST, task.clone())]),
                current: HashMap::new(),
            }),
            first: Current { task, cpu: 0 },
        }
    }

    /// What runs on the calling thread.
    pub(crate) fn current(&self) -> Current {
        let known = self.known.lock();
        let current = known.current.get(&std::thread::current().id());
        current.unwrap_or(&self.first).clone()
    }

    /// Every task, by the numbers of their threads.
    pub(crate) fn all(&self) -> Vec<Arc<TaskObject>> {
        self.known.lock().by_thread.values().cloned().collect()
    }

    /// The task of a thread's number.
    pub(crate) fn by_thread(&self, thread: u32) -> Option<Arc<TaskObject>> {
        self.known.lock().by_thread.get(&thread).cloned()
    }

    /// Whether there is a process of this number.
    pub(crate) fn has_process(&self, process: u32) -> bool {
        let known = self.known.lock();
        known.by_thread.values().any(|task| task.process == process)
    }

    /// Whether a task is in the control group of a directory.
    pub(super) fn any_in(&self, path: &Path) -> bool {
        let known = self.known.lock();
        known
            .by_thread
            .values()
            .any(|task| task.cgroup.path == path)
    }

    /// Adds a task that is made of the next free number.
    fn add(&self, make: impl FnOnce(u32) -> TaskObject) -> Result<Arc<TaskObject>, Errno> {
        let mut known = self.known.lock();
        let task = Arc::new(make(known.free()));
        match known.by_thread.entry(task.thread) {
            Entry::Occupied(_) => Err(Errno::EEXIST),
            Entry::Vacant(place) => {
                place.insert(task.clone());
                known.last = task.thread;
                Ok(task)
            }
        }
    }

    /// Whether a task has not ended.
    pub(crate) fn is_alive(&self, task: &TaskObject) -> bool {
        let known = self.known.lock();
        let there = known.by_thread.get(&task.thread);
        there.is_some_and(|there| std::ptr::eq(&**there, task))
    }

    fn remove(&self, task: &TaskObject) {
        if self.is_alive(task) {
            let gone = self.known.lock().by_thread.remove(&task.thread);
            drop(gone);
        }
    }

    /// Has something run on the calling thread, until what it gives is dropped.
    fn enter(&self, now: Current) -> Entered<'_> {
        let thread = std::thread::current().id();
        let before = self.known.lock().current.insert(thread, now);
        Entered {
            tasks: self,
            thread,
            before,
        }
    }
}

/// Something else runs on a thread while this exists.
struct Entered<'t> {
    tasks: &'t Tasks,
    thread: ThreadId,
    before: Option<Current>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let mut known = self.tasks.known.lock();
        match self.before.take() {
            Some(before) => known.current.insert(self.thread, before),
            None => known.current.remove(&self.thread),
        };
    }
}

/// A task of a simulated machine, and a descriptor of it. Dropping it closes the descriptor; the task is there until it is
/// told to exit.
#[derive(Debug)]
#[doc(alias = "pidfd")]
pub struct MockTask {
    object: Arc<TaskObject>,
    descriptor: Descriptor,
}

impl<'t> From<&'t MockTask> for HookDescriptor<'t> {
    fn from(task: &'t MockTask) -> HookDescriptor<'t> {
        task.descriptor.of_hook()
    }
}

impl MockTask {
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

    /// The number of its process, which programs know as its TGID.
    pub fn pid(&self) -> u32 {
        self.object.process
    }

    /// Its own number, which programs know as its PID.
    pub fn thread(&self) -> u32 {
        self.object.thread
    }

    /// What programs are told of its numbers: that of the process in the upper half, its own in the lower.
    #[doc(alias = "bpf_get_current_pid_tgid")]
    pub fn pid_tgid(&self) -> u64 {
        self.object.pid_tgid()
    }

    /// Its name.
    #[doc(alias = "bpf_get_current_comm")]
    pub fn comm(&self) -> &str {
        &self.object.comm
    }

    /// Where programs see its `struct task_struct`: [`MockSystem::supply_memory`] says what they read there.
    #[doc(alias = "bpf_get_current_task_btf")]
    pub fn address(&self) -> u64 {
        self.object.address()
    }

    /// The id of its control group.
    #[doc(alias = "bpf_get_current_cgroup_id")]
    pub fn cgroup_id(&self) -> u64 {
        self.object.cgroup.id
    }

    /// Ends it, with the storage that lives with it: probes of it alone fire no more, and its numbers are free. What runs
    /// as it goes on, and the descriptor stays open.
    pub fn exit(&self) {
        self.descriptor.kernel.world.tasks.remove(&self.object);
    }
}

impl MockSystem {
    /// Adds a task. It does nothing but what [`MockSystem::run_as`] does as it.
    ///
    /// # Errors
    /// `EEXIST` if its number is another's, `EINVAL` for numbers of which one is 0.
    pub fn add_task(&self, spec: TaskSpec<'_>) -> Result<MockTask, SystemError> {
        let tasks = &self.kernel().world.tasks;
        let mut comm = spec.comm.clone();
        let end = (0..=COMM).rev().find(|end| comm.is_char_boundary(*end));
        comm.truncate(end.unwrap_or(0));
        let made = match (spec.process, spec.thread) {
            (Some(0), _) | (_, Some(0)) => Err(Errno::EINVAL),
            (process, thread) => tasks.add(|next| {
                let process = process.or(thread).unwrap_or(next);
                TaskObject {
                    process,
                    thread: thread.unwrap_or(process),
                    user: spec.user,
                    group: spec.group,
                    comm,
                    cgroup: match spec.cgroup {
                        Some(cgroup) => cgroup.object().clone(),
                        None => self.kernel().world.cgroups.root(),
                    },
                    namespace: match spec.namespace {
                        Some(namespace) => namespace.object().clone(),
                        None => self.kernel().world.namespaces.initial(),
                    },
                }
            }),
        };
        made.map(|task| MockTask::open(self.kernel(), task))
            .map_err(|errno| refused("add task", spec.comm, errno, None))
    }

    /// The task that runs on the calling thread: a process of root's named `test`, unless [`MockSystem::run_as`] says
    /// otherwise.
    pub fn current_task(&self) -> MockTask {
        MockTask::open(self.kernel(), self.kernel().world.tasks.current().task)
    }

    /// Does what `act` does as this task: programs that it sets off see the task, and what it opens is the task's.
    pub fn run_as<T>(&self, task: &MockTask, act: impl FnOnce() -> T) -> T {
        let tasks = &self.kernel().world.tasks;
        let now = Current {
            task: task.object.clone(),
            ..tasks.current()
        };
        let _entered = tasks.enter(now);
        act()
    }

    /// Does what `act` does on this CPU; 0 without it.
    ///
    /// # Errors
    /// `EINVAL` if it is not online.
    pub fn on_cpu<T>(&self, cpu: u32, act: impl FnOnce() -> T) -> Result<T, SystemError> {
        if !self
            .kernel()
            .machine
            .cpus
            .online
            .iter()
            .any(|online| online == cpu)
        {
            let what = format!("CPU {cpu}");
            return Err(refused("run on", what, Errno::EINVAL, None));
        }
        let tasks = &self.kernel().world.tasks;
        let now = Current {
            cpu,
            ..tasks.current()
        };
        let _entered = tasks.enter(now);
        Ok(act())
    }
}
