//! Maps of sockets: messages and streams that go another way.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

use ebpf_core::conformance::typed;
use ebpf_core::hook::{AttachVia, SkAction, Sockmap};
use ebpf_core::link::{LinkError, LinkTarget, LinkType};
use ebpf_core::map::{LocalStorage, MapSpec, MapType, SocketMap};
use ebpf_core::program::{AttachType, ProgramExt, ProgramId, ProgramType};
use ebpf_core::system::{Feature, KernelVersion};
use ebpf_core::{Errno, KernelSystem, Map, Program, System};

use super::{PATIENCE, has, map, program, sandbox, udp};

const MSG: AttachType = AttachType::SK_MSG_VERDICT;

/// A connection: who connected, and who accepted.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let near = TcpStream::connect(listener.local_addr().expect("bound")).expect("connect");
    let (far, _) = listener.accept().expect("accept");
    for end in [&near, &far] {
        end.set_read_timeout(PATIENCE).expect("a timeout");
    }
    (near, far)
}

#[track_caller]
fn reads(end: &mut TcpStream, expected: &[u8]) {
    let mut buffer = vec![0; expected.len()];
    end.read_exact(&mut buffer).expect("read");
    assert_eq!(buffer, expected);
}

fn sockets(map_type: MapType) -> SocketMap<u32> {
    SocketMap::new(map(map_type, 4, 8, 4)).expect("a map of sockets")
}

fn verdict(program_type: ProgramType, verdict: SkAction) -> Arc<dyn Program> {
    program(
        program_type,
        None,
        &format!("r0 = {}\nexit", verdict.0),
        &[],
    )
}

/// Passes what it is given to the socket under `key`; with `ingress` as if that had received it.
fn redirect(
    program_type: ProgramType,
    helper: &str,
    key: u32,
    ingress: bool,
    map: &dyn Map,
) -> Arc<dyn Program> {
    let text = format!(
        "r2 = map_by_idx(0)
         r3 = {key}
         r4 = {}
         call {helper}
         exit",
        u32::from(ingress)
    );
    program(program_type, None, &text, &[map])
}

#[test]
fn a_message_is_received_by_another_socket() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_MSG)) {
        return;
    }
    for via in ways() {
        let sockets = sockets(MapType::SOCKMAP);
        let ((mut near, mut far), (_other, mut target)) = (connection(), connection());
        let program = redirect(
            ProgramType::SK_MSG,
            "bpf_msg_redirect_map",
            1,
            true,
            sockets.map(),
        );
        let link = program
            .attach_to(Sockmap::of(&**sockets.map(), MSG).via(via))
            .expect("attach");
        sockets.insert(&0, &near).expect("insert");
        sockets.insert(&1, &target).expect("insert");
        near.write_all(b"redirected").expect("write");
        reads(&mut target, b"redirected");
        assert_eq!(sockets.remove(&0), Ok(true));
        near.write_all(b"straight").expect("write");
        reads(&mut far, b"straight");
        link.detach().expect("detach");
    }
}

#[test]
fn what_a_socket_receives_is_sent_by_another() {
    let Some(_sandbox) = sandbox() else { return };
    for (map_type, helper) in [
        (MapType::SOCKMAP, "bpf_sk_redirect_map"),
        (MapType::SOCKHASH, "bpf_sk_redirect_hash"),
    ] {
        let sockets = sockets(map_type);
        let ((mut near, far), (mut other, target)) = (connection(), connection());
        let program = if map_type == MapType::SOCKMAP {
            redirect(ProgramType::SK_SKB, helper, 1, false, sockets.map())
        } else {
            let text = format!(
                "*(u32 *)(r10 - 4) = 1
                 r2 = map_by_idx(0)
                 r3 = r10
                 r3 += -4
                 r4 = 0
                 call {helper}
                 exit"
            );
            super::program(ProgramType::SK_SKB, None, &text, &[sockets.map()])
        };
        let hook = Sockmap::of(&**sockets.map(), AttachType::SK_SKB_VERDICT);
        let link = match program.attach_to(hook) {
            Err(error) if error.errno() == Some(Errno::EINVAL) => {
                return ebpf_testbed::skip(&format!("this kernel has no such hook: {error}"));
            }
            attached => attached.expect("attach"),
        };
        sockets.insert(&0, &far).expect("insert");
        sockets.insert(&1, &target).expect("insert");
        near.write_all(b"by a proxy").expect("write");
        reads(&mut other, b"by a proxy");
        link.detach().expect("detach");
    }
}

#[test]
fn a_stream_is_cut_into_messages() {
    let Some(_sandbox) = sandbox() else { return };
    // Not to be found out by trying: the kernel takes a lock of the socket that it holds, and the machine stands still.
    let release = KernelSystem::new().facts().release().expect("release");
    if release < KernelVersion::new(5, 15, 0) {
        return ebpf_testbed::skip("Linux 5.10 locks up where a stream with a parser is passed on");
    }
    let sockets = sockets(MapType::SOCKMAP);
    let (mut near, mut far) = connection();
    let parser = program(
        ProgramType::SK_SKB,
        None,
        "r0 = *(u32 *)(r1 + 0)\nexit",
        &[],
    );
    let verdict = verdict(ProgramType::SK_SKB, SkAction::PASS);
    let map = &**sockets.map();
    let parsing = Sockmap::of(map, AttachType::SK_SKB_STREAM_PARSER);
    let _parser = parser.attach_to(parsing).expect("attach");
    let deciding = Sockmap::of(map, AttachType::SK_SKB_STREAM_VERDICT);
    let _verdict = verdict.attach_to(deciding).expect("attach");
    sockets.insert(&0, &far).expect("insert");
    near.write_all(b"a message").expect("write");
    reads(&mut far, b"a message");
}

/// The ways to attach that the kernel has.
fn ways() -> Vec<AttachVia> {
    let links = KernelSystem::new().probe(Feature::Link(LinkType::SOCKMAP));
    let mut ways = vec![AttachVia::Auto, AttachVia::ProgAttach];
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(AttachVia::Link);
    }
    ways
}

fn attached(map: &dyn Map) -> Option<ProgramId> {
    KernelSystem::new()
        .sockmap_attached(map, MSG)
        .expect("query")
}

/// Whether the kernel tells what a sockmap has, or a spoken skip.
fn tells() -> bool {
    let asked = KernelSystem::new().sockmap_attached(&*map(MapType::SOCKMAP, 4, 4, 1), MSG);
    if let Err(error) = &asked {
        ebpf_testbed::skip(&format!("this kernel does not tell: {error}"));
    }
    asked.is_ok()
}

#[test]
fn every_way_attaches_and_detaches() {
    let Some(_sandbox) = sandbox() else { return };
    if !tells() {
        return;
    }
    let (one, two) = (
        verdict(ProgramType::SK_MSG, SkAction::PASS),
        verdict(ProgramType::SK_MSG, SkAction::PASS),
    );
    for via in ways() {
        let map = map(MapType::SOCKHASH, 4, 4, 4);
        let target = || Sockmap::of(&*map, MSG).via(via);
        let link = one.attach_to(target()).expect("attach");
        assert_eq!(attached(&*map), Some(one.info().id), "{via:?}");
        assert_eq!(
            link.info().target,
            LinkTarget::Sockmap {
                map_id: map.info().id.0,
                attach_type: MSG
            }
        );
        for other in ways() {
            let error = two
                .attach_to(Sockmap::of(&*map, MSG).via(other))
                .expect_err("busy");
            assert_eq!(
                error.errno(),
                Some(Errno::EBUSY),
                "{via:?} {other:?}: {error}"
            );
        }
        link.update(&*two, None).expect("update");
        assert_eq!(
            link.query().expect("query").program,
            Some(two.info().id),
            "{via:?}"
        );
        link.detach().expect("detach");
        assert_eq!(attached(&*map), None, "{via:?}");
        drop(one.attach_to(target()).expect("attach"));
        assert_eq!(attached(&*map), None, "{via:?}, dropped");
    }
}

#[test]
fn only_our_own_program_is_detached() {
    let Some(_sandbox) = sandbox() else { return };
    if !tells() {
        return;
    }
    let map = map(MapType::SOCKMAP, 4, 4, 4);
    let (ours, theirs) = (
        verdict(ProgramType::SK_MSG, SkAction::PASS),
        verdict(ProgramType::SK_MSG, SkAction::PASS),
    );
    let old = ours
        .attach_to(Sockmap::of(&*map, MSG).via(AttachVia::ProgAttach))
        .expect("attach");
    let new = theirs
        .attach_to(Sockmap::of(&*map, MSG).replacing_any())
        .expect("replace");
    assert_eq!(old.query().expect("query").program, None);
    let error = old.detach().expect_err("not ours");
    assert!(
        matches!(error, LinkError::NotOurs { found, .. } if found == theirs.info().id),
        "{error}"
    );
    assert_eq!(attached(&*map), Some(theirs.info().id));
    new.forget();
    assert_eq!(attached(&*map), Some(theirs.info().id));
}

#[test]
fn what_has_no_programs_is_refused() {
    let Some(_sandbox) = sandbox() else { return };
    let program = verdict(ProgramType::SK_MSG, SkAction::PASS);
    let hash = map(MapType::HASH, 4, 4, 4);
    for via in ways() {
        let error = program
            .attach_to(Sockmap::of(&*hash, MSG).via(via))
            .expect_err("no sockmap");
        assert!(
            error.to_string().contains("only sockmaps and sockhashes"),
            "{via:?}: {error}"
        );
    }
    let sockmap = map(MapType::SOCKMAP, 4, 4, 4);
    for via in ways() {
        let target = Sockmap::of(&*sockmap, AttachType::SK_SKB_STREAM_PARSER).via(via);
        let error = program.attach_to(target).expect_err("another type");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
    }
}

#[test]
fn a_map_takes_sockets_and_gives_cookies() {
    let Some(_sandbox) = sandbox() else { return };
    let sockets = SocketMap::<u64>::new(map(MapType::SOCKHASH, 8, 8, 4)).expect("a map of sockets");
    let (near, far) = connection();
    sockets.insert(&5, &near).expect("insert");
    assert_eq!(
        sockets.insert(&5, &far).expect_err("there").errno(),
        Some(Errno::EEXIST)
    );
    assert_eq!(
        sockets.update(&6, &far).expect_err("not there").errno(),
        Some(Errno::ENOENT)
    );
    let cookie = sockets.cookie(&5).expect("cookie").expect("a socket");
    sockets.update(&5, &far).expect("update");
    assert!(
        sockets
            .cookie(&5)
            .expect("cookie")
            .is_some_and(|other| other != cookie)
    );
    assert_eq!(sockets.remove(&5), Ok(true));
    assert_eq!(sockets.remove(&5), Ok(false));

    let sockets = self::sockets(MapType::SOCKMAP);
    assert_eq!(sockets.remove(&0), Ok(false));
    sockets.upsert(&0, &near).expect("insert");
    drop((near, far));
    let start = std::time::Instant::now();
    while sockets.cookie(&0).expect("cookie").is_some() {
        assert!(
            start.elapsed().as_secs() < 60,
            "a closed socket leaves the map"
        );
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let file = std::fs::File::open("/proc/self/maps").expect("a file");
    let error = sockets.upsert(&0, &file).expect_err("no socket");
    assert_eq!(
        error.to_string(),
        "update on map `sockets`: ENOTSOCK: socket operation on non-socket (the descriptor is not a socket's)"
    );
    assert!(
        SocketMap::<u64>::new(map(MapType::SOCKMAP, 4, 4, 4)).is_err(),
        "keys of 4 bytes"
    );
    assert!(
        SocketMap::<u32>::new(map(MapType::HASH, 4, 4, 4)).is_err(),
        "no sockets"
    );
}

#[test]
fn values_live_with_a_socket() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::MapType(MapType::SK_STORAGE)) {
        return;
    }
    let system = KernelSystem::new();
    let spec = MapSpec::new("storage", MapType::SK_STORAGE, 4, 8, 0);
    let spec = typed(spec, false);
    let storage =
        LocalStorage::<u64>::new(system.create_map(&spec, None).expect("a map")).expect("storage");
    let (one, two) = (udp(), udp());
    assert_eq!(storage.get(&one), Ok(None));
    storage.insert(&one, &7).expect("insert");
    assert_eq!(
        storage.insert(&one, &8).expect_err("there").errno(),
        Some(Errno::EEXIST)
    );
    storage.update(&one, &9).expect("update");
    assert_eq!(
        (storage.get(&one), storage.get(&two)),
        (Ok(Some(9)), Ok(None))
    );
    assert_eq!(
        (storage.remove(&one), storage.remove(&two)),
        (Ok(true), Ok(false))
    );
}

#[test]
fn a_map_of_af_xdp_sockets_takes_no_others() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::MapType(MapType::XSKMAP)) {
        return;
    }
    let sockets = SocketMap::<u32>::new(map(MapType::XSKMAP, 4, 4, 4)).expect("a map of sockets");
    let error = sockets.upsert(&0, &udp()).expect_err("not of AF_XDP");
    assert_eq!(error.errno(), Some(Errno::EOPNOTSUPP), "{error}");
    assert!(
        error.to_string().contains("sockets of another kind"),
        "{error}"
    );
}
