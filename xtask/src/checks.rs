//! The words that are little more than one command of cargo.

use anyhow::Result;

use crate::process::{cargo, command, output, run};
use crate::tools;

/// The features under which everything is checked and tested. Not `--all-features`: `ebpf-sys/bindgen` needs libclang.
pub(crate) const FEATURES: [&str; 4] = [
    CORE_FEATURES[0],
    CORE_FEATURES[1],
    MOCK_FEATURES[0],
    MOCK_FEATURES[1],
];

/// Those of `ebpf-core`.
pub(crate) const CORE_FEATURES: [&str; 2] = ["--features", "ebpf-core/conformance,ebpf-core/tokio"];

/// Those of `ebpf-mock`.
pub(crate) const MOCK_FEATURES: [&str; 2] = ["--features", "ebpf-mock/scripted"];

/// The end of a clippy command: a warning is an error.
const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// Workspaces of their own, which want other tools than this one: fuzz targets and benchmarks.
const OTHERS: [&str; 2] = ["ebpf-core/fuzz/Cargo.toml", "benches/Cargo.toml"];

pub(crate) fn fmt(check: bool) -> Result<()> {
    let check = check.then_some("--check");
    run(cargo(["fmt", "--all"]).args(check))?;
    for manifest in OTHERS
        .into_iter()
        .filter(|file| crate::root().join(file).is_file())
    {
        run(cargo(["fmt", "--manifest-path", manifest]).args(check))?;
    }
    Ok(())
}

pub(crate) fn clippy() -> Result<()> {
    run(cargo(["clippy", "--workspace", "--all-targets"])
        .args(FEATURES)
        .args(DENY))?;
    let libclang = tools::libclang();
    if libclang.is_none() && !tools::in_ci() {
        eprintln!("no libclang: feature bindgen of ebpf-sys is left out");
        return Ok(());
    }
    let mut bindgen = cargo(["clippy", "--package", "ebpf-sys", "--features", "bindgen"]);
    run(bindgen
        .args(DENY)
        .envs(libclang.map(|dir| ("LIBCLANG_PATH", dir))))
}

/// Whether `Cargo.lock` holds what the manifests ask for.
pub(crate) fn lock() -> Result<()> {
    output(&mut cargo([
        "metadata",
        "--locked",
        "--format-version",
        "1",
    ]))
    .map(drop)
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
    run(cargo([
        "clippy",
        "--package",
        "ebpf-sys",
        "--package",
        "ebpf-core",
        "--package",
        "ebpf-mock",
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
    .args(CORE_FEATURES)
    .args(DENY))?;
    for target in foreign_targets() {
        run(cargo([
            "clippy",
            "--package",
            "ebpf-core",
            "--package",
            "ebpf-mock",
            "--no-default-features",
            "--features",
            "ebpf-core/conformance",
            "--target",
            &target,
        ])
        .args(DENY))?;
    }
    Ok(())
}

/// The 64-bit targets that rustup has installed besides the one it runs on; none where there is no rustup.
fn foreign_targets() -> Vec<String> {
    let host = output(command("rustc").arg("-vV")).unwrap_or_default();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let list =
        output(command("rustup").args(["target", "list", "--installed"])).unwrap_or_default();
    list.lines()
        .filter(|target| *target != host && target.contains("64"))
        .map(str::to_owned)
        .collect()
}
