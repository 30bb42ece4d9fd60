//! Where the ways that part at a jump meet again: immediate post-dominators of a function's instructions.

use std::ops::Range;

use ebpf_core::insn::{Opcode, Reg};

use super::Subject;
use super::functions::{ends_block, jump_target};

/// What happens between a jump and where its ways meet.
#[derive(Debug, Default)]
pub(super) struct Between {
    /// Which registers are written.
    pub(super) written: [bool; 11],
    /// Whether the stack may be written, or a function be called.
    pub(super) stack: bool,
    /// How many instructions lie there.
    pub(super) length: usize,
}

/// The ways through one function.
#[derive(Debug)]
pub(super) struct Blocks {
    function: Range<usize>,
    /// For each instruction, by its place in the function, where all ways from it to the end meet first; the function's length
    /// for its end, `None` where no way leads there.
    meets: Vec<Option<usize>>,
}

impl Blocks {
    pub(super) fn of(subject: &Subject<'_>, function: Range<usize>) -> Blocks {
        let length = function.len();
        let next = |place: usize| successors(subject, &function, place);
        let before = Predecessors::of(length, next);
        // Instructions in the order in which a walk back from the end leaves them.
        let mut order = Vec::with_capacity(length + 1);
        let mut seen = vec![false; length + 1];
        let mut open = vec![(length, before.last(length))];
        if let Some(end) = seen.get_mut(length) {
            *end = true;
        }
        while let Some((place, link)) = open.pop() {
            let Some((to, link)) = before.link(link) else {
                order.push(place);
                continue;
            };
            open.push((place, link));
            if let Some(seen) = seen.get_mut(to).filter(|seen| !**seen) {
                *seen = true;
                open.push((to, before.last(to)));
            }
        }
        let mut rank = vec![usize::MAX; length + 1];
        for (number, place) in order.iter().enumerate() {
            if let Some(rank) = rank.get_mut(*place) {
                *rank = number;
            }
        }
        let mut meets: Vec<Option<usize>> = vec![None; length + 1];
        if let Some(end) = meets.get_mut(length) {
            *end = Some(length);
        }
        let rank_of = |place: usize| rank.get(place).copied().unwrap_or(usize::MAX);
        let mut changed = true;
        while changed {
            changed = false;
            for place in order.iter().rev().copied().filter(|place| *place != length) {
                let mut found = None;
                for to in next(place).into_iter().flatten() {
                    if meets.get(to).copied().flatten().is_none() {
                        continue;
                    }
                    found = match found {
                        None => Some(to),
                        Some(other) => meet(&meets, &rank_of, to, other),
                    };
                }
                if let Some(known) = meets.get_mut(place).filter(|known| **known != found) {
                    *known = found;
                    changed = true;
                }
            }
        }
        Blocks { function, meets }
    }

    /// The instruction at which all ways from a jump meet before the function ends.
    pub(super) fn meeting(&self, at: usize) -> Option<usize> {
        let place = at.checked_sub(self.function.start)?;
        let meet = self.meets.get(place).copied().flatten()?;
        (meet < self.function.len()).then_some(self.function.start + meet)
    }

    /// What lies on the ways from a jump to where they meet.
    pub(super) fn between(&self, subject: &Subject<'_>, at: usize, meet: usize) -> Between {
        let mut between = Between::default();
        let (start, length) = (self.function.start, self.function.len());
        let mut seen = std::collections::BTreeSet::new();
        let mut left: Vec<usize> = Vec::new();
        let follow = |place: usize, left: &mut Vec<usize>| {
            let to = successors(subject, &self.function, place)
                .into_iter()
                .flatten();
            left.extend(to.filter(|to| *to < length && start + *to != meet));
        };
        follow(at.saturating_sub(start), &mut left);
        while let Some(place) = left.pop() {
            if !seen.insert(place) {
                continue;
            }
            if let Some(insn) = subject.insn(start + place) {
                note(&mut between, insn);
            }
            follow(place, &mut left);
        }
        between.length = seen.len();
        between
    }
}

/// The instructions from which others are reached, as lists in one piece of memory.
struct Predecessors {
    /// The last link of each place.
    last: Vec<usize>,
    /// A place, and the link before it.
    links: Vec<(usize, usize)>,
}

impl Predecessors {
    /// What stands for no link.
    const NONE: usize = usize::MAX;

    fn of(length: usize, next: impl Fn(usize) -> [Option<usize>; 2]) -> Predecessors {
        let mut last = vec![Predecessors::NONE; length + 1];
        let mut links = Vec::with_capacity(2 * length);
        for place in 0..length {
            for to in next(place).into_iter().flatten() {
                if let Some(last) = last.get_mut(to) {
                    let link = std::mem::replace(last, links.len());
                    links.push((place, link));
                }
            }
        }
        Predecessors { last, links }
    }

    fn last(&self, place: usize) -> usize {
        self.last.get(place).copied().unwrap_or(Predecessors::NONE)
    }

    /// The place of a link, and the link to go on with.
    fn link(&self, link: usize) -> Option<(usize, usize)> {
        self.links.get(link).copied()
    }
}

/// Notes what an instruction changes.
fn note(between: &mut Between, insn: ebpf_core::insn::Insn) {
    use ebpf_core::insn::Class;
    let mut writes = |register: Reg| {
        if let Some(written) = between.written.get_mut(usize::from(register.number())) {
            *written = true;
        }
    };
    match insn.code.class() {
        Class::ALU | Class::ALU64 | Class::LDX => writes(insn.dst),
        Class::LD if insn.is_wide() => writes(insn.dst),
        Class::LD => (0..6).for_each(|number| writes(Reg::from_low_bits(number))),
        Class::ST => between.stack = true,
        Class::STX => {
            writes(insn.src);
            writes(insn.dst);
            writes(Reg::R0);
            between.stack = true;
        }
        _ if insn.code == Opcode::CALL => {
            (0..6).for_each(|number| writes(Reg::from_low_bits(number)));
            between.stack = true;
        }
        _ => {}
    }
}

/// The instructions that follow one, by their places; the function's length for its end.
fn successors(subject: &Subject<'_>, function: &Range<usize>, place: usize) -> [Option<usize>; 2] {
    let at = function.start + place;
    let Some(insn) = subject.insn(at) else {
        return [None, None];
    };
    if insn.code == Opcode::EXIT {
        return [Some(function.len()), None];
    }
    let inside = |to: usize| {
        to.checked_sub(function.start)
            .filter(|to| *to < function.len())
    };
    let jump = jump_target(insn, at).and_then(inside);
    let after = at + if insn.is_wide() { 2 } else { 1 };
    let next = if ends_block(insn) {
        None
    } else {
        inside(after)
    };
    [next, jump]
}

/// The first instruction that is behind both.
fn meet(
    meets: &[Option<usize>],
    rank: &impl Fn(usize) -> usize,
    one: usize,
    other: usize,
) -> Option<usize> {
    let (mut one, mut other) = (one, other);
    while one != other {
        if rank(one) < rank(other) {
            one = meets.get(one).copied().flatten()?;
        } else {
            other = meets.get(other).copied().flatten()?;
        }
    }
    Some(one)
}
