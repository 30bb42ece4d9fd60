//! Reports as text: a table of many, a list of what is known of one.

use std::fmt::{self, Display, Formatter};
use std::time::SystemTime;

use super::User;
use crate::bpfobj::report::table;

/// A report that is a row of a table, or a list of its own.
pub trait Report {
    /// The heading of the table.
    const HEADING: &'static [&'static str];

    /// The cells of the row.
    fn row(&self) -> Vec<String>;

    /// Everything that is known, by name; what is empty is left out.
    fn list(&self) -> Vec<(&'static str, String)>;
}

/// Reports as text: one as a list, others as a table.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'r, R> {
    /// What is shown.
    pub reports: &'r [R],
    /// Whether the only one was asked for, and everything is said of it.
    pub alone: bool,
}

impl<R: Report> Display for Shown<'_, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let ([one], true) = (self.reports, self.alone) {
            let list = one.list();
            let width = list.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, text) in list.iter().filter(|(_, text)| !text.is_empty()) {
                writeln!(f, "{name:width$}  {}", text.replace('\n', ", "))?;
            }
            return Ok(());
        }
        let mut table = table(R::HEADING);
        for report in self.reports {
            table.add_row(report.row());
        }
        writeln!(f, "{}", table.trim_fmt())
    }
}

/// The text of a number that may be missing; 0 counts as such.
pub(super) fn number(number: impl Into<Option<u64>>) -> String {
    match number.into() {
        None | Some(0) => String::new(),
        Some(number) => number.to_string(),
    }
}

pub(super) fn bytes(number: impl Into<Option<u64>>) -> String {
    match number.into() {
        None | Some(0) => String::new(),
        Some(number) => format!("{number} B"),
    }
}

pub(super) fn users(users: &[User]) -> String {
    let user = |user: &User| format!("{} ({})", user.comm, user.pid);
    users.iter().map(user).collect::<Vec<_>>().join("\n")
}

/// `2026-11-22T16:35:44Z`, of a time after 1970.
pub(super) fn date(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    // Days are counted from 1 March of year 0, so that leap days come last; eras have 400 years.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates_know_leap_years() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_795_364_144, "2026-11-22T16:15:44Z"),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(date(time).as_deref(), Some(text));
        }
    }
}
