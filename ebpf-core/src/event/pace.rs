//! How a reader keeps pace with who writes: when to nap instead of asking to be woken.
//!
//! Waking a reader costs the writer far more than a record, so a reader that will find the next records within some tens
//! of microseconds anyway should not ask for it. The rule: an average of the time between records, and two thresholds.

use std::time::{Duration, Instant};

/// Below this mean time between records a reader naps, in nanoseconds.
const BUSY_BELOW: u64 = 20_000;
/// Above it, it asks to be woken again.
const IDLE_ABOVE: u64 = 40_000;
/// The longest time that counts between two looks: after a pause of any length a burst is noticed soon.
const LONGEST: u64 = 1_000_000;
/// So many records at once are a burst, whatever was before.
const BURST: u64 = 32;
/// What a nap is asked to last. Linux adds its slack of 50 µs.
const NAP: Duration = Duration::from_micros(20);
/// Fullness is in parts of this.
const WHOLE: u64 = 1 << 16;

/// What to do before looking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Ask to be woken, and wait.
    Block,
    /// Sleep so long.
    Nap(Duration),
    /// The ring would overflow during a nap: let others run and look again.
    Yield,
}

/// The pace of one reader.
#[derive(Debug)]
pub(crate) struct Pace {
    adaptive: bool,
    busy: bool,
    last: Instant,
    /// Mean time between records, in nanoseconds.
    gap: u64,
    /// How long a nap really takes, in nanoseconds.
    nap: u64,
    /// How much of the fullest ring is filled in a millisecond.
    fill: u64,
}

impl Pace {
    /// Of a reader that is idle; one that is not adaptive stays so.
    pub(crate) fn new(adaptive: bool, now: Instant) -> Pace {
        Pace {
            adaptive,
            busy: false,
            last: now,
            gap: LONGEST,
            nap: 70_000,
            fill: 0,
        }
    }

    /// Takes note of what was found since the last time: records, and of the fullest ring the `filled` bytes of `size`.
    pub(crate) fn found(&mut self, now: Instant, records: u64, filled: usize, size: usize) {
        if !self.adaptive {
            return;
        }
        let elapsed = nanos(now.saturating_duration_since(self.last)).clamp(1, LONGEST);
        // Nothing within a short time says nothing yet.
        if records == 0 && elapsed < IDLE_ABOVE {
            return;
        }
        self.last = now;
        let gap = elapsed / records.max(1);
        self.gap = if records >= BURST {
            gap
        } else {
            (3 * self.gap + gap) / 4
        };
        self.busy = self.gap < if self.busy { IDLE_ABOVE } else { BUSY_BELOW };
        let part = (filled as u64).saturating_mul(WHOLE) / (size as u64).max(1);
        let fill = part.saturating_mul(LONGEST) / elapsed;
        self.fill = (3 * self.fill).saturating_add(fill) / 4;
    }

    /// Whether records come so fast that nobody should be woken for them.
    #[inline]
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// What to do before looking again.
    pub(crate) fn rest(&self) -> Rest {
        if !self.is_busy() {
            Rest::Block
        } else if self.fill.saturating_mul(self.nap) / LONGEST > WHOLE / 4 {
            Rest::Yield
        } else {
            Rest::Nap(NAP)
        }
    }

    /// Takes note of how long a nap took.
    pub(crate) fn napped(&mut self, took: Duration) {
        self.nap = (7 * self.nap + nanos(took).min(LONGEST)) / 8;
    }

    /// Rests as `rest` says, but not beyond `deadline`; `None` if it is for the caller to block.
    pub(crate) fn take_rest(&mut self, deadline: Option<Instant>) -> Option<()> {
        match self.rest() {
            Rest::Block => return None,
            Rest::Yield => std::thread::yield_now(),
            Rest::Nap(nap) => {
                let begun = Instant::now();
                let left =
                    deadline.map_or(nap, |deadline| deadline.saturating_duration_since(begun));
                std::thread::sleep(nap.min(left));
                self.napped(begun.elapsed());
            }
        }
        Some(())
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that looks every `every` microseconds, `looks` times, and finds so many records of 64 bytes.
    fn reads(
        pace: &mut Pace,
        now: &mut Instant,
        looks: u32,
        every: u64,
        records: u64,
        size: usize,
    ) {
        for _ in 0..looks {
            *now += Duration::from_micros(every);
            pace.found(*now, records, records as usize * 72, size);
        }
    }

    fn idle() -> (Pace, Instant) {
        let now = Instant::now();
        (Pace::new(true, now), now)
    }

    #[test]
    fn slow_records_are_waited_for() {
        let (mut pace, mut now) = idle();
        assert_eq!(pace.rest(), Rest::Block);
        reads(&mut pace, &mut now, 1000, 100, 1, 1 << 20);
        assert_eq!(pace.rest(), Rest::Block);
    }

    #[test]
    fn fast_records_make_it_nap_and_their_end_makes_it_wait() {
        let (mut pace, mut now) = idle();
        reads(&mut pace, &mut now, 40, 10, 1, 1 << 20);
        assert_eq!(pace.rest(), Rest::Nap(NAP));
        reads(&mut pace, &mut now, 100, 80, 4, 1 << 20);
        assert_eq!(
            pace.rest(),
            Rest::Nap(NAP),
            "it goes on with half of the rate"
        );
        reads(&mut pace, &mut now, 4, 80, 0, 1 << 20);
        assert_eq!(pace.rest(), Rest::Block);
    }

    #[test]
    fn a_burst_is_noticed_at_once() {
        let (mut pace, mut now) = idle();
        reads(&mut pace, &mut now, 1, 5_000_000, 500, 1 << 20);
        assert!(pace.is_busy());
    }

    #[test]
    fn it_does_not_sleep_while_the_ring_overflows() {
        let (mut pace, mut now) = idle();
        reads(&mut pace, &mut now, 10, 70, 500, 64 << 10);
        assert_eq!(pace.rest(), Rest::Yield);
        reads(&mut pace, &mut now, 30, 70, 500, 8 << 20);
        assert_eq!(pace.rest(), Rest::Nap(NAP));
    }

    #[test]
    fn one_that_is_not_adaptive_always_waits() {
        let mut now = Instant::now();
        let mut pace = Pace::new(false, now);
        reads(&mut pace, &mut now, 100, 1, 100, 4096);
        assert_eq!(pace.rest(), Rest::Block);
        assert_eq!(pace.take_rest(None), None);
    }

    #[test]
    fn a_nap_ends_at_the_deadline() {
        let (mut pace, mut now) = idle();
        reads(&mut pace, &mut now, 1, 10, 1000, 1 << 20);
        assert_eq!(pace.take_rest(Some(now)), Some(()));
        pace.napped(Duration::from_secs(3600));
        assert!(pace.nap < LONGEST);
    }
}
