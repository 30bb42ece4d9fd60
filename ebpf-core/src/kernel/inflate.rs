//! Unpacks `/proc/config.gz`: gzip (RFC 1952) around deflate (RFC 1951).
//!
//! Made for one file of some tens of kilobytes, so it is short rather than fast, and no crate is compiled for it.

/// What a file of gzip with one member holds; `None` if it is malformed or holds more than `most` bytes.
pub(super) fn gunzip(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let (header, mut rest) = packed.split_first_chunk::<10>()?;
    if !header.starts_with(&[0x1f, 0x8b, 8]) {
        return None;
    }
    let flags = header[3];
    if flags & 4 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // A file name and a comment.
    for present in [flags & 8, flags & 16] {
        if present != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    inflate(rest, most)
}

fn inflate(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut bits = Bits {
        bytes: packed,
        held: 0,
        count: 0,
    };
    let mut out = Vec::new();
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out, most)?,
            1 => {
                let mut lengths = [8u8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                block(
                    &mut bits,
                    &mut out,
                    &Code::new(&lengths)?,
                    &Code::new(&[5; 30])?,
                    most,
                )?;
            }
            2 => {
                let (literals, distances) = codes(&mut bits)?;
                block(&mut bits, &mut out, &literals, &distances, most)?;
            }
            _ => return None,
        }
        if last {
            return Some(out);
        }
    }
}

/// The packed bytes, read bit by bit from the least significant one.
struct Bits<'p> {
    bytes: &'p [u8],
    held: u32,
    count: u32,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        while self.count < count {
            let (byte, rest) = self.bytes.split_first()?;
            self.held |= u32::from(*byte) << self.count;
            self.count += 8;
            self.bytes = rest;
        }
        let bits = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.count -= count;
        Some(bits)
    }
}

/// A Huffman code: how many codewords there are of each length, and the symbols in the order of their codewords.
struct Code {
    counts: [u16; 16],
    symbols: Vec<u16>,
}

impl Code {
    /// The code of these lengths, 0 for a symbol without codeword. `None` if there are too many codewords.
    fn new(lengths: &[u8]) -> Option<Code> {
        let mut counts = [0u16; 16];
        for length in lengths.iter().filter(|length| **length > 0) {
            *counts.get_mut(usize::from(*length))? += 1;
        }
        let mut left = 1i32;
        for count in counts.get(1..)? {
            left = left * 2 - i32::from(*count);
            if left < 0 {
                return None;
            }
        }
        let mut symbols: Vec<u16> = (0..lengths.len() as u16)
            .filter(|s| lengths[usize::from(*s)] > 0)
            .collect();
        symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
        Some(Code { counts, symbols })
    }

    fn read(&self, bits: &mut Bits<'_>) -> Option<u16> {
        // The codewords of a length are consecutive numbers; `first` is the first of them, `index` its symbol's place.
        let (mut word, mut first, mut index) = (0u32, 0u32, 0u32);
        for count in self.counts.get(1..)? {
            word |= bits.take(1)?;
            let count = u32::from(*count);
            if word < first + count {
                return self.symbols.get((index + word - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        None
    }
}

/// The two codes at the head of a block.
fn codes(bits: &mut Bits<'_>) -> Option<(Code, Code)> {
    const ORDER: [usize; 19] = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ];
    let literals = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let given = bits.take(4)? as usize + 4;
    let mut lengths = [0u8; 19];
    for place in ORDER.iter().take(given) {
        lengths[*place] = bits.take(3)? as u8;
    }
    let code = Code::new(&lengths)?;
    let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let (length, times) = match code.read(bits)? {
            length @ 0..=15 => (length as u8, 1),
            16 => (*lengths.last()?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            _ => (0, 11 + bits.take(7)?),
        };
        lengths.extend(std::iter::repeat_n(length, times as usize));
    }
    if lengths.len() > literals + distances {
        return None;
    }
    let (literals, distances) = lengths.split_at_checked(literals)?;
    Some((Code::new(literals)?, Code::new(distances)?))
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>, most: usize) -> Option<()> {
    bits.take(bits.count % 8)?;
    let length = bits.take(16)?;
    if bits.take(16)? != length ^ 0xffff || out.len() + length as usize > most {
        return None;
    }
    for _ in 0..length {
        out.push(bits.take(8)? as u8);
    }
    Some(())
}

fn block(
    bits: &mut Bits<'_>,
    out: &mut Vec<u8>,
    literals: &Code,
    distances: &Code,
    most: usize,
) -> Option<()> {
    loop {
        let symbol = literals.read(bits)?;
        let length = match symbol {
            0..256 => {
                out.push(symbol as u8);
                1
            }
            256 => return Some(()),
            // Lengths 3 to 10 have a symbol each, then every four symbols take one bit more.
            257..265 => u32::from(symbol) - 254,
            265..285 => {
                let extra = (u32::from(symbol) - 261) / 4;
                ((4 + (u32::from(symbol) - 265) % 4) << extra) + 3 + bits.take(extra)?
            }
            285 => 258,
            _ => return None,
        };
        if symbol > 256 {
            let distance = match u32::from(distances.read(bits)?) {
                symbol @ 0..4 => symbol + 1,
                symbol @ 4..30 => {
                    let extra = symbol / 2 - 1;
                    ((2 + symbol % 2) << extra) + 1 + bits.take(extra)?
                }
                _ => return None,
            };
            let start = out.len().checked_sub(distance as usize)?;
            for at in start..start + length as usize {
                out.push(*out.get(at)?);
            }
        }
        if out.len() > most {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `gzip -n` makes of it, after its ten bytes of header.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3];

    fn gzip(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut packed = HEADER.to_vec();
        packed[3] = flags;
        packed.extend_from_slice(rest);
        packed
    }

    #[test]
    fn stored_blocks() {
        let packed = gzip(8, b"name\0\x01\x02\0\xfd\xffok");
        assert_eq!(gunzip(&packed, 2).as_deref(), Some(&b"ok"[..]));
        assert_eq!(gunzip(&packed, 1), None, "more than wanted");
        for end in 0..packed.len() {
            assert_eq!(gunzip(&packed[..end], 2), None, "{end} bytes");
        }
    }

    #[test]
    fn fixed_codes_with_repeats() {
        // python3: zlib.compressobj(9, zlib.DEFLATED, -15) of b"CONFIG_BPF=y\n" * 3
        let packed = gzip(
            0,
            &[
                0x73, 0xf6, 0xf7, 0x73, 0xf3, 0x74, 0x8f, 0x77, 0x0a, 0x70, 0xb3, 0xad, 0xe4, 0x72,
                0xc6, 0xc9, 0x01, 0x00,
            ],
        );
        let text = "CONFIG_BPF=y\n".repeat(3);
        assert_eq!(gunzip(&packed, 100).as_deref(), Some(text.as_bytes()));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(gunzip(b"BZh91AY&SY", 100), None);
        let mut state = 1u32;
        for _ in 0..20_000 {
            let noise: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .take(40)
            .collect();
            assert!(gunzip(&gzip(0, &noise), 1000).is_none_or(|out| out.len() <= 1000));
        }
    }
}
