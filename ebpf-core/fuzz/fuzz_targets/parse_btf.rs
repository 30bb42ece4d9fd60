//! Any bytes as `.BTF`: parse them and ask every question.

#![no_main]

use ebpf_core::btf::{Btf, BtfFeatures, TypeId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(btf) = Btf::parse(data.to_vec()) else {
        return;
    };
    assert_eq!(btf.to_bytes(), data);
    let _ = btf.validate();
    for ty in btf.types() {
        let id = ty.id();
        let _ = format!("{ty:?} {:?}", ty.get());
        let _ = (btf.resolve(id), btf.size_of(id), btf.fields(id));
        let _ = btf.type_name(id);
        if !ty.name().is_empty() {
            assert!(btf.by_name(ty.name()).any(|found| found == id));
        }
    }
    assert!(btf.by_id(TypeId(btf.type_count())).is_none());
    let rebuilt = btf
        .to_builder()
        .build()
        .expect("what was parsed can be built");
    assert_eq!(rebuilt.type_count(), btf.type_count());
    let _ = btf.sanitized(BtfFeatures::since(4, 18));
});
