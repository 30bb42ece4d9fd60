//! What object files are read as, pinned as text: `EBPF_BLESS=1` writes the texts anew.

use std::path::{Path, PathBuf};

use ebpf_core::object::ObjectSpec;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn objects() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in ["object", "object/old", "btf"] {
        let entries = std::fs::read_dir(testdata().join(dir)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|ext| ext == "o")));
    }
    found.sort();
    found
}

#[test]
fn objects_read_as_before() {
    let bless = std::env::var_os("EBPF_BLESS").is_some();
    let golden = testdata().join("golden");
    let mut wrong = Vec::new();
    for path in objects() {
        let bytes = std::fs::read(&path).unwrap();
        let text = match ObjectSpec::parse(&bytes) {
            Ok(object) => object.to_string(),
            Err(error) => format!("error: {error}\n"),
        };
        let name = path
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .replace(".bpf", "");
        let expected = golden.join(format!("{name}.txt"));
        if bless {
            std::fs::create_dir_all(&golden).unwrap();
            std::fs::write(&expected, &text).unwrap();
            continue;
        }
        let kept = std::fs::read_to_string(&expected)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        if let Some(difference) = difference(&kept, &text) {
            wrong.push(format!("{}: {difference}", path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nEBPF_BLESS=1 accepts what is read now",
        wrong.join("\n")
    );
}

/// The first line that differs.
fn difference(kept: &str, now: &str) -> Option<String> {
    let (mut kept, mut now) = (kept.lines(), now.lines());
    for line in 1.. {
        match (kept.next(), now.next()) {
            (None, None) => break,
            (kept, now) if kept == now => {}
            (kept, now) => {
                let [kept, now] = [kept, now].map(|line| line.unwrap_or("(the end)"));
                return Some(format!("line {line} was `{kept}` and is `{now}`"));
            }
        }
    }
    None
}

/// Both byte orders mean the same, but for the bytes of data.
#[test]
fn big_endian_twins_have_the_same_plan() {
    let mut twins = 0;
    for path in objects() {
        let Some(little) = path
            .to_str()
            .and_then(|path| Some(format!("{}.bpf.o", path.strip_suffix(".eb.bpf.o")?)))
        else {
            continue;
        };
        let read = |path: &Path| ObjectSpec::parse(&std::fs::read(path).unwrap()).unwrap();
        let (big, little) = (read(&path), read(Path::new(&little)));
        assert_eq!(big.maps.len(), little.maps.len(), "{}", path.display());
        for (big, little) in big.maps.iter().zip(&little.maps) {
            assert_eq!(big.name, little.name);
            assert_eq!(
                (big.map_type, big.key_size, big.value_size),
                (little.map_type, little.key_size, little.value_size)
            );
            assert_eq!(
                (big.max_entries, big.flags, &big.pinning),
                (little.max_entries, little.flags, &little.pinning)
            );
            assert_eq!(big.contents.len(), little.contents.len());
        }
        assert_eq!(big.variables, little.variables);
        assert_eq!(big.kconfig, little.kconfig);
        assert_eq!(big.programs.len(), little.programs.len());
        for (big, little) in big.programs.iter().zip(&little.programs) {
            assert_eq!((&big.name, &big.section), (&little.name, &little.section));
            assert_eq!((&big.maps, &big.externs), (&little.maps, &little.externs));
            let referents = |program: &ebpf_core::program::ProgramSpec| {
                program
                    .references
                    .iter()
                    .map(|reference| reference.referent)
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                referents(big).len(),
                referents(little).len(),
                "{}: {}",
                path.display(),
                big.name
            );
        }
        twins += 1;
    }
    assert!(twins >= 8, "only {twins} twins were found");
}
