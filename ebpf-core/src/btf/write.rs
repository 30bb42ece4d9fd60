//! Building BTF, from nothing or from what was parsed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::parse::{HEADER_KNOWN, HEADER_LEAST};
use super::{
    Btf, BtfError, BtfErrorKind, FuncLinkage, FwdKind, IntEncoding, Kind, LocParamFlags, Location,
    MAGIC, MAX_STRING, TypeId, VarLinkage, VarSecInfo,
};
use crate::codec::Endian;

/// The most items a type can have.
#[doc(alias = "BTF_MAX_VLEN")]
pub(super) const MAX_ITEMS: usize = 0xff_ffff;

/// Collects types and strings, and makes [`Btf`] of them.
///
/// Each type is given the next number, which the methods return. Strings are stored once. What cannot be stored (a
/// name with a NUL, too many members) is told by [`BtfBuilder::build`].
#[derive(Clone, Debug)]
pub struct BtfBuilder {
    pub(super) endian: Endian,
    base: Option<Arc<Btf>>,
    pub(super) first_id: u32,
    first_string: u32,
    pub(super) types: Vec<u8>,
    pub(super) starts: Vec<u32>,
    strings: Vec<u8>,
    layouts: Vec<u8>,
    /// Offsets of the strings by their hashes; made at the first need.
    known: Option<HashMap<u64, u32>>,
    error: Option<BtfError>,
}

/// A member for [`BtfBuilder::structure`] and [`BtfBuilder::union`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberSpec<'a> {
    /// Its name; may be empty.
    pub name: &'a str,
    /// Its type.
    pub type_id: TypeId,
    /// Bits from the start.
    pub bit_offset: u32,
    /// Bits of a bit-field; 0 for an ordinary member.
    pub bit_size: u8,
}

impl<'a> MemberSpec<'a> {
    /// An ordinary member, `offset` bytes from the start.
    pub const fn new(name: &'a str, type_id: TypeId, offset: u32) -> Self {
        Self {
            name,
            type_id,
            bit_offset: offset.saturating_mul(8),
            bit_size: 0,
        }
    }

    /// A bit-field, `bit_offset` bits from the start.
    pub const fn bits(name: &'a str, type_id: TypeId, bit_offset: u32, bit_size: u8) -> Self {
        Self {
            name,
            type_id,
            bit_offset,
            bit_size,
        }
    }
}

impl Default for BtfBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BtfBuilder {
    /// Starts empty, in the byte order of this machine.
    pub fn new() -> Self {
        Self::with_endian(Endian::NATIVE)
    }

    /// Starts empty, in a byte order.
    pub fn with_endian(endian: Endian) -> Self {
        Self {
            endian,
            base: None,
            first_id: 1,
            first_string: 0,
            types: Vec::new(),
            starts: Vec::new(),
            strings: vec![0],
            layouts: Vec::new(),
            known: None,
            error: None,
        }
    }

    /// Starts empty, adding to `base`.
    pub fn split(base: Arc<Btf>) -> Self {
        Self {
            first_id: base.type_count(),
            first_string: base.string_end(),
            strings: Vec::new(),
            ..Self {
                base: Some(base.clone()),
                ..Self::with_endian(base.endian())
            }
        }
    }

    /// The number that the next type will have.
    pub fn next_id(&self) -> TypeId {
        TypeId(self.first_id.saturating_add(self.starts.len() as u32))
    }

    /// Stores a string, unless it is there, and gives its offset.
    pub fn string(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if text.len() > MAX_STRING || text.contains('\0') {
            let text = text.chars().take(80).collect();
            self.fail(BtfErrorKind::BadString { text });
            return 0;
        }
        let known = self.known.get_or_insert_with(|| {
            let mut known = HashMap::new();
            for base in std::iter::successors(self.base.as_ref(), |base| base.base()) {
                note_strings(&mut known, base.first_string(), base.own_strings());
            }
            note_strings(&mut known, self.first_string, &self.strings);
            known
        });
        let next = self.first_string as usize + self.strings.len();
        let at = *known.entry(hash(text.as_bytes())).or_insert(next as u32);
        if at as usize != next {
            let own = at.checked_sub(self.first_string);
            let there = match own {
                Some(own) => self.strings.get(own as usize..),
                None => self.base.as_deref().and_then(|base| base.bytes_at(at)),
            };
            let rest = there.and_then(|there| there.strip_prefix(text.as_bytes()));
            if rest.is_some_and(|rest| rest.first() == Some(&0)) {
                return at;
            }
        }
        if next + text.len() >= u32::MAX as usize {
            self.fail(BtfErrorKind::TooLarge {
                size: (next + text.len()) as u64,
            });
            return 0;
        }
        self.strings.extend_from_slice(text.as_bytes());
        self.strings.push(0);
        next as u32
    }

    /// An integer of `size` bytes, all of whose bits count.
    pub fn int(&mut self, name: &str, size: u8, encoding: IntEncoding) -> TypeId {
        let bits = u32::from(encoding.0 & 0xf) << 24 | u32::from(size.saturating_mul(8));
        self.add(Kind::INT, name, false, 0, u32::from(size), &[bits])
    }

    /// A floating-point number of `size` bytes.
    pub fn float(&mut self, name: &str, size: u32) -> TypeId {
        self.add(Kind::FLOAT, name, false, 0, size, &[])
    }

    /// A pointer.
    pub fn ptr(&mut self, to: TypeId) -> TypeId {
        self.add(Kind::PTR, "", false, 0, to.0, &[])
    }

    /// `const`
    #[doc(alias = "const")]
    pub fn constant(&mut self, of: TypeId) -> TypeId {
        self.add(Kind::CONST, "", false, 0, of.0, &[])
    }

    /// `volatile`
    pub fn volatile(&mut self, of: TypeId) -> TypeId {
        self.add(Kind::VOLATILE, "", false, 0, of.0, &[])
    }

    /// `restrict`
    pub fn restrict(&mut self, of: TypeId) -> TypeId {
        self.add(Kind::RESTRICT, "", false, 0, of.0, &[])
    }

    /// Another name for a type.
    pub fn typedef(&mut self, name: &str, of: TypeId) -> TypeId {
        self.add(Kind::TYPEDEF, name, false, 0, of.0, &[])
    }

    /// A word attached to what a pointer points to.
    pub fn type_tag(&mut self, tag: &str, of: TypeId) -> TypeId {
        self.add(Kind::TYPE_TAG, tag, false, 0, of.0, &[])
    }

    /// A word attached to a declaration, or to its `component`th member or parameter.
    pub fn decl_tag(&mut self, tag: &str, of: TypeId, component: Option<u32>) -> TypeId {
        self.add(
            Kind::DECL_TAG,
            tag,
            false,
            0,
            of.0,
            &[component.unwrap_or(u32::MAX)],
        )
    }

    /// An array of `count` elements.
    pub fn array(&mut self, element: TypeId, index: TypeId, count: u32) -> TypeId {
        self.add(Kind::ARRAY, "", false, 0, 0, &[element.0, index.0, count])
    }

    /// A structure of `size` bytes.
    pub fn structure(&mut self, name: &str, size: u32, members: &[MemberSpec<'_>]) -> TypeId {
        self.composite(Kind::STRUCT, name, size, members)
    }

    /// A union of `size` bytes.
    pub fn union(&mut self, name: &str, size: u32, members: &[MemberSpec<'_>]) -> TypeId {
        self.composite(Kind::UNION, name, size, members)
    }

    /// A structure or union of which only the name is known.
    pub fn fwd(&mut self, name: &str, kind: FwdKind) -> TypeId {
        self.add(Kind::FWD, name, kind == FwdKind::Union, 0, 0, &[])
    }

    /// An enumeration of `size` bytes (1, 2 or 4) whose values have up to 32 bits.
    pub fn enumeration(
        &mut self,
        name: &str,
        size: u32,
        signed: bool,
        values: &[(&str, i64)],
    ) -> TypeId {
        let words: Vec<u32> = values
            .iter()
            .flat_map(|&(name, value)| [self.string(name), value as u32])
            .collect();
        self.add(Kind::ENUM, name, signed, values.len(), size, &words)
    }

    /// An enumeration of 8 bytes. Values above `i64::MAX` are given by their bits.
    pub fn enum64(&mut self, name: &str, signed: bool, values: &[(&str, i64)]) -> TypeId {
        let halves = |value: i64| [value as u32, (value >> 32) as u32];
        let mut words = Vec::with_capacity(values.len().saturating_mul(3));
        for &(name, value) in values {
            words.push(self.string(name));
            words.extend(halves(value));
        }
        self.add(Kind::ENUM64, name, signed, values.len(), 8, &words)
    }

    /// Parameters and return type of a function. `("", TypeId::VOID)` at the end is the `...` of a variadic one.
    pub fn func_proto(&mut self, returns: TypeId, params: &[(&str, TypeId)]) -> TypeId {
        let words: Vec<u32> = params
            .iter()
            .flat_map(|&(name, id)| [self.string(name), id.0])
            .collect();
        self.add(Kind::FUNC_PROTO, "", false, params.len(), returns.0, &words)
    }

    /// A function.
    pub fn func(&mut self, name: &str, proto: TypeId, linkage: FuncLinkage) -> TypeId {
        self.add(Kind::FUNC, name, false, linkage.0 as usize, proto.0, &[])
    }

    /// A global variable.
    pub fn var(&mut self, name: &str, of: TypeId, linkage: VarLinkage) -> TypeId {
        self.add(Kind::VAR, name, false, 0, of.0, &[linkage.0])
    }

    /// A section of `size` bytes.
    pub fn datasec(&mut self, name: &str, size: u32, entries: &[VarSecInfo]) -> TypeId {
        let words = datasec_words(entries);
        self.add(Kind::DATASEC, name, false, entries.len(), size, &words)
    }

    /// Where one parameter of `size` bytes is found.
    pub fn loc_param(&mut self, size: u32, flags: LocParamFlags, values: &[u32]) -> TypeId {
        let words: Vec<u32> = [flags.0].iter().chain(values).copied().collect();
        self.add(Kind::LOC_PARAM, "", false, values.len(), size, &words)
    }

    /// Where all parameters are found.
    pub fn loc_proto(&mut self, params: &[TypeId]) -> TypeId {
        let words: Vec<u32> = params.iter().map(|param| param.0).collect();
        self.add(Kind::LOC_PROTO, "", false, params.len(), 0, &words)
    }

    /// Places in a section where functions were inlined.
    pub fn loc_sec(&mut self, name: &str, locations: &[Location]) -> TypeId {
        let words: Vec<u32> = locations
            .iter()
            .flat_map(|at| [at.func.0, at.proto.0, at.offset])
            .collect();
        self.add(Kind::LOCSEC, name, false, locations.len(), 0, &words)
    }

    fn composite(
        &mut self,
        kind: Kind,
        name: &str,
        size: u32,
        members: &[MemberSpec<'_>],
    ) -> TypeId {
        let bitfields = members.iter().any(|member| member.bit_size != 0);
        let mut words = Vec::with_capacity(members.len().saturating_mul(3));
        for member in members {
            if bitfields && member.bit_offset > 0xff_ffff {
                self.fail(BtfErrorKind::MemberOffset {
                    bit_offset: member.bit_offset,
                });
            }
            let offset = u32::from(member.bit_size) << 24 | member.bit_offset;
            words.extend([self.string(member.name), member.type_id.0, offset]);
        }
        self.add(kind, name, bitfields, members.len(), size, &words)
    }

    fn add(
        &mut self,
        kind: Kind,
        name: &str,
        flag: bool,
        items: usize,
        third: u32,
        words: &[u32],
    ) -> TypeId {
        let name = self.string(name);
        if items > MAX_ITEMS {
            self.fail(BtfErrorKind::TooManyItems { items });
        }
        let info = u32::from(flag) << 31 | kind.0 << 24 | (items & MAX_ITEMS) as u32;
        self.push_words(&[name, info, third], words)
    }

    pub(super) fn push_words(&mut self, head: &[u32; 3], rest: &[u32]) -> TypeId {
        let id = self.start_type();
        for word in head.iter().chain(rest) {
            self.types.extend_from_slice(&self.endian.u32_bytes(*word));
        }
        id
    }

    /// Appends a type as it is stored in BTF of the same byte order and the same strings.
    pub(super) fn push_record(&mut self, record: &[u8]) -> TypeId {
        let id = self.start_type();
        self.types.extend_from_slice(record);
        id
    }

    /// What the file says of the kinds it brings: four bytes for each kind from 0 on.
    pub(super) fn set_layouts(&mut self, layouts: Vec<u8>) {
        self.layouts = layouts;
    }

    fn start_type(&mut self) -> TypeId {
        let id = self.next_id();
        self.starts
            .push(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        id
    }

    fn fail(&mut self, kind: BtfErrorKind) {
        let at = HEADER_LEAST + self.types.len();
        self.error.get_or_insert_with(|| BtfError::btf(at, kind));
    }

    /// The types and strings so far, as [`Btf`].
    ///
    /// # Errors
    /// What the methods could not store: [`BtfErrorKind::BadString`], [`BtfErrorKind::TooManyItems`],
    /// [`BtfErrorKind::MemberOffset`], [`BtfErrorKind::TooLarge`].
    pub fn build(self) -> Result<Btf, BtfError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let header = if self.layouts.is_empty() {
            HEADER_LEAST
        } else {
            HEADER_KNOWN
        };
        let size = header + self.types.len() + self.layouts.len() + self.strings.len();
        if u32::try_from(size).is_err() {
            return Err(BtfError::btf(
                0,
                BtfErrorKind::TooLarge { size: size as u64 },
            ));
        }
        let mut bytes = Vec::with_capacity(size);
        bytes.extend(self.endian.u16_bytes(MAGIC));
        bytes.extend([1, 0]);
        let layouts_end = self.types.len() + self.layouts.len();
        let fields = [
            header,
            0,
            self.types.len(),
            layouts_end,
            self.strings.len(),
            self.types.len(),
            self.layouts.len(),
        ];
        for field in fields.iter().take((header - 4) / 4) {
            bytes.extend(self.endian.u32_bytes(*field as u32));
        }
        bytes.extend(self.types);
        bytes.extend(self.layouts);
        bytes.extend(self.strings);
        match self.base {
            Some(base) => Btf::parse_split(bytes, base),
            None => Btf::parse(bytes),
        }
    }
}

impl Btf {
    /// A builder that already has these types and strings, to add to them or to correct them.
    pub fn to_builder(&self) -> BtfBuilder {
        let mut builder = self.to_empty_builder();
        builder.types = self.own_types().to_vec();
        builder.starts = self
            .types()
            .map(|ty| ty.offset() - self.types_start())
            .collect();
        builder
    }

    /// A builder that already has these strings, and the layouts of unknown kinds.
    pub(super) fn to_empty_builder(&self) -> BtfBuilder {
        let builder = match self.base() {
            Some(base) => BtfBuilder::split(base.clone()),
            None => BtfBuilder::with_endian(self.endian()),
        };
        BtfBuilder {
            strings: self.own_strings().to_vec(),
            layouts: self.own_layouts().to_vec(),
            ..builder
        }
    }
}

pub(super) fn datasec_words(entries: &[VarSecInfo]) -> Vec<u32> {
    entries
        .iter()
        .flat_map(|entry| [entry.type_id.0, entry.offset, entry.size])
        .collect()
}

fn note_strings(known: &mut HashMap<u64, u32>, mut at: u32, strings: &[u8]) {
    for string in strings.split_inclusive(|&byte| byte == 0) {
        known
            .entry(hash(string.strip_suffix(&[0]).unwrap_or(string)))
            .or_insert(at);
        at += string.len() as u32;
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
