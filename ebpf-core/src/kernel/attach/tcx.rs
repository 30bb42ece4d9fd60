//! TCX and netkit: links to hooks of an interface that run their programs in order.

use super::interface_index;
use super::order::relative;
use crate::Errno;
use crate::hook::{Netkit, Order, Tc};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, Relative};
use crate::link::Link;
use crate::program::{AttachType, Program, ProgramError};

/// Attaches a classifier by TCX. What the kernel says is told apart from what is wrong before it is asked.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Tc<'_>,
    ifindex: u32,
) -> Result<Result<KernelLink, Errno>, ProgramError> {
    let attach_type = target.direction.attach_type();
    link(
        program,
        ifindex,
        attach_type,
        (target.order, target.expected_revision),
    )
}

/// Attaches a program to an end of a netkit pair.
pub(super) fn attach_netkit(
    program: &KernelProgram,
    target: &Netkit<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let refused = |errno| ProgramError::Attach {
        program: program.info().name.clone(),
        target: target.to_string().into(),
        errno,
        told: None,
        hint: match errno {
            Errno::ENXIO => Some("the interface is not of a netkit pair"),
            Errno::EACCES => {
                Some("the interface is the peer of its pair: name the primary one, for either end")
            }
            Errno::EINVAL => Some(
                "netkit needs Linux 6.7 and CONFIG_NETKIT, and the program has to be of type sched_cls",
            ),
            errno => order_hint(errno),
        },
    };
    let ifindex = interface_index(&target.interface).map_err(refused)?;
    let place = (target.order, target.expected_revision);
    let link = link(program, ifindex, target.attach_type(), place)?.map_err(refused)?;
    Ok(Box::new(link))
}

fn link(
    program: &KernelProgram,
    ifindex: u32,
    attach_type: AttachType,
    (order, revision): (Order<'_>, Option<u64>),
) -> Result<Result<KernelLink, Errno>, ProgramError> {
    let place = relative(order).map_err(|source| ProgramError::Foreign {
        program: program.info().name.clone(),
        source,
    })?;
    let place = Relative {
        revision: revision.unwrap_or(0),
        ..place
    };
    Ok(program
        .fd()
        .ok_or(Errno::EBADF)
        .and_then(|fd| KernelLink::open(sys::create_link_at(fd, ifindex, attach_type.0, place)?)))
}

/// What might help when a program could not be put among others.
pub(super) fn order_hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
        Errno::ENODEV => Some("there is no such interface in this network namespace"),
        Errno::EEXIST => Some("this program is there already, and such a hook runs a program once"),
        Errno::ESTALE => Some("the programs have changed since that revision"),
        Errno::ENOENT => Some("what it should run before or after is not attached there"),
        Errno::ERANGE => Some("there are as many programs as the hook can have, 63"),
        _ => None,
    }
}
