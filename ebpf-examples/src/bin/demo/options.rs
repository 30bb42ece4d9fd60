//! The demo's arguments.

use clap::{Parser, ValueEnum};

/// Sends packets through the example firewall and compares what it counted with what was sent.
#[derive(Debug, Parser)]
#[command(name = "demo")]
pub(crate) struct Options {
    /// Where maps and programs live; unless it is said, in the kernel, or in memory where privileges for it are missing.
    #[arg(long, value_enum)]
    pub(crate) system: Option<SystemName>,
    /// How many datagrams each address sends.
    #[arg(long, value_name = "COUNT", default_value_t = 400)]
    pub(crate) packets: u32,
    /// For how many seconds packets are sent; the kernel repeats an unanswered request to connect after one. In memory no
    /// time passes.
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u32,
    /// Prints what was measured as JSON, and no table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SystemName {
    /// The Linux kernel that this machine runs, as root: real packets between namespaces of their own.
    Kernel,
    /// A simulated system in the memory of this process: no privileges, no kernel, any operating system.
    Mock,
}
