//! A link whose operations can be made to fail.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::link::{Link, LinkError, LinkInfo, LinkState};
use ebpf_core::program::Program;
use ebpf_core::system::{Handle, hint};

use super::{Operation, Plan};

/// A link of an injector's system.
#[derive(Debug)]
pub(super) struct FaultyLink {
    inner: Box<dyn Link>,
    /// What rules call it by.
    name: Arc<str>,
    plan: Arc<Plan>,
}

impl FaultyLink {
    pub(super) fn wrap(inner: Box<dyn Link>, name: Arc<str>, plan: &Arc<Plan>) -> Box<dyn Link> {
        Box::new(FaultyLink {
            inner,
            name,
            plan: plan.clone(),
        })
    }

    /// A link of which it is not known what was attached.
    pub(super) fn wrap_found(inner: Box<dyn Link>, plan: &Arc<Plan>) -> Box<dyn Link> {
        let name = inner.info().target.to_string().into();
        FaultyLink::wrap(inner, name, plan)
    }

    fn pass(
        &self,
        operation: Operation,
        op: &'static str,
        hint: impl FnOnce(Errno) -> Option<&'static str>,
    ) -> Result<(), LinkError> {
        match self.plan.strike(operation, &self.name) {
            None => Ok(()),
            Some(injected) => {
                let errno = injected.errno;
                Err(self.inner.info().refused(op, errno, hint(errno)))
            }
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Link for FaultyLink {
    fn info(&self) -> &LinkInfo {
        self.inner.info()
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        self.pass(Operation::QueryLink, "query", |_| None)?;
        self.inner.query()
    }

    fn handle(&self) -> Option<Handle> {
        self.inner.handle()
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        self.pass(Operation::UpdateLink, "update", |errno| {
            hint::update_link(errno, expected.is_some())
        })?;
        self.inner.update(new, expected)
    }

    fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError> {
        self.pass(Operation::ReadLink, "read", |errno| {
            (errno == Errno::EINVAL).then_some("only iterators can be read")
        })?;
        self.inner.read()
    }

    fn pin(&self, path: &Path) -> Result<(), LinkError> {
        self.pass(Operation::PinLink, "pin", |errno| {
            hint::pin(path, errno, true)
        })?;
        self.inner.pin(path)
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.pass(Operation::Detach, "detach", |_| None)?;
        self.inner.detach()
    }

    fn forget(self: Box<Self>) {
        self.inner.forget();
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.inner.fd()
    }
}
