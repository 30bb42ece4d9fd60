//! Compares Rust types with the types (BTF) that an object gives its maps.

use std::fmt;
use std::sync::Arc;

use super::{MapError, MapInfo, Plain};
use crate::btf::{Btf, BtfType, Field, Kind, TypeId};

/// Where the fields of a struct lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layout {
    /// The struct's name in Rust.
    pub name: &'static str,
    /// Bytes.
    pub size: usize,
    /// Its fields, in order.
    pub fields: &'static [FieldLayout],
}

/// Where a field lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldLayout {
    /// The field's name in Rust.
    pub name: &'static str,
    /// Bytes from the start of the struct.
    pub offset: usize,
    /// Bytes.
    pub size: usize,
}

impl FieldLayout {
    /// The name in C: without what Rust needs to use a keyword.
    fn c_names(&self) -> [&'static str; 2] {
        let name = self.name.strip_prefix("r#").unwrap_or(self.name);
        [name, name.strip_suffix('_').unwrap_or(name)]
    }
}

/// A Rust type that does not lie in memory as a map's keys or values do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("map `{map}`: {what} `{rust}` (Rust) {problem}")]
#[non_exhaustive]
pub struct LayoutError {
    /// The map's name.
    pub map: Arc<str>,
    /// "key", "value".
    pub what: &'static str,
    /// The Rust type, without its path.
    pub rust: &'static str,
    /// What is different.
    pub problem: LayoutProblem,
}

/// A difference between a Rust type and a map's keys or values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutProblem {
    /// The sizes differ.
    #[error("has {got} bytes, the map wants {expected}")]
    Size {
        /// Bytes that the map wants.
        expected: usize,
        /// Bytes of the Rust type.
        got: usize,
    },
    /// A field lies elsewhere.
    #[error("has field `{field}` at {got}, {btf} (BTF) has it at {expected}")]
    Offset {
        /// The field.
        field: &'static str,
        /// The type in the object.
        btf: String,
        /// Bytes from the start, in the object.
        expected: usize,
        /// Bytes from the start, in Rust.
        got: usize,
    },
    /// A field has another size.
    #[error("has {got} bytes for field `{field}`, {btf} (BTF) has {expected}")]
    FieldSize {
        /// The field.
        field: &'static str,
        /// The type in the object.
        btf: String,
        /// Bytes in the object.
        expected: usize,
        /// Bytes in Rust.
        got: usize,
    },
    /// The type of the object has no such field.
    #[error("has a field `{field}`, {btf} (BTF) has none of that name, but {}", list(.have))]
    NoField {
        /// The field.
        field: &'static str,
        /// The type in the object.
        btf: String,
        /// The fields that it has.
        have: Vec<String>,
    },
}

fn list(names: &[String]) -> String {
    match names {
        [] => "no fields at all".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// Refuses `T` as the key of the map.
pub(super) fn check_key<T: Plain>(info: &MapInfo) -> Result<(), MapError> {
    let id = info.types.as_ref().map_or(TypeId::VOID, |types| types.key);
    check::<T>(info, "key", info.key_size as usize, id)
}

/// Refuses `T` as the value of the map, of one CPU.
pub(super) fn check_value<T: Plain>(info: &MapInfo) -> Result<(), MapError> {
    let id = info
        .types
        .as_ref()
        .map_or(TypeId::VOID, |types| types.value);
    check::<T>(info, "value", info.value_size as usize, id)
}

/// Refuses `T` as something of `expected` bytes and of the type `id` that lies in the map.
pub(crate) fn check<T: Plain>(
    info: &MapInfo,
    what: &'static str,
    expected: usize,
    id: TypeId,
) -> Result<(), MapError> {
    let got = size_of::<T>();
    let by_type = || {
        let (layout, types) = (T::LAYOUT?, info.types.as_ref()?);
        compare_fields(layout, &types.btf, id)
    };
    let problem = if got == expected {
        by_type()
    } else {
        Some(LayoutProblem::Size { expected, got })
    };
    problem.map_or(Ok(()), |problem| {
        let rust = T::LAYOUT.map_or_else(short_name::<T>, |layout| layout.name);
        let error = LayoutError {
            map: info.name.clone(),
            what,
            rust,
            problem,
        };
        Err(MapError::Layout(Box::new(error)))
    })
}

/// The first difference between a Rust struct and a struct of the object. Any other type of the object has no fields
/// to compare, and the size was compared already.
fn compare_fields(layout: &Layout, btf: &Btf, id: TypeId) -> Option<LayoutProblem> {
    let found = btf
        .resolve(id)
        .ok()
        .filter(|found| found.as_composite().is_some())?;
    let fields = btf.fields(id).ok()?;
    layout
        .fields
        .iter()
        .find_map(|field| compare_field(field, found, &fields))
}

fn compare_field(
    field: &FieldLayout,
    found: BtfType<'_>,
    fields: &[Field<'_>],
) -> Option<LayoutProblem> {
    let by_name = |name: &str| fields.iter().find(|other| other.name == name);
    let btf = || Described(found).to_string();
    let Some(other) = field.c_names().into_iter().find_map(by_name) else {
        let have = || fields.iter().map(|field| field.name.to_owned()).collect();
        let invented = field.name.starts_with('_');
        return (!invented).then(|| LayoutProblem::NoField {
            field: field.name,
            btf: btf(),
            have: have(),
        });
    };
    if other.offset as usize != field.offset {
        let (expected, got) = (other.offset as usize, field.offset);
        return Some(LayoutProblem::Offset {
            field: field.name,
            btf: btf(),
            expected,
            got,
        });
    }
    if other.size as usize != field.size {
        let (expected, got) = (other.size as usize, field.size);
        return Some(LayoutProblem::FieldSize {
            field: field.name,
            btf: btf(),
            expected,
            got,
        });
    }
    None
}

/// A struct or union as C names it.
struct Described<'a>(BtfType<'a>);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.0.kind() == Kind::UNION {
            "union"
        } else {
            "struct"
        };
        match self.0.name() {
            "" => write!(f, "the {kind} without a name"),
            name => write!(f, "`{kind} {name}`"),
        }
    }
}

/// The name of a type without the paths in front of it.
fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let path = name
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
        .next()
        .unwrap_or(name);
    name.get(path.rfind("::").map_or(0, |at| at + 2)..)
        .unwrap_or(name)
}
