//! Tests of the gate itself, with instances that are no programs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    Access, By, InterleavingError, Interleavings, LockAddress, Scenario, Stopped, Violation, Want,
};
use crate::MockSystem;

/// Waits for its turn to touch what everybody touches, and for a lock where one is wanted.
fn pass(system: &MockSystem, want: Option<Want>) -> Result<(), String> {
    let gate = system.kernel().gate().expect("a schedule runs");
    let passed = gate.pass(&[Access::world()], want, || By::Call("touches"));
    passed.map_err(|Stopped| "stopped".to_owned())
}

fn take_both(system: MockSystem, locks: [LockAddress; 2]) -> Result<(), String> {
    for lock in locks {
        pass(&system, Some(Want::Take(lock)))?;
    }
    let gate = system.kernel().gate().expect("a schedule runs");
    for lock in locks {
        gate.unlock(lock);
    }
    Ok(())
}

#[test]
fn locks_in_another_order_are_a_deadlock() {
    let (first, second) = ((1, 0), (2, 0));
    let explore = |orders: [[LockAddress; 2]; 2]| {
        Interleavings::new().explore(|| {
            let system = MockSystem::new();
            let mut scenario = Scenario::new(&system);
            for (cpu, locks) in (0..).zip(orders) {
                let system = system.clone();
                scenario = scenario.on_cpu(cpu, move || take_both(system, locks));
            }
            Ok::<_, String>(scenario)
        })
    };
    let same = explore([[first, second]; 2]).expect("it holds");
    assert!(same.is_exhaustive(), "{same}");
    let Err(InterleavingError::Broken(broken)) = explore([[first, second], [second, first]]) else {
        panic!("each waits for the other");
    };
    assert_eq!(
        broken.violation(),
        &Violation::Deadlock {
            waiting: vec![(0, 1), (1, 0)]
        }
    );
    let text = broken.to_string();
    assert!(
        text.starts_with("a deadlock: CPU 0 waits for a lock of CPU 1's, CPU 1 waits for"),
        "{text}"
    );
}

/// What updates with `BPF_F_LOCK` do: they wait while a lock of the map is held, and keep none.
#[test]
fn who_wants_a_map_without_locks_waits() {
    let lock = (1, 0);
    let explored = Interleavings::new().explore(|| {
        let system = MockSystem::new();
        let inside = Arc::new(AtomicU64::new(0));
        let (holder, seen) = (system.clone(), inside.clone());
        let scenario = Scenario::new(&system).on_cpu(0, move || {
            pass(&holder, Some(Want::Take(lock)))?;
            seen.store(1, Ordering::Relaxed);
            pass(&holder, None)?;
            seen.store(0, Ordering::Relaxed);
            let gate = holder.kernel().gate().expect("a schedule runs");
            gate.unlock(lock);
            Ok::<_, String>(())
        });
        let other = system.clone();
        Ok::<_, String>(scenario.on_cpu(1, move || {
            pass(&other, Some(Want::Free(1)))?;
            match inside.load(Ordering::Relaxed) {
                0 => Ok(()),
                _ => Err("the lock is held".to_owned()),
            }
        }))
    });
    assert!(explored.expect("it holds").is_exhaustive());
}

#[test]
fn all_orders_of_what_everybody_touches_are_run() {
    // Three instances with two accesses each: 6! / (2! 2! 2!) orders.
    let orders = Arc::new(parking_lot::Mutex::new(std::collections::BTreeSet::new()));
    let explored = Interleavings::new().explore(|| {
        let system = MockSystem::new();
        let order = Arc::new(parking_lot::Mutex::new(Vec::new()));
        let mut scenario = Scenario::new(&system);
        for cpu in 0..3 {
            let (system, order) = (system.clone(), order.clone());
            scenario = scenario.on_cpu(cpu, move || {
                for _ in 0..2 {
                    pass(&system, None)?;
                    order.lock().push(cpu);
                }
                Ok::<_, String>(())
            });
        }
        let orders = orders.clone();
        Ok::<_, String>(scenario.holds(move || {
            orders.lock().insert(order.lock().clone());
            Ok::<_, String>(())
        }))
    });
    assert!(explored.expect("nothing is wrong").is_exhaustive());
    assert_eq!(orders.lock().len(), 90);
}

#[test]
fn what_does_not_repeat_is_said() {
    let turn = Arc::new(AtomicU64::new(0));
    let explored = Interleavings::new().explore(|| {
        let system = MockSystem::new();
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let mut scenario = Scenario::new(&system);
        for cpu in 0..2 {
            let system = system.clone();
            scenario = scenario.on_cpu(cpu, move || {
                let times = if turn == 4 { 0 } else { 3 };
                (0..times).try_for_each(|_| pass(&system, None))
            });
        }
        Ok::<_, String>(scenario)
    });
    assert!(
        matches!(explored, Err(InterleavingError::NotRepeatable { .. })),
        "{explored:?}"
    );
}
