//! What maps of sockets have a socket do: `struct sk_psock` in include/linux/skmsg.h, `sock_map_link()` in
//! net/core/sock_map.c.

use std::collections::VecDeque;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::AttachType;

use super::socket::{SocketKind, SocketObject};
use super::stream::tcp;
use crate::hook::SockmapPrograms;
use crate::program::ProgramObject;

const MESSAGE: AttachType = AttachType::SK_MSG_VERDICT;
const PARSER: AttachType = AttachType::SK_SKB_STREAM_PARSER;
const STREAM: AttachType = AttachType::SK_SKB_STREAM_VERDICT;
const VERDICT: AttachType = AttachType::SK_SKB_VERDICT;

type Program = Option<Arc<ProgramObject>>;

/// What a socket has of the maps that it is in. It has the programs that a map had when the socket came into it.
#[derive(Debug, Default)]
pub(crate) struct Psock {
    /// Asked of what is sent.
    pub(crate) message: Program,
    parser: Program,
    /// Asked of what is received.
    verdict: Program,
    /// What was redirected to it, or passed on to it.
    pub(crate) ingress: VecDeque<Vec<u8>>,
    pub(crate) sending: Sending,
    pub(crate) cutting: Cutting,
}

/// What was said of bytes that are sent.
#[derive(Debug, Default)]
pub(crate) struct Sending {
    pub(crate) verdict: Option<Verdict>,
    /// For how many more bytes it is; 0 for a message.
    pub(crate) apply: u32,
    /// What is kept until there is more.
    pub(crate) kept: Option<Message>,
    /// How many bytes more.
    pub(crate) missing: u32,
}

/// What becomes of bytes.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Pass,
    Drop,
    /// Another socket sends them, or receives them.
    Redirect {
        to: Arc<SocketObject>,
        ingress: bool,
    },
}

/// Bytes that are about to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    pub(crate) bytes: Vec<u8>,
    /// For how many bytes the verdict is to be.
    pub(crate) apply: u32,
    /// How many bytes there have to be before a verdict.
    pub(crate) wanted: u32,
}

/// How a stream is cut into messages: `struct strparser`.
#[derive(Debug, Default)]
pub(crate) struct Cutting {
    /// What there is of the message, with what came before it in the same piece.
    pub(crate) head: Option<Vec<u8>>,
    /// Where it begins.
    pub(crate) offset: usize,
    /// How many bytes of it there are.
    pub(crate) there: usize,
    /// How many it has, once the parser has said so.
    pub(crate) length: usize,
    /// Whether the parser gave up.
    pub(crate) stopped: bool,
}

/// Who looks at what a socket receives.
#[derive(Debug)]
pub(crate) struct Receiving {
    pub(crate) parser: Program,
    pub(crate) verdict: Arc<ProgramObject>,
}

impl Psock {
    /// Whether programs look at what is received.
    pub(crate) fn receives(&self) -> bool {
        self.verdict.is_some()
    }

    pub(crate) fn receiving(&self) -> Option<Receiving> {
        Some(Receiving {
            parser: self.parser.clone(),
            verdict: self.verdict.clone()?,
        })
    }

    /// Has the programs of a map act on the socket.
    fn join(&mut self, programs: &SockmapPrograms, is_stream: bool) -> Result<(), Errno> {
        let [message, parser, stream, verdict] =
            [MESSAGE, PARSER, STREAM, VERDICT].map(|at| programs.get(at));
        let of_skb = stream.is_some() || verdict.is_some();
        let taken = message.is_some() && self.message.is_some()
            || parser.is_some() && self.parser.is_some()
            || of_skb && self.verdict.is_some();
        if taken {
            return Err(Errno::EBUSY);
        }
        if parser.is_some() && stream.is_some() && !is_stream {
            return Err(Errno::EOPNOTSUPP);
        }
        self.message = message.or(self.message.take());
        if stream.is_some() {
            self.parser = parser.or(self.parser.take());
        }
        self.verdict = stream.or(verdict).or(self.verdict.take());
        Ok(())
    }

    /// A map that has programs gives the socket up: those that look at what is received stop.
    fn leave(&mut self, programs: &SockmapPrograms) {
        let had = [PARSER, STREAM, VERDICT].map(|at| programs.get(at).is_some());
        if had.contains(&true) {
            (self.parser, self.verdict) = (None, None);
            self.cutting = Cutting::default();
        }
    }
}

impl SocketObject {
    /// Whether data may be redirected to it: `sock_map_redirect_allowed()`.
    pub(crate) fn takes_redirected(&self) -> bool {
        match self.kind {
            SocketKind::Tcp => self.with(|state| state.stream.state) != tcp::LISTEN,
            SocketKind::Unix => true,
            _ => self.with(|state| state.peer.is_some()),
        }
    }

    /// Whether a map takes it in the state that it is in: `sock_map_sk_state_allowed()`.
    pub(crate) fn is_fit_for_maps(&self) -> bool {
        let state = self.with(|state| state.stream.state);
        self.kind != SocketKind::Tcp || matches!(state, tcp::ESTABLISHED | tcp::LISTEN)
    }

    /// Takes it into a map that has these programs.
    ///
    /// # Errors
    /// `EBUSY` when something else has it, or it has programs of the kind.
    pub(crate) fn join_map(&self, programs: &SockmapPrograms) -> Result<(), Errno> {
        let redirects = self.takes_redirected();
        self.with(|state| {
            if state.is_in_array() {
                return Err(Errno::EBUSY);
            }
            let psock = state.psock.get_or_insert_default();
            let joined = match redirects {
                true => psock.join(programs, self.kind == SocketKind::Tcp),
                false => Ok(()),
            };
            if joined.is_ok() {
                state.take_place();
            }
            joined
        })
    }

    /// Gives it up, as a map does that has these programs.
    pub(crate) fn leave_map(&self, programs: &SockmapPrograms) {
        let gone = self.with(|state| {
            state.leave_place();
            match state.is_in_maps() {
                false => state.psock.take(),
                true => {
                    if let Some(psock) = &mut state.psock {
                        psock.leave(programs);
                    }
                    None
                }
            }
        });
        drop(gone);
    }
}
