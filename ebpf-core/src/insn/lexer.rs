//! One line of assembler text, cut into tokens.

use super::asm::AsmErrorKind;

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A word: a register, a keyword or a name.
    Word(&'a str),
    /// An unsigned number, decimal or hexadecimal.
    Number(u64),
    /// An operator or a bracket.
    Mark(&'static str),
    /// `.insn` with what stands behind it.
    Raw(&'a str),
}

/// A token and the byte of its line where it starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spanned<'a> {
    pub(super) token: Token<'a>,
    pub(super) at: usize,
}

/// What is no word and no number, the longer ones first.
const MARKS: [&str; 39] = [
    "s>>=", "<<=", ">>=", "s>=", "s<=", "s/=", "s%=", "+=", "-=", "*=", "/=", "%=", "|=", "&=",
    "^=", "==", "!=", ">=", "<=", "s>", "s<", "=", ">", "<", "&", "+", "-", "*", "(", ")", "[",
    "]", ",", ":", "#", "|", "^", "/", "%",
];

/// Whether `text` can be a label: a letter, `_`, `.` or `$`, then also digits.
pub(super) fn is_name(text: &str) -> bool {
    let starts = text
        .bytes()
        .next()
        .is_some_and(|byte| !byte.is_ascii_digit());
    starts && text.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$')
}

/// The tokens of `line` up to a comment, which starts with `;` or `//`.
pub(super) fn tokens(line: &str) -> Result<Vec<Spanned<'_>>, (usize, AsmErrorKind)> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with(';') && !rest.starts_with("//") {
        let at = line.len() - rest.len();
        let (token, length) = token(rest).map_err(|kind| (at, kind))?;
        tokens.push(Spanned { token, at });
        rest = rest.get(length..).unwrap_or("").trim_start();
    }
    Ok(tokens)
}

/// The first token of `text`, which is not empty, and its length.
fn token(text: &str) -> Result<(Token<'_>, usize), AsmErrorKind> {
    if let Some(mark) = MARKS.into_iter().find(|mark| text.starts_with(mark)) {
        return Ok((Token::Mark(mark), mark.len()));
    }
    let length = text.bytes().take_while(|&byte| is_name_byte(byte)).count();
    let word = text.get(..length).unwrap_or("");
    if word == ".insn" {
        let rest = text.get(length..).unwrap_or("");
        let bytes = rest.split([';', '/']).next().unwrap_or("");
        return Ok((Token::Raw(bytes), length + bytes.len()));
    }
    if is_name(word) {
        return Ok((Token::Word(word), length));
    }
    let number = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => word.parse(),
    };
    match number {
        Ok(number) => Ok((Token::Number(number), length)),
        Err(_) if word.is_empty() => {
            let unknown = text.chars().take(1).collect();
            Err(AsmErrorKind::Unexpected {
                found: unknown,
                expected: "an instruction",
            })
        }
        Err(_) => Err(AsmErrorKind::Number {
            text: word.to_owned(),
        }),
    }
}
