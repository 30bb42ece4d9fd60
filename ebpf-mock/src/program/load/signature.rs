//! Whether one program can be executed for a function of another: `btf_check_func_type_match()` in kernel/bpf/btf.c.

use ebpf_core::btf::{Btf, BtfType, Kind, TypeId};
use ebpf_core::program::{Function, ProgramSpec};

/// Refuses a program whose own type is not that of a function of another program; says why.
pub(crate) fn same_signature(
    program: &ProgramSpec,
    target: &ProgramSpec,
    function: &Function,
) -> Result<(), String> {
    let own = program.functions.first();
    let (Some(own), Some((types, own_type)), Some((target_types, type_id))) =
        (own, typed(program, own), typed(target, Some(function)))
    else {
        return Err("both need types of their functions".to_owned());
    };
    let missing = || "its type is not that of a function".to_owned();
    let mine = signature(types, own_type).ok_or_else(missing)?;
    let theirs = signature(target_types, type_id).ok_or_else(missing)?;
    let (name, other) = (&own.name, &function.name);
    if mine.1.len() != theirs.1.len() {
        let (some, others) = (mine.1.len(), theirs.1.len());
        return Err(format!(
            "{name}() has {some} args while {other}() has {others} args"
        ));
    }
    let (returns, returned) = (plain(types, mine.0), plain(target_types, theirs.0));
    if kind(returns) != kind(returned) {
        return Err(format!(
            "Return type {} of {name}() doesn't match type {} of {other}()",
            word(returns),
            word(returned)
        ));
    }
    for (index, (one, two)) in mine.1.iter().zip(&theirs.1).enumerate() {
        let (a, b) = (plain(types, *one), plain(target_types, *two));
        if kind(a) != kind(b) {
            return Err(format!(
                "arg{index} in {name}() is {} while {other}() has {}",
                word(a),
                word(b)
            ));
        }
        let sizes = (types.size_of(*one).ok(), target_types.size_of(*two).ok());
        if sizes.0 != sizes.1 {
            return Err(format!(
                "arg{index} in {name}() has another size than in {other}()"
            ));
        }
        let pointed = (pointee(types, a), pointee(target_types, b));
        if pointed.0 != pointed.1 {
            return Err(format!(
                "arg{index} of {name}() points to another structure than that of {other}()"
            ));
        }
    }
    Ok(())
}

/// The type of a function of a program, and where it is.
fn typed<'s>(spec: &'s ProgramSpec, function: Option<&Function>) -> Option<(&'s Btf, TypeId)> {
    Some((spec.btf.as_deref()?, function?.type_id?))
}

/// What a function returns and takes.
fn signature(types: &Btf, function: TypeId) -> Option<(TypeId, Vec<TypeId>)> {
    let proto = types.get(function).ok()?.target()?;
    let proto = types.get(proto).ok()?.as_func_proto()?;
    let params = proto.params().map(|param| param.type_id);
    Some((proto.returns(), params.collect()))
}

/// A type without modifiers; `None` for `void`.
fn plain(types: &Btf, id: TypeId) -> Option<BtfType<'_>> {
    types.resolve(id).ok().filter(|_| id != TypeId::VOID)
}

fn kind(of: Option<BtfType<'_>>) -> Option<Kind> {
    of.map(|of| of.kind())
}

fn word(of: Option<BtfType<'_>>) -> String {
    kind(of).map_or_else(|| "UNKN".to_owned(), |kind| kind.to_string().to_uppercase())
}

/// The name of the structure that a type points to; empty for what is no pointer.
fn pointee<'t>(types: &'t Btf, of: Option<BtfType<'t>>) -> &'t str {
    let target = of.filter(|of| of.kind() == Kind::PTR);
    let target = target.and_then(|of| plain(types, of.target()?));
    target.map_or("", |of| of.name())
}
