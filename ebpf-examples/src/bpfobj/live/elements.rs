//! What a map holds: its elements, read by the types that the map has.

use std::fmt::{self, Display, Formatter};

use ebpf_core::btf::{Btf, TypeId};
use ebpf_core::map::{KeyRule, Map, MapError, MapExt, MapTypes};
use ebpf_core::system::SystemError;
use ebpf_core::{Errno, System, SystemExt};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Which, json, map};

/// The elements of a map.
#[derive(Clone, Debug, Serialize)]
pub struct Elements {
    /// The map's id.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The elements, in the order of the walk.
    pub elements: Vec<Element>,
    /// Why values are missing, where they cannot be read.
    pub unreadable: Option<String>,
}

/// An element of a map.
#[derive(Clone, Debug, Serialize)]
pub struct Element {
    /// Its key.
    pub key: Reading,
    /// Its value; of a per-CPU map those of all CPUs, in order of their numbers. None where they cannot be read.
    pub values: Vec<Reading>,
}

/// Bytes, with what they mean.
#[derive(Clone, Debug)]
pub struct Reading {
    /// As text.
    pub text: String,
    /// As JSON.
    pub json: Value,
}

impl Serialize for Reading {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl Reading {
    fn number(number: u32) -> Reading {
        Reading {
            text: number.to_string(),
            json: json!(number),
        }
    }

    fn bytes(bytes: &[u8]) -> Reading {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Reading {
            text: pairs.join(" "),
            json: json!(pairs),
        }
    }

    /// `bytes` as a value of this type; as bytes where the type is `void` or broken.
    fn typed(btf: &Btf, id: TypeId, bytes: &[u8]) -> Reading {
        match btf.value(id, bytes) {
            Ok(value) if id != TypeId::VOID => Reading {
                text: value.to_string(),
                json: json::value(&value),
            },
            _ => Reading::bytes(bytes),
        }
    }
}

/// Reads what a map holds, and changes nothing.
///
/// # Errors
/// That of the first question that the system refused. A map without keys cannot be read so: its elements come out when
/// they are taken.
pub fn elements(system: &dyn System, which: &Which) -> Result<Elements, SystemError> {
    let map = map(system, which)?;
    let info = map.info();
    if info.map_type.is_keyless() {
        let (map, map_type) = (info.name.clone(), info.map_type);
        return Err(SystemError::Map(MapError::Unsupported {
            op: "walk",
            map,
            map_type,
        }));
    }
    let reader = Reader {
        types: system.map_types(&*map)?,
        map: &*map,
    };
    let mut elements = Vec::new();
    let walked = map.for_each_pair(|key, value| {
        elements.push(Element {
            key: reader.key(key),
            values: reader.values(value),
        });
    });
    let unreadable = match walked {
        Ok(_) => None,
        Err(error) if is_unreadable(&error) => {
            elements.clear();
            for key in map.keys() {
                elements.push(Element {
                    key: reader.key(&key?),
                    values: Vec::new(),
                });
            }
            Some(error.to_string())
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Elements {
        id: info.id.0,
        name: info.name.to_string(),
        elements,
        unreadable,
    })
}

/// Whether user space cannot read the values of such maps, though their keys are there.
fn is_unreadable(error: &MapError) -> bool {
    let unknown = [Errno::ENOTSUPP, Errno::EOPNOTSUPP, Errno::ENOSPC];
    matches!(error, MapError::Unsupported { .. })
        || error.errno().is_some_and(|errno| unknown.contains(&errno))
}

struct Reader<'m> {
    map: &'m dyn Map,
    types: Option<MapTypes>,
}

impl Reader<'_> {
    fn key(&self, bytes: &[u8]) -> Reading {
        let is_index = self
            .map
            .info()
            .map_type
            .row()
            .is_some_and(|row| row.key == KeyRule::U32);
        match (&self.types, <[u8; 4]>::try_from(bytes)) {
            (Some(types), _) if types.key != TypeId::VOID => {
                Reading::typed(&types.btf, types.key, bytes)
            }
            (_, Ok(index)) if is_index => Reading::number(u32::from_ne_bytes(index)),
            _ => Reading::bytes(bytes),
        }
    }

    fn values(&self, bytes: &[u8]) -> Vec<Reading> {
        let info = self.map.info();
        let holds_ids = info.map_type.row().is_some_and(|row| row.holds.is_some());
        let size = info.value_size as usize;
        let one = |bytes: &[u8]| {
            let bytes = bytes.get(..size).unwrap_or(bytes);
            match (&self.types, <[u8; 4]>::try_from(bytes)) {
                (_, Ok(id)) if holds_ids => Reading::number(u32::from_ne_bytes(id)),
                (Some(types), _) => Reading::typed(&types.btf, types.value, bytes),
                _ => Reading::bytes(bytes),
            }
        };
        bytes.chunks(info.stride().max(1)).map(one).collect()
    }
}

impl Display for Elements {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Element { key, values } in &self.elements {
            match &values[..] {
                [] => writeln!(f, "{}", key.text)?,
                [value] => writeln!(f, "{}: {}", key.text, value.text)?,
                values => {
                    writeln!(f, "{}:", key.text)?;
                    for (cpu, value) in values.iter().enumerate() {
                        writeln!(f, "  CPU {cpu}: {}", value.text)?;
                    }
                }
            }
        }
        if let Some(why) = &self.unreadable {
            writeln!(f, "note: only keys: {why}")?;
        }
        let plural = if self.elements.len() == 1 { "" } else { "s" };
        writeln!(f, "{} element{plural}", self.elements.len())
    }
}
