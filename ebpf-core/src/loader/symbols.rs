//! What programs need of the kernel by name: its variables and functions, and what they attach to.

use std::cell::OnceCell;
use std::sync::Arc;

use super::error::no_target;
use super::{LoadError, ProgramTarget};
use crate::btf::{Btf, Kind};
use crate::hook::BtfAttach;
use crate::program::{Extern, ExternKind, ProgramSpec};
use crate::system::{BtfTarget, ExternValue, System};

pub(super) const NO_BTF: &str = "it has no BTF: CONFIG_DEBUG_INFO_BTF is off";

/// Looks names up in the kernel's types, then in those of its modules, which are read when they are first needed.
pub(super) struct Symbols<'s, S: System + ?Sized> {
    system: &'s S,
    kernel: OnceCell<Option<Arc<Btf>>>,
    modules: OnceCell<Vec<(Arc<str>, Arc<Btf>)>>,
}

impl<'s, S: System + ?Sized> Symbols<'s, S> {
    pub(super) fn new(system: &'s S) -> Symbols<'s, S> {
        Symbols {
            system,
            kernel: OnceCell::new(),
            modules: OnceCell::new(),
        }
    }

    /// What becomes of a program's externs.
    ///
    /// # Errors
    /// [`LoadError::Missing`] names all that the kernel lacks and that are not weak.
    pub(super) fn externs(&self, program: &ProgramSpec) -> Result<Vec<ExternValue>, LoadError> {
        let mut values = Vec::with_capacity(program.externs.len());
        let mut missing = Vec::new();
        for symbol in &program.externs {
            let value = self.value(symbol)?;
            if value == ExternValue::Missing && !symbol.weak {
                missing.push(symbol.name.clone());
            }
            values.push(value);
        }
        if missing.is_empty() {
            return Ok(values);
        }
        Err(LoadError::Missing {
            needs: format!("program `{}`", program.name).into(),
            names: missing.into(),
            why: self.kernel()?.is_none().then_some(NO_BTF),
        })
    }

    fn value(&self, symbol: &Extern) -> Result<ExternValue, LoadError> {
        let kind = match symbol.kind {
            ExternKind::Function => Kind::FUNC,
            ExternKind::Variable if symbol.type_id.is_some() => Kind::VAR,
            ExternKind::Variable => {
                let address = self.system.facts().symbol(&symbol.name)?;
                return Ok(address.map_or(ExternValue::Missing, ExternValue::Address));
            }
        };
        Ok(self
            .find(None, &symbol.name, kind)?
            .map_or(ExternValue::Missing, ExternValue::Typed))
    }

    /// The function or type that a program is for, in the types of the kernel or of the program it is tied to; `None`
    /// for programs that are verified alone.
    pub(super) fn attach_target(
        &self,
        program: &ProgramSpec,
        tied_to: Option<&ProgramTarget>,
    ) -> Result<Option<BtfTarget>, LoadError> {
        let Some(attach) = BtfAttach::of(program.program_type, program.expected_attach_type) else {
            return Ok(None);
        };
        let name: Arc<str> = program.name.as_str().into();
        let refuse = |what: &str| no_target(&name, program.program_type, what);
        let kind = match attach {
            BtfAttach::Program if tied_to.is_none() => {
                return Err(refuse("a loaded program, given by LoadOptions::target").into());
            }
            // The structure's map knows which callback it is.
            BtfAttach::StructOps => return Ok(None),
            BtfAttach::RawTracepoint => Kind::TYPEDEF,
            BtfAttach::Program | BtfAttach::Function | BtfAttach::Lsm | BtfAttach::Iterator => {
                Kind::FUNC
            }
        };
        let Some(wanted) = program.attach_to.as_deref() else {
            let what =
                format!("the name of a {attach}, in the section name or ProgramSpec::attach_to");
            return Err(refuse(&what).into());
        };
        let (module, wanted) = match wanted.split_once(':') {
            Some((module, name)) => (Some(module), name),
            None => (None, wanted),
        };
        let full = format!("{}{wanted}", attach.name_prefix());
        let found = match tied_to {
            Some(target) => target.btf.find(&full, kind).map(|type_id| BtfTarget {
                type_id,
                module: None,
            }),
            None => self.find(module, &full, kind)?,
        };
        if found.is_some() {
            return Ok(found);
        }
        Err(LoadError::NoTarget {
            program: name,
            kind: attach,
            name: wanted.into(),
            why: (tied_to.is_none() && self.kernel()?.is_none()).then_some(NO_BTF),
        })
    }

    /// Where the kernel's types have `name`: in `module`, or, for `None`, in the kernel or else in any module.
    fn find(
        &self,
        module: Option<&str>,
        name: &str,
        kind: Kind,
    ) -> Result<Option<BtfTarget>, LoadError> {
        if let None | Some("vmlinux") = module {
            let found = self.kernel()?.and_then(|btf| btf.find(name, kind));
            if let Some(type_id) = found {
                return Ok(Some(BtfTarget {
                    type_id,
                    module: None,
                }));
            }
        }
        let in_module = |(of, btf): &(Arc<str>, Arc<Btf>)| {
            let type_id = btf
                .find(name, kind)
                .filter(|type_id| *type_id >= btf.first_id())?;
            Some(BtfTarget {
                type_id,
                module: Some(of.clone()),
            })
        };
        if let Some(module) = module.filter(|module| *module != "vmlinux") {
            let btf = self.system.facts().module_btf(module)?;
            return Ok(btf.and_then(|btf| in_module(&(module.into(), btf))));
        }
        if self.kernel()?.is_none() || module.is_some() {
            return Ok(None);
        }
        Ok(self.modules().iter().find_map(in_module))
    }

    pub(super) fn kernel(&self) -> Result<Option<&Btf>, LoadError> {
        let btf = match self.kernel.get() {
            Some(btf) => btf,
            None => {
                let btf = self.system.target_btf()?;
                self.kernel.get_or_init(|| btf)
            }
        };
        Ok(btf.as_deref())
    }

    /// The modules' types. A module whose types cannot be read is one that has none: what is missing then is named.
    fn modules(&self) -> &[(Arc<str>, Arc<Btf>)] {
        self.modules.get_or_init(|| {
            let facts = self.system.facts();
            let names = facts.modules().unwrap_or_default();
            let read = |name: Arc<str>| Some((name.clone(), facts.module_btf(&name).ok()??));
            names.into_iter().filter_map(read).collect()
        })
    }
}
