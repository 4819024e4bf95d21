//! Dates with the precision of their source, and the moments, times of day and UTC offsets in price conditions.

use core::fmt;

/// A date with the precision of its source: a year, a month of a year, or a day.
///
/// ```
/// use modeldex_table::Date;
/// let month = Date::parse("2025-10").unwrap();
/// assert_eq!(month.to_string(), "2025-10");
/// assert!(Date::parse("2025-02-30").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u32);

/// A point in time in UTC, precise to the minute. The earliest moment is 1970-01-01T00:01Z.
///
/// ```
/// use modeldex_table::Moment;
/// let start = Moment::parse("2026-08-16T16:00Z").unwrap();
/// assert_eq!(start.to_string(), "2026-08-16T16:00Z");
/// assert_eq!(Moment::parse("1970-01-02").unwrap().minutes(), 24 * 60);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u32);

/// The reason why a text is not a date, moment, time of day or UTC offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The text does not have the format of a date, moment, time of day or UTC offset.
    Format,
    /// The number of the month is not 01 to 12.
    Month,
    /// The month does not have a day with this number.
    Day,
    /// The time of day or the UTC offset is out of range, such as 25:00.
    Time,
    /// The moment is before 1970-01-01T00:01Z, the earliest moment that rows can store.
    TooEarly,
}

impl Date {
    /// Parses a date of the form `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    ///
    /// # Errors
    /// Fails if the text has another format, or if the month or day does not exist.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let mut parts = text.split('-');
        let year = digits(parts.next().unwrap_or(""), 4)?;
        let month = parts.next().map(|part| digits(part, 2)).transpose()?;
        let day = parts.next().map(|part| digits(part, 2)).transpose()?;
        if parts.next().is_some() || year == 0 {
            return Err(DateError::Format);
        }
        if month.is_some_and(|month| !(1..=12).contains(&month)) {
            return Err(DateError::Month);
        }
        if day.is_some_and(|day| day == 0 || day > days_in(year, month.unwrap_or(1))) {
            return Err(DateError::Day);
        }
        Ok(Self(year << 9 | month.unwrap_or(0) << 5 | day.unwrap_or(0)))
    }

    /// Returns the year, such as 2026.
    #[must_use]
    pub const fn year(self) -> u32 {
        self.0 >> 9
    }

    /// Returns the number of the month, 1 to 12. Returns `None` if the date states only a year.
    #[must_use]
    pub const fn month(self) -> Option<u32> {
        match self.0 >> 5 & 15 {
            0 => None,
            month => Some(month),
        }
    }

    /// Returns the day of the month, 1 to 31. Returns `None` if the date states only a year or a month.
    #[must_use]
    pub const fn day(self) -> Option<u32> {
        match self.0 & 31 {
            0 => None,
            day => Some(day),
        }
    }

    /// Returns the first day of the year or month that the date states. If the date states a day, returns the date itself.
    #[must_use]
    pub fn earliest(self) -> Self {
        Self(self.year() << 9 | self.month().unwrap_or(1) << 5 | self.day().unwrap_or(1))
    }

    /// Returns the last day of the year or month that the date states. If the date states a day, returns the date itself.
    #[must_use]
    pub fn latest(self) -> Self {
        let month = self.month().unwrap_or(12);
        let day = self.day().unwrap_or_else(|| days_in(self.year(), month));
        Self(self.year() << 9 | month << 5 | day)
    }

    /// Returns the number of days from this date to `later`, or 0 if `later` is not after this date. A date that states only a month or year counts
    /// as its [first day](Self::earliest).
    #[must_use]
    pub fn days_until(self, later: Self) -> u32 {
        let day = |date: Self| days_since_epoch(date.year(), date.month().unwrap_or(1), date.day().unwrap_or(1));
        u32::try_from(day(later) - day(self)).unwrap_or(0)
    }

    /// Returns the number that rows store for the date. The number is never 0, because rows store 0 for an unknown date.
    #[must_use]
    pub const fn packed(self) -> u32 {
        self.0
    }

    /// Returns the date for a number that [`packed`](Self::packed) returned. Returns `None` for the number 0, which rows store for an unknown date.
    #[must_use]
    pub const fn from_packed(packed: u32) -> Option<Self> {
        if packed == 0 { None } else { Some(Self(packed)) }
    }
}

impl Moment {
    /// Parses a moment of the form `YYYY-MM-DD` (the start of this day in UTC) or `YYYY-MM-DDTHH:MMZ`.
    ///
    /// # Errors
    /// Fails if the text has another format, if the day or time does not exist, or if the moment is before 1970-01-01T00:01Z.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let (day, time) = match text.split_once('T') {
            Some((day, time)) => (day, time.strip_suffix('Z').ok_or(DateError::Format)?),
            None => (text, "00:00"),
        };
        let date = Date::parse(day)?;
        let (Some(month), Some(day)) = (date.month(), date.day()) else {
            return Err(DateError::Format);
        };
        let time = TimeOfDay::parse(time)?;
        let days = u32::try_from(days_since_epoch(date.year(), month, day)).map_err(|_| DateError::Format)?;
        match days * 24 * 60 + u32::from(time.minutes()) {
            // Rows store 0 for a condition without a moment.
            0 => Err(DateError::Format),
            minutes => Ok(Self(minutes)),
        }
    }

    /// Parses an RFC 3339 timestamp with any UTC offset. The moment is rounded down to the minute.
    ///
    /// ```
    /// use modeldex_table::{DateError, Moment};
    /// let moment = Moment::from_rfc3339("2026-08-16T16:00:30.5+08:00").unwrap();
    /// assert_eq!(moment.to_string(), "2026-08-16T08:00Z");
    /// assert_eq!(Moment::from_rfc3339("2026-02-30T00:00:00Z"), Err(DateError::Day));
    /// assert_eq!(Moment::from_rfc3339("2026-08-16"), Err(DateError::Format));
    /// ```
    ///
    /// # Errors
    /// Fails if the text has another format, if the day or time does not exist, or if the moment is before 1970-01-01T00:01Z. Second 60, a leap
    /// second, exists only at the end of a month in UTC.
    pub fn from_rfc3339(text: &str) -> Result<Self, DateError> {
        const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";
        let (moment, rest) = text.as_bytes().split_at_checked(SHAPE.len()).ok_or(DateError::Format)?;
        let is_shaped = moment.iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't' | b' '),
            mark => byte == mark,
        });
        if !is_shaped {
            return Err(DateError::Format);
        }
        let number = |from: usize, to: usize| moment[from..to].iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
        if !(1..=12).contains(&month) {
            return Err(DateError::Month);
        }
        if day == 0 || day > days_in(year, month) {
            return Err(DateError::Day);
        }
        if hour > 23 || minute > 59 || second > 60 {
            return Err(DateError::Time);
        }
        let local = days_since_epoch(year, month, day) * 24 * 60 + i64::from(hour * 60 + minute);
        let minutes = local - i64::from(rfc3339_offset(after_fraction(rest)?)?);
        let found = match u32::try_from(minutes) {
            Err(_) | Ok(0) => return Err(DateError::TooEarly),
            Ok(minutes) => Self(minutes),
        };
        // Leap seconds are inserted at the end of a month in UTC, independent of the local time.
        let (of_day, next_day) = (found.0 % (24 * 60), date_from_days(found.0 / (24 * 60) + 1));
        if second == 60 && !(of_day == 24 * 60 - 1 && next_day.2 == 1) {
            return Err(DateError::Time);
        }
        Ok(found)
    }

    /// Returns the date of this point in time in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        let (year, month, day) = date_from_days(self.0 / (24 * 60));
        Date(year << 9 | month << 5 | day)
    }

    /// Creates the moment that is `minutes` minutes after 1970-01-01T00:00Z.
    #[must_use]
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(minutes)
    }

    /// Creates a moment from a Unix timestamp in seconds, rounded down to the minute. If the timestamp is after the latest moment, the result is the
    /// latest moment.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        let minutes = seconds / 60;
        Self(if minutes > u32::MAX as u64 { u32::MAX } else { minutes as u32 })
    }

    /// Returns the number of minutes from 1970-01-01T00:00Z to the moment.
    #[must_use]
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// Converts the moment to the local time that is `offset` minutes ahead of UTC. Returns the minutes since local midnight (0 to 1,439) and the day
    /// of the week (0 is Monday).
    #[must_use]
    pub const fn local(self, offset: i16) -> (u16, u8) {
        let minutes = self.0 as i64 + offset as i64;
        // 1970-01-01 was a Thursday.
        let weekday = (minutes.div_euclid(24 * 60) + 3).rem_euclid(7);
        (minutes.rem_euclid(24 * 60) as u16, weekday as u8)
    }
}

/// A time of day, precise to the minute: 00:00 to 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The start of a day, 00:00.
    pub const START: Self = Self(0);

    /// The end of a day, 24:00.
    pub const END: Self = Self(24 * 60);

    /// Parses a time of day of the form `HH:MM`, from 00:00 to 24:00.
    ///
    /// # Errors
    /// Fails if the text has another format, or if the time is out of range.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let (hour, minute) = text.split_once(':').ok_or(DateError::Format)?;
        let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
        if minute > 59 || hour * 60 + minute > 24 * 60 {
            return Err(DateError::Time);
        }
        Ok(Self((hour * 60 + minute) as u16))
    }

    /// Creates the time of day that is `minutes` minutes after midnight. If `minutes` is more than 24 hours, the result is 24:00.
    #[must_use]
    pub const fn from_minutes(minutes: u16) -> Self {
        Self(if minutes > 24 * 60 { 24 * 60 } else { minutes })
    }

    /// Returns the number of minutes from midnight to the time of day, 0 to 1,440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// A fixed offset of local time from UTC, in minutes.
///
/// Some prices depend on the time of day. Providers state the times at which such a price applies in a time zone without daylight saving time, so a
/// fixed offset is sufficient. Named time zones would require a time zone database, which this crate does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// The offset of UTC, 0 minutes.
    pub const UTC: Self = Self(0);

    /// Parses an offset of the form `UTC`, `+HH:MM` or `-HH:MM`.
    ///
    /// # Errors
    /// Fails if the text has another format, or if the offset is more than 18 hours.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let (sign, time) = match text {
            "UTC" => return Ok(Self(0)),
            _ if text.starts_with('+') => (1, &text[1..]),
            _ if text.starts_with('-') => (-1, &text[1..]),
            _ => return Err(DateError::Format),
        };
        let minutes = TimeOfDay::parse(time)?.minutes() as i16;
        if minutes > 18 * 60 { Err(DateError::Time) } else { Ok(Self(sign * minutes)) }
    }

    /// Creates an offset from the number of minutes by which local time is ahead of UTC; negative if local time is behind UTC.
    #[must_use]
    pub const fn from_minutes(minutes: i16) -> Self {
        Self(minutes)
    }

    /// Returns the number of minutes by which local time is ahead of UTC; negative if local time is behind UTC.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

fn digits(text: &str, count: usize) -> Result<u32, DateError> {
    if text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.bytes().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
    } else {
        Err(DateError::Format)
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

/// Skips the fraction of a second, if the text begins with one, and returns the remaining text.
fn after_fraction(text: &[u8]) -> Result<&[u8], DateError> {
    let [b'.', digits @ ..] = text else { return Ok(text) };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 { Err(DateError::Format) } else { Ok(&digits[end..]) }
}

/// Parses the UTC offset of an RFC 3339 timestamp and returns the minutes by which local time is ahead of UTC.
fn rfc3339_offset(text: &[u8]) -> Result<i32, DateError> {
    let (sign, time) = match text {
        [b'Z' | b'z'] => return Ok(0),
        [b'+', time @ ..] => (1, time),
        [b'-', time @ ..] => (-1, time),
        _ => return Err(DateError::Format),
    };
    let &[a, b, b':', c, d] = time else { return Err(DateError::Format) };
    if ![a, b, c, d].iter().all(u8::is_ascii_digit) {
        return Err(DateError::Format);
    }
    let number = |tens: u8, ones: u8| i32::from(tens - b'0') * 10 + i32::from(ones - b'0');
    let (hours, minutes) = (number(a, b), number(c, d));
    if hours > 23 || minutes > 59 { Err(DateError::Time) } else { Ok(sign * (hours * 60 + minutes)) }
}

/// Returns the number of days from 1970-01-01 to a day. In the computation, years begin in March, so that the leap day is the last day of a year.
fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    let (year, month) = if month > 2 { (i64::from(year), month - 3) } else { (i64::from(year) - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + i64::from((month * 153 + 2) / 5 + day - 1) - 719_468
}

/// Converts a number of days since 1970-01-01 to year, month and day.
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
            Self::Format => "unexpected date or time format",
            Self::Month => "the month is not 01 to 12",
            Self::Day => "the month does not have this day",
            Self::Time => "the time of day or UTC offset is out of range",
            Self::TooEarly => "the moment is before 1970-01-01T00:01Z",
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
    fn nonexistent_days_are_rejected() {
        for (text, error) in [
            ("2025-13", DateError::Month),
            ("2025-00", DateError::Month),
            ("2025-02-29", DateError::Day),
            ("1900-02-29", DateError::Day),
            ("2025-04-31", DateError::Day),
            ("25-04-01", DateError::Format),
            ("2025-4-1", DateError::Format),
            ("2025-04-01-01", DateError::Format),
            ("", DateError::Format),
        ] {
            assert_eq!(Date::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_partial_date_spans_its_days() {
        let date = Date::parse("2024-02").unwrap();
        assert_eq!(date.earliest().to_string(), "2024-02-01");
        assert_eq!(date.latest().to_string(), "2024-02-29");
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        let between = |from, to| Date::parse(from).unwrap().days_until(Date::parse(to).unwrap());
        assert_eq!(between("2024-02-28", "2024-03-01"), 2);
        assert_eq!(between("2025-12-31", "2026-01-01"), 1);
        assert_eq!(between("2026-01-01", "2027-01-01"), 365);
        assert_eq!(between("2026", "2026-02"), 31);
        assert_eq!(between("2026-02-01", "2026-01-01"), 0);
    }

    #[test]
    fn moments_return_to_their_text() {
        for text in ["1970-01-02", "2000-02-29", "2026-08-16T16:00Z", "2099-12-31T23:59Z"] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Moment::parse("1969-12-31"), Err(DateError::Format));
        assert_eq!(Moment::parse("1970-01-01"), Err(DateError::Format));
        assert_eq!(Moment::parse("2026-01-01T25:00Z"), Err(DateError::Time));
        assert_eq!(Moment::parse("2026-01-01T01:00"), Err(DateError::Format));
    }

    #[test]
    fn rfc_3339_is_rounded_down_to_the_minute() {
        for (text, minute) in [
            ("2026-08-16T16:00:30.5+08:00", "2026-08-16T08:00Z"),
            ("2026-08-16t16:00:00z", "2026-08-16T16:00Z"),
            ("2026-08-16 16:00:59.999999999Z", "2026-08-16T16:00Z"),
            ("2026-01-01T00:30:00+05:45", "2025-12-31T18:45Z"),
            ("2026-12-31T23:59:59-23:59", "2027-01-01T23:58Z"),
            ("2024-02-29T12:00:00-00:00", "2024-02-29T12:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59Z"),
            ("1990-12-31T15:59:60-08:00", "1990-12-31T23:59Z"),
            ("1970-01-01T00:01:00Z", "1970-01-01T00:01Z"),
            ("1969-12-31T23:59:00-05:00", "1970-01-01T04:59Z"),
        ] {
            assert_eq!(Moment::from_rfc3339(text).map(|moment| moment.to_string()).as_deref(), Ok(minute), "{text}");
        }
        assert!(Moment::from_rfc3339("9999-12-31T23:59:59-23:59").is_ok());
    }

    #[test]
    fn invalid_rfc_3339_is_an_error() {
        for (text, error) in [
            ("", DateError::Format),
            ("2026-08-16", DateError::Format),
            ("2026-08-16T16:00Z", DateError::Format),
            ("2026-08-16T16:00:00", DateError::Format),
            ("2026-08-16T16:00:00.Z", DateError::Format),
            ("2026-08-16T16:00:00,5Z", DateError::Format),
            ("2026-08-16T16:00:00Z ", DateError::Format),
            ("2026-08-16T16:00:00+0800", DateError::Format),
            ("2026-08-16T16:00:00+8:00", DateError::Format),
            ("2026-08-16T16:00:00\u{660}Z", DateError::Format),
            ("+026-08-16T16:00:00Z", DateError::Format),
            ("2026-13-16T16:00:00Z", DateError::Month),
            ("2026-00-16T16:00:00Z", DateError::Month),
            ("2026-02-29T16:00:00Z", DateError::Day),
            ("2026-04-00T16:00:00Z", DateError::Day),
            ("2026-08-16T24:00:00Z", DateError::Time),
            ("2026-08-16T16:60:00Z", DateError::Time),
            ("2026-08-16T16:00:61Z", DateError::Time),
            ("2026-08-16T16:00:60Z", DateError::Time),
            ("2026-08-16T23:59:60Z", DateError::Time),
            ("2016-12-31T23:59:60+01:00", DateError::Time),
            ("2026-08-16T16:00:00+24:00", DateError::Time),
            ("2026-08-16T16:00:00+08:60", DateError::Time),
            ("1970-01-01T00:00:59Z", DateError::TooEarly),
            ("1970-01-01T00:30:00+01:00", DateError::TooEarly),
            ("0000-01-01T00:00:00Z", DateError::TooEarly),
        ] {
            assert_eq!(Moment::from_rfc3339(text), Err(error), "{text}");
        }
    }

    #[test]
    fn date_of_a_moment() {
        assert_eq!(Moment::parse("2024-02-29T23:59Z").unwrap().date(), Date::parse("2024-02-29").unwrap());
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
