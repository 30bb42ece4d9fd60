//! A program as the engine runs it: an operation of 16 bytes for each slot, with targets and immediates worked out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ebpf_core::program::ProgramSpec;
use parking_lot::Mutex;

use super::address::{FUNCTIONS, offset_of, region_of};
use crate::map::MapObject;
use crate::program::ProgramObject;

/// A decoded program. Decoding never fails: what is no instruction becomes an operation that says so when it is reached.
#[derive(Debug)]
pub(crate) struct Code {
    /// An operation for each slot, and one for running off the end.
    pub(super) ops: Vec<Op>,
    /// What wide loads refer to besides numbers, by [`Kind::LoadLink`].
    pub(super) links: Vec<Link>,
    /// The kernel functions that are called, by name.
    pub(super) kfuncs: Vec<Arc<str>>,
    /// Why operations of [`Kind::Bad`] are no instructions.
    pub(super) bad: Vec<Box<str>>,
    /// The maps of the spec, in its order.
    pub(crate) maps: Vec<Arc<MapObject>>,
    pub(crate) spec: Arc<ProgramSpec>,
    /// Whether no register can be read that has no value, so that nobody has to look while it runs.
    pub(super) definite: bool,
    /// Whether calls share one stack of 512 bytes.
    pub(super) shared_stack: bool,
    /// The functions that other programs have taken the place of.
    pub(crate) replaced: Replaced,
}

/// Functions of a program that others are executed for: freplace.
#[derive(Default)]
pub(crate) struct Replaced {
    any: AtomicBool,
    by_start: Mutex<Vec<(usize, Arc<ProgramObject>)>>,
}

impl fmt::Debug for Replaced {
    /// Programs refer to those that they replace functions of: that would not end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_start = self.by_start.lock();
        f.debug_list()
            .entries(by_start.iter().map(|(start, _)| start))
            .finish()
    }
}

impl Replaced {
    /// Has a program be executed for the function that begins at an instruction; without one, the function itself.
    pub(crate) fn set(&self, start: usize, program: Option<Arc<ProgramObject>>) {
        let mut by_start = self.by_start.lock();
        let old = by_start.iter().position(|(of, _)| *of == start);
        let gone = old.map(|index| by_start.swap_remove(index));
        by_start.extend(program.map(|program| (start, program)));
        self.any.store(!by_start.is_empty(), Ordering::Release);
        drop(by_start);
        drop(gone);
    }

    /// The program that is executed for a function.
    #[inline(always)]
    pub(super) fn get(&self, start: usize) -> Option<Arc<ProgramObject>> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let by_start = self.by_start.lock();
        let found = by_start.iter().find(|(of, _)| *of == start);
        found.map(|(_, program)| program.clone())
    }
}

/// What a wide load refers to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Link {
    /// A map itself.
    Map { map: usize },
    /// A place in the first value of an array.
    Value { map: usize, offset: u32 },
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub(super) kind: Kind,
    pub(super) dst: u8,
    pub(super) src: u8,
    /// The size of an atomic access or packet load.
    pub(super) size: u8,
    /// The target of a jump or call; the displacement of an access.
    pub(super) to: u32,
    /// The right operand, extended; otherwise what the kind says.
    pub(super) imm: u64,
}

impl Op {
    /// The displacement of an access.
    #[inline(always)]
    pub(super) fn displacement(&self) -> u64 {
        self.to as i32 as i64 as u64
    }
}

impl Code {
    /// The name of the program.
    pub(crate) fn program_name(&self) -> &str {
        &self.spec.name
    }

    /// The index in the spec of the function that an instruction is in.
    pub(super) fn function_at(&self, pc: usize) -> Option<usize> {
        let functions = &self.spec.functions;
        functions
            .partition_point(|function| function.start as usize <= pc)
            .checked_sub(1)
    }

    /// The first instruction of the function whose address a number is.
    pub(super) fn function_of(&self, address: u64) -> Option<usize> {
        let at = usize::try_from(offset_of(address)).ok()?;
        let is = region_of(address) == u64::from(FUNCTIONS) && self.is_function(at);
        is.then_some(at)
    }

    /// Whether a function begins at an instruction, so that it may be called through a pointer.
    fn is_function(&self, pc: usize) -> bool {
        let functions = &self.spec.functions;
        functions
            .iter()
            .any(|function| function.start as usize == pc)
    }
}

/// What an operation does. `R` and `I` say where the right operand comes from, `32` that it is of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub(super) enum Kind {
    AddR, AddI, AddR32, AddI32, SubR, SubI, SubR32, SubI32, MulR, MulI, MulR32, MulI32,
    DivR, DivI, DivR32, DivI32, ModR, ModI, ModR32, ModI32,
    SDivR, SDivI, SDivR32, SDivI32, SModR, SModI, SModR32, SModI32,
    OrR, OrI, OrR32, OrI32, AndR, AndI, AndR32, AndI32, XorR, XorI, XorR32, XorI32,
    LshR, LshI, LshR32, LshI32, RshR, RshI, RshR32, RshI32, ArshR, ArshI, ArshR32, ArshI32,
    MovR, MovI, MovR32, MovI32, Neg, Neg32,
    /// Copies that extend the sign of 8, 16 or 32 bits.
    MovS8, MovS16, MovS32, MovS8To32, MovS16To32,
    /// The low bits, the others zero; swapped or not.
    Low16, Low32, Low64, Swap16, Swap32, Swap64,
    Load8, Load16, Load32, Load64, LoadS8, LoadS16, LoadS32,
    StoreR8, StoreR16, StoreR32, StoreR64, StoreI8, StoreI16, StoreI32, StoreI64,
    /// `imm` is the operation.
    Atomic, LoadAcquire, StoreRelease,
    /// `imm` is the offset, `src` the index register or [`NO_REGISTER`].
    LoadPacket,
    /// A wide load of `imm`.
    Wide,
    /// A wide load of what the link of this number is.
    LoadLink,
    /// `imm` is the address space of the result.
    AddrSpaceCast,
    Goto, MayGoto,
    JeqR, JeqI, JeqR32, JeqI32, JneR, JneI, JneR32, JneI32, JsetR, JsetI, JsetR32, JsetI32,
    JgtR, JgtI, JgtR32, JgtI32, JgeR, JgeI, JgeR32, JgeI32, JltR, JltI, JltR32, JltI32, JleR, JleI, JleR32, JleI32,
    JsgtR, JsgtI, JsgtR32, JsgtI32, JsgeR, JsgeI, JsgeR32, JsgeI32,
    JsltR, JsltI, JsltR32, JsltI32, JsleR, JsleI, JsleR32, JsleI32,
    /// `imm` is the helper's number.
    CallHelper,
    CallLocal,
    /// `imm` is the place of the name.
    CallKfunc,
    Exit,
    /// No instruction: `imm` says why.
    Bad,
}

/// Stands where an operation has no register.
pub(super) const NO_REGISTER: u8 = 0xff;
