//! Longest-prefix-match tries: `kernel/bpf/lpm_trie.c`.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, elements, errno_of, get, keys, map, put, refused, spec, suite};
use crate::map::{LookupFlags, Map, MapFlags, MapType, UpdateFlags};

fn trie(t: &dyn Testbed, data_bytes: u32) -> Arc<dyn Map> {
    map(t, &spec(MapType::LPM_TRIE, 4 + data_bytes, 4, 16))
}

fn prefix(bits: u32, data: &[u8]) -> Vec<u8> {
    [&bits.to_ne_bytes(), data].concat()
}

fn add(map: &dyn Map, bits: u32, data: &[u8], value: u32) {
    put(map, &prefix(bits, data), &value);
}

fn matching(map: &dyn Map, data: &[u8]) -> Option<u32> {
    get(map, &prefix(data.len() as u32 * 8, data))
}

/// Whether the flags of an update count. Before Linux 6.13 (and its fix in older series) a trie inserts and replaces whatever they
/// say, and a full one does not replace.
fn minds_flags(t: &dyn Testbed) -> bool {
    trie(t, 4)
        .update_elem(&prefix(8, &[10, 0, 0, 0]), &[0; 4], UpdateFlags::EXIST)
        .is_err()
}

suite! { ($) lpm_trie, __conformance_lpm_trie;
    fn the_longest_prefix_wins(t) {
        let map = trie(t, 4);
        add(&map, 16, &[192, 168, 0, 0], 16);
        add(&map, 24, &[192, 168, 0, 0], 24);
        assert_eq!(matching(&map, &[192, 168, 0, 10]), Some(24));
        assert_eq!(matching(&map, &[192, 168, 7, 10]), Some(16));
        assert_eq!(matching(&map, &[10, 0, 0, 1]), None);
    }

    fn the_empty_prefix_matches_everything(t) {
        let map = trie(t, 4);
        assert_eq!(matching(&map, &[1, 2, 3, 4]), None);
        add(&map, 0, &[0; 4], 99);
        assert_eq!(matching(&map, &[1, 2, 3, 4]), Some(99));
        assert_eq!(matching(&map, &[255; 4]), Some(99));
    }

    fn sixteen_bytes_of_data(t) {
        let map = trie(t, 16);
        let mut net = [0; 16];
        net[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        add(&map, 120, &net, 120);
        add(&map, 125, &net, 125);
        let mut address = net;
        address[15] = 5;
        assert_eq!(matching(&map, &address), Some(125));
        address[15] = 200;
        assert_eq!(matching(&map, &address), Some(120));
        address[14] = 1;
        assert_eq!(matching(&map, &address), None);
        add(&map, 0, &[0; 16], 0);
        assert_eq!(matching(&map, &address), Some(0));
    }

    fn prefixes_need_not_end_at_bytes(t) {
        let map = trie(t, 4);
        add(&map, 12, &[172, 16, 0, 0], 12);
        assert_eq!(matching(&map, &[172, 31, 255, 255]), Some(12));
        assert_eq!(matching(&map, &[172, 32, 0, 0]), None);
    }

    fn a_lookup_takes_a_shorter_prefix_too(t) {
        let map = trie(t, 4);
        add(&map, 8, &[10, 0, 0, 0], 8);
        add(&map, 24, &[10, 1, 2, 0], 24);
        let mut value = [0; 4];
        let shorter = prefix(16, &[10, 1, 0, 0]);
        assert_eq!(map.lookup_elem(&shorter, &mut value, LookupFlags::NONE), Ok(true));
        assert_eq!(u32::from_ne_bytes(value), 8);
    }

    fn more_bits_than_data_is_einval_or_absent(t) {
        let map = trie(t, 4);
        add(&map, 0, &[0; 4], 1);
        let long = prefix(33, &[0; 4]);
        assert_eq!(errno_of(map.update_elem(&long, &[0; 4], UpdateFlags::ANY)), Errno::EINVAL);
        assert_eq!(errno_of(map.delete_elem(&long)), Errno::EINVAL);
        assert_eq!(map.lookup_elem(&long, &mut [0; 4], LookupFlags::NONE), Ok(false));
    }

    fn flags_are_those_of_hashes(t, case) {
        let map = trie(t, 4);
        let key = prefix(24, &[10, 0, 0, 0]);
        assert_eq!(errno_of(map.update_elem(&key, &[2; 4], UpdateFlags(3))), Errno::EINVAL);
        assert_eq!(errno_of(map.update_elem(&key, &[2; 4], UpdateFlags::LOCK)), Errno::EINVAL);
        if !minds_flags(t) {
            return t.skip(case, "tries of this system take no notice of the flags of an update");
        }
        assert_eq!(errno_of(map.update_elem(&key, &[1; 4], UpdateFlags::EXIST)), Errno::ENOENT);
        map.update_elem(&key, &[1; 4], UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(errno_of(map.update_elem(&key, &[2; 4], UpdateFlags::NO_EXIST)), Errno::EEXIST);
        map.update_elem(&key, &[3; 4], UpdateFlags::EXIST).expect("replace");
        assert_eq!(matching(&map, &[10, 0, 0, 1]), Some(u32::from_ne_bytes([3; 4])));
    }

    fn deleting_wants_the_exact_prefix(t) {
        let map = trie(t, 4);
        add(&map, 24, &[10, 0, 0, 0], 24);
        assert_eq!(map.delete_elem(&prefix(16, &[10, 0, 0, 0])), Ok(false));
        assert_eq!(map.delete_elem(&prefix(32, &[10, 0, 0, 0])), Ok(false));
        assert_eq!(map.delete_elem(&prefix(24, &[10, 0, 0, 0])), Ok(true));
        assert_eq!(matching(&map, &[10, 0, 0, 1]), None);
    }

    fn full_is_enospc(t) {
        let map = map(t, &spec(MapType::LPM_TRIE, 8, 4, 2));
        add(&map, 32, &[10, 0, 0, 1], 1);
        add(&map, 32, &[10, 0, 0, 2], 2);
        let third = prefix(32, &[10, 0, 0, 3]);
        let error = map.update_elem(&third, &[0; 4], UpdateFlags::ANY).expect_err("full");
        assert_eq!(error.to_string(), "update on map `case`: ENOSPC: no space left on device (the map is full)");
        let replaced = map.update_elem(&prefix(32, &[10, 0, 0, 2]), &3u32.to_ne_bytes(), UpdateFlags::ANY);
        if minds_flags(t) {
            replaced.expect("replace");
            assert_eq!(matching(&map, &[10, 0, 0, 2]), Some(3));
        } else {
            assert_eq!(errno_of(replaced), Errno::ENOSPC);
        }
        assert_eq!(map.delete_elem(&prefix(32, &[10, 0, 0, 1])), Ok(true));
        add(&map, 32, &[10, 0, 0, 3], 4);
    }

    fn a_value_leaves_room_for_the_longest_key(t) {
        // Of the most that can be allocated, whatever the length of this trie's keys; a node's own fields became fewer.
        let most = (4 << 20) - 256;
        for key_size in [5, 260] {
            map(t, &spec(MapType::LPM_TRIE, key_size, most - 40, 1));
            assert_eq!(refused(t, &spec(MapType::LPM_TRIE, key_size, most - 23, 1)).errno(), Some(Errno::EINVAL));
        }
    }

    fn the_walk_gives_every_prefix_more_specific_ones_first(t) {
        let map = trie(t, 4);
        for (bits, data) in [(0, [0, 0, 0, 0]), (8, [10, 0, 0, 0]), (24, [10, 1, 2, 0]), (32, [10, 1, 2, 3])] {
            add(&map, bits, &data, bits);
        }
        let order: Vec<u32> = keys(&map).iter().map(|key| u32::from_ne_bytes([key[0], key[1], key[2], key[3]])).collect();
        assert_eq!(order, [32, 24, 8, 0]);
        assert_eq!(elements(&map).len(), 4);
    }

    fn without_no_prealloc_it_is_refused(t) {
        let mut eager = spec(MapType::LPM_TRIE, 8, 4, 1);
        assert!(eager.flags.contains(MapFlags::NO_PREALLOC), "MapSpec::new sets it");
        eager.flags = MapFlags::NONE;
        assert_eq!(refused(t, &eager).errno(), Some(Errno::EINVAL));
    }

    fn key_sizes_out_of_range_are_refused(t) {
        for size in [0, 3, 4, 261] {
            let error = refused(t, &spec(MapType::LPM_TRIE, size, 4, 1));
            assert!(error.to_string().contains("5 to 260 bytes"), "{error}");
        }
        for size in [5, 260] {
            map(t, &spec(MapType::LPM_TRIE, size, 4, 1));
        }
    }
}
