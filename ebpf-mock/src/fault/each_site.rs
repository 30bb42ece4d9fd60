//! Reruns code until every call that it makes has failed once.

use std::any::Any;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ebpf_core::program::VerifierLog;
use ebpf_core::{Errno, System};

use super::{Failure, FaultInjector, Injected, Operation, Outcome, Site, SiteReport, SiteRun};
use crate::{Inventory, MockSystem};

/// What the verifier says where a refusal is made up.
const REFUSAL: &str = "0: (b7) r0 = 0\nR1 invalid mem access 'scalar'\nprocessed 1 insns\n";

/// The most runs, whatever the code does.
const MOST_RUNS: usize = 100_000;

/// How many calls of one operation on one object are made to fail, unless it is said otherwise.
const EACH_AT_MOST: u64 = 16;

/// Reruns code until every call that it makes has failed once, each time on a new system.
///
/// ```
/// use std::sync::Arc;
///
/// use ebpf_core::map::{MapError, MapSpec, MapType};
/// use ebpf_core::{Map, MapExt, System};
/// use ebpf_mock::MockSystem;
/// use ebpf_mock::fault::FailEverySite;
///
/// // The code under test: two maps, of which the second is a cache that it can do without.
/// fn open(system: &dyn System) -> Result<Vec<Arc<dyn Map>>, MapError> {
///     let rules = system.create_map(&MapSpec::new("rules", MapType::HASH, 4, 4, 16), None)?;
///     rules.insert(&[0; 4], &[1; 4])?;
///     let cache = system.create_map(&MapSpec::new("cache", MapType::LRU_HASH, 4, 4, 16), None);
///     Ok([rules].into_iter().chain(cache.ok()).collect())
/// }
///
/// let report = FailEverySite::of(MockSystem::new).run(|system| open(system));
/// report.assert_sound();
/// let survived: Vec<String> = report.survivors().map(|run| run.failures[0].to_string()).collect();
/// assert_eq!(survived, ["create_map `cache`"]);
/// println!("{report}");
/// ```
///
/// The table that it prints:
///
/// ```text
///   failed               outcome                                                                                left behind
///   create_map `rules`   error: create on map `rules`: ENOMEM: cannot allocate memory (not enough memory for …
///   update_elem `rules`  error: update on map `rules`: E2BIG: argument list too long (the map is full)
///   create_map `cache`   survived
/// 3 calls made to fail, 1 survived, 0 panics, 0 left something behind
/// ```
///
/// The code must do the same in every run: what it asks in another order is another call.
pub struct FailEverySite<S> {
    make: Box<dyn Fn() -> S>,
    inventory: Box<dyn Fn(&S) -> Inventory>,
    errnos: HashMap<Operation, Errno>,
    never: HashSet<Operation>,
    each_at_most: u64,
    deep: usize,
}

impl<S> fmt::Debug for FailEverySite<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailEverySite")
            .field("errnos", &self.errnos)
            .field("never", &self.never)
            .field("each_at_most", &self.each_at_most)
            .field("deep", &self.deep)
            .finish_non_exhaustive()
    }
}

impl FailEverySite<MockSystem> {
    /// On simulated systems, each of them new: interfaces and whatever else the code needs are made here. What the code
    /// leaves behind is found.
    pub fn of(make: impl Fn() -> MockSystem + 'static) -> FailEverySite<MockSystem> {
        FailEverySite {
            inventory: Box::new(MockSystem::inventory),
            ..FailEverySite::of_any(make)
        }
    }
}

impl<S: System> FailEverySite<S> {
    /// On systems of any kind, the kernel too. It is not known what is left behind there.
    pub fn of_any(make: impl Fn() -> S + 'static) -> FailEverySite<S> {
        FailEverySite {
            make: Box::new(make),
            inventory: Box::new(|_| Inventory::default()),
            errnos: HashMap::new(),
            never: HashSet::new(),
            each_at_most: EACH_AT_MOST,
            deep: 1,
        }
    }

    /// Has an operation fail with this error number, not with [`Operation::usual_errno`].
    #[must_use]
    pub fn errno(mut self, operation: Operation, errno: Errno) -> FailEverySite<S> {
        self.errnos.insert(operation, errno);
        self
    }

    /// Never has an operation fail.
    #[must_use]
    pub fn never(mut self, operation: Operation) -> FailEverySite<S> {
        self.never.insert(operation);
        self
    }

    /// How many calls of one operation on one object are made to fail at most: the first ones, 16 without this. The report
    /// says how many others there were.
    #[must_use]
    pub fn each_at_most(self, most: u64) -> FailEverySite<S> {
        FailEverySite {
            each_at_most: most,
            ..self
        }
    }

    /// Fails also the calls that are reached only because another failed: what code does to clean up or instead. Each of
    /// them fails once, in a run in which the other one fails too.
    #[must_use]
    pub fn after_failures(self) -> FailEverySite<S> {
        FailEverySite { deep: 2, ..self }
    }

    /// Runs the code once with nothing failing, and once for each call. A program is refused twice: by an error number, and
    /// by the verifier with a log.
    ///
    /// What the code returns is dropped before it is asked what was left behind.
    pub fn run<T, E: fmt::Display>(
        &self,
        mut body: impl FnMut(&FaultInjector<S>) -> Result<T, E>,
    ) -> SiteReport {
        let (untouched, reached) = self.run_once(&[], &mut body);
        let mut search = Search {
            known: HashSet::new(),
            to_fail: VecDeque::new(),
            untried: 0,
        };
        search.found(self, &[], &reached);
        let mut runs = Vec::new();
        while let Some(failures) = search.to_fail.pop_front() {
            if runs.len() >= MOST_RUNS {
                search.untried += 1;
                continue;
            }
            let (mut run, reached) = self.run_once(&failures, &mut body);
            if run.outcome == Outcome::Survived {
                run.left = run.left.since(&untouched.left);
            }
            if failures.len() < self.deep {
                search.found(self, &failures, &reached);
            }
            runs.push(run);
        }
        SiteReport {
            untouched,
            runs,
            untried: search.untried,
        }
    }

    /// One run, in which these calls fail, and the calls that it made.
    fn run_once<T, E: fmt::Display>(
        &self,
        failures: &[Failure],
        body: &mut impl FnMut(&FaultInjector<S>) -> Result<T, E>,
    ) -> (SiteRun, Vec<Site>) {
        let system = FaultInjector::new((self.make)());
        let before = (self.inventory)(system.inner());
        for failure in failures {
            system
                .plan()
                .schedule(failure.site.clone(), self.injected(failure));
        }
        system.record();
        let outcome = match catch_unwind(AssertUnwindSafe(|| body(&system).map(drop))) {
            Ok(Ok(())) => Outcome::Survived,
            Ok(Err(error)) => Outcome::Failed(error.to_string()),
            Err(payload) => Outcome::Panicked(message(&*payload)),
        };
        let run = SiteRun {
            failures: failures.to_vec(),
            outcome,
            left: (self.inventory)(system.inner()).since(&before),
        };
        (run, system.reached())
    }

    fn injected(&self, failure: &Failure) -> Injected {
        let operation = failure.site.operation;
        let errno = self.errnos.get(&operation).copied();
        match failure.by_verifier {
            true => Injected {
                errno: Errno::EACCES,
                log: Some(VerifierLog::new(REFUSAL, false)),
            },
            false => Injected {
                errno: errno.unwrap_or(operation.usual_errno()),
                log: None,
            },
        }
    }
}

/// The calls that are known, and those yet to fail.
struct Search {
    known: HashSet<Site>,
    to_fail: VecDeque<Vec<Failure>>,
    untried: usize,
}

impl Search {
    /// Takes note of the calls that a run reached in which others failed.
    fn found<S>(&mut self, options: &FailEverySite<S>, before: &[Failure], reached: &[Site]) {
        for site in reached {
            if options.never.contains(&site.operation) || !self.known.insert(site.clone()) {
                continue;
            }
            if site.nth > options.each_at_most {
                self.untried += 1;
                continue;
            }
            let is_load = site.operation == Operation::LoadProgram;
            for by_verifier in [false, true] {
                if by_verifier && !is_load {
                    continue;
                }
                let site = site.clone();
                let failure = Failure { site, by_verifier };
                self.to_fail.push_back([before, &[failure]].concat());
            }
        }
    }
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a payload that is no text").to_owned()
}
