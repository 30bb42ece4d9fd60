//! The plan: what an object file asks for, as data that can be looked at and edited.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::btf::{Btf, TypeId};
use crate::codec::Endian;
use crate::map::{InitialEntry, InitialValue, MapSpec};
use crate::program::ProgramSpec;

/// What an object file contains: maps, programs, variables.
///
/// Plain data; nothing is created until a loader gives it to a [`System`](crate::System). Change what you like before:
/// sizes of maps, types of programs, values of variables.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObjectSpec {
    /// The maps, in the order of the file; the arrays of `.data`, `.rodata`, `.bss` and their kin and of `.kconfig` are
    /// among them.
    pub maps: Vec<MapSpec>,
    /// The programs, in the order of the file.
    pub programs: Vec<ProgramSpec>,
    /// The global variables.
    pub variables: Vec<Variable>,
    /// The configuration values that the loader is to fill in, in the array `.kconfig`.
    pub kconfig: Vec<KconfigExtern>,
    /// The licence; empty when there is none.
    pub license: Arc<str>,
    /// The kernel release it was built for, as `LINUX_VERSION_CODE`: the section `version`, 0 without one. Only kernels
    /// before 5.0 look at it.
    pub kernel_version: u32,
    /// The types of everything. Section sizes and places of variables are filled in.
    pub btf: Option<Arc<Btf>>,
    /// The byte order of the machine it was compiled for.
    pub endian: Endian,
    /// What was put right or looks wrong, though it is no error.
    pub notes: Vec<Note>,
}

/// A global variable: a place in the only element of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The map that holds it, which is named after its section.
    pub map: String,
    /// Bytes from the start of the map's value.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
    /// Its type in [`ObjectSpec::btf`], where that is known.
    pub type_id: Option<TypeId>,
}

/// A configuration value of the kernel that programs read: `extern … __kconfig`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KconfigExtern {
    /// Its name: `CONFIG_…`, `LINUX_KERNEL_VERSION` or `LINUX_HAS_…`.
    pub name: String,
    /// Bytes from the start of the value of the map `.kconfig`.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
    /// How the value is written.
    pub kind: KconfigType,
    /// Its type in [`ObjectSpec::btf`].
    pub type_id: TypeId,
    /// Whether a kernel without it is fine: it is zero then.
    pub weak: bool,
}

/// How a configuration value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KconfigType {
    /// `y` or `n`, as one byte of 1 or 0.
    Bool,
    /// `n`, `y` or `m`, as 0, 1 or 2 in four bytes.
    #[doc(alias = "libbpf_tristate")]
    Tristate,
    /// One character, or a number that fits in a byte.
    Char,
    /// A number.
    Int {
        /// Whether it may be negative.
        signed: bool,
    },
    /// Text, NUL-terminated and cut off at the size.
    String,
}

/// Something that was put right, or looks wrong, in an object that is otherwise fine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Note {
    /// There is no licence section.
    #[error(
        "there is no section `license`: the kernel will refuse helpers that are for GPL-compatible programs only"
    )]
    NoLicense,
    /// A ring buffer's size was rounded up to what the kernel takes.
    #[error(
        "ring buffer `{map}`: size {from} was rounded up to {to}, a power of two and a multiple of the page size"
    )]
    RingBufferSize {
        /// The map.
        map: String,
        /// The size in the object.
        from: u32,
        /// The size it got.
        to: u32,
    },
    /// Key and value sizes of a ring buffer, which has neither.
    #[error("ring buffer `{map}`: key and value were ignored, ring buffers have none")]
    RingBufferTypes {
        /// The map.
        map: String,
    },
    /// A way of pinning that is not known.
    #[error("map `{map}`: pinning {found} is unknown (0 is none, 1 is by name); it was ignored")]
    Pinning {
        /// The map.
        map: String,
        /// The value.
        found: u64,
    },
    /// Data that holds addresses of other data, which only the compiler's machine could have filled in.
    #[error(
        "section `{section}` holds {count} addresses of other data; programs will read meaningless numbers there"
    )]
    Pointers {
        /// The section.
        section: String,
        /// How many.
        count: u64,
    },
}

impl ObjectSpec {
    /// The map of this name.
    pub fn map(&self, name: &str) -> Option<&MapSpec> {
        self.maps.iter().find(|map| map.name == name)
    }

    /// The map of this name, to be edited.
    pub fn map_mut(&mut self, name: &str) -> Option<&mut MapSpec> {
        self.maps.iter_mut().find(|map| map.name == name)
    }

    /// The program of this name, which is that of its C function.
    pub fn program(&self, name: &str) -> Option<&ProgramSpec> {
        self.programs.iter().find(|program| program.name == name)
    }

    /// The program of this name, to be edited.
    pub fn program_mut(&mut self, name: &str) -> Option<&mut ProgramSpec> {
        self.programs
            .iter_mut()
            .find(|program| program.name == name)
    }

    /// The global variable of this name. Where several sections have one, the first.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The bytes that a variable starts with, in the byte order of the object.
    ///
    /// # Errors
    /// [`VariableError::NotFound`], and [`VariableError::NoPlace`] if its map was taken away or made smaller.
    pub fn variable_bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, VariableError> {
        let variable = self.variable(name).ok_or_else(|| self.no_variable(name))?;
        let place = variable.range();
        let map = self.map(&variable.map).ok_or_else(|| variable.no_place())?;
        match map.contents.iter().find_map(bytes_of) {
            Some(bytes) => bytes
                .get(place)
                .map(Cow::Borrowed)
                .ok_or_else(|| variable.no_place()),
            None if place.end <= map.value_size as usize => Ok(Cow::Owned(vec![0; place.len()])),
            None => Err(variable.no_place()),
        }
    }

    /// What a variable starts with.
    ///
    /// # Errors
    /// Those of [`variable_bytes`](Self::variable_bytes); [`VariableError::Size`] when `T` has another size;
    /// [`VariableError::ByteOrder`] for an object of the other byte order, unless `T` is one byte.
    pub fn get_variable<T: FromBytes>(&self, name: &str) -> Result<T, VariableError> {
        let variable = self.variable(name).ok_or_else(|| self.no_variable(name))?;
        self.check::<T>(variable, size_of::<T>())?;
        let bytes = self.variable_bytes(name)?;
        T::read_from_bytes(&bytes).map_err(|_| variable.wrong_size(size_of::<T>()))
    }

    /// Sets what a variable starts with; constants too, for they become unchangeable only when they are loaded.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut object = ebpf_core::object::ObjectSpec::parse(&std::fs::read("filter.bpf.o")?)?;
    /// object.set_variable("sample_rate", &100u32)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get_variable`](Self::get_variable).
    pub fn set_variable<T: IntoBytes + Immutable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), VariableError> {
        let variable = self.variable(name).ok_or_else(|| self.no_variable(name))?;
        self.check::<u8>(variable, variable.size as usize)?;
        if size_of_val(value) > 1 && !self.endian.is_native() {
            return Err(variable.byte_order());
        }
        self.set_variable_bytes(name, value.as_bytes())
    }

    /// Sets the bytes that a variable starts with, in the byte order of the object.
    ///
    /// # Errors
    /// [`VariableError::NotFound`], [`VariableError::Size`], [`VariableError::NoPlace`].
    pub fn set_variable_bytes(&mut self, name: &str, value: &[u8]) -> Result<(), VariableError> {
        let variable = self
            .variable(name)
            .ok_or_else(|| self.no_variable(name))?
            .clone();
        if value.len() != variable.size as usize {
            return Err(variable.wrong_size(value.len()));
        }
        let zero_key = self.endian.u32_bytes(0);
        let map = self
            .map_mut(&variable.map)
            .ok_or_else(|| variable.no_place())?;
        if !map.contents.iter().any(|entry| bytes_of(entry).is_some()) {
            map.contents.push(InitialEntry {
                key: zero_key.to_vec(),
                value: InitialValue::Bytes(vec![0; map.value_size as usize].into()),
            });
        }
        let bytes = map
            .contents
            .iter_mut()
            .find_map(|entry| match &mut entry.value {
                InitialValue::Bytes(bytes) => Some(Arc::make_mut(bytes)),
                _ => None,
            });
        let place = bytes.and_then(|bytes| bytes.get_mut(variable.range()));
        place
            .ok_or_else(|| variable.no_place())?
            .copy_from_slice(value);
        Ok(())
    }

    fn check<T>(&self, variable: &Variable, size: usize) -> Result<(), VariableError> {
        if size != variable.size as usize {
            return Err(variable.wrong_size(size));
        }
        if size_of::<T>() > 1 && !self.endian.is_native() {
            return Err(variable.byte_order());
        }
        Ok(())
    }

    fn no_variable(&self, name: &str) -> VariableError {
        let have = self
            .variables
            .iter()
            .map(|variable| variable.name.clone())
            .collect();
        VariableError::NotFound {
            name: name.to_owned(),
            have,
        }
    }
}

/// The bytes that an element of an array starts with.
fn bytes_of(entry: &InitialEntry) -> Option<&[u8]> {
    match &entry.value {
        InitialValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

impl Variable {
    fn range(&self) -> std::ops::Range<usize> {
        let start = self.offset as usize;
        start..start.saturating_add(self.size as usize)
    }

    fn wrong_size(&self, got: usize) -> VariableError {
        let (name, expected) = (self.name.clone(), self.size);
        VariableError::Size {
            name,
            expected,
            got,
        }
    }

    fn no_place(&self) -> VariableError {
        let (name, map) = (self.name.clone(), self.map.clone());
        VariableError::NoPlace { name, map }
    }

    fn byte_order(&self) -> VariableError {
        let name = self.name.clone();
        VariableError::ByteOrder { name }
    }
}

/// A variable that cannot be read or set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VariableError {
    /// There is no variable of that name.
    #[error("there is no variable `{name}`; there {}", List(.have))]
    NotFound {
        /// The name.
        name: String,
        /// Which variables there are.
        have: Vec<String>,
    },
    /// A value of another size.
    #[error("variable `{name}` has {expected} bytes, and the value has {got}")]
    Size {
        /// The variable.
        name: String,
        /// Bytes of the variable.
        expected: u32,
        /// Bytes of the value.
        got: usize,
    },
    /// The map that should hold it is not there, or too small.
    #[error("variable `{name}` has no place: map `{map}` was taken away or made smaller")]
    NoPlace {
        /// The variable.
        name: String,
        /// The map.
        map: String,
    },
    /// Numbers of this machine in an object for the other byte order.
    #[error("variable `{name}` is in an object of the other byte order: give its bytes")]
    ByteOrder {
        /// The variable.
        name: String,
    },
}

/// Names in a sentence.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        if self.0.is_empty() {
            return f.write_str("are none");
        }
        f.write_str(if self.0.len() == 1 { "is" } else { "are" })?;
        for (at, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma} `{name}`")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(more @ 1..) => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}
