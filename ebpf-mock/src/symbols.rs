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

/// The system calls that have functions and tracepoints in every kernel.
#[rustfmt::skip]
pub(crate) const SYSTEM_CALLS: [&str; 40] = [
    "accept4", "bind", "bpf", "brk", "chdir", "clone", "close", "connect", "dup", "execve", "exit", "exit_group", "fork",
    "futex", "getpgid", "getpid", "getppid", "getuid", "ioctl", "kill", "listen", "mkdir", "mmap", "mount", "munmap",
    "nanosleep", "open", "openat", "openat2", "ptrace", "read", "readv", "recvfrom", "sendto", "socket", "unlink",
    "unlinkat", "wait4", "write", "writev",
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
        for call in SYSTEM_CALLS {
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
