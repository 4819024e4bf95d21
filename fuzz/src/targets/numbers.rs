//! Parses numbers, rates, dates, times, hours and conditions, one per line.
//!
//! What is parsed is formatted and parsed again without a change. A rate has exactly the digits of its text.

use modeldex_formats::{ExactDecimal, parse_rate, parse_token_count};
use modeldex_table::{Condition, Date, Decimal, Hours, Moment, Rate, RateError, TimeOfDay, UtcOffset};

pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    text.lines().for_each(line);
}

fn line(text: &str) {
    let parsed = Rate::parse(text);
    match digits(text) {
        Some((false, expected)) => match parsed {
            Ok(rate) => assert_eq!(Some(u128::from(rate.micros())), expected, "{text}"),
            Err(RateError::TooLarge) => assert!(expected.is_none_or(|micros| micros >= u128::from(Rate::UPPER_BOUND)), "{text}"),
            Err(RateError::TooPrecise) => assert_eq!(expected, None, "{text}"),
            Err(error) => panic!("{text}: {error:?}"),
        },
        Some((true, _)) => assert_eq!(parsed, Err(RateError::Negative), "{text}"),
        None => assert!(parsed.is_err() || text.len() > 60, "{text}: {parsed:?}"),
    }
    if let Ok(rate) = parsed {
        assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        assert!(parse_rate(text).is_ok_and(|other| other == rate), "{text}");
        assert!(rate.micros() < Rate::UPPER_BOUND);
        // The longest amount is formatted.
        assert!(!rate.times(u64::MAX).to_string().is_empty());
    }
    if let Some(number) = Decimal::parse(text) {
        for places in [0, 6, 12, 38] {
            let _ = number.scaled(places);
        }
        let _ = (number.shifted(i32::MAX).scaled(6), number.shifted(i32::MIN).scaled(6));
    }
    if let Ok(number) = text.parse::<ExactDecimal>() {
        let _ = (number.count(), number.rate(), number.shifted(6).rate(), number.shifted(-6).rate());
    }
    if let Ok(float) = text.parse::<f64>() {
        assert_eq!(Decimal::from_f64(float).is_some(), float.is_finite());
    }
    if let Ok(count) = parse_token_count(text) {
        assert_eq!(parse_token_count(&count.to_string()), Ok(count));
    }
    if let Ok(date) = Date::parse(text) {
        assert_eq!(date.to_string(), text);
        assert_eq!(Date::from_packed(date.packed()), Some(date));
        assert!(date.earliest() <= date.latest() && date.earliest().days_until(date.latest()) < 366);
    }
    for moment in [Moment::parse(text), Moment::from_rfc3339(text)].into_iter().flatten() {
        assert_eq!(Moment::parse(&moment.to_string()), Ok(moment));
        assert_eq!(Moment::from_unix(u64::from(moment.minutes()) * 60), moment);
    }
    if let Ok(time) = TimeOfDay::parse(text) {
        assert_eq!(TimeOfDay::parse(&time.to_string()), Ok(time));
    }
    if let Ok(offset) = UtcOffset::parse(text) {
        assert_eq!(UtcOffset::parse(&offset.to_string()), Ok(offset));
    }
    if let Some(hours) = Hours::parse_key(text) {
        assert_eq!(Hours::parse_key(&hours.key().to_string()), Some(hours));
        let _ = hours.contains(Moment::from_minutes(0)) | hours.contains(Moment::from_minutes(u32::MAX));
    }
    if let Ok(condition) = Condition::parse_key(text) {
        assert_eq!(Condition::parse_key(&condition.key().to_string()), Ok(condition), "{}", condition.key());
        // A period that ends before it begins never applies.
        let is_possible = condition.from.zip(condition.until).is_none_or(|(from, until)| from < until);
        assert_eq!(condition.and(&condition), Some(condition).filter(|_| is_possible));
    }
}

/// An independent parser of rates: whether the number is negative, and its micro-units if they are a whole number of at most 38 digits. `None` if the
/// text is not a decimal number, or is longer than 60 bytes.
fn digits(text: &str) -> Option<(bool, Option<u128>)> {
    if text.len() > 60 {
        return None;
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], {
            let exponent = &text[at + 1..];
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 })
        }),
        None => (text, 0),
    };
    let (is_negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return Some((is_negative, Some(0)));
    }
    let shift = exponent.saturating_sub(fraction.len() as i64).saturating_add(6);
    let micros = if shift >= 0 {
        let zeros = usize::try_from(shift).ok().filter(|zeros| *zeros <= 40);
        zeros.and_then(|zeros| format!("{significant}{}", "0".repeat(zeros)).parse().ok())
    } else {
        let dropped = usize::try_from(shift.unsigned_abs()).unwrap_or(usize::MAX);
        let kept = significant.len().checked_sub(dropped).filter(|kept| *kept > 0);
        kept.filter(|kept| significant[*kept..].bytes().all(|byte| byte == b'0')).and_then(|kept| significant[..kept].parse().ok())
    };
    Some((is_negative, micros))
}
