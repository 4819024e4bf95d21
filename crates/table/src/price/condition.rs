//! When an entry of a price list holds.

use crate::rows::*;
use crate::{Catalog, Moment, ServiceTier, Set, TimeOfDay, UtcOffset, Weekday};
use core::fmt;

/// When an entry of a price list holds: all parts that are given, at once.
#[derive(Clone, Copy)]
pub struct Condition<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    pub(super) row: &'a ConditionRow,
}

/// Hours of the day between which a condition holds, in a zone that is a fixed distance from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The first minute.
    pub start: TimeOfDay,
    /// The minute after the last; not after `start` means that the hours cross midnight.
    pub end: TimeOfDay,
    /// The zone.
    pub offset: UtcOffset,
}

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

impl<'a> Condition<'a> {
    /// Whether it holds for every request at every time.
    #[must_use]
    pub fn is_always(self) -> bool {
        *self.row == ALWAYS_ROW
    }

    /// Its place in [`Catalog::conditions`], the same for every entry with this condition and stable for one build of the catalog.
    #[must_use]
    pub fn place(self) -> Option<usize> {
        let start = self.catalog.conditions.as_ptr().addr();
        let place = core::ptr::from_ref(self.row).addr().checked_sub(start)? / size_of::<ConditionRow>();
        (place < self.catalog.conditions.len()).then_some(place)
    }

    /// Whether it names dates, if anything: it does not change with the request or the hour.
    #[must_use]
    pub fn has_dates_only(self) -> bool {
        self.above().is_none() && self.tier().is_none() && self.region().is_none() && self.hours().is_none() && self.days().is_empty()
    }

    /// More input tokens than this.
    #[must_use]
    pub fn above(self) -> Option<u32> {
        Some(self.row.above.get()).filter(|above| *above != 0)
    }

    /// This class of service.
    #[must_use]
    pub fn tier(self) -> Option<ServiceTier> {
        self.row.tier.checked_sub(1).and_then(ServiceTier::from_code)
    }

    /// Not before.
    #[must_use]
    pub fn from(self) -> Option<Moment> {
        Some(self.row.from.get()).filter(|from| *from != 0).map(Moment::from_minutes)
    }

    /// Before, exclusive.
    #[must_use]
    pub fn until(self) -> Option<Moment> {
        Some(self.row.until.get()).filter(|until| *until != 0).map(Moment::from_minutes)
    }

    /// Between these hours of each day.
    #[must_use]
    pub fn hours(self) -> Option<Hours> {
        (self.row.hours_end.get() != 0).then(|| Hours {
            start: TimeOfDay::from_minutes(self.row.hours_start.get()),
            end: TimeOfDay::from_minutes(self.row.hours_end.get()),
            offset: self.offset(),
        })
    }

    /// On these days of the week, counted in the same zone as the hours; empty for all.
    #[must_use]
    pub fn days(self) -> Set<Weekday> {
        Set::<Weekday>::from_bits(u32::from(self.row.days))
    }

    /// The zone in which hours and days are counted.
    #[must_use]
    pub fn offset(self) -> UtcOffset {
        UtcOffset::from_minutes(self.row.utc_offset.get())
    }

    /// At an endpoint of this region.
    #[must_use]
    pub fn region(self) -> Option<&'a str> {
        self.catalog.optional(self.row.region)
    }

    /// Whether every part holds.
    #[inline]
    #[must_use]
    pub fn holds(self, circumstances: &Circumstances<'_>) -> bool {
        let row = self.row;
        let is_timed = row.from.get() | row.until.get() != 0 || row.hours_end.get() != 0 || row.days != 0;
        self.above().is_none_or(|above| circumstances.input_tokens > u64::from(above))
            // A code that is no word holds for nobody: it was written by whoever knows more words.
            && (row.tier == 0 || self.tier().is_some_and(|tier| circumstances.tier == Some(tier)))
            && (row.region.len.get() == 0 || self.region().is_some_and(|region| circumstances.region == Some(region)))
            && (!is_timed || self.holds_at(circumstances.at))
    }

    fn holds_at(self, at: Option<Moment>) -> bool {
        let Some(at) = at else { return false };
        let (minute, weekday) = at.local(self.offset().minutes());
        let in_hours = self.hours().is_none_or(|hours| {
            let (start, end) = (hours.start.minutes(), hours.end.minutes());
            if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end }
        });
        let on_day = self.row.days == 0 || Weekday::from_code(weekday).is_some_and(|day| self.days().contains(day));
        self.from().is_none_or(|from| at >= from) && self.until().is_none_or(|until| at < until) && in_hours && on_day
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

impl fmt::Debug for Condition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Condition<'_> {
    /// Writes the parts in words, separated by commas; nothing when it always holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut part = |f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>| {
            let done = write!(f, "{separator}{text}");
            separator = ", ";
            done
        };
        if let Some(above) = self.above() {
            part(f, format_args!("above {above} input tokens"))?;
        }
        if let Some(tier) = self.tier() {
            part(f, format_args!("{tier}"))?;
        }
        if let Some(region) = self.region() {
            part(f, format_args!("region {region}"))?;
        }
        if let Some(from) = self.from() {
            part(f, format_args!("from {from}"))?;
        }
        if let Some(until) = self.until() {
            part(f, format_args!("until {until}"))?;
        }
        if let Some(hours) = self.hours() {
            part(f, format_args!("{}-{} {}", hours.start, hours.end, hours.offset))?;
        }
        if !self.days().is_empty() {
            part(f, format_args!("on"))?;
            for day in self.days().iter() {
                write!(f, " {day}")?;
            }
        }
        Ok(())
    }
}
