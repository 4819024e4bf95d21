//! How dates and times are written: one table of notations, each with the pattern of the published schemas and the reader that `check` judges by.
//!
//! A pattern holds a text to months 01 to 12, days 01 to 31 and hours 00 to 24, which every validator and every editor can judge. Only the reader
//! knows the calendar: that 2026-02-30 never was, and which minute is the first that a row can hold.

use modeldex_table::{Date, DateError, Moment, TimeOfDay, UtcOffset};

/// A way to write dates or times. Schemas that files are judged by name it as their `format`.
#[derive(Debug)]
#[cfg_attr(not(feature = "validate"), allow(dead_code, reason = "without a judge only names and patterns are read"))]
pub(crate) struct Notation {
    pub(crate) name: &'static str,
    /// What its reader takes, but for the calendar.
    pub(crate) pattern: &'static str,
    /// What a text in it is.
    pub(crate) what: &'static str,
    /// How it is written, for people.
    pub(crate) shape: &'static str,
    /// What is wrong with a text.
    pub(crate) fault: fn(&str) -> Option<DateError>,
}

pub(crate) static NOTATIONS: &[Notation] = &[
    Notation {
        name: "partial-date",
        pattern: "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
        what: "a date",
        shape: "YYYY, YYYY-MM or YYYY-MM-DD",
        fault: |text| Date::parse(text).err(),
    },
    Notation {
        name: "day",
        pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        what: "a day",
        shape: "YYYY-MM-DD",
        fault: |text| match Date::parse(text) {
            Ok(date) if date.day().is_none() => Some(DateError::Format),
            read => read.err(),
        },
    },
    Notation {
        name: "utc-moment",
        pattern: "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)Z)?$",
        what: "a moment",
        shape: "YYYY-MM-DD or YYYY-MM-DDTHH:MMZ",
        fault: |text| Moment::parse(text).err(),
    },
    Notation {
        name: "time-of-day",
        pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        what: "a time of day",
        shape: "HH:MM",
        fault: |text| TimeOfDay::parse(text).err(),
    },
    Notation {
        name: "utc-offset",
        pattern: "^(UTC|[+-]((0[0-9]|1[0-7]):[0-5][0-9]|18:00))$",
        what: "a distance from UTC",
        shape: "UTC, +HH:MM or -HH:MM",
        fault: |text| UtcOffset::parse(text).err(),
    },
];

/// The notation that a schema names as its `format`.
pub(crate) fn notation(format: &str) -> Option<&'static Notation> {
    NOTATIONS.iter().find(|notation| notation.name == format)
}

#[cfg(all(test, feature = "validate"))]
mod tests {
    use super::*;

    /// Whether a pattern takes a text, by the validator that judges schemas.
    fn matches(notation: &Notation) -> impl Fn(&str) -> bool {
        let schema = serde_json::json!({"type": "string", "pattern": notation.pattern});
        let validator = jsonschema::validator_for(&schema).expect("a pattern is a schema");
        move |text| validator.is_valid(&serde_json::Value::from(text))
    }

    /// Every text of these parts in turn.
    fn texts(parts: &[&[&str]]) -> Vec<String> {
        parts.iter().fold(vec![String::new()], |texts, part| {
            texts.iter().flat_map(|text| part.iter().map(move |more| format!("{text}{more}"))).collect()
        })
    }

    #[test]
    fn a_pattern_takes_what_its_reader_takes_but_for_the_calendar() {
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
            let mut taken = 0;
            for text in &all {
                // The day that never was and the minute that rows keep for "none" are the reader's alone.
                let calendar = matches(text) && (text.contains("-02-30") || text.contains("-04-31") || text.starts_with("1970-01-01"));
                let fault = (notation.fault)(text);
                assert!(matches(text) == fault.is_none() || calendar, "{}: {text:?}: {fault:?}", notation.name);
                taken += usize::from(fault.is_none());
            }
            assert!(taken > 2, "{} takes {taken} of the texts", notation.name);
        }
    }
}
