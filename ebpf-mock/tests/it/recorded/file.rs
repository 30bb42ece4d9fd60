//! The file: runs one after the other, each a row of byte strings with their lengths before them, all of it compressed.

use ebpf_core::Errno;
use ebpf_core::codec::Endian;
use ebpf_core::insn::Insn;
use ebpf_core::program::ProgramType;

use super::run::Said;

/// A program, what it was run on, and what a kernel said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) program_type: ProgramType,
    pub(super) insns: Vec<Insn>,
    /// The instructions that refer to maps, and to which.
    pub(super) references: Vec<(u32, u32)>,
    /// The packet or the context.
    pub(super) input: Vec<u8>,
    /// What the map has at first; nothing for a program without maps.
    pub(super) value: Vec<u8>,
    pub(super) said: Said,
}

/// The most bytes that all runs have together.
const MOST: usize = 64 << 20;

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u32);
        self.0.extend(bytes);
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn row(&mut self) -> Option<Recorded> {
        let program_type = ProgramType(self.number()?);
        let insns = self.bytes()?.chunks_exact(8);
        let insns = insns.map(|bytes| {
            let bytes = bytes.try_into().expect("eight bytes");
            Insn::from_bytes(bytes, Endian::Little)
        });
        let insns = insns.collect();
        let references = (0..self.number()?)
            .map(|_| Some((self.number()?, self.number()?)))
            .collect::<Option<_>>()?;
        let [input, value] = [self.bytes()?, self.bytes()?].map(<[u8]>::to_vec);
        let (failed, first, second) = (self.number()?, self.number()?, self.number()?);
        let result = match failed {
            0 => Ok((first, second)),
            _ => Err(Errno(first as i32)),
        };
        let [packet, context, after, queue] =
            [self.bytes()?, self.bytes()?, self.bytes()?, self.bytes()?].map(<[u8]>::to_vec);
        Some(Recorded {
            program_type,
            insns,
            references,
            input,
            value,
            said: Said {
                result,
                packet,
                context,
                value: after,
                queue,
            },
        })
    }
}

/// The runs of a file.
pub(super) fn decode(file: &[u8]) -> Vec<Recorded> {
    let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(file, MOST);
    let bytes = bytes.expect("a compressed file; EBPF_BLESS=1 writes it");
    let mut reader = Reader(&bytes);
    let mut all = Vec::new();
    while !reader.0.is_empty() {
        all.push(reader.row().expect("a whole row; EBPF_BLESS=1 writes it"));
    }
    all
}

/// The file of runs.
pub(super) fn encode(all: &[Recorded]) -> Vec<u8> {
    let mut writer = Writer(Vec::new());
    for recorded in all {
        writer.number(recorded.program_type.0);
        let insns = recorded.insns.iter();
        let insns: Vec<u8> = insns
            .flat_map(|insn| insn.to_bytes(Endian::Little))
            .collect();
        writer.bytes(&insns);
        writer.number(recorded.references.len() as u32);
        for (at, map) in &recorded.references {
            writer.number(*at);
            writer.number(*map);
        }
        writer.bytes(&recorded.input);
        writer.bytes(&recorded.value);
        let (failed, first, second) = match recorded.said.result {
            Ok((verdict, length)) => (0, verdict, length),
            Err(errno) => (1, errno.0 as u32, 0),
        };
        for number in [failed, first, second] {
            writer.number(number);
        }
        let said = &recorded.said;
        for bytes in [&said.packet, &said.context, &said.value, &said.queue] {
            writer.bytes(bytes);
        }
    }
    miniz_oxide::deflate::compress_to_vec(&writer.0, 9)
}

#[test]
fn what_is_written_is_read() {
    let mut recorded = Recorded {
        program_type: ProgramType::XDP,
        insns: vec![Insn::exit()],
        references: vec![(7, 1)],
        input: vec![1, 2, 3],
        value: Vec::new(),
        said: Said {
            result: Ok((2, 3)),
            packet: vec![4],
            context: vec![5, 6],
            value: vec![],
            queue: vec![9; 40],
        },
    };
    let first = recorded.clone();
    recorded.said.result = Err(Errno::EINVAL);
    let all = [first, recorded];
    assert_eq!(decode(&encode(&all)), all);
}
