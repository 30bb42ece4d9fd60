//! Does nothing, unless feature `bindgen` is on: then it generates the bindings anew.
//!
//! | variable | meaning |
//! |---|---|
//! | `EBPF_SYS_INCLUDE` | directories to take the headers from, separated as in `PATH`; none of the machine's own is then searched |
//! | `EBPF_SYS_HEADERS` | the name of those headers, for the head of the result |
//! | `EBPF_SYS_BINDINGS_OUT` | a file that receives a copy of the result |

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "bindgen")]
    generate::run();
}

#[cfg(feature = "bindgen")]
mod generate {
    use std::collections::{HashMap, HashSet};
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use bindgen::EnumVariation;
    use bindgen::callbacks::{DeriveTrait, ImplementsTrait, ParseCallbacks};
    use syn::visit_mut::VisitMut;
    use syn::{ImplItem, Item, PathArguments, Type, parse_quote};

    /// Headers bound as a whole.
    const WHOLE: &str = r".*/linux/(bpf|bpf_common|btf|perf_event)\.h";

    /// What is bound of the other headers: links, qdiscs, filters and actions as far as BPF programs hang on them.
    const VARIABLES: &[&str] = &[
        "IFLA_.*",
        "XDP_FLAGS_.*",
        "XDP_ATTACHED_.*",
        "NETKIT_.*",
        "NETLINK_(ROUTE|EXT_ACK|CAP_ACK|GET_STRICT_CHK)",
        "NLMSG.*",
        "NLM_F_.*",
        "NLA_.*",
        "RTM_(NEW|DEL|GET|SET)(LINK|ADDR|ROUTE|NEIGH|QDISC|TCLASS|TFILTER|ACTION|CHAIN)",
        "RTNLGRP_(LINK|TC)",
        "TCA_.*",
        "TC_ACT_.*",
        "TC_H_.*",
        "VETH_INFO_.*",
    ];
    const TYPES: &[&str] = &[
        "nlmsghdr",
        "nlmsgerr",
        "nlattr",
        "nlmsgerr_attrs",
        "rtattr",
        "rtgenmsg",
        "ifinfomsg",
        "sockaddr_nl",
        "tcmsg",
        "tcamsg",
        "netkit_.*",
        "tc_.*_bpf",
    ];

    /// Names of integers: `Types` and `src/lib.rs` say what they are.
    const INTEGERS: &str = "__[us](8|16|32|64)|__(be|le)(16|32|64)";

    /// Machines whose `_IO` numbers differ from asm-generic/ioctl.h: they get no constant in place of a wrong one.
    const OTHER_IOCTL: &str = "PERF_EVENT_IOC_";

    pub(super) fn run() {
        for name in [
            "EBPF_SYS_INCLUDE",
            "EBPF_SYS_HEADERS",
            "EBPF_SYS_BINDINGS_OUT",
        ] {
            println!("cargo::rerun-if-env-changed={name}");
        }
        println!("cargo::rerun-if-changed=include/wrapper.h");

        let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
        let include: Vec<PathBuf> = env::var_os("EBPF_SYS_INCLUDE")
            .map(|list| env::split_paths(&list).collect())
            .unwrap_or_default();
        let version = header_version(&include);
        let headers = env::var("EBPF_SYS_HEADERS").unwrap_or_else(|_| version.clone());
        let text = tidy(&bind(&include, &out), &headers, &version);
        let file = out.join("bindings.rs");
        fs::write(&file, &text).unwrap_or_else(|error| panic!("write {}: {error}", file.display()));
        if let Some(copy) = env::var_os("EBPF_SYS_BINDINGS_OUT").map(PathBuf::from) {
            // Whoever removes the copy gets a new one.
            println!("cargo::rerun-if-changed={}", copy.display());
            fs::write(&copy, &text)
                .unwrap_or_else(|error| panic!("write {}: {error}", copy.display()));
        }
    }

    /// Tells bindgen that the types of [`INTEGERS`], which it does not see, are as derivable as integers are.
    #[derive(Debug)]
    struct Integers;

    impl ParseCallbacks for Integers {
        fn blocklisted_type_implements_trait(
            &self,
            _name: &str,
            _derive: DeriveTrait,
        ) -> Option<ImplementsTrait> {
            Some(ImplementsTrait::Yes)
        }
    }

    fn bind(include: &[PathBuf], out: &Path) -> String {
        let mut builder = bindgen::Builder::default()
            .header("include/wrapper.h")
            .use_core()
            .ctypes_prefix("c")
            .allowlist_file(WHOLE)
            .allowlist_recursively(true)
            .blocklist_type(INTEGERS)
            .blocklist_item("_LINUX_.*|_UAPI_.*|__LINUX_.*|__BPF_FUNC_MAPPER")
            .default_enum_style(EnumVariation::NewType {
                is_bitfield: false,
                is_global: false,
            })
            // Enums without a name are found by the names in them; all that have a name are lower-case.
            .constified_enum("_*[A-Z].*")
            .translate_enum_integer_types(true)
            .prepend_enum_name(false)
            .clang_macro_fallback()
            .clang_macro_fallback_build_dir(out)
            .derive_default(true)
            .parse_callbacks(Box::new(Integers))
            .generate_comments(false)
            .layout_tests(true)
            .disable_header_comment()
            .formatter(bindgen::Formatter::None);
        for name in VARIABLES {
            builder = builder.allowlist_var(name);
        }
        for name in TYPES {
            builder = builder.allowlist_type(name);
        }
        if !include.is_empty() {
            // Chosen headers give the same text on every machine.
            builder = builder.clang_args(["--target=x86_64-unknown-linux-gnu", "-nostdinc"]);
            for dir in include {
                builder = builder.clang_arg(format!("-isystem{}", dir.display()));
            }
        }
        match builder.generate() {
            Ok(bindings) => bindings.to_string(),
            Err(error) => panic!(
                "bindgen: {error}\nThe headers come from {include:?} (empty: this machine's, Debian package linux-libc-dev)"
            ),
        }
    }

    /// "7.2.13", from the `linux/version.h` that lies beside `linux/bpf.h`; "unknown" without one.
    fn header_version(include: &[PathBuf]) -> String {
        let default = [PathBuf::from("/usr/include")];
        let dirs = if include.is_empty() {
            &default
        } else {
            include
        };
        let dir = dirs.iter().find(|dir| dir.join("linux/bpf.h").is_file());
        let text = dir.and_then(|dir| fs::read_to_string(dir.join("linux/version.h")).ok());
        let number = text.and_then(|text| {
            let mut lines = text.lines();
            lines.find_map(|line| {
                line.strip_prefix("#define LINUX_VERSION_CODE ")?
                    .trim()
                    .parse::<u32>()
                    .ok()
            })
        });
        number.map_or_else(
            || "unknown".to_owned(),
            |number| {
                format!(
                    "{}.{}.{}",
                    number >> 16,
                    (number >> 8) & 0xff,
                    number & 0xff
                )
            },
        )
    }

    /// Keeps the data of bindgen's output and leaves its functions out: accessors of bit fields and `Default` of unions are made with `unsafe`.
    fn tidy(source: &str, headers: &str, version: &str) -> String {
        let mut file = syn::parse_file(source).expect("bindgen writes Rust");
        let mut types = Types::default();
        let mut constants = HashSet::new();
        file.items.retain(|item| match item {
            Item::Struct(item) => !matches!(
                item.ident.to_string().as_str(),
                "__BindgenBitfieldUnit" | "__IncompleteArrayField"
            ),
            Item::Impl(item) => !item
                .items
                .iter()
                .any(|item| matches!(item, ImplItem::Fn(_))),
            // A constant of an enum may have a macro of the same name.
            Item::Const(item) => item.ident == "_" || constants.insert(item.ident.to_string()),
            // bindgen numbers the nameless enums; their constants are plain integers here.
            Item::Type(item) if item.ident.to_string().starts_with("_bindgen_ty_") => {
                types
                    .nameless
                    .insert(item.ident.to_string(), (*item.ty).clone());
                false
            }
            _ => true,
        });
        types.visit_file_mut(&mut file);

        for item in &mut file.items {
            if let Item::Const(item) = item
                && item.ident.to_string().starts_with(OTHER_IOCTL)
            {
                item.attrs.push(parse_quote! {
                    #[cfg(not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64")))]
                });
            }
        }
        format!(
            "// Made by `cargo xtask bindings`. Do not edit.\n\
             //\n\
             // Headers: {headers}\n\
             //\n\
             // The facts in this file (names, numbers, layouts) come from kernel headers under GPL-2.0 WITH Linux-syscall-note.\n\
             \n\
             use super::*;\n\
             \n\
             /// The version of Linux whose headers these bindings were made from; `unknown` where they do not tell.\n\
             pub const UAPI_VERSION: &str = {version:?};\n\
             {}",
            prettyplease::unparse(&file)
        )
    }

    /// Writes the types of C as the types of Rust that they are on every target, and the helpers of bindgen as what they hold.
    #[derive(Default)]
    struct Types {
        nameless: HashMap<String, Type>,
    }

    impl VisitMut for Types {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            syn::visit_mut::visit_type_mut(self, ty);
            let Type::Path(path) = &*ty else { return };
            let Some(last) = path.path.segments.last() else {
                return;
            };
            let argument = match &last.arguments {
                PathArguments::AngleBracketed(list) => list.args.first(),
                _ => None,
            };
            *ty = match (last.ident.to_string().as_str(), argument) {
                ("c_char" | "c_uchar" | "__u8", _) => parse_quote!(u8),
                ("c_schar" | "__s8", _) => parse_quote!(i8),
                ("c_ushort" | "__u16", _) => parse_quote!(u16),
                ("c_short" | "__s16", _) => parse_quote!(i16),
                ("c_uint" | "__u32", _) => parse_quote!(u32),
                ("c_int" | "__s32", _) => parse_quote!(i32),
                ("c_ulonglong" | "__u64", _) => parse_quote!(u64),
                ("c_longlong" | "__s64", _) => parse_quote!(i64),
                ("c_void", _) => parse_quote!(::core::ffi::c_void),
                ("__BindgenBitfieldUnit", Some(bytes)) => parse_quote!(#bytes),
                ("__IncompleteArrayField", Some(element)) => parse_quote!([#element; 0]),
                (name, _) => match self.nameless.get(name) {
                    Some(plain) => {
                        let mut plain = plain.clone();
                        self.visit_type_mut(&mut plain);
                        plain
                    }
                    None => return,
                },
            };
        }
    }
}
