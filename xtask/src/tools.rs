//! Finding clang, llvm-strip, libclang and qemu, and installing them in CI.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{command, output};

/// The version of clang that made the checked-in objects, preferred where several are installed.
pub(crate) const MADE_WITH: u32 = 19;

/// Whether this is a run of continuous integration.
pub(crate) fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// The package that [`qemu`] is in.
const QEMU: &str = "qemu-system-x86";

/// How to get it.
const QEMU_INSTALL: &str = "apt-get install --no-install-recommends qemu-system-x86";

/// A compiler for BPF.
pub(crate) struct Clang {
    pub(crate) program: PathBuf,
    /// The major version.
    pub(crate) version: u32,
    /// All that it says of itself.
    pub(crate) identity: String,
    /// The llvm-strip of the same version, or any.
    pub(crate) strip: Option<PathBuf>,
}

/// The clang that `$CLANG` names, else version `preferred`, else the newest installed.
pub(crate) fn clang(preferred: Option<u32>) -> Result<Clang> {
    let named = env::var_os("CLANG").map(PathBuf::from);
    let program = match &named {
        Some(program) => program.clone(),
        None => find("clang", preferred)
            .with_context(|| format!("no clang was found in PATH; {}", how_to_install()))?,
    };
    let identity = output(command(&program).arg("--version")).with_context(|| match named {
        Some(_) => format!(
            "CLANG is `{}`, which is no clang that runs; {}",
            program.display(),
            how_to_install()
        ),
        None => format!("{} does not run", program.display()),
    })?;
    let version = clang_version(&identity).with_context(|| {
        format!(
            "`{} --version` names no version of clang",
            program.display()
        )
    })?;
    let beside = || {
        [format!("/usr/lib/llvm-{version}/bin/llvm-strip").into()]
            .into_iter()
            .find(|file: &PathBuf| file.is_file())
    };
    let strip = env::var_os("LLVM_STRIP")
        .map(PathBuf::from)
        .or_else(|| in_path(&format!("llvm-strip-{version}")))
        .or_else(beside)
        .or_else(|| find("llvm-strip", None));
    Ok(Clang {
        program,
        version,
        identity,
        strip,
    })
}

/// How clang is installed: by the package manager that this machine has, or by each that is known.
pub(crate) fn how_to_install() -> String {
    let known = INSTALL
        .iter()
        .find(|(program, _)| in_path(program).is_some());
    let commands: Vec<String> = match known {
        Some((_, command)) => vec![format!("\n  {command}")],
        None => INSTALL
            .iter()
            .map(|(_, command)| format!("\n  {command}"))
            .collect(),
    };
    format!("install it with{}", commands.concat())
}

/// Package managers, and what they are told.
const INSTALL: [(&str, &str); 6] = [
    ("apt-get", "apt-get install clang llvm"),
    ("dnf", "dnf install clang llvm"),
    ("apk", "apk add clang llvm"),
    ("pacman", "pacman -S clang llvm"),
    ("zypper", "zypper install clang llvm"),
    // Apple's own cannot compile for BPF.
    ("brew", "brew install llvm"),
];

/// The directory of libclang, for `LIBCLANG_PATH`; `None` leaves the search to bindgen.
pub(crate) fn libclang() -> Option<PathBuf> {
    if let Some(dir) = env::var_os("LIBCLANG_PATH") {
        return Some(dir.into());
    }
    let has_library = |dir: &Path| {
        let names = dir
            .read_dir()
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.into_iter().any(|name| {
            name.starts_with("libclang")
                && !name.starts_with("libclang-cpp")
                && name.contains(".so")
        })
    };
    let dirs = Path::new("/usr/lib")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let version = |dir: &Path| {
        dir.file_name()?
            .to_str()?
            .strip_prefix("llvm-")?
            .parse::<u32>()
            .ok()
    };
    let mut found: Vec<(u32, PathBuf)> = dirs
        .filter_map(|dir| Some((version(&dir)?, dir.join("lib"))))
        .filter(|(_, dir)| has_library(dir))
        .collect();
    found.sort();
    found.pop().map(|(_, dir)| dir)
}

/// The emulator of `cargo xtask vm`.
pub(crate) fn qemu() -> Result<PathBuf> {
    in_path("qemu-system-x86_64").with_context(|| {
        format!("no qemu-system-x86_64 was found in PATH; install it with\n  {QEMU_INSTALL}")
    })
}

/// Installs with apt-get what [`clang`], [`libclang`] and [`qemu`] do not find.
pub(crate) fn install() -> Result<()> {
    let compiler =
        !clang(Some(MADE_WITH)).is_ok_and(|clang| clang.strip.is_some()) || libclang().is_none();
    let emulator = qemu().is_err();
    if !compiler && !emulator {
        return Ok(());
    }
    let commands = || {
        let compiler = compiler.then(|| install_command(MADE_WITH));
        let emulator = emulator.then(|| QEMU_INSTALL.to_owned());
        let commands = compiler.into_iter().chain(emulator);
        commands
            .map(|line| format!("\n  {line}"))
            .collect::<String>()
    };
    if in_path("apt-get").is_none() {
        bail!(
            "there is no apt-get to install what is missing with:{}",
            commands()
        );
    }
    if output(command("id").arg("-u"))?.trim() != "0" {
        bail!("only root can install what is missing:{}", commands());
    }
    output(command("apt-get").args(["update", "-qq"]))?;
    let mut missing = Vec::new();
    if compiler {
        missing.extend(packages(best_clang()?));
    }
    if emulator {
        missing.push(QEMU.to_owned());
    }
    eprintln!("installing {}", missing.join(", "));
    let mut install = command("apt-get");
    install
        .args(["install", "-qq", "-y", "--no-install-recommends"])
        .args(missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    output(&mut install).map(drop)
}

/// The version of clang to install: [`MADE_WITH`] where the package sources have it, else their newest.
fn best_clang() -> Result<u32> {
    let names = output(command("apt-cache").args(["search", "--names-only", "^clang-[0-9]+$"]))?;
    let mut versions: Vec<u32> = names
        .lines()
        .filter_map(|line| {
            line.split_whitespace()
                .next()?
                .strip_prefix("clang-")?
                .parse()
                .ok()
        })
        .collect();
    versions.sort_by_key(|version| (*version == MADE_WITH, *version));
    versions
        .pop()
        .context("the package sources have no package clang-N")
}

fn packages(version: u32) -> [String; 3] {
    [
        format!("clang-{version}"),
        format!("llvm-{version}"),
        format!("libclang1-{version}"),
    ]
}

fn install_command(version: u32) -> String {
    format!(
        "apt-get install --no-install-recommends {}",
        packages(version).join(" ")
    )
}

/// `NAME-PREFERRED`, else the newest `NAME-N`, else `NAME`.
fn find(name: &str, preferred: Option<u32>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut found = Vec::new();
    for entry in env::split_paths(&path)
        .filter_map(|dir| dir.read_dir().ok())
        .flatten()
        .flatten()
    {
        let file = entry.file_name();
        let version = file.to_str().and_then(|file| {
            file.strip_prefix(name)?
                .strip_prefix('-')?
                .parse::<u32>()
                .ok()
        });
        found.extend(version.map(|version| (Some(version) == preferred, version, entry.path())));
    }
    found.sort();
    found
        .pop()
        .map(|(_, _, file)| file)
        .or_else(|| in_path(name))
}

pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(&name))
        .find(|file| file.is_file())
}

/// 19, from "Debian clang version 19.1.7 (3~deb12u1)".
fn clang_version(text: &str) -> Option<u32> {
    let (_, rest) = text.lines().next()?.split_once("clang version ")?;
    rest.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_distributions_are_read() {
        assert_eq!(
            clang_version("Debian clang version 19.1.7 (3~deb12u1)\nTarget: x86_64"),
            Some(19)
        );
        assert_eq!(clang_version("clang version 21.1.0\n"), Some(21));
        assert_eq!(clang_version("gcc (Debian 12.2.0) 12.2.0"), None);
    }
}
