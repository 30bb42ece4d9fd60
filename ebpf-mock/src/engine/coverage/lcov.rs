//! The text that lcov, genhtml and their like read.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Coverage;

impl Coverage {
    /// Reads what [`Coverage`]'s `Display` wrote, or lcov. What is not known is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Coverage {
        let mut coverage = Coverage::default();
        let mut file = String::new();
        for line in text.lines() {
            let Some((what, rest)) = line.split_once(':') else {
                continue;
            };
            let mut parts = rest.splitn(4, ',');
            let mut part = || parts.next().unwrap_or_default();
            if what == "SF" {
                file = rest.to_owned();
                continue;
            }
            if file.is_empty() {
                continue;
            }
            let known = coverage.file(&file);
            match what {
                "FN" => {
                    let line = part().parse().unwrap_or(0);
                    known
                        .functions
                        .entry(part().to_owned())
                        .or_insert((line, 0))
                        .0 = line;
                }
                "FNDA" => {
                    let count: u64 = part().parse().unwrap_or(0);
                    known.functions.entry(part().to_owned()).or_default().1 += count;
                }
                "DA" => {
                    if let (Ok(line), Ok(count)) = (part().parse(), part().parse::<u64>()) {
                        *known.lines.entry(line).or_default() += count;
                    }
                }
                "BRDA" => {
                    let (line, block, way) = (part().parse(), part().parse(), part());
                    let count = part().parse::<u64>().unwrap_or(0);
                    if let (Ok(line), Ok(block)) = (line, block) {
                        let [yes, no] = known.branches.entry((line, block)).or_default();
                        *(if way == "0" { yes } else { no }) += count;
                    }
                }
                _ => {}
            }
        }
        coverage
    }

    /// Reads and merges every `.info` file of a directory, such as what `EBPF_COVERAGE` named.
    ///
    /// # Errors
    /// Where the directory or a file cannot be read.
    pub fn read_dir(directory: impl AsRef<Path>) -> io::Result<Coverage> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(directory)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        files.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "info")
        });
        files.sort();
        let mut coverage = Coverage::default();
        for file in files {
            coverage.merge(&Coverage::parse(&std::fs::read_to_string(file)?));
        }
        Ok(coverage)
    }

    /// Writes it to a new file of a directory, which is made where it is not there.
    pub(crate) fn write_into(&self, directory: &Path, name: &str) -> io::Result<()> {
        std::fs::create_dir_all(directory)?;
        for number in 0..10_000 {
            let path = directory.join(format!("{name}-{number}.info"));
            let made = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(path);
            match made {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(mut file) => {
                    return io::Write::write_all(&mut file, self.to_string().as_bytes());
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// As lcov writes it.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, file) in &self.files {
            writeln!(f, "TN:\nSF:{name}")?;
            for (function, (line, _)) in &file.functions {
                writeln!(f, "FN:{line},{function}")?;
            }
            for (function, (_, count)) in &file.functions {
                writeln!(f, "FNDA:{count},{function}")?;
            }
            let called = file.functions.values().filter(|function| function.1 > 0);
            writeln!(f, "FNF:{}\nFNH:{}", file.functions.len(), called.count())?;
            // What a line was compiled to may be there several times, with jumps that are reached nowhere while the line is
            // executed: lcov 2 takes that for a mistake, so these are left out.
            let is_hit = |line| file.lines.get(line).is_some_and(|count| *count > 0);
            let is_reached = |counts: &[u64; 2]| counts.iter().any(|count| *count > 0);
            let reached: BTreeSet<u32> = file
                .branches
                .iter()
                .filter(|(_, counts)| is_reached(counts))
                .map(|((line, _), _)| *line)
                .collect();
            let (mut found, mut taken) = (0, 0);
            for ((line, block), counts) in &file.branches {
                if is_hit(line) && !reached.contains(line) {
                    continue;
                }
                found += 2;
                for (way, count) in counts.iter().enumerate() {
                    taken += usize::from(*count > 0);
                    if is_reached(counts) {
                        writeln!(f, "BRDA:{line},{block},{way},{count}")?;
                    } else {
                        writeln!(f, "BRDA:{line},{block},{way},-")?;
                    }
                }
            }
            writeln!(f, "BRF:{found}\nBRH:{taken}")?;
            for (line, count) in &file.lines {
                writeln!(f, "DA:{line},{count}")?;
            }
            let executed = file.lines.values().filter(|count| **count > 0);
            writeln!(
                f,
                "LF:{}\nLH:{}\nend_of_record",
                file.lines.len(),
                executed.count()
            )?;
        }
        Ok(())
    }
}
