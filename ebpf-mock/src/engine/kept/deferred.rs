//! Timers and work queues: what is to be called, and when. `struct bpf_hrtimer` and `struct bpf_work` in
//! kernel/bpf/helpers.c.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::map::MapId;
use parking_lot::Mutex;

use crate::map::MapObject;
use crate::program::ProgramObject;

/// Everything that is put off, by its number.
#[derive(Debug, Default)]
pub(crate) struct Deferred(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    last: u64,
    entries: BTreeMap<u64, Entry>,
    /// Counts what was started: of what is due at the same time, the first that was started is the first that is called.
    started: u64,
}

#[derive(Debug)]
struct Entry {
    kind: Kind,
    map: Weak<MapObject>,
    map_id: MapId,
    /// The element's place in the memory of the map's values.
    slot: u32,
    function: Option<Function>,
    /// When it is called, and which of those of that time; `None` while it is not started.
    due: Option<(u64, u64)>,
    cpu: u32,
}

/// What something put off is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Timer(Clockwork),
    Work,
}

/// The clock that a timer goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clockwork {
    Monotonic,
    Wall,
    Boot,
}

/// A function of a program.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) program: Arc<ProgramObject>,
    /// Its first instruction.
    pub(crate) start: usize,
}

/// Up to when things are wanted that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Work: as soon as possible.
    Now,
    /// Timers, up to this time of the monotonic clock.
    By(u64),
}

/// A call that is due.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) number: u64,
    pub(crate) map: Arc<MapObject>,
    pub(crate) slot: u32,
    pub(crate) function: Function,
    pub(crate) cpu: u32,
    /// When, of a timer.
    pub(crate) at: u64,
}

impl Deferred {
    /// Something for an element of a map, which is to be started later. Gives its number.
    pub(crate) fn create(&self, kind: Kind, map: &Arc<MapObject>, slot: u32) -> u64 {
        let mut all = self.0.lock();
        all.last += 1;
        let number = all.last;
        let entry = Entry {
            kind,
            map: Arc::downgrade(map),
            map_id: map.info.id,
            slot,
            function: None,
            due: None,
            cpu: 0,
        };
        all.entries.insert(number, entry);
        number
    }

    /// What something is; `None` if there is nothing of that number, or no more.
    pub(crate) fn kind(&self, number: u64) -> Option<Kind> {
        self.0.lock().entries.get(&number).map(|entry| entry.kind)
    }

    /// Says what is to be called. `EINVAL` where there is nothing to be said to.
    pub(crate) fn set_function(&self, number: u64, function: Function) -> Result<(), Errno> {
        let mut all = self.0.lock();
        let entry = all.entries.get_mut(&number).ok_or(Errno::EINVAL)?;
        let before = entry.function.replace(function);
        // A program may end with it, and maps with that.
        drop(all);
        drop(before);
        Ok(())
    }

    /// Starts it, for a time of the monotonic clock.
    pub(crate) fn start(&self, number: u64, at: u64, cpu: u32) -> Result<(), Errno> {
        let mut all = self.0.lock();
        all.started += 1;
        let order = all.started;
        let entry = all.entries.get_mut(&number).ok_or(Errno::EINVAL)?;
        if entry.function.is_none() {
            return Err(Errno::EINVAL);
        }
        // Work that is queued stays where it is in the queue.
        if entry.kind != Kind::Work || entry.due.is_none() {
            entry.due = Some((at, order));
            entry.cpu = cpu;
        }
        Ok(())
    }

    /// Stops it and forgets what is to be called; says whether it was started.
    pub(crate) fn cancel(&self, number: u64) -> Result<bool, Errno> {
        let mut all = self.0.lock();
        let entry = all.entries.get_mut(&number).ok_or(Errno::EINVAL)?;
        let function = entry.function.take();
        let was_started = entry.due.take().is_some();
        drop(all);
        drop(function);
        Ok(was_started)
    }

    /// Ends it for good.
    pub(crate) fn free(&self, number: u64) {
        let entry = self.0.lock().entries.remove(&number);
        drop(entry);
    }

    /// Ends all of a map.
    pub(crate) fn free_map(&self, map: MapId) {
        let mut gone = Vec::new();
        let mut all = self.0.lock();
        let numbers: Vec<_> = all
            .entries
            .iter()
            .filter(|(_, entry)| entry.map_id == map)
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            gone.extend(all.entries.remove(&number));
        }
        drop(all);
        drop(gone);
    }

    /// Takes the next call that is due.
    pub(crate) fn next(&self, due: Due) -> Option<Call> {
        loop {
            let mut all = self.0.lock();
            let meant = |entry: &&mut Entry| match (due, entry.kind, entry.due) {
                (Due::Now, Kind::Work, Some(_)) => true,
                (Due::By(end), Kind::Timer(_), Some((at, _))) => at <= end,
                _ => false,
            };
            let (number, entry) = all
                .entries
                .iter_mut()
                .map(|(number, entry)| (*number, entry))
                .filter(|(_, entry)| meant(entry))
                .min_by_key(|(_, entry)| entry.due)?;
            let (at, _) = entry.due.take()?;
            let (cpu, slot) = (entry.cpu, entry.slot);
            let (map, function) = (entry.map.upgrade(), entry.function.clone());
            drop(all);
            if let (Some(map), Some(function)) = (map, function) {
                return Some(Call {
                    number,
                    map,
                    slot,
                    function,
                    cpu,
                    at,
                });
            }
        }
    }
}
