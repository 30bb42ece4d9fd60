//! Keys of longest-prefix-match tries, from addresses.

use core::fmt;
use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::CodecError;

/// Bytes of the prefix length in front of the address.
const PREFIX: usize = size_of::<u32>();

/// The key of a trie over `N` bytes of data: how many leading bits count, and the bits in network order.
///
/// It has no alignment and no padding, so it is a key for tries of any `N`, and it is always normal: bits behind the prefix
/// are zero. The kernel ignores them for look-ups and gives them back in iteration.
#[doc(alias("bpf_lpm_trie_key", "bpf_lpm_trie_key_u8", "BPF_MAP_TYPE_LPM_TRIE"))]
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LpmKey<const N: usize> {
    prefix_len: [u8; PREFIX],
    data: [u8; N],
}

/// The key of a trie of IPv4 addresses: 8 bytes.
pub type LpmKeyV4 = LpmKey<4>;

/// The key of a trie of IPv6 addresses: 20 bytes.
pub type LpmKeyV6 = LpmKey<16>;

impl<const N: usize> LpmKey<N> {
    /// The first `prefix_len` bits of `data`; the others are cleared.
    ///
    /// # Errors
    /// [`CodecError::PrefixLength`] if `data` has fewer bits.
    pub fn new(data: [u8; N], prefix_len: u32) -> Result<LpmKey<N>, CodecError> {
        let bits = u32::try_from(N.saturating_mul(8)).unwrap_or(u32::MAX);
        if prefix_len > bits {
            return Err(CodecError::PrefixLength { prefix_len, bits });
        }
        let mut masked = data;
        mask(&mut masked, prefix_len);
        Ok(LpmKey {
            prefix_len: prefix_len.to_ne_bytes(),
            data: masked,
        })
    }

    /// How many leading bits count.
    #[must_use]
    pub const fn prefix_len(&self) -> u32 {
        u32::from_ne_bytes(self.prefix_len)
    }

    /// The bits, in network order.
    #[must_use]
    pub const fn data(&self) -> &[u8; N] {
        &self.data
    }
}

impl LpmKeyV4 {
    /// The network `addr/prefix_len`.
    ///
    /// # Errors
    /// [`CodecError::PrefixLength`] above 32.
    pub fn from_addr(addr: Ipv4Addr, prefix_len: u32) -> Result<LpmKeyV4, CodecError> {
        LpmKey::new(addr.octets(), prefix_len)
    }

    /// The address of the network.
    #[must_use]
    pub const fn addr(&self) -> Ipv4Addr {
        let [a, b, c, d] = self.data;
        Ipv4Addr::new(a, b, c, d)
    }
}

impl LpmKeyV6 {
    /// The network `addr/prefix_len`.
    ///
    /// # Errors
    /// [`CodecError::PrefixLength`] above 128.
    pub fn from_addr(addr: Ipv6Addr, prefix_len: u32) -> Result<LpmKeyV6, CodecError> {
        LpmKey::new(addr.octets(), prefix_len)
    }

    /// The address of the network.
    #[must_use]
    pub const fn addr(&self) -> Ipv6Addr {
        Ipv6Addr::from_bits(u128::from_be_bytes(self.data))
    }
}

impl From<Ipv4Addr> for LpmKeyV4 {
    /// The single address: a prefix of 32 bits.
    fn from(addr: Ipv4Addr) -> LpmKeyV4 {
        LpmKey {
            prefix_len: 32_u32.to_ne_bytes(),
            data: addr.octets(),
        }
    }
}

impl From<Ipv6Addr> for LpmKeyV6 {
    /// The single address: a prefix of 128 bits.
    fn from(addr: Ipv6Addr) -> LpmKeyV6 {
        LpmKey {
            prefix_len: 128_u32.to_ne_bytes(),
            data: addr.octets(),
        }
    }
}

impl FromStr for LpmKeyV4 {
    type Err = CodecError;

    /// Reads `10.0.0.0/8`, or an address alone as a prefix of 32 bits.
    fn from_str(text: &str) -> Result<LpmKeyV4, CodecError> {
        let (addr, prefix_len) = split::<Ipv4Addr>(text, "IPv4 address")?;
        LpmKeyV4::from_addr(addr, prefix_len.unwrap_or(Ipv4Addr::BITS))
    }
}

impl FromStr for LpmKeyV6 {
    type Err = CodecError;

    /// Reads `2001:db8::/32`, or an address alone as a prefix of 128 bits.
    fn from_str(text: &str) -> Result<LpmKeyV6, CodecError> {
        let (addr, prefix_len) = split::<Ipv6Addr>(text, "IPv6 address")?;
        LpmKeyV6::from_addr(addr, prefix_len.unwrap_or(Ipv6Addr::BITS))
    }
}

impl fmt::Display for LpmKeyV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr(), self.prefix_len())
    }
}

impl fmt::Display for LpmKeyV6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr(), self.prefix_len())
    }
}

impl<const N: usize> fmt::Debug for LpmKey<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LpmKey")
            .field("prefix_len", &self.prefix_len())
            .field("data", &self.data)
            .finish()
    }
}

/// A network of either family, as `10.0.0.0/8` or `2001:db8::/32`. Bits behind the prefix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cidr {
    addr: IpAddr,
    prefix_len: u8,
}

impl Cidr {
    /// The network `addr/prefix_len`.
    ///
    /// # Errors
    /// [`CodecError::PrefixLength`] if the address has fewer bits.
    pub fn new(addr: IpAddr, prefix_len: u32) -> Result<Cidr, CodecError> {
        let addr = match addr {
            IpAddr::V4(addr) => LpmKeyV4::from_addr(addr, prefix_len)?.addr().into(),
            IpAddr::V6(addr) => LpmKeyV6::from_addr(addr, prefix_len)?.addr().into(),
        };
        Ok(Cidr {
            addr,
            prefix_len: prefix_len as u8,
        })
    }

    /// The address of the network.
    #[must_use]
    pub const fn addr(&self) -> IpAddr {
        self.addr
    }

    /// How many leading bits count.
    #[must_use]
    pub const fn prefix_len(&self) -> u32 {
        self.prefix_len as u32
    }

    /// The key of this network in a trie with keys of `key_size` bytes: see [`lpm_key_bytes`].
    ///
    /// # Errors
    /// [`CodecError::LpmKeySize`] if the key is too small.
    pub fn key_bytes(&self, key_size: usize) -> Result<Vec<u8>, CodecError> {
        lpm_key_bytes(self.addr, self.prefix_len(), key_size)
    }
}

impl From<IpAddr> for Cidr {
    /// The single address.
    fn from(addr: IpAddr) -> Cidr {
        Cidr {
            addr,
            prefix_len: if addr.is_ipv4() { 32 } else { 128 },
        }
    }
}

impl FromStr for Cidr {
    type Err = CodecError;

    /// Reads a network of either family; an address alone is a network of one.
    fn from_str(text: &str) -> Result<Cidr, CodecError> {
        match split::<IpAddr>(text, "IP address")? {
            (addr, Some(prefix_len)) => Cidr::new(addr, prefix_len),
            (addr, None) => Ok(addr.into()),
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.prefix_len)
    }
}

/// The key of the network `addr/prefix_len` in a trie whose keys have `key_size` bytes: the prefix length in the machine's
/// byte order, the address in network order with the bits behind the prefix cleared, and zeros if the key is longer.
///
/// A trie for both families has room for 16 bytes of address; an IPv4 network in it takes the first four, as a program
/// that compares only those bits expects.
///
/// # Errors
/// [`CodecError::PrefixLength`] if the address has fewer bits, [`CodecError::LpmKeySize`] if the key is too small.
pub fn lpm_key_bytes(
    addr: IpAddr,
    prefix_len: u32,
    key_size: usize,
) -> Result<Vec<u8>, CodecError> {
    let mut key = match addr {
        IpAddr::V4(addr) => LpmKeyV4::from_addr(addr, prefix_len)?.as_bytes().to_vec(),
        IpAddr::V6(addr) => LpmKeyV6::from_addr(addr, prefix_len)?.as_bytes().to_vec(),
    };
    if key.len() > key_size {
        return Err(CodecError::LpmKeySize {
            key_size,
            needed: key.len(),
        });
    }
    key.resize(key_size, 0);
    Ok(key)
}

/// Clears what is behind the first `bits` bits.
fn mask(data: &mut [u8], bits: u32) {
    for (start, byte) in (0..).step_by(8).zip(data) {
        let kept = bits.saturating_sub(start).min(8);
        *byte &= (0xff00_u16 >> kept) as u8;
    }
}

/// The address, and the prefix length if the text has one.
fn split<A: FromStr>(text: &str, expected: &'static str) -> Result<(A, Option<u32>), CodecError> {
    let unreadable = || CodecError::Cidr {
        text: text.to_owned(),
        expected,
    };
    let (addr, prefix_len) = match text.split_once('/') {
        Some((addr, prefix_len)) => (addr, Some(prefix_len)),
        None => (text, None),
    };
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| Some(text).filter(digits)?.parse().ok();
    let prefix_len = match prefix_len {
        Some(prefix_len) => Some(number(prefix_len).ok_or_else(unreadable)?),
        None => None,
    };
    Ok((addr.parse().map_err(|_| unreadable())?, prefix_len))
}
