//! Network interfaces, and the XDP programs on them: `dev_xdp_attach()` in net/core/dev.c.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{Interface, XdpMode};
use parking_lot::Mutex;

use crate::program::ProgramObject;

/// The interfaces of a machine, by index.
#[derive(Debug, Default)]
pub(crate) struct Interfaces(Mutex<BTreeMap<u32, State>>);

/// An interface.
#[derive(Debug)]
struct State {
    name: String,
    /// Whether its driver runs XDP programs.
    native_xdp: bool,
    skb: Option<XdpProgram>,
    drv: Option<XdpProgram>,
}

/// A program on an interface.
#[derive(Clone, Debug)]
struct XdpProgram {
    program: Arc<ProgramObject>,
    /// The link that holds it there; `None` where netlink put it.
    link: Option<u32>,
}

/// Where an XDP program runs: one of the places that an interface has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct XdpPlace {
    pub(crate) ifindex: u32,
    /// Not the default one: what the interface made of it.
    pub(crate) mode: XdpMode,
}

/// What must be there for an XDP program to take the place.
#[derive(Clone, Debug)]
pub(crate) enum XdpExpected {
    /// Nothing.
    Nothing,
    /// This program, or nothing if `None`.
    Program(Option<Arc<ProgramObject>>),
    /// Whatever.
    Anything,
}

/// A refusal, with the words of the kernel's extended acknowledgement.
pub(crate) type Refused = (Errno, &'static str);

impl Interfaces {
    /// The index of the loopback interface, which every machine has.
    pub(crate) const LOOPBACK: u32 = 1;

    /// Adds an interface and gives its index, which is one that there never was.
    pub(crate) fn add(&self, name: &str, native_xdp: bool) -> Result<u32, Errno> {
        if !is_name(name) {
            return Err(Errno::EINVAL);
        }
        let mut interfaces = self.0.lock();
        if interfaces.values().any(|state| state.name == name) {
            return Err(Errno::EEXIST);
        }
        let index = interfaces
            .last_key_value()
            .map_or(1, |(index, _)| index + 1);
        let state = State {
            name: name.to_owned(),
            native_xdp,
            skb: None,
            drv: None,
        };
        interfaces.insert(index, state);
        Ok(index)
    }

    /// Whether there is an interface of this index.
    pub(crate) fn exists(&self, index: u32) -> bool {
        self.0.lock().contains_key(&index)
    }

    /// The index of an interface.
    pub(crate) fn index(&self, interface: &Interface) -> Result<u32, Errno> {
        let interfaces = self.0.lock();
        match interface {
            Interface::Index(index) => Ok(*index),
            Interface::Name(name) => interfaces
                .iter()
                .find_map(|(index, state)| (state.name == *name).then_some(*index))
                .ok_or(Errno::ENODEV),
        }
    }

    /// The program that runs at a place.
    pub(crate) fn xdp(&self, place: XdpPlace) -> Option<Arc<ProgramObject>> {
        let mut interfaces = self.0.lock();
        let slot = interfaces.get_mut(&place.ifindex)?.slot(place.mode)?;
        slot.as_ref().map(|there| there.program.clone())
    }

    /// Puts a program, of a link or of nobody, at the place of a mode.
    pub(crate) fn put_xdp(
        &self,
        ifindex: u32,
        mode: XdpMode,
        program: Option<&Arc<ProgramObject>>,
        link: Option<u32>,
        expected: &XdpExpected,
    ) -> Result<XdpPlace, Refused> {
        let mut interfaces = self.0.lock();
        let interface = interfaces.get_mut(&ifindex).ok_or((Errno::ENODEV, ""))?;
        let mode = match mode {
            XdpMode::Default if interface.native_xdp => XdpMode::Drv,
            XdpMode::Default => XdpMode::Skb,
            mode => mode,
        };
        let native = interface.native_xdp;
        let other = match mode {
            XdpMode::Skb => interface.drv.is_some(),
            _ => interface.skb.is_some(),
        };
        let slot = interface.slot(mode).ok_or((Errno::EOPNOTSUPP, ""))?;
        if slot.as_ref().is_some_and(|there| there.link.is_some()) {
            return Err((Errno::EBUSY, "Can't replace active BPF XDP link"));
        }
        if link.is_some() && slot.is_some() {
            return Err((
                Errno::EBUSY,
                "Can't replace active XDP program with BPF link",
            ));
        }
        let there = slot.as_ref().map(|there| &there.program);
        if let XdpExpected::Program(expected) = expected
            && expected.as_ref().map(Arc::as_ptr) != there.map(Arc::as_ptr)
        {
            return Err((Errno::EEXIST, "Active program does not match expected"));
        }
        if program.is_some() {
            if matches!(expected, XdpExpected::Nothing) && slot.is_some() {
                return Err((Errno::EBUSY, "XDP program already attached"));
            }
            if other {
                return Err((
                    Errno::EEXIST,
                    "Native and generic XDP can't be active at the same time",
                ));
            }
            if mode == XdpMode::Drv && !native {
                return Err((
                    Errno::EOPNOTSUPP,
                    "Underlying driver does not support XDP in native mode",
                ));
            }
        }
        let new = program.map(|program| XdpProgram {
            program: program.clone(),
            link,
        });
        let old = std::mem::replace(slot, new);
        // A program may end with its place, and others with it: not under the lock.
        drop(interfaces);
        drop(old);
        Ok(XdpPlace { ifindex, mode })
    }

    /// Puts another program in the place of a link's.
    pub(crate) fn update_xdp(
        &self,
        place: XdpPlace,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let mut interfaces = self.0.lock();
        let slot = interfaces
            .get_mut(&place.ifindex)
            .and_then(|interface| interface.slot(place.mode));
        match slot {
            Some(Some(there)) if there.link == Some(link) => {
                let old = std::mem::replace(&mut there.program, program.clone());
                drop(interfaces);
                drop(old);
                Ok(())
            }
            _ => Err(Errno::ENOLINK),
        }
    }

    /// Takes a link's program away.
    pub(crate) fn remove_xdp(&self, place: XdpPlace, link: u32) {
        let mut interfaces = self.0.lock();
        let slot = interfaces
            .get_mut(&place.ifindex)
            .and_then(|interface| interface.slot(place.mode));
        let old = slot.and_then(|slot| slot.take_if(|there| there.link == Some(link)));
        drop(interfaces);
        drop(old);
    }
}

impl State {
    /// The place of a mode; none on the device itself, which no simulated interface has.
    fn slot(&mut self, mode: XdpMode) -> Option<&mut Option<XdpProgram>> {
        match mode {
            XdpMode::Skb => Some(&mut self.skb),
            XdpMode::Drv => Some(&mut self.drv),
            _ => None,
        }
    }
}

/// Whether the kernel takes a name for an interface's: `dev_valid_name()` in net/core/dev.c.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c != '/' && c != ':' && c != '\0' && !c.is_ascii_whitespace();
    !name.is_empty() && name.len() < 16 && name != "." && name != ".." && name.chars().all(allowed)
}
