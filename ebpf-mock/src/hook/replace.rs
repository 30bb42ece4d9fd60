//! Functions of a program that another one is executed for: freplace, `bpf_tracing_prog_attach()` in kernel/bpf/syscall.c.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ebpf_core::Errno;
use ebpf_core::link::{Link, LinkTarget, LinkType};

use super::attaching::{Attaching, Refusal};
use crate::kernel::Kernel;
use crate::link::{self, Attachment};
use crate::program::{ProgramObject, same_signature};
use crate::world::{Probe, Site};

/// Has a program be executed for a function of another one, which the site names.
pub(super) fn attach(
    attaching: &Attaching<'_>,
    target: &Arc<ProgramObject>,
    function: u32,
    site: Site,
    cookie: Option<u64>,
) -> Result<Box<dyn Link>, Refusal> {
    let (kernel, program) = (attaching.kernel(), attaching.object());
    let mut functions = target.spec.functions.iter();
    let found = functions.find(|of| of.type_id.is_some_and(|id| id.0 == function));
    let start = found.ok_or_else(|| {
        Refusal::from(Errno::EINVAL).hint("the program has no function of this type")
    })?;
    same_signature(&program.spec, &target.spec, start)
        .map_err(|why| Refusal::told(Errno::EINVAL, why))?;
    let linked = link::link(kernel, LinkType::TRACING, program, |_| {
        let number = kernel.world.probes.attach(Probe {
            site: site.clone(),
            program: program.clone(),
            cookie: cookie.unwrap_or(0),
            pid: None,
            cpu: None,
        })?;
        let start = start.start as usize;
        program.placed.store(true, Ordering::Relaxed);
        target.code().replaced.set(start, Some(program.clone()));
        Ok(OfFunction {
            number,
            site: site.target(None),
            cookie: cookie.unwrap_or(0),
            target: target.clone(),
            start,
        })
    });
    linked.map_err(|errno: Errno| match errno {
        Errno::EBUSY => Refusal::from(errno).hint("another program has taken the function's place"),
        errno => errno.into(),
    })
}

/// A function that is replaced.
#[derive(Debug)]
struct OfFunction {
    number: u64,
    site: LinkTarget,
    cookie: u64,
    target: Arc<ProgramObject>,
    start: usize,
}

impl Drop for OfFunction {
    fn drop(&mut self) {
        self.target.code().replaced.set(self.start, None);
    }
}

impl Attachment for OfFunction {
    fn target(&self, _: &Kernel) -> LinkTarget {
        self.site.clone()
    }

    fn cookie(&self) -> u64 {
        self.cookie
    }

    fn updates(&self) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn replace(&self, _: &Kernel, _: u32, _: &Arc<ProgramObject>) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn remove(&self, kernel: &Kernel, _: u32) {
        self.target.code().replaced.set(self.start, None);
        kernel.world.probes.detach(self.number);
    }

    fn detaches(&self) -> bool {
        false
    }
}
