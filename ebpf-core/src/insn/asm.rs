//! Text to instructions: the syntax that the disassembler prints and `llvm-objdump` and the kernel use.
//!
//! One instruction a line, `;` or `//` before a comment, `name:` before a target. A number and a colon in front of an
//! instruction, as disassembly has it, is skipped.

use std::collections::BTreeMap;

use super::lexer::{Spanned, Token, tokens};
use super::parser::Parser;
use super::{Insn, Opcode, helper_id};
use crate::codec::Endian;

/// Reads a program from text.
///
/// Distances are written as `+3`, `pc+3` or the name of a label. `.insn` takes the eight bytes of any slot, little-endian.
///
/// # Errors
/// [`AsmError`] with the place of the first thing that is not understood.
///
/// ```
/// use ebpf_core::insn::{Insn, JmpOp, Reg, assemble};
///
/// let program = assemble(
///     "   r0 = 2
///         if r1 == 0 goto out
///         r0 = 1
///     out:
///         exit",
/// )?;
/// assert_eq!(program.len(), 4);
/// assert_eq!(program[1], Insn::jmp_imm(JmpOp::JEQ, Reg::R1, 0, 1));
/// # Ok::<(), ebpf_core::insn::AsmError>(())
/// ```
pub fn assemble(text: &str) -> Result<Vec<Insn>, AsmError> {
    let mut program = Program::default();
    for (number, line) in (1..).zip(text.lines()) {
        program
            .line(number, line)
            .map_err(|(at, kind)| AsmError::new(number, line, at, kind))?;
    }
    program.finish()
}

/// Text that is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct AsmError {
    /// Line, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: AsmErrorKind,
}

impl AsmError {
    fn new(line: usize, text: &str, at: usize, kind: AsmErrorKind) -> AsmError {
        let column = text.get(..at).unwrap_or(text).chars().count() + 1;
        AsmError { line, column, kind }
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AsmErrorKind {
    /// Something else was expected.
    #[error("expected {expected}, found `{found}`")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// Digits that are no 64-bit number.
    #[error("`{text}` is not a number of at most 64 bits")]
    Number {
        /// The digits.
        text: String,
    },
    /// A number that does not fit its field.
    #[error("{value} does not fit {field}")]
    Range {
        /// The number.
        value: i128,
        /// The field and its width.
        field: &'static str,
    },
    /// A helper or label that is not known.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A label that was defined before.
    #[error("label `{name}` is defined twice")]
    Duplicate {
        /// The label.
        name: String,
    },
}

/// The byte of the line where something is wrong, and what.
pub(super) type Located<T> = Result<T, (usize, AsmErrorKind)>;

/// A program being put together.
#[derive(Default)]
struct Program<'a> {
    insns: Vec<Insn>,
    labels: BTreeMap<&'a str, usize>,
    uses: Vec<LabelUse<'a>>,
}

/// A distance that is known once all labels are.
struct LabelUse<'a> {
    slot: usize,
    name: &'a str,
    number: usize,
    line: &'a str,
    at: usize,
}

impl<'a> Program<'a> {
    fn line(&mut self, number: usize, line: &'a str) -> Located<()> {
        let tokens = tokens(line)?;
        let mut tokens = tokens.as_slice();
        while let [
            name,
            Spanned {
                token: Token::Mark(":"),
                ..
            },
            rest @ ..,
        ] = tokens
        {
            match name.token {
                Token::Word(label) => {
                    if self.labels.insert(label, self.insns.len()).is_some() {
                        return Err((
                            name.at,
                            AsmErrorKind::Duplicate {
                                name: label.to_owned(),
                            },
                        ));
                    }
                }
                Token::Number(_) => {}
                _ => break,
            }
            tokens = rest;
        }
        match tokens {
            [] => return Ok(()),
            [
                Spanned {
                    token: Token::Raw(bytes),
                    at,
                },
                ..,
            ] => {
                self.insns
                    .push(raw_slot(bytes).map_err(|kind| (*at, kind))?);
                return Ok(());
            }
            _ => {}
        }
        let mut parser = Parser {
            tokens,
            last: None,
            end: line.trim_end().len(),
            label: None,
        };
        let operation = parser.operation()?;
        parser.done()?;
        if let Some((name, at)) = parser.label {
            self.uses.push(LabelUse {
                slot: self.insns.len(),
                name,
                number,
                line,
                at,
            });
        }
        let (first, second) = operation.to_insns();
        self.insns.push(first);
        self.insns.extend(second);
        Ok(())
    }

    /// Fills in the distances.
    fn finish(mut self) -> Result<Vec<Insn>, AsmError> {
        for LabelUse {
            slot,
            name,
            number,
            line,
            at,
        } in self.uses
        {
            let error = |kind| AsmError::new(number, line, at, kind);
            let Some(insn) = self.insns.get_mut(slot) else {
                continue;
            };
            let Some(target) = self.labels.get(name) else {
                let what = if insn.is_call_local() {
                    "helper or label"
                } else {
                    "label"
                };
                *insn = helper_id(name)
                    .filter(|_| insn.is_call_local())
                    .map(Insn::call_helper)
                    .ok_or_else(|| {
                        error(AsmErrorKind::Unknown {
                            what,
                            name: name.to_owned(),
                        })
                    })?;
                continue;
            };
            let distance = *target as i128 - slot as i128 - 1;
            if insn.is_jump() && insn.code != Opcode::GOTOL {
                insn.off = i16::try_from(distance).map_err(|_| {
                    error(AsmErrorKind::Range {
                        value: distance,
                        field: "a 16-bit distance",
                    })
                })?;
            } else {
                insn.imm = i32::try_from(distance).map_err(|_| {
                    error(AsmErrorKind::Range {
                        value: distance,
                        field: "a 32-bit distance",
                    })
                })?;
            }
        }
        Ok(self.insns)
    }
}

/// The slot whose little-endian bytes `text` has as hexadecimal pairs.
fn raw_slot(text: &str) -> Result<Insn, AsmErrorKind> {
    let byte = |pair: &str| {
        u8::from_str_radix(pair, 16)
            .ok()
            .filter(|_| pair.len() == 2)
    };
    let bytes: Option<Vec<u8>> = text.split_whitespace().map(byte).collect();
    match bytes.as_deref().map(<[u8; 8]>::try_from) {
        Some(Ok(bytes)) => Ok(Insn::from_bytes(bytes, Endian::Little)),
        _ => Err(AsmErrorKind::Unexpected {
            found: text.trim().to_owned(),
            expected: "eight bytes of two hexadecimal digits",
        }),
    }
}
