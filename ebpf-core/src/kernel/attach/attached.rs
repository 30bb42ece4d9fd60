//! What is attached to cgroups, network namespaces and sockmaps, whoever attached it.

use std::os::fd::AsRawFd;

use ebpf_sys::BPF_F_QUERY_EFFECTIVE;

use super::ours::{self, Unopened};
use super::{cgroup, netns};
use crate::Errno;
use crate::hook::{CgroupAttached, CgroupMode, Place};
use crate::kernel::KernelSystem;
use crate::kernel::sys::{self, ProgQuery, QueryExtra};
use crate::map::Map;
use crate::program::{AttachType, ProgramId};
use crate::system::{SystemError, SystemId};

impl KernelSystem {
    /// The programs that are attached to a hook of a cgroup.
    ///
    /// # Errors
    /// `EBADF` for what is no cgroup (of version 2), `EINVAL` for an attach type that is not a cgroup's.
    ///
    /// Since Linux 4.15. `__cgroup_bpf_query()` in kernel/bpf/cgroup.c.
    #[doc(alias = "BPF_PROG_QUERY")]
    pub fn cgroup_attached<'t>(
        &self,
        cgroup: impl Into<Place<'t>>,
        attach_type: AttachType,
    ) -> Result<CgroupAttached, SystemError> {
        let cgroup = cgroup.into();
        let ask = |extra| query_place(&cgroup, attach_type, 0, extra);
        let found = match ask(QueryExtra::Flags) {
            // Flags of each program are told since Linux 6.0.
            Err(Unopened::Errno(Errno::EINVAL)) => ask(QueryExtra::None),
            found => found,
        };
        let found = found.map_err(|why| refused_cgroup(why, &cgroup, attach_type))?;
        // Programs of LSM hooks, which are many in one, have flags of their own.
        let flags = found.extra.first().copied().unwrap_or(found.flags);
        Ok(CgroupAttached {
            mode: CgroupMode::of_flags(flags),
            programs: ids(&found),
            revision: Some(found.revision).filter(|revision| *revision != 0),
        })
    }

    /// The programs that run at a hook of a cgroup, in order, those of the cgroups above included.
    ///
    /// # Errors
    /// As [`KernelSystem::cgroup_attached`].
    ///
    /// Since Linux 4.15.
    #[doc(alias = "BPF_F_QUERY_EFFECTIVE")]
    pub fn cgroup_effective<'t>(
        &self,
        cgroup: impl Into<Place<'t>>,
        attach_type: AttachType,
    ) -> Result<Vec<ProgramId>, SystemError> {
        let cgroup = cgroup.into();
        let found = query_place(
            &cgroup,
            attach_type,
            BPF_F_QUERY_EFFECTIVE,
            QueryExtra::None,
        )
        .map_err(|why| refused_cgroup(why, &cgroup, attach_type))?;
        Ok(ids(&found))
    }

    /// The programs that are attached to a hook of a network namespace, in the order in which they run. The calling
    /// thread's own namespace is `"/proc/thread-self/ns/net"`.
    ///
    /// # Errors
    /// `EINVAL` for what is no network namespace, and for an attach type that is not a namespace's.
    ///
    /// Since Linux 5.3 for flow dissectors, 5.9 for `sk_lookup`. `netns_bpf_prog_query()` in kernel/bpf/net_namespace.c.
    pub fn netns_attached<'t>(
        &self,
        namespace: impl Into<Place<'t>>,
        attach_type: AttachType,
    ) -> Result<Vec<ProgramId>, SystemError> {
        let namespace = namespace.into();
        let found = query_place(&namespace, attach_type, 0, QueryExtra::None).map_err(|why| {
            let what = format!("network namespace {namespace} ({attach_type})");
            refused(why, what, |errno| netns::place_hint(errno, &namespace))
        })?;
        Ok(ids(&found))
    }

    /// The program that is attached to a hook of a sockmap or sockhash.
    ///
    /// # Errors
    /// `EINVAL` for maps of other types, and for an attach type that is not a sockmap's.
    ///
    /// Since Linux 5.18. `sock_map_bpf_prog_query()` in net/core/sock_map.c.
    pub fn sockmap_attached(
        &self,
        map: &dyn Map,
        attach_type: AttachType,
    ) -> Result<Option<ProgramId>, SystemError> {
        let raw = map
            .handle()
            .raw_in(SystemId::KERNEL)
            .map_err(Unopened::from);
        let found =
            raw.and_then(|raw| Ok(sys::prog_query(raw, attach_type.0, 0, QueryExtra::None)?));
        let found = found.map_err(|why| {
            let info = map.info();
            let what = format!("{} `{}` ({attach_type})", info.map_type, info.name);
            let hint =
                "it is no sockmap or sockhash, no hook of one, or the kernel is older than 5.18";
            refused(why, what, |errno| (errno == Errno::EINVAL).then_some(hint))
        })?;
        Ok(ids(&found).first().copied())
    }
}

fn query_place(
    place: &Place<'_>,
    attach_type: AttachType,
    flags: u32,
    extra: QueryExtra,
) -> Result<ProgQuery, Unopened> {
    let file = ours::open(place)?;
    let raw = file.as_raw_fd() as u32;
    Ok(sys::prog_query(raw, attach_type.0, flags, extra)?)
}

fn ids(found: &ProgQuery) -> Vec<ProgramId> {
    found.programs.iter().map(|id| ProgramId(*id)).collect()
}

#[cold]
fn refused_cgroup(why: Unopened, place: &Place<'_>, attach_type: AttachType) -> SystemError {
    let hint = |errno| match errno {
        Errno::EINVAL => Some("the attach type is not one of a cgroup's, or the kernel lacks it"),
        errno => cgroup::place_hint(errno, place),
    };
    refused(why, format!("cgroup {place} ({attach_type})"), hint)
}

#[cold]
fn refused(
    why: Unopened,
    what: String,
    hint: impl Fn(Errno) -> Option<&'static str>,
) -> SystemError {
    match why {
        Unopened::Errno(errno) => SystemError::Os {
            op: "query",
            what: what.into(),
            errno,
            hint: hint(errno),
        },
        Unopened::Foreign(source) => source.into(),
    }
}
