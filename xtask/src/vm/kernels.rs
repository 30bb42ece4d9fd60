//! Which kernels there are, and fetching them: Debian's packages, by a private state of apt, into `target/vm/NAME`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{image, modules};
use crate::process::{command, output};
use crate::tools::in_path;

/// A line of kernels that is tested.
pub(crate) struct Line {
    /// What `--kernel` calls it.
    pub(crate) name: &'static str,
    /// Releases of Debian to take it from, the first that can be fetched. Versions are never pinned: the meta package of the release names
    /// the newest, and mirrors do not keep others.
    suites: &'static [&'static str],
    /// What qemu's `-cpu` names where the processor is emulated.
    cpu: &'static str,
}

/// Without cmpxchg16b: QEMU 7.2 leaves wrong flags after it, which crashes 6.x now and then, as it allocates memory with it.
const PLAIN: &str = "max,-cx16";

/// With it: 7.x does not allocate with it by default, but where nothing may block, as arenas do, it does not allocate without.
const FULL: &str = "max";

/// From the oldest to the newest.
pub(crate) const LINES: &[Line] = &[
    Line {
        name: "5.10",
        suites: &["bullseye"],
        cpu: PLAIN,
    },
    Line {
        name: "6.1",
        suites: &["bookworm"],
        cpu: PLAIN,
    },
    Line {
        name: "6.12",
        suites: &["trixie"],
        cpu: PLAIN,
    },
    Line {
        name: NEWEST,
        suites: &["trixie-backports", "sid"],
        cpu: FULL,
    },
];

/// The line that moves, and which a mirror may lack for a while.
pub(crate) const NEWEST: &str = "newest";

/// The package that depends on the newest kernel of a release. The cloud flavour has the options of the full one as far as BPF, tracing
/// and networking go, at a third of the size.
const META: &str = "linux-image-cloud-amd64";

/// The variable that names a mirror of Debian, where this machine's own package sources have none.
const MIRROR: &str = "EBPF_DEBIAN_MIRROR";

/// The keys that every release of Debian is signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The programs that fetching needs.
const PROGRAMS: [&str; 3] = ["apt-get", "apt-cache", "dpkg-deb"];

/// A kernel that can be booted.
pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    /// What qemu's `-cpu` names where the processor is emulated.
    pub(crate) cpu: &'static str,
    /// The version of its package, such as `6.12.107-1`.
    pub(crate) version: String,
    /// What the running kernel calls itself, such as `6.12.107+deb13-cloud-amd64`.
    pub(crate) release: String,
    pub(crate) vmlinux: PathBuf,
    /// The options it was built with.
    pub(crate) config: PathBuf,
    /// Modules in the order of loading.
    pub(crate) modules: Vec<PathBuf>,
}

impl Line {
    /// What an earlier run has fetched.
    pub(crate) fn cached(&self) -> Option<Kernel> {
        let dir = self.directory();
        let stamp = fs::read_to_string(dir.join("stamp")).ok()?;
        let [version, release, wanted] = stamp.lines().collect::<Vec<_>>()[..] else {
            return None;
        };
        if wanted != modules::WANTED.join(" ") {
            return None;
        }
        let mut modules: Vec<PathBuf> = fs::read_dir(dir.join("modules"))
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        modules.sort();
        Some(Kernel {
            name: self.name,
            cpu: self.cpu,
            version: version.to_owned(),
            release: release.to_owned(),
            vmlinux: dir.join("vmlinux"),
            config: dir.join("config"),
            modules,
        })
    }

    /// Fetches the kernel, in place of what there was.
    pub(crate) fn fetch(&self) -> Result<Kernel> {
        let mut errors = Vec::new();
        for suite in self.suites {
            let fetched = self
                .fetch_from(suite)
                .with_context(|| format!("fetch kernel {} from Debian {suite}", self.name));
            match fetched {
                Ok(kernel) => return Ok(kernel),
                Err(error) => errors.push(format!("{error:#}")),
            }
        }
        bail!(errors.join("\n"))
    }

    fn fetch_from(&self, suite: &str) -> Result<Kernel> {
        let dir = self.directory();
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("remove {}", dir.display()))?;
        }
        let apt = Apt::new(&dir.join("apt"), suite)?;
        let version = apt.download(&dir.join("tree"))?;
        let tree = dir.join("tree");

        let release = release(&tree)?;
        let configs = [
            format!("boot/config-{release}"),
            format!("usr/lib/modules/{release}/config"),
        ];
        let config = configs
            .iter()
            .map(|name| tree.join(name))
            .find(|file| file.is_file())
            .context("the packages hold no configuration of the kernel")?;
        fs::copy(&config, dir.join("config"))
            .with_context(|| format!("copy {}", config.display()))?;

        let vmlinuz = find(&tree, &|name| name.starts_with("vmlinuz"))?
            .pop()
            .context("the packages hold no vmlinuz")?;
        let bytes = fs::read(&vmlinuz).with_context(|| format!("read {}", vmlinuz.display()))?;
        let vmlinux = image::unpack(&bytes)
            .with_context(|| format!("take the kernel out of {}", vmlinuz.display()))?;
        fs::write(dir.join("vmlinux"), vmlinux).context("write vmlinux")?;

        let files = find(&tree, &|name| {
            name.ends_with(".ko") || name.ends_with(".ko.xz")
        })?;
        let target = dir.join("modules");
        fs::create_dir_all(&target).with_context(|| format!("create {}", target.display()))?;
        for (index, module) in modules::in_order(&files)?.into_iter().enumerate() {
            let file = target.join(format!("{index:02}-{}.ko", module.name));
            fs::write(&file, module.bytes).with_context(|| format!("write {}", file.display()))?;
        }
        for done in ["apt", "tree"] {
            fs::remove_dir_all(dir.join(done)).with_context(|| format!("remove {done}"))?;
        }
        let stamp = format!("{version}\n{release}\n{}", modules::WANTED.join(" "));
        fs::write(dir.join("stamp"), stamp).context("write the stamp")?;
        self.cached().context("what was fetched cannot be read")
    }

    fn directory(&self) -> PathBuf {
        super::directory().join(self.name)
    }
}

/// A state of apt for one release, apart from this machine's own, so that no privilege is needed and nothing of the machine changes.
struct Apt {
    configuration: PathBuf,
}

impl Apt {
    fn new(dir: &Path, suite: &str) -> Result<Self> {
        let missing: Vec<_> = PROGRAMS
            .into_iter()
            .filter(|name| in_path(name).is_none())
            .collect();
        if !missing.is_empty() {
            bail!(
                "Debian's kernels are fetched and unpacked with {}, and {} is not there; run this on Debian, or in a container of it",
                PROGRAMS.join(", "),
                missing.join(", ")
            );
        }
        if !Path::new(KEYRING).is_file() {
            bail!(
                "{KEYRING} is missing; install it with\n  apt-get install debian-archive-keyring"
            );
        }
        for part in ["state/lists/partial", "cache/archives/partial"] {
            let part = dir.join(part);
            fs::create_dir_all(&part).with_context(|| format!("create {}", part.display()))?;
        }
        let sources = format!("deb [signed-by={KEYRING}] {} {suite} main\n", mirror()?);
        fs::write(dir.join("sources.list"), sources).context("write sources.list")?;
        let configuration = dir.join("apt.conf");
        let settings = format!(
            "Dir::State \"{0}/state\";\nDir::State::status \"/dev/null\";\nDir::Cache \"{0}/cache\";\n\
             Dir::Etc::sourcelist \"{0}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\n\
             Acquire::Languages \"none\";\nAcquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\nAPT::Architecture \"amd64\";\n\
             APT::Sandbox::User \"root\";\n",
            dir.display()
        );
        fs::write(&configuration, settings).context("write apt.conf")?;
        let apt = Self { configuration };
        apt.run("apt-get", &["update", "-qq"], dir)?;
        Ok(apt)
    }

    fn run(&self, program: &str, arguments: &[&str], dir: &Path) -> Result<String> {
        output(
            command(program)
                .args(arguments)
                .env("APT_CONFIG", &self.configuration)
                .current_dir(dir),
        )
    }

    /// Downloads the packages of the newest kernel and unpacks them to `tree`; the kernel's version.
    fn download(&self, tree: &Path) -> Result<String> {
        let dir = self.configuration.parent().unwrap_or(Path::new("."));
        let (mut packages, mut version) = (BTreeSet::new(), None);
        let mut names = vec![META.to_owned()];
        while let Some(name) = names.pop() {
            let about = self.run("apt-cache", &["show", &name], dir)?;
            let field = |field: &str| about.lines().find_map(|line| line.strip_prefix(field));
            version = version.or_else(|| field("Version: ").map(str::to_owned));
            let parts = field("Depends: ").map(kernel_packages).unwrap_or_default();
            names.extend(parts.into_iter().filter(|name| !packages.contains(name)));
            packages.insert(name);
        }
        let list: Vec<&str> = packages.iter().map(String::as_str).collect();
        self.run("apt-get", &[&["download", "-qq"], &list[..]].concat(), dir)?;
        for package in find(dir, &|name| name.ends_with(".deb"))? {
            output(command("dpkg-deb").arg("--extract").arg(package).arg(tree))?;
        }
        version.context("the package of the kernel has no version")
    }
}

/// The packages that a kernel is made of, out of the field `Depends`.
fn kernel_packages(depends: &str) -> Vec<String> {
    depends
        .split(", ")
        .filter_map(|depend| depend.split([' ', ':']).next())
        .filter(|name| {
            [
                "linux-image-",
                "linux-binary-",
                "linux-modules-",
                "linux-base-",
            ]
            .iter()
            .any(|start| name.starts_with(start))
        })
        .map(str::to_owned)
        .collect()
}

/// The release of the kernel whose modules are in `tree`.
fn release(tree: &Path) -> Result<String> {
    let dirs = ["lib/modules", "usr/lib/modules"];
    dirs.iter()
        .filter_map(|dir| fs::read_dir(tree.join(dir)).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .next()
        .context("the packages hold no modules")
}

/// A mirror of Debian: what the variable says, else the first of this machine's own sources.
fn mirror() -> Result<String> {
    if let Ok(mirror) = std::env::var(MIRROR) {
        return Ok(mirror);
    }
    let format = [
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Identifier: Packages",
    ];
    let uris = output(command("apt-get").args(format))?;
    uris.lines()
        .find(|uri| uri.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
        .with_context(|| {
            format!(
                "this machine's package sources name no mirror of Debian; name one in {MIRROR}, such as https://deb.debian.org/debian"
            )
        })
}

/// Every file under `dir` whose name pleases.
fn find(dir: &Path, pleases: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        let entries = fs::read_dir(&dir).with_context(|| format!("read {}", dir.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("read {}", dir.display()))?;
            let kind = entry.file_type().context("the type of a file")?;
            if kind.is_dir() {
                dirs.push(entry.path());
            } else if kind.is_file() && pleases(&entry.file_name().to_string_lossy()) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_is_one_package_or_several() {
        assert_eq!(
            kernel_packages("linux-image-6.12.107+deb13-cloud-amd64 (= 6.12.107-1)"),
            ["linux-image-6.12.107+deb13-cloud-amd64"]
        );
        assert_eq!(
            kernel_packages(
                "linux-base-cloud-amd64 (= 7.3.4-1), linux-modules-7.3.4-cloud-amd64 (= 7.3.4-1), kmod, linux-base (>= 4.12)"
            ),
            ["linux-base-cloud-amd64", "linux-modules-7.3.4-cloud-amd64"]
        );
    }
}
