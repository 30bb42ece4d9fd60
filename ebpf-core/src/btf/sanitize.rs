//! BTF for older kernels: what they do not know is replaced by something that they do, under the same number.

use super::parse::split_info;
use super::{Btf, BtfBuilder, BtfError, BtfType, DataSec, IntEncoding, Kind, Type, TypeId};

/// What a kernel understands of BTF.
///
/// Start from [`BtfFeatures::ALL`], or from a version by [`BtfFeatures::since`], and correct what probing finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BtfFeatures {
    /// [`Kind::FUNC`] and [`Kind::FUNC_PROTO`]. Since Linux 5.0.
    pub func: bool,
    /// [`Kind::VAR`] and [`Kind::DATASEC`]. Since Linux 5.2.
    pub datasec: bool,
    /// [`FuncLinkage::GLOBAL`](super::FuncLinkage::GLOBAL). Since Linux 5.6.
    pub func_global: bool,
    /// [`Kind::FLOAT`]. Since Linux 5.13.
    pub float: bool,
    /// [`Kind::DECL_TAG`]. Since Linux 5.16.
    pub decl_tag: bool,
    /// [`Kind::TYPE_TAG`]. Since Linux 5.17.
    pub type_tag: bool,
    /// [`Kind::ENUM64`], and the flag that tells signed enumerations. Since Linux 6.0.
    pub enum64: bool,
    /// `?` at the start of the name of a section. Since Linux 6.9.
    pub qmark_datasec: bool,
    /// The flag that tells attributes from tags. Since Linux 6.15.
    pub tag_attribute: bool,
    /// Layouts of kinds, and the longer header that tells where they are. Since Linux 7.1.
    pub layout: bool,
}

impl BtfFeatures {
    /// Everything.
    pub const ALL: Self = Self::since(u32::MAX, 0);

    /// What the kernel of a version has; the kernels of distributions may have more.
    pub const fn since(major: u32, minor: u32) -> Self {
        const fn from(kernel: (u32, u32), least: (u32, u32)) -> bool {
            kernel.0 > least.0 || kernel.0 == least.0 && kernel.1 >= least.1
        }
        let kernel = (major, minor);
        Self {
            func: from(kernel, (5, 0)),
            datasec: from(kernel, (5, 2)),
            func_global: from(kernel, (5, 6)),
            float: from(kernel, (5, 13)),
            decl_tag: from(kernel, (5, 16)),
            type_tag: from(kernel, (5, 17)),
            enum64: from(kernel, (6, 0)),
            qmark_datasec: from(kernel, (6, 9)),
            tag_attribute: from(kernel, (6, 15)),
            layout: from(kernel, (7, 1)),
        }
    }
}

impl Btf {
    /// The same types as a kernel with only `features` takes them. All numbers stay what they are; one type may be
    /// added at the end.
    ///
    /// | kind | becomes |
    /// |---|---|
    /// | `FUNC`, `FUNC_PROTO` | typedef of an enumeration without values |
    /// | global `FUNC` | static |
    /// | `VAR`, `DECL_TAG` | integer of one byte |
    /// | `DATASEC` | structure of its variables |
    /// | `FLOAT` | structure of its size without members |
    /// | `TYPE_TAG` | `const` |
    /// | `ENUM64` | union with its values as members |
    ///
    /// # Errors
    /// Only if the strings grow beyond 4 GiB, or if a kind is known by the layouts that are taken away.
    pub fn sanitized(&self, features: BtfFeatures) -> Result<Self, BtfError> {
        if features == BtfFeatures::ALL {
            return Ok(self.clone());
        }
        let placeholder = TypeId(self.type_count());
        let mut sanitizer = Sanitizer {
            out: self.to_empty_builder(),
            features,
            placeholder,
            needs_placeholder: false,
        };
        if !features.layout {
            sanitizer.out.set_layouts(Vec::new());
        }
        for ty in self.types() {
            sanitizer.copy(ty);
        }
        if sanitizer.needs_placeholder {
            sanitizer.out.int("placeholder", 1, IntEncoding::NONE);
        }
        sanitizer.out.build()
    }
}

struct Sanitizer {
    out: BtfBuilder,
    features: BtfFeatures,
    /// An integer of one byte after all other types, for members that need some type.
    placeholder: TypeId,
    needs_placeholder: bool,
}

impl Sanitizer {
    fn copy(&mut self, ty: BtfType<'_>) {
        let has = self.features;
        let (kind, flag, name) = (ty.kind(), ty.kind_flag(), ty.name_offset());
        match ty.get() {
            Type::FuncProto(_) if !has.func => self.push(Kind::ENUM, 0, 0, 4, &[]),
            Type::Func(_) if !has.func => self.push(Kind::TYPEDEF, name, 0, ty.third(), &[]),
            Type::Func(func) if !has.func_global => {
                self.push(Kind::FUNC, name, 0, func.proto.0, &[]);
            }
            Type::Var(_) if !has.datasec => self.push(Kind::INT, name, 0, 1, &[8]),
            Type::DeclTag(_) if !has.decl_tag => self.push(Kind::INT, 0, 0, 1, &[8]),
            Type::DataSec(section) if !has.datasec => self.section_as_struct(section),
            Type::DataSec(section) if !has.qmark_datasec && ty.name().starts_with('?') => {
                let name = self.out.string(&ty.name().replacen('?', "_", 1));
                let words: Vec<u32> = section
                    .entries()
                    .flat_map(|entry| [entry.type_id.0, entry.offset, entry.size])
                    .collect();
                self.push(Kind::DATASEC, name, ty.vlen(), section.size(), &words);
            }
            Type::Float { size } if !has.float => self.push(Kind::STRUCT, 0, 0, size, &[]),
            Type::TypeTag { type_id, .. } if !has.type_tag => {
                self.push(Kind::CONST, 0, 0, type_id.0, &[]);
            }
            Type::Enum(_) if !has.enum64 && kind == Kind::ENUM64 => self.enum64_as_union(ty),
            Type::Enum(_) if !has.enum64 && flag => self.without_flag(ty),
            Type::DeclTag(_) | Type::TypeTag { .. } if !has.tag_attribute && flag => {
                self.without_flag(ty);
            }
            _ => {
                self.out.push_record(ty.record());
            }
        }
    }

    fn push(&mut self, kind: Kind, name: u32, vlen: u32, third: u32, rest: &[u32]) {
        self.out
            .push_words(&[name, kind.0 << 24 | vlen, third], rest);
    }

    fn without_flag(&mut self, ty: BtfType<'_>) {
        let words = ty.words_after_head();
        let (kind, vlen) = split_info(ty.info());
        self.push(kind, ty.name_offset(), vlen, ty.third(), &words);
    }

    /// Kernels without sections have no variables either: those have become integers of one byte, which fit wherever
    /// they are.
    fn section_as_struct(&mut self, section: DataSec<'_>) {
        let ty = section.as_type();
        let mut entries: Vec<_> = section.entries().collect();
        entries.sort_by_key(|entry| entry.offset);
        let least = entries
            .last()
            .map_or(0, |last| last.offset.saturating_add(1));
        let mut words = Vec::with_capacity(entries.len() * 3);
        for entry in entries {
            let var = ty
                .btf()
                .by_id(entry.type_id)
                .filter(|var| var.kind() == Kind::VAR);
            let name = var
                .filter(|var| is_identifier(var.name()))
                .map_or(0, |var| var.name_offset());
            let type_id = if var.is_some() {
                entry.type_id
            } else {
                self.placeholder()
            };
            words.extend([name, type_id.0, entry.offset.saturating_mul(8)]);
        }
        let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name = self
            .out
            .string(&ty.name().chars().map(allowed).collect::<String>());
        self.push(
            Kind::STRUCT,
            name,
            ty.vlen(),
            section.size().max(least),
            &words,
        );
    }

    fn enum64_as_union(&mut self, ty: BtfType<'_>) {
        let mut words = ty.words_after_head();
        for member in words.chunks_exact_mut(3) {
            if let [_, type_id, offset] = member {
                (*type_id, *offset) = (self.placeholder().0, 0);
            }
        }
        self.push(Kind::UNION, ty.name_offset(), ty.vlen(), ty.third(), &words);
    }

    fn placeholder(&mut self) -> TypeId {
        self.needs_placeholder = true;
        self.placeholder
    }
}

fn is_identifier(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(word)
        && name
            .bytes()
            .next()
            .is_some_and(|first| !first.is_ascii_digit())
}
