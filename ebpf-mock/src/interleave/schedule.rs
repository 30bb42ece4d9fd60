//! A schedule as text: who goes on for how many accesses to what is shared, such as `0x1 1x2 0x1`.

use std::fmt;
use std::str::FromStr;

/// A part of a schedule in which one instance goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) instance: usize,
    /// How many accesses to what is shared it makes, before another one's turn.
    pub(super) accesses: u64,
}

/// Which instance went on when: enough to have it happen again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Schedule(pub(super) Vec<Turn>);

impl Schedule {
    /// Adds an access of an instance.
    pub(super) fn add(&mut self, instance: usize) {
        match self.0.last_mut() {
            Some(turn) if turn.instance == instance => turn.accesses += 1,
            _ => self.0.push(Turn {
                instance,
                accesses: 1,
            }),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, turn) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}x{}", turn.instance, turn.accesses)?;
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = ();

    fn from_str(text: &str) -> Result<Schedule, ()> {
        let turn = |word: &str| {
            let (instance, accesses) = word.split_once('x')?;
            Some(Turn {
                instance: instance.parse().ok()?,
                accesses: accesses.parse().ok()?,
            })
        };
        let turns: Option<Vec<Turn>> = text.split_whitespace().map(turn).collect();
        turns
            .filter(|turns| !turns.is_empty())
            .map(Schedule)
            .ok_or(())
    }
}
