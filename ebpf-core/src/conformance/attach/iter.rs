//! Iterators, read as files: `bpf_seq_read()` in kernel/bpf/bpf_iter.c.

use std::io::Read;
use std::sync::Arc;

use crate::Errno;
use crate::btf::Kind;
use crate::conformance::{
    Testbed, cgroup, code, elements, errno_of, get, map, put, requires, spec, suite, verdict,
};
use crate::hook::{Cgroup, CgroupOrder, Iter, Xdp};
use crate::link::{Link, LinkTarget, LinkType};
use crate::map::{Map, MapType};
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::{Bindings, BtfTarget, Feature};

const ITERATORS: Feature = Feature::Link(LinkType::ITER);

/// Loads an iterator of this kind of object.
fn iterator(t: &dyn Testbed, kind: &str, text: &str, maps: &[&dyn Map]) -> Arc<dyn Program> {
    let types = t.system().target_btf().expect("types").expect("types");
    let function = types.find(&format!("bpf_iter_{kind}"), Kind::FUNC);
    let target = BtfTarget {
        type_id: function.unwrap_or_else(|| panic!("an iterator of {kind}")),
        module: None,
    };
    let mut spec = code(ProgramType::TRACING, text);
    spec.expected_attach_type = Some(AttachType::TRACE_ITER);
    let bindings = Bindings {
        maps,
        attach_btf: Some(&target),
        ..Bindings::default()
    };
    let loaded = t.system().load_program(&spec, &bindings);
    loaded.unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

/// Where a field of a structure of the kernel is.
fn offset(t: &dyn Testbed, structure: &str, field: &str) -> u32 {
    let types = t.system().target_btf().expect("types").expect("types");
    let structure = types.find(structure, Kind::STRUCT).expect("a structure");
    let field = types.find_field(structure, field).expect("types");
    field.expect("a field").offset
}

/// All that an iterator prints.
fn read(link: &dyn Link) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut reader = link.read().unwrap_or_else(|error| panic!("{error:#}"));
    reader.read_to_end(&mut bytes).expect("read");
    bytes
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    let (words, rest) = bytes.as_chunks::<4>();
    assert_eq!(rest, []);
    words.iter().map(|word| u32::from_ne_bytes(*word)).collect()
}

fn attach(program: &Arc<dyn Program>, target: Iter<'_>) -> Box<dyn Link> {
    let link = program.attach_to(target);
    link.unwrap_or_else(|error| panic!("{error:#}"))
}

/// Prints key and value of each element, of these sizes.
fn printing(t: &dyn Testbed, key: u32, value: u32) -> Arc<dyn Program> {
    let text = format!(
        "r7 = *(u64 *)(r1 + 16)
         r8 = *(u64 *)(r1 + 24)
         r6 = *(u64 *)(r1 + 0)
         r6 = *(u64 *)(r6 + 0)
         if r7 == 0 goto out
         if r8 == 0 goto out
         r1 = r6
         r2 = r7
         r3 = {key}
         call bpf_seq_write
         r1 = r6
         r2 = r8
         r3 = {value}
         call bpf_seq_write
         out: r0 = 0
         exit"
    );
    iterator(t, "bpf_map_elem", &text, &[])
}

/// Prints a word about each object that is there: what `read` makes of its address in r2.
fn telling(t: &dyn Testbed, kind: &str, read: &str) -> Arc<dyn Program> {
    let text = format!(
        "r2 = *(u64 *)(r1 + 8)
         r1 = *(u64 *)(r1 + 0)
         r1 = *(u64 *)(r1 + 0)
         if r2 == 0 goto out
         {read}
         *(u32 *)(r10 - 4) = r2
         r2 = r10
         r2 += -4
         r3 = 4
         call bpf_seq_write
         out: r0 = 0
         exit"
    );
    iterator(t, kind, &text, &[])
}

suite! { ($) iter, __conformance_iter;
    fn each_element_of_a_hash_is_seen(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        for map_type in [MapType::HASH, MapType::LRU_HASH] {
            let walked = map(t, &spec(map_type, 4, 8, 16));
            let link = attach(&printing(t, 4, 8), Iter::map(&*walked));
            assert_eq!(read(&*link), [], "{map_type}");
            for key in 0..9u32 {
                put(&*walked, &key, &u64::from(key * 3));
            }
            let bytes = read(&*link);
            let (pairs, rest) = bytes.as_chunks::<12>();
            assert_eq!(rest, []);
            let mut pairs: Vec<(Vec<u8>, Vec<u8>)> =
                pairs.iter().map(|pair| (pair[..4].to_vec(), pair[4..].to_vec())).collect();
            pairs.sort();
            assert_eq!(pairs, elements(&*walked), "{map_type}");
        }
    }

    fn each_element_of_an_array_is_seen_in_order(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let walked = map(t, &spec(MapType::ARRAY, 4, 4, 5));
        for key in 0..5u32 {
            put(&*walked, &key, &(key + 100));
        }
        let link = attach(&printing(t, 4, 4), Iter::map(&*walked));
        assert_eq!(numbers(&read(&*link)), [0, 100, 1, 101, 2, 102, 3, 103, 4, 104]);
        let LinkTarget::Iter { name, .. } = &link.info().target else { panic!("{:?}", link.info()) };
        assert_eq!(&**name, "bpf_map_elem");
    }

    fn a_per_cpu_element_has_the_values_of_all_cpus(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let cpus = t.system().cpus().expect("CPUs").possible.len() as u32;
        for map_type in [MapType::PERCPU_ARRAY, MapType::PERCPU_HASH] {
            let walked = map(t, &spec(map_type, 4, 4, 2));
            // Each value has 8 bytes.
            let value: Vec<u32> = (0..cpus).flat_map(|cpu| [cpu + 7, 0]).collect();
            let value: Vec<u8> = value.iter().flat_map(|word| word.to_ne_bytes()).collect();
            for key in 0..2u32 {
                put(&*walked, &key, &value[..]);
            }
            let link = attach(&printing(t, 4, cpus * 8), Iter::map(&*walked));
            let bytes = read(&*link);
            assert_eq!(bytes.len(), 2 * (4 + value.len()), "{map_type}");
            for element in bytes.chunks(4 + value.len()) {
                assert_eq!(element[4..], value[..], "{map_type}");
            }
        }
    }

    fn values_can_be_changed(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let text = "r7 = *(u64 *)(r1 + 24)
             if r7 == 0 goto out
             r2 = *(u32 *)(r7 + 0)
             r2 += 5
             *(u32 *)(r7 + 0) = r2
             out: r0 = 0
             exit";
        let program = iterator(t, "bpf_map_elem", text, &[]);
        for map_type in [MapType::HASH, MapType::ARRAY] {
            let walked = map(t, &spec(map_type, 4, 4, 3));
            for key in 0..3u32 {
                put(&*walked, &key, &key);
            }
            assert_eq!(read(&*attach(&program, Iter::map(&*walked))), []);
            let values = [0u32, 1, 2].map(|key| get::<u32>(&*walked, &key));
            assert_eq!(values, [Some(5), Some(6), Some(7)], "{map_type}");
        }
    }

    fn other_maps_are_einval_and_none_is_ebadf(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let queue = map(t, &spec(MapType::QUEUE, 0, 4, 3));
        let program = printing(t, 4, 4);
        assert_eq!(errno_of(program.attach_to(Iter::map(&*queue))), Errno::EINVAL);
        assert_eq!(errno_of(program.attach_to(Iter::new())), Errno::EBADF);
    }

    fn the_program_runs_once_more_at_the_end(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        // What is printed: the number of the object, and whether there is one.
        let text = "r7 = *(u64 *)(r1 + 24)
             r6 = *(u64 *)(r1 + 0)
             r2 = *(u64 *)(r6 + 16)
             *(u32 *)(r10 - 8) = r2
             *(u32 *)(r10 - 4) = 1
             if r7 != 0 goto there
             *(u32 *)(r10 - 4) = 0
             there: r1 = *(u64 *)(r6 + 0)
             r2 = r10
             r2 += -8
             r3 = 8
             call bpf_seq_write
             r0 = 0
             exit";
        let program = iterator(t, "bpf_map_elem", text, &[]);
        let walked = map(t, &spec(MapType::HASH, 4, 4, 3));
        let link = attach(&program, Iter::map(&*walked));
        assert_eq!(numbers(&read(&*link)), [0, 0], "of an empty map");
        for key in 0..3u32 {
            put(&*walked, &key, &key);
        }
        assert_eq!(numbers(&read(&*link)), [0, 1, 1, 1, 2, 1, 2, 0]);
    }

    fn each_read_is_a_session(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let text = "r6 = *(u64 *)(r1 + 0)
             r2 = *(u64 *)(r6 + 8)
             *(u32 *)(r10 - 4) = r2
             r1 = *(u64 *)(r6 + 0)
             r2 = r10
             r2 += -4
             r3 = 4
             call bpf_seq_write
             r0 = 0
             exit";
        let program = iterator(t, "bpf_map_elem", text, &[]);
        let walked = map(t, &spec(MapType::ARRAY, 4, 4, 2));
        let link = attach(&program, Iter::map(&*walked));
        let [one, two] = [(); 2].map(|()| numbers(&read(&*link)));
        assert_eq!(one.len(), 3);
        assert!(one.iter().all(|session| *session == one[0]), "{one:?}");
        assert!(two[0] > one[0], "{one:?} {two:?}");
    }

    fn text_is_formatted(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        // "%u=%u\n", then what came of it, and what comes of a format that is none, and of odd arguments.
        let text = "r7 = *(u64 *)(r1 + 16)
             r8 = *(u64 *)(r1 + 24)
             r6 = *(u64 *)(r1 + 0)
             r6 = *(u64 *)(r6 + 0)
             if r7 == 0 goto out
             if r8 == 0 goto out
             r2 = 0x000a75253d7525 ll
             *(u64 *)(r10 - 8) = r2
             r2 = *(u32 *)(r7 + 0)
             *(u64 *)(r10 - 24) = r2
             r2 = *(u32 *)(r8 + 0)
             *(u64 *)(r10 - 16) = r2
             r1 = r6
             r2 = r10
             r2 += -8
             r3 = 8
             r4 = r10
             r4 += -24
             r5 = 16
             call bpf_seq_printf
             r9 = map_val(map_by_idx(0)) + 0
             *(u64 *)(r9 + 0) = r0
             r1 = r6
             r2 = r10
             r2 += -8
             r3 = 8
             r4 = r10
             r4 += -24
             r5 = 8
             call bpf_seq_printf
             *(u64 *)(r9 + 8) = r0
             r1 = r6
             r2 = r10
             r2 += -8
             r3 = 8
             r4 = r10
             r4 += -24
             r5 = 12
             call bpf_seq_printf
             *(u64 *)(r9 + 16) = r0
             r1 = r6
             r2 = r10
             r2 += -8
             r3 = 4
             r4 = r10
             r4 += -24
             r5 = 16
             call bpf_seq_printf
             *(u64 *)(r9 + 24) = r0
             out: r0 = 0
             exit";
        let results = map(t, &spec(MapType::ARRAY, 4, 32, 1));
        let program = iterator(t, "bpf_map_elem", text, &[&*results]);
        let walked = map(t, &spec(MapType::ARRAY, 4, 4, 2));
        put(&*walked, &1u32, &77u32);
        let link = attach(&program, Iter::map(&*walked));
        assert_eq!(String::from_utf8(read(&*link)).as_deref(), Ok("0=0\n1=77\n"));
        let results: [i64; 4] = get(&*results, &0u32).expect("a value");
        assert_eq!(results, [0, -22, -22, -22], "arguments, their bytes, the end of the format");
    }

    fn what_fits_no_page_is_read_on(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let walked = map(t, &spec(MapType::ARRAY, 4, 20_000, 4));
        for key in 0..4u32 {
            put(&*walked, &key, &vec![key as u8 + 1; 20_000][..]);
        }
        let link = attach(&printing(t, 4, 20_000), Iter::map(&*walked));
        let bytes = read(&*link);
        assert_eq!(bytes.len(), 4 * 20_004);
        for (key, element) in (0u8..).zip(bytes.chunks(20_004)) {
            assert_eq!(element[..4], u32::from(key).to_ne_bytes());
            assert!(element[4..].iter().all(|byte| *byte == key + 1));
        }
        // A read gives what is in the buffer, which takes one of these at a time.
        let mut reader = link.read().expect("read");
        let mut buffer = vec![0; 100_000];
        assert_eq!(reader.read(&mut buffer).expect("read"), 20_004);
        assert_eq!(reader.read(&mut buffer[..5]).expect("read"), 5);
        assert_eq!(reader.read(&mut buffer).expect("read"), 20_004 - 5);
    }

    fn one_object_must_fit_the_buffer(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let walked = map(t, &spec(MapType::ARRAY, 4, 40_000, 2));
        let link = attach(&printing(t, 4, 40_000), Iter::map(&*walked));
        let mut reader = link.read().expect("read");
        let refused = reader.read(&mut [0; 100]).expect_err("too long");
        assert_eq!(refused.raw_os_error(), Some(Errno::E2BIG.0));
    }

    fn an_object_may_be_asked_for_again(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        // Prints each key; wants to see key 1 again until the map's first value says no more.
        let text = "r7 = *(u64 *)(r1 + 16)
             r1 = *(u64 *)(r1 + 0)
             r1 = *(u64 *)(r1 + 0)
             if r7 == 0 goto out
             r8 = *(u32 *)(r7 + 0)
             r2 = r7
             r3 = 4
             call bpf_seq_write
             r1 = map_val(map_by_idx(0)) + 0
             r1 = *(u64 *)(r1 + 0)
             if r8 != 1 goto out
             if r1 != 0 goto out
             r0 = 1
             exit
             out: r0 = 0
             exit";
        let enough = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let program = iterator(t, "bpf_map_elem", text, &[&*enough]);
        let walked = map(t, &spec(MapType::ARRAY, 4, 4, 3));
        let link = attach(&program, Iter::map(&*walked));
        let mut reader = link.read().expect("read");
        let mut buffer = [0; 64];
        assert_eq!(reader.read(&mut buffer).expect("read"), 4);
        assert_eq!(buffer[..4], 0u32.to_ne_bytes());
        for _ in 0..2 {
            let again = reader.read(&mut buffer).expect_err("again");
            assert_eq!(again.raw_os_error(), Some(Errno::EAGAIN.0));
        }
        put(&*enough, &0u32, &1u64);
        assert_eq!(reader.read(&mut buffer).expect("read"), 8);
        assert_eq!(numbers(&buffer[..8]), [1, 2]);
        assert_eq!(reader.read(&mut buffer).expect("read"), 0);
        assert_eq!(reader.read(&mut buffer).expect("read"), 0);
    }

    fn every_map_is_seen(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let id = offset(t, "bpf_map", "id");
        let maps = [3, 4, 5].map(|entries| map(t, &spec(MapType::HASH, 4, 4, entries)));
        let ids = maps.each_ref().map(|map| map.info().id.0);
        let seen = |field| {
            let link = attach(&telling(t, "bpf_map", &format!("r2 = *(u32 *)(r2 + {field})")), Iter::new());
            numbers(&read(&*link))
        };
        let found = seen(id);
        assert!(found.is_sorted(), "{found:?}");
        assert!(ids.iter().all(|id| found.contains(id)), "{found:?} {ids:?}");
        assert!(seen(offset(t, "bpf_map", "max_entries")).contains(&5));
    }

    fn every_program_is_seen(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let (aux, id) = (offset(t, "bpf_prog", "aux"), offset(t, "bpf_prog_aux", "id"));
        let ours = [1, 2].map(|number| verdict(t, number));
        let read_id = format!("r2 = *(u64 *)(r2 + {aux})\nr2 = *(u32 *)(r2 + {id})");
        let found = numbers(&read(&*attach(&telling(t, "bpf_prog", &read_id), Iter::new())));
        assert!(found.is_sorted(), "{found:?}");
        assert!(ours.iter().all(|program| found.contains(&program.info().id.0)), "{found:?}");
    }

    fn every_link_is_seen(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let id = offset(t, "bpf_link", "id");
        let program = telling(t, "bpf_link", &format!("r2 = *(u32 *)(r2 + {id})"));
        let (one, two) = (attach(&program, Iter::new()), attach(&program, Iter::new()));
        let found = numbers(&read(&*two));
        assert!(found.is_sorted(), "{found:?}");
        for link in [&one, &two] {
            assert!(found.contains(&link.info().id.expect("an id").0), "{found:?}");
        }
    }

    fn one_thread_is_seen_or_all(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let (pid, tgid) = (offset(t, "task_struct", "pid"), offset(t, "task_struct", "tgid"));
        let (process, thread) = ((t.current_task() >> 32) as u32, t.current_task() as u32);
        let of_thread = telling(t, "task", &format!("r2 = *(u32 *)(r2 + {pid})"));
        let of_process = telling(t, "task", &format!("r2 = *(u32 *)(r2 + {tgid})"));
        assert_eq!(numbers(&read(&*attach(&of_thread, Iter::thread(thread)))), [thread]);
        assert_eq!(numbers(&read(&*attach(&of_process, Iter::thread(thread)))), [process]);
        let threads = numbers(&read(&*attach(&of_thread, Iter::process(process))));
        assert!(threads.contains(&thread) && threads.is_sorted(), "{threads:?}");
        let all = numbers(&read(&*attach(&of_thread, Iter::new())));
        assert!(all.contains(&thread) && all.is_sorted(), "{all:?}");
        assert!(all.contains(&process));
    }

    fn a_task_that_is_not_there_is_not_seen(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let program = telling(t, "task", "r2 = 0");
        for target in [Iter::thread(u32::MAX >> 1), Iter::process(u32::MAX >> 1)] {
            assert_eq!(read(&*attach(&program, target)), []);
        }
    }

    fn groups_are_seen_in_an_order(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let Some(group) = cgroup(t, case) else { return };
        let below = group.child();
        let number = |group: &dyn crate::conformance::TestCgroup| {
            let mut spec = code(ProgramType::CGROUP_SKB, "r0 = 1\nexit");
            spec.expected_attach_type = Some(AttachType::CGROUP_INET_EGRESS);
            let program = crate::conformance::load(t, &spec, &[]).expect("load");
            let link = program.attach_to(Cgroup::at(group.place(), AttachType::CGROUP_INET_EGRESS)).expect("attach");
            match link.info().target {
                LinkTarget::Cgroup { cgroup_id, .. } => cgroup_id,
                ref other => panic!("{other:?}"),
            }
        };
        let (above, under) = (number(&*group), number(&*below));
        let (kn, id) = (offset(t, "cgroup", "kn"), offset(t, "kernfs_node", "id"));
        let program = telling(t, "cgroup", &format!("r2 = *(u64 *)(r2 + {kn})\nr2 = *(u64 *)(r2 + {id})"));
        let seen = |start, order| numbers(&read(&*attach(&program, Iter::cgroup(start, order))));
        let [above_word, under_word] = [above, under].map(|id| id as u32);
        assert_eq!(seen(above, CgroupOrder::SELF_ONLY), [above_word]);
        assert_eq!(seen(above, CgroupOrder::DESCENDANTS_PRE), [above_word, under_word]);
        assert_eq!(seen(above, CgroupOrder::DESCENDANTS_POST), [under_word, above_word]);
        let up = seen(under, CgroupOrder::ANCESTORS_UP);
        assert_eq!(up[..2], [under_word, above_word]);
        assert_eq!(up.last(), Some(&1), "the root");
    }

    fn another_program_takes_its_place(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let walked = map(t, &spec(MapType::ARRAY, 4, 4, 1));
        let (one, two) = (printing(t, 4, 4), printing(t, 4, 2));
        let link = attach(&one, Iter::map(&*walked));
        let mut before = link.read().expect("read");
        link.update(&*two, Some(&*one)).expect("update");
        let mut bytes = Vec::new();
        before.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes.len(), 8, "what is open goes on with the old one");
        assert_eq!(read(&*link).len(), 6);
        let other = telling(t, "task", "r2 = 0");
        assert_eq!(errno_of(link.update(&*other, None)), Errno::EINVAL);
    }

    fn a_reader_outlives_its_link(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let walked = map(t, &spec(MapType::ARRAY, 4, 4, 1));
        let link = attach(&printing(t, 4, 4), Iter::map(&*walked));
        let mut reader = link.read().expect("read");
        drop((link, walked));
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes.len(), 8);
    }

    fn only_iterators_are_read(t, case) {
        requires!(t, case, ITERATORS, Feature::KernelBtf);
        let interface = t.interfaces().remove(0);
        let link = verdict(t, 2).attach_to(Xdp::on(interface)).expect("attach");
        assert!(link.read().is_err());
        assert_eq!(errno_of(verdict(t, 2).attach_to(Iter::new())), Errno::EINVAL);
    }
}
