//! The type [`Secret`] for keys and tokens. A secret is never printed, is masked in texts, and is zeroed on drop.
//!
//! Two rules determine what is masked in texts. The key of a request is masked in everything that the request returns, even if the key is encoded or
//! arrives in pieces. Any other text that is [certainly](modeldex_support::secret::mask_certain) a key is masked everywhere.
//!
//! In the log, a key of a request is masked if it has at least 4 bytes. In all other texts, only [longer keys](Secret::redact) are masked, because
//! these texts are results and errors, in which a placeholder such as `ollama` is also an ordinary word.

mod known;

use known::KnownSecrets;
pub(crate) use known::MaskStream;
use modeldex_support::secret::mask_certain;
use modeldex_support::text::printable;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// API key or token. Its `Debug` output does not contain the value, and its memory is zeroed on drop.
///
/// A secret is created from a text: the value of a variable, or the text of the configuration. modeldex zeroes its copy of this text as well.
/// The originals in the arguments and the environment of the process, the buffers of the JSON parser, and the copies in the HTTP and TLS libraries
/// are not zeroed.
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
pub struct Secret {
    value: SecretString,
    /// Search patterns of the value, computed on first use.
    known: Arc<OnceLock<KnownSecrets>>,
}

/// Reason why a text is not a valid secret. The error messages never contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The value is empty or consists of white space.
    #[error("the value is empty")]
    Empty,
    /// The value contains a control character.
    #[error("the value contains a control character, such as a line break: the value was probably copied or pasted incorrectly")]
    ControlCharacter,
    /// The value contains a character that is not ASCII, which HTTP headers do not allow.
    #[error("the value contains a non-ASCII character, but keys contain only ASCII characters: the value was probably pasted incorrectly")]
    NotAscii,
}

/// Text that replaces a secret in messages and logs.
pub const MASK: &str = "****";

impl Secret {
    /// Creates a secret from `value` without leading and trailing white space. The boolean states whether white space was removed.
    ///
    /// # Errors
    /// Fails if the value is empty, or contains a control character or a character that is not ASCII.
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
        Ok((Self { value: trimmed.into(), known: Arc::default() }, trimmed.len() != value.len()))
    }

    /// Returns the value of the secret, to be sent or to be stored in the configuration.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// Returns `text` with every occurrence of the secret replaced by [`MASK`], because servers often repeat a key that they reject.
    ///
    /// The search ignores case and white space. Encoded secrets are masked too. The supported encodings are hexadecimal, base64, percent-encoding,
    /// escapes of JSON, and character references of HTML and XML. In base64, the secret is found even if it was encoded together with other text, as
    /// in `Bearer KEY`. In percent-encoding, escapes and character references, the secret is found even if only some of its characters are encoded.
    ///
    /// Short secrets are not masked, because they are placeholders, such as `ollama` for a local server, and occur in unrelated texts. A secret is
    /// short if it has fewer than 8 bytes. A secret that consists only of lower-case letters, hyphens and underscores is short if it has fewer than
    /// 12 bytes.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.known().mask(text)
    }

    fn known(&self) -> &KnownSecrets {
        self.known.get_or_init(|| KnownSecrets::new([self.expose()]))
    }
}

/// Masks `secret` and everything that is certainly a key in `text`, and returns the result. Responses of servers and proxies may contain other keys
/// than `secret`.
#[must_use]
pub(crate) fn redact_text(text: &str, secret: Option<&Secret>) -> String {
    secret.map_or_else(|| mask_certain(text), |secret| mask_certain(&secret.redact(text)))
}

/// Returns `text` for a line of the log. Masks `secret`, if it has at least 4 bytes, and everything that is certainly a key. Replaces control
/// characters by spaces. All texts of requests and responses must be logged through this function.
#[must_use]
pub(crate) fn redact_for_log(text: &str, secret: Option<&Secret>) -> String {
    let text = secret.map_or_else(|| text.to_owned(), |secret| KnownSecrets::for_log(secret.expose()).mask(text));
    printable(&mask_certain(&text)).into_owned()
}

/// Returns the stream that masks `secret` in a text that arrives in pieces.
pub(crate) fn mask_stream(secret: Option<&Secret>) -> MaskStream {
    MaskStream::new(secret.map_or_else(KnownSecrets::default, |secret| secret.known().clone()))
}

/// Percent-encodes `text` for a URL. ASCII letters, ASCII digits and the characters `-._~` are not encoded.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
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
    fn the_secret_and_other_keys_are_masked() {
        let (key, _) = Secret::parse("another-S3CR3T-2").unwrap();
        assert_eq!(redact_text("another-S3CR3T-2, %61nother-S3CR3T-2", Some(&key)), "****, ****");
        let mut stream = mask_stream(Some(&key));
        assert_eq!(stream.push("another-S3CR3T") + &stream.push("-2, ") + &stream.push("another.") + &stream.finish(), "****, another.");
    }

    #[test]
    fn short_secrets_are_masked_only_in_the_log() {
        for (key, text, expected) in [
            ("hunter2", "bad key hunter2", "bad key ****"),
            ("hunter2", r#"{"error":"bad key:\nHunter2"}"#, r#"{"error":"bad key:\n****"}"#),
            ("hunter2", "hunter%32, aHVudGVyMg==", "****, ****g=="),
            ("hunter-two", "bad key\nhunter-two.", "bad key ****."),
            ("lama", "ollama", "ol****"),
            ("abc", "abc", "abc"),
            ("sk-S3CR3T-0123456789", "sk-S3CR3T-0123456789", "****"),
        ] {
            let (key, _) = Secret::parse(key).unwrap();
            assert_eq!(redact_for_log(text, Some(&key)), expected, "{text}");
        }
        let (key, _) = Secret::parse("hunter2").unwrap();
        assert_eq!(redact_text("bad key hunter2", Some(&key)), "bad key hunter2");
    }

    #[test]
    fn debug_shows_no_secret() {
        let (key, _) = Secret::parse("sk-0123456789").unwrap();
        assert_eq!(key.redact("sk-0123456789"), MASK);
        assert_eq!(format!("{key:?}"), "Secret(****)");
    }
}
