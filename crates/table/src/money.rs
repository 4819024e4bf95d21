//! Exact money: a rate is an integer, decimals appear only where it is read or shown.

use crate::Meter;
use core::fmt;

/// A rate in micro-units of its currency per million units of what is counted.
///
/// `$0.15` per million tokens is 150,000. A rate per single unit (an image, a request) is a million times its authored value.
///
/// ```
/// use modeldex_table::Rate;
/// assert_eq!(Rate::parse("0.15").unwrap().micros(), 150_000);
/// assert_eq!(Rate::from_micros(2_500_000).to_string(), "2.5");
/// assert!(Rate::parse("0.1234567").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

/// Why a text is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    /// It is not a plain decimal number.
    Shape,
    /// It is below zero.
    Negative,
    /// It has more than six decimals, which a rate cannot hold exactly.
    Precision,
    /// It is a billion or more.
    Size,
}

impl Rate {
    /// Reads a decimal number of currency units per million (`0.15`, `2`, `1.5e-1`) exactly.
    ///
    /// # Errors
    /// When the text is no number, is negative, has more than six decimals or is a billion or more.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| RateError::Shape)?),
            None => (text, 0),
        };
        if mantissa.starts_with('-') {
            return Err(RateError::Negative);
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(RateError::Shape);
        }
        let scale = (fraction.len() as i64) - i64::from(exponent);
        let mut digits: u128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(RateError::Shape);
            }
            digits = digits.checked_mul(10).ok_or(RateError::Size)? + u128::from(byte - b'0');
        }
        if digits == 0 {
            return Ok(Self(0));
        }
        let mut micros = digits;
        let mut shift = 6 - scale;
        while shift > 0 {
            micros = micros.checked_mul(10).ok_or(RateError::Size)?;
            shift -= 1;
        }
        while shift < 0 {
            if !micros.is_multiple_of(10) {
                return Err(RateError::Precision);
            }
            micros /= 10;
            shift += 1;
        }
        if micros < 1_000_000_000_000_000 { Ok(Self(micros as u64)) } else { Err(RateError::Size) }
    }

    /// The rate with this many micro-units per million.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Micro-units of the currency per million units counted.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The rate per million units of `meter` for one authored per [`Meter::per`] units; `None` where it would not fit.
    #[must_use]
    pub const fn from_authored(self, meter: Meter) -> Option<Self> {
        match self.0.checked_mul((1_000_000 / meter.per()) as u64) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The rate as people write it for `meter`: per million tokens, or per single unit.
    #[must_use]
    pub const fn authored(self, meter: Meter) -> Self {
        Self(self.0 / (1_000_000 / meter.per()) as u64)
    }

    /// Whether the rate is zero: a published zero, not an unknown.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Rate {
    /// Writes the shortest exact decimal in currency units per million.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0 / 1_000_000)?;
        let mut fraction = self.0 % 1_000_000;
        if fraction == 0 {
            return Ok(());
        }
        let mut width = 6;
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        write!(f, ".{fraction:0width$}")
    }
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "it is not a decimal number",
            Self::Negative => "it is negative",
            Self::Precision => "it has more than six decimals",
            Self::Size => "it is a billion or more",
        })
    }
}

impl core::error::Error for RateError {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn decimals_are_exact() {
        for (text, micros) in [("0", 0), ("0.1", 100_000), ("0.000001", 1), ("600", 600_000_000), ("1.5e-1", 150_000), ("2E2", 200_000_000)]
        {
            assert_eq!(Rate::parse(text).unwrap().micros(), micros, "{text}");
        }
        for text in ["0.15", "2.5", "30", "0.000001", "0.07"] {
            assert_eq!(Rate::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_rate_says_why() {
        for (text, why) in [
            ("", RateError::Shape),
            (".", RateError::Shape),
            ("abc", RateError::Shape),
            ("1e", RateError::Shape),
            ("-1", RateError::Negative),
            ("0.1234567", RateError::Precision),
            ("1e9", RateError::Size),
            ("1e999999999", RateError::Size),
            ("99999999999999999999999999999999999999999", RateError::Size),
        ] {
            assert_eq!(Rate::parse(text), Err(why), "{text}");
        }
        // Bounded work whatever the exponent: a huge negative one is refused at the first digit that would be lost.
        assert_eq!(Rate::parse("1e-2147483648"), Err(RateError::Precision));
    }
}
