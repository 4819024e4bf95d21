//! Dates as they were published, and moments at which prices change.

use core::fmt;

/// A date with the precision that its source gave: a year, a month or a day.
///
/// ```
/// use modeldex_table::Date;
/// let month = Date::parse("2025-10").unwrap();
/// assert_eq!(month.to_string(), "2025-10");
/// assert!(Date::parse("2025-02-30").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u32);

/// A minute in UTC, counted from 1970-01-01T00:00Z.
///
/// ```
/// use modeldex_table::Moment;
/// let start = Moment::parse("2026-08-16T16:00Z").unwrap();
/// assert_eq!(start.to_string(), "2026-08-16T16:00Z");
/// assert_eq!(Moment::parse("1970-01-02").unwrap().minutes(), 24 * 60);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u32);

/// Why a text is not a date or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The text does not have the shape of a date.
    Shape,
    /// There is no such month.
    Month,
    /// The month has no such day.
    Day,
    /// There is no such time of day.
    Time,
}

impl Date {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When the text has another shape or names a day that never was.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let mut parts = text.split('-');
        let year = digits(parts.next().unwrap_or(""), 4)?;
        let month = parts.next().map(|part| digits(part, 2)).transpose()?;
        let day = parts.next().map(|part| digits(part, 2)).transpose()?;
        if parts.next().is_some() || year == 0 {
            return Err(DateError::Shape);
        }
        if month.is_some_and(|month| !(1..=12).contains(&month)) {
            return Err(DateError::Month);
        }
        if day.is_some_and(|day| day == 0 || day > days_in(year, month.unwrap_or(1))) {
            return Err(DateError::Day);
        }
        Ok(Self(year << 9 | month.unwrap_or(0) << 5 | day.unwrap_or(0)))
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u32 {
        self.0 >> 9
    }

    /// The month, 1 to 12, where the source gave one.
    #[must_use]
    pub const fn month(self) -> Option<u32> {
        match self.0 >> 5 & 15 {
            0 => None,
            month => Some(month),
        }
    }

    /// The day of the month, where the source gave one.
    #[must_use]
    pub const fn day(self) -> Option<u32> {
        match self.0 & 31 {
            0 => None,
            day => Some(day),
        }
    }

    /// The first day that the date can mean.
    #[must_use]
    pub fn earliest(self) -> Self {
        Self(self.year() << 9 | self.month().unwrap_or(1) << 5 | self.day().unwrap_or(1))
    }

    /// The last day that the date can mean.
    #[must_use]
    pub fn latest(self) -> Self {
        let month = self.month().unwrap_or(12);
        let day = self.day().unwrap_or_else(|| days_in(self.year(), month));
        Self(self.year() << 9 | month << 5 | day)
    }

    /// The number that stands for the date in a row; 0 is kept for "unknown".
    #[must_use]
    pub const fn packed(self) -> u32 {
        self.0
    }

    /// The date behind a number of a row.
    #[must_use]
    pub const fn from_packed(packed: u32) -> Option<Self> {
        if packed == 0 { None } else { Some(Self(packed)) }
    }
}

impl Moment {
    /// Reads `YYYY-MM-DD` (the start of that day in UTC) or `YYYY-MM-DDTHH:MMZ`.
    ///
    /// # Errors
    /// When the text has another shape, or names a day or time that never was.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let (day, time) = match text.split_once('T') {
            Some((day, time)) => (day, time.strip_suffix('Z').ok_or(DateError::Shape)?),
            None => (text, "00:00"),
        };
        let date = Date::parse(day)?;
        let (Some(month), Some(day)) = (date.month(), date.day()) else {
            return Err(DateError::Shape);
        };
        let time = TimeOfDay::parse(time)?;
        let days = days_since_epoch(date.year(), month, day).ok_or(DateError::Shape)?;
        match days * 24 * 60 + u32::from(time.minutes()) {
            // Rows keep 0 for "none".
            0 => Err(DateError::Shape),
            minutes => Ok(Self(minutes)),
        }
    }

    /// The moment `minutes` after the start of 1970 in UTC.
    #[must_use]
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(minutes)
    }

    /// The moment that holds `seconds` of Unix time; times before 1970 count as its start.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        let minutes = seconds / 60;
        Self(if minutes > u32::MAX as u64 { u32::MAX } else { minutes as u32 })
    }

    /// Minutes since the start of 1970 in UTC.
    #[must_use]
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// Minutes since local midnight (0 to 1,439) and the day of the week (0 is Monday), `offset` minutes east of UTC.
    #[must_use]
    pub const fn local(self, offset: i16) -> (u16, u8) {
        let minutes = self.0 as i64 + offset as i64;
        // 1970-01-01 was a Thursday.
        let weekday = (minutes.div_euclid(24 * 60) + 3).rem_euclid(7);
        (minutes.rem_euclid(24 * 60) as u16, weekday as u8)
    }
}

/// A time of day in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Reads `HH:MM`, 00:00 to 24:00.
    ///
    /// # Errors
    /// When the text has another shape or names no time of day.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let (hour, minute) = text.split_once(':').ok_or(DateError::Shape)?;
        let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
        if minute > 59 || hour * 60 + minute > 24 * 60 {
            return Err(DateError::Time);
        }
        Ok(Self((hour * 60 + minute) as u16))
    }

    /// The time that is `minutes` after midnight; more than a day counts as its end.
    #[must_use]
    pub const fn from_minutes(minutes: u16) -> Self {
        Self(if minutes > 24 * 60 { 24 * 60 } else { minutes })
    }

    /// Minutes after midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// A fixed distance from UTC. Prices that change by the hour are published for zones without daylight saving; a named zone
/// would need a time zone database in a crate that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// Reads `UTC`, `+HH:MM` or `-HH:MM`.
    ///
    /// # Errors
    /// When the text has another shape or is more than 18 hours from UTC.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let (sign, time) = match text {
            "UTC" => return Ok(Self(0)),
            _ if text.starts_with('+') => (1, &text[1..]),
            _ if text.starts_with('-') => (-1, &text[1..]),
            _ => return Err(DateError::Shape),
        };
        let minutes = TimeOfDay::parse(time)?.minutes() as i16;
        if minutes > 18 * 60 { Err(DateError::Time) } else { Ok(Self(sign * minutes)) }
    }

    /// The offset that is `minutes` east of UTC.
    #[must_use]
    pub const fn from_minutes(minutes: i16) -> Self {
        Self(minutes)
    }

    /// Minutes east of UTC.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

fn digits(text: &str, count: usize) -> Result<u32, DateError> {
    if text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.bytes().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
    } else {
        Err(DateError::Shape)
    }
}

const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01; the calendar is counted in years that begin in March, so that a leap day comes last.
fn days_since_epoch(year: u32, month: u32, day: u32) -> Option<u32> {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    days.checked_sub(719_468)
}

fn date_from_days(days: u32) -> (u32, u32, u32) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year())?;
        if let Some(month) = self.month() {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day() {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_from_days(self.0 / (24 * 60));
        write!(f, "{year:04}-{month:02}-{day:02}")?;
        match self.0 % (24 * 60) {
            0 => Ok(()),
            minutes => write!(f, "T{:02}:{:02}Z", minutes / 60, minutes % 60),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("UTC");
        }
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign}{}", TimeOfDay(self.0.unsigned_abs()))
    }
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "it has another shape",
            Self::Month => "there is no such month",
            Self::Day => "the month has no such day",
            Self::Time => "there is no such time of day",
        })
    }
}

impl core::error::Error for DateError {}

macro_rules! debug_as_display {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )+};
}
debug_as_display!(Date, Moment);

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn precision_is_kept() {
        for text in ["2025", "2025-10", "2025-10-01", "2024-02-29"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn days_that_never_were_are_refused() {
        for (text, why) in [
            ("2025-13", DateError::Month),
            ("2025-00", DateError::Month),
            ("2025-02-29", DateError::Day),
            ("1900-02-29", DateError::Day),
            ("2025-04-31", DateError::Day),
            ("25-04-01", DateError::Shape),
            ("2025-4-1", DateError::Shape),
            ("2025-04-01-01", DateError::Shape),
            ("", DateError::Shape),
        ] {
            assert_eq!(Date::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_partial_date_spans_its_days() {
        let date = Date::parse("2024-02").unwrap();
        assert_eq!(date.earliest().to_string(), "2024-02-01");
        assert_eq!(date.latest().to_string(), "2024-02-29");
    }

    #[test]
    fn moments_return_to_their_text() {
        for text in ["1970-01-02", "2000-02-29", "2026-08-16T16:00Z", "2099-12-31T23:59Z"] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Moment::parse("1969-12-31"), Err(DateError::Shape));
        assert_eq!(Moment::parse("1970-01-01"), Err(DateError::Shape));
        assert_eq!(Moment::parse("2026-01-01T25:00Z"), Err(DateError::Time));
        assert_eq!(Moment::parse("2026-01-01T01:00"), Err(DateError::Shape));
    }

    #[test]
    fn local_time_crosses_midnight_and_the_week() {
        // 2026-11-23 was a Monday.
        let moment = Moment::parse("2026-11-22T20:30Z").unwrap();
        assert_eq!(moment.local(0), (20 * 60 + 30, 6));
        assert_eq!(moment.local(8 * 60), (4 * 60 + 30, 0));
        assert_eq!(UtcOffset::parse("+08:00").unwrap().minutes(), 480);
        assert_eq!(UtcOffset::parse("-03:30").unwrap().to_string(), "-03:30");
    }
}
