//! Interleavings: instances of programs, and user space, that share maps are run in every order that can make a difference.
//!
//! | what | where |
//! |---|---|
//! | what is touched, and by how many | `access` |
//! | one instance at a time: where each asks before it touches what is shared | `gate` |
//! | who goes on: a search, chance, or a schedule that is replayed | `pick` |
//! | a schedule as text | `schedule` |
//! | what went wrong, line by line | `report` |
//!
//! Each instance has a thread, of which one runs at a time: so whatever sets programs off can be explored. A switch is only
//! considered before accesses that come out differently in another order, as far as accesses are known: when a schedule
//! tells of a new one, the search begins anew. So what is left out is the same as something that is tried.

mod access;
mod gate;
mod pick;
mod report;
mod schedule;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub(crate) use access::Access;
use access::Touched;
pub(crate) use gate::{By, Gate, LockAddress, Stopped, Want};
use gate::{Outcome, Stop};
use pick::{Picker, Search};
pub use report::{BrokenSchedule, Violation};
use schedule::Schedule;

use crate::MockSystem;
use crate::engine::coverage::Coverage;

/// What instances and invariants say when something is wrong: any error, or a text.
pub type ScenarioError = Box<dyn Error + Send + Sync>;

/// Something that an instance does.
type Work = Box<dyn FnOnce() -> Result<(), ScenarioError> + Send>;

/// What has to hold in the end.
type Invariant = Box<dyn FnOnce() -> Result<(), ScenarioError>>;

/// Instances that run at the same time on one simulated system, and what has to hold when all are done.
pub struct Scenario {
    system: MockSystem,
    instances: Vec<(u32, Work)>,
    invariant: Option<Invariant>,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpus: Vec<u32> = self.instances.iter().map(|instance| instance.0).collect();
        f.debug_struct("Scenario").field("cpus", &cpus).finish()
    }
}

impl Scenario {
    /// No instances yet, on this system: a new one for each scenario, so that each starts the same.
    #[must_use]
    pub fn new(system: &MockSystem) -> Scenario {
        Scenario {
            system: system.clone(),
            instances: Vec::new(),
            invariant: None,
        }
    }

    /// Something that runs on a CPU while the others run: a program on a packet, an event that sets off what is attached,
    /// or user space's own work with maps. What it returns as an error, and a panic, breaks the schedule.
    ///
    /// Two on the same CPU take turns like tasks that may be interrupted anywhere. Programs in a kernel mostly may not: give
    /// each a CPU of its own.
    #[must_use]
    pub fn on_cpu<E: Into<ScenarioError>>(
        mut self,
        cpu: u32,
        work: impl FnOnce() -> Result<(), E> + Send + 'static,
    ) -> Scenario {
        let work = || work().map_err(Into::into);
        self.instances.push((cpu, Box::new(work)));
        self
    }

    /// What has to hold when all are done. An error, and a panic such as that of `assert_eq!`, breaks the schedule.
    #[must_use]
    pub fn holds<E: Into<ScenarioError>>(
        mut self,
        invariant: impl FnOnce() -> Result<(), E> + 'static,
    ) -> Scenario {
        self.invariant = Some(Box::new(|| invariant().map_err(Into::into)));
        self
    }
}

/// Finds schedules of programs that share maps under which something goes wrong, such as a lost update.
///
/// It runs a scenario again and again, each time under another schedule: first without preemptions, then with one, two and
/// so on, so that what is found first is as plain as can be. Small scenarios are explored whole; what is left of larger ones
/// is tried by chance, from a seed. The same scenario gives the same schedules.
///
/// A switch may come before every instruction that touches the values of a map (but not between bytes of one access), before
/// every helper that is not the program's own business, and before each call of user space to a map. Atomic instructions are
/// one step. A spin lock that another instance has is waited for; where all wait that is a deadlock. What is reached through
/// [`Map::memory`](ebpf_core::map::Map::memory) cannot be watched, and pages of arenas are not: no switch comes there. Memory
/// is strongly ordered: what weaker machines make visible late is not explored.
///
/// ```
/// use ebpf_core::object::ObjectSpec;
/// use ebpf_core::program::{ProgramExt, RunInput};
/// use ebpf_core::{LoadError, MapExt, SystemExt};
/// use ebpf_mock::MockSystem;
/// use ebpf_mock::testing::{InterleavingError, Interleavings, Scenario};
///
/// // Each program counts a packet in the map `total`: one with `*packets += 1`, one with `__sync_fetch_and_add`.
/// let object = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/interleave/counters.bpf.o"));
/// let object = ObjectSpec::parse(object)?;
/// let on_two_cpus = |name: &'static str| {
///     let object = object.clone();
///     move || {
///         let system = MockSystem::new();
///         let loaded = system.load(&object)?;
///         let mut scenario = Scenario::new(&system);
///         for cpu in [0, 1] {
///             let program = loaded.program(name)?.clone();
///             scenario = scenario.on_cpu(cpu, move || program.run_once(&[0; 64], 0).map(drop));
///         }
///         let total = loaded.map("total")?.clone();
///         Ok::<_, LoadError>(scenario.holds(move || {
///             let counted = total.get(&0u32.to_ne_bytes())?.unwrap_or_default();
///             assert_eq!(counted, 2u64.to_ne_bytes(), "packets counted");
///             Ok::<_, ebpf_core::map::MapError>(())
///         }))
///     }
/// };
///
/// let explored = Interleavings::new().explore(on_two_cpus("count_atomic"))?;
/// assert!(explored.is_exhaustive());
///
/// let Err(InterleavingError::Broken(broken)) = Interleavings::new().explore(on_two_cpus("count_plain")) else {
///     panic!("an update is lost");
/// };
/// println!("{broken}");
/// // The same again, to look at it with a debugger's patience.
/// let again = Interleavings::new().replay(&broken.schedule(), on_two_cpus("count_plain"));
/// assert!(matches!(again, Err(InterleavingError::Broken(_))));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Interleavings {
    preemptions: u32,
    schedules: u64,
    random: u64,
    seed: u64,
    accesses: usize,
}

impl Default for Interleavings {
    fn default() -> Interleavings {
        Interleavings::new()
    }
}

/// What was explored, where nothing broke.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// How many schedules were run, those by chance included.
    pub schedules: u64,
    /// With up to how many preemptions all schedules were run; `None` where not even those without any were.
    pub preemptions: Option<u32>,
    /// How many were run by chance.
    pub random: u64,
    exhaustive: bool,
}

impl Explored {
    /// Whether nothing was left out: no schedule breaks the scenario.
    pub fn is_exhaustive(&self) -> bool {
        self.exhaustive
    }
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schedules = self.schedules;
        write!(f, "{schedules} schedules hold")?;
        match self.preemptions {
            _ if self.exhaustive => f.write_str(", and there are no others"),
            Some(preemptions) => write!(
                f,
                ": all with up to {preemptions} preemptions, and {} by chance",
                self.random
            ),
            None => write!(f, ", {} of them by chance", self.random),
        }
    }
}

/// Why an exploration ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterleavingError {
    /// A schedule broke the scenario.
    #[error("{0}")]
    Broken(Box<BrokenSchedule>),
    /// The scenario could not be made.
    #[error("the scenario could not be made: {0}")]
    Scenario(#[source] ScenarioError),
    /// The same schedule led elsewhere the second time.
    #[error(
        "under the schedule `{schedule}` the scenario did not do the same again: let each begin with a new system, and use no clock, \
         no chance and no threads of its own"
    )]
    NotRepeatable {
        /// How far the schedule was followed.
        schedule: String,
    },
    /// Text that is no schedule.
    #[error("`{0}` is no schedule: those look like `0x1 1x2 0x1`")]
    NoSchedule(String),
    /// There are more instances than can be told apart.
    #[error("{0} instances are too many: there may be {most}", most = access::MOST)]
    TooMany(usize),
}

impl Interleavings {
    /// Ten thousand schedules at most, and a thousand by chance where these are not all.
    #[must_use]
    pub fn new() -> Interleavings {
        Interleavings {
            preemptions: u32::MAX,
            schedules: 10_000,
            random: 1_000,
            seed: 0,
            accesses: 10_000,
        }
    }

    /// Searches schedules with at most so many preemptions: switches away from an instance that could have gone on. Most
    /// mistakes show with one or two.
    #[must_use]
    pub fn preemptions(mut self, most: u32) -> Interleavings {
        self.preemptions = most;
        self
    }

    /// Searches at most so many schedules.
    #[must_use]
    pub fn schedules(mut self, most: u64) -> Interleavings {
        self.schedules = most;
        self
    }

    /// Tries so many schedules by chance where the search left some out, from this seed.
    #[must_use]
    pub fn random(mut self, schedules: u64, seed: u64) -> Interleavings {
        (self.random, self.seed) = (schedules, seed);
        self
    }

    /// How many accesses to what is shared a schedule may have before it counts as endless: 10 000 without it.
    #[must_use]
    pub fn accesses(mut self, most: usize) -> Interleavings {
        self.accesses = most;
        self
    }

    /// Runs a scenario under one schedule after the other. `scenario` makes it anew for each, with a new system.
    ///
    /// # Errors
    /// [`InterleavingError::Broken`] with the first schedule under which something went wrong, and the others where it
    /// could not be explored.
    pub fn explore<E: Into<ScenarioError>>(
        &self,
        mut scenario: impl FnMut() -> Result<Scenario, E>,
    ) -> Result<Explored, InterleavingError> {
        let mut exploration = Exploration::default();
        let explored = self.search(&mut exploration, &mut scenario);
        exploration.write_coverage();
        explored
    }

    /// Runs a scenario under one schedule, as [`BrokenSchedule::schedule`] gave it.
    ///
    /// # Errors
    /// [`InterleavingError::Broken`] if something went wrong again; [`InterleavingError::NotRepeatable`] if the schedule is of
    /// another scenario.
    pub fn replay<E: Into<ScenarioError>>(
        &self,
        schedule: &str,
        mut scenario: impl FnMut() -> Result<Scenario, E>,
    ) -> Result<Explored, InterleavingError> {
        let no_schedule = |()| InterleavingError::NoSchedule(schedule.to_owned());
        let turns = schedule.parse::<Schedule>().map_err(no_schedule)?;
        let mut exploration = Exploration::default();
        let picker = Picker::Replay(turns.0.into_iter());
        let ran = exploration.run(self.accesses, picker, &mut scenario);
        exploration.write_coverage();
        ran.map(|_| Explored {
            schedules: 1,
            preemptions: None,
            random: 0,
            exhaustive: false,
        })
    }

    fn search<E: Into<ScenarioError>>(
        &self,
        exploration: &mut Exploration,
        scenario: &mut impl FnMut() -> Result<Scenario, E>,
    ) -> Result<Explored, InterleavingError> {
        let mut explored = Explored {
            schedules: 0,
            preemptions: None,
            random: 0,
            exhaustive: false,
        };
        let mut search = Search::with(0);
        while explored.schedules < self.schedules {
            search.rewind();
            let ran = exploration.run(self.accesses, Picker::Search(search), scenario)?;
            explored.schedules += 1;
            let Picker::Search(back) = ran.picker else {
                return Ok(explored);
            };
            search = back;
            if !search.is_followed() {
                let schedule = ran.schedule.to_string();
                return Err(InterleavingError::NotRepeatable { schedule });
            }
            if ran.grown {
                // Of what was left out so far, some may matter.
                search = Search::with(search.bound);
                continue;
            }
            if search.advance() {
                continue;
            }
            explored.preemptions = Some(search.bound);
            if !search.cut {
                explored.exhaustive = true;
                return Ok(explored);
            }
            if search.bound >= self.preemptions {
                break;
            }
            search = Search::with(search.bound + 1);
        }
        for turn in 0..self.random {
            let picker = Picker::Chance(self.seed.wrapping_add(turn.wrapping_mul(0x1_0000_0001)));
            exploration.run(self.accesses, picker, scenario)?;
            explored.schedules += 1;
            explored.random += 1;
        }
        Ok(explored)
    }
}

/// What is known from the schedules so far.
#[derive(Debug, Default)]
struct Exploration {
    known: Touched,
    schedules: u64,
    coverage: Coverage,
    last: Option<MockSystem>,
}

impl Exploration {
    /// Runs a scenario under the schedule that a picker makes.
    fn run<E: Into<ScenarioError>>(
        &mut self,
        accesses: usize,
        picker: Picker,
        scenario: &mut impl FnMut() -> Result<Scenario, E>,
    ) -> Result<Outcome, InterleavingError> {
        let scenario = scenario().map_err(|error| InterleavingError::Scenario(error.into()))?;
        let Scenario {
            system,
            instances,
            invariant,
        } = scenario;
        if instances.len() > access::MOST {
            return Err(InterleavingError::TooMany(instances.len()));
        }
        self.schedules += 1;
        let cpus: Vec<u32> = instances.iter().map(|instance| instance.0).collect();
        let gate = Arc::new(Gate::new(
            instances.len(),
            picker,
            self.known.clone(),
            accesses,
        ));
        system.kernel().set_gate(Some(gate.clone()));
        let said = run_all(&system, &gate, instances);
        system.kernel().set_gate(None);
        let outcome = gate.outcome();
        if outcome.stop == Some(Stop::NotRepeated) {
            let schedule = outcome.schedule.to_string();
            return Err(InterleavingError::NotRepeatable { schedule });
        }
        let violation = Violation::of(&outcome, &cpus, said, invariant);
        if let Some(coverage) = system.kernel().take_coverage() {
            self.coverage.merge(&coverage);
        }
        self.last = Some(system);
        if outcome.grown {
            self.known = outcome.seen.clone();
        }
        match violation {
            None => Ok(outcome),
            Some(violation) => Err(InterleavingError::Broken(Box::new(BrokenSchedule::new(
                violation,
                &outcome,
                cpus,
                self.schedules,
            )))),
        }
    }

    /// Writes what all systems executed as one, where that is wanted.
    fn write_coverage(&self) {
        if let Some(system) = &self.last {
            system.kernel().write_coverage(&self.coverage);
        }
    }
}

/// Runs instances, each on a thread and a CPU of its own, until all have ended. Gives what each said.
fn run_all(
    system: &MockSystem,
    gate: &Gate,
    instances: Vec<(u32, Work)>,
) -> Vec<Result<(), String>> {
    std::thread::scope(|scope| {
        let started = instances.into_iter().enumerate();
        let threads: Vec<_> = started
            .map(|(instance, (cpu, work))| {
                scope.spawn(move || {
                    gate.enter(instance);
                    let said = match system.on_cpu(cpu, || guarded(work)) {
                        Ok(said) => said,
                        Err(error) => Err(error.to_string()),
                    };
                    gate.leave(instance);
                    said
                })
            })
            .collect();
        gate.start();
        let ended = threads.into_iter().map(|thread| {
            let joined = thread.join();
            joined.unwrap_or_else(|_| Err("its thread panicked".to_owned()))
        });
        ended.collect()
    })
}

/// Does something; a panic is an error.
fn guarded(work: impl FnOnce() -> Result<(), ScenarioError>) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(said) => said.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(text.unwrap_or_else(|| "it panicked".to_owned()))
        }
    }
}
