//! Events of a simulated system, written without programs.

mod perf;
mod ring;
mod source;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use ebpf_core::System;
use ebpf_core::event::{Event, EventOptions, EventSource, Wait};
use ebpf_core::map::{Map, MapSpec, MapType};

use super::MockWriter;
use crate::MockSystem;

const NO_WAKEUP: u64 = 1;
const FORCE_WAKEUP: u64 = 2;

fn ring(system: &MockSystem, bytes: u32) -> Arc<dyn Map> {
    let spec = MapSpec::new("ring", MapType::RINGBUF, 0, 0, bytes);
    system.create_map(&spec, None).expect("a ring buffer")
}

fn perf(system: &MockSystem) -> Arc<dyn Map> {
    let spec = MapSpec::new("perf", MapType::PERF_EVENT_ARRAY, 4, 4, 4);
    system.create_map(&spec, None).expect("a perf event array")
}

fn user_ring(system: &MockSystem) -> Arc<dyn Map> {
    let spec = MapSpec::new("user", MapType::USER_RINGBUF, 0, 0, 4096);
    system.create_map(&spec, None).expect("a user ring buffer")
}

fn writer(system: &MockSystem, map: &dyn Map) -> MockWriter {
    system.event_writer(map).expect("a map of events")
}

fn open(map: &dyn Map) -> Box<dyn EventSource> {
    map.open_events(&EventOptions::new()).expect("open events")
}

/// The samples that are there, and how many were lost.
fn found(source: &mut dyn EventSource) -> (Vec<Vec<u8>>, u64) {
    let (mut samples, mut missing) = (Vec::new(), 0);
    let drained = source.drain(&mut |event| {
        match event {
            Event::Sample { data, .. } => samples.push(data.to_vec()),
            Event::Lost { count, .. } => missing += count,
            other => panic!("{other:?}"),
        }
        ControlFlow::Continue(())
    });
    assert_eq!(drained.expect("drain"), samples.len());
    (samples, missing)
}

fn now(source: &mut dyn EventSource) -> Wait {
    source.wait(Some(Duration::ZERO)).expect("wait")
}

fn system_signal(system: &MockSystem, source: &dyn EventSource) -> Arc<super::Signal> {
    let signal = system.kernel().bell.signal_of(&source.waker());
    signal.expect("of this system")
}
