//! The helpers, one topic a file. Each has a table of its rows; a helper that is in none is a
//! [`Problem::NoHelper`](super::problem::Problem::NoHelper).

mod exception;
mod map;
mod tail_call;

use std::sync::LazyLock;

use super::helper::{Helper, Kfunc};

/// The tables of all topics.
const TOPICS: &[&[Helper]] = &[map::HELPERS, tail_call::HELPERS];

/// The kernel functions of all topics.
const KFUNCS: &[&[Kfunc]] = &[exception::KFUNCS];

/// The rows by number.
static ROWS: LazyLock<Vec<Option<&'static Helper>>> = LazyLock::new(|| {
    let all = || TOPICS.iter().copied().flatten();
    let last = all().map(|helper| helper.id).max().unwrap_or(0);
    let mut rows = vec![None; last as usize + 1];
    for helper in all() {
        if let Some(row) = rows.get_mut(helper.id as usize) {
            *row = Some(helper);
        }
    }
    rows
});

/// The helper of a number.
pub(crate) fn find(id: u32) -> Option<&'static Helper> {
    ROWS.get(id as usize).copied().flatten()
}

/// The kernel function of a name.
pub(crate) fn find_kfunc(name: &str) -> Option<&'static Kfunc> {
    let mut all = KFUNCS.iter().copied().flatten();
    all.find(|kfunc| kfunc.name == name)
}

#[cfg(test)]
mod tests {
    use ebpf_core::insn::helper_name;

    use super::*;

    #[test]
    fn every_helper_has_a_name_and_one_row() {
        let mut seen = Vec::new();
        for helper in TOPICS.iter().copied().flatten() {
            assert!(helper_name(helper.id).is_some(), "{}", helper.id);
            assert!(helper.arguments.len() <= 5);
            assert!(!seen.contains(&helper.id), "{helper:?} is there twice");
            seen.push(helper.id);
        }
    }
}
