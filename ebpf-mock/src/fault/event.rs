//! Sources and producers of events whose operations can be made to fail.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use ebpf_core::event::{Event, EventCounters, EventError, EventProducer, EventSource, Wait, Wake};

use super::{Operation, Plan};

/// A source of an injector's system.
#[derive(Debug)]
pub(super) struct FaultySource {
    inner: Box<dyn EventSource>,
    map: Arc<str>,
    plan: Arc<Plan>,
}

impl FaultySource {
    pub(super) fn wrap(
        inner: Box<dyn EventSource>,
        map: &Arc<str>,
        plan: &Arc<Plan>,
    ) -> Box<dyn EventSource> {
        Box::new(FaultySource {
            inner,
            map: map.clone(),
            plan: plan.clone(),
        })
    }
}

/// A producer of an injector's system.
#[derive(Debug)]
pub(super) struct FaultyProducer {
    inner: Box<dyn EventProducer>,
    map: Arc<str>,
    plan: Arc<Plan>,
}

impl FaultyProducer {
    pub(super) fn wrap(
        inner: Box<dyn EventProducer>,
        map: &Arc<str>,
        plan: &Arc<Plan>,
    ) -> Box<dyn EventProducer> {
        Box::new(FaultyProducer {
            inner,
            map: map.clone(),
            plan: plan.clone(),
        })
    }
}

fn pass(
    plan: &Plan,
    operation: Operation,
    op: &'static str,
    map: &Arc<str>,
) -> Result<(), EventError> {
    match plan.strike(operation, map) {
        None => Ok(()),
        Some(injected) => Err(EventError::Os {
            op,
            map: map.clone(),
            cpu: None,
            errno: injected.errno,
            hint: None,
        }),
    }
}

#[deny(clippy::missing_trait_methods)]
impl EventSource for FaultySource {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError> {
        pass(&self.plan, Operation::Wait, "wait for events", &self.map)?;
        self.inner.wait(timeout)
    }

    fn wait_any(
        &mut self,
        others: &mut [Box<dyn EventSource>],
        timeout: Option<Duration>,
    ) -> Result<Wait, EventError> {
        pass(&self.plan, Operation::WaitAny, "wait for events", &self.map)?;
        self.inner.wait_any(others, timeout)
    }

    fn drain<'f>(
        &mut self,
        sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f),
    ) -> Result<usize, EventError> {
        pass(&self.plan, Operation::Drain, "drain events", &self.map)?;
        self.inner.drain(sink)
    }

    fn counters(&self) -> Arc<EventCounters> {
        self.inner.counters()
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.inner.waker()
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.inner.fd()
    }
}

#[deny(clippy::missing_trait_methods)]
impl EventProducer for FaultyProducer {
    fn fill<'f>(
        &mut self,
        len: usize,
        fill: &'f mut (dyn FnMut(&mut [u8]) -> bool + 'f),
    ) -> Result<bool, EventError> {
        pass(&self.plan, Operation::Fill, "write a sample", &self.map)?;
        self.inner.fill(len, fill)
    }

    fn wait(&mut self, len: usize, timeout: Option<Duration>) -> Result<bool, EventError> {
        let op = "wait for room in the ring";
        pass(&self.plan, Operation::WaitForRoom, op, &self.map)?;
        self.inner.wait(len, timeout)
    }

    fn largest(&self) -> usize {
        self.inner.largest()
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.inner.fd()
    }
}
