//! Random numbers that repeat.

/// A generator whose numbers its seed decides.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next of SplitMix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Whether something happens that happens so many times of a thousand.
    pub(crate) fn chance(&mut self, of_a_thousand: u64) -> bool {
        self.next() % 1000 < of_a_thousand
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of several, each as often as it weighs.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let total: u32 = from.iter().map(|(_, weight)| weight).sum();
        let mut at = self.below(total as usize) as u32;
        for (choice, weight) in from {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        from[0].0
    }

    /// So many bytes: of one kind, few kinds or any.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        match self.below(5) {
            0 => vec![self.pick(&[0, 0, 0xff, 1, 0x80]); length],
            1 => {
                let mut bytes = vec![0; length];
                if let Some(first) = bytes.first_mut() {
                    *first = self.below(16) as u8;
                }
                bytes
            }
            2 => (0..length).map(|_| self.pick(&[0, 1, 0xff])).collect(),
            _ => (0..length).map(|_| self.next() as u8).collect(),
        }
    }
}
