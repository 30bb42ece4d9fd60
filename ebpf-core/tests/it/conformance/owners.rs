//! What storage of the kernel lives with.

use std::fs::File;
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

use ebpf_core::conformance::TestOwner;
use ebpf_core::map::MapType;
use ebpf_testbed::{Cgroup, Sandbox};
use nix::sys::socket::{getsockopt, sockopt::PeerPidfd};

struct Owner {
    descriptor: OwnedFd,
    /// A group exists as long as this.
    _group: Option<Cgroup>,
}

/// A new owner of storage of a type; the task is this process. `None` where the kernel gives none.
pub(super) fn of<'s>(map_type: MapType, sandbox: &'s Sandbox) -> Option<Box<dyn TestOwner + 's>> {
    let mut group = None;
    let descriptor = match map_type {
        MapType::SK_STORAGE => UdpSocket::bind("127.0.0.1:0").expect("a socket").into(),
        MapType::INODE_STORAGE => nameless_file().into(),
        MapType::TASK_STORAGE => this_process()?,
        _ => {
            let made = group.insert(Cgroup::new(sandbox).ok()?);
            File::open(made.path()).expect("a directory").into()
        }
    };
    Some(Box::new(Owner {
        descriptor,
        _group: group,
    }))
}

fn nameless_file() -> File {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).custom_flags(nix::libc::O_TMPFILE);
    options.open(std::env::temp_dir()).expect("a file")
}

/// A descriptor of this process, which the end of a pair of sockets tells of the other. Since Linux 6.5.
fn this_process() -> Option<OwnedFd> {
    let (near, _far) = UnixStream::pair().expect("sockets");
    getsockopt(&near, PeerPidfd).ok()
}

impl TestOwner for Owner {
    fn key(&self) -> u32 {
        self.descriptor.as_raw_fd() as u32
    }
}
