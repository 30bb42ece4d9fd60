//! The text that lcov, genhtml and their like read.

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
            let mut ways = 0;
            for ((line, block), counts) in &file.branches {
                // `-` says that nothing of the line was executed: genhtml minds where something was.
                let line_hit = file.lines.get(line).is_some_and(|count| *count > 0);
                let reached = line_hit || counts.iter().any(|count| *count > 0);
                for (way, count) in counts.iter().enumerate() {
                    ways += usize::from(*count > 0);
                    if reached {
                        writeln!(f, "BRDA:{line},{block},{way},{count}")?;
                    } else {
                        writeln!(f, "BRDA:{line},{block},{way},-")?;
                    }
                }
            }
            writeln!(f, "BRF:{}\nBRH:{ways}", 2 * file.branches.len())?;
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
