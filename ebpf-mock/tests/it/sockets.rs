//! Sockets of a simulated machine, where Linux has no like of it or only users that are not root see it.

use std::net::Ipv4Addr;

use ebpf_core::conformance::code;
use ebpf_core::hook::{Cgroup, Sockmap};
use ebpf_core::map::{Map, MapSpec, MapType, SocketMap};
use ebpf_core::program::{AttachType, ProgramExt, ProgramType};
use ebpf_core::system::Bindings;
use ebpf_core::{Errno, System};
use ebpf_mock::{MockSocket, MockSystem, SocketKind, TaskSpec};

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Two sockets that are connected; the second one was accepted.
fn pair(system: &MockSystem) -> (MockSocket, MockSocket) {
    let listener = system.open_socket(SocketKind::Tcp).expect("a socket");
    let address = listener.bind((LOOPBACK, 0)).expect("bind");
    listener.listen().expect("listen");
    let near = system.open_socket(SocketKind::Tcp).expect("a socket");
    near.connect(address).expect("connect");
    (near, listener.accept().expect("accept"))
}

#[test]
fn ports_of_root_are_for_others_by_leave_of_a_program() {
    let system = MockSystem::new();
    let user = TaskSpec::new("user").user(1000, 1000);
    let user = system.add_task(user).expect("a task");
    let bind = || {
        let socket = system.open_socket(SocketKind::Udp).expect("a socket");
        system.run_as(&user, || socket.bind((LOOPBACK, 53)).map(drop))
    };
    let errno = |result: Result<(), ebpf_core::system::SystemError>| {
        result.map_err(|error| error.errno().expect("a number"))
    };
    assert_eq!(errno(bind()), Err(Errno::EACCES));
    for (verdict, told) in [(1, Err(Errno::EACCES)), (3, Ok(())), (0, Err(Errno::EPERM))] {
        let mut spec = code(
            ProgramType::CGROUP_SOCK_ADDR,
            &format!("r0 = {verdict}\nexit"),
        );
        spec.expected_attach_type = Some(AttachType::CGROUP_INET4_BIND);
        let program = system.load_program(&spec, &Bindings::default());
        let root = Cgroup::at("/sys/fs/cgroup", AttachType::CGROUP_INET4_BIND);
        let _link = program
            .expect("a program")
            .attach_to(root)
            .expect("attached");
        assert_eq!(errno(bind()), told, "{verdict}");
    }
}

#[test]
fn who_leaves_bytes_unread_resets_the_connection() {
    let system = MockSystem::new();
    let (near, far) = pair(&system);
    near.send(b"not read").expect("send");
    far.close().expect("close");
    let error = near.read(9).expect_err("it was reset");
    assert_eq!(error.errno(), Some(Errno::ECONNRESET));
    let error = near.send(b"x").expect_err("it is over");
    assert_eq!(error.errno(), Some(Errno::EPIPE));
}

#[test]
fn what_was_sent_before_the_end_is_read() {
    let system = MockSystem::new();
    let (near, far) = pair(&system);
    near.send(b"the end").expect("send");
    near.close().expect("close");
    assert_eq!(far.read(4).expect("read"), b"the ");
    assert_eq!(far.read(9).expect("read"), b"end");
    assert_eq!(far.read(9).expect("read"), b"");
}

#[test]
fn data_that_goes_round_stops() {
    let system = MockSystem::new();
    let spec = MapSpec::new("sockets", MapType::SOCKMAP, 4, 8, 4);
    let map = system.create_map(&spec, None).expect("a map");
    // Whatever the socket at 0 receives the one at 1 sends, and that sends to the one at 0.
    let text = "r2 = map_by_idx(0)\nr3 = 1\nr4 = 0\ncall bpf_sk_redirect_map\nexit";
    let mut spec = code(ProgramType::SK_SKB, text);
    spec.expected_attach_type = Some(AttachType::SK_SKB_VERDICT);
    let maps: [&dyn Map; 1] = [&*map];
    let bindings = Bindings {
        maps: &maps,
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings).expect("a program");
    let target = Sockmap::of(&map, AttachType::SK_SKB_VERDICT);
    let _link = program.attach_to(target).expect("attached");
    let (near, far) = pair(&system);
    let sockets = SocketMap::<u32>::new(map).expect("a map of sockets");
    sockets.upsert(&0, &far).expect("insert");
    sockets.upsert(&1, &near).expect("insert");
    assert_eq!(near.send(b"round").expect("send"), 5);
}
