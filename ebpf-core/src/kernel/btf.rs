//! BTF in the kernel: each set of types is loaded once, however many maps and programs refer to it.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::memlock;
use super::sys::{self, NextId, OpenId};
use super::system::Shared;
use crate::Errno;
use crate::btf::{Btf, BtfError};
use crate::system::{BtfId, BtfInfo, System, SystemError};

/// A set of types that the kernel accepted.
#[derive(Debug)]
pub(super) struct LoadedBtf {
    fd: OwnedFd,
}

impl LoadedBtf {
    /// The descriptor's number, for an attribute.
    pub(super) fn raw(&self) -> u32 {
        self.fd.as_fd().as_raw_fd() as u32
    }
}

/// What was loaded, by the identity of what it was loaded from. A refusal is remembered too.
#[derive(Debug, Default)]
pub(super) struct BtfCache {
    entries: Mutex<Vec<Entry>>,
    modules: Mutex<Vec<(Arc<str>, Weak<LoadedBtf>)>>,
}

#[derive(Debug)]
struct Entry {
    source: Weak<Btf>,
    loaded: Result<Arc<LoadedBtf>, Errno>,
}

impl BtfCache {
    /// `btf` in the kernel, loaded if it is not there yet. An error is the kernel's refusal of the types.
    pub(super) fn load(&self, system: &Shared, btf: &Arc<Btf>) -> Result<Arc<LoadedBtf>, Errno> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // A live weak reference keeps its address from being used again.
        entries.retain(|entry| entry.source.strong_count() > 0);
        let known = entries
            .iter()
            .find(|entry| std::ptr::eq(entry.source.as_ptr(), Arc::as_ptr(btf)));
        if let Some(entry) = known {
            return entry.loaded.clone();
        }
        let loaded = memlock::retrying(system, || sys::load_btf(btf.to_bytes(), &mut []))
            .map(|fd| Arc::new(LoadedBtf { fd }));
        if !matches!(
            loaded,
            Err(Errno::EPERM | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE)
        ) {
            entries.push(Entry {
                source: Arc::downgrade(btf),
                loaded: loaded.clone(),
            });
        }
        loaded
    }

    /// The BTF object of a module, which the kernel made when it loaded the module.
    pub(super) fn module(&self, name: &str) -> Result<Arc<LoadedBtf>, Errno> {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        modules.retain(|(_, btf)| btf.strong_count() > 0);
        if let Some(known) = modules
            .iter()
            .find(|(known, _)| **known == *name)
            .and_then(|(_, btf)| btf.upgrade())
        {
            return Ok(known);
        }
        let mut id = 0;
        loop {
            id = sys::next_id(NextId::BTF, id)?;
            let fd = match sys::open_id(OpenId::BTF, id) {
                // It went away meanwhile.
                Err(Errno::ENOENT) => continue,
                fd => fd?,
            };
            if sys::btf_info(fd.as_fd(), &mut [])?.1 == name.as_bytes() {
                let btf = Arc::new(LoadedBtf { fd });
                modules.push((name.into(), Arc::downgrade(&btf)));
                return Ok(btf);
            }
        }
    }
}

/// What is known of a BTF object, and its descriptor.
pub(super) fn open_btf(id: BtfId) -> Result<(BtfInfo, OwnedFd), Errno> {
    let fd = sys::open_id(OpenId::BTF, id.0)?;
    let (told, name) = sys::btf_info(fd.as_fd(), &mut [])?;
    let mut info = BtfInfo::new(id, told.btf_size);
    info.name = String::from_utf8_lossy(&name).into();
    info.of_kernel = told.kernel_btf != 0;
    Ok((info, fd))
}

/// The bytes of a BTF object.
pub(super) fn btf_bytes(info: &BtfInfo, fd: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; info.size as usize];
    sys::btf_info(fd.as_fd(), &mut bytes)?;
    Ok(bytes)
}

/// BTF with one type, `int`.
pub(super) fn int_btf() -> Vec<u8> {
    let strings = b"\0int\0";
    // The header's length; where the types are and how many bytes; where the strings are and how many bytes.
    let sections = [24u32, 0, 16, 16, strings.len() as u32];
    // The name, the kind (1: an integer) and its size; signed, 32 bits.
    let int = [1u32, 1 << 24, 4, 1 << 24 | 32];
    let mut bytes = Vec::new();
    bytes.extend(crate::btf::MAGIC.to_ne_bytes());
    // The version and flags.
    bytes.extend([1, 0]);
    bytes.extend(
        sections
            .iter()
            .chain(&int)
            .flat_map(|word| word.to_ne_bytes()),
    );
    bytes.extend(strings);
    bytes
}

/// The types in the bytes of a BTF object: those of a module rest upon the kernel's own.
pub(super) fn parse(
    system: &(impl System + ?Sized),
    info: &BtfInfo,
    bytes: Vec<u8>,
) -> Result<Arc<Btf>, SystemError> {
    let malformed = |error: BtfError| SystemError::Malformed {
        what: format!("BTF {}", info.id).into(),
        problem: error.to_string().into(),
    };
    let base = match info.of_kernel && &*info.name != "vmlinux" {
        true => system.target_btf()?,
        false => None,
    };
    let btf = match base {
        Some(base) => Btf::parse_split(bytes, base),
        None => Btf::parse(bytes),
    };
    btf.map(Arc::new).map_err(malformed)
}
