//! What a simulated kernel says of itself.

use std::sync::Arc;

use ebpf_core::btf::Btf;
use ebpf_core::system::{KernelFacts, KernelSymbol, KernelVersion, SystemError};

use crate::kernel::Kernel;

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

    fn symbol(&self, _: &str) -> Result<Option<u64>, SystemError> {
        Ok(None)
    }

    fn symbol_at(&self, _: u64) -> Result<Option<KernelSymbol>, SystemError> {
        Ok(None)
    }

    fn modules(&self) -> Result<Vec<Arc<str>>, SystemError> {
        Ok(Vec::new())
    }

    fn module_btf(&self, _: &str) -> Result<Option<Arc<Btf>>, SystemError> {
        Ok(None)
    }
}
