//! What storage lives with: sockets, inodes, tasks and cgroups that a test bed brings, if its system has any.

use super::Testbed;
use crate::map::MapType;

/// Something of the system under test that storage lives with.
pub trait TestOwner {
    /// An open descriptor of it, which is a key of the storage.
    fn key(&self) -> u32;
}

/// A new owner of storage of this type (a task may be the one that runs the case), or a spoken skip.
pub fn owner<'t>(
    testbed: &'t dyn Testbed,
    case: &str,
    map_type: MapType,
) -> Option<Box<dyn TestOwner + 't>> {
    let owner = testbed.owner(map_type);
    if owner.is_none() {
        testbed.skip(case, &format!("this test bed has no owners of {map_type}"));
    }
    owner
}
