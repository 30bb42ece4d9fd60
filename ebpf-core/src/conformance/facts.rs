//! What a system says of itself: CPUs, clocks, release, features.

use crate::conformance::suite;
use crate::map::MapType;
use crate::program::ProgramType;
use crate::system::{Feature, KernelVersion, Support};

suite! { ($) facts, __conformance_facts;
    fn there_are_cpus(t) {
        let cpus = t.system().cpus().expect("CPUs");
        assert!(!cpus.possible.is_empty() && !cpus.online.is_empty());
        assert!(cpus.online.iter().all(|cpu| cpus.possible.contains(cpu)), "{cpus:?}");
        assert!(cpus.possible.slots() as usize >= cpus.possible.len());
        assert_eq!(t.system().cpus(), Ok(cpus), "the answer stays");
    }

    fn clocks_do_not_go_back(t) {
        let (one, two) = (t.system().clock().expect("clock"), t.system().clock().expect("clock"));
        assert!(two.monotonic >= one.monotonic && two.boot >= one.boot);
        assert!(one.boot >= one.monotonic, "suspension counts for the boot clock only");
    }

    fn a_time_of_now_is_now(t) {
        let clock = t.system().clock().expect("clock");
        assert_eq!(clock.wall_of_monotonic(clock.monotonic), Some(clock.wall));
        assert_eq!(clock.wall_of_boot(clock.boot), Some(clock.wall));
    }

    fn the_same_time_is_the_same_date_later(t) {
        let first = t.system().clock().expect("clock");
        let then = first.monotonic;
        let second = t.system().clock().expect("clock");
        let (one, two) = (first.wall_of_monotonic(then), second.wall_of_monotonic(then));
        let (one, two) = (one.expect("a date"), two.expect("a date"));
        let apart = two.duration_since(one).unwrap_or_else(|error| error.duration());
        assert!(apart < std::time::Duration::from_secs(1), "{apart:?} apart: seconds are not whole");
    }

    fn the_release_is_one_that_has_bpf(t) {
        let release = t.system().facts().release().expect("release");
        assert!(release >= KernelVersion::new(4, 4, 0), "{release}");
    }

    fn a_page_is_a_power_of_two(t) {
        let page = t.system().facts().page_size();
        assert!(page.is_power_of_two() && page >= 4096, "{page}");
    }

    fn the_oldest_types_are_there(t) {
        for feature in [
            Feature::Bpf,
            Feature::MapType(MapType::HASH),
            Feature::MapType(MapType::ARRAY),
            Feature::ProgramType(ProgramType::SOCKET_FILTER),
            Feature::ProgramType(ProgramType::XDP),
        ] {
            assert_eq!(t.system().probe(feature), Ok(Support::Yes), "{feature}");
        }
    }

    fn what_was_never_made_is_not_there(t) {
        for feature in [
            Feature::MapType(MapType(9999)),
            Feature::ProgramType(ProgramType(9999)),
            Feature::Helper(ProgramType::XDP, 99_999),
        ] {
            assert_eq!(t.system().probe(feature), Ok(Support::No), "{feature}");
        }
    }

    fn helpers_are_of_program_types(t) {
        let adjust_head = 44;
        assert_eq!(t.system().probe(Feature::Helper(ProgramType::XDP, adjust_head)), Ok(Support::Yes));
        assert_eq!(t.system().probe(Feature::Helper(ProgramType::SOCKET_FILTER, adjust_head)), Ok(Support::No));
    }

    fn an_answer_stays(t) {
        for map_type in MapType::ALL {
            let feature = Feature::MapType(*map_type);
            assert_eq!(t.system().probe(feature), t.system().probe(feature), "{map_type}");
        }
    }

    fn the_kernels_types_belong_to_the_feature(t) {
        let types = t.system().target_btf().expect("BTF");
        assert_eq!(t.system().probe(Feature::KernelBtf), Ok(if types.is_some() { Support::Yes } else { Support::No }));
    }

    fn symbols_are_found_by_name_and_by_address(t, case) {
        let facts = t.system().facts();
        let found = match facts.symbol("bpf_prog_put") {
            Err(error) => return t.skip(case, &format!("this system shows no addresses: {error}")),
            Ok(None) => return t.skip(case, "this system has no symbols"),
            Ok(Some(address)) => address,
        };
        let at = |address| facts.symbol_at(address).expect("an answer");
        let shown = at(found + 2).expect("a symbol");
        assert_eq!((shown.offset, &shown.module), (2, &None));
        // Several names may have one address.
        assert_eq!(facts.symbol(&shown.name), Ok(Some(found)));
        assert_eq!(at(0x1000), None);
        assert_eq!(facts.symbol("surely_no_symbol_of_this_name"), Ok(None));
    }

    fn an_option_that_does_not_exist_is_not_set(t, case) {
        match t.system().facts().config("CONFIG_NO_SUCH_OPTION_AT_ALL") {
            Err(error) => t.skip(case, &format!("this system does not tell its configuration: {error}")),
            value => assert_eq!(value, Ok(None)),
        }
    }

    fn a_module_that_does_not_exist_has_no_types(t) {
        for name in ["no_such_module", "", "../vmlinux", "a/b"] {
            assert!(t.system().facts().module_btf(name).expect("an answer").is_none(), "{name}");
        }
    }
}
