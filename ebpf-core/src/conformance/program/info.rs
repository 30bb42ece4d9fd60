//! What is known of a program: `bpf_prog_get_info_by_fd()` in kernel/bpf/syscall.c.

use crate::SystemExt;
use crate::conformance::{FRAME, code, load, map, program, requires, run, spec, suite, verdict};
use crate::map::{MapSpec, MapType};
use crate::program::{ProgramExt, ProgramType, RunInput, RunOutput};
use crate::system::Feature;

const USES_TWO: &str = "r1 = map_by_idx(0)\nr1 = map_by_idx(1)\nr0 = 2\nexit";

suite! { ($) program_info, __conformance_program_info;
    fn it_says_what_was_loaded(t) {
        for program_type in [ProgramType::SOCKET_FILTER, ProgramType::SCHED_CLS, ProgramType::SCHED_ACT] {
            let program = program(t, program_type, "r0 = 1\nexit", &[]);
            let info = program.info();
            assert_eq!((&*info.name, info.program_type), ("case", program_type));
            assert_ne!(info.id.0, 0);
            assert!(info.translated_bytes >= 16, "two instructions at least: {info:?}");
            assert!(info.map_ids.is_empty());
            assert_eq!(info.ifindex, 0);
        }
    }

    fn a_tag_is_of_the_code(t) {
        let tag = |n| verdict(t, n).info().tag;
        assert_eq!(tag(1), tag(1));
        assert_ne!(tag(1), tag(2));
        assert_eq!(tag(1).to_string().len(), 16);
    }

    fn a_tag_leaves_out_the_maps(t) {
        let array = || map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let (one, two, three) = (array(), array(), array());
        let with = |maps| program(t, ProgramType::XDP, USES_TWO, maps).info().tag;
        assert_eq!(with(&[&one, &two]), with(&[&three, &one]));
    }

    fn it_names_the_maps(t) {
        let array = || map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let (one, two) = (array(), array());
        let program = program(t, ProgramType::XDP, USES_TWO, &[&one, &two]);
        let mut ids = program.info().map_ids.clone();
        ids.sort();
        let mut expected = vec![one.info().id, two.info().id];
        expected.sort();
        assert_eq!(ids, expected);
    }

    fn a_map_used_twice_is_named_once(t) {
        let one = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let program = program(t, ProgramType::XDP, "r1 = map_by_idx(0)\nr2 = map_by_idx(0)\nr0 = 2\nexit", &[&one]);
        assert_eq!(program.info().map_ids, [one.info().id]);
    }

    fn the_load_time_is_now(t) {
        let before = t.system().clock().expect("clock");
        let program = verdict(t, 2);
        let after = t.system().clock().expect("clock");
        let loaded = program.info().loaded_at;
        assert!((before.boot..=after.boot).contains(&loaded), "{:?} {loaded:?} {:?}", before.boot, after.boot);
        let wall = after.wall_of_boot(loaded).expect("a date");
        assert!(wall <= after.wall);
    }

    fn the_licence_decides_about_gpl(t) {
        for (license, compatible) in [
            ("GPL", true), ("GPL v2", true), ("GPL and additional rights", true), ("Dual BSD/GPL", true),
            ("Dual MIT/GPL", true), ("Dual MPL/GPL", true),
            ("", false), ("MIT", false), ("GPLv2", false), ("gpl", false), ("Proprietary", false),
        ] {
            let program = load(t, &code(ProgramType::XDP, "r0 = 2\nexit").with_license(license), &[]).expect("load");
            assert_eq!(program.info().gpl_compatible, compatible, "{license}");
        }
    }

    fn one_process_is_one_user(t) {
        assert_eq!(verdict(t, 1).info().created_by_uid, verdict(t, 2).info().created_by_uid);
    }

    fn by_id_it_is_the_same_program(t) {
        let program = verdict(t, 3);
        let again = t.system().program_by_id(program.info().id).expect("by id");
        let (one, two) = (program.info(), again.info());
        assert_eq!((one.id, one.tag, one.program_type), (two.id, two.tag, two.program_type));
        assert_eq!((one.loaded_at, one.translated_bytes), (two.loaded_at, two.translated_bytes));
        assert_eq!(run(&again), 3);
    }

    fn memory_is_charged(t) {
        let bytes = verdict(t, 2).query().expect("query").memory_bytes.expect("this system tells");
        assert!(bytes > 0);
    }

    fn runs_are_not_counted_unless_asked(t) {
        let program = verdict(t, 2);
        run(&program);
        let stats = program.query().expect("query");
        assert!(stats.recursion_misses == 0, "{stats:?}");
    }

    fn runs_are_counted_while_asked(t, case) {
        requires!(t, case, Feature::RunStatistics);
        let program = verdict(t, 2);
        let runs = |repeat| {
            let input = RunInput::data(&FRAME).repeat(repeat);
            program.run(&input, &mut RunOutput::none()).expect("run");
        };
        let counted = || program.query().expect("query");
        let before = counted().run_count;
        let guard = t.system().enable_stats().expect("enable");
        runs(1);
        assert_eq!(counted().run_count, before + 1);
        let time = counted().run_time;
        runs(1000);
        assert_eq!(counted().run_count, before + 1001);
        assert!(counted().run_time > time, "{:?} after {time:?}", counted());
        // A second guard keeps on counting.
        let second = t.system().enable_stats().expect("enable again");
        drop(guard);
        runs(7);
        assert_eq!(counted().run_count, before + 1008);
        drop(second);
    }

    fn a_dump_has_the_instructions(t) {
        let program = verdict(t, 3);
        let dump = program.dump().expect("dump");
        assert!(dump.instructions.len() * 8 == program.info().translated_bytes as usize, "{dump:?}");
        assert_eq!(dump.machine_code.len(), program.info().jited_bytes as usize);
        let text = dump.annotate(program.info(), t.system()).to_string();
        assert!(text.starts_with("case:\n") && text.contains(": r0 = 3\n") || text.contains(": w0 = 3\n"), "{text}");
        assert!(text.ends_with(": exit\n"), "{text}");
    }

    fn a_dump_names_maps_and_helpers(t) {
        let one = map(t, &MapSpec::new("numbers", MapType::ARRAY, 4, 8, 1));
        let text = "r1 = map_by_idx(0)\ncall bpf_get_prandom_u32\nr0 = 2\nexit";
        let program = program(t, ProgramType::XDP, text, &[&one]);
        let shown = program.disassemble(t.system()).expect("dump").to_string();
        assert!(shown.contains(&format!("; map {} `numbers`", one.info().id)), "{shown}");
        assert!(shown.contains("bpf_get_prandom_u32") || shown.contains("bpf_user_rnd_u32"), "{shown}");
    }

    fn a_dump_of_several_functions_has_them_all(t) {
        let text = "r1 = 4\ncall double\nexit\ndouble: r0 = r1\nr0 += r1\nexit";
        let program = program(t, ProgramType::SOCKET_FILTER, text, &[]);
        assert_eq!(run(&program), 8);
        let dump = program.dump().expect("dump");
        assert_eq!(dump.functions.len(), 2, "{dump:?}");
        assert_ne!(dump.functions[0].tag, dump.functions[1].tag);
        let bytes: u32 = dump.functions.iter().map(|function| function.bytes).sum();
        assert!(bytes as usize == dump.machine_code.len() || dump.machine_code.is_empty(), "{dump:?}");
        let text = dump.annotate(program.info(), t.system()).to_string();
        assert!(text.contains(": call F"), "a call of a label: {text}");
    }

    fn maps_of_a_program_open(t) {
        let array = |name| map(t, &MapSpec::new(name, MapType::ARRAY, 4, 8, 1));
        // Two maps of one name are two maps.
        let (one, two) = (array("same"), array("same"));
        let program = program(t, ProgramType::XDP, USES_TWO, &[&one, &two]);
        let mut ids: Vec<_> = t.system().maps_of(&program).expect("maps").iter().map(|map| map.info().id).collect();
        ids.sort();
        let mut expected = vec![one.info().id, two.info().id];
        expected.sort();
        assert_eq!(ids, expected);
    }

    fn maps_of_a_program_open_by_id(t) {
        let one = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let program = program(t, ProgramType::XDP, "r1 = map_by_idx(0)\nr0 = 2\nexit", &[&one]);
        let [id] = program.info().map_ids[..] else { panic!("one map: {:?}", program.info()) };
        let opened = t.system().map_by_id(id).expect("by id");
        crate::conformance::put(&opened, &0, &9u64);
        assert_eq!(crate::conformance::get(&one, &0), Some(9u64), "one map, two handles");
    }
}
