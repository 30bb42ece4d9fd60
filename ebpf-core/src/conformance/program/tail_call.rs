//! Program arrays and the jumps through them: `prog_fd_array_get_ptr()` in kernel/bpf/arraymap.c,
//! `bpf_prog_map_compatible()` in kernel/bpf/core.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, code, delete, errno_of, get, load, map, program, put, run, spec, store, suite,
    verdict, write,
};
use crate::map::{Map, MapType, ProgramArray, UpdateFlags};
use crate::program::{Program, ProgramType};

fn slots(t: &dyn Testbed, count: u32) -> Arc<dyn Map> {
    map(t, &spec(MapType::PROG_ARRAY, 4, 4, count))
}

fn set(t: &dyn Testbed, slots: &dyn Map, index: u32, program: &dyn Program) {
    store(t, slots, index, program.handle(), UpdateFlags::ANY).expect("store a program");
}

/// Jumps to slot `index`; returns 99 if there is nothing to jump to.
fn jumping(t: &dyn Testbed, slots: &dyn Map, index: u32) -> Arc<dyn Program> {
    let text = format!("r2 = map_by_idx(0)\nr3 = {index}\ncall bpf_tail_call\nr0 = 99\nexit");
    program(t, ProgramType::XDP, &text, &[slots])
}

suite! { ($) tail_call, __conformance_tail_call;
    fn it_jumps_to_the_stored_program(t) {
        let slots = slots(t, 3);
        set(t, &slots, 0, &verdict(t, 10));
        set(t, &slots, 2, &verdict(t, 12));
        assert_eq!(run(&jumping(t, &slots, 0)), 10);
        assert_eq!(run(&jumping(t, &slots, 2)), 12);
    }

    fn a_program_goes_in_and_comes_out(t) {
        let slots = ProgramArray::new(slots(t, 3)).expect("programs");
        let stored = verdict(t, 10);
        assert!(slots.get(1, t.system()).expect("lookup").is_none());
        slots.set(1, &stored).expect("set");
        assert_eq!(slots.id(1), Ok(Some(stored.info().id)));
        let again = slots.get(1, t.system()).expect("lookup").expect("a program");
        assert_eq!((again.info().id, run(&again)), (stored.info().id, 10));
        assert_eq!(run(&jumping(t, slots.map(), 1)), 10);
        assert_eq!(slots.ids().collect::<Result<Vec<_>, _>>(), Ok(vec![(1, stored.info().id)]));
        assert_eq!((slots.remove(1), slots.remove(1), slots.id(1)), (Ok(true), Ok(false), Ok(None)));
    }

    fn it_tells_whose_programs_it_is_for(t) {
        let slots = slots(t, 1);
        assert_eq!(slots.query().expect("query").owner_type, None);
        set(t, &slots, 0, &verdict(t, 10));
        assert_eq!(slots.query().expect("query").owner_type, Some(ProgramType::XDP));
    }

    fn an_empty_slot_falls_through(t) {
        let slots = slots(t, 3);
        assert_eq!(run(&jumping(t, &slots, 1)), 99);
    }

    fn an_index_past_the_end_falls_through(t) {
        let slots = slots(t, 3);
        for index in [3, 1000] {
            assert_eq!(run(&jumping(t, &slots, index)), 99, "{index}");
        }
    }

    fn a_slot_may_change_while_it_is_used(t) {
        let slots = slots(t, 1);
        let jumping = jumping(t, &slots, 0);
        set(t, &slots, 0, &verdict(t, 10));
        assert_eq!(run(&jumping), 10);
        set(t, &slots, 0, &verdict(t, 11));
        assert_eq!(run(&jumping), 11);
        assert_eq!(delete(&slots, &0), Ok(true));
        assert_eq!(run(&jumping), 99);
        assert_eq!(delete(&slots, &0), Ok(false));
    }

    fn a_stored_program_lives_on(t) {
        let slots = slots(t, 1);
        let stored = verdict(t, 10);
        let id = stored.info().id;
        set(t, &slots, 0, &stored);
        drop(stored);
        assert_eq!(run(&jumping(t, &slots, 0)), 10);
        assert_eq!(t.system().program_by_id(id).expect("still there").info().id, id);
    }

    fn a_lookup_gives_the_programs_id(t) {
        let slots = slots(t, 2);
        let stored = verdict(t, 10);
        set(t, &slots, 1, &stored);
        assert_eq!(get(&slots, &1), Some(stored.info().id.0));
        assert_eq!(get::<u32>(&slots, &0), None);
    }

    fn only_any_is_taken(t) {
        let slots = slots(t, 2);
        let stored = verdict(t, 10);
        for flags in [UpdateFlags::NO_EXIST, UpdateFlags::EXIST] {
            assert_eq!(errno_of(store(t, &slots, 0, stored.handle(), flags)), Errno::EINVAL, "{flags}");
        }
        assert_eq!(errno_of(store(t, &slots, 2, stored.handle(), UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn a_map_is_no_program(t) {
        let slots = slots(t, 1);
        let array = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        assert_eq!(errno_of(store(t, &slots, 0, array.handle(), UpdateFlags::ANY)), Errno::EINVAL);
        assert_eq!(errno_of(write(&slots, &0, &u32::MAX, UpdateFlags::ANY)), Errno::EBADF);
    }

    fn the_first_user_decides_about_the_type(t) {
        let slots = slots(t, 2);
        set(t, &slots, 0, &verdict(t, 10));
        let filter = program(t, ProgramType::SOCKET_FILTER, "r0 = 1\nexit", &[]);
        assert_eq!(errno_of(store(t, &slots, 1, filter.handle(), UpdateFlags::ANY)), Errno::EINVAL);
        let text = "r2 = map_by_idx(0)\nr3 = 0\ncall bpf_tail_call\nr0 = 0\nexit";
        let other_type = load(t, &code(ProgramType::SOCKET_FILTER, text), &[&slots]);
        assert_eq!(errno_of(other_type), Errno::EINVAL);
    }

    fn a_chain_of_jumps_ends(t) {
        let slots = slots(t, 1);
        let counter = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let text = "r6 = r1
                    *(u32 *)(r10 - 4) = 0
                    r1 = map_by_idx(1)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto jump
                    r1 = *(u64 *)(r0 + 0)
                    r1 += 1
                    *(u64 *)(r0 + 0) = r1
              jump: r1 = r6
                    r2 = map_by_idx(0)
                    r3 = 0
                    call bpf_tail_call
                    r0 = 50
                    exit";
        let endless = program(t, ProgramType::XDP, text, &[&slots, &counter]);
        set(t, &slots, 0, &endless);
        put(&counter, &0, &0u64);
        assert_eq!(run(&endless), 50);
        let runs: u64 = get(&counter, &0).expect("element 0");
        // 33 jumps; some JITs before Linux 5.17 made 32.
        assert!(runs == 34 || runs == 33, "{runs} runs");
    }

    fn an_index_may_be_computed(t) {
        let slots = slots(t, 4);
        for index in 0..4 {
            set(t, &slots, index, &verdict(t, 20 + index));
        }
        let text = "r3 = *(u32 *)(r1 + 4)
                    r4 = *(u32 *)(r1 + 0)
                    r3 -= r4
                    r3 &= 3
                    r2 = map_by_idx(0)
                    call bpf_tail_call
                    r0 = 99
                    exit";
        let program = program(t, ProgramType::XDP, text, &[&slots]);
        for length in 60..64 {
            let data = vec![0; length];
            let result = crate::program::ProgramExt::run_once(&program, &data, 0).expect("run").0;
            assert_eq!(result.return_value as usize, 20 + length % 4);
        }
    }
}
