//! Values that must reach the wire and nothing else.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use modeldex_support::secret::mask_certain;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::fmt;

/// A key or token. It cannot be printed, and its memory is zeroed when it is dropped.
///
/// What is zeroed is this value and the copies made on the way to it: what a variable held, the text of the configuration. What is not ours
/// to zero is not: the arguments and environment of the process, what a JSON parser keeps while it reads, and what the HTTP and TLS
/// libraries copy to send it.
///
/// ```
/// use modeldex_client::secret::Secret;
///
/// let (key, trimmed) = Secret::parse("sk-0123456789\n").unwrap();
/// assert!(trimmed);
/// assert_eq!(key.expose(), "sk-0123456789");
/// assert_eq!(format!("{key:?}"), "Secret(****)");
/// assert_eq!(key.scrub("your key sk-0123456789 is wrong"), "your key **** is wrong");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

/// Why a value cannot be a secret that goes into a header. It never says the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nothing is left when the white space around it is taken away.
    #[error("it is empty")]
    Empty,
    /// A control character is in it.
    #[error("it has a control character inside, such as a line break: it was probably cut or pasted wrongly")]
    Control,
    /// It has a character that no header may hold.
    #[error("it has a character that is not ASCII, which no key has: it was probably pasted wrongly")]
    NotAscii,
}

/// What stands in the place of a secret.
pub const MASK: &str = "****";

/// What is shorter than this is found in any text.
const SHORTEST: usize = 12;

impl Secret {
    /// Takes a value, without the white space around it. The second half says whether there was some.
    ///
    /// # Errors
    /// When nothing is left, or when a character could not be sent in a header or would end it.
    pub fn parse(value: &str) -> Result<(Self, bool), SecretError> {
        let trimmed = value.trim();
        if trimmed.is_empty() {
            return Err(SecretError::Empty);
        }
        if trimmed.chars().any(char::is_control) {
            return Err(SecretError::Control);
        }
        if !trimmed.is_ascii() {
            return Err(SecretError::NotAscii);
        }
        Ok((Self(trimmed.into()), trimmed.len() != value.len()))
    }

    /// The value itself, for the wire and for the file that keeps it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// `text` without the secret, whatever the case of its letters, and as addresses, JSON and base64 write it: servers like to repeat a
    /// key that they refuse. What is shorter than twelve characters is no secret, as `ollama` for a server of one's own, and would be found
    /// in any text.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        if self.expose().len() < SHORTEST {
            return text.to_owned();
        }
        let mut text = text.to_owned();
        for form in self.forms() {
            text = without(&text, &form);
        }
        text
    }

    /// The ways in which it may be written, the longest first, since one may hold another.
    fn forms(&self) -> Vec<Zeroizing<String>> {
        let plain = self.expose();
        let json = serde_json::to_string(plain).unwrap_or_default();
        let mut forms = vec![
            plain.to_owned(),
            percent_encoded(plain),
            json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned(),
            base64(plain.as_bytes(), &STANDARD_NO_PAD),
            base64(plain.as_bytes(), &URL_SAFE_NO_PAD),
        ];
        forms.retain(|form| form.len() >= SHORTEST);
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        forms.into_iter().map(Zeroizing::new).collect()
    }
}

/// `text` without the secret that was sent, and without what looks like any other key: servers and proxies repeat those of their own.
#[must_use]
pub(crate) fn scrub(text: &str, secret: Option<&Secret>) -> String {
    mask_certain(&secret.map_or(Cow::Borrowed(text), |secret| secret.scrub(text).into()))
}

/// Text within an address: everything but letters, digits and `-._~` as `%` and two digits.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

/// `text` with each `part` masked, whatever the case of its letters.
fn without(text: &str, part: &str) -> String {
    let (lower, part) = (Zeroizing::new(text.to_ascii_lowercase()), Zeroizing::new(part.to_ascii_lowercase()));
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(part.as_str()) {
        kept.push_str(&text[from..at]);
        kept.push_str(MASK);
        from = at + found.len();
    }
    kept.push_str(&text[from..]);
    kept
}

/// The digits of base64 without the last ones, which depend on the bytes that may follow.
fn base64(bytes: &[u8], engine: &GeneralPurpose) -> String {
    engine.encode(&bytes[..bytes.len() - bytes.len() % 3])
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({MASK})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_masked() {
        let (key, _) = Secret::parse("sk-a/\"b\\c+d=Z9").unwrap();
        for form in [
            "sk-a/\"b\\c+d=Z9",
            "SK-A/\"B\\C+D=z9",
            "sk-a%2F%22b%5Cc%2Bd%3DZ9",
            "sk-a%2f%22b%5cc%2bd%3dz9",
            r#"sk-a/\"b\\c+d=Z9"#,
            "c2stYS8iYlxjK2Q9Wjk",
        ] {
            let scrubbed = key.scrub(&format!("before é {form} after"));
            assert!(scrubbed.starts_with("before é ****") && scrubbed.ends_with(" after") && scrubbed.len() < 24, "{form}: {scrubbed}");
        }
        // A key for show would be found everywhere.
        assert_eq!(Secret::parse("t").unwrap().0.scrub("http://host"), "http://host");
        assert_eq!(Secret::parse("ollama").unwrap().0.scrub("Ollama runs models"), "Ollama runs models");
    }
}
