//! Devices that tasks open or make: `devcgroup_check_permission()` in security/device_cgroup.c.

use ebpf_core::system::SystemError;

use crate::MockSystem;

/// What kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceKind {
    /// Blocks, such as a disk.
    #[doc(alias = "BPF_DEVCG_DEV_BLOCK")]
    Block,
    /// Characters, such as a terminal.
    #[doc(alias = "BPF_DEVCG_DEV_CHAR")]
    Character,
}

/// What a task does with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceAccess {
    /// It makes a node for it.
    #[doc(alias = "BPF_DEVCG_ACC_MKNOD")]
    MakeNode,
    /// It opens it to read.
    #[doc(alias = "BPF_DEVCG_ACC_READ")]
    Read,
    /// It opens it to write.
    #[doc(alias = "BPF_DEVCG_ACC_WRITE")]
    Write,
    /// It opens it for both.
    ReadWrite,
}

impl MockSystem {
    /// The current task opens a device of these numbers (major and minor), or makes a node for it, if the programs of its
    /// control group allow it. Nothing else comes of it.
    ///
    /// # Errors
    /// `EPERM`, or what the program says, where one forbids it; what a program did wrong.
    #[doc(alias = "BPF_CGROUP_DEVICE")]
    pub fn open_device(
        &self,
        kind: DeviceKind,
        (major, minor): (u32, u32),
        access: DeviceAccess,
    ) -> Result<(), SystemError> {
        let allowed = self.kernel().ask_for_device(kind, (major, minor), access);
        allowed.map_err(|stop| stop.of("open", format!("the device {major}:{minor}")))
    }
}
