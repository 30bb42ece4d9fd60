//! Objects that say they belong to another system: every system has to refuse them.

use std::path::Path;
use std::sync::Arc;

use crate::event::{EventError, EventOptions, EventProducer, EventSource};
use crate::hook::AttachTarget;
use crate::link::Link;
use crate::map::{
    Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapInfo, MapState,
    Memory, UpdateFlags,
};
use crate::program::{
    Program, ProgramDump, ProgramError, ProgramInfo, ProgramStats, RunInput, RunOutput, RunResult,
};
use crate::system::{Handle, SystemId};

/// A map or a program of a system that is none of those under test.
#[derive(Debug)]
pub struct Foreign<T>(pub Arc<T>)
where
    T: ?Sized;

fn elsewhere(handle: Handle) -> Handle {
    let SystemId(own) = handle.system();
    Handle::new(SystemId(own.wrapping_add(12345)), 3)
}

impl Map for Foreign<dyn Map> {
    fn info(&self) -> &MapInfo {
        self.0.info()
    }
    fn query(&self) -> Result<MapState, MapError> {
        self.0.query()
    }
    fn handle(&self) -> Handle {
        elsewhere(self.0.handle())
    }
    fn lookup_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.0.lookup_elem(key, value, flags)
    }
    fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError> {
        self.0.update_elem(key, value, flags)
    }
    fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError> {
        self.0.delete_elem(key)
    }
    fn lookup_and_delete_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.0.lookup_and_delete_elem(key, value, flags)
    }
    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError> {
        self.0.next_key(after, next)
    }
    fn lookup_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.0.lookup_batch(cursor, keys, values, flags)
    }
    fn lookup_and_delete_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.0.lookup_and_delete_batch(cursor, keys, values, flags)
    }
    fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        self.0.update_batch(keys, values, flags)
    }
    fn delete_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError> {
        self.0.delete_batch(keys, flags)
    }
    fn lookup_many(
        &self,
        keys: &[u8],
        values: &mut [u8],
        found: &mut [bool],
    ) -> Result<(), MapError> {
        self.0.lookup_many(keys, values, found)
    }
    fn memory(&self) -> Result<Arc<dyn Memory>, MapError> {
        self.0.memory()
    }
    fn open_events(&self, options: &EventOptions) -> Result<Box<dyn EventSource>, EventError> {
        self.0.open_events(options)
    }
    fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError> {
        self.0.open_producer()
    }
    fn freeze(&self) -> Result<(), MapError> {
        self.0.freeze()
    }
    fn pin(&self, path: &Path) -> Result<(), MapError> {
        self.0.pin(path)
    }
}

impl Program for Foreign<dyn Program> {
    fn dump(&self) -> Result<ProgramDump, ProgramError> {
        self.0.dump()
    }

    fn info(&self) -> &ProgramInfo {
        self.0.info()
    }
    fn query(&self) -> Result<ProgramStats, ProgramError> {
        self.0.query()
    }
    fn handle(&self) -> Handle {
        elsewhere(self.0.handle())
    }
    fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError> {
        self.0.attach(target)
    }
    fn run<'i, 'o>(
        &self,
        input: &RunInput<'i>,
        output: &mut RunOutput<'o>,
    ) -> Result<RunResult, ProgramError> {
        self.0.run(input, output)
    }
    fn pin(&self, path: &Path) -> Result<(), ProgramError> {
        self.0.pin(path)
    }
}
