//! A tree of files for a machine, written as an archive that the kernel unpacks to its root ("newc" of `cpio(5)`).

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

enum Node {
    Directory,
    Link(PathBuf),
    File {
        bytes: Vec<u8>,
        mode: u32,
    },
    /// The console: character device 5:1.
    Console,
}

/// Files by their path, which begins with `/`.
#[derive(Default)]
pub(crate) struct Tree {
    nodes: BTreeMap<PathBuf, Node>,
}

impl Tree {
    pub(crate) fn directory(&mut self, path: impl AsRef<Path>) {
        for path in path
            .as_ref()
            .ancestors()
            .filter(|path| path.parent().is_some())
        {
            self.nodes.entry(path.to_owned()).or_insert(Node::Directory);
        }
    }

    pub(crate) fn file(&mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>, mode: u32) {
        let (path, bytes) = (path.as_ref(), bytes.into());
        self.directory(path.parent().unwrap_or(Path::new("/")));
        self.nodes
            .insert(path.to_owned(), Node::File { bytes, mode });
    }

    pub(crate) fn console(&mut self) {
        self.directory("/dev");
        self.nodes.insert("/dev/console".into(), Node::Console);
    }

    /// This machine's file of that path, with the bytes given if they are, and the symbolic links on the way to it.
    pub(crate) fn host_file(&mut self, path: &Path, bytes: Option<Vec<u8>>) -> Result<()> {
        let real = self.host_links(path)?;
        let metadata =
            fs::metadata(&real).with_context(|| format!("look at {}", real.display()))?;
        let bytes = match bytes {
            Some(bytes) => bytes,
            None => fs::read(&real).with_context(|| format!("read {}", real.display()))?,
        };
        self.file(
            &real,
            bytes,
            if executable(&metadata) { 0o755 } else { 0o644 },
        );
        Ok(())
    }

    /// This machine's directory of that path with everything in it but what has one of these names.
    pub(crate) fn host_directory(&mut self, path: &Path, without: &[&str]) -> Result<()> {
        let real = self.host_links(path)?;
        self.directory(&real);
        for entry in fs::read_dir(&real).with_context(|| format!("read {}", real.display()))? {
            let entry = entry.with_context(|| format!("read {}", real.display()))?;
            if without
                .iter()
                .any(|name| OsStr::new(name) == entry.file_name())
            {
                continue;
            }
            if entry.path().is_dir() {
                self.host_directory(&entry.path(), without)?;
            } else {
                self.host_file(&entry.path(), None)?;
            }
        }
        Ok(())
    }

    /// Repeats the symbolic links that lead to `path` on this machine; the path without them.
    fn host_links(&mut self, path: &Path) -> Result<PathBuf> {
        fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
            path.components().map(|part| part.as_os_str().to_owned())
        }
        let (mut real, mut rest) = (PathBuf::from("/"), parts(path).collect::<VecDeque<_>>());
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            let here = real.join(&part);
            if part == ".." {
                real.pop();
            } else if here.is_symlink() {
                let to =
                    fs::read_link(&here).with_context(|| format!("read {}", here.display()))?;
                parts(&to).rev().for_each(|part| rest.push_front(part));
                self.directory(&real);
                self.nodes.insert(here, Node::Link(to));
                links += 1;
                if links > 40 {
                    bail!("too many symbolic links on the way to {}", path.display());
                }
            } else {
                real = here;
            }
        }
        Ok(real)
    }

    /// The archive. Several may follow one another.
    pub(crate) fn archive(&self) -> Vec<u8> {
        let mut archive = Vec::new();
        for (number, (path, node)) in self.nodes.iter().enumerate() {
            let name = path.as_os_str().as_encoded_bytes();
            let name = name.strip_prefix(b"/").unwrap_or(name);
            let (mode, bytes) = match node {
                Node::Directory => (0o040_755, &[][..]),
                Node::Link(to) => (0o120_777, to.as_os_str().as_encoded_bytes()),
                Node::File { bytes, mode } => (0o100_000 | mode, &bytes[..]),
                Node::Console => (0o020_600, &[][..]),
            };
            entry(&mut archive, number + 1, mode, name, bytes);
        }
        entry(&mut archive, 0, 0, b"TRAILER!!!", &[]);
        archive
    }
}

fn entry(archive: &mut Vec<u8>, number: usize, mode: u32, name: &[u8], bytes: &[u8]) {
    let (size, name_size) = (bytes.len(), name.len() + 1);
    let device = if mode & 0o170_000 == 0o020_000 {
        (5, 1)
    } else {
        (0, 0)
    };
    // Number, mode, user, group, links, time, size, device of the file, device that it is, length of the name, sum.
    let fields = [
        number,
        mode as usize,
        0,
        0,
        1,
        0,
        size,
        0,
        0,
        device.0,
        device.1,
        name_size,
        0,
    ];
    archive.extend(b"070701");
    for field in fields {
        archive.extend(format!("{field:08x}").bytes());
    }
    archive.extend(name);
    archive.push(0);
    archive.resize(archive.len().next_multiple_of(4), 0);
    archive.extend(bytes);
    archive.resize(archive.len().next_multiple_of(4), 0);
}

#[cfg(unix)]
fn executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_as_cpio_has_it() {
        let mut tree = Tree::default();
        tree.file("/a/b", *b"hello", 0o755);
        let archive = tree.archive();
        let text = String::from_utf8_lossy(&archive);
        assert!(
            text.starts_with("070701000000010000 41ed".replace(' ', "").as_str()),
            "{text}"
        );
        assert!(text.contains("a/b\0\0\0hello\0\0\x00070701"), "{text}");
        assert_eq!(archive.len() % 4, 0);
    }
}
