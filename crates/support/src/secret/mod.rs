//! Detection and masking of secrets in text. Reports, logs, errors and generated files use this definition of a secret.
//!
//! A text is certainly a secret if it has the format of a secret. A text is possibly a secret if it looks random, or if its context suggests a
//! secret. The table states which function finds or masks which text:
//!
//! | text | [`find_certain`], [`mask_certain`] | [`mask`] | [`mask_around`] |
//! |---|---|---|---|
//! | key with a known prefix or format, private key, user and password of a URL | yes | yes | yes |
//! | other text before the `@` of a URL, query values of a URL | | yes | yes |
//! | value assigned to the name of a secret, password after `-u NAME:` or `--user NAME:`, token after `Bearer` | | yes | yes |
//! | random-looking word of 16 or more letters and digits | | yes, except `CamelCase` words | yes |
//! | word after the name of a secret and a space, arrow or bracket | | | yes |
//!
//! All functions search the raw text and do not parse it. So they also find secrets in comments, in keys and in malformed files.

mod lists;
#[cfg(test)]
mod tests;

use lists::{LOGINS, NAMES, PREFIXES};
use std::ops::Range;

/// The byte ranges of the secrets in a text.
#[derive(Debug, Default)]
pub struct Secrets {
    certain: Vec<Range<usize>>,
    possible: Vec<Range<usize>>,
}

/// Finds the parts of a text that are certainly secrets, and returns their byte ranges. The ranges are sorted and disjoint.
#[must_use]
pub fn find_certain(text: &str) -> Vec<Range<usize>> {
    Secrets::scan(text).certain
}

/// Replaces each byte of the secrets in a text by `*`, and returns the new text. Text that is only possibly a secret is masked too. Byte offsets and
/// line ends do not change.
#[must_use]
pub fn mask(text: &str) -> String {
    Secrets::scan(text).mask(text)
}

/// Finds the parts of a text that are certainly secrets, replaces each of their bytes by `*`, and returns the new text. This function is for prose
/// and logs. In such texts, most words that are only possibly secrets are request ids.
#[must_use]
pub fn mask_certain(text: &str) -> String {
    mask_ranges(text, &find_certain(text))
}

/// Masks secrets in a text that a report quotes, such as lines of a script or of settings. `visible` has the byte ranges of the words that the report
/// is about. There are three differences from [`mask`]:
///
/// - The words in `visible` are masked only if they are certainly secrets.
/// - On lines with words in `visible`, the word that directly follows the name of a secret is masked too.
/// - Random-looking `CamelCase` words are masked too.
#[must_use]
pub fn mask_around(text: &str, visible: &[Range<usize>]) -> String {
    let visible = &merge_overlapping(visible.to_vec());
    let Secrets { mut certain, possible } = Scan::of(text, Some(visible));
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = start..start + line.len();
        // Only lines with visible words are quoted.
        if overlaps_any(visible, &span) {
            let found = find_after_names(line).into_iter().map(|found| span.start + found.start..span.start + found.end);
            certain.extend(found.filter(|found| !overlaps_any(visible, found)));
        }
        start = span.end;
    }
    certain.extend(possible);
    mask_ranges(text, &merge_overlapping(certain))
}

/// Returns whether a word that is used as a name, such as the name of a setting, may be a secret. Secrets are longer than most names, and have more
/// digits.
#[must_use]
pub fn may_be_secret(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    digits >= 8
        || word.len() > 64
        || word.starts_with("sk-")
        || word.split(['_', '-', '.']).any(|part| part.len() > 24)
        || mask(word) != word
}

impl Secrets {
    /// Finds the parts of a text that are certainly or possibly secrets.
    #[must_use]
    pub fn scan(text: &str) -> Self {
        Scan::of(text, None)
    }

    /// Returns the byte ranges of the parts that are certainly secrets, not only possibly. The ranges are sorted and disjoint.
    #[must_use]
    pub fn certain(&self) -> &[Range<usize>] {
        &self.certain
    }

    /// Returns `text` with the secrets masked: each byte of a secret that the scan found is replaced by `*`. `text` must be the text that was
    /// scanned. To scan and mask a text in one step, use the function [`mask`].
    #[must_use]
    pub fn mask(self, text: &str) -> String {
        let Self { mut certain, possible } = self;
        certain.extend(possible);
        mask_ranges(text, &merge_overlapping(certain))
    }
}

/// The state of a scan. A scan reads a text once, and looks for words of the characters that keys consist of, and for punctuation that precedes
/// secrets.
struct Scan<'t> {
    text: &'t str,
    found: Secrets,
    /// Ranges that are not masked even if they are possible secrets. If this is `Some`, random-looking `CamelCase` words are masked too.
    visible: Option<&'t [Range<usize>]>,
}

impl<'t> Scan<'t> {
    fn of(text: &'t str, visible: Option<&'t [Range<usize>]>) -> Secrets {
        let mut scan = Self { text, found: Secrets::default(), visible };
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut last = 0..0;
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && KEY_BYTES[usize::from(bytes[at])] {
                at += 1;
            }
            if at > start {
                last = start..at;
                // Shorter words are never secrets. This check skips nearly every word.
                if at - start >= MIN_RANDOM_LENGTH {
                    scan.word(start..at);
                }
            }
            match bytes.get(at) {
                Some(b':') if text[at..].starts_with("://") => scan.url(at + 3),
                Some(b'=') => scan.assigned(&last, at),
                Some(b':') if matches!(bytes.get(at + 1), Some(b' ' | b'"' | b'\'')) => scan.assigned(&last, at),
                Some(b' ') if matches!(bytes[start..at].last(), Some(b'u' | b'r' | b'N')) => scan.after_word(start..at),
                _ => {}
            }
            at += 1;
        }
        let Secrets { certain, possible } = scan.found;
        Secrets { certain: merge_overlapping(certain), possible }
    }

    fn word(&mut self, word: Range<usize>) {
        let text = &self.text[word.clone()];
        if text.len() >= 20 && looks_secret(text) {
            self.found.certain.push(word);
            return;
        }
        let mut start = word.start;
        for part in text.split(['-', '_', '.']) {
            if looks_random(part) && (self.visible.is_some() || !is_camel_case(part)) {
                self.possible(start..start + part.len());
            }
            start += part.len() + 1;
        }
    }

    /// Finds two parts of a URL: its query values, and the text before its last `@`. The text before the `@` is a certain secret if it contains a
    /// colon and no path. Otherwise it is a possible secret: it may be a token without a user name, or a path that contains `@`.
    fn url(&mut self, start: usize) {
        let rest = &self.text[start..];
        let url = &rest[..rest.find(|letter: char| letter == '"' || letter.is_whitespace()).unwrap_or(rest.len())];
        if let Some(sign) = url.rfind('@').filter(|sign| *sign > 0) {
            let login = &url[..sign];
            let is_certain = login.contains(':') && !login.contains(['/', '?', '#']);
            let found = if is_certain { &mut self.found.certain } else { &mut self.found.possible };
            found.push(start..start + sign);
        }
        if let Some(mark) = url.find('?') {
            let mut at = start + mark + 1;
            for pair in url[mark + 1..].split('&') {
                if let Some(sign) = pair.find('=') {
                    self.found.possible.push(at + sign + 1..at + pair.len());
                }
                at += pair.len() + 1;
            }
        }
    }

    /// Finds the value that is assigned to the name of a secret: the word directly after `=`, or else the text up to the end of the value or line.
    /// No key of catalog files is the name of a secret, so no value of a catalog is masked for this reason.
    fn assigned(&mut self, name: &Range<usize>, sign: usize) {
        let mut between = self.text.as_bytes()[name.end..sign].iter();
        if !between.all(|byte| matches!(byte, b' ' | b'"' | b'\'')) {
            return;
        }
        if !names_secret(&self.text[name.clone()]) {
            return;
        }
        let value = self.text[sign + 1..].trim_start_matches([' ', '"', '\'']);
        let start = self.text.len() - value.len();
        if start == sign + 1 {
            let word = word_at(self.text, start).filter(|word| is_value(&self.text[word.clone()]));
            word.into_iter().for_each(|word| self.possible(word));
            return;
        }
        self.found.possible.push(start..start + value.find(['\n', '\r', '"', ',', '}']).unwrap_or(value.len()));
    }

    /// Finds the secret that follows a word and a space: the password in `-u NAME:PASSWORD`, the token in `Bearer TOKEN`, or a private key after
    /// `-----BEGIN`.
    fn after_word(&mut self, word: Range<usize>) {
        let (start, opening) = (word.end + 1, &self.text[word]);
        if LOGINS.iter().any(|option| opening.ends_with(option)) {
            if let Some(word) = word_at(self.text, start)
                && let Some(colon) = self.text[word.clone()].find(':')
            {
                self.possible(word.start + colon + 1..word.end);
            }
        } else if opening.eq_ignore_ascii_case("bearer") {
            // In prose, an ordinary word follows.
            let token = word_at(self.text, start).filter(|word| word.len() >= 8 && has_digit(&self.text[word.clone()]));
            token.into_iter().for_each(|word| self.possible(word));
        } else if opening.ends_with("-----BEGIN") {
            let start = start - "-----BEGIN ".len();
            let rest = &self.text[start..];
            if rest.lines().next().is_some_and(|line| line.contains("PRIVATE KEY")) {
                self.found.certain.push(start..rest.find("-----END ").map_or(self.text.len(), |len| start + len));
            }
        }
    }

    fn possible(&mut self, found: Range<usize>) {
        if !self.visible.is_some_and(|visible| overlaps_any(visible, &found)) {
            self.found.possible.push(found);
        }
    }
}

/// Returns whether a name denotes a secret: true for `OPENAI_API_KEY`, `dbPassword` and `token_2`, false for the provider `xiaomi-token-plan`.
fn names_secret(name: &str) -> bool {
    let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '_' | '-')).as_bytes();
    NAMES.iter().any(|part| name.len() >= part.len() && name[name.len() - part.len()..].eq_ignore_ascii_case(part.as_bytes()))
}

/// Finds the word after each name that contains the name of a secret, whatever separates the word from the name.
fn find_after_names(line: &str) -> Vec<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in NAMES.iter() {
        for (at, _) in lower.match_indices(name) {
            let rest = &line[at + name.len()..];
            // Token counts are not secrets.
            if *name == "token" && rest.starts_with(['s', 'S']) {
                continue;
            }
            let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'));
            let value = rest.trim_start_matches(['"', '\'', '`', ')', ']', ' ', '\t', '=', ':', '>', '(', '[', '|']);
            if value.len() < rest.len() {
                found.extend(word_at(line, line.len() - value.len()).filter(|word| is_value(&line[word.clone()])));
            }
        }
    }
    found
}

/// Returns the word that starts at an offset. Returns `None` if there is no word.
fn word_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | ',' | ';' | '&' | ')' | ']' | '}' | '|');
    let length = rest.find(is_end).unwrap_or(rest.len());
    (length > 0).then_some(start..start + length)
}

/// Returns whether a word is a literal value, and not a reference to a variable, the name of a constant or other code.
fn is_value(word: &str) -> bool {
    let is_name =
        word.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')) && !word.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = word.starts_with(['$', '{', '<', '%']) || word.contains('(');
    word.len() >= 4 && !is_name && !is_code
}

/// Minimum length of random-looking words, in bytes.
const MIN_RANDOM_LENGTH: usize = 16;

/// Returns whether a word looks random: it has at least 16 bytes, with upper-case letters, lower-case letters and digits.
fn looks_random(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    word.len() >= MIN_RANDOM_LENGTH && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Returns whether runs of three or more lower-case letters make up most of a word, as in `MoonshotKimiK2Model`. Also true for 1.1 % of random
/// words of 20 letters and digits, and for 0.3 % of random words of 32.
fn is_camel_case(word: &str) -> bool {
    let runs = word.split(|letter: char| !letter.is_ascii_lowercase());
    runs.map(str::len).filter(|run| *run >= 3).sum::<usize>() * 2 > word.len()
}

const fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// For each byte, whether keys may contain it. A lookup table, because a scan checks every byte of a catalog.
static KEY_BYTES: [bool; 256] = {
    let mut is_key = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is_key[byte] = is_key_byte(byte as u8);
        byte += 1;
    }
    is_key
};

fn looks_secret(word: &str) -> bool {
    let id_and_secret = word.split_once('.').is_some_and(|(id, secret)| {
        // Hexadecimal id and secret: the format of Zhipu keys.
        id.len() == 32
            && id.bytes().all(|byte| byte.is_ascii_hexdigit())
            && secret.len() == 16
            && secret.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let by_prefix =
        PREFIXES.iter().any(|(prefix, more)| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= *more && has_digit(rest)));
    let jwt = word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() >= 40;
    id_and_secret || by_prefix || jwt || word.split(['-', '_', '.']).any(alternates)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Returns whether a run of at least 32 bytes often changes between upper case, lower case and digits, as random keys do. Names change less often,
/// and hexadecimal hashes use a single case.
fn alternates(run: &str) -> bool {
    let class = |byte: u8| if byte.is_ascii_digit() { 0 } else { 1 + u8::from(byte.is_ascii_uppercase()) };
    let changes = || run.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    run.len() >= 32 && looks_random(run) && changes() * 3 >= run.len()
}

/// `visible` is sorted and disjoint.
fn overlaps_any(visible: &[Range<usize>], found: &Range<usize>) -> bool {
    let next = visible.partition_point(|visible| visible.end <= found.start);
    visible.get(next).is_some_and(|visible| visible.start < found.end)
}

/// Sorts ranges and merges overlapping ones.
fn merge_overlapping(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    found
}

/// Replaces each byte in the ranges of `found` with `*`, except line ends.
fn mask_ranges(text: &str, found: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for range in found {
        masked.push_str(&text[from..range.start]);
        masked.extend(text[range.clone()].bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte as char } else { '*' }));
        from = range.end;
    }
    masked.push_str(&text[from..]);
    masked
}
