//! Types that are plain bytes: what keys and values of typed maps are made of.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::{FieldLayout, Layout};
use crate::codec::LpmKey;

/// A type that is nothing but its bytes: any bytes are a value of it, and there is no padding between them.
///
/// Integers, floats, arrays of plain types, zerocopy's integers of either byte order and [`LpmKey`] are plain. For a
/// struct use [`plain!`](crate::plain), which also records where the fields lie, so that a typed view can compare them
/// with the types of the object. A struct with zerocopy's derives of its own becomes plain by an empty
/// `impl Plain for …`, and is then compared by size alone.
pub trait Plain: FromBytes + IntoBytes + Immutable + 'static {
    /// Where the fields lie, for a struct that was declared by [`plain!`](crate::plain).
    const LAYOUT: Option<&'static Layout> = None;
}

/// What can be added up over CPUs: integers wrap, as counters do.
///
/// Implement it for a struct of counters by adding field by field.
///
/// ```
/// use ebpf_core::map::Total;
///
/// ebpf_core::plain! {
///     pub struct Stats {
///         pub packets: u64,
///         pub bytes: u64,
///     }
/// }
///
/// impl Total for Stats {
///     fn plus(self, other: Stats) -> Stats {
///         Stats { packets: self.packets.plus(other.packets), bytes: self.bytes.plus(other.bytes) }
///     }
/// }
/// ```
pub trait Total: Plain {
    /// The sum of two values.
    #[must_use]
    fn plus(self, other: Self) -> Self;
}

macro_rules! plain_numbers {
    ($($int:ty),*; $($float:ty),*; $($bytes:ty),*) => {
        $(impl Plain for $int {}
        impl Total for $int {
            fn plus(self, other: $int) -> $int {
                self.wrapping_add(other)
            }
        })*
        $(impl Plain for $float {}
        impl Total for $float {
            fn plus(self, other: $float) -> $float {
                self + other
            }
        })*
        $(impl Plain for $bytes {})*
    };
}
plain_numbers!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize; f32, f64; ());

macro_rules! plain_ordered {
    ($($Int:ident),*) => {
        $(impl<O: zerocopy::ByteOrder + 'static> Plain for zerocopy::byteorder::$Int<O> {})*
    };
}
plain_ordered!(
    U16, U32, U64, U128, Usize, I16, I32, I64, I128, Isize, F32, F64
);

impl<T: Plain, const N: usize> Plain for [T; N] {}
impl<const N: usize> Plain for LpmKey<N> {}

impl<T: Total + Copy, const N: usize> Total for [T; N] {
    fn plus(self, other: [T; N]) -> [T; N] {
        let mut sum = self;
        for (sum, other) in sum.iter_mut().zip(other) {
            *sum = sum.plus(other);
        }
        sum
    }
}

impl Layout {
    /// The table of a struct. For [`plain!`](crate::plain).
    #[doc(hidden)]
    pub const fn new(name: &'static str, size: usize, fields: &'static [FieldLayout]) -> Layout {
        Layout { name, size, fields }
    }
}

impl FieldLayout {
    /// A row of the table. For [`plain!`](crate::plain).
    #[doc(hidden)]
    pub const fn new(name: &'static str, offset: usize, size: usize) -> FieldLayout {
        FieldLayout { name, offset, size }
    }
}

/// Declares structs that are keys or values of maps.
///
/// Each becomes `#[repr(C)]`, `Clone`, `Copy`, `Debug`, [`Plain`] and what zerocopy needs for that, with a table of its
/// fields that typed views compare with the types (BTF) in the object: names, offsets and sizes. Further derives and
/// documentation pass through.
///
/// ```
/// #![forbid(unsafe_code)]
///
/// ebpf_core::plain! {
///     /// `struct flow` of the program.
///     #[derive(PartialEq, Eq, Hash)]
///     pub struct Flow {
///         pub source: [u8; 4],
///         pub port: u16,
///         pub protocol: u8,
///         _pad: u8,
///     }
/// }
///
/// use ebpf_core::map::Plain;
/// assert_eq!(Flow::LAYOUT.map(|layout| layout.size), Some(8));
/// ```
///
/// Padding between fields has no defined bytes, so it does not compile; name it, as `_pad` above. A field whose name
/// starts with `_` need not be in the C struct. A C field with the name of a Rust keyword is written with a `_` behind
/// it (`type_`) or raw (`r#type`).
///
/// ```compile_fail
/// ebpf_core::plain! {
///     pub struct Padded {
///         pub small: u8,
///         pub large: u32,
///     }
/// }
/// ```
///
/// The macro finds zerocopy through this crate, under the name `ebpf_core`: a crate that renames the dependency says
/// `extern crate its_name as ebpf_core;` in its root.
#[macro_export]
macro_rules! plain {
    ($($(#[$meta:meta])* $vis:vis struct $Name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $Type:ty),* $(,)?
    })*) => {$(
        $(#[$meta])*
        #[derive(
            Clone,
            Copy,
            Debug,
            $crate::zerocopy::FromBytes,
            $crate::zerocopy::IntoBytes,
            $crate::zerocopy::Immutable,
            $crate::zerocopy::KnownLayout,
        )]
        #[zerocopy(crate = "ebpf_core::zerocopy")]
        #[repr(C)]
        $vis struct $Name {
            $($(#[$field_meta])* $field_vis $field: $Type,)*
        }

        impl $crate::map::Plain for $Name {
            const LAYOUT: ::core::option::Option<&'static $crate::map::Layout> =
                ::core::option::Option::Some(&$crate::map::Layout::new(
                    ::core::stringify!($Name),
                    ::core::mem::size_of::<$Name>(),
                    &[$($crate::map::FieldLayout::new(
                        ::core::stringify!($field),
                        ::core::mem::offset_of!($Name, $field),
                        ::core::mem::size_of::<$Type>(),
                    )),*],
                ));
        }

        impl $crate::map::ToElem for $Name {
            fn to_elem(
                &self,
                width: usize,
            ) -> ::core::result::Result<::std::vec::Vec<u8>, $crate::codec::CodecError> {
                $crate::codec::exact_bytes($crate::zerocopy::IntoBytes::as_bytes(self), width)
            }
        }
    )*};
}
