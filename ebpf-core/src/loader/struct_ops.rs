//! Which callback of which structure of the kernel a program is.

use std::sync::Arc;

use super::LoadError;
use super::error::no_target;
use super::maps::Made;
use super::symbols::{NO_BTF, Symbols};
use crate::btf::{Btf, Kind, TypeId};
use crate::hook::BtfAttach;
use crate::map::{InitialValue, MapSpec, MapType};
use crate::program::{AttachType, ProgramSpec};
use crate::system::{BtfTarget, System};

/// Whether a map of callbacks has a place for the program.
pub(super) fn names(map: &MapSpec, program: &str) -> bool {
    place(map, program).is_some()
}

/// The place of the program in the structure, in bytes from its start.
fn place(map: &MapSpec, program: &str) -> Option<u32> {
    if map.map_type != MapType::STRUCT_OPS {
        return None;
    }
    let is_it =
        |value: &InitialValue| matches!(value, InitialValue::Program(name) if **name == *program);
    let entry = map.contents.iter().find(|entry| is_it(&entry.value))?;
    let endian = map.types.as_ref()?.btf.endian();
    Some(endian.u32(*entry.key.first_chunk()?))
}

/// The structure of the kernel, and the number of the callback in it, which stands for the attach type.
pub(super) fn bind<S: System + ?Sized>(
    program: &ProgramSpec,
    maps: &[Made<'_>],
    symbols: &Symbols<'_, S>,
) -> Result<(BtfTarget, AttachType), LoadError> {
    let name: Arc<str> = program.name.as_str().into();
    let found = maps
        .iter()
        .find_map(|made| Some((&*made.spec, place(&made.spec, &name)?)));
    let Some((map, offset)) = found else {
        let what = "a variable in section `.struct_ops` or `.struct_ops.link` that names it";
        return Err(no_target(&name, program.program_type, what).into());
    };
    let structure = map.struct_ops.as_deref().unwrap_or_default();
    let callback = map
        .types
        .as_ref()
        .and_then(|types| member_at(&types.btf, types.value, offset));
    let kernel = symbols.kernel()?;
    let target = kernel.and_then(|btf| Some((btf, btf.find(structure, Kind::STRUCT)?)));
    let bound = target
        .zip(callback.as_deref())
        .and_then(|((btf, type_id), callback)| {
            let number = number_of(btf, type_id, callback)?;
            Some((
                BtfTarget {
                    type_id,
                    module: None,
                },
                AttachType(number),
            ))
        });
    bound.ok_or_else(|| LoadError::NoTarget {
        program: name,
        kind: BtfAttach::StructOps,
        name: format!("{structure}.{}", callback.unwrap_or_default()).into(),
        why: kernel.is_none().then_some(NO_BTF),
    })
}

/// The name of the member that starts at this byte.
fn member_at(btf: &Btf, structure: TypeId, offset: u32) -> Option<String> {
    let ty = btf.resolve(structure).ok()?;
    let mut members = ty.as_composite()?.members();
    let found = members.find(|member| member.bit_offset == offset.saturating_mul(8))?;
    Some(found.name.to_owned())
}

/// The number of the member of this name.
fn number_of(btf: &Btf, structure: TypeId, name: &str) -> Option<u32> {
    let ty = btf.by_id(structure)?;
    let mut members = ty.as_composite()?.members().zip(0u32..);
    members
        .find(|(member, _)| member.name == name)
        .map(|(_, number)| number)
}
