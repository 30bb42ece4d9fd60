//! Traffic control: classifiers by TCX or netlink, actions by netlink.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{IfBusy, Tc, TcAct, TcDirection, TcFilterOptions, TcVia};
use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};
use ebpf_core::program::{Program, ProgramError};
use parking_lot::Mutex;

use super::attaching::{Attaching, Refusal};
use super::order;
use super::unowned::{Unowned, UnownedLink};
use crate::kernel::Kernel;
use crate::program::{MockProgram, ProgramObject};
use crate::world::{Clsact, Existing, FilterAt, NewFilter, Obstacle, Runs};

/// The longest name of a filter, in bytes.
const NAME: usize = 256;

/// Attaches a classifier to an interface.
pub(super) fn attach(
    program: &MockProgram,
    target: &Tc<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let way = target
        .way()
        .map_err(|problem| attaching.impossible(problem))?;
    let ifindex = attaching.kernel().ifindex(&target.interface);
    let ifindex = ifindex.map_err(|errno| attaching.hinted(errno, hint(errno)))?;
    let by_tcx = match way {
        TcVia::Auto => attaching.has_links(LinkType::TCX),
        way => way == TcVia::Tcx,
    };
    if by_tcx {
        return order::attach_tcx(&attaching, target, ifindex);
    }
    let runs = Runs::Classifier {
        direct_action: target.direct_action,
    };
    let name = &program.info().name;
    filter(
        &attaching,
        &target.filter,
        name,
        (ifindex, target.direction),
        runs,
    )
}

/// Attaches an action to an interface.
pub(super) fn attach_action(
    program: &MockProgram,
    target: &TcAct<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    target
        .check()
        .map_err(|problem| attaching.impossible(problem))?;
    let ifindex = attaching.kernel().ifindex(&target.interface);
    let ifindex = ifindex.map_err(|errno| attaching.hinted(errno, hint(errno)))?;
    let runs = Runs::Action {
        default: target.default_action,
    };
    let name = &program.info().name;
    filter(
        &attaching,
        &target.filter,
        name,
        (ifindex, target.direction),
        runs,
    )
}

pub(super) fn hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::ENODEV => Some("there is no such interface in this network namespace"),
        _ => None,
    }
}

/// Makes a filter, as netlink does.
fn filter(
    attaching: &Attaching<'_>,
    options: &TcFilterOptions<'_>,
    name: &str,
    (ifindex, direction): (u32, TcDirection),
    runs: Runs,
) -> Result<Box<dyn Link>, ProgramError> {
    let name = options.name.as_deref().unwrap_or(name);
    let end = (0..=NAME).rev().find(|end| name.is_char_boundary(*end));
    let name = name.get(..end.unwrap_or(0)).unwrap_or(name);
    let new = NewFilter {
        name: name.into(),
        runs,
        program: attaching.object().clone(),
    };
    let asked = FilterAt {
        ifindex,
        direction,
        priority: options.priority,
        protocol: options.protocol,
        handle: options.handle,
    };
    let interfaces = &attaching.kernel().world.interfaces;
    let refused = |errno| attaching.hinted(errno, hint(errno));
    let (at, clsact) = match options.if_busy {
        IfBusy::Replace(expected) => {
            let expected = attaching.named(expected)?;
            let found = interfaces.find_filter(asked, &expected).map_err(refused)?;
            let found = found.ok_or_else(|| {
                let hint = "no such filter runs the program that is to be replaced";
                attaching.hinted(Errno::ENOENT, Some(hint))
            })?;
            let at = interfaces.replace_filter(found, new.clone(), Existing::Needed);
            (at.map_err(refused)?, None)
        }
        busy => {
            let existing = match busy {
                IfBusy::ReplaceAny => Existing::Replaced,
                _ => Existing::Refused,
            };
            let policy = (options.clsact, options.clobber);
            interfaces
                .add_filter(asked, new.clone(), existing, policy)
                .map_err(|obstacle| attaching.refused(obstructed(obstacle, runs)))?
        }
    };
    let target = LinkTarget::TcFilter {
        ifindex,
        direction,
        priority: at.priority,
        handle: at.handle,
        protocol: at.protocol,
    };
    let place = FilterPlace {
        at,
        name: new.name,
        runs,
        clsact: Mutex::new(clsact),
    };
    let info = LinkInfo::new(None, LinkType::UNSPEC, target);
    let link = UnownedLink::new(attaching.kernel(), info, place, attaching.object());
    Ok(Box::new(link))
}

fn obstructed(obstacle: Obstacle, runs: Runs) -> Refusal {
    match (obstacle, runs) {
        (Obstacle::Foreign(kind), _) => Refusal::told(
            Errno::EEXIST,
            format!(
                "the interface has a queueing discipline of kind `{kind}` in the place of `clsact`"
            ),
        )
        .hint(
            "it is somebody else's, with its filters: remove it, have it removed by `clobber`, or attach by TCX, which \
             needs none",
        ),
        (Obstacle::Interface, _) => Refusal::from(Errno::ENODEV)
            .hint("there is no such interface in this network namespace"),
        (Obstacle::Filter(Errno::EEXIST), _) => Refusal::from(Errno::EEXIST)
            .hint("a filter of this priority and handle is there already"),
        (Obstacle::Filter(Errno::EINVAL), Runs::Classifier { .. }) => Refusal::from(Errno::EINVAL).hint(
            "the program may not be of type sched_cls, or filters of this priority are of another protocol",
        ),
        (Obstacle::Filter(Errno::EINVAL), Runs::Action { .. }) => Refusal::from(Errno::EINVAL).hint(
            "the program may not be of type sched_act, or filters of this priority are of another protocol",
        ),
        (Obstacle::Filter(errno), _) => errno.into(),
    }
}

/// The place of a filter that we made.
#[derive(Debug)]
struct FilterPlace {
    at: FilterAt,
    name: Box<str>,
    runs: Runs,
    /// What was made for the filter, and for others.
    clsact: Mutex<Option<Arc<Clsact>>>,
}

impl Unowned for FilterPlace {
    fn found(&self, kernel: &Kernel, _: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        kernel.world.interfaces.filter_program(self.at)
    }

    fn replace(
        &self,
        kernel: &Kernel,
        _: &Arc<ProgramObject>,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let new = NewFilter {
            name: self.name.clone(),
            runs: self.runs,
            program: new.clone(),
        };
        let interfaces = &kernel.world.interfaces;
        interfaces
            .replace_filter(self.at, new, Existing::Needed)
            .map(drop)
    }

    fn remove(
        &self,
        kernel: &Kernel,
        _: &Arc<ProgramObject>,
        was_there: bool,
    ) -> Result<(), Errno> {
        let interfaces = &kernel.world.interfaces;
        if was_there {
            interfaces.remove_filter(self.at);
        }
        if let Some(clsact) = self.clsact.lock().take() {
            interfaces.release_clsact(self.at.ifindex, clsact, was_there);
        }
        Ok(())
    }

    fn forget(&self) {
        if let Some(clsact) = self.clsact.lock().take() {
            clsact.keep();
        }
    }

    fn adopts(&self) -> bool {
        true
    }

    fn no_pin(&self) -> &'static str {
        "an attachment by netlink is no object: it stays until it is removed anyway"
    }
}
