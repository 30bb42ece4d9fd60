//! Doubles of every trait whose answers the test dictates, made with `mockall` (feature `scripted`).
//!
//! Most tests want [`MockSystem`](crate::MockSystem), which behaves as the kernel does, and failures want a
//! [`FaultInjector`](crate::fault::FaultInjector). These doubles are for what is about the calls themselves: that one is
//! made, in which order, with which arguments, or for an answer that no kernel gives.
//!
//! Each method `name` has an `expect_name`, whose docs are those of `mockall`: `with` and `withf` say which arguments,
//! `times` how often, `returning` and `return_const` the answer. A call that nothing expects panics, and so does the drop of
//! a double that was not called as often as expected. What the traits themselves do by the other methods is not scripted.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ebpf_core::btf::Btf;
use ebpf_core::event::{
    Event, EventCounters, EventError, EventOptions, EventProducer, EventSource, Wait, Wake,
};
use ebpf_core::hook::AttachTarget;
use ebpf_core::link::{Link, LinkError, LinkId, LinkInfo, LinkState};
use ebpf_core::map::{
    Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapId, MapInfo,
    MapSpec, MapState, Memory, UpdateFlags,
};
use ebpf_core::program::{
    Program, ProgramDump, ProgramError, ProgramId, ProgramInfo, ProgramSpec, ProgramStats,
    RunInput, RunOutput, RunResult,
};
use ebpf_core::system::{
    Bindings, BtfId, BtfInfo, Clock, Cpus, Feature, Handle, KernelFacts, KernelSymbol,
    KernelVersion, Kind, Pinned, StatsGuard, Support, System, SystemError, SystemId,
};

pub use self::doubles::{
    MockScriptedEventProducer as ScriptedEventProducer,
    MockScriptedEventSource as ScriptedEventSource, MockScriptedKernelFacts as ScriptedKernelFacts,
    MockScriptedLink as ScriptedLink, MockScriptedMap as ScriptedMap,
    MockScriptedProgram as ScriptedProgram, MockScriptedSystem as ScriptedSystem,
    MockScriptedWake as ScriptedWake,
};

#[allow(unused_parens, reason = "the macro needs them")]
mod doubles {
    use super::*;

    mockall::mock! {
        /// A [`System`] whose answers the test dictates.
        ///
        /// ```
        /// use std::path::Path;
        /// use ebpf_core::system::System;
        /// use ebpf_mock::scripted::ScriptedSystem;
        ///
        /// /// Removes the pins of the directory, which are ours.
        /// fn clean_up(system: &dyn System) -> Result<(), ebpf_core::system::SystemError> {
        ///     system.pinned(Path::new("/sys/fs/bpf/ours"))?.iter().try_for_each(|pin| system.unpin(pin))
        /// }
        ///
        /// let mut system = ScriptedSystem::new();
        /// system.expect_pinned().once().returning(|dir| Ok(vec![dir.join("one"), dir.join("two")]));
        /// system.expect_unpin().withf(|path| path.starts_with("/sys/fs/bpf/ours")).times(2).returning(|_| Ok(()));
        /// assert!(clean_up(&system).is_ok());
        /// ```
        #[derive(Debug)]
        pub ScriptedSystem {}

        impl System for ScriptedSystem {
            fn id(&self) -> SystemId;
            fn create_map<'m>(
                &self,
                spec: &MapSpec,
                inner: Option<&'m (dyn Map + 'm)>,
            ) -> Result<Arc<dyn Map>, MapError>;
            fn load_program<'b>(
                &self,
                spec: &ProgramSpec,
                bindings: &Bindings<'b>,
            ) -> Result<Arc<dyn Program>, ProgramError>;
            fn open_pinned(&self, path: &Path) -> Result<Pinned, SystemError>;
            fn pinned(&self, dir: &Path) -> Result<Vec<PathBuf>, SystemError>;
            fn unpin(&self, path: &Path) -> Result<(), SystemError>;
            fn next_id(&self, kind: Kind, after: Option<u32>) -> Result<Option<u32>, SystemError>;
            fn map_by_id(&self, id: MapId) -> Result<Arc<dyn Map>, SystemError>;
            fn program_by_id(&self, id: ProgramId) -> Result<Arc<dyn Program>, SystemError>;
            fn link_by_id(&self, id: LinkId) -> Result<Box<dyn Link>, SystemError>;
            fn btf_info(&self, id: BtfId) -> Result<BtfInfo, SystemError>;
            fn btf_by_id(&self, id: BtfId) -> Result<Arc<Btf>, SystemError>;
            fn enable_stats(&self) -> Result<StatsGuard, SystemError>;
            fn probe(&self, feature: Feature) -> Result<Support, SystemError>;
            fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError>;
            fn facts(&self) -> &dyn KernelFacts;
            fn cpus(&self) -> Result<Cpus, SystemError>;
            fn clock(&self) -> Result<Clock, SystemError>;
        }
    }

    mockall::mock! {
        /// [`KernelFacts`] that the test dictates.
        ///
        /// ```
        /// use ebpf_core::system::{KernelFacts, KernelVersion, System};
        /// use ebpf_mock::scripted::{ScriptedKernelFacts, ScriptedSystem};
        ///
        /// /// Whether the timer interrupt comes a thousand times a second.
        /// fn is_fine(system: &dyn System) -> bool {
        ///     matches!(system.facts().config("CONFIG_HZ"), Ok(Some(hz)) if hz == "1000")
        /// }
        ///
        /// let mut facts = ScriptedKernelFacts::new();
        /// facts.expect_config().withf(|option| option == "CONFIG_HZ").returning(|_| Ok(Some("250".to_owned())));
        /// let mut system = ScriptedSystem::new();
        /// system.expect_facts().return_const(Box::new(facts) as Box<dyn KernelFacts>);
        /// assert!(!is_fine(&system));
        /// ```
        #[derive(Debug)]
        pub ScriptedKernelFacts {}

        impl KernelFacts for ScriptedKernelFacts {
            fn release(&self) -> Result<KernelVersion, SystemError>;
            fn config(&self, option: &str) -> Result<Option<String>, SystemError>;
            fn page_size(&self) -> u32;
            fn symbol(&self, name: &str) -> Result<Option<u64>, SystemError>;
            fn symbol_at(&self, address: u64) -> Result<Option<KernelSymbol>, SystemError>;
            fn modules(&self) -> Result<Vec<Arc<str>>, SystemError>;
            fn module_btf(&self, module: &str) -> Result<Option<Arc<Btf>>, SystemError>;
        }
    }

    mockall::mock! {
        /// A [`Map`] whose answers the test dictates.
        ///
        /// ```
        /// use ebpf_core::map::{Map, MapExt, MapId, MapInfo, MapSpec, MapType};
        /// use ebpf_mock::scripted::ScriptedMap;
        ///
        /// /// Counts up, and writes only where something changes.
        /// fn raise(map: &dyn Map, to: u64) -> Result<(), ebpf_core::map::MapError> {
        ///     match map.get_uint(&[0; 4])? {
        ///         Some(now) if now >= to => Ok(()),
        ///         _ => map.upsert(&[0; 4], &to.to_ne_bytes()),
        ///     }
        /// }
        ///
        /// let spec = MapSpec::new("limit", MapType::ARRAY, 4, 8, 1);
        /// let mut map = ScriptedMap::new();
        /// map.expect_info().return_const(MapInfo::of(&spec, MapId(1), 1));
        /// map.expect_lookup_elem().once().returning(|_, value, _| {
        ///     value.copy_from_slice(&9u64.to_ne_bytes());
        ///     Ok(true)
        /// });
        /// map.expect_update_elem().never();
        /// assert!(raise(&map, 7).is_ok());
        /// ```
        #[derive(Debug)]
        pub ScriptedMap {}

        impl Map for ScriptedMap {
            fn info(&self) -> &MapInfo;
            fn query(&self) -> Result<MapState, MapError>;
            fn handle(&self) -> Handle;
            fn lookup_elem(
                &self,
                key: &[u8],
                value: &mut [u8],
                flags: LookupFlags,
            ) -> Result<bool, MapError>;
            fn update_elem(
                &self,
                key: &[u8],
                value: &[u8],
                flags: UpdateFlags,
            ) -> Result<(), MapError>;
            fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError>;
            fn lookup_and_delete_elem(
                &self,
                key: &[u8],
                value: &mut [u8],
                flags: LookupFlags,
            ) -> Result<bool, MapError>;
            fn next_key<'k>(
                &self,
                after: Option<&'k [u8]>,
                next: &mut [u8],
            ) -> Result<bool, MapError>;
            fn lookup_batch(
                &self,
                cursor: &mut BatchCursor,
                keys: &mut [u8],
                values: &mut [u8],
                flags: BatchFlags,
            ) -> Result<Batch, MapError>;
            fn lookup_and_delete_batch(
                &self,
                cursor: &mut BatchCursor,
                keys: &mut [u8],
                values: &mut [u8],
                flags: BatchFlags,
            ) -> Result<Batch, MapError>;
            fn update_batch(
                &self,
                keys: &[u8],
                values: &[u8],
                flags: BatchFlags,
            ) -> Result<usize, BatchError>;
            fn delete_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError>;
            fn lookup_many(
                &self,
                keys: &[u8],
                values: &mut [u8],
                found: &mut [bool],
            ) -> Result<(), MapError>;
            fn memory(&self) -> Result<Arc<dyn Memory>, MapError>;
            fn open_events(
                &self,
                options: &EventOptions,
            ) -> Result<Box<dyn EventSource>, EventError>;
            fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError>;
            fn freeze(&self) -> Result<(), MapError>;
            fn pin(&self, path: &Path) -> Result<(), MapError>;
        }
    }

    mockall::mock! {
        /// A [`Program`] whose answers the test dictates.
        ///
        /// ```
        /// use ebpf_core::Program;
        /// use ebpf_core::hook::{AttachTarget, Xdp};
        /// use ebpf_core::link::{LinkInfo, LinkTarget, LinkType};
        /// use ebpf_core::program::ProgramExt;
        /// use ebpf_mock::scripted::{ScriptedLink, ScriptedProgram};
        ///
        /// let mut program = ScriptedProgram::new();
        /// program
        ///     .expect_attach()
        ///     .withf(|target| matches!(target, AttachTarget::Xdp(_)))
        ///     .once()
        ///     .returning(|_| Ok(Box::new(ScriptedLink::new())));
        /// let attached = (&program as &dyn Program).attach_to(Xdp::on("eth0"));
        /// assert!(attached.is_ok());
        /// ```
        #[derive(Debug)]
        pub ScriptedProgram {}

        impl Program for ScriptedProgram {
            fn info(&self) -> &ProgramInfo;
            fn query(&self) -> Result<ProgramStats, ProgramError>;
            fn dump(&self) -> Result<ProgramDump, ProgramError>;
            fn handle(&self) -> Handle;
            fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError>;
            fn run<'i, 'o>(
                &self,
                input: &RunInput<'i>,
                output: &mut RunOutput<'o>,
            ) -> Result<RunResult, ProgramError>;
            fn pin(&self, path: &Path) -> Result<(), ProgramError>;
        }
    }

    mockall::mock! {
        /// A [`Link`] whose answers the test dictates.
        ///
        /// ```
        /// use ebpf_core::Errno;
        /// use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};
        /// use ebpf_mock::scripted::ScriptedLink;
        ///
        /// /// Detaches all of them, also after one that could not be.
        /// fn stop(links: Vec<Box<dyn Link>>) -> usize {
        ///     links.into_iter().filter_map(|link| link.detach().err()).count()
        /// }
        ///
        /// let info = LinkInfo::new(None, LinkType::XDP, LinkTarget::Xdp { ifindex: 2 });
        /// let mut stuck = ScriptedLink::new();
        /// stuck.expect_detach().once().returning(move || Err(info.refused("detach", Errno::EBUSY, None)));
        /// let mut fine = ScriptedLink::new();
        /// fine.expect_detach().once().returning(|| Ok(()));
        /// assert_eq!(stop(vec![Box::new(stuck), Box::new(fine)]), 1);
        /// ```
        #[derive(Debug)]
        pub ScriptedLink {}

        impl Link for ScriptedLink {
            fn info(&self) -> &LinkInfo;
            fn query(&self) -> Result<LinkState, LinkError>;
            fn handle(&self) -> Option<Handle>;
            fn update<'p>(
                &self,
                new: &'p (dyn Program + 'p),
                expected: Option<&'p (dyn Program + 'p)>,
            ) -> Result<(), LinkError>;
            fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError>;
            fn pin(&self, path: &Path) -> Result<(), LinkError>;
            fn detach(self: Box<Self>) -> Result<(), LinkError>;
            fn forget(self: Box<Self>);
        }
    }

    mockall::mock! {
        /// An [`EventSource`] whose records the test dictates.
        ///
        /// ```
        /// use std::ops::ControlFlow;
        /// use ebpf_core::event::{Event, EventSource};
        /// use ebpf_mock::scripted::ScriptedEventSource;
        ///
        /// let mut source = ScriptedEventSource::new();
        /// source.expect_drain().once().returning(|sink| {
        ///     let _ = sink(Event::sample(Some(0), &[1, 2, 3, 4]));
        ///     let _ = sink(Event::lost(Some(0), 7));
        ///     Ok(1)
        /// });
        /// let mut lost = 0;
        /// let drained = source.drain(&mut |event| {
        ///     if let Event::Lost { count, .. } = event {
        ///         lost += count;
        ///     }
        ///     ControlFlow::Continue(())
        /// });
        /// assert_eq!((drained, lost), (Ok(1), 7));
        /// ```
        #[derive(Debug)]
        pub ScriptedEventSource {}

        impl EventSource for ScriptedEventSource {
            fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError>;
            fn wait_any(
                &mut self,
                others: &mut [Box<dyn EventSource>],
                timeout: Option<Duration>,
            ) -> Result<Wait, EventError>;
            fn drain<'f>(
                &mut self,
                sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f),
            ) -> Result<usize, EventError>;
            fn counters(&self) -> Arc<EventCounters>;
            fn waker(&self) -> Arc<dyn Wake>;
        }
    }

    mockall::mock! {
        /// A [`Wake`] that tells how it was called.
        ///
        /// ```
        /// use ebpf_core::event::Wake;
        /// use ebpf_mock::scripted::ScriptedWake;
        ///
        /// let mut waker = ScriptedWake::new();
        /// waker.expect_stop().once().return_const(());
        /// waker.stop();
        /// ```
        #[derive(Debug)]
        pub ScriptedWake {}

        impl Wake for ScriptedWake {
            fn wake(&self);
            fn stop(&self);
            fn is_stopped(&self) -> bool;
        }
    }

    mockall::mock! {
        /// An [`EventProducer`] whose answers the test dictates.
        ///
        /// ```
        /// use ebpf_core::event::{EventProducer, EventProducerExt};
        /// use ebpf_mock::scripted::ScriptedEventProducer;
        ///
        /// let mut producer = ScriptedEventProducer::new();
        /// // The ring is full the first time.
        /// let mut full = true;
        /// producer.expect_fill().times(2).returning(move |_, _| Ok(!std::mem::take(&mut full)));
        /// assert_eq!(producer.send(b"sample"), Ok(false));
        /// assert_eq!(producer.send(b"sample"), Ok(true));
        /// ```
        #[derive(Debug)]
        pub ScriptedEventProducer {}

        impl EventProducer for ScriptedEventProducer {
            fn fill<'f>(
                &mut self,
                len: usize,
                fill: &'f mut (dyn FnMut(&mut [u8]) -> bool + 'f),
            ) -> Result<bool, EventError>;
            fn wait(&mut self, len: usize, timeout: Option<Duration>) -> Result<bool, EventError>;
            fn largest(&self) -> usize;
        }
    }
}
