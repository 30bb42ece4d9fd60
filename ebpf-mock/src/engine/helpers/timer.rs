//! Timers and work queues in values of maps: `bpf_timer_*()` and `bpf_wq_*()` in kernel/bpf/helpers.c. What is put off runs
//! when the test lets time go by.

use std::sync::Arc;
use std::time::SystemTime;

use ebpf_core::Errno;
use ebpf_core::insn::AtomicOp;

use super::super::helper::{Argument, Flow, Helper, Kfunc, Negative};
use super::super::kept::{Clockwork, Function, Kind};
use super::super::number::Change;
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::types::Types;
use super::{kfunc, row};
use crate::map::{MapObject, Special};

use Argument::{Anything, Map, Special as OfKind};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(169, "timer_init", Types::ALL, &[OfKind, Map, Anything], timer_init),
    row(170, "timer_set_callback", Types::ALL, &[OfKind, OfKind], timer_set_callback),
    row(171, "timer_start", Types::ALL, &[OfKind, Anything, Anything], timer_start),
    row(172, "timer_cancel", Types::ALL, &[OfKind], timer_cancel),
];

pub(super) const KFUNCS: &[Kfunc] = &[
    kfunc("bpf_wq_init", "6.10", wq_init),
    kfunc("bpf_wq_set_callback_impl", "6.10", wq_set_callback),
    kfunc("bpf_wq_start", "6.10", wq_start),
];

/// A field of a value that something is put off in.
struct Place {
    map: Arc<MapObject>,
    /// The element's place in the memory of the map's values.
    slot: u32,
    at: u64,
    /// What is in the field: the number of what is kept, or 0.
    number: u64,
}

/// The field that a helper is given.
fn field(run: &Run, function: &str, at: u64, what: Special) -> Result<Place, Problem> {
    let wrong = || Problem::Argument {
        function: function.into(),
        index: 0,
        expected: match what {
            Special::Timer => "timer in a value of a map",
            _ => "work queue in a value of a map",
        },
    };
    let (map, element, offset) = run.memory.element(at).ok_or_else(wrong)?;
    if map.field_at(offset).is_none_or(|field| field.what != what) {
        return Err(wrong());
    }
    let slot = u32::try_from(element).map_err(|_| wrong())?;
    let map = map.clone();
    let number = run.memory.read_number::<8>(at)?;
    Ok(Place {
        map,
        slot,
        at,
        number,
    })
}

/// `__bpf_async_init()`.
fn init(
    run: &mut Run,
    place: &Place,
    function: &str,
    map: u64,
    kind: Kind,
) -> Result<Flow, Problem> {
    let given = run.memory.map(map).map(|region| &region.map);
    if !given.is_some_and(|given| Arc::ptr_eq(given, &place.map)) {
        return Err(Problem::Argument {
            function: function.into(),
            index: 1,
            expected: "map that the value is of",
        });
    }
    let deferred = &run.kernel.held.deferred;
    if deferred.kind(place.number).is_some() {
        return Ok(Flow::errno(Err(Errno::EBUSY)));
    }
    if !place.map.is_used() {
        return Ok(Flow::errno(Err(Errno::EPERM)));
    }
    let number = deferred.create(kind, &place.map, place.slot);
    let change = Change {
        op: AtomicOp::CMPXCHG,
        operand: number,
        expected: place.number,
    };
    let before = run.memory.atomic(place.at, 8, change);
    if before == Some(place.number) {
        return Ok(Flow::Return(0));
    }
    run.kernel.held.deferred.free(number);
    match before {
        Some(_) => Ok(Flow::errno(Err(Errno::EBUSY))),
        None => Err(run.memory.explain(place.at, 8, Access::Atomic)),
    }
}

/// `__bpf_async_set_callback()`.
fn set_callback(
    run: &mut Run,
    place: &Place,
    function: &str,
    callback: u64,
) -> Result<Flow, Problem> {
    let Some(start) = run.code.function_of(callback) else {
        return Err(Problem::Argument {
            function: function.into(),
            index: 1,
            expected: "function of the program",
        });
    };
    let deferred = &run.kernel.held.deferred;
    if deferred.kind(place.number).is_none() {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    }
    if !place.map.is_used() {
        return Ok(Flow::errno(Err(Errno::EPERM)));
    }
    let program = run.running_program();
    let set = deferred.set_function(place.number, Function { program, start });
    Ok(Flow::errno(set))
}

fn timer_init(run: &mut Run, [timer, map, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const REALTIME: u64 = 0;
    const MONOTONIC: u64 = 1;
    const BOOTTIME: u64 = 7;
    let place = field(run, "bpf_timer_init", timer, Special::Timer)?;
    let clock = match flags {
        REALTIME => Clockwork::Wall,
        MONOTONIC => Clockwork::Monotonic,
        BOOTTIME => Clockwork::Boot,
        _ => return Ok(Flow::errno(Err(Errno::EINVAL))),
    };
    init(run, &place, "bpf_timer_init", map, Kind::Timer(clock))
}

fn timer_set_callback(run: &mut Run, [timer, callback, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let place = field(run, "bpf_timer_set_callback", timer, Special::Timer)?;
    set_callback(run, &place, "bpf_timer_set_callback", callback)
}

/// Has a timer fire so many nanoseconds from now, or at a time of its clock.
#[doc(alias = "BPF_F_TIMER_ABS")]
#[doc(alias = "BPF_F_TIMER_CPU_PIN")]
fn timer_start(run: &mut Run, [timer, nanoseconds, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const ABSOLUTE: u64 = 1;
    const CPU_PIN: u64 = 2;
    let place = field(run, "bpf_timer_start", timer, Special::Timer)?;
    let deferred = &run.kernel.held.deferred;
    let Some(Kind::Timer(clock)) = deferred.kind(place.number) else {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    };
    if flags & !(ABSOLUTE | CPU_PIN) != 0 {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    }
    let clocks = *run.kernel.machine.clock.lock();
    let now = clocks.monotonic.as_nanos() as u64;
    // Times of the kernel have a sign: those before 0 are long ago, and what comes after the last is never.
    let at = if flags & ABSOLUTE == 0 {
        now.saturating_add(nanoseconds)
    } else if nanoseconds > i64::MAX as u64 {
        now
    } else {
        let shows = match clock {
            Clockwork::Monotonic => now,
            Clockwork::Boot => clocks.boot.as_nanos() as u64,
            Clockwork::Wall => {
                let since = clocks.wall.duration_since(SystemTime::UNIX_EPOCH);
                since.map_or(0, |since| since.as_nanos() as u64)
            }
        };
        now.saturating_add(nanoseconds.saturating_sub(shows))
    };
    Ok(Flow::errno(deferred.start(place.number, at, run.cpu)))
}

/// Stops a timer, and says whether it was to fire.
fn timer_cancel(run: &mut Run, [timer, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let place = field(run, "bpf_timer_cancel", timer, Special::Timer)?;
    if run.state.fired == Some(place.number) {
        return Ok(Flow::errno(Err(Errno::EDEADLK)));
    }
    let cancelled = run.kernel.held.deferred.cancel(place.number);
    Ok(Flow::Return(match cancelled {
        Ok(was_started) => was_started.into(),
        Err(errno) => errno.negative(),
    }))
}

fn wq_init(run: &mut Run, [queue, map, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let place = field(run, "bpf_wq_init", queue, Special::WorkQueue)?;
    if flags as u32 != 0 {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    }
    init(run, &place, "bpf_wq_init", map, Kind::Work)
}

fn wq_set_callback(run: &mut Run, [queue, callback, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let place = field(run, "bpf_wq_set_callback_impl", queue, Special::WorkQueue)?;
    if flags as u32 != 0 {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    }
    set_callback(run, &place, "bpf_wq_set_callback_impl", callback)
}

fn wq_start(run: &mut Run, [queue, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let place = field(run, "bpf_wq_start", queue, Special::WorkQueue)?;
    if flags as u32 != 0 {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    }
    let started = run.kernel.held.deferred.start(place.number, 0, run.cpu);
    Ok(Flow::errno(started))
}
