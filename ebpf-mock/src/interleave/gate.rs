//! The gate: of the instances that share a system one runs at a time, and each asks here before it touches what is shared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::ThreadId;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::access::{Access, Touched};
use super::pick::Picker;
use super::schedule::Schedule;
use crate::engine::Code;

/// A spin lock: the address that it has in every run.
pub(crate) type LockAddress = (u32, u64);

/// What an instance wants of locks before an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// To have it.
    Take(LockAddress),
    /// That nobody has one of the map's: `BPF_F_LOCK`.
    Free(u32),
}

impl Want {
    /// Whether a lock stands in the way.
    fn is_about(self, lock: LockAddress) -> bool {
        match self {
            Want::Take(wanted) => wanted == lock,
            Want::Free(map) => map == lock.0,
        }
    }
}

/// Lets one instance run at a time.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    /// Where each instance waits for its turn.
    turns: Vec<Condvar>,
}

/// What is known of a schedule that runs.
#[derive(Debug)]
struct State {
    instances: Vec<Instance>,
    /// Whether the first accesses of all are still to be seen.
    beginning: bool,
    /// Whose turn it is.
    current: Option<usize>,
    picker: Picker,
    /// What more than one instance touches, as far as it was known before this schedule.
    known: Touched,
    /// The same with what this schedule told.
    seen: Touched,
    grown: bool,
    locks: BTreeMap<LockAddress, usize>,
    steps: Vec<Step>,
    schedule: Schedule,
    preemptions: u32,
    most_accesses: usize,
    /// How many accesses the turn has left, of a schedule that is replayed.
    left: u64,
    stop: Option<Stop>,
    /// In a deadlock: who waits, and for whom.
    waiting: Vec<(usize, usize)>,
}

/// An instance, as far as it got.
#[derive(Clone, Debug, Default)]
struct Instance {
    thread: Option<ThreadId>,
    progress: Progress,
    /// What it waits for, before it goes on.
    want: Option<Want>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    New,
    Begun,
    Done,
}

/// An access that was made.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) instance: usize,
    pub(super) access: Access,
    pub(super) by: By,
}

/// What made an access.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// An instruction of a program.
    Instruction(Arc<Code>, usize),
    /// A call of user space.
    Call(&'static str),
}

/// Why a schedule does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// All that are left wait for locks.
    Deadlock,
    /// There were more accesses than are allowed.
    Long,
    /// What ran before under the same schedule did something else.
    NotRepeated,
}

/// A schedule that is over.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) picker: Picker,
    pub(super) seen: Touched,
    pub(super) grown: bool,
    pub(super) steps: Vec<Step>,
    pub(super) schedule: Schedule,
    pub(super) preemptions: u32,
    pub(super) stop: Option<Stop>,
    /// Who waits for a lock that another has.
    pub(super) waiting: Vec<(usize, usize)>,
}

/// The schedule was stopped: whoever hears it has to end.
#[derive(Debug)]
pub(crate) struct Stopped;

impl Gate {
    pub(super) fn new(
        instances: usize,
        picker: Picker,
        known: Touched,
        most_accesses: usize,
    ) -> Gate {
        Gate {
            turns: (0..instances).map(|_| Condvar::new()).collect(),
            state: Mutex::new(State {
                instances: vec![Instance::default(); instances],
                beginning: !matches!(picker, Picker::Replay(_)),
                current: None,
                picker,
                seen: known.clone(),
                known,
                grown: false,
                locks: BTreeMap::new(),
                steps: Vec::new(),
                schedule: Schedule::default(),
                preemptions: 0,
                most_accesses,
                left: 0,
                stop: None,
                waiting: Vec::new(),
            }),
        }
    }

    /// Begins the schedule.
    pub(super) fn start(&self) {
        let mut state = self.state.lock();
        state.choose_next();
        self.hand_over(&state);
    }

    /// An instance begins on the calling thread, when it is its turn.
    pub(super) fn enter(&self, instance: usize) {
        let mut state = self.state.lock();
        if let Some(instance) = state.instances.get_mut(instance) {
            instance.thread = Some(std::thread::current().id());
        }
        self.wait(&mut state, instance);
    }

    /// An instance has ended.
    pub(super) fn leave(&self, instance: usize) {
        let mut state = self.state.lock();
        if let Some(instance) = state.instances.get_mut(instance) {
            (instance.progress, instance.want) = (Progress::Done, None);
        }
        let early = state.left > 0 && state.left < u64::MAX;
        if state.replays() && early && state.stop.is_none() {
            state.stop = Some(Stop::NotRepeated);
        }
        state.choose_next();
        self.hand_over(&state);
    }

    /// What came of the schedule, when all have ended.
    pub(super) fn outcome(&self) -> Outcome {
        let mut state = self.state.lock();
        Outcome {
            waiting: std::mem::take(&mut state.waiting),
            picker: std::mem::replace(&mut state.picker, Picker::Chance(0)),
            seen: std::mem::take(&mut state.seen),
            grown: state.grown,
            steps: std::mem::take(&mut state.steps),
            schedule: std::mem::take(&mut state.schedule),
            preemptions: state.preemptions,
            stop: state.stop,
        }
    }

    /// Waits until the calling instance may make these accesses, and until locks are as it wants them. Threads that are none
    /// of the instances never wait.
    pub(crate) fn pass(
        &self,
        accesses: &[Access],
        want: Option<Want>,
        by: impl Fn() -> By,
    ) -> Result<(), Stopped> {
        let mut state = self.state.lock();
        let Some(me) = state.this() else {
            return Ok(());
        };
        state.stopped()?;
        for access in accesses {
            let new = state.seen.add(me, access);
            state.grown |= new;
        }
        state.set_want(me, want);
        if let Some(next) = state.next_at(me, accesses)
            && next != me
        {
            state.turn_to(next);
            self.hand_over(&state);
            self.wait(&mut state, me);
        }
        state.stopped()?;
        state.set_want(me, None);
        if let Some(Want::Take(lock)) = want {
            state.locks.insert(lock, me);
        }
        state.record(me, accesses, by);
        state.stopped()
    }

    /// A lock was given back.
    pub(crate) fn unlock(&self, lock: LockAddress) {
        let mut state = self.state.lock();
        if state.this().is_some() {
            state.locks.remove(&lock);
        }
    }

    /// Wakes who is to go on; everybody, when the schedule does not.
    fn hand_over(&self, state: &State) {
        match state.current {
            Some(next) if state.stop.is_none() => {
                if let Some(turn) = self.turns.get(next) {
                    turn.notify_one();
                }
            }
            _ => {
                for turn in &self.turns {
                    turn.notify_one();
                }
            }
        }
    }

    fn wait(&self, state: &mut MutexGuard<'_, State>, me: usize) {
        let Some(turn) = self.turns.get(me) else {
            return;
        };
        while state.current != Some(me) && state.stop.is_none() {
            turn.wait(state);
        }
    }
}

impl State {
    /// The instance that the calling thread is.
    fn this(&self) -> Option<usize> {
        let thread = Some(std::thread::current().id());
        self.instances
            .iter()
            .position(|instance| instance.thread == thread)
    }

    fn stopped(&self) -> Result<(), Stopped> {
        if self.stop.is_some() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// Who has a lock that stands in the way.
    fn holder(&self, want: Want) -> Option<usize> {
        let mut locks = self.locks.iter();
        let found = locks.find(|(lock, _)| want.is_about(**lock));
        found.map(|(_, holder)| *holder)
    }

    fn set_want(&mut self, instance: usize, want: Option<Want>) {
        if let Some(instance) = self.instances.get_mut(instance) {
            instance.want = want;
        }
    }

    /// Who has a lock that an instance waits for.
    fn blocker(&self, instance: usize) -> Option<usize> {
        let want = self.instances.get(instance)?.want?;
        self.holder(want).filter(|holder| *holder != instance)
    }

    /// Those that can go on.
    fn ready(&self) -> Vec<usize> {
        let can = |instance: &usize| {
            let progress = self.instances.get(*instance).map(|one| one.progress);
            progress != Some(Progress::Done) && self.blocker(*instance).is_none()
        };
        (0..self.instances.len()).filter(can).collect()
    }

    /// The first that has not begun.
    fn new_one(&self) -> Option<usize> {
        let mut all = self.instances.iter();
        all.position(|instance| instance.progress == Progress::New)
    }

    fn replays(&self) -> bool {
        matches!(self.picker, Picker::Replay(_))
    }

    /// Who goes on before these accesses of `me`; `None` where that goes on without a question.
    fn next_at(&mut self, me: usize, accesses: &[Access]) -> Option<usize> {
        if self.blocker(me).is_some() {
            self.choose_next();
            return self.current;
        }
        if self.replays() {
            let options = self.ready();
            let is_over = self.left == 0;
            return is_over.then(|| self.checked(|picker| picker.at_end(options)))?;
        }
        let contended = |access| self.known.is_contended(me, access);
        if !accesses.iter().any(contended) {
            return None;
        }
        if self.beginning {
            // What comes before the first of these accesses concerns nobody else: all go so far before it matters who is next.
            self.choose_next();
            return self.current;
        }
        let mut others = self.ready();
        others.retain(|other| *other != me);
        if others.is_empty() {
            return None;
        }
        let preemptions = self.preemptions;
        let next = self.checked(|picker| picker.at_access(me, &others, preemptions));
        self.preemptions += u32::from(next.is_some_and(|next| next != me));
        next
    }

    /// Chooses among those that can go on, where the one that ran cannot, or need not.
    fn choose_next(&mut self) {
        self.current = None;
        if self.stop.is_some() {
            return;
        }
        if self.beginning {
            self.current = self.new_one();
            if let Some(new) = self.current {
                self.turn_to(new);
                return;
            }
            self.beginning = false;
        }
        let ready = self.ready();
        if ready.is_empty() {
            let waiting =
                (0..self.instances.len()).filter_map(|one| Some((one, self.blocker(one)?)));
            self.waiting = waiting.collect();
            if !self.waiting.is_empty() {
                self.stop = Some(Stop::Deadlock);
            }
            return;
        }
        if let Some(next) = self.checked(|picker| picker.at_end(ready)) {
            self.turn_to(next);
        }
    }

    /// What the picker says, or the end of the schedule.
    fn checked(&mut self, pick: impl FnOnce(&mut Picker) -> Option<usize>) -> Option<usize> {
        // What a replayed schedule says of the turn that comes.
        let turn = match &self.picker {
            Picker::Replay(turns) => turns.as_slice().first().copied(),
            _ => None,
        };
        let picked = pick(&mut self.picker);
        if picked.is_none() {
            self.stop = Some(Stop::NotRepeated);
        }
        // After the last of them, all go on as they can.
        self.left = turn.map_or(u64::MAX, |turn| turn.accesses);
        picked
    }

    fn turn_to(&mut self, next: usize) {
        self.current = Some(next);
        if let Some(instance) = self.instances.get_mut(next)
            && instance.progress == Progress::New
        {
            instance.progress = Progress::Begun;
        }
    }

    fn record(&mut self, me: usize, accesses: &[Access], by: impl Fn() -> By) {
        self.schedule.add(me);
        if self.left < u64::MAX {
            self.left = self.left.saturating_sub(1);
        }
        if self.steps.len() >= self.most_accesses {
            self.stop = Some(Stop::Long);
            return;
        }
        // The last of them is what the instruction itself is about.
        let shown = accesses
            .iter()
            .rev()
            .find(|access| self.seen.is_contended(me, access));
        if let Some(access) = shown.or(accesses.last()) {
            self.steps.push(Step {
                instance: me,
                access: access.clone(),
                by: by(),
            });
        }
    }
}
