//! Options that processes set and read, and the programs of control groups that change them:
//! `__cgroup_bpf_run_filter_setsockopt()` and `__cgroup_bpf_run_filter_getsockopt()` in kernel/bpf/cgroup.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::AttachType;

use super::Stop;
use super::group::{Answer, Talk};
use crate::engine::context::{PAGE, Sock};
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::world::SocketObject;

/// What a program has room for at least, where a value is set.
const LEAST: usize = 16;

/// A `struct bpf_sockopt`.
struct OfOption<'s> {
    socket: &'s Arc<SocketObject>,
    level: i32,
    name: i32,
    length: i32,
    /// As much of it as programs see.
    value: Vec<u8>,
    /// Where the program sees it.
    at: u64,
}

/// Where the context has its fields.
const LEVEL: usize = 24;
const NAME: usize = 28;
const LENGTH: usize = 32;
const RETVAL: usize = 36;

impl<'s> OfOption<'s> {
    fn new(
        socket: &'s Arc<SocketObject>,
        (level, name): (i32, i32),
        length: usize,
        room: usize,
        value: &[u8],
    ) -> OfOption<'s> {
        let mut shown = value.to_vec();
        shown.resize(room.min(PAGE), 0);
        OfOption {
            socket,
            level,
            name,
            length: i32::try_from(length).unwrap_or(i32::MAX),
            value: shown,
            at: 0,
        }
    }

    /// The length that programs left, if it is one of what they see.
    fn seen(&self) -> Option<usize> {
        let length = usize::try_from(self.length).ok()?;
        (length <= self.value.len()).then_some(length)
    }
}

impl Talk for OfOption<'_> {
    fn before(&mut self, run: &mut Run) -> Vec<u8> {
        let sock = Arc::new(Sock::of(self.socket));
        let sk = run.give_sock(sock.clone());
        run.state.sock = Some(sock);
        let block = Block::new(self.value.clone(), true);
        self.at = run.memory.add_block("option", block).unwrap_or(0);
        let end = self.at + self.value.len() as u64;
        let mut bytes = [sk, self.at, end].map(u64::to_le_bytes).concat();
        for word in [self.level, self.name, self.length, run.state.retval] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    fn after(&mut self, run: &mut Run) {
        if let Some(block) = run.memory.block(self.at) {
            self.value.clone_from(&block.bytes);
        }
        let word = |at| run.context.word(at) as i32;
        (self.level, self.name, self.length) = (word(LEVEL), word(NAME), word(LENGTH));
        // What the context says of it is what counts.
        run.state.retval = word(RETVAL);
    }
}

impl Kernel {
    /// A process sets an option: `do_sock_setsockopt()`.
    pub(crate) fn set_socket_option(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        option: (i32, i32),
        value: &[u8],
    ) -> Result<(), Stop> {
        let is_root = self.world.tasks.current().task.user == 0;
        let hook = AttachType::CGROUP_SETSOCKOPT;
        let room = value.len().max(LEAST);
        let mut talk = OfOption::new(socket, option, value.len(), room, value);
        let answer = self.ask_group(&socket.cgroup, hook, Answer::default(), false, &mut talk)?;
        answer.outcome()?;
        let option_now = (talk.level, talk.name);
        match talk.seen() {
            // The program has done it.
            None if talk.length == -1 => Ok(()),
            // Of what it does not see it says nothing.
            None if value.len() > PAGE && talk.length >= 0 => {
                Ok(socket.set_option(option, value, is_root)?)
            }
            None => Err(Errno::EFAULT.into()),
            Some(0) => Ok(socket.set_option(option_now, value, is_root)?),
            Some(length) => {
                let value = talk.value.get(..length).unwrap_or_default();
                Ok(socket.set_option(option_now, value, is_root)?)
            }
        }
    }

    /// A process reads an option, with room for so many bytes: `do_sock_getsockopt()`.
    pub(crate) fn socket_option(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        (level, name): (i32, i32),
        room: usize,
    ) -> Result<Vec<u8>, Stop> {
        let said = socket.option(level, name).map(|mut value| {
            value.truncate(room);
            value
        });
        let retval = said.as_ref().map_or_else(|errno| -errno.0, |_| 0);
        let value = said.as_deref().unwrap_or_default();
        let length = if said.is_ok() { value.len() } else { room };
        let mut talk = OfOption::new(socket, (level, name), length, room, value);
        let before = Answer { retval, flags: 0 };
        let hook = AttachType::CGROUP_GETSOCKOPT;
        let answer = self.ask_group(&socket.cgroup, hook, before, false, &mut talk)?;
        answer.outcome()?;
        match talk.seen() {
            None if length > PAGE && talk.length >= 0 => Ok(said?),
            None => Err(Errno::EFAULT.into()),
            // What the kernel said stays.
            Some(0) => match said {
                Ok(value) => Ok(value),
                Err(_) => Ok(vec![0; room]),
            },
            Some(length) => Ok(talk.value.get(..length).unwrap_or_default().to_vec()),
        }
    }
}
