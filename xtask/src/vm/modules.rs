//! Kernel modules that tests want, with those that they depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::image::decompress;

/// The modules, as far as a kernel has them as such: what is built in or does not exist yet is left out.
pub(crate) const WANTED: &[&str] = &[
    "veth",
    "dummy",
    "tun",
    "sch_ingress",
    "cls_bpf",
    "act_bpf",
    "cls_matchall",
    "cls_u32",
    "act_gact",
    "sch_prio",
    "nf_defrag_ipv4",
    "nf_defrag_ipv6",
];

/// A module, decompressed.
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The wanted modules among `files`, each after what it depends on.
pub(crate) fn in_order(files: &[PathBuf]) -> Result<Vec<Module>> {
    let files: BTreeMap<String, &PathBuf> = files
        .iter()
        .filter_map(|file| Some((plain(file.file_name()?.to_str()?.split('.').next()?), file)))
        .collect();
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    for name in WANTED {
        add(name, &files, &mut seen, &mut order)?;
    }
    Ok(order)
}

fn add(
    name: &str,
    files: &BTreeMap<String, &PathBuf>,
    seen: &mut BTreeSet<String>,
    order: &mut Vec<Module>,
) -> Result<()> {
    let name = plain(name);
    let Some(file) = files.get(&name) else {
        return Ok(());
    };
    if !seen.insert(name.clone()) {
        return Ok(());
    }
    let mut bytes = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    if !bytes.starts_with(b"\x7fELF") {
        bytes = decompress(&bytes).with_context(|| format!("decompress {}", file.display()))?;
    }
    for needed in needs(&bytes) {
        add(&needed, files, seen, order)?;
    }
    order.push(Module { name, bytes });
    Ok(())
}

/// What a module says in its section `.modinfo`, strings that end with NUL, about modules to be loaded before.
fn needs(module: &[u8]) -> Vec<String> {
    let strings = module.split(|&byte| byte == 0);
    let lists = strings.filter_map(|string| {
        let string = std::str::from_utf8(string).ok()?;
        string
            .strip_prefix("depends=")
            .or_else(|| string.strip_prefix("softdep=pre: "))
    });
    lists
        .flat_map(|list| list.split([',', ' ']))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Files and dependencies write `-` and `_` as they like.
fn plain(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_both_kinds_are_read() {
        let module = b"\x7fELF\0license=GPL\0depends=a,b-c\0softdep=pre: d\0depends=\0";
        assert_eq!(needs(module), ["a", "b-c", "d"]);
    }
}
