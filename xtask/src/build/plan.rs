//! Which objects a source is compiled into, and with which flags of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Endian {
    Little,
    Big,
}

/// One object to build; paths are relative to the directory in which the compiler runs, or absolute.
#[derive(Debug, PartialEq)]
pub(super) struct Object {
    pub(super) source: PathBuf,
    pub(super) object: PathBuf,
    pub(super) endian: Endian,
    pub(super) flags: Vec<String>,
}

/// The files below `dir`, itself in `base`, whose names end with `suffix`, sorted. Hidden directories and caches are passed by.
pub(super) fn sources(base: &Path, dir: &Path, suffix: &str) -> Result<Vec<PathBuf>> {
    let absolute = base.join(dir);
    let mut found = Vec::new();
    if !absolute.is_dir() || absolute.join("CACHEDIR.TAG").is_file() {
        return Ok(found);
    }
    for entry in absolute
        .read_dir()
        .with_context(|| format!("read {}", absolute.display()))?
    {
        let entry = entry?;
        let path = dir.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            found.extend(Some(path).filter(|path| path.to_string_lossy().ends_with(suffix)));
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            found.extend(sources(base, &path, suffix)?);
        }
    }
    found.sort();
    Ok(found)
}

/// The objects of a source in `base`: for each of `endians`, and for those that the source asks for itself.
///
/// `out` is a directory for them, and the part of the source's path that is left off in it.
pub(super) fn objects(
    base: &Path,
    source: &Path,
    endians: &[Endian],
    out: Option<(&Path, &Path)>,
) -> Result<Vec<Object>> {
    let text = fs::read(base.join(source)).with_context(|| format!("read {}", source.display()))?;
    let directives = directives(&String::from_utf8_lossy(&text))
        .with_context(|| source.display().to_string())?;
    let beside = match out {
        Some((out, base)) => out.join(source.strip_prefix(base).unwrap_or(source)),
        None => source.to_owned(),
    };
    let mut wanted = endians.to_vec();
    if directives.big_endian && !wanted.contains(&Endian::Big) {
        wanted.push(Endian::Big);
    }
    Ok(wanted
        .into_iter()
        .map(|endian| Object {
            source: source.to_owned(),
            object: name(&beside, endian),
            endian,
            flags: directives.flags(endian),
        })
        .collect())
}

/// `a/x.bpf.o` of `a/x.bpf.c`, `a/x.o` of `a/x.c`; big-endian `a/x.eb.bpf.o`, `a/x.eb.o`.
fn name(source: &Path, endian: Endian) -> PathBuf {
    let stem = source.with_extension("");
    let (stem, bpf) = match stem.extension() {
        Some(extension) if extension == "bpf" => (stem.with_extension(""), ".bpf"),
        _ => (stem, ""),
    };
    let mut name = stem.into_os_string();
    if endian == Endian::Big {
        name.push(".eb");
    }
    name.push(bpf);
    name.push(".o");
    name.into()
}

/// What the `// build:` lines among the first ten of a source say.
struct Directives {
    debug: bool,
    big_endian: bool,
    extra: Vec<String>,
}

impl Directives {
    fn flags(&self, endian: Endian) -> Vec<String> {
        let target = match endian {
            Endian::Little => "--target=bpfel",
            Endian::Big => "--target=bpfeb",
        };
        [target.to_owned()]
            .into_iter()
            .chain(self.debug.then(|| "-g".to_owned()))
            .chain(self.extra.clone())
            .collect()
    }
}

fn directives(text: &str) -> Result<Directives> {
    let mut directives = Directives {
        debug: true,
        big_endian: false,
        extra: Vec::new(),
    };
    let lines = text
        .lines()
        .take(10)
        .filter_map(|line| line.trim().strip_prefix("// build:"));
    for word in lines
        .flat_map(|words| words.split([' ', ',']))
        .filter(|word| !word.is_empty())
    {
        match word {
            "bpfeb" => directives.big_endian = true,
            "no-debug" => directives.debug = false,
            _ if word.starts_with('-') => directives.extra.push(word.to_owned()),
            _ => match word.strip_prefix("cpu=") {
                Some(cpu) => directives.extra.push(format!("-mcpu={cpu}")),
                None => bail!(
                    "`// build:` knows bpfeb, no-debug, cpu=VERSION and flags that begin with `-`, not `{word}`"
                ),
            },
        }
    }
    Ok(directives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_source_has_btf() {
        let directives = directives("// A map.\n").unwrap();
        assert!(!directives.big_endian);
        assert_eq!(directives.flags(Endian::Little), ["--target=bpfel", "-g"]);
    }

    #[test]
    fn directives_are_obeyed() {
        let directives = directives("// A map.\n// build: bpfeb, no-debug cpu=v4 -DN=1\n").unwrap();
        assert!(directives.big_endian);
        assert_eq!(
            directives.flags(Endian::Big),
            ["--target=bpfeb", "-mcpu=v4", "-DN=1"]
        );
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = directives("// build: bpfbe").err().unwrap();
        assert_eq!(
            error.to_string(),
            "`// build:` knows bpfeb, no-debug, cpu=VERSION and flags that begin with `-`, not `bpfbe`"
        );
    }

    #[test]
    fn objects_are_named_after_their_sources() {
        for (source, endian, object) in [
            ("a/x.bpf.c", Endian::Little, "a/x.bpf.o"),
            ("a/x.bpf.c", Endian::Big, "a/x.eb.bpf.o"),
            ("x.y.c", Endian::Little, "x.y.o"),
            ("x.c", Endian::Big, "x.eb.o"),
        ] {
            assert_eq!(name(Path::new(source), endian), Path::new(object));
        }
    }
}
