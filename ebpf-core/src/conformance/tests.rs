//! The page that says what the suite covers names tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of all functions in the Rust files below a directory.
fn functions(dir: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).expect("a directory of this crate") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let after_fn = text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix("fn "));
            names.extend(after_fn.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let page = include_str!("README.md");
    let cases: BTreeSet<&str> = super::cases().map(|case| case.name).collect();
    let mut others = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    functions(&root.join("src"), &mut others);
    functions(&root.join("tests"), &mut others);
    let named = page.split('`').skip(1).step_by(2);
    let paths = named.filter(|word| word.contains("::") && !word.ends_with('!'));
    let missing: Vec<&str> = paths
        .filter(|path| match path.split("::").collect::<Vec<_>>()[..] {
            [_, _] => !cases.contains(*path),
            [.., name] => !others.contains(name),
            [] => true,
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn names_are_unique_and_groups_are_described() {
    let page = include_str!("README.md");
    let mut seen = BTreeSet::new();
    for case in super::cases() {
        assert!(seen.insert(case.name), "{} is there twice", case.name);
        let group = case.name.split("::").next().unwrap_or_default();
        assert!(page.contains(&format!("`{group}`")), "group {group}");
    }
    assert!(seen.len() >= 150, "{} cases", seen.len());
}
