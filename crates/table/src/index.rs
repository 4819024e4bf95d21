//! The hash index: a hash table with open addressing, which is built when the catalog is compiled.
//!
//! A key is a whole model reference, `provider/model`, or a provider id. A reference is hashed in one pass, without splitting it at the slash. A slot
//! stores the number of the entry plus one in 24 bits (0 marks an empty slot), and a tag of eight bits of the hash. It also stores the two parts of
//! the key: the index of the provider, and the location of the model id in the string pool. Therefore a successful lookup compares the key without
//! reading the row of a model or an alias. Half of the slots are empty, so that an unsuccessful lookup ends early. With only a quarter of the slots
//! empty, a successful lookup took 20 % longer and an unsuccessful one 50 % longer.
//!
//! `docs/decisions/0003-one-index.md` describes the rejected alternatives.
//!
//! The functions are `const`, so that the macro `model!` of the crate `modeldex` can call them at compile time.

use crate::rows::SlotRow;

/// The maximum number of entries of a hash index.
pub const MAX_ENTRIES: usize = (1 << 24) - 2;

/// Returns the number of slots of a hash index with `entries` entries.
#[must_use]
pub const fn slots_for(entries: usize) -> usize {
    entries * 2 + 1
}

// Odd constants with well distributed bits, from the golden ratio and the fractional part of pi.
const START: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0x2437_54a9_2438_d1b5 | 1;

/// Returns the hash of `key`. The keys of a hash index are model references or provider ids.
///
/// The hash depends on the bytes of the key and on the length of the key. The bytes are hashed in blocks of 16, and the last block is padded with
/// zeros.
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
        // Load the last 16 bytes and shift out those already hashed; cheaper than loading byte by byte.
        let block = match key.last_chunk::<16>() {
            Some(block) => u128::from_le_bytes(*block) >> ((16 - rest.len()) * 8),
            None => short(rest),
        };
        state = mix(state, block);
    }
    finish(state, key.len())
}

/// Returns the hash of the model reference that consists of `provider`, a slash and `id`. The result equals that of [`hash`] for the whole reference.
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

/// Multiplies to 128 bits and combines both halves of the product by XOR: the strongest mixing step for one multiplication.
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Converts fewer than 16 bytes to a block.
const fn short(bytes: &[u8]) -> u128 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let high = u64::from_le_bytes(*last) as u128;
        // With exactly eight bytes both loads are the same, and the shift drops the second.
        return u64::from_le_bytes(*first) as u128 | high >> ((16 - bytes.len()) * 8) << 64;
    }
    let (mut block, mut at) = (0, 0);
    while at < bytes.len() {
        block |= (bytes[at] as u128) << (at * 8);
        at += 1;
    }
    block
}

/// Returns the value of `SlotRow::tagged` for a slot. `hash` is the hash of the slot's key, and `entry` is the number of the entry to which the slot
/// refers. The high byte of the result consists of eight bits of the hash. The low 24 bits are the number of the entry plus one.
#[must_use]
pub const fn tagged(hash: u64, entry: u32) -> u32 {
    tag(hash) | (entry + 1)
}

const fn tag(hash: u64) -> u32 {
    (hash as u32) << 24
}

/// Returns the index of the slot at which the search for a key starts. `hash` is the hash of the key, and `slots` is the number of slots of the hash
/// index.
///
/// The result depends on the high bits of the hash. The tag of a slot consists of the low bits, and is therefore independent of the result.
#[must_use]
pub const fn initial_slot(hash: u64, slots: usize) -> usize {
    ((hash as u128 * slots as u128) >> 64) as usize
}

/// Iterates over the slots that can contain a key with a given hash (linear probing).
pub(crate) struct SlotProbe<'a> {
    slots: &'a [SlotRow],
    at: usize,
    left: usize,
    tag: u32,
}

impl<'a> SlotProbe<'a> {
    #[inline]
    pub(crate) const fn new(slots: &'a [SlotRow], hash: u64) -> Self {
        Self { slots, at: initial_slot(hash, slots.len()), left: slots.len(), tag: tag(hash) }
    }

    /// Returns the next slot whose tag matches the hash, with the number of its entry. Returns `None` if there is no further such slot. Stops after
    /// one pass over all slots, so that the search ends even in a corrupt table.
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

/// Returns whether two byte strings are equal. In a `const fn`, `==` is not available for slices.
#[inline]
pub(crate) const fn bytes_equal(a: &[u8], b: &[u8]) -> bool {
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
    fn bytes_equal_at_every_length() {
        let bytes: [u8; 40] = core::array::from_fn(|i| i as u8);
        for len in 0..40 {
            assert!(bytes_equal(&bytes[..len], &bytes[..len]));
            for changed in 0..len {
                let mut other = bytes;
                other[changed] ^= 1;
                assert!(!bytes_equal(&bytes[..len], &other[..len]), "{len} {changed}");
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
    fn hash_halves_equals_hash_of_the_reference() {
        let bytes = *b"provider-with-a-long-name/and-a-model-with-a-longer-name:free";
        for start in 0..25 {
            for end in 26..bytes.len() {
                assert_eq!(hash_halves(&bytes[start..25], &bytes[26..end]), hash(&bytes[start..end]));
            }
        }
    }

    #[test]
    fn probe_ends_on_full_and_empty_slots() {
        use zerocopy::FromZeros;
        let mut slot = SlotRow::new_zeroed();
        slot.tagged = 0xffff_ffff.into();
        let full = [slot; 8];
        let mut probe = SlotProbe::new(&full, u64::MAX);
        assert_eq!(core::iter::from_fn(|| probe.next()).count(), 8);
        assert!(SlotProbe::new(&[], 1).next().is_none());
    }
}
