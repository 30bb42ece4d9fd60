//! The types of functions and the source lines that the kernel keeps of a program: `check_btf_func()` and
//! `check_btf_line()` in kernel/bpf/verifier.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::btf::{FuncLinkage, Kind, Type};
use ebpf_core::program::{Function, LineRecord, ProgramSpec};

use crate::kernel::{BtfObject, Kernel};

/// What the kernel keeps of them. As the kernel's loaders do, what it would refuse is left out.
#[derive(Debug)]
pub(crate) struct Types<'a> {
    pub(crate) object: Arc<BtfObject>,
    /// All functions, or none.
    pub(crate) functions: &'a [Function],
    /// Lines of all functions, or none.
    pub(crate) lines: &'a [LineRecord],
}

impl<'a> Types<'a> {
    /// Those of a spec; `None` where it has none.
    pub(super) fn of(kernel: &Kernel, spec: &'a ProgramSpec) -> Result<Option<Types<'a>>, Errno> {
        let Some(btf) = spec.btf.as_ref().filter(|_| kernel.machine.takes_types()) else {
            return Ok(None);
        };
        let object = kernel.types(btf)?;
        let typed = |function: &Function| {
            let of = function.type_id.and_then(|id| btf.get(id).ok());
            of.is_some_and(|of| of.kind() == Kind::FUNC && !of.name().is_empty())
        };
        let ascend = spec
            .functions
            .is_sorted_by(|one, two| one.start < two.start)
            && spec.functions.first().is_some_and(|first| first.start == 0);
        let functions: &[Function] = if ascend && spec.functions.iter().all(typed) {
            &spec.functions
        } else {
            &[]
        };
        let length = spec.instructions.len();
        let placed = |line: &LineRecord| {
            (line.instruction as usize) < length
                && btf.string(line.file_name).is_some()
                && btf.string(line.text).is_some()
        };
        let begun = |function: &Function| {
            let at = |line: &LineRecord| line.instruction;
            spec.lines.binary_search_by_key(&function.start, at).is_ok()
        };
        let right = !functions.is_empty()
            && spec.lines.iter().all(placed)
            && spec
                .lines
                .is_sorted_by(|one, two| one.instruction < two.instruction)
            && functions.iter().all(begun);
        Ok(Some(Types {
            object,
            functions,
            lines: if right { &spec.lines } else { &[] },
        }))
    }

    /// Whether the function that begins at an instruction is one that others could call too, so that it is checked on its own.
    pub(crate) fn is_global(&self, start: usize) -> bool {
        let function = self
            .functions
            .iter()
            .find(|function| function.start as usize == start);
        let of = function
            .and_then(|function| function.type_id)
            .and_then(|id| self.object.btf.get(id).ok());
        matches!(
            of.map(|of| of.get()),
            Some(Type::Func(func)) if func.linkage == FuncLinkage::GLOBAL
        )
    }
}
