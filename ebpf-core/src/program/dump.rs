//! What became of a program: its instructions after the verifier's rewriting, its functions, lines and machine code.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{LineRecord, ProgramInfo, ProgramTag};
use crate::btf::{Btf, Kind, TypeId};
use crate::insn::{
    Annotations, Insn, Pseudo, SourceLine, Step, disassemble, helper_id, helper_name, walk,
};
use crate::map::MapId;
use crate::system::{BtfId, System};

/// What a system keeps of a loaded program. Empty where the system does not tell, for want of a privilege most often.
///
/// [`ProgramDump::annotate`] finds the names of what is only a number here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgramDump {
    /// The instructions as the verifier left them, all functions one after the other. Maps are referred to by their ids;
    /// a call of a helper holds its number, or for a helper that the verifier has bound to its code the distance of that
    /// code from the kernel's symbol `__bpf_call_base`.
    #[doc(alias = "xlated_prog_insns")]
    pub instructions: Vec<Insn>,
    /// The functions, the main one first.
    pub functions: Vec<DumpedFunction>,
    /// Positions in the C source, by ascending instruction. Since Linux 5.0.
    pub lines: Vec<LineRecord>,
    /// The addresses of the machine code of [`lines`](ProgramDump::lines), where there is any.
    #[doc(alias = "jited_line_info")]
    pub line_addresses: Vec<u64>,
    /// The machine code of all functions, one after the other.
    #[doc(alias = "jited_prog_insns")]
    pub machine_code: Vec<u8>,
}

/// A function of a loaded program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DumpedFunction {
    /// Its first instruction; `None` where the system does not tell (before Linux 5.0, or without BTF).
    pub start: Option<u32>,
    /// Its type, in the BTF of the program; [`TypeId::VOID`] for none.
    pub type_id: TypeId,
    /// The digest of its instructions.
    pub tag: ProgramTag,
    /// Where its machine code is; 0 where there is none or it is not told.
    #[doc(alias = "jited_ksyms")]
    pub address: u64,
    /// Bytes of its machine code.
    #[doc(alias = "jited_func_lens")]
    pub bytes: u32,
}

impl ProgramDump {
    /// The dump with the names of functions, maps, helpers and source lines, as far as `system` tells them.
    pub fn annotate<S: System + ?Sized>(&self, info: &ProgramInfo, system: &S) -> AnnotatedDump {
        let btf = match info.btf_id {
            0 => None,
            id => system.btf_by_id(BtfId(id)).ok(),
        };
        let mut named = Namer {
            system,
            instructions: self.instructions.clone(),
            annotations: Annotations::default(),
        };
        named.functions(self, info, btf.as_deref());
        named.references();
        if let Some(btf) = &btf {
            named.lines(&self.lines, btf);
        }
        AnnotatedDump {
            instructions: named.instructions,
            annotations: named.annotations,
        }
    }

    /// The name of each function, in the order of [`functions`](ProgramDump::functions), where `btf` tells it.
    pub fn function_names<'b>(&'b self, btf: &'b Btf) -> impl Iterator<Item = Option<&'b str>> {
        self.functions.iter().map(|function| {
            let found = btf.by_id(function.type_id)?;
            (found.kind() == Kind::FUNC).then(|| found.name())
        })
    }
}

/// A dump with names: what it shows as text is what [`disassemble`] writes of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AnnotatedDump {
    /// The instructions; calls of helpers that are known by name hold their number.
    pub instructions: Vec<Insn>,
    /// The names of functions, what instructions refer to, source lines.
    pub annotations: Annotations<'static>,
}

impl fmt::Display for AnnotatedDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        disassemble(&self.instructions, &self.annotations).fmt(f)
    }
}

struct Namer<'s, S: ?Sized> {
    system: &'s S,
    instructions: Vec<Insn>,
    annotations: Annotations<'static>,
}

impl<S: System + ?Sized> Namer<'_, S> {
    fn functions(&mut self, dump: &ProgramDump, info: &ProgramInfo, btf: Option<&Btf>) {
        let named = btf.map(|btf| dump.function_names(btf).collect::<Vec<_>>());
        let named = named.unwrap_or_default();
        for (at, function) in dump.functions.iter().enumerate() {
            let name = match named.get(at).copied().flatten() {
                Some(name) => name,
                None if at == 0 => &info.name,
                None => continue,
            };
            // The main function begins the program, told or not.
            let start = function.start.or((at == 0).then_some(0));
            if let Some(start) = start {
                self.annotations
                    .functions
                    .insert(start as usize, Cow::Owned(name.to_owned()));
            }
        }
    }

    fn references(&mut self) {
        let steps: Vec<Step> = walk(&self.instructions).filter_map(Result::ok).collect();
        let mut maps = BTreeMap::new();
        let base = self.system.facts().symbol("__bpf_call_base").ok().flatten();
        for step in steps {
            let text = match (step.insn.pseudo(), step.second) {
                (Some(kind @ (Pseudo::MAP_FD | Pseudo::MAP_VALUE)), Some(second)) => {
                    let id = MapId(step.insn.imm as u32);
                    let name = maps.entry(id).or_insert_with(|| self.map_name(id));
                    let offset = match kind {
                        Pseudo::MAP_VALUE => format!("+{:#x}", second.imm),
                        _ => String::new(),
                    };
                    Some(match name {
                        Some(name) => format!("map {id} `{name}`{offset}"),
                        None => format!("map {id}{offset}"),
                    })
                }
                _ => self.call(step, base),
            };
            if let Some(text) = text {
                self.annotations
                    .references
                    .insert(step.index, Cow::Owned(text));
            }
        }
    }

    fn map_name(&self, id: MapId) -> Option<Arc<str>> {
        let map = self.system.map_by_id(id).ok()?;
        Some(map.info().name.clone()).filter(|name| !name.is_empty())
    }

    /// What a call is of, unless its number tells. A helper whose code bears its name gets its number back.
    fn call(&mut self, step: Step, base: Option<u64>) -> Option<String> {
        if let Some(id) = step.insn.is_call_kfunc() {
            let btf = self.system.target_btf().ok().flatten()?;
            let found = btf.by_id(TypeId(id)).filter(|_| step.insn.off == 0)?;
            return (found.kind() == Kind::FUNC).then(|| found.name().to_owned());
        }
        let distance = step.insn.is_call_helper()? as i32;
        if helper_name(distance as u32).is_some() {
            return None;
        }
        let address = base?.wrapping_add_signed(distance.into());
        let symbol = self.system.facts().symbol_at(address).ok().flatten()?;
        match helper_id(&symbol.name) {
            Some(id) if symbol.offset == 0 => {
                if let Some(insn) = self.instructions.get_mut(step.index) {
                    insn.imm = id as i32;
                }
                None
            }
            _ => Some(symbol.to_string()),
        }
    }

    fn lines(&mut self, lines: &[LineRecord], btf: &Btf) {
        let text = |at| Cow::Owned(btf.string(at).unwrap_or_default().to_owned());
        for line in lines {
            let source = SourceLine {
                file: text(line.file_name),
                line: line.line,
                text: text(line.text),
            };
            self.annotations
                .lines
                .insert(line.instruction as usize, source);
        }
    }
}
