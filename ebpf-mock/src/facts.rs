//! What a simulated kernel says of itself.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::btf::Btf;
use ebpf_core::system::{KernelFacts, KernelSymbol, KernelVersion, SystemError};

use crate::kernel::Kernel;
use crate::privileges::Privileges;

impl KernelFacts for Kernel {
    fn release(&self) -> Result<KernelVersion, SystemError> {
        Ok(self.machine.release)
    }

    fn config(&self, option: &str) -> Result<Option<String>, SystemError> {
        Ok(self.machine.config.get(option).cloned())
    }

    fn page_size(&self) -> u32 {
        4096
    }

    fn symbol(&self, name: &str) -> Result<Option<u64>, SystemError> {
        self.sees_addresses()?;
        Ok(self.machine.symbols.address(name))
    }

    fn symbol_at(&self, address: u64) -> Result<Option<KernelSymbol>, SystemError> {
        self.sees_addresses()?;
        Ok(self.machine.symbols.at(address))
    }

    fn modules(&self) -> Result<Vec<Arc<str>>, SystemError> {
        Ok(self.machine.modules.keys().cloned().collect())
    }

    fn module_btf(&self, module: &str) -> Result<Option<Arc<Btf>>, SystemError> {
        Ok(self.machine.modules.get(module).cloned())
    }
}

impl Kernel {
    /// Addresses are for the privileged: others see zeros in `/proc/kallsyms`.
    fn sees_addresses(&self) -> Result<(), SystemError> {
        if self.machine.privileges.include(Privileges::SYS_ADMIN) {
            return Ok(());
        }
        Err(SystemError::Os {
            op: "read",
            what: "/proc/kallsyms".into(),
            errno: Errno::EPERM,
            hint: Some("addresses of the kernel are shown to root only"),
        })
    }
}
