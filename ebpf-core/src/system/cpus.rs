//! Sets of CPUs, as the kernel writes them.

/// The CPUs of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpus {
    /// CPUs that may ever come online: per-CPU maps have a value for each number up to the highest.
    pub possible: CpuSet,
    /// CPUs that are online now.
    pub online: CpuSet,
}

/// A set of CPU numbers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CpuSet(Vec<u32>);

impl CpuSet {
    /// The most CPUs a list may name: far above what Linux can be configured for.
    pub const MAX: u32 = 1 << 16;

    /// A set of these numbers.
    pub fn new(numbers: impl IntoIterator<Item = u32>) -> CpuSet {
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        CpuSet(numbers)
    }

    /// Reads a list as the kernel writes it: `0`, `0-3`, `0-3,8`, ends of line ignored.
    ///
    /// An empty list is an empty set. `None` for anything else, for ranges that run backwards, and for numbers of
    /// [`CpuSet::MAX`] or more.
    pub fn parse(list: &str) -> Option<CpuSet> {
        let list = list.trim();
        if list.is_empty() {
            return Some(CpuSet::default());
        }
        let mut numbers = Vec::new();
        for part in list.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| {
                let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                plain
                    .then(|| text.parse::<u32>().ok())
                    .flatten()
                    .filter(|n| *n < CpuSet::MAX)
            };
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            numbers.extend(first..=last);
        }
        Some(CpuSet::new(numbers))
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `cpu` is among them.
    pub fn contains(&self, cpu: u32) -> bool {
        self.0.binary_search(&cpu).is_ok()
    }

    /// The highest number plus one: how many slots a table by CPU number needs.
    pub fn slots(&self) -> u32 {
        self.0.last().map_or(0, |last| last + 1)
    }
}
