//! What helpers keep of a run, and how they get at its context.

use std::sync::Arc;

use super::super::address::{CONTEXT, address};
use super::super::helper::wrong;
use super::super::memory::Block;
use super::super::problem::Problem;
use super::super::run::Run;
use super::redirect::Redirect;
use crate::engine::context::{Context, SkBuff, Sock, XdpBuff};

/// What helpers of a run said that counts after it, or for later helpers.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Where the packet is to go.
    pub(crate) redirect: Option<Redirect>,
    /// Copies of the packet that were sent on their way.
    pub(crate) clones: Vec<(Redirect, Vec<u8>)>,
    /// The sockets that the program has pointers to, by address.
    pub(crate) socks: Vec<(u64, Arc<Sock>)>,
    /// The lock that is held.
    pub(crate) lock: Option<u64>,
    /// What a tracepoint or probe was attached with.
    pub(crate) cookie: u64,
    /// What the program said that the system call is to return, of programs on control groups.
    pub(crate) retval: i32,
    /// The socket that a lookup program chose.
    pub(crate) selected: Option<Arc<Sock>>,
}

impl State {
    /// Makes it that of a new run.
    pub(crate) fn clear(&mut self) {
        self.redirect = None;
        self.clones.clear();
        self.socks.clear();
        self.lock = None;
        self.retval = 0;
        self.selected = None;
    }
}

impl Run {
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
