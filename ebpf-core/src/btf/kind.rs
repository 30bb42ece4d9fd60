//! The numbers of BTF: type ids, kinds, linkages and flags, each open to values of newer kernels.

use std::fmt;

/// The number of a type in its BTF. 0 is `void` and is never stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

impl TypeId {
    /// `void`, and "no type" where a type may be absent.
    pub const VOID: Self = Self(0);

    /// Whether this is [`TypeId::VOID`].
    pub const fn is_void(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl From<u32> for TypeId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

open_enum! {
    /// What a type is. `BTF_KIND_*` in `linux/btf.h`.
    pub struct Kind: "kind" {
        /// `void`: never stored, only type 0.
        VOID = 0, "BTF_KIND_UNKN", "VOID";
        /// An integer, character or boolean. Since Linux 4.18.
        INT = 1, "BTF_KIND_INT", "INT";
        /// A pointer. Since Linux 4.18.
        PTR = 2, "BTF_KIND_PTR", "PTR";
        /// An array with a known number of elements. Since Linux 4.18.
        ARRAY = 3, "BTF_KIND_ARRAY", "ARRAY";
        /// A structure. Since Linux 4.18.
        STRUCT = 4, "BTF_KIND_STRUCT", "STRUCT";
        /// A union. Since Linux 4.18.
        UNION = 5, "BTF_KIND_UNION", "UNION";
        /// An enumeration with 32-bit values. Since Linux 4.18.
        ENUM = 6, "BTF_KIND_ENUM", "ENUM";
        /// A structure or union of which only the name is known. Since Linux 4.18.
        FWD = 7, "BTF_KIND_FWD", "FWD";
        /// Another name for a type. Since Linux 4.18.
        TYPEDEF = 8, "BTF_KIND_TYPEDEF", "TYPEDEF";
        /// `volatile`. Since Linux 4.18.
        VOLATILE = 9, "BTF_KIND_VOLATILE", "VOLATILE";
        /// `const`. Since Linux 4.18.
        CONST = 10, "BTF_KIND_CONST", "CONST";
        /// `restrict`. Since Linux 4.18.
        RESTRICT = 11, "BTF_KIND_RESTRICT", "RESTRICT";
        /// A function with its name and linkage. Since Linux 5.0.
        FUNC = 12, "BTF_KIND_FUNC", "FUNC";
        /// Parameters and return type of a function. Since Linux 5.0.
        FUNC_PROTO = 13, "BTF_KIND_FUNC_PROTO", "FUNC_PROTO";
        /// A global variable. Since Linux 5.2.
        VAR = 14, "BTF_KIND_VAR", "VAR";
        /// A section and the variables or functions in it. Since Linux 5.2.
        DATASEC = 15, "BTF_KIND_DATASEC", "DATASEC";
        /// A floating-point number. Since Linux 5.13.
        FLOAT = 16, "BTF_KIND_FLOAT", "FLOAT";
        /// A word that the source attached to a declaration, a member or a parameter. Since Linux 5.16.
        DECL_TAG = 17, "BTF_KIND_DECL_TAG", "DECL_TAG";
        /// A word that the source attached to what a pointer points to. Since Linux 5.17.
        TYPE_TAG = 18, "BTF_KIND_TYPE_TAG", "TYPE_TAG";
        /// An enumeration with 64-bit values. Since Linux 6.0.
        ENUM64 = 19, "BTF_KIND_ENUM64", "ENUM64";
        /// Where the value of one parameter is found at a place in the code. Newer than Linux 7.2.
        LOC_PARAM = 20, "BTF_KIND_LOC_PARAM", "LOC_PARAM";
        /// The places of all parameters of a function. Newer than Linux 7.2.
        LOC_PROTO = 21, "BTF_KIND_LOC_PROTO", "LOC_PROTO";
        /// Where in a section functions were inlined. Newer than Linux 7.2.
        LOCSEC = 22, "BTF_KIND_LOCSEC", "LOCSEC";
    }
}

impl Kind {
    /// Whether the type only adds to another one and has its size: typedef, `const`, `volatile`, `restrict`, type tag.
    pub const fn is_modifier(self) -> bool {
        matches!(
            self,
            Self::TYPEDEF | Self::VOLATILE | Self::CONST | Self::RESTRICT | Self::TYPE_TAG
        )
    }

    /// Whether the third word of the record is a type id (and not a size).
    pub const fn refers(self) -> bool {
        self.is_modifier()
            || matches!(
                self,
                Self::PTR | Self::FUNC | Self::FUNC_PROTO | Self::VAR | Self::DECL_TAG
            )
    }

    /// Bytes after the 12 of the record: once, and for each of its `vlen` items. `None` for an unknown kind.
    pub(super) const fn layout(self) -> Option<(u8, u8)> {
        Some(match self {
            Self::INT | Self::VAR | Self::DECL_TAG => (4, 0),
            Self::ARRAY => (12, 0),
            Self::STRUCT | Self::UNION | Self::DATASEC | Self::ENUM64 | Self::LOCSEC => (0, 12),
            Self::ENUM | Self::FUNC_PROTO => (0, 8),
            Self::LOC_PARAM => (4, 4),
            Self::LOC_PROTO => (0, 4),
            Self::PTR | Self::FWD | Self::FUNC | Self::FLOAT => (0, 0),
            kind if kind.is_modifier() => (0, 0),
            _ => return None,
        })
    }
}

open_enum! {
    /// Who sees a function. `enum btf_func_linkage` in `linux/btf.h`.
    pub struct FuncLinkage: "function linkage" {
        /// Only its own file; the verifier checks it at each call.
        STATIC = 0, "BTF_FUNC_STATIC", "static";
        /// Every file; the verifier checks it once, by its types. Since Linux 5.6.
        GLOBAL = 1, "BTF_FUNC_GLOBAL", "global";
        /// Defined elsewhere: a kernel function. Since Linux 5.13.
        EXTERN = 2, "BTF_FUNC_EXTERN", "extern";
    }
}

open_enum! {
    /// Who sees a variable. `BTF_VAR_*` in `linux/btf.h`.
    pub struct VarLinkage: "variable linkage" {
        /// Only its own file.
        STATIC = 0, "BTF_VAR_STATIC", "static";
        /// Every file, and defined here.
        GLOBAL_ALLOCATED = 1, "BTF_VAR_GLOBAL_ALLOCATED", "global";
        /// Defined elsewhere: a kernel symbol or configuration value.
        GLOBAL_EXTERN = 2, "BTF_VAR_GLOBAL_EXTERN", "extern";
    }
}

/// What a forward declaration stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FwdKind {
    /// `struct name;`
    Struct,
    /// `union name;`
    Union,
}

flags! {
    /// How the bits of an integer are meant.
    pub struct IntEncoding: u8 {
        /// Signed.
        SIGNED = 1, "BTF_INT_SIGNED";
        /// A character.
        CHAR = 2, "BTF_INT_CHAR";
        /// A boolean.
        BOOL = 4, "BTF_INT_BOOL";
    }
}

impl IntEncoding {
    /// Unsigned, and nothing else known.
    pub const NONE: Self = Self(0);
}

flags! {
    /// How to read the values of a [`LocParam`](super::LocParam).
    pub struct LocParamFlags: u32 {
        /// The constant is signed.
        SIGNED = 0x1, "BTF_LOC_PARAM_SIGNED";
        /// The values are a constant, low word first.
        CONST = 0x2, "BTF_LOC_PARAM_CONST";
        /// The constant is an address, counted from the base of the kernel or module.
        ADDR = 0x4, "BTF_LOC_PARAM_ADDR";
        /// The first value is a register number of DWARF.
        REG = 0x8, "BTF_LOC_PARAM_REG";
        /// What the register points to is meant.
        DEREF = 0x10, "BTF_LOC_PARAM_DEREF";
        /// The values after the register are an offset.
        OFFSET = 0x20, "BTF_LOC_PARAM_OFFSET";
    }
}
