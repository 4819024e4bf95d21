//! Random mutations of inputs, for machines without libFuzzer. The same seed gives the same mutations.

/// A generator of random numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Creates a generator.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub const fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    /// Returns a number below `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next_number() % (bound.max(1) as u64)).unwrap_or_default()
    }
}

/// Pieces of text that are significant in the formats of the targets.
const PIECES: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b": ",
    b"- ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"{}",
    b"[]",
    b",",
    b"\"",
    b"'",
    b"`",
    b"#",
    b"\\",
    b"/",
    b"|\n",
    b">-\n",
    b"&a ",
    b"*a",
    b"!!str ",
    b"? ",
    b"---\n",
    b"...\n",
    b"<<: ",
    b"${A_KEY}",
    b"@",
    b"://",
    b"https://",
    b"data: ",
    b"\n\n",
    b"event: error\n",
    b"[DONE]",
    b"null",
    b"true",
    b"false",
    b"0",
    b"-1",
    b"1e999",
    b"0.1",
    b"18446744073709551615",
    b"18446744073709551616",
    b"4294967296",
    b"340282366920938463463374607431768211457",
    b"2026-02-30",
    b"2026-11-30",
    b"9999-12-31T23:59Z",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\x00",
    b"\xe2\x80\xae",
    b"\xd0\xb0",
    b"%00",
    b"%2F",
    b"..",
    b"\\u0000",
    b"\\ud800",
    b"@KEY@",
    b"sk-0123456789abcdefghij",
];

/// Returns a mutation of one of the inputs, of at most `max` bytes.
pub fn mutate(random: &mut Random, corpus: &[Vec<u8>], max: usize) -> Vec<u8> {
    let mut input = corpus.get(random.below(corpus.len())).cloned().unwrap_or_default();
    // Most mutations are small, so that the input stays valid in all other places.
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let longest = [1, 4, 16, 64][random.below(4)];
        let length = 1 + random.below(longest);
        let end = (at + length).min(input.len());
        match random.below(8) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.next_number() as u8,
            2 => drop(input.drain(at..end)),
            3 => input.truncate(at.max(1)),
            4 => {
                let copy = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                input.splice(to..to, copy);
            }
            5 => {
                // A part of another input.
                let other = corpus.get(random.below(corpus.len())).map_or(&[][..], Vec::as_slice);
                let from = random.below(other.len() + 1);
                let part = &other[from..(from + length * 4).min(other.len())];
                input.splice(at..end.min(at + part.len()), part.iter().copied());
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                let end = if random.below(2) == 0 { at } else { end };
                input.splice(at..end, piece.iter().copied());
            }
        }
    }
    input.truncate(max);
    input
}
