//! Writing events without a program, for tests of what reads them; and reading what was sent to programs.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{Map, MapError, MapInfo};

use crate::MockSystem;
use crate::map::{Drain, ForPrograms, MapObject, Reserved};

/// Does to a map of events what programs do.
///
/// ```
/// use ebpf_core::event::{EventOptions, EventSourceExt};
/// use ebpf_core::map::{MapSpec, MapType};
/// use ebpf_core::{Map, System};
/// use ebpf_mock::MockSystem;
///
/// let system = MockSystem::new();
/// let map = system.create_map(&MapSpec::new("events", MapType::RINGBUF, 0, 0, 4096), None)?;
/// // What production code opens, and what a program would write.
/// let mut source = map.open_events(&EventOptions::default())?;
/// system.event_writer(&map)?.write(b"opened")?;
/// let event = source.next(None)?.expect("one is there");
/// assert_eq!(event.as_event().read::<[u8; 6]>(), Some(*b"opened"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MockWriter {
    map: Arc<MapObject>,
    cpu: u32,
    flags: u64,
}

impl MockSystem {
    /// Does to a map of events what programs do, on the current CPU and with no flags.
    ///
    /// # Errors
    /// [`MapError::Unsupported`] for a map that is neither a ring buffer nor a perf event array nor a user ring buffer,
    /// [`MapError::Foreign`] for one of another system.
    pub fn event_writer(&self, map: &dyn Map) -> Result<MockWriter, MapError> {
        let map = self.map_object(map)?;
        match map.storage.for_programs() {
            ForPrograms::Ring(_) | ForPrograms::Perf(_) | ForPrograms::UserRing(_) => {}
            _ => return Err(unsupported("write events", &map.info)),
        }
        Ok(MockWriter {
            map,
            cpu: self.kernel().world.tasks.current().cpu,
            flags: 0,
        })
    }
}

impl MockWriter {
    /// The same on this CPU.
    #[must_use]
    pub fn on_cpu(self, cpu: u32) -> MockWriter {
        MockWriter { cpu, ..self }
    }

    /// The same with flags of the ring buffer's helpers: 1 wakes nobody, 2 wakes the reader in any case.
    #[doc(alias = "BPF_RB_NO_WAKEUP")]
    #[doc(alias = "BPF_RB_FORCE_WAKEUP")]
    #[must_use]
    pub fn flags(self, flags: u64) -> MockWriter {
        MockWriter { flags, ..self }
    }

    /// Writes a record, into a perf event array through the slot of the CPU.
    ///
    /// # Errors
    /// What the helper answers. Ring buffers: `EAGAIN` when it does not fit. Perf event arrays: `ENOENT` where nobody
    /// listens, `ENOSPC` when the ring is full, `E2BIG` for a CPU without a slot. [`MapError::Unsupported`] for a user ring
    /// buffer, which programs only read.
    #[doc(alias = "bpf_ringbuf_output")]
    #[doc(alias = "bpf_perf_event_output")]
    pub fn write(&self, record: &[u8]) -> Result<(), MapError> {
        const CURRENT_CPU: u64 = 0xffff_ffff;
        let written = match self.map.storage.for_programs() {
            ForPrograms::Ring(ring) => ring.output(record, self.flags),
            ForPrograms::Perf(events) => events.output(self.cpu, CURRENT_CPU, &[record]),
            _ => return Err(unsupported("write a record", &self.map.info)),
        };
        written.map_err(|errno| refused("write a record", &self.map.info, errno))
    }

    /// Reserves a record of a ring buffer: until it is submitted or discarded the reader sees neither it nor those behind.
    ///
    /// # Errors
    /// `EAGAIN` when it does not fit, where the helper gives NULL; [`MapError::Unsupported`] for other maps.
    #[doc(alias = "bpf_ringbuf_reserve")]
    pub fn reserve(&self, len: usize) -> Result<MockRecord, MapError> {
        let ForPrograms::Ring(ring) = self.map.storage.for_programs() else {
            return Err(unsupported("reserve a record", &self.map.info));
        };
        let record = ring.reserve(len as u64);
        let record =
            record.ok_or_else(|| refused("reserve a record", &self.map.info, Errno::EAGAIN))?;
        Ok(MockRecord {
            writer: self.clone(),
            record: Some(record),
        })
    }

    /// What `bpf_ringbuf_query()` says: 0 for the bytes that are not read yet, 1 for the size, 2 for the reader's position, 3
    /// for the writers'.
    ///
    /// # Errors
    /// [`MapError::Unsupported`] for maps that are no ring buffers.
    #[doc(alias = "bpf_ringbuf_query")]
    #[doc(alias = "BPF_RB_AVAIL_DATA")]
    pub fn query(&self, what: u64) -> Result<u64, MapError> {
        match self.map.storage.for_programs() {
            ForPrograms::Ring(ring) => Ok(ring.query(what)),
            _ => Err(unsupported("query", &self.map.info)),
        }
    }

    /// Drains a user ring buffer as a program does: the samples that user space has sent.
    ///
    /// # Errors
    /// `EBUSY` while a program drains it, [`MapError::Unsupported`] for other maps.
    #[doc(alias = "bpf_user_ringbuf_drain")]
    pub fn take_samples(&self) -> Result<Vec<Vec<u8>>, MapError> {
        let ForPrograms::UserRing(ring) = self.map.storage.for_programs() else {
            return Err(unsupported("take samples", &self.map.info));
        };
        let refused = |errno| refused("take samples", &self.map.info, errno);
        let mut drain: Drain = ring.drain(self.flags).map_err(refused)?;
        let mut samples = Vec::new();
        while let Some(len) = drain.next() {
            let mut sample = vec![0; len];
            drain.read(0, &mut sample);
            samples.push(sample);
            drain.returned(0);
        }
        drain.result().map_err(refused)?;
        Ok(samples)
    }
}

/// A record that is reserved. One that is dropped is discarded.
#[derive(Debug)]
pub struct MockRecord {
    writer: MockWriter,
    record: Option<Reserved>,
}

impl MockRecord {
    /// Writes into it, from its byte `at` on; what does not fit is not written.
    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        if let (ForPrograms::Ring(ring), Some(record)) =
            (self.writer.map.storage.for_programs(), &self.record)
        {
            ring.write(record, at, bytes);
        }
    }

    /// What is in it: at first what older records left there.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let (ForPrograms::Ring(ring), Some(record)) =
            (self.writer.map.storage.for_programs(), &self.record)
        {
            bytes.resize(record.len(), 0);
            ring.read(record, 0, &mut bytes);
        }
        bytes
    }

    /// Gives it to the reader.
    #[doc(alias = "bpf_ringbuf_submit")]
    pub fn submit(mut self) {
        self.finish(false);
    }

    /// Throws it away.
    #[doc(alias = "bpf_ringbuf_discard")]
    pub fn discard(self) {
        drop(self);
    }

    fn finish(&mut self, discard: bool) {
        if let (ForPrograms::Ring(ring), Some(record)) =
            (self.writer.map.storage.for_programs(), self.record.take())
        {
            if discard {
                ring.discard(record, self.writer.flags);
            } else {
                ring.submit(record, self.writer.flags);
            }
        }
    }
}

impl Drop for MockRecord {
    fn drop(&mut self) {
        self.finish(true);
    }
}

#[cold]
fn refused(op: &'static str, info: &MapInfo, errno: Errno) -> MapError {
    MapError::os(op, &info.name, info.map_type, errno)
}

#[cold]
fn unsupported(op: &'static str, info: &MapInfo) -> MapError {
    MapError::Unsupported {
        op,
        map: info.name.clone(),
        map_type: info.map_type,
    }
}
