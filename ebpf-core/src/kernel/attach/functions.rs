//! Functions of the kernel by name, as `/proc/kallsyms` and tracefs have them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};

use crate::Errno;
use crate::hook::matches_pattern;
use crate::kernel::symbols::{Line, SYMBOLS};
use crate::kernel::sys::errno_of;
use crate::kernel::tracefs::Tracefs;
use crate::system::similar::{did_you_mean, similar};

/// The text of `/proc/kallsyms`.
pub(super) struct Symbols(String);

impl Symbols {
    /// Reads it; names are for everybody, addresses are not.
    pub(super) fn read() -> Result<Symbols, Errno> {
        let text = fs::read_to_string(SYMBOLS).map_err(|error| errno_of(&error))?;
        if text.is_empty() {
            return Err(Errno::ENOENT);
        }
        Ok(Symbols(text))
    }

    /// The names of functions, with their modules.
    fn functions(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.lines().filter_map(function)
    }

    /// Whether there is a function of this name, `module:name` for that of a module.
    pub(super) fn has(&self, name: &str) -> bool {
        let (module, name) = match name.split_once(':') {
            Some((module, name)) => (Some(module), name),
            None => (None, name),
        };
        // Most lines have the name nowhere.
        let lines = self.0.lines().filter(|line| line.contains(name));
        lines
            .filter_map(function)
            .any(|(known, of)| known == name && (module.is_none() || module == of))
    }

    /// What is known of a name that there is not.
    pub(super) fn missing(&self, name: &str) -> String {
        let bare = name.rsplit(':').next().unwrap_or(name);
        let mut names: Vec<&str> = Vec::new();
        // Someone who writes `sys_execve` means that of the running machine.
        let syscall = bare.trim_start_matches('_');
        if let Some(syscall) = syscall.split_once("sys_").map(|(_, name)| name) {
            let known = syscall_names(syscall);
            let present = self.functions().map(|(name, _)| name);
            names = present
                .filter(|name| known.iter().any(|known| known == name))
                .collect();
            names.truncate(1);
        }
        if names.is_empty() {
            names = similar(bare, self.functions().map(|(name, _)| name));
        }
        format!(
            "the kernel has no function `{name}`{}",
            did_you_mean(&names)
        )
    }
}

/// The name and module of a line of `/proc/kallsyms` that is a function's.
fn function(line: &str) -> Option<(&str, Option<&str>)> {
    let line = Line::parse(line)?;
    matches!(line.kind, 't' | 'T' | 'w' | 'W').then_some((line.name, line.module))
}

/// What the function of a system call may be called on this machine, the newest way first.
///
/// Since Linux 4.17 architectures may have a name of their own (`CONFIG_ARCH_HAS_SYSCALL_WRAPPER`); before, the function
/// with the arguments as they come is `SyS_NAME`.
pub(super) fn syscall_names(name: &str) -> Vec<String> {
    let own: &[&str] = match std::env::consts::ARCH {
        "x86_64" => &["__x64_sys_"],
        "x86" => &["__ia32_sys_"],
        "aarch64" => &["__arm64_sys_"],
        "s390x" => &["__s390x_sys_", "__s390_sys_"],
        "riscv64" | "riscv32" => &["__riscv_sys_"],
        "powerpc64" | "powerpc" => &["__powerpc_sys_"],
        _ => &[],
    };
    let all = ["__se_sys_", "SyS_", "sys_"];
    own.iter()
        .chain(&all)
        .map(|prefix| format!("{prefix}{name}"))
        .collect()
}

/// The functions that can be traced and match a pattern, each once.
///
/// # Errors
/// `ESRCH` where none does.
pub(super) fn traceable(pattern: &str) -> Result<Vec<String>, Errno> {
    let tracefs = Tracefs::find()?;
    let file = File::open(tracefs.path("available_filter_functions"));
    let file = file.map_err(|error| errno_of(&error))?;
    let mut names = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|error| errno_of(&error))?;
        let Some(name) = line.split_ascii_whitespace().next() else {
            continue;
        };
        // Functions that are gone, or have no name, are listed by other names.
        if matches_pattern(pattern, name)
            && !name.starts_with("__ftrace_invalid_address__")
            && !names.insert(name.to_owned())
        {
            twice.insert(name.to_owned());
        }
    }
    // A name of several functions names none.
    let names: Vec<String> = names.difference(&twice).cloned().collect();
    if names.is_empty() {
        return Err(Errno::ESRCH);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0000000000000000 T do_unlinkat\n0000000000000000 t helper.isra.0\n\
        0000000000000000 D data\n0000000000000000 t open_it\t[fuse]\n0000000000000000 T __x64_sys_execve\n\
        0000000000000000 T sys_execve\n0000000000000000 T __arm64_sys_execve\nnonsense\n";

    #[test]
    fn functions_are_found() {
        let symbols = Symbols(TEXT.to_owned());
        for (name, expected) in [
            ("do_unlinkat", true),
            ("do_unlink", false),
            ("helper.isra.0", true),
            ("data", false),
            ("open_it", true),
            ("fuse:open_it", true),
            ("veth:open_it", false),
            ("", false),
        ] {
            assert_eq!(symbols.has(name), expected, "{name}");
        }
    }

    #[test]
    fn missing_names_have_advice() {
        let symbols = Symbols(TEXT.to_owned());
        for (name, told) in [
            (
                "do_unlinkt",
                "the kernel has no function `do_unlinkt`; did you mean `do_unlinkat`?",
            ),
            (
                "helper",
                "the kernel has no function `helper`; did you mean `helper.isra.0`?",
            ),
            (
                "nothing_like_it",
                "the kernel has no function `nothing_like_it`",
            ),
        ] {
            assert_eq!(symbols.missing(name), told);
        }
        if cfg!(target_arch = "x86_64") {
            assert_eq!(
                symbols.missing("__se_sys_execve"),
                "the kernel has no function `__se_sys_execve`; did you mean `__x64_sys_execve`?"
            );
        }
    }

    #[test]
    fn system_calls_have_names_of_the_machine() {
        let names = syscall_names("execve");
        assert!(
            names.contains(&"SyS_execve".to_owned()) && names.contains(&"sys_execve".to_owned())
        );
        if cfg!(target_arch = "x86_64") {
            assert_eq!(names.first().map(String::as_str), Some("__x64_sys_execve"));
        }
    }
}
