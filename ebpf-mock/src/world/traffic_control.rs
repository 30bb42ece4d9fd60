//! Filters of an interface's traffic control, as netlink makes them: `tc_new_tfilter()` in net/sched/cls_api.c,
//! `cls_bpf_change()` in net/sched/cls_bpf.c.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::hook::{
    Clsact as Policy, Interface, TcAction, TcDirection, TcFilter, TcFilterAction,
};
use ebpf_core::program::ProgramType;
use ebpf_core::system::SystemError;

use super::interface::Interfaces;
use crate::MockSystem;
use crate::program::ProgramObject;
use crate::system::refused;

/// The kind of the queueing discipline that filters of both directions are in.
const CLSACT: &str = "clsact";
/// The first priority that is chosen where none is said.
const FIRST_CHOSEN: u16 = 0xc000;
/// Below this one priorities are not looked at when one is chosen.
const LEAST_CHOSEN: u16 = 0x8000;

/// The filters of an interface.
#[derive(Debug, Default)]
pub(super) struct TrafficControl {
    qdisc: Option<Box<str>>,
    /// What the filters share that the queueing discipline was made for.
    made: Weak<Clsact>,
    /// In the order in which they are asked.
    filters: [Vec<Filter>; 2],
}

/// A queueing discipline that was made for the filters that hold it.
#[derive(Debug, Default)]
pub(crate) struct Clsact {
    stays: AtomicBool,
}

impl Clsact {
    /// Leaves it where it is.
    pub(crate) fn keep(&self) {
        self.stays.store(true, Ordering::Relaxed);
    }
}

/// What a filter's program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    /// The filter itself.
    Classifier { direct_action: bool },
    /// The action of a filter that takes every packet, and what is done where it has no say.
    Action { default: TcAction },
}

impl Runs {
    fn takes(self, program: &ProgramObject) -> bool {
        let wanted = match self {
            Runs::Classifier { .. } => ProgramType::SCHED_CLS,
            Runs::Action { .. } => ProgramType::SCHED_ACT,
        };
        program.spec.program_type == wanted
    }
}

/// A filter.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    priority: u16,
    handle: u32,
    pub(crate) protocol: u16,
    name: Box<str>,
    pub(crate) runs: Runs,
    pub(crate) program: Arc<ProgramObject>,
}

/// The place of a filter; a priority or a handle of 0 is chosen, or any one when it is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FilterAt {
    pub(crate) ifindex: u32,
    pub(crate) direction: TcDirection,
    pub(crate) priority: u16,
    pub(crate) protocol: u16,
    pub(crate) handle: u32,
}

/// A filter to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewFilter {
    pub(crate) name: Box<str>,
    pub(crate) runs: Runs,
    pub(crate) program: Arc<ProgramObject>,
}

/// What has to be in the place of a new filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    Refused,
    Replaced,
    Needed,
}

/// Why no filter could be made.
#[derive(Clone, Debug)]
pub(crate) enum Obstacle {
    /// There is no such interface.
    Interface,
    /// A queueing discipline of another kind is in the place.
    Foreign(Box<str>),
    /// The filter was refused.
    Filter(Errno),
}

impl TrafficControl {
    /// The kind of its queueing discipline.
    pub(super) fn kind(&self) -> Option<&str> {
        self.qdisc.as_deref()
    }

    fn of(&mut self, direction: TcDirection) -> &mut Vec<Filter> {
        let [ingress, egress] = &mut self.filters;
        match direction {
            TcDirection::Ingress => ingress,
            TcDirection::Egress => egress,
        }
    }

    /// Adds a filter; gives its place, and what it replaced.
    fn set(
        &mut self,
        at: FilterAt,
        new: NewFilter,
        existing: Existing,
    ) -> Result<(FilterAt, Option<Filter>), Errno> {
        let filters = self.of(at.direction);
        let priority = match at.priority {
            0 => chosen_priority(filters)?,
            said => said,
        };
        let mut of_priority = filters.iter().filter(|filter| filter.priority == priority);
        if of_priority.any(|filter| filter.protocol != at.protocol) {
            return Err(Errno::EINVAL);
        }
        let is_there = |filter: &Filter| filter.priority == priority && filter.handle == at.handle;
        let there = filters.iter_mut().find(|filter| is_there(filter));
        match (&there, existing) {
            (Some(_), Existing::Refused) => return Err(Errno::EEXIST),
            (None, Existing::Needed) => return Err(Errno::ENOENT),
            _ => {}
        }
        if !new.runs.takes(&new.program) {
            return Err(Errno::EINVAL);
        }
        let filter = |handle| Filter {
            priority,
            handle,
            protocol: at.protocol,
            name: new.name,
            runs: new.runs,
            program: new.program,
        };
        let place = FilterAt { priority, ..at };
        if let Some(there) = there {
            let new = filter(at.handle);
            return Ok((place, Some(std::mem::replace(there, new))));
        }
        let taken = |handle: u32| {
            filters
                .iter()
                .any(|filter| filter.priority == priority && filter.handle == handle)
        };
        let handle = match at.handle {
            0 => (1..=i32::MAX as u32).find(|handle| !taken(*handle)),
            said => Some(said),
        };
        let handle = handle.ok_or(Errno::ENOSPC)?;
        // The newest one of a priority is asked first.
        let before = filters
            .iter()
            .position(|filter| filter.priority >= priority)
            .unwrap_or(filters.len());
        filters.insert(before, filter(handle));
        Ok((FilterAt { handle, ..place }, None))
    }

    /// Whether it was made that the queueing discipline is there.
    fn ensure(&mut self, clobber: bool) -> Result<(bool, Vec<Filter>), Obstacle> {
        match self.qdisc.as_deref() {
            Some(CLSACT) => return Ok((false, Vec::new())),
            Some(kind) if !clobber => return Err(Obstacle::Foreign(kind.into())),
            _ => {}
        }
        let gone = self.filters.iter_mut().flat_map(std::mem::take).collect();
        self.qdisc = Some(CLSACT.into());
        self.made = Weak::new();
        Ok((true, gone))
    }

    fn remove_if_empty(&mut self) {
        if self.filters.iter().all(Vec::is_empty) && self.kind() == Some(CLSACT) {
            self.qdisc = None;
        }
    }

    /// Adds a filter, with the queueing discipline in its place.
    fn add(
        &mut self,
        at: FilterAt,
        new: NewFilter,
        existing: Existing,
        (policy, clobber): (Policy, bool),
    ) -> Result<Added, Obstacle> {
        let (made, mut gone) = self.ensure(clobber)?;
        let (place, old) = self.set(at, new, existing).map_err(|errno| {
            if made {
                self.remove_if_empty();
            }
            Obstacle::Filter(errno)
        })?;
        gone.extend(old);
        let shared = if made {
            let new = Arc::new(Clsact::default());
            self.made = Arc::downgrade(&new);
            Some(new)
        } else {
            self.made.upgrade()
        };
        if let (Some(clsact), Policy::Keep) = (&shared, policy) {
            clsact.keep();
        }
        Ok(Added {
            place,
            shared,
            _gone: gone,
        })
    }

    /// What a query tells of its filters.
    pub(super) fn told(&self) -> Vec<TcFilter> {
        let directions = [TcDirection::Ingress, TcDirection::Egress];
        let filters = directions.into_iter().zip(&self.filters);
        filters
            .flat_map(|(direction, filters)| filters.iter().map(move |filter| (direction, filter)))
            .map(|(direction, filter)| filter.told(direction))
            .collect()
    }
}

/// A filter that was added.
struct Added {
    place: FilterAt,
    shared: Option<Arc<Clsact>>,
    /// What went for it: its end may end others, and is not under the lock.
    _gone: Vec<Filter>,
}

impl Filter {
    fn told(&self, direction: TcDirection) -> TcFilter {
        let mut told = TcFilter::new(direction, self.priority, self.handle, self.protocol);
        let info = &self.program.info;
        match self.runs {
            Runs::Classifier { direct_action } => {
                told.program = Some(info.id);
                told.name = Some(self.name.clone());
                told.tag = Some(info.tag);
                told.direct_action = direct_action;
            }
            Runs::Action { .. } => {
                let mut action = TcFilterAction::default();
                action.kind = "bpf".into();
                action.program = Some(info.id);
                action.name = Some(self.name.clone());
                action.tag = Some(info.tag);
                told.actions.push(action);
            }
        }
        told
    }
}

/// The priority of a filter for which none is said: before all that were chosen so far.
fn chosen_priority(filters: &[Filter]) -> Result<u16, Errno> {
    let chosen = filters.iter().map(|filter| filter.priority);
    match chosen.filter(|priority| *priority >= LEAST_CHOSEN).min() {
        None => Ok(FIRST_CHOSEN),
        Some(LEAST_CHOSEN) => Err(Errno::ENOSPC),
        Some(least) => Ok(least - 1),
    }
}

impl Interfaces {
    /// Adds a filter, with the queueing discipline in its place: by the policy, and whether one of another kind is
    /// removed. With its place comes what it shares with others if the queueing discipline was made for them.
    pub(crate) fn add_filter(
        &self,
        at: FilterAt,
        new: NewFilter,
        existing: Existing,
        policy: (Policy, bool),
    ) -> Result<(FilterAt, Option<Arc<Clsact>>), Obstacle> {
        let added = self.with(at.ifindex, |state| {
            state.traffic.add(at, new, existing, policy)
        });
        let Added { place, shared, .. } = added.ok_or(Obstacle::Interface)??;
        Ok((place, shared))
    }

    /// Replaces the filter of a place.
    pub(crate) fn replace_filter(
        &self,
        at: FilterAt,
        new: NewFilter,
        existing: Existing,
    ) -> Result<FilterAt, Errno> {
        let set = self.with(at.ifindex, |state| state.traffic.set(at, new, existing));
        let (place, _old) = set.ok_or(Errno::ENODEV)??;
        Ok(place)
    }

    /// The place of the first filter that runs a program, where `asked` says a number only there.
    pub(crate) fn find_filter(
        &self,
        asked: FilterAt,
        program: &Arc<ProgramObject>,
    ) -> Result<Option<FilterAt>, Errno> {
        let found = self.with(asked.ifindex, |state| {
            let mut filters = state.traffic.of(asked.direction).iter();
            let found = filters.find(|filter| {
                filter.protocol == asked.protocol
                    && [0, filter.priority].contains(&asked.priority)
                    && [0, filter.handle].contains(&asked.handle)
                    && Arc::ptr_eq(&filter.program, program)
            })?;
            Some(FilterAt {
                priority: found.priority,
                handle: found.handle,
                ..asked
            })
        });
        found.ok_or(Errno::ENODEV)
    }

    /// The program of the filter of a place.
    pub(crate) fn filter_program(&self, at: FilterAt) -> Option<Arc<ProgramObject>> {
        let found = self.with(at.ifindex, |state| {
            let mut filters = state.traffic.of(at.direction).iter();
            let found = filters.find(|filter| filter.is_at(at))?;
            Some(found.program.clone())
        });
        found.flatten()
    }

    /// Removes the filter of a place.
    pub(crate) fn remove_filter(&self, at: FilterAt) {
        let gone = self.with(at.ifindex, |state| {
            let filters = state.traffic.of(at.direction);
            let index = filters.iter().position(|filter| filter.is_at(at))?;
            Some(filters.remove(index))
        });
        drop(gone);
    }

    /// Gives up a filter's share of the queueing discipline, which goes with the last. `was_there` says whether the filter
    /// was in its place until now: if not, it may be somebody else's by now.
    pub(crate) fn release_clsact(&self, ifindex: u32, clsact: Arc<Clsact>, was_there: bool) {
        if !was_there {
            clsact.keep();
        }
        self.with(ifindex, |state| {
            if let Some(last) = Arc::into_inner(clsact)
                && !last.stays.load(Ordering::Relaxed)
            {
                state.traffic.remove_if_empty();
            }
        });
    }

    /// The filters of a direction, in the order in which they are asked.
    pub(crate) fn filters(&self, ifindex: u32, direction: TcDirection) -> Vec<Filter> {
        let filters = self.with(ifindex, |state| state.traffic.of(direction).clone());
        filters.unwrap_or_default()
    }

    /// Adds a queueing discipline for received packets, of whatever kind.
    fn add_qdisc(&self, ifindex: u32, kind: &str) -> Result<(), Errno> {
        let added = self.with(ifindex, |state| match state.traffic.qdisc {
            Some(_) => Err(Errno::EEXIST),
            None => {
                state.traffic.qdisc = Some(kind.into());
                Ok(())
            }
        });
        added.unwrap_or(Err(Errno::ENODEV))
    }
}

impl Filter {
    fn is_at(&self, at: FilterAt) -> bool {
        self.priority == at.priority && self.handle == at.handle && self.protocol == at.protocol
    }
}

impl MockSystem {
    /// Adds a queueing discipline for received packets to an interface, as somebody else would: `clsact`, or another kind
    /// that is in its way, such as `ingress`. Attaching by netlink uses the former and refuses or clobbers the latter.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface, `EEXIST` if it has one, `ENOENT` for a kind that there is not.
    pub fn add_qdisc(
        &self,
        interface: impl Into<Interface>,
        kind: &str,
    ) -> Result<(), SystemError> {
        let interface = interface.into();
        let known = [CLSACT, "ingress"].contains(&kind);
        let added = self.interface_index(&interface).and_then(|ifindex| {
            if !known {
                return Err(Errno::ENOENT);
            }
            self.kernel().world.interfaces.add_qdisc(ifindex, kind)
        });
        added.map_err(|errno| {
            let what = format!("{kind} to {interface}");
            refused("add queueing discipline", what, errno, None)
        })
    }
}
