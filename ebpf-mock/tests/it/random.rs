//! Numbers for random tests: `TEST_SEED` repeats a run, `EBPF_FUZZ_COUNT` or `EBPF_FUZZ_SECONDS` say how long it is.

use std::time::{Duration, Instant};

/// A stream of numbers (xorshift64*).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        (self.number() >> 16) % end
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A number of a kind that finds mistakes: small, at the edge of a width, or any.
    pub(crate) fn odd_number(&mut self) -> u64 {
        let edges = [
            0,
            1,
            2,
            7,
            0x7f,
            0x80,
            0xff,
            0x7fff,
            0x8000,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
        ];
        match self.below(8) {
            0..3 => self.one_of(&edges),
            3 => self.one_of(&edges).wrapping_neg(),
            4 => (self.one_of(&edges) << 32).wrapping_add(self.one_of(&edges)),
            5 => 1 << self.below(64),
            6 => self.number() as i32 as u64,
            _ => self.number(),
        }
    }
}

/// How long a random test runs, and from what.
pub(crate) struct Extent {
    pub(crate) seed: u64,
    count: u64,
    until: Option<Instant>,
    done: u64,
}

impl Extent {
    /// As the environment says; `count` without it.
    pub(crate) fn or(count: u64) -> Extent {
        let setting = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let seed = setting("TEST_SEED").unwrap_or(1);
        let seconds = setting("EBPF_FUZZ_SECONDS");
        let count =
            setting("EBPF_FUZZ_COUNT").unwrap_or(if seconds.is_some() { u64::MAX } else { count });
        println!("TEST_SEED={seed}");
        Extent {
            seed,
            count,
            until: seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds)),
            done: 0,
        }
    }
}

/// The number of each turn.
impl Iterator for Extent {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let over = self.until.is_some_and(|until| Instant::now() >= until);
        if over || self.done >= self.count {
            return None;
        }
        self.done += 1;
        Some(self.done - 1)
    }
}
