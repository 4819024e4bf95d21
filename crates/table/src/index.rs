//! The index: an open-addressing hash table laid out when the catalog is compiled.
//!
//! A key is a whole reference, `provider/model`, hashed in one pass; nothing is split on the way to a hit. A slot holds the entry plus one
//! (0 is an empty slot), eight bits of the hash above it, and where the key's two halves stand, so that a hit touches the slot and the
//! texts and no row. Half of the slots stay empty, so that a miss ends at once; with a quarter a
//! hit took a fifth longer and a miss half as long again.
//!
//! What was tried instead is in `docs/decisions/0003-one-index.md`.
//!
//! The same `const fn` serves programs at run time and `model!` at compile time.

use crate::rows::SlotRow;

/// The most entries that an index can hold.
pub const MAX_ENTRIES: usize = (1 << 24) - 2;

/// How many slots an index over `entries` keys has.
#[must_use]
pub const fn slots_for(entries: usize) -> usize {
    entries * 2 + 1
}

// Odd constants with well mixed bits: the golden ratio and the fraction of pi.
const START: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0x2437_54a9_2438_d1b5 | 1;

/// The hash of a key: blocks of sixteen bytes, the last filled up with zeros, and the length.
#[must_use]
#[inline]
pub const fn hash(key: &[u8]) -> u64 {
    let mut state = START;
    let mut rest = key;
    while let Some((block, tail)) = rest.split_first_chunk::<16>() {
        state = mix(state, u128::from_le_bytes(*block));
        rest = tail;
    }
    if !rest.is_empty() {
        // The last sixteen bytes overlap what was read and are shifted to what was not; that is cheaper than reading byte by byte.
        let block = match key.last_chunk::<16>() {
            Some(block) => u128::from_le_bytes(*block) >> ((16 - rest.len()) * 8),
            None => short(rest),
        };
        state = mix(state, block);
    }
    finish(state, key.len())
}

/// The hash of `provider/id`, from its two halves.
#[must_use]
pub const fn hash_halves(provider: &[u8], id: &[u8]) -> u64 {
    let len = provider.len() + 1 + id.len();
    let (mut state, mut block, mut at) = (START, 0_u128, 0);
    while at < len {
        let byte = if at < provider.len() {
            provider[at]
        } else if at == provider.len() {
            b'/'
        } else {
            id[at - provider.len() - 1]
        };
        block |= (byte as u128) << (at % 16 * 8);
        at += 1;
        if at % 16 == 0 || at == len {
            state = mix(state, block);
            block = 0;
        }
    }
    finish(state, len)
}

const fn mix(state: u64, block: u128) -> u64 {
    fold(block as u64 ^ STEP, (block >> 64) as u64 ^ state)
}

const fn finish(state: u64, len: usize) -> u64 {
    fold(state ^ len as u64, STEP)
}

/// A 64 by 64 bit product whose halves are combined: the strongest mixing step that one multiplication buys.
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Fewer than sixteen bytes as a block.
const fn short(bytes: &[u8]) -> u128 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let high = u64::from_le_bytes(*last) as u128;
        // With eight bytes the two are the same, and the shift takes the second away.
        return u64::from_le_bytes(*first) as u128 | high >> ((16 - bytes.len()) * 8) << 64;
    }
    let (mut block, mut at) = (0, 0);
    while at < bytes.len() {
        block |= (bytes[at] as u128) << (at * 8);
        at += 1;
    }
    block
}

/// The first field of the slot for entry `entry` of a key with this hash.
#[must_use]
pub const fn tagged(hash: u64, entry: u32) -> u32 {
    tag(hash) | (entry + 1)
}

const fn tag(hash: u64) -> u32 {
    (hash as u32) << 24
}

/// Where the search for a hash begins among `slots`: its high bits, scaled. The tag is its low bits, so that the two are independent.
#[must_use]
pub const fn home(hash: u64, slots: usize) -> usize {
    ((hash as u128 * slots as u128) >> 64) as usize
}

/// Walks the slots that may have a key with this hash.
pub(crate) struct Probe<'a> {
    slots: &'a [SlotRow],
    at: usize,
    left: usize,
    tag: u32,
}

impl<'a> Probe<'a> {
    #[inline]
    pub(crate) const fn new(slots: &'a [SlotRow], hash: u64) -> Self {
        Self { slots, at: home(hash, slots.len()), left: slots.len(), tag: tag(hash) }
    }

    /// The next candidate and its entry; `None` when the key is not there. At most as many steps as there are slots, whatever they hold.
    #[inline]
    pub(crate) const fn next(&mut self) -> Option<(usize, &'a SlotRow)> {
        while self.left > 0 {
            let slot = &self.slots[self.at];
            let tagged = slot.tagged.get();
            if tagged == 0 {
                self.left = 0;
                return None;
            }
            self.at = if self.at + 1 == self.slots.len() { 0 } else { self.at + 1 };
            self.left -= 1;
            if tagged & 0xff00_0000 == self.tag && tagged & 0x00ff_ffff != 0 {
                return Some(((tagged & 0x00ff_ffff) as usize - 1, slot));
            }
        }
        None
    }
}

/// Whether two byte strings are equal; `==` on slices is not callable in a `const fn`.
#[inline]
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
    fn hash_depends_on_every_byte_and_on_the_length() {
        let bytes: [u8; 60] = core::array::from_fn(|i| i as u8);
        for len in 0..60 {
            for changed in 0..len {
                let mut other = bytes;
                other[changed] ^= 1;
                assert_ne!(hash(&bytes[..len]), hash(&other[..len]));
            }
            let mut zero = [0; 60];
            zero[..len].copy_from_slice(&bytes[..len]);
            assert!(len == 59 || hash(&zero[..len]) != hash(&zero[..len + 1]));
        }
    }

    #[test]
    fn halves_hash_as_the_whole() {
        let bytes = *b"provider-with-a-long-name/and-a-model-with-a-longer-name:free";
        for start in 0..25 {
            for end in 26..bytes.len() {
                assert_eq!(hash_halves(&bytes[start..25], &bytes[26..end]), hash(&bytes[start..end]));
            }
        }
    }

    #[test]
    fn a_probe_ends_on_any_slots() {
        use zerocopy::FromZeros;
        let mut slot = SlotRow::new_zeroed();
        slot.tagged = 0xffff_ffff.into();
        let full = [slot; 8];
        let mut probe = Probe::new(&full, u64::MAX);
        assert_eq!(core::iter::from_fn(|| probe.next()).count(), 8);
        assert!(Probe::new(&[], 1).next().is_none());
    }
}
