//! Small files made to grow.

use super::*;

/// A section: its name, its ELF type and flags, its bytes.
struct Part<'a>(&'a str, u32, u64, Vec<u8>, u32, u32);

/// An object of these sections, which are numbered from 1; the last is the table of section names.
fn elf(parts: &[Part<'_>]) -> Vec<u8> {
    let mut names = vec![0];
    let mut bytes = vec![0; 64];
    let mut headers = vec![[0u64; 8]];
    for Part(name, kind, flags, data, link, info) in parts {
        let name_at = names.len() as u64;
        names.extend(name.as_bytes());
        names.push(0);
        let header = [
            name_at | u64::from(*kind) << 32,
            *flags,
            0,
            bytes.len() as u64,
        ];
        let link = u64::from(*link) | u64::from(*info) << 32;
        headers.push([
            header[0],
            header[1],
            header[2],
            header[3],
            data.len() as u64,
            link,
            8,
            0,
        ]);
        bytes.extend(data);
    }
    let strings = bytes.len() as u64;
    headers.push([3 << 32, 0, 0, strings, names.len() as u64, 0, 1, 0]);
    bytes.extend(&names);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let table = bytes.len() as u64;
    for header in &headers {
        header
            .iter()
            .for_each(|word| bytes.extend(word.to_le_bytes()));
    }
    bytes[..16].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    bytes[16..20].copy_from_slice(&[1, 0, 247, 0]);
    bytes[20] = 1;
    bytes[40..48].copy_from_slice(&table.to_le_bytes());
    bytes[52] = 64;
    bytes[58] = 64;
    bytes[60..62].copy_from_slice(&(headers.len() as u16).to_le_bytes());
    bytes[62..64].copy_from_slice(&(headers.len() as u16 - 1).to_le_bytes());
    bytes
}

/// Global functions of these names (offsets into the strings) at the start of section 1.
fn functions(names: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut table = vec![0; 24];
    for name in names {
        table.extend(name.to_le_bytes());
        table.extend([0x12, 0, 1, 0]);
        table.extend([0; 16]);
    }
    table
}

fn code(instructions: usize) -> Vec<u8> {
    let mut code = [0xb7, 0, 0, 0, 0, 0, 0, 0].repeat(instructions - 1);
    code.extend([0x95, 0, 0, 0, 0, 0, 0, 0]);
    code
}

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const CODE: u64 = 6;

#[test]
fn what_is_built_here_is_an_object() {
    let object = parse(&elf(&[
        Part("xdp", PROGBITS, CODE, code(3), 0, 0),
        Part(".symtab", SYMTAB, 0, functions([1].into_iter()), 3, 1),
        Part(".strtab", STRTAB, 0, b"\0main\0".to_vec(), 0, 0),
    ]));
    assert_eq!(object.program("main").unwrap().instructions.len(), 3);
}

/// Each name of a function is a program with instructions of its own.
#[test]
fn many_names_of_a_large_function_are_refused() {
    let names = 1000;
    let file = elf(&[
        Part("xdp", PROGBITS, CODE, code(5000), 0, 0),
        Part(".symtab", SYMTAB, 0, functions((0..names).map(|_| 1)), 3, 1),
        Part(".strtab", STRTAB, 0, b"\0a\0".to_vec(), 0, 0),
    ]);
    assert_eq!(
        error(&file),
        "`xdp`: the number of instructions of all programs with all they call, 425000 exceeds the limit of 422144"
    );
}

#[test]
fn names_that_share_bytes_are_refused() {
    let mut strings = vec![b'a'; 4000];
    strings.insert(0, 0);
    strings.push(0);
    let file = elf(&[
        Part("xdp", PROGBITS, CODE, code(2), 0, 0),
        Part(".symtab", SYMTAB, 0, functions(1..100), 3, 1),
        Part(".strtab", STRTAB, 0, strings, 0, 0),
    ]);
    let error = error(&file);
    assert!(
        error.starts_with("the length of all names together"),
        "{error}"
    );
}

#[test]
fn long_names_of_sections_are_not_copied_for_ever() {
    let section = format!("xdp/{}", "a".repeat(4000));
    let file = elf(&[
        Part(&section, PROGBITS, CODE, code(2), 0, 0),
        Part(".symtab", SYMTAB, 0, functions((0..100).map(|_| 1)), 3, 1),
        Part(".strtab", STRTAB, 0, b"\0a\0".to_vec(), 0, 0),
    ]);
    let error = error(&file);
    assert!(
        error.starts_with("the length of section names, once for each"),
        "{error}"
    );
}

#[test]
fn sections_on_each_other_are_refused() {
    let mut file = elf(&[
        Part(".rodata", PROGBITS, 2, vec![1; 400], 0, 0),
        Part(".rodata.a", PROGBITS, 2, vec![2; 400], 0, 0),
    ]);
    let table = file.len() - 4 * 64;
    // Both take the whole file.
    for header in [1, 2] {
        let at = table + header * 64 + 24;
        file[at..at + 8].copy_from_slice(&0u64.to_le_bytes());
        let size = (file.len() as u64).to_le_bytes();
        file[at + 8..at + 16].copy_from_slice(&size);
    }
    assert_eq!(
        error(&file),
        "`.rodata.a`: sections lie on each other: the file is damaged"
    );
}

#[test]
fn a_huge_section_of_zeros_takes_no_room() {
    let mut file = elf(&[Part(".bss", 8, 3, vec![0; 8], 0, 0)]);
    let table = file.len() - 3 * 64;
    let size = |size: u64| size.to_le_bytes();
    file[table + 96..table + 104].copy_from_slice(&size(0x7fff_ffff));
    let object = parse(&file);
    assert_eq!(object.maps[0].value_size, 0x7fff_ffff);
    assert!(object.maps[0].contents.is_empty());
    file[table + 96..table + 104].copy_from_slice(&size(0x8000_0000));
    assert_eq!(
        error(&file),
        "`.bss`: its size in bytes 2147483648 exceeds the limit of 2147483647"
    );
}
