//! Walks: every element once, whatever the map does.

use super::*;

fn sorted(pairs: impl IntoIterator<Item = Result<(u32, u64), MapError>>) -> Vec<(u32, u64)> {
    let mut pairs: Vec<_> = pairs.into_iter().collect::<Result<_, _>>().expect("a walk");
    pairs.sort_unstable();
    pairs
}

fn expected(keys: impl IntoIterator<Item = u32>) -> Vec<(u32, u64)> {
    keys.into_iter().map(|n| (n, u64::from(n))).collect()
}

#[test]
fn a_walk_meets_every_element_once() {
    for batches in [
        Batches::Buckets(300),
        Batches::Buckets(97),
        Batches::Keys(7),
        Batches::Keys(usize::MAX),
    ] {
        for count in [0, 1, 2, 6, 7, 8, 341, 342, 2000] {
            let map = hash(count, batches)
                .typed::<u32, u64>()
                .expect("these types");
            let mut pairs = map.pairs();
            assert_eq!(sorted(&mut pairs), expected(0..count), "{batches:?}");
            assert!(!pairs.disturbed());
            assert_eq!(map.count().expect("a walk"), count as usize);
        }
    }
}

#[test]
fn batches_grow_until_a_bucket_fits() {
    let map = hash(5000, Batches::Buckets(1))
        .typed::<u32, u64>()
        .expect("these types");
    assert_eq!(sorted(map.pairs()), expected(0..5000));
}

#[test]
fn a_map_that_never_fits_is_an_error_and_an_end() {
    let elements = (0..200).map(|n| (key(n).to_vec(), value(n).to_vec()));
    let map = Double::new(MapType::HASH, 4, 8, 10, Batches::Buckets(1)).with_elements(elements);
    let mut pairs = map.pairs();
    let error = pairs.next().and_then(Result::err).expect("an error");
    assert_eq!(error.errno(), Some(Errno::ENOSPC));
    assert!(pairs.next().is_none());
}

#[test]
fn large_maps_are_read_in_few_calls() {
    let map = hash(20_000, Batches::Keys(usize::MAX));
    let before = map.calls();
    assert_eq!(map.for_each_pair(|_, _| ()).expect("a walk"), 20_000);
    assert!(map.calls() - before <= 5, "{} calls", map.calls() - before);
}

#[test]
fn a_walk_that_starts_over_gives_nothing_twice() {
    let mut batches = 0;
    let map = hash(1000, Batches::Keys(100)).with_hook(move |elements, last| {
        batches += 1;
        if batches == 3 {
            elements.retain(|element| element.0 != last);
        }
    });
    let map = map.typed::<u32, u64>().expect("these types");
    let mut pairs = map.pairs();
    // The key was read before it was deleted, so it is given; all others stayed.
    assert_eq!(sorted(&mut pairs), expected(0..1000));
    assert!(pairs.disturbed());
}

#[test]
fn a_walk_that_gets_nowhere_ends_with_an_error() {
    let mut fresh = 5000;
    let map = Double::new(MapType::LPM_TRIE, 8, 8, 100, Batches::Keys(2)).with_hook(
        move |elements, last| {
            elements.retain(|element| element.0 != last);
            fresh += 1u64;
            elements.push((fresh.to_ne_bytes().to_vec(), vec![0; 8]));
        },
    );
    for n in 0..100u64 {
        map.upsert(&n.to_ne_bytes(), &[0; 8]).expect("room");
    }
    let mut pairs = map.pairs();
    let mut given = 0;
    let error = loop {
        match pairs.next().expect("an error before the end") {
            Ok(_) => given += 1,
            Err(error) => break error,
        }
        assert!(given < 10_000, "no end");
    };
    assert!(
        matches!(error, MapError::Disturbed { op: "pairs", .. }),
        "{error}"
    );
    assert_eq!(
        error.to_string().split(':').next(),
        Some("pairs of map `double`"),
    );
    assert!(pairs.next().is_none());
    assert!(pairs.disturbed());
}

#[test]
fn keys_of_maps_with_unreadable_values_come_one_by_one() {
    let mut calls = 0;
    let map = hash(1000, Batches::None).with_hook(move |elements, last| {
        calls += 1;
        if calls == 500 {
            elements.retain(|element| element.0 != last);
        }
    });
    assert_eq!(
        map.pairs()
            .next()
            .expect("an item")
            .err()
            .and_then(|e| e.errno()),
        Some(Errno::ENOTSUPP)
    );
    let map = map.typed::<u32, u64>().expect("these types");
    let mut keys = map.keys();
    let mut found: Vec<u32> = keys.by_ref().collect::<Result<_, _>>().expect("a walk");
    found.sort_unstable();
    assert_eq!(found, (0..1000).collect::<Vec<_>>());
    assert!(keys.disturbed());
}

#[test]
fn an_error_ends_a_walk() {
    let map = hash(10, Batches::None);
    let mut pairs = map.pairs();
    assert!(pairs.next().is_some_and(|item| item.is_err()));
    assert!(pairs.next().is_none());
}

#[test]
fn a_drain_empties_the_map() {
    for batches in [Batches::Buckets(10), Batches::Keys(7)] {
        let map = hash(1000, batches)
            .typed::<u32, u64>()
            .expect("these types");
        assert_eq!(sorted(map.drain()), expected(0..1000));
        assert_eq!(map.count().expect("a walk"), 0);
    }
}

#[test]
fn a_drain_of_what_is_filled_meanwhile_ends() {
    let mut fresh = 0;
    let map =
        Double::new(MapType::HASH, 4, 8, 10, Batches::Keys(4)).with_hook(move |elements, _| {
            fresh += 1;
            elements.push((key(fresh).to_vec(), vec![0; 8]));
            elements.push((key(fresh + 1_000_000).to_vec(), vec![0; 8]));
        });
    map.upsert(&key(0), &value(0)).expect("room");
    let drained = map.drain().filter(|item| item.is_ok()).count();
    assert!(drained > 100, "{drained}");
}

#[test]
fn maps_without_keys_have_no_walk() {
    let map = Double::new(MapType::QUEUE, 0, 8, 10, Batches::Keys(1));
    assert_eq!(
        message(map.pairs().next().expect("an item")),
        "pairs on map `double`: maps of type queue have no such operation",
    );
}
