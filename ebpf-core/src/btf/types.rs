//! Views of types: small, copyable, decoded from the bytes when asked.

use super::parse::{RECORD, split_info};
use super::views::{
    Array, Composite, DataSec, DeclTag, Enum, Func, FuncProto, Int, LocParam, LocProto, LocSec, Var,
};
use super::{Btf, FuncLinkage, FwdKind, IntEncoding, Kind, TypeId, VarLinkage};
use crate::codec::Endian;

/// One type, borrowed from its [`Btf`].
#[derive(Clone, Copy)]
pub struct BtfType<'a> {
    btf: &'a Btf,
    id: TypeId,
    offset: u32,
    /// The 12 bytes all types have and what follows them. The index has found it to be complete, so that the reads
    /// below never take their fallback; only a source that changes under our hands could make them.
    record: &'a [u8],
}

impl<'a> BtfType<'a> {
    pub(super) fn new(btf: &'a Btf, id: TypeId, offset: u32, record: &'a [u8]) -> Self {
        Self {
            btf,
            id,
            offset,
            record,
        }
    }

    pub(super) fn void(btf: &'a Btf) -> Self {
        Self {
            btf,
            id: TypeId::VOID,
            offset: 0,
            record: &[0; RECORD],
        }
    }

    /// The number of the type.
    pub fn id(&self) -> TypeId {
        self.id
    }

    /// The BTF that stores it: for a type of the base, the base.
    pub fn btf(&self) -> &'a Btf {
        self.btf
    }

    /// Where it starts, in bytes from the start of the BTF that stores it.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        split_info(self.info()).0
    }

    /// Its name: empty when it has none, or none that can be read ([`Btf::validate`] tells).
    pub fn name(&self) -> &'a str {
        self.btf.string(self.name_offset()).unwrap_or_default()
    }

    /// The offset of its name in the strings; 0 when it has none.
    pub fn name_offset(&self) -> u32 {
        word(self.btf.endian(), self.record, 0)
    }

    /// The flag whose meaning depends on the kind: bit-fields in a structure, `union` in a forward declaration,
    /// signedness of an enumeration, attribute (and not tag) in a tag.
    #[doc(alias = "BTF_INFO_KFLAG")]
    pub fn kind_flag(&self) -> bool {
        self.info() >> 31 == 1
    }

    /// How many items follow: members, parameters, enumerators, variables.
    #[doc(alias = "BTF_INFO_VLEN")]
    pub fn vlen(&self) -> u32 {
        split_info(self.info()).1
    }

    /// The size that is stored, in bytes: of a number, a composite, an enumeration, a section. `None` for a kind that
    /// stores none; [`Btf::size_of`] then computes it.
    pub fn stored_size(&self) -> Option<u32> {
        let has = matches!(
            self.kind(),
            Kind::INT
                | Kind::STRUCT
                | Kind::UNION
                | Kind::ENUM
                | Kind::ENUM64
                | Kind::DATASEC
                | Kind::FLOAT
                | Kind::LOC_PARAM
        );
        has.then(|| self.third())
    }

    /// The type it refers to: of a pointer what it points to, of a typedef what it names, of a function its
    /// prototype, of a prototype what it returns. `None` for a kind that refers to none this way.
    pub fn target(&self) -> Option<TypeId> {
        self.kind().refers().then(|| TypeId(self.third()))
    }

    /// The whole record as it is stored.
    pub fn record(&self) -> &'a [u8] {
        self.record
    }

    /// What it says, by kind.
    pub fn get(&self) -> Type<'a> {
        let target = TypeId(self.third());
        let extra = |at: usize| word(self.btf.endian(), self.record, RECORD + 4 * at);
        match self.kind() {
            Kind::VOID => Type::Void,
            Kind::INT => {
                let bits = extra(0);
                Type::Int(Int {
                    size: self.third(),
                    encoding: IntEncoding((bits >> 24) as u8 & 0xf),
                    bit_offset: (bits >> 16) as u8,
                    bits: bits as u8,
                })
            }
            Kind::PTR => Type::Ptr(target),
            Kind::ARRAY => Type::Array(Array {
                element: TypeId(extra(0)),
                index: TypeId(extra(1)),
                count: extra(2),
            }),
            Kind::STRUCT => Type::Struct(Composite(*self)),
            Kind::UNION => Type::Union(Composite(*self)),
            Kind::ENUM | Kind::ENUM64 => Type::Enum(Enum(*self)),
            Kind::FWD => Type::Fwd(if self.kind_flag() {
                FwdKind::Union
            } else {
                FwdKind::Struct
            }),
            Kind::TYPEDEF => Type::Typedef(target),
            Kind::VOLATILE => Type::Volatile(target),
            Kind::CONST => Type::Const(target),
            Kind::RESTRICT => Type::Restrict(target),
            Kind::FUNC => Type::Func(Func {
                proto: target,
                linkage: FuncLinkage(self.vlen()),
            }),
            Kind::FUNC_PROTO => Type::FuncProto(FuncProto(*self)),
            Kind::VAR => Type::Var(Var {
                type_id: target,
                linkage: VarLinkage(extra(0)),
            }),
            Kind::DATASEC => Type::DataSec(DataSec(*self)),
            Kind::FLOAT => Type::Float { size: self.third() },
            Kind::DECL_TAG => Type::DeclTag(DeclTag {
                type_id: target,
                component: (extra(0) != u32::MAX).then(|| extra(0)),
                attribute: self.kind_flag(),
            }),
            Kind::TYPE_TAG => Type::TypeTag {
                type_id: target,
                attribute: self.kind_flag(),
            },
            Kind::LOC_PARAM => Type::LocParam(LocParam(*self)),
            Kind::LOC_PROTO => Type::LocProto(LocProto(*self)),
            Kind::LOCSEC => Type::LocSec(LocSec(*self)),
            kind => Type::Unknown(kind),
        }
    }

    /// The structure or union that this is.
    pub fn as_composite(&self) -> Option<Composite<'a>> {
        matches!(self.kind(), Kind::STRUCT | Kind::UNION).then_some(Composite(*self))
    }

    /// The section that this is.
    pub fn as_datasec(&self) -> Option<DataSec<'a>> {
        (self.kind() == Kind::DATASEC).then_some(DataSec(*self))
    }

    /// The prototype that this is.
    pub fn as_func_proto(&self) -> Option<FuncProto<'a>> {
        (self.kind() == Kind::FUNC_PROTO).then_some(FuncProto(*self))
    }

    /// Calls `see` with every type that this one refers to.
    pub(super) fn each_reference(&self, see: &mut dyn FnMut(TypeId)) {
        if let Some(target) = self.target() {
            see(target);
        }
        match self.get() {
            Type::Array(array) => {
                see(array.element);
                see(array.index);
            }
            Type::Struct(composite) | Type::Union(composite) => {
                composite.members().for_each(|member| see(member.type_id));
            }
            Type::FuncProto(proto) => proto.params().for_each(|param| see(param.type_id)),
            Type::DataSec(section) => section.entries().for_each(|entry| see(entry.type_id)),
            Type::LocProto(proto) => proto.params().for_each(see),
            Type::LocSec(section) => section.locations().for_each(|location| {
                see(location.func);
                see(location.proto);
            }),
            _ => {}
        }
    }

    /// Calls `see` with the offset of every name of a member, enumerator or parameter.
    pub(super) fn each_item_name(&self, see: &mut dyn FnMut(u32)) {
        match self.kind() {
            Kind::STRUCT | Kind::UNION | Kind::ENUM64 => {
                self.items::<3>(0).for_each(|[name, ..]| see(name));
            }
            Kind::ENUM | Kind::FUNC_PROTO => self.items::<2>(0).for_each(|[name, _]| see(name)),
            _ => {}
        }
    }

    /// The words after the 12 bytes that all types have.
    pub(super) fn words_after_head(&self) -> Vec<u32> {
        self.items(0).map(|[word]| word).collect()
    }

    pub(super) fn info(&self) -> u32 {
        word(self.btf.endian(), self.record, 4)
    }

    /// A size or a type id.
    pub(super) fn third(&self) -> u32 {
        word(self.btf.endian(), self.record, 8)
    }

    /// The items of `N` words each that start `skip` bytes after the common part.
    pub(super) fn items<const N: usize>(
        &self,
        skip: usize,
    ) -> impl ExactSizeIterator<Item = [u32; N]> + Clone + 'a {
        let endian = self.btf.endian();
        let bytes = self.record.get(RECORD + skip..).unwrap_or_default();
        bytes
            .chunks_exact(4 * N)
            .map(move |item| std::array::from_fn(|at| word(endian, item, 4 * at)))
    }
}

impl std::fmt::Debug for BtfType<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {} '{}'", self.id.0, self.kind(), self.name())
    }
}

pub(super) fn word(endian: Endian, bytes: &[u8], at: usize) -> u32 {
    endian.u32_at(bytes, at).unwrap_or(0)
}

/// What a type says, by kind.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Type<'a> {
    /// `void`
    Void,
    /// An integer, character or boolean.
    Int(Int),
    /// A pointer to a type.
    Ptr(TypeId),
    /// An array.
    Array(Array),
    /// A structure.
    Struct(Composite<'a>),
    /// A union.
    Union(Composite<'a>),
    /// An enumeration, with values of 32 or 64 bits.
    Enum(Enum<'a>),
    /// A structure or union of which only the name is known.
    Fwd(FwdKind),
    /// Another name for a type.
    Typedef(TypeId),
    /// `volatile`
    Volatile(TypeId),
    /// `const`
    Const(TypeId),
    /// `restrict`
    Restrict(TypeId),
    /// A function.
    Func(Func),
    /// A function's parameters and return type.
    FuncProto(FuncProto<'a>),
    /// A global variable.
    Var(Var),
    /// A section with its variables or functions.
    DataSec(DataSec<'a>),
    /// A floating-point number.
    Float {
        /// Bytes.
        size: u32,
    },
    /// A word attached to a declaration.
    DeclTag(DeclTag),
    /// A word attached to what a pointer points to.
    TypeTag {
        /// The type with the tag.
        type_id: TypeId,
        /// Whether it is a compiler's attribute (and not `btf_type_tag`). Since Linux 6.15.
        attribute: bool,
    },
    /// Where a parameter is found.
    LocParam(LocParam<'a>),
    /// Where all parameters are found.
    LocProto(LocProto<'a>),
    /// Places in a section.
    LocSec(LocSec<'a>),
    /// A kind of a newer format, skipped by the layout that the file gives.
    Unknown(Kind),
}
