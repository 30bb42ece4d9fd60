//! The flag words of map operations.

flags! {
    /// How a map is created.
    ///
    /// The `BPF_F_*` constants of `BPF_MAP_CREATE` in include/uapi/linux/bpf.h.
    pub struct MapFlags: u32 {
        /// No flag.
        NONE = 0, "0";
        /// Allocate elements when they are inserted, not when the map is created. LPM tries and storage maps require it. Since Linux 4.6.
        NO_PREALLOC = 1 << 0, "BPF_F_NO_PREALLOC";
        /// An LRU list for each CPU instead of one in common. Since Linux 4.10.
        NO_COMMON_LRU = 1 << 1, "BPF_F_NO_COMMON_LRU";
        /// [`MapSpec::numa_node`](super::MapSpec::numa_node) counts. Since Linux 4.14.
        NUMA_NODE = 1 << 2, "BPF_F_NUMA_NODE";
        /// User space may only read through this descriptor. Since Linux 4.15.
        RDONLY = 1 << 3, "BPF_F_RDONLY";
        /// User space may only write through this descriptor. Since Linux 4.15.
        WRONLY = 1 << 4, "BPF_F_WRONLY";
        /// Stack traces hold build ids and offsets instead of addresses. Since Linux 4.18.
        STACK_BUILD_ID = 1 << 5, "BPF_F_STACK_BUILD_ID";
        /// Start the hash function from zero, for reproducible orders. Since Linux 5.0.
        ZERO_SEED = 1 << 6, "BPF_F_ZERO_SEED";
        /// Programs may only read. Since Linux 5.2.
        RDONLY_PROG = 1 << 7, "BPF_F_RDONLY_PROG";
        /// Programs may only write. Since Linux 5.2.
        WRONLY_PROG = 1 << 8, "BPF_F_WRONLY_PROG";
        /// Accepted sockets inherit the storage. Since Linux 5.4.
        CLONE = 1 << 9, "BPF_F_CLONE";
        /// User space may map the array's memory. Since Linux 5.5.
        MMAPABLE = 1 << 10, "BPF_F_MMAPABLE";
        /// Keep perf events when the descriptor that stored them is closed. Since Linux 5.10.
        PRESERVE_ELEMS = 1 << 11, "BPF_F_PRESERVE_ELEMS";
        /// An array that may stand in for inner maps of another `max_entries`. Since Linux 5.10.
        INNER_MAP = 1 << 12, "BPF_F_INNER_MAP";
        /// A struct_ops map that is attached by a link. Since Linux 6.4.
        LINK = 1 << 13, "BPF_F_LINK";
        /// The value type comes from the BTF of a module. Since Linux 6.9.
        VTYPE_BTF_OBJ_FD = 1 << 15, "BPF_F_VTYPE_BTF_OBJ_FD";
        /// A token is given. Since Linux 6.9.
        TOKEN_FD = 1 << 16, "BPF_F_TOKEN_FD";
        /// A user-space access to a missing page of an arena is a fault. Since Linux 6.9.
        SEGV_ON_FAULT = 1 << 17, "BPF_F_SEGV_ON_FAULT";
        /// Addresses in an arena are not converted for user space. Since Linux 6.9.
        NO_USER_CONV = 1 << 18, "BPF_F_NO_USER_CONV";
        /// A ring buffer that overwrites its oldest records. Since Linux 6.19.
        RB_OVERWRITE = 1 << 19, "BPF_F_RB_OVERWRITE";
    }
}

const CPU_BIT: u64 = 1 << 3;

flags! {
    /// How an element is looked up.
    pub struct LookupFlags: u64 {
        /// No flag.
        NONE = 0, "0";
        /// Copy the value while holding its `struct bpf_spin_lock`. Since Linux 5.1.
        LOCK = 1 << 2, "BPF_F_LOCK";
        /// Only the value of the CPU in the upper half: see [`LookupFlags::on_cpu`]. Since Linux 7.0.
        CPU = CPU_BIT, "BPF_F_CPU";
    }
}

impl LookupFlags {
    /// Only the value of this CPU, of a per-CPU map: the buffer then holds one value. Since Linux 7.0.
    #[doc(alias = "BPF_F_CPU")]
    pub const fn on_cpu(cpu: u32) -> LookupFlags {
        LookupFlags(CPU_BIT | (cpu as u64) << 32)
    }
}

flags! {
    /// How an element is written.
    pub struct UpdateFlags: u64 {
        /// Insert or replace.
        ANY = 0, "BPF_ANY";
        /// Insert only: `EEXIST` if the key is there.
        NO_EXIST = 1 << 0, "BPF_NOEXIST";
        /// Replace only: `ENOENT` if the key is not there.
        EXIST = 1 << 1, "BPF_EXIST";
        /// Write the value while holding its `struct bpf_spin_lock`. Since Linux 5.1.
        LOCK = 1 << 2, "BPF_F_LOCK";
        /// Only the value of the CPU in the upper half: see [`UpdateFlags::on_cpu`]. Since Linux 7.0.
        CPU = CPU_BIT, "BPF_F_CPU";
        /// One value for all CPUs of a per-CPU map. Since Linux 7.0.
        ALL_CPUS = 1 << 4, "BPF_F_ALL_CPUS";
    }
}

impl UpdateFlags {
    /// Only the value of this CPU, of a per-CPU map: the buffer then holds one value. Since Linux 7.0.
    #[doc(alias = "BPF_F_CPU")]
    pub const fn on_cpu(cpu: u32) -> UpdateFlags {
        UpdateFlags(CPU_BIT | (cpu as u64) << 32)
    }
}

flags! {
    /// How the elements of a batch are read or written.
    pub struct BatchFlags: u64 {
        /// Insert or replace; no flag.
        ANY = 0, "BPF_ANY";
        /// Insert only. A hash takes it; the batch stops at the first key that is there.
        NO_EXIST = 1 << 0, "BPF_NOEXIST";
        /// Replace only. A hash takes it; the batch stops at the first key that is not there.
        EXIST = 1 << 1, "BPF_EXIST";
        /// Copy each value while holding its `struct bpf_spin_lock`. Since Linux 5.6.
        LOCK = 1 << 2, "BPF_F_LOCK";
    }
}
