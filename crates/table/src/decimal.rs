//! Exact decimal numbers. The numbers are parsed digit by digit, since a binary float would round them.

use core::fmt::{self, Write};

/// A decimal number with up to 38 significant digits and any exponent.
///
/// ```
/// use modeldex_table::{Decimal, Remainder};
/// let number = Decimal::parse("1.5e-1").unwrap();
/// assert_eq!(number.scaled(6), Some((150_000, Remainder::Zero)));
/// assert_eq!(number.scaled(0), Some((0, Remainder::BelowHalf)));
/// assert_eq!(Decimal::parse("1.5.1"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    /// The power of ten by which the digits are multiplied.
    exponent: i64,
    is_negative: bool,
    /// Whether digits other than 0 were dropped because they do not fit.
    is_truncated: bool,
}

/// The fractional part that [`Decimal::scaled`] drops, compared with zero and one half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remainder {
    /// The fractional part is zero.
    Zero,
    /// The fractional part is greater than zero and less than one half.
    BelowHalf,
    /// The fractional part is one half or more.
    HalfOrMore,
}

impl Decimal {
    /// The number of digits that always fit into `digits`.
    const MAX_DIGITS: u32 = 38;

    /// Parses a decimal number such as `-1.5e-3`. The minus sign, the decimal point and the exponent are optional. Returns `None` if the text has
    /// another format.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, self::exponent(exponent)?),
            None => (text, 0),
        };
        let (is_negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut number = Self { digits: 0, exponent: exponent.saturating_sub(fraction.len() as i64), is_negative, is_truncated: false };
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            if number.digits < 10_u128.pow(Self::MAX_DIGITS - 1) {
                number.digits = number.digits * 10 + u128::from(byte - b'0');
            } else {
                number.exponent = number.exponent.saturating_add(1);
                number.is_truncated |= byte != b'0';
            }
        }
        Some(number)
    }

    /// Converts a float to the shortest decimal number that parses as this float. If the float was parsed from a text of up to 15 digits, the result
    /// has the digits of that text. Returns `None` if the float is NaN or infinite.
    #[must_use]
    pub fn from_f64(float: f64) -> Option<Self> {
        let mut text = FloatText { bytes: [0; FloatText::CAPACITY], len: 0 };
        write!(text, "{float:e}").ok()?;
        Self::parse(core::str::from_utf8(text.bytes.get(..text.len)?).ok()?)
    }

    /// Returns whether the number is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Returns whether the number has a minus sign, as `-0` does.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.is_negative
    }

    /// Returns whether parsing dropped digits other than 0. Parsing keeps only the first 38 significant digits.
    #[must_use]
    pub const fn is_truncated(self) -> bool {
        self.is_truncated
    }

    /// Returns the number multiplied by 10<sup>`places`</sup>.
    #[must_use]
    pub const fn shifted(self, places: i32) -> Self {
        Self { exponent: self.exponent.saturating_add(places as i64), ..self }
    }

    /// Multiplies the absolute value by 10<sup>`places`</sup>. Returns the integer part of the product. The [`Remainder`] states whether the
    /// fractional part of the product is zero, less than one half, or one half or more. Returns `None` if the integer part has more than 38 digits.
    #[must_use]
    pub fn scaled(self, places: u32) -> Option<(u128, Remainder)> {
        if self.is_zero() {
            return Some((0, Remainder::Zero));
        }
        let shift = self.exponent.saturating_add(i64::from(places));
        let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|shift| 10_u128.checked_pow(shift));
        if shift >= 0 {
            let whole = self.digits.checked_mul(power?).filter(|whole| !self.is_truncated && *whole < 10_u128.pow(Self::MAX_DIGITS));
            return whole.map(|whole| (whole, Remainder::Zero));
        }
        let Some(power) = power else { return Some((0, Remainder::BelowHalf)) };
        let rest = match self.digits % power {
            0 if !self.is_truncated => Remainder::Zero,
            rest if rest >= power / 2 => Remainder::HalfOrMore,
            _ => Remainder::BelowHalf,
        };
        Some((self.digits / power, rest))
    }
}

impl From<u64> for Decimal {
    fn from(whole: u64) -> Self {
        Self { digits: whole.into(), exponent: 0, is_negative: false, is_truncated: false }
    }
}

/// Parses the exponent of a decimal number. Returns `None` if the text is not an integer. Saturates on overflow.
fn exponent(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0_i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if is_negative { -size } else { size })
}

/// A buffer for the text of a float: at most 17 digits, a decimal point, two signs, an `e` and an exponent of three digits.
struct FloatText {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl FloatText {
    const CAPACITY: usize = 32;
}

impl Write for FloatText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;

    fn scaled(text: &str, places: u32) -> Option<(u128, Remainder)> {
        Decimal::parse(text).unwrap().scaled(places)
    }

    #[test]
    fn numbers_are_exact_at_any_scale() {
        for (text, places, expected) in [
            ("0", 6, Some((0, Remainder::Zero))),
            ("0e999999999999999999999", 6, Some((0, Remainder::Zero))),
            ("12.5", 1, Some((125, Remainder::Zero))),
            ("12.5", 0, Some((12, Remainder::HalfOrMore))),
            ("12.4999", 0, Some((12, Remainder::BelowHalf))),
            (".5", 0, Some((0, Remainder::HalfOrMore))),
            ("5.", 0, Some((5, Remainder::Zero))),
            ("1e3", 0, Some((1_000, Remainder::Zero))),
            ("2E+2", 0, Some((200, Remainder::Zero))),
            ("10.0", 0, Some((10, Remainder::Zero))),
            ("1e-99999999999999999999999", 12, Some((0, Remainder::BelowHalf))),
            ("1e99999999999999999999999", 12, None),
            ("0.00000000000000000000000000000000000000000000000001e50", 0, Some((1, Remainder::Zero))),
            ("1e37", 0, Some((10_u128.pow(37), Remainder::Zero))),
            ("1e38", 0, None),
            ("12345678901234567890123456789012345678.9", 0, None),
        ] {
            assert_eq!(scaled(text, places), expected, "{text}");
        }
    }

    #[test]
    fn excess_digits_go_to_the_remainder() {
        let repeated = |digit: &str| format!("0.{}", digit.repeat(60));
        assert_eq!(scaled(&repeated("9"), 0), Some((0, Remainder::HalfOrMore)));
        assert_eq!(scaled(&repeated("3"), 0), Some((0, Remainder::BelowHalf)));
        assert_eq!(scaled(&repeated("3"), 37), Some((10_u128.pow(37) / 3, Remainder::BelowHalf)));
        assert_eq!(scaled(&repeated("3"), 40), None);
        assert_eq!(scaled(&format!("1.{}", "0".repeat(60)), 0), Some((1, Remainder::Zero)));
        assert_eq!(scaled(&format!("1{}", "0".repeat(60)), 0), None);
        // The dropped digit makes the remainder nonzero.
        assert_eq!(scaled(&format!("1.{}1", "0".repeat(60)), 0), Some((1, Remainder::BelowHalf)));
    }

    #[test]
    fn invalid_numbers_are_rejected() {
        for text in
            ["", ".", "-", "-.", "abc", "1,5", "1.5.1", "1e", "1e-", "1e+-1", "1e1.5", "--1", "+1", " 1", "1_000", "NaN", "inf", "e5"]
        {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn floats_are_their_shortest_decimals() {
        for text in ["0.1", "0.15", "123456.789012", "999999999.999999", "5e-324", "1.7976931348623157e308", "-2.5", "0", "-0"] {
            let of_text = Decimal::parse(text).unwrap();
            let of_float = Decimal::from_f64(text.parse().unwrap()).unwrap();
            assert_eq!((of_float.is_negative(), of_float.scaled(6)), (of_text.is_negative(), of_text.scaled(6)), "{text}");
        }
        assert!(Decimal::from_f64(f64::NAN).is_none() && Decimal::from_f64(f64::INFINITY).is_none());
    }
}
