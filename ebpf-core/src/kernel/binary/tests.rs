use std::io::Cursor;

use super::*;

fn open(path: &str) -> Option<Binary<File>> {
    Binary::open(Path::new(path)).ok()
}

/// This test's own executable: it has both symbols and segments.
fn own() -> Binary<File> {
    Binary::open(&std::env::current_exe().expect("a path")).expect("in ELF format")
}

#[inline(never)]
fn a_function_to_find(number: u64) -> u64 {
    std::hint::black_box(number + 1)
}

#[test]
fn functions_are_offsets_of_their_file() {
    assert_eq!(a_function_to_find(1), 2);
    let (found, _) = own()
        .functions(|name| name.contains("a_function_to_find"))
        .expect("functions");
    let name = &found.first().expect("there").name;
    let offset = own().function(name).expect("by its name");
    let bytes = std::fs::read(std::env::current_exe().expect("a path")).expect("read");
    // The same instructions are in memory.
    let address = a_function_to_find as *const u8;
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    let mapped = maps.lines().find_map(|line| {
        let mut fields = line.split_whitespace();
        let (from, to) = fields.next()?.split_once('-')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        let place = address as u64;
        let in_file = number(fields.nth(1)?)?;
        (number(from)?..number(to)?)
            .contains(&place)
            .then_some(place - number(from)? + in_file)
    });
    assert_eq!(Some(offset), mapped);
    assert!((offset as usize) < bytes.len());
}

#[test]
fn what_is_not_there_is_an_error() {
    assert_eq!(
        own().function("no_such_function_in_here"),
        Err(BinaryError::NoFunction)
    );
    for path in ["/", "/dev/null", "/no/such/file"] {
        assert!(open(path).is_none(), "{path}");
    }
    for bytes in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0x7f; 100]] {
        assert!(Binary::new(Cursor::new(bytes)).is_err());
    }
}

#[test]
fn versions_are_told_apart() {
    assert_eq!(
        split_version("memcpy@GLIBC_2.14"),
        ("memcpy", Some("GLIBC_2.14"))
    );
    assert_eq!(
        split_version("memcpy@@GLIBC_2.14"),
        ("memcpy", Some("GLIBC_2.14"))
    );
    assert_eq!(split_version("memcpy"), ("memcpy", None));
    let Ok(path) = locate(Path::new("libc.so.6"), Some(0)) else {
        return;
    };
    let mut libc = Binary::open(&path).expect("the C library");
    let (all, _) = libc
        .functions(|name| name.starts_with("malloc@"))
        .expect("its functions");
    assert!(
        all.iter().any(|function| function.rank == Rank::Global),
        "{all:?}"
    );
    let malloc = libc.function("malloc").expect("there");
    let versioned = &all
        .iter()
        .find(|function| function.offset == malloc)
        .expect("the same")
        .name;
    assert_eq!(libc.function(versioned), Ok(malloc));
    assert_eq!(
        libc.function("malloc@NO_SUCH_VERSION"),
        Err(BinaryError::NoFunction)
    );
}

/// A note as `<sys/sdt.h>` writes it.
fn note(owner: &[u8], kind: u32, description: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [owner.len() as u32, description.len() as u32, kind] {
        bytes.extend(word.to_le_bytes());
    }
    for part in [owner, description] {
        bytes.extend(part);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

#[test]
fn notes_are_static_probes() {
    let mut description = Vec::new();
    for word in [0x1234u64, 0x5678, 0x9abc] {
        description.extend(word.to_le_bytes());
    }
    description.extend(b"libc\0setjmp\08@%rdi -4@%esi\0");
    let mut data = note(b"GNU\0", 3, b"other");
    data.extend(note(b"stapsdt\0", 3, &description));
    let read = |data: &[u8]| probe_notes(data, Class::ELF64, AnyEndian::Little);
    let notes = read(&data).expect("notes");
    assert_eq!(notes.len(), 1);
    let found = &notes[0];
    assert_eq!(
        (found.pc, found.base, found.semaphore),
        (0x1234, 0x5678, 0x9abc)
    );
    assert_eq!(
        (found.provider.as_str(), found.name.as_str()),
        ("libc", "setjmp")
    );
    assert_eq!(found.arguments, "8@%rdi -4@%esi");
    // Whatever is cut off or changed is an error or other notes, never a panic.
    for cut in 0..data.len() {
        let _ = read(&data[..cut]);
        let mut changed = data.clone();
        changed[cut] ^= 0xff;
        let _ = read(&changed);
    }
    let mut none = note(b"stapsdt\0", 3, &description[..30]);
    assert!(read(&none).is_err());
    none = note(b"stapsdt\0", 4, &description[..30]);
    assert!(read(&none).is_ok_and(|notes| notes.is_empty()));
}

#[test]
fn changed_files_never_panic() {
    let path = std::env::current_exe().expect("a path");
    let mut header = std::fs::read(path).expect("read");
    header.truncate(4096);
    for at in 0..64 {
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = header.clone();
            changed[at] = value;
            if let Ok(mut binary) = Binary::new(Cursor::new(changed)) {
                let _ = binary.function("main");
                let _ = binary.static_probes();
            }
        }
    }
}
