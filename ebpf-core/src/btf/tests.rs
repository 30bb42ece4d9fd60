//! Tests of parsing, questions, building and writing.

use super::*;

#[test]
fn kernel() {
    let Ok(bytes) = std::fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel shows no BTF");
        return;
    };
    let btf = Btf::parse(bytes).expect("the kernel's own BTF");
    btf.validate().expect("valid");
    let task = btf.find("task_struct", Kind::STRUCT).expect("task_struct");
    assert!(
        btf.fields(task)
            .expect("fields")
            .iter()
            .any(|field| field.name == "pid")
    );
}
