//! A schedule that broke something, as a person reads it: who did what, in the lines of the source.

use std::fmt;

use super::gate::{By, Outcome, Step, Stop};
use super::{Invariant, guarded};
use crate::engine::shared::described;

/// How many steps are shown.
const MOST_SHOWN: usize = 60;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// What has to hold in the end does not.
    Invariant(String),
    /// An instance ended with an error, such as that of a program that was stopped.
    Failed {
        /// Which one, in the order in which they were added.
        instance: usize,
        /// Its CPU.
        cpu: u32,
        /// What it said.
        error: String,
    },
    /// Nobody can go on.
    Deadlock {
        /// The CPUs that wait, each with the one that has the lock it waits for.
        waiting: Vec<(u32, u32)>,
    },
    /// There were more accesses to what is shared than a schedule may have.
    Endless,
}

impl Violation {
    /// What went wrong in a schedule that is over, and in what has to hold after it.
    pub(super) fn of(
        outcome: &Outcome,
        cpus: &[u32],
        said: Vec<Result<(), String>>,
        invariant: Option<Invariant>,
    ) -> Option<Violation> {
        let cpu = |instance: usize| cpus.get(instance).copied().unwrap_or(0);
        match outcome.stop {
            Some(Stop::Deadlock) => {
                let waiting = outcome.waiting.iter();
                let waiting = waiting.map(|(who, holder)| (cpu(*who), cpu(*holder)));
                return Some(Violation::Deadlock {
                    waiting: waiting.collect(),
                });
            }
            Some(Stop::Long | Stop::NotRepeated) => return Some(Violation::Endless),
            None => {}
        }
        let mut failed = said.into_iter().enumerate();
        let failed = failed.find_map(|(instance, said)| {
            said.err().map(|error| Violation::Failed {
                instance,
                cpu: cpu(instance),
                error,
            })
        });
        failed.or_else(|| {
            let held = guarded(invariant?);
            held.err().map(Violation::Invariant)
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Invariant(said) => f.write_str(said),
            Violation::Failed { cpu, error, .. } => write!(f, "on CPU {cpu}: {error}"),
            Violation::Deadlock { waiting } => {
                f.write_str("a deadlock")?;
                for (at, (cpu, holder)) in waiting.iter().enumerate() {
                    let comma = if at == 0 { ": " } else { ", " };
                    write!(f, "{comma}CPU {cpu} waits for a lock of CPU {holder}'s")?;
                }
                Ok(())
            }
            Violation::Endless => f.write_str("it does not end"),
        }
    }
}

/// A schedule under which something went wrong. As text it tells what, and who did what in which order.
#[derive(Clone, Debug)]
pub struct BrokenSchedule {
    violation: Violation,
    cpus: Vec<u32>,
    steps: Vec<Shown>,
    left_out: usize,
    schedule: String,
    preemptions: u32,
    tried: u64,
}

/// A step as it is shown.
#[derive(Clone, Debug)]
struct Shown {
    cpu: u32,
    place: String,
    text: String,
}

impl BrokenSchedule {
    pub(super) fn new(
        violation: Violation,
        outcome: &Outcome,
        cpus: Vec<u32>,
        tried: u64,
    ) -> BrokenSchedule {
        let matters = |step: &&Step| outcome.seen.is_contended(step.instance, &step.access);
        let all: Vec<&Step> = outcome.steps.iter().filter(matters).collect();
        let left_out = all.len().saturating_sub(MOST_SHOWN);
        // What came last is what broke it.
        let steps = all.iter().skip(left_out);
        let steps = steps.map(|step| Shown::of(step, cpus.get(step.instance).copied()));
        BrokenSchedule {
            violation,
            steps: steps.collect(),
            cpus,
            left_out,
            schedule: outcome.schedule.to_string(),
            preemptions: outcome.preemptions,
            tried,
        }
    }

    /// What went wrong.
    pub fn violation(&self) -> &Violation {
        &self.violation
    }

    /// The schedule, for [`Interleavings::replay`](super::Interleavings::replay): which instance went on, for how many accesses
    /// to what is shared. Instances count from 0, in the order in which they were added.
    pub fn schedule(&self) -> String {
        self.schedule.clone()
    }

    /// How often an instance was interrupted that could have gone on.
    pub fn preemptions(&self) -> u32 {
        self.preemptions
    }

    /// How many schedules were run to find it, itself included.
    pub fn tried(&self) -> u64 {
        self.tried
    }
}

impl Shown {
    fn of(step: &Step, cpu: Option<u32>) -> Shown {
        let cpu = cpu.unwrap_or(0);
        let access = &step.access;
        let (place, text) = match &step.by {
            By::Call(verb) => {
                let map = access.map_name().unwrap_or_default();
                ("user space".to_owned(), format!("{verb} `{map}`"))
            }
            By::Instruction(code, pc) => {
                let (position, instruction) = described(code, *pc);
                let place = position.as_ref().map_or_else(
                    || format!("{}:{pc}", code.program_name()),
                    |position| {
                        let file = position.file.rsplit('/').next().unwrap_or_default();
                        format!("{file}:{}", position.line)
                    },
                );
                let line = position.map(|position| position.text.trim().to_owned());
                let line = line.filter(|line| !line.is_empty()).unwrap_or(instruction);
                (place, format!("{line}  // {access}"))
            }
        };
        Shown { cpu, place, text }
    }
}

impl fmt::Display for BrokenSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (instances, tried) = (self.cpus.len(), self.tried);
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        writeln!(f, "{}", self.violation)?;
        write!(
            f,
            "  under the schedule `{}` of {instances} instances, with {} preemption{}, found in {tried} run{}",
            self.schedule,
            self.preemptions,
            plural(self.preemptions.into()),
            plural(tried)
        )?;
        if self.left_out > 0 {
            write!(f, "\n  ({} steps before these)", self.left_out)?;
        }
        let width = self.steps.iter().map(|step| step.place.len()).max();
        let width = width.unwrap_or(0);
        for Shown { cpu, place, text } in &self.steps {
            write!(f, "\n  CPU {cpu}  {place:width$}  {text}")?;
        }
        Ok(())
    }
}
