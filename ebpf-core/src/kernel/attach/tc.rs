//! Traffic control: classifiers by TCX or netlink, actions by netlink.

use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clsact::{Clsact, Obstacle};
use super::interface_index;
use super::ours::{Ours, of_the_kernel};
use super::tcx;
use crate::Errno;
use crate::hook::{
    IfBusy, Interface, TargetProblem, Tc, TcAct, TcDirection, TcFilterOptions, TcVia,
};
use crate::kernel::netlink::{Existing, FilterPlace, Netlink, Refusal, Runs, SetFilter};
use crate::kernel::program::KernelProgram;
use crate::kernel::system::Shared;
use crate::link::{Link, LinkError, LinkInfo, LinkState, LinkTarget, LinkType};
use crate::program::{Program, ProgramError, ProgramId};
use crate::system::{Handle, SystemId};

/// Attaches a classifier to an interface.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Tc<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let request = Request {
        program,
        target: &target.to_string(),
        options: &target.filter,
        direction: target.direction,
        runs: Runs::Classifier {
            direct_action: target.direct_action,
        },
    };
    let way = target.way().map_err(|problem| request.problem(problem))?;
    let ifindex = request.index_of(&target.interface)?;
    if way != TcVia::Netlink {
        match tcx::attach(program, target, ifindex)? {
            // Kernels before 6.6 have no TCX; of others netlink tells what is wrong.
            Err(Errno::EINVAL) if way == TcVia::Auto => {}
            Err(errno) => return Err(request.refused(errno, tcx_hint(errno))),
            Ok(link) => return Ok(Box::new(link)),
        }
    }
    request.attach(ifindex)
}

/// Attaches an action to an interface.
pub(super) fn attach_action(
    program: &KernelProgram,
    target: &TcAct<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let request = Request {
        program,
        target: &target.to_string(),
        options: &target.filter,
        direction: target.direction,
        runs: Runs::Action {
            default: target.default_action,
        },
    };
    target.check().map_err(|problem| request.problem(problem))?;
    let ifindex = request.index_of(&target.interface)?;
    request.attach(ifindex)
}

fn tcx_hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EINVAL => Some(
            "TCX needs Linux 6.6 and a program of type sched_cls; what is before or after has to be of that type too",
        ),
        errno => tcx::order_hint(errno),
    }
}

/// A filter to be made by netlink.
struct Request<'r, 't> {
    program: &'r KernelProgram,
    target: &'r str,
    options: &'r TcFilterOptions<'t>,
    direction: TcDirection,
    runs: Runs,
}

impl Request<'_, '_> {
    #[cold]
    fn problem(&self, problem: TargetProblem) -> ProgramError {
        ProgramError::Target {
            program: self.program.info().name.clone(),
            target: self.target.into(),
            problem,
        }
    }

    #[cold]
    fn refused(&self, refusal: impl Into<Refusal>, hint: Option<&'static str>) -> ProgramError {
        let Refusal { errno, told } = refusal.into();
        ProgramError::Attach {
            program: self.program.info().name.clone(),
            target: self.target.into(),
            errno,
            told,
            hint,
        }
    }

    fn index_of(&self, interface: &Interface) -> Result<u32, ProgramError> {
        interface_index(interface).map_err(|errno| self.refused(errno, hint(errno)))
    }

    fn attach(&self, ifindex: u32) -> Result<Box<dyn Link>, ProgramError> {
        let refused = |refusal: Refusal| {
            let hint = hint(refusal.errno);
            self.refused(refusal, hint)
        };
        let info = self.program.info();
        let ours = Ours::of(self.program).map_err(|errno| refused(errno.into()))?;
        let netlink = Netlink::open().map_err(refused)?;
        let named = self
            .options
            .name
            .as_deref()
            .unwrap_or(&info.name)
            .as_bytes();
        let name = named.get(..crate::hook::tc::TC_NAME).unwrap_or(named);
        let asked = FilterPlace {
            ifindex,
            direction: self.direction,
            priority: self.options.priority,
            protocol: self.options.protocol,
            handle: self.options.handle,
        };
        let set = |place, existing| {
            let filter = SetFilter {
                place,
                program: ours.fd.as_raw_fd(),
                name,
                runs: self.runs,
            };
            match netlink.set_filter(&filter, existing)? {
                Some(place) => Ok(place),
                // The kernel had no memory for telling.
                None => search(&netlink, &asked, ours.id)?.ok_or(Refusal::from(Errno::ENOBUFS)),
            }
        };
        let (place, clsact) = match self.options.if_busy {
            IfBusy::Replace(expected) => {
                let id = expected.info().id;
                expected
                    .handle()
                    .raw_in(SystemId::KERNEL)
                    .map_err(|source| ProgramError::Foreign {
                        program: info.name.clone(),
                        source,
                    })?;
                let found = search(&netlink, &asked, id).map_err(refused)?;
                let found = found.ok_or_else(|| {
                    let hint = "no such filter runs the program that is to be replaced";
                    self.refused(Errno::ENOENT, Some(hint))
                })?;
                (set(found, Existing::Needed).map_err(refused)?, None)
            }
            busy => {
                let existing = match busy {
                    IfBusy::ReplaceAny => Existing::Replaced,
                    _ => Existing::Refused,
                };
                let policy = (self.options.clsact, self.options.clobber);
                self.program
                    .shared()
                    .clsacts
                    .with(&netlink, ifindex, policy, || set(asked, existing))
                    .map_err(|obstacle| self.obstructed(obstacle))?
            }
        };
        let target = LinkTarget::TcFilter {
            ifindex,
            direction: place.direction,
            priority: place.priority,
            handle: place.handle,
            protocol: place.protocol,
        };
        Ok(Box::new(FilterLink {
            info: LinkInfo::new(None, LinkType::UNSPEC, target),
            place,
            name: name.into(),
            runs: self.runs,
            netlink,
            shared: self.program.shared().clone(),
            state: Mutex::new(Some(State { ours, clsact })),
        }))
    }

    #[cold]
    fn obstructed(&self, obstacle: Obstacle) -> ProgramError {
        match obstacle {
            Obstacle::Foreign(kind) => {
                let told = format!(
                    "the interface has a queueing discipline of kind `{kind}` in the place of `clsact`"
                );
                let refusal = Refusal {
                    errno: Errno::EEXIST,
                    told: Some(told.into()),
                };
                self.refused(
                    refusal,
                    Some(
                        "it is somebody else's, with its filters: remove it, have it removed by `clobber`, or attach by TCX, \
                         which needs none",
                    ),
                )
            }
            Obstacle::Qdisc(refusal) => {
                let hint = match refusal.errno {
                    Errno::ENOENT => Some("this kernel has no `clsact` (module sch_ingress)"),
                    errno => hint(errno),
                };
                self.refused(refusal, hint)
            }
            Obstacle::Filter(refusal) => {
                let hint = match (refusal.errno, self.runs) {
                    (Errno::ENOENT, Runs::Classifier { .. }) => {
                        Some("this kernel has no BPF classifier (module cls_bpf)")
                    }
                    (Errno::ENOENT, Runs::Action { .. }) => Some(
                        "this kernel has no BPF classifier or no BPF action (modules cls_bpf, act_bpf)",
                    ),
                    (Errno::EEXIST, _) => {
                        Some("a filter of this priority and handle is there already")
                    }
                    (Errno::EINVAL, Runs::Classifier { .. }) => Some(
                        "the program may not be of type sched_cls, or filters of this priority are of another protocol",
                    ),
                    (Errno::EINVAL, Runs::Action { .. }) => Some(
                        "the program may not be of type sched_act, or filters of this priority are of another protocol",
                    ),
                    (errno, _) => hint(errno),
                };
                self.refused(refusal, hint)
            }
        }
    }
}

fn hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
        Errno::ENODEV => Some("there is no such interface in this network namespace"),
        _ => None,
    }
}

/// The place of the first filter that runs a program, where `asked` says a number only there.
fn search(
    netlink: &Netlink,
    asked: &FilterPlace,
    program: ProgramId,
) -> Result<Option<FilterPlace>, Refusal> {
    let filters = netlink.filters(asked.ifindex, asked.direction)?;
    let found = filters.into_iter().find(|filter| {
        filter.chain == 0
            && filter.protocol == asked.protocol
            && [0, filter.priority].contains(&asked.priority)
            && [0, filter.handle].contains(&asked.handle)
            && filter.programs().any(|id| id == program)
    });
    Ok(found.map(|filter| FilterPlace {
        priority: filter.priority,
        handle: filter.handle,
        ..*asked
    }))
}

/// A filter that was made by netlink. The kernel knows no owner of it, so each step looks first whether ours is still in
/// its place; between looking and doing, someone could replace it.
#[derive(Debug)]
struct FilterLink {
    info: LinkInfo,
    place: FilterPlace,
    name: Box<[u8]>,
    runs: Runs,
    /// Of the namespace in which it was made, wherever this is dropped.
    netlink: Netlink,
    shared: Arc<Shared>,
    /// `None` once it is detached or given up.
    state: Mutex<Option<State>>,
}

#[derive(Debug)]
struct State {
    /// The program that is ours now.
    ours: Ours,
    /// What was made for the filter, and for others.
    clsact: Option<Arc<Clsact>>,
}

impl FilterLink {
    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn refused(&self, op: &'static str, refusal: impl Into<Refusal>) -> LinkError {
        let Refusal { errno, told } = refusal.into();
        LinkError::Os {
            op,
            target: Box::new(self.info.target.clone()),
            errno,
            told,
            hint: match errno {
                Errno::ENODEV => Some("the interface is gone"),
                Errno::ENOENT => Some("the filter is gone"),
                Errno::EINVAL => Some("the program's type is not that of the one it replaces"),
                errno => hint(errno),
            },
        }
    }

    /// The program that runs there now.
    fn found(&self, op: &'static str) -> Result<Option<ProgramId>, LinkError> {
        let FilterPlace {
            ifindex, direction, ..
        } = self.place;
        let filters = self.netlink.filters(ifindex, direction);
        let filters = filters.map_err(|refusal| self.refused(op, refusal))?;
        let filter = filters.into_iter().find(|filter| self.place.is_of(filter));
        // Programs have ids since Linux 4.13; before, all have 0, and the place has to do.
        Ok(filter
            .filter(|filter| &*filter.kind == "bpf")
            .map(|filter| filter.programs().next().unwrap_or(ProgramId(0))))
    }

    /// Removes the filter if it is there still.
    fn remove(&self) -> Result<(), LinkError> {
        let op = "detach";
        let Some(State { ours, clsact }) = self.state().take() else {
            return Ok(());
        };
        let found = self.found(op);
        let removed = match found {
            Ok(Some(id)) if id == ours.id => match self.netlink.remove_filter(&self.place) {
                // It went between the two.
                Err(refusal) if self.found(op)? == Some(id) => Err(self.refused(op, refusal)),
                _ => Ok(true),
            },
            // Someone else removed it, or the interface is gone.
            Ok(None) => Ok(false),
            Ok(Some(found)) => Err(self.info.not_ours(op, found)),
            Err(error) => Err(error),
        };
        let released = clsact.map_or(Ok(()), |clsact| {
            let was_there = matches!(removed, Ok(true));
            self.shared
                .clsacts
                .release(&self.netlink, clsact, was_there)
        });
        removed?;
        released.map_err(|refusal| self.refused("remove the clsact of", refusal))
    }
}

impl Link for FilterLink {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let found = self.found("query")?;
        let state = self.state();
        let ours = state.as_ref().map(|state| state.ours.id);
        let program = found.filter(|found| ours == Some(*found));
        Ok(LinkState::new(program, self.info.target.clone()))
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
        of_the_kernel(new, expected)?;
        let new = Ours::of(new).map_err(|errno| self.refused(op, errno))?;
        let mut state = self.state();
        let Some(state) = &mut *state else {
            return Err(self.info.unsupported(op, "it is detached"));
        };
        match (self.found(op)?, expected.map(|expected| expected.info().id)) {
            (Some(found), Some(expected)) if found != expected => {
                return Err(self.info.unexpected(op));
            }
            (Some(found), None) if found != state.ours.id => {
                return Err(self.info.not_ours(op, found));
            }
            (Some(_), _) => {}
            (None, _) => return Err(self.refused(op, Errno::ENOENT)),
        }
        let filter = SetFilter {
            place: self.place,
            program: new.fd.as_raw_fd(),
            name: &self.name,
            runs: self.runs,
        };
        self.netlink
            .set_filter(&filter, Existing::Needed)
            .map_err(|refusal| self.refused(op, refusal))?;
        state.ours = new;
        Ok(())
    }

    fn pin(&self, _: &std::path::Path) -> Result<(), LinkError> {
        Err(self.info.unsupported(
            "pin",
            "an attachment by netlink is no object: it stays until it is removed anyway",
        ))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.remove()
    }

    fn forget(self: Box<Self>) {
        if let Some(State {
            clsact: Some(clsact),
            ..
        }) = self.state().take()
        {
            clsact.keep();
        }
    }
}

impl Drop for FilterLink {
    fn drop(&mut self) {
        // There is nobody to tell; `detach` tells.
        let _ = self.remove();
    }
}
