//! The queueing discipline `clsact`, which filters of netlink are in: made when there is none, and removed with the last
//! attachment that it was made for.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::Errno;
use crate::hook::{Clsact as Policy, TcDirection};
use crate::kernel::netlink::{Netlink, Refusal};

/// The kind of the queueing discipline.
const KIND: &str = "clsact";

/// How often it is made anew when others keep removing it.
const ATTEMPTS: usize = 4;

/// A network namespace's inode, and an interface's index.
type Key = (u64, u32);

/// The ones that a system made, and that are in use.
#[derive(Debug, Default)]
pub(in crate::kernel) struct Clsacts(Mutex<HashMap<Key, Weak<Clsact>>>);

/// One that was made for the attachments that hold it.
#[derive(Debug)]
pub(super) struct Clsact {
    ifindex: u32,
    stays: AtomicBool,
}

impl Clsact {
    /// Leaves it where it is.
    pub(super) fn keep(&self) {
        self.stays.store(true, Ordering::Relaxed);
    }
}

/// Why no filter could be made.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// A queueing discipline of another kind is in the place.
    Foreign(Box<str>),
    /// The queueing discipline was refused.
    Qdisc(Refusal),
    /// The filter was refused.
    Filter(Refusal),
}

impl Clsacts {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Clsact>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a filter by `add`, with the queueing discipline in its place. With the filter comes what it shares with others
    /// if the queueing discipline was made for them; if `add` fails, one that was made for it is taken back.
    pub(super) fn with<T>(
        &self,
        netlink: &Netlink,
        ifindex: u32,
        (policy, clobber): (Policy, bool),
        mut add: impl FnMut() -> Result<T, Refusal>,
    ) -> Result<(T, Option<Arc<Clsact>>), Obstacle> {
        // Held throughout: what was made is not removed between looking and adding, nor the other way round.
        let mut known = self.lock();
        let mut attempts = 1..=ATTEMPTS;
        loop {
            attempts.next();
            let made = ensure(netlink, ifindex, clobber)?;
            match add() {
                Ok(filter) => {
                    let key = namespace().map(|namespace| (namespace, ifindex));
                    let shared = if made {
                        let new = Arc::new(Clsact {
                            ifindex,
                            stays: AtomicBool::new(false),
                        });
                        known.retain(|_, old| old.strong_count() > 0);
                        known.extend(key.map(|key| (key, Arc::downgrade(&new))));
                        Some(new)
                    } else {
                        key.and_then(|key| known.get(&key)?.upgrade())
                    };
                    if let (Some(clsact), Policy::Keep) = (&shared, policy) {
                        clsact.keep();
                    }
                    return Ok((filter, shared));
                }
                Err(refusal) => {
                    let gone = refusal.errno == Errno::EINVAL
                        && matches!(netlink.ingress_qdisc(ifindex), Ok(None));
                    if gone && !attempts.is_empty() {
                        continue;
                    }
                    if made {
                        // What went wrong first is what is told.
                        let _ = remove_if_empty(netlink, ifindex);
                    }
                    return Err(Obstacle::Filter(refusal));
                }
            }
        }
    }

    /// Gives up a filter's share. `was_there` says whether the filter was found in its place until now: if not, the
    /// queueing discipline may be somebody else's by now.
    pub(super) fn release(
        &self,
        netlink: &Netlink,
        clsact: Arc<Clsact>,
        was_there: bool,
    ) -> Result<(), Refusal> {
        let _held = self.lock();
        if !was_there {
            clsact.keep();
        }
        match Arc::into_inner(clsact) {
            Some(last) if !last.stays.load(Ordering::Relaxed) => {
                remove_if_empty(netlink, last.ifindex)
            }
            _ => Ok(()),
        }
    }
}

/// Makes the queueing discipline unless it is there. Whether it was made.
fn ensure(netlink: &Netlink, ifindex: u32, clobber: bool) -> Result<bool, Obstacle> {
    let mut attempts = 1..=ATTEMPTS;
    loop {
        attempts.next();
        let refusal = match netlink.add_clsact(ifindex) {
            Ok(()) => return Ok(true),
            Err(refusal) if refusal.errno == Errno::EEXIST => refusal,
            Err(refusal) => return Err(Obstacle::Qdisc(refusal)),
        };
        match netlink.ingress_qdisc(ifindex).map_err(Obstacle::Qdisc)? {
            Some(kind) if &*kind == KIND => return Ok(false),
            _ if attempts.is_empty() => return Err(Obstacle::Qdisc(refusal)),
            Some(kind) if clobber => netlink
                .remove_ingress_qdisc(ifindex, &kind)
                .map_err(Obstacle::Qdisc)?,
            Some(kind) => return Err(Obstacle::Foreign(kind)),
            // It went between the two questions.
            None => {}
        }
    }
}

/// Removes the queueing discipline unless a filter is in it. That someone adds one in between cannot be prevented.
fn remove_if_empty(netlink: &Netlink, ifindex: u32) -> Result<(), Refusal> {
    for direction in [TcDirection::Ingress, TcDirection::Egress] {
        if netlink.has_filters(ifindex, direction)? {
            return Ok(());
        }
    }
    match netlink.remove_ingress_qdisc(ifindex, KIND) {
        // It is gone already, alone or with its interface, or another is in its place.
        Err(Refusal {
            errno: Errno::ENOENT | Errno::ENODEV | Errno::EINVAL,
            ..
        }) => Ok(()),
        removed => removed,
    }
}

/// What tells the calling thread's network namespace from others; `None` where /proc is not mounted.
fn namespace() -> Option<u64> {
    fs::metadata("/proc/thread-self/ns/net")
        .ok()
        .map(|file| file.ino())
}
