//! Time that goes by: timers fire, and work that was put off is done.

use std::sync::Arc;
use std::time::Duration;

use ebpf_core::Errno;
use ebpf_core::system::{Clock, SystemError};

use super::Stop;
use crate::MockSystem;
use crate::engine::kept::{Call, Due};
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::set_off_function;

/// More calls than this in one advance of the clock are without end.
const MOST: usize = 1_000_000;

impl MockSystem {
    /// Lets time go by: the clocks go on, and what programs put off is called.
    ///
    /// Work queues (`bpf_wq`) come first, then each timer (`bpf_timer`) whose time is within, in the order of their times; of
    /// those of the same time, the one that was started first. While a timer's function runs, the clocks show the timer's
    /// time; a timer that it starts again fires in the same advance if its new time is within too. Work that these functions
    /// put off is done before the clocks go on. Functions run on the CPU where what calls them was started. Says how many
    /// were called.
    ///
    /// `Duration::ZERO` does the work and fires the timers that are due now.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ebpf_core::System;
    /// # let system = ebpf_mock::MockSystem::new();
    /// let before = system.clock()?;
    /// system.advance_clock(Duration::from_secs(1))?;
    /// assert_eq!(system.clock()?.monotonic, before.monotonic + Duration::from_secs(1));
    /// # Ok::<(), ebpf_core::system::SystemError>(())
    /// ```
    ///
    /// # Errors
    /// What a program did wrong: the clocks stay at the time of that. `ELOOP` if there is no end of calls: after a million.
    #[doc(alias = "bpf_timer_start")]
    #[doc(alias = "bpf_wq_start")]
    pub fn advance_clock(&self, by: Duration) -> Result<usize, SystemError> {
        let advanced = advance(self.kernel(), by);
        advanced.map_err(|stop| stop.of("advance", "the clocks"))
    }
}

fn advance(kernel: &Arc<Kernel>, by: Duration) -> Result<usize, Stop> {
    let end = kernel.machine.clock.lock().monotonic.saturating_add(by);
    let last = u64::try_from(end.as_nanos()).unwrap_or(u64::MAX);
    let deferred = &kernel.held.deferred;
    let mut calls = 0;
    loop {
        let next = deferred.next(Due::Now);
        let Some(next) = next.or_else(|| deferred.next(Due::By(last))) else {
            break;
        };
        if calls == MOST {
            return Err(Errno::ELOOP.into());
        }
        calls += 1;
        go_to(kernel, Duration::from_nanos(next.at));
        call(kernel, next)?;
    }
    go_to(kernel, end);
    Ok(calls)
}

/// Has the monotonic clock show a time that is not past, and the others as much more.
fn go_to(kernel: &Kernel, time: Duration) {
    let mut clock = kernel.machine.clock.lock();
    let by = time.saturating_sub(clock.monotonic);
    let Clock {
        monotonic,
        boot,
        wall,
    } = &mut *clock;
    *monotonic = monotonic.saturating_add(by);
    *boot = boot.saturating_add(by);
    *wall = wall.checked_add(by).unwrap_or(*wall);
}

/// Calls a function with the map, the key and the value of the element that it was put off in.
fn call(kernel: &Arc<Kernel>, call: Call) -> Result<(), Stop> {
    let Some(key) = call.map.storage.key_of(call.slot) else {
        return Ok(());
    };
    let mut run = Run::new(kernel, &call.function.program);
    run.cpu = call.cpu;
    run.state.fired = Some(call.number);
    let map = run.memory.map_address(&call.map);
    let value = run
        .memory
        .map(map)
        .and_then(|region| run.memory.value_address(region, call.slot, call.cpu));
    let key = run.memory.add_block("key", Block::new(key, false));
    let (Some(value), Some(key)) = (value, key) else {
        return Err(Errno::ENOMEM.into());
    };
    set_off_function(&mut run, call.function.start, &[map, key, value])?;
    Ok(())
}
