//! Files: inodes, which storage lives with.

use std::sync::Arc;

use ebpf_core::hook::Descriptor as HookDescriptor;

use crate::kernel::{Descriptor, Kernel, Object};

/// An inode as the simulated kernel keeps it, as long as a descriptor is open.
#[derive(Debug)]
pub(crate) struct FileObject {
    /// A number that no other file ever has.
    pub(crate) inode: u64,
}

/// A file of a simulated machine, open. It is closed when it is dropped, and gone with the last descriptor.
#[derive(Debug)]
pub struct MockFile {
    object: Arc<FileObject>,
    descriptor: Descriptor,
}

impl MockFile {
    /// A new file.
    pub(crate) fn create(kernel: &Arc<Kernel>) -> MockFile {
        let inode = kernel.next_cookie();
        MockFile::open(kernel, Arc::new(FileObject { inode }))
    }

    fn open(kernel: &Arc<Kernel>, object: Arc<FileObject>) -> MockFile {
        MockFile {
            descriptor: kernel.open(Object::File(object.clone())),
            object,
        }
    }

    /// Another descriptor of the same file.
    #[must_use]
    pub fn reopen(&self) -> MockFile {
        MockFile::open(&self.descriptor.kernel, self.object.clone())
    }

    /// The number of the file.
    pub fn inode(&self) -> u64 {
        self.object.inode
    }
}

impl<'f> From<&'f MockFile> for HookDescriptor<'f> {
    fn from(file: &'f MockFile) -> HookDescriptor<'f> {
        file.descriptor.of_hook()
    }
}
