//! Questions that follow references: what a type really is, how large it is, where its fields lie.

use super::{
    Btf, BtfError, BtfErrorKind, BtfType, Composite, Kind, MAX_DEPTH, Member, Type, TypeId,
};

/// A field of a structure or union, as C code reaches it: the members of anonymous structures and unions are fields of
/// what contains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name; never empty.
    pub name: &'a str,
    /// Its type.
    pub type_id: TypeId,
    /// Bytes from the start of the outermost structure; of a bit-field, of the byte in which it starts.
    pub offset: u32,
    /// Bytes; of a bit-field, of the integer that it is a part of.
    pub size: u32,
    /// For a bit-field, bits from the start of the outermost structure and how many there are.
    pub bits: Option<(u64, u8)>,
}

impl Btf {
    /// The type with a number, or an error that says how many there are.
    ///
    /// # Errors
    /// [`BtfErrorKind::NoSuchType`].
    pub fn get(&self, id: TypeId) -> Result<BtfType<'_>, BtfError> {
        let missing = || BtfErrorKind::NoSuchType {
            id,
            count: self.type_count(),
        };
        self.by_id(id).ok_or_else(|| BtfError::btf(0, missing()))
    }

    /// What a type is once typedefs, `const`, `volatile`, `restrict` and type tags are taken away.
    ///
    /// # Errors
    /// [`BtfErrorKind::NoSuchType`], [`BtfErrorKind::BadReference`], and [`BtfErrorKind::TooDeep`] after
    /// [`MAX_DEPTH`] steps.
    #[doc(alias = "btf__resolve_type")]
    pub fn resolve(&self, id: TypeId) -> Result<BtfType<'_>, BtfError> {
        let start = self.get(id)?;
        let mut ty = start;
        for _ in 0..=MAX_DEPTH {
            match ty.target() {
                Some(target) if ty.kind().is_modifier() => ty = self.follow(ty, target)?,
                _ => return Ok(ty),
            }
        }
        Err(too_deep(start))
    }

    /// The size of a value of a type, in bytes: through typedefs and the like, variables and tags, and for arrays the
    /// product.
    ///
    /// # Errors
    /// Those of [`Btf::resolve`], [`BtfErrorKind::NoSize`] and [`BtfErrorKind::SizeOverflow`].
    #[doc(alias = "btf__resolve_size")]
    pub fn size_of(&self, id: TypeId) -> Result<u32, BtfError> {
        let start = self.get(id)?;
        let mut ty = start;
        let mut count = 1u32;
        let overflow = || {
            error_at(
                start,
                BtfErrorKind::SizeOverflow {
                    id,
                    name: start.name().into(),
                },
            )
        };
        for _ in 0..=MAX_DEPTH {
            let next = match ty.get() {
                Type::Ptr(_) => return count.checked_mul(self.pointer_size()).ok_or_else(overflow),
                Type::Array(array) => {
                    count = count.checked_mul(array.count).ok_or_else(overflow)?;
                    Some(array.element)
                }
                Type::Var(_) | Type::DeclTag(_) => ty.target(),
                _ if ty.kind().is_modifier() => ty.target(),
                _ => None,
            };
            match (next, ty.stored_size()) {
                (Some(next), _) => ty = self.follow(ty, next)?,
                (None, Some(size)) => return count.checked_mul(size).ok_or_else(overflow),
                (None, None) => {
                    let name = start.name().into();
                    return Err(error_at(
                        start,
                        BtfErrorKind::NoSize {
                            id,
                            name,
                            kind: ty.kind(),
                        },
                    ));
                }
            }
        }
        Err(too_deep(start))
    }

    /// The size of a pointer in bytes: that of `long`, and 8 if there is no `long`.
    #[doc(alias = "btf__pointer_size")]
    pub fn pointer_size(&self) -> u32 {
        if let Some(base) = self.base() {
            return base.pointer_size();
        }
        *self.pointer_size.get_or_init(|| {
            let is_long = |name| {
                matches!(
                    name,
                    "long" | "long int" | "unsigned long" | "long unsigned int"
                )
            };
            let mut integers = self.types().filter(|ty| ty.kind() == Kind::INT);
            let long = integers.find(|ty| matches!(ty.third(), 4 | 8) && is_long(ty.name()));
            long.map_or(8, |long| long.third())
        })
    }

    /// The fields of a structure or union (or of a typedef of one), in the order of declaration.
    ///
    /// # Errors
    /// Those of [`Btf::size_of`], [`BtfErrorKind::WrongKind`] and [`BtfErrorKind::TooManyFields`].
    pub fn fields(&self, id: TypeId) -> Result<Vec<Field<'_>>, BtfError> {
        let root = self.composite(id)?;
        let mut fields = Vec::new();
        self.each_member(root, &mut |member, bit_offset| {
            if !member.name.is_empty() {
                fields.push(self.field(root.as_type(), member, bit_offset)?);
            }
            Ok(false)
        })?;
        Ok(fields)
    }

    /// The field that a path of names leads to: `field(task, "thread_info.flags")`. `None` if some name of the path is
    /// not there.
    ///
    /// # Errors
    /// Those of [`Btf::fields`]; [`BtfErrorKind::WrongKind`] also when a name of the path but the last is neither
    /// structure nor union.
    pub fn find_field(&self, id: TypeId, path: &str) -> Result<Option<Field<'_>>, BtfError> {
        let root = self.resolve(id)?;
        let mut ty = id;
        let mut start = 0u64;
        let mut last = None;
        for name in path.split('.') {
            let parent = self.composite(ty)?;
            let mut found = None;
            self.each_member(parent, &mut |member, bit_offset| {
                if !name.is_empty() && member.name == name {
                    found = Some((*member, bit_offset));
                }
                Ok(found.is_some())
            })?;
            let Some((member, bit_offset)) = found else {
                return Ok(None);
            };
            start += bit_offset;
            ty = member.type_id;
            last = Some(member);
        }
        last.map(|member| self.field(root, &member, start))
            .transpose()
    }

    /// The structure or union behind typedefs and the like.
    fn composite(&self, id: TypeId) -> Result<Composite<'_>, BtfError> {
        let ty = self.resolve(id)?;
        ty.as_composite().ok_or_else(|| {
            let (name, found) = (ty.name().into(), ty.kind());
            let expected = "a STRUCT or UNION";
            error_at(
                ty,
                BtfErrorKind::WrongKind {
                    id: ty.id(),
                    name,
                    found,
                    expected,
                },
            )
        })
    }

    /// Calls `see` with each member and its place in bits from the start of `root`, descending into anonymous
    /// structures and unions, until it returns `true`.
    fn each_member<'a>(
        &'a self,
        root: Composite<'a>,
        see: &mut dyn FnMut(&Member<'a>, u64) -> Result<bool, BtfError>,
    ) -> Result<(), BtfError> {
        let limit = self.member_limit();
        let mut seen = 0;
        // What is left to visit of each anonymous structure that we are in.
        let mut open = vec![(root.members(), 0u64)];
        while let Some((members, start)) = open.last_mut() {
            let Some(member) = members.next() else {
                open.pop();
                continue;
            };
            let bit_offset = *start + u64::from(member.bit_offset);
            seen += 1;
            if seen > limit {
                let (id, name) = (root.as_type().id(), root.as_type().name().into());
                let kind = BtfErrorKind::TooManyFields { id, name, limit };
                return Err(error_at(root.as_type(), kind));
            }
            if see(&member, bit_offset)? {
                return Ok(());
            }
            let inner = match member.name.is_empty() {
                true => self.resolve(member.type_id)?.as_composite(),
                false => None,
            };
            if let Some(inner) = inner {
                if open.len() > MAX_DEPTH {
                    return Err(too_deep(root.as_type()));
                }
                open.push((inner.members(), bit_offset));
            }
        }
        Ok(())
    }

    /// More members than one structure can have: as many as there is room for. C does not let one anonymous structure
    /// appear twice in another, but bytes that claim it could make few members many.
    pub(super) fn member_limit(&self) -> usize {
        let own = self.own_types().len() / 12;
        own + self.base().map_or(0, |base| base.member_limit())
    }

    fn field<'a>(
        &'a self,
        root: BtfType<'a>,
        member: &Member<'a>,
        bit_offset: u64,
    ) -> Result<Field<'a>, BtfError> {
        let size = self.size_of(member.type_id)?;
        let bits = if member.bit_size != 0 {
            Some((bit_offset, member.bit_size))
        } else {
            match self.resolve(member.type_id)?.get() {
                Type::Int(int) if u32::from(int.bits) != int.size.saturating_mul(8) => {
                    Some((bit_offset + u64::from(int.bit_offset), int.bits))
                }
                _ => None,
            }
        };
        let (name, type_id) = (member.name, member.type_id);
        let start = bits.map_or(bit_offset, |(start, _)| start);
        let offset = u32::try_from(start / 8).map_err(|_| {
            let (id, name, field) = (root.id(), root.name().into(), name.into());
            error_at(root, BtfErrorKind::FieldOverflow { id, name, field })
        })?;
        Ok(Field {
            name,
            type_id,
            offset,
            size,
            bits,
        })
    }

    /// The type that `from` refers to.
    fn follow(&self, from: BtfType<'_>, to: TypeId) -> Result<BtfType<'_>, BtfError> {
        self.by_id(to).ok_or_else(|| bad_reference(self, from, to))
    }

    /// Checks what [`Btf::parse`] leaves alone: that every name is a string and every reference leads to a type.
    /// (The kernel checks much more when it loads BTF, and says what it does not like in its log.)
    ///
    /// # Errors
    /// [`BtfErrorKind::BadName`] and [`BtfErrorKind::BadReference`], for the first type that has one.
    pub fn validate(&self) -> Result<(), BtfError> {
        let count = self.type_count();
        for ty in self.types() {
            if self.string(ty.name_offset()).is_none() {
                let (id, at) = (ty.id(), ty.name_offset());
                return Err(error_at(ty, BtfErrorKind::BadName { id, at }));
            }
            let mut missing = None;
            ty.each_reference(&mut |to| missing = missing.or((to.0 >= count).then_some(to)));
            if let Some(to) = missing {
                return Err(bad_reference(self, ty, to));
            }
            let mut unnamed = None;
            ty.each_item_name(&mut |at| {
                if unnamed.is_none() && self.string(at).is_none() {
                    unnamed = Some(at);
                }
            });
            if let Some(at) = unnamed {
                return Err(error_at(ty, BtfErrorKind::BadName { id: ty.id(), at }));
            }
        }
        Ok(())
    }
}

pub(super) fn error_at(ty: BtfType<'_>, kind: BtfErrorKind) -> BtfError {
    BtfError::btf(ty.offset() as usize, kind)
}

pub(super) fn too_deep(ty: BtfType<'_>) -> BtfError {
    error_at(
        ty,
        BtfErrorKind::TooDeep {
            id: ty.id(),
            name: ty.name().into(),
        },
    )
}

fn bad_reference(btf: &Btf, from: BtfType<'_>, to: TypeId) -> BtfError {
    let (id, name, count) = (from.id(), from.name().into(), btf.type_count());
    error_at(
        from,
        BtfErrorKind::BadReference {
            id,
            name,
            to,
            count,
        },
    )
}
