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

/// Defines an open newtype over a number: constants with their kernel names, `name()`, `Display` and `Debug`.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident($repr:ty) {
        $($(#[$variant_meta:meta])* $variant:ident = $value:literal $text:literal $c_name:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $repr);

        impl $name {
            $($(#[$variant_meta])* #[doc(alias = $c_name)] pub const $variant: Self = Self($value);)*

            /// Every value that has a name, in the order of the numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word for this value, as `bpftool` prints it; `None` for a value this version does not know.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!(stringify!($name), "({})"), self.0),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

pub(super) use open_enum;

open_enum! {
    /// What a type is. `BTF_KIND_*` in `linux/btf.h`.
    Kind(u8) {
        /// `void`: never stored, only type 0.
        VOID = 0 "VOID" "BTF_KIND_UNKN";
        /// An integer, character or boolean. Since Linux 4.18.
        INT = 1 "INT" "BTF_KIND_INT";
        /// A pointer. Since Linux 4.18.
        PTR = 2 "PTR" "BTF_KIND_PTR";
        /// An array with a known number of elements. Since Linux 4.18.
        ARRAY = 3 "ARRAY" "BTF_KIND_ARRAY";
        /// A structure. Since Linux 4.18.
        STRUCT = 4 "STRUCT" "BTF_KIND_STRUCT";
        /// A union. Since Linux 4.18.
        UNION = 5 "UNION" "BTF_KIND_UNION";
        /// An enumeration with 32-bit values. Since Linux 4.18.
        ENUM = 6 "ENUM" "BTF_KIND_ENUM";
        /// A structure or union of which only the name is known. Since Linux 4.18.
        FWD = 7 "FWD" "BTF_KIND_FWD";
        /// Another name for a type. Since Linux 4.18.
        TYPEDEF = 8 "TYPEDEF" "BTF_KIND_TYPEDEF";
        /// `volatile`. Since Linux 4.18.
        VOLATILE = 9 "VOLATILE" "BTF_KIND_VOLATILE";
        /// `const`. Since Linux 4.18.
        CONST = 10 "CONST" "BTF_KIND_CONST";
        /// `restrict`. Since Linux 4.18.
        RESTRICT = 11 "RESTRICT" "BTF_KIND_RESTRICT";
        /// A function with its name and linkage. Since Linux 5.0.
        FUNC = 12 "FUNC" "BTF_KIND_FUNC";
        /// Parameters and return type of a function. Since Linux 5.0.
        FUNC_PROTO = 13 "FUNC_PROTO" "BTF_KIND_FUNC_PROTO";
        /// A global variable. Since Linux 5.2.
        VAR = 14 "VAR" "BTF_KIND_VAR";
        /// A section and the variables or functions in it. Since Linux 5.2.
        DATASEC = 15 "DATASEC" "BTF_KIND_DATASEC";
        /// A floating-point number. Since Linux 5.13.
        FLOAT = 16 "FLOAT" "BTF_KIND_FLOAT";
        /// A word that the source attached to a declaration, a member or a parameter. Since Linux 5.16.
        DECL_TAG = 17 "DECL_TAG" "BTF_KIND_DECL_TAG";
        /// A word that the source attached to what a pointer points to. Since Linux 5.17.
        TYPE_TAG = 18 "TYPE_TAG" "BTF_KIND_TYPE_TAG";
        /// An enumeration with 64-bit values. Since Linux 6.0.
        ENUM64 = 19 "ENUM64" "BTF_KIND_ENUM64";
        /// Where the value of one parameter is found at a place in the code. Of kernels after 7.1.
        LOC_PARAM = 20 "LOC_PARAM" "BTF_KIND_LOC_PARAM";
        /// The places of all parameters of a function. Of kernels after 7.1.
        LOC_PROTO = 21 "LOC_PROTO" "BTF_KIND_LOC_PROTO";
        /// Where in a section functions were inlined. Of kernels after 7.1.
        LOCSEC = 22 "LOCSEC" "BTF_KIND_LOCSEC";
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
    FuncLinkage(u32) {
        /// Only its own file; the verifier checks it at each call.
        STATIC = 0 "static" "BTF_FUNC_STATIC";
        /// Every file; the verifier checks it once, by its types. Since Linux 5.6.
        GLOBAL = 1 "global" "BTF_FUNC_GLOBAL";
        /// Defined elsewhere: a kernel function. Since Linux 5.13.
        EXTERN = 2 "extern" "BTF_FUNC_EXTERN";
    }
}

open_enum! {
    /// Who sees a variable. `BTF_VAR_*` in `linux/btf.h`.
    VarLinkage(u32) {
        /// Only its own file.
        STATIC = 0 "static" "BTF_VAR_STATIC";
        /// Every file, and defined here.
        GLOBAL_ALLOCATED = 1 "global" "BTF_VAR_GLOBAL_ALLOCATED";
        /// Defined elsewhere: a kernel symbol or configuration value.
        GLOBAL_EXTERN = 2 "extern" "BTF_VAR_GLOBAL_EXTERN";
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

/// How the bits of an integer are meant: a set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IntEncoding(pub u8);

impl IntEncoding {
    /// Unsigned, and nothing else known.
    pub const NONE: Self = Self(0);
    /// Signed.
    #[doc(alias = "BTF_INT_SIGNED")]
    pub const SIGNED: Self = Self(1);
    /// A character.
    #[doc(alias = "BTF_INT_CHAR")]
    pub const CHAR: Self = Self(2);
    /// A boolean.
    #[doc(alias = "BTF_INT_BOOL")]
    pub const BOOL: Self = Self(4);

    /// Whether every flag of `flags` is set here.
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// How to read the values of a [`LocParam`](super::LocParam): a set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LocParamFlags(pub u32);

impl LocParamFlags {
    /// The constant is signed.
    #[doc(alias = "BTF_LOC_PARAM_SIGNED")]
    pub const SIGNED: Self = Self(0x1);
    /// The values are a constant, low word first.
    #[doc(alias = "BTF_LOC_PARAM_CONST")]
    pub const CONST: Self = Self(0x2);
    /// The constant is an address, counted from the base of the kernel or module.
    #[doc(alias = "BTF_LOC_PARAM_ADDR")]
    pub const ADDR: Self = Self(0x4);
    /// The first value is a register number of DWARF.
    #[doc(alias = "BTF_LOC_PARAM_REG")]
    pub const REG: Self = Self(0x8);
    /// What the register points to is meant.
    #[doc(alias = "BTF_LOC_PARAM_DEREF")]
    pub const DEREF: Self = Self(0x10);
    /// The values after the register are an offset.
    #[doc(alias = "BTF_LOC_PARAM_OFFSET")]
    pub const OFFSET: Self = Self(0x20);

    /// Whether every flag of `flags` is set here.
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}
