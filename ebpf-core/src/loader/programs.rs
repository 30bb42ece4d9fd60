//! The programs of an object: which are loaded, with what they are joined, and loading them on several CPUs.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use super::maps::{Made, find};
use super::struct_ops;
use super::symbols::Symbols;
use super::{LoadError, LoadOptions, ProgramTarget, SkipReason, Skipped};
use crate::collection::SectionTarget;
use crate::hook::{AttachTarget, section};
use crate::map::Map;
use crate::object::ObjectSpec;
use crate::program::{Program, ProgramError, ProgramProblem, ProgramSpec, ProgramType};
use crate::system::{Bindings, BtfTarget, ExternValue, System};

/// A program and all that it is joined with.
pub(super) struct Job<'j> {
    spec: Cow<'j, ProgramSpec>,
    maps: Vec<&'j dyn Map>,
    externs: Vec<ExternValue>,
    attach_btf: Option<BtfTarget>,
    target: Option<&'j dyn Program>,
}

/// The program as the options want it, or why it is not loaded.
pub(super) fn choose<'o>(
    spec: &'o ProgramSpec,
    object: &ObjectSpec,
    maps: &[Made<'_>],
    options: &LoadOptions,
) -> Result<Result<Cow<'o, ProgramSpec>, Skipped>, LoadError> {
    let skip = |reason| Ok(Err(Skipped::new("program", &spec.name, reason)));
    if options.disabled.contains(&spec.name) {
        return skip(SkipReason::Disabled);
    }
    if spec.optional && !options.enabled.contains(&spec.name) {
        return skip(SkipReason::Optional);
    }
    let mut callbacks = object
        .maps
        .iter()
        .filter(|map| struct_ops::names(map, &spec.name));
    if let Some(map) = callbacks.next()
        && !maps
            .iter()
            .any(|made| struct_ops::names(&made.spec, &spec.name))
    {
        return skip(SkipReason::Unused {
            map: map.name.as_str().into(),
        });
    }
    let mut spec = Cow::Borrowed(spec);
    if let Some(meaning) = options
        .section_types
        .get(spec.section.trim_start_matches('?'))
    {
        retype(spec.to_mut(), meaning)?;
    }
    if spec.program_type == ProgramType::UNSPEC {
        if options.strict {
            let problem = ProgramProblem::NoType {
                section: spec.section.as_str().into(),
            };
            return Err(ProgramError::Spec {
                program: spec.name.as_str().into(),
                problem,
            }
            .into());
        }
        return skip(SkipReason::NoType {
            section: spec.section.as_str().into(),
        });
    }
    if let Some(level) = options.log_level.filter(|level| *level != spec.log_level) {
        spec.to_mut().log_level = level;
    }
    Ok(Ok(spec))
}

/// Makes a program of what a section name or a program type's name says.
fn retype(spec: &mut ProgramSpec, meaning: &str) -> Result<(), LoadError> {
    let told = section(meaning);
    if told.row.is_some() {
        spec.program_type = told.program_type;
        spec.expected_attach_type = told.attach_type;
        spec.flags |= told.flags;
        if let Some(target) = told.attach_to {
            spec.attach_to = Some(target.to_owned());
        }
        return Ok(());
    }
    let known = ProgramType::from_name(meaning).filter(|known| *known != ProgramType::UNSPEC);
    spec.program_type = known.ok_or_else(|| LoadError::UnknownType {
        section: spec.section.as_str().into(),
        type_name: meaning.into(),
    })?;
    spec.expected_attach_type = None;
    Ok(())
}

/// Finds what a program is joined with.
pub(super) fn join<'j, S: System + ?Sized>(
    mut spec: Cow<'j, ProgramSpec>,
    maps: &'j [Made<'_>],
    symbols: &Symbols<'_, S>,
    options: &'j LoadOptions,
    system: &S,
) -> Result<Job<'j>, LoadError> {
    check_core_relocations(&spec)?;
    let bound = spec
        .maps
        .iter()
        .map(|name| Ok(&*find(maps, name)?.map))
        .collect::<Result<_, LoadError>>()?;
    let target = options.targets.get(&spec.name);
    if let Some(ProgramTarget {
        program: target, ..
    }) = target
    {
        let program = || spec.name.as_str().into();
        let here = target.handle().raw_in(system.id());
        here.map_err(|source| ProgramError::Foreign {
            program: program(),
            source,
        })?;
    }
    let attach_btf = if spec.program_type == ProgramType::STRUCT_OPS {
        let (structure, callback) = struct_ops::bind(&spec, maps, symbols)?;
        spec.to_mut().expected_attach_type = Some(callback);
        Some(structure)
    } else {
        symbols.attach_target(&spec, target)?
    };
    Ok(Job {
        externs: symbols.externs(&spec)?,
        attach_btf,
        maps: bound,
        target: target.map(|target| &*target.program),
        spec,
    })
}

/// Programs are adapted to the types of the running kernel here, between being chosen and being bound. That is not
/// done yet, so a program that needs it is refused instead of reading the wrong fields.
fn check_core_relocations(spec: &ProgramSpec) -> Result<(), ProgramError> {
    let Some(first) = spec.core_relocations.first() else {
        return Ok(());
    };
    let problem = ProgramProblem::NeedsCoRe {
        count: spec.core_relocations.len(),
        first: first.instruction,
    };
    Err(ProgramError::Spec {
        program: spec.name.as_str().into(),
        problem,
    })
}

/// Loads the programs, several at once; they come back in order.
///
/// # Errors
/// Of the programs that fail, the first one's. No more are begun once one has failed.
pub(super) fn load_all<S: System + ?Sized>(
    system: &S,
    jobs: &[Job<'_>],
    threads: Option<NonZeroUsize>,
) -> Result<Vec<Arc<dyn Program>>, ProgramError> {
    let results: Vec<OnceLock<Result<Arc<dyn Program>, ProgramError>>> =
        jobs.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(job), Some(slot)) = (jobs.get(at), results.get(at)) else {
                return;
            };
            let result = job.load(system);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            let _ = slot.set(result);
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers(jobs, threads) {
            scope.spawn(work);
        }
        work();
    });
    // A job that was not begun comes after one that failed, because they begin in order.
    results
        .into_iter()
        .map_while(OnceLock::into_inner)
        .collect()
}

/// How many threads are worth their while: one for each CPU, but none for a program that is loaded before it is up.
fn workers(jobs: &[Job<'_>], threads: Option<NonZeroUsize>) -> usize {
    const INSTRUCTIONS_PER_THREAD: usize = 256;
    let wanted = match threads {
        Some(threads) => threads.get(),
        None => {
            let instructions: usize = jobs.iter().map(|job| job.spec.instructions.len()).sum();
            let useful = instructions / INSTRUCTIONS_PER_THREAD;
            if useful < 2 {
                return 1;
            }
            thread::available_parallelism()
                .map_or(1, NonZeroUsize::get)
                .min(useful)
        }
    };
    wanted.min(jobs.len())
}

impl Job<'_> {
    fn load<S: System + ?Sized>(&self, system: &S) -> Result<Arc<dyn Program>, ProgramError> {
        let bindings = Bindings {
            maps: &self.maps,
            externs: &self.externs,
            attach_btf: self.attach_btf.as_ref(),
            target: self.target,
        };
        system.load_program(&self.spec, &bindings)
    }

    /// Where its section says that it attaches.
    pub(super) fn section_target(&self) -> SectionTarget {
        AttachTarget::by_section(&self.spec)
    }

    pub(super) fn name(&self) -> Arc<str> {
        self.spec.name.as_str().into()
    }
}
