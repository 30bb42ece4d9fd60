//! Uprobes: by perf's own events, or by events of tracefs; many at once, and static probes.

use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use ebpf_sys::BPF_F_UPROBE_MULTI_RETURN;

use super::event::{self, Event, everywhere};
use super::probe::Probe;
use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{ProbeVia, Uprobe, UprobeMulti, Usdt, UserPlace, UserPlaces, matches_pattern};
use crate::kernel::binary::{Binary, BinaryError, locate};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, PerfScope, Places, errno_of};
use crate::kernel::tracefs::ProbeFile;
use crate::link::{Link, LinkTarget, LinkType, several};
use crate::program::{AttachType, Program, ProgramError};
use crate::system::similar::{did_you_mean, similar};

/// Attaches a program to a place in an executable or library.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Uprobe,
) -> Result<Box<dyn Link>, ProgramError> {
    let attach = || {
        let path = find(&target.binary, target.pid)?;
        let site = Site {
            offset: offset_of(&path, &target.place)?,
            path: &path,
            ret: target.ret,
            pid: target.pid,
            reference_counter: target.reference_counter,
        };
        let label = match &target.place {
            UserPlace::Symbol { name, .. } => name.clone(),
            UserPlace::Offset(offset) => format!("{offset:x}"),
        };
        site.attach(program, target.via, target.cookie, label)
    };
    attach().map_err(|trouble: Trouble| trouble.of(program, target))
}

/// Attaches a program to every place of a static probe.
pub(super) fn attach_static(
    program: &KernelProgram,
    target: &Usdt,
) -> Result<Box<dyn Link>, ProgramError> {
    let attach = || {
        let path = find(&target.binary, target.pid)?;
        let mut binary = Binary::open(&path).map_err(|error| unusable(error, &path))?;
        let probes = binary
            .static_probes()
            .map_err(|error| unusable(error, &path))?;
        let meant = |probe: &&crate::hook::StaticProbe| {
            probe.provider == target.provider && probe.name == target.name
        };
        let mut links = Vec::new();
        for probe in probes.iter().filter(meant) {
            let site = Site {
                path: &path,
                offset: probe.offset,
                ret: false,
                pid: target.pid,
                reference_counter: probe.semaphore,
            };
            let label = format!("{}_{}", target.provider, target.name);
            links.push(site.attach(program, ProbeVia::Auto, target.cookie, label)?);
        }
        if links.is_empty() {
            let known: Vec<String> = probes
                .iter()
                .map(|probe| format!("{}:{}", probe.provider, probe.name))
                .collect();
            let asked = format!("{}:{}", target.provider, target.name);
            let similar = similar(&asked, known.iter().map(String::as_str));
            return Err(Trouble::from(Errno::ENOENT).told(format!(
                "{} has no static probe `{asked}`{}",
                path.display(),
                did_you_mean(&similar)
            )));
        }
        Ok(several(links)?)
    };
    attach().map_err(|trouble: Trouble| trouble.of(program, target))
}

/// The file that is meant.
fn find(binary: &Path, pid: Option<u32>) -> Result<PathBuf, Trouble> {
    locate(binary, pid).map_err(|missing| {
        Trouble::from(Errno::ENOENT).told(format!(
            "there is no `{}` {}",
            binary.display(),
            missing.looked
        ))
    })
}

/// The offset in the file of a place in it.
fn offset_of(path: &Path, place: &UserPlace) -> Result<u64, Trouble> {
    match place {
        UserPlace::Offset(offset) => Ok(*offset),
        UserPlace::Symbol { name, offset } => {
            let mut binary = Binary::open(path).map_err(|error| unusable(error, path))?;
            let found = binary.function(name);
            let start = found.map_err(|error| no_function(error, &mut binary, path, name))?;
            start
                .checked_add(*offset)
                .ok_or_else(|| Trouble::from(Errno::EINVAL).hint("the offset is beyond the file"))
        }
    }
}

fn unusable(error: BinaryError, path: &Path) -> Trouble {
    let trouble = Trouble::from(error.errno());
    match error {
        BinaryError::Malformed(problem) => trouble.told(format!(
            "{} is no executable or library in ELF format: {problem}",
            path.display()
        )),
        _ => trouble.told(path.display().to_string()),
    }
}

fn no_function(error: BinaryError, binary: &mut Binary<File>, path: &Path, name: &str) -> Trouble {
    let trouble = Trouble::from(error.errno());
    let shown = path.display();
    match error {
        BinaryError::NoFunction => {
            let known = binary
                .functions(|_| true)
                .map(|(known, _)| known)
                .unwrap_or_default();
            let bare = |name: &'_ str| name.split('@').next().unwrap_or_default().to_owned();
            let names: Vec<String> = known.iter().map(|function| bare(&function.name)).collect();
            if names.iter().any(|known| *known == bare(name)) {
                let versions: Vec<&str> = known
                    .iter()
                    .filter(|function| bare(&function.name) == bare(name))
                    .map(|function| function.name.as_str())
                    .collect();
                return trouble.told(format!(
                    "{shown} has no `{name}`, but `{}`",
                    versions.join("`, `")
                ));
            }
            let similar = similar(name, names.iter().map(String::as_str));
            let trouble = trouble.told(format!(
                "{shown} has no function `{name}`{}",
                did_you_mean(&similar)
            ));
            if names.is_empty() {
                trouble.hint("the file is stripped: say the place by its offset (Uprobe::at)")
            } else {
                trouble
            }
        }
        BinaryError::Indirect => trouble
            .told(format!(
                "`{name}` of {shown} is chosen among several functions when a program starts"
            ))
            .hint("attach to one of them: they have names of their own"),
        BinaryError::Ambiguous(count) => trouble
            .told(format!(
                "{count} functions of {shown} have the name `{name}`"
            ))
            .hint("say one by its version (`name@VERSION`) or its offset (Uprobe::at)"),
        other => unusable(other, path),
    }
}

/// One place of a file in some processes.
struct Site<'s> {
    path: &'s Path,
    offset: u64,
    ret: bool,
    pid: Option<u32>,
    reference_counter: u64,
}

impl Site<'_> {
    fn attach(
        &self,
        program: &KernelProgram,
        via: ProbeVia,
        cookie: Option<u64>,
        label: String,
    ) -> Result<Box<dyn Link>, Trouble> {
        let path = self.path.as_os_str().as_bytes();
        // Tracefs divides a definition at blanks, and sees our descriptor while it reads the definition.
        let blank = path.iter().any(u8::is_ascii_whitespace);
        let held = match blank {
            true => Some(File::open(self.path).map_err(|error| errno_of(&error))?),
            false => None,
        };
        let shown = match &held {
            Some(file) => format!("/proc/self/fd/{}", file.as_raw_fd()),
            None => self.path.display().to_string(),
        };
        let counter = match self.reference_counter {
            0 => String::new(),
            counter => format!("({counter:#x})"),
        };
        let probe = Probe {
            file: ProbeFile::Uprobes,
            ret: self.ret,
            name: Some(CString::new(path).map_err(|_| Errno::ENOENT)?),
            offset: self.offset,
            reference_counter: self.reference_counter,
            max_active: None,
            scope: match self.pid {
                None => everywhere(),
                Some(pid) => PerfScope {
                    pid: i32::try_from(pid).map_err(|_| Errno::ESRCH)?,
                    cpu: -1,
                },
            },
            place: format!("{shown}:{:#x}{counter}", self.offset),
            label,
        };
        let ((fd, line), how) = probe.open(via).map_err(|trouble| self.hinted(trouble))?;
        let event = Event {
            fd,
            target: LinkTarget::Uprobe {
                file: self.path.to_string_lossy().into(),
                offset: self.offset,
                ref_ctr_offset: self.reference_counter,
                at_return: self.ret,
            },
            line,
        };
        event::attach(program, event, how, cookie)
    }

    fn hinted(&self, trouble: Trouble) -> Trouble {
        let trouble = match trouble.errno {
            Errno::ENOENT => trouble.told(self.path.display().to_string()),
            _ => trouble,
        };
        let hint = match trouble.errno {
            Errno::EINVAL => Some(
                "the offset is beyond the file, no instruction begins there, or another probe of the place has another counter",
            ),
            Errno::ENOTSUPP | Errno::EOPNOTSUPP | Errno::ENOEXEC => {
                Some("the instruction there cannot be probed")
            }
            Errno::EIO => Some("the file system of the file cannot be mapped"),
            Errno::ERANGE => Some("a counter lies in the first 4 GiB of its file"),
            _ => None,
        };
        trouble.or_hint(hint)
    }
}

/// Attaches a program to many places of an executable or library.
pub(super) fn attach_multi(
    program: &KernelProgram,
    target: &UprobeMulti,
) -> Result<Box<dyn Link>, ProgramError> {
    multi(program, target)
        .map(|link| Box::new(link) as Box<dyn Link>)
        .map_err(|trouble| trouble.of(program, target))
}

fn multi(program: &KernelProgram, target: &UprobeMulti) -> Result<KernelLink, Trouble> {
    let path = find(&target.binary, target.pid)?;
    let offsets: Vec<u64> = match &target.places {
        UserPlaces::Places(places) => places
            .iter()
            .map(|place| offset_of(&path, place))
            .collect::<Result<_, _>>()?,
        UserPlaces::Pattern(_)
            if !target.cookies.is_empty() || !target.reference_counters.is_empty() =>
        {
            return Err(Trouble::from(Errno::EINVAL)
                .hint("cookies and counters are for places in an order, which a pattern has not"));
        }
        UserPlaces::Pattern(pattern) => {
            let mut binary = Binary::open(&path).map_err(|error| unusable(error, &path))?;
            let bare =
                |name: &'_ str| matches_pattern(pattern, name.split('@').next().unwrap_or(name));
            let (found, _) = binary
                .functions(bare)
                .map_err(|error| unusable(error, &path))?;
            let mut offsets: Vec<u64> = found.iter().map(|function| function.offset).collect();
            offsets.sort_unstable();
            offsets.dedup();
            if offsets.is_empty() {
                return Err(Trouble::from(Errno::ENOENT)
                    .told(format!("no function of {} has such a name", path.display())));
            }
            offsets
        }
    };
    let c_path = CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::ENOENT)?;
    let places = Places {
        path: &c_path,
        offsets: &offsets,
        counters: &target.reference_counters,
        cookies: &target.cookies,
        pid: match target.pid {
            None => 0,
            Some(0) => std::process::id(),
            Some(pid) => pid,
        },
    };
    let attach_type = if target.session {
        AttachType::TRACE_UPROBE_SESSION
    } else {
        AttachType::TRACE_UPROBE_MULTI
    };
    let flags = if target.ret {
        BPF_F_UPROBE_MULTI_RETURN
    } else {
        0
    };
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let link = sys::create_uprobe_multi_link(fd, attach_type.0, places, flags).map_err(|errno| {
        let hint = match errno {
            Errno::EINVAL => Some(
                "the program must be loaded for uprobe.multi (Linux 6.6) or uprobe.session (6.13), as it is attached; or there is no place, or not a cookie for each",
            ),
            Errno::EBADF => Some("it is no regular file"),
            Errno::ESRCH => Some("there is no such process"),
            Errno::EPERM => Some("CAP_PERFMON (or root) is needed"),
            Errno::EOPNOTSUPP => Some("the kernel is built without CONFIG_UPROBES"),
            _ => None,
        };
        Trouble::from(errno).or_hint(hint)
    })?;
    let told = LinkTarget::UprobeMulti {
        file: path.to_string_lossy().into(),
        places: Vec::new().into(),
        pid: places.pid,
        at_return: target.ret,
    };
    Ok(KernelLink::made(link, LinkType::UPROBE_MULTI, told)?)
}
