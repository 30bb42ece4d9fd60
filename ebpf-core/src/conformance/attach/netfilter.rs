//! Programs at the hooks of netfilter: `nf_hook_run_bpf()` in net/netfilter/nf_bpf_link.c, `nf_hook_slow()` in
//! net/netfilter/core.c.

use std::sync::Arc;

use crate::Errno;
use crate::btf::Kind;
use crate::conformance::{
    TestSocket, Testbed, code, errno_of, get, load, map, put, requires, socket, spec, suite,
};
use crate::hook::{Netfilter, NetfilterFamily, NetfilterHook, NetfilterVerdict};
use crate::link::{LinkTarget, LinkType};
use crate::map::{Map, MapType};
use crate::program::{
    AttachType, Extern, ExternKind, Program, ProgramExt, ProgramSpec, ProgramType, Reference,
    Referent,
};
use crate::system::{Bindings, BtfTarget, ExternValue, Feature};

const LINKS: Feature = Feature::Link(LinkType::NETFILTER);
/// The hooks, in the order in which a packet of the loopback interface comes by; the last is not on its way.
const WAY: [NetfilterHook; 5] = [
    NetfilterHook::LOCAL_OUT,
    NetfilterHook::POST_ROUTING,
    NetfilterHook::PRE_ROUTING,
    NetfilterHook::LOCAL_IN,
    NetfilterHook::FORWARD,
];

fn of_text(text: &str) -> ProgramSpec {
    let mut spec = code(ProgramType::NETFILTER, text);
    spec.expected_attach_type = Some(AttachType::NETFILTER);
    spec
}

fn returns(t: &dyn Testbed, verdict: u32) -> Arc<dyn Program> {
    let spec = of_text(&format!("r0 = {verdict}\nexit"));
    load(t, &spec, &[]).unwrap_or_else(|error| panic!("{error:#}"))
}

fn drops(t: &dyn Testbed) -> Arc<dyn Program> {
    returns(t, NetfilterVerdict::DROP.0)
}

fn at(hook: NetfilterHook) -> Netfilter {
    Netfilter::on(NetfilterFamily::IPV4, hook)
}

/// A program that accepts, and writes its number behind those of the programs that ran before, in the first value of the
/// map.
fn notes(t: &dyn Testbed, number: u32, notes: &dyn Map) -> Arc<dyn Program> {
    let text = format!(
        "r1 = map_val(map_by_idx(0)) + 0
         r2 = *(u64 *)(r1 + 0)
         r2 *= 10
         r2 += {number}
         *(u64 *)(r1 + 0) = r2
         r0 = 1
         exit"
    );
    load(t, &of_text(&text), &[notes]).unwrap_or_else(|error| panic!("{error:#}"))
}

fn array(t: &dyn Testbed) -> Arc<dyn Map> {
    map(t, &spec(MapType::ARRAY, 4, 64, 1))
}

/// What was noted, and nothing is afterwards.
fn noted(map: &dyn Map) -> u64 {
    let noted: [u64; 8] = get(map, &0u32).expect("a value");
    put(map, &0u32, &[0u8; 64]);
    noted[0]
}

/// Has a socket send to another one, and waits until the packet is there.
fn exchange(from: &dyn TestSocket, to: &dyn TestSocket) {
    from.send(to.port(), b"passes").expect("send");
    assert_eq!(to.receive(), b"passes");
}

/// A program that calls functions of the kernel: `call kfunc#1` is the first of these.
fn calling(
    t: &dyn Testbed,
    text: &str,
    functions: &[&str],
    maps: &[&dyn Map],
) -> Option<Arc<dyn Program>> {
    let types = t.system().target_btf().expect("types")?;
    let mut spec = of_text(text);
    for (index, insn) in spec.instructions.iter().enumerate() {
        if let Some(number) = insn.is_call_kfunc() {
            let referent = Referent::Extern {
                index: number as usize - 1,
            };
            spec.references.push(Reference {
                instruction: index as u32,
                referent,
            });
        }
    }
    spec.references
        .sort_by_key(|reference| reference.instruction);
    let mut externs = Vec::new();
    for name in functions {
        spec.externs.push(Extern {
            name: (*name).into(),
            kind: ExternKind::Function,
            weak: false,
            type_id: None,
        });
        let type_id = types.find(name, Kind::FUNC)?;
        externs.push(ExternValue::Typed(BtfTarget {
            type_id,
            module: None,
        }));
    }
    let bindings = Bindings {
        maps,
        externs: &externs,
        ..Bindings::default()
    };
    let loaded = t.system().load_program(&spec, &bindings);
    Some(loaded.unwrap_or_else(|error| panic!("{error:#}\n{text}")))
}

suite! { ($) netfilter, __conformance_netfilter;
    fn what_is_received_is_dropped(t, case) {
        requires!(t, case, LINKS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        for hook in [NetfilterHook::PRE_ROUTING, NetfilterHook::LOCAL_IN] {
            let link = drops(t).attach_to(at(hook)).expect("attach");
            near.send(far.port(), b"dropped").expect("the sender does not notice");
            link.detach().expect("detach");
            exchange(&*near, &*far);
        }
    }

    fn what_is_sent_is_dropped_and_the_sender_told(t, case) {
        requires!(t, case, LINKS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        for hook in [NetfilterHook::LOCAL_OUT, NetfilterHook::POST_ROUTING] {
            let link = drops(t).attach_to(at(hook)).expect("attach");
            assert_eq!(near.send(far.port(), b"dropped"), Err(Errno::EPERM), "{hook}");
            link.detach().expect("detach");
            exchange(&*near, &*far);
        }
    }

    fn a_packet_of_this_host_comes_by_four_hooks(t, case) {
        requires!(t, case, LINKS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let map = array(t);
        let mut links = Vec::new();
        for (number, hook) in (1..).zip(WAY) {
            links.push(notes(t, number, &*map).attach_to(at(hook)).expect("attach"));
        }
        exchange(&*near, &*far);
        assert_eq!(noted(&*map), 1234);
        drop(links);
        exchange(&*near, &*far);
        assert_eq!(noted(&*map), 0);
    }

    fn the_lowest_priority_runs_first(t, case) {
        requires!(t, case, LINKS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let map = array(t);
        let target = |priority| at(NetfilterHook::LOCAL_IN).priority(priority);
        let attach = |number, priority| notes(t, number, &*map).attach_to(target(priority)).expect("attach");
        let _links = [attach(3, 100), attach(1, i32::MIN + 1), attach(2, -5), attach(4, i32::MAX - 1)];
        exchange(&*near, &*far);
        assert_eq!(noted(&*map), 1234);
        let dropped = drops(t).attach_to(target(50)).expect("attach");
        near.send(far.port(), b"dropped").expect("send");
        dropped.detach().expect("detach");
        exchange(&*near, &*far);
        assert_eq!(noted(&*map), 121_234, "what is behind the one that drops does not run");
    }

    fn other_families_are_not_seen(t, case) {
        requires!(t, case, LINKS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let other = Netfilter::on(NetfilterFamily::IPV6, NetfilterHook::LOCAL_IN);
        let _link = drops(t).attach_to(other).expect("attach");
        exchange(&*near, &*far);
    }

    fn a_priority_is_taken_once(t, case) {
        requires!(t, case, LINKS);
        let target = at(NetfilterHook::LOCAL_IN).priority(5);
        let link = drops(t).attach_to(target.clone()).expect("attach");
        let expected = LinkTarget::Netfilter { family: 2, hook: 1, priority: 5, flags: 0 };
        assert_eq!(link.info().target, expected);
        assert_eq!(errno_of(drops(t).attach_to(target.clone())), Errno::EBUSY);
        assert_eq!(errno_of(link.update(&*drops(t), None)), Errno::EOPNOTSUPP);
        drop(link);
        drop(drops(t).attach_to(target).expect("free again"));
    }

    fn only_two_verdicts_are_there(t, case) {
        requires!(t, case, LINKS);
        // NF_STOLEN, NF_QUEUE, NF_REPEAT and what is none.
        for verdict in [2, 3, 4, 5, 0x1_0000] {
            let refused = load(t, &of_text(&format!("r0 = {verdict}\nexit")), &[]);
            assert_eq!(errno_of(refused), Errno::EINVAL, "{verdict}");
        }
    }

    fn it_is_told_where_it_runs(t, case) {
        requires!(t, case, LINKS, Feature::KernelBtf);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let map = array(t);
        // Hook and family are the first two bytes of `struct nf_hook_state`.
        let text = "r1 = *(u64 *)(r1 + 0)
             r2 = *(u8 *)(r1 + 0)
             r3 = *(u8 *)(r1 + 1)
             r1 = map_val(map_by_idx(0)) + 0
             r4 = *(u64 *)(r1 + 0)
             r4 *= 100
             r4 += r2
             r4 += r3
             *(u64 *)(r1 + 0) = r4
             r0 = 1
             exit";
        let program = load(t, &of_text(text), &[&*map]).unwrap_or_else(|error| panic!("{error:#}"));
        let _links = WAY.map(|hook| program.attach_to(at(hook)).expect("attach"));
        exchange(&*near, &*far);
        assert_eq!(noted(&*map), 5_06_02_03, "each hook's number and 2, the family's");
    }

    fn it_knows_the_interfaces(t, case) {
        requires!(t, case, LINKS, Feature::KernelBtf);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let types = t.system().target_btf().expect("types").expect("types");
        let device = types.find("net_device", Kind::STRUCT).expect("a structure");
        let ifindex = types.find_field(device, "ifindex").expect("types").expect("a field");
        let map = array(t);
        // `in` and `out` are behind hook and family.
        for (hook, device) in [
            (NetfilterHook::LOCAL_OUT, 16),
            (NetfilterHook::POST_ROUTING, 16),
            (NetfilterHook::PRE_ROUTING, 8),
            (NetfilterHook::LOCAL_IN, 8),
        ] {
            let text = format!(
                "r1 = *(u64 *)(r1 + 0)
                 r1 = *(u64 *)(r1 + {device})
                 r2 = 77
                 if r1 == 0 goto none
                 r2 = *(u32 *)(r1 + {})
                 none: r1 = map_val(map_by_idx(0)) + 0
                 *(u64 *)(r1 + 0) = r2
                 r0 = 1
                 exit",
                ifindex.offset
            );
            let program = load(t, &of_text(&text), &[&*map]).unwrap_or_else(|error| panic!("{error:#}"));
            let link = program.attach_to(at(hook)).expect("attach");
            exchange(&*near, &*far);
            assert_eq!(noted(&*map), 1, "{hook}: the loopback interface");
            drop(link);
            let other = 24 - device;
            let text = text.replace(&format!("(r1 + {device})"), &format!("(r1 + {other})"));
            let program = load(t, &of_text(&text), &[&*map]).unwrap_or_else(|error| panic!("{error:#}"));
            let _link = program.attach_to(at(hook)).expect("attach");
            exchange(&*near, &*far);
            assert_eq!(noted(&*map), 77, "{hook}: there is no other");
        }
    }

    fn it_reads_the_packet_from_its_network_header_on(t, case) {
        requires!(t, case, LINKS, Feature::KernelBtf);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let map = array(t);
        // The length of the packet, and its first 20 bytes.
        let text = "r1 = *(u64 *)(r1 + 8)
             r2 = 0
             r3 = r10
             r3 += -16
             call kfunc#1
             if r0 != 0 goto out
             r1 = r10
             r1 += -16
             call kfunc#2
             r6 = map_val(map_by_idx(0)) + 0
             *(u64 *)(r6 + 0) = r0
             r1 = r6
             r1 += 8
             r2 = 20
             r3 = r10
             r3 += -16
             r4 = 0
             r5 = 0
             call bpf_dynptr_read
             *(u64 *)(r6 + 32) = r0
             out: r0 = 1
             exit";
        let functions = ["bpf_dynptr_from_skb", "bpf_dynptr_size"];
        let Some(program) = calling(t, text, &functions, &[&*map]) else {
            return t.skip(case, "this system has no pointers to packets");
        };
        for hook in [NetfilterHook::LOCAL_OUT, NetfilterHook::LOCAL_IN] {
            let link = program.attach_to(at(hook)).expect("attach");
            exchange(&*near, &*far);
            drop(link);
            let noted: [u64; 8] = get(&*map, &0u32).expect("a value");
            put(&*map, &0u32, &[0u8; 64]);
            assert_eq!((noted[0], noted[4]), (20 + 8 + 6, 0), "{hook}: the headers and the payload");
            let header: Vec<u8> = noted[1..4].iter().flat_map(|word| word.to_ne_bytes()).collect();
            assert_eq!(header[0], 0x45, "{hook}");
            assert_eq!(header[9], 17, "{hook}: UDP");
            assert_eq!(header[12..20], [127, 0, 0, 1, 127, 0, 0, 1], "{hook}");
        }
    }

    fn packets_are_looked_at_and_not_changed(t, case) {
        requires!(t, case, LINKS, Feature::KernelBtf);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let map = array(t);
        let text = "r1 = *(u64 *)(r1 + 8)
             r2 = 0
             r3 = r10
             r3 += -16
             call kfunc#1
             r1 = r10
             r1 += -16
             call kfunc#2
             r6 = map_val(map_by_idx(0)) + 0
             *(u64 *)(r6 + 0) = r0
             r0 = 1
             exit";
        let functions = ["bpf_dynptr_from_skb", "bpf_dynptr_is_rdonly"];
        let Some(program) = calling(t, text, &functions, &[&*map]) else {
            return t.skip(case, "this system has no pointers to packets");
        };
        let _link = program.attach_to(at(NetfilterHook::LOCAL_IN)).expect("attach");
        exchange(&*near, &*far);
        let noted = noted(&*map);
        assert!(noted <= 1);
        assert_eq!(noted, 1, "the packet cannot be written");
    }
}
