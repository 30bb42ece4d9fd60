//! What the kernel tells of a link: `struct bpf_link_info`, whose second half depends on the type.

use std::sync::Arc;

use ebpf_sys::bpf_perf_event_type as PerfType;
use ebpf_sys::{BPF_F_KPROBE_MULTI_RETURN, BPF_F_UPROBE_MULTI_RETURN};

use crate::Errno;
use crate::kernel::sys::{self, LinkAnswer};
use crate::link::{
    IterOver, LinkId, LinkInfo, LinkState, LinkTarget, LinkType, ProbedFunction, ProbedPlace,
};
use crate::program::{AttachType, ProgramId};

/// Where what depends on the type begins, in bytes.
const BODY: usize = sys::LINK_INFO_BODY;

/// What the kernel tells of a link.
pub(super) struct Told(LinkAnswer);

impl Told {
    pub(super) fn of(fd: std::os::fd::BorrowedFd<'_>) -> Result<Told, Errno> {
        sys::link_info(fd).map(Told)
    }

    /// What cannot change.
    pub(super) fn info(&self) -> LinkInfo {
        let mut info = LinkInfo::new(
            Some(LinkId(self.0.u32_at(4))),
            self.link_type(),
            self.target(),
        );
        info.cookie = self.cookie();
        info
    }

    /// What can.
    pub(super) fn state(&self) -> LinkState {
        let mut state = LinkState::new(self.program(), self.target());
        state.missed = self.missed();
        state
    }

    fn link_type(&self) -> LinkType {
        LinkType(self.0.u32_at(0))
    }

    /// A word of what depends on the type.
    fn word(&self, at: usize) -> u32 {
        self.0.u32_at(BODY + at)
    }

    /// Two words of it.
    fn wide(&self, at: usize) -> u64 {
        self.0.u64_at(BODY + at)
    }

    fn text(&self) -> Arc<str> {
        self.0.text.as_deref().unwrap_or_default().into()
    }

    fn perf_type(&self) -> PerfType {
        PerfType(self.word(0))
    }

    fn target(&self) -> LinkTarget {
        let attach_type = |at| AttachType(self.word(at));
        match self.link_type() {
            LinkType::XDP => LinkTarget::Xdp {
                ifindex: self.word(0),
            },
            LinkType::TCX | LinkType::NETKIT => LinkTarget::Interface {
                ifindex: self.word(0),
                attach_type: attach_type(4),
            },
            LinkType::CGROUP => LinkTarget::Cgroup {
                cgroup_id: self.wide(0),
                attach_type: attach_type(8),
            },
            LinkType::NETNS => LinkTarget::Netns {
                inode: self.word(0),
                attach_type: attach_type(4),
            },
            LinkType::RAW_TRACEPOINT => LinkTarget::RawTracepoint { name: self.text() },
            LinkType::TRACING => LinkTarget::Tracing {
                attach_type: attach_type(0),
                target_object: self.word(4),
                target_type: self.word(8),
            },
            LinkType::ITER => self.iterator(),
            LinkType::STRUCT_OPS => LinkTarget::StructOps {
                map_id: self.word(0),
            },
            LinkType::NETFILTER => LinkTarget::Netfilter {
                family: self.word(0),
                hook: self.word(4),
                priority: self.word(8) as i32,
                flags: self.word(12),
            },
            LinkType::SOCKMAP => LinkTarget::Sockmap {
                map_id: self.word(0),
                attach_type: attach_type(4),
            },
            LinkType::PERF_EVENT => self.perf_event(),
            LinkType::KPROBE_MULTI => self.functions(),
            LinkType::UPROBE_MULTI => self.places(),
            _ => LinkTarget::Other,
        }
    }

    /// The name tells what an iterator was narrowed to: `bpf_iter_attach_map()` and its like in kernel/bpf/.
    fn iterator(&self) -> LinkTarget {
        let name = self.text();
        let over = match &*name {
            "bpf_map_elem" | "bpf_sk_storage_map" => IterOver::Map {
                map_id: self.word(12),
            },
            "cgroup" => IterOver::Cgroup {
                cgroup_id: self.wide(16),
                order: self.word(24),
            },
            "task" | "task_file" | "task_vma" if self.wide(16) != 0 => IterOver::Task {
                tid: self.word(16),
                pid: self.word(20),
            },
            _ => IterOver::All,
        };
        LinkTarget::Iter { name, over }
    }

    /// `bpf_perf_link_fill_link_info()` in kernel/bpf/syscall.c.
    fn perf_event(&self) -> LinkTarget {
        match self.perf_type() {
            PerfType::BPF_PERF_EVENT_KPROBE | PerfType::BPF_PERF_EVENT_KRETPROBE => {
                LinkTarget::Kprobe {
                    function: self.text(),
                    offset: self.word(20),
                    address: self.wide(24),
                    at_return: self.perf_type() == PerfType::BPF_PERF_EVENT_KRETPROBE,
                }
            }
            PerfType::BPF_PERF_EVENT_UPROBE | PerfType::BPF_PERF_EVENT_URETPROBE => {
                LinkTarget::Uprobe {
                    file: self.text(),
                    offset: self.word(20).into(),
                    ref_ctr_offset: self.wide(32),
                    at_return: self.perf_type() == PerfType::BPF_PERF_EVENT_URETPROBE,
                }
            }
            PerfType::BPF_PERF_EVENT_TRACEPOINT => LinkTarget::Tracepoint { name: self.text() },
            PerfType::BPF_PERF_EVENT_EVENT => LinkTarget::PerfEvent {
                config: self.wide(8),
                event_type: self.word(16),
            },
            _ => LinkTarget::Other,
        }
    }

    /// `bpf_kprobe_multi_link_fill_link_info()` in kernel/trace/bpf_trace.c.
    fn functions(&self) -> LinkTarget {
        let [addresses, cookies, _] = &self.0.lists;
        let functions = addresses
            .iter()
            .zip(cookies)
            .map(|(address, cookie)| ProbedFunction::new(*address, *cookie));
        LinkTarget::KprobeMulti {
            functions: functions.collect(),
            at_return: self.word(12) & BPF_F_KPROBE_MULTI_RETURN != 0,
        }
    }

    /// `bpf_uprobe_multi_link_fill_link_info()` in kernel/trace/bpf_trace.c.
    fn places(&self) -> LinkTarget {
        let [offsets, counters, cookies] = &self.0.lists;
        let places = offsets
            .iter()
            .zip(counters)
            .zip(cookies)
            .map(|((offset, counter), cookie)| ProbedPlace::new(*offset, *counter, *cookie));
        LinkTarget::UprobeMulti {
            file: self.text(),
            places: places.collect(),
            pid: self.word(44),
            at_return: self.word(40) & BPF_F_UPROBE_MULTI_RETURN != 0,
        }
    }

    /// 0 where there is none: kernels that do not tell write nothing there.
    fn cookie(&self) -> u64 {
        match (self.link_type(), self.perf_type()) {
            (LinkType::RAW_TRACEPOINT | LinkType::TRACING, _) => self.wide(16),
            (
                LinkType::PERF_EVENT,
                PerfType::BPF_PERF_EVENT_KPROBE | PerfType::BPF_PERF_EVENT_KRETPROBE,
            ) => self.wide(40),
            (LinkType::PERF_EVENT, PerfType::BPF_PERF_EVENT_UNSPEC) => 0,
            (LinkType::PERF_EVENT, _) => self.wide(24),
            _ => 0,
        }
    }

    fn missed(&self) -> u64 {
        match (self.link_type(), self.perf_type()) {
            (LinkType::KPROBE_MULTI, _) => self.wide(16),
            (
                LinkType::PERF_EVENT,
                PerfType::BPF_PERF_EVENT_KPROBE | PerfType::BPF_PERF_EVENT_KRETPROBE,
            ) => self.wide(32),
            _ => 0,
        }
    }

    /// The program that runs, unless what it was attached to is gone.
    fn program(&self) -> Option<ProgramId> {
        let gone = match self.target() {
            LinkTarget::Xdp { ifindex } | LinkTarget::Interface { ifindex, .. } => ifindex == 0,
            LinkTarget::Cgroup { cgroup_id, .. } => cgroup_id == 0,
            LinkTarget::Netns { inode, .. } => inode == 0,
            _ => false,
        };
        Some(self.0.u32_at(8))
            .filter(|id| *id != 0 && !gone)
            .map(ProgramId)
    }
}
