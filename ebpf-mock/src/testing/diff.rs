//! What changed between two snapshots.

use std::collections::BTreeSet;
use std::fmt;

use super::snapshot::{MapSnapshot, SystemSnapshot, order};
use crate::table::Table;

/// An element that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The bytes of its key.
    pub key: Vec<u8>,
    /// Its value before; `None` for one that was added.
    pub before: Option<Vec<u8>>,
    /// Its value after; `None` for one that was removed.
    pub after: Option<Vec<u8>>,
}

/// What changed in a map. As text it is a table: `+` for what was added, `-` for what was removed, `~` for what has another
/// value.
#[derive(Clone, Debug)]
pub struct MapDiff {
    title: String,
    changes: Vec<Change>,
    rows: Vec<[String; 4]>,
}

impl MapDiff {
    pub(super) fn new(before: &MapSnapshot, after: &MapSnapshot) -> MapDiff {
        let keys = before.elements().keys().chain(after.elements().keys());
        let mut keys: Vec<&Vec<u8>> = keys.collect::<BTreeSet<_>>().into_iter().collect();
        keys.sort_by_key(|key| order(key));
        let mut diff = MapDiff {
            title: after.title(),
            changes: Vec::new(),
            rows: Vec::new(),
        };
        for key in keys {
            let values = (before.elements().get(key), after.elements().get(key));
            let sign = match values {
                (None, _) => "+",
                (_, None) => "-",
                (one, other) if one != other => "~",
                _ => continue,
            };
            let (was, is) = (values.0.cloned().flatten(), values.1.cloned().flatten());
            let text = |snapshot: &MapSnapshot, value: &Option<Vec<u8>>| {
                let value = value.as_ref();
                value.map_or(String::new(), |value| snapshot.value_text(value))
            };
            diff.rows.push([
                sign.to_owned(),
                after.key_text(key),
                text(before, &was),
                text(after, &is),
            ]);
            diff.changes.push(Change {
                key: key.clone(),
                before: was,
                after: is,
            });
        }
        diff
    }

    /// Every element that is different, by its key.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The key, the value before and the value after of every element that is different, as the table shows them; empty
    /// for what is not there.
    pub fn texts(&self) -> impl Iterator<Item = [&str; 3]> {
        self.rows
            .iter()
            .map(|[_, key, before, after]| [key.as_str(), before, after])
    }

    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Demands that nothing is different.
    ///
    /// # Panics
    /// With the table where something is.
    #[track_caller]
    pub fn assert_empty(&self) {
        assert!(self.is_empty(), "the map changed\n{self}");
    }

    /// The table, under headings of one's own for what was before and what is after.
    pub(super) fn table(&self, before: &str, after: &str) -> String {
        let mut table = Table::new(["", "key", before, after]);
        for row in &self.rows {
            table.row(row.clone());
        }
        table.to_string()
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }
}

impl fmt::Display for MapDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        match self.is_empty() {
            true => writeln!(f, "  nothing changed"),
            false => f.write_str(&self.table("before", "after")),
        }
    }
}

/// What changed in the maps of a system. As text it is a list of maps, each with the table of its elements.
#[derive(Clone, Debug)]
pub struct SystemDiff {
    added: Vec<MapSnapshot>,
    removed: Vec<MapSnapshot>,
    changed: Vec<MapDiff>,
}

impl SystemDiff {
    pub(super) fn new(before: &SystemSnapshot, after: &SystemSnapshot) -> SystemDiff {
        let only = |these: &SystemSnapshot, those: &SystemSnapshot| {
            let maps = these.maps().iter();
            maps.filter(|(id, _)| !those.maps().contains_key(id))
                .map(|(_, map)| map.clone())
                .collect()
        };
        let both = before.maps().iter();
        let both = both.filter_map(|(id, map)| Some(map.diff(after.maps().get(id)?)));
        SystemDiff {
            added: only(after, before),
            removed: only(before, after),
            changed: both.filter(|diff| !diff.is_empty()).collect(),
        }
    }

    /// Maps that are new.
    pub fn added(&self) -> &[MapSnapshot] {
        &self.added
    }

    /// Maps that are gone, with what they held.
    pub fn removed(&self) -> &[MapSnapshot] {
        &self.removed
    }

    /// Maps that hold something else than before.
    pub fn changed(&self) -> &[MapDiff] {
        &self.changed
    }

    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl fmt::Display for SystemDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing changed\n");
        }
        self.added
            .iter()
            .try_for_each(|map| write!(f, "new: {map}"))?;
        self.removed
            .iter()
            .try_for_each(|map| write!(f, "gone: {map}"))?;
        self.changed.iter().try_for_each(|diff| diff.fmt(f))
    }
}
