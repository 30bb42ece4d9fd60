//! What was sent beside what was counted: the table, and whether the two agree.

use std::fmt::Write as _;

use ebpf_examples::basic_firewall::{Action, Counter, Totals};
use serde::Serialize;

use crate::meter::{Interface, Reading, Tally};
use crate::plan;

/// One rule: what its addresses sent, and what the firewall counted for it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) prefix: &'static str,
    pub(crate) action: Action,
    pub(crate) sent: Tally,
    pub(crate) sent_udp: Tally,
    pub(crate) sent_tcp: Tally,
    /// Requests to connect that the sender's kernel repeated; part of `sent_tcp`.
    pub(crate) retransmitted: u64,
    pub(crate) counted: Tally,
}

/// Everything that was measured, at one moment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(crate) rules: Vec<Row>,
    /// ARP, neighbour discovery and multicast reports that the sender's interface sent.
    pub(crate) other_sent: Tally,
    /// The frames that the firewall let pass without asking its rules.
    pub(crate) other_counted: Tally,
    /// Frames that were sent and that nobody expected.
    pub(crate) stray: Tally,
    pub(crate) passed: Tally,
    pub(crate) dropped: Tally,
    pub(crate) malformed: Tally,
    /// Frames that the sender's interface says it sent.
    pub(crate) interface: u64,
    /// What the sender's interface had no room for.
    pub(crate) lost: u64,
}

impl From<Counter> for Tally {
    fn from(counter: Counter) -> Self {
        Self {
            packets: counter.packets,
            bytes: counter.bytes,
        }
    }
}

impl Report {
    /// Sets what was sent beside what was counted.
    pub(crate) fn new(
        sent: &Reading,
        counted: &[Counter],
        totals: &Totals,
        interface: Interface,
    ) -> Self {
        let rows = plan::RULES.iter().zip(&sent.rules).zip(counted);
        Self {
            rules: rows
                .map(|((rule, sent), counted)| Row {
                    prefix: rule.prefix,
                    action: rule.action,
                    sent: sent.total(),
                    sent_udp: sent.udp,
                    sent_tcp: sent.tcp,
                    retransmitted: sent.retransmitted,
                    counted: (*counted).into(),
                })
                .collect(),
            other_sent: sent.other,
            other_counted: totals.other.into(),
            stray: sent.stray,
            passed: totals.passed.into(),
            dropped: totals.dropped.into(),
            malformed: totals.malformed.into(),
            interface: interface.sent,
            lost: interface.lost,
        }
    }

    /// All that was sent.
    pub(crate) fn sent(&self) -> Tally {
        self.rules.iter().map(|row| row.sent).sum::<Tally>() + self.other_sent + self.stray
    }

    /// Where what was counted is not what was sent; empty when all of it is.
    pub(crate) fn disagreements(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut expect = |what: &str, sent: Tally, counted: Tally| {
            if sent != counted {
                found.push(format!(
                    "{what}: {} frames ({} bytes), but {} ({} bytes) were counted",
                    sent.packets, sent.bytes, counted.packets, counted.bytes
                ));
            }
        };
        for row in &self.rules {
            expect(
                &format!("sent because of `{} {}`", row.action, row.prefix),
                row.sent,
                row.counted,
            );
        }
        expect(
            "sent by the interface of itself",
            self.other_sent,
            self.other_counted,
        );
        for (action, total) in [(Action::Pass, self.passed), (Action::Drop, self.dropped)] {
            let rows = self.rules.iter().filter(|row| row.action == action);
            let sent = rows.map(|row| row.sent).sum();
            expect(
                &format!("sent in all because of rules to {}", action),
                sent,
                total,
            );
        }
        expect(
            "nothing malformed was sent",
            Tally::default(),
            self.malformed,
        );
        let sent = self.sent().packets;
        if self.interface != sent {
            found.push(format!(
                "the sender's interface says that it sent {} frames, but {sent} were seen",
                self.interface
            ));
        }
        if self.stray != Tally::default() {
            found.push(format!(
                "{} frames were sent that are none of the demo's",
                self.stray.packets
            ));
        }
        if self.lost > 0 {
            found.push(format!(
                "{} frames were lost before they left the sender's interface",
                self.lost
            ));
        }
        found
    }

    /// The table, a line for each rule.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let mut line = |name: &str, cells: [String; 6]| {
            let [sent, udp, tcp, again, dropped, passed] = cells;
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "{name:<27}{sent:>8}{udp:>8}{tcp:>8}{again:>8}{dropped:>10}{passed:>10}"
            );
        };
        line(
            "rule",
            ["sent", "udp", "tcp", "resent", "dropped", "passed"].map(str::to_owned),
        );
        for row in &self.rules {
            let counted = row.counted.packets.to_string();
            let drops = row.action == Action::Drop;
            let (dropped, passed) = if drops {
                (counted, String::new())
            } else {
                (String::new(), counted)
            };
            let sent = [
                row.sent.packets,
                row.sent_udp.packets,
                row.sent_tcp.packets,
                row.retransmitted,
            ];
            let [sent, udp, tcp, again] = sent.map(|count| count.to_string());
            line(
                &format!("{} {}", row.action, row.prefix),
                [sent, udp, tcp, again, dropped, passed],
            );
        }
        let plain = |sent: Tally, dropped: String, passed: Tally| {
            let none = String::new;
            [
                sent.packets.to_string(),
                none(),
                none(),
                none(),
                dropped,
                passed.packets.to_string(),
            ]
        };
        line(
            "other frames (ARP, ND, MLD)",
            plain(self.other_sent, String::new(), self.other_counted),
        );
        if self.stray != Tally::default() {
            line(
                "unexpected frames",
                plain(self.stray, String::new(), Tally::default()),
            );
        }
        let (dropped, passed) = (
            self.dropped + self.malformed,
            self.passed + self.other_counted,
        );
        line(
            "all",
            plain(self.sent(), dropped.packets.to_string(), passed),
        );
        table
    }

    /// One line instead of the table, for when lines cannot be redrawn.
    pub(crate) fn summary(&self) -> String {
        format!(
            "sent {}, dropped {}, passed {}, other {}",
            self.sent().packets,
            self.dropped.packets,
            self.passed.packets,
            self.other_counted.packets
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Sent;

    const FRAME: Counter = Counter {
        packets: 1,
        bytes: 60,
    };

    /// One frame for each rule and one other, all of them counted.
    fn report() -> Report {
        let tally = Tally::from(FRAME);
        let sent = Sent {
            udp: tally,
            ..Sent::default()
        };
        let reading = Reading {
            rules: vec![sent; plan::RULES.len()],
            other: tally,
            stray: Tally::default(),
        };
        let times = |count| Counter {
            packets: count,
            bytes: count * FRAME.bytes,
        };
        let totals = Totals {
            passed: times(4),
            dropped: times(3),
            other: FRAME,
            malformed: Counter::default(),
        };
        let mut report = Report::new(
            &reading,
            &[FRAME; plan::RULES.len()],
            &totals,
            Interface::default(),
        );
        report.interface = reading.total().packets;
        report
    }

    #[track_caller]
    fn check(spoil: impl FnOnce(&mut Report), expected: &[&str]) {
        let mut report = report();
        spoil(&mut report);
        assert_eq!(report.disagreements(), expected);
    }

    #[test]
    fn all_that_was_sent_was_counted() {
        check(|_| {}, &[]);
    }

    #[test]
    fn a_frame_counted_for_another_rule_is_told() {
        check(
            |report| {
                report.rules[0].counted.packets = 0;
                report.rules[1].counted.packets = 2;
            },
            &[
                "sent because of `drop 198.51.100.0/24`: 1 frames (60 bytes), but 0 (60 bytes) were counted",
                "sent because of `pass 198.51.100.42/32`: 1 frames (60 bytes), but 2 (60 bytes) were counted",
            ],
        );
    }

    #[test]
    fn a_frame_that_went_the_wrong_way_is_told() {
        check(
            |report| {
                report.passed = report.passed + FRAME.into();
                report.dropped.packets -= 1;
                report.dropped.bytes -= 60;
            },
            &[
                "sent in all because of rules to pass: 4 frames (240 bytes), but 5 (300 bytes) were counted",
                "sent in all because of rules to drop: 3 frames (180 bytes), but 2 (120 bytes) were counted",
            ],
        );
    }

    #[test]
    fn frames_that_nobody_accounts_for_are_told() {
        check(
            |report| report.interface += 1,
            &["the sender's interface says that it sent 9 frames, but 8 were seen"],
        );
        check(
            |report| report.lost = 2,
            &["2 frames were lost before they left the sender's interface"],
        );
        check(
            |report| report.stray.packets = 1,
            &[
                "the sender's interface says that it sent 8 frames, but 9 were seen",
                "1 frames were sent that are none of the demo's",
            ],
        );
        check(
            |report| report.malformed = FRAME.into(),
            &["nothing malformed was sent: 0 frames (0 bytes), but 1 (60 bytes) were counted"],
        );
    }

    #[test]
    fn the_table_fits_eighty_columns() {
        let table = report().table();
        assert!(
            table.lines().all(|line| line.chars().count() <= 80),
            "{table}"
        );
        assert_eq!(table.lines().count(), plan::RULES.len() + 3);
    }
}
