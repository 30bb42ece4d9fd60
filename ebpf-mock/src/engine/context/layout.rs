//! What a context looks like to a program: fields, and which widths of them it may read and write.

/// Widths of an access in bytes, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Widths(u8);

impl Widths {
    /// Stands for accesses that begin where the field does.
    const START: u8 = 16;

    pub(crate) const NONE: Widths = Widths(0);
    pub(crate) const BYTE: Widths = Widths(1);
    pub(crate) const WORD: Widths = Widths(4);
    pub(crate) const DOUBLE: Widths = Widths(8);
    /// 1, 2 and 4 bytes: what the kernel calls a narrow access.
    pub(crate) const UP_TO_WORD: Widths = Widths(7);
    /// Every width.
    pub(crate) const ANY: Widths = Widths(15);
    /// 2 and 4 bytes.
    pub(crate) const HALF_OR_WORD: Widths = Widths(6);
    /// 1, 2 and 4 bytes, of which none begins within the field.
    pub(crate) const FROM_START: Widths = Widths(7 | Widths::START);
    /// 4 and 8 bytes.
    pub(crate) const WORD_OR_DOUBLE: Widths = Widths(12);

    /// Whether it has a width.
    pub(crate) const fn has(self, width: u8) -> bool {
        width.is_power_of_two() && self.0 & width != 0
    }

    const fn or(self, other: Widths) -> Widths {
        Widths(self.0 | other.0)
    }
}

/// A field of a context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Its first byte.
    pub(crate) start: u16,
    /// The byte behind its last.
    pub(crate) end: u16,
    /// Widths that any program of some type may read.
    pub(crate) read: Widths,
    /// Widths that programs write, where their type lets them.
    pub(crate) write: Widths,
}

impl Field {
    /// Whether programs may access so many bytes at an offset that is in the field, and a multiple of the width.
    fn allows(&self, offset: u16, width: u8, write: bool) -> bool {
        let allowed = if write { self.write } else { self.read };
        // A port of 2 bytes may be read as 4, for programs that are older than its padding.
        if allowed.0 & Widths::START != 0 && offset != self.start {
            return false;
        }
        allowed.has(width) && (offset == self.start || offset + u16::from(width) <= self.end)
    }
}

/// A context's type.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) size: u16,
    /// In order, without overlap. Bytes of none are padding.
    pub(crate) fields: &'static [Field],
}

/// Declares a context: a [`Layout`] of this name.
macro_rules! layout {
    ($(#[$doc:meta])* $NAME:ident $name:literal $size:literal {
        $($start:literal..$end:literal $field:literal $read:ident $write:ident;)*
    }) => {
        $(#[$doc])*
        #[doc = concat!("`", $name, "`.")]
        pub(crate) static $NAME: $crate::engine::context::layout::Layout = $crate::engine::context::layout::Layout {
            size: $size,
            fields: &[$($crate::engine::context::layout::Field {
                name: $field,
                start: $start,
                end: $end,
                read: $crate::engine::context::layout::Widths::$read,
                write: $crate::engine::context::layout::Widths::$write,
            }),*],
        };
    };
}
pub(crate) use layout;

/// Declares a context whose values are worked out: the [`Layout`], and an enum of its fields, by their numbers.
macro_rules! fields {
    ($(#[$doc:meta])* $NAME:ident $Enum:ident $name:literal $size:literal {
        $($start:literal..$end:literal $Field:ident $field:literal $read:ident $write:ident;)*
    }) => {
        $crate::engine::context::layout::layout! {
            $(#[$doc])*
            $NAME $name $size { $($start..$end $field $read $write;)* }
        }

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $Enum { $($Field),* }

        impl $Enum {
            /// Every field, in order.
            pub(crate) const ALL: &'static [$Enum] = &[$($Enum::$Field),*];
        }
    };
}
pub(crate) use fields;

/// What programs of one type, that are to be attached in one way, may do with their context.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) layout: &'static Layout,
    /// For each byte the field and the widths that may be read and written there.
    places: Box<[Place]>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    field: u8,
    read: Widths,
    write: Widths,
}

/// An access that the context allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// The field, by its number in the layout.
    pub(crate) field: u8,
    /// Bytes from the field's start.
    pub(crate) skip: u8,
}

impl View {
    /// A view of everything but the fields that are hidden; of those that can be written only some are.
    pub(crate) fn new(layout: &'static Layout, hidden: &[&str], written: &[&str]) -> View {
        const PADDING: Place = Place {
            field: u8::MAX,
            read: Widths::NONE,
            write: Widths::NONE,
        };
        let mut places = vec![PADDING; usize::from(layout.size)].into_boxed_slice();
        for (number, field) in (0u8..).zip(layout.fields) {
            if hidden.contains(&field.name) {
                continue;
            }
            for offset in field.start..field.end {
                let Some(place) = places.get_mut(usize::from(offset)) else {
                    continue;
                };
                place.field = number;
                for (width, set) in [
                    (1, Widths(1)),
                    (2, Widths(2)),
                    (4, Widths(4)),
                    (8, Widths(8)),
                ] {
                    if !offset.is_multiple_of(u16::from(width)) {
                        continue;
                    }
                    if field.allows(offset, width, false) {
                        place.read = place.read.or(set);
                    }
                    if written.contains(&field.name) && field.allows(offset, width, true) {
                        place.write = place.write.or(set);
                    }
                }
            }
        }
        View { layout, places }
    }

    /// What an access touches; `None` where programs of this type may not.
    #[inline]
    pub(crate) fn access(&self, offset: u64, width: u8, write: bool) -> Option<Access> {
        let place = self.places.get(usize::try_from(offset).ok()?)?;
        let allowed = if write { place.write } else { place.read };
        if !allowed.has(width) {
            return None;
        }
        let field = self.layout.fields.get(usize::from(place.field))?;
        Some(Access {
            field: place.field,
            skip: (offset as u16 - field.start) as u8,
        })
    }
}

/// The lowest bytes of a number.
#[inline]
pub(super) fn part(value: u64, width: u8) -> u64 {
    match width {
        1 => value & 0xff,
        2 => value & 0xffff,
        4 => value & 0xffff_ffff,
        _ => value,
    }
}
