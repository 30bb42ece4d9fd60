//! What may differ: the one table of it, from which `docs/compared.md` is made.

use std::fmt::Write;
use std::path::Path;

use crate::episode::Divergence;
use crate::op::Op;

/// A divergence that is kept.
pub(crate) struct Kept {
    /// A short name.
    pub(crate) name: &'static str,
    /// What the kernel does, what the simulation does, and why it stays so.
    pub(crate) reason: &'static str,
    /// Whether a divergence is this one.
    pub(crate) matches: fn(&Divergence) -> bool,
    /// A sequence that ends in it. One that no longer does is an error.
    pub(crate) example: fn() -> Vec<Op>,
}

/// The divergences that are kept.
pub(crate) const KEPT: &[Kept] = &[];

/// What is not compared as it is, because the kernel promises no more: what, and what is compared instead.
const OPEN: &[(&str, &str)] = &[
    (
        "the order of keys in hashes without `BPF_F_ZERO_SEED`",
        "the kernel draws a seed for each map: the same elements have to come, each once; with the flag the order is the kernel's",
    ),
    (
        "which element of an LRU map gives way, and when",
        "never `E2BIG`; what was just written is there; nothing is there that was not written, and its value is the last one; \
         no more elements than the map may hold",
    ),
    (
        "what a Bloom filter without `BPF_F_ZERO_SEED` wrongly says is there",
        "what was pushed is always found; with the flag the wrong answers are the kernel's",
    ),
    (
        "ids of maps and programs, cookies of sockets",
        "the same object has to be meant",
    ),
    (
        "`ENOMEM` of an update",
        "nothing from there on: Linux takes an element's memory from what happens to be free in one piece",
    ),
    (
        "bytes charged for a map, whether the programs of a map are machine code",
        "nothing: the memory that is counted is the simulation's own, and there is no machine code",
    ),
];

/// The table as text.
fn document() -> String {
    let mut text = String::from(
        "# What is compared with the kernel\n\n\
         `cargo xtask fuzz maps` does random operations on the maps of the running kernel and of a simulated system at once, maps of \
         every type, and compares each answer: success, error number, text of the error, bytes. The rest of this page is \
         made from the tables of that test.\n\n\
         ## What the kernel leaves open\n\n| what | what is compared |\n|---|---|\n",
    );
    for (what, instead) in OPEN {
        let _ = writeln!(text, "| {what} | {instead} |");
    }
    text += "\n## Divergences that are kept\n\n";
    if KEPT.is_empty() {
        text += "None is known.\n";
    } else {
        text += "| name | what, and why |\n|---|---|\n";
    }
    for row in KEPT {
        let _ = writeln!(text, "| {} | {} |", row.name, row.reason);
    }
    text
}

#[test]
fn the_page_is_made_from_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compared.md");
    let text = document();
    if std::env::var_os("EBPF_BLESS").is_some() {
        std::fs::write(&path, &text).expect("write the page");
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == text,
        "{} is another: EBPF_BLESS=1 writes it",
        path.display()
    );
}
