//! What is known of helpers besides their names: since when there are, and whose licence they want.

/// The first helper of each release that brought any: numbers were given out in order.
#[rustfmt::skip]
const RELEASES: [(u32, &str); 43] = [
    (1, "3.19"), (4, "4.1"), (12, "4.2"), (17, "4.3"), (23, "4.4"), (26, "4.5"), (27, "4.6"), (31, "4.8"), (37, "4.9"),
    (42, "4.10"), (45, "4.11"), (46, "4.12"), (48, "4.13"), (51, "4.14"), (54, "4.15"), (58, "4.16"), (60, "4.17"),
    (65, "4.18"), (81, "4.19"), (84, "4.20"), (91, "5.0"), (93, "5.1"), (99, "5.2"), (109, "5.3"), (111, "5.5"),
    (116, "5.6"), (119, "5.7"), (125, "5.8"), (136, "5.9"), (142, "5.10"), (156, "5.11"), (163, "5.12"), (164, "5.13"),
    (166, "5.14"), (169, "5.15"), (176, "5.16"), (180, "5.17"), (186, "5.18"), (194, "5.19"), (204, "6.0"),
    (208, "6.1"), (210, "6.2"), (212, "—"),
];

/// Helpers that only programs of a GPL-compatible licence may call, ascending: those with `gpl_only` set in Linux 6.18.
#[rustfmt::skip]
const GPL_ONLY: [u32; 44] = [
    4, 6, 22, 25, 27, 35, 36, 45, 55, 56, 58, 67, 69, 77, 78, 92, 100, 110, 111, 112, 113, 114, 115, 119, 121, 126, 127,
    150, 158, 163, 165, 169, 170, 171, 172, 173, 175, 176, 177, 191, 204, 205, 206, 207,
];

/// The first Linux release that has a helper, such as "5.8"; `None` for numbers that are no helper's.
///
/// ```
/// use ebpf_core::insn::helper_id;
/// use ebpf_core::program::helper_since;
///
/// let reserve = helper_id("bpf_ringbuf_reserve").unwrap_or_default();
/// assert_eq!(helper_since(reserve), Some("5.8"));
/// ```
#[must_use]
pub fn helper_since(id: u32) -> Option<&'static str> {
    let after = RELEASES.partition_point(|(first, _)| *first <= id);
    let (_, release) = RELEASES.get(after.checked_sub(1)?)?;
    (after < RELEASES.len()).then_some(*release)
}

/// Whether only programs of a GPL-compatible licence may call a helper.
///
/// Linux 6.18; some that are free now were restricted before (`bpf_ktime_get_ns` until 5.8).
#[must_use]
pub fn helper_is_gpl_only(id: u32) -> bool {
    GPL_ONLY.binary_search(&id).is_ok()
}

/// Whether the kernel takes a licence for compatible with the GPL.
///
/// `license_is_gpl_compatible()` in include/linux/license.h.
#[must_use]
pub fn is_gpl_compatible(license: &str) -> bool {
    [
        "GPL",
        "GPL v2",
        "GPL and additional rights",
        "Dual BSD/GPL",
        "Dual MIT/GPL",
        "Dual MPL/GPL",
    ]
    .contains(&license)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insn::helper_name;

    #[test]
    fn every_helper_has_a_release() {
        for id in 0..300 {
            assert_eq!(
                helper_since(id).is_some(),
                helper_name(id).is_some(),
                "helper {id}"
            );
        }
        for (name, since) in [
            ("map_lookup_elem", "3.19"),
            ("redirect_map", "4.14"),
            ("loop", "5.17"),
            ("cgrp_storage_delete", "6.2"),
        ] {
            assert_eq!(
                crate::insn::helper_id(name).and_then(helper_since),
                Some(since),
                "{name}"
            );
        }
    }

    #[test]
    fn restricted_helpers_are_listed_in_order() {
        assert!(GPL_ONLY.is_sorted());
        assert!(helper_is_gpl_only(6) && !helper_is_gpl_only(1));
        assert!(
            is_gpl_compatible("Dual MIT/GPL")
                && !is_gpl_compatible("MIT")
                && !is_gpl_compatible("")
        );
    }
}
