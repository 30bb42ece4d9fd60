//! The instruction set: instructions and their bytes, 64-bit immediates, calls and jump targets.
//!
//! An [`Insn`] is eight bytes in either byte order. [`Opcode`] takes its first byte apart, the constructors of
//! [`Insn`] put instructions together, and [`walk`] steps over a program without splitting the one instruction that takes
//! two slots. The meaning of every field is in the kernel's `Documentation/bpf/standardization/instruction-set.rst`; the
//! limits are those that `kernel/bpf/verifier.c` checks.

mod asm;
mod build;
mod decode;
mod disasm;
mod helpers;
mod lexer;
mod opcode;
mod operation;
mod parser;
mod parts;
#[cfg(test)]
mod tests;
mod text;

use core::fmt;

use crate::codec::Endian;

pub use asm::{AsmError, AsmErrorKind, assemble};
pub use decode::InvalidInsn;
pub use disasm::{Annotations, Disassembly, SourceLine, disassemble};
pub use helpers::{helper_id, helper_name, missing_function};
use lexer::is_name;
pub use opcode::{AluOp, AtomicOp, Class, JmpOp, Mode, Opcode, Size, Source};
pub use operation::{ByteOrder, Operand, Operation, Width};

/// One instruction slot (`struct bpf_insn`).
///
/// The fields are those of the wire, so an instruction this crate does not know survives decoding and encoding.
#[doc(alias = "bpf_insn")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Insn {
    /// What to do.
    pub code: Opcode,
    /// Destination register, or base register of a store.
    pub dst: Reg,
    /// Source register, or what kind of value `imm` is: see [`Insn::pseudo`] and [`Insn::call_kind`].
    pub src: Reg,
    /// Signed displacement of an access, or distance of a jump in slots from the next instruction.
    pub off: i16,
    /// Signed 32-bit constant, helper number, or half of a 64-bit immediate.
    pub imm: i32,
}

impl Insn {
    /// Bytes in one slot.
    pub const SIZE: usize = 8;

    /// Reads one slot. Every eight bytes are some instruction, known or not.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8], endian: Endian) -> Insn {
        let [code, regs, o0, o1, i0, i1, i2, i3] = bytes;
        let (low, high) = (Reg::from_low_bits(regs), Reg::from_low_bits(regs >> 4));
        let (dst, src) = match endian {
            Endian::Little => (low, high),
            Endian::Big => (high, low),
        };
        Insn {
            code: Opcode(code),
            dst,
            src,
            off: endian.i16([o0, o1]),
            imm: endian.i32([i0, i1, i2, i3]),
        }
    }

    /// The bytes of this slot.
    #[must_use]
    pub const fn to_bytes(self, endian: Endian) -> [u8; 8] {
        let regs = match endian {
            Endian::Little => self.dst.0 | (self.src.0 << 4),
            Endian::Big => self.src.0 | (self.dst.0 << 4),
        };
        let [o0, o1] = endian.i16_bytes(self.off);
        let [i0, i1, i2, i3] = endian.i32_bytes(self.imm);
        [self.code.0, regs, o0, o1, i0, i1, i2, i3]
    }

    /// Whether this is the first slot of a 64-bit immediate load, which takes two.
    #[must_use]
    pub const fn is_wide(self) -> bool {
        self.code.0 == Opcode::LD_IMM64.0
    }

    /// What the immediate of a two-slot load stands for; `None` for any other instruction.
    #[must_use]
    pub const fn pseudo(self) -> Option<Pseudo> {
        if self.is_wide() {
            Some(Pseudo(self.src.0))
        } else {
            None
        }
    }

    /// The 64-bit immediate of a two-slot load: `self` has the low half, `second` the high one.
    #[must_use]
    pub const fn imm64(self, second: Insn) -> u64 {
        ((second.imm as u32 as u64) << 32) | self.imm as u32 as u64
    }

    /// This first slot of a two-slot load and its `second`, with `value` as their immediate.
    #[must_use]
    pub const fn with_imm64(self, second: Insn, value: u64) -> [Insn; 2] {
        [
            Insn {
                imm: value as u32 as i32,
                ..self
            },
            Insn {
                imm: (value >> 32) as u32 as i32,
                ..second
            },
        ]
    }

    /// Who is called; `None` if this is no call.
    #[must_use]
    pub const fn call_kind(self) -> Option<CallKind> {
        if self.code.0 == Opcode::CALL.0 {
            Some(CallKind(self.src.0))
        } else {
            None
        }
    }

    /// Whether this calls a function of the same program (`BPF_PSEUDO_CALL`).
    #[must_use]
    #[doc(alias = "BPF_PSEUDO_CALL")]
    pub fn is_call_local(self) -> bool {
        self.call_kind() == Some(CallKind::LOCAL)
    }

    /// The number of the helper that this calls.
    #[must_use]
    pub fn is_call_helper(self) -> Option<u32> {
        (self.call_kind() == Some(CallKind::HELPER)).then_some(self.imm as u32)
    }

    /// The BTF type id of the kernel function that this calls; `off` then says in which module's BTF (0: the kernel's).
    #[must_use]
    pub fn is_call_kfunc(self) -> Option<u32> {
        (self.call_kind() == Some(CallKind::KFUNC)).then_some(self.imm as u32)
    }

    /// Whether this loads the address of a function of the same program (`BPF_PSEUDO_FUNC`), for a callback.
    #[must_use]
    #[doc(alias = "BPF_PSEUDO_FUNC")]
    pub fn is_func_ref(self) -> bool {
        self.pseudo() == Some(Pseudo::FUNC)
    }

    /// Whether this returns from the function.
    #[must_use]
    pub const fn is_exit(self) -> bool {
        self.code.0 == Opcode::EXIT.0
    }

    /// Whether control may go elsewhere than to the next instruction by a distance in this one: conditional and
    /// unconditional jumps, not calls, `exit` or jumps through a register.
    #[must_use]
    pub const fn is_jump(self) -> bool {
        self.code.is_jmp()
            && !matches!(self.code.jmp_op(), JmpOp::CALL | JmpOp::EXIT)
            && self.code.0 != Opcode::GOTOX.0
    }

    /// The distance of a jump in slots, counted from the slot after this one: `imm` for `gotol`, else `off`.
    #[must_use]
    pub const fn jump_offset(self) -> Option<i32> {
        if !self.is_jump() {
            None
        } else if self.code.0 == Opcode::GOTOL.0 {
            Some(self.imm)
        } else {
            Some(self.off as i32)
        }
    }

    /// The slot a jump at slot `index` goes to. `None` if this is no jump or the target would lie before slot 0; whether
    /// it lies within the program is for the caller to see.
    #[must_use]
    pub fn jump_target(self, index: usize) -> Option<usize> {
        target(index, self.jump_offset()?)
    }

    /// The slot where the function starts that is called, or whose address is loaded, by this instruction at slot
    /// `index`; `None` for everything else and for a target before slot 0.
    #[must_use]
    pub fn func_target(self, index: usize) -> Option<usize> {
        if self.is_call_local() || self.is_func_ref() {
            target(index, self.imm)
        } else {
            None
        }
    }
}

/// The slot `distance` after the one that follows `index`.
fn target(index: usize, distance: i32) -> Option<usize> {
    let distance = isize::try_from(distance).ok()?;
    index.checked_add(1)?.checked_add_signed(distance)
}

/// Reads a whole program.
///
/// # Errors
/// [`DecodeError::Length`] if `bytes` is not a whole number of slots.
pub fn decode(bytes: &[u8], endian: Endian) -> Result<Vec<Insn>, DecodeError> {
    let (slots, rest) = bytes.as_chunks::<{ Insn::SIZE }>();
    if !rest.is_empty() {
        return Err(DecodeError::Length { bytes: bytes.len() });
    }
    Ok(slots
        .iter()
        .map(|slot| Insn::from_bytes(*slot, endian))
        .collect())
}

/// The bytes of a whole program.
#[must_use]
pub fn encode(insns: &[Insn], endian: Endian) -> Vec<u8> {
    insns
        .iter()
        .flat_map(|insn| insn.to_bytes(endian))
        .collect()
}

/// Steps over `insns`, giving a two-slot load as one step.
#[must_use]
pub fn walk(insns: &[Insn]) -> Walk<'_> {
    Walk { insns, next: 0 }
}

/// One step of [`walk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The slot of `insn`.
    pub index: usize,
    /// The instruction, or the first slot of one that takes two.
    pub insn: Insn,
    /// The second slot of a 64-bit immediate load.
    pub second: Option<Insn>,
}

impl Step {
    /// The immediate of a two-slot load.
    #[must_use]
    pub fn imm64(&self) -> Option<u64> {
        Some(self.insn.imm64(self.second?))
    }

    /// How many slots this step takes: 1 or 2.
    #[must_use]
    pub const fn slots(&self) -> usize {
        if self.second.is_some() { 2 } else { 1 }
    }
}

/// Iterator over the steps of a program: see [`walk`]. An error is the last item.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    insns: &'a [Insn],
    next: usize,
}

impl Iterator for Walk<'_> {
    type Item = Result<Step, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        let insn = *self.insns.get(index)?;
        let second = if insn.is_wide() {
            let Some(second) = self.insns.get(index + 1) else {
                self.next = self.insns.len();
                return Some(Err(DecodeError::TruncatedWide { index }));
            };
            Some(*second)
        } else {
            None
        };
        let step = Step {
            index,
            insn,
            second,
        };
        self.next = index + step.slots();
        Some(Ok(step))
    }
}

/// Bytes that are no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The length is not a multiple of the size of an instruction.
    #[error("{bytes} bytes are not a whole number of 8-byte instructions")]
    Length {
        /// Length of the input.
        bytes: usize,
    },
    /// The last slot is the first half of a 64-bit immediate load.
    #[error("instruction {index} is a 64-bit immediate load without its second half")]
    TruncatedWide {
        /// Slot of the first half.
        index: usize,
    },
}

/// A register number, 0 to 15: what fits in its four bits. Programs may use [`Reg::R0`] to [`Reg::R10`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reg(u8);

impl Reg {
    /// Return value of functions and of the program.
    pub const R0: Reg = Reg(0);
    /// First argument; the context at the start of a program.
    pub const R1: Reg = Reg(1);
    /// Second argument.
    pub const R2: Reg = Reg(2);
    /// Third argument.
    pub const R3: Reg = Reg(3);
    /// Fourth argument.
    pub const R4: Reg = Reg(4);
    /// Fifth argument.
    pub const R5: Reg = Reg(5);
    /// Kept over calls; the context for packet loads.
    pub const R6: Reg = Reg(6);
    /// Kept over calls.
    pub const R7: Reg = Reg(7);
    /// Kept over calls.
    pub const R8: Reg = Reg(8);
    /// Kept over calls.
    pub const R9: Reg = Reg(9);
    /// Frame pointer, read only: the end of a 512-byte stack.
    #[doc(alias = "BPF_REG_FP")]
    pub const R10: Reg = Reg(10);

    /// Register `number`; `None` above 15.
    #[must_use]
    pub const fn new(number: u8) -> Option<Reg> {
        if number < 16 { Some(Reg(number)) } else { None }
    }

    /// The register in the low four bits of `bits`.
    #[must_use]
    pub const fn from_low_bits(bits: u8) -> Reg {
        Reg(bits & 0x0f)
    }

    /// The number, 0 to 15.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Whether a program may name this register (r0 to r10).
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.0 <= Self::R10.0
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the immediate of a two-slot load stands for, kept in its `src` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pseudo(pub u8);

impl Pseudo {
    /// The number itself.
    pub const NONE: Pseudo = Pseudo(0);
    /// A map by descriptor; becomes its address.
    #[doc(alias = "BPF_PSEUDO_MAP_FD")]
    pub const MAP_FD: Pseudo = Pseudo(1);
    /// The value of a one-element array by descriptor (low half) and offset into the value (high half). Since Linux 5.2.
    #[doc(alias = "BPF_PSEUDO_MAP_VALUE")]
    pub const MAP_VALUE: Pseudo = Pseudo(2);
    /// A kernel variable by BTF id (low half) and descriptor of a module's BTF (high half). Since Linux 5.10.
    #[doc(alias = "BPF_PSEUDO_BTF_ID")]
    pub const BTF_ID: Pseudo = Pseudo(3);
    /// A function of the program by distance from the next slot, for callbacks. Since Linux 5.13.
    #[doc(alias = "BPF_PSEUDO_FUNC")]
    pub const FUNC: Pseudo = Pseudo(4);
    /// A map by its place in the `fd_array` of the load command. Since Linux 5.14.
    #[doc(alias = "BPF_PSEUDO_MAP_IDX")]
    pub const MAP_IDX: Pseudo = Pseudo(5);
    /// As [`Pseudo::MAP_VALUE`], by place in the `fd_array`. Since Linux 5.14.
    #[doc(alias = "BPF_PSEUDO_MAP_IDX_VALUE")]
    pub const MAP_IDX_VALUE: Pseudo = Pseudo(6);
}

/// Who is called, kept in the `src` field of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKind(pub u8);

impl CallKind {
    /// The helper whose number is in `imm`.
    pub const HELPER: CallKind = CallKind(0);
    /// A function of the program, `imm` slots from the next one. Since Linux 4.16.
    #[doc(alias = "BPF_PSEUDO_CALL")]
    pub const LOCAL: CallKind = CallKind(1);
    /// The kernel function with the BTF id in `imm`. Since Linux 5.13.
    #[doc(alias = "BPF_PSEUDO_KFUNC_CALL")]
    pub const KFUNC: CallKind = CallKind(2);
}
