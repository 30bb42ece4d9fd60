//! Sequences on both systems side by side, up to where they differ, and as short as they can be.

use std::fmt;

use ebpf_core::Errno;
use ebpf_core::map::MapType;

use crate::generate::{Generator, Kinds};
use crate::judge::Judge;
use crate::op::{Op, SLOTS};
use crate::side::{Answer, Side};
use crate::world::{Ground, KernelWorld, MockWorld};

/// Two systems that do the same.
struct Pair<'g> {
    kernel: Side<KernelWorld<'g>>,
    mock: Side<MockWorld>,
    judge: Judge,
}

/// Where the two differ.
#[derive(Clone, Debug)]
pub(crate) struct Divergence {
    /// What was done before, and at last.
    pub(crate) ops: Vec<Op>,
    pub(crate) kernel: Answer,
    pub(crate) mock: Answer,
    /// The type of the map that was asked.
    pub(crate) map_type: Option<MapType>,
    why: String,
}

impl Divergence {
    /// The operation that was answered in two ways.
    pub(crate) fn op(&self) -> Option<&Op> {
        self.ops.last()
    }

    /// Whether it is only that Linux found no free memory for an element.
    fn is_for_want_of_memory(&self) -> bool {
        let stores = matches!(self.op(), Some(Op::Update { .. } | Op::UpdateBatch { .. }));
        let refused = |answer: &Answer| matches!(answer, Answer::Refused(refusal) if refusal.errno == Some(Errno::ENOMEM));
        stores && refused(&self.kernel)
    }

    /// What divergences of the same cause mostly have in common.
    pub(crate) fn kind(&self) -> String {
        let word = |answer: &Answer| match answer {
            Answer::Refused(refusal) => format!("{:?}", refusal.errno),
            answer => format!("{:?}", std::mem::discriminant(answer)),
        };
        format!(
            "{:?} {:?} {} {}",
            self.op().map(std::mem::discriminant),
            self.map_type,
            word(&self.kernel),
            word(&self.mock)
        )
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for op in &self.ops {
            writeln!(f, "    {op}")?;
        }
        writeln!(f, "  kernel:     {}", self.kernel)?;
        writeln!(f, "  simulation: {}", self.mock)?;
        write!(f, "  {}", self.why)
    }
}

impl<'g> Pair<'g> {
    fn new(ground: &'g Ground, seed: u64) -> Pair<'g> {
        Pair {
            kernel: Side::new(KernelWorld::new(ground)),
            mock: Side::new(MockWorld::new(ground, seed)),
            judge: Judge::default(),
        }
    }

    /// Does an operation on both: what the simulation says, or how they differ.
    fn step(&mut self, op: &Op) -> Result<Answer, Box<Divergence>> {
        let (kernel, mock) = (self.kernel.apply(op), self.mock.apply(op));
        let compared = self
            .judge
            .compare(op, [&kernel, &mock], &self.kernel, &self.mock);
        match compared {
            Ok(()) => Ok(mock),
            Err(why) => Err(Box::new(Divergence {
                ops: vec![op.clone()],
                map_type: op.slot().and_then(|slot| {
                    let held = self.kernel.held(slot).or(self.mock.held(slot))?;
                    Some(held.map.info().map_type)
                }),
                kernel,
                mock,
                why,
            })),
        }
    }
}

/// A random sequence: how many operations it has, and where the systems differ.
pub(crate) fn random(ground: &Ground, seed: u64, kinds: &Kinds) -> (usize, Option<Divergence>) {
    let mut pair = Pair::new(ground, seed);
    let mut generator = Generator::new(seed, kinds.clone(), ground.cpus().possible.len());
    let mut ops = Vec::new();
    let length = generator.length();
    let last_looks = (0..SLOTS).map(|slot| Op::Walk { slot });
    let mut last_looks = last_looks.chain((0..SLOTS).map(|slot| Op::Info { slot }));
    loop {
        let op = match ops.len() < length {
            true => generator.next(),
            false => match last_looks.next() {
                Some(op) => op,
                None => return (ops.len(), None),
            },
        };
        let stepped = pair.step(&op);
        ops.push(op);
        match stepped {
            Ok(answer) => generator.note(&ops[ops.len() - 1], &answer),
            Err(divergence) if divergence.is_for_want_of_memory() => return (ops.len(), None),
            Err(divergence) => {
                let divergence = Divergence {
                    ops: ops.clone(),
                    ..*divergence
                };
                return (ops.len(), Some(divergence));
            }
        }
    }
}

/// Does a sequence: where the systems differ.
pub(crate) fn replay(ground: &Ground, seed: u64, ops: &[Op]) -> Option<Divergence> {
    let mut pair = Pair::new(ground, seed);
    for (at, op) in ops.iter().enumerate() {
        if let Err(divergence) = pair.step(op) {
            return Some(Divergence {
                ops: ops[..=at].to_vec(),
                ..*divergence
            });
        }
    }
    None
}

/// The shortest sequence that leads to a divergence of the same kind: whatever can be left out is.
pub(crate) fn shrink(ground: &Ground, seed: u64, found: Divergence) -> Divergence {
    let kind = found.kind();
    let alike = |other: &Divergence| other.kind() == kind;
    let mut best = found.clone();
    let mut piece = best.ops.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let mut shorter = false;
        while at < best.ops.len() {
            let mut ops = best.ops.clone();
            let end = (at + piece).min(ops.len());
            ops.drain(at..end);
            match replay(ground, seed, &ops).filter(alike) {
                Some(divergence) => (best, shorter) = (divergence, true),
                None => at = end,
            }
        }
        match piece {
            1 if !shorter => return best,
            1 => {}
            _ => piece = piece.div_ceil(2),
        }
    }
}
