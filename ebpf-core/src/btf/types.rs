//! Views of types: small, copyable, decoded from the bytes when asked.

use super::parse::{RECORD, split_info};
use super::{Btf, FuncLinkage, FwdKind, IntEncoding, Kind, LocParamFlags, TypeId, VarLinkage};
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
    fn items<const N: usize>(
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

fn word(endian: Endian, bytes: &[u8], at: usize) -> u32 {
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

/// An integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    /// Bytes.
    pub size: u32,
    /// Signed, character, boolean.
    pub encoding: IntEncoding,
    /// Where the value starts in the bytes, in bits; 0 but in old bit-fields.
    #[doc(alias = "BTF_INT_OFFSET")]
    pub bit_offset: u8,
    /// How many bits the value has.
    #[doc(alias = "BTF_INT_BITS")]
    pub bits: u8,
}

/// An array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array {
    /// What it holds.
    pub element: TypeId,
    /// What it is indexed by.
    pub index: TypeId,
    /// How many it holds; 0 for a flexible array.
    pub count: u32,
}

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    /// Its [`FuncProto`].
    pub proto: TypeId,
    /// Who sees it.
    pub linkage: FuncLinkage,
}

/// A global variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Var {
    /// What it holds.
    pub type_id: TypeId,
    /// Who sees it.
    pub linkage: VarLinkage,
}

/// A word attached to a declaration; the word is the name of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclTag {
    /// The structure, variable, function or typedef.
    pub type_id: TypeId,
    /// Which member or parameter, counted from 0; `None` for the whole.
    pub component: Option<u32>,
    /// Whether it is a compiler's attribute (and not `btf_decl_tag`). Since Linux 6.15.
    pub attribute: bool,
}

/// A structure or a union.
#[derive(Clone, Copy, Debug)]
pub struct Composite<'a>(BtfType<'a>);

impl<'a> Composite<'a> {
    /// The type itself.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// Bytes.
    pub fn size(&self) -> u32 {
        self.0.third()
    }

    /// Its members, in order of declaration.
    pub fn members(&self) -> impl ExactSizeIterator<Item = Member<'a>> + Clone + 'a {
        let btf = self.0.btf;
        let bitfields = self.0.kind_flag();
        self.0.items(0).map(move |[name, type_id, offset]| Member {
            name: btf.string(name).unwrap_or_default(),
            type_id: TypeId(type_id),
            bit_offset: if bitfields {
                offset & 0xff_ffff
            } else {
                offset
            },
            bit_size: if bitfields { (offset >> 24) as u8 } else { 0 },
        })
    }
}

/// A member of a structure or union.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name; empty for an anonymous structure, union or padding.
    pub name: &'a str,
    /// Its type.
    pub type_id: TypeId,
    /// Bits from the start of the structure.
    #[doc(alias = "BTF_MEMBER_BIT_OFFSET")]
    pub bit_offset: u32,
    /// Bits of a bit-field; 0 for an ordinary member. (Before Linux 5.0 a bit-field was told by an integer with fewer
    /// bits than its bytes have; [`Btf::fields`] knows both.)
    #[doc(alias = "BTF_MEMBER_BITFIELD_SIZE")]
    pub bit_size: u8,
}

/// An enumeration.
#[derive(Clone, Copy, Debug)]
pub struct Enum<'a>(BtfType<'a>);

impl<'a> Enum<'a> {
    /// The type itself.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// Bytes: 1, 2, 4 or 8.
    pub fn size(&self) -> u32 {
        self.0.third()
    }

    /// Whether the values are signed. Compilers older than this flag (clang 15, Linux 6.0) never set it, so that their
    /// -1 reads as 4294967295, in `bpftool` as well.
    pub fn is_signed(&self) -> bool {
        self.0.kind_flag()
    }

    /// Its names and values, in order of declaration.
    pub fn enumerators(&self) -> impl ExactSizeIterator<Item = Enumerator<'a>> + Clone + 'a {
        let (btf, signed) = (self.0.btf, self.0.kind_flag());
        let wide = self.0.kind() == Kind::ENUM64;
        let item = if wide { 12 } else { 8 };
        let endian = btf.endian();
        self.0
            .record
            .get(RECORD..)
            .unwrap_or_default()
            .chunks_exact(item)
            .map(move |bytes| {
                let low = word(endian, bytes, 4);
                let value = u64::from(word(endian, bytes, 8)) << 32 | u64::from(low);
                Enumerator {
                    name: btf.string(word(endian, bytes, 0)).unwrap_or_default(),
                    value: match (wide, signed) {
                        (false, false) => i128::from(low),
                        (false, true) => i128::from(low as i32),
                        (true, false) => i128::from(value),
                        (true, true) => i128::from(value as i64),
                    },
                }
            })
    }
}

/// One name of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enumerator<'a> {
    /// The name.
    pub name: &'a str,
    /// The value, wide enough for every `u64` and `i64`.
    pub value: i128,
}

/// A function's parameters and return type.
#[derive(Clone, Copy, Debug)]
pub struct FuncProto<'a>(BtfType<'a>);

impl<'a> FuncProto<'a> {
    /// The type itself.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// What it returns; [`TypeId::VOID`] for nothing.
    pub fn returns(&self) -> TypeId {
        TypeId(self.0.third())
    }

    /// Its parameters. A last one without a name and of type `void` is the `...` of a variadic function.
    pub fn params(&self) -> impl ExactSizeIterator<Item = Param<'a>> + Clone + 'a {
        let btf = self.0.btf;
        self.0.items(0).map(move |[name, type_id]| Param {
            name: btf.string(name).unwrap_or_default(),
            type_id: TypeId(type_id),
        })
    }
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    /// Its name; empty when the declaration gives none.
    pub name: &'a str,
    /// Its type.
    pub type_id: TypeId,
}

/// A section with its variables or functions.
#[derive(Clone, Copy, Debug)]
pub struct DataSec<'a>(BtfType<'a>);

impl<'a> DataSec<'a> {
    /// The type itself; its name is that of the section.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// Bytes; 0 in what clang writes, until a loader has filled it in from the section.
    pub fn size(&self) -> u32 {
        self.0.third()
    }

    /// What it holds; clang leaves the offsets 0, for a loader to fill in from the symbols.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = VarSecInfo> + Clone + 'a {
        self.0.items(0).map(|[type_id, offset, size]| VarSecInfo {
            type_id: TypeId(type_id),
            offset,
            size,
        })
    }
}

/// A variable or function in a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "btf_var_secinfo")]
pub struct VarSecInfo {
    /// A [`Kind::VAR`] or, in `.ksyms` and the like, a [`Kind::FUNC`].
    pub type_id: TypeId,
    /// Bytes from the start of the section.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
}

/// Where one parameter is found at a place in the code.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "btf_loc_param")]
pub struct LocParam<'a>(BtfType<'a>);

impl<'a> LocParam<'a> {
    /// The type itself.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// Bytes of the parameter.
    pub fn size(&self) -> u32 {
        self.0.third()
    }

    /// How to read [`LocParam::values`].
    pub fn flags(&self) -> LocParamFlags {
        LocParamFlags(word(self.0.btf.endian(), self.0.record, RECORD))
    }

    /// A constant, or a register and an offset.
    pub fn values(&self) -> impl ExactSizeIterator<Item = u32> + Clone + 'a {
        self.0.items(4).map(|[value]| value)
    }
}

/// Where the parameters of a function are found.
#[derive(Clone, Copy, Debug)]
pub struct LocProto<'a>(BtfType<'a>);

impl<'a> LocProto<'a> {
    /// The type itself.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// A [`LocParam`] for each parameter; [`TypeId::VOID`] where nothing is known.
    pub fn params(&self) -> impl ExactSizeIterator<Item = TypeId> + Clone + 'a {
        self.0.items(0).map(|[param]| TypeId(param))
    }
}

/// Places in a section where functions were inlined.
#[derive(Clone, Copy, Debug)]
pub struct LocSec<'a>(BtfType<'a>);

impl<'a> LocSec<'a> {
    /// The type itself.
    pub fn as_type(&self) -> BtfType<'a> {
        self.0
    }

    /// The places.
    pub fn locations(&self) -> impl ExactSizeIterator<Item = Location> + Clone + 'a {
        self.0.items(0).map(|[func, proto, offset]| Location {
            func: TypeId(func),
            proto: TypeId(proto),
            offset,
        })
    }
}

/// A place where a function was inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "btf_loc")]
pub struct Location {
    /// The function.
    pub func: TypeId,
    /// Where its parameters are.
    pub proto: TypeId,
    /// Bytes from where the section was loaded.
    pub offset: u32,
}
