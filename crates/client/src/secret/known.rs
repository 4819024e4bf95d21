//! Search for known secrets in text, in the encodings in which servers repeat them.
//!
//! A text is decoded before the search: percent-encoding, the escapes of JSON and JavaScript, and the character references of HTML and XML, also if
//! only some characters are encoded or if encodings are nested. White space, control characters and invisible characters are ignored, and so is
//! case. So one pattern finds all these spellings. Hexadecimal and base64 change the bytes of a secret, so they have patterns of their own.
//!
//! Rejected: the crate `aho-corasick`. It neither returns the longest suffix that may begin a match, which a stream needs, nor zeroes its memory.

use super::MASK;
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::zeroize::Zeroizing;
use std::fmt;
use std::sync::Arc;

/// Set of secrets that are masked in texts. A clone shares the memory of the set, which is zeroed with the last clone.
#[derive(Clone, Default)]
pub(crate) struct KnownSecrets {
    /// Decoded spellings of all secrets, sorted and without duplicates.
    patterns: Arc<[Zeroizing<Vec<u8>>]>,
}

/// Masks the known secrets in a text that arrives in pieces. Text is returned as soon as it cannot be the beginning of a secret.
#[derive(Default)]
pub(crate) struct MaskStream {
    known: KnownSecrets,
    /// End of the text received so far that may be the beginning of a secret, or of an encoded character.
    held: Zeroizing<String>,
}

/// Character of a decoded text, with its byte range in the encoded text.
#[derive(Clone, Copy, Debug)]
struct Unit {
    byte: u8,
    start: u32,
    end: u32,
}

/// Stands for an ignored character while a text is decoded.
const IGNORED: u8 = b' ';
/// Minimum length in bytes of a secret that is masked. A shorter value is a placeholder, such as `ollama`, and occurs in unrelated texts.
const MIN_SECRET_BYTES: usize = 8;
/// Below this length in bytes, a value that consists of lower-case letters and hyphens is a placeholder too, such as `lm-studio`.
const MIN_WORD_BYTES: usize = 12;
/// Minimum length of a pattern.
const MIN_PATTERN_BYTES: usize = 8;
/// Number of nested encodings that are decoded.
const MAX_NESTING: usize = 4;
/// Maximum length of an encoded character that is decoded.
const MAX_ESCAPE_BYTES: usize = 12;
/// A longer run of ignored characters ends a secret, so that little text is held back.
const MAX_IGNORED_RUN: usize = 16;
/// Size of the pieces in which a long text is searched, in bytes: a decoded text needs twelve times as much memory as the text.
const PIECE_BYTES: usize = 64 * 1024;
/// Minimum length of the beginning of a secret that is masked at the end of a text, if it is at least half of the secret.
const MIN_CUT_BYTES: usize = 12;

/// Character references by name that keys may need; those of letters and digits do not exist.
const NAMED_REFERENCES: &[(&[u8], u8)] = &[
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&quot;", b'"'),
    (b"&apos;", b'\''),
    (b"&nbsp;", b' '),
    (b"&sol;", b'/'),
    (b"&plus;", b'+'),
    (b"&equals;", b'='),
    (b"&colon;", b':'),
    (b"&period;", b'.'),
    (b"&lowbar;", b'_'),
    (b"&newline;", b'\n'),
    (b"&tab;", b'\t'),
];

impl KnownSecrets {
    /// Creates the set of the secrets `values`, without those that are placeholders.
    pub(crate) fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut patterns: Vec<_> = values.into_iter().filter(|value| !is_placeholder(value)).flat_map(patterns).collect();
        patterns.sort_by(|one, other| one.as_slice().cmp(other));
        patterns.dedup();
        Self { patterns: patterns.into() }
    }

    /// Returns whether the set is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Returns `text` with every known secret replaced by [`MASK`].
    pub(crate) fn mask(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        let mut stream = MaskStream::new(self.clone());
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = (1..=PIECE_BYTES.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let (piece, more) = rest.split_at(end);
            masked.push_str(&stream.push(piece));
            rest = more;
        }
        masked.push_str(&stream.finish());
        masked
    }

    /// Returns the patterns that begin with `first`.
    fn beginning_with(&self, first: u8) -> &[Zeroizing<Vec<u8>>] {
        let start = self.patterns.partition_point(|pattern| pattern[0] < first);
        let length = self.patterns[start..].partition_point(|pattern| pattern[0] == first);
        &self.patterns[start..start + length]
    }

    /// Returns the ranges of `units` that are secrets, sorted and merged.
    fn find(&self, units: &[Unit]) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for at in 0..units.len() {
            let matches = self.beginning_with(units[at].byte).iter().filter(|pattern| starts_with(&units[at..], pattern));
            let Some(length) = matches.map(|pattern| pattern.len()).max() else { continue };
            match found.last_mut() {
                Some((_, end)) if at < *end => *end = (*end).max(at + length),
                _ => found.push((at, at + length)),
            }
        }
        found
    }

    /// Returns the start of the longest end of `units` that is the beginning of a pattern, and the length of the shortest such pattern.
    fn find_cut(&self, units: &[Unit]) -> Option<(usize, usize)> {
        let longest = self.patterns.iter().map(|pattern| pattern.len()).max()?;
        (units.len().saturating_sub(longest - 1)..units.len()).find_map(|at| {
            let rest = &units[at..];
            let begun = |pattern: &&Zeroizing<Vec<u8>>| pattern.len() > rest.len() && starts_with(rest, &pattern[..rest.len()]);
            self.beginning_with(rest[0].byte).iter().filter(begun).map(|pattern| (at, pattern.len())).min()
        })
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownSecrets({MASK})")
    }
}

impl fmt::Debug for MaskStream {
    /// Omits the held text, which may be a part of a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaskStream").field("known", &self.known).finish_non_exhaustive()
    }
}

impl MaskStream {
    /// Creates a stream that masks the secrets of `known`.
    pub(crate) fn new(known: KnownSecrets) -> Self {
        Self { known, held: Zeroizing::default() }
    }

    /// Appends the next piece of the text. Returns the text that can be shown, without the end that may be the beginning of a secret.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        self.take(piece, false)
    }

    /// Ends the text. Returns the rest.
    pub(crate) fn finish(&mut self) -> String {
        self.take("", true)
    }

    fn take(&mut self, piece: &str, is_end: bool) -> String {
        if self.known.is_empty() {
            return piece.to_owned();
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let (units, partial) = decode(&text, is_end);
        let found = self.known.find(&units);
        let cut = self.known.find_cut(&units);
        let mut hold = partial;
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        let mask = |start: usize, end: usize, from: &mut usize, shown: &mut String| {
            shown.push_str(&text[*from..start]);
            shown.push_str(MASK);
            *from = end;
        };
        for (start, end) in found {
            // A longer secret may begin here.
            if !is_end && cut.is_some_and(|(cut, _)| cut <= start) {
                break;
            }
            mask(units[start].start as usize, units[end - 1].end as usize, &mut from, &mut shown);
        }
        if let Some((start, length)) = cut.map(|(cut, length)| (&units[cut..], length)) {
            let at = start[0].start as usize;
            if !is_end {
                hold = hold.min(at);
            } else if at >= from && start.len() >= MIN_CUT_BYTES && start.len() * 2 >= length {
                mask(at, start[start.len() - 1].end as usize, &mut from, &mut shown);
            }
        }
        let hold = hold.max(from);
        shown.push_str(&text[from..hold]);
        self.held.push_str(&text[hold..]);
        shown
    }
}

/// Returns whether a value is too short or too simple to be masked.
fn is_placeholder(value: &str) -> bool {
    let is_word = || value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b' '));
    value.len() < MIN_SECRET_BYTES || value.len() < MIN_WORD_BYTES && is_word()
}

/// Returns the patterns of a secret: itself, in hexadecimal, and in base64 at each offset from a multiple of three bytes, because the secret may be a
/// part of the encoded text, as in `Bearer KEY` and `user:KEY`.
fn patterns(secret: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let hex = |separator: &str| {
        let digits: Vec<_> = secret.bytes().map(|byte| Zeroizing::new(format!("{byte:02x}"))).collect();
        Zeroizing::new(digits.iter().map(|digits| digits.as_str()).collect::<Vec<_>>().join(separator))
    };
    let mut spellings = vec![Zeroizing::new(secret.to_owned()), hex(""), hex(":")];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        spellings.extend((0..3).map(|offset| base64_part(secret, offset, &engine)));
    }
    let pattern = |spelling: &Zeroizing<String>| decode(spelling, true).0.iter().map(|unit| unit.byte).collect::<Vec<_>>();
    spellings.iter().map(pattern).map(Zeroizing::new).filter(|pattern| pattern.len() >= MIN_PATTERN_BYTES).collect()
}

/// Returns the part of the base64 text that depends only on `secret`, if `offset` other bytes precede it.
fn base64_part(secret: &str, offset: usize, engine: &GeneralPurpose) -> Zeroizing<String> {
    let bytes = Zeroizing::new([&[0; 2][..offset], secret.as_bytes()].concat());
    let text = Zeroizing::new(engine.encode(&*bytes));
    // Each digit has six bits.
    Zeroizing::new(text[(offset * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned())
}

fn starts_with(units: &[Unit], pattern: &[u8]) -> bool {
    units.len() >= pattern.len() && units.iter().zip(pattern).all(|(unit, byte)| unit.byte == *byte)
}

/// Decodes a text. Also returns the offset of an incomplete encoded character at the end of the text, which is not decoded; the length of the text if
/// there is none or if `is_end` is true.
fn decode(text: &str, is_end: bool) -> (Vec<Unit>, usize) {
    let mut units = Vec::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let (start, end) = (at as u32, (at + letter.len_utf8()) as u32);
        if let Some(byte) = decoded_byte(letter) {
            units.push(Unit { byte, start, end });
        } else {
            units.extend(letter.encode_utf8(&mut [0; 4]).bytes().map(|byte| Unit { byte, start, end }));
        }
    }
    let mut partial = text.len();
    for _ in 0..MAX_NESTING {
        let (mut decoded, mut at) = (Vec::with_capacity(units.len()), 0);
        while at < units.len() {
            let is_start = is_escape_start(units[at].byte);
            if is_start && !is_end && is_partial_escape(&units[at..]) {
                partial = partial.min(units[at].start as usize);
                break;
            }
            let escape = is_start.then(|| decode_escape(&units[at..])).flatten();
            let (length, byte) = escape.unwrap_or((1, units[at].byte));
            decoded.push(Unit { byte, start: units[at].start, end: units[at + length - 1].end });
            at += length;
        }
        let is_unchanged = decoded.len() == units.len();
        units = decoded;
        if is_unchanged {
            break;
        }
    }
    // A long run becomes one unit, which matches no character of a secret.
    let mut run = 0;
    units.retain(|unit| {
        run = if unit.byte == IGNORED { run + 1 } else { 0 };
        run == 0 || run == MAX_IGNORED_RUN + 1
    });
    (units, partial)
}

/// Returns the byte of a decoded text for a character: [`IGNORED`] for white space, control characters and characters without width; `None` for other
/// characters that are not ASCII.
fn decoded_byte(letter: char) -> Option<u8> {
    match letter {
        letter if letter.is_whitespace() || letter.is_control() || modeldex_support::text::is_invisible(letter) => Some(IGNORED),
        letter => letter.is_ascii().then(|| letter.to_ascii_lowercase() as u8),
    }
}

fn is_escape_start(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&')
}

/// Decodes the encoded character at the start of `units`. Returns its length and the decoded byte; `None` if there is none.
fn decode_escape(units: &[Unit]) -> Option<(usize, u8)> {
    let mut buffer = [0; MAX_ESCAPE_BYTES];
    let length = units.len().min(MAX_ESCAPE_BYTES);
    buffer.iter_mut().zip(units).for_each(|(byte, unit)| *byte = unit.byte);
    let text = &buffer[..length];
    // Length and code point of a number with at least `least` and at most `most` digits after the first `skip` bytes.
    let number = |skip: usize, radix: u32, least: usize, most: usize| {
        let digits = text[skip..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value = std::str::from_utf8(&text[skip..skip + digits]).ok().and_then(|text| u32::from_str_radix(text, radix).ok())?;
        Some((skip + digits, value)).filter(|_| digits >= least)
    };
    let closed = |(length, value): (usize, u32), is_required: bool, end: u8| match text.get(length) {
        Some(byte) if *byte == end => Some((length + 1, value)),
        _ if is_required => None,
        _ => Some((length, value)),
    };
    let (length, value) = match text {
        [b'%', b'u', ..] => number(2, 16, 4, 4)?,
        [b'%', ..] => number(1, 16, 2, 2)?,
        [b'\\', b'u', b'{', ..] => closed(number(3, 16, 1, 6)?, true, b'}')?,
        [b'\\', b'u', ..] => number(2, 16, 4, 4)?,
        [b'\\', b'x', ..] => number(2, 16, 2, 2)?,
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f', ..] => return Some((2, IGNORED)),
        [b'\\', byte @ (b'"' | b'\'' | b'\\' | b'/'), ..] => return Some((2, *byte)),
        [b'&', b'#', b'x', ..] => closed(number(3, 16, 1, 8)?, false, b';')?,
        [b'&', b'#', ..] => closed(number(2, 10, 1, 8)?, false, b';')?,
        [b'&', ..] => NAMED_REFERENCES.iter().find(|(name, _)| text.starts_with(name)).map(|(name, byte)| (name.len(), (*byte).into()))?,
        _ => return None,
    };
    Some((length, decoded_byte(char::from_u32(value)?)?))
}

/// Returns whether `rest` is the beginning of an encoded character, or an encoded character that may continue.
fn is_partial_escape(rest: &[Unit]) -> bool {
    let is =
        |start: usize, most: usize, test: fn(u8) -> bool| rest.len() - start <= most && rest[start..].iter().all(|unit| test(unit.byte));
    let hex: fn(u8) -> bool = |byte| byte.is_ascii_hexdigit();
    let byte = |at: usize| rest.get(at).map(|unit| unit.byte);
    match (rest[0].byte, byte(1), byte(2)) {
        (_, None, _) => true,
        (b'\\', Some(b'u'), Some(b'{')) => is(3, 6, hex),
        (b'%' | b'\\', Some(b'u'), _) => is(2, 3, hex),
        (b'\\', Some(b'x'), _) => is(2, 1, hex),
        (b'%', ..) => is(1, 1, hex),
        (b'&', Some(b'#'), Some(b'x')) => is(3, 8, hex),
        (b'&', Some(b'#'), _) => is(2, 8, |byte| byte.is_ascii_digit()),
        (b'&', ..) => is(1, 7, |byte| byte.is_ascii_lowercase()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
