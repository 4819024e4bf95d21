//! The index: an open-addressing hash table laid out when the catalog is compiled.
//!
//! A slot is one 32-bit number: eight bits of the key's hash and, below them, the entry plus one (0 is an empty slot). The eight
//! bits spare nearly every look at a row that is not the one. Half of the slots or more stay empty, so that a miss ends
//! at once. A minimal perfect hash was tried on paper and left: it saves two bytes a model and costs a second dependent
//! memory access on every lookup, a construction that can fail, and a page of code.
//!
//! The same `const fn` serves programs at run time and `model!` at compile time.

use zerocopy::little_endian::U32;

/// The most entries that an index can hold.
pub const MAX_ENTRIES: usize = (1 << 24) - 2;

/// How many slots an index over `entries` keys has.
#[must_use]
pub const fn slots_for(entries: usize) -> usize {
    (entries * 2).next_power_of_two()
}

/// The hash of a key: `owner` is the provider's place in its table, or any constant for keys without one.
#[must_use]
pub const fn hash(owner: u16, key: &[u8]) -> u64 {
    // Odd constants with well mixed bits (the golden ratio and the fraction of pi); `fold` is a 64 by 64 bit product whose
    // halves are combined, the strongest mixing step that one multiplication buys.
    const START: u64 = 0x9e37_79b9_7f4a_7c15;
    const STEP: u64 = 0x2437_54a9_2438_d1b5 | 1;
    let mut state = fold(START ^ owner as u64, STEP ^ key.len() as u64);
    let mut rest = key;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        state = fold(state ^ u64::from_le_bytes(*word), STEP);
        rest = tail;
    }
    if let Some(word) = key.last_chunk::<8>() {
        // The last eight bytes overlap what was read; that is cheaper than reading the tail byte by byte.
        return fold(state ^ u64::from_le_bytes(*word), START);
    }
    let mut word = 0;
    let mut i = 0;
    while i < rest.len() {
        word = word << 8 | rest[i] as u64;
        i += 1;
    }
    fold(state ^ word, START)
}

const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// The slot for entry `entry` of a key with this hash.
#[must_use]
pub const fn slot(hash: u64, entry: u32) -> u32 {
    tag(hash) | (entry + 1)
}

const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & 0xff00_0000
}

/// Where the search for a hash begins among `slots`, a power of two.
#[must_use]
pub const fn home(hash: u64, slots: usize) -> usize {
    hash as usize & (slots - 1)
}

/// Walks the entries that may have a key with this hash.
pub(crate) struct Probe<'a> {
    slots: &'a [U32],
    at: usize,
    left: usize,
    tag: u32,
}

impl<'a> Probe<'a> {
    pub(crate) const fn new(slots: &'a [U32], hash: u64) -> Self {
        let usable = if slots.len().is_power_of_two() { slots.len() } else { 0 };
        let at = if usable == 0 { 0 } else { home(hash, usable) };
        Self { slots, at, left: usable, tag: tag(hash) }
    }

    /// The next candidate entry; `None` when the key is not there. At most as many steps as there are slots, whatever they hold.
    pub(crate) const fn next(&mut self) -> Option<usize> {
        while self.left > 0 {
            let slot = self.slots[self.at].get();
            if slot == 0 {
                self.left = 0;
                return None;
            }
            self.at = (self.at + 1) & (self.slots.len() - 1);
            self.left -= 1;
            if slot & 0xff00_0000 == self.tag && slot & 0x00ff_ffff != 0 {
                return Some((slot & 0x00ff_ffff) as usize - 1);
            }
        }
        None
    }
}

/// Whether two byte strings are equal; `==` on slices is not callable in a `const fn`.
pub(crate) const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (mut x, mut y) = (a, b);
    while let (Some((word, x_rest)), Some((other, y_rest))) = (x.split_first_chunk::<8>(), y.split_first_chunk::<8>()) {
        if u64::from_le_bytes(*word) != u64::from_le_bytes(*other) {
            return false;
        }
        x = x_rest;
        y = y_rest;
    }
    if let (Some(word), Some(other)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        return u64::from_le_bytes(*word) == u64::from_le_bytes(*other);
    }
    let mut i = 0;
    while i < x.len() {
        if x[i] != y[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_is_equality_at_every_length() {
        let bytes: [u8; 40] = core::array::from_fn(|i| i as u8);
        for len in 0..40 {
            assert!(same(&bytes[..len], &bytes[..len]));
            for changed in 0..len {
                let mut other = bytes;
                other[changed] ^= 1;
                assert!(!same(&bytes[..len], &other[..len]), "{len} {changed}");
            }
        }
    }

    #[test]
    fn hash_depends_on_every_byte_and_on_the_owner() {
        let bytes: [u8; 40] = core::array::from_fn(|i| i as u8);
        for len in 0..40 {
            assert_ne!(hash(0, &bytes[..len]), hash(1, &bytes[..len]));
            for changed in 0..len {
                let mut other = bytes;
                other[changed] ^= 1;
                assert_ne!(hash(0, &bytes[..len]), hash(0, &other[..len]));
            }
        }
    }

    #[test]
    fn a_probe_ends_on_any_slots() {
        let full = [U32::new(0xffff_ffff); 8];
        let mut probe = Probe::new(&full, u64::MAX);
        assert_eq!(core::iter::from_fn(|| probe.next()).count(), 8);
        assert_eq!(Probe::new(&full[..7], 1).next(), None);
        assert_eq!(Probe::new(&[], 1).next(), None);
    }
}
