//! Several attachments of one program that are one to their user: a perf event on each CPU, each place of a static probe.

use std::path::Path;

use super::{Link, LinkError, LinkInfo, LinkState};
use crate::Errno;
use crate::program::Program;
use crate::system::Handle;

/// The one link of these, or one that is all of them. For implementors.
///
/// # Errors
/// `ENODEV` where there is none.
pub fn several(mut links: Vec<Box<dyn Link>>) -> Result<Box<dyn Link>, Errno> {
    if links.len() <= 1 {
        return links.pop().ok_or(Errno::ENODEV);
    }
    let info = links.first().map(|first| LinkInfo {
        id: None,
        ..first.info().clone()
    });
    let info = info.ok_or(Errno::ENODEV)?;
    Ok(Box::new(Several { links, info }))
}

#[derive(Debug)]
struct Several {
    links: Vec<Box<dyn Link>>,
    /// Of the first, without a number.
    info: LinkInfo,
}

impl Link for Several {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        match self.links.first() {
            Some(first) => first.query(),
            None => Err(self.info.unsupported("query", "there is none")),
        }
    }

    fn handle(&self) -> Option<Handle> {
        None
    }

    /// One after the other; if one fails, those before it have the new program.
    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        self.links
            .iter()
            .try_for_each(|link| link.update(new, expected))
    }

    fn pin(&self, _: &Path) -> Result<(), LinkError> {
        Err(self.info.unsupported(
            "pin",
            "it is several links: attach to each CPU or place by itself to pin each",
        ))
    }

    /// Detaches all, and says the first thing that failed.
    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        let results: Vec<_> = self.links.into_iter().map(|link| link.detach()).collect();
        results.into_iter().collect()
    }

    fn forget(self: Box<Self>) {
        self.links.into_iter().for_each(|link| link.forget());
    }
}
