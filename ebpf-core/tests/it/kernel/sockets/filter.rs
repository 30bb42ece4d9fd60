//! Socket filters: what they see and keep, and who owns them.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;

use ebpf_core::Errno;
use ebpf_core::hook::{SocketFilter, SocketVerdict};
use ebpf_core::link::{LinkError, LinkTarget, LinkType};
use ebpf_core::map::{MapExt, MapType};
use ebpf_core::program::{ProgramExt, ProgramType};
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, recv, socket};

use super::{address, filter, map, program, receive, sandbox, send, udp};

/// Of IPv4 and UDP.
const HEADERS: usize = 20 + 8;

#[test]
fn every_byte_is_kept_unless_the_program_says_otherwise() {
    let Some(_sandbox) = sandbox() else { return };
    let raw = socket(
        AddressFamily::Inet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::Udp,
    )
    .expect("a raw socket");
    let target = udp();
    let payload = [7; 1000];
    let read = || {
        let mut buffer = [0; 2048];
        recv(
            raw.as_raw_fd(),
            &mut buffer,
            nix::sys::socket::MsgFlags::empty(),
        )
        .expect("a packet")
    };
    for (verdict, kept) in [
        (SocketVerdict::KEEP_ALL, HEADERS + payload.len()),
        (SocketVerdict::keep(64), 64),
        // What goebpf calls "allow".
        (SocketVerdict(1), 1),
    ] {
        let link = filter(verdict.0)
            .attach_to(SocketFilter::on(&raw))
            .expect("attach");
        send(&payload, address(&target));
        assert_eq!(read(), kept, "{verdict}");
        link.detach().expect("detach");
    }
    send(&payload, address(&target));
    assert_eq!(read(), HEADERS + payload.len(), "detached");
}

#[test]
fn the_headers_of_datagrams_survive() {
    let Some(_sandbox) = sandbox() else { return };
    let socket = udp();
    for (verdict, kept) in [(SocketVerdict::keep(8 + 5), 5), (SocketVerdict(1), 0)] {
        let link = filter(verdict.0)
            .attach_to(SocketFilter::on(&socket))
            .expect("attach");
        send(b"hello world", address(&socket));
        assert_eq!(receive(&socket).len(), kept, "{verdict}");
        link.detach().expect("detach");
    }
}

#[test]
fn a_filter_sees_the_whole_packet() {
    let Some(_sandbox) = sandbox() else { return };
    let socket = udp();
    let seen = map(MapType::ARRAY, 4, 4, 1);
    let text = "
        r6 = r1
        r7 = *(u32 *)(r1 + 0)
        *(u32 *)(r10 - 4) = 0
        r1 = map_by_idx(0)
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        *(u32 *)(r0 + 0) = r7
   out: w0 = -1
        exit";
    let program = program(ProgramType::SOCKET_FILTER, None, text, &[&seen]);
    let _link = program
        .attach_to(SocketFilter::on(&socket))
        .expect("attach");
    send(&[1; 500], address(&socket));
    assert_eq!(receive(&socket).len(), 500);
    assert_eq!(
        seen.get_uint(&0u32.to_ne_bytes()),
        Ok(Some(508)),
        "with the UDP header"
    );
}

#[test]
fn what_is_denied_never_arrives() {
    let Some(_sandbox) = sandbox() else { return };
    let socket = udp();
    let deny = filter(SocketVerdict::DENY.0);
    let link = deny.attach_to(SocketFilter::on(&socket)).expect("attach");
    assert_eq!(link.query().expect("query").program, Some(deny.info().id));
    send(b"denied", address(&socket));
    link.detach().expect("detach");
    send(b"let through", address(&socket));
    assert_eq!(receive(&socket), b"let through");
    drop(deny.attach_to(SocketFilter::on(&socket)).expect("attach"));
    send(b"after the drop", address(&socket));
    assert_eq!(receive(&socket), b"after the drop");
}

#[test]
fn streams_and_unix_sockets_have_filters_too() {
    let Some(_sandbox) = sandbox() else { return };
    let keep = filter(SocketVerdict::KEEP_ALL.0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let mut near = TcpStream::connect(listener.local_addr().expect("bound")).expect("connect");
    let (mut far, _) = listener.accept().expect("accept");
    let _tcp = keep.attach_to(SocketFilter::on(&far)).expect("attach");
    near.write_all(b"stream").expect("write");
    let mut buffer = [0; 6];
    far.read_exact(&mut buffer).expect("read");
    assert_eq!(&buffer, b"stream");

    let (near, far) = UnixDatagram::pair().expect("a pair");
    let link = filter(3).attach_to(SocketFilter::on(&far)).expect("attach");
    near.send(b"datagram").expect("send");
    let mut buffer = [0; 16];
    assert_eq!(far.recv(&mut buffer).expect("receive"), 3);
    link.detach().expect("detach");
}

#[test]
fn a_socket_with_a_filter_is_busy() {
    let Some(_sandbox) = sandbox() else { return };
    let socket = udp();
    let (keep, cut) = (filter(SocketVerdict::KEEP_ALL.0), filter(8 + 1));
    let link = keep.attach_to(SocketFilter::on(&socket)).expect("attach");
    let error = cut
        .attach_to(SocketFilter::on(&socket))
        .expect_err("there is one");
    assert_eq!(
        error.to_string(),
        format!(
            "attach program `case` to the filter of the socket of descriptor {}: EBUSY: device or resource busy \
             (the socket has a filter already: detach or replace it first)",
            socket.as_raw_fd()
        )
    );
    send(b"whole", address(&socket));
    assert_eq!(receive(&socket), b"whole");
    link.forget();
    let link = cut
        .attach_to(SocketFilter::on(&socket).replacing_any())
        .expect("replace");
    send(b"cut", address(&socket));
    assert_eq!(receive(&socket), b"c");
    link.detach().expect("detach");
}

#[test]
fn updating_swaps_the_filter() {
    let Some(_sandbox) = sandbox() else { return };
    let socket = udp();
    let (keep, cut) = (filter(SocketVerdict::KEEP_ALL.0), filter(8 + 1));
    let link = keep.attach_to(SocketFilter::on(&socket)).expect("attach");
    let error = link.update(&*cut, Some(&*cut)).expect_err("not the one");
    assert_eq!(error.errno(), Some(Errno::EPERM), "{error}");
    link.update(&*cut, Some(&*keep)).expect("update");
    assert_eq!(link.query().expect("query").program, Some(cut.info().id));
    send(b"cut", address(&socket));
    assert_eq!(receive(&socket), b"c");
    let other = program(ProgramType::XDP, None, "r0 = 2\nexit", &[]);
    let error = link.update(&*other, None).expect_err("no filter");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    link.detach().expect("detach");
}

#[test]
fn the_link_says_what_it_is() {
    let Some(_sandbox) = sandbox() else { return };
    let socket = udp();
    let keep = filter(SocketVerdict::KEEP_ALL.0);
    let link = keep.attach_to(SocketFilter::on(&socket)).expect("attach");
    let info = link.info();
    assert_eq!((info.id, info.link_type), (None, LinkType::UNSPEC));
    let LinkTarget::SocketFilter { cookie } = info.target else {
        panic!("{:?}", info.target)
    };
    assert_ne!(cookie, 0);
    let pin = std::path::Path::new("/sys/fs/bpf/filter");
    for error in [link.pin(pin).err(), link.read().err()] {
        assert!(
            matches!(error, Some(LinkError::Unsupported { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn the_link_keeps_the_socket_open_until_it_is_given_up() {
    let Some(_sandbox) = sandbox() else { return };
    let keep = filter(SocketVerdict::KEEP_ALL.0);
    let socket = udp();
    let place = address(&socket);
    let link = keep.attach_to(SocketFilter::on(&socket)).expect("attach");
    drop(socket);
    UdpSocket::bind(place).expect_err("the port is bound still");
    link.detach().expect("detach");
    let socket = UdpSocket::bind(place).expect("the port is free");

    keep.attach_to(SocketFilter::on(&socket))
        .expect("attach")
        .forget();
    let busy = keep.attach_to(SocketFilter::on(&socket));
    assert_eq!(busy.expect_err("it stays").errno(), Some(Errno::EBUSY));
    drop(socket);
    UdpSocket::bind(place).expect("a link that is given up holds nothing");
}

#[test]
fn what_is_no_socket_is_said_to_be_none() {
    let Some(_sandbox) = sandbox() else { return };
    let file = File::open("/proc/self/maps").expect("a file");
    let error = filter(0)
        .attach_to(SocketFilter::on(&file))
        .expect_err("no socket");
    assert_eq!(
        error.to_string(),
        format!(
            "attach program `case` to the filter of the socket of descriptor {}: ENOTSOCK: socket operation on \
             non-socket (the descriptor is not a socket's)",
            file.as_raw_fd()
        )
    );
    let xdp = program(ProgramType::XDP, None, "r0 = 2\nexit", &[]);
    let error = xdp
        .attach_to(SocketFilter::on(&udp()))
        .expect_err("no filter");
    assert_eq!(error.errno(), Some(Errno::EINVAL));
    assert!(
        error.to_string().contains("must be of type socket_filter"),
        "{error}"
    );
}
