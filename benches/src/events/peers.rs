//! The reader of each library, used as its documentation shows.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use aya::maps::perf::{PerfEvent, PerfEventArrayBuffer};
use aya::maps::{Map as AyaMap, MapData, PerfEventArray, RingBuf};
use ebpf_core::Map;
use ebpf_core::event::{Event, EventOptions, EventSource, Wakeup};
use libbpf_rs::{MapHandle, PerfBuffer, PerfBufferBuilder, RingBuffer, RingBufferBuilder};

use super::stage::{BUFFER, Kind, Stage};

/// How long one wait may take.
const PATIENCE: Duration = Duration::from_millis(20);
/// After so many records a reader looks at the time: some never end a drain while programs write.
const LOOK: u32 = 1024;

const PAGES: usize = BUFFER / 4096;

#[derive(Clone, Copy)]
pub enum Library {
    Aya,
    Libbpf,
    /// libbpf with a period that it offers in C only: a wake-up for each 64 records.
    LibbpfPeriod64,
    Ours,
    OursEachRecord,
}

pub trait Consumer {
    /// Waits and reads what is there.
    fn read(&mut self, deadline: Instant) -> Result<()>;

    /// What the kernel counted as lost.
    fn lost(&self) -> u64;
}

impl Library {
    pub fn name(self) -> &'static str {
        match self {
            Library::Aya => "aya",
            Library::Libbpf => "libbpf-rs",
            Library::LibbpfPeriod64 => "libbpf in C, period 64",
            Library::Ours => "ebpf-core",
            Library::OursEachRecord => "ebpf-core, each record wakes",
        }
    }

    pub fn open<'s>(
        self,
        stage: &Stage,
        sink: &'s mut dyn FnMut(&[u8]),
    ) -> Result<Box<dyn Consumer + 's>> {
        let id = stage.map.info().id.0;
        let kind = match stage.map.info().key_size {
            0 => Kind::Ring,
            _ => Kind::Perf,
        };
        Ok(match (self, kind) {
            (Library::Aya, Kind::Ring) => {
                let map = AyaMap::RingBuf(MapData::from_id(id)?);
                let ring = RingBuf::try_from(map)?;
                Box::new(AyaRing { ring, sink })
            }
            (Library::Aya, Kind::Perf) => {
                let map = AyaMap::PerfEventArray(MapData::from_id(id)?);
                let mut array = PerfEventArray::try_from(map)?;
                let cpus = aya::util::online_cpus().map_err(|(_, error)| error)?;
                let buffers = cpus.into_iter().map(|cpu| array.open(cpu, Some(PAGES)));
                let buffers = buffers.collect::<Result<_, _>>()?;
                Box::new(AyaPerf {
                    buffers,
                    sink,
                    lost: 0,
                })
            }
            (Library::Libbpf, Kind::Ring) => Box::new(LibbpfRing::open(id, sink)?),
            (Library::Libbpf, Kind::Perf) => Box::new(LibbpfPerf::open(id, sink)?),
            (Library::LibbpfPeriod64, _) => Box::new(LibbpfRaw::open(id, sink)?),
            (Library::Ours | Library::OursEachRecord, _) => {
                let wakeup = match self {
                    Library::Ours => Wakeup::Adaptive,
                    _ => Wakeup::EachRecord,
                };
                let options = EventOptions::new().buffer_bytes(BUFFER).wakeup(wakeup);
                let source = stage.map.open_events(&options)?;
                Box::new(Ours { source, sink })
            }
        })
    }
}

struct Ours<'s> {
    source: Box<dyn EventSource>,
    sink: &'s mut dyn FnMut(&[u8]),
}

impl Consumer for Ours<'_> {
    fn read(&mut self, _: Instant) -> Result<()> {
        self.source.wait(Some(PATIENCE))?;
        self.source.drain(&mut |event| {
            if let Event::Sample { data, .. } = event {
                (self.sink)(data);
            }
            ControlFlow::Continue(())
        })?;
        Ok(())
    }

    fn lost(&self) -> u64 {
        self.source.counters().lost()
    }
}

/// poll(2), as aya leaves it to its users.
fn poll(fds: impl IntoIterator<Item = i32>) -> Vec<bool> {
    let mut fds: Vec<libc::pollfd> = fds
        .into_iter()
        .map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    // SAFETY: the array is live for the call and as long as it says.
    unsafe {
        libc::poll(
            fds.as_mut_ptr(),
            fds.len() as u64,
            PATIENCE.as_millis() as i32,
        )
    };
    fds.iter().map(|fd| fd.revents != 0).collect()
}

struct AyaRing<'s> {
    ring: RingBuf<MapData>,
    sink: &'s mut dyn FnMut(&[u8]),
}

impl Consumer for AyaRing<'_> {
    fn read(&mut self, deadline: Instant) -> Result<()> {
        poll([self.ring.as_raw_fd()]);
        let mut count = 0;
        while let Some(item) = self.ring.next() {
            (self.sink)(&item);
            count += 1;
            if count % LOOK == 0 && Instant::now() > deadline {
                break;
            }
        }
        Ok(())
    }

    fn lost(&self) -> u64 {
        0
    }
}

struct AyaPerf<'s> {
    buffers: Vec<PerfEventArrayBuffer<MapData>>,
    sink: &'s mut dyn FnMut(&[u8]),
    lost: u64,
}

impl Consumer for AyaPerf<'_> {
    fn read(&mut self, _: Instant) -> Result<()> {
        let ready = poll(self.buffers.iter().map(|buffer| buffer.as_fd().as_raw_fd()));
        for (buffer, ready) in self.buffers.iter_mut().zip(ready) {
            if ready {
                buffer.for_each(|event| match event {
                    PerfEvent::Sample { head, tail } if head.len() < 8 => {
                        (self.sink)(&[head, tail].concat());
                    }
                    PerfEvent::Sample { head, .. } => (self.sink)(head),
                    PerfEvent::Lost { count } => self.lost += count,
                });
            }
        }
        Ok(())
    }

    fn lost(&self) -> u64 {
        self.lost
    }
}

struct LibbpfRing<'s> {
    ring: RingBuffer<'s>,
    until: Rc<Cell<Instant>>,
}

impl<'s> LibbpfRing<'s> {
    fn open(id: u32, sink: &'s mut dyn FnMut(&[u8])) -> Result<LibbpfRing<'s>> {
        let map = MapHandle::from_map_id(id)?;
        let until = Rc::new(Cell::new(Instant::now()));
        let (deadline, mut count) = (until.clone(), 0u32);
        let mut builder = RingBufferBuilder::new();
        builder.add(&map, move |data| {
            sink(data);
            count = count.wrapping_add(1);
            let over = count % LOOK == 0 && Instant::now() > deadline.get();
            if over { -1 } else { 0 }
        })?;
        let ring = builder.build()?;
        Ok(LibbpfRing { ring, until })
    }
}

impl Consumer for LibbpfRing<'_> {
    fn read(&mut self, deadline: Instant) -> Result<()> {
        self.until.set(deadline);
        // An error is the callback's word that the time is over.
        let _ = self.ring.poll(PATIENCE);
        Ok(())
    }

    fn lost(&self) -> u64 {
        0
    }
}

struct LibbpfPerf<'s> {
    buffer: PerfBuffer<'s>,
    lost: Rc<Cell<u64>>,
    // The kernel clears the slots that were filled through a descriptor when that is closed.
    _map: MapHandle,
}

impl<'s> LibbpfPerf<'s> {
    fn open(id: u32, sink: &'s mut dyn FnMut(&[u8])) -> Result<LibbpfPerf<'s>> {
        let map = MapHandle::from_map_id(id)?;
        let lost = Rc::new(Cell::new(0));
        let counter = lost.clone();
        let buffer = PerfBufferBuilder::new(&map)
            .pages(PAGES)
            .sample_cb(move |_, data: &[u8]| sink(data))
            .lost_cb(move |_, count| counter.set(counter.get() + count))
            .build()?;
        Ok(LibbpfPerf {
            buffer,
            lost,
            _map: map,
        })
    }
}

impl Consumer for LibbpfPerf<'_> {
    fn read(&mut self, _: Instant) -> Result<()> {
        self.buffer.poll(PATIENCE)?;
        Ok(())
    }

    fn lost(&self) -> u64 {
        self.lost.get()
    }
}

/// libbpf's perf buffer with `sample_period`, which libbpf-rs does not pass on.
struct LibbpfRaw<'s> {
    buffer: *mut libbpf_sys::perf_buffer,
    inside: Box<Inside<'s>>,
    _map: MapHandle,
}

struct Inside<'s> {
    sink: &'s mut dyn FnMut(&[u8]),
    lost: u64,
}

unsafe extern "C" fn sample(
    context: *mut libc::c_void,
    _: libc::c_int,
    data: *mut libc::c_void,
    size: u32,
) {
    // SAFETY: libbpf passes what `open` gave it, and a sample of so many bytes.
    let (inside, data) = unsafe {
        let inside = &mut *context.cast::<Inside<'_>>();
        (
            inside,
            std::slice::from_raw_parts(data.cast::<u8>(), size as usize),
        )
    };
    (inside.sink)(data);
}

unsafe extern "C" fn lost(context: *mut libc::c_void, _: libc::c_int, count: u64) {
    // SAFETY: libbpf passes what `open` gave it.
    unsafe { (*context.cast::<Inside<'_>>()).lost += count };
}

impl<'s> LibbpfRaw<'s> {
    fn open(id: u32, sink: &'s mut dyn FnMut(&[u8])) -> Result<LibbpfRaw<'s>> {
        let map = MapHandle::from_map_id(id)?;
        let mut inside = Box::new(Inside { sink, lost: 0 });
        let options = libbpf_sys::perf_buffer_opts {
            sz: size_of::<libbpf_sys::perf_buffer_opts>() as _,
            sample_period: 64,
            ..Default::default()
        };
        // SAFETY: the callbacks get `inside`, which is boxed and dropped after the buffer is freed.
        let buffer = unsafe {
            libbpf_sys::perf_buffer__new(
                map.as_fd().as_raw_fd(),
                PAGES as _,
                Some(sample),
                Some(lost),
                std::ptr::from_mut(&mut *inside).cast(),
                &options,
            )
        };
        ensure!(!buffer.is_null(), "perf_buffer__new");
        Ok(LibbpfRaw {
            buffer,
            inside,
            _map: map,
        })
    }
}

impl Consumer for LibbpfRaw<'_> {
    fn read(&mut self, _: Instant) -> Result<()> {
        // SAFETY: the buffer lives until `drop`.
        unsafe { libbpf_sys::perf_buffer__poll(self.buffer, PATIENCE.as_millis() as i32) };
        Ok(())
    }

    fn lost(&self) -> u64 {
        self.inside.lost
    }
}

impl Drop for LibbpfRaw<'_> {
    fn drop(&mut self) {
        // SAFETY: it was made by `open` and is freed once.
        unsafe { libbpf_sys::perf_buffer__free(self.buffer) };
    }
}
