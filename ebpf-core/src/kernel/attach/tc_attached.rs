//! What is attached to an interface's traffic control, whoever attached it.

use super::interface_index;
use crate::Errno;
use crate::hook::{HookProgram, HookPrograms, Interface, TcAttached, TcDirection};
use crate::kernel::KernelSystem;
use crate::kernel::netlink::{Netlink, Refusal};
use crate::kernel::sys::{self, QueryExtra};
use crate::link::LinkId;
use crate::program::{AttachType, ProgramId};
use crate::system::SystemError;

impl KernelSystem {
    /// What is attached to the traffic control of an interface of the calling thread's network namespace: the filters of
    /// netlink, those of other kinds included, and the programs of TCX and netkit.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface; `EPERM` for want of `CAP_NET_ADMIN`, which TCX asks for.
    #[doc(alias = "RTM_GETTFILTER")]
    #[doc(alias = "BPF_PROG_QUERY")]
    pub fn tc_attached(&self, interface: impl Into<Interface>) -> Result<TcAttached, SystemError> {
        let interface = interface.into();
        attached(&interface).map_err(|Refusal { errno, .. }| SystemError::Os {
            op: "query traffic control of",
            what: interface.to_string().into(),
            errno,
            hint: (errno == Errno::EPERM).then_some("CAP_NET_ADMIN (or root) is needed"),
        })
    }
}

fn attached(interface: &Interface) -> Result<TcAttached, Refusal> {
    let ifindex = interface_index(interface)?;
    let netlink = Netlink::open()?;
    // The only question of these that an interface has to be there for.
    netlink.xdp(ifindex)?;
    let qdisc = netlink.ingress_qdisc(ifindex)?;
    let mut filters = Vec::new();
    if qdisc.is_some() {
        filters = netlink.filters(ifindex, TcDirection::Ingress)?;
    }
    // The other kind would tell of its one direction again.
    if qdisc.as_deref() == Some("clsact") {
        filters.extend(netlink.filters(ifindex, TcDirection::Egress)?);
    }
    let programs = |attach_type| programs(ifindex, attach_type);
    Ok(TcAttached {
        qdisc,
        filters,
        tcx_ingress: programs(AttachType::TCX_INGRESS)?,
        tcx_egress: programs(AttachType::TCX_EGRESS)?,
        netkit_primary: programs(AttachType::NETKIT_PRIMARY)?,
        netkit_peer: programs(AttachType::NETKIT_PEER)?,
    })
}

/// The programs of a hook of an interface. `None` where there is no such hook.
fn programs(ifindex: u32, attach_type: AttachType) -> Result<Option<HookPrograms>, Errno> {
    match sys::prog_query(ifindex, attach_type.0, 0, QueryExtra::Links) {
        Ok(told) => {
            let links = told
                .extra
                .iter()
                .map(|id| Some(*id))
                .chain(std::iter::repeat(None));
            let programs = told.programs.iter().zip(links);
            Ok(Some(HookPrograms {
                revision: told.revision,
                programs: programs
                    .map(|(program, link)| HookProgram {
                        program: ProgramId(*program),
                        link: link.filter(|id| *id != 0).map(LinkId),
                    })
                    .collect(),
            }))
        }
        // Nothing was ever attached there; Linux 6.6 says so.
        Err(Errno::ENOENT) => Ok(Some(HookPrograms {
            revision: 1,
            programs: Vec::new(),
        })),
        // The kernel has no such hook, or this interface has not.
        Err(Errno::EINVAL | Errno::ENXIO | Errno::EACCES | Errno::EOPNOTSUPP) => Ok(None),
        Err(errno) => Err(errno),
    }
}
