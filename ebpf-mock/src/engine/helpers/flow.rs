//! Helpers that call functions of the program: loops, walks over maps; and locks.

use ebpf_core::Errno;
use ebpf_core::insn::AtomicOp;
use ebpf_core::map::MapType;

use super::super::helper::{Argument, Flow, Helper, Negative, Next};
use super::super::number::Change;
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::Types;

use Argument::{Anything, Map, Special};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(93, "spin_lock", Types::ALL, &[Special], spin_lock),
    row(94, "spin_unlock", Types::ALL, &[Special], spin_unlock),
    row(164, "for_each_map_elem", Types::ALL, &[Map, Special, Anything, Anything], for_each_map_elem),
    row(181, "loop", Types::ALL, &[Anything, Special, Anything, Anything], bpf_loop),
];

/// Calls a function so many times, until it returns 1.
fn bpf_loop(_: &mut Run, [count, function, context, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    const MOST: u64 = 8 << 20;
    let count = u64::from(count as u32);
    if flags != 0 {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    if count > MOST {
        return Ok(Flow::Return(Errno::E2BIG.negative()));
    }
    let mut calls = 0;
    let next = move |_: &mut Run, returned: Option<u64>| {
        let stopped = returned.is_some_and(|returned| returned != 0);
        if stopped || calls == count {
            return Ok(Next::Done(calls));
        }
        calls += 1;
        Ok(Next::Call {
            function,
            arguments: [calls - 1, context, 0, 0, 0],
        })
    };
    Ok(Flow::Callback(Box::new(next)))
}

/// Calls a function for each element of a map, until it returns 1.
fn for_each_map_elem(
    run: &mut Run,
    [map, function, context, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let object = run.map(164, 0, map)?;
    if flags != 0 {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let is_array = matches!(object.info.map_type, MapType::ARRAY | MapType::PERCPU_ARRAY);
    let mut after: Option<Vec<u8>> = None;
    let mut key_at: Option<u64> = None;
    let mut calls = 0u64;
    let next = move |run: &mut Run, returned: Option<u64>| {
        if let Some(at) = key_at.take() {
            run.memory.end_block(at, "is of a call that is over");
        }
        if returned.is_some_and(|returned| returned != 0) {
            return Ok(Next::Done(calls));
        }
        loop {
            let mut key = vec![0; object.info.key_size as usize];
            if object.storage.next_key(after.as_deref(), &mut key).is_err() {
                return Ok(Next::Done(calls));
            }
            after = Some(key.clone());
            let slot = object.storage.slot(&key);
            let region = run.memory.map(map).cloned();
            let value = region
                .zip(slot)
                .and_then(|(region, slot)| run.memory.value_address(&region, slot, run.cpu));
            let Some(value) = value else {
                continue;
            };
            let block = super::super::memory::Block::new(key, is_array);
            let Some(at) = run.memory.add_block("key", block) else {
                return Ok(Next::Done(calls));
            };
            key_at = Some(at);
            calls += 1;
            return Ok(Next::Call {
                function,
                arguments: [map, at, value, context, 0],
            });
        }
    };
    Ok(Flow::Callback(Box::new(next)))
}

/// Takes a lock in a map's value. The lock of the kernel would spin on one that is held; a program that holds one and takes
/// another is refused.
fn spin_lock(run: &mut Run, [lock, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.memory.check(lock, 4, Access::Write)?;
    if run.state.lock.is_some() {
        return Err(Problem::Lock("a lock is taken while one is held"));
    }
    run.wait_for_lock(lock)?;
    run.state.lock = Some(lock);
    run.lock_value(lock)?;
    Ok(Flow::Return(0))
}

fn spin_unlock(run: &mut Run, [lock, ..]: [u64; 5]) -> Result<Flow, Problem> {
    match run.state.lock {
        None => return Err(Problem::Lock("a lock is given back that is not held")),
        Some(held) if held != lock => {
            return Err(Problem::Lock("another lock is given back than was taken"));
        }
        Some(_) => {}
    }
    run.memory.write_number::<4>(lock, 0)?;
    run.give_lock_back(lock);
    run.state.lock = None;
    Ok(Flow::Return(0))
}

impl Run {
    /// Waits until a lock in shared memory is free, and takes it.
    fn lock_value(&mut self, lock: u64) -> Result<(), Problem> {
        /// As long as another run may hold it before something must be wrong.
        const MOST: u32 = 100_000_000;
        for _ in 0..MOST {
            let change = Change {
                op: AtomicOp::CMPXCHG,
                operand: 1,
                expected: 0,
            };
            match self.memory.atomic(lock, 4, change) {
                Some(0) => return Ok(()),
                Some(_) => {}
                None => return Err(self.memory.explain(lock, 4, Access::Atomic)),
            }
            std::hint::spin_loop();
        }
        Err(Problem::Lock("a lock is never given back by who holds it"))
    }
}
