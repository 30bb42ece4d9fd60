//! Reads any bytes as an object file, and asks everything of the plan.
#![no_main]

use ebpf_core::object::ObjectSpec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(object) = ObjectSpec::parse(bytes) else {
        return;
    };
    let _ = object.to_string();
    for map in &object.maps {
        let _ = map.problem();
    }
    for variable in &object.variables {
        let _ = object.variable_bytes(&variable.name);
    }
    if let Some(btf) = &object.btf {
        let _ = btf.validate();
    }
});
