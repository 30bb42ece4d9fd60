//! In which order C takes the types: a type comes after those that it holds, and after a declaration of those that it
//! only points to.

use std::collections::HashSet;

use super::super::query::too_deep;
use super::super::{Btf, BtfError, BtfType, MAX_DEPTH, Type, TypeId};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// `struct name;`
    Declare(TypeId),
    Define(TypeId),
}

/// Where a type is on its way into the header.
#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// What it holds comes first.
    Open,
    Done,
}

pub(super) fn of(btf: &Btf) -> Result<Vec<Step>, BtfError> {
    let count = btf.type_count();
    let mut steps = Vec::new();
    let mut states = vec![State::New; count as usize];
    let mut declared = HashSet::new();
    // Each with what it holds, of which the last comes first.
    let mut open: Vec<(BtfType<'_>, Needs)> = Vec::new();
    for start in roots(btf)? {
        open.extend(enter(btf, start, &mut states)?);
        while let Some((ty, needs)) = open.last_mut() {
            let ty = *ty;
            if let Some(next) = needs.held.pop() {
                if states.get(next.0 as usize) == Some(&State::Open) {
                    return Err(too_deep(ty));
                }
                open.extend(enter(btf, next, &mut states)?);
                continue;
            }
            for id in std::mem::take(&mut needs.pointed) {
                let defined = states.get(id.0 as usize) == Some(&State::Done);
                if !defined && declared.insert(id) {
                    steps.push(Step::Declare(id));
                }
            }
            open.pop();
            steps.push(Step::Define(ty.id()));
            if let Some(state) = states.get_mut(ty.id().0 as usize) {
                *state = State::Done;
            }
        }
    }
    Ok(steps)
}

/// What is written at the outermost level: types with a name, and constants that no type has.
fn roots(btf: &Btf) -> Result<Vec<TypeId>, BtfError> {
    let mut held = HashSet::new();
    let mut roots = Vec::new();
    let types = || (1..btf.type_count()).map(|id| btf.get(TypeId(id)));
    for ty in types() {
        let ty = ty?;
        match ty.get() {
            Type::Struct(composite) | Type::Union(composite) => {
                held.extend(composite.members().map(|member| member.type_id));
            }
            Type::Array(array) => {
                held.insert(array.element);
            }
            Type::FuncProto(proto) => {
                held.insert(proto.returns());
                held.extend(proto.params().map(|param| param.type_id));
            }
            Type::Var(var) => {
                held.insert(var.type_id);
            }
            _ => held.extend(ty.target()),
        }
    }
    for ty in types() {
        let ty = ty?;
        let named = !ty.name().is_empty();
        let wanted = match ty.get() {
            Type::Struct(_) | Type::Union(_) | Type::Typedef(_) => named,
            Type::Enum(_) => named || !held.contains(&ty.id()),
            _ => false,
        };
        roots.extend(wanted.then_some(ty.id()));
    }
    Ok(roots)
}

/// What has to come before a type.
#[derive(Default)]
struct Needs {
    held: Vec<TypeId>,
    pointed: Vec<TypeId>,
    seen: HashSet<(TypeId, bool)>,
}

fn enter<'a>(
    btf: &'a Btf,
    id: TypeId,
    states: &mut [State],
) -> Result<Option<(BtfType<'a>, Needs)>, BtfError> {
    let ty = btf.get(id)?;
    match states.get_mut(id.0 as usize) {
        Some(state) if *state == State::New => *state = State::Open,
        _ => return Ok(None),
    }
    let mut needs = Needs::default();
    match ty.get() {
        Type::Struct(composite) | Type::Union(composite) => {
            for member in composite.members() {
                needs.walk(btf, ty, member.type_id, true, 0)?;
            }
        }
        Type::Typedef(of) => needs.walk(btf, ty, of, false, 0)?,
        _ => {}
    }
    needs.held.reverse();
    Ok(Some((ty, needs)))
}

impl Needs {
    /// What a mention of `id` in `of` asks for; `whole` where its size must be known.
    fn walk(
        &mut self,
        btf: &Btf,
        of: BtfType<'_>,
        id: TypeId,
        whole: bool,
        depth: usize,
    ) -> Result<(), BtfError> {
        if depth > 4 * MAX_DEPTH {
            return Err(too_deep(of));
        }
        if !self.seen.insert((id, whole)) {
            return Ok(());
        }
        let ty = btf.get(id)?;
        let named = !ty.name().is_empty();
        match ty.get() {
            Type::Ptr(to) => self.walk(btf, of, to, false, depth + 1),
            Type::Array(array) => self.walk(btf, of, array.element, true, depth + 1),
            Type::FuncProto(proto) => {
                self.walk(btf, of, proto.returns(), false, depth + 1)?;
                for param in proto.params() {
                    self.walk(btf, of, param.type_id, false, depth + 1)?;
                }
                Ok(())
            }
            Type::Struct(composite) | Type::Union(composite) => {
                match (named, whole) {
                    (true, true) => self.held.push(id),
                    (true, false) => self.pointed.push(id),
                    // Written where it is mentioned.
                    (false, _) => {
                        for member in composite.members() {
                            self.walk(btf, of, member.type_id, true, depth + 1)?;
                        }
                    }
                }
                Ok(())
            }
            Type::Enum(_) => {
                self.held.extend(named.then_some(id));
                Ok(())
            }
            Type::Fwd(_) => {
                self.pointed.push(id);
                Ok(())
            }
            Type::Typedef(to) => {
                self.held.push(id);
                match whole && self.is_named(btf, to, depth)? {
                    true => self.walk(btf, of, to, true, depth + 1),
                    false => Ok(()),
                }
            }
            _ => match ty.target().filter(|_| ty.kind().is_modifier()) {
                Some(to) => self.walk(btf, of, to, whole, depth + 1),
                None => Ok(()),
            },
        }
    }

    /// Whether what a typedef stands for is not written in the typedef itself.
    fn is_named(&self, btf: &Btf, to: TypeId, depth: usize) -> Result<bool, BtfError> {
        let ty = btf.get(to)?;
        Ok(match ty.get() {
            Type::Struct(_) | Type::Union(_) | Type::Enum(_) => !ty.name().is_empty(),
            Type::Const(of) | Type::Volatile(of) if depth <= 4 * MAX_DEPTH => {
                self.is_named(btf, of, depth + 1)?
            }
            _ => true,
        })
    }
}
