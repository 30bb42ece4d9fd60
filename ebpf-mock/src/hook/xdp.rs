//! XDP: by a link, or as netlink does.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{IfBusy, Xdp, XdpMode, XdpVia};
use ebpf_core::link::{Link, LinkError, LinkInfo, LinkState, LinkTarget, LinkType};
use ebpf_core::program::{Program, ProgramError, ProgramType};
use ebpf_core::system::Handle;
use parking_lot::Mutex;

use crate::kernel::Kernel;
use crate::link::{Attachment, LinkObject, MockLink};
use crate::program::{MockProgram, ProgramObject};
use crate::world::{XdpExpected, XdpPlace};

/// Attaches a program to an interface.
pub(super) fn attach(
    program: &MockProgram,
    target: &Xdp<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let kernel = program.kernel();
    let refused = |errno: Errno, told: &str| ProgramError::Attach {
        program: program.info().name.clone(),
        target: target.to_string().into(),
        errno,
        told: (!told.is_empty()).then(|| told.into()),
        hint: target.hint(errno),
    };
    let ifindex = kernel
        .interfaces
        .index(&target.interface)
        .map_err(|errno| refused(errno, ""))?;
    let replaces = !matches!(target.if_busy, IfBusy::Refuse);
    let by_link = match target.via {
        XdpVia::Netlink => false,
        XdpVia::Link if replaces => return Err(target.link_replaces_nothing(program.info())),
        XdpVia::Link => true,
        _ => !replaces,
    };
    let object = program.object();
    if object.spec.program_type != ProgramType::XDP {
        return Err(refused(Errno::EINVAL, ""));
    }
    if target.mode == XdpMode::Hw {
        // The program was not loaded for a device.
        return Err(refused(Errno::EINVAL, ""));
    }
    let expected = match target.if_busy {
        IfBusy::Refuse => XdpExpected::Nothing,
        IfBusy::ReplaceAny => XdpExpected::Anything,
        IfBusy::Replace(expected) => {
            let foreign = |source| ProgramError::Foreign {
                program: program.info().name.clone(),
                source,
            };
            match kernel.program(expected).map_err(foreign)? {
                Some(expected) => XdpExpected::Program(Some(expected)),
                None => return Err(refused(Errno::EBADF, "")),
            }
        }
        _ => return Err(refused(Errno::EOPNOTSUPP, "")),
    };
    if by_link {
        return attach_by_link(kernel, object, ifindex, target.mode)
            .map_err(|(errno, told)| refused(errno, told));
    }
    let place = kernel
        .interfaces
        .put_xdp(ifindex, target.mode, Some(object), None, &expected)
        .map_err(|(errno, told)| refused(errno, told))?;
    Ok(Box::new(NetlinkXdp {
        info: LinkInfo::new(None, LinkType::UNSPEC, LinkTarget::Xdp { ifindex }),
        kernel: kernel.clone(),
        place,
        program: Mutex::new(Some(object.clone())),
    }))
}

fn attach_by_link(
    kernel: &Arc<Kernel>,
    program: &Arc<ProgramObject>,
    ifindex: u32,
    mode: XdpMode,
) -> Result<Box<dyn Link>, (Errno, &'static str)> {
    // A link's target is looked for before anything else, and says so with another number than netlink.
    if !kernel.interfaces.exists(ifindex) {
        return Err((Errno::EINVAL, ""));
    }
    let mut refusal = None;
    let link = kernel.links.try_insert(|id| {
        let put = kernel.interfaces.put_xdp(
            ifindex,
            mode,
            Some(program),
            Some(id),
            &XdpExpected::Nothing,
        );
        match put {
            Ok(place) => Some(LinkObject::new(
                id,
                LinkType::XDP,
                Box::new(place),
                program.clone(),
                kernel,
            )),
            Err(why) => {
                refusal = Some(why);
                None
            }
        }
    });
    match (link, refusal) {
        (Some(link), _) => Ok(Box::new(MockLink::open(kernel, link))),
        (None, why) => Err(why.unwrap_or((Errno::ENOSPC, ""))),
    }
}

impl Attachment for XdpPlace {
    fn target(&self, kernel: &Kernel) -> LinkTarget {
        let ifindex = if kernel.interfaces.exists(self.ifindex) {
            self.ifindex
        } else {
            0
        };
        LinkTarget::Xdp { ifindex }
    }

    fn replace(
        &self,
        kernel: &Kernel,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        kernel.interfaces.update_xdp(*self, link, program)
    }

    fn remove(&self, kernel: &Kernel, link: u32) {
        kernel.interfaces.remove_xdp(*self, link);
    }
}

/// A program attached as netlink does: nobody owns it, so every step names the program that must be there.
#[derive(Debug)]
struct NetlinkXdp {
    info: LinkInfo,
    kernel: Arc<Kernel>,
    place: XdpPlace,
    /// The program that is ours now; `None` once it is detached or given up.
    program: Mutex<Option<Arc<ProgramObject>>>,
}

impl NetlinkXdp {
    #[cold]
    fn refused(&self, op: &'static str, errno: Errno) -> LinkError {
        self.info.refused(op, errno, None)
    }

    /// Puts a program, or none, in the place of `expected`. `Ok(false)` if that is not what is there.
    fn replace(&self, new: Option<&Arc<ProgramObject>>, expected: &Arc<ProgramObject>) -> bool {
        let expected = XdpExpected::Program(Some(expected.clone()));
        let XdpPlace { ifindex, mode } = self.place;
        self.kernel
            .interfaces
            .put_xdp(ifindex, mode, new, None, &expected)
            .is_ok()
    }

    /// Detaches the program if it is there still.
    fn remove(&self) -> Result<(), LinkError> {
        let Some(ours) = self.program.lock().take() else {
            return Ok(());
        };
        if self.replace(None, &ours) {
            return Ok(());
        }
        match self.kernel.interfaces.xdp(self.place) {
            // Someone else detached it, or the interface is gone.
            None => Ok(()),
            Some(found) => Err(self.info.not_ours("detach", found.info.id)),
        }
    }
}

impl Link for NetlinkXdp {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let found = self.kernel.interfaces.xdp(self.place);
        let ours = self.program.lock();
        let program =
            found.filter(|found| ours.as_ref().is_some_and(|ours| Arc::ptr_eq(ours, found)));
        Ok(LinkState::new(
            program.map(|program| program.info.id),
            self.info.target.clone(),
        ))
    }

    fn handle(&self) -> Option<Handle> {
        None
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        let op = "update";
        let own = |program: &dyn Program| {
            let object = self.kernel.program(program)?;
            object.ok_or_else(|| self.refused(op, Errno::EBADF))
        };
        let (new, named) = (own(new)?, expected.map(own).transpose()?);
        let mut program = self.program.lock();
        let Some(ours) = &*program else {
            return Err(self.info.unsupported(op, "it is detached"));
        };
        if self.replace(Some(&new), named.as_ref().unwrap_or(ours)) {
            *program = Some(new);
            return Ok(());
        }
        match (named, self.kernel.interfaces.xdp(self.place)) {
            (Some(_), _) => Err(self.refused(op, Errno::EPERM)),
            (None, Some(found)) => Err(self.info.not_ours(op, found.info.id)),
            (None, None) => Err(self.refused(op, Errno::ENOENT)),
        }
    }

    fn read(&self) -> Result<Box<dyn std::io::Read + Send>, LinkError> {
        Err(self.info.unsupported("read", "only iterators can be read"))
    }

    fn pin(&self, _: &Path) -> Result<(), LinkError> {
        let why = "an attachment by netlink is no object: it stays until it is removed anyway";
        Err(self.info.unsupported("pin", why))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.remove()
    }

    fn forget(self: Box<Self>) {
        self.program.lock().take();
    }
}

impl Drop for NetlinkXdp {
    fn drop(&mut self) {
        // There is nobody to tell; `detach` tells.
        let _ = self.remove();
    }
}
