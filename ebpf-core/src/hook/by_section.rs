//! Where a program's section name says that it attaches: `SEC("kprobe/do_unlinkat")` and its kind.

use std::path::Path;

use super::uprobe::UserPlace;
use super::{
    AttachTarget, Iter, Kprobe, KprobeMulti, RawTracepoint, Tracepoint, Tracing, Uprobe,
    UprobeMulti, Usdt, section,
};
use crate::program::{AttachType, ProgramSpec, ProgramType};

/// Why a section name does not say where a program attaches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoSectionTarget {
    /// The name tells no hook, or one of another program type than the program has.
    #[error(
        "section `{section}` tells no hook of programs of type {program_type}: say where to attach it"
    )]
    NoHook {
        /// The section.
        section: Box<str>,
        /// The program's type.
        program_type: ProgramType,
    },
    /// The hook is one of many, and the name does not say which.
    #[error("section `{section}` does not say {what}: {help}")]
    NotSaid {
        /// The section.
        section: Box<str>,
        /// What is missing, such as "which function".
        what: &'static str,
        /// How to say it.
        help: &'static str,
    },
    /// What the name says cannot be read.
    #[error("section `{section}`: `{target}` is not {expected}")]
    Malformed {
        /// The section.
        section: Box<str>,
        /// What it says.
        target: Box<str>,
        /// What it should be.
        expected: &'static str,
    },
    /// The hook belongs to something that a name in an object cannot know: an interface, a control group, a socket.
    #[error(
        "section `{section}`: programs of type {program_type} are attached to {what}, which a section name cannot say"
    )]
    NeedsPlace {
        /// The section.
        section: Box<str>,
        /// The program's type.
        program_type: ProgramType,
        /// To what.
        what: &'static str,
    },
    /// Programs of this type are not attached: they are called, or another program or map refers to them.
    #[error("section `{section}`: programs of type {program_type} are not attached, {why}")]
    NotAttached {
        /// The section.
        section: Box<str>,
        /// The program's type.
        program_type: ProgramType,
        /// What is done with them instead.
        why: &'static str,
    },
}

impl AttachTarget<'static> {
    /// Where the program's section name says that it attaches.
    ///
    /// ```
    /// use ebpf_core::hook::AttachTarget;
    /// use ebpf_core::program::{ProgramSpec, ProgramType};
    ///
    /// let mut spec = ProgramSpec::new("f", ProgramType::KPROBE, Vec::new());
    /// spec.section = "kretprobe/guess_execve".to_owned();
    /// let target = AttachTarget::by_section(&spec)?;
    /// assert_eq!(target.to_string(), "kretprobe of `guess_execve`");
    ///
    /// spec.section = "kprobe".to_owned();
    /// let why = AttachTarget::by_section(&spec).expect_err("which function?");
    /// assert!(why.to_string().starts_with("section `kprobe` does not say which function"));
    /// # Ok::<(), ebpf_core::hook::NoSectionTarget>(())
    /// ```
    ///
    /// # Errors
    /// [`NoSectionTarget`] says why the name is not enough.
    pub fn by_section(spec: &ProgramSpec) -> Result<AttachTarget<'static>, NoSectionTarget> {
        let meaning = section(&spec.section);
        let Some(row) = meaning
            .row
            .filter(|row| row.program_type == spec.program_type)
        else {
            return Err(NoSectionTarget::NoHook {
                section: spec.section.as_str().into(),
                program_type: spec.program_type,
            });
        };
        let told = Told {
            section: &spec.section,
            // Edited specs say it in the field alone.
            target: spec.attach_to.as_deref().or(meaning.attach_to),
        };
        // What may sleep, or write, attaches as what may not.
        let hook = row.prefix();
        let hook = hook
            .strip_suffix(".s")
            .or_else(|| hook.strip_suffix(".w"))
            .unwrap_or(hook);
        Ok(match hook {
            "kprobe" => Kprobe::entry(told.function()?).into(),
            "kretprobe" => Kprobe::ret(told.function()?).into(),
            "ksyscall" => Kprobe::syscall(told.syscall()?).into(),
            "kretsyscall" => Kprobe::ret_syscall(told.syscall()?).into(),
            "kprobe.multi" => KprobeMulti::pattern(told.pattern()?).into(),
            "kretprobe.multi" => KprobeMulti::pattern(told.pattern()?).ret().into(),
            "kprobe.session" => KprobeMulti::pattern(told.pattern()?).session().into(),
            "uprobe" => told.uprobe(false)?.into(),
            "uretprobe" => told.uprobe(true)?.into(),
            "uprobe.multi" => told.uprobe_multi()?.into(),
            "uretprobe.multi" => told.uprobe_multi()?.ret().into(),
            "uprobe.session" => told.uprobe_multi()?.session().into(),
            "usdt" => told.usdt()?.into(),
            "tracepoint" | "tp" => told.tracepoint()?.into(),
            "raw_tracepoint" | "raw_tp" => RawTracepoint::new(told.raw_tracepoint()?).into(),
            "iter" => match told.target {
                Some("bpf_map_elem" | "bpf_sk_storage_map" | "sockmap") => {
                    return Err(told.needs(spec, "a map (`Iter::map`)"));
                }
                _ => Iter::new().into(),
            },
            "fentry" | "fexit" | "fmod_ret" | "fsession" | "tp_btf" | "lsm" | "freplace" => {
                Tracing::new().into()
            }
            _ => return Err(told.elsewhere(spec, row.attach_type)),
        })
    }
}

/// What a section name says after its first part.
struct Told<'s> {
    section: &'s str,
    target: Option<&'s str>,
}

impl<'s> Told<'s> {
    fn or(&self, what: &'static str, help: &'static str) -> Result<&'s str, NoSectionTarget> {
        self.target
            .filter(|target| !target.is_empty())
            .ok_or_else(|| NoSectionTarget::NotSaid {
                section: self.section.into(),
                what,
                help,
            })
    }

    fn malformed(&self, target: &str, expected: &'static str) -> NoSectionTarget {
        NoSectionTarget::Malformed {
            section: self.section.into(),
            target: target.into(),
            expected,
        }
    }

    fn function(&self) -> Result<&'s str, NoSectionTarget> {
        self.or(
            "which function",
            "write `kprobe/FUNCTION`, or attach it to Kprobe::entry(FUNCTION)",
        )
    }

    fn syscall(&self) -> Result<&'s str, NoSectionTarget> {
        self.or(
            "which system call",
            "write `ksyscall/NAME`, or attach it to Kprobe::syscall(NAME)",
        )
    }

    fn pattern(&self) -> Result<&'s str, NoSectionTarget> {
        self.or(
            "which functions",
            "write `kprobe.multi/PATTERN`, or attach it to KprobeMulti::symbols(NAMES)",
        )
    }

    fn raw_tracepoint(&self) -> Result<&'s str, NoSectionTarget> {
        self.or(
            "which tracepoint",
            "write `raw_tp/NAME`, or attach it to RawTracepoint::new(NAME)",
        )
    }

    fn tracepoint(&self) -> Result<Tracepoint, NoSectionTarget> {
        let target = self.or(
            "which tracepoint",
            "write `tracepoint/CATEGORY/NAME`, or attach it to Tracepoint::new(CATEGORY, NAME)",
        )?;
        match target.split_once('/') {
            Some((category, name))
                if !category.is_empty() && !name.is_empty() && !name.contains('/') =>
            {
                Ok(Tracepoint::new(category, name))
            }
            _ => Err(self.malformed(target, "CATEGORY/NAME")),
        }
    }

    /// `PATH:PLACE`.
    fn binary(&self) -> Result<(&'s Path, &'s str), NoSectionTarget> {
        let target = self.or(
            "which function of which file",
            "write `uprobe/PATH:FUNCTION`, or attach it to Uprobe::entry(PATH, FUNCTION)",
        )?;
        match target.rsplit_once(':') {
            Some((path, place)) if !path.is_empty() && !place.is_empty() => {
                Ok((Path::new(path), place))
            }
            _ => Err(self.malformed(target, "PATH:FUNCTION, PATH:FUNCTION+OFFSET or PATH:OFFSET")),
        }
    }

    fn uprobe(&self, ret: bool) -> Result<Uprobe, NoSectionTarget> {
        let (path, place) = self.binary()?;
        Ok(Uprobe::new(path, UserPlace::parse(place), ret))
    }

    fn uprobe_multi(&self) -> Result<UprobeMulti, NoSectionTarget> {
        let (path, pattern) = self.binary()?;
        Ok(UprobeMulti::pattern(path, pattern))
    }

    fn usdt(&self) -> Result<Usdt, NoSectionTarget> {
        let target = self.or(
            "which static probe",
            "write `usdt/PATH:PROVIDER:NAME`, or attach it to Usdt::new(PATH, PROVIDER, NAME)",
        )?;
        let parts = target.rsplit_once(':').and_then(|(rest, name)| {
            let (path, provider) = rest.rsplit_once(':')?;
            let whole = !path.is_empty() && !provider.is_empty() && !name.is_empty();
            whole.then(|| Usdt::new(path, provider, name))
        });
        parts.ok_or_else(|| self.malformed(target, "PATH:PROVIDER:NAME"))
    }

    fn needs(&self, spec: &ProgramSpec, what: &'static str) -> NoSectionTarget {
        NoSectionTarget::NeedsPlace {
            section: self.section.into(),
            program_type: spec.program_type,
            what,
        }
    }

    /// Programs whose place is none of the kernel's code.
    fn elsewhere(&self, spec: &ProgramSpec, attach_type: Option<AttachType>) -> NoSectionTarget {
        let not_attached = |why| NoSectionTarget::NotAttached {
            section: self.section.into(),
            program_type: spec.program_type,
            why,
        };
        let what = match spec.program_type {
            ProgramType::XDP => match attach_type {
                Some(AttachType::XDP_DEVMAP) => {
                    return not_attached("a devmap's values refer to them");
                }
                Some(AttachType::XDP_CPUMAP) => {
                    return not_attached("a cpumap's values refer to them");
                }
                _ => "an interface (`Xdp::on`)",
            },
            ProgramType::SYSCALL => return not_attached("user space calls them (`Program::run`)"),
            ProgramType::STRUCT_OPS => return not_attached("the map of their structure is"),
            ProgramType::SCHED_CLS => "an interface (`Tc::ingress`, `Tc::egress`)",
            ProgramType::SCHED_ACT => "an interface (`TcAct::ingress`, `TcAct::egress`)",
            ProgramType::SOCKET_FILTER => "a socket (`SocketFilter::on`)",
            ProgramType::SK_REUSEPORT => "a socket of a reuseport group (`Reuseport::on`)",
            ProgramType::SK_SKB | ProgramType::SK_MSG => "a map of sockets (`Sockmap::of`)",
            ProgramType::SK_LOOKUP | ProgramType::FLOW_DISSECTOR => {
                "a network namespace (`Netns::at`)"
            }
            ProgramType::NETFILTER => "a netfilter hook with a priority (`Netfilter`)",
            ProgramType::PERF_EVENT => "a perf event with a period (`PerfEvent`)",
            ProgramType::LIRC_MODE2 => "an infrared receiver",
            ProgramType::LWT_IN
            | ProgramType::LWT_OUT
            | ProgramType::LWT_XMIT
            | ProgramType::LWT_SEG6LOCAL => "a route",
            ProgramType::TRACING => "many functions at once, which this version does not do,",
            // All others are of control groups: LSM is here for `lsm_cgroup`.
            _ => "a control group (`Cgroup::at`)",
        };
        self.needs(spec, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::SECTIONS;

    fn of(name: &str) -> Result<AttachTarget<'static>, NoSectionTarget> {
        let mut spec = ProgramSpec::new("f", section(name).program_type, Vec::new());
        spec.section = name.to_owned();
        spec.attach_to = section(name).attach_to.map(str::to_owned);
        AttachTarget::by_section(&spec)
    }

    #[test]
    fn names_are_places() {
        for (name, place) in [
            ("kprobe/do_unlinkat", "kprobe of `do_unlinkat`"),
            ("KPROBE/do_unlinkat", "kprobe of `do_unlinkat`"),
            ("?kprobe/do_unlinkat+0x10", "kprobe of `do_unlinkat`+0x10"),
            ("kprobe/guess_execve", "kprobe of `guess_execve`"),
            ("kretprobe/foo.isra.0", "kretprobe of `foo.isra.0`"),
            ("ksyscall/unlinkat", "kprobe of system call `unlinkat`"),
            ("kretsyscall/bpf", "kretprobe of system call `bpf`"),
            ("kprobe.multi/tcp_*", "kprobe.multi of `tcp_*`"),
            ("kretprobe.multi/tcp_*", "kretprobe.multi of `tcp_*`"),
            ("kprobe.session/tcp_*", "kprobe.session of `tcp_*`"),
            ("uprobe//bin/sh:main+8", "uprobe of `main`+0x8 in /bin/sh"),
            ("uprobe.s//bin/sh:0x20", "uprobe of offset 0x20 in /bin/sh"),
            (
                "uretprobe/libc.so.6:malloc",
                "uretprobe of `malloc` in libc.so.6",
            ),
            (
                "uprobe.multi.s//bin/sh:m*",
                "uprobe.multi of `m*` in /bin/sh",
            ),
            ("uretprobe.multi//a:b:m*", "uretprobe.multi of `m*` in /a:b"),
            (
                "uprobe.session//bin/sh:m*",
                "uprobe.session of `m*` in /bin/sh",
            ),
            (
                "usdt//lib/libc.so.6:libc:setjmp",
                "static probe `libc:setjmp` in /lib/libc.so.6",
            ),
            (
                "tracepoint/sched/sched_switch",
                "tracepoint `sched:sched_switch`",
            ),
            (
                "tp.s/syscalls/sys_enter_bpf",
                "tracepoint `syscalls:sys_enter_bpf`",
            ),
            ("raw_tp/sched_switch", "raw tracepoint `sched_switch`"),
            (
                "raw_tracepoint.w/nbd_send_request",
                "raw tracepoint `nbd_send_request`",
            ),
            ("tp_btf/sched_switch", "what it was loaded for"),
            ("fentry.s/tcp_connect", "what it was loaded for"),
            ("fexit/tcp_connect", "what it was loaded for"),
            ("fmod_ret/f", "what it was loaded for"),
            ("lsm/file_open", "what it was loaded for"),
            ("freplace/f", "what it was loaded for"),
            ("iter/task", "an iterator"),
            ("iter.s/task", "an iterator"),
        ] {
            let target = of(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(target.to_string(), place, "{name}");
        }
    }

    #[test]
    fn names_that_do_not_suffice_say_why() {
        for (name, why) in [
            (
                "kprobe",
                "section `kprobe` does not say which function: write `kprobe/FUNCTION`, or attach it to Kprobe::entry(FUNCTION)",
            ),
            (
                "tracepoint/sched",
                "section `tracepoint/sched`: `sched` is not CATEGORY/NAME",
            ),
            (
                "tp/a/b/c",
                "section `tp/a/b/c`: `a/b/c` is not CATEGORY/NAME",
            ),
            (
                "uprobe/x",
                "section `uprobe/x`: `x` is not PATH:FUNCTION, PATH:FUNCTION+OFFSET or PATH:OFFSET",
            ),
            (
                "usdt/a:b",
                "section `usdt/a:b`: `a:b` is not PATH:PROVIDER:NAME",
            ),
            (
                "xdp",
                "section `xdp`: programs of type xdp are attached to an interface (`Xdp::on`), which a section name cannot say",
            ),
            (
                "cgroup/connect4",
                "section `cgroup/connect4`: programs of type cgroup_sock_addr are attached to a control group (`Cgroup::at`), which a section name cannot say",
            ),
            (
                "lsm_cgroup/socket_bind",
                "section `lsm_cgroup/socket_bind`: programs of type lsm are attached to a control group (`Cgroup::at`), which a section name cannot say",
            ),
            (
                "iter/bpf_map_elem",
                "section `iter/bpf_map_elem`: programs of type tracing are attached to a map (`Iter::map`), which a section name cannot say",
            ),
            (
                "syscall",
                "section `syscall`: programs of type syscall are not attached, user space calls them (`Program::run`)",
            ),
            (
                "mine",
                "section `mine` tells no hook of programs of type unspec: say where to attach it",
            ),
        ] {
            assert_eq!(of(name).expect_err(name).to_string(), why);
        }
    }

    #[test]
    fn every_section_is_a_place_or_says_why_not() {
        for row in SECTIONS {
            match of(row.example) {
                Ok(target) => assert!(!target.to_string().is_empty()),
                Err(NoSectionTarget::NoHook { .. } | NoSectionTarget::Malformed { .. }) => {
                    panic!("{}", row.example)
                }
                Err(_) => {}
            }
        }
    }

    #[test]
    fn an_edited_spec_counts() {
        let mut spec = ProgramSpec::new("f", ProgramType::KPROBE, Vec::new());
        spec.section = "kprobe/old".to_owned();
        spec.attach_to = Some("new".to_owned());
        let target = AttachTarget::by_section(&spec).expect("a place");
        assert_eq!(target.to_string(), "kprobe of `new`");
        spec.program_type = ProgramType::TRACEPOINT;
        assert!(matches!(
            AttachTarget::by_section(&spec),
            Err(NoSectionTarget::NoHook { .. })
        ));
    }
}
