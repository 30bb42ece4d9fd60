//! The symbols of a simulated kernel.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::system::KernelSymbol;

use crate::world::TEST_RUN;

/// Functions that programs are often attached to, or that callers look up; each of a page.
#[rustfmt::skip]
const COMMON: [&str; 40] = [
    "_stext", "__x64_sys_bpf", "__x64_sys_close", "__x64_sys_connect", "__x64_sys_execve", "__x64_sys_getpgid",
    "__x64_sys_getpid", "__x64_sys_kill", "__x64_sys_nanosleep", "__x64_sys_openat", "__x64_sys_read", "__x64_sys_write",
    "bpf_fentry_test1", "bpf_prog_put", "do_exit", "do_sys_openat2", "do_unlinkat", "finish_task_switch.isra.0",
    "inet_csk_accept", "ip_rcv", "kfree_skb_reason", "ksys_read", "ksys_write", "netif_receive_skb", "schedule",
    "security_file_open", "tcp_close", "tcp_connect", "tcp_recvmsg", "tcp_retransmit_skb", "tcp_rcv_established",
    "tcp_sendmsg", "tcp_set_state", "tcp_v4_connect", "tcp_v6_connect", "udp_recvmsg", "udp_sendmsg", "vfs_read",
    "vfs_write", "wake_up_new_task",
];

/// The system calls that have functions and tracepoints in every kernel, and their numbers on x86-64.
#[rustfmt::skip]
pub(crate) const SYSTEM_CALLS: [(&str, u64); 40] = [
    ("accept4", 288), ("bind", 49), ("bpf", 321), ("brk", 12), ("chdir", 80), ("clone", 56), ("close", 3),
    ("connect", 42), ("dup", 32), ("execve", 59), ("exit", 60), ("exit_group", 231), ("fork", 57), ("futex", 202),
    ("getpgid", 121), ("getpid", 39), ("getppid", 110), ("getuid", 102), ("ioctl", 16), ("kill", 62), ("listen", 50),
    ("mkdir", 83), ("mmap", 9), ("mount", 165), ("munmap", 11), ("nanosleep", 35), ("open", 2), ("openat", 257),
    ("openat2", 437), ("ptrace", 101), ("read", 0), ("readv", 19), ("recvfrom", 45), ("sendto", 44), ("socket", 41),
    ("unlink", 87), ("unlinkat", 263), ("wait4", 61), ("write", 1), ("writev", 20),
];

/// The function of a system call on x86-64, which a simulated machine is.
pub(crate) fn syscall_function(call: &str) -> String {
    format!("__x64_sys_{call}")
}

/// Where the kernel's code begins.
const TEXT: u64 = 0xffff_ffff_8100_0000;

/// Bytes behind the last symbol that are still its own.
const LAST: u64 = 0x1000;

/// Symbols by name and by address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    by_name: BTreeMap<Arc<str>, u64>,
    /// The first symbol of each address, and its module.
    by_address: BTreeMap<u64, (Arc<str>, Option<Arc<str>>)>,
}

impl Symbols {
    /// Some that every kernel has.
    pub(crate) fn common() -> Symbols {
        let mut symbols = Symbols::default();
        for (name, address) in COMMON.iter().zip((TEXT..).step_by(LAST as usize)) {
            symbols.insert((*name).into(), address, None);
        }
        for (call, _) in SYSTEM_CALLS {
            let name = syscall_function(call);
            if symbols.address(&name).is_none() {
                let last = symbols.by_address.last_key_value();
                let address = last.map_or(TEXT, |(last, _)| last + LAST);
                symbols.insert(name.into(), address, None);
            }
        }
        for (name, address) in TEST_RUN {
            symbols.insert(name.into(), address, None);
        }
        symbols
    }

    /// Those of lines like `ffffffff81000000 T _stext`, some with a `[module]` behind.
    pub(crate) fn parse(text: &str) -> Symbols {
        let mut symbols = Symbols::default();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(address), Some(_), Some(name)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let module = words.next().and_then(|word| {
                let name = word.strip_prefix('[')?.strip_suffix(']')?;
                Some(Arc::from(name))
            });
            if let Ok(address) = u64::from_str_radix(address, 16) {
                symbols.insert(name.into(), address, module);
            }
        }
        symbols
    }

    /// Adds one; of several that have the same name the last stays.
    pub(crate) fn insert(&mut self, name: Arc<str>, address: u64, module: Option<Arc<str>>) {
        self.by_address
            .entry(address)
            .or_insert_with(|| (name.clone(), module));
        self.by_name.insert(name, address);
    }

    /// The address of a symbol.
    pub(crate) fn address(&self, name: &str) -> Option<u64> {
        self.by_name.get(name).copied()
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_name.keys()
    }

    /// The symbol that an address is in or behind.
    pub(crate) fn at(&self, address: u64) -> Option<KernelSymbol> {
        let (start, (name, module)) = self.by_address.range(..=address).next_back()?;
        let last = self
            .by_address
            .last_key_value()
            .is_some_and(|(last, _)| last == start);
        let offset = address - start;
        (!last || offset < LAST).then(|| KernelSymbol::new(name.clone(), offset, module.clone()))
    }
}
