//! Search for known secrets in text, in the encodings in which servers repeat them.
//!
//! Before the search, three kinds of encodings in a text are decoded: percent-encoding, the escapes of JSON and JavaScript, and the character
//! references of HTML and XML. They are decoded even if only some characters are encoded, or if encodings are nested. The search ignores white space,
//! control characters, characters that are not ASCII, and case. Therefore one pattern finds all these spellings. Hexadecimal and base64 change the bytes of a
//! secret; for these encodings, the set contains additional patterns.
//!
//! Rejected: the crate `aho-corasick`. The crate does not zero its memory, and does not return the longest suffix that may begin a match, which a
//! stream needs.

use super::MASK;
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::zeroize::{Zeroize, Zeroizing};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Set of secrets that are masked in texts. A clone shares the memory of the set, which is zeroed with the last clone.
#[derive(Clone, Default)]
pub(crate) struct KnownSecrets {
    /// Decoded spellings of all secrets, sorted and without duplicates.
    patterns: Arc<[Zeroizing<Vec<u8>>]>,
    /// Whether a pattern begins with each byte. Most characters of a text begin no pattern.
    is_first: Arc<Zeroizing<FirstBytes>>,
}

/// For each byte, whether a pattern begins with it.
struct FirstBytes([bool; 256]);

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

/// Text with its decoded bytes.
struct DecodedText<'t> {
    /// The encoded text.
    text: &'t str,
    units: Vec<Unit>,
    /// Offset of an incomplete encoded character at the end of the text, which is not decoded; the length of the text if nothing is incomplete.
    end: usize,
}

/// End of a text that is the beginning of a secret.
struct Cut {
    /// Byte range in the encoded text.
    range: Range<usize>,
    /// Length of the beginning in decoded bytes.
    length: usize,
    /// Length of the shortest pattern that begins with it.
    pattern_length: usize,
}

/// Stands for an ignored character while a text is decoded: white space, a control character, or a character that is not ASCII. Some characters that
/// are not ASCII are invisible, and no secret contains one.
const IGNORED: u8 = b' ';
/// Stands for a long run of ignored characters. No secret contains this byte.
const LONG_RUN: u8 = 0xff;
/// Minimum length in bytes of a secret that is masked. A shorter value is a placeholder, such as `ollama`, and occurs in unrelated texts.
const MIN_SECRET_BYTES: usize = 8;
/// Below this length in bytes, a value that consists of lower-case letters and hyphens is a placeholder too, such as `lm-studio`.
const MIN_WORD_BYTES: usize = 12;
/// Minimum length of a pattern.
const MIN_PATTERN_BYTES: usize = 8;
/// Minimum length in bytes of a secret that is masked in the log, and of its patterns. A shorter value would be masked in most lines.
const MIN_LOGGED_BYTES: usize = 4;
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
    (b"&shy;", b' '),
    (b"&zwj;", b' '),
    (b"&zwnj;", b' '),
    (b"&ensp;", b' '),
    (b"&emsp;", b' '),
    (b"&thinsp;", b' '),
];

impl KnownSecrets {
    /// Creates the set of the secrets `values`, without those that are placeholders.
    pub(crate) fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let values = values.into_iter().filter(|value| !is_placeholder(value));
        Self::of_patterns(values.flat_map(|value| patterns(value, MIN_PATTERN_BYTES)))
    }

    /// Creates the set of one secret for the log. In the log, a placeholder of at least [`MIN_LOGGED_BYTES`] is masked too, because a person may use
    /// a short password as a key, and no program depends on the words of the log.
    pub(crate) fn for_log(value: &str) -> Self {
        Self::of_patterns(patterns(value, MIN_LOGGED_BYTES))
    }

    fn of_patterns(patterns: impl IntoIterator<Item = Zeroizing<Vec<u8>>>) -> Self {
        let mut patterns: Vec<_> = patterns.into_iter().collect();
        patterns.sort_by(|one, other| one.as_slice().cmp(other));
        patterns.dedup();
        let mut is_first = Zeroizing::new(FirstBytes::default());
        patterns.iter().for_each(|pattern| is_first.0[usize::from(pattern[0])] = true);
        Self { patterns: patterns.into(), is_first: is_first.into() }
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
        let mut masked = stream.push(text);
        masked.push_str(&stream.finish());
        masked
    }

    /// Returns the patterns that begin with `first`.
    fn beginning_with(&self, first: u8) -> &[Zeroizing<Vec<u8>>] {
        if !self.is_first.0[usize::from(first)] {
            return &[];
        }
        let start = self.patterns.partition_point(|pattern| pattern[0] < first);
        let length = self.patterns[start..].partition_point(|pattern| pattern[0] == first);
        &self.patterns[start..start + length]
    }

    /// Returns the byte ranges of the secrets in a decoded text, sorted and merged.
    fn find(&self, text: &DecodedText<'_>) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for at in 0..=text.units.len() {
            let before = text.bytes_before(at);
            if before == 0 && text.units.get(at).is_none_or(|unit| !self.is_first.0[usize::from(unit.byte)]) {
                continue;
            }
            for taken in 0..=before {
                let matches = self.beginning_at(text, at, taken).filter(|pattern| text.starts_with(at, taken, pattern));
                let Some(length) = matches.map(|pattern| pattern.len()).max() else { continue };
                let range = text.start_of(at) - taken..text.end_of(at + length - taken);
                match found.last_mut() {
                    Some(last) if range.start < last.end => {
                        last.start = last.start.min(range.start);
                        last.end = last.end.max(range.end);
                    }
                    _ => found.push(range),
                }
            }
        }
        found
    }

    /// Returns the longest end of a decoded text that is the beginning of a pattern.
    fn find_cut(&self, text: &DecodedText<'_>) -> Option<Cut> {
        let longest = self.patterns.iter().map(|pattern| pattern.len()).max()?;
        let count = text.units.len();
        (count.saturating_sub(longest - 1)..=count).find_map(|at| {
            (0..=text.bytes_before(at)).rev().find_map(|taken| {
                let length = count - at + taken;
                let begun = |pattern: &&[u8]| length > 0 && pattern.len() > length && text.starts_with(at, taken, &pattern[..length]);
                let pattern_length = self.beginning_at(text, at, taken).filter(begun).map(<[u8]>::len).min()?;
                Some(Cut { range: text.start_of(at) - taken..text.end_of(count), length, pattern_length })
            })
        })
    }

    /// Returns the patterns whose first byte is the one at the unit `at` of a text, or `taken` bytes before it.
    fn beginning_at(&self, text: &DecodedText<'_>, at: usize, taken: usize) -> impl Iterator<Item = &[u8]> {
        let first = match taken {
            0 => text.units.get(at).map(|unit| unit.byte),
            _ => Some(text.text.as_bytes()[text.start_of(at) - taken].to_ascii_lowercase()),
        };
        first.map_or(&[][..], |first| self.beginning_with(first)).iter().map(|pattern| pattern.as_slice())
    }
}

impl DecodedText<'_> {
    /// Returns the start of the unit `at` in the encoded text, in bytes; the end of the decoded part if there is no such unit.
    fn start_of(&self, at: usize) -> usize {
        self.units.get(at).map_or(self.end, |unit| unit.start as usize)
    }

    /// Returns the end of the unit before `at` in the encoded text, in bytes; the end of the decoded part if `at` is 0.
    fn end_of(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|last| self.units.get(last)).map_or(self.end, |unit| unit.end as usize)
    }

    /// Returns the number of bytes before the unit `at` that an encoded character contains. A secret may begin there: in `\next`, the escape `\n`
    /// takes the first letter of the secret `next`.
    fn bytes_before(&self, at: usize) -> usize {
        let end = self.start_of(at);
        let start = match at.checked_sub(1).and_then(|last| self.units.get(last)) {
            None => 0,
            // Ignored characters, which may be encoded, have no unit.
            Some(unit) if (unit.end as usize) < end => unit.end as usize,
            Some(unit) => end.min(unit.start as usize + 1),
        };
        (end - start).min(MAX_ESCAPE_BYTES - 1)
    }

    /// Returns whether `pattern` is the text from the unit `at`, with the `taken` bytes before it.
    fn starts_with(&self, at: usize, taken: usize, pattern: &[u8]) -> bool {
        let (first, rest) = pattern.split_at(taken.min(pattern.len()));
        let start = self.start_of(at);
        let units = &self.units[at..];
        self.text.as_bytes()[start - taken..start].eq_ignore_ascii_case(first)
            && units.len() >= rest.len()
            && units.iter().zip(rest).all(|(unit, byte)| unit.byte == *byte)
    }
}

impl Default for FirstBytes {
    fn default() -> Self {
        Self([false; 256])
    }
}

impl Zeroize for FirstBytes {
    fn zeroize(&mut self) {
        self.0.zeroize();
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
        if piece.len() <= PIECE_BYTES || self.known.is_empty() {
            return self.take(piece, false);
        }
        let mut shown = String::with_capacity(piece.len());
        let mut rest = piece;
        while !rest.is_empty() {
            let end = (1..=PIECE_BYTES.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let (part, more) = rest.split_at(end);
            shown.push_str(&self.take(part, false));
            rest = more;
        }
        shown
    }

    /// Ends the text. Returns the rest.
    pub(crate) fn finish(&mut self) -> String {
        self.take("", true)
    }

    fn take(&mut self, piece: &str, is_end: bool) -> String {
        if self.known.is_empty() || piece.is_empty() && self.held.is_empty() {
            return piece.to_owned();
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let decoded = decode(&text, is_end);
        let found = self.known.find(&decoded);
        let cut = self.known.find_cut(&decoded);
        let mut hold = decoded.end;
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        let mask = |range: Range<usize>, from: &mut usize, shown: &mut String| {
            shown.push_str(&text[*from..range.start]);
            shown.push_str(MASK);
            *from = range.end;
        };
        for range in found {
            // A longer secret may begin here.
            if !is_end && cut.as_ref().is_some_and(|cut| cut.range.start <= range.start) {
                break;
            }
            mask(range, &mut from, &mut shown);
        }
        if let Some(cut) = cut {
            if !is_end {
                hold = hold.min(cut.range.start);
            } else if cut.range.start >= from && cut.length >= MIN_CUT_BYTES && cut.length * 2 >= cut.pattern_length {
                mask(cut.range, &mut from, &mut shown);
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
/// part of the encoded text, as in `Bearer KEY` and `user:KEY`. The result is empty if the secret has fewer than `min_bytes` bytes, and does not
/// contain patterns with fewer bytes.
fn patterns(secret: &str, min_bytes: usize) -> Vec<Zeroizing<Vec<u8>>> {
    if secret.len() < min_bytes {
        return Vec::new();
    }
    let hex = |separator: &str| {
        let digits: Vec<_> = secret.bytes().map(|byte| Zeroizing::new(format!("{byte:02x}"))).collect();
        Zeroizing::new(digits.iter().map(|digits| digits.as_str()).collect::<Vec<_>>().join(separator))
    };
    let mut spellings = vec![Zeroizing::new(secret.to_owned()), hex(""), hex(":")];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        spellings.extend((0..3).map(|offset| base64_part(secret, offset, &engine)));
    }
    let pattern = |spelling: &Zeroizing<String>| decode(spelling, true).units.iter().map(|unit| unit.byte).collect::<Vec<_>>();
    spellings.iter().map(pattern).map(Zeroizing::new).filter(|pattern| pattern.len() >= min_bytes).collect()
}

/// Returns the part of the base64 text that depends only on `secret`, if `offset` other bytes precede it.
fn base64_part(secret: &str, offset: usize, engine: &GeneralPurpose) -> Zeroizing<String> {
    let bytes = Zeroizing::new([&[0; 2][..offset], secret.as_bytes()].concat());
    let text = Zeroizing::new(engine.encode(&*bytes));
    // Each digit has six bits.
    Zeroizing::new(text[(offset * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned())
}

/// Decodes a text. If `is_end` is false, an incomplete encoded character at its end is not decoded.
fn decode(text: &str, is_end: bool) -> DecodedText<'_> {
    let mut units = Vec::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter.is_ascii_graphic() {
            units.push(Unit { byte: letter.to_ascii_lowercase() as u8, start: at as u32, end: at as u32 + 1 });
            continue;
        }
        units.push(Unit { byte: IGNORED, start: at as u32, end: (at + letter.len_utf8()) as u32 });
    }
    // In a text in UTF-16 that is read as UTF-8, ignored characters stand within encoded characters.
    remove_ignored(&mut units);
    let mut partial_start = text.len();
    for _ in 0..MAX_NESTING {
        if !units.iter().any(|unit| is_escape_start(unit.byte)) {
            break;
        }
        let (mut decoded, mut at) = (Vec::with_capacity(units.len()), 0);
        while at < units.len() {
            let is_start = is_escape_start(units[at].byte);
            if is_start && !is_end && is_partial_escape(&units[at..]) {
                partial_start = partial_start.min(units[at].start as usize);
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
    remove_ignored(&mut units);
    DecodedText { text, units, end: partial_start }
}

/// Removes ignored characters. A long run of them becomes one unit, which matches no character of a secret.
fn remove_ignored(units: &mut Vec<Unit>) {
    let mut run = 0;
    units.retain_mut(|unit| {
        run = if unit.byte == IGNORED { run + 1 } else { 0 };
        if run == MAX_IGNORED_RUN + 1 {
            unit.byte = LONG_RUN;
        }
        run == 0 || run == MAX_IGNORED_RUN + 1
    });
}

fn is_escape_start(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&')
}

/// Decodes the encoded character at the start of `units`. Returns its length and the decoded byte. Returns `None` if `units` does not start with an
/// encoded character.
fn decode_escape(units: &[Unit]) -> Option<(usize, u8)> {
    let mut buffer = [0; MAX_ESCAPE_BYTES];
    let length = units.len().min(MAX_ESCAPE_BYTES);
    buffer.iter_mut().zip(units).for_each(|(byte, unit)| *byte = unit.byte);
    let text = &buffer[..length];
    // Length and code point of a number with at least `least` and at most `most` digits after the first `skip` bytes.
    let number = |skip: usize, radix: u32, least: usize, most: usize| {
        let digits = text[skip..].iter().take(most).map_while(|byte| char::from(*byte).to_digit(radix));
        let (count, value) = digits.fold((0, 0), |(count, value), digit| (count + 1, value * radix + digit));
        (count >= least).then_some((skip + count, value))
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
        [b'&', letter, ..] if letter.is_ascii_lowercase() => {
            NAMED_REFERENCES.iter().find(|(name, _)| text.starts_with(name)).map(|(name, byte)| (name.len(), (*byte).into()))?
        }
        _ => return None,
    };
    let letter = char::from_u32(value)?;
    Some((length, if letter.is_ascii_graphic() { letter.to_ascii_lowercase() as u8 } else { IGNORED }))
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
