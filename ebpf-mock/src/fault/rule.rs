//! Which calls fail, and which were made: the rules of a [`FaultInjector`](super::FaultInjector) and its counts.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::VerifierLog;
use parking_lot::Mutex;

use super::Operation;

/// A failure to inject: of which operation, on which object, the how manieth time, with which error.
///
/// ```
/// use ebpf_core::Errno;
/// use ebpf_mock::fault::{Fault, Operation};
///
/// // The third update of the map `flows`, and no other, says that the map is full.
/// Fault::at(Operation::Update).on("flows").nth(3).errno(Errno::E2BIG);
/// // Every attachment fails, with the operation's usual error.
/// Fault::at(Operation::Attach);
/// // The verifier refuses the program `filter`.
/// Fault::refusal("R1 invalid mem access 'scalar'").on("filter");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "`FaultInjector::inject` takes it"]
pub struct Fault {
    operation: Option<Operation>,
    object: Option<Box<str>>,
    when: When,
    errno: Option<Errno>,
    log: Option<VerifierLog>,
}

/// Which of the calls that a fault is about fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    Nth(u64),
    From(u64),
    Every(u64),
}

impl When {
    fn is(self, count: u64) -> bool {
        match self {
            When::Always => true,
            When::Nth(nth) => count == nth,
            When::From(nth) => count >= nth,
            When::Every(step) => step != 0 && count.is_multiple_of(step),
        }
    }
}

impl Fault {
    /// Every call of an operation fails, on whatever object, with [`Operation::usual_errno`].
    pub fn at(operation: Operation) -> Fault {
        Fault {
            operation: Some(operation),
            ..Fault::anywhere()
        }
    }

    /// Every call of every operation fails.
    pub fn anywhere() -> Fault {
        Fault {
            operation: None,
            object: None,
            when: When::Always,
            errno: None,
            log: None,
        }
    }

    /// The verifier refuses programs, with `EACCES` and this log.
    pub fn refusal(log: &str) -> Fault {
        Fault {
            errno: Some(Errno::EACCES),
            log: Some(VerifierLog::new(log, false)),
            ..Fault::at(Operation::LoadProgram)
        }
    }

    /// Only on this object; each [`Operation`] says what its objects are.
    pub fn on(self, object: &str) -> Fault {
        Fault {
            object: Some(object.into()),
            ..self
        }
    }

    /// Only the `nth` of the calls that it is about, counted from 1 since it was injected.
    pub fn nth(self, nth: u64) -> Fault {
        Fault {
            when: When::Nth(nth),
            ..self
        }
    }

    /// The `nth` of the calls that it is about and all later ones.
    pub fn from_nth(self, nth: u64) -> Fault {
        Fault {
            when: When::From(nth),
            ..self
        }
    }

    /// Every `step`th of the calls that it is about: with 2 the second, the fourth and so on.
    pub fn every(self, step: u64) -> Fault {
        Fault {
            when: When::Every(step),
            ..self
        }
    }

    /// With this error number. One that means "there is none" to an operation is that answer, not an error: `ENOENT` of a
    /// lookup.
    pub fn errno(self, errno: Errno) -> Fault {
        Fault {
            errno: Some(errno),
            ..self
        }
    }

    fn is_about(&self, operation: Operation, object: &str) -> bool {
        self.operation.is_none_or(|only| only == operation)
            && self.object.as_deref().is_none_or(|only| only == object)
    }
}

/// A call that was made: the `nth` of an operation on an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Site {
    /// The operation.
    pub operation: Operation,
    /// The object, as the operation's docs say.
    pub object: Arc<str>,
    /// Which call of this operation on this object it was, counted from 1.
    pub nth: u64,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.operation, self.object)?;
        match self.nth {
            0 | 1 => Ok(()),
            nth => write!(f, " #{nth}"),
        }
    }
}

/// What to say instead of asking the system.
#[derive(Clone, Debug)]
pub(crate) struct Injected {
    pub(crate) errno: Errno,
    pub(crate) log: Option<VerifierLog>,
}

/// The rules, and what was called so far. Shared by an injector and all objects that came out of it.
#[derive(Debug, Default)]
pub(crate) struct Plan(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    counts: HashMap<(Operation, Arc<str>), u64>,
    recorded: Option<Vec<Site>>,
    injected: Vec<Site>,
    /// Calls of which the very one fails, apart from the rules.
    scheduled: Vec<(Site, Injected)>,
}

#[derive(Debug)]
struct Rule {
    fault: Fault,
    /// How many calls it was about.
    count: u64,
}

impl Plan {
    /// Takes note of a call, and says whether it is to fail.
    pub(crate) fn strike(&self, operation: Operation, object: &Arc<str>) -> Option<Injected> {
        let mut state = self.0.lock();
        let count = state.counts.entry((operation, object.clone())).or_default();
        *count += 1;
        let site = Site {
            operation,
            object: object.clone(),
            nth: *count,
        };
        let mut injected = None;
        for rule in &mut state.rules {
            if rule.fault.is_about(operation, object) {
                rule.count += 1;
                if injected.is_none() && rule.fault.when.is(rule.count) {
                    let errno = rule.fault.errno;
                    injected = Some(Injected {
                        errno: errno.unwrap_or(operation.usual_errno()),
                        log: rule.fault.log.clone(),
                    });
                }
            }
        }
        if injected.is_none() {
            let scheduled = state.scheduled.iter().find(|(at, _)| *at == site);
            injected = scheduled.map(|(_, injected)| injected.clone());
        }
        if injected.is_some() {
            state.injected.push(site.clone());
        }
        if let Some(recorded) = &mut state.recorded {
            recorded.push(site);
        }
        injected
    }

    pub(super) fn inject(&self, fault: Fault) {
        self.0.lock().rules.push(Rule { fault, count: 0 });
    }

    pub(super) fn schedule(&self, site: Site, injected: Injected) {
        self.0.lock().scheduled.push((site, injected));
    }

    pub(super) fn clear(&self) {
        let mut state = self.0.lock();
        state.rules.clear();
        state.scheduled.clear();
    }

    pub(super) fn record(&self) {
        self.0.lock().recorded = Some(Vec::new());
    }

    pub(super) fn recorded(&self) -> Vec<Site> {
        self.0.lock().recorded.clone().unwrap_or_default()
    }

    pub(super) fn injected(&self) -> Vec<Site> {
        self.0.lock().injected.clone()
    }
}
