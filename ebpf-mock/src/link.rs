//! Links: an attachment as an object of the simulated kernel, and [`MockLink`], a descriptor of it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::link::{Link, LinkError, LinkId, LinkInfo, LinkState, LinkTarget, LinkType};
use ebpf_core::program::Program;
use ebpf_core::system::{Handle, hint};
use parking_lot::Mutex;

use crate::kernel::{Descriptor, Kernel, Object};
use crate::program::ProgramObject;

/// A place where one program runs, as the world keeps it.
pub(crate) trait Attachment: std::fmt::Debug + Send + Sync {
    /// Where it is now; something may be gone.
    fn target(&self, kernel: &Kernel) -> LinkTarget;

    /// What the program is told there.
    fn cookie(&self) -> u64 {
        0
    }

    /// Whether what it was attached to is gone.
    fn is_gone(&self, _: &Kernel) -> bool {
        false
    }

    /// What such links say to any other program.
    fn updates(&self) -> Result<(), Errno> {
        Ok(())
    }

    /// Whether a program may take the place of another one.
    fn takes(&self, old: &ProgramObject, new: &ProgramObject) -> bool {
        old.spec.program_type == new.spec.program_type
    }

    /// Puts a program in the place of what runs there for this link.
    fn replace(
        &self,
        kernel: &Kernel,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno>;

    /// Takes the link's program away.
    fn remove(&self, kernel: &Kernel, link: u32);

    /// Whether it can be detached while others refer to the link.
    fn detaches(&self) -> bool {
        true
    }

    /// Reads what its program prints.
    fn read(
        &self,
        _kernel: &Arc<Kernel>,
        _program: Arc<ProgramObject>,
    ) -> Result<Box<dyn io::Read + Send>, Errno> {
        Err(Errno::EINVAL)
    }
}

/// A link as the simulated kernel keeps it. Its end is the attachment's.
#[derive(Debug)]
pub(crate) struct LinkObject {
    pub(crate) id: u32,
    link_type: LinkType,
    attachment: Box<dyn Attachment>,
    /// The program that runs; `None` once it was detached.
    program: Mutex<Option<Arc<ProgramObject>>>,
    kernel: Weak<Kernel>,
}

impl LinkObject {
    fn new(
        id: u32,
        link_type: LinkType,
        attachment: Box<dyn Attachment>,
        program: Arc<ProgramObject>,
        kernel: &Arc<Kernel>,
    ) -> LinkObject {
        LinkObject {
            id,
            link_type,
            attachment,
            program: Mutex::new(Some(program)),
            kernel: Arc::downgrade(kernel),
        }
    }

    /// Where it is attached now.
    pub(crate) fn target(&self, kernel: &Kernel) -> LinkTarget {
        self.attachment.target(kernel)
    }

    pub(crate) fn link_type(&self) -> LinkType {
        self.link_type
    }

    /// The program that runs.
    pub(crate) fn running(&self) -> Option<Arc<ProgramObject>> {
        self.program.lock().clone()
    }

    fn detach(&self) {
        let program = self.program.lock().take();
        if let (Some(_), Some(kernel)) = (program, self.kernel.upgrade()) {
            self.attachment.remove(&kernel, self.id);
        }
    }
}

impl Drop for LinkObject {
    fn drop(&mut self) {
        self.detach();
    }
}

/// Makes a link object: `put` attaches the program for the link of this id.
pub(crate) fn link<A: Attachment + 'static, E: From<Errno>>(
    kernel: &Arc<Kernel>,
    link_type: LinkType,
    program: &Arc<ProgramObject>,
    put: impl FnOnce(u32) -> Result<A, E>,
) -> Result<Box<dyn Link>, E> {
    let mut refusal = None;
    let made = kernel.links.try_insert(|id| match put(id) {
        Ok(attachment) => Some(LinkObject::new(
            id,
            link_type,
            Box::new(attachment),
            program.clone(),
            kernel,
        )),
        Err(why) => {
            refusal = Some(why);
            None
        }
    });
    match (made, refusal) {
        (Some(link), _) => Ok(Box::new(MockLink::open(kernel, link))),
        (None, why) => Err(why.unwrap_or_else(|| Errno::ENOSPC.into())),
    }
}

/// A link of a simulated system.
#[derive(Debug)]
pub struct MockLink {
    object: Arc<LinkObject>,
    info: LinkInfo,
    descriptor: Descriptor,
}

impl MockLink {
    /// A descriptor of a link.
    pub(crate) fn open(kernel: &Arc<Kernel>, object: Arc<LinkObject>) -> MockLink {
        let target = object.attachment.target(kernel);
        let mut info = LinkInfo::new(Some(LinkId(object.id)), object.link_type, target);
        info.cookie = object.attachment.cookie();
        MockLink {
            info,
            descriptor: kernel.open(Object::Link(object.clone())),
            object,
        }
    }

    fn program(&self, program: &dyn Program) -> Result<Arc<ProgramObject>, LinkError> {
        let object = self.descriptor.kernel.program(program)?;
        object.ok_or_else(|| self.info.refused("update", Errno::EBADF, None))
    }
}

impl Link for MockLink {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let target = self.object.attachment.target(&self.descriptor.kernel);
        let gone = self.object.attachment.is_gone(&self.descriptor.kernel);
        let program = self.object.program.lock();
        let program = program
            .as_ref()
            .filter(|_| !gone)
            .map(|program| program.info.id);
        Ok(LinkState::new(program, target))
    }

    fn handle(&self) -> Option<Handle> {
        Some(Handle::new(
            self.descriptor.kernel.id,
            self.descriptor.number,
        ))
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        let (new, expected) = (
            self.program(new)?,
            expected.map(|program| self.program(program)).transpose()?,
        );
        let refused = |errno| {
            self.info.refused(
                "update",
                errno,
                hint::update_link(errno, expected.is_some()),
            )
        };
        let attachment = &self.object.attachment;
        attachment.updates().map_err(refused)?;
        let mut program = self.object.program.lock();
        let Some(old) = &*program else {
            return Err(refused(Errno::ENOLINK));
        };
        if expected
            .as_ref()
            .is_some_and(|expected| !Arc::ptr_eq(expected, old))
        {
            return Err(refused(Errno::EPERM));
        }
        if !attachment.takes(old, &new) {
            return Err(refused(Errno::EINVAL));
        }
        if Arc::ptr_eq(&new, old) {
            return Ok(());
        }
        attachment
            .replace(&self.descriptor.kernel, self.object.id, &new)
            .map_err(refused)?;
        *program = Some(new);
        Ok(())
    }

    fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError> {
        let hint = |errno| match errno {
            Errno::EINVAL => Some("only iterators can be read"),
            Errno::EOPNOTSUPP => Some("the simulated system has nothing that this iterator visits"),
            _ => None,
        };
        let program = self.object.running().ok_or(Errno::EINVAL);
        let read = program.and_then(|program| {
            self.object
                .attachment
                .read(&self.descriptor.kernel, program)
        });
        read.map_err(|errno| self.info.refused("read", errno, hint(errno)))
    }

    fn pin(&self, path: &Path) -> Result<(), LinkError> {
        let bpffs = &self.descriptor.kernel.bpffs;
        bpffs
            .pin(path, Object::Link(self.object.clone()))
            .map_err(|errno| {
                let covered = bpffs.covers(path.parent().unwrap_or(path));
                self.info
                    .refused("pin", errno, hint::pin(path, errno, covered))
            })
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        if self.object.attachment.detaches() {
            self.object.detach();
            return Ok(());
        }
        let MockLink {
            object,
            info,
            descriptor,
        } = *self;
        let kernel = descriptor.kernel.clone();
        let id = object.id;
        drop((descriptor, object));
        match kernel.links.get(id) {
            Some(_) => Err(info.unsupported(
                "detach",
                "something else refers to it, and its type cannot be detached",
            )),
            None => Ok(()),
        }
    }

    fn forget(self: Box<Self>) {
        // The process keeps the descriptor until it ends: here, the kernel does.
        self.descriptor
            .kernel
            .keep(Object::Link(self.object.clone()));
    }
}
