//! The firewall at work: packets through it, and what was counted beside what was sent. With privileges on the kernel, with
//! real packets between two private namespaces; without, the same object in memory.

mod meter;
mod mock;
mod options;
mod plan;
mod report;
mod verdict;

#[cfg(target_os = "linux")]
mod flags;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(target_os = "linux")]
mod traffic;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser as _;

use options::{Options, SystemName};

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<ExitCode> {
    match (options.system, obstacle()) {
        (Some(SystemName::Mock), _) => {}
        (Some(SystemName::Kernel), Some(obstacle)) => {
            bail!(
                "the demo makes network namespaces and loads programs into the kernel; {obstacle}"
            )
        }
        (None, Some(obstacle)) => {
            eprintln!(
                "note: this is a simulated system, in memory, as the kernel's cannot be used: {obstacle}"
            );
        }
        #[cfg(target_os = "linux")]
        (_, None) => return kernel::run(options),
    }
    mock::run(options)
}

/// What keeps the demo from the kernel, and what helps.
#[cfg(target_os = "linux")]
fn obstacle() -> Option<String> {
    let privileges = ebpf_testbed::Privileges::check();
    let advice = || privileges.advice("cargo xtask demo");
    (!privileges.suffice()).then(|| format!("{privileges}\nhelp: {}", advice()))
}

#[cfg(not(target_os = "linux"))]
fn obstacle() -> Option<std::borrow::Cow<'static, str>> {
    Some("this machine runs another one than Linux".into())
}
