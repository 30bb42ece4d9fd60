//! What helpers use of the machine besides its world: the trace pipe, memory that probes read, helpers of the test's own.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use ebpf_core::insn::helper_id;
use parking_lot::{Mutex, RwLock};

use super::super::problem::Problem;
use super::super::run::Run;
use super::fib::Ways;
use crate::MockSystem;
use crate::kernel::per_cpu;

/// What helpers use of the machine.
#[derive(Debug, Default)]
pub(crate) struct Facilities {
    /// Routes and neighbours.
    pub(super) ways: Ways,
    trace: Mutex<VecDeque<Box<str>>>,
    memory: RwLock<BTreeMap<u64, Vec<u8>>>,
    own: RwLock<Own>,
}

/// Helpers and kernel functions of the test's.
#[derive(Default)]
struct Own {
    helpers: BTreeMap<u32, Arc<OwnFunction>>,
    kfuncs: BTreeMap<Box<str>, Arc<OwnFunction>>,
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (helpers, kfuncs) = (self.helpers.keys(), self.kfuncs.keys());
        f.debug_tuple("Own")
            .field(&helpers.collect::<Vec<_>>())
            .field(&kfuncs.collect::<Vec<_>>())
            .finish()
    }
}

/// A helper or kernel function of a test's own.
pub(crate) type OwnFunction = dyn Fn(&mut HelperCall<'_>) -> Result<u64, Problem> + Send + Sync;

/// How many lines the trace pipe keeps before the oldest are lost.
const LINES: usize = 65_536;

impl Facilities {
    /// Adds a line to the trace pipe.
    pub(super) fn print(&self, line: String) {
        let mut trace = self.trace.lock();
        if trace.len() == LINES {
            trace.pop_front();
        }
        trace.push_back(line.into());
    }

    /// Copies bytes from memory that a test supplied; `None` where not all of them are there.
    pub(crate) fn read(&self, at: u64, out: &mut [u8]) -> Option<()> {
        let memory = self.memory.read();
        let (start, bytes) = memory.range(..=at).next_back()?;
        let skip = usize::try_from(at - start).ok()?;
        let found = bytes.get(skip..skip.checked_add(out.len())?)?;
        out.copy_from_slice(found);
        Some(())
    }

    /// Writes bytes to memory that a test supplied.
    pub(crate) fn write(&self, at: u64, bytes: &[u8]) -> Option<()> {
        let mut memory = self.memory.write();
        let (start, there) = memory.range_mut(..=at).next_back()?;
        let skip = usize::try_from(at - start).ok()?;
        let place = there.get_mut(skip..skip.checked_add(bytes.len())?)?;
        place.copy_from_slice(bytes);
        Some(())
    }

    /// The helper that a test put in the place of one.
    pub(crate) fn own_helper(&self, id: u32) -> Option<Arc<OwnFunction>> {
        self.own.read().helpers.get(&id).cloned()
    }

    /// The kernel function of a test.
    pub(crate) fn own_kfunc(&self, name: &str) -> Option<Arc<OwnFunction>> {
        self.own.read().kfuncs.get(name).cloned()
    }
}

/// A call of a helper or kernel function that a test supplies.
#[derive(Debug)]
pub struct HelperCall<'r> {
    run: &'r mut Run,
    arguments: [u64; 5],
}

impl<'r> HelperCall<'r> {
    pub(crate) fn new(run: &'r mut Run, arguments: [u64; 5]) -> HelperCall<'r> {
        HelperCall { run, arguments }
    }

    /// What the program has in r1 to r5: numbers, and addresses for [`HelperCall::read`] and [`HelperCall::write`].
    pub fn arguments(&self) -> [u64; 5] {
        self.arguments
    }

    /// The CPU that the program runs on.
    pub fn cpu(&self) -> u32 {
        self.run.cpu
    }

    /// Copies bytes of the program's memory out.
    ///
    /// # Errors
    /// What is wrong with the access; returned from the helper, it stops the program.
    pub fn read(&self, address: u64, out: &mut [u8]) -> Result<(), Problem> {
        self.run.memory.read(address, out)
    }

    /// Writes to the program's memory.
    ///
    /// # Errors
    /// As [`HelperCall::read`].
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Problem> {
        self.run.memory.write(address, bytes)
    }
}

impl MockSystem {
    /// Puts a function in the place of a helper, for every program from now on; of helpers that the simulated system has too.
    /// What it returns is in r0 afterwards. Gives whether there is a helper of this name, such as `bpf_ktime_get_ns`.
    ///
    /// ```
    /// # let system = ebpf_mock::MockSystem::new();
    /// // Time that goes on by itself.
    /// let now = std::sync::atomic::AtomicU64::new(0);
    /// let known = system.replace_helper("bpf_ktime_get_ns", move |_| {
    ///     Ok(now.fetch_add(1000, std::sync::atomic::Ordering::Relaxed))
    /// });
    /// assert!(known);
    /// ```
    pub fn replace_helper(
        &self,
        name: &str,
        call: impl Fn(&mut HelperCall<'_>) -> Result<u64, Problem> + Send + Sync + 'static,
    ) -> bool {
        let Some(id) = helper_id(name) else {
            return false;
        };
        let mut own = self.kernel().facilities.own.write();
        own.helpers.insert(id, Arc::new(call));
        true
    }

    /// Supplies a kernel function, for every program from now on.
    pub fn supply_kfunc(
        &self,
        name: &str,
        call: impl Fn(&mut HelperCall<'_>) -> Result<u64, Problem> + Send + Sync + 'static,
    ) {
        let mut own = self.kernel().facilities.own.write();
        own.kfuncs.insert(name.into(), Arc::new(call));
    }

    /// Supplies memory for programs that read the kernel's or a process's: `bpf_probe_read_kernel()` and its like find
    /// these bytes at this address. Any other address is `EFAULT` to them, but those of the program's own memory.
    ///
    /// Programs that have pointers to structures of the kernel, such as the arguments of `fentry`, LSM and `tp_btf` programs
    /// and what `bpf_get_current_task_btf()` gives, read them too. To them, what is not supplied is zeros, as NULL and
    /// addresses without memory are in a kernel.
    ///
    /// Memory that begins at the same address is replaced.
    pub fn supply_memory(&self, address: u64, bytes: impl Into<Vec<u8>>) {
        let mut memory = self.kernel().facilities.memory.write();
        memory.insert(address, bytes.into());
    }

    /// Supplies a variable of the kernel, which programs name (`extern … __ksym`): they find these bytes there. The kernel's
    /// types have to have it, for variables that programs know the type of.
    #[doc(alias = "__ksym")]
    pub fn supply_variable(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.supply_memory(self.kernel().variable(name), bytes);
    }

    /// Supplies what a CPU has of a variable that each CPU has its own of.
    #[doc(alias = "bpf_per_cpu_ptr")]
    #[doc(alias = "bpf_this_cpu_ptr")]
    pub fn supply_per_cpu_variable(&self, name: &str, cpu: u32, bytes: impl Into<Vec<u8>>) {
        self.supply_memory(per_cpu(self.kernel().variable(name), cpu), bytes);
    }

    /// Takes the lines that programs printed: what `/sys/kernel/tracing/trace_pipe` gives, the oldest first.
    #[doc(alias = "bpf_trace_printk")]
    pub fn take_trace(&self) -> Vec<Box<str>> {
        self.kernel().facilities.trace.lock().drain(..).collect()
    }
}
