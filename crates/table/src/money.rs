//! Exact rates and amounts of money. Rates and amounts are stored as integers; only their text form is a decimal number.

use crate::{Decimal, Meter, Remainder};
use core::fmt;

/// A rate: the price of a million units of a meter, such as a million input tokens. The price is an integer number of micro-units. A micro-unit is
/// 10<sup>-6</sup> currency units, such as a millionth of a dollar.
///
/// `$0.15` per million tokens is 150,000 micro-units. Catalog files state some rates as the price of a single unit, such as one image.
/// [`Rate::from_authored`] converts them to the price of a million units. Parsed rates are less than a billion currency units.
///
/// ```
/// use modeldex_table::Rate;
/// assert_eq!(Rate::parse("0.15").unwrap().micros(), 150_000);
/// assert_eq!(Rate::from_micros(2_500_000).to_string(), "2.5");
/// assert!(Rate::parse("0.1234567").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

/// An amount of money, as an integer number of 10<sup>-12</sup> currency units. An amount is the product of a [`Rate`] and a number of charged units,
/// such as tokens.
///
/// ```
/// use modeldex_table::{Amount, Rate};
/// let rate = Rate::parse("0.15").unwrap(); // per million
/// assert_eq!(rate.times(1_000).to_string(), "0.00015");
/// assert_eq!(Amount::from_pico(12_000_000_000_000).to_string(), "12");
/// assert_eq!(Amount::from_pico(u128::MAX).checked_add(Amount::from_pico(1)), None); // overflow
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u128);

/// The text of a [`Rate`] or [`Amount`]: its shortest exact decimal number, such as `0.15`, in a buffer on the stack.
#[derive(Clone, Copy)]
pub struct Digits {
    bytes: [u8; Self::CAPACITY],
    start: u8,
    end: u8,
}

/// The reason why a text or number is not a [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    /// The text is not a decimal number.
    NotANumber,
    /// The number is negative.
    Negative,
    /// The number has more than six decimal places, and is therefore not a whole number of micro-units.
    TooPrecise,
    /// The number is a billion currency units or more.
    TooLarge,
}

impl Rate {
    /// The limit of parsed rates, in micro-units. Every parsed rate is less than this limit, which is a billion currency units.
    pub const UPPER_BOUND: u64 = 1_000_000_000_000_000;

    /// Parses a rate from a decimal number, such as `0.15`, `2` or `1.5e-1`, without rounding. The number is the price of a million units of a meter,
    /// in currency units.
    ///
    /// # Errors
    /// Fails if the text is not a decimal number, or if the number is negative, has more than six decimal places, or is a billion or more.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        Decimal::parse(text).ok_or(RateError::NotANumber).and_then(Self::from_decimal)
    }

    /// Converts a decimal number to a rate, without rounding. The number is the price of a million units of a meter, in currency units.
    ///
    /// # Errors
    /// Fails if the number is negative, has more than six decimal places, or is a billion or more.
    pub fn from_decimal(number: Decimal) -> Result<Self, RateError> {
        if number.is_negative() {
            return Err(RateError::Negative);
        }
        match number.scaled(6).ok_or(RateError::TooLarge)? {
            (_, Remainder::BelowHalf | Remainder::HalfOrMore) => Err(RateError::TooPrecise),
            (micros, Remainder::Zero) => {
                u64::try_from(micros).ok().filter(|micros| *micros < Self::UPPER_BOUND).map(Self).ok_or(RateError::TooLarge)
            }
        }
    }

    /// Creates a rate. `micros` is the price of a million units of a meter, in micro-units (10<sup>-6</sup> currency units).
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Returns the price of a million units of a meter, in micro-units (10<sup>-6</sup> currency units).
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Converts a rate from the form in catalog files. There, a rate is the price of a million tokens, of one image or of one request (see
    /// [`Meter::per`]). In this type, every rate is the price of a million units, so the rate of an image is multiplied by a million. Returns `None` if
    /// the result overflows.
    #[must_use]
    pub const fn from_authored(self, meter: Meter) -> Option<Self> {
        match self.0.checked_mul((1_000_000 / meter.per()) as u64) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// Converts a rate to the form in catalog files. In this type, every rate is the price of a million units. In catalog files, a rate is the price of a
    /// million tokens, of one image or of one request (see [`Meter::per`]).
    #[must_use]
    pub const fn authored(self, meter: Meter) -> Self {
        Self(self.0 / (1_000_000 / meter.per()) as u64)
    }

    /// Returns the price of `quantity` units at this rate. The multiplication never overflows.
    #[inline]
    #[must_use]
    pub const fn times(self, quantity: u64) -> Amount {
        Amount(self.0 as u128 * quantity as u128)
    }

    /// Formats the price of a million units of a meter, in currency units, such as `0.15`.
    #[must_use]
    pub const fn digits(self) -> Digits {
        Digits::of(self.0 as u128, 6)
    }

    /// Returns whether the rate is zero. A rate of zero is a known rate, which a source states. An unknown rate is `None` instead of a `Rate`.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Amount {
    /// The amount zero.
    pub const ZERO: Self = Self(0);

    /// Creates an amount from a number of 10<sup>-12</sup> currency units.
    #[must_use]
    pub const fn from_pico(pico: u128) -> Self {
        Self(pico)
    }

    /// Returns the amount as a number of 10<sup>-12</sup> currency units.
    #[must_use]
    pub const fn pico(self) -> u128 {
        self.0
    }

    /// Returns the sum of two amounts. Returns `None` if the sum overflows.
    #[inline]
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Formats the amount in currency units, such as `0.00015`.
    #[must_use]
    pub const fn digits(self) -> Digits {
        Digits::of(self.0, 12)
    }
}

impl Digits {
    /// A `u128` has at most 39 digits; one more byte is for the point.
    const CAPACITY: usize = 40;

    /// Formats `number` divided by 10<sup>`places`</sup>; `places` is 6 or 12.
    const fn of(number: u128, places: u32) -> Self {
        let mut text = Self { bytes: [0; Self::CAPACITY], start: Self::CAPACITY as u8, end: Self::CAPACITY as u8 };
        let unit = 10_u64.pow(places);
        if number <= u64::MAX as u128 {
            // A 64-bit division is ten times faster, and nearly every amount fits.
            text.fraction(number as u64 % unit, places);
            text.whole(number as u64 / unit);
            return text;
        }
        text.fraction((number % unit as u128) as u64, places);
        let (mut whole, low) = (number / unit as u128, 10_u128.pow(19));
        if whole >= low {
            text.digits((whole % low) as u64, 19);
            whole /= low;
        }
        text.whole(whole as u64);
        text
    }

    /// Prepends the decimal point and the decimal places, unless all decimal places are zero.
    const fn fraction(&mut self, fraction: u64, places: u32) {
        if fraction == 0 {
            return;
        }
        let low = fraction % 1_000_000;
        if low != 0 {
            self.digits(low, 6);
        }
        // The lower 6 of 12 decimal places are usually zero, so that only the upper 6 are written.
        if places > 6 {
            self.digits(fraction / 1_000_000, 6);
        }
        while self.bytes[self.end as usize - 1] == b'0' {
            self.end -= 1;
        }
        self.push(b'.');
    }

    /// Prepends a whole number.
    const fn whole(&mut self, whole: u64) {
        let count = match whole.checked_ilog10() {
            Some(log) => log + 1,
            None => 1,
        };
        self.digits(whole, count);
    }

    /// Prepends the last `count` digits of a number.
    const fn digits(&mut self, mut number: u64, count: u32) {
        let mut left = count;
        while left > 0 {
            self.push(b'0' + (number % 10) as u8);
            number /= 10;
            left -= 1;
        }
    }

    const fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start as usize] = byte;
    }

    /// Returns the decimal number as ASCII bytes.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// Returns the decimal number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for Rate {
    /// Writes the shortest exact decimal number, in currency units per million units.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits().as_str())
    }
}

impl fmt::Display for Amount {
    /// Writes the shortest exact decimal number, in currency units.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits().as_str())
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "the text is not a decimal number",
            Self::Negative => "the number is negative",
            Self::TooPrecise => "the number has more than six decimal places",
            Self::TooLarge => "the number is a billion or more",
        })
    }
}

impl core::error::Error for RateError {}

/// Serialization of a rate as a JSON or YAML number. A whole number is written as an integer, any other rate as the float whose shortest decimal
/// form is the rate. Such a float exists for every decimal number of up to 15 digits, and a rate has at most 15 digits.
#[cfg(feature = "serde")]
mod number {
    use super::{Rate, RateError};
    use crate::Decimal;
    use core::fmt;
    use serde::de::{Deserialize, Deserializer, Error, Visitor};
    use serde::ser::{Serialize, Serializer};

    impl Serialize for Rate {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.micros() {
                micros if micros % 1_000_000 == 0 => serializer.serialize_u64(micros / 1_000_000),
                micros => serializer.serialize_f64(micros as f64 / 1e6),
            }
        }
    }

    impl<'de> Deserialize<'de> for Rate {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Number)
        }
    }

    struct Number;

    impl Visitor<'_> for Number {
        type Value = Rate;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a non-negative decimal number with at most six decimal places")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Rate, E> {
            rate_or_error(Rate::from_decimal(number.into()), number)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Rate, E> {
            let rate = u64::try_from(number).map_err(|_| RateError::Negative).and_then(|number| Rate::from_decimal(number.into()));
            rate_or_error(rate, number)
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Rate, E> {
            rate_or_error(Decimal::from_f64(number).ok_or(RateError::NotANumber).and_then(Rate::from_decimal), number)
        }
    }

    fn rate_or_error<E: Error>(rate: Result<Rate, RateError>, number: impl fmt::Display) -> Result<Rate, E> {
        rate.map_err(|error| E::custom(format_args!("invalid rate `{number}`: {error}")))
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Rate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000_000})
    }
}

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
    fn amounts_are_the_shortest_exact_decimals() {
        for (pico, text) in [
            (0, "0"),
            (1, "0.000000000001"),
            (1_230_000_000, "0.00123"),
            (12_000_000_000_000, "12"),
            (10_500_000_000_000, "10.5"),
            (u128::from(u64::MAX), "18446744.073709551615"),
            (u128::from(u64::MAX) + 1, "18446744.073709551616"),
            (10_u128.pow(31), "10000000000000000000"),
            (10_u128.pow(31) + 1, "10000000000000000000.000000000001"),
            (u128::MAX, "340282366920938463463374607.431768211455"),
        ] {
            assert_eq!(Amount::from_pico(pico).to_string(), text);
        }
        assert_eq!(std::format!("{:>6}|{:<4}|", Amount::from_pico(1_500_000_000_000), Rate::from_micros(2_000_000)), "   1.5|2   |");
    }

    #[test]
    fn invalid_rates_are_errors() {
        for (text, error) in [
            ("", RateError::NotANumber),
            (".", RateError::NotANumber),
            ("abc", RateError::NotANumber),
            ("1e", RateError::NotANumber),
            ("-1", RateError::Negative),
            ("0.1234567", RateError::TooPrecise),
            ("1e9", RateError::TooLarge),
            ("1e999999999", RateError::TooLarge),
            ("99999999999999999999999999999999999999999", RateError::TooLarge),
        ] {
            assert_eq!(Rate::parse(text), Err(error), "{text}");
        }
        // Bounded work for any exponent: a huge negative one fails at the first digit that would be lost.
        assert_eq!(Rate::parse("1e-2147483648"), Err(RateError::TooPrecise));
    }
}
