//! What a machine is given: the test programs as cargo builds them for this one, with everything they open or run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::cpio::Tree;
use super::kernels::Kernel;
use crate::process::{cargo, command, output};
use crate::tools::in_path;
use crate::{root, target, test};

/// The packages whose tests run, and their directories.
const PACKAGES: &[(&str, &str)] = &[
    ("ebpf-core", "ebpf-core"),
    ("ebpf-testbed", "ebpf-core/testbed"),
    ("ebpf-examples", "ebpf-examples"),
];

/// Packages whose unit tests run too. Those of the others ask nothing of a kernel.
const UNIT_TESTS: &[&str] = &["ebpf-testbed"];

/// Parts of test programs that ask nothing of a kernel.
const PORTABLE: &[&str] = &["object_golden::", "object_mutations::"];

/// The programs of this machine that tests may start besides their own.
const TOOLS: &[&str] = &["sh", "true", "sleep", "cat"];

/// The variable that tells tests that the machine is theirs.
const VARIABLES: &[(&str, &str)] = &[
    ("EBPF_VM", "1"),
    ("EBPF_TEST_REQUIRE", "kernel"),
    ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
    ("HOME", "/root"),
];

/// How long one program may take, in seconds.
pub(crate) const LIMIT: u64 = 900;

/// A test program.
pub(crate) struct Program {
    /// Of which package, and which of its test programs: `ebpf-core it`.
    pub(crate) name: String,
    file: PathBuf,
    directory: PathBuf,
    arguments: Vec<String>,
    /// The tests that are to run.
    pub(crate) tests: Vec<String>,
}

pub(crate) struct Payload {
    pub(crate) programs: Vec<Program>,
    /// The archive of everything but modules and plan.
    pub(crate) archive: Vec<u8>,
}

/// Builds and packs the tests of `packages` (of all if there are none) whose names contain one of `filters`.
pub(crate) fn build(packages: &[String], filters: &[String]) -> Result<Payload> {
    for package in packages {
        if !PACKAGES.iter().any(|(name, _)| name == package) {
            let names: Vec<_> = PACKAGES.iter().map(|(name, _)| *name).collect();
            bail!(
                "no tests of package {package} run in a machine; those of {} do",
                names.join(", ")
            );
        }
    }
    let mut tests = cargo(["test", "--no-run"]);
    test::select(&mut tests, packages);
    let built = artifacts(tests)?;
    let init = artifacts(cargo(["build", "--package", "vm-init"]))?;
    let init = init.first().context("cargo built no vm-init")?;

    let mut tree = Tree::default();
    for directory in ["/tmp", "/root", "/mnt", "/vm/modules"] {
        tree.directory(directory);
    }
    tree.console();
    tree.file(
        "/etc/passwd",
        *b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
        0o644,
    );
    tree.file("/etc/group", *b"root:x:0:\nnogroup:x:65534:\n", 0o644);
    tree.file("/init", stripped(&init.file)?, 0o755);
    add_libraries(&mut tree, &init.file)?;
    for tool in TOOLS.iter().filter_map(|name| in_path(name)) {
        tree.host_file(&tool, None)?;
        add_libraries(&mut tree, &tool)?;
    }
    for (_, directory) in PACKAGES {
        tree.host_directory(&root().join(directory), &["target", "src", "fuzz"])?;
    }

    let mut programs = Vec::new();
    for artifact in built {
        let Some((package, _)) = PACKAGES
            .iter()
            .find(|(_, directory)| artifact.package == root().join(directory))
        else {
            continue;
        };
        let wanted = artifact.kind == "test" || artifact.unit_test && UNIT_TESTS.contains(package);
        if wanted {
            let program = Program::new(package, &artifact, filters)?;
            if program.tests.is_empty() {
                continue;
            }
            programs.push(program);
        } else if artifact.unit_test {
            continue;
        }
        tree.host_file(&artifact.file, Some(stripped(&artifact.file)?))?;
        add_libraries(&mut tree, &artifact.file)?;
    }
    if programs.is_empty() {
        bail!("no test is called that");
    }
    Ok(Payload {
        programs,
        archive: tree.archive(),
    })
}

impl Program {
    fn new(package: &str, artifact: &Artifact, filters: &[String]) -> Result<Self> {
        let mut arguments = filters.to_vec();
        for name in PORTABLE {
            arguments.extend(["--skip".to_owned(), (*name).to_owned()]);
        }
        let list = output(
            command(&artifact.file)
                .args(&arguments)
                .args(["--list", "--format", "terse"])
                .current_dir(&artifact.package),
        )?;
        let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
        Ok(Self {
            name: format!("{package} {}", artifact.name),
            file: artifact.file.clone(),
            directory: artifact.package.clone(),
            tests: tests.map(str::to_owned).collect(),
            arguments,
        })
    }
}

/// The archive of what differs from kernel to kernel: its modules, its configuration, and the plan, whose lines `vm-init` explains.
pub(crate) fn kernel_archive(programs: &[Program], kernel: &Kernel) -> Result<Vec<u8>> {
    let mut tree = Tree::default();
    let read = |file: &Path| fs::read(file).with_context(|| format!("read {}", file.display()));
    let config = format!("/boot/config-{}", kernel.release);
    tree.file(config, read(&kernel.config)?, 0o644);
    let mut plan = format!("limit\t{LIMIT}\n");
    for module in &kernel.modules {
        let name = module.file_name().unwrap_or_default();
        let path = Path::new("/vm/modules").join(name);
        plan += &format!("module\t{}\n", path.display());
        tree.file(path, read(module)?, 0o644);
    }
    for (name, value) in VARIABLES {
        plan += &format!("env\t{name}\t{value}\n");
    }
    for program in programs {
        let mut words = vec![
            "run".to_owned(),
            program.directory.display().to_string(),
            program.file.display().to_string(),
        ];
        words.extend(program.arguments.iter().cloned());
        plan += &(words.join("\t") + "\n");
    }
    tree.file("/vm/plan", plan, 0o644);
    Ok(tree.archive())
}

/// A program that cargo has built.
struct Artifact {
    /// The directory of its package.
    package: PathBuf,
    name: String,
    /// `bin`, `test`, `lib`, …
    kind: String,
    /// Whether it is a program of tests that are not of kind `test`.
    unit_test: bool,
    file: PathBuf,
}

fn artifacts(mut cargo: std::process::Command) -> Result<Vec<Artifact>> {
    cargo
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    let messages = output(&mut cargo)?;
    let mut artifacts = Vec::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).context("read what cargo says")?;
        let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
        let (Some("compiler-artifact"), Some(file), Some(manifest), Some(name), Some(kind)) = (
            text("/reason"),
            text("/executable"),
            text("/manifest_path"),
            text("/target/name"),
            text("/target/kind/0"),
        ) else {
            continue;
        };
        let is_test = message.pointer("/profile/test") == Some(&Value::Bool(true));
        artifacts.push(Artifact {
            package: Path::new(manifest)
                .parent()
                .unwrap_or(Path::new("/"))
                .to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            unit_test: is_test && kind != "test",
            file: file.into(),
        });
    }
    Ok(artifacts)
}

/// The program without what only a debugger reads, a fourth of the size; where there is no `strip`, as it is.
fn stripped(program: &Path) -> Result<Vec<u8>> {
    let copy = target().join("vm/stripped");
    let strip = in_path("strip").is_some()
        && output(
            command("strip")
                .arg("--strip-debug")
                .arg("-o")
                .arg(&copy)
                .arg(program),
        )
        .is_ok();
    let file = if strip { &copy } else { program };
    fs::read(file).with_context(|| format!("read {}", file.display()))
}

/// Adds the shared libraries that `program` is linked with.
fn add_libraries(tree: &mut Tree, program: &Path) -> Result<()> {
    let list = output(command("ldd").arg(program))?;
    for line in list.lines() {
        // "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)", "/lib64/ld-linux-x86-64.so.2 (0x…)", "linux-vdso.so.1 (0x…)".
        let file = line.split_whitespace().find(|word| word.starts_with('/'));
        if let Some(file) = file {
            tree.host_file(Path::new(file), None)?;
        }
    }
    Ok(())
}

#[cfg(test)]
impl Program {
    /// A program with tests of these names.
    pub(crate) fn for_test(name: &str, tests: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            file: PathBuf::new(),
            directory: PathBuf::new(),
            arguments: Vec::new(),
            tests: tests.iter().map(|&test| test.to_owned()).collect(),
        }
    }
}
