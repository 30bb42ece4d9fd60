//! Data of sockets that are in maps, and the programs of these: `tcp_bpf_sendmsg()` in net/ipv4/tcp_bpf.c,
//! `sk_psock_verdict_apply()` in net/core/skmsg.c, `__strp_recv()` in net/strparser/strparser.c.

use std::sync::Arc;

use ebpf_core::Errno;

use super::{Stop, start};
use crate::engine::context::{Context, SkBuff, Sock, SockField};
use crate::engine::helpers::Cuts;
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::{ProgramObject, set_off};
use crate::world::{Cutting, Message, Receiving, Sending, SocketObject, Verdict};

/// What programs say that let data pass.
const SK_PASS: u64 = 1;
/// How often data is redirected on its way at most. Linux has no such limit, and goes round for ever.
pub(super) const MOST_STEPS: usize = 32;
/// The longest message that a parser cuts: as much as a socket keeps.
const LONGEST: usize = 131_072;

impl Kernel {
    /// A process sends over a socket of a map whose programs are asked.
    pub(super) fn send_by_verdict(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        program: &Arc<ProgramObject>,
        bytes: &[u8],
    ) -> Result<usize, Stop> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let taken = socket.with(|state| {
            state
                .psock
                .as_mut()
                .map(|psock| std::mem::take(&mut psock.sending))
        });
        let mut sending = taken.unwrap_or_default();
        let sent = self.judge(socket, program, &mut sending, bytes);
        socket.with(|state| {
            if let Some(psock) = &mut state.psock {
                psock.sending = sending;
            }
        });
        sent
    }

    fn judge(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        program: &Arc<ProgramObject>,
        sending: &mut Sending,
        bytes: &[u8],
    ) -> Result<usize, Stop> {
        let mut message = sending.kept.take().unwrap_or_default();
        message.bytes.extend_from_slice(bytes);
        // How much the process is told was taken.
        let taken = bytes.len() as i64;
        if sending.missing != 0 {
            let came = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            sending.missing = sending.missing.saturating_sub(came);
            if sending.missing != 0 {
                sending.kept = Some(message);
                return Ok(bytes.len());
            }
            sending.verdict = None;
        }
        let told = |taken: i64, errno: Errno| match usize::try_from(taken) {
            Ok(taken @ 1..) => Ok(taken),
            _ => Err(Stop::Errno(errno)),
        };
        while !message.bytes.is_empty() {
            let length = message.bytes.len();
            let verdict = match sending.verdict.take() {
                Some(verdict) => verdict,
                None => {
                    let verdict = self.ask_of_message(socket, program, &mut message)?;
                    sending.apply = message.apply;
                    verdict
                }
            };
            // What the program took out of it, or put in.
            let delta = length as i64 - message.bytes.len() as i64;
            let length = message.bytes.len();
            if (message.wanted as usize) > length {
                sending.missing = message.wanted - length as u32;
                sending.kept = Some(message);
                sending.verdict = Some(verdict);
                return Ok(bytes.len());
            }
            let now = match sending.apply {
                0 => length,
                apply => length.min(apply as usize),
            };
            let part: Vec<u8> = message.bytes.drain(..now).collect();
            sending.apply = sending.apply.saturating_sub(now as u32);
            let done = match &verdict {
                Verdict::Pass => self.push_stream(socket, part, 0),
                Verdict::Redirect { to, ingress } => self.redirected(to, *ingress, part, 0),
                Verdict::Drop => {
                    // It stays what was said, whatever is sent later.
                    sending.verdict = Some(verdict);
                    return told(taken - now as i64 - delta, Errno::EACCES);
                }
            };
            match done {
                Ok(()) => {}
                Err(Stop::Errno(errno)) => {
                    sending.verdict = Some(verdict).filter(|_| sending.apply != 0);
                    return told(taken - now as i64 - message.bytes.len() as i64, errno);
                }
                Err(other) => return Err(other),
            }
            if sending.apply != 0 {
                sending.verdict = Some(verdict);
            }
        }
        Ok(bytes.len())
    }

    /// Asks the program of a message, which it may change.
    fn ask_of_message(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        program: &Arc<ProgramObject>,
        message: &mut Message,
    ) -> Result<Verdict, Stop> {
        let mut run = start(self, program);
        let sock = Arc::new(Sock::of(socket));
        let mut context = vec![0; 80];
        let mut put = |at: usize, value: &[u8]| {
            for (to, from) in context.iter_mut().skip(at).zip(value) {
                *to = *from;
            }
        };
        for (at, from, length) in [
            (16, SockField::Family, 4),
            (20, SockField::DstIp4, 4),
            (24, SockField::SrcIp4, 4),
            (28, SockField::DstIp6, 16),
            (44, SockField::SrcIp6, 16),
            (64, SockField::SrcPort, 4),
        ] {
            let from = sock.bytes.get(from as usize..).unwrap_or_default();
            put(at, from.get(..length).unwrap_or_default());
        }
        // The port is in the upper half, in the order of the network.
        let port = sock.get(SockField::DstPort) << 16;
        put(60, &port.to_le_bytes());
        put(72, &run.give_sock(sock.clone()).to_le_bytes());
        run.state.sock = Some(sock);
        run.context = Context::of_fields(program.view().ok_or(Errno::EINVAL)?, &context);
        let before = std::mem::take(&mut run.memory.packet);
        run.memory.packet.refill(0, &message.bytes, 0);
        run.state.cuts = Some(Cuts::new(message.apply, message.wanted));
        run.show_message();
        let verdict = set_off(&mut run, Run::context_address());
        let after = std::mem::replace(&mut run.memory.packet, before);
        message.bytes = after.bytes;
        if let Some(cuts) = run.state.cuts.take() {
            (message.apply, message.wanted) = (cuts.apply, cuts.wanted);
        }
        Ok(verdict_of(verdict?, &run))
    }

    /// Data goes to another socket, which has to be in a map.
    fn redirected(
        self: &Arc<Kernel>,
        to: &Arc<SocketObject>,
        ingress: bool,
        bytes: Vec<u8>,
        steps: usize,
    ) -> Result<(), Stop> {
        if steps >= MOST_STEPS {
            return Err(Errno::ELOOP.into());
        }
        let is_there = to.with(|state| match &mut state.psock {
            Some(psock) if ingress => {
                psock.ingress.push_back(bytes.clone());
                true
            }
            psock => psock.is_some(),
        });
        match is_there && to.is_open() {
            false => Err(Errno::EPIPE.into()),
            true if ingress => Ok(()),
            true => self.push_stream(to, bytes, steps + 1),
        }
    }

    /// Has the programs of maps look at what a socket was sent, if there are any.
    pub(super) fn arrived(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        steps: usize,
    ) -> Result<(), Stop> {
        loop {
            let next = socket.with(|state| {
                let psock = state.psock.as_mut()?;
                let receiving = psock.receiving()?;
                if receiving.parser.is_some() && psock.cutting.stopped {
                    return None;
                }
                let piece = state.stream.queue.pop_front()?;
                Some((receiving, piece, std::mem::take(&mut psock.cutting)))
            });
            let Some((receiving, piece, mut cutting)) = next else {
                return Ok(());
            };
            let done = match &receiving.parser {
                Some(parser) => self.cut(socket, parser, &receiving, &mut cutting, &piece, steps),
                None => {
                    let length = piece.len();
                    self.pass_on(socket, &receiving, &piece, (0, length), steps)
                }
            };
            socket.with(|state| {
                if let Some(psock) = &mut state.psock {
                    psock.cutting = cutting;
                }
            });
            done?;
        }
    }

    /// Cuts a piece of a stream into messages.
    fn cut(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        parser: &Arc<ProgramObject>,
        receiving: &Receiving,
        cutting: &mut Cutting,
        piece: &[u8],
        steps: usize,
    ) -> Result<(), Stop> {
        let mut eaten = 0;
        while eaten < piece.len() {
            let left = piece.len() - eaten;
            let mut head = match cutting.head.take() {
                Some(mut head) => {
                    head.extend_from_slice(piece);
                    head
                }
                None => {
                    *cutting = Cutting {
                        offset: eaten,
                        ..Cutting::default()
                    };
                    piece.to_vec()
                }
            };
            if cutting.length == 0 {
                let (said, changed, _) = self.look(socket, parser, &head)?;
                head = changed;
                let length = match said as u32 as i32 {
                    0 => {
                        cutting.there += left;
                        cutting.head = Some(head);
                        return Ok(());
                    }
                    length => usize::try_from(length).unwrap_or(0),
                };
                // It has to end in what came last.
                let before = head.len().saturating_sub(piece.len() + cutting.offset);
                if length > LONGEST || length <= before {
                    cutting.stopped = true;
                    return Ok(());
                }
                cutting.length = length;
            }
            let there = cutting.there + left;
            if there < cutting.length {
                cutting.there = there;
                cutting.head = Some(head);
                return Ok(());
            }
            eaten += left - (there - cutting.length);
            let range = (cutting.offset, cutting.length);
            *cutting = Cutting::default();
            self.pass_on(socket, receiving, &head, range, steps)?;
        }
        Ok(())
    }

    /// Asks of data, or of a message in it, and does what is said.
    fn pass_on(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        receiving: &Receiving,
        data: &[u8],
        (offset, length): (usize, usize),
        steps: usize,
    ) -> Result<(), Stop> {
        let (_, data, verdict) = self.look(socket, &receiving.verdict, data)?;
        let data = match receiving.parser {
            Some(_) => data.get(offset..).unwrap_or_default(),
            None => &data,
        };
        let length = if receiving.parser.is_some() {
            length
        } else {
            data.len()
        };
        let message = data.get(..length).unwrap_or(data).to_vec();
        let done = match verdict {
            Verdict::Drop => Ok(()),
            Verdict::Pass => {
                socket.with(|state| {
                    if let Some(psock) = &mut state.psock {
                        psock.ingress.push_back(message);
                    }
                });
                Ok(())
            }
            Verdict::Redirect { to, ingress } => self.redirected(&to, ingress, message, steps),
        };
        match done {
            // Who sent it is not told.
            Err(Stop::Errno(_)) => Ok(()),
            other => other,
        }
    }

    /// Runs a program on data that a socket received: what it returned, what became of the data, what it says of it.
    fn look(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        program: &Arc<ProgramObject>,
        data: &[u8],
    ) -> Result<(u64, Vec<u8>, Verdict), Stop> {
        /// Room before the data: there were headers.
        const HEADROOM: usize = 128;
        let mut run = start(self, program);
        let sock = Arc::new(Sock::of(socket));
        let before = std::mem::take(&mut run.memory.packet);
        run.memory.packet.refill(HEADROOM, data, HEADROOM);
        let mut skb = SkBuff::of_stream(socket.is_ipv6());
        skb.ifindex = self
            .world
            .interfaces
            .loopback(&socket.namespace)
            .unwrap_or(0);
        skb.sock_address = run.give_sock(sock.clone());
        skb.sock = Some(sock);
        run.context = Context::SkBuff(program.view().ok_or(Errno::EINVAL)?, Box::new(skb));
        let said = set_off(&mut run, Run::context_address());
        let after = std::mem::replace(&mut run.memory.packet, before);
        let said = said?;
        Ok((said, after.contents().to_vec(), verdict_of(said, &run)))
    }
}

/// What a program's result and its helpers come to: `sk_psock_map_verd()`.
fn verdict_of(said: u64, run: &Run) -> Verdict {
    let chosen = run.state.selected.as_ref();
    let chosen = chosen.map(|sock| sock.of.as_ref().and_then(|of| of.upgrade()));
    match (said as u32 as u64, chosen) {
        (SK_PASS, None) => Verdict::Pass,
        (SK_PASS, Some(Some(to))) => Verdict::Redirect {
            to,
            ingress: run.state.ingress,
        },
        _ => Verdict::Drop,
    }
}
