//! Values that must reach the wire and nothing else.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A key or token. It cannot be printed, and its memory is zeroed when it is dropped.
///
/// ```
/// use modeldex_client::secret::Secret;
///
/// let (key, trimmed) = Secret::parse("sk-123\n").unwrap();
/// assert!(trimmed);
/// assert_eq!(key.expose(), "sk-123");
/// assert_eq!(format!("{key:?}"), "Secret(****)");
/// assert_eq!(key.scrub("your key sk-123 is wrong"), "your key **** is wrong");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

/// Why a value cannot be a secret that goes into a header. It never says the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// Nothing is left when the white space around it is taken away.
    Empty,
    /// A control character is in it.
    Control,
    /// It has a character that no header may hold.
    NotAscii,
}

/// What stands in the place of a secret.
pub const MASK: &str = "****";

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

    /// `text` without the secret: servers like to repeat a key that they refuse.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        text.replace(self.expose(), MASK)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({MASK})")
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::Control => "it has a control character inside, such as a line break: it was probably cut or pasted wrongly",
            Self::NotAscii => "it has a character that is not ASCII, which no key has: it was probably pasted wrongly",
        })
    }
}

impl std::error::Error for SecretError {}
