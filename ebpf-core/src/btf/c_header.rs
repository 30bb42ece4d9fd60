//! A header in C that declares the types of BTF: what is known as `vmlinux.h`.

mod layout;
mod names;
mod order;

use super::query::{error_at, too_deep};
use super::{
    Btf, BtfError, BtfErrorKind, BtfType, Composite, Enum, FwdKind, MAX_DEPTH, Type, TypeId,
};
use layout::{Layouts, Piece};
use names::Names;
use order::Step;

const BEGIN: &str = "\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif
";
const END: &str = "
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
";
/// What C has as words of its own since C23.
const UNTIL_C23: [&str; 3] = ["bool", "true", "false"];

impl Btf {
    /// A header in C with every structure, union, enumeration and typedef, those of a base too, for programs that are
    /// compiled for BPF by clang.
    ///
    /// Types come in an order in which C takes them, with members where BTF says they are: where the compiler would
    /// put them elsewhere there are padding, bit-fields without a name, or the attribute `packed`. A second type of the
    /// same name gets `___2` behind it, and so does a second enumerator. Members can be found again in another kernel
    /// (`preserve_access_index`), unless `BPF_NO_PRESERVE_ACCESS_INDEX` is defined. Sizes of pointers and of `long` are
    /// those of 64-bit machines.
    ///
    /// # Errors
    /// [`BtfErrorKind::NoSuchType`] and [`BtfErrorKind::BadReference`]; [`BtfErrorKind::TooDeep`] for a structure that
    /// holds itself; [`BtfErrorKind::NoSize`] for a member without a size; [`BtfErrorKind::TooManyFields`].
    #[doc(alias = "btf_dump__dump_type")]
    pub fn c_header(&self) -> Result<String, BtfError> {
        let mut writer = Writer {
            btf: self,
            names: Names::of(self),
            layouts: Layouts::new(self),
            text: BEGIN.to_owned(),
            pads: 0,
            room: self.member_limit().saturating_mul(4).saturating_add(4096),
        };
        for step in order::of(self)? {
            match step {
                Step::Declare(id) => {
                    let name = writer.tag(self.get(id)?);
                    writer.text.push_str(&format!("\n{name};\n"));
                }
                Step::Define(id) => writer.define(self.get(id)?)?,
            }
        }
        writer.text.push_str(END);
        Ok(writer.text)
    }
}

struct Writer<'a> {
    btf: &'a Btf,
    names: Names,
    layouts: Layouts<'a>,
    text: String,
    /// How many paddings have a name in the definition that is being written.
    pads: u32,
    /// How many more members and parameters are written. Types without a name are written wherever they are used, so
    /// few bytes could ask for many.
    room: usize,
}

impl<'a> Writer<'a> {
    fn define(&mut self, ty: BtfType<'a>) -> Result<(), BtfError> {
        self.pads = 0;
        let (text, words) = match ty.get() {
            Type::Typedef(of) => {
                let name = self.names.typedef(ty.id()).to_owned();
                let text = self.declare(ty, of, name.clone(), 0, 0)?;
                (format!("typedef {text};\n"), vec![name])
            }
            Type::Struct(composite) | Type::Union(composite) => (
                format!("{};\n", self.composite(composite, 0, 0)?),
                Vec::new(),
            ),
            Type::Enum(of) => {
                let words = of.enumerators().map(|one| one.name.to_owned()).collect();
                (format!("{};\n", self.enumeration(of, 0)), words)
            }
            _ => return Ok(()),
        };
        let guarded = words.iter().any(|word| UNTIL_C23.contains(&word.as_str()));
        self.text.push('\n');
        if guarded {
            self.text
                .push_str("#if !defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L\n");
        }
        self.text.push_str(&text);
        if guarded {
            self.text.push_str("#endif\n");
        }
        Ok(())
    }

    /// `struct name`
    fn tag(&self, ty: BtfType<'a>) -> String {
        let word = match ty.get() {
            Type::Union(_) | Type::Fwd(FwdKind::Union) => "union",
            Type::Enum(_) => "enum",
            _ => "struct",
        };
        match self.names.tag(ty.id()) {
            "" => word.to_owned(),
            name => format!("{word} {name}"),
        }
    }

    /// A declaration of `inner` as `id`, from the inside out; `of` is what it is a part of.
    fn declare(
        &mut self,
        of: BtfType<'a>,
        mut id: TypeId,
        mut inner: String,
        indent: usize,
        depth: usize,
    ) -> Result<String, BtfError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(of));
        }
        let mut qualifiers = String::new();
        for _ in 0..=2 * MAX_DEPTH {
            let ty = self.btf.get(id)?;
            match ty.get() {
                Type::Ptr(to) => {
                    id = to;
                    inner = format!("*{qualifiers}{inner}");
                    qualifiers.clear();
                    // Through what `[]` and `()` would bind stronger than `*`.
                    if matches!(
                        self.unqualified(to)?.get(),
                        Type::Array(_) | Type::FuncProto(_)
                    ) {
                        inner = format!("({inner})");
                    }
                }
                Type::Const(to) => {
                    id = to;
                    qualify(&mut qualifiers, "const ");
                }
                Type::Volatile(to) => {
                    id = to;
                    qualify(&mut qualifiers, "volatile ");
                }
                Type::Restrict(to) => {
                    id = to;
                    qualify(&mut qualifiers, "__restrict ");
                }
                Type::TypeTag { type_id, .. } => id = type_id,
                Type::Array(array) => {
                    id = array.element;
                    inner.push_str(&format!("[{}]", array.count));
                }
                Type::FuncProto(proto) => {
                    id = proto.returns();
                    qualifiers.clear();
                    let count = proto.params().len();
                    let mut params = Vec::new();
                    for (at, param) in proto.params().enumerate() {
                        self.spend(of)?;
                        let variadic = at + 1 == count && param.type_id.is_void();
                        params.push(match variadic {
                            true => "...".to_owned(),
                            false => {
                                self.declare(of, param.type_id, String::new(), indent, depth + 1)?
                            }
                        });
                    }
                    let params = match params.is_empty() {
                        true => "void".to_owned(),
                        false => params.join(", "),
                    };
                    inner.push_str(&format!("({params})"));
                }
                _ => {
                    let base = self.base(ty, indent, depth)?;
                    let space = match inner.as_str() {
                        "" => "",
                        _ => " ",
                    };
                    return Ok(format!("{qualifiers}{base}{space}{inner}"));
                }
            }
        }
        Err(too_deep(of))
    }

    /// Through what is written before a name and not behind it.
    fn unqualified(&self, id: TypeId) -> Result<BtfType<'a>, BtfError> {
        let mut ty = self.btf.get(id)?;
        for _ in 0..MAX_DEPTH {
            ty = match ty.get() {
                Type::Const(of) | Type::Volatile(of) | Type::Restrict(of) => self.btf.get(of)?,
                Type::TypeTag { type_id, .. } => self.btf.get(type_id)?,
                _ => break,
            };
        }
        Ok(ty)
    }

    /// What a declaration begins with.
    fn base(&mut self, ty: BtfType<'a>, indent: usize, depth: usize) -> Result<String, BtfError> {
        Ok(match ty.get() {
            Type::Struct(composite) | Type::Union(composite) if ty.name().is_empty() => {
                self.composite(composite, indent, depth + 1)?
            }
            Type::Enum(of) if ty.name().is_empty() => self.enumeration(of, indent),
            Type::Struct(_) | Type::Union(_) | Type::Enum(_) | Type::Fwd(_) => self.tag(ty),
            Type::Typedef(_) => self.names.typedef(ty.id()).to_owned(),
            Type::Int(int) => names::integer(ty.name(), int),
            Type::Float { size: 4 } => "float".to_owned(),
            Type::Float { size: 8 } => "double".to_owned(),
            Type::Float { .. } => "long double".to_owned(),
            _ => "void".to_owned(),
        })
    }

    fn composite(
        &mut self,
        composite: Composite<'a>,
        indent: usize,
        depth: usize,
    ) -> Result<String, BtfError> {
        let ty = composite.as_type();
        let layout = self.layouts.of(composite)?;
        let tabs = "\t".repeat(indent);
        let mut text = format!("{} {{\n", self.tag(ty));
        for piece in &layout.pieces {
            self.spend(ty)?;
            let line = match *piece {
                Piece::Bits(count) => format!("unsigned char : {count}"),
                Piece::Bytes(count) => {
                    self.pads += 1;
                    format!("unsigned char __padding{}[{count}]", self.pads)
                }
                Piece::Member { member, bits } => {
                    let name = names::identifier(member.name);
                    let line = self.declare(ty, member.type_id, name, indent + 1, depth)?;
                    match bits {
                        0 => line,
                        bits => format!("{line} : {bits}"),
                    }
                }
            };
            text.push_str(&format!("{tabs}\t{line};\n"));
        }
        text.push_str(&format!("{tabs}}}"));
        if layout.packed {
            text.push_str(" __attribute__((packed))");
        }
        Ok(text)
    }

    fn enumeration(&mut self, of: Enum<'a>, indent: usize) -> String {
        let tabs = "\t".repeat(indent);
        let mut text = format!("{} {{\n", self.tag(of.as_type()));
        for one in of.enumerators() {
            let name = self.names.enumerator(one.name);
            let value = match one.value {
                value if value == i128::from(i64::MIN) => "-9223372036854775807LL - 1".to_owned(),
                value if value < i128::from(i32::MIN) => format!("{value}LL"),
                value if value <= i128::from(i32::MAX) => value.to_string(),
                value if value <= i128::from(u32::MAX) => format!("{value}U"),
                value => format!("{value}ULL"),
            };
            text.push_str(&format!("{tabs}\t{name} = {value},\n"));
        }
        // One without names is none in C.
        if of.enumerators().len() == 0 {
            let name = self.names.enumerator("__empty");
            text.push_str(&format!("{tabs}\t{name} = 0,\n"));
        }
        let attribute = match of.size() {
            1 => " __attribute__((mode(QI)))",
            2 => " __attribute__((mode(HI)))",
            8 => " __attribute__((mode(DI)))",
            _ => "",
        };
        text.push_str(&format!("{tabs}}}{attribute}"));
        text
    }

    fn spend(&mut self, on: BtfType<'a>) -> Result<(), BtfError> {
        match self.room.checked_sub(1) {
            Some(room) => self.room = room,
            None => {
                let (id, name) = (on.id(), on.name().into());
                let limit = self.btf.member_limit();
                let kind = BtfErrorKind::TooManyFields { id, name, limit };
                return Err(error_at(on, kind));
            }
        }
        Ok(())
    }
}

/// Once: types say `const` again of the elements of a constant array.
fn qualify(qualifiers: &mut String, word: &str) {
    if !qualifiers.contains(word) {
        qualifiers.push_str(word);
    }
}

#[cfg(test)]
mod tests;
