//! TCP connections between sockets of one namespace: from socket to socket, without packets. net/ipv4/tcp.c,
//! net/ipv4/tcp_input.c.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::AttachType;

use super::Stop;
use super::sock_ops::Event;
use crate::kernel::Kernel;
use crate::world::{SocketKind, SocketObject, take, tcp, unspecified};

impl Kernel {
    /// A socket takes connections from now on: `inet_listen()`.
    pub(crate) fn listen(self: &Arc<Kernel>, socket: &Arc<SocketObject>) -> Result<(), Stop> {
        if socket.kind != SocketKind::Tcp {
            return Err(Errno::EOPNOTSUPP.into());
        }
        match socket.with(|state| state.stream.state) {
            tcp::CLOSE => {}
            tcp::LISTEN => return Ok(()),
            _ => return Err(Errno::EINVAL.into()),
        }
        let any = match socket.is_ipv6() {
            true => IpAddr::from([0u16; 8]),
            false => IpAddr::from([0u8; 4]),
        };
        self.bound(socket, SocketAddr::new(any, 0))?;
        // Of this change of state nobody is told.
        socket.with(|state| state.stream.state = tcp::LISTEN);
        self.tell(socket, Event::Listen, [0; 4], false)
    }

    /// The next connection to a socket: `inet_csk_accept()`.
    pub(crate) fn accept(&self, socket: &SocketObject) -> Result<Arc<SocketObject>, Errno> {
        socket.with(|state| match state.stream.state {
            tcp::LISTEN => state.stream.waiting.pop_front().ok_or(Errno::EAGAIN),
            _ => Err(Errno::EINVAL),
        })
    }

    /// Connects a socket to who listens at an address: `tcp_v4_connect()`.
    pub(super) fn connect_stream(
        self: &Arc<Kernel>,
        near: &Arc<SocketObject>,
        to: SocketAddr,
    ) -> Result<(), Stop> {
        let bound = near.with(|state| state.local);
        let (_, _, from) = self.route(near, bound.unwrap_or_else(|| unspecified(to)), to)?;
        if bound.is_none() {
            self.world.sockets.bind(near, from)?;
        } else {
            near.with(|state| state.local = Some(from));
        }
        near.with(|state| state.peer = Some(to));
        let done = self.shake_hands(near, to);
        if done.is_err() {
            let back = self.set_stream_state(near, tcp::CLOSE);
            near.with(|state| {
                state.peer = None;
                state.stream.peer = Default::default();
            });
            match bound {
                Some(_) => near.with(|state| state.local = bound),
                None => self.world.sockets.unbind(near),
            }
            back?;
        }
        done
    }

    /// The three segments that make a connection, and who is told of them.
    fn shake_hands(
        self: &Arc<Kernel>,
        near: &Arc<SocketObject>,
        to: SocketAddr,
    ) -> Result<(), Stop> {
        let questions = [Event::RwndInit, Event::TimeoutInit, Event::NeedsEcn];
        self.set_stream_state(near, tcp::SYN_SENT)?;
        self.tell(near, Event::Connect, [0; 4], false)?;
        for event in questions {
            self.tell(near, event, [0; 4], false)?;
        }
        let Some(listener) = self.world.sockets.listener(&near.namespace, to) else {
            return Err(match self.is_own_address(&near.namespace, to.ip()) {
                true => Errno::ECONNREFUSED.into(),
                false => Errno::ETIMEDOUT.into(),
            });
        };
        let far = self.child(&listener, near, to);
        for event in questions {
            self.tell(&far, event, [0; 4], true)?;
        }
        near.with(|state| state.stream.peer = Arc::downgrade(&far));
        self.set_stream_state(near, tcp::ESTABLISHED)?;
        self.tell(near, Event::ActiveEstablished, [0; 4], false)?;
        self.tell(&far, Event::PassiveEstablished, [0; 4], false)?;
        self.set_stream_state(&far, tcp::ESTABLISHED)?;
        match listener.with(|state| state.stream.wait(far)) {
            true => Ok(()),
            false => Err(Errno::ETIMEDOUT.into()),
        }
    }

    /// The socket that a listening one has for a connection: it has what that one was told.
    fn child(
        &self,
        listener: &SocketObject,
        near: &Arc<SocketObject>,
        local: SocketAddr,
    ) -> Arc<SocketObject> {
        let place = (listener.cgroup.clone(), listener.namespace.clone());
        let sockets = &self.world.sockets;
        let far = sockets.open(SocketKind::Tcp, place, listener.user);
        let (ipv6, options, events, mark, priority) = listener.with(|state| {
            (
                state.is_ipv6(),
                state.options.clone(),
                state.stream.events,
                state.mark,
                state.priority,
            )
        });
        let peer = near.with(|state| state.local);
        far.with(|state| {
            state.ipv6 = Some(ipv6);
            (state.options, state.mark, state.priority) = (options, mark, priority);
            (state.local, state.peer) = (Some(local), peer);
            state.stream.events = events;
            state.stream.state = tcp::SYN_RECV;
            state.stream.peer = Arc::downgrade(near);
        });
        far
    }

    /// A process sends over a connection: `tcp_sendmsg()`.
    pub(crate) fn send_stream(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        bytes: &[u8],
    ) -> Result<usize, Stop> {
        let program = socket.with(|state| state.psock.as_ref()?.message.clone());
        if let Some(program) = program {
            return self.send_by_verdict(socket, &program, bytes);
        }
        self.push_stream(socket, bytes.to_vec(), 0)?;
        Ok(bytes.len())
    }

    /// Bytes go to the other end of a connection.
    pub(super) fn push_stream(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        bytes: Vec<u8>,
        steps: usize,
    ) -> Result<(), Stop> {
        let peer = socket.with(|state| match state.stream.state {
            tcp::ESTABLISHED | tcp::CLOSE_WAIT => Ok(state.stream.peer.upgrade()),
            _ => Err(state.stream.error.take().unwrap_or(Errno::EPIPE)),
        })?;
        let open = peer.filter(|peer| peer.is_open());
        let Some(peer) = open else {
            // The answer is that there is nobody; the next call is told.
            socket.with(|state| {
                state.stream.error = Some(Errno::EPIPE);
                state.stream.orphan = None;
            });
            return self.set_stream_state(socket, tcp::CLOSE);
        };
        if !peer.with(|state| state.stream.push(bytes)) {
            return Err(Errno::EAGAIN.into());
        }
        self.arrived(&peer, steps)
    }

    /// A process reads from a connection: `tcp_recvmsg()`.
    pub(crate) fn read_stream(&self, socket: &SocketObject, most: usize) -> Result<Vec<u8>, Errno> {
        if socket.kind != SocketKind::Tcp {
            return Err(Errno::EOPNOTSUPP);
        }
        socket.with(|state| {
            let stream = &mut state.stream;
            let mut by_programs = false;
            if let Some(psock) = &mut state.psock {
                if !psock.ingress.is_empty() {
                    return Ok(take(&mut psock.ingress, most));
                }
                by_programs = psock.receives();
            }
            if !by_programs && !stream.queue.is_empty() {
                return Ok(take(&mut stream.queue, most));
            }
            if let Some(error) = stream.error.take() {
                return Err(error);
            }
            match stream.state {
                _ if stream.ended => Ok(Vec::new()),
                tcp::ESTABLISHED => Err(Errno::EAGAIN),
                _ => Err(Errno::ENOTCONN),
            }
        })
    }

    /// A process closes a socket: `inet_release()`, `tcp_close()`.
    pub(crate) fn close_socket(self: &Arc<Kernel>, socket: &Arc<SocketObject>) -> Result<(), Stop> {
        if !matches!(socket.kind, SocketKind::Tcp | SocketKind::Udp) {
            return Ok(());
        }
        // Nobody can forbid it.
        self.ask_of_socket(socket, AttachType::CGROUP_INET_SOCK_RELEASE)?;
        let (state, unread, peer, psock) = socket.with(|state| {
            let psock = state.psock.take();
            let stream = &state.stream;
            let unread = !stream.queue.is_empty();
            (stream.state, unread, stream.peer.upgrade(), psock)
        });
        drop(psock);
        match state {
            tcp::LISTEN => {
                let waiting = socket.with(|state| std::mem::take(&mut state.stream.waiting));
                self.set_stream_state(socket, tcp::CLOSE)?;
                for child in waiting {
                    child.close();
                    let near = child.with(|state| state.stream.peer.upgrade());
                    self.reset(&child, near.as_ref())?;
                }
                Ok(())
            }
            tcp::ESTABLISHED | tcp::CLOSE_WAIT if unread => self.reset(socket, peer.as_ref()),
            tcp::ESTABLISHED => {
                self.set_stream_state(socket, tcp::FIN_WAIT1)?;
                let Some(peer) = peer else {
                    return self.set_stream_state(socket, tcp::CLOSE);
                };
                peer.with(|state| {
                    state.stream.ended = true;
                    state.stream.orphan = Some(socket.clone());
                });
                self.set_stream_state(&peer, tcp::CLOSE_WAIT)
            }
            tcp::CLOSE_WAIT => {
                self.set_stream_state(socket, tcp::LAST_ACK)?;
                let orphan = socket.with(|state| state.stream.orphan.take());
                if let Some(orphan) = orphan {
                    self.set_stream_state(&orphan, tcp::FIN_WAIT2)?;
                    self.set_stream_state(&orphan, tcp::CLOSE)?;
                }
                self.set_stream_state(socket, tcp::CLOSE)
            }
            _ => self.set_stream_state(socket, tcp::CLOSE),
        }
    }

    /// Ends a connection at once, at both ends.
    fn reset(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        peer: Option<&Arc<SocketObject>>,
    ) -> Result<(), Stop> {
        socket.with(|state| state.stream.orphan = None);
        self.set_stream_state(socket, tcp::CLOSE)?;
        let Some(peer) = peer else {
            return Ok(());
        };
        peer.with(|state| state.stream.error = Some(Errno::ECONNRESET));
        self.set_stream_state(peer, tcp::CLOSE)
    }
}
