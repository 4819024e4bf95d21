//! Secrets in texts, found by how they look and by what stands before them: the one notion of a secret that reports, logs, errors and
//! generated files share. Callers differ only in where they look.
//!
//! | what | [`find`], [`mask_certain`] | [`mask`] | [`mask_around`] |
//! |---|---|---|---|
//! | a key of a known issuer or form, a private key, a password in a URL | yes | yes | yes |
//! | what stands before the `@` of a URL, the values of its query | | yes | yes |
//! | what is assigned to the name of a secret, the password of a login option, the token of `Bearer` | | yes | yes |
//! | a word of 16 letters and digits or more without order | | unless it reads as `CamelCase` | yes |
//! | what follows the name of a secret after a space, an arrow or a bracket | | | yes |
//!
//! All work on raw text, so that a secret in a comment, in a key or in a text that is not even what it should be is found as well.

mod lists;
#[cfg(test)]
mod tests;

use lists::{LOGINS, NAMES, PREFIXES};
use std::ops::Range;

/// What a text holds, in order and apart.
#[derive(Debug, Default)]
pub struct Secrets {
    certain: Vec<Range<usize>>,
    possible: Vec<Range<usize>>,
}

/// The stretches of `text` that are secrets without doubt, in order and apart.
#[must_use]
pub fn find(text: &str) -> Vec<Range<usize>> {
    Secrets::scan(text).certain
}

/// `text` with every secret replaced by as many `*` as it has bytes, so that positions stay; line ends stay too.
#[must_use]
pub fn mask(text: &str) -> String {
    Secrets::scan(text).mask(text)
}

/// `text` with `*` for what [`find`] finds: for prose and logs, where what only may be a secret is more likely the id of a request.
#[must_use]
pub fn mask_certain(text: &str) -> String {
    stars(text, &find(text))
}

/// `text` masked as by [`mask`], and on the lines of `kept` whatever else may be a secret, but for `kept` itself, which is what a report is
/// about: beside it stands whatever people write into scripts and settings.
#[must_use]
pub fn mask_around(text: &str, kept: &[Range<usize>]) -> String {
    let Secrets { mut certain, possible } = Scan::of(text, Some(kept));
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = start..start + line.len();
        // Only lines that are shown need a look.
        if touches(kept, &span) {
            let found = followed(line).into_iter().map(|found| span.start + found.start..span.start + found.end);
            certain.extend(found.filter(|found| !touches(kept, found)));
        }
        start = span.end;
    }
    certain.extend(possible);
    stars(text, &apart(certain))
}

/// Whether a word where no secret belongs, such as the name of a setting, may be one. Names and ids are shorter, and of words that people
/// can pronounce.
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
    /// Looks through `text`, once for [`Secrets::certain`] and [`Secrets::mask`].
    #[must_use]
    pub fn scan(text: &str) -> Self {
        Scan::of(text, None)
    }

    /// What is a secret without doubt.
    #[must_use]
    pub fn certain(&self) -> &[Range<usize>] {
        &self.certain
    }

    /// The text that was looked through, as by [`mask`].
    #[must_use]
    pub fn mask(self, text: &str) -> String {
        let Self { mut certain, possible } = self;
        certain.extend(possible);
        stars(text, &apart(certain))
    }
}

/// One pass over a text: words of key characters, and the signs between them that give the next stretch away.
struct Scan<'t> {
    text: &'t str,
    found: Secrets,
    /// What is not hidden although it may be a secret; with it, names in `CamelCase` are hidden as well.
    kept: Option<&'t [Range<usize>]>,
}

impl<'t> Scan<'t> {
    fn of(text: &'t str, kept: Option<&'t [Range<usize>]>) -> Secrets {
        let mut scan = Self { text, found: Secrets::default(), kept };
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
                // Shorter words are never secrets; this spares the look at nearly every word.
                if at - start >= SHORTEST {
                    scan.word(start..at);
                }
            }
            match bytes.get(at) {
                Some(b':') if text[at..].starts_with("://") => scan.url(at + 3),
                Some(b'=') => scan.assigned(&last, at),
                Some(b':') if matches!(bytes.get(at + 1), Some(b' ' | b'"' | b'\'')) => scan.assigned(&last, at),
                Some(b' ') if matches!(bytes[start..at].last(), Some(b'u' | b'r' | b'N')) => scan.opened(start..at),
                _ => {}
            }
            at += 1;
        }
        let Secrets { certain, possible } = scan.found;
        Secrets { certain: apart(certain), possible }
    }

    fn word(&mut self, word: Range<usize>) {
        let text = &self.text[word.clone()];
        if text.len() >= 20 && looks_secret(text) {
            self.found.certain.push(word);
            return;
        }
        let mut start = word.start;
        for part in text.split(['-', '_', '.']) {
            if is_opaque(part) && (self.kept.is_some() || !is_camel_case(part)) {
                self.possible(start..start + part.len());
            }
            start += part.len() + 1;
        }
    }

    /// What stands before the last `@` of a URL, and the values of its query. The first may be a token without a user's name, so it is
    /// hidden; it is only sure to be a password where it has a colon and no path, since paths may have an `@` as well.
    fn url(&mut self, start: usize) {
        let rest = &self.text[start..];
        let url = &rest[..rest.find(|letter: char| letter == '"' || letter.is_whitespace()).unwrap_or(rest.len())];
        if let Some(sign) = url.rfind('@').filter(|sign| *sign > 0) {
            let login = &url[..sign];
            let is_sure = login.contains(':') && !login.contains(['/', '?', '#']);
            let found = if is_sure { &mut self.found.certain } else { &mut self.found.possible };
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

    /// What stands behind a sign of assignment where `name` is that of a secret: to the end of the value or of the line, or the word that
    /// touches `=`. No key of a catalog has such a name, so this hides nothing that a report needs.
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

    /// What a word opens that ends before a space: the password of `-u NAME:PASSWORD`, the token of `Bearer TOKEN`, or a private key.
    fn opened(&mut self, word: Range<usize>) {
        let (start, opening) = (word.end + 1, &self.text[word]);
        if LOGINS.iter().any(|option| opening.ends_with(option)) {
            if let Some(word) = word_at(self.text, start)
                && let Some(colon) = self.text[word.clone()].find(':')
            {
                self.possible(word.start + colon + 1..word.end);
            }
        } else if opening.eq_ignore_ascii_case("bearer") {
            // In prose a word follows.
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
        if !self.kept.is_some_and(|kept| touches(kept, &found)) {
            self.found.possible.push(found);
        }
    }
}

/// Whether a name is one that secrets are given: `OPENAI_API_KEY`, `dbPassword`, `token_2`. `xiaomi-token-plan` is a provider.
fn names_secret(name: &str) -> bool {
    let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '_' | '-')).as_bytes();
    NAMES.iter().any(|part| name.len() >= part.len() && name[name.len() - part.len()..].eq_ignore_ascii_case(part.as_bytes()))
}

/// What follows a name with a secret's in it, whatever stands between the two.
fn followed(line: &str) -> Vec<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in NAMES.iter() {
        for (at, _) in lower.match_indices(name) {
            let rest = &line[at + name.len()..];
            // Counts of tokens are no secret.
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

/// The word that begins at a place.
fn word_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | ',' | ';' | '&' | ')' | ']' | '}' | '|');
    let length = rest.find(is_end).unwrap_or(rest.len());
    (length > 0).then_some(start..start + length)
}

/// Whether a word is a value, and no reference to one, no name of a variable and no other word of a language.
fn is_value(word: &str) -> bool {
    let is_name =
        word.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')) && !word.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = word.starts_with(['$', '{', '<', '%']) || word.contains('(');
    word.len() >= 4 && !is_name && !is_code
}

/// No word of letters and digits that is shorter is taken for a secret by its looks.
const SHORTEST: usize = 16;

/// A word of many letters and digits without any order, as keys are.
fn is_opaque(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    word.len() >= SHORTEST && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Whether most of a word is runs of three small letters or more, as in `MoonshotKimiK2Model`. Of words of 20 letters and digits drawn at
/// random 1.1 % are so, of 32 0.3 %.
fn is_camel_case(word: &str) -> bool {
    let runs = word.split(|letter: char| !letter.is_ascii_lowercase());
    runs.map(str::len).filter(|run| *run >= 3).sum::<usize>() * 2 > word.len()
}

const fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether a byte is one that keys are written with, looked up: it is asked of every byte of a catalog.
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
    let halves = word.split_once('.').is_some_and(|(id, secret)| {
        // An id in hexadecimal and a secret, as Zhipu issues them.
        id.len() == 32
            && id.bytes().all(|byte| byte.is_ascii_hexdigit())
            && secret.len() == 16
            && secret.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let by_prefix =
        PREFIXES.iter().any(|(prefix, more)| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= *more && has_digit(rest)));
    let jwt = word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() >= 40;
    halves || by_prefix || jwt || word.split(['-', '_', '.']).any(is_random)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A long run of letters and digits in which both cases and digits alternate: no name is written so. A hash in hexadecimal has one case.
fn is_random(run: &str) -> bool {
    let class = |byte: u8| if byte.is_ascii_digit() { 0 } else { 1 + u8::from(byte.is_ascii_uppercase()) };
    let changes = || run.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    run.len() >= 32 && is_opaque(run) && changes() * 3 >= run.len()
}

fn touches(kept: &[Range<usize>], found: &Range<usize>) -> bool {
    kept.iter().any(|kept| kept.start < found.end && found.start < kept.end)
}

/// Sorted stretches with those that overlap made one.
fn apart(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
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

/// `text` with `*` for each byte of `found`, but for line ends.
fn stars(text: &str, found: &[Range<usize>]) -> String {
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
