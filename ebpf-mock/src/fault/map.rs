//! A map whose operations can be made to fail.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::event::{EventError, EventOptions, EventProducer, EventSource};
use ebpf_core::map::{
    Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapInfo, MapState,
    Memory, UpdateFlags,
};
use ebpf_core::system::{Handle, hint};

use super::event::{FaultyProducer, FaultySource};
use super::{Operation, Plan};

/// A map of an injector's system.
#[derive(Debug)]
pub(super) struct FaultyMap {
    inner: Arc<dyn Map>,
    plan: Arc<Plan>,
}

impl FaultyMap {
    pub(super) fn wrap(inner: Arc<dyn Map>, plan: &Arc<Plan>) -> Arc<dyn Map> {
        Arc::new(FaultyMap {
            inner,
            plan: plan.clone(),
        })
    }

    fn strike(&self, operation: Operation) -> Option<Errno> {
        let injected = self.plan.strike(operation, &self.inner.info().name);
        injected.map(|injected| injected.errno)
    }

    /// Fails with the error that the operation has, called as the maps of every system call it.
    fn pass(&self, operation: Operation, op: &'static str) -> Result<(), MapError> {
        match self.strike(operation) {
            None => Ok(()),
            Some(errno) => {
                let info = self.inner.info();
                Err(MapError::os(op, &info.name, info.map_type, errno))
            }
        }
    }

    /// The same, for an operation to which absence is an answer.
    fn present(
        &self,
        operation: Operation,
        op: &'static str,
        ask: impl FnOnce(&dyn Map) -> Result<bool, MapError>,
    ) -> Result<bool, MapError> {
        match self.pass(operation, op) {
            Ok(()) => ask(&*self.inner),
            Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Map for FaultyMap {
    fn info(&self) -> &MapInfo {
        self.inner.info()
    }

    fn query(&self) -> Result<MapState, MapError> {
        self.pass(Operation::QueryMap, "query")?;
        self.inner.query()
    }

    fn handle(&self) -> Handle {
        self.inner.handle()
    }

    fn lookup_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.present(Operation::Lookup, "lookup", |map| {
            map.lookup_elem(key, value, flags)
        })
    }

    fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError> {
        self.pass(Operation::Update, "update")?;
        self.inner.update_elem(key, value, flags)
    }

    fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError> {
        self.present(Operation::Delete, "delete", |map| map.delete_elem(key))
    }

    fn lookup_and_delete_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.present(Operation::LookupAndDelete, "lookup_and_delete", |map| {
            map.lookup_and_delete_elem(key, value, flags)
        })
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError> {
        self.present(Operation::NextKey, "next_key", |map| {
            map.next_key(after, next)
        })
    }

    fn lookup_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.pass(Operation::LookupBatch, "lookup_batch")?;
        self.inner.lookup_batch(cursor, keys, values, flags)
    }

    fn lookup_and_delete_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.pass(Operation::LookupAndDeleteBatch, "lookup_and_delete_batch")?;
        self.inner
            .lookup_and_delete_batch(cursor, keys, values, flags)
    }

    fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        self.pass(Operation::UpdateBatch, "update_batch")?;
        self.inner.update_batch(keys, values, flags)
    }

    fn delete_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError> {
        self.pass(Operation::DeleteBatch, "delete_batch")?;
        self.inner.delete_batch(keys, flags)
    }

    fn lookup_many(
        &self,
        keys: &[u8],
        values: &mut [u8],
        found: &mut [bool],
    ) -> Result<(), MapError> {
        let every = self.present(Operation::LookupMany, "lookup", |map| {
            map.lookup_many(keys, values, found).map(|()| true)
        })?;
        if !every {
            found.fill(false);
        }
        Ok(())
    }

    fn memory(&self) -> Result<Arc<dyn Memory>, MapError> {
        self.pass(Operation::Memory, "memory")?;
        self.inner.memory()
    }

    fn open_events(&self, options: &EventOptions) -> Result<Box<dyn EventSource>, EventError> {
        self.pass(Operation::OpenEvents, "open_events")?;
        let source = self.inner.open_events(options)?;
        Ok(FaultySource::wrap(
            source,
            &self.inner.info().name,
            &self.plan,
        ))
    }

    fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError> {
        self.pass(Operation::OpenProducer, "open_producer")?;
        let producer = self.inner.open_producer()?;
        Ok(FaultyProducer::wrap(
            producer,
            &self.inner.info().name,
            &self.plan,
        ))
    }

    fn freeze(&self) -> Result<(), MapError> {
        self.pass(Operation::Freeze, "freeze")?;
        self.inner.freeze()
    }

    fn pin(&self, path: &Path) -> Result<(), MapError> {
        if let Some(errno) = self.strike(Operation::PinMap) {
            return Err(MapError::Path {
                op: "pin",
                map: self.inner.info().name.clone(),
                path: path.into(),
                errno,
                hint: hint::pin(path, errno, true),
            });
        }
        self.inner.pin(path)
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.inner.fd()
    }
}
