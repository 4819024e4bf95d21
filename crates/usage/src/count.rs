//! Counts in usage objects. A count field is deserialized as any JSON value and checked afterwards, so that the error about an invalid count names
//! the field.

use crate::UsageError;
use modeldex_table::{Decimal, Remainder};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// The value of a count field. An invalid value is kept with its error, because only the caller knows the field name for the error message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CountValue {
    /// The object does not have the field.
    #[default]
    Missing,
    /// The field is null, which counts as 0.
    Null,
    /// The field is a valid count.
    Count(u64),
    /// The field is not a valid count, for this reason.
    Invalid(CountError),
}

/// The reason why the value of a count field is not a valid count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountError {
    /// The number is negative.
    Negative,
    /// The number is not an integer.
    Fraction,
    /// The number exceeds [`MAX_COUNT`].
    TooLarge,
    /// The value is not a number.
    NotANumber,
    /// An entry of a list has no count, although entries of this kind are counted.
    Missing,
}

/// The maximum valid count, 10<sup>15</sup>. No request reaches this count, and sums of such counts do not overflow a `u64`.
pub const MAX_COUNT: u64 = 1_000_000_000_000_000;

impl CountValue {
    /// Returns the count. Returns `None` if the field is missing or null. `field` is the name of the field, for the error.
    pub(crate) fn value(self, field: &str) -> Result<Option<u64>, UsageError> {
        match self {
            Self::Missing | Self::Null => Ok(None),
            Self::Count(count) => Ok(Some(count)),
            Self::Invalid(error) => Err(UsageError::InvalidCount(field.to_owned(), error)),
        }
    }

    /// Returns whether the object has the field. The value may be null.
    pub(crate) fn is_present(self) -> bool {
        self != Self::Missing
    }

    /// Adds the count of a further list entry to this sum.
    pub(crate) fn add(&mut self, other: Self) {
        *self = match (*self, other) {
            (Self::Invalid(error), _) | (_, Self::Invalid(error)) => Self::Invalid(error),
            (Self::Count(count), Self::Count(more)) => Self::of(count.saturating_add(more)),
            (Self::Count(count), _) | (_, Self::Count(count)) => Self::Count(count),
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            (Self::Missing, Self::Missing) => Self::Missing,
        };
    }

    pub(crate) fn of(count: u64) -> Self {
        if count > MAX_COUNT { Self::Invalid(CountError::TooLarge) } else { Self::Count(count) }
    }

    /// Parses a JSON value digit by digit. Parsed as a float, `0.9999999999999999999` would be 1.
    fn read(json: &str) -> Self {
        match json.as_bytes() {
            b"null" => Self::Null,
            // Counts have at most 16 digits, which always fit into 64 bits.
            digits if digits.len() <= 16 && digits.iter().all(u8::is_ascii_digit) => {
                Self::of(digits.iter().fold(0, |count, digit| count * 10 + u64::from(digit - b'0')))
            }
            [b'-' | b'0'..=b'9', ..] => Self::number(json),
            _ => Self::Invalid(CountError::NotANumber),
        }
    }

    /// Parses a JSON number of any form. Numbers such as `1e3` and `10.0` are integers too.
    #[cold]
    fn number(json: &str) -> Self {
        let Some(number) = Decimal::parse(json) else { return Self::Invalid(CountError::NotANumber) };
        match number.scaled(0) {
            _ if number.is_zero() => Self::Count(0),
            _ if number.is_negative() => Self::Invalid(CountError::Negative),
            // A number of more than 16 digits is too large, with or without a fraction.
            Some((whole, _)) if whole >= 10_u128.pow(16) => Self::Invalid(CountError::TooLarge),
            Some((_, Remainder::BelowHalf | Remainder::HalfOrMore)) => Self::Invalid(CountError::Fraction),
            Some((whole, Remainder::Zero)) => u64::try_from(whole).map_or(Self::Invalid(CountError::TooLarge), Self::of),
            None => Self::Invalid(CountError::TooLarge),
        }
    }
}

impl<'de> Deserialize<'de> for CountValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|json| Self::read(json.get()))
    }
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "the number is negative",
            Self::Fraction => "the number is not an integer",
            Self::TooLarge => "the number is greater than 1000000000000000",
            Self::NotANumber => "the value is not a number",
            Self::Missing => "the count is missing",
        })
    }
}
