//! Control groups: hooks seen at work in cgroups of the test's own, how they are shared, and who owns what.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::sync::Arc;

use ebpf_core::hook::CgroupAttached;
use ebpf_core::hook::{AttachVia, Cgroup, CgroupMode};
use ebpf_core::link::{Link, LinkError, LinkTarget, LinkType};
use ebpf_core::map::{CgroupArray, MapExt, MapType};
use ebpf_core::program::{AttachType, ProgramError, ProgramExt, ProgramId, ProgramType};
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Errno, KernelSystem, Program, System};
use ebpf_testbed::{Cgroup as Group, Sandbox, skip};
use nix::sys::socket::{getsockopt, setsockopt, sockopt};

use super::{address, has, load, map, program, receive, sandbox, send, udp};

const EGRESS: AttachType = AttachType::CGROUP_INET_EGRESS;
const CREATE: AttachType = AttachType::CGROUP_INET_SOCK_CREATE;

/// A cgroup of the test's own. The fields are dropped in order.
struct Bed {
    group: Group,
    _sandbox: Sandbox,
}

impl Bed {
    fn new() -> Option<Bed> {
        let sandbox = sandbox()?;
        if !has(Feature::ProgramType(ProgramType::CGROUP_SKB)) {
            return None;
        }
        match Group::new(&sandbox) {
            Ok(group) => Some(Bed {
                group,
                _sandbox: sandbox,
            }),
            Err(error) => {
                skip(&format!("no cgroup can be made here: {error}"));
                None
            }
        }
    }

    fn at(&self, attach_type: AttachType) -> Cgroup<'_> {
        Cgroup::at(self.group.path(), attach_type)
    }

    /// What a thread of the cgroup answers.
    fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.group.run(work).expect("enter the cgroup")
    }
}

fn returns(
    program_type: ProgramType,
    attach_type: Option<AttachType>,
    value: u32,
) -> Arc<dyn Program> {
    program(
        program_type,
        attach_type,
        &format!("r0 = {value}\nexit"),
        &[],
    )
}

fn allow() -> Arc<dyn Program> {
    returns(ProgramType::CGROUP_SKB, Some(EGRESS), 1)
}

fn deny() -> Arc<dyn Program> {
    returns(ProgramType::CGROUP_SKB, Some(EGRESS), 0)
}

fn attached(path: &Path) -> CgroupAttached {
    KernelSystem::new()
        .cgroup_attached(path, EGRESS)
        .expect("query")
}

fn ids(path: &Path) -> Vec<ProgramId> {
    attached(path).programs
}

fn effective(path: &Path) -> Vec<ProgramId> {
    KernelSystem::new()
        .cgroup_effective(path, EGRESS)
        .expect("query")
}

fn id(program: &dyn Program) -> ProgramId {
    program.info().id
}

#[test]
fn packets_of_its_sockets_are_counted_and_denied() {
    let Some(bed) = Bed::new() else { return };
    let count = map(MapType::ARRAY, 4, 8, 1);
    let text = "
        *(u32 *)(r10 - 4) = 0
        r1 = map_by_idx(0)
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
   out: r0 = 1
        exit";
    let target = udp();
    let to = address(&target);
    let counts = program(ProgramType::CGROUP_SKB, Some(EGRESS), text, &[&count]);
    let _counter = counts.attach_to(bed.at(EGRESS)).expect("attach");
    for _ in 0..3 {
        bed.inside(|| send(b"counted", to));
        assert_eq!(receive(&target), b"counted");
    }
    send(b"of no cgroup", to);
    assert_eq!(receive(&target), b"of no cgroup");
    assert_eq!(count.get_uint(&0u32.to_ne_bytes()), Ok(Some(3)));

    let link = deny().attach_to(bed.at(EGRESS)).expect("attach");
    let error = bed
        .inside(|| udp().send_to(b"denied", to))
        .expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    link.detach().expect("detach");
    bed.inside(|| send(b"allowed", to));
    assert_eq!(receive(&target), b"allowed");

    let ingress = AttachType::CGROUP_INET_INGRESS;
    let socket = bed.inside(udp);
    let link = returns(ProgramType::CGROUP_SKB, Some(ingress), 0)
        .attach_to(bed.at(ingress))
        .expect("attach");
    send(b"not received", address(&socket));
    link.detach().expect("detach");
    send(b"received", address(&socket));
    assert_eq!(receive(&socket), b"received");
}

#[test]
fn a_connection_goes_to_another_port() {
    let Some(bed) = Bed::new() else { return };
    let kind = AttachType::CGROUP_INET4_CONNECT;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let real = listener.local_addr().expect("bound");
    let text = format!(
        "r2 = {}
         *(u32 *)(r1 + 4) = r2
         r2 = {}
         *(u32 *)(r1 + 24) = r2
         r0 = 1
         exit",
        i32::from_ne_bytes(Ipv4Addr::LOCALHOST.octets()),
        real.port().to_be()
    );
    let rewrites = program(ProgramType::CGROUP_SOCK_ADDR, Some(kind), &text, &[]);
    let _link = rewrites.attach_to(bed.at(kind)).expect("attach");
    // Of a network for documentation: nobody is there.
    let pretended = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 80));
    let near = bed
        .inside(|| TcpStream::connect(pretended))
        .expect("connect");
    assert_eq!(near.peer_addr().expect("connected"), real);
    listener.accept().expect("accept");
    TcpStream::connect((Ipv4Addr::LOCALHOST, 9)).expect_err("others connect as they say");
}

#[test]
fn sockets_are_not_made() {
    let Some(bed) = Bed::new() else { return };
    let link = returns(ProgramType::CGROUP_SOCK, Some(CREATE), 0)
        .attach_to(bed.at(CREATE))
        .expect("attach");
    let make = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    let error = bed.inside(make).expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    make().expect("outside of it");
    link.detach().expect("detach");
    bed.inside(make).expect("allowed again");
}

#[test]
fn sysctls_are_not_read() {
    let Some(bed) = Bed::new() else { return };
    if !has(Feature::ProgramType(ProgramType::CGROUP_SYSCTL)) {
        return;
    }
    let read = || std::fs::read_to_string("/proc/sys/net/ipv4/ip_default_ttl");
    let link = returns(ProgramType::CGROUP_SYSCTL, None, 0)
        .attach_to(bed.at(AttachType::CGROUP_SYSCTL))
        .expect("attach");
    let error = bed.inside(read).expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    read().expect("outside of it");
    link.detach().expect("detach");
    bed.inside(read).expect("allowed again");
}

#[test]
fn socket_options_are_refused_and_made_up() {
    let Some(bed) = Bed::new() else { return };
    if !has(Feature::ProgramType(ProgramType::CGROUP_SOCKOPT)) {
        return;
    }
    let kind = AttachType::CGROUP_SETSOCKOPT;
    let set = || setsockopt(&udp(), sockopt::ReuseAddr, &true);
    let link = returns(ProgramType::CGROUP_SOCKOPT, Some(kind), 0)
        .attach_to(bed.at(kind))
        .expect("attach");
    // The test's own socket has a timeout, which is an option too.
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let refused = bed.inside(|| setsockopt(&socket, sockopt::ReuseAddr, &true));
    assert_eq!(refused, Ok(()), "the socket is of another cgroup");
    let refused = bed.inside(|| {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        setsockopt(&socket, sockopt::ReuseAddr, &true)
    });
    assert_eq!(refused, Err(nix::errno::Errno::EPERM));
    link.detach().expect("detach");
    assert_eq!(bed.inside(set), Ok(()));

    let kind = AttachType::CGROUP_GETSOCKOPT;
    let text = "
        r2 = *(u64 *)(r1 + 8)
        r3 = *(u64 *)(r1 + 16)
        r4 = r2
        r4 += 4
        if r4 > r3 goto out
        *(u32 *)(r2 + 0) = 77
        r5 = 0
        *(u32 *)(r1 + 36) = r5
   out: r0 = 1
        exit";
    let makes_up = program(ProgramType::CGROUP_SOCKOPT, Some(kind), text, &[]);
    let _link = makes_up.attach_to(bed.at(kind)).expect("attach");
    let told = bed.inside(|| getsockopt(&udp(), sockopt::RcvBuf));
    assert_eq!(told, Ok(77));
}

#[test]
fn devices_are_not_opened() {
    let Some(bed) = Bed::new() else { return };
    let open = || std::fs::File::open("/dev/zero");
    let link = returns(ProgramType::CGROUP_DEVICE, None, 0)
        .attach_to(bed.at(AttachType::CGROUP_DEVICE))
        .expect("attach");
    let error = bed.inside(open).expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    open().expect("outside of it");
    link.detach().expect("detach");
    bed.inside(open).expect("allowed again");
}

/// The ways to attach that the kernel has.
fn ways() -> Vec<AttachVia> {
    let mut ways = vec![AttachVia::Auto, AttachVia::ProgAttach];
    if has(Feature::Link(LinkType::CGROUP)) {
        ways.push(AttachVia::Link);
    }
    ways
}

#[test]
fn every_way_attaches_and_detaches() {
    let Some(bed) = Bed::new() else { return };
    let (one, two) = (allow(), allow());
    let path = bed.group.path();
    for via in ways() {
        let target = || bed.at(EGRESS).via(via);
        let link = one.attach_to(target()).expect("attach");
        assert_eq!(ids(path), [id(&*one)], "{via:?}");
        assert_eq!(attached(path).mode, CgroupMode::Multi);
        let LinkTarget::Cgroup {
            cgroup_id,
            attach_type: EGRESS,
        } = link.info().target
        else {
            panic!("{:?}", link.info().target)
        };
        assert_ne!(cgroup_id, 0);
        assert_eq!(link.query().expect("query").program, Some(id(&*one)));
        let error = link
            .update(&*two, Some(&*two))
            .expect_err("not the expected one");
        assert_eq!(error.errno(), Some(Errno::EPERM), "{via:?}: {error}");
        link.update(&*two, Some(&*one)).expect("update");
        assert_eq!(ids(path), [id(&*two)], "{via:?}");
        let other = returns(ProgramType::CGROUP_SOCK, Some(CREATE), 1);
        let error = link.update(&*other, None).expect_err("another type");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
        link.detach().expect("detach");
        assert!(ids(path).is_empty(), "{via:?}");
        drop(one.attach_to(target()).expect("attach"));
        assert!(ids(path).is_empty(), "{via:?}, dropped");
    }
}

#[test]
fn the_same_cgroup_by_any_name_is_the_same() {
    let Some(bed) = Bed::new() else { return };
    let file = std::fs::File::open(bed.group.path()).expect("open");
    let program = allow();
    for via in ways() {
        let by_path = program.attach_to(bed.at(EGRESS).via(via)).expect("by path");
        let target = by_path.info().target.clone();
        by_path.detach().expect("detach");
        let by_descriptor = program
            .attach_to(Cgroup::at(&file, EGRESS).via(via))
            .expect("by descriptor");
        assert_eq!(by_descriptor.info().target, target);
    }
}

#[test]
fn many_programs_run_and_all_must_agree() {
    let Some(bed) = Bed::new() else { return };
    let child = bed.group.child("below").expect("a cgroup");
    let target = udp();
    let to = address(&target);
    let programs = [allow(), allow(), allow()];
    let [one, two, below] = &programs;
    let _one = one.attach_to(bed.at(EGRESS)).expect("attach");
    let _two = two
        .attach_to(bed.at(EGRESS).via(AttachVia::ProgAttach))
        .expect("attach");
    let _below = below
        .attach_to(Cgroup::at(child.path(), EGRESS))
        .expect("attach");
    assert_eq!(ids(bed.group.path()), [id(&**one), id(&**two)]);
    assert_eq!(ids(child.path()), [id(&**below)]);
    assert_eq!(
        effective(child.path()),
        [id(&**below), id(&**one), id(&**two)]
    );
    child.run(|| send(b"all agree", to)).expect("enter");
    assert_eq!(receive(&target), b"all agree");
    let _denies = deny().attach_to(bed.at(EGRESS)).expect("attach");
    let sent = child
        .run(|| udp().send_to(b"one does not", to))
        .expect("enter");
    assert_eq!(
        sent.expect_err("denied").kind(),
        ErrorKind::PermissionDenied
    );
}

#[test]
fn an_overriding_program_takes_the_place_of_the_one_above() {
    let Some(bed) = Bed::new() else { return };
    let child = bed.group.child("below").expect("a cgroup");
    let (above, below) = (deny(), allow());
    let by_default = above
        .attach_to(bed.at(EGRESS).mode(CgroupMode::Override))
        .expect("attach");
    assert_eq!(attached(bed.group.path()).mode, CgroupMode::Override);
    assert_eq!(effective(child.path()), [id(&*above)]);
    let overriding = below
        .attach_to(Cgroup::at(child.path(), EGRESS).mode(CgroupMode::Override))
        .expect("attach");
    assert_eq!(effective(child.path()), [id(&*below)]);
    overriding.detach().expect("detach");
    assert_eq!(effective(child.path()), [id(&*above)]);
    by_default.detach().expect("detach");
}

#[test]
fn a_single_program_allows_none_below() {
    let Some(bed) = Bed::new() else { return };
    let child = bed.group.child("below").expect("a cgroup");
    let (single, below) = (allow(), allow());
    let _link = single
        .attach_to(bed.at(EGRESS).mode(CgroupMode::Single))
        .expect("attach");
    for mode in [CgroupMode::Multi, CgroupMode::Override, CgroupMode::Single] {
        let target = Cgroup::at(child.path(), EGRESS).mode(mode);
        let error = below.attach_to(target).expect_err("there is one above");
        assert_eq!(error.errno(), Some(Errno::EPERM), "{mode}: {error}");
        assert!(
            error.to_string().contains("programs of another mode"),
            "{error}"
        );
    }
    for mode in [CgroupMode::Multi, CgroupMode::Override] {
        let error = below
            .attach_to(bed.at(EGRESS).mode(mode))
            .expect_err("another mode");
        assert_eq!(error.errno(), Some(Errno::EPERM), "{mode}: {error}");
    }
    assert_eq!(ids(bed.group.path()), [id(&*single)]);
}

#[test]
fn only_our_own_program_is_detached() {
    let Some(bed) = Bed::new() else { return };
    let path = bed.group.path();
    let (ours, theirs) = (allow(), allow());
    for mode in [CgroupMode::Single, CgroupMode::Override] {
        let old = ours.attach_to(bed.at(EGRESS).mode(mode)).expect("attach");
        let new = theirs
            .attach_to(bed.at(EGRESS).mode(mode))
            .expect("in its place");
        assert_eq!(old.query().expect("query").program, None);
        let error = old.update(&*ours, None).expect_err("not ours");
        assert!(matches!(error, LinkError::NotOurs { .. }), "{error}");
        let error = old.detach().expect_err("not ours");
        assert!(
            matches!(error, LinkError::NotOurs { found, .. } if found == id(&*theirs)),
            "{mode}: {error}"
        );
        assert_eq!(ids(path), [id(&*theirs)], "{mode}: left alone");
        new.detach().expect("detach");
    }
    let first = ours
        .attach_to(bed.at(EGRESS).via(AttachVia::ProgAttach))
        .expect("attach");
    let second = theirs
        .attach_to(bed.at(EGRESS).via(AttachVia::ProgAttach))
        .expect("attach");
    first.detach().expect("detach");
    assert_eq!(ids(path), [id(&*theirs)], "the others stay");
    second.forget();
    assert_eq!(ids(path), [id(&*theirs)], "forgotten, so it stays");
}

#[test]
fn an_expected_program_is_replaced_in_its_place() {
    let Some(bed) = Bed::new() else { return };
    let path = bed.group.path();
    let (first, second, third, stranger) = (allow(), allow(), allow(), allow());
    let directly = || bed.at(EGRESS).via(AttachVia::ProgAttach);
    let old = first.attach_to(directly()).expect("attach");
    let _after = second.attach_to(directly()).expect("attach");
    let error = third
        .attach_to(bed.at(EGRESS).replacing(&*stranger))
        .expect_err("it is not there");
    assert_eq!(error.errno(), Some(Errno::ENOENT), "{error}");
    let _new = third
        .attach_to(bed.at(EGRESS).replacing(&*first))
        .expect("replace");
    assert_eq!(ids(path), [id(&*third), id(&*second)]);
    old.detach().expect("nothing of ours is left to detach");
    assert_eq!(ids(path), [id(&*third), id(&*second)]);
    let both = third.attach_to(bed.at(EGRESS).replacing(&*second).via(AttachVia::Link));
    assert!(matches!(both, Err(ProgramError::Target { .. })), "{both:?}");
}

/// Whether the kernel lets say the order, or a spoken skip.
fn orders(bed: &Bed) -> bool {
    match allow().attach_to(bed.at(EGRESS).first()) {
        Ok(_) => true,
        Err(error) => {
            skip(&format!("this kernel does not order programs: {error}"));
            assert_eq!(error.errno(), Some(Errno::EINVAL));
            false
        }
    }
}

#[test]
fn programs_run_in_the_order_that_is_said() {
    let Some(bed) = Bed::new() else { return };
    if !orders(&bed) {
        return;
    }
    let path = bed.group.path();
    let programs: Vec<_> = (0..6).map(|_| allow()).collect();
    let id = |at: usize| id(&*programs[at]);
    let linked = programs[0].attach_to(bed.at(EGRESS)).expect("attach");
    let _direct = programs[1]
        .attach_to(bed.at(EGRESS).via(AttachVia::ProgAttach))
        .expect("attach");
    let _first = programs[2]
        .attach_to(bed.at(EGRESS).first())
        .expect("attach");
    assert_eq!(ids(path), [id(2), id(0), id(1)]);
    let _after = programs[3]
        .attach_to(bed.at(EGRESS).after(&linked))
        .expect("attach");
    assert_eq!(ids(path), [id(2), id(0), id(3), id(1)]);
    let before = bed
        .at(EGRESS)
        .before(&programs[1])
        .via(AttachVia::ProgAttach);
    let _before = programs[4].attach_to(before).expect("attach");
    assert_eq!(ids(path), [id(2), id(0), id(3), id(4), id(1)]);
    let link_id = linked.info().id.expect("an id");
    let _by_id = programs[5]
        .attach_to(bed.at(EGRESS).before(link_id))
        .expect("attach");
    assert_eq!(ids(path), [id(2), id(5), id(0), id(3), id(4), id(1)]);
    let by_program_id = bed.at(EGRESS).after(id(1));
    let _last = allow().attach_to(by_program_id).expect("attach");
    assert_eq!(ids(path).get(5), Some(&id(1)));

    let stranger = allow();
    let error = allow()
        .attach_to(bed.at(EGRESS).before(&stranger))
        .expect_err("not there");
    assert!(
        matches!(error.errno(), Some(Errno::ENOENT | Errno::EINVAL)),
        "{error}"
    );
    assert!(error.to_string().contains("anchor"), "{error}");
}

#[test]
fn a_revision_is_kept() {
    let Some(bed) = Bed::new() else { return };
    if !orders(&bed) {
        return;
    }
    let revision = attached(bed.group.path()).revision.expect("counted");
    let _link = allow()
        .attach_to(bed.at(EGRESS).expected_revision(revision))
        .expect("nothing has changed");
    for via in ways() {
        let target = bed.at(EGRESS).expected_revision(revision).via(via);
        let error = allow()
            .attach_to(target)
            .expect_err("something has changed");
        assert_eq!(error.errno(), Some(Errno::ESTALE), "{via:?}: {error}");
    }
}

#[test]
fn an_early_program_runs_before_those_below() {
    let Some(bed) = Bed::new() else { return };
    let child = bed.group.child("below").expect("a cgroup");
    let (early, late, below) = (allow(), allow(), allow());
    let link = match early.attach_to(bed.at(EGRESS).preorder()) {
        Err(error) if error.errno() == Some(Errno::EINVAL) => {
            return skip(&format!("this kernel has no early programs: {error}"));
        }
        attached => attached.expect("attach"),
    };
    let _late = late.attach_to(bed.at(EGRESS)).expect("attach");
    let _below = below
        .attach_to(Cgroup::at(child.path(), EGRESS))
        .expect("attach");
    assert_eq!(
        effective(child.path()),
        [id(&*early), id(&*below), id(&*late)]
    );
    assert_eq!(ids(bed.group.path()), [id(&*early), id(&*late)]);
    link.detach().expect("detach");
}

#[test]
fn a_cgroup_that_is_gone_takes_its_programs_along() {
    let Some(bed) = Bed::new() else { return };
    let child = bed.group.child("below").expect("a cgroup");
    let path = child.path().to_owned();
    let program = allow();
    let links: Vec<Box<dyn Link>> = ways()
        .into_iter()
        .map(|via| {
            // The same program is attached once without a link.
            let program = if via == AttachVia::ProgAttach {
                allow()
            } else {
                program.clone()
            };
            program
                .attach_to(Cgroup::at(child.path(), EGRESS).via(via))
                .expect("attach")
        })
        .collect();
    drop(child);
    let start = std::time::Instant::now();
    while links
        .iter()
        .any(|link| link.query().expect("query").program.is_some())
    {
        assert!(start.elapsed().as_secs() < 60, "the programs do not go");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for link in links {
        link.detach().expect("nothing to do");
    }
    let error = program
        .attach_to(Cgroup::at(&*path, EGRESS))
        .expect_err("gone");
    assert_eq!(error.errno(), Some(Errno::ENOENT), "{error}");
    assert!(
        error.to_string().contains("there is no such cgroup"),
        "{error}"
    );
}

#[test]
fn what_is_no_cgroup_is_said_to_be_none() {
    let Some(bed) = Bed::new() else { return };
    let file = std::fs::File::open("/proc/self/maps").expect("a file");
    for via in ways() {
        let error = allow()
            .attach_to(Cgroup::at(&file, EGRESS).via(via))
            .expect_err("no cgroup");
        assert_eq!(error.errno(), Some(Errno::EBADF), "{error}");
        assert!(
            error.to_string().contains("no directory of a cgroup2"),
            "{error}"
        );
    }
    let error = KernelSystem::new()
        .cgroup_attached(&file, EGRESS)
        .expect_err("no cgroup");
    assert_eq!(error.errno(), Some(Errno::EBADF), "{error}");
    let error = KernelSystem::new()
        .cgroup_attached(bed.group.path(), AttachType::XDP)
        .expect_err("no hook of a cgroup");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    for wrong in [AttachType::CGROUP_DEVICE, AttachType::XDP, CREATE] {
        let error = allow().attach_to(bed.at(wrong)).expect_err("another hook");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    }
}

#[test]
fn an_array_of_cgroups_tells_who_sends() {
    let Some(bed) = Bed::new() else { return };
    let cgroups =
        CgroupArray::new(map(MapType::CGROUP_ARRAY, 4, 4, 2)).expect("an array of cgroups");
    let file = std::fs::File::open(bed.group.path()).expect("open");
    cgroups.set(1, &file).expect("set");
    let maps = std::fs::File::open("/proc/self/maps").expect("a file");
    let error = cgroups.set(0, &maps).expect_err("no cgroup");
    assert_eq!(
        error.to_string(),
        "update on map `sockets`: EBADF: bad file descriptor (the descriptor is not that of a directory of cgroup2)"
    );
    assert!(CgroupArray::new(map(MapType::ARRAY, 4, 4, 1)).is_err());
    // Allows what tasks of the cgroup in the place do.
    let asks = "
        r1 = map_by_idx(0)
        r2 = 1
        call bpf_current_task_under_cgroup
        if r0 == 1 goto out
        r0 = 0
   out: exit";
    let asks = match load(
        ProgramType::CGROUP_SOCK,
        Some(CREATE),
        asks,
        &[cgroups.map()],
    ) {
        Err(error) => return skip(&format!("such programs do not ask for cgroups: {error}")),
        Ok(asks) => asks,
    };
    let _link = asks.attach_to(bed.at(CREATE)).expect("attach");
    bed.inside(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))
        .expect("it is in the array");
    assert_eq!(cgroups.remove(1), Ok(true));
    assert_eq!(cgroups.remove(1), Ok(false));
    let error = bed
        .inside(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))
        .expect_err("no more");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

/// Every hook of cgroups, with the type of its programs.
const HOOKS: [(ProgramType, AttachType); 28] = [
    (ProgramType::CGROUP_SKB, AttachType::CGROUP_INET_INGRESS),
    (ProgramType::CGROUP_SKB, AttachType::CGROUP_INET_EGRESS),
    (
        ProgramType::CGROUP_SOCK,
        AttachType::CGROUP_INET_SOCK_CREATE,
    ),
    (
        ProgramType::CGROUP_SOCK,
        AttachType::CGROUP_INET_SOCK_RELEASE,
    ),
    (ProgramType::CGROUP_SOCK, AttachType::CGROUP_INET4_POST_BIND),
    (ProgramType::CGROUP_SOCK, AttachType::CGROUP_INET6_POST_BIND),
    (ProgramType::SOCK_OPS, AttachType::CGROUP_SOCK_OPS),
    (ProgramType::CGROUP_DEVICE, AttachType::CGROUP_DEVICE),
    (ProgramType::CGROUP_SYSCTL, AttachType::CGROUP_SYSCTL),
    (ProgramType::CGROUP_SOCKOPT, AttachType::CGROUP_GETSOCKOPT),
    (ProgramType::CGROUP_SOCKOPT, AttachType::CGROUP_SETSOCKOPT),
    (ProgramType::CGROUP_SOCK_ADDR, AttachType::CGROUP_INET4_BIND),
    (ProgramType::CGROUP_SOCK_ADDR, AttachType::CGROUP_INET6_BIND),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_INET4_CONNECT,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_INET6_CONNECT,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UNIX_CONNECT,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UDP4_SENDMSG,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UDP6_SENDMSG,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UNIX_SENDMSG,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UDP4_RECVMSG,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UDP6_RECVMSG,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UNIX_RECVMSG,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_INET4_GETPEERNAME,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_INET6_GETPEERNAME,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UNIX_GETPEERNAME,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_INET4_GETSOCKNAME,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_INET6_GETSOCKNAME,
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        AttachType::CGROUP_UNIX_GETSOCKNAME,
    ),
];

#[test]
fn every_hook_is_attached_to() {
    let Some(bed) = Bed::new() else { return };
    let (path, ways) = (bed.group.path(), ways());
    let system = KernelSystem::new();
    for (program_type, attach_type) in HOOKS {
        let Ok(program) = load(program_type, Some(attach_type), "r0 = 1\nexit", &[]) else {
            let hook = Feature::AttachType(program_type, attach_type);
            assert_eq!(system.probe(hook), Ok(Support::No), "{attach_type}");
            continue;
        };
        for via in &ways {
            let link = program
                .attach_to(bed.at(attach_type).via(*via))
                .unwrap_or_else(|error| panic!("{via:?}: {error}"));
            let found = system.cgroup_attached(path, attach_type).expect("query");
            assert_eq!(found.programs, [id(&*program)], "{attach_type} {via:?}");
            link.detach().expect("detach");
            let found = system.cgroup_attached(path, attach_type).expect("query");
            assert!(found.programs.is_empty(), "{attach_type} {via:?}");
        }
    }
}
