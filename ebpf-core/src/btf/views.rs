//! What types of one kind say: members, parameters, enumerators, variables.

use super::parse::RECORD;
use super::types::word;
use super::{BtfType, FuncLinkage, IntEncoding, Kind, LocParamFlags, TypeId, VarLinkage};

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
pub struct Composite<'a>(pub(super) BtfType<'a>);

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
        let btf = self.0.btf();
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
    /// bits than its bytes have; [`Btf::fields`](super::Btf::fields) knows both.)
    #[doc(alias = "BTF_MEMBER_BITFIELD_SIZE")]
    pub bit_size: u8,
}

/// An enumeration.
#[derive(Clone, Copy, Debug)]
pub struct Enum<'a>(pub(super) BtfType<'a>);

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
        let (btf, signed) = (self.0.btf(), self.0.kind_flag());
        let wide = self.0.kind() == Kind::ENUM64;
        let item = if wide { 12 } else { 8 };
        let endian = btf.endian();
        self.0
            .record()
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
pub struct FuncProto<'a>(pub(super) BtfType<'a>);

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
        let btf = self.0.btf();
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
pub struct DataSec<'a>(pub(super) BtfType<'a>);

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
pub struct LocParam<'a>(pub(super) BtfType<'a>);

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
        LocParamFlags(word(self.0.btf().endian(), self.0.record(), RECORD))
    }

    /// A constant, or a register and an offset.
    pub fn values(&self) -> impl ExactSizeIterator<Item = u32> + Clone + 'a {
        self.0.items(4).map(|[value]| value)
    }
}

/// Where the parameters of a function are found.
#[derive(Clone, Copy, Debug)]
pub struct LocProto<'a>(pub(super) BtfType<'a>);

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
pub struct LocSec<'a>(pub(super) BtfType<'a>);

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
