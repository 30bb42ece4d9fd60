//! The conformance suite: what every [`System`] does, as cases that run on any of them.
//!
//! A case was first seen to pass on the Linux kernel; a simulation has to agree. Cases are grouped in files, one
//! `suite!` each, and [`conformance_tests!`](crate::conformance_tests) makes a `#[test]` of every case:
//!
//! ```ignore
//! mod kernel {
//!     ebpf_core::conformance_tests!(crate::on_the_kernel);
//! }
//! fn on_the_kernel(case: ebpf_core::conformance::Case) { /* make a Testbed */ case.run(&testbed); }
//! ```
//!
//! What the groups are about, and which case covers which scenario of goebpf's own tests, is in `README.md` beside this file.
//!
//! The module is for backends' tests; it panics where a case fails, and its items may change in any release.

pub mod attach;
mod check;
mod code;
pub mod event;
pub mod facts;
mod foreign;
pub mod ids;
pub mod map;
pub mod object;
mod owner;
pub mod pin;
pub mod program;
mod sockets;
#[cfg(test)]
mod tests;
pub mod whole;

use std::path::Path;
use std::time::Duration;

pub use attach::Counter;
pub use check::{
    Bytes, Refusal, batches, delete, elements, errno_of, get, get_bytes, keys, map, put, refused,
    spec, store, take, words, write,
};
pub use code::{FRAME, code, load, program, run, verdict};
pub use foreign::Foreign;
pub use map::types::typed;
pub use owner::{TestOwner, owner};
pub use sockets::{
    SocketOption, Speaks, TestCgroup, TestEndpoint, TestSocket, cgroup, shared_socket, socket,
};

use crate::hook::Interface;
use crate::map::MapType;
use crate::system::{Feature, Support};
use crate::{Errno, System};

/// What a backend gives to a case: a system and a place of its own to work in.
pub trait Testbed {
    /// The system under test.
    fn system(&self) -> &dyn System;

    /// An empty directory of a bpffs, for pins.
    fn pins(&self) -> &Path;

    /// Two interfaces at least, up, with nothing attached, that take XDP programs in every mode but on the device.
    fn interfaces(&self) -> Vec<Interface>;

    /// A socket bound to this port, 0 for a free one, which other sockets may bind too if it is shared; `None` where there
    /// are no sockets.
    fn socket(&self, port: u16, shared: bool) -> Option<Box<dyn TestSocket + '_>> {
        let _ = (port, shared);
        None
    }

    /// A cgroup of the case's own; why not, where there are none.
    fn cgroup(&self) -> Result<Box<dyn TestCgroup + '_>, String> {
        Err("this test bed has no cgroups".to_owned())
    }

    /// Something that storage of this type lives with; `None` where there is nothing of the kind.
    fn owner(&self, map_type: MapType) -> Option<Box<dyn TestOwner + '_>> {
        let _ = map_type;
        None
    }

    /// What `bpf_get_current_pid_tgid` says to a program that the calling thread sets off.
    fn current_task(&self) -> u64;

    /// Does the system call `getppid` on the calling thread: tracepoints and probes see it.
    fn system_call(&self);

    /// Lets time go by: timers whose time comes fire, and what is put off runs.
    fn pass(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Says that a case does not apply here, and why.
    fn skip(&self, case: &str, why: &str);
}

/// One case of the suite.
#[derive(Clone, Copy)]
pub struct Case {
    /// The group and the name, such as `hash::full_is_e2big`.
    pub name: &'static str,
    body: fn(&dyn Testbed, &'static str),
}

impl Case {
    /// A case; made by `suite!`.
    #[doc(hidden)]
    pub const fn new(name: &'static str, body: fn(&dyn Testbed, &'static str)) -> Case {
        Case { name, body }
    }

    /// Runs the case.
    ///
    /// # Panics
    /// Where the system does not do what the case says.
    pub fn run(self, testbed: &dyn Testbed) {
        (self.body)(testbed, self.name);
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Whether `testbed`'s system has `feature`; where it has not, the case is skipped aloud.
///
/// # Panics
/// Where the question could not be asked: a skip must have a reason.
pub fn has(testbed: &dyn Testbed, case: &str, feature: Feature) -> bool {
    match testbed.system().probe(feature) {
        Ok(Support::Yes) => true,
        Ok(Support::No) => {
            testbed.skip(case, &format!("this system has no {feature}"));
            false
        }
        // A policy may forbid it even to root.
        Ok(Support::Inconclusive(Errno::EPERM)) => {
            testbed.skip(
                case,
                &format!("this machine does not let root have {feature}"),
            );
            false
        }
        other => panic!("{case}: probing for {feature}: {other:?}"),
    }
}

/// Ends the case unless the system has every one of these features.
macro_rules! requires {
    ($testbed:ident, $case:ident, $($feature:expr),+ $(,)?) => {
        $(if !$crate::conformance::has($testbed, $case, $feature) { return; })+
    };
}
pub(crate) use requires;

/// A group of cases, `suite! { ($) hash, __conformance_hash; fn name(t) { … } … }`: functions here, and a macro that makes a test of each.
macro_rules! suite {
    (($d:tt) $group:ident, $macro:ident; $($(#[$doc:meta])* fn $name:ident($t:ident $(, $case:ident)?) $body:block)*) => {
        $($(#[$doc])* fn $name($t: &dyn $crate::conformance::Testbed, _case: &'static str) {
            $(let $case = _case;)?
            $body
        })*

        /// The cases of this group, in order.
        pub mod $group {
            $(#[doc(hidden)]
            #[allow(non_upper_case_globals, reason = "named as the case")]
            pub const $name: $crate::conformance::Case =
                $crate::conformance::Case::new(concat!(stringify!($group), "::", stringify!($name)), super::$name);)*

            /// Every case of the group.
            pub const CASES: &[$crate::conformance::Case] = &[$($name),*];
        }

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $macro {
            ($d run:path) => {
                mod $group {
                    $(#[test]
                    fn $name() { $d run($crate::conformance::__cases::$group::$name); })*
                }
            };
        }
    };
}
pub(crate) use suite;

/// The groups: the module of each, and the macro that makes its tests.
macro_rules! groups {
    (($d:tt) $($group:ident: $module:path, $macro:ident;)*) => {
        /// Where the generated tests find the cases.
        #[doc(hidden)]
        pub mod __cases {
            $(pub use $module;)*
        }

        /// Every case of the suite, in order.
        pub fn cases() -> impl Iterator<Item = Case> {
            [$(__cases::$group::CASES),*].into_iter().flatten().copied()
        }

        /// Makes a `#[test]` of every case of the suite; `$run` is the full path (`crate::…`) of a `fn(Case)` that makes a
        /// [`Testbed`](crate::conformance::Testbed) and runs the case on it.
        #[macro_export]
        macro_rules! conformance_tests {
            ($d run:path) => {
                $($crate::$macro!($d run);)*
            };
        }
    };
}

groups! { ($)
    create: super::map::create::create, __conformance_create;
    hash: super::map::hash::hash, __conformance_hash;
    lru: super::map::lru::lru, __conformance_lru;
    batch: super::map::batch::batch, __conformance_batch;
    array: super::map::array::array, __conformance_array;
    per_cpu: super::map::per_cpu::per_cpu, __conformance_per_cpu;
    one_cpu: super::map::one_cpu::one_cpu, __conformance_one_cpu;
    lpm_trie: super::map::lpm_trie::lpm_trie, __conformance_lpm_trie;
    stream: super::map::stream::stream, __conformance_stream;
    nested: super::map::nested::nested, __conformance_nested;
    reference: super::map::reference::reference, __conformance_reference;
    stack_trace: super::map::stack_trace::stack_trace, __conformance_stack_trace;
    types: super::map::types::types, __conformance_types;
    storage: super::map::storage::storage, __conformance_storage;
    cgroup_storage: super::map::cgroup_storage::cgroup_storage, __conformance_cgroup_storage;
    arena: super::map::arena::arena, __conformance_arena;
    struct_ops: super::map::struct_ops::struct_ops, __conformance_struct_ops;
    insn_array: super::map::insn_array::insn_array, __conformance_insn_array;
    rhash: super::map::rhash::rhash, __conformance_rhash;
    edges: super::map::edges::edges, __conformance_edges;
    load: super::program::load::load, __conformance_load;
    refuse: super::program::refuse::refuse, __conformance_refuse;
    program_info: super::program::info::program_info, __conformance_program_info;
    run: super::program::run::run, __conformance_run;
    run_context: super::program::run_context::run_context, __conformance_run_context;
    net_helpers: super::program::net_helpers::net_helpers, __conformance_net_helpers;
    tail_call: super::program::tail_call::tail_call, __conformance_tail_call;
    shared: super::program::shared::shared, __conformance_shared;
    local_storage: super::program::local_storage::local_storage, __conformance_local_storage;
    objects: super::program::objects::objects, __conformance_objects;
    arenas: super::program::arenas::arenas, __conformance_arenas;
    timer: super::program::timer::timer, __conformance_timer;
    work_queue: super::program::timer::work_queue::work_queue, __conformance_work_queue;
    xdp: super::attach::xdp::xdp, __conformance_xdp;
    tc: super::attach::tc::tc, __conformance_tc;
    tcx: super::attach::tcx::tcx, __conformance_tcx;
    act_bpf: super::attach::act_bpf::act_bpf, __conformance_act_bpf;
    socket_filter: super::attach::socket_filter::socket_filter, __conformance_socket_filter;
    reuseport: super::attach::reuseport::reuseport, __conformance_reuseport;
    sk_lookup: super::attach::sk_lookup::sk_lookup, __conformance_sk_lookup;
    sockmap: super::attach::sockmap::sockmap, __conformance_sockmap;
    cgroup: super::attach::cgroup::cgroup, __conformance_cgroup;
    cgroup_order: super::attach::cgroup_order::cgroup_order, __conformance_cgroup_order;
    iter: super::attach::iter::iter, __conformance_iter;
    netfilter: super::attach::netfilter::netfilter, __conformance_netfilter;
    replace: super::attach::replace::replace, __conformance_replace;
    cgroup_sock: super::attach::cgroup_sock::cgroup_sock, __conformance_cgroup_sock;
    sock_addr: super::attach::sock_addr::sock_addr, __conformance_sock_addr;
    sockopt: super::attach::sockopt::sockopt, __conformance_sockopt;
    sysctl: super::attach::sysctl::sysctl, __conformance_sysctl;
    device: super::attach::sysctl::device::device, __conformance_device;
    sock_ops: super::attach::sock_ops::sock_ops, __conformance_sock_ops;
    sk_msg: super::attach::sk_msg::sk_msg, __conformance_sk_msg;
    sk_skb: super::attach::sk_skb::sk_skb, __conformance_sk_skb;
    tracepoint: super::attach::tracepoint::tracepoint, __conformance_tracepoint;
    raw_tracepoint: super::attach::tracepoint::raw::raw_tracepoint, __conformance_raw_tracepoint;
    kprobe: super::attach::kprobe::kprobe, __conformance_kprobe;
    link: super::attach::link::link, __conformance_link;
    perf_events: super::event::perf_events::perf_events, __conformance_perf_events;
    ring_buffer: super::event::ring_buffer::ring_buffer, __conformance_ring_buffer;
    user_ring: super::event::user_ring::user_ring, __conformance_user_ring;
    pin: super::pin::pin, __conformance_pin;
    object: super::object::object, __conformance_object;
    whole: super::whole::whole, __conformance_whole;
    ids: super::ids::ids, __conformance_ids;
    facts: super::facts::facts, __conformance_facts;
}
