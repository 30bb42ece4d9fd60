//! What a map, or all maps of a system, held at one moment.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ebpf_core::btf::TypeId;
use ebpf_core::codec::flexible_uint;
use ebpf_core::map::{LookupFlags, Map, MapError, MapExt, MapInfo, MapType, MapTypes};
use ebpf_core::system::SystemError;
use ebpf_core::{Errno, System, SystemExt};

use super::assert::total;
use super::diff::{MapDiff, SystemDiff};
use crate::table::Table;

/// What a map held at one moment. As text it is a table, with the types that the map has.
///
/// Of a queue or stack only the next element can be seen, and of rings and Bloom filters nothing; the text says so.
#[derive(Clone, Debug)]
pub struct MapSnapshot {
    info: MapInfo,
    types: Option<MapTypes>,
    elements: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    note: Option<&'static str>,
}

impl PartialEq for MapSnapshot {
    /// Whether the elements are the same.
    fn eq(&self, other: &MapSnapshot) -> bool {
        self.elements == other.elements
    }
}

impl MapSnapshot {
    /// Of a map.
    ///
    /// # Errors
    /// As [`MapExt::pairs`].
    pub fn of(map: &dyn Map) -> Result<MapSnapshot, MapError> {
        let mut snapshot = MapSnapshot {
            info: map.info().clone(),
            types: map.info().types.clone(),
            elements: BTreeMap::new(),
            note: None,
        };
        snapshot.read(map)?;
        Ok(snapshot)
    }

    /// The same, shown by these types.
    #[must_use]
    pub fn with_types(self, types: Option<MapTypes>) -> MapSnapshot {
        MapSnapshot { types, ..self }
    }

    fn read(&mut self, map: &dyn Map) -> Result<(), MapError> {
        match map.info().map_type {
            MapType::QUEUE | MapType::STACK => {
                self.note = Some("only the next element can be seen");
                let mut value = vec![0; map.info().transfer_size()];
                if map.lookup_elem(&[], &mut value, LookupFlags::NONE)? {
                    self.elements.insert(Vec::new(), Some(value));
                }
                return Ok(());
            }
            map_type if map_type.is_keyless() => {
                self.note = Some("what it holds cannot be seen");
                return Ok(());
            }
            _ => {}
        }
        let elements = &mut self.elements;
        let walked = map.for_each_pair(|key, value| {
            elements.insert(key.to_vec(), Some(value.to_vec()));
        });
        match walked {
            Ok(_) => Ok(()),
            Err(error) if is_unreadable(&error) => self.read_keys(map),
            Err(error) => Err(error),
        }
    }

    /// For maps whose values user space cannot read.
    fn read_keys(&mut self, map: &dyn Map) -> Result<(), MapError> {
        self.elements.clear();
        self.note = Some("values cannot be read");
        for key in map.keys() {
            match key {
                Ok(key) => self.elements.insert(key, None),
                Err(error) if is_unreadable(&error) => {
                    self.note = Some("what it holds cannot be seen");
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
        }
        Ok(())
    }

    /// The map's name.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// The elements, by the bytes of their keys; values that cannot be read are `None`.
    pub fn elements(&self) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        &self.elements
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// What is different in `after`.
    pub fn diff(&self, after: &MapSnapshot) -> MapDiff {
        MapDiff::new(self, after)
    }

    /// Puts in the place of the values of all CPUs what they add up to.
    pub(super) fn total(&mut self) {
        if self.info.map_type.is_per_cpu() {
            for value in self.elements.values_mut().flatten() {
                *value = total(&self.info, value);
            }
        }
    }

    /// Leaves out the elements that are not to be kept.
    pub(super) fn keep(&mut self, right: impl Fn(&Vec<u8>, &[u8]) -> bool) {
        self.elements
            .retain(|key, value| right(key, value.as_deref().unwrap_or_default()));
    }

    /// A snapshot of the same map with other elements.
    pub(super) fn with_elements(
        &self,
        elements: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    ) -> MapSnapshot {
        MapSnapshot {
            elements,
            ..self.clone()
        }
    }

    /// A heading for messages: the map and its type.
    pub(super) fn title(&self) -> String {
        format!("map `{}` ({})", self.info.name, self.info.map_type)
    }

    /// A key as people read it.
    pub(super) fn key_text(&self, bytes: &[u8]) -> String {
        if self.info.map_type == MapType::LPM_TRIE
            && let Some(network) = network(bytes)
        {
            return network;
        }
        self.text(bytes, |types| types.key)
    }

    /// A value as people read it: of a per-CPU map one for each CPU.
    pub(super) fn value_text(&self, bytes: &[u8]) -> String {
        let size = self.info.value_size as usize;
        if !self.info.map_type.is_per_cpu() || bytes.len() == size {
            return self.text(bytes, |types| types.value);
        }
        let each = bytes
            .chunks(self.info.stride().max(1))
            .map(|value| self.text(value.get(..size).unwrap_or(value), |types| types.value));
        format!("[{}]", each.collect::<Vec<_>>().join(", "))
    }

    fn text(&self, bytes: &[u8], id: impl Fn(&MapTypes) -> TypeId) -> String {
        if let Some(types) = &self.types
            && id(types) != TypeId::VOID
            && let Ok(value) = types.btf.value(id(types), bytes)
        {
            return value.to_string();
        }
        match (bytes.len(), flexible_uint(bytes)) {
            (1 | 2 | 4 | 8, Ok(number)) => number.to_string(),
            _ => {
                let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                pairs.join(" ")
            }
        }
    }
}

/// Whether such maps have no values, or no keys, for user space to read.
fn is_unreadable(error: &MapError) -> bool {
    let unreadable = [Errno::ENOTSUPP, Errno::EOPNOTSUPP, Errno::ENOSPC];
    matches!(error, MapError::Unsupported { .. })
        || error
            .errno()
            .is_some_and(|errno| unreadable.contains(&errno))
}

/// A key of a trie of addresses.
fn network(key: &[u8]) -> Option<String> {
    let (length, data) = key.split_first_chunk::<4>()?;
    let length = u32::from_ne_bytes(*length);
    if let Ok(address) = <[u8; 4]>::try_from(data) {
        return Some(format!("{}/{length}", Ipv4Addr::from(address)));
    }
    let address = <[u8; 16]>::try_from(data).ok()?;
    Some(format!("{}/{length}", Ipv6Addr::from(address)))
}

/// In which order keys are shown: numbers by their value.
pub(super) fn order(key: &[u8]) -> (Option<u64>, &[u8]) {
    let number = matches!(key.len(), 1 | 2 | 4 | 8).then(|| flexible_uint(key).ok());
    (number.flatten(), key)
}

impl fmt::Display for MapSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title())?;
        let mut elements: Vec<_> = self.elements.iter().collect();
        elements.sort_by_key(|(key, _)| order(key));
        let mut table = Table::new(["key", "value"]);
        for (key, value) in elements {
            let value = value.as_ref().map(|value| self.value_text(value));
            table.row([self.key_text(key), value.unwrap_or_default()]);
        }
        if !self.elements.is_empty() {
            table.fmt(f)?;
        }
        match self.note {
            Some(note) => writeln!(f, "  {note}"),
            None if self.elements.is_empty() => writeln!(f, "  no elements"),
            None => Ok(()),
        }
    }
}

/// What the maps of a system held at one moment, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemSnapshot {
    /// By their ids: names need not be unique.
    maps: BTreeMap<u32, MapSnapshot>,
}

impl SystemSnapshot {
    /// Of all maps that exist in a system, whoever made them.
    ///
    /// # Errors
    /// Those of the walk over the maps, and of reading one.
    pub fn of(system: &dyn System) -> Result<SystemSnapshot, SystemError> {
        let maps: Result<Vec<Arc<dyn Map>>, SystemError> = system.all_maps().collect();
        SystemSnapshot::of_maps(system, maps?.iter().map(|map| &**map))
    }

    /// Of these maps of a system.
    ///
    /// # Errors
    /// Those of reading one.
    pub fn of_maps<'m>(
        system: &dyn System,
        maps: impl IntoIterator<Item = &'m dyn Map>,
    ) -> Result<SystemSnapshot, SystemError> {
        let mut snapshots = BTreeMap::new();
        for map in maps {
            let types = system.map_types(map)?;
            let snapshot = MapSnapshot::of(map)?.with_types(types);
            snapshots.insert(map.info().id.0, snapshot);
        }
        Ok(SystemSnapshot { maps: snapshots })
    }

    /// The maps, by their ids.
    pub fn maps(&self) -> &BTreeMap<u32, MapSnapshot> {
        &self.maps
    }

    /// The first map of this name, as the system keeps names: 15 bytes.
    pub fn map(&self, name: &str) -> Option<&MapSnapshot> {
        self.maps.values().find(|map| map.name() == name)
    }

    /// What is different in `after`.
    pub fn diff(&self, after: &SystemSnapshot) -> SystemDiff {
        SystemDiff::new(self, after)
    }
}

impl fmt::Display for SystemSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.maps.values().try_for_each(|map| map.fmt(f))
    }
}
