//! Whether public items that stand for a name of the kernel are found by it: `#[doc(alias = "BPF_…")]`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// What begins the names of constants of the kernel.
const KERNELS: [&str; 3] = ["BPF_", "XDP_", "TC_ACT_"];

/// The public items of a source whose docs name in their first line what they are to the kernel, and which have no alias.
///
/// It reads lines, as rustfmt writes them.
fn without_alias(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut first, mut alias, mut in_enum) = (None, false, false);
    for line in source.lines() {
        in_enum = (in_enum || line.starts_with("pub enum ")) && line != "}";
        let text = line.trim();
        if let Some(doc) = text.strip_prefix("///") {
            first.get_or_insert(doc);
        } else if text.starts_with("#[") {
            alias |= text.starts_with("#[doc(alias");
        } else {
            let is_member = in_enum
                && line.starts_with("    ")
                && text.starts_with(|c: char| c.is_ascii_uppercase());
            let is_public = ["pub fn ", "pub const ", "pub struct ", "pub enum "]
                .iter()
                .any(|start| text.starts_with(start));
            let named = first.is_some_and(is_of_the_kernel);
            if (is_member || is_public) && named && !alias {
                found.push(text.to_owned());
            }
            (first, alias) = (None, false);
        }
    }
    found
}

/// Whether a line of docs is the name of a constant and nothing before it, or says in the end that it is one: `` … (`BPF_F_LOCK`). ``
fn is_of_the_kernel(doc: &str) -> bool {
    let doc = doc.trim();
    let named = |text: &str| {
        let name = text.split('`').next().unwrap_or_default();
        KERNELS.iter().any(|start| name.starts_with(start))
    };
    let alone = doc.strip_prefix('`').is_some_and(named);
    let behind = doc.split_once("(`").is_some_and(|(_, text)| {
        named(text) && text.split_once('`').is_some_and(|(_, rest)| rest == ").")
    });
    alone || behind
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn what_stands_for_a_name_of_the_kernel_is_found_by_it() {
    let mut files = Vec::new();
    for directory in ["ebpf-core/src", "ebpf-mock/src"] {
        sources(&root().join(directory), &mut files);
    }
    assert!(files.len() > 100, "{files:?}");
    let missing: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let source = fs::read_to_string(file).expect("a source");
            let found = without_alias(&source).into_iter();
            found.map(|item| format!("{}: {item}", file.display()))
        })
        .collect();
    assert!(missing.is_empty(), "no alias:\n{}", missing.join("\n"));
}

#[test]
fn an_item_without_an_alias_is_told() {
    let source = "/// `BPF_F_LOCK`: under the lock.\npub const LOCK: u32 = 4;\n";
    assert_eq!(without_alias(source), ["pub const LOCK: u32 = 4;"]);
    let source = "pub enum E {\n    /// A test run (`BPF_PROG_TEST_RUN`).\n    Run,\n}\n";
    assert_eq!(without_alias(source), ["Run,"]);
    let source = "/// `BPF_F_LOCK`\n#[doc(alias = \"BPF_F_LOCK\")]\npub const LOCK: u32 = 4;\n";
    assert!(without_alias(source).is_empty());
    let source = "/// A map that `BPF_F_LOCK` works on.\npub struct Map;\n";
    assert!(without_alias(source).is_empty());
}
