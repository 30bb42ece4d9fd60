//! The maps of an object: what specs leave open is filled in, shared maps are opened or created, contents are written.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Difference, LoadError, LoadNote, LoadOptions};
use crate::Errno;
use crate::map::{
    InitialEntry, InitialValue, KeyRule, Map, MapError, MapFlags, MapInfo, MapSpec, MapType,
    Pinning, UpdateFlags, ValueRule,
};
use crate::system::{Pinned, System};

/// A map of the object that exists.
pub(super) struct Made<'o> {
    pub(super) name: Arc<str>,
    pub(super) spec: Cow<'o, MapSpec>,
    pub(super) map: Arc<dyn Map>,
    /// Whether it was there before: pinned, or given by the options.
    pub(super) reused: bool,
}

impl Made<'_> {
    /// Gives the first element these bytes to start with.
    pub(super) fn set_bytes(&mut self, bytes: Vec<u8>) {
        let key = vec![0; self.spec.key_size as usize];
        self.spec.to_mut().contents = vec![InitialEntry {
            key,
            value: InitialValue::Bytes(bytes.into()),
        }];
    }
}

/// Creates maps, and takes back the pins that it made unless the load comes to a good end.
pub(super) struct Maker<'s, S: System + ?Sized> {
    system: &'s S,
    options: &'s LoadOptions,
    pins: Vec<PathBuf>,
    pub(super) notes: Vec<LoadNote>,
}

impl<S: System + ?Sized> Drop for Maker<'_, S> {
    fn drop(&mut self) {
        for path in &self.pins {
            // The load has failed already; that is the error to tell.
            let _ = self.system.unpin(path);
        }
    }
}

impl<'s, S: System + ?Sized> Maker<'s, S> {
    pub(super) fn new(system: &'s S, options: &'s LoadOptions) -> Maker<'s, S> {
        Maker {
            system,
            options,
            pins: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The pins that were made, which now stay.
    pub(super) fn keep(mut self) -> (Vec<PathBuf>, Vec<LoadNote>) {
        (
            std::mem::take(&mut self.pins),
            std::mem::take(&mut self.notes),
        )
    }

    /// The map of this spec: the one that the options give, the one that is pinned, or a new one.
    pub(super) fn make<'o>(&mut self, spec: &'o MapSpec) -> Result<Made<'o>, LoadError> {
        let name: Arc<str> = spec.name.as_str().into();
        let spec = self.complete(spec)?;
        if let Some(map) = self.options.replacements.get(&*name) {
            map.handle()
                .raw_in(self.system.id())
                .map_err(|source| MapError::Foreign {
                    map: name.clone(),
                    source,
                })?;
            check_fits(&name, &spec, map.info(), None)?;
            return Ok(Made {
                name,
                spec,
                map: map.clone(),
                reused: true,
            });
        }
        let (map, reused) = match self.pin_path(&spec) {
            None => (self.system.create_map(&spec, None)?, false),
            Some(path) => self.open_or_create(&name, &spec, &path)?,
        };
        Ok(Made {
            name,
            spec,
            map,
            reused,
        })
    }

    fn pin_path(&self, spec: &MapSpec) -> Option<PathBuf> {
        match &spec.pinning {
            Pinning::None => None,
            // A bpffs refuses dots in names.
            Pinning::ByName => Some(self.options.pin_root.join(spec.name.replace('.', "_"))),
            Pinning::Path(path) => Some(path.clone()),
        }
    }

    fn open_or_create(
        &mut self,
        name: &Arc<str>,
        spec: &MapSpec,
        path: &Path,
    ) -> Result<(Arc<dyn Map>, bool), LoadError> {
        if let Some(map) = self.open(name, spec, path)? {
            return Ok((map, true));
        }
        let map = self.system.create_map(spec, None)?;
        match map.pin(path) {
            Ok(()) => {
                self.pins.push(path.to_owned());
                Ok((map, false))
            }
            // Another process was quicker: its map is the shared one.
            Err(error) if error.errno() == Some(Errno::EEXIST) => {
                match self.open(name, spec, path)? {
                    Some(map) => Ok((map, true)),
                    None => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The map that is pinned at `path`, `None` if nothing is.
    fn open(
        &self,
        name: &Arc<str>,
        spec: &MapSpec,
        path: &Path,
    ) -> Result<Option<Arc<dyn Map>>, LoadError> {
        match self.system.open_pinned(path) {
            Ok(Pinned::Map(map)) => {
                check_fits(name, spec, map.info(), Some(path))?;
                Ok(Some(map))
            }
            Ok(other) => Err(LoadError::PinnedKind {
                map: name.clone(),
                path: path.into(),
                found: other.kind(),
            }),
            Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The spec with what its type and the machine decide.
    fn complete<'o>(&mut self, spec: &'o MapSpec) -> Result<Cow<'o, MapSpec>, LoadError> {
        let mut spec = Cow::Borrowed(spec);
        if let Some(max_entries) = self.options.max_entries.get(&spec.name) {
            spec.to_mut().max_entries = *max_entries;
        }
        self.complete_sizes(&mut spec);
        if spec.map_type == MapType::PERF_EVENT_ARRAY && spec.max_entries == 0 {
            let cpus = self.system.cpus()?.possible.slots();
            spec.to_mut().max_entries = cpus;
            self.notes.push(LoadNote::EntriesFromCpus {
                map: spec.name.as_str().into(),
                cpus,
            });
        }
        if let MapType::RINGBUF | MapType::USER_RINGBUF = spec.map_type {
            let asked = spec.max_entries;
            let bytes = asked
                .max(self.system.facts().page_size())
                .checked_next_power_of_two();
            if let Some(bytes) = bytes.filter(|bytes| asked != 0 && *bytes != asked) {
                spec.to_mut().max_entries = bytes;
                self.notes.push(LoadNote::RingRounded {
                    map: spec.name.as_str().into(),
                    asked,
                    bytes,
                });
            }
        }
        if spec.map_type == MapType::LPM_TRIE && !spec.flags.contains(MapFlags::NO_PREALLOC) {
            spec.to_mut().flags |= MapFlags::NO_PREALLOC;
        }
        if let Some(inner) = &spec.inner
            && let Cow::Owned(inner) = self.complete(&inner.clone())?
        {
            spec.to_mut().inner = Some(Box::new(inner));
        }
        Ok(spec)
    }

    /// Sets the sizes that a map type leaves no choice of: objects need not, and older ones do not, say them rightly.
    fn complete_sizes(&mut self, spec: &mut Cow<'_, MapSpec>) {
        let Some(row) = spec.map_type.row() else {
            return;
        };
        let key = match row.key {
            KeyRule::None => 0,
            KeyRule::U32 if spec.key_size == 0 => 4,
            _ => spec.key_size,
        };
        let value = match row.value {
            ValueRule::None => 0,
            ValueRule::U32 => 4,
            ValueRule::U32OrWider if spec.value_size == 0 => 4,
            _ => spec.value_size,
        };
        for (what, has, wants) in [
            ("key", spec.key_size, key),
            ("value", spec.value_size, value),
        ] {
            if has != wants && has != 0 {
                self.notes.push(LoadNote::SizeSet {
                    map: spec.name.as_str().into(),
                    what,
                    asked: has,
                    bytes: wants,
                });
            }
        }
        if (key, value) != (spec.key_size, spec.value_size) {
            let spec = spec.to_mut();
            (spec.key_size, spec.value_size) = (key, value);
            // The types describe other sizes than the map now has.
            spec.types = None;
        }
    }
}

/// Writes what the map starts with, as far as no program is needed for it, and freezes it if it is to be.
///
/// A map that was there before keeps its bytes; references to maps of this object are written all the same.
pub(super) fn fill(
    made: &Made<'_>,
    maps: &[Made<'_>],
    system: &(impl System + ?Sized),
) -> Result<(), LoadError> {
    if made.spec.map_type == MapType::STRUCT_OPS {
        // Writing its element registers it, which is attaching.
        return Ok(());
    }
    for InitialEntry { key, value } in &made.spec.contents {
        match value {
            InitialValue::Bytes(_) if made.reused => {}
            InitialValue::Bytes(bytes) => made.map.update_elem(key, bytes, UpdateFlags::ANY)?,
            InitialValue::Map(name) => {
                let inner = find(maps, name)?;
                let raw = inner.map.handle().raw_in(system.id());
                let raw = raw.map_err(|source| MapError::Foreign {
                    map: name.clone(),
                    source,
                })?;
                made.map
                    .update_elem(key, &raw.to_ne_bytes(), UpdateFlags::ANY)?;
            }
            InitialValue::Program(_) => {}
        }
    }
    if made.spec.freeze && !made.reused {
        made.map.freeze()?;
    }
    Ok(())
}

/// The map of this name.
pub(super) fn find<'m, 'o>(maps: &'m [Made<'o>], name: &str) -> Result<&'m Made<'o>, LoadError> {
    let found = maps.iter().find(|made| &*made.name == name);
    found.ok_or_else(|| LoadError::not_found("map", name, maps.iter().map(|made| &*made.name)))
}

fn check_fits(
    name: &Arc<str>,
    spec: &MapSpec,
    info: &MapInfo,
    path: Option<&Path>,
) -> Result<(), LoadError> {
    let differences = differences(spec, info);
    if differences.is_empty() {
        return Ok(());
    }
    Err(LoadError::Incompatible {
        map: name.clone(),
        path: path.map(Arc::from),
        differences: differences.into(),
    })
}

/// In what a map that exists differs from the spec.
fn differences(spec: &MapSpec, info: &MapInfo) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |field, has: String, wants: String| {
        if has != wants {
            differences.push(Difference {
                field,
                has: has.into(),
                wants: wants.into(),
            });
        }
    };
    compare(
        "map_type",
        info.map_type.to_string(),
        spec.map_type.to_string(),
    );
    compare(
        "key_size",
        info.key_size.to_string(),
        spec.key_size.to_string(),
    );
    if spec.map_type != MapType::STRUCT_OPS {
        // The kernel's own structure decides, whatever the object thinks of its size.
        compare(
            "value_size",
            info.value_size.to_string(),
            spec.value_size.to_string(),
        );
    }
    compare(
        "max_entries",
        info.max_entries.to_string(),
        spec.max_entries.to_string(),
    );
    let numa = if spec.numa_node.is_some() {
        MapFlags::NUMA_NODE
    } else {
        MapFlags::NONE
    };
    let own = |flags: MapFlags| flags.without(not_compared(spec.map_type));
    compare(
        "flags",
        own(info.flags).to_string(),
        own(spec.flags | numa).to_string(),
    );
    compare(
        "map_extra",
        info.map_extra.to_string(),
        spec.map_extra.to_string(),
    );
    differences
}

/// Flags that belong to a descriptor and not to the map, or that the kernel adds by itself (`dev_map_alloc()`).
fn not_compared(map_type: MapType) -> MapFlags {
    let of_descriptors =
        MapFlags::RDONLY | MapFlags::WRONLY | MapFlags::TOKEN_FD | MapFlags::VTYPE_BTF_OBJ_FD;
    match map_type {
        MapType::DEVMAP | MapType::DEVMAP_HASH => of_descriptors | MapFlags::RDONLY_PROG,
        _ => of_descriptors,
    }
}
