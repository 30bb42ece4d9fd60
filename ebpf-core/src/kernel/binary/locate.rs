//! Where the executable or library of a name is.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::hook::matches_pattern;

/// Nothing of a name was found.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::kernel) struct NotFound {
    /// Where it was looked for.
    pub(in crate::kernel) looked: &'static str,
}

/// The file that is meant: a path as it is, a name alone where the process has mapped it, where the dynamic linker looks,
/// or in `PATH`.
pub(in crate::kernel) fn locate(binary: &Path, pid: Option<u32>) -> Result<PathBuf, NotFound> {
    let process = match pid {
        None => None,
        Some(0) => Some("self".to_owned()),
        Some(pid) => Some(pid.to_string()),
    };
    let name = binary
        .to_str()
        .filter(|name| !name.is_empty() && !name.contains('/'));
    let Some(name) = name else {
        let inside = process.and_then(|process| seen_by(&process, binary));
        return Ok(inside.unwrap_or_else(|| binary.to_owned()));
    };
    let mapped = process
        .as_deref()
        .and_then(|process| {
            Some((
                process,
                fs::read_to_string(format!("/proc/{process}/maps")).ok()?,
            ))
        })
        .and_then(|(process, maps)| {
            let path = mapped(&maps, name)?;
            Some(seen_by(process, &path).unwrap_or(path))
        });
    if let Some(path) = mapped {
        return Ok(path);
    }
    let library = name.contains(".so") || name.starts_with("lib");
    let found = library.then(|| in_directories(&library_directories(), name));
    let found = found.flatten().or_else(|| {
        let path = env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin:/usr/sbin:/sbin".into());
        env::split_paths(&path)
            .map(|directory| directory.join(name))
            .find(|path| path.is_file())
    });
    found.ok_or(NotFound {
        looked: match (process.is_some(), library) {
            (true, true) => "mapped by the process, or in the directories of libraries",
            (true, false) => "mapped by the process, or in PATH",
            (false, true) => "in the directories of libraries or in PATH",
            (false, false) => "in PATH",
        },
    })
}

/// The path by which we reach what a process of another mount namespace calls so.
fn seen_by(process: &str, path: &Path) -> Option<PathBuf> {
    let namespace = |process: &str| fs::read_link(format!("/proc/{process}/ns/mnt")).ok();
    if namespace(process)? == namespace("thread-self")? {
        return None;
    }
    let inside = path.strip_prefix("/").ok()?;
    let path = Path::new("/proc").join(process).join("root").join(inside);
    path.exists().then_some(path)
}

/// The first file of this name that a process has mapped.
fn mapped(maps: &str, name: &str) -> Option<PathBuf> {
    let paths = maps.lines().filter_map(|line| {
        let path = line.get(line.find('/')?..)?;
        Some(Path::new(path.strip_suffix(" (deleted)").unwrap_or(path)))
    });
    paths
        .filter(|path| {
            path.file_name()
                .and_then(|file| file.to_str())
                .is_some_and(|file| is_named(file, name))
        })
        .map(Path::to_owned)
        .next()
}

/// Whether a file is the library or program of a name: `libc.so.6` and `libc-2.31.so` are `libc`.
fn is_named(file: &str, name: &str) -> bool {
    let Some(rest) = file.strip_prefix(name) else {
        return false;
    };
    rest.is_empty()
        || !name.contains(".so")
            && name.starts_with("lib")
            && (rest.starts_with(".so.")
                || rest == ".so"
                || rest.starts_with('-') && rest.ends_with(".so"))
}

fn in_directories(directories: &[PathBuf], name: &str) -> Option<PathBuf> {
    let exact = directories
        .iter()
        .map(|directory| directory.join(name))
        .find(|path| path.is_file());
    if exact.is_some() || name.contains(".so") {
        return exact;
    }
    directories.iter().find_map(|directory| {
        let files = fs::read_dir(directory).ok()?.flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        // `libc.so` alone is a script of the linker where programs are built.
        let mut found: Vec<String> = names
            .filter(|file| is_named(file, name) && *file != format!("{name}.so"))
            .collect();
        found.sort();
        found.pop().map(|file| directory.join(file))
    })
}

/// Where the dynamic linker looks.
fn library_directories() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = env::var_os("LD_LIBRARY_PATH")
        .map(|paths| env::split_paths(&paths).collect())
        .unwrap_or_default();
    read_configuration(Path::new("/etc/ld.so.conf"), 0, &mut directories);
    let machine = env::consts::ARCH;
    directories.extend(
        [
            format!("/lib/{machine}-linux-gnu"),
            format!("/usr/lib/{machine}-linux-gnu"),
        ]
        .map(PathBuf::from),
    );
    directories
        .extend(["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"].map(PathBuf::from));
    directories.retain(|directory| directory.is_absolute());
    directories
}

/// The directories that a configuration of ldconfig(8) names, with those of the files that it includes.
fn read_configuration(path: &Path, depth: u32, directories: &mut Vec<PathBuf>) {
    const DEEPEST: u32 = 4;
    let Ok(text) = fs::read_to_string(path) else {
        return;
    };
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.strip_prefix("include") {
            Some(rest) if rest.starts_with(char::is_whitespace) && depth < DEEPEST => {
                for path in rest.split_whitespace().flat_map(included) {
                    read_configuration(&path, depth + 1, directories);
                }
            }
            _ if line.starts_with('/') => directories.push(PathBuf::from(line)),
            _ => {}
        }
    }
}

/// The files of a pattern whose directory has no wildcard, in order.
fn included(pattern: &str) -> Vec<PathBuf> {
    let pattern = Path::new(pattern);
    let (Some(directory), Some(name)) = (
        pattern.parent(),
        pattern.file_name().and_then(|name| name.to_str()),
    ) else {
        return Vec::new();
    };
    let files = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = files
        .filter(|file| {
            file.file_name()
                .to_str()
                .is_some_and(|file| matches_pattern(name, file))
        })
        .map(|file| file.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_libraries() {
        for (file, name, expected) in [
            ("libc.so.6", "libc.so.6", true),
            ("libc.so.6", "libc", true),
            ("libc-2.31.so", "libc", true),
            ("libcrypto.so.3", "libc", false),
            ("libc.so.6", "libc.so", false),
            ("sh", "sh", true),
            ("ssh", "sh", false),
            ("sh.so.1", "sh", false),
        ] {
            assert_eq!(is_named(file, name), expected, "{file} {name}");
        }
    }

    #[test]
    fn mapped_files_are_found() {
        let maps = "55d0 r-xp 00000000 fe:00 1 /usr/bin/my prog\n\
            7f00-7f01 r--p 00000000 fe:00 2                          /usr/lib/x86_64-linux-gnu/libc.so.6\n\
            7f02-7f03 r--p 00000000 fe:00 3 /tmp/libgone.so.1 (deleted)\n\
            7ffc-7ffd rw-p 00000000 00:00 0 [stack]\n";
        assert_eq!(
            mapped(maps, "libc"),
            Some("/usr/lib/x86_64-linux-gnu/libc.so.6".into())
        );
        assert_eq!(mapped(maps, "my prog"), Some("/usr/bin/my prog".into()));
        assert_eq!(mapped(maps, "libgone"), Some("/tmp/libgone.so.1".into()));
        assert_eq!(mapped(maps, "prog"), None);
    }

    #[test]
    fn paths_stay_and_names_are_looked_for() {
        let path = Path::new("/no/such/file");
        assert_eq!(locate(path, None), Ok(path.to_owned()));
        let nothing = locate(Path::new("no-such-program-anywhere"), Some(0));
        assert_eq!(
            nothing,
            Err(NotFound {
                looked: "mapped by the process, or in PATH"
            })
        );
        let shell = locate(Path::new("sh"), None).expect("a shell");
        assert!(shell.is_absolute() && shell.ends_with("sh"));
    }
}
