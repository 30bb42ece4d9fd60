//! `cargo xtask bench`: the side-by-side benchmarks, which are a workspace of their own.

use anyhow::{Result, bail};

use crate::process;

const MANIFEST: &str = "benches/Cargo.toml";

/// The benchmarks of the simulated system.
const MOCK: &str = "benches/mock/Cargo.toml";

/// Has the benchmarks of the simulated system built as tests are: without optimisation.
const UNOPTIMISED: &str = "--unoptimised";

/// Headers of the C libraries that libbpf, one of the peers, is built with.
const HEADERS: [&str; 2] = ["libelf.h", "zlib.h"];

/// Builds the benchmarks and runs them with `arguments`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    // The peers of these need no C libraries.
    if let [what, rest @ ..] = arguments
        && (what == "mock" || what == "engine")
    {
        let unoptimised = rest.iter().any(|argument| argument == UNOPTIMISED);
        let rest = rest.iter().filter(|argument| *argument != UNOPTIMISED);
        let arguments: Vec<String> = [what].into_iter().chain(rest).cloned().collect();
        return start(
            MOCK,
            if unoptimised { "dev" } else { "release" },
            &arguments,
        );
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
    start(MANIFEST, "release", arguments)
}

fn start(manifest: &str, profile: &str, arguments: &[String]) -> Result<()> {
    let mut cargo = process::cargo(["run", "--quiet", "--locked", "--profile", profile]);
    cargo
        .arg("--manifest-path")
        .arg(crate::root().join(manifest))
        .arg("--")
        .args(arguments);
    process::replace(cargo)
}
