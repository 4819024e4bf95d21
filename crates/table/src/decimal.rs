//! Decimal numbers as text has them: read digit by digit, without a binary fraction in between.

use core::fmt::{self, Write};

/// A decimal number as it is written: digits with a point, times a power of ten.
///
/// ```
/// use modeldex_table::{Decimal, Rest};
/// let number = Decimal::parse("1.5e-1").unwrap();
/// assert_eq!(number.scaled(6), Some((150_000, Rest::Nothing)));
/// assert_eq!(number.scaled(0), Some((0, Rest::Less)));
/// assert_eq!(Decimal::parse("1.5.1"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    /// The power of ten that the digits are times.
    exponent: i64,
    is_negative: bool,
    /// Whether there were more digits than fit, and not only zeros.
    is_cut: bool,
}

/// What is left of a number beside its whole part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// Nothing: the number is whole.
    Nothing,
    /// Less than a half.
    Less,
    /// A half or more.
    Half,
}

impl Decimal {
    /// Every number of so many digits fits.
    const DIGITS: u32 = 38;

    /// Reads digits with at most one point among them, a `-` before and an exponent after them where there are such. `None` where the text
    /// has another shape.
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
        let mut number = Self { digits: 0, exponent: exponent.saturating_sub(fraction.len() as i64), is_negative, is_cut: false };
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            if number.digits < 10_u128.pow(Self::DIGITS - 1) {
                number.digits = number.digits * 10 + u128::from(byte - b'0');
            } else {
                number.exponent = number.exponent.saturating_add(1);
                number.is_cut |= byte != b'0';
            }
        }
        Some(number)
    }

    /// The shortest decimal that reads back as the same float; `None` where the float is not a number. For every number of up to 15 digits
    /// it is the decimal that was written.
    #[must_use]
    pub fn from_f64(float: f64) -> Option<Self> {
        let mut text = Shortest { bytes: [0; Shortest::ROOM], len: 0 };
        write!(text, "{float:e}").ok()?;
        Self::parse(core::str::from_utf8(text.bytes.get(..text.len)?).ok()?)
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Whether it is written with a `-`.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.is_negative
    }

    /// Whether it has more than 38 digits.
    #[must_use]
    pub const fn is_cut(self) -> bool {
        self.is_cut
    }

    /// Ten to the power of `places` times the number.
    #[must_use]
    pub const fn shifted(self, places: i32) -> Self {
        Self { exponent: self.exponent.saturating_add(places as i64), ..self }
    }

    /// The number without its sign, times 10<sup>`places`</sup>: its whole part, and what is left beside it. `None` where the whole part
    /// does not fit 38 digits.
    #[must_use]
    pub fn scaled(self, places: u32) -> Option<(u128, Rest)> {
        if self.is_zero() {
            return Some((0, Rest::Nothing));
        }
        let shift = self.exponent.saturating_add(i64::from(places));
        let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|shift| 10_u128.checked_pow(shift));
        if shift >= 0 {
            let whole = self.digits.checked_mul(power?).filter(|whole| !self.is_cut && *whole < 10_u128.pow(Self::DIGITS));
            return whole.map(|whole| (whole, Rest::Nothing));
        }
        let Some(power) = power else { return Some((0, Rest::Less)) };
        let rest = match self.digits % power {
            0 if !self.is_cut => Rest::Nothing,
            rest if rest >= power / 2 => Rest::Half,
            _ => Rest::Less,
        };
        Some((self.digits / power, rest))
    }
}

impl From<u64> for Decimal {
    fn from(whole: u64) -> Self {
        Self { digits: whole.into(), exponent: 0, is_negative: false, is_cut: false }
    }
}

/// An exponent; one of more digits than fit is as good as one without an end.
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

/// A float as text: 17 digits, a point, two signs, an `e` and an exponent of three digits at most.
struct Shortest {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Shortest {
    const ROOM: usize = 32;
}

impl Write for Shortest {
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

    fn scaled(text: &str, places: u32) -> Option<(u128, Rest)> {
        Decimal::parse(text).unwrap().scaled(places)
    }

    #[test]
    fn numbers_are_exact_at_any_scale() {
        for (text, places, expected) in [
            ("0", 6, Some((0, Rest::Nothing))),
            ("0e999999999999999999999", 6, Some((0, Rest::Nothing))),
            ("12.5", 1, Some((125, Rest::Nothing))),
            ("12.5", 0, Some((12, Rest::Half))),
            ("12.4999", 0, Some((12, Rest::Less))),
            (".5", 0, Some((0, Rest::Half))),
            ("5.", 0, Some((5, Rest::Nothing))),
            ("1e3", 0, Some((1_000, Rest::Nothing))),
            ("2E+2", 0, Some((200, Rest::Nothing))),
            ("10.0", 0, Some((10, Rest::Nothing))),
            ("1e-99999999999999999999999", 12, Some((0, Rest::Less))),
            ("1e99999999999999999999999", 12, None),
            ("0.00000000000000000000000000000000000000000000000001e50", 0, Some((1, Rest::Nothing))),
            ("1e37", 0, Some((10_u128.pow(37), Rest::Nothing))),
            ("1e38", 0, None),
            ("12345678901234567890123456789012345678.9", 0, None),
        ] {
            assert_eq!(scaled(text, places), expected, "{text}");
        }
    }

    #[test]
    fn digits_that_do_not_fit_are_left_over() {
        let many = |digit: &str| format!("0.{}", digit.repeat(60));
        assert_eq!(scaled(&many("9"), 0), Some((0, Rest::Half)));
        assert_eq!(scaled(&many("3"), 0), Some((0, Rest::Less)));
        assert_eq!(scaled(&many("3"), 37), Some((10_u128.pow(37) / 3, Rest::Less)));
        assert_eq!(scaled(&many("3"), 40), None);
        assert_eq!(scaled(&format!("1.{}", "0".repeat(60)), 0), Some((1, Rest::Nothing)));
        assert_eq!(scaled(&format!("1{}", "0".repeat(60)), 0), None);
        // The digit that is cut off is what makes it more than whole.
        assert_eq!(scaled(&format!("1.{}1", "0".repeat(60)), 0), Some((1, Rest::Less)));
    }

    #[test]
    fn other_shapes_are_no_numbers() {
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
