//! Targets of indirect jumps: `kernel/bpf/bpf_insn_array.c`.

use crate::Errno;
use crate::conformance::{
    delete, errno_of, get, keys, map, put, refused, requires, spec, suite, write,
};
use crate::map::{MapFlags, MapSpec, MapType, UpdateFlags};
use crate::system::Feature;

const HERE: Feature = Feature::MapType(MapType::INSN_ARRAY);

/// An array of two.
fn array() -> MapSpec {
    spec(MapType::INSN_ARRAY, 4, 16, 2)
}

suite! { ($) insn_array, __conformance_insn_array;
    fn user_space_says_offsets(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &array());
        assert_eq!(get(&map, &0), Some([0u32; 4]), "it starts as zeros");
        put(&map, &0, &[7u32, 0, 0, 0].map(u32::to_ne_bytes).concat());
        assert_eq!(get(&map, &0), Some([7u32, 0, 0, 0]));
        assert_eq!(get::<[u32; 4]>(&map, &2), None);
        assert_eq!(keys(&map), [0u32, 1].map(|index| index.to_ne_bytes().to_vec()));
    }

    fn the_kernel_says_the_others(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &array());
        for value in [[7u32, 1, 0, 0], [7, 0, 1, 0]] {
            let value = value.map(u32::to_ne_bytes).concat();
            assert_eq!(errno_of(write(&map, &0, &value, UpdateFlags::ANY)), Errno::EINVAL);
        }
    }

    fn conditions_are_those_of_arrays(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &array());
        assert_eq!(errno_of(write(&map, &0, &[0; 16], UpdateFlags::NO_EXIST)), Errno::EEXIST);
        write(&map, &0, &[0; 16], UpdateFlags::EXIST).expect("replace");
        assert_eq!(errno_of(write(&map, &2, &[0; 16], UpdateFlags::NO_EXIST)), Errno::E2BIG);
        assert_eq!(errno_of(delete(&map, &0)), Errno::EINVAL);
    }

    fn it_has_no_flags_and_values_of_16_bytes(t, case) {
        requires!(t, case, HERE);
        assert_eq!(refused(t, &spec(MapType::INSN_ARRAY, 4, 8, 2)).errno(), Some(Errno::EINVAL));
        for flag in [MapFlags::RDONLY_PROG, MapFlags::MMAPABLE, MapFlags::NO_PREALLOC] {
            assert_eq!(refused(t, &array().with_flags(flag)).errno(), Some(Errno::EINVAL), "{flag}");
        }
    }
}
