//! Stack traces that programs collect by `bpf_get_stackid`.

use std::sync::Arc;

use zerocopy::IntoBytes;

use super::array::expect_type;
use super::{LookupFlags, Map, MapError, MapFlags, MapInfo, MapType, TypedKeys};
use crate::codec::Endian;
use crate::system::{KernelFacts, KernelSymbol, SystemError};

/// The stack traces of a map, by the ids that `bpf_get_stackid` returns.
///
/// ```no_run
/// use std::sync::Arc;
/// use ebpf_core::System;
/// use ebpf_core::map::{Map, StackTraces};
/// use ebpf_core::system::SystemError;
///
/// fn show(system: &dyn System, stacks: Arc<dyn Map>, id: u32) -> Result<(), SystemError> {
///     let Some(trace) = StackTraces::new(stacks)?.get(id)? else { return Ok(()) };
///     for symbol in trace.kernel_symbols(system.facts())?.into_iter().flatten() {
///         println!("{symbol}");
///     }
///     Ok(())
/// }
/// ```
///
/// Since Linux 4.6. kernel/bpf/stackmap.c.
#[derive(Clone, Debug)]
#[doc(alias = "bpf_get_stackid")]
pub struct StackTraces<M = Arc<dyn Map>>(M);

/// A stack trace, the innermost frame first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackTrace {
    frames: Vec<Frame>,
}

/// A frame of a stack trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Frame {
    /// An address: where the code stood, or in frames after the first where a call returns to.
    Address(u64),
    /// A place in an executable, from maps with [`MapFlags::STACK_BUILD_ID`]. Since Linux 4.18.
    #[doc(alias = "bpf_stack_build_id")]
    File {
        /// The build id of the executable; a short one ends in zeros.
        build_id: [u8; 20],
        /// Bytes from the start of the file.
        offset: u64,
    },
}

/// Bytes of `struct bpf_stack_build_id`.
const BUILD_ID_RECORD: usize = 32;

impl<M: Map> StackTraces<M> {
    /// The map as stack traces.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types.
    pub fn new(map: M) -> Result<StackTraces<M>, MapError> {
        expect_type(
            map.info(),
            "`StackTraces`",
            &[MapType::STACK_TRACE],
            "maps of stack traces",
        )?;
        Ok(StackTraces(map))
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        &self.0
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// How many frames a trace may have; deeper ones are cut off.
    pub fn depth(&self) -> usize {
        self.info().value_size as usize / self.record()
    }

    fn has_build_ids(&self) -> bool {
        self.info().flags.contains(MapFlags::STACK_BUILD_ID)
    }

    fn record(&self) -> usize {
        match self.has_build_ids() {
            true => BUILD_ID_RECORD,
            false => size_of::<u64>(),
        }
    }

    /// The trace of this id; `None` when there is none. A negative result of `bpf_get_stackid` is an error number, no id.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn get(&self, id: u32) -> Result<Option<StackTrace>, MapError> {
        let mut bytes = vec![0; self.info().value_size as usize];
        let found = self
            .0
            .lookup_elem(id.as_bytes(), &mut bytes, LookupFlags::NONE)?;
        Ok(found.then(|| StackTrace {
            frames: self.frames(&bytes),
        }))
    }

    /// Deletes the trace of this id; whether there was one.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, id: u32) -> Result<bool, MapError> {
        self.0.delete_elem(id.as_bytes())
    }

    /// The ids that there are. Traces come and go while a program runs.
    pub fn ids(&self) -> impl Iterator<Item = Result<u32, MapError>> + '_ {
        TypedKeys::new(&self.0)
    }

    /// What is used of a trace ends at the first zero.
    fn frames(&self, bytes: &[u8]) -> Vec<Frame> {
        let wide = |record: &[u8], at| Endian::NATIVE.u64_at(record, at).unwrap_or(0);
        let records = bytes.chunks_exact(self.record());
        if !self.has_build_ids() {
            let addresses = records.map(|record| wide(record, 0));
            return addresses
                .take_while(|address| *address != 0)
                .map(Frame::Address)
                .collect();
        }
        let frame = |record: &[u8]| match Endian::NATIVE.u32_at(record, 0)? {
            // `BPF_STACK_BUILD_ID_VALID`
            1 => {
                let mut build_id = [0; 20];
                build_id.copy_from_slice(record.get(4..24)?);
                let offset = wide(record, 24);
                Some(Frame::File { build_id, offset })
            }
            // `BPF_STACK_BUILD_ID_IP`: where the executable could not be told.
            2 => Some(Frame::Address(wide(record, 24))),
            _ => None,
        };
        records.map_while(frame).collect()
    }
}

impl StackTrace {
    /// The frames, the innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The addresses that belong to the code that ran: of frames after the first the last byte of the call, since the
    /// address that it returns to may be that of the next function. `None` for places in files.
    pub fn call_addresses(&self) -> impl Iterator<Item = Option<u64>> + '_ {
        self.frames
            .iter()
            .enumerate()
            .map(|(at, frame)| match frame {
                Frame::Address(address) => Some(address.saturating_sub(u64::from(at > 0))),
                Frame::File { .. } => None,
            })
    }

    /// The symbol of the kernel for each frame; `None` for frames of user space.
    ///
    /// # Errors
    /// As [`KernelFacts::symbol_at`].
    pub fn kernel_symbols(
        &self,
        facts: &dyn KernelFacts,
    ) -> Result<Vec<Option<KernelSymbol>>, SystemError> {
        let symbol = |address: Option<u64>| match address {
            Some(address) => facts.symbol_at(address),
            None => Ok(None),
        };
        self.call_addresses().map(symbol).collect()
    }
}
