//! Correcting what a [`BtfBuilder`] holds, in place.

use super::parse::{HEADER_LEAST, RECORD, split_info};
use super::write::{MAX_ITEMS, datasec_words};
use super::{
    BtfBuilder, BtfError, BtfErrorKind, FuncLinkage, Kind, TypeId, VarLinkage, VarSecInfo,
};

/// Corrections in place. They are what a loader does with what a compiler could not know: where the linker put
/// variables, and how large their sections became.
impl BtfBuilder {
    /// Gives a structure, union, enumeration, number or section another size, in bytes.
    ///
    /// # Errors
    /// [`BtfErrorKind::NoSuchType`] also for types of the base; [`BtfErrorKind::WrongKind`].
    pub fn set_size(&mut self, id: TypeId, size: u32) -> Result<(), BtfError> {
        let sized = |kind: Kind| !kind.refers() && !matches!(kind, Kind::ARRAY | Kind::FWD);
        let at = self.record(id, "a type with a size", sized)?;
        self.put(at + 8, size);
        Ok(())
    }

    /// Makes a type refer to another one: what a pointer points to, a variable holds, a function has for prototype.
    ///
    /// # Errors
    /// As [`BtfBuilder::set_size`].
    pub fn set_target(&mut self, id: TypeId, target: TypeId) -> Result<(), BtfError> {
        let at = self.record(id, "a type that refers to another", Kind::refers)?;
        self.put(at + 8, target.0);
        Ok(())
    }

    /// Gives a type another name.
    ///
    /// # Errors
    /// [`BtfErrorKind::NoSuchType`]; a bad name is told by [`BtfBuilder::build`].
    pub fn set_name(&mut self, id: TypeId, name: &str) -> Result<(), BtfError> {
        let at = self.record(id, "a type", |_| true)?;
        let name = self.string(name);
        self.put(at, name);
        Ok(())
    }

    /// Gives a function another linkage.
    ///
    /// # Errors
    /// As [`BtfBuilder::set_size`].
    pub fn set_func_linkage(&mut self, id: TypeId, linkage: FuncLinkage) -> Result<(), BtfError> {
        let at = self.record(id, "a FUNC", |kind| kind == Kind::FUNC)?;
        let info = self.word(at + 4) & !(MAX_ITEMS as u32) | linkage.0 & MAX_ITEMS as u32;
        self.put(at + 4, info);
        Ok(())
    }

    /// Gives a variable another linkage.
    ///
    /// # Errors
    /// As [`BtfBuilder::set_size`].
    pub fn set_var_linkage(&mut self, id: TypeId, linkage: VarLinkage) -> Result<(), BtfError> {
        let at = self.record(id, "a VAR", |kind| kind == Kind::VAR)?;
        self.put(at + RECORD, linkage.0);
        Ok(())
    }

    /// Gives `name` to every parameter of a prototype that has none (but not to `...`). A declaration may leave them
    /// out; the kernel refuses a function whose parameters have no names.
    ///
    /// # Errors
    /// As [`BtfBuilder::set_size`].
    pub fn name_params(&mut self, id: TypeId, name: &str) -> Result<(), BtfError> {
        let at = self.record(id, "a FUNC_PROTO", |kind| kind == Kind::FUNC_PROTO)?;
        let name = self.string(name);
        let (_, count) = split_info(self.word(at + 4));
        for param in (at + RECORD..).step_by(8).take(count as usize) {
            if self.word(param) == 0 && self.word(param + 4) != 0 {
                self.put(param, name);
            }
        }
        Ok(())
    }

    /// Gives a section a size in bytes, and as many entries as it has. They are stored in the order of their offsets,
    /// which is what the kernel asks for.
    ///
    /// # Errors
    /// As [`BtfBuilder::set_size`], and [`BtfErrorKind::EntryCount`].
    pub fn set_datasec(
        &mut self,
        id: TypeId,
        size: u32,
        entries: &[VarSecInfo],
    ) -> Result<(), BtfError> {
        let at = self.record(id, "a DATASEC", |kind| kind == Kind::DATASEC)?;
        let (_, has) = split_info(self.word(at + 4));
        if entries.len() != has as usize {
            let kind = BtfErrorKind::EntryCount {
                id,
                has,
                given: entries.len(),
            };
            return Err(BtfError::btf(HEADER_LEAST + at, kind));
        }
        let mut entries = entries.to_vec();
        entries.sort_by_key(|entry| entry.offset);
        self.put(at + 8, size);
        for (place, word) in datasec_words(&entries).into_iter().enumerate() {
            self.put(at + RECORD + 4 * place, word);
        }
        Ok(())
    }

    /// Where an own type of a fitting kind starts.
    fn record(
        &self,
        id: TypeId,
        expected: &'static str,
        fits: impl Fn(Kind) -> bool,
    ) -> Result<usize, BtfError> {
        let place = id.0.checked_sub(self.first_id).map(|place| place as usize);
        let Some(at) = place.and_then(|place| self.starts.get(place)) else {
            let count = self.next_id().0;
            return Err(BtfError::btf(0, BtfErrorKind::NoSuchType { id, count }));
        };
        let at = *at as usize;
        let (found, _) = split_info(self.word(at + 4));
        if !fits(found) {
            let kind = BtfErrorKind::WrongKind {
                id,
                name: Box::default(),
                found,
                expected,
            };
            return Err(BtfError::btf(HEADER_LEAST + at, kind));
        }
        Ok(at)
    }

    fn word(&self, at: usize) -> u32 {
        self.endian.u32_at(&self.types, at).unwrap_or(0)
    }

    fn put(&mut self, at: usize, word: u32) {
        if let Some(bytes) = self.types.get_mut(at..at + 4) {
            bytes.copy_from_slice(&self.endian.u32_bytes(word));
        }
    }
}
