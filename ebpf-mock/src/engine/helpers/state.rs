//! What helpers keep of a run, and how they get at its context.

use std::sync::Arc;

use super::super::address::{CONTEXT, address};
use super::super::helper::wrong;
use super::super::memory::Block;
use super::super::problem::Problem;
use super::super::run::Run;
use super::cgroup::Sysctl;
use super::dynptr::Dynptr;
use super::output::OpenRecord;
use super::redirect::Redirect;
use super::reference::Traced;
use super::seq::Seq;
use super::sockmap::Cuts;
use crate::engine::context::{Context, SkBuff, Sock, XdpBuff};
use crate::world::{Group, TaskObject};

/// What helpers of a run said that counts after it, or for later helpers.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Where the packet is to go.
    pub(crate) redirect: Option<Redirect>,
    /// Copies of the packet that were sent on their way.
    pub(crate) clones: Vec<(Redirect, Vec<u8>)>,
    /// The sockets that the program has pointers to, by address.
    pub(crate) socks: Vec<(u64, Arc<Sock>)>,
    /// Records that are neither submitted nor discarded yet.
    pub(crate) records: Vec<OpenRecord>,
    /// What stands behind dynptrs, by the number that is in their memory, less 1.
    pub(crate) dynptrs: Vec<Dynptr>,
    /// The timer or work whose function this is a call of.
    pub(crate) fired: Option<u64>,
    /// Where a netfilter program finds its packet.
    pub(crate) skb: u64,
    /// What an iterator prints into.
    pub(crate) seq: Option<Seq>,
    /// The lock that is held.
    pub(crate) lock: Option<u64>,
    /// What a tracepoint or probe was attached with.
    pub(crate) cookie: u64,
    /// What the program said that the system call is to return, of programs on control groups.
    pub(crate) retval: i32,
    /// The socket that the program runs for, where its context is of one.
    pub(crate) sock: Option<Arc<Sock>>,
    /// The sockets among which the program chooses, where it is for those that share a port.
    pub(crate) group: Option<Arc<Group>>,
    /// Signals that were sent to the current task.
    pub(crate) signals: Vec<u32>,
    /// What the program has to give back: addresses, and what they are of.
    held: Vec<(u64, &'static str)>,
    /// What the function was called with that set the program off.
    pub(crate) traced: Option<Traced>,
    /// The sysctl that the program runs for.
    pub(crate) sysctl: Option<Sysctl>,
    /// Whether the chosen socket gets the packet itself, and not one of those that share its port.
    pub(crate) alone: bool,
    /// Whether the chosen socket receives what is redirected to it, and does not send it.
    pub(crate) ingress: bool,
    /// How the message lies that the program runs for.
    pub(crate) cuts: Option<Cuts>,
    /// The socket that a lookup program chose.
    pub(crate) selected: Option<Arc<Sock>>,
    /// The socket that was chosen before the program runs.
    pub(crate) before: Option<Arc<Sock>>,
}

impl State {
    /// Forgets what helpers of a run before this one said.
    pub(crate) fn begin(&mut self) {
        self.redirect = None;
        self.clones.clear();
        self.lock = None;
        self.selected = self.before.clone();
        self.records.clear();
        self.dynptrs.clear();
        self.held.clear();
        self.signals.clear();
        self.alone = false;
        self.ingress = false;
    }
}

impl State {
    /// Notes that the program has to give something back.
    pub(super) fn hold(&mut self, address: u64, what: &'static str) {
        self.held.push((address, what));
    }

    /// Notes that the program has given something back, and says what that was; `None` if it did not hold it.
    pub(super) fn give_back(&mut self, address: u64) -> Option<&'static str> {
        let held = self.held.iter().rposition(|held| held.0 == address);
        held.map(|held| self.held.swap_remove(held).1)
    }

    /// The same of something without an address: whether the program held it.
    pub(super) fn leave(&mut self, what: &'static str) -> bool {
        let held = self.held.iter().rposition(|held| held.1 == what);
        held.map(|held| self.held.swap_remove(held)).is_some()
    }
}

impl Run {
    /// Gives back what the program did not, and says what that was.
    pub(in crate::engine) fn settle(&mut self) -> Result<(), Problem> {
        let lock = self.state.lock.take();
        if let Some(lock) = lock {
            let _ = self.memory.write_number::<4>(lock, 0);
            self.give_lock_back(lock);
        }
        let records = self.state.records.len();
        for record in self.state.records.drain(..) {
            record.discard();
        }
        let held = std::mem::take(&mut self.state.held);
        for (address, _) in &held {
            self.kernel.held.release(*address);
        }
        if lock.is_some() {
            return Err(Problem::Lock("a lock is held at the end"));
        }
        if records > 0 {
            let what = "a record of a ring buffer".into();
            return Err(Problem::Leak { what });
        }
        if let Some((_, what)) = held.first() {
            let what = (*what).into();
            return Err(Problem::Leak { what });
        }
        Ok(())
    }

    /// The task that runs.
    pub(super) fn task(&self) -> Arc<TaskObject> {
        self.kernel.world.tasks.current().task
    }

    /// The address of a context that is no memory.
    pub(crate) fn context_address() -> u64 {
        address(CONTEXT, 0)
    }

    fn is_context(at: u64) -> bool {
        at == Run::context_address()
    }

    /// The packet of an XDP program, whose context an argument has to be.
    pub(super) fn xdp(
        &mut self,
        helper: u32,
        at: u64,
    ) -> Result<(&mut XdpBuff, &mut Block), Problem> {
        match &mut self.context {
            Context::Xdp(_, xdp) if Run::is_context(at) => Ok((xdp, &mut self.memory.packet)),
            _ => Err(wrong(helper, 0, "context")),
        }
    }

    /// The packet of a program with a `struct __sk_buff`.
    pub(super) fn skb(
        &mut self,
        helper: u32,
        at: u64,
    ) -> Result<(&mut SkBuff, &mut Block), Problem> {
        match &mut self.context {
            Context::SkBuff(_, skb) if Run::is_context(at) => Ok((skb, &mut self.memory.packet)),
            _ => Err(wrong(helper, 0, "context")),
        }
    }
}
