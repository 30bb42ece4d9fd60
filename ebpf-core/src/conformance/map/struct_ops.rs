//! Structures of callbacks, seen through TCP's congestion controls: `kernel/bpf/bpf_struct_ops.c`,
//! `net/ipv4/bpf_tcp_ca.c`. The kernel that has them has them for the whole machine: each case uses a name of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Errno;
use crate::btf::{Btf, Kind, TypeId};
use crate::conformance::{Testbed, code, delete, errno_of, has, map, refused, spec, suite};
use crate::link::LinkType;
use crate::map::{LookupFlags, Map, MapFlags, MapSpec, MapType, UpdateFlags};
use crate::program::{AttachType, Program, ProgramType};
use crate::system::{Bindings, BtfTarget, Feature};

const HERE: [Feature; 3] = [
    Feature::MapType(MapType::STRUCT_OPS),
    Feature::ProgramType(ProgramType::STRUCT_OPS),
    Feature::KernelBtf,
];
/// Since Linux 6.4, as those links are.
const LINKS: Feature = Feature::Link(LinkType::NETFILTER);
const TCP: &str = "tcp_congestion_ops";
const NEEDED: [&str; 3] = ["ssthresh", "undo_cwnd", "cong_avoid"];

/// The states of an element, which its second word says.
const INIT: u32 = 0;
const IN_USE: u32 = 1;
const TO_BE_FREE: u32 = 2;
const READY: u32 = 3;

/// A congestion control that can be made into a value.
struct Control<'t> {
    t: &'t dyn Testbed,
    btf: Arc<Btf>,
    structure: TypeId,
    value: TypeId,
    programs: Vec<(&'static str, Arc<dyn Program>)>,
}

impl<'t> Control<'t> {
    fn new(t: &'t dyn Testbed) -> Control<'t> {
        let btf = t.system().target_btf().expect("an answer").expect("types");
        let find = |name: &str| btf.find(name, Kind::STRUCT).expect("a structure");
        let mut control = Control {
            t,
            structure: find(TCP),
            value: find(&format!("bpf_struct_ops_{TCP}")),
            btf: btf.clone(),
            programs: Vec::new(),
        };
        control.programs = NEEDED
            .into_iter()
            .map(|callback| (callback, control.program(callback)))
            .collect();
        control
    }

    /// The number of a member, and its place in a value.
    fn member(&self, name: &str) -> (u32, usize) {
        let members = |id: TypeId| self.btf.by_id(id).and_then(|ty| ty.as_composite());
        let outer = members(self.value).expect("a structure");
        let data = outer.members().find(|member| member.name == "data");
        let inner = members(self.structure).expect("a structure");
        let (member, number) = inner
            .members()
            .zip(0..)
            .find(|(member, _)| member.name == name)
            .expect("a member");
        let bits = data.expect("the structure").bit_offset + member.bit_offset;
        (number, bits as usize / 8)
    }

    fn program(&self, callback: &str) -> Arc<dyn Program> {
        let mut spec = code(ProgramType::STRUCT_OPS, "r0 = 0\nexit");
        spec.expected_attach_type = Some(AttachType(self.member(callback).0));
        let target = BtfTarget {
            type_id: self.structure,
            module: None,
        };
        let bindings = Bindings {
            attach_btf: Some(&target),
            ..Bindings::default()
        };
        let loaded = self.t.system().load_program(&spec, &bindings);
        loaded.unwrap_or_else(|error| panic!("{callback}: {error:#}"))
    }

    fn spec(&self, flags: MapFlags) -> MapSpec {
        let mut spec = spec(MapType::STRUCT_OPS, 4, 1, 1).with_flags(flags);
        spec.struct_ops = Some(TCP.to_owned());
        spec
    }

    fn map(&self, flags: MapFlags) -> Arc<dyn Map> {
        map(self.t, &self.spec(flags))
    }

    /// A value without a name and callbacks.
    fn empty(&self) -> Vec<u8> {
        vec![0; self.btf.size_of(self.value).expect("a size") as usize]
    }

    /// A whole value of this name.
    fn named(&self, name: &str) -> Vec<u8> {
        let mut value = self.empty();
        self.set(&mut value, "name", name.as_bytes());
        for (callback, program) in &self.programs {
            let descriptor = program.handle().raw_in(self.t.system().id());
            let descriptor = u64::from(descriptor.expect("a program of this system"));
            self.set(&mut value, callback, &descriptor.to_ne_bytes());
        }
        value
    }

    fn set(&self, value: &mut [u8], member: &str, bytes: &[u8]) {
        let (_, at) = self.member(member);
        value[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn with(&self, member: &str, bytes: &[u8]) -> Vec<u8> {
        let mut value = self.named(&unused_name());
        self.set(&mut value, member, bytes);
        value
    }
}

fn is_here(t: &dyn Testbed, case: &str) -> bool {
    HERE.into_iter().all(|feature| has(t, case, feature))
}

/// A name that nobody else has.
fn unused_name() -> String {
    static NAMES: AtomicU32 = AtomicU32::new(0);
    let number = NAMES.fetch_add(1, Ordering::Relaxed);
    format!("t{:x}_{number:x}", std::process::id())
}

fn write(map: &dyn Map, value: &[u8]) -> Result<(), crate::map::MapError> {
    map.update_elem(&[0; 4], value, UpdateFlags::ANY)
}

fn read(map: &dyn Map) -> Vec<u8> {
    let mut value = vec![0xff; map.info().value_size as usize];
    assert_eq!(
        map.lookup_elem(&[0; 4], &mut value, LookupFlags::NONE),
        Ok(true)
    );
    value
}

/// How many refer to it, and its state.
fn state(map: &dyn Map) -> (u32, u32) {
    let value = read(map);
    let word = |at: usize| u32::from_ne_bytes(value[at..at + 4].try_into().expect("4 bytes"));
    (word(0), word(4))
}

suite! { ($) struct_ops, __conformance_struct_ops;
    fn the_kernel_s_structure_decides_of_its_size(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let map = control.map(MapFlags::NONE);
        assert_eq!(map.info().value_size as usize, control.empty().len());
        assert_eq!(map.query().expect("state").kernel_value_type, control.value);
    }

    fn it_has_one_element_and_few_flags(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let two = MapSpec { max_entries: 2, ..control.spec(MapFlags::NONE) };
        assert_eq!(refused(t, &two).errno(), Some(Errno::EINVAL));
        for flag in [MapFlags::NO_PREALLOC, MapFlags::RDONLY, MapFlags::RDONLY_PROG, MapFlags::MMAPABLE] {
            assert_eq!(refused(t, &control.spec(flag)).errno(), Some(Errno::EINVAL), "{flag}");
        }
    }

    fn a_structure_without_a_name_or_of_no_kernel_is_refused(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let unknown = MapSpec { struct_ops: Some("no_such_structure".to_owned()), ..control.spec(MapFlags::NONE) };
        assert_eq!(refused(t, &unknown).errno(), Some(Errno::ENOENT));
        let nameless = MapSpec { struct_ops: None, ..control.spec(MapFlags::NONE) };
        assert_eq!(refused(t, &nameless).errno(), Some(Errno::EINVAL));
    }

    fn it_starts_as_zeros(t, case) {
        if !is_here(t, case) { return }
        let map = Control::new(t).map(MapFlags::NONE);
        assert!(read(&map).iter().all(|byte| *byte == 0));
        let mut value = read(&map);
        assert_eq!(map.lookup_elem(&[1, 0, 0, 0], &mut value, LookupFlags::NONE), Ok(false));
        let mut next = [9; 4];
        assert_eq!((map.next_key(None, &mut next), next), (Ok(true), [0; 4]));
        assert_eq!(map.next_key(Some(&[0; 4]), &mut next), Ok(false));
        assert_eq!(delete(&map, &0), Ok(false));
    }

    fn writing_registers_and_deleting_ends_it(t, case) {
        if !is_here(t, case) { return }
        let (control, name) = (Control::new(t), unused_name());
        let map = control.map(MapFlags::NONE);
        write(&map, &control.named(&name)).expect("register");
        assert_eq!(state(&map), (1, IN_USE));
        let again = write(&map, &control.named(&unused_name()));
        let other = control.map(MapFlags::NONE);
        let same_name = write(&other, &control.named(&name));
        assert_eq!(delete(&map, &0), Ok(true));
        assert_eq!(errno_of(again), Errno::EBUSY, "it is in use");
        assert_eq!(errno_of(same_name), Errno::EEXIST, "the name is taken");
        assert_eq!(state(&other), (0, INIT), "what failed leaves nothing");
        assert_eq!(state(&map), (0, TO_BE_FREE));
        assert_eq!(errno_of(delete(&map, &0)), Errno::EINPROGRESS);
        assert_eq!(errno_of(write(&map, &control.named(&name))), Errno::EBUSY);
        write(&other, &control.named(&name)).expect("the name is free");
        assert_eq!(delete(&other, &0), Ok(true));
    }

    fn programs_are_read_back_as_ids(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let map = control.map(MapFlags::NONE);
        write(&map, &control.named(&unused_name())).expect("register");
        let value = read(&map);
        assert_eq!(delete(&map, &0), Ok(true));
        for (callback, program) in &control.programs {
            let (_, at) = control.member(callback);
            let id = u64::from(program.info().id.0);
            assert_eq!(value[at..at + 8], id.to_ne_bytes(), "{callback}");
        }
    }

    fn with_a_link_it_is_only_made_ready(t, case) {
        if !is_here(t, case) || !has(t, case, LINKS) { return }
        let (control, name) = (Control::new(t), unused_name());
        let [map, other] = [(); 2].map(|()| control.map(MapFlags::LINK));
        write(&map, &control.named(&name)).expect("make ready");
        assert_eq!(state(&map), (0, READY));
        write(&other, &control.named(&name)).expect("nothing is registered yet");
        assert_eq!(errno_of(write(&map, &control.named(&name))), Errno::EBUSY);
        assert_eq!(errno_of(delete(&map, &0)), Errno::EOPNOTSUPP);
    }

    fn a_registered_one_outlives_its_map(t, case) {
        if !is_here(t, case) { return }
        let (control, name) = (Control::new(t), unused_name());
        let map = control.map(MapFlags::NONE);
        write(&map, &control.named(&name)).expect("register");
        let id = map.info().id;
        drop(map);
        let map = t.system().map_by_id(id).expect("it is still there");
        assert_eq!(state(&map).1, IN_USE);
        assert_eq!(delete(&map, &0), Ok(true));
    }

    fn what_is_no_whole_congestion_control_is_einval(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let map = control.map(MapFlags::NONE);
        let mut bare = control.empty();
        control.set(&mut bare, "name", unused_name().as_bytes());
        let hole = {
            let mut value = control.named(&unused_name());
            value[8] = 1;
            value
        };
        let started = {
            let mut value = control.named(&unused_name());
            value[4] = 1;
            value
        };
        for (what, value) in [
            ("no name", control.named("")),
            ("no callbacks", bare),
            ("a hole", hole),
            ("a state", started),
            ("a callback too few", control.with("undo_cwnd", &[0; 8])),
            ("a key", control.with("key", &[1])),
        ] {
            assert_eq!(errno_of(write(&map, &value)), Errno::EINVAL, "{what}");
        }
        assert_eq!(state(&map), (0, INIT));
    }

    fn a_callback_is_a_program_for_it(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let map = control.map(MapFlags::NONE);
        let raw = |handle: crate::system::Handle| u64::from(handle.raw_in(t.system().id()).expect("of this system"));
        let other = raw(control.programs[1].1.handle()).to_ne_bytes();
        assert_eq!(errno_of(write(&map, &control.with("ssthresh", &other))), Errno::EINVAL, "for another one");
        let no_program = raw(map.handle()).to_ne_bytes();
        assert_eq!(errno_of(write(&map, &control.with("ssthresh", &no_program))), Errno::EINVAL, "a map");
        let closed = 0x7fff_fffeu64.to_ne_bytes();
        assert_eq!(errno_of(write(&map, &control.with("ssthresh", &closed))), Errno::EBADF);
    }

    fn flags_and_keys_are_checked_first(t, case) {
        if !is_here(t, case) { return }
        let control = Control::new(t);
        let map = control.map(MapFlags::NONE);
        for flags in [UpdateFlags::NO_EXIST, UpdateFlags::EXIST, UpdateFlags::LOCK] {
            assert_eq!(errno_of(map.update_elem(&[1, 0, 0, 0], &control.empty(), flags)), Errno::EINVAL, "{flags}");
        }
        assert_eq!(errno_of(map.update_elem(&[1, 0, 0, 0], &control.empty(), UpdateFlags::ANY)), Errno::E2BIG);
        assert_eq!(errno_of(map.freeze()), Errno::ENOTSUPP);
        let mut value = control.empty();
        assert_eq!(errno_of(map.lookup_and_delete_elem(&[0; 4], &mut value, LookupFlags::NONE)), Errno::ENOTSUPP);
    }
}
