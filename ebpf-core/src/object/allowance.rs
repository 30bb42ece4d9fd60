//! Limits to what a small file can make large: names that share bytes, and copies of names.

use super::{ParseError, ParseErrorKind};

/// How many bytes of some sort a plan may have.
pub(super) struct Allowance {
    what: &'static str,
    spent: u64,
    limit: u64,
}

impl Allowance {
    /// As many bytes as the file has, times `times`.
    pub(super) fn new(what: &'static str, file: usize, times: u64) -> Allowance {
        Allowance {
            what,
            spent: 0,
            limit: (file as u64).saturating_mul(times),
        }
    }

    /// Takes some, or tells that there are too many.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), ParseError> {
        self.spent = self.spent.saturating_add(bytes as u64);
        if self.spent <= self.limit {
            return Ok(());
        }
        let (what, found, limit) = (self.what, self.spent, self.limit);
        Err(ParseError::file(ParseErrorKind::Limit {
            what,
            found,
            limit,
        }))
    }
}
