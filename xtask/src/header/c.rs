//! As much of C as a header of declarations needs: enums, structures, unions and constants, in their order.

/// A declaration at the outermost level.
#[derive(Debug, PartialEq)]
pub(super) enum Item {
    /// `#define NAME …`, a constant.
    Define(String),
    Enum {
        /// Empty for an enum without a name.
        name: String,
        members: Vec<Enumerator>,
    },
    /// A structure or union, whole.
    Block(Block),
}

#[derive(Debug, PartialEq)]
pub(super) struct Enumerator {
    pub(super) name: String,
    /// Whether its value is written as bits: with a shift or in hexadecimal.
    pub(super) is_bits: bool,
}

/// `struct NAME { … } …`
#[derive(Debug, PartialEq)]
pub(super) struct Block {
    /// `struct` or `union`, and the name if it has one.
    pub(super) head: Vec<String>,
    pub(super) members: Vec<Member>,
    /// What follows the brace: attributes, or the name of a member.
    pub(super) tail: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Member {
    Plain(Vec<String>),
    Block(Block),
}

/// The declarations of a header.
pub(super) fn items(text: &str) -> Vec<Item> {
    let text = without_comments(text).replace("\\\n", " ");
    let mut defines = Vec::new();
    let mut tokens = Vec::new();
    for line in text.lines() {
        match line.trim_start().strip_prefix('#') {
            // The place of a constant is kept, wherever it is: after the declaration that it is in.
            Some(directive) => {
                if let Some(name) = constant(directive) {
                    tokens.push("#".to_owned());
                    defines.push(name.to_owned());
                }
            }
            None => tokens.extend(tokenize(line)),
        }
    }
    Parser {
        tokens: tokens.into_iter().peekable(),
        defines: defines.into_iter(),
        after: Vec::new(),
    }
    .run()
}

/// The name in `define NAME VALUE`, unless it is a macro with arguments, a guard, or another word for itself.
fn constant(directive: &str) -> Option<&str> {
    let rest = directive.trim_start().strip_prefix("define")?.trim_start();
    let end = rest
        .find(|c: char| !is_word(c))
        .filter(|end| !rest[*end..].starts_with('('))?;
    let (name, value) = rest.split_at(end);
    let value = value.trim();
    (!value.is_empty() && value != name).then_some(name)
}

pub(super) fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut clean = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        clean.push_str(before);
        clean.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    clean.push_str(rest);
    clean
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words and numbers whole, everything else character by character; `...` is one.
pub(super) fn tokenize(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("...") {
            3
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    tokens
}

/// Tokens as a line of C.
pub(super) fn join(tokens: &[String]) -> String {
    let mut text = String::new();
    let mut before = "";
    for token in tokens.iter().map(String::as_str) {
        let tight = text.is_empty()
            || matches!(token, "," | ";" | ")" | "]" | "[")
            || matches!(before, "(" | "[" | "*")
            || token == "(" && before.chars().next_back().is_some_and(is_word);
        if !tight {
            text.push(' ');
        }
        text.push_str(token);
        before = token;
    }
    text
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<String>>,
    /// The names of the constants, for each token `#`.
    defines: std::vec::IntoIter<String>,
    /// Constants met inside of a declaration.
    after: Vec<Item>,
}

impl Parser {
    fn run(mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some(token) = self.next() {
            items.append(&mut self.after);
            match token.as_str() {
                "enum" => {
                    let head = self.until("{");
                    let name = head.into_iter().next().unwrap_or_default();
                    let members = self.enumerators();
                    self.until(";");
                    items.push(Item::Enum { name, members });
                }
                "struct" | "union" => {
                    let head: Vec<String> = std::iter::once(token).chain(self.until("{")).collect();
                    // Without a brace it was a declaration of the name only, and `until` went on to the next.
                    let block = self.block(head);
                    items.push(Item::Block(block));
                }
                _ => {}
            }
        }
        items.append(&mut self.after);
        items
    }

    /// The next token that is no constant.
    fn next(&mut self) -> Option<String> {
        loop {
            let token = self.tokens.next()?;
            if token != "#" {
                return Some(token);
            }
            self.after.extend(self.defines.next().map(Item::Define));
        }
    }

    /// The tokens before `end`, which is taken too.
    fn until(&mut self, end: &str) -> Vec<String> {
        std::iter::from_fn(|| self.next().filter(|token| token != end)).collect()
    }

    fn enumerators(&mut self) -> Vec<Enumerator> {
        let body = self.until("}");
        let mut depth = 0;
        body.split(|token| {
            match token.as_str() {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            depth == 0 && token == ","
        })
        .filter_map(|tokens| {
            let (name, value) = tokens.split_first()?;
            Some(Enumerator {
                name: name.clone(),
                is_bits: value
                    .iter()
                    .any(|token| token == "<" || token.starts_with("0x")),
            })
        })
        .collect()
    }

    /// What follows the opening brace.
    fn block(&mut self, head: Vec<String>) -> Block {
        let mut members = Vec::new();
        loop {
            let mut tokens = Vec::new();
            let end = loop {
                match self.next() {
                    Some(token) if matches!(token.as_str(), ";" | "{" | "}") => break token,
                    Some(token) => tokens.push(token),
                    None => break "}".to_owned(),
                }
            };
            match end.as_str() {
                ";" => members.push(Member::Plain(tokens)),
                "{" => members.push(Member::Block(self.block(tokens))),
                _ => break,
            }
        }
        let tail = self.until(";");
        Block {
            head,
            members,
            tail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_in_order() {
        let text = "#ifndef GUARD\n#define GUARD\n#define F(x) x\n/* c */ enum {\n A = (1U << 0), /* , */\n#define INSIDE 3\n B,\n};\n\
             struct s {\n __u8 a:4;\n union { struct t *p; __u64 :64; } u;\n} __attribute__((aligned(8)));\n#define N 1U\n#define X X\n";
        let items = items(text);
        let [
            Item::Enum { name, members },
            Item::Define(inside),
            Item::Block(block),
            Item::Define(after),
        ] = &items[..]
        else {
            panic!("{items:?}");
        };
        assert_eq!(
            (name.as_str(), inside.as_str(), after.as_str()),
            ("", "INSIDE", "N")
        );
        let members: Vec<_> = members
            .iter()
            .map(|member| (member.name.as_str(), member.is_bits))
            .collect();
        assert_eq!(members, [("A", true), ("B", false)]);
        assert_eq!(join(&block.head), "struct s");
        assert_eq!(join(&block.tail), "__attribute__((aligned(8)))");
        let [Member::Plain(bits), Member::Block(union)] = &block.members[..] else {
            panic!("{:?}", block.members);
        };
        assert_eq!(join(bits), "__u8 a : 4");
        assert_eq!(
            (join(&union.head), join(&union.tail)),
            ("union".into(), "u".into())
        );
        assert_eq!(union.members[0], Member::Plain(tokenize("struct t *p")));
    }

    #[test]
    fn tokens_become_a_line_again() {
        for line in [
            "const struct s *p",
            "__bpf_md_ptr(struct bpf_sock *, sk)",
            "__u32 cb[5]",
            "const char *fmt, __u32 size, ...",
        ] {
            assert_eq!(join(&tokenize(line)), line);
        }
    }
}
