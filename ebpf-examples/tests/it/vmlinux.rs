//! `bpfobj vmlinux`: what clang makes of the header lies where BTF says.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use ebpf_core::btf::{Btf, Type};
use ebpf_examples::bpfobj::{KERNEL, types_of};

/// The clang that `$CLANG` names, or one in PATH; `None`, said aloud, where there is none.
fn clang() -> Option<PathBuf> {
    let numbered = (13..40).rev().map(|version| format!("clang-{version}"));
    let names: Vec<String> = numbered.chain(["clang".to_owned()]).collect();
    let found = env::var_os("CLANG").map(PathBuf::from).or_else(|| {
        let path = env::var_os("PATH")?;
        let dirs: Vec<PathBuf> = env::split_paths(&path).collect();
        names
            .iter()
            .flat_map(|name| dirs.iter().map(move |dir| dir.join(name)))
            .find(|file| file.is_file())
    });
    if found.is_none() {
        ebpf_testbed::skip("no clang is installed");
    }
    found
}

/// Assertions about every structure and union with a name: its size, and where its members are.
fn assertions(types: &Btf) -> String {
    let mut text = String::new();
    // A second one of a name is called otherwise in C.
    let mut seen = HashSet::new();
    for ty in (1..types.type_count()).filter_map(|id| types.by_id(id.into())) {
        let word = match ty.get() {
            Type::Struct(_) => "struct",
            Type::Union(_) => "union",
            Type::Enum(_) => {
                seen.insert(ty.name());
                continue;
            }
            _ => continue,
        };
        let name = ty.name();
        if name.is_empty() || !seen.insert(name) {
            continue;
        }
        let size = types.size_of(ty.id()).expect("a size");
        writeln!(
            text,
            "_Static_assert(sizeof({word} {name}) == {size}, \"{name}\");"
        )
        .expect("memory");
        for field in types.fields(ty.id()).expect("fields") {
            if field.bits.is_none() {
                let (member, at) = (field.name, field.offset);
                writeln!(
                    text,
                    "_Static_assert(__builtin_offsetof({word} {name}, {member}) == {at}, \"{name}.{member}\");"
                )
                .expect("memory");
            }
        }
    }
    text
}

/// Compiles the header of `types` with `more` behind it, as every clang that is at hand.
fn compile(test: &str, clang: &Path, header: &str, more: &str) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("vmlinux-{test}"));
    fs::create_dir_all(&dir).expect("a directory");
    fs::write(dir.join("vmlinux.h"), header).expect("a header");
    let source = format!("#include \"vmlinux.h\"\n{more}");
    fs::write(dir.join("source.c"), source).expect("a source");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let output = Command::new(clang)
        .args([
            "--target=bpfel",
            "-O2",
            "-g",
            "-Wall",
            "-Werror",
            "-c",
            "source.c",
            "-o",
            "source.o",
        ])
        .arg("-I")
        .arg(include)
        .current_dir(&dir)
        .output()
        .expect("clang");
    let errors = String::from_utf8_lossy(&output.stderr);
    let first: Vec<&str> = errors.lines().take(40).collect();
    assert!(output.status.success(), "{}", first.join("\n"));
}

fn bpfobj(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bpfobj"))
        .arg("vmlinux")
        .args(arguments)
        .output()
        .expect("bpfobj");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8(text).expect("text"),
    )
}

#[test]
fn an_object_s_types_are_where_they_were() {
    let Some(clang) = clang() else { return };
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ebpf-core/testdata");
    for name in ["btf/kinds", "object/calls", "object/data"] {
        let file = testdata.join(format!("{name}.bpf.o"));
        let (good, header) = bpfobj(&[file.to_str().expect("text")]);
        assert!(good, "{header}");
        let types = types_of(&file, None).expect("types");
        compile(
            &name.replace('/', "-"),
            &clang,
            &header,
            &assertions(&types),
        );
    }
}

#[test]
fn the_kernel_s_types_are_where_they_are() {
    let Some(clang) = clang() else { return };
    if !Path::new(KERNEL).is_file() {
        return ebpf_testbed::skip("this kernel has no BTF");
    }
    let (good, header) = bpfobj(&[]);
    assert!(good, "{header}");
    let types = types_of(Path::new(KERNEL), None).expect("types");
    let assertions = assertions(&types);
    assert!(assertions.lines().count() > 10_000);
    compile("kernel", &clang, &header, &assertions);
    // And it is what programs need, with the header for authors behind it.
    let program = "#include \"bpf_helpers.h\"\n#include \"bpf_core_read.h\"\n#include \"bpf_packet.h\"\n\
        SEC(\"raw_tp/sched_switch\") int BPF_PROG(f, bool preempt, struct task_struct *from, struct task_struct *to)\n\
        {\n\treturn BPF_CORE_READ(to, mm, exe_file, f_inode, i_ino) + bpf_core_field_exists(to->pid) + bpf_htons(ETH_P_IP);\n}\n\
        char _license[] SEC(\"license\") = \"Dual MIT/GPL\";\n";
    compile("program", &clang, &header, program);
}

#[test]
fn what_has_no_types_is_said() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ebpf-core/testdata");
    let plain = testdata.join("object/goebpf_maps.bpf.o");
    let (good, text) = bpfobj(&[plain.to_str().expect("text")]);
    assert!(
        !good && text.contains("has no BTF: it was compiled without -g"),
        "{text}"
    );
    let (good, text) = bpfobj(&["/nonexistent"]);
    assert!(!good && text.contains("read /nonexistent"), "{text}");
    let (good, text) = bpfobj(&[env!("CARGO_MANIFEST_PATH")]);
    assert!(!good && text.contains("this is no BTF"), "{text}");
}
