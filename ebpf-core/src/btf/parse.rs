//! From bytes to [`Btf`]: the header, and one pass that notes where each type starts.

use std::ffi::CStr;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::names::NameIndex;
use super::{BtfError, BtfErrorKind, BtfType, Kind, MAGIC, MAX_STRING, TypeId};
use crate::codec::Endian;

/// Bytes of the header that every file has: up to the length of the strings.
pub(super) const HEADER_LEAST: usize = 24;
/// Bytes of the header that are understood: the oldest one, and the place of the layouts (since Linux 7.1).
pub(super) const HEADER_KNOWN: usize = 32;
/// Bytes of the part that all types have.
pub(super) const RECORD: usize = 12;

/// A set of types: the `.BTF` of an object, of the kernel or of a module.
///
/// It keeps the bytes and one `u32` for each type. Names are indexed at the first question for one. Cloning shares
/// the bytes and copies the index; share a whole one by `Arc<Btf>`.
#[derive(Clone)]
pub struct Btf {
    source: Arc<dyn AsRef<[u8]> + Send + Sync>,
    endian: Endian,
    types: Range<usize>,
    strings: Range<usize>,
    layouts: Range<usize>,
    /// Where each own type starts, from the start of the bytes.
    starts: Vec<u32>,
    base: Option<Arc<Btf>>,
    first_id: u32,
    first_string: u32,
    pub(super) names: OnceLock<NameIndex>,
    pub(super) pointer_size: OnceLock<u32>,
}

impl Btf {
    /// Reads BTF of either byte order, and keeps `source` (a `Vec<u8>`, an `Arc<[u8]>`, a mapped file) without
    /// copying it.
    ///
    /// Every type is found and known to lie inside; what types say of each other is looked at when it is asked for,
    /// or by [`Btf::validate`]. The work is one pass over the types; what is allocated is at most two thirds of the
    /// size of the types, usually a sixth.
    ///
    /// # Errors
    /// [`BtfErrorKind`] tells what is wrong with the header or with the extent of a type.
    ///
    /// Since Linux 4.18 the kernel makes the same checks: `btf_parse_hdr()` in kernel/bpf/btf.c.
    pub fn parse(source: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self, BtfError> {
        Self::read(Arc::new(source), None)
    }

    /// Reads split BTF: the types and strings that a kernel module adds to those of the kernel. The first own type
    /// has the number after the last of `base`, and likewise the strings.
    ///
    /// # Errors
    /// As [`Btf::parse`], and [`BtfErrorKind::BaseByteOrder`].
    pub fn parse_split(
        source: impl AsRef<[u8]> + Send + Sync + 'static,
        base: Arc<Btf>,
    ) -> Result<Self, BtfError> {
        Self::read(Arc::new(source), Some(base))
    }

    fn read(
        source: Arc<dyn AsRef<[u8]> + Send + Sync>,
        base: Option<Arc<Btf>>,
    ) -> Result<Self, BtfError> {
        let bytes = (*source).as_ref();
        let header = Header::read(bytes)?;
        let (first_id, first_string) = match &base {
            Some(base) if base.endian != header.endian => {
                return Err(BtfError::btf(0, BtfErrorKind::BaseByteOrder));
            }
            Some(base) => (base.type_count(), base.string_end()),
            None => (1, 0),
        };
        header.check_strings(bytes, base.is_some())?;
        let sizes = Sizes::new(bytes.get(header.layouts.clone()).unwrap_or_default());
        let starts = index(bytes, &header, &sizes, first_id)?;
        Ok(Self {
            endian: header.endian,
            types: header.types,
            strings: header.strings,
            layouts: header.layouts,
            starts,
            base,
            first_id,
            first_string,
            names: OnceLock::new(),
            pointer_size: OnceLock::new(),
            source,
        })
    }

    /// The bytes that were parsed, unchanged.
    pub fn to_bytes(&self) -> &[u8] {
        (*self.source).as_ref()
    }

    /// The byte order of the file.
    pub fn endian(&self) -> Endian {
        self.endian
    }

    /// The BTF that this one adds to.
    pub fn base(&self) -> Option<&Arc<Btf>> {
        self.base.as_ref()
    }

    /// How many types there are: `void`, those of the base and the own ones. Every id below this exists.
    pub fn type_count(&self) -> u32 {
        self.first_id.saturating_add(self.starts.len() as u32)
    }

    /// The first id that is not of the base; 1 without one.
    pub fn first_id(&self) -> TypeId {
        TypeId(self.first_id)
    }

    /// The type with a number; [`TypeId::VOID`] gives a view of `void`.
    pub fn by_id(&self, id: TypeId) -> Option<BtfType<'_>> {
        let mut btf = self;
        while id.0 < btf.first_id {
            match &btf.base {
                Some(base) => btf = base,
                None => return id.is_void().then(|| BtfType::void(btf)),
            }
        }
        let at = (id.0 - btf.first_id) as usize;
        let start = *btf.starts.get(at)? as usize;
        let end = btf
            .starts
            .get(at + 1)
            .map_or(btf.types.end, |next| *next as usize);
        Some(BtfType::new(
            btf,
            id,
            start as u32,
            btf.to_bytes().get(start..end)?,
        ))
    }

    /// The own types, in order: without `void` and without those of the base.
    pub fn types(
        &self,
    ) -> impl DoubleEndedIterator<Item = BtfType<'_>> + ExactSizeIterator + Clone {
        let bytes = self.to_bytes();
        (0..self.starts.len()).map(move |at| {
            let start = self.starts[at] as usize;
            let end = self
                .starts
                .get(at + 1)
                .map_or(self.types.end, |next| *next as usize);
            let record = bytes.get(start..end).unwrap_or_default();
            BtfType::new(
                self,
                TypeId(self.first_id + at as u32),
                start as u32,
                record,
            )
        })
    }

    /// The string at an offset, as names and `.BTF.ext` give them; offset 0 is the empty string. `None` if no string
    /// is there, or one that is not UTF-8 or longer than [`MAX_STRING`].
    pub fn string(&self, offset: u32) -> Option<&str> {
        let bytes = self.bytes_at(offset)?;
        let window = bytes.get(..=MAX_STRING).unwrap_or(bytes);
        CStr::from_bytes_until_nul(window).ok()?.to_str().ok()
    }

    /// The strings from an offset on: the one there, its NUL, and those after it.
    pub(super) fn bytes_at(&self, offset: u32) -> Option<&[u8]> {
        let mut btf = self;
        while offset < btf.first_string {
            btf = btf.base.as_deref()?;
        }
        let start = btf
            .strings
            .start
            .checked_add((offset - btf.first_string) as usize)?;
        btf.to_bytes().get(start..btf.strings.end)
    }

    /// The offsets of the names of the own types.
    pub(super) fn name_offsets(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator {
        let (bytes, endian) = (self.to_bytes(), self.endian);
        let at = move |start: &u32| endian.u32_at(bytes, *start as usize).unwrap_or(0);
        self.starts.iter().map(at)
    }

    /// The own string section.
    pub(super) fn own_strings(&self) -> &[u8] {
        self.to_bytes()
            .get(self.strings.clone())
            .unwrap_or_default()
    }

    /// The own type section.
    pub(super) fn own_types(&self) -> &[u8] {
        self.to_bytes().get(self.types.clone()).unwrap_or_default()
    }

    /// The offset that the first own string has.
    pub(super) fn first_string(&self) -> u32 {
        self.first_string
    }

    /// The own layouts, if there are any.
    pub(super) fn own_layouts(&self) -> &[u8] {
        self.to_bytes()
            .get(self.layouts.clone())
            .unwrap_or_default()
    }

    /// Where the own types start.
    pub(super) fn types_start(&self) -> u32 {
        self.types.start as u32
    }

    /// The offset after the last string.
    pub(super) fn string_end(&self) -> u32 {
        self.first_string.saturating_add(self.strings.len() as u32)
    }
}

impl fmt::Debug for Btf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Btf")
            .field("bytes", &self.to_bytes().len())
            .field("endian", &self.endian)
            .field("first_id", &self.first_id)
            .field("types", &self.starts.len())
            .finish_non_exhaustive()
    }
}

/// Two are equal when their bytes and those of their bases are.
impl PartialEq for Btf {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes() && self.base == other.base
    }
}

impl Eq for Btf {}

/// Where the parts are, from the start of the bytes.
struct Header {
    endian: Endian,
    types: Range<usize>,
    strings: Range<usize>,
    layouts: Range<usize>,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, BtfError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(BtfError::btf(
                0,
                BtfErrorKind::TooLarge {
                    size: bytes.len() as u64,
                },
            ));
        }
        let (endian, length) = preamble(bytes).map_err(|(at, kind)| BtfError::btf(at, kind))?;
        let tail = bytes.get(HEADER_KNOWN..length).unwrap_or_default();
        if tail.iter().any(|&byte| byte != 0) {
            let kind = BtfErrorKind::HeaderTail {
                found: length as u32,
                known: HEADER_KNOWN as u32,
            };
            return Err(BtfError::btf(HEADER_KNOWN, kind));
        }
        let part = |what, field: usize| {
            if field + 8 > length {
                return Ok(length..length);
            }
            let offset = u64::from(endian.u32_at(bytes, field).unwrap_or(0));
            let start = length as u64 + offset;
            let end = start + u64::from(endian.u32_at(bytes, field + 4).unwrap_or(0));
            let kind = if end > bytes.len() as u64 {
                BtfErrorKind::OutOfBounds {
                    what,
                    start,
                    end,
                    size: bytes.len() as u64,
                }
            } else if what != "strings" && offset % 4 != 0 {
                BtfErrorKind::Misaligned {
                    what,
                    start: offset,
                }
            } else {
                return Ok(start as usize..end as usize);
            };
            Err(BtfError::btf(field, kind))
        };
        let header = Self {
            endian,
            types: part("types", 8)?,
            strings: part("strings", 16)?,
            layouts: part("layouts", 24)?,
        };
        let (types, strings) = (&header.types, &header.strings);
        if types.start < strings.end && strings.start < types.end {
            return Err(BtfError::btf(8, BtfErrorKind::Overlap));
        }
        Ok(header)
    }

    /// Strings begin with the empty one and end with a NUL. Those of split BTF begin with any, and may be none.
    fn check_strings(&self, bytes: &[u8], split: bool) -> Result<(), BtfError> {
        let strings = bytes.get(self.strings.clone()).unwrap_or_default();
        if split && strings.is_empty() {
            return Ok(());
        }
        let fault = |at, at_start| Err(BtfError::btf(at, BtfErrorKind::Strings { at_start }));
        if !split && strings.first() != Some(&0) {
            return fault(self.strings.start, true);
        }
        if strings.last() != Some(&0) {
            return fault(self.strings.end - 1, false);
        }
        Ok(())
    }
}

/// Reads what `.BTF` and `.BTF.ext` start with, and gives the byte order and the length of the header; the error is
/// the offset and what is wrong there.
pub(super) fn preamble(bytes: &[u8]) -> Result<(Endian, usize), (usize, BtfErrorKind)> {
    let have = bytes.len() as u64;
    let truncated = |what, need| BtfErrorKind::Truncated { what, need, have };
    let magic = Endian::Little
        .u16_at(bytes, 0)
        .ok_or((0, truncated("the header", 8)))?;
    let endian = match magic {
        MAGIC => Endian::Little,
        swapped if swapped == MAGIC.swap_bytes() => Endian::Big,
        found => return Err((0, BtfErrorKind::Magic { found })),
    };
    let length = endian
        .u32_at(bytes, 4)
        .ok_or((0, truncated("the header", 8)))?;
    match (bytes[2], bytes[3]) {
        (1, 0) => {}
        (1, found) => return Err((3, BtfErrorKind::Flags { found })),
        (found, _) => return Err((2, BtfErrorKind::Version { found })),
    }
    if (length as usize) < HEADER_LEAST {
        let least = HEADER_LEAST as u32;
        return Err((
            4,
            BtfErrorKind::HeaderLength {
                found: length,
                least,
            },
        ));
    }
    if u64::from(length) > have {
        return Err((4, truncated("the header", length.into())));
    }
    Ok((endian, length as usize))
}

/// For each of the 128 kinds a record can name: the bytes of the record without its items, and those of each item.
/// No bytes for a kind that is unknown.
struct Sizes([(u16, u16); 128]);

impl Sizes {
    /// The known kinds, and what the file says of those it brings.
    fn new(layouts: &[u8]) -> Self {
        let mut sizes = [(0, 0); 128];
        for (at, size) in sizes.iter_mut().enumerate().skip(1) {
            let described = || layouts.get(at * 4..)?.first_chunk().copied();
            let known = Kind(at as u32).layout().map(|(once, each)| [once, each]);
            if let Some([once, each]) = known.or_else(described) {
                *size = (RECORD as u16 + u16::from(once), each.into());
            }
        }
        Self(sizes)
    }

    /// The bytes of a record, by its second word; 0 for an unknown kind.
    fn of(&self, info: u32) -> u64 {
        let (kind, vlen) = split_info(info);
        let (once, each) = self.0[kind.0 as usize & 0x7f];
        u64::from(once) + u64::from(each) * u64::from(vlen)
    }
}

/// Notes where each type starts.
fn index(
    bytes: &[u8],
    header: &Header,
    sizes: &Sizes,
    first_id: u32,
) -> Result<Vec<u32>, BtfError> {
    let types = bytes.get(..header.types.end).unwrap_or_default();
    // A kernel's types take 25 bytes each, so this mostly is the only allocation.
    let mut starts = Vec::with_capacity(header.types.len() / 24);
    // One loop for each byte order: the length of each record has to wait for that of the last.
    let end = match header.endian {
        Endian::Little => walk(types, header.types.start, &mut starts, |word| {
            sizes.of(u32::from_le_bytes(word))
        }),
        Endian::Big => walk(types, header.types.start, &mut starts, |word| {
            sizes.of(u32::from_be_bytes(word))
        }),
    };
    if end == types.len() {
        return Ok(starts);
    }
    let have = (types.len() - end) as u64;
    let id = TypeId(first_id.saturating_add(starts.len() as u32));
    let info = header.endian.u32_at(types, end + 4);
    let fault = match info.filter(|_| have >= RECORD as u64) {
        None => BtfErrorKind::Truncated {
            what: "a type",
            need: RECORD as u64,
            have,
        },
        Some(info) => {
            let (kind, vlen) = split_info(info);
            match sizes.of(info) {
                0 => BtfErrorKind::UnknownKind { id, kind },
                need => BtfErrorKind::TypeTruncated {
                    id,
                    kind,
                    vlen,
                    need,
                    have,
                },
            }
        }
    };
    Err(BtfError::btf(end, fault))
}

/// Notes where the records start, up to the end or to the first that is unknown or does not fit, and gives that place.
fn walk(
    types: &[u8],
    mut at: usize,
    starts: &mut Vec<u32>,
    size: impl Fn([u8; 4]) -> u64,
) -> usize {
    while let Some(head) = types
        .get(at..)
        .and_then(|rest| rest.first_chunk::<RECORD>())
    {
        let need = size([head[4], head[5], head[6], head[7]]);
        if need == 0 || need > (types.len() - at) as u64 {
            break;
        }
        starts.push(at as u32);
        at += need as usize;
    }
    at
}

/// The kind and the number of items, out of the second word of a type. Before Linux 7.1 the kind had 5 bits and the
/// number 16; the others were zero.
pub(super) fn split_info(info: u32) -> (Kind, u32) {
    (Kind(info >> 24 & 0x7f), info & 0xff_ffff)
}
