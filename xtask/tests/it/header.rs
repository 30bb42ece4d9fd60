//! The C header for authors: alone, beside other headers, and against the bindings.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tree::Tree;

/// A warning is an error, and the system's headers are not looked for.
const STRICT: &str = "// build: -Werror -Wextra -Wno-unused-parameter -nostdlibinc";

/// Uses the most of it that the parts have in common with libbpf's and the kernel's headers.
const COMMON: &str = include_str!("programs/common.inc");

#[test]
fn it_needs_nothing_else() {
    let Some(tree) = Tree::with_clang("alone") else {
        return;
    };
    let parts = [
        "bpf_helpers.h",
        "bpf_endian.h",
        "bpf_packet.h",
        "bpf_tracing.h",
        "bpf_core_read.h",
    ];
    for part in parts {
        tree.write(
            &format!("{part}.bpf.c"),
            &format!("{STRICT}\n#include \"{part}\"\n"),
        );
    }
    for (number, standard) in ["c11", "gnu11", "gnu17", "gnu2x"].iter().enumerate() {
        let all = include_str!("programs/all.inc");
        tree.write(
            &format!("all{number}.bpf.c"),
            &format!("{STRICT} -std={standard}\n#include \"bpf_packet.h\"\n{all}"),
        );
    }
    tree.write(
        "goebpf.bpf.c",
        &format!("{STRICT} no-debug\n{}", include_str!("programs/goebpf.inc")),
    );
    tree.build(&[".", "--target", "both"]).built(20, 0);
}

#[test]
fn probes_compile_for_every_machine() {
    let Some(tree) = Tree::with_clang("probes") else {
        return;
    };
    let probes = include_str!("programs/probes.inc");
    tree.write("probes.bpf.c", &format!("{STRICT}\n{probes}"));
    for arch in ["x86", "arm64", "riscv", "s390"] {
        tree.build(&["probes.bpf.c", "--arch", arch]).built(1, 0);
    }
    tree.write(
        "nobody.bpf.c",
        "// build: -U__TARGET_ARCH_x86 -U__TARGET_ARCH_arm64 -D__TARGET_ARCH_none\n#include \"bpf_helpers.h\"\nint f(void *ctx) { return PT_REGS_RC(ctx); }\n",
    );
    tree.build(&["nobody.bpf.c"])
        .failed("whose registers? say -D__TARGET_ARCH_x86, _arm64, _riscv or _s390");
}

/// Sizes and offsets of every structure, as bindgen found them in the kernel's headers.
#[test]
fn structures_are_laid_out_as_in_the_bindings() {
    let Some(tree) = Tree::with_clang("layout") else {
        return;
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |file: &str| std::fs::read_to_string(workspace.join(file)).unwrap();
    let header = read("ebpf-examples/include/ebpf/linux_bpf.h");
    let named: BTreeSet<&str> = header
        .lines()
        .filter_map(|line| line.strip_suffix(" {"))
        .filter(|line| line.starts_with("struct ") || line.starts_with("union "))
        .collect();
    let declaration = |name: &str| {
        ["struct", "union"]
            .map(|kind| format!("{kind} {name}"))
            .into_iter()
            .find(|declaration| named.contains(declaration.as_str()))
    };
    let bindings = read("ebpf-sys/src/bindings.rs");
    let number = |rest: &str| {
        let (_, number) = rest.split(';').next()?.rsplit_once(" - ")?;
        Some(
            number
                .trim_end_matches(|c: char| !c.is_ascii_digit())
                .to_owned(),
        )
    };
    let mut source = format!("{STRICT}\n#include \"bpf_helpers.h\"\n");
    let mut sizes = 0;
    for piece in bindings.split("\"Size of ").skip(1) {
        let (name, rest) = piece.split_once('"').unwrap();
        if let (Some(declaration), Some(size)) = (declaration(name), number(rest)) {
            writeln!(
                source,
                "_Static_assert(sizeof({declaration}) == {size}, \"{name}\");"
            )
            .unwrap();
            sizes += 1;
        }
    }
    assert!(sizes > 50, "{sizes} structures of {}", named.len());
    for piece in bindings.split("\"Offset of field: ").skip(1) {
        let (place, rest) = piece.split_once('"').unwrap();
        let (name, field) = place.split_once("::").unwrap();
        // Members without a name, and words of C that are words of Rust too, bindgen calls otherwise.
        let field = field.trim_end_matches('_');
        let made_up = field.contains("bindgen") || field.contains("bitfield");
        if let (Some(declaration), Some(offset), false) = (declaration(name), number(rest), made_up)
        {
            writeln!(
                source,
                "_Static_assert(offsetof({declaration}, {field}) == {offset}, \"{place}\");"
            )
            .unwrap();
        }
    }
    tree.write("layout.bpf.c", &source);
    tree.build(&["layout.bpf.c", "--target", "both"])
        .built(2, 0);
}

/// The kernel's headers and libbpf's, which the crate libbpf-sys carries.
#[test]
fn it_stands_beside_libbpf_in_any_order() {
    let Some(tree) = Tree::with_clang("beside libbpf") else {
        return;
    };
    let (Some(libbpf), true) = (libbpf(), Path::new("/usr/include/linux/types.h").is_file()) else {
        return ebpf_testbed::skip(
            "the crate libbpf-sys or the kernel's headers are not on this machine",
        );
    };
    std::fs::create_dir_all(tree.dir.join("lib")).unwrap();
    std::os::unix::fs::symlink(libbpf.join("src"), tree.dir.join("lib/bpf")).unwrap();
    let uapi = libbpf.join("include/uapi");
    let headers = [
        "\"bpf_helpers.h\"",
        "\"bpf_tracing.h\"",
        "\"bpf_core_read.h\"",
        "\"bpf_packet.h\"",
        "<linux/bpf.h>",
        "<bpf/bpf_helpers.h>",
        "<bpf/bpf_endian.h>",
        "<bpf/bpf_tracing.h>",
        "<bpf/bpf_core_read.h>",
    ];
    let mut orders = vec![headers[..4].to_vec(), headers.to_vec()];
    for first in &headers[..5] {
        for second in &headers {
            // libbpf's want types before them.
            let untyped = *first == "\"bpf_packet.h\"" && second.starts_with("<bpf/");
            if first != second && !untyped {
                orders.push(vec![first, second]);
            }
        }
    }
    let theirs_first = headers[4..].iter().chain(&headers[..4]);
    orders.push(theirs_first.copied().collect());
    for (number, order) in orders.iter().enumerate() {
        let includes: String = order
            .iter()
            .chain(&["\"bpf_helpers.h\"", "\"bpf_packet.h\""])
            .map(|header| format!("#include {header}\n"))
            .collect();
        tree.write(
            &format!("{number}.bpf.c"),
            &format!("// build: -Werror\n{includes}{COMMON}"),
        );
    }
    let answer = tree.build(&[
        ".",
        "-I",
        "lib",
        "-I",
        uapi.to_str().unwrap(),
        "--arch",
        "x86",
    ]);
    answer.built(orders.len(), 0);
}

#[test]
fn it_stands_beside_the_kernels_headers() {
    let Some(tree) = Tree::with_clang("beside linux") else {
        return;
    };
    if !Path::new("/usr/include/linux/types.h").is_file() {
        return ebpf_testbed::skip("the kernel's headers are not on this machine");
    }
    let theirs = [
        "types",
        "bpf",
        "if_ether",
        "ip",
        "ipv6",
        "in",
        "in6",
        "tcp",
        "udp",
        "icmpv6",
        "pkt_cls",
        "ptrace",
        "bpf_perf_event",
        "filter",
        "if_packet",
        "stddef",
    ];
    let ours =
        "#include \"bpf_helpers.h\"\n#include \"bpf_packet.h\"\n#include \"bpf_core_read.h\"\n";
    let include = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("#include <linux/{name}.h>\n"))
            .collect::<String>()
    };
    let mut count = 0;
    let mut write = |text: String| {
        tree.write(
            &format!("{count}.bpf.c"),
            &format!("// build: -Werror\n{text}{COMMON}"),
        );
        count += 1;
    };
    for one in theirs {
        write(format!("{}{ours}", include(&[one])));
        write(format!("{ours}{}", include(&[one])));
    }
    write(format!("{}{ours}", include(&theirs)));
    write(format!("{ours}{}", include(&theirs)));
    let mut backwards = theirs;
    backwards.reverse();
    write(format!("{}{ours}", include(&backwards)));
    write(format!("{ours}{}", include(&backwards)));
    tree.build(&[".", "--arch", "x86"]).built(count, 0);
}

/// The directory of libbpf in the crate libbpf-sys, if cargo has fetched it.
fn libbpf() -> Option<PathBuf> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&metadata.stdout).into_owned();
    let manifest = text
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|path| path.contains("/libbpf-sys-"))?;
    let dir = Path::new(manifest).parent()?.join("libbpf");
    dir.join("src/bpf_helpers.h").is_file().then_some(dir)
}
