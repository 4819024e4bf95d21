//! Exact decimal numbers, as other catalogs state them. A conversion between units does not round them to binary fractions.

use modeldex_table::{Decimal, Rate, Remainder};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::fmt;

/// A decimal number that a source states, with all its digits.
///
/// ```
/// use modeldex_formats::ExactDecimal;
/// // US dollars per token, US cents per token and US dollars per million tokens are one price.
/// let per_token: ExactDecimal = "2.5e-06".parse().unwrap();
/// let cents: ExactDecimal = "0.00025".parse().unwrap();
/// assert_eq!(per_token.shifted(6).rate().unwrap().to_string(), "2.5");
/// assert_eq!(cents.shifted(4).rate(), per_token.shifted(6).rate());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExactDecimal(Decimal);

/// Error of parsing or converting an [`ExactDecimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExactDecimalError {
    /// The text is not a decimal number, or has more than 38 digits.
    NotDecimal,
    /// The number is negative.
    Negative,
    /// The number is too large: a rate of a billion or more, or a count that does not fit into 32 bits.
    OutOfRange,
    /// The number is not an integer.
    NotInteger,
}

impl std::str::FromStr for ExactDecimal {
    type Err = ExactDecimalError;

    fn from_str(text: &str) -> Result<Self, ExactDecimalError> {
        Decimal::parse(text).filter(|number| !number.is_truncated()).map(Self).ok_or(ExactDecimalError::NotDecimal)
    }
}

impl ExactDecimal {
    /// Multiplies the number by ten to the power of `places`.
    #[must_use]
    pub const fn shifted(self, places: i32) -> Self {
        Self(self.0.shifted(places))
    }

    /// Returns whether the number is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Converts the number to a rate, rounded to six decimals. No source states a price with more than six decimals: longer numbers come from binary
    /// fractions (`0.19999999999999998`) or from currency conversions.
    ///
    /// # Errors
    /// Fails if the number is negative, or a billion or more.
    pub fn rate(self) -> Result<Rate, ExactDecimalError> {
        self.scaled(6).and_then(|micros| {
            let micros = u64::try_from(micros).map_err(|_| ExactDecimalError::OutOfRange)?;
            if micros < Rate::UPPER_BOUND { Ok(Rate::from_micros(micros)) } else { Err(ExactDecimalError::OutOfRange) }
        })
    }

    /// Converts the number to a count, such as a number of tokens. Zero is a valid count; the caller decides whether zero means unknown.
    ///
    /// # Errors
    /// Fails if the number is negative, is not an integer, or does not fit into 32 bits.
    pub fn count(self) -> Result<u32, ExactDecimalError> {
        let thousandths = self.scaled(3)?;
        if thousandths % 1_000 != 0 {
            return Err(ExactDecimalError::NotInteger);
        }
        u32::try_from(thousandths / 1_000).map_err(|_| ExactDecimalError::OutOfRange)
    }

    /// Returns the number times 10^`decimals`, rounded to the nearest integer.
    fn scaled(self, decimals: u32) -> Result<u128, ExactDecimalError> {
        if self.0.is_negative() && !self.0.is_zero() {
            return Err(ExactDecimalError::Negative);
        }
        let (whole, rest) = self.0.scaled(decimals).ok_or(ExactDecimalError::OutOfRange)?;
        Ok(whole + u128::from(rest == Remainder::HalfOrMore))
    }
}

impl<'de> Deserialize<'de> for ExactDecimal {
    /// Parses a JSON number, or a JSON string that contains a number. Deserializers other than that of `serde_json` fail, because they lose digits.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        raw.get().trim_matches('"').parse().map_err(|error| de::Error::custom(format_args!("`{value}`: {error}", value = raw.get())))
    }
}

impl fmt::Display for ExactDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDecimal => "the value is not a decimal number",
            Self::Negative => "the number is negative",
            Self::OutOfRange => "the number is too large",
            Self::NotInteger => "the number is not an integer",
        })
    }
}

impl std::error::Error for ExactDecimalError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str, places: i32) -> Result<String, ExactDecimalError> {
        text.parse::<ExactDecimal>()?.shifted(places).rate().map(|rate| rate.to_string())
    }

    #[test]
    fn unit_conversions_are_exact() {
        for (text, places, expected) in [
            ("0.0000025", 6, "2.5"),
            ("2.5E-6", 6, "2.5"),
            ("0.000125", 4, "1.25"),
            ("1e-7", 6, "0.1"),
            ("3", 0, "3"),
            ("0.19999999999999998", 0, "0.2"),
            ("1.5000000000000002e-07", 6, "0.15"),
            ("0.0000005", 0, "0.000001"),
            ("0.00000049", 0, "0"),
            ("0e-400", 6, "0"),
        ] {
            assert_eq!(rate(text, places).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn invalid_rates() {
        for (text, why) in [
            ("-1", ExactDecimalError::Negative),
            ("-0.000001", ExactDecimalError::Negative),
            ("1e9", ExactDecimalError::OutOfRange),
            ("1e400", ExactDecimalError::OutOfRange),
            ("", ExactDecimalError::NotDecimal),
            (".", ExactDecimalError::NotDecimal),
            ("1,5", ExactDecimalError::NotDecimal),
            ("NaN", ExactDecimalError::NotDecimal),
            ("999999999999999999999999999999999999999999", ExactDecimalError::NotDecimal),
        ] {
            assert_eq!(rate(text, 0), Err(why), "{text}");
        }
    }

    #[test]
    fn counts_are_integers() {
        let count = |text: &str| text.parse::<ExactDecimal>().unwrap().count();
        assert_eq!(count("128000"), Ok(128_000));
        assert_eq!(count("1e6"), Ok(1_000_000));
        assert_eq!(count("8192.0"), Ok(8_192));
        assert_eq!(count("0.5"), Err(ExactDecimalError::NotInteger));
        assert_eq!(count("5000000000"), Err(ExactDecimalError::OutOfRange));
        assert_eq!(count("-1"), Err(ExactDecimalError::Negative));
    }

    #[test]
    fn deserializes_json_numbers_and_strings() {
        let read = |text: &str| serde_json::from_str::<ExactDecimal>(text).map(|exact| exact.rate().unwrap().to_string());
        assert_eq!(read("0.1").unwrap(), "0.1");
        assert_eq!(read("\"0.1\"").unwrap(), "0.1");
        assert!(read("null").is_err() && read("[1]").is_err() && read("\"a\"").is_err());
    }
}
