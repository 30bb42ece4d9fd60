//! The stacks that programs find themselves on.

use parking_lot::Mutex;

use crate::MockSystem;

/// What is on the stack of the kernel while user space runs a program by hand: functions and where they are, innermost
/// first.
pub(crate) const TEST_RUN: [(&str, u64); 4] = [
    ("bpf_prog_test_run_raw_tp", 0xffff_ffff_8140_0000),
    ("__sys_bpf", 0xffff_ffff_8141_0000),
    ("do_syscall_64", 0xffff_ffff_8200_0000),
    ("entry_SYSCALL_64_after_hwframe", 0xffff_ffff_8201_0000),
];

/// Where user space is by default.
const USER: [u64; 2] = [0x40_1136, 0x40_1072];

/// How far behind the start of a function its callers go on by default.
const INTO: u64 = 0x42;

/// The stacks of the kernel and of user space, innermost frame first.
#[derive(Debug)]
pub(crate) struct CallStacks(Mutex<[Vec<u64>; 2]>);

impl Default for CallStacks {
    fn default() -> CallStacks {
        let kernel = TEST_RUN.map(|(_, start)| start + INTO);
        CallStacks(Mutex::new([kernel.to_vec(), USER.to_vec()]))
    }
}

impl CallStacks {
    /// The frames, those of user space or of the kernel.
    pub(crate) fn frames(&self, user: bool) -> Vec<u64> {
        let [kernel, user_space] = &*self.0.lock();
        if user {
            user_space.clone()
        } else {
            kernel.clone()
        }
    }
}

impl MockSystem {
    /// What programs find on the stack from now on, addresses from the innermost frame on: in the kernel and in user space.
    ///
    /// At first there are the functions that lead to running a program by hand.
    #[doc(alias = "bpf_get_stackid")]
    #[doc(alias = "bpf_get_stack")]
    pub fn set_call_stacks(&self, kernel: &[u64], user: &[u64]) {
        *self.kernel().world.call_stacks.0.lock() = [kernel.to_vec(), user.to_vec()];
    }
}
