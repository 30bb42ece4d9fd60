//! How it ended: whether all that was sent was counted, and nothing arrived that should not.

use std::io::{self, Write as _};

use anyhow::{Result, anyhow, ensure};
use serde::Serialize;

use crate::options::Options;
use crate::report::Report;

/// What got past the firewall.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Behind {
    /// Datagrams from addresses that may pass.
    pub(crate) datagrams: u64,
    /// Connections from such addresses that were opened, used and closed.
    pub(crate) conversations: u64,
    /// Datagrams from addresses that are dropped.
    pub(crate) wrong_datagrams: u64,
    /// Connections from such addresses.
    pub(crate) wrong_connections: u64,
}

/// Says how it ended, as the command line wants it, and fails unless all that was sent was counted and nothing else arrived.
/// `who` repeats requests to connect.
pub(crate) fn tell(
    options: &Options,
    system: &str,
    report: &Report,
    behind: &Behind,
    who: &str,
) -> Result<()> {
    let mut stdout = io::stdout();
    if options.json {
        let printed = serde_json::to_string_pretty(&Printed { system, report })?;
        writeln!(stdout, "{printed}")?;
        return judge(report, behind);
    }
    judge(report, behind)?;
    let (datagrams, conversations) = (behind.datagrams, behind.conversations);
    let sent = report.sent();
    writeln!(
        stdout,
        "\nresent: requests to connect that got no answer, repeated by {who}; part of tcp"
    )?;
    writeln!(
        stdout,
        "behind the firewall: {datagrams} datagrams and {conversations} TCP conversations, none from a dropped address"
    )?;
    writeln!(
        stdout,
        "counted = sent: {} frames, {} bytes",
        sent.packets, sent.bytes
    )?;
    Ok(())
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Printed<'r> {
    system: &'r str,
    #[serde(flatten)]
    report: &'r Report,
}

fn judge(report: &Report, behind: &Behind) -> Result<()> {
    let (datagrams, connections) = (behind.wrong_datagrams, behind.wrong_connections);
    ensure!(
        datagrams == 0 && connections == 0,
        "{datagrams} datagrams and {connections} connections got past the firewall from addresses that it drops"
    );
    let disagreements = report.disagreements();
    if !disagreements.is_empty() {
        return Err(anyhow!(disagreements.join("\n       "))
            .context("what was counted is not what was sent"));
    }
    Ok(())
}
