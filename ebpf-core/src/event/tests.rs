//! Layouts of rings, and what is made of arbitrary bytes.

use super::perf::{Written, data_pages, padded};
use super::ring_buffer::{Header, available, record_len};
use super::*;
use crate::Errno;

fn record(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (8 + body.len()).next_multiple_of(8);
    let mut record = kind.to_ne_bytes().to_vec();
    record.extend([0, 0]);
    record.extend((length as u16).to_ne_bytes());
    record.extend(body);
    record.resize(length, 0);
    record
}

fn sample(data: &[u8]) -> Vec<u8> {
    let mut body = (padded(data.len()) as u32).to_ne_bytes().to_vec();
    body.extend(data);
    body.resize(4 + padded(data.len()), 0);
    record(9, &body)
}

fn lost(count: u64) -> Vec<u8> {
    record(2, &[7u64.to_ne_bytes(), count.to_ne_bytes()].concat())
}

/// Everything in a ring, as text, and the error at its end.
fn dump(written: Written<'_>) -> (Vec<String>, Option<RingProblem>) {
    let (mut at, mut all, mut scratch) = (0, Vec::new(), Vec::new());
    loop {
        match written.record(at, Some(3), &mut scratch) {
            Ok(Some(record)) => {
                all.push(match record.event {
                    Event::Sample { cpu, data } => format!("{cpu:?} {data:?}"),
                    Event::Lost { count, .. } => format!("lost {count}"),
                    Event::Unknown { kind, data, .. } => {
                        format!("kind {kind}, {} bytes", data.len())
                    }
                });
                assert!(record.length >= 8 && record.length % 8 == 0);
                assert_eq!(written.record_len(at), Ok(record.length));
                at += record.length;
            }
            Ok(None) => return (all, None),
            Err(problem) => return (all, Some(problem)),
        }
    }
}

#[test]
fn a_ring_is_a_power_of_two_of_pages() {
    let sizes = [
        0, 1, 2048, 4095, 4096, 4097, 8192, 12288, 16384, 65536, 65537, 100_000,
    ];
    let pages = sizes.map(|bytes| data_pages(bytes, 4096).expect("fits"));
    assert_eq!(pages, [1, 1, 1, 1, 1, 2, 2, 4, 4, 16, 32, 32]);
    assert_eq!(data_pages(1, 65536), Some(1));
    assert_eq!(data_pages(usize::MAX, 4096), None);
    assert_eq!(data_pages(1 << 42, 4096), Some(1 << 30));
    assert_eq!(data_pages(1 << 43, 4096), None, "no int counts them");
    assert_eq!(
        data_pages(usize::MAX / 2 + 4096, 1),
        None,
        "no room for the page of positions"
    );
    assert_eq!(data_pages(1, 0), Some(1));
}

#[test]
fn samples_are_padded_by_the_kernel() {
    let sizes = [0, 1, 4, 5, 12, 13, 28, 32, 36, 60, 64].map(padded);
    assert_eq!(sizes, [4, 4, 4, 12, 12, 20, 28, 36, 36, 60, 68]);
    assert!(padded(usize::MAX) >= usize::MAX - 16);
}

#[test]
fn perf_records_are_told_apart() {
    let ring = [sample(b"abcd"), lost(5), sample(&[]), record(77, &[1; 16])].concat();
    let written = Written {
        first: &ring,
        second: &[],
    };
    let (all, problem) = dump(written);
    assert_eq!(
        all,
        [
            "Some(3) [97, 98, 99, 100]",
            "lost 5",
            "Some(3) [0, 0, 0, 0]",
            "kind 77, 16 bytes"
        ]
    );
    assert_eq!(problem, None);
    assert!(!written.is_empty() && Written::default().is_empty());
}

#[test]
fn records_go_on_at_the_start_of_the_ring() {
    // Wherever the end of the ring cuts them.
    let ring = [sample(b"abcd"), sample(&[9; 40]), lost(1), sample(b"end.")].concat();
    let whole = dump(Written {
        first: &ring,
        second: &[],
    });
    assert_eq!(whole.0.len(), 4);
    for cut in (0..=ring.len()).step_by(8) {
        let (first, second) = ring.split_at(cut);
        assert_eq!(dump(Written { first, second }), whole, "cut at {cut}");
    }
}

#[test]
fn perf_records_that_cannot_be_are_said() {
    for (bytes, length, there) in [
        (vec![0; 16], 0, 16),
        ([record(9, &[0; 8]), vec![9, 0, 0]].concat(), 8, 3),
        (record(9, &[0; 24])[..24].to_vec(), 32, 24),
    ] {
        let (_, problem) = dump(Written {
            first: &bytes,
            second: &[],
        });
        let expected = RingProblem::Record {
            length,
            available: there,
        };
        assert_eq!(problem, Some(expected), "{bytes:?}");
    }
    // A sample that says it is longer than its record, and a loss without a count.
    let odd = [record(9, &[200, 0, 0, 0, 1, 2, 3, 4]), record(2, &[0; 8])].concat();
    let (all, problem) = dump(Written {
        first: &odd,
        second: &[],
    });
    assert_eq!(
        (all, problem),
        (
            vec!["kind 9, 8 bytes".into(), "kind 2, 8 bytes".into()],
            None
        )
    );
}

#[test]
fn headers_of_ring_buffers_have_two_flags() {
    let header = Header::of(13).expect("fits");
    assert_eq!((header.len(), header.record_len()), (13, 24));
    assert!(!header.is_busy() && !header.is_discarded() && !header.is_empty());
    assert!(Header(1 << 31).is_busy() && Header(1 << 30).is_discarded());
    assert_eq!(Header(u32::MAX).len(), (1 << 30) - 1);
    assert_eq!(Header(u32::MAX).record_len(), (1 << 30) + 8);
    assert_eq!((Header::of(1 << 30), Header::of(usize::MAX)), (None, None));
    assert_eq!(Header::of(0).map(Header::record_len), Some(8));
}

#[test]
fn positions_of_ring_buffers_are_checked() {
    assert_eq!(available(8, 32, 64), Ok(24));
    assert_eq!(available(usize::MAX - 7, 16, 64), Ok(24), "positions wrap");
    for (consumer, producer) in [(0, 72), (8, 0), (4, 8), (0, 12)] {
        let refused = available(consumer, producer, 64);
        assert!(
            matches!(refused, Err(RingProblem::Positions { size: 64, .. })),
            "{refused:?}"
        );
    }
    assert_eq!(record_len(Header(24), 32), Ok(32));
    let expected = RingProblem::Record {
        length: 40,
        available: 32,
    };
    assert_eq!(record_len(Header(25), 32), Err(expected));
}

#[test]
fn arbitrary_bytes_are_read_without_panic() {
    let seed = std::env::var("TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut state: u64 = seed.unwrap_or(1);
    println!("TEST_SEED={state}");
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut records = 0;
    for _ in 0..20_000 {
        let mut bytes: Vec<u8> = (0..random() % 200).map(|_| random() as u8).collect();
        // Half of them begin like records, so that their bodies are reached.
        if random() % 2 == 0 && bytes.len() >= 8 {
            let kind = [9u32, 2, 77][random() as usize % 3];
            let length = (random() % 26 * 8) as u16;
            bytes[..4].copy_from_slice(&kind.to_ne_bytes());
            bytes[6..8].copy_from_slice(&length.to_ne_bytes());
        }
        let (first, second) = bytes.split_at(random() as usize % (bytes.len() + 1));
        records += dump(Written { first, second }).0.len();
        let mut scratch = Vec::new();
        let _ = Written { first, second }.record(random() as usize, None, &mut scratch);
        let _ = Written { first, second }.record_len(random() as usize);
        let header = Header(random() as u32);
        let _ = record_len(header, random() as usize);
        let _ = available(random() as usize, random() as usize, random() as usize);
    }
    assert!(records > 1000, "{records} records were reached");
}

#[test]
fn errors_say_what_where_and_why() {
    let map: Arc<str> = "events".into();
    let texts = [
        EventError::Os {
            op: "open ring",
            map: map.clone(),
            cpu: Some(3),
            errno: Errno::EPERM,
            hint: Some("CAP_PERFMON (or root) is needed"),
        }
        .to_string(),
        EventError::Options {
            map: map.clone(),
            problem: OptionsProblem::NoSlot { cpu: 4, slots: 4 },
        }
        .to_string(),
        EventError::Ring {
            map: map.clone(),
            cpu: None,
            position: 64,
            problem: RingProblem::Record {
                length: 40,
                available: 16,
            },
        }
        .to_string(),
        EventError::TooLarge {
            map,
            most: 4088,
            got: 5000,
        }
        .to_string(),
    ];
    assert_eq!(
        texts,
        [
            "open ring of map `events` on CPU 3: EPERM: operation not permitted (CAP_PERFMON (or root) is needed)",
            "open events of map `events`: CPU 4 has no slot: the map has 4; give it an entry for each CPU, or name the CPUs",
            "events of map `events`: at position 64: a record of 40 bytes where 16 were written",
            "a sample of 5000 bytes for map `events`: it takes at most 4088",
        ]
    );
}
