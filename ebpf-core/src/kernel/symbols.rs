//! The kernel's symbols: /proc/kallsyms, read once, by name and by address.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use super::sys::errno_of;
use crate::Errno;
use crate::system::{KernelSymbol, SystemError};

pub(super) const SYMBOLS: &str = "/proc/kallsyms";
const MODULES: &str = "/proc/modules";

/// Bytes that an address may be behind the last symbol: beyond it is nothing known of it.
const LAST: u64 = 1 << 20;

/// The symbols, once they were asked for. Read again when a name or an address is asked for that modules loaded since
/// may have brought.
#[derive(Debug, Default)]
pub(super) struct Symbols(Mutex<Option<Arc<Index>>>);

impl Symbols {
    /// The address of a symbol, the first of its name.
    pub(super) fn address(&self, name: &str) -> Result<Option<u64>, SystemError> {
        let found = self.find(|index| index.address(name))?;
        let Some((index, address)) = found else {
            return Ok(None);
        };
        if index.hidden {
            return Err(hidden(format!("the address of `{name}` in {SYMBOLS}")));
        }
        Ok(Some(address))
    }

    /// The symbol at or before an address.
    pub(super) fn at(&self, address: u64) -> Result<Option<KernelSymbol>, SystemError> {
        let index = self.index()?;
        if index.hidden {
            return Err(hidden(format!("the symbol at {address:#x} in {SYMBOLS}")));
        }
        if index.is_core(address) {
            return Ok(index.at(address));
        }
        Ok(self.fresh(index)?.at(address))
    }

    /// Forgets what was read: programs and modules that were loaded since are found again.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn find<T>(
        &self,
        ask: impl Fn(&Index) -> Option<T>,
    ) -> Result<Option<(Arc<Index>, T)>, SystemError> {
        let index = self.index()?;
        if let Some(found) = ask(&index) {
            return Ok(Some((index, found)));
        }
        let index = self.fresh(index)?;
        Ok(ask(&index).map(|found| (index.clone(), found)))
    }

    fn index(&self) -> Result<Arc<Index>, SystemError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(index) => Ok(index.clone()),
            None => Ok(known.insert(Arc::new(Index::read()?)).clone()),
        }
    }

    /// The index, read again if other modules are loaded than when it was read.
    fn fresh(&self, index: Arc<Index>) -> Result<Arc<Index>, SystemError> {
        if index.modules_loaded == modules() {
            return Ok(index);
        }
        self.forget();
        self.index()
    }
}

#[cold]
fn hidden(what: String) -> SystemError {
    SystemError::Os {
        op: "read",
        what: what.into(),
        errno: Errno::EPERM,
        hint: Some("CAP_SYSLOG is needed, and kernel.kptr_restrict below 2"),
    }
}

/// The names of the loaded modules with their addresses. A kernel without modules has no such file.
fn modules() -> Vec<String> {
    let text = fs::read_to_string(MODULES).unwrap_or_default();
    // The second and third word count its bytes and users; the last is its address.
    let line = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        format!("{name} {}", words.next_back().unwrap_or_default())
    };
    text.lines().map(line).collect()
}

/// All symbols of a moment.
#[derive(Debug)]
struct Index {
    /// All names, one after the other.
    names: String,
    /// In the order of the file: a search through all is quicker than sorting them by name for the few that are asked for.
    all: Vec<Entry>,
    /// By address, one for each.
    by_address: Vec<Entry>,
    /// The modules that entries refer to by their place plus one.
    modules: Vec<Arc<str>>,
    /// Where the kernel's own code is.
    core: (u64, u64),
    /// Whether all addresses are shown as 0.
    hidden: bool,
    modules_loaded: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    address: u64,
    name: (u32, u16),
    module: u16,
    /// Which of several symbols of one address is shown: the lowest.
    rank: u8,
}

impl Index {
    fn read() -> Result<Index, SystemError> {
        let modules_loaded = modules();
        let text = fs::read_to_string(SYMBOLS).map_err(|error| SystemError::Os {
            op: "read",
            what: SYMBOLS.into(),
            errno: errno_of(&error),
            hint: None,
        })?;
        let mut index = Index::parse(&text);
        index.modules_loaded = modules_loaded;
        Ok(index)
    }

    fn parse(text: &str) -> Index {
        let (mut names, mut all) = (String::new(), Vec::new());
        let mut modules: Vec<Arc<str>> = Vec::new();
        let mut by_address = Vec::new();
        for line in text.lines() {
            let Some(Line {
                address,
                kind,
                name,
                module,
            }) = Line::parse(line)
            else {
                continue;
            };
            let place = (u32::try_from(names.len()), u16::try_from(name.len()));
            let (Ok(start), Ok(length)) = place else {
                continue;
            };
            names.push_str(name);
            let entry = Entry {
                address,
                name: (start, length),
                module: module.map_or(0, |module| module_number(&mut modules, module)),
                rank: rank(kind, name),
            };
            all.push(entry);
            // Absolute symbols are numbers, not places.
            if !kind.eq_ignore_ascii_case(&'a') {
                by_address.push(entry);
            }
        }
        // Keeps the order of the file among equals; most are sorted already.
        by_address.sort_by_key(|entry| (entry.address, entry.rank));
        by_address.dedup_by_key(|entry| entry.address);
        let mut index = Index {
            hidden: by_address.iter().all(|entry| entry.address == 0) && !all.is_empty(),
            names,
            all,
            by_address,
            modules,
            core: (0, 0),
            modules_loaded: Vec::new(),
        };
        index.core = (
            index.address("_stext").unwrap_or(0),
            index.address("_etext").unwrap_or(0),
        );
        index
    }

    fn name(&self, entry: &Entry) -> &str {
        slice(&self.names, entry.name)
    }

    fn address(&self, name: &str) -> Option<u64> {
        let named =
            |entry: &&Entry| usize::from(entry.name.1) == name.len() && self.name(entry) == name;
        self.all.iter().find(named).map(|entry| entry.address)
    }

    fn is_core(&self, address: u64) -> bool {
        (self.core.0..self.core.1).contains(&address)
    }

    fn at(&self, address: u64) -> Option<KernelSymbol> {
        let behind = self
            .by_address
            .partition_point(|entry| entry.address <= address);
        let found = self.by_address.get(behind.checked_sub(1)?)?;
        let offset = address - found.address;
        if behind == self.by_address.len() && offset > LAST {
            return None;
        }
        let module = usize::from(found.module).checked_sub(1);
        let module = module.and_then(|at| self.modules.get(at)).cloned();
        Some(KernelSymbol::new(self.name(found), offset, module))
    }
}

fn slice(names: &str, (start, length): (u32, u16)) -> &str {
    let start = start as usize;
    names
        .get(start..start + usize::from(length))
        .unwrap_or_default()
}

/// The place plus one of a module's name, which is most often the last one; 0 if there are too many.
fn module_number(modules: &mut Vec<Arc<str>>, name: &str) -> u16 {
    let place = match modules.iter().rposition(|known| **known == *name) {
        Some(place) => place,
        None => {
            modules.push(name.into());
            modules.len() - 1
        }
    };
    u16::try_from(place + 1).unwrap_or(0)
}

/// Global symbols come before local ones, names without underscores in front before those with.
fn rank(kind: char, name: &str) -> u8 {
    let underscores = name.bytes().take_while(|byte| *byte == b'_').count().min(9) as u8;
    let binding = match kind {
        'w' | 'W' | 'v' | 'V' => 10,
        kind if kind.is_ascii_uppercase() => 0,
        _ => 20,
    };
    binding + underscores
}

/// A line such as `ffffffff81000000 T _text` or one with `[module]` behind it.
pub(super) struct Line<'t> {
    address: u64,
    pub(super) kind: char,
    pub(super) name: &'t str,
    pub(super) module: Option<&'t str>,
}

impl Line<'_> {
    pub(super) fn parse(line: &str) -> Option<Line<'_>> {
        let mut words = line.split_ascii_whitespace();
        Some(Line {
            address: u64::from_str_radix(words.next()?, 16).ok()?,
            kind: words.next()?.chars().next()?,
            name: words.next()?,
            module: words
                .next()
                .and_then(|module| module.strip_prefix('[')?.strip_suffix(']')),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
0000000000000000 A fixed_percpu_data
ffffffff81000000 T __alias
ffffffff81000000 T _stext
ffffffff81000000 t local
ffffffff81000100 T twice
ffffffff81000100 t twice_too
nonsense
ffffffff81000200 T _etext
ffffffffc0000000 t init\t[veth]
ffffffffc0000040 t twice\t[veth]
ffffffffc0000050 t bpf_prog_1234_x\t[bpf]
";

    fn shown(index: &Index, address: u64) -> String {
        index
            .at(address)
            .map_or_else(|| "nothing".to_owned(), |symbol| symbol.to_string())
    }

    #[test]
    fn the_first_of_a_name_is_found() {
        let index = Index::parse(TEXT);
        assert_eq!(index.address("twice"), Some(0xffff_ffff_8100_0100));
        assert_eq!(index.address("init"), Some(0xffff_ffff_c000_0000));
        assert_eq!(index.address("fixed_percpu_data"), Some(0));
        assert_eq!(index.address("ini"), None);
        assert_eq!(index.address("zzz"), None);
        assert!(!index.hidden);
    }

    #[test]
    fn an_address_is_behind_its_symbol() {
        let index = Index::parse(TEXT);
        assert_eq!(shown(&index, 0xffff_ffff_8100_0000), "_stext");
        assert_eq!(shown(&index, 0xffff_ffff_8100_0104), "twice+0x4");
        assert_eq!(shown(&index, 0xffff_ffff_c000_0010), "init+0x10 [veth]");
        assert_eq!(
            shown(&index, 0xffff_ffff_c000_0050),
            "bpf_prog_1234_x [bpf]"
        );
        assert_eq!(shown(&index, 0x1000), "nothing");
        assert_eq!(shown(&index, u64::MAX), "nothing");
        assert!(index.is_core(0xffff_ffff_8100_01ff) && !index.is_core(0xffff_ffff_c000_0000));
    }

    #[test]
    fn hidden_addresses_are_told() {
        assert!(Index::parse("0000000000000000 T _text\n0000000000000000 t a\n").hidden);
        assert!(!Index::parse("").hidden);
    }
}
