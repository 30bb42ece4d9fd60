//! The word `run`.

use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ebpf_examples::bpfobj::{Listener, RunError, RunReport, packet, packets, read, run_traced};
use ebpf_mock::MockSystem;

use crate::complain;

/// Where a program runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Where {
    /// In memory.
    #[default]
    Mock,
    /// In the kernel that this machine runs.
    Kernel,
}

/// What is to be run, and told.
pub(crate) struct Order {
    pub(crate) file: PathBuf,
    pub(crate) program: Option<String>,
    /// Packets in hexadecimal.
    pub(crate) packets: Vec<String>,
    /// Files with packets.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) system: Where,
    pub(crate) json: bool,
    pub(crate) coverage: Option<PathBuf>,
    pub(crate) trace: bool,
}

/// Runs a program and writes what came of it; whether every packet got a verdict.
pub(crate) fn run(order: &Order) -> io::Result<bool> {
    let report = match order.report() {
        Ok(report) => report,
        Err(error) => {
            complain(&error);
            return Ok(false);
        }
    };
    let mut out = io::stdout().lock();
    if order.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(report.is_good())
}

impl Order {
    fn report(&self) -> Result<RunReport, String> {
        let of = |path: &Path| {
            let path = path.display().to_string();
            move |error: RunError| format!("{path}: {error}")
        };
        let object = read(&self.file).map_err(|error| of(&self.file)(error.into()))?;
        let mut all = Vec::new();
        for text in &self.packets {
            all.push(packet(text).map_err(|error| error.to_string())?);
        }
        for path in &self.files {
            let opened =
                File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
            all.extend(packets(BufReader::new(opened)).map_err(of(path))?);
        }
        if all.is_empty() {
            return Err("there is no packet: give some with --packet or --pcap".to_owned());
        }
        let program = self.program.as_deref();
        if self.system == Where::Kernel {
            self.check_for_kernel()?;
            #[cfg(target_os = "linux")]
            return run_traced(&ebpf_core::KernelSystem::new(), object, program, &all, None)
                .map_err(of(&self.file));
        }
        let listener = self.trace.then(Listener::new);
        let mut machine = MockSystem::builder().cpus(1);
        if let Some(listener) = listener.clone() {
            machine = machine.trace(move |step| listener.hear(step));
        }
        if self.coverage.is_some() {
            machine = machine.coverage();
        }
        let system = machine.build();
        let report = run_traced(&system, object, program, &all, listener.as_ref());
        let report = report.map_err(of(&self.file))?;
        if let Some(path) = &self.coverage {
            let written = fs::write(path, system.coverage().to_string());
            written.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(report)
    }

    /// Refuses what this machine's kernel cannot do.
    fn check_for_kernel(&self) -> Result<(), String> {
        if cfg!(not(target_os = "linux")) {
            return Err(
                "this machine does not run Linux: --system mock runs programs in memory".to_owned(),
            );
        }
        let asked = [
            ("--coverage", self.coverage.is_some()),
            ("--trace", self.trace),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            None => Ok(()),
            Some((word, _)) => Err(format!(
                "a kernel does not tell which lines a program executes: {word} wants --system mock"
            )),
        }
    }
}
