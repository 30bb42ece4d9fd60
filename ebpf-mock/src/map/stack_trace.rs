//! Stack traces, which only programs fill: `kernel/bpf/stackmap.c`.

use std::collections::BTreeMap;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapFlags, MapSpec, UpdateFlags};
use parking_lot::RwLock;

use super::array::index;
use super::{ForPrograms, Storage};
use crate::kernel::Kernel;

/// How many frames are left out: `BPF_F_SKIP_FIELD_MASK`.
const SKIP: u64 = 0xff;
/// `BPF_F_USER_STACK`, which whoever collected the frames has looked at.
const USER: u64 = 1 << 8;
/// Traces of equal hashes are taken for the same: `BPF_F_FAST_STACK_CMP`.
const FAST: u64 = 1 << 9;
/// A trace takes the place of another one with the same id: `BPF_F_REUSE_STACKID`.
const REUSE: u64 = 1 << 10;

/// Bytes of `struct bpf_stack_build_id`, and what it says of an address that is in no file with a build id.
pub(crate) const BUILD_ID_BYTES: usize = 32;
const ONLY_ADDRESS: u32 = 2;

/// Frames in bytes, as addresses or each with room for a build id.
pub(crate) fn encode_frames(frames: &[u64], build_ids: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for frame in frames {
        if build_ids {
            bytes.extend_from_slice(&ONLY_ADDRESS.to_ne_bytes());
            bytes.resize(bytes.len() + BUILD_ID_BYTES - 12, 0);
        }
        bytes.extend_from_slice(&frame.to_ne_bytes());
    }
    bytes
}

/// A trace: the hash of its addresses, and its bytes.
#[derive(Debug)]
struct Trace {
    hash: u32,
    bytes: Box<[u8]>,
}

/// Stack traces by id.
#[derive(Debug)]
pub(crate) struct StackTraces {
    traces: RwLock<BTreeMap<u32, Trace>>,
    length: u32,
    buckets: u32,
    value_size: u32,
    build_ids: bool,
}

impl StackTraces {
    pub(super) fn new(spec: &MapSpec) -> StackTraces {
        StackTraces {
            traces: RwLock::default(),
            buckets: spec
                .max_entries
                .checked_next_power_of_two()
                .unwrap_or(1 << 31),
            length: spec.max_entries,
            value_size: spec.value_size,
            build_ids: spec.flags.contains(MapFlags::STACK_BUILD_ID),
        }
    }

    /// `bpf_get_stackid()`: keeps a trace, innermost frame first, and gives its id.
    ///
    /// # Errors
    /// `EINVAL` for flags that do not exist, `EFAULT` where no frame is left, `EEXIST` where another trace has the id,
    /// `ENOMEM` when there are as many as the map has.
    pub(crate) fn store(&self, frames: &[u64], flags: u64) -> Result<u32, Errno> {
        if flags & !(SKIP | USER | FAST | REUSE) != 0 {
            return Err(Errno::EINVAL);
        }
        let frames = frames.get((flags & SKIP) as usize..).unwrap_or_default();
        if frames.is_empty() {
            return Err(Errno::EFAULT);
        }
        let each = if self.build_ids { BUILD_ID_BYTES } else { 8 };
        let depth = self.value_size as usize / each;
        let frames = frames.get(..depth).unwrap_or(frames);
        let hash = hash(frames);
        let id = hash & (self.buckets - 1);
        let mut traces = self.traces.write();
        let bytes = encode_frames(frames, self.build_ids);
        if let Some(trace) = traces.get(&id) {
            let same = flags & FAST != 0 || *trace.bytes == *bytes;
            if trace.hash == hash && same {
                return Ok(id);
            }
            // Those with build ids take the place of what was there.
            if flags & REUSE == 0 && !self.build_ids {
                return Err(Errno::EEXIST);
            }
        }
        if traces.len() >= self.length as usize {
            return Err(Errno::ENOMEM);
        }
        let bytes = bytes.into();
        traces.insert(id, Trace { hash, bytes });
        Ok(id)
    }
}

/// The hash of a trace: Bob Jenkins' `lookup3` over 32-bit words (`jhash2`).
fn hash(frames: &[u64]) -> u32 {
    let words: Vec<u32> = frames
        .iter()
        .flat_map(|frame| {
            let [a, b, c, d, e, f, g, h] = frame.to_ne_bytes();
            [[a, b, c, d], [e, f, g, h]].map(u32::from_ne_bytes)
        })
        .collect();
    let start = 0xdead_beef_u32.wrapping_add((words.len() as u32) << 2);
    let (mut a, mut b, mut c) = (start, start, start);
    let mut rest = words.as_slice();
    while let [x, y, z, more @ ..] = rest {
        if more.is_empty() {
            break;
        }
        (a, b, c) = (a.wrapping_add(*x), b.wrapping_add(*y), c.wrapping_add(*z));
        a = a.wrapping_sub(c) ^ c.rotate_left(4);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(6);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(8);
        b = b.wrapping_add(a);
        a = a.wrapping_sub(c) ^ c.rotate_left(16);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(19);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(4);
        b = b.wrapping_add(a);
        rest = more;
    }
    let [x, y, z] = [0, 1, 2].map(|index| rest.get(index).copied().unwrap_or(0));
    (a, b, c) = (a.wrapping_add(x), b.wrapping_add(y), c.wrapping_add(z));
    if rest.is_empty() {
        return c;
    }
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

impl Storage for StackTraces {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let traces = self.traces.read();
        let trace = index(key)
            .and_then(|id| traces.get(&id))
            .ok_or(Errno::ENOENT)?;
        value.fill(0);
        for (place, byte) in value.iter_mut().zip(&trace.bytes) {
            *place = *byte;
        }
        Ok(())
    }

    fn update(&self, _: &Kernel, _: &[u8], _: &[u8], _: UpdateFlags) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let id = index(key)
            .filter(|id| *id < self.buckets)
            .ok_or(Errno::E2BIG)?;
        self.traces
            .write()
            .remove(&id)
            .map(drop)
            .ok_or(Errno::ENOENT)
    }

    fn take(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        self.lookup(key, value, flags)?;
        self.delete(key)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        let traces = self.traces.read();
        // After an id that has no trace the walk begins anew.
        let from = match after.and_then(index).filter(|id| traces.contains_key(id)) {
            Some(id) => id + 1,
            None => 0,
        };
        let (id, _) = traces.range(from..).next().ok_or(Errno::ENOENT)?;
        next.copy_from_slice(&id.to_ne_bytes());
        Ok(())
    }

    fn for_programs(&self) -> ForPrograms<'_> {
        ForPrograms::Stacks(self)
    }

    fn charge(&self) -> u64 {
        u64::from(self.buckets) * (8 + u64::from(self.value_size))
    }
}
