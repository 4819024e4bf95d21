//! Exact money: a rate is an integer, decimals appear only where it is read or shown.

use crate::{Decimal, Meter, Rest};
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

/// An amount of money, as an integer count of 10<sup>-12</sup> units of its currency: micro-units per million, times a quantity.
///
/// ```
/// use modeldex_table::{Amount, Rate};
/// let rate = Rate::parse("0.15").unwrap(); // per million
/// assert_eq!(rate.times(1_000).to_string(), "0.00015");
/// assert_eq!(Amount::from_pico(12_000_000_000_000).to_string(), "12");
/// assert_eq!(Amount::from_pico(u128::MAX).checked_add(Amount::from_pico(1)), None); // never a wrap
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u128);

/// A number as the shortest exact decimal, kept where no allocation is needed.
#[derive(Clone, Copy)]
pub struct Digits {
    bytes: [u8; Self::ROOM],
    start: u8,
    end: u8,
}

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
    /// A billion, in micro-units: every rate is below it.
    pub const END: u64 = 1_000_000_000_000_000;

    /// Reads a decimal number of currency units per million (`0.15`, `2`, `1.5e-1`) exactly.
    ///
    /// # Errors
    /// When the text is no number, is negative, has more than six decimals or is a billion or more.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        Decimal::parse(text).ok_or(RateError::Shape).and_then(Self::from_decimal)
    }

    /// The rate of a decimal number of currency units per million.
    ///
    /// # Errors
    /// When the number is negative, has more than six decimals or is a billion or more.
    pub fn from_decimal(number: Decimal) -> Result<Self, RateError> {
        if number.is_negative() {
            return Err(RateError::Negative);
        }
        match number.scaled(6).ok_or(RateError::Size)? {
            (_, Rest::Less | Rest::Half) => Err(RateError::Precision),
            (micros, Rest::Nothing) => u64::try_from(micros).ok().filter(|micros| *micros < Self::END).map(Self).ok_or(RateError::Size),
        }
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

    /// The amount for `quantity` units. It always fits.
    #[inline]
    #[must_use]
    pub const fn times(self, quantity: u64) -> Amount {
        Amount(self.0 as u128 * quantity as u128)
    }

    /// The shortest exact decimal in currency units per million.
    #[must_use]
    pub const fn digits(self) -> Digits {
        Digits::of(self.0 as u128, 6)
    }

    /// Whether the rate is zero: a published zero, not an unknown.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount of this many 10<sup>-12</sup> units.
    #[must_use]
    pub const fn from_pico(pico: u128) -> Self {
        Self(pico)
    }

    /// How many 10<sup>-12</sup> units of the currency it is.
    #[must_use]
    pub const fn pico(self) -> u128 {
        self.0
    }

    /// Both together; `None` when that is too large to be counted.
    #[inline]
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The shortest exact decimal in currency units.
    #[must_use]
    pub const fn digits(self) -> Digits {
        Digits::of(self.0, 12)
    }
}

impl Digits {
    /// A `u128` has at most 39 digits, and one place more is for the point.
    const ROOM: usize = 40;

    /// `number` divided by ten to the power of `places`, which is 6 or 12.
    const fn of(number: u128, places: u32) -> Self {
        let mut text = Self { bytes: [0; Self::ROOM], start: Self::ROOM as u8, end: Self::ROOM as u8 };
        let unit = 10_u64.pow(places);
        if number <= u64::MAX as u128 {
            // Division of 64 bits is an order of magnitude quicker, and nearly every amount has no more.
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

    /// Puts the decimals in front, and the point; nothing when they are all zero.
    const fn fraction(&mut self, fraction: u64, places: u32) {
        if fraction == 0 {
            return;
        }
        let low = fraction % 1_000_000;
        if low != 0 {
            self.digits(low, 6);
        }
        // The lower half of twelve places is mostly zero, and then it is as if it were not there.
        if places > 6 {
            self.digits(fraction / 1_000_000, 6);
        }
        while self.bytes[self.end as usize - 1] == b'0' {
            self.end -= 1;
        }
        self.push(b'.');
    }

    /// Puts the digits of a whole number in front.
    const fn whole(&mut self, whole: u64) {
        let count = match whole.checked_ilog10() {
            Some(log) => log + 1,
            None => 1,
        };
        self.digits(whole, count);
    }

    /// Puts so many digits of a number in front.
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

    /// The number in ASCII.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for Rate {
    /// Writes the shortest exact decimal in currency units per million.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits().as_str())
    }
}

impl fmt::Display for Amount {
    /// Writes the shortest exact decimal in currency units.
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
            Self::Shape => "it is not a decimal number",
            Self::Negative => "it is negative",
            Self::Precision => "it has more than six decimals",
            Self::Size => "it is a billion or more",
        })
    }
}

impl core::error::Error for RateError {}

/// As a number of JSON and YAML: an integer where it is whole, else the float whose shortest decimal is the rate. That is so for every
/// number of up to 15 digits, and a rate has no more.
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
            f.write_str("a rate: a decimal number that is not negative, with at most six decimals")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Rate, E> {
            or_error(Rate::from_decimal(number.into()), number)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Rate, E> {
            let rate = u64::try_from(number).map_err(|_| RateError::Negative).and_then(|number| Rate::from_decimal(number.into()));
            or_error(rate, number)
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Rate, E> {
            or_error(Decimal::from_f64(number).ok_or(RateError::Shape).and_then(Rate::from_decimal), number)
        }
    }

    fn or_error<E: Error>(rate: Result<Rate, RateError>, number: impl fmt::Display) -> Result<Rate, E> {
        rate.map_err(|error| E::custom(format_args!("`{number}` is not a rate: {error}")))
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
