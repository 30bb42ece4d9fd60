//! What the command lines of the examples have in common: how they end, what they show meanwhile, what they say of errors.

use std::io;
use std::mem;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, ValueEnum};
use ebpf_core::hook::XdpMode;
use nix::net::if_::if_nametoindex;

use crate::interrupt::Interrupt;
use crate::screen::Screen;

/// How long a program does not look whether it is to end.
const NAP: Duration = Duration::from_millis(20);

/// Reads the command line, runs the program, and says on standard error what went wrong.
pub fn main<O: Parser>(run: impl FnOnce(&O) -> Result<()>) -> ExitCode {
    match run(&O::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<io::Error>().is_some_and(kind)
}

/// When a program ends by itself.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Limits {
    /// End after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub duration: Option<Duration>,
    /// End once there were so many.
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<u64>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "a number of seconds is wanted, such as 10 or 0.5".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl Limits {
    /// Counts from now on, and takes Ctrl-C and its like as a request to end.
    ///
    /// # Errors
    /// When the process cannot listen to signals.
    pub fn start(self) -> Result<Ending> {
        Ok(Ending {
            interrupt: Interrupt::listen().context("listen to signals")?,
            // A time beyond what a clock can tell never comes.
            deadline: self
                .duration
                .and_then(|duration| Instant::now().checked_add(duration)),
            count: self.count,
        })
    }
}

/// The end of a program: by a signal, after a time, or once there was enough to see.
#[derive(Debug)]
pub struct Ending {
    interrupt: Interrupt,
    deadline: Option<Instant>,
    count: Option<u64>,
}

impl Ending {
    /// Whether it is there, after `seen`.
    #[must_use]
    pub fn came(&self, seen: u64) -> bool {
        self.interrupt.came()
            || self.count.is_some_and(|count| seen >= count)
            || self
                .deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// How long to wait at most before looking again whether it is there.
    #[must_use]
    pub fn patience(&self) -> Duration {
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        left.unwrap_or(NAP).min(NAP)
    }
}

/// Events as they are shown, no more than wanted.
#[derive(Debug)]
pub struct Shown<'e> {
    ending: &'e Ending,
    count: u64,
    result: Result<()>,
}

impl<'e> Shown<'e> {
    /// None yet.
    #[must_use]
    pub fn until(ending: &'e Ending) -> Self {
        Self {
            ending,
            count: 0,
            result: Ok(()),
        }
    }

    /// Whether it is time to end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ending.came(self.count)
    }

    /// Shows one more by `show`, and breaks if no other is wanted or it could not be shown.
    pub fn next(&mut self, show: impl FnOnce() -> Result<()>) -> ControlFlow<()> {
        let enough = |count| self.ending.count.is_some_and(|most| count >= most);
        if !enough(self.count) {
            self.result = show();
            self.count += 1;
        }
        if enough(self.count) || self.result.is_err() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// What kept the last one from being shown.
    ///
    /// # Errors
    /// As what [`Shown::next`] was given.
    pub fn check(&mut self) -> Result<()> {
        mem::replace(&mut self.result, Ok(()))
    }
}

/// How things stand.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// In full.
    pub table: String,
    /// In short, for where the table cannot be redrawn.
    pub line: String,
    /// What [`Limits::count`] is about.
    pub seen: u64,
}

/// Shows how things stand until the end, and how they stood then.
///
/// # Errors
/// What `look` says, and what writing to standard output does.
pub fn watch(ending: &Ending, mut look: impl FnMut() -> Result<View>) -> Result<()> {
    let mut screen = Screen::new();
    loop {
        let mut seen = 0;
        if screen.is_due() || ending.count.is_some() {
            let view = look()?;
            seen = view.seen;
            if screen.is_due() {
                screen.show(&view.table, &view.line)?;
            }
        }
        if ending.came(seen) {
            return Ok(screen.finish(&look()?.table)?);
        }
        thread::sleep(ending.patience());
    }
}

/// The index of an interface of this network namespace.
///
/// # Errors
/// When there is none of that name.
pub fn interface_index(name: &str) -> Result<u32> {
    if_nametoindex(name).with_context(|| format!("look up interface `{name}`"))
}

/// Where XDP programs look at packets, on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// In the driver if it can, else in the network stack.
    #[default]
    Default,
    /// In the network stack.
    Skb,
    /// In the driver.
    Drv,
    /// On the device.
    Hw,
}

impl From<Mode> for XdpMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Default => Self::Default,
            Mode::Skb => Self::Skb,
            Mode::Drv => Self::Drv,
            Mode::Hw => Self::Hw,
        }
    }
}
