//! The grammar of one instruction.

use super::asm::Located;
use super::lexer::{Spanned, Token};
use super::parts::{fit, fit_imm, register, unexpected};
use super::{AluOp, AtomicOp, ByteOrder, JmpOp, Operand, Operation, Pseudo, Reg, Size, Width};

/// The tokens of a line that are not read yet.
pub(super) struct Parser<'t, 'a> {
    pub(super) tokens: &'t [Spanned<'a>],
    /// The token before them.
    pub(super) last: Option<Spanned<'a>>,
    /// Where the line ends.
    pub(super) end: usize,
    /// The label that stands for the distance, and where.
    pub(super) label: Option<(&'a str, usize)>,
}

impl<'a> Parser<'_, 'a> {
    /// Reads an instruction.
    pub(super) fn operation(&mut self) -> Located<Operation> {
        if self.mark("*") {
            return self.store();
        }
        if let Some((width, dst)) = self.optional_reg() {
            return self.computation(width, dst);
        }
        let Some(Token::Word(word)) = self.peek() else {
            return Err(self.unexpected("an instruction"));
        };
        let at = self.at();
        self.skip();
        match word {
            "exit" => Ok(Operation::Exit),
            "goto" | "gotol" => {
                let long = word == "gotol";
                let (at, off) = (self.at(), self.place()?);
                if !long {
                    fit::<i16>(at, off.into(), "a 16-bit distance")?;
                }
                Ok(Operation::Goto { off, long })
            }
            "gotox" => Ok(Operation::GotoReg { dst: self.reg64()? }),
            "may_goto" => Ok(Operation::MayGoto {
                off: self.short_place()?,
            }),
            "if" => self.jump_if(),
            "call" => self.call(),
            "callx" => Ok(Operation::CallReg { dst: self.reg64()? }),
            "lock" => self.lock(),
            "store_release" => {
                self.expect("(")?;
                let (size, base, off) = self.pointer()?;
                self.expect(",")?;
                let src = self.reg(Width::of(size))?;
                self.expect(")")?;
                Ok(Operation::StoreRelease {
                    size,
                    base,
                    off,
                    src,
                })
            }
            _ => Err((at, unexpected(Token::Word(word), "an instruction"))),
        }
    }

    /// Refuses what is left of the line.
    pub(super) fn done(&self) -> Located<()> {
        if self.tokens.is_empty() {
            Ok(())
        } else {
            Err(self.unexpected("the end of the line"))
        }
    }

    /// What follows the `*` of a store.
    fn store(&mut self) -> Located<Operation> {
        let (size, base, off) = self.pointer()?;
        self.expect("=")?;
        let value = match self.optional_reg() {
            Some((width, reg)) if width == Width::W64 || size != Size::DW => Operand::Reg(reg),
            Some(_) => return Err(self.unexpected_before("a 64-bit register")),
            None => Operand::Imm(self.imm(Width::of(size))?),
        };
        Ok(Operation::Store {
            size,
            base,
            off,
            value,
        })
    }

    /// What follows the register in front of an instruction.
    fn computation(&mut self, width: Width, dst: Reg) -> Located<Operation> {
        let Some(Token::Mark(mark)) = self.peek() else {
            return Err(self.unexpected("an operator"));
        };
        if mark == "=" {
            self.skip();
            return self.assignment(width, dst);
        }
        let (signed, name) = match mark {
            "s/=" => (true, "/="),
            "s%=" => (true, "%="),
            _ => (false, mark),
        };
        let Some(op) = AluOp::ALL.iter().find(|op| op.name() == Some(name)) else {
            return Err(self.unexpected("an operator"));
        };
        self.skip();
        Ok(Operation::Alu {
            width,
            op: *op,
            signed,
            dst,
            operand: self.operand(width)?,
        })
    }

    /// What follows `dst =`.
    fn assignment(&mut self, width: Width, dst: Reg) -> Located<Operation> {
        if let Some(src) = self.reg_if(width) {
            let operand = Operand::Reg(src);
            return Ok(Operation::Alu {
                width,
                op: AluOp::MOV,
                signed: false,
                dst,
                operand,
            });
        }
        let at = self.at();
        match self.peek() {
            Some(Token::Mark("*")) => {
                self.skip();
                self.load(width, dst)
            }
            Some(Token::Mark("(")) => {
                self.skip();
                let bits = match self.word()? {
                    "s8" => 8,
                    "s16" => 16,
                    "s32" if width == Width::W64 => 32,
                    _ => return Err(self.unexpected_before("s8, s16 or s32")),
                };
                self.expect(")")?;
                Ok(Operation::MovSx {
                    width,
                    bits,
                    dst,
                    src: self.reg(width)?,
                })
            }
            Some(Token::Mark("-"))
                if self
                    .tokens
                    .get(1)
                    .and_then(|next| register(next.token))
                    .is_some() =>
            {
                self.skip();
                self.same_reg(width, dst)?;
                Ok(Operation::Neg { width, dst })
            }
            Some(Token::Word(word)) => {
                self.skip();
                self.function(width, dst, word, at)
            }
            _ => {
                let value = self.number()?;
                if width == Width::W64 && self.peek() == Some(Token::Word("ll")) {
                    self.skip();
                    let value = fit::<i64>(at, value, "64 bits")
                        .map(|value| value as u64)
                        .or_else(|_| fit::<u64>(at, value, "64 bits"))?;
                    return Ok(Operation::LoadImm64 {
                        dst,
                        kind: Pseudo::NONE,
                        value,
                    });
                }
                let operand = Operand::Imm(fit_imm(at, value, width)?);
                Ok(Operation::Alu {
                    width,
                    op: AluOp::MOV,
                    signed: false,
                    dst,
                    operand,
                })
            }
        }
    }

    /// What follows `dst = *`.
    fn load(&mut self, width: Width, dst: Reg) -> Located<Operation> {
        let (size, signed) = self.access_type()?;
        if self.peek() == Some(Token::Word("skb")) {
            if signed || size == Size::DW || dst != Reg::R0 {
                return Err(self.unexpected_before("r0, and u8, u16 or u32 for packet bytes"));
            }
            self.skip();
            return self.packet_load(size);
        }
        if width == Width::W32 && (signed || size == Size::DW) {
            return Err(self.unexpected_before("a 64-bit register on the left"));
        }
        self.expect("(")?;
        let (base, off) = self.address()?;
        self.expect(")")?;
        Ok(Operation::Load {
            size,
            signed,
            dst,
            base,
            off,
        })
    }

    /// What follows `skb`.
    fn packet_load(&mut self, size: Size) -> Located<Operation> {
        self.expect("[")?;
        let index = self.reg_if(Width::W64);
        let at = self.at();
        let off = match self.peek() {
            Some(Token::Mark("]")) if index.is_some() => 0,
            _ => fit(at, self.number()?, "a 32-bit offset")?,
        };
        self.expect("]")?;
        Ok(Operation::PacketLoad { size, index, off })
    }

    /// What follows `dst = word`.
    fn function(&mut self, width: Width, dst: Reg, word: &str, at: usize) -> Located<Operation> {
        if let Some((order, bits)) = byte_order(word) {
            self.same_reg(Width::W64, dst)?;
            return Ok(Operation::ByteOrder { order, bits, dst });
        }
        if !self.mark("(") {
            return Err((
                at,
                unexpected(Token::Word(word), "a value of the same width"),
            ));
        }
        let operation = match word {
            "addr_space_cast" => {
                let src = self.reg64()?;
                self.expect(",")?;
                let to = self.fitting("an address space of 16 bits")?;
                self.expect(",")?;
                let from = self.fitting("an address space of 16 bits")?;
                Operation::AddrSpaceCast { dst, src, to, from }
            }
            "load_acquire" => {
                let (size, base, off) = self.pointer()?;
                if width != Width::of(size) {
                    return Err(self.unexpected_before("the width of the register"));
                }
                Operation::LoadAcquire {
                    size,
                    dst,
                    base,
                    off,
                }
            }
            "xchg_64" => self.exchange(AtomicOp::XCHG, Size::DW, dst)?,
            "xchg32_32" => self.exchange(AtomicOp::XCHG, Size::W, dst)?,
            "cmpxchg_64" => self.exchange(AtomicOp::CMPXCHG, Size::DW, dst)?,
            "cmpxchg32_32" => self.exchange(AtomicOp::CMPXCHG, Size::W, dst)?,
            "atomic_fetch_add" => self.fetch(AtomicOp::FETCH_ADD, dst)?,
            "atomic_fetch_or" => self.fetch(AtomicOp::FETCH_OR, dst)?,
            "atomic_fetch_and" => self.fetch(AtomicOp::FETCH_AND, dst)?,
            "atomic_fetch_xor" => self.fetch(AtomicOp::FETCH_XOR, dst)?,
            "map_by_fd" => self.pseudo(dst, Pseudo::MAP_FD)?,
            "map_by_idx" => self.pseudo(dst, Pseudo::MAP_IDX)?,
            "map_val" => return self.map_value(dst),
            "var_addr" => {
                let low: i32 = self.fitting("32 bits")?;
                let high: u32 = if self.mark(",") {
                    self.fitting("32 bits")?
                } else {
                    0
                };
                let value = u64::from(high) << 32 | u64::from(low as u32);
                Operation::LoadImm64 {
                    dst,
                    kind: Pseudo::BTF_ID,
                    value,
                }
            }
            "code_addr" => {
                let value = u64::from(self.place()? as u32);
                Operation::LoadImm64 {
                    dst,
                    kind: Pseudo::FUNC,
                    value,
                }
            }
            _ => return Err((at, unexpected(Token::Word(word), "a value"))),
        };
        self.expect(")")?;
        Ok(operation)
    }

    /// What follows `dst = xchg_64(` or its like, up to the bracket.
    fn exchange(&mut self, op: AtomicOp, size: Size, dst: Reg) -> Located<Operation> {
        let (base, off) = self.address()?;
        self.expect(",")?;
        let width = Width::of(size);
        let src = if op == AtomicOp::CMPXCHG {
            self.same_reg(width, Reg::R0)?;
            self.expect(",")?;
            self.reg(width)?
        } else {
            self.same_reg(width, dst)?;
            dst
        };
        Ok(Operation::Atomic {
            op,
            size,
            base,
            off,
            src,
        })
    }

    /// What follows `dst = atomic_fetch_add(` or its like, up to the bracket.
    fn fetch(&mut self, op: AtomicOp, dst: Reg) -> Located<Operation> {
        let (size, base, off) = self.pointer()?;
        self.expect(",")?;
        self.same_reg(Width::of(size), dst)?;
        Ok(Operation::Atomic {
            op,
            size,
            base,
            off,
            src: dst,
        })
    }

    /// The number of a 64-bit immediate that stands for something else.
    fn pseudo(&mut self, dst: Reg, kind: Pseudo) -> Located<Operation> {
        let value = u64::from(self.fitting::<i32>("32 bits")? as u32);
        Ok(Operation::LoadImm64 { dst, kind, value })
    }

    /// What follows `dst = map_val(`.
    fn map_value(&mut self, dst: Reg) -> Located<Operation> {
        let kind = match self.word()? {
            "map_by_fd" => Pseudo::MAP_VALUE,
            "map_by_idx" => Pseudo::MAP_IDX_VALUE,
            _ => return Err(self.unexpected_before("map_by_fd or map_by_idx")),
        };
        self.expect("(")?;
        let low: i32 = self.fitting("32 bits")?;
        self.expect(")")?;
        self.expect(")")?;
        let high: u32 = if self.mark("+") {
            self.fitting("32 bits")?
        } else {
            0
        };
        let value = u64::from(high) << 32 | u64::from(low as u32);
        Ok(Operation::LoadImm64 { dst, kind, value })
    }

    /// What follows `lock`.
    fn lock(&mut self) -> Located<Operation> {
        self.expect("*")?;
        let (size, base, off) = self.pointer()?;
        let op = AtomicOp::ALL
            .iter()
            .find(|op| match (op.plain_operator(), self.peek()) {
                (Some(operator), Some(Token::Mark(mark))) => operator == mark,
                _ => false,
            });
        let Some(&op) = op else {
            return Err(self.unexpected("+=, |=, &= or ^="));
        };
        self.skip();
        let src = self.reg(Width::of(size))?;
        Ok(Operation::Atomic {
            op,
            size,
            base,
            off,
            src,
        })
    }

    /// What follows `if`.
    fn jump_if(&mut self) -> Located<Operation> {
        let Some((width, dst)) = self.optional_reg() else {
            return Err(self.unexpected("a register"));
        };
        let op = JmpOp::ALL
            .iter()
            .find(|op| op.is_comparison() && op.name().map(Token::Mark) == self.peek());
        let Some(&op) = op else {
            return Err(self.unexpected("a comparison"));
        };
        self.skip();
        let operand = self.operand(width)?;
        if self.word()? != "goto" {
            return Err(self.unexpected_before("goto"));
        }
        Ok(Operation::JumpIf {
            width,
            op,
            dst,
            operand,
            off: self.short_place()?,
        })
    }

    /// What follows `call`.
    fn call(&mut self) -> Located<Operation> {
        if let Some(Token::Number(_)) = self.peek() {
            return Ok(Operation::CallHelper {
                id: self.fitting("32 bits")?,
            });
        }
        if let [
            Spanned {
                token: Token::Word(word),
                ..
            },
            Spanned {
                token: Token::Mark("#"),
                ..
            },
            rest @ ..,
        ] = self.tokens
        {
            (self.last, self.tokens) = (None, rest);
            let id = self.fitting("32 bits")?;
            if *word != "kfunc" {
                return Ok(Operation::CallHelper { id });
            }
            let module = if self.peek() == Some(Token::Word("in")) {
                self.skip();
                self.fitting("16 bits")?
            } else {
                0
            };
            return Ok(Operation::CallKfunc { btf_id: id, module });
        }
        Ok(Operation::CallLocal { off: self.place()? })
    }
}

/// The conversion that a word names, and its bits.
fn byte_order(word: &str) -> Option<(ByteOrder, u8)> {
    [ByteOrder::ToLittle, ByteOrder::ToBig, ByteOrder::Swap]
        .into_iter()
        .find_map(|order| {
            let bits = match word.strip_prefix(order.name())? {
                "16" => 16,
                "32" => 32,
                "64" => 64,
                _ => return None,
            };
            Some((order, bits))
        })
}
