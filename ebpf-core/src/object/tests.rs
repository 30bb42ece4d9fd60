use super::*;
use crate::map::MapType;
use crate::program::{AttachType, ProgramType, Referent};

const FIREWALL: &[u8] = include_bytes!("../../../ebpf-examples/bpf/basic_firewall.bpf.o");

#[test]
fn reads_an_ordinary_object() {
    let object = ObjectSpec::parse(FIREWALL).unwrap();
    assert_eq!(&*object.license, "Dual MIT/GPL");
    let totals = object.map("totals").unwrap();
    assert_eq!(totals.map_type, MapType::PERCPU_ARRAY);
    let program = object.program("firewall").unwrap();
    assert_eq!(program.program_type, ProgramType::XDP);
    assert_eq!(program.expected_attach_type, Some(AttachType::XDP));
    assert!(!program.references.is_empty());
    for reference in &program.references {
        assert!(matches!(reference.referent, Referent::Map { .. }));
        let insn = program.instructions[reference.instruction as usize];
        assert!(insn.is_wide());
    }
}
