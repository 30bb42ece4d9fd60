//! The XDP programs of interfaces: `dev_xdp_attach()` in net/core/dev.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::XdpMode;

use super::interface::{Interfaces, State};
use crate::program::ProgramObject;

/// The places where an interface runs XDP programs.
#[derive(Debug, Default)]
pub(super) struct XdpSlots {
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
    /// The program that runs at a place.
    pub(crate) fn xdp(&self, place: XdpPlace) -> Option<Arc<ProgramObject>> {
        self.with(place.ifindex, |state| {
            let slot = state.xdp.slot(place.mode)?;
            slot.as_ref().map(|there| there.program.clone())
        })
        .flatten()
    }

    /// The program that packets of an interface meet first, and where it runs.
    pub(crate) fn running_xdp(&self, ifindex: u32) -> Option<(XdpMode, Arc<ProgramObject>)> {
        let running = |slot: &Option<XdpProgram>, mode| {
            let there = slot.as_ref()?;
            Some((mode, there.program.clone()))
        };
        self.with(ifindex, |state| {
            let XdpSlots { skb, drv } = &state.xdp;
            running(drv, XdpMode::Drv).or_else(|| running(skb, XdpMode::Skb))
        })
        .flatten()
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
        let put = self.with(ifindex, |state| {
            state.put_xdp(mode, program, link, expected)
        });
        // The old program may end here, and others with it: the lock is free by now.
        let (mode, _old) = put.unwrap_or(Err((Errno::ENODEV, "")))?;
        Ok(XdpPlace { ifindex, mode })
    }

    /// Puts another program in the place of a link's.
    pub(crate) fn update_xdp(
        &self,
        place: XdpPlace,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let old = self.with(place.ifindex, |state| {
            let there = state.xdp.slot(place.mode)?.as_mut()?;
            (there.link == Some(link))
                .then(|| std::mem::replace(&mut there.program, program.clone()))
        });
        old.flatten().map(drop).ok_or(Errno::ENOLINK)
    }

    /// Takes a link's program away.
    pub(crate) fn remove_xdp(&self, place: XdpPlace, link: u32) {
        let old = self.with(place.ifindex, |state| {
            let slot = state.xdp.slot(place.mode)?;
            slot.take_if(|there| there.link == Some(link))
        });
        drop(old);
    }
}

impl State {
    /// Puts a program at the place of a mode; gives the mode that it is, and what was there.
    fn put_xdp(
        &mut self,
        mode: XdpMode,
        program: Option<&Arc<ProgramObject>>,
        link: Option<u32>,
        expected: &XdpExpected,
    ) -> Result<(XdpMode, Option<XdpProgram>), Refused> {
        let native = self.spec.native_xdp;
        let mode = match mode {
            XdpMode::Default if native => XdpMode::Drv,
            XdpMode::Default => XdpMode::Skb,
            mode => mode,
        };
        let other = match mode {
            XdpMode::Skb => self.xdp.drv.is_some(),
            _ => self.xdp.skb.is_some(),
        };
        let slot = self.xdp.slot(mode).ok_or((Errno::EOPNOTSUPP, ""))?;
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
        Ok((mode, std::mem::replace(slot, new)))
    }
}

impl XdpSlots {
    /// The place of a mode; none on the device itself, which no simulated interface has.
    fn slot(&mut self, mode: XdpMode) -> Option<&mut Option<XdpProgram>> {
        match mode {
            XdpMode::Skb => Some(&mut self.skb),
            XdpMode::Drv => Some(&mut self.drv),
            _ => None,
        }
    }
}
