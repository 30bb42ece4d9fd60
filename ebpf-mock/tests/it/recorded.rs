//! What a kernel made of random programs and of calls of helpers, kept in a file: so that where no kernel may be asked the
//! simulated system is held to it too. `EBPF_BLESS=1` asks the kernel anew, where a test may.

mod file;
#[cfg(target_os = "linux")]
mod kernel;
mod run;

use std::fmt::Write;

use ebpf_core::insn::disassemble;
use ebpf_mock::MockSystem;

use file::{Recorded, decode};
use run::{Said, run};

/// The file, compressed.
const RECORDED: &[u8] = include_bytes!("../../testdata/kernel/recorded.bin");

/// What differs, for people.
fn difference(recorded: &Recorded, found: &Result<Said, String>) -> String {
    let listing = disassemble(&recorded.insns, &Default::default()).to_string();
    let expected = &recorded.said;
    let mut text = format!("{} program\n{listing}", recorded.program_type);
    let found = match found {
        Ok(found) => found,
        Err(error) => return text + error,
    };
    if expected.result != found.result {
        let _ = writeln!(
            text,
            "result {:?}, here {:?}",
            expected.result, found.result
        );
    }
    for (what, kernel, here) in [
        ("packet", &expected.packet, &found.packet),
        ("context", &expected.context, &found.context),
        ("value", &expected.value, &found.value),
        ("queue", &expected.queue, &found.queue),
    ] {
        if kernel.len() != here.len() {
            let _ = writeln!(text, "{what}: {} bytes, here {}", kernel.len(), here.len());
        }
        let bytes = kernel.iter().zip(here).enumerate();
        for (at, (kernel, here)) in bytes.filter(|(_, (kernel, here))| kernel != here).take(16) {
            let _ = writeln!(text, "{what} byte {at}: {kernel:#04x}, here {here:#04x}");
        }
    }
    text
}

#[test]
fn programs_do_what_a_kernel_did() {
    if cfg!(target_endian = "big") {
        println!("the kernel that was asked is little-endian");
        return;
    }
    let all = decode(RECORDED);
    assert!(all.len() > 1000, "{} runs", all.len());
    let mut wrong = Vec::new();
    for recorded in &all {
        let found = run(&MockSystem::new(), recorded);
        if found.as_ref() != Ok(&recorded.said) {
            wrong.push(difference(recorded, &found));
        }
    }
    let (count, shown) = (wrong.len(), wrong.iter().take(5).cloned());
    let shown: Vec<String> = shown.collect();
    assert!(
        wrong.is_empty(),
        "{count} differ:\n{}",
        shown.join("\n----\n")
    );
}
