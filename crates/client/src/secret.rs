//! The type [`Secret`] for keys and tokens, which are never printed, masked in texts, and zeroed on drop.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use modeldex_support::secret::mask_certain;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::fmt;

/// API key or token. The type does not print its value, and zeroes its memory on drop.
///
/// The texts from which secrets are created (values of variables, and the text of the configuration) are zeroed as well. The arguments and the
/// environment of the process, the buffers of the JSON parser, and the copies in the HTTP and TLS libraries are not zeroed.
///
/// ```
/// use modeldex_client::secret::Secret;
///
/// let (key, trimmed) = Secret::parse("sk-0123456789\n").unwrap();
/// assert!(trimmed);
/// assert_eq!(key.expose(), "sk-0123456789");
/// assert_eq!(format!("{key:?}"), "Secret(****)");
/// assert_eq!(key.redact("your key sk-0123456789 is wrong"), "your key **** is wrong");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

/// Reason why a text is not a valid secret. The error messages never contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The value is empty or consists of white space.
    #[error("the value is empty")]
    Empty,
    /// The value contains a control character.
    #[error("the value contains a control character, such as a line break: it was probably cut or pasted incorrectly")]
    ControlCharacter,
    /// The value contains a character that is not ASCII, which HTTP headers do not allow.
    #[error("the value contains a non-ASCII character, but keys are ASCII: it was probably pasted incorrectly")]
    NotAscii,
}

/// Text that replaces a secret in messages and logs.
pub const MASK: &str = "****";

/// Minimum length in bytes of a secret that is masked in texts. Masking a shorter secret would also replace unrelated words.
const MIN_MASKED_BYTES: usize = 12;

impl Secret {
    /// Creates a secret from `value`, without the white space around it. Also returns whether white space was removed.
    ///
    /// # Errors
    /// If the value is empty, or contains a control character or a character that is not ASCII.
    pub fn parse(value: &str) -> Result<(Self, bool), SecretError> {
        let trimmed = value.trim();
        if trimmed.is_empty() {
            return Err(SecretError::Empty);
        }
        if trimmed.chars().any(char::is_control) {
            return Err(SecretError::ControlCharacter);
        }
        if !trimmed.is_ascii() {
            return Err(SecretError::NotAscii);
        }
        Ok((Self(trimmed.into()), trimmed.len() != value.len()))
    }

    /// Returns the value of the secret, to be sent or to be stored in the configuration.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns `text` with every occurrence of the secret replaced by [`MASK`], because servers often repeat a key that they reject. Case is
    /// ignored, and the percent-encoded, JSON-escaped and base64 forms of the secret are masked too.
    ///
    /// Secrets shorter than 12 bytes are not masked: they are placeholders, such as `ollama` for a local server, and occur in unrelated texts.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if self.expose().len() < MIN_MASKED_BYTES {
            return text.to_owned();
        }
        let mut text = text.to_owned();
        for form in self.forms() {
            text = mask_part(&text, &form);
        }
        text
    }

    /// Returns the encoded forms of the secret that are masked in texts. The longest form is first, because one form may contain another.
    fn forms(&self) -> Vec<Zeroizing<String>> {
        let plain = self.expose();
        let json = serde_json::to_string(plain).unwrap_or_default();
        let mut forms = vec![
            plain.to_owned(),
            percent_encode(plain),
            json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned(),
            base64(plain.as_bytes(), &STANDARD_NO_PAD),
            base64(plain.as_bytes(), &URL_SAFE_NO_PAD),
        ];
        forms.retain(|form| form.len() >= MIN_MASKED_BYTES);
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        forms.into_iter().map(Zeroizing::new).collect()
    }
}

/// Returns `text` with `secret`, and everything that looks like a key, masked: responses of servers and proxies may contain other keys.
#[must_use]
pub(crate) fn redact_text(text: &str, secret: Option<&Secret>) -> String {
    mask_certain(&secret.map_or(Cow::Borrowed(text), |secret| secret.redact(text).into()))
}

/// Percent-encodes `text` for a URL. Letters, digits and the characters `-._~` stay as they are.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Masks every occurrence of `part` in `text`, ignoring ASCII case.
fn mask_part(text: &str, part: &str) -> String {
    let (lower, part) = (Zeroizing::new(text.to_ascii_lowercase()), Zeroizing::new(part.to_ascii_lowercase()));
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(part.as_str()) {
        masked.push_str(&text[from..at]);
        masked.push_str(MASK);
        from = at + found.len();
    }
    masked.push_str(&text[from..]);
    masked
}

/// Encodes `bytes` as base64, without the last one or two bytes if the length is not a multiple of three: in a longer text, their digits depend on
/// the bytes that follow.
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
            let scrubbed = key.redact(&format!("before é {form} after"));
            assert!(scrubbed.starts_with("before é ****") && scrubbed.ends_with(" after") && scrubbed.len() < 24, "{form}: {scrubbed}");
        }
        // A placeholder would match everywhere.
        assert_eq!(Secret::parse("t").unwrap().0.redact("http://host"), "http://host");
        assert_eq!(Secret::parse("ollama").unwrap().0.redact("Ollama runs models"), "Ollama runs models");
    }
}
