//! What a system says of its kernel, or fails to say.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::btf::Btf;
use ebpf_core::system::{KernelFacts, KernelSymbol, KernelVersion, System, SystemError};

use super::{Inner, Operation, os};

impl<S: System> Inner<S> {
    fn pass(
        &self,
        operation: Operation,
        object: impl Into<Arc<str>>,
        what: &str,
    ) -> Result<(), SystemError> {
        match self.plan.strike(operation, &object.into()) {
            None => Ok(()),
            Some(injected) => Err(os("read", what, injected.errno, None)),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: System> KernelFacts for Inner<S> {
    fn release(&self) -> Result<KernelVersion, SystemError> {
        const RELEASE: &str = "/proc/sys/kernel/osrelease";
        self.pass(Operation::Release, RELEASE, RELEASE)?;
        self.system.facts().release()
    }

    fn config(&self, option: &str) -> Result<Option<String>, SystemError> {
        self.pass(Operation::Config, option, "the kernel's configuration")?;
        self.system.facts().config(option)
    }

    fn page_size(&self) -> u32 {
        self.system.facts().page_size()
    }

    fn symbol(&self, name: &str) -> Result<Option<u64>, SystemError> {
        self.pass(Operation::Symbol, name, "/proc/kallsyms")?;
        self.system.facts().symbol(name)
    }

    fn symbol_at(&self, address: u64) -> Result<Option<KernelSymbol>, SystemError> {
        let object = format!("{address:#x}");
        self.pass(Operation::SymbolAt, object, "/proc/kallsyms")?;
        self.system.facts().symbol_at(address)
    }

    fn modules(&self) -> Result<Vec<Arc<str>>, SystemError> {
        const TYPES: &str = "/sys/kernel/btf";
        self.pass(Operation::Modules, TYPES, TYPES)?;
        self.system.facts().modules()
    }

    fn module_btf(&self, module: &str) -> Result<Option<Arc<Btf>>, SystemError> {
        let what = format!("/sys/kernel/btf/{module}");
        match self.pass(Operation::ModuleBtf, module, &what) {
            Ok(()) => self.system.facts().module_btf(module),
            Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
