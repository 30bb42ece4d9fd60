//! What the running kernel says of itself: release, configuration, symbols, types.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::gzip::gunzip;
use super::symbols::Symbols;
use super::sys::{self, errno_of};
use crate::btf::{Btf, BtfError};
use crate::system::{KernelFacts, KernelSymbol, KernelVersion, SystemError};

const RELEASE: &str = "/proc/sys/kernel/osrelease";
const BTF: &str = "/sys/kernel/btf";

/// What was asked of the kernel so far.
#[derive(Debug, Default)]
pub(super) struct Facts {
    release: OnceLock<String>,
    config: OnceLock<Result<HashMap<String, String>, SystemError>>,
    pub(super) symbols: Symbols,
    target: OnceLock<Option<Arc<Btf>>>,
    modules: Mutex<HashMap<String, Option<Arc<Btf>>>>,
}

fn failed(op: &'static str, path: &str, error: &io::Error) -> SystemError {
    SystemError::Os {
        op,
        what: path.into(),
        errno: errno_of(error),
        hint: None,
    }
}

fn malformed(what: &str, problem: impl ToString) -> SystemError {
    SystemError::Malformed {
        what: what.into(),
        problem: problem.to_string().into(),
    }
}

/// Reads BTF of the kernel; `None` where there is none.
fn read_btf(
    path: &str,
    parse: impl FnOnce(Vec<u8>) -> Result<Btf, BtfError>,
) -> Result<Option<Arc<Btf>>, SystemError> {
    match fs::read(path) {
        Ok(bytes) => parse(bytes)
            .map(|btf| Some(Arc::new(btf)))
            .map_err(|error| malformed(path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, &error)),
    }
}

impl Facts {
    /// The release's number.
    pub(super) fn version(&self) -> Result<KernelVersion, SystemError> {
        let release = self.release_text()?;
        KernelVersion::parse(release)
            .ok_or_else(|| malformed(RELEASE, format!("`{release}` is no release")))
    }

    fn release_text(&self) -> Result<&str, SystemError> {
        if let Some(release) = self.release.get() {
            return Ok(release);
        }
        let text = fs::read_to_string(RELEASE).map_err(|error| failed("read", RELEASE, &error))?;
        Ok(self.release.get_or_init(|| text.trim().to_owned()))
    }

    /// The kernel's own types.
    pub(super) fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError> {
        if let Some(target) = self.target.get() {
            return Ok(target.clone());
        }
        let target = read_btf(&format!("{BTF}/vmlinux"), Btf::parse)?;
        Ok(self.target.get_or_init(|| target).clone())
    }

    fn options(&self) -> Result<&HashMap<String, String>, SystemError> {
        let options = self
            .config
            .get_or_init(|| self.read_config().map(|text| parse_config(&text)));
        options.as_ref().map_err(Clone::clone)
    }

    /// The first of the places where distributions and the kernel keep its configuration.
    fn read_config(&self) -> Result<String, SystemError> {
        let release = self.release_text()?;
        for path in [
            format!("/boot/config-{release}"),
            format!("/lib/modules/{release}/config"),
        ] {
            if let Ok(text) = fs::read_to_string(path) {
                return Ok(text);
            }
        }
        let path = "/proc/config.gz";
        let packed = fs::read(path).map_err(|error| SystemError::Os {
            op: "read",
            what: "the kernel's configuration".into(),
            errno: errno_of(&error),
            hint: Some(
                "there is no /boot/config-…, and /proc/config.gz needs CONFIG_IKCONFIG_PROC",
            ),
        })?;
        let bytes =
            gunzip(&packed, MOST_CONFIG).ok_or_else(|| malformed(path, "not in gzip format"))?;
        String::from_utf8(bytes).map_err(|error| malformed(path, error))
    }
}

/// Bytes that a kernel's configuration may have: ten times what one has today.
const MOST_CONFIG: usize = 4 << 20;

/// `NAME=value` of each line that sets an option.
fn parse_config(text: &str) -> HashMap<String, String> {
    let lines = text.lines().filter(|line| line.starts_with("CONFIG_"));
    lines
        .filter_map(|line| line.trim_end().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

impl KernelFacts for Facts {
    fn page_size(&self) -> u32 {
        sys::page_size()
    }

    fn release(&self) -> Result<KernelVersion, SystemError> {
        self.version()
    }

    fn config(&self, option: &str) -> Result<Option<String>, SystemError> {
        Ok(self.options()?.get(option).cloned())
    }

    fn symbol(&self, name: &str) -> Result<Option<u64>, SystemError> {
        self.symbols.address(name)
    }

    fn symbol_at(&self, address: u64) -> Result<Option<KernelSymbol>, SystemError> {
        self.symbols.at(address)
    }

    fn modules(&self) -> Result<Vec<Arc<str>>, SystemError> {
        let entries = match fs::read_dir(BTF) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("list", BTF, &error)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<Arc<str>> = names
            .filter(|name| name != "vmlinux")
            .map(Arc::from)
            .collect();
        names.sort();
        Ok(names)
    }

    fn module_btf(&self, module: &str) -> Result<Option<Arc<Btf>>, SystemError> {
        if Path::new(module).components().count() != 1
            || module.contains('/')
            || module.starts_with('.')
        {
            return Ok(None);
        }
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = modules.get(module) {
            return Ok(known.clone());
        }
        let Some(base) = self.target_btf()? else {
            return Ok(None);
        };
        let found = read_btf(&format!("{BTF}/{module}"), |bytes| {
            Btf::parse_split(bytes, base)
        })?;
        modules.insert(module.to_owned(), found.clone());
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_options() {
        let options = parse_config(
            "# CONFIG_A is not set\nCONFIG_BPF=y\nCONFIG_NAME=\"a=b\"\n\nCONFIG_HZ=250\n",
        );
        assert_eq!(options.len(), 3);
        assert_eq!(
            options.get("CONFIG_NAME").map(String::as_str),
            Some("\"a=b\"")
        );
        assert_eq!(options.get("CONFIG_HZ").map(String::as_str), Some("250"));
    }
}
