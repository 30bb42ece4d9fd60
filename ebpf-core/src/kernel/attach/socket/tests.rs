//! What needs sockets that only tests make: with locked filters, with filters of classic BPF, of AF_XDP.

use std::fs::File;
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::sync::Arc;

use ebpf_testbed::{require, skip};

use crate::hook::{SocketFilter, SocketVerdict};
use crate::insn::{Insn, Reg};
use crate::kernel::KernelSystem;
use crate::kernel::sys::{
    FoundFilter, SocketOption, attach_classic_filter, set_socket_option, socket_filter, xdp_socket,
};
use crate::link::LinkError;
use crate::map::{MapSpec, MapType, SocketMap};
use crate::program::{Program, ProgramExt, ProgramSpec, ProgramType};
use crate::system::{Bindings, System};
use crate::{Errno, Link};

fn attach(socket: &UdpSocket) -> Result<Box<dyn Link>, crate::program::ProgramError> {
    let keep_all = SocketVerdict::KEEP_ALL.0 as i32;
    let instructions = vec![Insn::mov_imm(Reg::R0, keep_all), Insn::exit()];
    let spec = ProgramSpec::new("keep", ProgramType::SOCKET_FILTER, instructions);
    let program: Arc<dyn Program> = KernelSystem::new()
        .load_program(&spec.with_license("GPL"), &Bindings::default())
        .expect("load");
    program.attach_to(SocketFilter::on(socket))
}

/// A socket, or a spoken skip.
fn socket() -> Option<UdpSocket> {
    require("kernel").then(|| UdpSocket::bind("127.0.0.1:0").expect("a socket"))
}

fn lock(socket: &UdpSocket) {
    // Any number but 0 locks, and no descriptor of a file that is opened here is 0.
    let one = File::open("/dev/null").expect("a file");
    set_socket_option(socket.as_fd(), SocketOption::LOCK_FILTER, Some(one.as_fd())).expect("lock");
}

#[test]
fn a_locked_socket_takes_no_filter_and_gives_none_up() {
    let Some(bare) = socket() else { return };
    lock(&bare);
    let error = attach(&bare).expect_err("locked");
    assert_eq!(error.errno(), Some(Errno::EPERM));
    assert!(error.to_string().contains("SO_LOCK_FILTER"), "{error}");

    let filtered = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let link = attach(&filtered).expect("attach");
    lock(&filtered);
    let error = link.detach().expect_err("locked");
    assert_eq!(error.errno(), Some(Errno::EPERM));
    assert!(error.to_string().contains("SO_LOCK_FILTER"), "{error}");
    assert_eq!(socket_filter(filtered.as_fd()), Ok(FoundFilter::Ebpf));
}

#[test]
fn a_classic_filter_is_not_replaced_or_removed() {
    let Some(socket) = socket() else { return };
    attach_classic_filter(socket.as_fd()).expect("attach a classic one");
    assert_eq!(
        attach(&socket).expect_err("busy").errno(),
        Some(Errno::EBUSY)
    );
    set_socket_option(socket.as_fd(), SocketOption::DETACH_FILTER, None).expect("detach");
    assert_eq!(socket_filter(socket.as_fd()), Ok(FoundFilter::None));

    let link = attach(&socket).expect("attach");
    attach_classic_filter(socket.as_fd()).expect("in its place");
    assert_eq!(link.query().expect("query").program, None);
    let error = link.detach().expect_err("not ours");
    assert!(matches!(error, LinkError::Unsupported { .. }), "{error}");
    assert_eq!(socket_filter(socket.as_fd()), Ok(FoundFilter::Classic));

    set_socket_option(socket.as_fd(), SocketOption::DETACH_FILTER, None).expect("detach");
    let link = attach(&socket).expect("attach");
    set_socket_option(socket.as_fd(), SocketOption::DETACH_FILTER, None).expect("by another");
    link.detach().expect("nothing is left to do");
}

#[test]
fn a_map_takes_af_xdp_sockets() {
    if !require("kernel") {
        return;
    }
    let made =
        KernelSystem::new().create_map(&MapSpec::new("xsks", MapType::XSKMAP, 4, 4, 2), None);
    let (map, socket, other) = match (made, xdp_socket(), xdp_socket()) {
        (Ok(map), Ok(socket), Ok(other)) => (map, socket, other),
        (map, socket, _) => {
            return skip(&format!(
                "no AF_XDP here: {:?} {:?}",
                map.err(),
                socket.err()
            ));
        }
    };
    let sockets = SocketMap::<u32>::new(map).expect("a map of sockets");
    sockets.insert(&1, &socket).expect("insert");
    assert_eq!(
        sockets.insert(&1, &other).expect_err("there").errno(),
        Some(Errno::EEXIST)
    );
    assert_eq!(sockets.remove(&1), Ok(true));
    sockets
        .insert(&1, &socket)
        .expect("the place is free again");
}
