//! The loop that executes operations.
//!
//! Instructions are counted, remembered and covered by stretches: those from the last jump to the next. So an instruction
//! costs nothing but itself.

use ebpf_core::insn::AtomicOp;

use super::address::{CONTEXT, offset_of, region_of};
use super::code::{Kind, NO_REGISTER, Op};
use super::helper::Flow;
use super::number::{self, Change};
use super::problem::{Access, Problem};
use super::registers;
use super::run::{HISTORY, Run, Then};

impl Run {
    /// Executes until the program ends (`Some`, with r0) or other code takes over (`None`).
    ///
    /// With `CHECKED` each register that is read has to have a value.
    pub(super) fn execute<const CHECKED: bool>(&mut self) -> Result<Option<u64>, Problem> {
        let code = self.code.clone();
        let ops = code.ops.as_slice();
        let (mut pc, mut start) = (self.pc, self.pc);

        // A register of an operation. There are 16, and numbers of registers have 4 bits.
        macro_rules! reg {
            ($number:expr) => {
                self.registers[($number & 15) as usize]
            };
        }
        // What went wrong, at this instruction.
        macro_rules! stop {
            ($problem:expr) => {{
                let problem = $problem;
                (self.pc, self.start) = (pc, start);
                return Err(problem);
            }};
        }
        macro_rules! sure {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(problem) => stop!(problem),
                }
            };
        }
        // Ends a stretch of instructions with this one.
        macro_rules! stretch {
            () => {
                if !self.stretch(start, pc) {
                    stop!(self.exhausted());
                }
            };
        }
        macro_rules! go_to {
            ($target:expr) => {{
                stretch!();
                pc = $target as usize;
                start = pc;
                continue;
            }};
        }
        // Ends a stretch, and goes on where calls and returns lead.
        macro_rules! then {
            ($then:expr) => {{
                stretch!();
                start = pc + 1;
                (self.pc, self.start) = (pc, start);
                match sure!($then) {
                    Then::On => {}
                    Then::At(target) => {
                        pc = target;
                        start = pc;
                        continue;
                    }
                    Then::Switch => return Ok(None),
                    Then::End(result) => return Ok(Some(result)),
                }
            }};
        }
        // The same for what a helper said; most helpers just return.
        macro_rules! follow {
            ($flow:expr) => {
                match $flow {
                    Flow::Return(result) => {
                        self.registers[0] = result;
                        self.clobber();
                    }
                    flow => then!(self.carry_out(flow)),
                }
            };
        }
        macro_rules! alu {
            ($op:ident, reg, |$a:ident, $b:ident| $value:expr) => {{
                let ($a, $b) = (reg!($op.dst), reg!($op.src));
                reg!($op.dst) = $value;
            }};
            ($op:ident, imm, |$a:ident, $b:ident| $value:expr) => {{
                let ($a, $b) = (reg!($op.dst), $op.imm);
                reg!($op.dst) = $value;
            }};
            ($op:ident, reg32, |$a:ident, $b:ident| $value:expr) => {{
                let ($a, $b) = (reg!($op.dst) as u32, reg!($op.src) as u32);
                reg!($op.dst) = u64::from($value);
            }};
            ($op:ident, imm32, |$a:ident, $b:ident| $value:expr) => {{
                let ($a, $b) = (reg!($op.dst) as u32, $op.imm as u32);
                reg!($op.dst) = u64::from($value);
            }};
        }
        macro_rules! jump_if {
            ($op:ident, reg, |$a:ident, $b:ident| $taken:expr) => {{
                let ($a, $b) = (reg!($op.dst), reg!($op.src));
                if $taken {
                    go_to!($op.to);
                }
            }};
            ($op:ident, imm, |$a:ident, $b:ident| $taken:expr) => {{
                let ($a, $b) = (reg!($op.dst), $op.imm);
                if $taken {
                    go_to!($op.to);
                }
            }};
            ($op:ident, reg32, |$a:ident, $b:ident| $taken:expr) => {{
                let ($a, $b) = (reg!($op.dst) as u32, reg!($op.src) as u32);
                if $taken {
                    go_to!($op.to);
                }
            }};
            ($op:ident, imm32, |$a:ident, $b:ident| $taken:expr) => {{
                let ($a, $b) = (reg!($op.dst) as u32, $op.imm as u32);
                if $taken {
                    go_to!($op.to);
                }
            }};
        }
        macro_rules! load {
            ($op:ident, $bytes:literal, |$value:ident| $extended:expr) => {{
                let at = reg!($op.src).wrapping_add($op.displacement());
                let $value = match self.memory.load::<$bytes>(at) {
                    Some(value) => value,
                    None => sure!(self.load_otherwise::<$bytes>(at)),
                };
                reg!($op.dst) = $extended;
            }};
        }
        macro_rules! store {
            ($op:ident, $bytes:literal, $value:expr) => {{
                let at = reg!($op.dst).wrapping_add($op.displacement());
                let value = $value;
                if self.memory.store::<$bytes>(at, value).is_none() {
                    sure!(self.store_otherwise::<$bytes>(at, value));
                }
            }};
        }

        loop {
            if pc >= ops.len() {
                stop!(Problem::Instruction(
                    "the end of the program was passed".into()
                ));
            }
            let op = &ops[pc];
            if CHECKED {
                if self.gate.is_some() {
                    self.pc = pc;
                    sure!(self.pass(op, pc));
                }
                sure!(self.check_registers(op));
            }
            match op.kind {
                Kind::AddR => alu!(op, reg, |a, b| a.wrapping_add(b)),
                Kind::AddI => alu!(op, imm, |a, b| a.wrapping_add(b)),
                Kind::AddR32 => alu!(op, reg32, |a, b| a.wrapping_add(b)),
                Kind::AddI32 => alu!(op, imm32, |a, b| a.wrapping_add(b)),
                Kind::SubR => alu!(op, reg, |a, b| a.wrapping_sub(b)),
                Kind::SubI => alu!(op, imm, |a, b| a.wrapping_sub(b)),
                Kind::SubR32 => alu!(op, reg32, |a, b| a.wrapping_sub(b)),
                Kind::SubI32 => alu!(op, imm32, |a, b| a.wrapping_sub(b)),
                Kind::MulR => alu!(op, reg, |a, b| a.wrapping_mul(b)),
                Kind::MulI => alu!(op, imm, |a, b| a.wrapping_mul(b)),
                Kind::MulR32 => alu!(op, reg32, |a, b| a.wrapping_mul(b)),
                Kind::MulI32 => alu!(op, imm32, |a, b| a.wrapping_mul(b)),
                // A division by zero gives zero, and its remainder the dividend.
                Kind::DivR => alu!(op, reg, |a, b| a.checked_div(b).unwrap_or(0)),
                Kind::DivI => alu!(op, imm, |a, b| a.checked_div(b).unwrap_or(0)),
                Kind::DivR32 => alu!(op, reg32, |a, b| a.checked_div(b).unwrap_or(0)),
                Kind::DivI32 => alu!(op, imm32, |a, b| a.checked_div(b).unwrap_or(0)),
                Kind::ModR => alu!(op, reg, |a, b| a.checked_rem(b).unwrap_or(a)),
                Kind::ModI => alu!(op, imm, |a, b| a.checked_rem(b).unwrap_or(a)),
                Kind::ModR32 => alu!(op, reg32, |a, b| a.checked_rem(b).unwrap_or(a)),
                Kind::ModI32 => alu!(op, imm32, |a, b| a.checked_rem(b).unwrap_or(a)),
                Kind::SDivR => alu!(op, reg, |a, b| signed_div(a, b)),
                Kind::SDivI => alu!(op, imm, |a, b| signed_div(a, b)),
                Kind::SDivR32 => alu!(op, reg32, |a, b| signed_div_32(a, b)),
                Kind::SDivI32 => alu!(op, imm32, |a, b| signed_div_32(a, b)),
                Kind::SModR => alu!(op, reg, |a, b| signed_rem(a, b)),
                Kind::SModI => alu!(op, imm, |a, b| signed_rem(a, b)),
                Kind::SModR32 => alu!(op, reg32, |a, b| signed_rem_32(a, b)),
                Kind::SModI32 => alu!(op, imm32, |a, b| signed_rem_32(a, b)),
                Kind::OrR => alu!(op, reg, |a, b| a | b),
                Kind::OrI => alu!(op, imm, |a, b| a | b),
                Kind::OrR32 => alu!(op, reg32, |a, b| a | b),
                Kind::OrI32 => alu!(op, imm32, |a, b| a | b),
                Kind::AndR => alu!(op, reg, |a, b| a & b),
                Kind::AndI => alu!(op, imm, |a, b| a & b),
                Kind::AndR32 => alu!(op, reg32, |a, b| a & b),
                Kind::AndI32 => alu!(op, imm32, |a, b| a & b),
                Kind::XorR => alu!(op, reg, |a, b| a ^ b),
                Kind::XorI => alu!(op, imm, |a, b| a ^ b),
                Kind::XorR32 => alu!(op, reg32, |a, b| a ^ b),
                Kind::XorI32 => alu!(op, imm32, |a, b| a ^ b),
                Kind::LshR => alu!(op, reg, |a, b| a.wrapping_shl(b as u32)),
                Kind::LshI => alu!(op, imm, |a, b| a.wrapping_shl(b as u32)),
                Kind::LshR32 => alu!(op, reg32, |a, b| a.wrapping_shl(b)),
                Kind::LshI32 => alu!(op, imm32, |a, b| a.wrapping_shl(b)),
                Kind::RshR => alu!(op, reg, |a, b| a.wrapping_shr(b as u32)),
                Kind::RshI => alu!(op, imm, |a, b| a.wrapping_shr(b as u32)),
                Kind::RshR32 => alu!(op, reg32, |a, b| a.wrapping_shr(b)),
                Kind::RshI32 => alu!(op, imm32, |a, b| a.wrapping_shr(b)),
                Kind::ArshR => alu!(op, reg, |a, b| (a as i64).wrapping_shr(b as u32) as u64),
                Kind::ArshI => alu!(op, imm, |a, b| (a as i64).wrapping_shr(b as u32) as u64),
                Kind::ArshR32 => alu!(op, reg32, |a, b| (a as i32).wrapping_shr(b) as u32),
                Kind::ArshI32 => alu!(op, imm32, |a, b| (a as i32).wrapping_shr(b) as u32),
                Kind::MovR => reg!(op.dst) = reg!(op.src),
                Kind::MovI | Kind::MovI32 => reg!(op.dst) = op.imm,
                Kind::MovR32 => reg!(op.dst) = u64::from(reg!(op.src) as u32),
                Kind::Neg => reg!(op.dst) = reg!(op.dst).wrapping_neg(),
                Kind::Neg32 => reg!(op.dst) = u64::from((reg!(op.dst) as u32).wrapping_neg()),
                Kind::MovS8 => reg!(op.dst) = reg!(op.src) as i8 as u64,
                Kind::MovS16 => reg!(op.dst) = reg!(op.src) as i16 as u64,
                Kind::MovS32 => reg!(op.dst) = reg!(op.src) as i32 as u64,
                Kind::MovS8To32 => reg!(op.dst) = u64::from(reg!(op.src) as i8 as u32),
                Kind::MovS16To32 => reg!(op.dst) = u64::from(reg!(op.src) as i16 as u32),
                Kind::Low16 => reg!(op.dst) = u64::from(reg!(op.dst) as u16),
                Kind::Low32 => reg!(op.dst) = u64::from(reg!(op.dst) as u32),
                Kind::Low64 => {}
                Kind::Swap16 => reg!(op.dst) = u64::from((reg!(op.dst) as u16).swap_bytes()),
                Kind::Swap32 => reg!(op.dst) = u64::from((reg!(op.dst) as u32).swap_bytes()),
                Kind::Swap64 => reg!(op.dst) = reg!(op.dst).swap_bytes(),

                Kind::Load8 => load!(op, 1, |value| value),
                Kind::Load16 => load!(op, 2, |value| value),
                Kind::Load32 => load!(op, 4, |value| value),
                Kind::Load64 => load!(op, 8, |value| value),
                Kind::LoadS8 => load!(op, 1, |value| value as i8 as u64),
                Kind::LoadS16 => load!(op, 2, |value| value as i16 as u64),
                Kind::LoadS32 => load!(op, 4, |value| value as i32 as u64),
                Kind::StoreR8 => store!(op, 1, reg!(op.src)),
                Kind::StoreR16 => store!(op, 2, reg!(op.src)),
                Kind::StoreR32 => store!(op, 4, reg!(op.src)),
                Kind::StoreR64 => store!(op, 8, reg!(op.src)),
                Kind::StoreI8 => store!(op, 1, op.imm),
                Kind::StoreI16 => store!(op, 2, op.imm),
                Kind::StoreI32 => store!(op, 4, op.imm),
                Kind::StoreI64 => store!(op, 8, op.imm),
                Kind::Atomic => sure!(self.atomic(op)),
                Kind::LoadAcquire => sure!(self.load_acquire(op)),
                Kind::StoreRelease => sure!(self.store_release(op)),
                Kind::LoadPacket => {
                    (self.pc, self.start) = (pc, start);
                    if !sure!(self.load_packet(op)) {
                        // What is not in the packet ends the function with 0.
                        self.registers[0] = 0;
                        then!(self.leave());
                    }
                }

                Kind::Wide => {
                    reg!(op.dst) = op.imm;
                    pc += 1;
                }
                Kind::LoadLink => {
                    let linked = self.linked.get(self.link);
                    let linked = linked.and_then(|linked| linked.addresses.get(op.imm as usize));
                    reg!(op.dst) = linked.copied().unwrap_or(0);
                    pc += 1;
                }
                Kind::AddrSpaceCast => {
                    let low = u64::from(self.registers[usize::from(op.src & 15)] as u32);
                    let upper = if op.imm == 0 || low == 0 {
                        0
                    } else {
                        self.memory.arena_upper()
                    };
                    self.registers[usize::from(op.dst & 15)] = upper | low;
                }

                Kind::Goto => go_to!(op.to),
                Kind::MayGoto => match self.loops.checked_sub(1) {
                    Some(left) => self.loops = left,
                    None => go_to!(op.to),
                },
                Kind::JeqR => jump_if!(op, reg, |a, b| a == b),
                Kind::JeqI => jump_if!(op, imm, |a, b| a == b),
                Kind::JeqR32 => jump_if!(op, reg32, |a, b| a == b),
                Kind::JeqI32 => jump_if!(op, imm32, |a, b| a == b),
                Kind::JneR => jump_if!(op, reg, |a, b| a != b),
                Kind::JneI => jump_if!(op, imm, |a, b| a != b),
                Kind::JneR32 => jump_if!(op, reg32, |a, b| a != b),
                Kind::JneI32 => jump_if!(op, imm32, |a, b| a != b),
                Kind::JsetR => jump_if!(op, reg, |a, b| a & b != 0),
                Kind::JsetI => jump_if!(op, imm, |a, b| a & b != 0),
                Kind::JsetR32 => jump_if!(op, reg32, |a, b| a & b != 0),
                Kind::JsetI32 => jump_if!(op, imm32, |a, b| a & b != 0),
                Kind::JgtR => jump_if!(op, reg, |a, b| a > b),
                Kind::JgtI => jump_if!(op, imm, |a, b| a > b),
                Kind::JgtR32 => jump_if!(op, reg32, |a, b| a > b),
                Kind::JgtI32 => jump_if!(op, imm32, |a, b| a > b),
                Kind::JgeR => jump_if!(op, reg, |a, b| a >= b),
                Kind::JgeI => jump_if!(op, imm, |a, b| a >= b),
                Kind::JgeR32 => jump_if!(op, reg32, |a, b| a >= b),
                Kind::JgeI32 => jump_if!(op, imm32, |a, b| a >= b),
                Kind::JltR => jump_if!(op, reg, |a, b| a < b),
                Kind::JltI => jump_if!(op, imm, |a, b| a < b),
                Kind::JltR32 => jump_if!(op, reg32, |a, b| a < b),
                Kind::JltI32 => jump_if!(op, imm32, |a, b| a < b),
                Kind::JleR => jump_if!(op, reg, |a, b| a <= b),
                Kind::JleI => jump_if!(op, imm, |a, b| a <= b),
                Kind::JleR32 => jump_if!(op, reg32, |a, b| a <= b),
                Kind::JleI32 => jump_if!(op, imm32, |a, b| a <= b),
                Kind::JsgtR => jump_if!(op, reg, |a, b| a as i64 > b as i64),
                Kind::JsgtI => jump_if!(op, imm, |a, b| a as i64 > b as i64),
                Kind::JsgtR32 => jump_if!(op, reg32, |a, b| a as i32 > b as i32),
                Kind::JsgtI32 => jump_if!(op, imm32, |a, b| a as i32 > b as i32),
                Kind::JsgeR => jump_if!(op, reg, |a, b| a as i64 >= b as i64),
                Kind::JsgeI => jump_if!(op, imm, |a, b| a as i64 >= b as i64),
                Kind::JsgeR32 => jump_if!(op, reg32, |a, b| a as i32 >= b as i32),
                Kind::JsgeI32 => jump_if!(op, imm32, |a, b| a as i32 >= b as i32),
                Kind::JsltR => jump_if!(op, reg, |a, b| (a as i64) < b as i64),
                Kind::JsltI => jump_if!(op, imm, |a, b| (a as i64) < b as i64),
                Kind::JsltR32 => jump_if!(op, reg32, |a, b| (a as i32) < b as i32),
                Kind::JsltI32 => jump_if!(op, imm32, |a, b| (a as i32) < b as i32),
                Kind::JsleR => jump_if!(op, reg, |a, b| a as i64 <= b as i64),
                Kind::JsleI => jump_if!(op, imm, |a, b| a as i64 <= b as i64),
                Kind::JsleR32 => jump_if!(op, reg32, |a, b| a as i32 <= b as i32),
                Kind::JsleI32 => jump_if!(op, imm32, |a, b| a as i32 <= b as i32),

                Kind::CallHelper => {
                    (self.pc, self.start) = (pc, start);
                    let flow = sure!(self.call_helper(op.imm as u32));
                    follow!(flow);
                }
                Kind::CallLocal => {
                    (self.pc, self.start) = (pc, start);
                    if let Some(program) = code.replaced.get(op.to as usize) {
                        then!(self.enter_replacement(&program));
                    }
                    sure!(self.push(pc + 1, None));
                    self.known = registers::in_call(self.known);
                    go_to!(op.to);
                }
                Kind::CallKfunc => {
                    (self.pc, self.start) = (pc, start);
                    let name = code.kfuncs.get(op.imm as usize);
                    let flow = sure!(self.call_kfunc(name.map_or("", |name| name)));
                    follow!(flow);
                }
                Kind::Exit => then!(self.leave()),
                Kind::Bad => {
                    let why = code.bad.get(op.imm as usize);
                    stop!(Problem::Instruction(why.cloned().unwrap_or_default()));
                }
            }
            pc += 1;
        }
    }

    /// Sees that the registers which an operation reads have values, and notes those that it gives values to.
    fn check_registers(&mut self, op: &Op) -> Result<(), Problem> {
        let missing = op.reads() & !self.known;
        if missing != 0 {
            let register = missing.trailing_zeros() as u8;
            return Err(Problem::UninitializedRegister { register });
        }
        // Calls give the functions they call what they know, and take it back when these return.
        if op.kind != Kind::CallLocal {
            self.known = op.after(self.known);
        }
        Ok(())
    }

    /// Counts and remembers the instructions from one to another; false if these were too many.
    #[inline(always)]
    fn stretch(&mut self, first: usize, last: usize) -> bool {
        self.history[self.turn & (HISTORY - 1)] = (first as u32, last as u32);
        self.turn = self.turn.wrapping_add(1);
        self.left -= (last - first) as i64 + 1;
        if self.watched {
            self.watch(first, last);
        }
        self.left >= 0
    }

    #[cold]
    fn exhausted(&self) -> Problem {
        Problem::Budget {
            instructions: self.kernel.machine.budget,
        }
    }

    /// A load that is not the ordinary one: of the context, or a mistake.
    #[cold]
    fn load_otherwise<const N: usize>(&self, at: u64) -> Result<u64, Problem> {
        let loaded = if region_of(at) == u64::from(CONTEXT) {
            self.context.load(offset_of(at), N, &self.memory)
        } else {
            None
        };
        loaded.ok_or_else(|| self.memory.explain(at, N as u64, Access::Read))
    }

    /// A store that is not the ordinary one: to the context, or a mistake.
    #[cold]
    fn store_otherwise<const N: usize>(&mut self, at: u64, value: u64) -> Result<(), Problem> {
        let stored = if region_of(at) == u64::from(CONTEXT) {
            self.context.store(offset_of(at), N, value)
        } else {
            None
        };
        stored.ok_or_else(|| self.memory.explain(at, N as u64, Access::Write))
    }

    fn atomic(&mut self, op: &Op) -> Result<(), Problem> {
        let at = self.registers[usize::from(op.dst & 15)].wrapping_add(op.displacement());
        let source = usize::from(op.src & 15);
        let change = Change {
            op: AtomicOp(op.imm as i32),
            operand: self.registers[source],
            expected: self.registers[0],
        };
        let size = usize::from(op.size);
        let old = self.memory.atomic(at, size, change);
        let old = old.ok_or_else(|| self.memory.explain(at, size as u64, Access::Atomic))?;
        match change.op {
            AtomicOp::ADD | AtomicOp::OR | AtomicOp::AND | AtomicOp::XOR => {}
            AtomicOp::CMPXCHG => self.registers[0] = old,
            _ => self.registers[source] = old,
        }
        Ok(())
    }

    fn load_acquire(&mut self, op: &Op) -> Result<(), Problem> {
        let at = self.registers[usize::from(op.src & 15)].wrapping_add(op.displacement());
        let aligned = at.is_multiple_of(u64::from(op.size));
        let loaded = match op.size {
            _ if !aligned => None,
            1 => self.memory.load_acquire::<1>(at),
            2 => self.memory.load_acquire::<2>(at),
            4 => self.memory.load_acquire::<4>(at),
            _ => self.memory.load_acquire::<8>(at),
        };
        let loaded =
            loaded.ok_or_else(|| self.memory.explain(at, op.size.into(), Access::Atomic))?;
        self.registers[usize::from(op.dst & 15)] = loaded;
        Ok(())
    }

    fn store_release(&mut self, op: &Op) -> Result<(), Problem> {
        let at = self.registers[usize::from(op.dst & 15)].wrapping_add(op.displacement());
        let value = self.registers[usize::from(op.src & 15)];
        let aligned = at.is_multiple_of(u64::from(op.size));
        let stored = match op.size {
            _ if !aligned => None,
            1 => self.memory.store_release::<1>(at, value),
            2 => self.memory.store_release::<2>(at, value),
            4 => self.memory.store_release::<4>(at, value),
            _ => self.memory.store_release::<8>(at, value),
        };
        stored.ok_or_else(|| self.memory.explain(at, op.size.into(), Access::Atomic))
    }

    /// Loads bytes of a socket buffer in network order; false if they are not in it. `bpf_skb_load_helper_*()` in
    /// net/core/filter.c.
    fn load_packet(&mut self, op: &Op) -> Result<bool, Problem> {
        // What lies so far below zero is meant from the network header, or from that of the link.
        const NETWORK: i32 = -0x10_0000;
        const LINK: i32 = -0x20_0000;
        let Some(buffer) = self.context.socket_buffer(&self.memory) else {
            return Err(Problem::Instruction(
                "a packet load in a program without a socket buffer".into(),
            ));
        };
        if region_of(self.registers[6]) != u64::from(CONTEXT) {
            return Err(Problem::Argument {
                function: "the packet load".into(),
                index: 5,
                expected: "context in r6",
            });
        }
        let index = match op.src {
            NO_REGISTER => 0,
            register => self.registers[usize::from(register & 15)],
        };
        let offset = index.wrapping_add(op.imm) as i32;
        let packet = &self.memory.packet;
        let (from, offset) = match offset {
            0.. => (packet.start, offset),
            NETWORK.. => (buffer.network, offset - NETWORK),
            LINK.. => (buffer.link, offset - LINK),
            _ => (usize::MAX, 0),
        };
        let size = usize::from(op.size);
        let place = from.checked_add(offset as usize);
        let place = place.and_then(|at| Some(at..at.checked_add(size)?));
        let bytes = place
            .filter(|place| place.end <= packet.end)
            .and_then(|place| packet.bytes.get(place));
        let value = bytes.map(|bytes| {
            bytes
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte))
        });
        self.clobber();
        self.registers[0] = value.unwrap_or(0) & number::mask(size);
        Ok(value.is_some())
    }
}

fn signed_div(a: u64, b: u64) -> u64 {
    match b {
        0 => 0,
        _ => (a as i64).wrapping_div(b as i64) as u64,
    }
}

fn signed_div_32(a: u32, b: u32) -> u32 {
    match b {
        0 => 0,
        _ => (a as i32).wrapping_div(b as i32) as u32,
    }
}

fn signed_rem(a: u64, b: u64) -> u64 {
    match b {
        0 => a,
        _ => (a as i64).wrapping_rem(b as i64) as u64,
    }
}

fn signed_rem_32(a: u32, b: u32) -> u32 {
    match b {
        0 => a,
        _ => (a as i32).wrapping_rem(b as i32) as u32,
    }
}
