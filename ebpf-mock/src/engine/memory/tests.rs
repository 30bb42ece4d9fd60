//! Accesses of every kind, and what is said of those that are wrong.

use super::super::problem::Place;
use super::*;

#[test]
fn a_stack_has_no_values_until_they_are_written() {
    let mut memory = Memory::default();
    let end = memory.push_stack(0, true).expect("a stack");
    assert_eq!(memory.load::<8>(end - 8), None);
    memory.store::<4>(end - 8, 7).expect("a store");
    assert_eq!(memory.load::<4>(end - 8), Some(7));
    assert!(matches!(
        memory.read_number::<8>(end - 8),
        Err(Problem::UninitializedStack {
            offset: -8,
            size: 8,
            ..
        })
    ));
    assert!(matches!(
        memory.write_number::<8>(end - 12, 0),
        Err(Problem::Misaligned { offset: -12, .. })
    ));
    assert!(matches!(
        memory.write_number::<1>(end, 0),
        Err(Problem::OutOfBounds { offset: 0, .. })
    ));
}

#[test]
fn a_stack_that_was_left_is_gone() {
    let mut memory = Memory::default();
    let first = memory.push_stack(1, true).expect("a stack") - 8;
    memory.store::<8>(first, 1).expect("a store");
    let second = memory.push_stack(1, true).expect("a stack") - 8;
    memory.store::<8>(second, 2).expect("a store");
    assert!(matches!(
        memory.read_number::<8>(first),
        Err(Problem::Gone { .. })
    ));
    assert_eq!(memory.load::<8>(second), Some(2));
}

#[test]
fn a_packet_is_what_lies_between_its_ends() {
    let mut memory = Memory::default();
    memory.packet.refill(256, &[1, 2, 3, 4, 5, 6], 100);
    let data = memory.packet_address(memory.packet.start);
    assert_eq!(
        memory.load::<4>(data + 2),
        Some(u64::from(u32::from_ne_bytes([3, 4, 5, 6])))
    );
    for (at, offset) in [(data - 1, -1), (data + 3, 3)] {
        let problem = memory.read_number::<4>(at).expect_err("outside");
        assert!(matches!(problem, Problem::OutOfBounds { offset: found, .. } if found == offset));
    }
    memory.packet.moved();
    let problem = memory.read_number::<1>(data).expect_err("stale");
    assert!(matches!(
        problem,
        Problem::Gone {
            place: Place::Packet,
            ..
        }
    ));
}

#[test]
fn numbers_are_no_pointers() {
    let mut memory = Memory::default();
    for at in [
        0,
        8,
        1 << 20,
        0x7fff_1234_5678,
        u64::MAX,
        0xffff_8880_0000_0000,
    ] {
        let problem = memory.read_number::<8>(at).expect_err("no pointer");
        assert!(
            matches!(problem, Problem::NoPointer { .. }),
            "{at:#x}: {problem}"
        );
        assert!(memory.write(at, &[1]).is_err());
        assert!(memory.check(at, 1, Access::Read).is_err());
    }
}

#[test]
fn what_a_block_was_is_said_when_it_is_gone() {
    let mut memory = Memory::default();
    let at = memory
        .add_block("ring-buffer record", Block::new(vec![0; 16], true))
        .expect("room");
    memory.write(at + 8, &[9; 8]).expect("inside");
    let block = memory.end_block(at, "was submitted").expect("a block");
    assert_eq!(block.contents()[8..], [9; 8]);
    let problem = memory.write(at, &[1]).expect_err("gone");
    assert_eq!(
        problem.to_string(),
        "write of 1 bytes through a pointer to the ring-buffer record, which was submitted"
    );
}

#[test]
fn calls_share_one_stack() {
    let mut memory = Memory::default();
    let outer = memory.push_stack(0, true).expect("a stack");
    memory.store::<8>(outer - 296, 1).expect("a store");
    let inner = memory.push_stack(1, true).expect("a stack");
    memory
        .store::<8>(inner - 208, 1)
        .expect("as much as there is");
    let problem = memory
        .write_number::<8>(inner - 216, 1)
        .expect_err("too much");
    assert!(
        matches!(
            problem,
            Problem::StackDepth {
                bytes: 520,
                frames: 2
            }
        ),
        "{problem}"
    );
    let alone = memory.push_stack(1, false).expect("a stack");
    memory
        .store::<8>(alone - 512, 1)
        .expect("a stack of its own");
}
