//! What an object was made of, kept in the target directory: it is made again when anything of that has changed.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result};

/// The records of all objects, by the objects' paths.
pub(super) struct Records {
    dir: PathBuf,
    /// Contents that were looked at in this run: many objects are made of the same headers.
    seen: Mutex<BTreeMap<PathBuf, Option<u64>>>,
}

impl Records {
    pub(super) fn new(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
        Ok(Self {
            dir: dir.to_owned(),
            seen: Mutex::default(),
        })
    }

    /// Whether `object` is what `command` made, of files that are still the same.
    pub(super) fn is_fresh(&self, object: &Path, command: &str) -> bool {
        let Ok(record) = fs::read_to_string(self.file(object)) else {
            return false;
        };
        let mut lines = record.lines();
        lines.next() == Some(&number(hash(&command)))
            && lines
                .next()
                .is_some_and(|line| of_file(object).map(number).as_deref() == Some(line))
            && lines.all(|line| {
                line.split_once(' ').is_some_and(|(kept, file)| {
                    self.of_input(Path::new(file)).map(number).as_deref() == Some(kept)
                })
            })
    }

    /// Remembers what `object` was made with and of.
    ///
    /// A file that is gone, or whose name no line can hold, makes a record that never matches.
    pub(super) fn write(&self, object: &Path, command: &str, inputs: &[PathBuf]) -> Result<()> {
        let mut record = vec![
            number(hash(&command)),
            of_file(object).map(number).unwrap_or_default(),
        ];
        record.extend(inputs.iter().map(|file| {
            let content = self.of_input(file).map(number).unwrap_or_default();
            format!("{content} {}", file.display())
        }));
        let file = self.file(object);
        fs::write(&file, record.join("\n")).with_context(|| format!("write {}", file.display()))
    }

    fn file(&self, object: &Path) -> PathBuf {
        self.dir.join(number(hash(&object)))
    }

    fn of_input(&self, file: &Path) -> Option<u64> {
        let known = self.seen.lock().ok()?.get(file).copied();
        known.unwrap_or_else(|| {
            let content = of_file(file);
            if let Ok(mut seen) = self.seen.lock() {
                seen.insert(file.to_owned(), content);
            }
            content
        })
    }
}

fn of_file(file: &Path) -> Option<u64> {
    Some(hash(&fs::read(file).ok()?))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn number(hash: u64) -> String {
    format!("{hash:016x}")
}

/// The files named in a rule of make, as compilers write it: `object: a.c a\ b.h \` and so on.
pub(super) fn inputs(rule: &str) -> Vec<PathBuf> {
    let rule = rule.split_once(": ").map_or("", |(_, files)| files);
    let mut files = vec![String::new()];
    let mut characters = rule.chars().peekable();
    while let Some(character) = characters.next() {
        let file = files.last_mut();
        match (character, characters.peek()) {
            ('\\', Some(&next @ (' ' | '#'))) => {
                characters.next();
                file.into_iter().for_each(|file| file.push(next));
            }
            ('$', Some('$')) => {
                characters.next();
                file.into_iter().for_each(|file| file.push('$'));
            }
            ('\\', Some('\n' | '\r')) => {}
            (' ' | '\n' | '\r' | '\t', _) => files.push(String::new()),
            _ => file.into_iter().for_each(|file| file.push(character)),
        }
    }
    files.retain(|file| !file.is_empty());
    files.into_iter().map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_make_are_read() {
        let rule = "object: a\\ b.c \\\n  /usr/x.h ../y$$\\#.h\n";
        assert_eq!(
            inputs(rule),
            ["a b.c", "/usr/x.h", "../y$#.h"].map(PathBuf::from)
        );
        assert!(inputs("").is_empty());
    }
}
