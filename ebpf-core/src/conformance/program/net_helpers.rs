//! Helpers that tell tunnels what to do, make cookies in place of connections, and put headers before packets:
//! `bpf_skb_set_tunnel_key()`, `bpf_tcp_raw_gen_syncookie_ipv4()` and `bpf_lwt_push_ip_encap()`.

use std::fmt::Write;

use crate::Errno;
use crate::conformance::{Testbed, code, get, load, map, put, requires, spec, suite};
use crate::map::{Map, MapType};
use crate::program::{ProgramExt, ProgramType};
use crate::system::Feature;

/// Where results are in the value of the map, and where memory for helpers begins.
const VALUE: usize = 1024;
const MEMORY: usize = 256;

/// A program that calls helpers one after the other and keeps what they return.
struct Calls {
    text: String,
    results: usize,
}

impl Calls {
    fn new() -> Calls {
        Calls {
            text: "r6 = r1\nr9 = map_val(map_by_idx(0)) + 0\n".to_owned(),
            results: 0,
        }
    }

    /// Calls a helper: `memory N` is an address so far in the memory, `context` the context.
    fn call(mut self, helper: &str, arguments: &[&str]) -> Calls {
        for (argument, register) in arguments.iter().zip(1..) {
            let written = match argument.strip_prefix("memory ") {
                Some(at) => {
                    let at: usize = at.parse().expect("a number");
                    write!(
                        self.text,
                        "r{register} = r9\nr{register} += {}\n",
                        MEMORY + at
                    )
                }
                None if *argument == "context" => writeln!(self.text, "r{register} = r6"),
                None => writeln!(self.text, "r{register} = {argument}"),
            };
            written.expect("text");
        }
        let at = self.results * 8;
        writeln!(self.text, "call bpf_{helper}\n*(u64 *)(r9 + {at}) = r0").expect("text");
        self.results += 1;
        self
    }

    /// Runs it on a packet, with this memory: what the helpers returned, the memory and the packet afterwards.
    fn run(self, t: &dyn Testbed, program_type: ProgramType, packet: &[u8], memory: &[u8]) -> Ran {
        let map = map(t, &spec(MapType::ARRAY, 4, VALUE as u32, 1));
        let mut value = [0u8; VALUE];
        value[MEMORY..MEMORY + memory.len()].copy_from_slice(memory);
        put(&*map, &0u32, &value);
        let text = format!("{}r0 = 0\nexit", self.text);
        let program = load(t, &code(program_type, &text), &[&*map as &dyn Map]);
        let program = program.unwrap_or_else(|error| panic!("{error:#}\n{text}"));
        let (_, packet) = program.run_once(packet, 256).expect("run");
        let value: [u8; VALUE] = get(&*map, &0u32).expect("a value");
        let (words, _) = value.as_chunks::<8>();
        Ran {
            results: words[..self.results]
                .iter()
                .map(|word| i64::from_ne_bytes(*word))
                .collect(),
            memory: value[MEMORY..].to_vec(),
            packet,
        }
    }
}

struct Ran {
    results: Vec<i64>,
    memory: Vec<u8>,
    packet: Vec<u8>,
}

fn no(errno: Errno) -> i64 {
    i64::from(-errno.0)
}

/// A frame of TCP over IPv4, of 64 bytes.
fn frame() -> [u8; 64] {
    let mut frame = [0; 64];
    frame[12] = 8;
    frame[14] = 0x45;
    frame[17] = 50;
    frame[22] = 64;
    frame[23] = 6;
    frame[26..34].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
    frame[46] = 0x50;
    frame
}

/// A `struct bpf_tunnel_key`: number 7, the far end, type of service 3, time to live 9, its own address.
fn key() -> [u8; 44] {
    let mut key = [0; 44];
    key[0] = 7;
    key[4..8].copy_from_slice(&[1, 2, 3, 4]);
    key[20] = 3;
    key[21] = 9;
    key[28..32].copy_from_slice(&[5, 6, 7, 8]);
    key
}

fn tunnels() -> Feature {
    Feature::Helper(ProgramType::SCHED_CLS, 21)
}

fn cookies() -> Feature {
    Feature::Helper(ProgramType::XDP, 204)
}

/// A header of TCP with these flags, and a segment size of 1400 as an option.
fn segment(flags: u8, sequence: u32, acknowledged: u32) -> [u8; 24] {
    let mut header = [0; 24];
    header[..4].copy_from_slice(&[0x30, 0x39, 0, 80]);
    header[4..8].copy_from_slice(&sequence.to_be_bytes());
    header[8..12].copy_from_slice(&acknowledged.to_be_bytes());
    header[12] = 0x60;
    header[13] = flags;
    header[20..24].copy_from_slice(&[2, 4, 5, 120]);
    header
}

const SYN: u8 = 2;
const ACK: u8 = 16;

suite! { ($) net_helpers, __conformance_net_helpers;
    fn a_packet_has_no_tunnel_at_first(t, case) {
        requires!(t, case, tunnels());
        let ran = Calls::new()
            .call("skb_get_tunnel_key", &["context", "memory 0", "44", "0"])
            .call("skb_get_tunnel_opt", &["context", "memory 64", "8"])
            .call("skb_set_tunnel_opt", &["context", "memory 128", "8"])
            .run(t, ProgramType::SCHED_CLS, &frame(), &[0xff; 192]);
        assert_eq!(ran.results, [no(Errno::EINVAL), no(Errno::ENOENT), no(Errno::EINVAL)]);
        assert_eq!(ran.memory[..44], [0; 44], "cleared");
        assert_eq!(ran.memory[64..72], [0; 8], "cleared");
        assert_eq!(ran.memory[44..64], [0xff; 20]);
    }

    fn what_a_tunnel_is_told_can_be_read(t, case) {
        requires!(t, case, tunnels());
        let ran = Calls::new()
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "0"])
            .call("skb_get_tunnel_key", &["context", "memory 64", "44", "0"])
            .call("skb_get_tunnel_key", &["context", "memory 128", "44", "16"])
            .call("skb_get_tunnel_key", &["context", "memory 192", "44", "1"])
            .run(t, ProgramType::SCHED_CLS, &frame(), &key());
        assert_eq!(ran.results, [0, 0, 0, no(Errno::EPROTO)]);
        let mut expected = key();
        // The other way round: the far end is where a packet came from.
        expected[4..8].copy_from_slice(&[5, 6, 7, 8]);
        expected[28..32].copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!(ran.memory[64..108], expected);
        expected[22..24].copy_from_slice(&0x2005u16.to_be_bytes());
        assert_eq!(ran.memory[128..172], expected, "with flags");
        assert_eq!(ran.memory[192..236], [0; 44]);
    }

    fn flags_of_a_tunnel_are_told(t, case) {
        requires!(t, case, tunnels());
        for (flags, shown) in [("2", 0x2004u16), ("4", 0x2105), ("8", 0x200d), ("16", 0x2001), ("30", 0x2108)] {
            let ran = Calls::new()
                .call("skb_set_tunnel_key", &["context", "memory 0", "44", flags])
                .call("skb_get_tunnel_key", &["context", "memory 64", "44", "16"])
                .run(t, ProgramType::SCHED_CLS, &frame(), &key());
            assert_eq!(ran.results, [0, 0]);
            assert_eq!(ran.memory[86..88], shown.to_be_bytes(), "{flags}");
        }
    }

    fn a_tunnel_may_be_of_ipv6(t, case) {
        requires!(t, case, tunnels());
        let mut key = key();
        key[4..20].copy_from_slice(&[1; 16]);
        key[24..28].copy_from_slice(&0xfff1_2345u32.to_ne_bytes());
        key[28..44].copy_from_slice(&[2; 16]);
        let ran = Calls::new()
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "0"])
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "1"])
            .call("skb_get_tunnel_key", &["context", "memory 64", "44", "0"])
            .call("skb_get_tunnel_key", &["context", "memory 64", "44", "1"])
            .run(t, ProgramType::SCHED_CLS, &frame(), &key);
        assert_eq!(ran.results, [no(Errno::EINVAL), 0, no(Errno::EPROTO), 0], "a label is of IPv6");
        assert_eq!(ran.memory[68..84], [2; 16]);
        assert_eq!(ran.memory[88..92], 0x1_2345u32.to_ne_bytes());
        assert_eq!(ran.memory[92..108], [1; 16]);
    }

    fn older_keys_are_shorter(t, case) {
        requires!(t, case, tunnels());
        for size in [8, 22, 24, 28] {
            let length = size.to_string();
            let ran = Calls::new()
                .call("skb_set_tunnel_key", &["context", "memory 0", &length, "0"])
                .call("skb_get_tunnel_key", &["context", "memory 64", "44", "0"])
                .call("skb_get_tunnel_key", &["context", "memory 128", &length, "0"])
                .run(t, ProgramType::SCHED_CLS, &frame(), &key());
            assert_eq!(ran.results, [0, 0, 0], "{size}");
            assert_eq!(ran.memory[128..128 + size], ran.memory[64..64 + size], "{size}");
            assert_eq!(ran.memory[68..72], [0; 4], "without an address of its own");
            assert_eq!(ran.memory[92..96], [1, 2, 3, 4]);
        }
        for size in ["4", "12", "40", "48"] {
            let ran = Calls::new()
                .call("skb_set_tunnel_key", &["context", "memory 0", size, "0"])
                .call("skb_set_tunnel_key", &["context", "memory 0", "44", "0"])
                .call("skb_get_tunnel_key", &["context", "memory 64", size, "0"])
                .run(t, ProgramType::SCHED_CLS, &frame(), &key());
            assert_eq!(ran.results, [no(Errno::EINVAL), 0, no(Errno::EINVAL)], "{size}");
        }
        let ran = Calls::new()
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "32"])
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "0"])
            .call("skb_get_tunnel_key", &["context", "memory 64", "44", "4"])
            .run(t, ProgramType::SCHED_CLS, &frame(), &key());
        assert_eq!(ran.results, [no(Errno::EINVAL), 0, no(Errno::EINVAL)], "flags that are none");
    }

    fn a_tunnel_has_options(t, case) {
        requires!(t, case, tunnels());
        let mut memory = [0xff; 640];
        memory[..44].copy_from_slice(&key());
        memory[64..72].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
        let ran = Calls::new()
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "0"])
            .call("skb_get_tunnel_opt", &["context", "memory 128", "4"])
            .call("skb_set_tunnel_opt", &["context", "memory 64", "6"])
            .call("skb_set_tunnel_opt", &["context", "memory 64", "256"])
            .call("skb_set_tunnel_opt", &["context", "memory 64", "8"])
            .call("skb_get_tunnel_opt", &["context", "memory 136", "4"])
            .call("skb_get_tunnel_opt", &["context", "memory 144", "12"])
            .call("skb_get_tunnel_key", &["context", "memory 192", "44", "16"])
            .call("skb_set_tunnel_key", &["context", "memory 0", "44", "0"])
            .call("skb_get_tunnel_opt", &["context", "memory 160", "8"])
            .run(t, ProgramType::SCHED_CLS, &frame(), &memory);
        let expected = [
            0, no(Errno::ENOENT), no(Errno::EINVAL), no(Errno::ENOMEM), 0, no(Errno::ENOMEM), 8, 0, 0, no(Errno::ENOENT),
        ];
        assert_eq!(ran.results, expected);
        assert_eq!(ran.memory[128..132], [0; 4]);
        assert_eq!(ran.memory[136..140], [0; 4]);
        assert_eq!(ran.memory[144..156], [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]);
        assert_eq!(ran.memory[214..216], 0xf805u16.to_be_bytes(), "which options there are is not known");
    }

    fn a_cookie_that_comes_back_is_known(t, case) {
        requires!(t, case, cookies());
        let mut ip = [0; 40];
        ip[..20].copy_from_slice(&frame()[14..34]);
        let (header, of) = (segment(SYN, 1000, 0), [("ipv4", 536, 1300), ("ipv6", 1220, 1220)]);
        for program_type in [ProgramType::XDP, ProgramType::SCHED_CLS] {
            for (family, least, size) in of {
                let [make, check] = ["gen", "check"].map(|word| format!("tcp_raw_{word}_syncookie_{family}"));
                let mut memory = [0; 128];
                memory[..40].copy_from_slice(&ip);
                memory[64..88].copy_from_slice(&header);
                let ran = Calls::new()
                    .call(&make, &["memory 0", "memory 64", "24"])
                    .run(t, program_type, &frame(), &memory);
                assert_eq!(ran.results[0] >> 32, size, "{family}");
                let cookie = ran.results[0] as u32;
                for (sequence, acknowledged, result) in [
                    (1001, cookie.wrapping_add(1), 0),
                    (1001, cookie.wrapping_add(2 << 24), no(Errno::EACCES)),
                    (1001 + (1 << 25), cookie.wrapping_add(1), no(Errno::EACCES)),
                ] {
                    memory[64..88].copy_from_slice(&segment(ACK, sequence, acknowledged));
                    let ran = Calls::new()
                        .call(&check, &["memory 0", "memory 64"])
                        .run(t, program_type, &frame(), &memory);
                    assert_eq!(ran.results, [result], "{family} {sequence}");
                }
                // Without its option, and with a length that is not that of the header.
                memory[64..88].copy_from_slice(&header);
                memory[76] = 0x50;
                let ran = Calls::new()
                    .call(&make, &["memory 0", "memory 64", "20"])
                    .call(&make, &["memory 0", "memory 64", "24"])
                    .run(t, program_type, &frame(), &memory);
                assert_eq!((ran.results[0] >> 32, ran.results[1]), (least, no(Errno::EINVAL)), "{family}");
            }
        }
    }

    fn a_header_goes_before_a_packet(t, case) {
        requires!(t, case, Feature::Helper(ProgramType::LWT_IN, 73));
        let mut header = [0; 20];
        header[0] = 0x45;
        header[3] = 70;
        header[8] = 64;
        header[9] = 4;
        header[12..20].copy_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
        let ran = Calls::new()
            .call("lwt_push_encap", &["context", "2", "memory 0", "20"])
            .run(t, ProgramType::LWT_IN, &frame(), &header);
        assert_eq!(ran.results, [0]);
        assert_eq!(ran.packet.len(), 64 + 20);
        assert_eq!(ran.packet[..14], [0; 14]);
        let put = &ran.packet[14..34];
        let sum: u32 = put.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff, "its checksum is right");
        assert_eq!((&put[..10], &put[12..]), (&header[..10], &header[12..]));
        assert_eq!(ran.packet[34..], frame()[14..]);
        // A checksum that is there stays.
        header[10] = 7;
        let ran = Calls::new()
            .call("lwt_push_encap", &["context", "2", "memory 0", "20"])
            .run(t, ProgramType::LWT_IN, &frame(), &header);
        assert_eq!(ran.packet[14..34], header);
    }

    fn a_header_is_of_ip(t, case) {
        requires!(t, case, Feature::Helper(ProgramType::LWT_IN, 73));
        let mut memory = [0; 512];
        for (first, at) in [(0x45, 0), (0x46, 128), (0x60, 256), (0x50, 384)] {
            memory[at] = first;
        }
        let ran = Calls::new()
            .call("lwt_push_encap", &["context", "2", "memory 0", "19"])
            .call("lwt_push_encap", &["context", "2", "memory 128", "20"])
            .call("lwt_push_encap", &["context", "2", "memory 256", "39"])
            .call("lwt_push_encap", &["context", "2", "memory 384", "40"])
            .call("lwt_push_encap", &["context", "2", "memory 0", "257"])
            .call("lwt_push_encap", &["context", "3", "memory 0", "20"])
            .run(t, ProgramType::LWT_IN, &frame(), &memory);
        assert_eq!(ran.results, [no(Errno::EINVAL); 6]);
        let ran = Calls::new()
            .call("lwt_push_encap", &["context", "2", "memory 256", "40"])
            .run(t, ProgramType::LWT_IN, &frame(), &memory);
        assert_eq!((ran.results, ran.packet.len()), (vec![0], 64 + 40));
    }
}
