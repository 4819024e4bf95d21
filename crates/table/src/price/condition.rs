//! Conditions of price list entries, and the properties of a request that are compared with these conditions.

use crate::rows::*;
use crate::{Catalog, Moment, ServiceTier, Set, TimeOfDay, UtcOffset, Weekday};
use core::cmp::Ordering;
use core::fmt;

/// The condition of a price list entry. Each field that is not `None` is a part of the condition. The condition applies to a request if the request
/// matches all parts; a condition without parts applies to every request.
///
/// `R` is the type of the region's name: `&str` in a condition that is borrowed from a catalog, and `String` in an owned condition.
///
/// ```
/// use modeldex_table::{Condition, ServiceTier};
/// let batch = Condition { tier: Some(ServiceTier::Batch), above: Some(200_000), ..Condition::<&str>::default() };
/// assert_eq!(batch.to_string(), "above 200000 input tokens, batch");
/// assert_eq!(batch.key().to_string(), "tier=batch above=200000"); // the form in evidence files
/// assert_eq!(Condition::parse_key("tier=batch above=200000"), Ok(batch));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Condition<R> {
    /// Number of input tokens above which the condition applies; `None` if the condition applies to any number of input tokens.
    pub above: Option<u32>,
    /// Service tier to which the condition applies; `None` if the condition applies to every tier, including the standard tier.
    pub tier: Option<ServiceTier>,
    /// First moment at which the condition applies; `None` if the condition has no start.
    pub from: Option<Moment>,
    /// Moment from which the condition no longer applies; `None` if the condition has no end.
    pub until: Option<Moment>,
    /// Hours of the day and days of the week in which the condition applies; `None` if the condition applies at every hour.
    pub hours: Option<Hours>,
    /// Region of the endpoints to which the condition applies; `None` if the condition applies to every region.
    pub region: Option<R>,
}

/// Hours of the day, on some or all days of the week, in local time with a fixed offset from UTC.
///
/// An end at midnight is stored as 24:00, not as 00:00. The whole day is therefore always 00:00 to 24:00.
///
/// ```
/// use modeldex_table::{Hours, Moment, UtcOffset};
/// let night = Hours::parse_key("22:00-00:00/sat,sun").unwrap();
/// assert_eq!(night.to_string(), "22:00-24:00 UTC, on sat sun");
/// assert_eq!(night.key().to_string(), "22:00-00:00/sat,sun");
/// assert!(night.contains(Moment::parse("2026-11-22T23:59Z").unwrap()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    start: TimeOfDay,
    end: TimeOfDay,
    days: Set<Weekday>,
    offset: UtcOffset,
}

/// Display adapter that writes a [`Condition`] or [`Hours`] in the notation of evidence files, for example `tier=batch above=200000`.
/// [`Condition::key`] and [`Hours::key`] return this type.
#[derive(Clone, Copy, Debug)]
pub struct ConditionKey<'c, T>(&'c T);

/// The properties of a request that decide which entries of a price list apply to the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestContext<'a> {
    /// Number of input tokens of the request, including cached tokens. [`Model::price`](crate::Model::price) ignores this field, and uses the number
    /// of input tokens in its argument `usage`.
    pub input_tokens: u64,
    /// Service tier of the request; `None` for the standard tier. If no entry of a price list names the tier of the request, the price is unknown.
    pub tier: Option<ServiceTier>,
    /// Time of the request. If the time is `None`, entries that are limited to dates or hours do not apply.
    pub at: Option<Moment>,
    /// Region of the endpoint, as spelled in the catalog. Entries that are limited to another region do not apply. If the region is `None`, no entry
    /// that is limited to a region applies.
    pub region: Option<&'a str>,
}

impl<R> Condition<R> {
    /// Returns whether the condition has no parts, and therefore applies to every request.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        self.is_date_only() && self.from.is_none() && self.until.is_none()
    }

    /// Returns whether the condition has no parts other than `from` and `until`. Only the time of a request decides whether such a condition applies.
    #[must_use]
    pub const fn is_date_only(&self) -> bool {
        self.above.is_none() && self.tier.is_none() && self.ignores_region_and_hours()
    }

    /// Returns whether the condition is limited neither to a region nor to hours of the day.
    #[must_use]
    pub const fn ignores_region_and_hours(&self) -> bool {
        self.region.is_none() && self.hours.is_none()
    }

    /// Returns the condition that applies exactly to the requests to which both `self` and `other` apply. Returns `None` if the two conditions never
    /// apply to the same request. Also returns `None` if both conditions are limited to hours and these hours differ, even if the hours overlap.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self>
    where
        R: Clone + PartialEq,
    {
        let (from, until) = (self.from.max(other.from), [self.until, other.until].into_iter().flatten().min());
        let combined = Self {
            above: self.above.max(other.above),
            tier: combine_part(self.tier.as_ref(), other.tier.as_ref())?,
            from,
            until,
            hours: combine_part(self.hours.as_ref(), other.hours.as_ref())?,
            region: combine_part(self.region.as_ref(), other.region.as_ref())?,
        };
        from.zip(until).is_none_or(|(from, until)| from < until).then_some(combined)
    }

    /// Returns the condition with its region as a `&str`.
    #[must_use]
    pub fn as_ref(&self) -> Condition<&str>
    where
        R: AsRef<str>,
    {
        let Self { above, tier, from, until, hours, region } = self;
        Condition { above: *above, tier: *tier, from: *from, until: *until, hours: *hours, region: region.as_ref().map(R::as_ref) }
    }

    /// Converts the region of the condition with the function `region`. If the condition has no region, the function is not called.
    pub fn map_region<S>(self, region: impl FnOnce(R) -> S) -> Condition<S> {
        let Self { above, tier, from, until, hours, region: old } = self;
        Condition { above, tier, from, until, hours, region: old.map(region) }
    }

    /// Returns a value whose `Display` output is the condition in the form of evidence files, such as `region=cn tier=batch above=200000`.
    /// [`Condition::parse_key`] parses this form.
    #[must_use]
    pub const fn key(&self) -> ConditionKey<'_, Self> {
        ConditionKey(self)
    }
}

impl<'a> Condition<&'a str> {
    /// Parses a condition in the form that [`Condition::key`] displays, such as `tier=batch above=200000`.
    ///
    /// # Errors
    /// Returns the first invalid term, such as `above=x`.
    pub fn parse_key(text: &'a str) -> Result<Self, &'a str> {
        let mut condition = Self::default();
        for term in text.split(' ').filter(|term| !term.is_empty()) {
            condition.add_term(term).ok_or(term)?;
        }
        Ok(condition)
    }

    fn add_term(&mut self, term: &'a str) -> Option<()> {
        let (name, value) = term.split_once('=')?;
        match name {
            "region" => self.region = Some(value),
            "tier" => self.tier = Some(ServiceTier::parse(value)?),
            "above" => self.above = Some(value.parse().ok()?),
            "from" => self.from = Some(Moment::parse(value).ok()?),
            "until" => self.until = Some(Moment::parse(value).ok()?),
            "hours" => self.hours = Some(Hours::parse_key(value)?),
            _ => return None,
        }
        Some(())
    }
}

/// Combines the same part of two conditions: returns the part that at least one of the conditions has. Returns `None` if both conditions have
/// the part and the two values differ.
fn combine_part<T: Clone + PartialEq>(one: Option<&T>, other: Option<&T>) -> Option<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => Some(one.or(other).cloned()),
    }
}

impl Hours {
    /// Creates the range of hours from `start` (inclusive) to `end` (exclusive) on the days `days`. Times and days are in local time with the offset
    /// `offset` from UTC. An empty set of days means every day. If `end` is not after `start`, the range ends on the next day.
    #[must_use]
    pub const fn new(start: TimeOfDay, end: TimeOfDay, days: Set<Weekday>, offset: UtcOffset) -> Self {
        let end = if end.minutes() == 0 { TimeOfDay::END } else { end };
        Self { start, end, days, offset }
    }

    /// Returns the same hours, restricted to the weekdays in `days`. An empty set means every day.
    #[must_use]
    pub const fn on(self, days: Set<Weekday>) -> Self {
        Self { days, ..self }
    }

    /// Returns the time of day at which the range of hours starts (inclusive). It is a local time with the UTC offset [`offset`](Self::offset).
    #[must_use]
    pub const fn start(self) -> TimeOfDay {
        self.start
    }

    /// Returns the time of day at which the range of hours ends (exclusive). It is a local time with the UTC offset [`offset`](Self::offset). If the
    /// end is not after the start, the range ends on the next day.
    #[must_use]
    pub const fn end(self) -> TimeOfDay {
        self.end
    }

    /// Returns the end of the range of hours as catalog files state it: an end at midnight is 00:00. In contrast, [`end`](Self::end) returns 24:00 for
    /// midnight.
    #[must_use]
    pub const fn written_end(self) -> TimeOfDay {
        if self.end.minutes() == TimeOfDay::END.minutes() { TimeOfDay::START } else { self.end }
    }

    /// Returns the days of the week, in local time, on which this range of hours applies. An empty set means every day.
    #[must_use]
    pub const fn days(self) -> Set<Weekday> {
        self.days
    }

    /// Returns the UTC offset of this range of hours. Start, end and days are in local time with this offset.
    #[must_use]
    pub const fn offset(self) -> UtcOffset {
        self.offset
    }

    /// Returns whether the range of hours is 00:00 to 24:00. The result does not depend on the days of the week.
    #[must_use]
    pub const fn is_whole_day(self) -> bool {
        self.start.minutes() == TimeOfDay::START.minutes() && self.end.minutes() == TimeOfDay::END.minutes()
    }

    /// Returns whether the range of hours applies at the moment `at`. In local time, both the time of day and the day of the week must be in the
    /// range.
    #[must_use]
    pub fn contains(self, at: Moment) -> bool {
        let (minute, weekday) = at.local(self.offset.minutes());
        let (start, end) = (self.start.minutes(), self.end.minutes());
        let in_hours = if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end };
        in_hours && (self.days.is_empty() || Weekday::from_code(weekday).is_some_and(|day| self.days.contains(day)))
    }

    /// Returns a value whose `Display` output is this range of hours in the form of evidence files, such as `01:00-04:00/mon,tue`.
    /// [`Hours::parse_key`] parses this form.
    #[must_use]
    pub const fn key(&self) -> ConditionKey<'_, Self> {
        ConditionKey(self)
    }

    /// Parses a range of hours such as `14:00-00:00`, `01:00-04:00/mon,tue` or, with an offset from UTC, `01:00-04:00+08:00/mon`. Returns `None` if
    /// the text has another format.
    #[must_use]
    pub fn parse_key(text: &str) -> Option<Self> {
        let (hours, days) = text.split_once('/').unwrap_or((text, ""));
        let (start, end) = hours.split_once('-')?;
        let (end, offset) = end.split_at(end.find(['+', '-']).unwrap_or(end.len()));
        let offset = if offset.is_empty() { UtcOffset::UTC } else { UtcOffset::parse(offset).ok()? };
        let mut set = Set::<Weekday>::default();
        for day in days.split(',').filter(|day| !day.is_empty()) {
            set.insert(Weekday::parse(day)?);
        }
        Some(Self::new(TimeOfDay::parse(start).ok()?, TimeOfDay::parse(end).ok()?, set, offset))
    }
}

impl ConditionRow {
    /// Converts a condition to a row. `region` is the location of the region's name in the string pool. If the condition has no region, the length of
    /// `region` is 0.
    #[must_use]
    pub fn new<R>(condition: &Condition<R>, region: Text) -> Self {
        let minutes = |moment: Option<Moment>| moment.map_or(0, Moment::minutes).into();
        let row = Self {
            above: condition.above.unwrap_or(0).into(),
            tier: condition.tier.map_or(0, |tier| tier.code() + 1),
            from: minutes(condition.from),
            until: minutes(condition.until),
            region,
            ..ALWAYS_ROW
        };
        match condition.hours {
            // Hours that cover the whole day on all days do not limit the condition.
            Some(hours) if !(hours.is_whole_day() && hours.days().is_empty()) => {
                let (start, end) = if hours.is_whole_day() { (0, 0) } else { (hours.start.minutes(), hours.end.minutes()) };
                let days = hours.days.bits() as u8;
                Self { hours_start: start.into(), hours_end: end.into(), utc_offset: hours.offset.minutes().into(), days, ..row }
            }
            _ => row,
        }
    }

    /// Returns the condition that the row stores.
    #[inline]
    pub(super) fn view<'a>(&self, catalog: &'a Catalog<'a>) -> Condition<&'a str> {
        let moment = |minutes: u32| (minutes != 0).then(|| Moment::from_minutes(minutes));
        Condition {
            above: Some(self.above.get()).filter(|above| *above != 0),
            tier: self.tier(),
            from: moment(self.from.get()),
            until: moment(self.until.get()),
            hours: self.hours(),
            region: catalog.optional(self.region),
        }
    }

    /// Returns the service tier. Returns `None` if the row has no service tier or an unknown row code.
    pub(super) fn tier(&self) -> Option<ServiceTier> {
        self.tier.checked_sub(1).and_then(ServiceTier::from_code)
    }

    fn hours(&self) -> Option<Hours> {
        let (start, end) = (self.hours_start.get(), self.hours_end.get());
        if end == 0 && self.days == 0 {
            return None;
        }
        let (start, end) =
            if end == 0 { (TimeOfDay::START, TimeOfDay::END) } else { (TimeOfDay::from_minutes(start), TimeOfDay::from_minutes(end)) };
        Some(Hours::new(start, end, Set::<Weekday>::from_bits(u32::from(self.days)), UtcOffset::from_minutes(self.utc_offset.get())))
    }

    /// Returns whether a request matches every part of the condition. Reads the row without building a [`Condition`], since pricing calls this
    /// function for each entry of a price list, and most entries have no condition.
    #[inline]
    pub(super) fn matches(&self, catalog: &Catalog<'_>, context: &RequestContext<'_>) -> bool {
        let is_timed = self.from.get() | self.until.get() != 0 || self.hours_end.get() != 0 || self.days != 0;
        (self.above.get() == 0 || context.input_tokens > u64::from(self.above.get()))
            // An unknown code comes from a newer version and never matches.
            && (self.tier == 0 || self.tier().is_some_and(|tier| context.tier == Some(tier)))
            && (self.region.len.get() == 0 || catalog.optional(self.region).is_some_and(|region| context.region == Some(region)))
            && (!is_timed || context.at.is_some_and(|at| self.matches_at(at)))
    }

    fn matches_at(&self, at: Moment) -> bool {
        at.minutes() >= self.from.get()
            && (self.until.get() == 0 || at.minutes() < self.until.get())
            && self.hours().is_none_or(|hours| hours.contains(at))
    }
}

/// The row of a condition that applies to every request: no field of the row limits the condition.
pub const ALWAYS_ROW: ConditionRow = ConditionRow {
    above: zerocopy::little_endian::U32::ZERO,
    tier: 0,
    from: zerocopy::little_endian::U32::ZERO,
    until: zerocopy::little_endian::U32::ZERO,
    hours_start: zerocopy::little_endian::U16::ZERO,
    hours_end: zerocopy::little_endian::U16::ZERO,
    utc_offset: zerocopy::little_endian::I16::ZERO,
    days: 0,
    region: Text { start: zerocopy::little_endian::U32::ZERO, len: zerocopy::little_endian::U16::ZERO },
};

/// Orders hours by start, then by [written end](Hours::written_end), so that the whole day sorts before its first hour.
impl Ord for Hours {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |hours: &Self| (hours.start, hours.written_end(), hours.days, hours.offset);
        parts(self).cmp(&parts(other))
    }
}

impl PartialOrd for Hours {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Orders conditions by region, tier and number of input tokens, then by dates and hours. Evidence files list rates in this order.
impl<R: Ord> Ord for Condition<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |one: &Self| (one.tier, one.above, one.from, one.until, one.hours);
        self.region.cmp(&other.region).then_with(|| parts(self).cmp(&parts(other)))
    }
}

impl<R: Ord> PartialOrd for Condition<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Writes the parts of a condition with a separator between them.
struct Parts<'f, 'b> {
    to: &'f mut fmt::Formatter<'b>,
    separator: &'static str,
    has_any: bool,
}

impl<'f, 'b> Parts<'f, 'b> {
    const fn new(to: &'f mut fmt::Formatter<'b>, separator: &'static str) -> Self {
        Self { to, separator, has_any: false }
    }

    /// Writes `before` and the part, if there is a part, after a separator unless this is the first part.
    fn part(&mut self, before: &str, part: Option<impl fmt::Display>) -> fmt::Result {
        let Some(part) = part else { return Ok(()) };
        let separator = if self.has_any { self.separator } else { "" };
        self.has_any = true;
        write!(self.to, "{separator}{before}{part}")
    }
}

/// Displays the number of input tokens above which a condition applies.
struct AboveTokens(u32);

impl fmt::Display for AboveTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(tokens) = self;
        write!(f, "above {tokens} input tokens")
    }
}

impl<R: fmt::Display> fmt::Display for Condition<R> {
    /// Writes the parts in words, separated by commas; writes nothing for a condition without parts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Parts::new(f, ", ");
        parts.part("", self.above.map(AboveTokens))?;
        parts.part("", self.tier)?;
        parts.part("region ", self.region.as_ref())?;
        parts.part("from ", self.from)?;
        parts.part("until ", self.until)?;
        parts.part("", self.hours)
    }
}

impl fmt::Display for Hours {
    /// Writes the hours, then the days of the week. If the hours cover the whole day, writes only the days.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_whole_day() || self.days.is_empty() {
            write!(f, "{}-{} {}", self.start, self.end, self.offset)?;
        }
        for (at, day) in self.days.iter().enumerate() {
            let before = match at {
                0 if self.is_whole_day() => "on ",
                0 => ", on ",
                _ => " ",
            };
            write!(f, "{before}{day}")?;
        }
        Ok(())
    }
}

impl<R: fmt::Display> fmt::Display for ConditionKey<'_, Condition<R>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let condition = self.0;
        let mut parts = Parts::new(f, " ");
        parts.part("region=", condition.region.as_ref())?;
        parts.part("tier=", condition.tier)?;
        parts.part("above=", condition.above)?;
        parts.part("from=", condition.from)?;
        parts.part("until=", condition.until)?;
        parts.part("hours=", condition.hours.as_ref().map(Hours::key))
    }
}

impl fmt::Display for ConditionKey<'_, Hours> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.0;
        write!(f, "{}-{}", hours.start, hours.written_end())?;
        if hours.offset != UtcOffset::UTC {
            write!(f, "{}", hours.offset)?;
        }
        for (at, day) in hours.days.iter().enumerate() {
            write!(f, "{}{day}", if at == 0 { '/' } else { ',' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    fn hours(key: &str) -> Hours {
        Hours::parse_key(key).unwrap()
    }

    #[test]
    fn keys_and_rows_round_trip() {
        for key in [
            "",
            "region=cn tier=batch above=200000 from=2026-08-16T16:00Z until=2026-12-01 hours=22:00-06:30/mon,fri",
            "hours=01:00-04:00+08:00/tue",
            "hours=01:00-00:00-03:30",
            "hours=00:00-00:00/sat,sun",
        ] {
            let condition = Condition::parse_key(key).unwrap();
            assert_eq!(condition.key().to_string(), key);
            let catalog = Catalog { strings: "cn", ..Catalog::default() };
            let region = Text { len: condition.region.map_or(0, |_| 2).into(), ..ALWAYS_ROW.region };
            let row = ConditionRow::new(&condition, region);
            assert_eq!(row.view(&catalog), condition, "{key}");
            assert_eq!(condition.is_always(), row == ALWAYS_ROW, "{key}");
        }
        for (key, invalid) in
            [("tier=batch colour=red", "colour=red"), ("tier", "tier"), ("hours=1-2", "hours=1-2"), ("above=-1", "above=-1")]
        {
            assert_eq!(Condition::parse_key(key), Err(invalid));
        }
    }

    #[test]
    fn the_whole_day_has_one_form() {
        assert_eq!(hours("00:00-00:00"), hours("00:00-24:00"));
        assert!(hours("00:00-24:00/mon").is_whole_day() && !hours("00:00-23:59").is_whole_day() && !hours("05:00-05:00").is_whole_day());
        assert_eq!(hours("10:00-00:00").end(), TimeOfDay::END);
        // The whole day on all days does not limit a condition, at any offset.
        let always = Condition { hours: Some(hours("00:00-00:00+08:00")), ..Condition::<&str>::default() };
        assert_eq!(ConditionRow::new(&always, ALWAYS_ROW.region), ALWAYS_ROW);
    }

    #[test]
    fn conditions_display_in_words() {
        for (key, words) in [
            ("above=200000 tier=batch region=cn", "above 200000 input tokens, batch, region cn"),
            ("from=2026-01-02 until=2026-02-01", "from 2026-01-02, until 2026-02-01"),
            ("hours=10:00-00:00", "10:00-24:00 UTC"),
            ("hours=10:00-12:00+08:00/mon,tue", "10:00-12:00 +08:00, on mon tue"),
            ("tier=flex hours=00:00-00:00/sat,sun", "flex, on sat sun"),
            ("", ""),
        ] {
            assert_eq!(Condition::parse_key(key).unwrap().to_string(), words);
        }
    }

    #[test]
    fn and_of_disjoint_conditions_is_none() {
        let both =
            |one, other| Condition::parse_key(one).unwrap().and(&Condition::parse_key(other).unwrap()).map(|both| both.key().to_string());
        assert_eq!(
            both("above=1 from=2026-01-02", "above=2 tier=batch until=2026-01-03").as_deref(),
            Some("tier=batch above=2 from=2026-01-02 until=2026-01-03")
        );
        for (one, other) in [
            ("tier=batch", "tier=flex"),
            ("region=cn", "region=eu"),
            ("until=2026-01-02", "from=2026-01-02"),
            ("hours=01:00-02:00", "hours=01:00-03:00"),
        ] {
            assert_eq!(both(one, other), None);
        }
    }

    #[test]
    fn hours_sort_by_their_keys() {
        assert!(hours("00:00-00:00/sat") < hours("00:00-01:00/mon") && hours("00:00-01:00/mon,tue") < hours("00:00-01:00/tue"));
    }
}
