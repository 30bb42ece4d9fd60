//! The table of link types: one row each.

macro_rules! link_types {
    ($($value:literal $CONST:ident $alias:literal $text:literal since $since:literal; $doc:literal)*) => {
        open_enum! {
            /// What kind of link it is.
            ///
            /// `enum bpf_link_type` in include/uapi/linux/bpf.h.
            #[doc(alias = "bpf_link_type")]
            pub struct LinkType: "link type" {
                $(#[doc = concat!($doc, "\n\nSince Linux ", $since, ".")] $CONST = $value, $alias, $text;)*
            }
        }

        impl LinkType {
            /// The first Linux release whose links of this type can be told and listed; `—` for what is no link object.
            pub const fn since(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($since),)*
                    _ => None,
                }
            }
        }
    };
}

#[rustfmt::skip]
link_types! {
    0 UNSPEC "BPF_LINK_TYPE_UNSPEC" "none" since "—";
        "Not a link object: an attachment by netlink, socket option or the like."
    1 RAW_TRACEPOINT "BPF_LINK_TYPE_RAW_TRACEPOINT" "raw_tracepoint" since "5.8";
        "A raw tracepoint."
    2 TRACING "BPF_LINK_TYPE_TRACING" "tracing" since "5.7";
        "fentry, fexit, fmod_ret, LSM, freplace."
    3 CGROUP "BPF_LINK_TYPE_CGROUP" "cgroup" since "5.7";
        "A control group."
    4 ITER "BPF_LINK_TYPE_ITER" "iter" since "5.8";
        "An iterator."
    5 NETNS "BPF_LINK_TYPE_NETNS" "netns" since "5.8";
        "A network namespace."
    6 XDP "BPF_LINK_TYPE_XDP" "xdp" since "5.9";
        "XDP on an interface."
    7 PERF_EVENT "BPF_LINK_TYPE_PERF_EVENT" "perf_event" since "5.15";
        "A perf event: kprobe, uprobe, tracepoint, hardware or software event."
    8 KPROBE_MULTI "BPF_LINK_TYPE_KPROBE_MULTI" "kprobe_multi" since "5.18";
        "Many kprobes at once."
    9 STRUCT_OPS "BPF_LINK_TYPE_STRUCT_OPS" "struct_ops" since "6.4";
        "A struct_ops map."
    10 NETFILTER "BPF_LINK_TYPE_NETFILTER" "netfilter" since "6.4";
        "A netfilter hook."
    11 TCX "BPF_LINK_TYPE_TCX" "tcx" since "6.6";
        "Traffic control of an interface."
    12 UPROBE_MULTI "BPF_LINK_TYPE_UPROBE_MULTI" "uprobe_multi" since "6.6";
        "Many uprobes at once."
    13 NETKIT "BPF_LINK_TYPE_NETKIT" "netkit" since "6.7";
        "A netkit device."
    14 SOCKMAP "BPF_LINK_TYPE_SOCKMAP" "sockmap" since "6.10";
        "A sockmap."
    15 TRACING_MULTI "BPF_LINK_TYPE_TRACING_MULTI" "tracing_multi" since "7.2";
        "Many functions at once, as fentry, fexit or both."
}
