//! What was executed of the source: counted by stretches of instructions, told as lcov.

mod lcov;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::code::Code;
use super::report;
use super::run::Run;

/// How often stretches of instructions began and ended at each instruction.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    first: Box<[u64]>,
    last: Box<[u64]>,
}

impl Counters {
    /// Counts a stretch of a program of so many operations.
    fn add(&mut self, length: usize, first: usize, last: usize) {
        if self.first.len() < length {
            self.first = vec![0; length].into_boxed_slice();
            self.last = self.first.clone();
        }
        if first < self.first.len() && last < self.last.len() {
            self.first[first] += 1;
            self.last[last] += 1;
        }
    }

    /// Adds others, and makes them zero.
    fn take(&mut self, other: &mut Counters) {
        for (mine, other) in self.first.iter_mut().zip(&mut other.first) {
            *mine += std::mem::take(other);
        }
        for (mine, other) in self.last.iter_mut().zip(&mut other.last) {
            *mine += std::mem::take(other);
        }
    }

    /// How often each instruction was executed.
    fn executed(&self) -> Vec<u64> {
        let mut running = 0u64;
        let counts = self.first.iter().zip(&self.last).map(|(first, last)| {
            running += first;
            let count = running;
            running = running.saturating_sub(*last);
            count
        });
        counts.collect()
    }
}

/// What was executed of a program so far.
#[derive(Debug)]
pub(crate) struct Covered {
    code: Arc<Code>,
    counters: Counters,
}

impl Run {
    /// Counts or tells of a stretch of instructions.
    #[cold]
    pub(super) fn watch(&mut self, first: usize, last: usize) {
        if let Some(trace) = &self.kernel.machine.trace {
            trace.stretch(&self.code, first, last);
        }
        if self.kernel.machine.coverage.is_some()
            && let Some(linked) = self.linked.get_mut(self.link)
        {
            linked.counters.add(self.code.ops.len(), first, last);
        }
    }

    /// Adds what this run counted to what the system knows.
    pub(super) fn report_coverage(&mut self) {
        let mut covered = self.kernel.covered.lock();
        for linked in &mut self.linked {
            if linked.counters.first.is_empty() {
                continue;
            }
            let known = covered
                .iter_mut()
                .find(|known| Arc::ptr_eq(&known.code, &linked.code));
            match known {
                Some(known) => known.counters.take(&mut linked.counters),
                None => covered.push(Covered {
                    code: linked.code.clone(),
                    counters: std::mem::take(&mut linked.counters),
                }),
            }
        }
    }
}

/// Which lines, functions and branches of C sources were executed, and how often.
///
/// Of objects with line information (`clang -g`). A line that was compiled to nothing is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    files: BTreeMap<String, FileCoverage>,
}

/// What was executed of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FileCoverage {
    /// The line of each function, and how often it was called.
    functions: BTreeMap<String, (u32, u64)>,
    lines: BTreeMap<u32, u64>,
    /// For each line and conditional jump of it, by the place in its function: how often the jump was taken, and not.
    branches: BTreeMap<(u32, u32), [u64; 2]>,
}

impl Coverage {
    pub(crate) fn of(covered: &[Covered]) -> Coverage {
        let mut coverage = Coverage::default();
        for covered in covered {
            coverage.add(covered);
        }
        coverage
    }

    fn add(&mut self, covered: &Covered) {
        let code = &covered.code;
        let executed = covered.counters.executed();
        let count = |at: usize| executed.get(at).copied().unwrap_or(0);
        for function in &code.spec.functions {
            let start = function.start as usize;
            let Some(position) = report::position(&code.spec, start) else {
                continue;
            };
            let functions = &mut self.file(&position.file).functions;
            let known = functions
                .entry(function.name.to_string())
                .or_insert((position.line, 0));
            known.1 += count(start);
        }
        // A line may begin at several instructions of one program: it was executed as often as the one of them most executed.
        let mut lines: BTreeMap<(&str, u32), u64> = BTreeMap::new();
        let strings = code.spec.btf.as_ref();
        for (index, record) in code.spec.lines.iter().enumerate() {
            let file = strings.and_then(|btf| btf.string(record.file_name));
            if let Some(file) = file.filter(|_| record.line > 0) {
                let line = lines.entry((file, record.line)).or_default();
                // A jump may lead into the middle of what a line was compiled to.
                let next = code.spec.lines.get(index + 1);
                let end = next.map_or(executed.len(), |next| next.instruction as usize);
                let here = (record.instruction as usize..end).map(count).max();
                *line = (*line).max(here.unwrap_or(0));
            }
        }
        for ((file, line), count) in lines {
            *self.file(file).lines.entry(line).or_default() += count;
        }
        for (at, op) in code.ops.iter().enumerate() {
            if !op.kind.is_jump_if() {
                continue;
            }
            let Some(position) = report::position(&code.spec, at) else {
                continue;
            };
            let function = code
                .function_at(at)
                .and_then(|index| code.spec.functions.get(index));
            let place = at as u32 - function.map_or(0, |function| function.start);
            let taken = covered.counters.last.get(at).copied().unwrap_or(0);
            let branches = &mut self.file(&position.file).branches;
            let [yes, no] = branches.entry((position.line, place)).or_default();
            *yes += taken;
            *no += count(at).saturating_sub(taken);
        }
    }

    fn file(&mut self, name: &str) -> &mut FileCoverage {
        if !self.files.contains_key(name) {
            self.files.insert(name.to_owned(), FileCoverage::default());
        }
        self.files.entry(name.to_owned()).or_default()
    }

    /// Adds what was executed elsewhere.
    pub fn merge(&mut self, other: &Coverage) {
        for (name, other) in &other.files {
            let file = self.file(name);
            for (function, (line, count)) in &other.functions {
                file.functions
                    .entry(function.clone())
                    .or_insert((*line, 0))
                    .1 += count;
            }
            for (line, count) in &other.lines {
                *file.lines.entry(*line).or_default() += count;
            }
            for (branch, [yes, no]) in &other.branches {
                let known = file.branches.entry(*branch).or_default();
                known[0] += yes;
                known[1] += no;
            }
        }
    }

    /// The files of which anything is known.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// How often a line was executed; `None` for a line without instructions.
    pub fn line(&self, file: &str, line: u32) -> Option<u64> {
        self.files.get(file)?.lines.get(&line).copied()
    }

    /// The lines of a file that have instructions, in order, and how often each was executed.
    ///
    /// ```
    /// let coverage = ebpf_mock::Coverage::parse("SF:filter.bpf.c\nDA:7,2\nDA:9,0\nend_of_record\n");
    /// let lines: Vec<(u32, u64)> = coverage.lines("filter.bpf.c").collect();
    /// assert_eq!(lines, [(7, 2), (9, 0)]);
    /// ```
    pub fn lines(&self, file: &str) -> impl Iterator<Item = (u32, u64)> {
        let lines = self.files.get(file).map(|file| &file.lines);
        lines
            .into_iter()
            .flatten()
            .map(|(line, times)| (*line, *times))
    }

    /// How often a function was called; `None` for one that is not known.
    pub fn function(&self, name: &str) -> Option<u64> {
        let mut found = self
            .files
            .values()
            .filter_map(|file| file.functions.get(name));
        found.next().map(|function| function.1)
    }
}
