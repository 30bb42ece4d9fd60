//! The parts of an instruction's text: registers, numbers, addresses, places to jump to.

use super::asm::{AsmErrorKind, Located};
use super::lexer::{Spanned, Token};
use super::parser::Parser;
use super::{Operand, Reg, Size, Width};

impl<'a> Parser<'_, 'a> {
    /// `(u32 *)(r1 + 4)` without a sign.
    pub(super) fn pointer(&mut self) -> Located<(Size, Reg, i16)> {
        let (size, signed) = self.access_type()?;
        if signed {
            return Err(self.unexpected_before("an unsigned type"));
        }
        self.expect("(")?;
        let (base, off) = self.address()?;
        self.expect(")")?;
        Ok((size, base, off))
    }

    /// `(u32 *)`, and whether it is signed.
    pub(super) fn access_type(&mut self) -> Located<(Size, bool)> {
        self.expect("(")?;
        let word = self.word()?;
        let (sign, bits) = word.split_at_checked(1).unwrap_or((word, ""));
        let size = match bits {
            "8" => Size::B,
            "16" => Size::H,
            "32" => Size::W,
            "64" if sign == "u" => Size::DW,
            _ => return Err(self.unexpected_before("u8, u16, u32, u64, s8, s16 or s32")),
        };
        if !matches!(sign, "u" | "s") {
            return Err(self.unexpected_before("u8, u16, u32, u64, s8, s16 or s32"));
        }
        self.expect("*")?;
        self.expect(")")?;
        Ok((size, sign == "s"))
    }

    /// `r1 + 4`, or only the register.
    pub(super) fn address(&mut self) -> Located<(Reg, i16)> {
        let base = self.reg64()?;
        let off = match self.peek() {
            Some(Token::Mark("+" | "-")) => self.fitting("a 16-bit offset")?,
            _ => 0,
        };
        Ok((base, off))
    }

    /// The right operand of an operation of `width`.
    pub(super) fn operand(&mut self, width: Width) -> Located<Operand> {
        match self.optional_reg() {
            Some((found, reg)) if found == width => Ok(Operand::Reg(reg)),
            Some(_) => Err(self.unexpected_before("a register of the same width or a number")),
            None => Ok(Operand::Imm(self.imm(width)?)),
        }
    }

    /// A constant; one of 32 bits may be written unsigned.
    pub(super) fn imm(&mut self, width: Width) -> Located<i32> {
        let at = self.at();
        let value = self.number()?;
        fit_imm(at, value, width)
    }

    /// A distance, or 0 and the label in [`Parser::label`].
    pub(super) fn place(&mut self) -> Located<i32> {
        let (word, at) = match self.tokens {
            [
                Spanned {
                    token: Token::Word("pc"),
                    ..
                },
                Spanned {
                    token: Token::Mark("+" | "-"),
                    ..
                },
                ..,
            ] => {
                self.skip();
                return self.fitting("a 32-bit distance");
            }
            [
                Spanned {
                    token: Token::Mark("+" | "-"),
                    ..
                },
                ..,
            ] => {
                return self.fitting("a 32-bit distance");
            }
            [
                Spanned {
                    token: Token::Word(word),
                    at,
                },
                ..,
            ] => (*word, *at),
            _ => return Err(self.unexpected("a label or a distance with its sign")),
        };
        self.skip();
        self.label = Some((word, at));
        Ok(0)
    }

    /// A distance of 16 bits.
    pub(super) fn short_place(&mut self) -> Located<i16> {
        let at = self.at();
        let off = self.place()?;
        fit(at, off.into(), "a 16-bit distance")
    }

    /// A number with or without a sign.
    pub(super) fn number(&mut self) -> Located<i128> {
        let negative = self.mark("-");
        if !negative {
            self.mark("+");
        }
        let Some(Token::Number(number)) = self.peek() else {
            return Err(self.unexpected("a number"));
        };
        self.skip();
        Ok(if negative {
            -i128::from(number)
        } else {
            number.into()
        })
    }

    /// A number for a field of type `T`.
    pub(super) fn fitting<T: TryFrom<i128>>(&mut self, field: &'static str) -> Located<T> {
        let at = self.at();
        let value = self.number()?;
        fit(at, value, field)
    }

    /// A register of this width.
    pub(super) fn reg(&mut self, width: Width) -> Located<Reg> {
        self.reg_if(width).ok_or_else(|| {
            self.unexpected(match width {
                Width::W32 => "a 32-bit register (w0 to w10)",
                Width::W64 => "a 64-bit register (r0 to r10)",
            })
        })
    }

    /// A 64-bit register.
    pub(super) fn reg64(&mut self) -> Located<Reg> {
        self.reg(Width::W64)
    }

    /// The register `expected`, which the syntax has twice.
    pub(super) fn same_reg(&mut self, width: Width, expected: Reg) -> Located<()> {
        if self.reg(width)? == expected {
            Ok(())
        } else {
            Err(self.unexpected_before("the register on the left"))
        }
    }

    /// A register, if one comes next.
    pub(super) fn optional_reg(&mut self) -> Option<(Width, Reg)> {
        let reg = register(self.peek()?)?;
        self.skip();
        Some(reg)
    }

    /// A register of `width`, if one comes next.
    pub(super) fn reg_if(&mut self, width: Width) -> Option<Reg> {
        let (found, reg) = register(self.peek()?)?;
        (found == width).then(|| {
            self.skip();
            reg
        })
    }

    pub(super) fn word(&mut self) -> Located<&'a str> {
        let Some(Token::Word(word)) = self.peek() else {
            return Err(self.unexpected("a word"));
        };
        self.skip();
        Ok(word)
    }

    /// Steps over `mark` if it comes next.
    pub(super) fn mark(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(next)) if next == mark);
        if found {
            self.skip();
        }
        found
    }

    pub(super) fn expect(&mut self, mark: &str) -> Located<()> {
        if self.mark(mark) {
            return Ok(());
        }
        Err(self.unexpected(match mark {
            "(" => "`(`",
            ")" => "`)`",
            "[" => "`[`",
            "]" => "`]`",
            "," => "`,`",
            "*" => "`*`",
            _ => "`=`",
        }))
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.first().map(|spanned| spanned.token)
    }

    pub(super) fn at(&self) -> usize {
        self.tokens.first().map_or(self.end, |spanned| spanned.at)
    }

    pub(super) fn skip(&mut self) {
        if let [first, rest @ ..] = self.tokens {
            self.last = Some(*first);
            self.tokens = rest;
        }
    }

    /// The error for the token that was read last.
    pub(super) fn unexpected_before(&self, expected: &'static str) -> (usize, AsmErrorKind) {
        match self.last {
            Some(Spanned { token, at }) => (at, unexpected(token, expected)),
            None => self.unexpected(expected),
        }
    }

    /// The error for the next token.
    pub(super) fn unexpected(&self, expected: &'static str) -> (usize, AsmErrorKind) {
        let kind = match self.peek() {
            Some(token) => unexpected(token, expected),
            None => AsmErrorKind::Unexpected {
                found: "end of line".to_owned(),
                expected,
            },
        };
        (self.at(), kind)
    }
}

pub(super) fn unexpected(found: Token<'_>, expected: &'static str) -> AsmErrorKind {
    let found = match found {
        Token::Word(text) | Token::Mark(text) | Token::Raw(text) => text.to_owned(),
        Token::Number(number) => number.to_string(),
    };
    AsmErrorKind::Unexpected { found, expected }
}

/// The register that a token names.
pub(super) fn register(token: Token<'_>) -> Option<(Width, Reg)> {
    let Token::Word(word) = token else {
        return None;
    };
    let (width, number) = match word.split_at_checked(1)? {
        ("r", number) => (Width::W64, number),
        ("w", number) => (Width::W32, number),
        _ => return None,
    };
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let reg = Reg::new(number.parse().ok().filter(|_| digits)?)?;
    reg.is_valid().then_some((width, reg))
}

pub(super) fn fit<T: TryFrom<i128>>(at: usize, value: i128, field: &'static str) -> Located<T> {
    T::try_from(value).map_err(|_| (at, AsmErrorKind::Range { value, field }))
}

pub(super) fn fit_imm(at: usize, value: i128, width: Width) -> Located<i32> {
    match (i32::try_from(value), u32::try_from(value), width) {
        (Ok(value), ..) => Ok(value),
        (_, Ok(value), Width::W32) => Ok(value as i32),
        _ => Err((
            at,
            AsmErrorKind::Range {
                value,
                field: "a signed 32-bit immediate",
            },
        )),
    }
}
