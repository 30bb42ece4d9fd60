//! Getting kernel headers: Debian's package `linux-libc-dev` in any version the mirror has, or those inside the crate `libbpf-sys`.
//!
//! Debian's are complete and as new as its newest kernel, but old versions leave the mirror. The crate's are older, and stay for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, command, output};
use crate::target;

/// Headers to bind, and what they call themselves in the file.
pub(crate) struct Headers {
    pub(crate) name: String,
    pub(crate) include: Vec<PathBuf>,
}

const PACKAGE: &str = "linux-libc-dev";
const DEBIAN: &str = "Debian linux-libc-dev ";

/// The newest headers that can be had.
pub(crate) fn newest() -> Result<Headers> {
    debian_newest().or_else(|error| {
        eprintln!("warning: no headers from Debian: {error:#}");
        libbpf_sys()
    })
}

/// The headers that call themselves `name`, if they can still be had.
pub(crate) fn named(name: &str) -> Result<Headers> {
    match name.strip_prefix(DEBIAN) {
        Some(version) => debian(version),
        None => libbpf_sys().and_then(|headers| {
            if headers.name != name {
                bail!("headers are {}, not {name}", headers.name);
            }
            Ok(headers)
        }),
    }
}

fn debian_newest() -> Result<Headers> {
    let apt = Apt::new()?;
    let policy = output(apt.command("apt-cache").args(["policy", PACKAGE]))?;
    let version = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))
        .context("apt-cache names no candidate")?;
    apt.unpack(version)
}

fn debian(version: &str) -> Result<Headers> {
    let dir = unpacked(version);
    if dir.is_dir() {
        Ok(headers_in(version, &dir))
    } else {
        Apt::new()?.unpack(version)
    }
}

fn unpacked(version: &str) -> PathBuf {
    target().join("headers").join(version)
}

fn headers_in(version: &str, dir: &Path) -> Headers {
    let include = dir.join("usr/include");
    // Types of the machine are the same wherever the bindings hold; x86-64's are taken.
    Headers {
        name: format!("{DEBIAN}{version}"),
        include: vec![include.clone(), include.join("x86_64-linux-gnu")],
    }
}

/// apt with sources and state of its own: it reads nothing of the machine's package database and changes nothing there.
struct Apt {
    dir: PathBuf,
}

impl Apt {
    fn new() -> Result<Self> {
        let apt = Self {
            dir: target().join("headers/apt"),
        };
        for dir in ["state/lists/partial", "cache/archives/partial"] {
            let dir = apt.dir.join(dir);
            fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
        }
        let mirror =
            host_mirror().context("this machine's package sources name no mirror of Debian")?;
        let signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
        let sources: String = ["sid", "testing"]
            .map(|suite| format!("deb {signed} {mirror} {suite} main\n"))
            .concat();
        apt.write("sources.list", &sources)?;
        let dir = apt.dir.display();
        apt.write(
            "apt.conf",
            &format!(
                "Dir::State \"{dir}/state\";\n\
                 Dir::State::status \"/dev/null\";\n\
                 Dir::Cache \"{dir}/cache\";\n\
                 Dir::Etc::sourcelist \"{dir}/sources.list\";\n\
                 Dir::Etc::sourceparts \"/dev/null\";\n\
                 Dir::Etc::preferencesparts \"/dev/null\";\n\
                 Acquire::Languages \"none\";\n\
                 Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n\
                 APT::Sandbox::User \"root\";\n\
                 APT::Architecture \"amd64\";\n"
            ),
        )?;
        output(apt.command("apt-get").args(["update", "-qq"]))?;
        Ok(apt)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let file = self.dir.join(name);
        fs::write(&file, text).with_context(|| format!("write {}", file.display()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = command(program);
        command
            .current_dir(&self.dir)
            .env("APT_CONFIG", self.dir.join("apt.conf"));
        command
    }

    fn unpack(&self, version: &str) -> Result<Headers> {
        let dir = unpacked(version);
        output(
            self.command("apt-get")
                .args(["download", "-qq", &format!("{PACKAGE}={version}")]),
        )?;
        let file = format!("{PACKAGE}_{}_all.deb", version.replace(':', "%3a"));
        let half = dir.with_extension("part");
        output(self.command("dpkg-deb").arg("-x").arg(&file).arg(&half))?;
        fs::rename(&half, &dir)
            .or_else(|error| if dir.is_dir() { Ok(()) } else { Err(error) })
            .with_context(|| format!("make {}", dir.display()))?;
        Ok(headers_in(version, &dir))
    }
}

/// The mirror of Debian that this machine's own package sources name.
fn host_mirror() -> Option<String> {
    let parts = Path::new("/etc/apt/sources.list.d")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    parts
        .chain([PathBuf::from("/etc/apt/sources.list")])
        .find_map(|file| debian_mirror(&fs::read_to_string(file).ok()?))
}

/// The first address in a `.sources` or `.list` file whose path is that of Debian's archive.
fn debian_mirror(text: &str) -> Option<String> {
    let lines = text
        .lines()
        .filter(|line| line.starts_with("URIs:") || line.starts_with("deb "));
    let mut words = lines.flat_map(str::split_whitespace);
    words
        .find(|word| word.contains("://") && word.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
}

/// The headers inside the crate that `Cargo.toml` pins; the few that it lacks are the machine's own.
fn libbpf_sys() -> Result<Headers> {
    let metadata = output(&mut cargo(["metadata", "--format-version", "1"]))?;
    let manifest = manifest_of(&metadata, "libbpf-sys")
        .context("`cargo metadata` does not know libbpf-sys")?;
    let dir = Path::new(manifest)
        .parent()
        .context("a manifest lies in a directory")?;
    let name = dir
        .file_name()
        .context("a package has a name")?
        .to_string_lossy()
        .into_owned();
    let machine = ["/usr/include", "/usr/include/x86_64-linux-gnu"].map(PathBuf::from);
    Ok(Headers {
        name,
        include: [dir.join("libbpf/include/uapi")]
            .into_iter()
            .chain(machine)
            .collect(),
    })
}

/// The path of a package's manifest, out of the JSON of `cargo metadata`.
fn manifest_of<'a>(metadata: &'a str, package: &str) -> Option<&'a str> {
    let needle = format!("/{package}-");
    metadata
        .split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|path| path.contains(&needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_found_in_both_formats() {
        let sources = "Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\n";
        assert_eq!(
            debian_mirror(sources).as_deref(),
            Some("http://a.example/debian")
        );
        let list = "# deb http://no.example/debian x main\ndeb [arch=amd64] https://b.example/pub/debian/ bookworm main\n";
        assert_eq!(
            debian_mirror(list).as_deref(),
            Some("https://b.example/pub/debian/")
        );
        assert_eq!(
            debian_mirror("deb http://a.example/debian-security bookworm-security main\n"),
            None
        );
        assert_eq!(
            debian_mirror("deb http://a.example/ubuntu noble main\n"),
            None
        );
    }

    #[test]
    fn a_manifest_is_found_by_its_package() {
        let metadata = r#"{"packages":[{"manifest_path":"/r/cc-1.0/Cargo.toml"},{"manifest_path":"/r/libbpf-sys-1.7.0/Cargo.toml"}]}"#;
        assert_eq!(
            manifest_of(metadata, "libbpf-sys"),
            Some("/r/libbpf-sys-1.7.0/Cargo.toml")
        );
        assert_eq!(
            manifest_of(metadata, "libbpf"),
            Some("/r/libbpf-sys-1.7.0/Cargo.toml")
        );
        assert_eq!(manifest_of(metadata, "aya"), None);
    }
}
