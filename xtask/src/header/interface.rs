//! `ebpf/linux_bpf.h`: what `linux/bpf.h` declares.

use anyhow::{Result, bail};

use super::c::{Block, Item, Member, join};
use crate::facts::Facts;

/// What surrounds the declarations: they step aside for the kernel's own header, and for types out of BTF.
const BEGIN: &str = "
/*
 * The kernel's own <linux/bpf.h>, included before, is taken in place of this; included after, it finds its guards
 * defined and adds nothing. A vmlinux.h has the types and the enums, but no macro.
 */
#ifndef __EBPF_LINUX_BPF_H__
#define __EBPF_LINUX_BPF_H__

#include \"types.h\"

#if !defined(__LINUX_BPF_H__) && !defined(_UAPI__LINUX_BPF_H__)
#define __LINUX_BPF_H__
#define _UAPI__LINUX_BPF_H__
";
/// Which the structures use; the bindings know only numbers.
const POINTER: &str = "
/* A pointer as a member of a context: eight bytes, whatever the size of pointers where the structure is read. */
#define __bpf_md_ptr(type, name)      \\
\tunion {                       \\
\t\ttype name;            \\
\t\t__u64 : 64;           \\
\t} __attribute__((aligned(8)))
";
const MACROS: &str = "\n/* Constants that the kernel's header has as macros. */\n";
const TYPES: &str = "\n#ifndef __VMLINUX_H__\n";
const END: &str = "\n#endif /* __VMLINUX_H__ */\n#endif /* the kernel's own header */\n#endif /* __EBPF_LINUX_BPF_H__ */\n";

/// Constants of the instruction set, which a C program does not write, and their neighbours are left out: those before this structure.
const FIRST: &str = "bpf_insn";

pub(super) fn file(head: &str, items: &[Item], numbers: &Facts) -> Result<String> {
    let start = items
        .iter()
        .position(|item| matches!(item, Item::Block(block) if block.head.iter().any(|word| word == FIRST)))
        .unwrap_or(0);
    let (mut macros, mut types) = (String::new(), String::new());
    let mut unknown = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item {
            // A constant in terms of types or of other things than numbers is in no table of numbers.
            Item::Define(name) => {
                if let Some(value) = numbers.get(name.as_str()).filter(|_| index > start) {
                    macros.push_str(&format!("#define {name} {}\n", number(value, false)?));
                }
            }
            Item::Enum { name, members } => {
                let space = if name.is_empty() { "" } else { " " };
                types.push_str(&format!("\nenum{space}{name} {{\n"));
                let from_numbers = members_of_table(name, numbers);
                if from_numbers.is_empty() {
                    for member in members {
                        match numbers.get(member.name.as_str()) {
                            Some(value) => types.push_str(&format!(
                                "\t{} = {},\n",
                                member.name,
                                number(value, member.is_bits)?
                            )),
                            None => unknown.push(member.name.as_str()),
                        }
                    }
                }
                for (name, value) in from_numbers {
                    types.push_str(&format!("\t{name} = {value},\n"));
                }
                types.push_str("};\n");
            }
            Item::Block(block) => {
                types.push('\n');
                write_block(&mut types, block, 0);
            }
        }
    }
    if !unknown.is_empty() {
        bail!(
            "the bindings lack {}: `cargo xtask bindings` makes them anew",
            unknown.join(", ")
        );
    }
    Ok([head, BEGIN, POINTER, MACROS, &macros, TYPES, &types, END].concat())
}

/// The members of the one enum that the kernel's header makes of a table, in the order of their numbers.
fn members_of_table<'a>(name: &str, numbers: &Facts<'a>) -> Vec<(&'a str, u32)> {
    if name != "bpf_func_id" {
        return Vec::new();
    }
    let mut members: Vec<(&str, u32)> = numbers
        .iter()
        .filter(|(name, _)| name.starts_with("BPF_FUNC_") || **name == "__BPF_FUNC_MAX_ID")
        .filter_map(|(name, value)| Some((*name, value.parse().ok()?)))
        .collect();
    members.sort_by_key(|(_, value)| *value);
    members
}

/// A number as C writes it, with what its size asks for.
fn number(value: &str, bits: bool) -> Result<String> {
    let number: i128 = value.parse()?;
    let suffix = match number {
        ..=0x7fff_ffff => "",
        0x8000_0000..=0xffff_ffff => "U",
        _ => "ULL",
    };
    Ok(if number < 0 {
        format!("({number})")
    } else if bits {
        format!("{number:#x}{suffix}")
    } else {
        format!("{number}{suffix}")
    })
}

fn write_block(text: &mut String, block: &Block, depth: usize) {
    let indent = "\t".repeat(depth);
    text.push_str(&format!("{indent}{} {{\n", join(&block.head)));
    for member in &block.members {
        match member {
            Member::Plain(tokens) => text.push_str(&format!("{indent}\t{};\n", join(tokens))),
            Member::Block(block) => write_block(text, block, depth + 1),
        }
    }
    let space = if block.tail.is_empty() { "" } else { " " };
    text.push_str(&format!("{indent}}}{space}{};\n", join(&block.tail)));
}

#[cfg(test)]
mod tests {
    use super::super::c;
    use super::*;

    #[test]
    fn declarations_are_written_with_the_numbers_of_the_bindings() {
        let text = "#define BPF_EARLY 1\nstruct bpf_insn { int a; };\n#define FLAG (1U << 31)\n\
             enum e { A = 1ULL << 40, B, C = -1 };\nstruct s { union { __u32 a; } u; };";
        let numbers = Facts::from([
            ("BPF_EARLY", "1"),
            ("FLAG", "2147483648"),
            ("A", "1099511627776"),
            ("B", "2"),
            ("C", "-1"),
        ]);
        let file = file("", &c::items(text), &numbers).unwrap();
        assert!(!file.contains("BPF_EARLY"));
        assert!(file.contains("#define FLAG 2147483648U\n"));
        assert!(file.contains("enum e {\n\tA = 0x10000000000ULL,\n\tB = 2,\n\tC = (-1),\n};\n"));
        assert!(file.contains("struct s {\n\tunion {\n\t\t__u32 a;\n\t} u;\n};\n"));
    }

    #[test]
    fn a_number_that_the_bindings_lack_is_named() {
        let error = file("", &c::items("enum { X };"), &Facts::new()).unwrap_err();
        assert!(error.to_string().contains("the bindings lack X"), "{error}");
    }
}
