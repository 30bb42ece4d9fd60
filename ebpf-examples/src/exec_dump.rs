//! Which programs are started on the machine, by whom, and with which arguments: every call of execve(2), as an event.
//!
//! The programs are those of `bpf/exec_dump.bpf.c`. They do the same from three places of the kernel, of which the first
//! that works is taken. A call is seen when it begins, so also one that fails.

use std::fmt;
use std::mem;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ebpf_core::codec::c_str;
use ebpf_core::event::{EventCounters, EventError, EventOptions, EventSource, Wait};
use ebpf_core::hook::{AttachTarget, Kprobe, RawTracepoint, Tracepoint};
use ebpf_core::link::{Link, LinkError};
use ebpf_core::map::{Global, Map as _};
use ebpf_core::object::{ObjectSpec, VariableError};
use ebpf_core::program::{ProgramError, ProgramExt as _};
use ebpf_core::system::{Clock, System, SystemError};
use ebpf_core::zerocopy::FromBytes as _;
use ebpf_core::{Errno, LoadError, LoadOptions, SystemExt as _};

pub use crate::feed::Summary;
use crate::feed::{self, FeedError};

/// The compiled programs, with their maps.
pub const OBJECT: &[u8] = include_bytes!("../bpf/exec_dump.bpf.o");

/// The most arguments of a call that are kept, besides the program's name.
pub const MAX_ARGUMENTS: usize = 20;
/// The most bytes of the file's name and of each argument that are kept.
pub const MAX_STRING: usize = 255;

/// From where calls are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// The kernel's function of the system call. Needs a kernel with kprobes, on x86-64 or arm64.
    Kprobe,
    /// The tracepoint of the system call. Needs a kernel with tracefs.
    Tracepoint,
    /// The tracepoint of all system calls, which costs each of them a little. On x86-64 or arm64.
    RawTracepoint,
}

impl Hook {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Kprobe, Self::Tracepoint, Self::RawTracepoint];

    /// The program of [`OBJECT`].
    const fn program(self) -> &'static str {
        match self {
            Self::Kprobe => "execve_kprobe",
            Self::Tracepoint => "execve_tracepoint",
            Self::RawTracepoint => "execve_raw",
        }
    }

    fn target(self) -> AttachTarget<'static> {
        match self {
            Self::Kprobe => Kprobe::syscall("execve").into(),
            Self::Tracepoint => Tracepoint::new("syscalls", "sys_enter_execve").into(),
            Self::RawTracepoint => RawTracepoint::new("sys_enter").into(),
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target().fmt(f)
    }
}

/// What differs between processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processor {
    /// Where the registers of the first two arguments lie in `struct pt_regs`, in bytes.
    pub registers: [u32; 2],
    /// The number of execve(2).
    pub execve: i32,
}

impl Processor {
    /// By its name in [`std::env::consts::ARCH`]; `None` for one that is not known here.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (registers, execve) = match name {
            "x86_64" => ([112, 104], 59),
            "aarch64" => ([0, 8], 221),
            _ => return None,
        };
        Some(Self { registers, execve })
    }
}

/// A string of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// All of it.
    Whole(String),
    /// Its first [`MAX_STRING`] bytes.
    Cut(String),
    /// It was not in memory at the moment.
    Unread,
}

/// The text with its control characters escaped, so that they do nothing to a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(text) => f.write_str(&printable(text)),
            Self::Cut(text) => write!(f, "{}…", printable(text)),
            Self::Unread => f.write_str("?"),
        }
    }
}

/// A call of execve(2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// When.
    pub time: SystemTime,
    /// The name of the thread that called, before.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// The process's user.
    pub uid: u32,
    /// The process's group.
    pub gid: u32,
    /// The file to run.
    pub file: Text,
    /// The arguments, without the first, which is the program's name for itself.
    pub arguments: Vec<Text>,
    /// Whether there were more than [`MAX_ARGUMENTS`].
    pub more: bool,
}

ebpf_core::plain! {
    /// `struct execution` of the programs, which strings follow.
    struct Head {
        time: u64,
        pid: u32,
        uid: u32,
        gid: u32,
        cut: u32,
        unread: u32,
        length: u32,
        strings: u16,
        more: u8,
        _unused: [u8; 5],
        name: [u8; 16],
    }
}

impl Execution {
    /// Takes an event apart; `None` for one that the programs did not write.
    #[must_use]
    pub fn of(sample: &[u8], clock: &Clock) -> Option<Self> {
        let (head, rest) = Head::read_from_prefix(sample).ok()?;
        let mut rest = rest.get(..head.length as usize)?;
        let mut texts = Vec::new();
        for number in 0..u32::from(head.strings) {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let (text, behind) = rest.split_at_checked(end)?;
            rest = behind.get(1..)?;
            let said = |bits: u32| bits.checked_shr(number).is_some_and(|bits| bits & 1 != 0);
            let text = String::from_utf8_lossy(text).into_owned();
            texts.push(if said(head.unread) {
                Text::Unread
            } else if said(head.cut) {
                Text::Cut(text)
            } else {
                Text::Whole(text)
            });
        }
        let mut texts = texts.into_iter();
        let time = clock.wall_of_monotonic(Duration::from_nanos(head.time));
        Some(Self {
            time: time.unwrap_or(SystemTime::UNIX_EPOCH),
            name: c_str(&head.name).into_owned(),
            pid: head.pid,
            uid: head.uid,
            gid: head.gid,
            file: texts.next()?,
            arguments: texts.collect(),
            more: head.more != 0,
        })
    }

    /// The file and the arguments in a line.
    #[must_use]
    pub fn command(&self) -> String {
        let mut line = self.file.to_string();
        for argument in &self.arguments {
            line.push(' ');
            line.push_str(&argument.to_string());
        }
        if self.more {
            line.push_str(" …");
        }
        line
    }
}

/// What went wrong with a dump.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// The object could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A variable of the object could not be set.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The clock could not be read.
    #[error(transparent)]
    Clock(#[from] SystemError),
    /// The events could not be opened or waited for.
    #[error(transparent)]
    Events(#[from] EventError),
    /// The events could not be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The program could not be attached.
    #[error(transparent)]
    Attach(#[from] ProgramError),
    /// The program could not be detached.
    #[error(transparent)]
    Detach(#[from] LinkError),
    /// The registers of this processor are not known.
    #[error("{hook}: where this processor's registers lie is not known here")]
    Processor {
        /// What needs to know them.
        hook: Hook,
    },
    /// None of the hooks works.
    #[error("there is no way to see calls of execve here:{}", Reasons(.0))]
    NoHook(Vec<ExecError>),
}

impl ExecError {
    /// The system's error number, if it was the system that refused to load or attach.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Load(LoadError::Program(error)) | Self::Attach(error) => error.errno(),
            Self::Load(LoadError::Map(error)) => error.errno(),
            _ => None,
        }
    }
}

struct Reasons<'a>(&'a [ExecError]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|reason| write!(f, "\n  {reason}"))
    }
}

/// A dump at work, until it is dropped.
#[derive(Debug)]
pub struct ExecDump {
    hook: Hook,
    source: Box<dyn EventSource>,
    counters: Arc<EventCounters>,
    lost: Global<u64>,
    clock: Clock,
    link: Option<Box<dyn Link>>,
}

impl ExecDump {
    /// Begins to see calls by the first of these hooks that works.
    ///
    /// # Errors
    /// [`ExecError::NoHook`] with the reason for each; [`ExecError::Load`] for want of privileges.
    pub fn start(
        system: &dyn System,
        hooks: &[Hook],
        processor: Option<Processor>,
    ) -> Result<Self, ExecError> {
        let mut reasons = Vec::new();
        for hook in hooks {
            match Self::by(system, *hook, processor) {
                Ok(dump) => return Ok(dump),
                // The others would be refused for the same reason.
                Err(error @ ExecError::Load(_)) if error.errno() == Some(Errno::EPERM) => {
                    return Err(error);
                }
                Err(error) => reasons.push(error),
            }
        }
        Err(ExecError::NoHook(reasons))
    }

    fn by(
        system: &dyn System,
        hook: Hook,
        processor: Option<Processor>,
    ) -> Result<Self, ExecError> {
        let mut object = ObjectSpec::parse(OBJECT).map_err(LoadError::from)?;
        match processor {
            Some(processor) => {
                let [first, second] = processor.registers;
                object.set_variable("first_register", &first)?;
                object.set_variable("second_register", &second)?;
                object.set_variable("execve_number", &processor.execve)?;
            }
            None if hook == Hook::Tracepoint => {}
            None => return Err(ExecError::Processor { hook }),
        }
        let others = Hook::ALL.into_iter().filter(|other| *other != hook);
        let options = others.fold(LoadOptions::new(), |options, other| {
            options.disable(other.program())
        });
        let mut collection = system.load_with(&object, &options)?;
        let source = collection
            .map("executions")?
            .open_events(&EventOptions::default())?;
        let program = collection.take_program(hook.program())?;
        Ok(Self {
            hook,
            counters: source.counters(),
            source,
            lost: collection.global("lost")?,
            clock: system.clock()?,
            link: Some(program.attach_to(hook.target())?),
        })
    }

    /// By which hook.
    #[must_use]
    pub fn hook(&self) -> Hook {
        self.hook
    }

    /// Waits until there may be calls to drain.
    ///
    /// # Errors
    /// [`ExecError::Events`].
    pub fn wait(&mut self, timeout: Duration) -> Result<Wait, ExecError> {
        Ok(self.source.wait(Some(timeout))?)
    }

    /// Gives the calls that are there to `sink`, until it breaks.
    ///
    /// # Errors
    /// [`ExecError::Feed`].
    pub fn drain(
        &mut self,
        mut sink: impl FnMut(&Execution) -> ControlFlow<()>,
    ) -> Result<(), ExecError> {
        let clock = self.clock;
        Ok(feed::drain(&mut *self.source, |data| {
            Execution::of(data, &clock).map(|execution| sink(&execution))
        })?)
    }

    /// Ends it, and says whether that worked. What came before can still be drained.
    ///
    /// # Errors
    /// [`ExecError::Detach`].
    pub fn detach(&mut self) -> Result<(), ExecError> {
        match mem::take(&mut self.link) {
            Some(link) => Ok(link.detach()?),
            None => Ok(()),
        }
    }

    /// How many calls there were so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            received: self.counters.received(),
            lost: self.lost.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock {
            monotonic: Duration::from_secs(100),
            boot: Duration::from_secs(100),
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1000),
        }
    }

    /// An event as the programs write it, on a machine of either byte order.
    fn event(cut: u32, unread: u32, strings: &[&[u8]], more: u8) -> Vec<u8> {
        let mut bytes = 98_000_000_000_u64.to_ne_bytes().to_vec();
        let length: usize = strings.iter().map(|string| string.len() + 1).sum();
        for word in [42, 1234, 5678, cut, unread, length as u32] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend((strings.len() as u16).to_ne_bytes());
        bytes.extend([more, 0, 0, 0, 0, 0]);
        bytes.extend(b"bash\0left over..");
        for string in strings {
            bytes.extend(*string);
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn an_event_is_taken_apart() {
        let bytes = event(0b10, 0b100, &[b"/bin/ls", b"-l", b"", b"a\x1bb"], 1);
        let execution = Execution::of(&bytes, &clock()).unwrap();
        let expected = Execution {
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(998),
            name: "bash".to_owned(),
            pid: 42,
            uid: 1234,
            gid: 5678,
            file: Text::Whole("/bin/ls".to_owned()),
            arguments: vec![
                Text::Cut("-l".to_owned()),
                Text::Unread,
                Text::Whole("a\x1bb".to_owned()),
            ],
            more: true,
        };
        assert_eq!(execution, expected);
        assert_eq!(execution.command(), "/bin/ls -l… ? a\\u{1b}b …");
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let bytes = event(0, 0, &[b"/bin/ls", b"-l"], 0);
        for length in 0..bytes.len() {
            assert_eq!(Execution::of(&bytes[..length], &clock()), None, "{length}");
        }
        assert_eq!(Execution::of(&event(0, 0, &[], 0), &clock()), None);
        // More strings than bits is nothing that the programs write, and nothing to fall over.
        let many = event(u32::MAX, 0, &[&b"x"[..]; 40], 0);
        assert_eq!(Execution::of(&many, &clock()).unwrap().arguments.len(), 39);
    }
}
