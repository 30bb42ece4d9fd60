//! What instances of programs touch of what they share, and which of it more than one of them touches.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ebpf_core::map::MapId;

use crate::map::MapObject;

/// An access to something that others may reach too.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// The map; `None` for all that the simulated world has besides.
    map: Option<(MapId, Arc<str>)>,
    place: Place,
    write: bool,
}

/// Which part of a map an access goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Which elements there are. Writing it may write any value.
    Elements,
    /// Which elements there are, and all values, to read.
    All,
    /// The words of values from one to another, by their places among all values.
    Words(u64, u64),
}

impl Access {
    /// An access to bytes of a map's values. `at` counts from the place of the first value.
    pub(crate) fn bytes(map: &MapObject, at: u64, length: usize, write: bool) -> Access {
        let last = at.saturating_add((length as u64).saturating_sub(1));
        Access {
            map: Some((map.info.id, map.info.name.clone())),
            place: Place::Words(at / 8, last / 8),
            write,
        }
    }

    /// An access to a map as a whole.
    pub(crate) fn elements(map: &MapObject, write: bool) -> Access {
        Access {
            map: Some((map.info.id, map.info.name.clone())),
            place: Place::Elements,
            write,
        }
    }

    /// A look at anything in a map.
    pub(crate) fn all(map: &MapObject) -> Access {
        Access {
            place: Place::All,
            ..Access::elements(map, false)
        }
    }

    /// The map's name.
    pub(super) fn map_name(&self) -> Option<&str> {
        self.map.as_ref().map(|map| &*map.1)
    }

    /// A change of something that is no map: what a helper does to the machine.
    pub(crate) fn world() -> Access {
        Access {
            map: None,
            place: Place::Elements,
            write: true,
        }
    }
}

/// What is done, as a part of a sentence.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((_, map)) = &self.map else {
            return f.write_str("calls");
        };
        let verb = if self.write { "writes" } else { "reads" };
        write!(f, "{verb} `{map}`")
    }
}

/// Which instances, a bit each.
pub(super) type Instances = u64;

/// The most instances that there are bits for.
pub(super) const MOST: usize = Instances::BITS as usize;

/// Who touched what, in all schedules so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched(BTreeMap<Option<MapId>, OfMap>);

#[derive(Clone, Debug, Default)]
struct OfMap {
    elements: Who,
    any_word: Who,
    /// Those that read all words.
    all: Who,
    words: BTreeMap<u64, Who>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Who {
    readers: Instances,
    writers: Instances,
}

impl Who {
    fn add(&mut self, instance: usize, write: bool) -> bool {
        let bits = if write {
            &mut self.writers
        } else {
            &mut self.readers
        };
        let before = *bits;
        *bits |= 1 << instance;
        *bits != before
    }

    /// Those whose accesses do not commute with one of this kind.
    fn against(self, write: bool) -> Instances {
        if write {
            self.readers | self.writers
        } else {
            self.writers
        }
    }
}

impl Touched {
    /// Notes an access; true if it is the first of its kind.
    pub(super) fn add(&mut self, instance: usize, access: &Access) -> bool {
        let map = self
            .0
            .entry(access.map.as_ref().map(|map| map.0))
            .or_default();
        match access.place {
            Place::Elements => map.elements.add(instance, access.write),
            Place::All => {
                let new = map.elements.add(instance, false) | map.all.add(instance, false);
                map.any_word.add(instance, false) | new
            }
            Place::Words(first, last) => {
                let mut new = map.any_word.add(instance, access.write);
                for word in first..=last {
                    new |= map
                        .words
                        .entry(word)
                        .or_default()
                        .add(instance, access.write);
                }
                new
            }
        }
    }

    /// Whether an access and one of another instance come out differently in another order.
    pub(super) fn is_contended(&self, instance: usize, access: &Access) -> bool {
        let Some(map) = self.0.get(&access.map.as_ref().map(|map| map.0)) else {
            return false;
        };
        let against = match access.place {
            Place::Elements if access.write => {
                map.elements.against(true) | map.any_word.against(true)
            }
            Place::Elements => map.elements.against(false),
            Place::All => map.elements.writers | map.any_word.writers,
            Place::Words(first, last) => {
                let words = map.words.range(first..=last);
                let direct = words.fold(0, |all, (_, who)| all | who.against(access.write));
                direct | map.elements.writers | map.all.against(access.write)
            }
        };
        against & !(1 << instance) != 0
    }
}
