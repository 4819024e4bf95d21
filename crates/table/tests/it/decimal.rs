//! Property tests of decimal numbers and rates from texts of any length, against arithmetic on the digits of the text.

use modeldex_table::{Decimal, Rate, RateError, Remainder};
use proptest::prelude::*;

/// Returns the digits of `digits` * 10^`shift` without leading zeros, and the digits after the decimal point, without trailing zeros.
fn shifted(digits: &str, shift: i64) -> (String, String) {
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let padded = format!("{}{digits}{}", zeros(-shift - digits.len() as i64), zeros(shift));
    let point = padded.len() - usize::try_from(-shift).unwrap_or(0);
    (padded[..point].trim_start_matches('0').to_owned(), padded[point..].trim_end_matches('0').to_owned())
}

/// Calculates the rate that a number without a sign states, in micro-units.
fn expected_rate(digits: &str, shift: i64) -> Result<u64, RateError> {
    let (whole, fraction) = shifted(digits, shift + 6);
    match (whole.len(), fraction.is_empty()) {
        (0..=15, true) => Ok(whole.parse().unwrap_or(0)),
        (_, true) => Err(RateError::TooLarge),
        // A number that is too large and too precise may have either error.
        (0..=15, false) => Err(RateError::TooPrecise),
        (_, false) => Err(RateError::TooLarge),
    }
}

/// A decimal number: its text, its digits without the point, and the power of ten by which the digits are multiplied.
fn number() -> impl Strategy<Value = (String, String, i64)> {
    let digits =
        prop_oneof!["[0-9]{0,60}", "[1-9]0{20,60}[0-9]{0,3}", "340282366920938463463374607431768211[0-9]{0,9}", "0{0,50}[0-9]{1,20}"];
    (digits, prop_oneof!["[0-9]{0,50}", "0{0,60}"], prop_oneof![Just(None), (-60_i64..60).prop_map(Some)]).prop_filter_map(
        "a number has digits",
        |(whole, fraction, exponent)| {
            let digits = format!("{whole}{fraction}");
            let point = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
            let exponent_text = exponent.map_or_else(String::new, |exponent| format!("e{exponent}"));
            let shift = exponent.unwrap_or(0) - fraction.len() as i64;
            (!digits.is_empty()).then(|| (format!("{whole}{point}{exponent_text}"), digits, shift))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rate_is_the_number_in_the_text_or_an_error((text, digits, shift) in number()) {
        let expected = expected_rate(&digits, shift);
        match Rate::parse(&text).map(Rate::micros) {
            // Digits beyond the 38th are only known not to be zero.
            Err(RateError::TooPrecise) => prop_assert!(matches!(expected, Err(RateError::TooPrecise | RateError::TooLarge)), "{}", text),
            found => prop_assert_eq!(found, expected, "{}", text),
        }
    }

    #[test]
    fn a_scaled_number_has_the_digits_of_the_text((text, digits, shift) in number(), places in 0_u32..12) {
        let (whole, fraction) = shifted(&digits, shift + i64::from(places));
        match Decimal::parse(&text).unwrap().scaled(places) {
            Some((found, remainder)) => {
                prop_assert_eq!(if found == 0 { String::new() } else { found.to_string() }, whole, "{}", text);
                let expected = match fraction.as_bytes() {
                    [] => Remainder::Zero,
                    [b'5'..=b'9', ..] => Remainder::HalfOrMore,
                    _ => Remainder::BelowHalf,
                };
                prop_assert_eq!(remainder, expected, "{}", text);
            }
            None => prop_assert!(whole.len() > 37, "{}", text),
        }
    }
}

#[test]
fn numbers_just_above_the_integers_of_a_computer_do_not_wrap() {
    for bits in [32_u32, 64, 96, 127] {
        for more in [0_u128, 1, 15, 1_000_000] {
            let above = (1_u128 << bits) + more;
            for text in [above.to_string(), format!("{above}000000"), format!("{above}e6"), format!("{above}.5")] {
                match Rate::parse(&text) {
                    Ok(rate) => assert_eq!(u128::from(rate.micros()), above * 1_000_000, "{text}"),
                    Err(error) => assert!(matches!(error, RateError::TooLarge | RateError::TooPrecise), "{text}"),
                }
            }
        }
    }
    for text in
        ["340282366920938463463374607431768211456", "340282366920938463463374607431768211457", "340282366920938463464374607431768211456"]
    {
        assert_eq!(Rate::parse(text), Err(RateError::TooLarge), "{text}");
    }
}
