//! The word `run`.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ebpf_core::System;
use ebpf_examples::bpfobj::{RunError, RunReport, packet, packets, read, run as run_on};
use ebpf_mock::MockSystem;

use crate::complain;

/// Where a program runs.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Where {
    /// In memory.
    #[default]
    Mock,
    /// In the kernel that this machine runs.
    Kernel,
}

impl Where {
    #[cfg(target_os = "linux")]
    fn system(self) -> Box<dyn System> {
        match self {
            Where::Mock => Box::new(MockSystem::builder().cpus(1).build()),
            Where::Kernel => Box::new(ebpf_core::KernelSystem::new()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn system(self) -> Box<dyn System> {
        if let Where::Kernel = self {
            complain(&"this machine does not run Linux: the program runs in memory");
        }
        Box::new(MockSystem::builder().cpus(1).build())
    }
}

/// Runs a program and writes what came of it; whether every packet got a verdict.
pub(crate) fn run(
    file: &Path,
    program: Option<&str>,
    texts: &[String],
    files: &[PathBuf],
    system: Where,
    json: bool,
) -> io::Result<bool> {
    let report = match report(file, program, texts, files, system) {
        Ok(report) => report,
        Err(error) => {
            complain(&error);
            return Ok(false);
        }
    };
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(report.is_good())
}

fn report(
    file: &Path,
    program: Option<&str>,
    texts: &[String],
    files: &[PathBuf],
    system: Where,
) -> Result<RunReport, String> {
    let of = |path: &Path| {
        let path = path.display().to_string();
        move |error: RunError| format!("{path}: {error}")
    };
    let object = read(file).map_err(|error| of(file)(error.into()))?;
    let mut all = Vec::new();
    for text in texts {
        all.push(packet(text).map_err(|error| error.to_string())?);
    }
    for path in files {
        let opened = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        all.extend(packets(BufReader::new(opened)).map_err(of(path))?);
    }
    if all.is_empty() {
        return Err("there is no packet: give some with --packet or --pcap".to_owned());
    }
    run_on(&*system.system(), object, program, &all).map_err(of(file))
}
