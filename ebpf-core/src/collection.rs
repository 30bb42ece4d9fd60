//! What an object became: its maps and programs, loaded.

use std::path::PathBuf;
use std::sync::Arc;

use crate::btf::TypeId;
use crate::hook::{AttachTarget, NoSectionTarget};
use crate::link::Link;
use crate::loader::{LoadError, LoadNote, Skipped};
use crate::map::{Global, Map, Plain, check_layout};
use crate::object::{ObjectSpec, Variable};
use crate::program::Program;

/// What an object became: its maps and programs, loaded.
///
/// Dropping it releases them; what is attached, pinned or held elsewhere lives on.
#[derive(Debug)]
pub struct Collection {
    maps: Vec<(Arc<str>, Arc<dyn Map>)>,
    programs: Vec<(Arc<str>, Arc<dyn Program>)>,
    /// Where the section of each program says that it attaches.
    targets: Vec<(Arc<str>, SectionTarget)>,
    variables: Vec<Variable>,
    skipped: Vec<Skipped>,
    notes: Vec<LoadNote>,
    pins: Vec<PathBuf>,
}

/// A program's name and its attachment.
pub type NamedLink<'c> = (&'c str, Box<dyn Link>);

/// Where a section name says that its program attaches, or why it does not say.
pub(crate) type SectionTarget = Result<AttachTarget<'static>, NoSectionTarget>;

impl Collection {
    pub(crate) fn new(
        maps: Vec<(Arc<str>, Arc<dyn Map>)>,
        programs: Vec<(Arc<str>, Arc<dyn Program>)>,
        targets: Vec<SectionTarget>,
        object: &ObjectSpec,
        skipped: Vec<Skipped>,
        notes: Vec<LoadNote>,
        pins: Vec<PathBuf>,
    ) -> Collection {
        let names = programs.iter().map(|(name, _)| name.clone());
        Collection {
            targets: names.zip(targets).collect(),
            maps,
            programs,
            variables: object.variables.clone(),
            skipped,
            notes,
            pins,
        }
    }

    /// The maps with their names, in the order of the object. Data sections are among them.
    pub fn maps(&self) -> impl ExactSizeIterator<Item = (&str, &Arc<dyn Map>)> {
        self.maps.iter().map(|(name, map)| (&**name, map))
    }

    /// The map of this name.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the maps that there are.
    pub fn map(&self, name: &str) -> Result<&Arc<dyn Map>, LoadError> {
        find(&self.maps, "map", name).map(|at| &self.maps[at].1)
    }

    /// Takes the map of this name out of the collection.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the maps that there are.
    pub fn take_map(&mut self, name: &str) -> Result<Arc<dyn Map>, LoadError> {
        find(&self.maps, "map", name).map(|at| self.maps.remove(at).1)
    }

    /// The programs with their names, in the order of the object.
    pub fn programs(&self) -> impl ExactSizeIterator<Item = (&str, &Arc<dyn Program>)> {
        self.programs
            .iter()
            .map(|(name, program)| (&**name, program))
    }

    /// The program of this name, which is that of its C function.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the programs that there are.
    pub fn program(&self, name: &str) -> Result<&Arc<dyn Program>, LoadError> {
        find(&self.programs, "program", name).map(|at| &self.programs[at].1)
    }

    /// Takes the program of this name out of the collection.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the programs that there are.
    pub fn take_program(&mut self, name: &str) -> Result<Arc<dyn Program>, LoadError> {
        find(&self.programs, "program", name).map(|at| self.programs.remove(at).1)
    }

    /// Where the section of a program says that it attaches, as `kprobe/do_unlinkat` does.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the programs that there are; [`LoadError::NoSectionTarget`] says why the section is
    /// not enough.
    pub fn section_target(&self, program: &str) -> Result<&AttachTarget<'static>, LoadError> {
        let at = find(&self.targets, "program", program)?;
        let (name, target) = &self.targets[at];
        target
            .as_ref()
            .map_err(|source| LoadError::NoSectionTarget {
                program: name.clone(),
                source: Box::new(source.clone()),
            })
    }

    /// Attaches a program where its section says.
    ///
    /// ```no_run
    /// # fn f(system: &dyn ebpf_core::System) -> Result<(), ebpf_core::LoadError> {
    /// use ebpf_core::SystemExt;
    /// let objects = system.load_file("exec.bpf.o")?;
    /// let _link = objects.attach("on_execve")?; // SEC("kprobe/guess_execve")
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`section_target`](Self::section_target), and those of [`Program::attach`].
    pub fn attach(&self, program: &str) -> Result<Box<dyn Link>, LoadError> {
        let target = self.section_target(program)?;
        Ok(self.program(program)?.attach(target)?)
    }

    /// Attaches every program whose section says where, in the order of the object; those whose section does not say are
    /// left out.
    ///
    /// # Errors
    /// The first program that is refused; then none is attached.
    pub fn attach_all(&self) -> Result<Vec<NamedLink<'_>>, LoadError> {
        let attachable = self.programs().filter_map(|(name, program)| {
            let target = self.section_target(name).ok()?;
            Some((name, program, target))
        });
        attachable
            .map(|(name, program, target)| Ok((name, program.attach(target)?)))
            .collect()
    }

    /// The global variables of the object.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The global variable of this name. Where several sections have one, the first.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the variables that there are.
    pub fn variable(&self, name: &str) -> Result<&Variable, LoadError> {
        let found = self.variables.iter().find(|variable| variable.name == name);
        let names = || self.variables.iter().map(|variable| variable.name.as_str());
        found.ok_or_else(|| LoadError::not_found("variable", name, names()))
    }

    /// The value of a global variable, shared with the running programs.
    ///
    /// ```no_run
    /// use ebpf_core::{Collection, LoadError};
    ///
    /// fn packets(firewall: &Collection) -> Result<u64, LoadError> {
    ///     Ok(firewall.global::<u64>("packets")?.get())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`LoadError::NotFound`] names the variables that there are; [`MapError::Layout`](crate::map::MapError::Layout)
    /// when `T` is not what the variable is; [`MapError`](crate::map::MapError) where the variable's map cannot be
    /// mapped.
    pub fn global<T: Plain>(&self, name: &str) -> Result<Global<T>, LoadError> {
        let variable = self.variable(name)?;
        let map = self.map(&variable.map)?;
        let type_id = variable.type_id.unwrap_or(TypeId::VOID);
        check_layout::<T>(map.info(), "variable", variable.size as usize, type_id)?;
        Ok(Global::new(map, variable.offset as usize)?)
    }

    /// The programs that were not loaded, and why.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// What the loader decided because the object left it open.
    pub fn notes(&self) -> &[LoadNote] {
        &self.notes
    }

    /// The paths at which this load pinned maps that were not there before.
    /// [`System::unpin`](crate::System::unpin) removes one.
    pub fn pins(&self) -> &[PathBuf] {
        &self.pins
    }
}

/// The place of what has this name.
fn find<T>(all: &[(Arc<str>, T)], kind: &'static str, name: &str) -> Result<usize, LoadError> {
    let found = all.iter().position(|(known, _)| &**known == name);
    found.ok_or_else(|| LoadError::not_found(kind, name, all.iter().map(|(known, _)| &**known)))
}
