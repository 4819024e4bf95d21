//! The notations of dates and times. Each notation has a regular expression for the published schemas, and a parser for `check`.
//!
//! The patterns accept months 01 to 12, days 01 to 31 and hours 00 to 24, so that every validator and editor can check these ranges. Only the
//! parsers reject dates that are not in the calendar (2026-02-30), and moments before the earliest moment that a table row can store.

use modeldex_table::{Date, DateError, Moment, TimeOfDay, UtcOffset};

/// A notation of dates or times. Validation schemas refer to it by its `format`.
#[derive(Debug)]
#[cfg_attr(not(feature = "validate"), allow(dead_code, reason = "only validation uses the other fields"))]
pub(crate) struct Notation {
    /// The value of the schema keyword `format`.
    pub(crate) format: &'static str,
    /// A regular expression for the texts that the parser accepts. Only the parser checks the rules of the calendar.
    pub(crate) pattern: &'static str,
    /// The name of a value in this notation, for messages.
    pub(crate) name: &'static str,
    /// The description of the notation, for messages.
    pub(crate) expected: &'static str,
    /// Parses a text. Returns only the error, because callers do not need the parsed value.
    pub(crate) parse: fn(&str) -> Result<(), DateError>,
}

pub(crate) static NOTATIONS: &[Notation] = &[
    Notation {
        format: "partial-date",
        pattern: "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
        name: "date",
        expected: "YYYY, YYYY-MM or YYYY-MM-DD",
        parse: |text| Date::parse(text).map(drop),
    },
    Notation {
        format: "day",
        pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        name: "day",
        expected: "YYYY-MM-DD",
        parse: |text| match Date::parse(text) {
            Ok(date) if date.day().is_none() => Err(DateError::Format),
            parsed => parsed.map(drop),
        },
    },
    Notation {
        format: "utc-moment",
        pattern: "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)Z)?$",
        name: "moment",
        expected: "YYYY-MM-DD or YYYY-MM-DDTHH:MMZ",
        parse: |text| Moment::parse(text).map(drop),
    },
    Notation {
        format: "time-of-day",
        pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        name: "time of day",
        expected: "HH:MM",
        parse: |text| TimeOfDay::parse(text).map(drop),
    },
    Notation {
        format: "utc-offset",
        pattern: "^(UTC|[+-]((0[0-9]|1[0-7]):[0-5][0-9]|18:00))$",
        name: "UTC offset",
        expected: "UTC, +HH:MM or -HH:MM",
        parse: |text| UtcOffset::parse(text).map(drop),
    },
];

/// Returns the notation with this `format`. Returns `None` if no notation has this format.
pub(crate) fn notation(format: &str) -> Option<&'static Notation> {
    NOTATIONS.iter().find(|notation| notation.format == format)
}

#[cfg(all(test, feature = "validate"))]
mod tests {
    use super::*;

    /// Returns a function that tests a text against the pattern, with the validator that is used for schemas.
    fn matches(notation: &Notation) -> impl Fn(&str) -> bool {
        let schema = serde_json::json!({"type": "string", "pattern": notation.pattern});
        let validator = jsonschema::validator_for(&schema).expect("the pattern is valid");
        move |text| validator.is_valid(&serde_json::Value::from(text))
    }

    /// Returns all concatenations of one text from each part.
    fn texts(parts: &[&[&str]]) -> Vec<String> {
        parts.iter().fold(vec![String::new()], |texts, part| {
            texts.iter().flat_map(|text| part.iter().map(move |more| format!("{text}{more}"))).collect()
        })
    }

    #[test]
    fn patterns_accept_what_parsers_accept_apart_from_calendar_rules() {
        let years: &[&str] = &["", "0001", "1969", "1970", "2026", "9999", "999", "20260", "+2026", " 2026", "２０２６"];
        let days: Vec<&str> =
            "|-|-00|-01|-1|-12|-13|-01-00|-01-01|-12-31|-02-30|-02-32|-04-31|-01-1|-01-01-01|/01/01|-0１".split('|').collect();
        let times: Vec<&str> =
            "|T|Z|T00:00Z|T23:59Z|T24:00Z|T24:01Z|T23:60Z|T8:00Z|T08:00|T08:00+08:00| 08:00Z|t08:00z|\n".split('|').collect();
        let hours: &[&str] = &[
            "", "00:00", "09:59", "17:59", "18:00", "18:01", "19:00", "20:00", "23:59", "24:00", "24:01", "25:00", "12:60", "1:00", "01:0",
            "01:00:00", "0１:00",
        ];
        let signs: &[&str] = &["", "+", "-", "UTC", "utc", "Z", " +", "++"];
        let all: Vec<String> = [texts(&[years, &days, &times]), texts(&[signs, hours, &["", "\n", " "]])].concat();
        for notation in NOTATIONS {
            let matches = matches(notation);
            let mut accepted = 0;
            for text in &all {
                // Only the parser rejects days that do not exist, and the minute that table rows use for "none".
                let calendar = matches(text) && (text.contains("-02-30") || text.contains("-04-31") || text.starts_with("1970-01-01"));
                let parsed = (notation.parse)(text);
                assert!(matches(text) == parsed.is_ok() || calendar, "{}: {text:?}: {parsed:?}", notation.format);
                accepted += usize::from(parsed.is_ok());
            }
            assert!(accepted > 2, "{} accepts {accepted} of the texts", notation.format);
        }
    }
}
