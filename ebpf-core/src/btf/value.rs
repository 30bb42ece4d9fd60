//! Bytes as the values of a type: what a map holds, for people to read.

use std::fmt;

use super::{
    Btf, BtfError, Composite, Enum, Field, Int, IntEncoding, Kind, MAX_DEPTH, Type, TypeId,
};
use crate::codec::c_bytes;

/// A value that bytes are, by their type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'b> {
    /// A truth value.
    Bool(bool),
    /// An integer, signed or not.
    Int(i128),
    /// A floating-point number of 4 or 8 bytes.
    Float(f64),
    /// An address.
    Pointer(u64),
    /// An enumeration; the name is missing for a number that has none.
    Enum(Option<&'b str>, i128),
    /// An array of characters that is text up to its first NUL.
    Text(String),
    /// An array.
    Array(Vec<Value<'b>>),
    /// A structure, a union (whose fields share their bytes) or a section of variables, by the names of the fields.
    Struct(Vec<(&'b str, Value<'b>)>),
    /// What the type does not tell how to read.
    Bytes(Vec<u8>),
    /// Left out, because there is too much of it.
    Omitted,
}

/// How many values are made of bytes: so many for each byte and so many besides. Unions make many of few bytes.
const PER_BYTE: usize = 4;
const BESIDES: usize = 1024;

impl Btf {
    /// What `bytes` are as a value of a type, in the byte order of this BTF. Bytes behind the value are left alone; where
    /// they are too few, or the type has no values, they are [`Value::Bytes`].
    ///
    /// ```
    /// use ebpf_core::btf::{BtfBuilder, IntEncoding, MemberSpec};
    ///
    /// let mut builder = BtfBuilder::new();
    /// let byte = builder.int("u8", 1, IntEncoding::NONE);
    /// let pair = builder.structure("pair", 2, &[MemberSpec::new("one", byte, 0), MemberSpec::new("two", byte, 1)]);
    /// let btf = builder.build()?;
    /// assert_eq!(btf.value(pair, &[7, 9])?.to_string(), "{ one: 7, two: 9 }");
    /// # Ok::<(), ebpf_core::btf::BtfError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Btf::fields`], for types that are broken.
    pub fn value(&self, id: TypeId, bytes: &[u8]) -> Result<Value<'_>, BtfError> {
        let budget = bytes.len().saturating_mul(PER_BYTE).saturating_add(BESIDES);
        let mut reader = Reader { btf: self, budget };
        reader.value(id, bytes, 0)
    }
}

struct Reader<'b> {
    btf: &'b Btf,
    budget: usize,
}

impl<'b> Reader<'b> {
    fn value(&mut self, id: TypeId, bytes: &[u8], depth: usize) -> Result<Value<'b>, BtfError> {
        let Some(left) = self.budget.checked_sub(1).filter(|_| depth <= MAX_DEPTH) else {
            return Ok(Value::Omitted);
        };
        self.budget = left;
        let mut ty = self.btf.resolve(id)?;
        if ty.kind() == Kind::VAR
            && let Some(of) = ty.target()
        {
            ty = self.btf.resolve(of)?;
        }
        let size = match ty.get() {
            // Compilers leave the size of a section to the loader.
            Type::DataSec(_) => bytes.len(),
            Type::Void | Type::Func(_) | Type::FuncProto(_) | Type::Fwd(_) => 0,
            _ => self.btf.size_of(ty.id())? as usize,
        };
        let Some(bytes) = bytes.get(..size) else {
            return Ok(Value::Bytes(bytes.to_vec()));
        };
        Ok(match ty.get() {
            Type::Int(int) => self.int(int, bytes),
            Type::Enum(kind) => self.enumeration(kind, bytes),
            Type::Float { .. } => self.float(bytes),
            Type::Ptr(_) => Value::Pointer(self.unsigned(bytes) as u64),
            Type::Array(array) if self.is_char(array.element)? && is_text(bytes) => {
                Value::Text(String::from_utf8_lossy(c_bytes(bytes)).into_owned())
            }
            Type::Array(array) => {
                let size = self.btf.size_of(array.element)? as usize;
                let mut elements = Vec::new();
                // Elements without bytes are as good as none.
                for element in bytes.chunks_exact(size.max(1)) {
                    let element = self.value(array.element, element, depth + 1)?;
                    let omitted = element == Value::Omitted;
                    elements.push(element);
                    if omitted {
                        break;
                    }
                }
                Value::Array(elements)
            }
            Type::Struct(composite) | Type::Union(composite) => {
                self.composite(composite, bytes, depth)?
            }
            Type::DataSec(section) => {
                let mut variables = Vec::new();
                for entry in section.entries() {
                    let variable = self.btf.get(entry.type_id)?;
                    let start = entry.offset as usize;
                    let bytes = bytes.get(start..).unwrap_or_default();
                    let value = self.value(entry.type_id, bytes, depth + 1)?;
                    variables.push((variable.name(), value));
                }
                Value::Struct(variables)
            }
            _ => Value::Bytes(bytes.to_vec()),
        })
    }

    fn composite(
        &mut self,
        composite: Composite<'b>,
        bytes: &[u8],
        depth: usize,
    ) -> Result<Value<'b>, BtfError> {
        let mut values = Vec::new();
        for field in self.btf.fields(composite.as_type().id())? {
            let value = match field.bits {
                Some((start, width)) => self.bits(&field, start, width, bytes)?,
                None => {
                    let bytes = bytes.get(field.offset as usize..).unwrap_or_default();
                    self.value(field.type_id, bytes, depth + 1)?
                }
            };
            let omitted = value == Value::Omitted;
            values.push((field.name, value));
            if omitted {
                break;
            }
        }
        Ok(Value::Struct(values))
    }

    /// A bit-field: `width` bits that start `start` bits after the first of the structure, the lowest first in
    /// little-endian order and the highest first in big-endian order.
    fn bits(
        &self,
        field: &Field<'b>,
        start: u64,
        width: u8,
        bytes: &[u8],
    ) -> Result<Value<'b>, BtfError> {
        let bit = |at: u64| {
            let byte = usize::try_from(at / 8).ok().and_then(|at| bytes.get(at));
            let place = match self.btf.endian() {
                crate::codec::Endian::Little => at % 8,
                crate::codec::Endian::Big => 7 - at % 8,
            };
            byte.map_or(0, |byte| u128::from(byte >> place & 1))
        };
        let width = u64::from(width.min(64));
        let mut number = 0u128;
        for at in 0..width {
            let value = bit(start + at);
            number = match self.btf.endian() {
                crate::codec::Endian::Little => number | value << at,
                crate::codec::Endian::Big => number << 1 | value,
            };
        }
        Ok(match self.btf.resolve(field.type_id)?.get() {
            Type::Int(int) if int.encoding.contains(IntEncoding::SIGNED) => {
                Value::Int(sign_extended(number, width as u32))
            }
            Type::Int(int) if int.encoding.contains(IntEncoding::BOOL) => Value::Bool(number != 0),
            Type::Enum(kind) => named(kind, number as i128),
            _ => Value::Int(number as i128),
        })
    }

    fn unsigned(&self, bytes: &[u8]) -> u128 {
        let add = |number: u128, byte: &u8| number << 8 | u128::from(*byte);
        match self.btf.endian() {
            crate::codec::Endian::Little => bytes.iter().rev().fold(0, add),
            crate::codec::Endian::Big => bytes.iter().fold(0, add),
        }
    }

    fn int(&self, int: Int, bytes: &[u8]) -> Value<'b> {
        let number = self.unsigned(bytes);
        if bytes.len() > 16 {
            return Value::Bytes(bytes.to_vec());
        }
        if int.encoding.contains(IntEncoding::BOOL) {
            return Value::Bool(number != 0);
        }
        match int.encoding.contains(IntEncoding::SIGNED) {
            true => Value::Int(sign_extended(number, bytes.len() as u32 * 8)),
            false => i128::try_from(number).map_or(Value::Bytes(bytes.to_vec()), Value::Int),
        }
    }

    fn enumeration(&self, kind: Enum<'b>, bytes: &[u8]) -> Value<'b> {
        let number = self.unsigned(bytes);
        let number = match kind.is_signed() {
            true => sign_extended(number, bytes.len() as u32 * 8),
            false => number as i128,
        };
        named(kind, number)
    }

    fn float(&self, bytes: &[u8]) -> Value<'b> {
        let number = self.unsigned(bytes);
        match bytes.len() {
            4 => Value::Float(f32::from_bits(number as u32).into()),
            8 => Value::Float(f64::from_bits(number as u64)),
            _ => Value::Bytes(bytes.to_vec()),
        }
    }

    /// Whether a type is `char`: one byte that is called so, or marked as a character.
    fn is_char(&self, id: TypeId) -> Result<bool, BtfError> {
        let ty = self.btf.resolve(id)?;
        Ok(match ty.get() {
            Type::Int(int) => {
                let marked = int.encoding.contains(IntEncoding::CHAR) || ty.name() == "char";
                int.size == 1 && marked
            }
            _ => false,
        })
    }
}

fn named(kind: Enum<'_>, number: i128) -> Value<'_> {
    let mut enumerators = kind.enumerators();
    let found = enumerators.find(|enumerator| enumerator.value == number);
    Value::Enum(found.map(|enumerator| enumerator.name), number)
}

fn sign_extended(number: u128, bits: u32) -> i128 {
    let unused = 128u32.saturating_sub(bits).min(127);
    (number << unused) as i128 >> unused
}

/// Whether bytes are text with nothing but NULs behind it.
fn is_text(bytes: &[u8]) -> bool {
    let text = c_bytes(bytes);
    let rest = bytes.get(text.len()..).unwrap_or_default();
    let printable = |text: &str| text.chars().all(|c| !c.is_control() || c.is_whitespace());
    std::str::from_utf8(text).is_ok_and(printable) && rest.iter().all(|byte| *byte == 0)
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) | Value::Enum(None, value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Pointer(value) => write!(f, "{value:#x}"),
            Value::Enum(Some(name), _) => f.write_str(name),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Array(values) => {
                f.write_str("[")?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Struct(fields) if fields.is_empty() => f.write_str("{}"),
            Value::Struct(fields) => {
                f.write_str("{ ")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(" }")
            }
            Value::Bytes(bytes) => {
                for (at, byte) in bytes.iter().enumerate() {
                    write!(f, "{}{byte:02x}", if at == 0 { "" } else { " " })?;
                }
                Ok(())
            }
            Value::Omitted => f.write_str("…"),
        }
    }
}
