//! Where XDP programs redirect packets to: interfaces and CPUs, each with a program for what arrives there.

use std::sync::Arc;

use zerocopy::IntoBytes;

use super::array::expect_type;
use super::ext::reference;
use super::{LookupFlags, Map, MapError, MapInfo, MapType, TypedKeys, UpdateFlags};
use crate::program::{Program, ProgramId};

/// An interface that packets are redirected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "bpf_devmap_val")]
pub struct DeviceSlot {
    /// The interface's index.
    pub ifindex: u32,
    /// The program that sees the packets before they leave. Since Linux 5.8.
    pub program: Option<ProgramId>,
}

/// A CPU that packets are redirected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "bpf_cpumap_val")]
pub struct CpuSlot {
    /// How many packets may wait there.
    pub queue_size: u32,
    /// The program that sees the packets when they arrive. Since Linux 5.9.
    pub program: Option<ProgramId>,
}

macro_rules! redirections {
    ($(#[$doc:meta])* $View:ident, $name:literal, [$($TYPE:ident),*], $wants:literal, $Slot:ident { $number:ident }, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $View<M = Arc<dyn Map>>(M);

        impl<M: Map> $View<M> {
            #[doc = concat!("The map as ", $wants, ".")]
            ///
            /// # Errors
            /// [`MapError::View`] for maps of other types.
            pub fn new(map: M) -> Result<$View<M>, MapError> {
                expect_type(map.info(), $name, &[$(MapType::$TYPE),*], $wants)?;
                Ok($View(map))
            }

            /// The map itself.
            pub fn map(&self) -> &M {
                &self.0
            }

            /// What cannot change while the map exists.
            pub fn info(&self) -> &MapInfo {
                self.0.info()
            }

            /// Whether values have room for a program: they are of 8 bytes.
            pub fn holds_programs(&self) -> bool {
                self.info().value_size as usize == WITH_PROGRAM
            }

            #[doc = concat!("What is under `key`; `None` where there is no ", $what, ".")]
            ///
            /// # Errors
            /// As [`Map::lookup_elem`].
            pub fn get(&self, key: u32) -> Result<Option<$Slot>, MapError> {
                let found = read(&self.0, key)?;
                Ok(found.map(|($number, program)| $Slot { $number, program }))
            }

            #[doc = concat!("Puts ", $what, " under `key`, in the place of what is there.")]
            ///
            /// # Errors
            /// As [`Map::update_elem`].
            pub fn set(&self, key: u32, $number: u32) -> Result<(), MapError> {
                write(&self.0, key, $number, None)
            }

            #[doc = concat!("Puts ", $what, " under `key`, with a program for the packets that are redirected there.")]
            ///
            /// # Errors
            /// As [`Map::update_elem`], `EINVAL` for a program of another type or attach type; [`MapError::Size`] for a
            /// map whose values have no room for programs; [`MapError::Foreign`] for a program of another system.
            pub fn set_with_program(
                &self,
                key: u32,
                $number: u32,
                program: &dyn Program,
            ) -> Result<(), MapError> {
                write(&self.0, key, $number, Some(program))
            }

            /// Empties the place under `key`; whether something was there, as far as the system tells (an array of
            /// interfaces or CPUs always says so).
            ///
            /// # Errors
            /// As [`Map::delete_elem`].
            pub fn remove(&self, key: u32) -> Result<bool, MapError> {
                self.0.delete_elem(key.as_bytes())
            }

            /// All places that are not empty, with their keys.
            pub fn slots(&self) -> impl Iterator<Item = Result<(u32, $Slot), MapError>> + '_ {
                TypedKeys::new(&self.0).filter_map(|key: Result<u32, MapError>| {
                    let slot = key.and_then(|key| Ok(self.get(key)?.map(|slot| (key, slot))));
                    slot.transpose()
                })
            }
        }
    };
}

redirections! {
    /// Interfaces that XDP programs redirect packets to (`bpf_redirect_map`), by index or, in a hash, by any number.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use ebpf_core::map::{DeviceMap, Map, MapError};
    ///
    /// fn forward(ports: Arc<dyn Map>, uplink: u32) -> Result<(), MapError> {
    ///     DeviceMap::new(ports)?.set(0, uplink)
    /// }
    /// ```
    ///
    /// Since Linux 4.14, hashes 5.4. kernel/bpf/devmap.c.
    DeviceMap, "`DeviceMap`", [DEVMAP, DEVMAP_HASH], "maps of interfaces", DeviceSlot { ifindex }, "an interface"
}

redirections! {
    /// CPUs that XDP programs redirect packets to, by their numbers, each with the length of its queue.
    ///
    /// Since Linux 4.15. kernel/bpf/cpumap.c.
    CpuMap, "`CpuMap`", [CPUMAP], "maps of CPUs", CpuSlot { queue_size }, "a CPU"
}

/// Bytes of a value that has room for a program.
const WITH_PROGRAM: usize = 8;

/// The number under a key, and the program beside it.
fn read(map: &impl Map, key: u32) -> Result<Option<(u32, Option<ProgramId>)>, MapError> {
    let mut value = [0u32; 2];
    let size = map.info().value_size as usize;
    let bytes = value.as_mut_bytes();
    let room = bytes.len();
    // A map of another size says so itself.
    let bytes = bytes.get_mut(..size.min(room)).unwrap_or_default();
    let found = map.lookup_elem(key.as_bytes(), bytes, LookupFlags::NONE)?;
    let [number, program] = value;
    let program = Some(program).filter(|id| *id != 0).map(ProgramId);
    Ok(found.then_some((number, program)))
}

fn write(
    map: &impl Map,
    key: u32,
    number: u32,
    program: Option<&dyn Program>,
) -> Result<(), MapError> {
    // Descriptors that are none, and 0, mean no program.
    let program = match program {
        Some(program) => {
            let size = map.info().value_size as usize;
            map.info()
                .check("value with a program", size, WITH_PROGRAM)?;
            reference(map, program.handle())?
        }
        None => (-1i32).to_ne_bytes(),
    };
    let mut value = [0; WITH_PROGRAM];
    let (first, second) = value.split_at_mut(4);
    first.copy_from_slice(&number.to_ne_bytes());
    second.copy_from_slice(&program);
    let size = (map.info().value_size as usize).min(WITH_PROGRAM);
    let value = value.get(..size).unwrap_or_default();
    map.update_elem(key.as_bytes(), value, UpdateFlags::ANY)
}
