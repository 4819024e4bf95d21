//! When an entry of a price list holds.

use crate::rows::*;
use crate::{Catalog, Moment, ServiceTier, Set, TimeOfDay, UtcOffset, Weekday};
use core::cmp::Ordering;
use core::fmt;

/// When an entry of a price list holds: all parts that are given, at once. Without parts it holds always.
///
/// `R` is how the region is held: `&str` in a view of a catalog, `String` where the condition is owned.
///
/// ```
/// use modeldex_table::{Condition, ServiceTier};
/// let batch = Condition { tier: Some(ServiceTier::Batch), above: Some(200_000), ..Condition::<&str>::default() };
/// assert_eq!(batch.to_string(), "above 200000 input tokens, batch");
/// assert_eq!(batch.terms().to_string(), "tier=batch above=200000");
/// assert_eq!(Condition::parse_terms("tier=batch above=200000"), Ok(batch));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Condition<R> {
    /// More input tokens than this.
    pub above: Option<u32>,
    /// This class of service.
    pub tier: Option<ServiceTier>,
    /// Not before this moment.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
    /// Between these hours, on these days.
    pub hours: Option<Hours>,
    /// At an endpoint of this region.
    pub region: Option<R>,
}

/// Hours of the day, on some days of the week or on all, in a zone that is a fixed distance from UTC.
///
/// An end at midnight is 24:00 and never 00:00, so that the whole day has one form: 00:00 to 24:00.
///
/// ```
/// use modeldex_table::{Hours, Moment, UtcOffset};
/// let night = Hours::parse_terms("22:00-00:00/sat,sun").unwrap();
/// assert_eq!(night.to_string(), "22:00-24:00 UTC, on sat sun");
/// assert_eq!(night.terms().to_string(), "22:00-00:00/sat,sun");
/// assert!(night.contains(Moment::parse("2026-11-22T23:59Z").unwrap()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    start: TimeOfDay,
    end: TimeOfDay,
    days: Set<Weekday>,
    offset: UtcOffset,
}

/// A condition or hours as keys of evidence spell them.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'c, T>(&'c T);

/// What is known of a request when its price is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// Tokens of the request, of which [`Prices::under`](crate::Prices::under) picks the tier; [`Model::price`](crate::Model::price) takes
    /// them from the usage instead.
    pub input_tokens: u64,
    /// The class of service; `None` is the ordinary one. What it costs in one that no entry of a list names is not known.
    pub tier: Option<ServiceTier>,
    /// When it is sent; without it no dated or hourly entry holds.
    pub at: Option<Moment>,
    /// The region of the endpoint, as the catalog spells it. Where no entry of a list names it, its rates are those of every region.
    pub region: Option<&'a str>,
}

impl<R> Condition<R> {
    /// Whether it holds for every request at every time.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        self.has_dates_only() && self.from.is_none() && self.until.is_none()
    }

    /// Whether it names dates, if anything: it does not change with the request or the hour.
    #[must_use]
    pub const fn has_dates_only(&self) -> bool {
        self.above.is_none() && self.tier.is_none() && self.is_everywhere_all_day()
    }

    /// Whether it names neither a region nor hours.
    #[must_use]
    pub const fn is_everywhere_all_day(&self) -> bool {
        self.region.is_none() && self.hours.is_none()
    }

    /// The condition under which both hold; `None` where they never hold at once. Hours that are not the same are taken to have no minute
    /// in common.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self>
    where
        R: Clone + PartialEq,
    {
        let (from, until) = (self.from.max(other.from), [self.until, other.until].into_iter().flatten().min());
        let both = Self {
            above: self.above.max(other.above),
            tier: same(self.tier.as_ref(), other.tier.as_ref())?,
            from,
            until,
            hours: same(self.hours.as_ref(), other.hours.as_ref())?,
            region: same(self.region.as_ref(), other.region.as_ref())?,
        };
        from.zip(until).is_none_or(|(from, until)| from < until).then_some(both)
    }

    /// The same condition with its region borrowed.
    #[must_use]
    pub fn as_ref(&self) -> Condition<&str>
    where
        R: AsRef<str>,
    {
        let Self { above, tier, from, until, hours, region } = self;
        Condition { above: *above, tier: *tier, from: *from, until: *until, hours: *hours, region: region.as_ref().map(R::as_ref) }
    }

    /// The same condition with its region held in another way.
    pub fn map_region<S>(self, region: impl FnOnce(R) -> S) -> Condition<S> {
        let Self { above, tier, from, until, hours, region: own } = self;
        Condition { above, tier, from, until, hours, region: own.map(region) }
    }

    /// Its spelling in keys of evidence, which [`Condition::parse_terms`] reads: `region=cn tier=batch above=200000`.
    #[must_use]
    pub const fn terms(&self) -> Terms<'_, Self> {
        Terms(self)
    }
}

impl<'a> Condition<&'a str> {
    /// Reads the terms of a condition.
    ///
    /// # Errors
    /// The first term that is not one.
    pub fn parse_terms(text: &'a str) -> Result<Self, &'a str> {
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
            "hours" => self.hours = Some(Hours::parse_terms(value)?),
            _ => return None,
        }
        Some(())
    }
}

/// What two parts ask for together, of which each may ask for nothing; `None` where they ask for different things.
fn same<T: Clone + PartialEq>(one: Option<&T>, other: Option<&T>) -> Option<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => Some(one.or(other).cloned()),
    }
}

impl Hours {
    /// The hours from `start` until before `end`, on `days` or, where the set is empty, on all. An `end` that is not after `start` is on
    /// the next day.
    #[must_use]
    pub const fn new(start: TimeOfDay, end: TimeOfDay, days: Set<Weekday>, offset: UtcOffset) -> Self {
        let end = if end.minutes() == 0 { TimeOfDay::END } else { end };
        Self { start, end, days, offset }
    }

    /// The same hours on other days.
    #[must_use]
    pub const fn on(self, days: Set<Weekday>) -> Self {
        Self { days, ..self }
    }

    /// The first minute.
    #[must_use]
    pub const fn start(self) -> TimeOfDay {
        self.start
    }

    /// The minute after the last; not after the start means that the hours cross midnight.
    #[must_use]
    pub const fn end(self) -> TimeOfDay {
        self.end
    }

    /// The end as people write it: 00:00 for midnight.
    #[must_use]
    pub const fn written_end(self) -> TimeOfDay {
        if self.end.minutes() == TimeOfDay::END.minutes() { TimeOfDay::START } else { self.end }
    }

    /// The days of the week, counted in the same zone as the hours; empty for all.
    #[must_use]
    pub const fn days(self) -> Set<Weekday> {
        self.days
    }

    /// The zone.
    #[must_use]
    pub const fn offset(self) -> UtcOffset {
        self.offset
    }

    /// Whether they are the whole day, on some days or on all.
    #[must_use]
    pub const fn is_whole_day(self) -> bool {
        self.start.minutes() == TimeOfDay::START.minutes() && self.end.minutes() == TimeOfDay::END.minutes()
    }

    /// Whether a moment is in them.
    #[must_use]
    pub fn contains(self, at: Moment) -> bool {
        let (minute, weekday) = at.local(self.offset.minutes());
        let (start, end) = (self.start.minutes(), self.end.minutes());
        let in_hours = if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end };
        in_hours && (self.days.is_empty() || Weekday::from_code(weekday).is_some_and(|day| self.days.contains(day)))
    }

    /// Their spelling in keys of evidence, which [`Hours::parse_terms`] reads: `01:00-04:00/mon,tue`.
    #[must_use]
    pub const fn terms(&self) -> Terms<'_, Self> {
        Terms(self)
    }

    /// Reads the terms of hours: `14:00-00:00`, `01:00-04:00/mon,tue`, and with a zone that is not UTC `01:00-04:00+08:00/mon`.
    #[must_use]
    pub fn parse_terms(text: &str) -> Option<Self> {
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
    /// The row of a condition whose region is at `region` in the string pool.
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
            // The whole of every day is no condition.
            Some(hours) if !(hours.is_whole_day() && hours.days().is_empty()) => {
                let (start, end) = if hours.is_whole_day() { (0, 0) } else { (hours.start.minutes(), hours.end.minutes()) };
                let days = hours.days.bits() as u8;
                Self { hours_start: start.into(), hours_end: end.into(), utc_offset: hours.offset.minutes().into(), days, ..row }
            }
            _ => row,
        }
    }

    /// The condition that the row holds.
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

    /// The class of service that it names. A code that is no word names none.
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

    /// Whether every part holds. Judged on the row itself: the engine asks it for each entry of a list, and most have no part at all.
    #[inline]
    pub(super) fn holds(&self, catalog: &Catalog<'_>, circumstances: &Circumstances<'_>) -> bool {
        let is_timed = self.from.get() | self.until.get() != 0 || self.hours_end.get() != 0 || self.days != 0;
        (self.above.get() == 0 || circumstances.input_tokens > u64::from(self.above.get()))
            // A code that is no word holds for nobody: it was written by whoever knows more words.
            && (self.tier == 0 || self.tier().is_some_and(|tier| circumstances.tier == Some(tier)))
            && (self.region.len.get() == 0 || catalog.optional(self.region).is_some_and(|region| circumstances.region == Some(region)))
            && (!is_timed || circumstances.at.is_some_and(|at| self.holds_at(at)))
    }

    fn holds_at(&self, at: Moment) -> bool {
        at.minutes() >= self.from.get()
            && (self.until.get() == 0 || at.minutes() < self.until.get())
            && self.hours().is_none_or(|hours| hours.contains(at))
    }
}

/// The condition that always holds.
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

/// By the end as people write it: the whole day before the first hour of it.
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

/// By region, class of service and length before dates and hours: the order in which evidence lists the rates of a model.
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

/// Writes parts with a separator between them.
struct Parts<'f, 'b> {
    to: &'f mut fmt::Formatter<'b>,
    separator: &'static str,
    has_any: bool,
}

impl<'f, 'b> Parts<'f, 'b> {
    const fn new(to: &'f mut fmt::Formatter<'b>, separator: &'static str) -> Self {
        Self { to, separator, has_any: false }
    }

    /// Writes a part, where there is one, between two texts.
    fn part(&mut self, before: &str, part: Option<impl fmt::Display>, after: &str) -> fmt::Result {
        let Some(part) = part else { return Ok(()) };
        let separator = if self.has_any { self.separator } else { "" };
        self.has_any = true;
        write!(self.to, "{separator}{before}{part}{after}")
    }
}

impl<R: fmt::Display> fmt::Display for Condition<R> {
    /// Writes the parts in words, separated by commas; nothing when it always holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Parts::new(f, ", ");
        parts.part("above ", self.above, " input tokens")?;
        parts.part("", self.tier, "")?;
        parts.part("region ", self.region.as_ref(), "")?;
        parts.part("from ", self.from, "")?;
        parts.part("until ", self.until, "")?;
        parts.part("", self.hours, "")
    }
}

impl fmt::Display for Hours {
    /// Writes the hours and the days in words; the days alone where they are whole.
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

impl<R: fmt::Display> fmt::Display for Terms<'_, Condition<R>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let condition = self.0;
        let mut parts = Parts::new(f, " ");
        parts.part("region=", condition.region.as_ref(), "")?;
        parts.part("tier=", condition.tier, "")?;
        parts.part("above=", condition.above, "")?;
        parts.part("from=", condition.from, "")?;
        parts.part("until=", condition.until, "")?;
        parts.part("hours=", condition.hours.as_ref().map(Hours::terms), "")
    }
}

impl fmt::Display for Terms<'_, Hours> {
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

    fn hours(terms: &str) -> Hours {
        Hours::parse_terms(terms).unwrap()
    }

    #[test]
    fn terms_and_rows_return_to_their_condition() {
        for terms in [
            "",
            "region=cn tier=batch above=200000 from=2026-08-16T16:00Z until=2026-12-01 hours=22:00-06:30/mon,fri",
            "hours=01:00-04:00+08:00/tue",
            "hours=01:00-00:00-03:30",
            "hours=00:00-00:00/sat,sun",
        ] {
            let condition = Condition::parse_terms(terms).unwrap();
            assert_eq!(condition.terms().to_string(), terms);
            let catalog = Catalog { strings: "cn", ..Catalog::default() };
            let region = Text { len: condition.region.map_or(0, |_| 2).into(), ..ALWAYS_ROW.region };
            let row = ConditionRow::new(&condition, region);
            assert_eq!(row.view(&catalog), condition, "{terms}");
            assert_eq!(condition.is_always(), row == ALWAYS_ROW, "{terms}");
        }
        for (terms, wrong) in
            [("tier=batch colour=red", "colour=red"), ("tier", "tier"), ("hours=1-2", "hours=1-2"), ("above=-1", "above=-1")]
        {
            assert_eq!(Condition::parse_terms(terms), Err(wrong));
        }
    }

    #[test]
    fn the_whole_day_has_one_form() {
        assert_eq!(hours("00:00-00:00"), hours("00:00-24:00"));
        assert!(hours("00:00-24:00/mon").is_whole_day() && !hours("00:00-23:59").is_whole_day() && !hours("05:00-05:00").is_whole_day());
        assert_eq!(hours("10:00-00:00").end(), TimeOfDay::END);
        // On every day it is no condition, whatever the zone.
        let always = Condition { hours: Some(hours("00:00-00:00+08:00")), ..Condition::<&str>::default() };
        assert_eq!(ConditionRow::new(&always, ALWAYS_ROW.region), ALWAYS_ROW);
    }

    #[test]
    fn people_read_words() {
        for (terms, words) in [
            ("above=200000 tier=batch region=cn", "above 200000 input tokens, batch, region cn"),
            ("from=2026-01-02 until=2026-02-01", "from 2026-01-02, until 2026-02-01"),
            ("hours=10:00-00:00", "10:00-24:00 UTC"),
            ("hours=10:00-12:00+08:00/mon,tue", "10:00-12:00 +08:00, on mon tue"),
            ("tier=flex hours=00:00-00:00/sat,sun", "flex, on sat sun"),
            ("", ""),
        ] {
            assert_eq!(Condition::parse_terms(terms).unwrap().to_string(), words);
        }
    }

    #[test]
    fn conditions_that_never_hold_at_once_have_none_for_both() {
        let both = |one, other| {
            Condition::parse_terms(one).unwrap().and(&Condition::parse_terms(other).unwrap()).map(|both| both.terms().to_string())
        };
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
    fn hours_are_in_the_order_of_their_terms() {
        assert!(hours("00:00-00:00/sat") < hours("00:00-01:00/mon") && hours("00:00-01:00/mon,tue") < hours("00:00-01:00/tue"));
    }
}
