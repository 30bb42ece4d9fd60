//! What types and enumerators are called in C, where no two may have one name.

use std::collections::HashMap;

use super::super::{Btf, Int, IntEncoding, Kind, Type, TypeId};

pub(super) struct Names {
    /// Of structures, unions and enumerations, by number; empty for other types and for those without a name.
    tags: Vec<String>,
    /// Of typedefs.
    typedefs: Vec<String>,
    /// How many typedefs and enumerators have a name already: these share one space.
    used: HashMap<String, u32>,
}

impl Names {
    pub(super) fn of(btf: &Btf) -> Self {
        let count = btf.type_count() as usize;
        let mut names = Self {
            tags: vec![String::new(); count],
            typedefs: vec![String::new(); count],
            // Clang has one of its own, which for BPF is another than the kernel's.
            used: HashMap::from([("__builtin_va_list".to_owned(), 1)]),
        };
        let mut used = HashMap::new();
        let mut first = HashMap::new();
        let mut forward = Vec::new();
        for (at, ty) in (0..).zip((0..btf.type_count()).map(|id| btf.by_id(TypeId(id)))) {
            let Some(ty) = ty.filter(|ty| !ty.name().is_empty()) else {
                continue;
            };
            let name = identifier(ty.name());
            match ty.get() {
                Type::Struct(_) | Type::Union(_) | Type::Enum(_) => {
                    let tag = unique(&mut used, &name);
                    first
                        .entry((name, ty.kind()))
                        .or_insert_with(|| tag.clone());
                    set(&mut names.tags, at, tag);
                }
                Type::Fwd(_) => {
                    let union = ty.kind_flag();
                    let kind = if union { Kind::UNION } else { Kind::STRUCT };
                    forward.push((at, name, kind));
                }
                Type::Typedef(_) => {
                    let name = unique(&mut names.used, &name);
                    set(&mut names.typedefs, at, name);
                }
                _ => {}
            }
        }
        // What is only declared is the first that is defined.
        for (at, name, kind) in forward {
            let tag = first
                .entry((name.clone(), kind))
                .or_insert_with(|| unique(&mut used, &name));
            set(&mut names.tags, at, tag.clone());
        }
        names
    }

    pub(super) fn tag(&self, id: TypeId) -> &str {
        self.tags.get(id.0 as usize).map_or("", String::as_str)
    }

    pub(super) fn typedef(&self, id: TypeId) -> &str {
        self.typedefs.get(id.0 as usize).map_or("", String::as_str)
    }

    /// A name for an enumerator that is about to be written.
    pub(super) fn enumerator(&mut self, name: &str) -> String {
        unique(&mut self.used, &identifier(name))
    }
}

fn set(names: &mut [String], at: usize, name: String) {
    if let Some(place) = names.get_mut(at) {
        *place = name;
    }
}

fn unique(used: &mut HashMap<String, u32>, name: &str) -> String {
    let count = used.entry(name.to_owned()).or_default();
    *count += 1;
    match *count {
        1 => name.to_owned(),
        count => unique(used, &format!("{name}___{count}")),
    }
}

/// The name as C can write it.
pub(super) fn identifier(name: &str) -> String {
    let mut name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

/// An integer by its own name, or by one of the same size where C for BPF has it not.
pub(super) fn integer(name: &str, int: Int) -> String {
    let mut size = 4;
    let mut known = !name.is_empty();
    for word in name.split(' ') {
        match word {
            "char" | "_Bool" => size = 1,
            "short" => size = 2,
            "long" => size = 8,
            "__int128" => size = 16,
            "int" | "signed" | "unsigned" => {}
            _ => known = false,
        }
    }
    if known && size == int.size {
        return name.to_owned();
    }
    if int.encoding == IntEncoding::BOOL && int.size == 1 {
        return "_Bool".to_owned();
    }
    let word = match int.size {
        1 => "char",
        2 => "short",
        8 => "long long",
        16 => "__int128",
        _ => "int",
    };
    let sign = if int.encoding.0 & IntEncoding::SIGNED.0 != 0 {
        "signed"
    } else {
        "unsigned"
    };
    format!("{sign} {word}")
}
