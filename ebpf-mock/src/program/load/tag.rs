//! The digest of a program's instructions: `bpf_prog_calc_tag()` in kernel/bpf/core.c.

use ebpf_core::codec::Endian;
use ebpf_core::insn::{Insn, Pseudo, encode};
use ebpf_core::program::ProgramTag;
use ebpf_core::system::KernelVersion;

/// The first release whose digest is SHA-256; it was SHA-1 before.
const SHA_256: KernelVersion = KernelVersion::new(6, 18, 0);

/// The tag of instructions; which maps they refer to is left out of it.
pub(in crate::program) fn of(instructions: &[Insn], release: KernelVersion) -> ProgramTag {
    let mut plain = instructions.to_vec();
    let mut rest = plain.as_mut_slice();
    while let [first, tail @ ..] = rest {
        let by_descriptor = match first.pseudo() {
            Some(Pseudo::MAP_IDX | Pseudo::MAP_FD) => Some(Pseudo::MAP_FD),
            Some(Pseudo::MAP_IDX_VALUE | Pseudo::MAP_VALUE) => Some(Pseudo::MAP_VALUE),
            _ => None,
        };
        if let (Some(kind), [second, ..]) = (by_descriptor, &mut *tail) {
            [*first, *second] = Insn::ld_imm64_pseudo(first.dst, kind, 0);
        }
        rest = tail;
    }
    let bytes = encode(&plain, Endian::NATIVE);
    let mut tag = ProgramTag::default();
    let digest: &[u8] = if release >= SHA_256 {
        &hmac_sha256::Hash::hash(&bytes)
    } else {
        &sha1_smol::Sha1::from(&bytes).digest().bytes()
    };
    tag.0
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = *from);
    tag
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebpf_core::insn::{Reg, assemble};

    #[test]
    fn it_is_that_of_the_kernel() {
        let newer = |instructions: &[Insn]| of(instructions, KernelVersion::new(6, 18, 0));
        let seven = assemble("r0 = 7\nexit").expect("two instructions");
        // As Linux 6.18 says it, and one before.
        assert_eq!(newer(&seven).to_string(), "9efe8873120741b3");
        let older = of(&seven, KernelVersion::new(6, 1, 0));
        assert_eq!(older.to_string(), "8923dad831f6fb51");
        let rest = assemble("r2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nr0 = 0\nexit");
        let mut lookup = Insn::ld_imm64_pseudo(Reg::R1, Pseudo::MAP_IDX, 3).to_vec();
        lookup.extend(rest.expect("five instructions"));
        assert_eq!(newer(&lookup).to_string(), "76bed686fff94a61");
    }
}
