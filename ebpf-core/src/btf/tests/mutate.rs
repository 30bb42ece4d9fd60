//! Mutated BTF: whatever the bytes, no panic, no endless loop, and the bytes come back as they were.
//!
//! `EBPF_MUTATIONS` sets how many, `TEST_SEED` repeats a run.

use super::*;

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().expect("a number"))
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        let word = at & !3;
        match random.below(10) {
            0 => bytes.truncate(at),
            1 => {
                let from = random.below(bytes.len());
                let chunk: Vec<u8> = bytes
                    .iter()
                    .skip(from)
                    .take(random.below(64))
                    .copied()
                    .collect();
                bytes.splice(at..at, chunk);
            }
            2 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            3 | 4 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            _ => {
                let value = match random.below(6) {
                    0 => u32::MAX,
                    1 => 0,
                    2 => random.next() as u32,
                    // A kind with a few items, in the order of this machine.
                    3 => (random.below(24) as u32) << 24 | random.below(8) as u32,
                    _ => random.below(120) as u32,
                };
                if let Some(place) = bytes.get_mut(word..word + 4) {
                    place.copy_from_slice(&value.to_le_bytes());
                    if random.below(4) == 0 {
                        place.reverse();
                    }
                }
            }
        }
        if bytes.is_empty() {
            return;
        }
    }
}

/// Asks every question about every type.
fn walk(btf: &Btf, bytes: &[u8]) {
    assert_eq!(btf.to_bytes(), bytes);
    let _ = btf.validate();
    for ty in btf.types() {
        let id = ty.id();
        let _ = format!("{ty:?} {:?}", ty.get());
        let _ = (
            btf.resolve(id).is_ok(),
            btf.size_of(id).is_ok(),
            btf.type_name(id).len(),
        );
        let _ = btf.fields(id);
        let _ = btf.find_field(id, "inner.color");
        ty.each_reference(&mut |to| assert_eq!(btf.by_id(to).is_some(), to.0 < btf.type_count()));
        match ty.get() {
            Type::Enum(values) => drop(values.enumerators().collect::<Vec<_>>()),
            Type::LocParam(place) => drop(place.values().collect::<Vec<_>>()),
            _ => {}
        }
        if !ty.name().is_empty() {
            assert!(btf.by_name(ty.name()).any(|found| found == id), "{ty:?}");
        }
    }
    let _ = btf.by_id(TypeId(u32::MAX));
    let rebuilt = btf
        .to_builder()
        .build()
        .expect("what was parsed can be built");
    assert_eq!(rebuilt.own_types(), btf.own_types());
    if let Ok(old) = btf.sanitized(BtfFeatures::since(4, 18)) {
        assert!(old.type_count() - btf.type_count() <= 1);
    }
}

fn walk_ext(ext: &BtfExt, btf: &Btf, bytes: &[u8]) {
    assert_eq!(ext.to_bytes(), bytes);
    let _ = ext.validate(btf);
    let _ = format!("{ext:?}");
    let funcs = ext
        .sections::<FuncInfo>()
        .flat_map(|section| section.records())
        .count();
    let lines = ext
        .records::<LineInfo>(btf, "xdp")
        .map(|line| line.line(btf).len())
        .sum::<usize>();
    let relocs = ext
        .sections::<CoreReloc>()
        .flat_map(|section| section.records());
    let paths = relocs.filter(|reloc| reloc.access(btf).is_ok()).count();
    let _ = (funcs, lines, paths);
}

#[test]
fn mutations() {
    let count = setting("EBPF_MUTATIONS").unwrap_or(20_000);
    let seed = setting("TEST_SEED").unwrap_or(1);
    println!("TEST_SEED={seed} EBPF_MUTATIONS={count}");
    let mut random = Random(seed);

    let base = Arc::new(kinds());
    let mut split = BtfBuilder::split(base.clone());
    let own = split.structure("own", 8, &[MemberSpec::new("", TypeId(9), 0)]);
    split.typedef("own_t", own);
    let mut new = write::every_kind(Endian::Little).to_builder();
    new.push_words(&[0, 77 << 24 | 2, 0], &[1, 2, 3]);
    new.set_layouts([[4, 4, 0, 0]; 78].concat());
    let big = write::every_kind(Endian::Big).to_bytes().to_vec();
    let seeds = [
        (section("kinds.bpf.o", ".BTF"), false),
        (section("kinds.eb.bpf.o", ".BTF"), false),
        (big, false),
        (new.build().expect("built").to_bytes().to_vec(), false),
        (split.build().expect("built").to_bytes().to_vec(), true),
    ];
    let exts = ["kinds.bpf.o", "kinds.eb.bpf.o"].map(|object| section(object, ".BTF.ext"));

    let mut parsed = 0u64;
    for round in 0..count {
        let before = random.0;
        let run = || {
            if round % 5 == 4 {
                let mut bytes = exts[random.below(exts.len())].clone();
                mutate(&mut bytes, &mut random);
                if let Ok(ext) = BtfExt::parse(bytes.clone()) {
                    walk_ext(&ext, &base, &bytes);
                    return 1;
                }
            } else {
                let (bytes, split) = &seeds[random.below(seeds.len())];
                let mut bytes = bytes.clone();
                mutate(&mut bytes, &mut random);
                let btf = match split {
                    true => Btf::parse_split(bytes.clone(), base.clone()),
                    false => Btf::parse(bytes.clone()),
                };
                if let Ok(btf) = btf {
                    walk(&btf, &bytes);
                    return 1;
                }
            }
            0
        };
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
            Ok(one) => parsed += one,
            Err(_) => panic!("mutation {round} of TEST_SEED={seed} (state {before})"),
        }
    }
    println!("{parsed} of {count} were still BTF");
    assert!(
        parsed > count / 20,
        "only {parsed} of {count} got past the header"
    );
}
