//! Events of the kernel: what perf event arrays and ring buffers hold, and samples for user ring buffers.

use super::map::KernelMap;
use crate::event::{EventError, EventOptions, EventProducer, EventSource};

pub(super) fn open(
    map: &KernelMap,
    _options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    Err(map.refused("open_events", crate::Errno::EOPNOTSUPP).into())
}

pub(super) fn open_producer(map: &KernelMap) -> Result<Box<dyn EventProducer>, EventError> {
    Err(map
        .refused("open_producer", crate::Errno::EOPNOTSUPP)
        .into())
}
