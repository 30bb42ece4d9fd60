//! A user's sources through `cargo xtask build`.

use std::fs;

use crate::tree::{Tree, answer};

const PROGRAM: &str = "#include \"bpf_helpers.h\"\n#include \"size.h\"\n\
    SEC(\"xdp\") int f(struct xdp_md *frame)\n{\n\treturn SIZE ? XDP_PASS : XDP_DROP;\n}\n\
    char _license[] SEC(\"license\") = \"GPL\";\n";

/// A source in a subdirectory, with a header beside it; both have blanks in their names.
fn project(name: &str) -> Option<Tree> {
    let tree = Tree::with_clang(name)?;
    tree.write("src/my programs/one two.bpf.c", PROGRAM);
    tree.write("src/my programs/size.h", "#define SIZE 1\n");
    Some(tree)
}

const OBJECT: &str = "src/my programs/one two.bpf.o";

#[test]
fn what_has_not_changed_is_left_alone() {
    let Some(tree) = project("unchanged") else {
        return;
    };
    tree.build(&["src"]).built(1, 0);
    let made = fs::metadata(tree.dir.join(OBJECT))
        .unwrap()
        .modified()
        .unwrap();
    tree.build(&["src"]).built(0, 1);
    let now = fs::metadata(tree.dir.join(OBJECT))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(made, now);
    tree.build(&["src", "--force"]).built(1, 0);
    // Touched, but the same.
    tree.write("src/my programs/size.h", "#define SIZE 1\n");
    tree.build(&["src"]).built(0, 1);
    assert!(!tree.has("src/my programs/one two.bpf.o.part"));
    assert!(!tree.has("src/my programs/one two.bpf.o.part.d"));
}

#[test]
fn a_changed_source_or_header_is_compiled() {
    let Some(tree) = project("header") else {
        return;
    };
    tree.write("src/other.bpf.c", "int other;\n");
    tree.build(&["src"]).built(2, 0);
    let before = tree.read(OBJECT);
    tree.write("src/my programs/size.h", "#define SIZE 0\n");
    tree.build(&["src"]).built(1, 1);
    assert_ne!(tree.read(OBJECT), before);
    tree.write("src/other.bpf.c", "int another;\n");
    tree.build(&["src"]).built(1, 1);
    fs::remove_file(tree.dir.join("src/my programs/size.h")).unwrap();
    tree.build(&["src"]).failed("'size.h' file not found");
}

#[test]
fn other_flags_make_another_object() {
    let Some(tree) = project("flags") else {
        return;
    };
    tree.write("src/my programs/size.h", "");
    tree.write("first/size.h", "#define WIDE 1\n");
    tree.build(&["src", "-DSIZE=1"]).built(1, 0);
    tree.build(&["src", "-DSIZE=1"]).built(0, 1);
    tree.build(&["src", "--define", "SIZE=0"]).built(1, 0);
    tree.build(&["src", "-DSIZE=0", "-I", "first"]).built(1, 0);
}

#[test]
fn an_object_that_is_gone_or_another_is_made_again() {
    let Some(tree) = project("object") else {
        return;
    };
    tree.build(&["src"]).built(1, 0);
    let made = tree.read(OBJECT);
    fs::remove_file(tree.dir.join(OBJECT)).unwrap();
    tree.build(&["src"]).built(1, 0);
    tree.write(OBJECT, "not an object");
    tree.build(&["src"]).built(1, 0);
    assert_eq!(tree.read(OBJECT), made);
}

#[cfg(unix)]
#[test]
fn another_compiler_makes_another_object() {
    use std::os::unix::fs::PermissionsExt;

    let Some(tree) = project("compiler") else {
        return;
    };
    tree.build(&["src"]).built(1, 0);
    let clang = the_clang(&tree);
    let other = tree.dir.join("other-clang");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'Other clang version 99.1.0'; else exec '{clang}' \"$@\"; fi\n"
    );
    fs::write(&other, script).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    let run = || {
        answer(
            tree.command(&["src"])
                .env("CLANG", &other)
                .output()
                .unwrap(),
        )
    };
    let first = run();
    first.built(1, 0);
    assert!(first.text.contains("clang 99"), "{}", first.text);
    run().built(0, 1);
}

/// The clang that was used, as the shell finds it.
#[cfg(unix)]
fn the_clang(tree: &Tree) -> String {
    let text = tree.build(&["src"]).text;
    let version = text.rsplit("clang ").next().unwrap().trim().to_owned();
    std::env::var("CLANG").unwrap_or_else(|_| {
        let numbered = format!("clang-{version}");
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .any(|dir| dir.join(&numbered).exists());
        if found { numbered } else { "clang".to_owned() }
    })
}

#[test]
fn both_orders_of_bytes() {
    let Some(tree) = project("endian") else {
        return;
    };
    tree.write("src/big.bpf.c", "// build: bpfeb\nint big;\n");
    tree.build(&["src", "--target", "both", "--out", "made/here"])
        .built(4, 0);
    for (object, data) in [
        ("made/here/my programs/one two.bpf.o", 1),
        ("made/here/my programs/one two.eb.bpf.o", 2),
        ("made/here/big.bpf.o", 1),
        ("made/here/big.eb.bpf.o", 2),
    ] {
        assert_eq!(tree.read(object).get(5), Some(&data), "{object}");
    }
    assert!(!tree.has(OBJECT));
    // A source may ask for both itself.
    tree.build(&["src"]).built(3, 0);
    assert!(tree.has("src/big.eb.bpf.o"));
    tree.build(&["src", "--target=eb"]).built(1, 1);
}

#[test]
fn an_object_has_btf_and_of_dwarf_what_is_wanted() {
    let Some(tree) = project("sections") else {
        return;
    };
    let has = |name: &str| {
        let object = tree.read(OBJECT);
        object
            .windows(name.len())
            .any(|window| window == name.as_bytes())
    };
    let answer = tree.build(&["src"]);
    answer.built(1, 0);
    assert!(has(".BTF"));
    assert_eq!(has(".debug_info"), answer.text.contains("no llvm-strip"));
    tree.build(&["src", "--keep-dwarf"]);
    assert!(has(".BTF") && has(".debug_info"));
    // Names of directories stay out.
    let dir = tree.dir.to_str().unwrap();
    tree.build(&["src"]);
    assert!(!has(dir));
}

#[test]
fn errors_are_shown_as_they_are_and_the_rest_is_built() {
    let Some(tree) = project("broken") else {
        return;
    };
    tree.write(
        "src/broken.bpf.c",
        "int ok;\nint broken(void) { return nothing; }\n",
    );
    tree.write("src/warns.bpf.c", "static int unused;\n");
    let answer = tree.build(&["src"]);
    answer.failed("src/broken.bpf.c:2:27: error: ");
    answer.failed("use of undeclared identifier 'nothing'");
    answer.failed("src/warns.bpf.c:1:12: warning: ");
    answer.failed("3 objects: 2 built, 0 up to date;");
    answer.failed("error: 1 could not be made:\n  src/broken.bpf.o\n");
    assert!(tree.has(OBJECT) && !tree.has("src/broken.bpf.o"));
    // It is tried again, and nothing else is.
    tree.build(&["src"])
        .failed("3 objects: 0 built, 2 up to date;");
    tree.write("src/broken.bpf.c", "int ok;\n");
    tree.build(&["src"]).built(1, 2);
}

#[test]
fn files_may_be_named() {
    let Some(tree) = project("named") else {
        return;
    };
    tree.write("plain.c", "int plain;\n");
    tree.write("-odd.bpf.c", "int odd;\n");
    tree.write(".hidden/no.bpf.c", "int no;\n");
    tree.write("cache/CACHEDIR.TAG", "");
    tree.write("cache/no.bpf.c", "int no;\n");
    tree.build(&["plain.c", "src", "src/my programs/one two.bpf.c"])
        .built(2, 0);
    assert!(tree.has("plain.o"));
    tree.build(&["."]).built(2, 0);
    assert!(tree.has("-odd.bpf.o"));
    tree.build(&["nowhere"])
        .failed("there is no file and no directory nowhere");
    tree.write("empty/x.c", "");
    tree.build(&["empty"])
        .failed("there is no *.bpf.c below empty");
    tree.write("again/plain.c", "int plain;\n");
    tree.build(&["plain.c", "again/plain.c", "--out", "o"])
        .failed("plain.c and again/plain.c would both be compiled into o/plain.o");
    tree.write("wrong.bpf.c", "// build: bigendian\n");
    tree.build(&["wrong.bpf.c"])
        .failed("wrong.bpf.c: `// build:` knows bpfeb");
}

#[test]
fn registers_are_those_of_the_machine_that_is_said() {
    let Some(tree) = Tree::with_clang("arch") else {
        return;
    };
    let program = "#include \"bpf_helpers.h\"\nSEC(\"kprobe/f\") int BPF_KPROBE(f, long a, long b)\n{\n\treturn a + b;\n}\n";
    tree.write("p.bpf.c", program);
    let object = |arch| {
        tree.build(&["p.bpf.c", "--arch", arch]).built(1, 0);
        tree.read("p.bpf.o")
    };
    assert_ne!(object("x86"), object("arm64"));
    tree.build(&["p.bpf.c", "-D__TARGET_ARCH_riscv"])
        .built(1, 0);
    tree.build(&["p.bpf.c", "--target", "eb"]).built(1, 0);
    tree.build(&["p.bpf.c", "--arch", "vax"])
        .failed("--arch knows x86, arm64, riscv and s390, not `vax`");
}

#[test]
fn a_clang_that_is_not_there_is_said() {
    let tree = Tree::new("no clang");
    tree.write("x.bpf.c", "int x;\n");
    let run = |variable: &str, value: &str| {
        answer(
            tree.command(&["x.bpf.c"])
                .env_remove("CLANG")
                .env(variable, value)
                .output()
                .unwrap(),
        )
    };
    let named = run("CLANG", "/nonexistent/clang");
    named.failed("CLANG is `/nonexistent/clang`, which is no clang that runs; install it with");
    named.failed("clang llvm");
    // Where no package manager is known either, each is named.
    let nothing = run("PATH", "/nonexistent");
    nothing.failed("no clang was found in PATH; install it with");
    for command in [
        "apt-get install clang llvm",
        "dnf install clang llvm",
        "apk add clang llvm",
        "pacman -S clang llvm",
        "brew install llvm",
    ] {
        nothing.failed(command);
    }
}
