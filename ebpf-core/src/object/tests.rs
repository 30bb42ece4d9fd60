mod hostile;

use super::*;
use crate::insn::{CallKind, Pseudo};
use crate::map::{InitialValue, MapFlags, MapType, Pinning};
use crate::program::{AttachType, ExternKind, ProgramSpec, ProgramType, Referent};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../testdata/object/", $name, ".bpf.o"))
    };
}

fn parse(bytes: &[u8]) -> ObjectSpec {
    ObjectSpec::parse(bytes).unwrap()
}

fn error(bytes: &[u8]) -> String {
    ObjectSpec::parse(bytes).unwrap_err().to_string()
}

/// The fixture with some bytes replaced.
fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn referents(program: &ProgramSpec) -> Vec<Referent> {
    let references = program.references.iter();
    references.map(|reference| reference.referent).collect()
}

#[test]
fn reads_an_ordinary_object() {
    let object = parse(include_bytes!(
        "../../../ebpf-examples/bpf/basic_firewall.bpf.o"
    ));
    assert_eq!(&*object.license, "Dual MIT/GPL");
    let totals = object.map("totals").unwrap();
    assert_eq!(totals.map_type, MapType::PERCPU_ARRAY);
    let program = object.program("firewall").unwrap();
    assert_eq!(program.program_type, ProgramType::XDP);
    assert_eq!(program.expected_attach_type, Some(AttachType::XDP));
    for reference in &program.references {
        assert!(matches!(reference.referent, Referent::Map { .. }));
        let insn = program.instructions[reference.instruction as usize];
        assert_eq!((insn.pseudo(), insn.imm), (Some(Pseudo::MAP_FD), 0));
    }
    assert!(!program.lines.is_empty());
}

#[test]
fn says_what_is_no_object() {
    assert_eq!(error(b""), "the file is empty");
    assert_eq!(
        error(b"int main() {}\n"),
        "this is no object file: it begins with \"int main() {}\\n\", not with an ELF header. Objects are what `clang -target bpf -c` writes"
    );
    assert_eq!(
        error(&[0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]),
        "this is no object file: it begins with the bytes cf fa ed fe, not with an ELF header. Objects are what `clang -target bpf -c` writes"
    );
    let object = fixture!("only_bss");
    assert_eq!(
        error(&with(object, 4, &[1])),
        "this is a 32-bit ELF file; eBPF objects are 64-bit"
    );
    assert_eq!(
        error(&with(object, 5, &[9])),
        "the ELF header gives the byte order 9, which is neither little-endian (1) nor big-endian (2)"
    );
    assert_eq!(
        error(&with(object, 18, &[62, 0])),
        "this is machine code for x86-64, not eBPF (machine 62, where eBPF has 247): compile it with `clang -target bpf -c`"
    );
    assert_eq!(
        error(&with(object, 16, &[3, 0])),
        "this is a shared library or an executable, not an object file (ELF type 3, where objects have 1): was it linked?"
    );
}

#[test]
fn says_where_an_object_ends_too_early() {
    let object = fixture!("only_bss");
    assert_eq!(
        error(&object[..40]),
        "the ELF header reaches beyond the end of the file (40 bytes): the file is truncated or damaged"
    );
    assert_eq!(
        error(&object[..200]),
        "the table of sections reaches beyond the end of the file (200 bytes): the file is truncated or damaged"
    );
    for length in 0..object.len() {
        assert!(ObjectSpec::parse(&object[..length]).is_err());
    }
}

/// Old compilers left the machine open.
#[test]
fn takes_an_object_for_no_machine() {
    parse(&with(fixture!("only_bss"), 18, &[0, 0]));
}

#[test]
fn two_short_definitions_are_not_one_long() {
    let object = parse(fixture!("libbpf_maps"));
    let (one, two) = (object.map("one").unwrap(), object.map("two").unwrap());
    assert_eq!(
        (one.map_type, one.key_size, one.value_size),
        (MapType::HASH, 4, 8)
    );
    assert_eq!((one.max_entries, one.flags), (100, MapFlags::NO_PREALLOC));
    assert_eq!(
        (two.map_type, two.key_size, two.value_size),
        (MapType::ARRAY, 4, 16)
    );
    assert_eq!(two.max_entries, 7);
    let types = one.types.as_ref().unwrap();
    assert_eq!(types.btf.size_of(types.value).unwrap(), 8);
    assert_eq!(object.map("three").unwrap().max_entries, 5);
}

#[test]
fn reads_inner_maps_and_paths_of_goebpf() {
    let object = parse(fixture!("goebpf_maps"));
    let outer = object.map("outer").unwrap();
    let inner = outer.inner.as_ref().unwrap();
    assert_eq!((inner.name.as_str(), inner.max_entries), ("template", 3));
    assert_eq!(outer.value_size, 4);
    assert_eq!(outer.pinning, Pinning::Path("/sys/fs/bpf/outer".into()));
    assert_eq!(object.map("counters").unwrap().pinning, Pinning::None);
    assert!(
        object.map(".rodata.str1.1").is_none(),
        "only the loader reads the paths"
    );
    let names: Vec<&str> = object
        .programs
        .iter()
        .map(|program| program.name.as_str())
        .collect();
    assert_eq!(names, ["first", "second", "third"]);
}

/// A definition of a size that is nobody's is refused, and never misread.
#[test]
fn refuses_definitions_of_unknown_size() {
    let object = fixture!("samples_maps");
    // The end of the definition of `longer`, and the start of its tail.
    let at = find(object, &[64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]) - 12;
    let named = parse(&with(object, at + 20, &[2, 0, 0, 0, b'n', b's']));
    assert_eq!(
        named.map("longer").unwrap().pinning,
        Pinning::Path("/sys/fs/bpf/ns/globals/longer".into())
    );
    assert_eq!(
        error(&with(object, at + 20, &[2, 0, 0, 0])),
        "`maps/long`+0x18: map `longer`: its path is not in a section with strings, or not UTF-8"
    );
    let object = fixture!("libbpf_maps");
    let size = symbol_size(object, 20);
    assert_eq!(
        error(&with(object, size, &[18])),
        "`maps`+0x0: map `one` has a definition of 18 bytes, which is neither libbpf's (20, 28), iproute2's (36), goebpf's (40) nor gobpf's (280)"
    );
}

/// Where some bytes are, for tests that change them.
fn find(bytes: &[u8], part: &[u8]) -> usize {
    let mut places = bytes.windows(part.len()).enumerate();
    places.find(|(_, window)| *window == part).unwrap().0
}

/// Where the size of the first symbol of this size is stored.
fn symbol_size(bytes: &[u8], size: u64) -> usize {
    let mut part = vec![5, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    part.extend(size.to_le_bytes());
    find(bytes, &part) + 10
}

#[test]
fn reads_every_member_of_a_map() {
    let object = parse(fixture!("btf_maps"));
    let map = object.map("everything").unwrap();
    assert_eq!(
        (map.key_size, map.value_size, map.max_entries),
        (8, 16, 1000)
    );
    assert_eq!((map.numa_node, &map.pinning), (Some(0), &Pinning::ByName));
    assert_eq!(object.map("bloom").unwrap().map_extra, 3);
    assert_eq!(object.map("hidden_away").unwrap().max_entries, 3);
    let slots = |name: &str| -> Vec<_> {
        let contents = &object.map(name).unwrap().contents;
        contents
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect()
    };
    let map = |name: &str| InitialValue::Map(name.into());
    assert_eq!(
        slots("outer"),
        [
            (vec![1, 0, 0, 0], map("late")),
            (vec![3, 0, 0, 0], map("early"))
        ]
    );
    let program = |name: &str| InitialValue::Program(name.into());
    assert_eq!(
        slots("jumps"),
        [
            (vec![0, 0, 0, 0], program("tail_one")),
            (vec![4, 0, 0, 0], program("tail_two"))
        ]
    );
    let events = object.map("events").unwrap();
    assert_eq!((events.value_size, events.max_entries), (0, 8192));
    assert_eq!(
        object.notes[1].to_string(),
        "ring buffer `events`: size 5000 was rounded up to 8192, a power of two and a multiple of the page size"
    );
}

#[test]
fn names_a_member_that_is_not_known() {
    let object = fixture!("btf_maps");
    let at = find(object, b"\0map_flags\0");
    assert_eq!(
        error(&with(object, at + 1, b"max_flags")),
        "`.maps`+0xd8: map `everything`: `max_flags` is no member of map definitions"
    );
    let at = find(object, b".BTF\0");
    assert_eq!(
        error(&with(object, at, b".XXX")),
        "`.maps`: the object has no .BTF to say what is in here: compile with -g",
    );
}

#[test]
fn variables_are_read_and_set_before_loading() {
    let mut object = parse(fixture!("data"));
    assert_eq!(object.get_variable::<u32>("sample_rate"), Ok(7));
    object.set_variable("sample_rate", &100u32).unwrap();
    assert_eq!(object.get_variable::<u32>("sample_rate"), Ok(100));
    assert_eq!(object.get_variable::<u16>("private"), Ok(6));
    assert_eq!(object.get_variable::<u64>("hot"), Ok(0x1122_3344_5566_7788));

    // Zeroed data has no bytes until one is set.
    assert!(object.map(".bss").unwrap().contents.is_empty());
    assert_eq!(object.get_variable::<[u8; 100]>("zeroed"), Ok([0; 100]));
    object.set_variable("zeroed", &[5u8; 100]).unwrap();
    assert_eq!(object.get_variable::<[u8; 100]>("zeroed"), Ok([5; 100]));
    assert_eq!(object.get_variable::<u32>("private_zeroed"), Ok(0));

    assert_eq!(
        object
            .set_variable("sample_rate", &1u64)
            .unwrap_err()
            .to_string(),
        "variable `sample_rate` has 4 bytes, and the value has 8"
    );
    assert_eq!(
        parse(fixture!("externs"))
            .get_variable::<u64>("total")
            .unwrap_err()
            .to_string(),
        "there is no variable `total`; there is `sum`"
    );
    object.maps.clear();
    assert_eq!(
        object
            .get_variable::<u32>("sample_rate")
            .unwrap_err()
            .to_string(),
        "variable `sample_rate` has no place: map `.rodata` was taken away or made smaller"
    );
}

#[test]
fn variables_of_the_other_byte_order_are_bytes() {
    let mut object = parse(include_bytes!("../../testdata/object/data.eb.bpf.o"));
    assert_eq!(
        object.variable_bytes("sample_rate").unwrap(),
        [0, 0, 0, 7].as_slice()
    );
    if cfg!(target_endian = "little") {
        let error = object.set_variable("sample_rate", &1u32).unwrap_err();
        assert_eq!(
            error.to_string(),
            "variable `sample_rate` is in an object of the other byte order: give its bytes"
        );
    }
    object
        .set_variable_bytes("sample_rate", &[0, 0, 0, 9])
        .unwrap();
    assert_eq!(
        object.variable_bytes("sample_rate").unwrap(),
        [0, 0, 0, 9].as_slice()
    );
}

#[test]
fn types_place_variables_where_symbols_do() {
    let object = parse(fixture!("data"));
    let plain = parse(fixture!("data_plain"));
    assert_eq!(object.variables.len(), plain.variables.len());
    for (typed, plain) in object.variables.iter().zip(&plain.variables) {
        assert!(typed.type_id.is_some());
        assert_eq!(
            (&typed.name, typed.offset, typed.size),
            (&plain.name, plain.offset, plain.size)
        );
    }
    let btf = object.btf.as_ref().unwrap();
    let section = btf.find(".data", crate::btf::Kind::DATASEC).unwrap();
    let section = btf.by_id(section).unwrap().as_datasec().unwrap();
    assert_eq!(section.size(), object.map(".data").unwrap().value_size);
    assert!(section.entries().map(|entry| entry.offset).is_sorted());
}

#[test]
fn links_each_function_once() {
    let object = parse(fixture!("calls"));
    let functions = |name: &str| -> Vec<String> {
        let functions = &object.program(name).unwrap().functions;
        functions
            .iter()
            .map(|function| function.name.to_string())
            .collect()
    };
    assert_eq!(
        functions("main_one"),
        ["main_one", "local_two", "weak", "local_one", "shared"]
    );
    assert_eq!(
        functions("main_two"),
        ["main_two", "each", "step", "shared"]
    );
    assert_eq!(functions("lonely"), ["lonely"]);
    assert!(
        object.program("beside").is_none(),
        "a static function that is called is no program"
    );
    assert!(object.program("classify").is_some(), "a global one is");
    for program in &object.programs {
        for (at, insn) in program.instructions.iter().enumerate() {
            if let Some(to) = insn.func_target(at) {
                let starts = |function: &crate::program::Function| function.start as usize == to;
                assert!(
                    program.functions.iter().any(starts),
                    "{} calls {to}",
                    program.name
                );
            }
        }
        assert!(
            program
                .functions
                .iter()
                .all(|function| { function.type_id.is_some() || &*function.name == "main_alias" })
        );
        assert!(
            program
                .lines
                .iter()
                .map(|line| line.instruction)
                .is_sorted()
        );
    }
}

#[test]
fn functions_of_one_address_are_programs_of_the_same_size() {
    let object = parse(fixture!("calls"));
    let (three, alias) = (
        object.program("main_three").unwrap(),
        object.program("main_alias").unwrap(),
    );
    assert_eq!(three.instructions, alias.instructions);
    assert_eq!(&*alias.functions[0].name, "main_alias");
}

#[test]
fn hidden_functions_become_static() {
    use crate::btf::{FuncLinkage, Kind, Type};
    let object = parse(fixture!("calls"));
    let btf = object.btf.as_ref().unwrap();
    let linkage = |name: &str| match btf
        .by_id(btf.find(name, Kind::FUNC).unwrap())
        .unwrap()
        .get()
    {
        Type::Func(func) => func.linkage,
        other => panic!("{other:?}"),
    };
    assert_eq!(linkage("hidden"), FuncLinkage::STATIC);
    assert_eq!(linkage("shared"), FuncLinkage::GLOBAL);
}

#[test]
fn externs_are_told_apart() {
    let object = parse(fixture!("externs"));
    let program = object.program("switched").unwrap();
    let symbol = |name: &str| {
        let found = program.externs.iter().find(|symbol| &*symbol.name == name);
        found.unwrap_or_else(|| panic!("there is no extern `{name}`"))
    };
    assert_eq!(symbol("runqueues").kind, ExternKind::Variable);
    assert!(symbol("runqueues").type_id.is_some());
    assert!(symbol("schedule").type_id.is_none());
    assert!(symbol("missing_variable").weak);
    assert_eq!(symbol("bpf_missing").kind, ExternKind::Function);
    let calls = program.references.iter().filter(|reference| {
        let insn = program.instructions[reference.instruction as usize];
        insn.call_kind() == Some(CallKind::KFUNC)
    });
    assert_eq!(calls.count(), 3);
    let kconfig = object
        .maps
        .iter()
        .position(|map| map.name == ".kconfig")
        .unwrap();
    assert!(object.maps[kconfig].freeze && object.maps[kconfig].contents.is_empty());
    assert_eq!(object.kconfig.len(), 9);
    let tristate = object
        .kconfig
        .iter()
        .find(|value| value.name == "CONFIG_VETH")
        .unwrap();
    assert_eq!((tristate.kind, tristate.offset), (KconfigType::Tristate, 4));
    assert!(
        referents(program)
            .iter()
            .any(|referent| matches!(referent, Referent::MapValue { offset: 4, .. }))
    );
}

#[test]
fn says_what_must_be_linked_first() {
    assert_eq!(
        error(fixture!("needs_linking")),
        "`xdp`+0x8: `elsewhere` is not defined in this object, nor declared `__ksym` or `__kconfig`: link it first with the object that defines it (`bpftool gen object`)"
    );
}

#[test]
fn unknown_sections_keep_their_programs() {
    let object = parse(fixture!("sections"));
    assert_eq!(object.notes, [Note::NoLicense]);
    let types = |name: &str| object.program(name).unwrap().program_type;
    assert_eq!(types("in_prog"), ProgramType::UNSPEC);
    assert_eq!(types("in_number"), ProgramType::UNSPEC);
    assert_eq!(types("upper"), ProgramType::XDP);
    // Code without a symbol is named after its section.
    let unnamed = object.program("tc_egress").unwrap();
    assert!(unnamed.optional);
    assert_eq!(
        object
            .program("raw_tp_sys_enter")
            .unwrap()
            .instructions
            .len(),
        4
    );
}

#[test]
fn symbols_without_type_and_size_are_functions() {
    let object = parse(fixture!("untyped_symbols"));
    let sizes: Vec<_> = object
        .programs
        .iter()
        .map(|program| (program.name.as_str(), program.instructions.len()))
        .collect();
    assert_eq!(sizes, [("first", 4), ("second", 2)]);
}

#[test]
fn struct_ops_keep_what_implements_them() {
    let object = parse(fixture!("struct_ops"));
    let ours = object.map("ours").unwrap();
    assert_eq!(ours.struct_ops.as_deref(), Some("tcp_congestion_ops"));
    assert_eq!(ours.contents[2].key, [8, 0, 0, 0]);
    assert_eq!(
        ours.contents[2].value,
        InitialValue::Program("avoid".into())
    );
    assert_eq!(object.map("linked").unwrap().flags, MapFlags::LINK);
    assert!(object.map("if_asked").unwrap().optional);
}

#[test]
fn reads_from_a_reader() {
    let object = ObjectSpec::parse_reader(fixture!("only_text").as_slice()).unwrap();
    assert_eq!(object.programs.len(), 1);
    let error = ObjectSpec::parse_reader(b"text".as_slice()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("this is no object file: it begins with \"text\"")
    );
}
