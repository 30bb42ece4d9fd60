//! The words that are little more than one command of cargo.

use anyhow::Result;

use crate::process::{cargo, output, run};

/// The features under which everything is checked and tested. Not `--all-features`: `ebpf-sys/bindgen` needs libclang.
pub(crate) const FEATURES: [&str; 2] = ["--features", "ebpf-core/conformance"];

pub(crate) fn fmt(check: bool) -> Result<()> {
    run(cargo(["fmt", "--all"]).args(check.then_some("--check")))
}

pub(crate) fn clippy() -> Result<()> {
    run(cargo(["clippy", "--workspace", "--all-targets"])
        .args(FEATURES)
        .args(["--", "-D", "warnings"]))
}

pub(crate) fn doc() -> Result<()> {
    for private in [None, Some("--document-private-items")] {
        run(cargo(["doc", "--workspace", "--no-deps"])
            .args(FEATURES)
            .args(private)
            .env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}

pub(crate) fn portable() -> Result<()> {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    run(cargo([
        "clippy",
        "--package",
        "ebpf-sys",
        "--package",
        "ebpf-core",
        "--no-default-features",
    ])
    .args(DENY))?;
    run(cargo([
        "clippy",
        "--package",
        "ebpf-core",
        "--no-default-features",
        "--all-targets",
    ])
    .args(FEATURES)
    .args(DENY))?;
    for target in foreign_targets() {
        run(cargo([
            "clippy",
            "--package",
            "ebpf-core",
            "--no-default-features",
            "--features",
            "conformance",
            "--target",
            &target,
        ])
        .args(DENY))?;
    }
    Ok(())
}

/// The 64-bit targets that rustup has installed besides the one it runs on; none where there is no rustup.
fn foreign_targets() -> Vec<String> {
    let host = output(crate::process::command("rustc").arg("-vV")).unwrap_or_default();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let list = output(crate::process::command("rustup").args(["target", "list", "--installed"]))
        .unwrap_or_default();
    list.lines()
        .filter(|target| *target != host && target.contains("64"))
        .map(str::to_owned)
        .collect()
}
