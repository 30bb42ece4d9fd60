//! `cargo xtask bench`: the side-by-side benchmarks, which are a workspace of their own.

use anyhow::{Result, bail};

use crate::process;

const MANIFEST: &str = "benches/Cargo.toml";

/// Headers of the C libraries that libbpf, one of the peers, is built with.
const HEADERS: [&str; 2] = ["libelf.h", "zlib.h"];

/// Builds the benchmarks with optimisations and runs them with `arguments`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(("mock", rest)) = arguments
        .split_first()
        .map(|(what, rest)| (what.as_str(), rest))
    {
        // Its peers are the kernel and the standard library.
        return start("benches/mock/Cargo.toml", rest);
    }
    let found = |header: &str| {
        let places = ["/usr/include", "/usr/local/include"];
        places
            .iter()
            .any(|place| std::path::Path::new(place).join(header).exists())
    };
    let missing: Vec<_> = HEADERS
        .into_iter()
        .filter(|header| !found(header))
        .collect();
    if !missing.is_empty() {
        bail!(
            "libbpf-rs, one of the libraries compared, needs {} to build: apt-get install libelf-dev zlib1g-dev pkg-config make",
            missing.join(" and ")
        );
    }
    start(MANIFEST, arguments)
}

fn start(manifest: &str, arguments: &[String]) -> Result<()> {
    let mut cargo = process::cargo(["run", "--quiet", "--release", "--locked", "--manifest-path"]);
    cargo
        .arg(crate::root().join(manifest))
        .arg("--")
        .args(arguments);
    process::replace(cargo)
}
