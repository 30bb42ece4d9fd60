//! Macros for the open sets of numbers that the kernel defines: enums that may grow, and flag words.

/// An enum of the kernel as a newtype: a value this crate does not know passes through unchanged.
macro_rules! open_enum {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident: $unknown:literal {
        $($(#[$doc:meta])* $CONST:ident = $value:literal, $alias:literal, $text:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $Name(pub u32);

        impl $Name {
            $($(#[$doc])* #[doc(alias = $alias)] pub const $CONST: $Name = $Name($value);)*

            /// Every value known to this crate, in the kernel's order.
            pub const ALL: &'static [$Name] = &[$($Name($value)),*];

            /// The kernel's name of the value, such as `BPF_…`, where this crate knows one.
            pub const fn kernel_name(self) -> Option<&'static str> {
                match self.0 { $($value => Some($alias),)* _ => None }
            }

            /// The short lower-case name, where this crate knows one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 { $($value => Some($text),)* _ => None }
            }

            /// The value with this short name or kernel name.
            pub fn from_name(name: &str) -> Option<$Name> {
                match name { $($text | $alias => Some($Name($value)),)* _ => None }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!(concat!($unknown, " {}"), self.0)),
                }
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.kernel_name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!(stringify!($Name), "({})"), self.0),
                }
            }
        }
    };
}

/// A word of flags as a newtype with constants, `|`, and a readable `Debug`.
macro_rules! flags {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident: $int:ty {
        $($(#[$doc:meta])* $CONST:ident = $value:expr, $alias:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        $vis struct $Name(pub $int);

        impl $Name {
            $($(#[$doc])* #[doc(alias = $alias)] pub const $CONST: $Name = $Name($value);)*

            /// Whether every bit of `other` is set.
            pub const fn contains(self, other: $Name) -> bool {
                self.0 & other.0 == other.0
            }

            /// These bits without those of `other`.
            #[must_use]
            pub const fn without(self, other: $Name) -> $Name {
                $Name(self.0 & !other.0)
            }

            /// Whether no bit is set.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }
        }

        impl std::ops::BitOr for $Name {
            type Output = $Name;
            fn bitor(self, other: $Name) -> $Name {
                $Name(self.0 | other.0)
            }
        }

        impl std::ops::BitOrAssign for $Name {
            fn bitor_assign(&mut self, other: $Name) {
                self.0 |= other.0;
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut rest = self.0;
                let mut words: Vec<String> = Vec::new();
                $(if $value != 0 && rest & $value == $value {
                    rest &= !$value;
                    words.push($alias.to_owned());
                })*
                if rest != 0 || words.is_empty() {
                    words.push(format!("{rest:#x}"));
                }
                f.write_str(&words.join(" | "))
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&format!("{self:?}"))
            }
        }
    };
}

#[cfg(test)]
mod tests;
