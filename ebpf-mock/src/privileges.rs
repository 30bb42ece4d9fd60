//! What the process that uses a simulated kernel may do.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// What the process that uses a [`MockSystem`](crate::MockSystem) may do: capabilities, which are joined with `|`.
///
/// Without them the simulated kernel answers `EPERM` where Linux does.
///
/// ```
/// use ebpf_core::System;
/// use ebpf_core::Errno;
/// use ebpf_core::map::{MapSpec, MapType};
/// use ebpf_mock::{MockSystem, Privileges};
///
/// let user = MockSystem::builder().privileges(Privileges::NONE).build();
/// let refused = user.create_map(&MapSpec::new("counts", MapType::HASH, 4, 8, 1), None);
/// assert_eq!(refused.map(|_| ()).map_err(|error| error.errno()), Err(Some(Errno::EPERM)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Privileges(u8);

impl Privileges {
    /// A common user. Maps and programs are out of reach unless
    /// [`MockSystemBuilder::unprivileged_bpf`](crate::MockSystemBuilder::unprivileged_bpf) lets users have some.
    pub const NONE: Privileges = Privileges(0);
    /// Makes maps and loads programs. Since Linux 5.8; before, nothing less than root does.
    #[doc(alias = "CAP_BPF")]
    pub const BPF: Privileges = Privileges(1);
    /// Loads and attaches programs that look into the kernel.
    #[doc(alias = "CAP_PERFMON")]
    pub const PERFMON: Privileges = Privileges(2);
    /// Loads and attaches programs of the network.
    #[doc(alias = "CAP_NET_ADMIN")]
    pub const NET_ADMIN: Privileges = Privileges(4);
    /// Opens objects by their ids.
    #[doc(alias = "CAP_SYS_ADMIN")]
    pub const SYS_ADMIN: Privileges = Privileges(8);
    /// Everything.
    pub const ROOT: Privileges = Privileges(15);

    /// Whether all of these are among them.
    #[must_use]
    pub const fn include(self, wanted: Privileges) -> bool {
        // Who administers the system may do the rest too, as it was before there were smaller capabilities.
        let smaller = Self::BPF.0 | Self::PERFMON.0;
        let has = if self.0 & Self::SYS_ADMIN.0 != 0 {
            self.0 | smaller
        } else {
            self.0
        };
        has & wanted.0 == wanted.0
    }

    /// The user: 0 for root.
    pub(crate) fn uid(self) -> u32 {
        if self == Self::ROOT { 0 } else { 1000 }
    }
}

impl BitOr for Privileges {
    type Output = Privileges;

    fn bitor(self, other: Privileges) -> Privileges {
        Privileges(self.0 | other.0)
    }
}

impl BitOrAssign for Privileges {
    fn bitor_assign(&mut self, other: Privileges) {
        *self = *self | other;
    }
}

impl fmt::Debug for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::BPF, "BPF"),
            (Self::PERFMON, "PERFMON"),
            (Self::NET_ADMIN, "NET_ADMIN"),
            (Self::SYS_ADMIN, "SYS_ADMIN"),
        ];
        let has = names.iter().filter(|(one, _)| self.0 & one.0 != 0);
        f.debug_set().entries(has.map(|(_, name)| name)).finish()
    }
}
