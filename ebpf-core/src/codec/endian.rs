//! Byte order as a value, so that an object for either order is read on any host.

/// The byte order of an object, of a BTF blob or of the running machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Least significant byte first (`bpfel`; x86-64, arm64, riscv64, loongarch64).
    Little,
    /// Most significant byte first (`bpfeb`; s390x).
    Big,
}

impl Endian {
    /// The byte order of the machine this code was compiled for, which is the one its kernel expects.
    pub const NATIVE: Endian = if cfg!(target_endian = "big") {
        Endian::Big
    } else {
        Endian::Little
    };

    /// Whether this is the order of the machine this code was compiled for.
    #[must_use]
    pub const fn is_native(self) -> bool {
        matches!(
            (self, Self::NATIVE),
            (Self::Little, Self::Little) | (Self::Big, Self::Big)
        )
    }
}

/// One set of readers and writers per integer type.
macro_rules! integers {
    ($($int:ident, $read:ident, $read_at:ident, $write:ident;)*) => {
        impl Endian {
            $(
                #[doc = concat!("Reads a `", stringify!($int), "` from exactly its bytes.")]
                #[must_use]
                pub const fn $read(self, bytes: [u8; size_of::<$int>()]) -> $int {
                    match self {
                        Endian::Little => $int::from_le_bytes(bytes),
                        Endian::Big => $int::from_be_bytes(bytes),
                    }
                }

                #[doc = concat!("Reads the `", stringify!($int), "` that starts at `offset` in `bytes`; `None` when it does not lie wholly inside.")]
                #[must_use]
                pub fn $read_at(self, bytes: &[u8], offset: usize) -> Option<$int> {
                    let bytes = bytes.get(offset..)?.first_chunk()?;
                    Some(self.$read(*bytes))
                }

                #[doc = concat!("The bytes of a `", stringify!($int), "` in this order.")]
                #[must_use]
                pub const fn $write(self, value: $int) -> [u8; size_of::<$int>()] {
                    match self {
                        Endian::Little => value.to_le_bytes(),
                        Endian::Big => value.to_be_bytes(),
                    }
                }
            )*
        }
    };
}

integers! {
    u16, u16, u16_at, u16_bytes;
    u32, u32, u32_at, u32_bytes;
    u64, u64, u64_at, u64_bytes;
    i16, i16, i16_at, i16_bytes;
    i32, i32, i32_at, i32_bytes;
    i64, i64, i64_at, i64_bytes;
}
