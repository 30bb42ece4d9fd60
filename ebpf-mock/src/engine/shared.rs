//! What an instruction touches of what other programs, and user space, reach too: asked before it is executed, where
//! interleavings are explored.

use std::sync::Arc;

use ebpf_core::map::{MapType, UpdateFlags};

use super::code::{Code, Kind, Op};
use super::helper::Argument;
use super::helpers;
use super::problem::Problem;
use super::run::Run;
use crate::interleave::{Access, By, LockAddress, Stopped, Want};
use crate::map::MapObject;

/// Helpers that touch nothing but what is the run's own, or what no program changes.
const OWN: &[&str] = &[
    "csum_diff",
    "csum_level",
    "csum_update",
    "dynptr_from_mem",
    "get_attach_cookie",
    "get_cgroup_classid",
    "get_current_ancestor_cgroup_id",
    "get_current_cgroup_id",
    "get_current_comm",
    "get_current_pid_tgid",
    "get_current_uid_gid",
    "get_hash_recalc",
    "get_listener_sock",
    "get_netns_cookie",
    "get_ns_current_pid_tgid",
    "get_numa_node_id",
    "get_retval",
    "get_route_realm",
    "get_smp_processor_id",
    "get_socket_cookie",
    "get_socket_uid",
    "get_stack",
    "jiffies64",
    "ktime_get_boot_ns",
    "ktime_get_coarse_ns",
    "ktime_get_ns",
    "ktime_get_tai_ns",
    "l3_csum_replace",
    "l4_csum_replace",
    "loop",
    "redirect",
    "redirect_neigh",
    "redirect_peer",
    "set_hash",
    "set_hash_invalid",
    "set_retval",
    "sk_fullsock",
    "skb_adjust_room",
    "skb_change_head",
    "skb_change_proto",
    "skb_change_tail",
    "skb_change_type",
    "skb_ecn_set_ce",
    "skb_load_bytes",
    "skb_load_bytes_relative",
    "skb_pull_data",
    "skb_set_tstamp",
    "skb_store_bytes",
    "skb_vlan_pop",
    "skb_vlan_push",
    "snprintf",
    "strncmp",
    "strtol",
    "strtoul",
    "tcp_sock",
    "xdp_adjust_head",
    "xdp_adjust_meta",
    "xdp_adjust_tail",
    "xdp_get_buff_len",
    "xdp_load_bytes",
    "xdp_store_bytes",
];

/// Helpers that leave the map they are given as it is.
const READERS: &[&str] = &[
    "for_each_map_elem",
    "map_lookup_elem",
    "map_lookup_percpu_elem",
    "map_peek_elem",
    "redirect_map",
    "ringbuf_query",
    "tail_call",
];

/// The numbers of `bpf_spin_lock` and `bpf_spin_unlock`, which ask for themselves.
const LOCKS: [u64; 2] = [93, 94];

impl Run {
    /// Waits until it is this run's turn to execute an operation, where it touches what others reach too.
    #[cold]
    pub(super) fn pass(&self, op: &Op, pc: usize) -> Result<(), Problem> {
        let Some(gate) = &self.gate else {
            return Ok(());
        };
        let accesses = self.accesses(op);
        if accesses.is_empty() {
            return Ok(());
        }
        let by = || By::Instruction(self.code.clone(), pc);
        let want = self.locked(op.imm, op.kind);
        let passed = gate.pass(&accesses, want, by);
        passed.map_err(|Stopped| Problem::Stopped)
    }

    /// Waits until a lock in a value can be taken.
    pub(super) fn wait_for_lock(&self, at: u64) -> Result<(), Problem> {
        let (Some(gate), Some((map, offset))) = (&self.gate, self.memory.shared(at)) else {
            return Ok(());
        };
        let by = || By::Instruction(self.code.clone(), self.pc);
        let access = Access::bytes(map, offset, 4, true);
        let want = Want::Take(address(map, offset));
        let taken = gate.pass(&[access], Some(want), by);
        taken.map_err(|Stopped| Problem::Stopped)
    }

    /// Says that a lock in a value was given back.
    pub(super) fn give_lock_back(&self, at: u64) {
        if let (Some(gate), Some((map, offset))) = (&self.gate, self.memory.shared(at)) {
            gate.unlock(address(map, offset));
        }
    }

    /// What an operation touches that others reach too.
    fn accesses(&self, op: &Op) -> Vec<Access> {
        let register = |number: u8| {
            let value = self.registers.get(usize::from(number & 15));
            value.map_or(0, |value| value.wrapping_add(op.displacement()))
        };
        let (at, size, write) = match op.kind {
            Kind::Load8 | Kind::LoadS8 => (register(op.src), 1, false),
            Kind::Load16 | Kind::LoadS16 => (register(op.src), 2, false),
            Kind::Load32 | Kind::LoadS32 => (register(op.src), 4, false),
            Kind::Load64 => (register(op.src), 8, false),
            Kind::StoreR8 | Kind::StoreI8 => (register(op.dst), 1, true),
            Kind::StoreR16 | Kind::StoreI16 => (register(op.dst), 2, true),
            Kind::StoreR32 | Kind::StoreI32 => (register(op.dst), 4, true),
            Kind::StoreR64 | Kind::StoreI64 => (register(op.dst), 8, true),
            Kind::Atomic | Kind::StoreRelease => (register(op.dst), op.size.into(), true),
            Kind::LoadAcquire => (register(op.src), op.size.into(), false),
            Kind::CallHelper => return self.helper_accesses(op.imm),
            Kind::CallKfunc => return vec![Access::world()],
            _ => return Vec::new(),
        };
        let shared = self.memory.shared(at);
        let access = shared.map(|(map, offset)| Access::bytes(map, offset, size, write));
        access.into_iter().collect()
    }

    /// What a helper wants of locks: an update with `BPF_F_LOCK` waits for that of the value.
    fn locked(&self, helper: u64, kind: Kind) -> Option<Want> {
        const UPDATE: u64 = 2;
        let [_, map, _, _, flags, ..] = self.registers;
        let wants = kind == Kind::CallHelper && helper == UPDATE;
        let map = self.memory.map(map).filter(|_| wants)?;
        let locked = UpdateFlags(flags).contains(UpdateFlags::LOCK);
        locked.then_some(Want::Free(map.map.info.id.0))
    }

    /// What a helper touches: of what it is not known for certain, everything.
    fn helper_accesses(&self, id: u64) -> Vec<Access> {
        if LOCKS.contains(&id) {
            return Vec::new();
        }
        let helper = u32::try_from(id).ok().and_then(helpers::find);
        let Some(helper) = helper else {
            return vec![Access::world()];
        };
        let mut accesses = Vec::new();
        let mut has_map = false;
        for (argument, value) in helper.arguments.iter().zip(&self.registers[1..6]) {
            if let Some(map) = self.memory.map(*value) {
                has_map = true;
                accesses.extend(of_map(helper.name, &map.map));
            } else if *argument != Argument::Anything
                && let Some((map, _)) = self.memory.shared(*value)
            {
                // How much of it, is for the helper to say.
                accesses.push(Access::elements(map, true));
            }
        }
        if !has_map && !OWN.contains(&helper.name) {
            accesses.push(Access::world());
        }
        accesses
    }
}

/// What a helper touches of a map that it is given.
fn of_map(helper: &str, map: &MapObject) -> Option<Access> {
    let is_array = matches!(map.info.map_type, MapType::ARRAY | MapType::PERCPU_ARRAY);
    match helper {
        // Where the values of an array are is known without a look.
        "map_lookup_elem" | "map_lookup_percpu_elem" | "for_each_map_elem" if is_array => None,
        _ => Some(Access::elements(map, !READERS.contains(&helper))),
    }
}

fn address(map: &MapObject, offset: u64) -> LockAddress {
    (map.info.id.0, offset)
}

/// How an instruction reads in a report: its place in the source, or its text.
pub(crate) fn described(code: &Arc<Code>, pc: usize) -> (Option<super::fault::Position>, String) {
    let position = super::report::position(&code.spec, pc);
    (position, super::report::instruction(&code.spec, pc))
}
