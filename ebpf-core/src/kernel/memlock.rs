//! Kernels before 5.11 charge maps and programs to `RLIMIT_MEMLOCK`, whose default is small.

use super::sys;
use super::system::Shared;
use crate::Errno;
use crate::system::{KernelVersion, Support};

/// Does `work`, and once more with the limit lifted if it was refused and the limit may be why.
pub(super) fn retrying<T>(
    system: &Shared,
    mut work: impl FnMut() -> Result<T, Errno>,
) -> Result<T, Errno> {
    match work() {
        Err(Errno::EPERM) if may_be_limited(system) && sys::raise_memlock().is_ok() => work(),
        result => result,
    }
}

/// Whether memory is charged to the limit, as far as can be told.
fn may_be_limited(system: &Shared) -> bool {
    match system.memcg_accounting() {
        Support::Yes => false,
        Support::No => true,
        // Without privileges the probe says nothing; the release does.
        Support::Inconclusive(_) => system
            .facts
            .version()
            .is_ok_and(|release| release < KernelVersion::new(5, 11, 0)),
    }
}
