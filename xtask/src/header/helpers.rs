//! `ebpf/helper_defs.h`: a prototype for every helper.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use super::c::{join, tokenize};
use crate::facts::Facts;

const BEGIN: &str = "
/*
 * Helpers, by number. libbpf's <bpf/bpf_helpers.h>, included before, is taken in place of this.
 */
#ifndef __EBPF_HELPER_DEFS_H__
#define __EBPF_HELPER_DEFS_H__

#include \"types.h\"

#ifndef __BPF_HELPERS__

";
const END: &str = "\n#endif /* libbpf's header */\n#endif /* __EBPF_HELPER_DEFS_H__ */\n";

/// What a program calls the kernel's types.
const TYPES: [(&str, &str); 11] = [
    ("struct sk_buff", "struct __sk_buff"),
    ("struct xdp_buff", "struct xdp_md"),
    ("struct sk_msg_buff", "struct sk_msg_md"),
    ("struct bpf_map", "void"),
    ("u8", "__u8"),
    ("u16", "__u16"),
    ("u32", "__u32"),
    ("u64", "__u64"),
    ("s16", "__s16"),
    ("s32", "__s32"),
    ("s64", "__s64"),
];

pub(super) fn file(head: &str, text: &str, numbers: &Facts, releases: &str) -> Result<String> {
    let prototypes = prototypes(text);
    let releases = Releases::read(releases)?;
    let mut helpers: Vec<(u32, &str)> = numbers
        .iter()
        .filter_map(|(name, value)| Some((value.parse().ok()?, name.strip_prefix("BPF_FUNC_")?)))
        .filter(|(number, _)| *number != 0)
        .collect();
    helpers.sort_unstable();
    let mut body = String::new();
    let mut structures = BTreeSet::new();
    for (number, name) in helpers {
        let prototype = prototypes
            .get(format!("bpf_{name}").as_str())
            .with_context(|| format!("linux/bpf.h does not describe bpf_{name}"))?;
        structures.extend(prototype.structures());
        let mut note = format!("since Linux {}", releases.of(number)?);
        if releases.gpl_only.contains(&number) {
            note.push_str(", for programs of a GPL-compatible licence");
        }
        body.push_str(&format!(
            "/* {number}, {note} */\nstatic {}{}(*const bpf_{name})({}) = (void *){number};\n",
            join(&prototype.returns),
            if prototype.returns.last().is_some_and(|word| word == "*") {
                ""
            } else {
                " "
            },
            join(&prototype.arguments),
        ));
    }
    let structures: String = structures
        .into_iter()
        .map(|name| format!("struct {name};\n"))
        .collect();
    Ok([head, BEGIN, &structures, "\n", &body, END].concat())
}

/// Tokens on either side of the name.
#[derive(Debug, PartialEq)]
struct Prototype {
    returns: Vec<String>,
    arguments: Vec<String>,
}

impl Prototype {
    /// The structures whose names it mentions.
    fn structures(&self) -> impl Iterator<Item = String> {
        [&self.returns, &self.arguments]
            .into_iter()
            .flat_map(|tokens| tokens.windows(2))
            .filter(|pair| pair[0] == "struct")
            .map(|pair| pair[1].clone())
    }
}

/// The prototypes that the long comment of `linux/bpf.h` begins its descriptions with, by name, in the types of programs.
///
/// A helper that has several, one for each kind of context, takes any pointer as its context.
fn prototypes(text: &str) -> BTreeMap<&str, Prototype> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let Some((name, prototype)) = line
            .strip_prefix(" * ")
            .filter(|line| line.ends_with(')') && line.starts_with(|c: char| c.is_alphabetic()))
            .and_then(prototype)
        else {
            continue;
        };
        found
            .entry(name)
            .and_modify(|known: &mut Prototype| {
                if let Some(end) = known.arguments.iter().position(|token| token == ",") {
                    known.arguments.splice(..end, tokenize("void *ctx"));
                } else {
                    known.arguments = tokenize("void *ctx");
                }
            })
            .or_insert(prototype);
    }
    found
}

/// `long bpf_name(u32 a, …)`; `None` for what only resembles it.
fn prototype(line: &str) -> Option<(&str, Prototype)> {
    let (before, arguments) = line.strip_suffix(')')?.split_once('(')?;
    let start = before
        .find("bpf_")
        .filter(|start| before[..*start].ends_with([' ', '*']))?;
    // A structure in what it returns may have such a name too.
    let start = before[start..]
        .rfind([' ', '*'])
        .map_or(start, |at| start + at + 1);
    let (returns, name) = before.split_at(start);
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name(name) && !returns.contains(|c: char| !c.is_alphanumeric() && !" _*".contains(c))).then(
        || {
            let prototype = Prototype {
                returns: in_program_types(returns),
                arguments: in_program_types(arguments),
            };
            (name, prototype)
        },
    )
}

fn in_program_types(text: &str) -> Vec<String> {
    let mut tokens = tokenize(text);
    for (kernel, program) in TYPES {
        let (kernel, program) = (tokenize(kernel), tokenize(program));
        let mut at = 0;
        while at + kernel.len() <= tokens.len() {
            if tokens[at..at + kernel.len()] == kernel[..] {
                tokens.splice(at..at + kernel.len(), program.iter().cloned());
            }
            at += 1;
        }
    }
    tokens
}

/// What `ebpf-core` knows of helpers besides their names.
struct Releases {
    /// The first helper of each release, ascending.
    first: Vec<(u32, String)>,
    gpl_only: BTreeSet<u32>,
}

impl Releases {
    /// Reads the two tables in the source of `ebpf-core`.
    fn read(source: &str) -> Result<Self> {
        let table = |name: &str| {
            source
                .split_once(&format!("const {name}:"))
                .and_then(|(_, rest)| rest.split_once("= [")?.1.split_once("];"))
                .map(|(table, _)| table)
                .with_context(|| format!("{} has no table {name}", super::RELEASES))
        };
        let first = table("RELEASES")?
            .split('(')
            .filter_map(|row| row.split_once(')'))
            .filter_map(|(row, _)| {
                let (number, release) = row.split_once(',')?;
                Some((
                    number.trim().parse().ok()?,
                    release.trim().trim_matches('"').to_owned(),
                ))
            })
            .collect();
        let gpl_only = table("GPL_ONLY")?
            .split(',')
            .filter_map(|number| number.trim().parse().ok())
            .collect();
        Ok(Self { first, gpl_only })
    }

    fn of(&self, number: u32) -> Result<&str> {
        let after = self.first.partition_point(|(first, _)| *first <= number);
        match self.first.get(after.wrapping_sub(1)) {
            Some((_, release)) if release.starts_with(|c: char| c.is_ascii_digit()) => Ok(release),
            _ => bail!(
                "{} does not know which release brought helper {number}",
                super::RELEASES
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "/*\n * Start of things (see there)\n * \
        void *bpf_look(struct bpf_map *map, const void *key)\n * \t\tDescribes *bpf_look(map)\n * \
        u64 bpf_cookie(struct sk_buff *skb)\n * u64 bpf_cookie(struct sock *sk)\n * \
        struct bpf_sock *bpf_full(struct bpf_sock *sk)\n * long bpf_print(const char *fmt, u32 size, ...)\n */\n";
    const TABLES: &str = "const RELEASES: [(u32, &str); 3] = [\n (1, \"3.19\"), (3, \"4.1\"), (5, \"—\"),\n];\nconst GPL_ONLY: [u32; 1] = [4];";

    #[test]
    fn prototypes_are_those_of_programs() {
        let numbers = Facts::from([
            ("BPF_FUNC_unspec", "0"),
            ("BPF_FUNC_look", "1"),
            ("BPF_FUNC_cookie", "2"),
            ("BPF_FUNC_full", "3"),
            ("BPF_FUNC_print", "4"),
        ]);
        let file = file("", TEXT, &numbers, TABLES).unwrap();
        let lines: Vec<&str> = file
            .lines()
            .filter(|line| line.starts_with("static"))
            .collect();
        assert_eq!(
            lines,
            [
                "static void *(*const bpf_look)(void *map, const void *key) = (void *)1;",
                "static __u64 (*const bpf_cookie)(void *ctx) = (void *)2;",
                "static struct bpf_sock *(*const bpf_full)(struct bpf_sock *sk) = (void *)3;",
                "static long (*const bpf_print)(const char *fmt, __u32 size, ...) = (void *)4;",
            ]
        );
        assert!(file.contains("struct bpf_sock;\n"));
        assert!(file.contains("/* 2, since Linux 3.19 */"));
        assert!(
            file.contains("/* 4, since Linux 4.1, for programs of a GPL-compatible licence */")
        );
    }

    #[test]
    fn a_helper_without_a_description_or_a_release_is_named() {
        let numbers = Facts::from([("BPF_FUNC_new", "4")]);
        let error = file("", TEXT, &numbers, TABLES).unwrap_err();
        assert_eq!(error.to_string(), "linux/bpf.h does not describe bpf_new");
        let numbers = Facts::from([("BPF_FUNC_look", "5")]);
        let error = file("", TEXT, &numbers, TABLES).unwrap_err();
        assert!(error.to_string().contains("helper 5"), "{error}");
    }
}
