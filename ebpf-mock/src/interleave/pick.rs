//! Who goes on, where more than one could: every way in turn, by chance, or as a schedule says.

use super::schedule::Turn;

/// Chooses, for one schedule after the other.
#[derive(Debug)]
pub(super) enum Picker {
    /// All schedules with at most so many preemptions.
    Search(Search),
    /// Schedules by chance.
    Chance(u64),
    /// One schedule that was seen before: the turns that are left of it.
    Replay(std::vec::IntoIter<Turn>),
}

/// Where a search is in the tree of choices.
#[derive(Debug, Default)]
pub(super) struct Search {
    path: Vec<Choice>,
    /// How many choices of the path this schedule has made.
    depth: usize,
    /// The most preemptions of a schedule.
    pub(super) bound: u32,
    /// Whether a preemption was left out because of that.
    pub(super) cut: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Choice {
    options: Vec<usize>,
    taken: usize,
}

impl Search {
    pub(super) fn with(bound: u32) -> Search {
        Search {
            bound,
            ..Search::default()
        }
    }

    /// Begins a schedule with the choices that the last call of [`Search::advance`] left.
    pub(super) fn rewind(&mut self) {
        self.depth = 0;
    }

    /// Whether the schedule made all the choices that it was to repeat.
    pub(super) fn is_followed(&self) -> bool {
        self.depth >= self.path.len()
    }

    /// Goes to the next schedule; false if that was the last.
    pub(super) fn advance(&mut self) -> bool {
        while let Some(last) = self.path.last_mut() {
            last.taken += 1;
            if last.taken < last.options.len() {
                return true;
            }
            self.path.pop();
        }
        false
    }

    fn pick(&mut self, options: Vec<usize>) -> Option<usize> {
        let depth = self.depth;
        self.depth += 1;
        if let Some(known) = self.path.get(depth) {
            return (known.options == options)
                .then(|| known.options.get(known.taken).copied())
                .flatten();
        }
        let first = options.first().copied();
        self.path.push(Choice { options, taken: 0 });
        first
    }
}

impl Picker {
    /// Who goes on, where `now` could, and so could others; `None` if that cannot be, as what ran is not the same again.
    pub(super) fn at_access(
        &mut self,
        now: usize,
        others: &[usize],
        preemptions: u32,
    ) -> Option<usize> {
        match self {
            Picker::Search(search) if preemptions >= search.bound => {
                search.cut |= !others.is_empty();
                Some(now)
            }
            Picker::Search(_) | Picker::Chance(_) => {
                let mut options = vec![now];
                options.extend(others);
                self.at_end(options)
            }
            Picker::Replay(_) => Some(now),
        }
    }

    /// Who goes on, where one of these has to.
    pub(super) fn at_end(&mut self, options: Vec<usize>) -> Option<usize> {
        match self {
            _ if options.len() == 1 && !matches!(self, Picker::Replay(_)) => {
                options.first().copied()
            }
            Picker::Search(search) => search.pick(options),
            Picker::Chance(state) => {
                // The steps and the mixing of SplitMix64.
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
                mixed ^= mixed >> 31;
                let index = mixed % options.len().max(1) as u64;
                options.get(index as usize).copied()
            }
            Picker::Replay(turns) => match turns.next() {
                Some(turn) => options.contains(&turn.instance).then_some(turn.instance),
                None => options.first().copied(),
            },
        }
    }
}
