//! Which registers operations read and write, and whether a program can read one that has no value.
//!
//! Nearly always it is plain from the program that it cannot; then nothing has to be looked at while it runs. Otherwise the
//! run keeps track.

use ebpf_core::insn::AtomicOp;

use super::code::{Code, Kind, NO_REGISTER, Op};

/// A set of registers, one bit each.
pub(super) type Registers = u16;

/// What a main program has at its start: r1, r2 to r5 where it was called with so many arguments, r10.
pub(super) const AT_START: Registers = bit(1) | bit(10);

/// What a function that is called may have: its arguments, r10.
const ARGUMENTS: Registers = 0b11_1110;

/// What functions keep for their callers.
const KEPT: Registers = 0b111_1100_0000;

/// What a function has that a helper calls.
pub(super) const IN_FUNCTION: Registers = ARGUMENTS | bit(10);

/// What has a value in a function after a call, given what had one before.
pub(super) const fn after_call(before: Registers) -> Registers {
    before & KEPT | bit(0)
}

/// What has a value in a function that is called, given what had one in its caller.
pub(super) const fn in_call(before: Registers) -> Registers {
    before & ARGUMENTS | bit(10)
}

const fn bit(register: u8) -> Registers {
    1 << (register & 15)
}

impl Op {
    /// The registers that the operation reads.
    pub(super) fn reads(&self) -> Registers {
        use Kind::*;
        let (dst, src) = (bit(self.dst), bit(self.src));
        match self.kind {
            MovR | MovR32 | MovS8 | MovS16 | MovS32 | MovS8To32 | MovS16To32 | AddrSpaceCast => src,
            Load8 | Load16 | Load32 | Load64 | LoadS8 | LoadS16 | LoadS32 | LoadAcquire => src,
            MovI | MovI32 | Wide | LoadLink | Goto | MayGoto | Bad | CallLocal => 0,
            AddR | AddR32 | SubR | SubR32 | MulR | MulR32 | DivR | DivR32 | ModR | ModR32
            | SDivR | SDivR32 | SModR | SModR32 | OrR | OrR32 | AndR | AndR32 | XorR | XorR32
            | LshR | LshR32 | RshR | RshR32 | ArshR | ArshR32 => dst | src,
            StoreR8 | StoreR16 | StoreR32 | StoreR64 | StoreRelease => dst | src,
            JeqR | JeqR32 | JneR | JneR32 | JsetR | JsetR32 | JgtR | JgtR32 | JgeR | JgeR32
            | JltR | JltR32 | JleR | JleR32 | JsgtR | JsgtR32 | JsgeR | JsgeR32 | JsltR
            | JsltR32 | JsleR | JsleR32 => dst | src,
            Atomic if self.imm as i32 == AtomicOp::CMPXCHG.0 => dst | src | bit(0),
            Atomic => dst | src,
            LoadPacket if self.src == NO_REGISTER => bit(6),
            LoadPacket => bit(6) | src,
            CallHelper => {
                let helper = super::helpers::find(self.imm as u32);
                let count = helper.map_or(0, |helper| helper.arguments.len());
                ((1 << (count + 1)) - 1) & ARGUMENTS
            }
            CallKfunc => 0,
            Exit => bit(0),
            _ => dst,
        }
    }

    /// The registers that have a value after the operation, given those that had one before.
    pub(super) fn after(&self, before: Registers) -> Registers {
        use Kind::*;
        match self.kind {
            StoreR8 | StoreR16 | StoreR32 | StoreR64 | StoreI8 | StoreI16 | StoreI32 | StoreI64
            | StoreRelease | Goto | MayGoto | Exit | Bad => before,
            kind if kind.is_jump_if() => before,
            Atomic => match AtomicOp(self.imm as i32) {
                AtomicOp::ADD | AtomicOp::OR | AtomicOp::AND | AtomicOp::XOR => before,
                AtomicOp::CMPXCHG => before | bit(0),
                _ => before | bit(self.src),
            },
            LoadPacket | CallHelper | CallLocal | CallKfunc => before & !ARGUMENTS | bit(0),
            _ => before | bit(self.dst),
        }
    }
}

impl Kind {
    /// Whether it is a jump with a condition.
    pub(super) fn is_jump_if(self) -> bool {
        self as u8 >= Kind::JeqR as u8 && self as u8 <= Kind::JsleI32 as u8
    }
}

impl Code {
    /// Whether on every way through the program each register that is read has a value.
    pub(super) fn is_definite(&self) -> bool {
        let mut ways = Ways {
            // What is known of each operation: nothing but that no way there is known yet.
            before: vec![None; self.ops.len()],
            again: true,
        };
        ways.merge(0, 0, AT_START);
        while std::mem::take(&mut ways.again) {
            let mut index = 0;
            while let (Some(op), Some(state)) =
                (self.ops.get(index), ways.before.get(index).copied())
            {
                let width = if matches!(op.kind, Kind::Wide | Kind::LoadLink) {
                    2
                } else {
                    1
                };
                let Some(state) = state else {
                    index += width;
                    continue;
                };
                if op.reads() & !state != 0 {
                    return false;
                }
                let target = op.to as usize;
                match op.kind {
                    Kind::Goto => ways.merge(index, target, state),
                    Kind::Exit | Kind::Bad => {}
                    Kind::CallLocal => {
                        ways.merge(index, target, in_call(state));
                        ways.merge(index, index + 1, after_call(state));
                    }
                    kind => {
                        let after = op.after(state);
                        if kind.is_jump_if() || kind == Kind::MayGoto {
                            ways.merge(index, target, after);
                        }
                        if kind == Kind::Wide
                            && let Some(function) = self.function_of(op.imm)
                        {
                            ways.merge(index, function, IN_FUNCTION);
                        }
                        ways.merge(index, index + width, after);
                    }
                }
                index += width;
            }
        }
        true
    }
}

/// The ways to the operations of a program.
struct Ways {
    /// What has a value before each operation on all ways there; `None` where no way is known yet.
    before: Vec<Option<Registers>>,
    /// Whether something changed that was looked at already.
    again: bool,
}

impl Ways {
    /// Adds a way from one operation to another.
    fn merge(&mut self, from: usize, to: usize, state: Registers) {
        if let Some(known) = self.before.get_mut(to) {
            let merged = known.map_or(state, |known| known & state);
            self.again |= to <= from && *known != Some(merged);
            *known = Some(merged);
        }
    }
}
