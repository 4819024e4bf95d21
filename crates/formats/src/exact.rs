//! Decimal numbers as other catalogs write them, moved between units without a binary fraction in between.

use modeldex_table::{Decimal, Rate, Remainder};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::fmt;

/// A decimal number of a source, exactly as it was written.
///
/// ```
/// use modeldex_formats::Exact;
/// // US dollars per token, US cents per token and US dollars per million tokens are one price.
/// let per_token: Exact = "2.5e-06".parse().unwrap();
/// let cents: Exact = "0.00025".parse().unwrap();
/// assert_eq!(per_token.shifted(6).rate().unwrap().to_string(), "2.5");
/// assert_eq!(cents.shifted(4).rate(), per_token.shifted(6).rate());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(Decimal);

/// Why a number is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotExact {
    /// It is not a decimal number, or one of more than 38 digits.
    Shape,
    /// It is below zero.
    Negative,
    /// It is a billion or more.
    Size,
    /// It is not a whole number of tokens.
    Fraction,
}

impl std::str::FromStr for Exact {
    type Err = NotExact;

    fn from_str(text: &str) -> Result<Self, NotExact> {
        Decimal::parse(text).filter(|number| !number.is_truncated()).map(Self).ok_or(NotExact::Shape)
    }
}

impl Exact {
    /// Ten to the power of `places` times the number.
    #[must_use]
    pub const fn shifted(self, places: i32) -> Self {
        Self(self.0.shifted(places))
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The number as a rate. A rate has six decimals; finer digits are those that binary fractions leave behind (`0.19999999999999998`),
    /// or what a conversion between currencies left, and are rounded away.
    ///
    /// # Errors
    /// When it is negative, or a billion or more.
    pub fn rate(self) -> Result<Rate, NotExact> {
        self.scaled(6).and_then(|micros| {
            let micros = u64::try_from(micros).map_err(|_| NotExact::Size)?;
            if micros < Rate::UPPER_BOUND { Ok(Rate::from_micros(micros)) } else { Err(NotExact::Size) }
        })
    }

    /// The number as a count, such as one of tokens. Zero is a count here; what it means is for others to say.
    ///
    /// # Errors
    /// When it is negative, not whole, or does not fit 32 bits.
    pub fn count(self) -> Result<u32, NotExact> {
        let thousandths = self.scaled(3)?;
        if thousandths % 1_000 != 0 {
            return Err(NotExact::Fraction);
        }
        u32::try_from(thousandths / 1_000).map_err(|_| NotExact::Size)
    }

    /// The number times 10^`decimals`, rounded to the nearest whole number.
    fn scaled(self, decimals: u32) -> Result<u128, NotExact> {
        if self.0.is_negative() && !self.0.is_zero() {
            return Err(NotExact::Negative);
        }
        let (whole, rest) = self.0.scaled(decimals).ok_or(NotExact::Size)?;
        Ok(whole + u128::from(rest == Remainder::HalfOrMore))
    }
}

impl<'de> Deserialize<'de> for Exact {
    /// Reads a JSON number, or a string that holds one. Only from JSON text: elsewhere the digits are gone already.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        raw.get().trim_matches('"').parse().map_err(|error| de::Error::custom(format_args!("`{}`: {error}", raw.get())))
    }
}

impl fmt::Display for NotExact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "not a decimal number",
            Self::Negative => "below zero",
            Self::Size => "larger than anything of its kind",
            Self::Fraction => "not a whole number",
        })
    }
}

impl std::error::Error for NotExact {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str, places: i32) -> Result<String, NotExact> {
        text.parse::<Exact>()?.shifted(places).rate().map(|rate| rate.to_string())
    }

    #[test]
    fn units_are_moved_exactly() {
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
    fn what_is_no_rate() {
        for (text, why) in [
            ("-1", NotExact::Negative),
            ("-0.000001", NotExact::Negative),
            ("1e9", NotExact::Size),
            ("1e400", NotExact::Size),
            ("", NotExact::Shape),
            (".", NotExact::Shape),
            ("1,5", NotExact::Shape),
            ("NaN", NotExact::Shape),
            ("999999999999999999999999999999999999999999", NotExact::Shape),
        ] {
            assert_eq!(rate(text, 0), Err(why), "{text}");
        }
    }

    #[test]
    fn counts_are_whole() {
        let count = |text: &str| text.parse::<Exact>().unwrap().count();
        assert_eq!(count("128000"), Ok(128_000));
        assert_eq!(count("1e6"), Ok(1_000_000));
        assert_eq!(count("8192.0"), Ok(8_192));
        assert_eq!(count("0.5"), Err(NotExact::Fraction));
        assert_eq!(count("5000000000"), Err(NotExact::Size));
        assert_eq!(count("-1"), Err(NotExact::Negative));
    }

    #[test]
    fn json_numbers_and_strings() {
        let read = |text: &str| serde_json::from_str::<Exact>(text).map(|exact| exact.rate().unwrap().to_string());
        assert_eq!(read("0.1").unwrap(), "0.1");
        assert_eq!(read("\"0.1\"").unwrap(), "0.1");
        assert!(read("null").is_err() && read("[1]").is_err() && read("\"a\"").is_err());
    }
}
