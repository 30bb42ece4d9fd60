//! What two files of bindings say of the same names, for headers of different versions.

use std::collections::BTreeMap;

/// Numbers of constants and offsets of fields, by name.
pub(crate) type Facts<'a> = BTreeMap<&'a str, &'a str>;

/// Reads the facts of a file of bindings.
///
/// Sizes are left out, because later kernels append to structures, and names that bindgen made up, because they are numbers in an order.
pub(crate) fn read(text: &str) -> Facts<'_> {
    let mut facts = Facts::new();
    let mut rest = text;
    while let Some(start) = rest.find("pub const ") {
        rest = &rest[start + "pub const ".len()..];
        let statement = rest.split(';').next().unwrap_or_default();
        if let Some((name, value)) = statement
            .split_once(':')
            .and_then(|(name, value)| Some((name, value.split_once('=')?.1)))
        {
            facts.insert(name, number(value));
        }
    }
    for piece in text.split("\"Offset of field: ").skip(1) {
        let Some((field, rest)) = piece.split_once('"') else {
            continue;
        };
        let value = rest
            .split(';')
            .next()
            .and_then(|assertion| assertion.rsplit_once(" - "))
            .map(|(_, value)| value);
        facts.extend(
            value
                .filter(|_| !field.contains("__bindgen"))
                .map(|value| (field, number(value))),
        );
    }
    facts
}

/// The number in `bpf_map_type(1)`, `12u32` or `8usize]`.
fn number(value: &str) -> &str {
    let value = value
        .rsplit_once('(')
        .map_or(value, |(_, inner)| inner)
        .trim();
    let end = value
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(value.len());
    if end == 0 { value } else { &value[..end] }
}

/// A comparison of two sets of facts.
pub(crate) struct Comparison {
    /// How many names both have with one value.
    pub(crate) same: usize,
    /// Names that only the first has, and names that only the second has.
    pub(crate) only: [usize; 2],
    /// Names that have two values, with both.
    pub(crate) different: Vec<String>,
}

pub(crate) fn compare(ours: &Facts, theirs: &Facts) -> Comparison {
    let mut result = Comparison {
        same: 0,
        only: [
            0,
            theirs
                .keys()
                .filter(|name| !ours.contains_key(*name))
                .count(),
        ],
        different: Vec::new(),
    };
    for (name, value) in ours {
        match theirs.get(name) {
            None => result.only[0] += 1,
            Some(other) if other == value => result.same += 1,
            Some(_) if is_count(name) => {}
            Some(other) => result
                .different
                .push(format!("{name} is {value}, not {other}")),
        }
    }
    result
}

/// Whether a constant says how many others there are, and so grows.
fn is_count(name: &str) -> bool {
    name == "UAPI_VERSION"
        || name.starts_with("__MAX_")
        || name.starts_with("MAX_")
        || name.contains("_MAX")
        || name.starts_with("__") && name.ends_with("_CNT")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "pub const A: u32 = 1;\npub const B: u32 = 2;\nimpl e {\n    pub const E_MAX: e = e(\n        3,\n    );\n}\n
        [\"Size of s\"][size_of::<s>() - 8usize];\n[\n \"Offset of field: s::f\",\n][offset_of!(s, f) - 4usize];";

    #[test]
    fn constants_and_offsets_are_read() {
        assert_eq!(
            read(OLD),
            Facts::from([("A", "1"), ("B", "2"), ("E_MAX", "3"), ("s::f", "4")])
        );
    }

    #[test]
    fn growth_is_no_difference() {
        let new = OLD
            .replace("3,", "4,")
            .replace("pub const B", "pub const C");
        let comparison = compare(&read(OLD), &read(&new));
        assert_eq!(
            (comparison.same, comparison.only, comparison.different.len()),
            (2, [1, 1], 0)
        );
    }

    #[test]
    fn another_number_is_a_difference() {
        let new = OLD.replace("= 2", "= 5").replace("4usize", "0usize");
        let comparison = compare(&read(OLD), &read(&new));
        assert_eq!(comparison.different, ["B is 2, not 5", "s::f is 4, not 0"]);
    }
}
