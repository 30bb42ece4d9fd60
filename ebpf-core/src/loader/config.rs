//! The values of `.kconfig` variables: configuration options and facts of the running kernel.

use std::sync::Arc;

use super::{ConfigProblem, LoadError};
use crate::Errno;
use crate::codec::Endian;
use crate::object::{KconfigExtern, KconfigType, ObjectSpec};
use crate::program::ProgramType;
use crate::system::{Feature, System, SystemError};

/// The map that holds the values.
pub(super) const MAP: &str = ".kconfig";

/// The helper by which programs get a cookie, `bpf_get_attach_cookie`.
const GET_ATTACH_COOKIE: u32 = 174;

/// The functions behind bpf(2) on kernels whose system calls take their arguments in a structure.
const SYSCALL_WRAPPERS: [&str; 5] = [
    "__x64_sys_bpf",
    "__arm64_sys_bpf",
    "__s390x_sys_bpf",
    "__riscv_sys_bpf",
    "__se_sys_bpf",
];

/// The value of the map: each variable at its place, what is weak and not set as zeros.
pub(super) fn bytes(
    object: &ObjectSpec,
    size: usize,
    system: &(impl System + ?Sized),
) -> Result<Vec<u8>, LoadError> {
    let mut bytes = vec![0; size];
    for variable in &object.kconfig {
        let value = match look_up(&variable.name, system) {
            Ok(Some(value)) => value,
            Ok(None) if variable.weak => continue,
            Ok(None) => return Err(refuse(variable, ConfigProblem::NotSet)),
            Err(error) if error.errno() == Some(Errno::ENOENT) && variable.weak => continue,
            Err(error) => return Err(refuse(variable, ConfigProblem::Untold(error))),
        };
        let start = variable.offset as usize;
        let place = bytes.get_mut(start..start.saturating_add(variable.size as usize));
        let written = place.and_then(|place| write(&value, variable.kind, object.endian, place));
        if written.is_none() {
            let kind = variable.kind;
            return Err(refuse(
                variable,
                ConfigProblem::Unfit {
                    value: value.into(),
                    kind,
                    size: variable.size,
                },
            ));
        }
    }
    Ok(bytes)
}

fn refuse(variable: &KconfigExtern, problem: ConfigProblem) -> LoadError {
    LoadError::Config {
        option: Arc::from(variable.name.as_str()),
        problem: Box::new(problem),
    }
}

/// What the kernel says of an option: the text after `=`; `None` where it is not set.
fn look_up(option: &str, system: &(impl System + ?Sized)) -> Result<Option<String>, SystemError> {
    let yes_no = |yes: bool| Some(if yes { "1" } else { "0" }.to_owned());
    Ok(match option {
        "LINUX_KERNEL_VERSION" => Some(system.facts().release()?.code().to_string()),
        "LINUX_HAS_BPF_COOKIE" => yes_no(
            system
                .probe(Feature::Helper(ProgramType::KPROBE, GET_ATTACH_COOKIE))?
                .is_yes(),
        ),
        "LINUX_HAS_SYSCALL_WRAPPER" => {
            let mut found = false;
            for name in SYSCALL_WRAPPERS {
                found = found || system.facts().symbol(name)?.is_some();
            }
            yes_no(found)
        }
        _ => system.facts().config(option)?,
    })
}

/// Writes `value`, as it stands in a configuration, into a variable; `None` if it does not fit.
fn write(value: &str, kind: KconfigType, endian: Endian, place: &mut [u8]) -> Option<()> {
    match (kind, value) {
        (KconfigType::Bool, "y" | "1") => integer(1, 0..=1, endian, place),
        (KconfigType::Bool, "n" | "0") => integer(0, 0..=1, endian, place),
        (KconfigType::Tristate, "n") => integer(0, 0..=2, endian, place),
        (KconfigType::Tristate, "y") => integer(1, 0..=2, endian, place),
        (KconfigType::Tristate, "m") => integer(2, 0..=2, endian, place),
        (KconfigType::Char, "y" | "m" | "n") => integer(
            i128::from(*value.as_bytes().first()?),
            0..=255,
            endian,
            place,
        ),
        (KconfigType::Char, _) => integer(number(value)?, -128..=255, endian, place),
        (KconfigType::Int { signed }, _) => {
            let bits = u32::try_from(place.len())
                .ok()
                .filter(|size| (1..=8).contains(size))?
                * 8;
            let range = if signed {
                -(1 << (bits - 1))..=(1 << (bits - 1)) - 1
            } else {
                0..=(1 << bits) - 1
            };
            integer(number(value)?, range, endian, place)
        }
        (KconfigType::String, _) => {
            let text = unescape(value.strip_prefix('"')?.strip_suffix('"')?);
            let (_, room) = place.split_last_mut()?;
            for (byte, letter) in room.iter_mut().zip(text) {
                *byte = letter;
            }
            Some(())
        }
        _ => None,
    }
}

/// A number as configurations have it: decimal or, after `0x`, hexadecimal, with or without a sign.
fn number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let number: u64 = match digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative {
        -i128::from(number)
    } else {
        i128::from(number)
    })
}

/// Writes `number` if it is in the range.
fn integer(
    number: i128,
    range: std::ops::RangeInclusive<i128>,
    endian: Endian,
    place: &mut [u8],
) -> Option<()> {
    let bytes = number.to_le_bytes();
    let bytes = bytes
        .get(..place.len())
        .filter(|_| range.contains(&number))?;
    place.copy_from_slice(bytes);
    if endian == Endian::Big {
        place.reverse();
    }
    Some(())
}

/// The text of a quoted value: a backslash stands before a quote or a backslash.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'\\' {
            rest.next().unwrap_or(byte)
        } else {
            byte
        });
    }
    bytes
}

#[cfg(test)]
mod tests;
