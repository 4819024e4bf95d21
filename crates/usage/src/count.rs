//! Counts in JSON, where any value may be in their place.

use crate::UsageError;
use modeldex_table::{Decimal, Rest};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// A count, read without judging it: the caller knows the name of the field, and reports it when the value is not a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Count {
    /// The field is not there.
    #[default]
    Missing,
    /// It is null, which counts as 0.
    Null,
    /// It is a count.
    Is(u64),
    /// It is something else.
    Not(CountError),
}

/// Why a value is no count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountError {
    /// It is below zero.
    Negative,
    /// It is not a whole number.
    Fraction,
    /// It is more than any request has.
    Absurd,
    /// It is not a number.
    Kind,
    /// It is not there, beside what would need it.
    Missing,
}

/// A thousand million million: no request has more of anything, and so many sums of them fit.
pub const MOST: u64 = 1_000_000_000_000_000;

impl Count {
    /// The count, if it is there and not null.
    pub(crate) fn said(self, field: &str) -> Result<Option<u64>, UsageError> {
        match self {
            Self::Missing | Self::Null => Ok(None),
            Self::Is(count) => Ok(Some(count)),
            Self::Not(why) => Err(UsageError::Count(field.to_owned(), why)),
        }
    }

    /// Whether the field is there, if only as null.
    pub(crate) fn is_there(self) -> bool {
        self != Self::Missing
    }

    /// Adds the count of another entry of the same list.
    pub(crate) fn add(&mut self, other: Self) {
        *self = match (*self, other) {
            (Self::Not(why), _) | (_, Self::Not(why)) => Self::Not(why),
            (Self::Is(count), Self::Is(more)) => Self::of(count.saturating_add(more)),
            (Self::Is(count), _) | (_, Self::Is(count)) => Self::Is(count),
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            (Self::Missing, Self::Missing) => Self::Missing,
        };
    }

    pub(crate) fn of(count: u64) -> Self {
        if count > MOST { Self::Not(CountError::Absurd) } else { Self::Is(count) }
    }

    /// Judges a value by its own digits: as a float, `0.9999999999999999999` would be 1.
    fn read(json: &str) -> Self {
        match json.as_bytes() {
            b"null" => Self::Null,
            // No count has more digits, and these always fit.
            digits if digits.len() <= 16 && digits.iter().all(u8::is_ascii_digit) => {
                Self::of(digits.iter().fold(0, |count, digit| count * 10 + u64::from(digit - b'0')))
            }
            [b'-' | b'0'..=b'9', ..] => Self::number(json),
            _ => Self::Not(CountError::Kind),
        }
    }

    /// Reads any number that JSON has: `1e3` and `10.0` are whole.
    #[cold]
    fn number(json: &str) -> Self {
        let Some(number) = Decimal::parse(json) else { return Self::Not(CountError::Kind) };
        match number.scaled(0) {
            _ if number.is_zero() => Self::Is(0),
            _ if number.is_negative() => Self::Not(CountError::Negative),
            // Whether a number is whole matters only where it is no longer than any count.
            Some((whole, _)) if whole >= 10_u128.pow(16) => Self::Not(CountError::Absurd),
            Some((_, Rest::Less | Rest::Half)) => Self::Not(CountError::Fraction),
            Some((whole, Rest::Nothing)) => u64::try_from(whole).map_or(Self::Not(CountError::Absurd), Self::of),
            None => Self::Not(CountError::Absurd),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|json| Self::read(json.get()))
    }
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "it is negative",
            Self::Fraction => "it is not a whole number",
            Self::Absurd => "it is more than any request has",
            Self::Kind => "it is not a number",
            Self::Missing => "it is not there",
        })
    }
}
