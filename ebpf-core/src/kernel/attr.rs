//! What bpf(2) is given: one structure for each command, as long as the fields that we use.
//!
//! They are members of `union bpf_attr`, without its newer tails (a kernel refuses tails that it does not know unless
//! they are zero) and without padding, which the kernel would demand to be zero. That each lies as the header says is
//! checked here against the bindings.

#[cfg(test)]
use std::mem::offset_of;

#[cfg(test)]
use ebpf_sys as sys;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A structure that bpf(2) reads and writes back: every byte of it is initialised and any bytes are one.
pub(super) trait Attr: IntoBytes + FromBytes + Immutable {}

macro_rules! attrs {
    ($($(#[$doc:meta])* $Name:ident as $Bound:ident { $($field:ident: $ty:ty $(= $bound:ident)?,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, IntoBytes, FromBytes, Immutable)]
        #[repr(C)]
        pub(super) struct $Name { $(pub(super) $field: $ty,)* }

        impl Attr for $Name {}

        // Only in tests: headers that someone binds anew may be older than the fields.
        #[cfg(test)]
        const _: () = {
            $($(assert!(offset_of!($Name, $field) == offset_of!(sys::$Bound, $bound));)?)*
        };
    )*};
}

attrs! {
    /// `BPF_MAP_CREATE`.
    MapCreate as bpf_attr__bindgen_ty_1 {
        map_type: u32 = map_type,
        key_size: u32 = key_size,
        value_size: u32 = value_size,
        max_entries: u32 = max_entries,
        map_flags: u32 = map_flags,
        inner_map_fd: u32 = inner_map_fd,
        numa_node: u32 = numa_node,
        map_name: [u8; 16] = map_name,
        map_ifindex: u32 = map_ifindex,
        btf_fd: u32 = btf_fd,
        btf_key_type_id: u32 = btf_key_type_id,
        btf_value_type_id: u32 = btf_value_type_id,
        btf_vmlinux_value_type_id: u32 = btf_vmlinux_value_type_id,
        map_extra: u64 = map_extra,
    }
    /// `BPF_MAP_*_ELEM`, `BPF_MAP_GET_NEXT_KEY`, `BPF_MAP_FREEZE`; `value` is the next key for the one in the middle.
    Elem as bpf_attr__bindgen_ty_2 {
        map_fd: u32 = map_fd,
        hole: u32,
        key: u64 = key,
        value: u64,
        flags: u64 = flags,
    }
    /// `BPF_MAP_*_BATCH`.
    Batch as bpf_attr__bindgen_ty_3 {
        in_batch: u64 = in_batch,
        out_batch: u64 = out_batch,
        keys: u64 = keys,
        values: u64 = values,
        count: u32 = count,
        map_fd: u32 = map_fd,
        elem_flags: u64 = elem_flags,
        flags: u64 = flags,
    }
    /// `BPF_PROG_LOAD`. `attach_fd` is the target's program or a module's BTF.
    ProgLoad as bpf_attr__bindgen_ty_4 {
        prog_type: u32 = prog_type,
        insn_cnt: u32 = insn_cnt,
        insns: u64 = insns,
        license: u64 = license,
        log_level: u32 = log_level,
        log_size: u32 = log_size,
        log_buf: u64 = log_buf,
        kern_version: u32 = kern_version,
        prog_flags: u32 = prog_flags,
        prog_name: [u8; 16] = prog_name,
        prog_ifindex: u32 = prog_ifindex,
        expected_attach_type: u32 = expected_attach_type,
        prog_btf_fd: u32 = prog_btf_fd,
        func_info_rec_size: u32 = func_info_rec_size,
        func_info: u64 = func_info,
        func_info_cnt: u32 = func_info_cnt,
        line_info_rec_size: u32 = line_info_rec_size,
        line_info: u64 = line_info,
        line_info_cnt: u32 = line_info_cnt,
        attach_btf_id: u32 = attach_btf_id,
        attach_fd: u32 = __bindgen_anon_1,
        core_relo_cnt: u32 = core_relo_cnt,
        fd_array: u64 = fd_array,
        core_relos: u64 = core_relos,
        core_relo_rec_size: u32 = core_relo_rec_size,
        log_true_size: u32 = log_true_size,
    }
    /// `BPF_OBJ_PIN`, `BPF_OBJ_GET`.
    Obj as bpf_attr__bindgen_ty_5 {
        pathname: u64 = pathname,
        bpf_fd: u32 = bpf_fd,
        file_flags: u32 = file_flags,
    }
    /// `BPF_PROG_ATTACH`, `BPF_PROG_DETACH`. `relative` and `expected_revision` since Linux 6.6.
    ProgAttach as bpf_attr__bindgen_ty_6 {
        target: u32 = __bindgen_anon_1,
        attach_bpf_fd: u32 = attach_bpf_fd,
        attach_type: u32 = attach_type,
        attach_flags: u32 = attach_flags,
        replace_bpf_fd: u32 = replace_bpf_fd,
        relative: u32 = __bindgen_anon_2,
        expected_revision: u64 = expected_revision,
    }
    /// `BPF_PROG_TEST_RUN`. `batch_size` since Linux 5.18.
    TestRun as bpf_attr__bindgen_ty_7 {
        prog_fd: u32 = prog_fd,
        retval: u32 = retval,
        data_size_in: u32 = data_size_in,
        data_size_out: u32 = data_size_out,
        data_in: u64 = data_in,
        data_out: u64 = data_out,
        repeat: u32 = repeat,
        duration: u32 = duration,
        ctx_size_in: u32 = ctx_size_in,
        ctx_size_out: u32 = ctx_size_out,
        ctx_in: u64 = ctx_in,
        ctx_out: u64 = ctx_out,
        flags: u32 = flags,
        cpu: u32 = cpu,
        batch_size: u32 = batch_size,
        tail: u32,
    }
    /// `BPF_*_GET_NEXT_ID`, `BPF_*_GET_FD_BY_ID`; `id` is where to start for the former.
    Ids as bpf_attr__bindgen_ty_8 {
        id: u32 = __bindgen_anon_1,
        next_id: u32 = next_id,
        open_flags: u32 = open_flags,
    }
    /// `BPF_OBJ_GET_INFO_BY_FD`.
    Info as bpf_attr__bindgen_ty_9 {
        bpf_fd: u32 = bpf_fd,
        info_len: u32 = info_len,
        info: u64 = info,
    }
    /// `BPF_PROG_QUERY`.
    ProgQuery as bpf_attr__bindgen_ty_10 {
        target: u32 = __bindgen_anon_1,
        attach_type: u32 = attach_type,
        query_flags: u32 = query_flags,
        attach_flags: u32 = attach_flags,
        prog_ids: u64 = prog_ids,
        count: u32 = __bindgen_anon_2,
        hole: u32,
        prog_attach_flags: u64 = prog_attach_flags,
        link_ids: u64 = link_ids,
        link_attach_flags: u64 = link_attach_flags,
        revision: u64 = revision,
    }
    /// `BPF_BTF_LOAD`.
    BtfLoad as bpf_attr__bindgen_ty_12 {
        btf: u64 = btf,
        btf_log_buf: u64 = btf_log_buf,
        btf_size: u32 = btf_size,
        btf_log_size: u32 = btf_log_size,
        btf_log_level: u32 = btf_log_level,
        btf_log_true_size: u32 = btf_log_true_size,
    }
    /// `BPF_LINK_CREATE` without what differs from type to type.
    LinkCreate as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
    }
    /// `BPF_LINK_CREATE` of TCX, netkit and cgroups. `relative` and `expected_revision` since Linux 6.6.
    LinkCreateAt as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        relative: u32 = __bindgen_anon_3,
        hole: u32,
        expected_revision: u64,
    }
    /// `BPF_LINK_CREATE` of netfilter.
    LinkCreateNetfilter as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        family: u32 = __bindgen_anon_3,
        hook: u32,
        priority: i32,
        netfilter_flags: u32,
    }
    /// `BPF_LINK_CREATE` of a perf event.
    LinkCreatePerf as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        bpf_cookie: u64 = __bindgen_anon_3,
    }
    /// `BPF_LINK_CREATE` of tracing programs.
    LinkCreateTracing as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        target_btf_id: u32 = __bindgen_anon_3,
        hole: u32,
        cookie: u64,
    }
    /// `BPF_LINK_CREATE` of an iterator.
    LinkCreateIter as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        iter_info: u64 = __bindgen_anon_3,
        iter_info_len: u32,
        hole: u32,
    }
    /// `BPF_LINK_CREATE` of many kprobes.
    LinkCreateKprobeMulti as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        multi_flags: u32 = __bindgen_anon_3,
        count: u32,
        symbols: u64,
        addresses: u64,
        cookies: u64,
    }
    /// `BPF_LINK_CREATE` of many uprobes.
    LinkCreateUprobeMulti as bpf_attr__bindgen_ty_14 {
        prog_fd: u32 = __bindgen_anon_1,
        target: u32 = __bindgen_anon_2,
        attach_type: u32 = attach_type,
        flags: u32 = flags,
        path: u64 = __bindgen_anon_3,
        offsets: u64,
        ref_ctr_offsets: u64,
        cookies: u64,
        count: u32,
        multi_flags: u32,
        pid: u32,
        hole: u32,
    }
    /// `BPF_RAW_TRACEPOINT_OPEN`. `cookie` since Linux 6.10.
    RawTracepointOpen as bpf_attr__bindgen_ty_11 {
        name: u64 = name,
        prog_fd: u32 = prog_fd,
        hole: u32,
        cookie: u64 = cookie,
    }
    /// `BPF_LINK_UPDATE`.
    LinkUpdate as bpf_attr__bindgen_ty_15 {
        link_fd: u32 = link_fd,
        new_prog_fd: u32 = __bindgen_anon_1,
        flags: u32 = flags,
        old_prog_fd: u32 = __bindgen_anon_2,
    }
    /// `BPF_LINK_DETACH`.
    LinkDetach as bpf_attr__bindgen_ty_16 {
        link_fd: u32 = link_fd,
    }
    /// `BPF_ENABLE_STATS`.
    EnableStats as bpf_attr__bindgen_ty_17 {
        stats_type: u32 = type_,
    }
    /// `BPF_ITER_CREATE`.
    IterCreate as bpf_attr__bindgen_ty_18 {
        link_fd: u32 = link_fd,
        flags: u32 = flags,
    }
}
