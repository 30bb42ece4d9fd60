//! Any bytes as `.BTF.ext`: parse them and read every record.

#![no_main]

use std::sync::LazyLock;

use ebpf_core::btf::{Btf, BtfBuilder, BtfExt, CoreReloc, FuncInfo, IntEncoding, LineInfo};
use libfuzzer_sys::fuzz_target;

/// Some types and strings for the records to refer to.
static BTF: LazyLock<Btf> = LazyLock::new(|| {
    let mut builder = BtfBuilder::new();
    let int = builder.int("0:1", 4, IntEncoding::SIGNED);
    builder.typedef("xdp", int);
    builder.build().expect("two types")
});

fuzz_target!(|data: &[u8]| {
    let Ok(ext) = BtfExt::parse(data.to_vec()) else {
        return;
    };
    assert_eq!(ext.to_bytes(), data);
    let _ = ext.validate(&BTF);
    for section in ext.sections::<FuncInfo>() {
        let _ = (section.name(&BTF), section.records().count());
    }
    for line in ext
        .sections::<LineInfo>()
        .flat_map(|section| section.records())
    {
        let _ = (line.file_name(&BTF), line.line(&BTF));
    }
    for reloc in ext
        .sections::<CoreReloc>()
        .flat_map(|section| section.records())
    {
        let _ = (reloc.access(&BTF), reloc.kind.to_string());
    }
});
