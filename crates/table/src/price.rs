//! Prices: an ordered list whose later entries change single rates under conditions.

use crate::rows::*;
use crate::{Catalog, Currency, Meter, Moment, Rate, ServiceTier, Set, TimeOfDay, UtcOffset, Weekday};
use core::fmt;

/// A model's price list. The first entry always holds; each later one names conditions and the rates that it changes.
#[derive(Clone, Copy)]
pub struct Prices<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) rows: &'a [PriceRow],
}

/// One entry of a price list.
#[derive(Clone, Copy)]
pub struct Price<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a PriceRow,
}

/// When an entry of a price list holds: all parts that are given, at once.
#[derive(Clone, Copy)]
pub struct Condition<'a> {
    catalog: &'a Catalog<'a>,
    row: &'a ConditionRow,
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
    /// Tokens of the request.
    pub input_tokens: u64,
    /// The class of service; `None` is the ordinary one.
    pub tier: Option<ServiceTier>,
    /// When it is sent; without it no dated or hourly entry holds.
    pub at: Option<Moment>,
    /// The region of the endpoint.
    pub region: Option<&'a str>,
}

/// The rates that hold under given circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    currency: Currency,
    rates: [Option<Rate>; Meter::ALL.len()],
}

impl<'a> Prices<'a> {
    /// The entries in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Price<'a>> + Clone {
        let catalog = self.catalog;
        self.rows.iter().map(move |row| Price { catalog, row })
    }

    /// Whether there are none, as for a model that is free, in a plan or unpriced.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// The rates that hold under `circumstances`: each is taken from the last entry that holds and names it.
    ///
    /// Currencies are never mixed: an entry in another currency than the ones before it replaces them whole.
    /// `None` when the list is empty.
    #[must_use]
    pub fn under(self, circumstances: &Circumstances<'_>) -> Option<Rates> {
        let mut held: Option<Rates> = None;
        for price in self.iter().filter(|price| price.condition().holds(circumstances)) {
            let rates = match &mut held {
                Some(rates) if rates.currency == price.currency() => rates,
                _ => held.insert(Rates { currency: price.currency(), rates: [None; Meter::ALL.len()] }),
            };
            for (meter, rate) in price.rates() {
                rates.rates[meter.code() as usize] = Some(rate);
            }
        }
        held
    }

    /// The rates of an ordinary small request: the first entry alone.
    #[must_use]
    pub fn base(self) -> Option<Rates> {
        self.under(&Circumstances::default())
    }
}

impl<'a> Price<'a> {
    /// When it holds.
    #[must_use]
    pub fn condition(self) -> Condition<'a> {
        const ALWAYS: &ConditionRow = &ALWAYS_ROW;
        Condition { catalog: self.catalog, row: self.catalog.conditions.get(self.row.condition.get() as usize).unwrap_or(ALWAYS) }
    }

    /// The currency of its rates.
    #[must_use]
    pub fn currency(self) -> Currency {
        Currency::from_code(self.row.currency).unwrap_or(Currency::Usd)
    }

    /// The rates it names, per million units each.
    pub fn rates(self) -> impl Iterator<Item = (Meter, Rate)> + Clone {
        let rows = self.row.rates.of(self.catalog.rates);
        rows.iter().filter_map(|row| Some((Meter::from_code(row.meter)?, Rate::from_micros(row.micros.get()))))
    }
}

impl<'a> Condition<'a> {
    /// Whether it holds for every request at every time.
    #[must_use]
    pub fn is_always(self) -> bool {
        *self.row == ALWAYS_ROW
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
    #[must_use]
    pub fn holds(self, circumstances: &Circumstances<'_>) -> bool {
        self.above().is_none_or(|above| circumstances.input_tokens > u64::from(above))
            && (self.tier().is_none() || self.tier() == circumstances.tier)
            && (self.region().is_none() || self.region() == circumstances.region)
            && self.holds_at(circumstances.at)
    }

    fn holds_at(self, at: Option<Moment>) -> bool {
        if self.from().is_none() && self.until().is_none() && self.hours().is_none() && self.days().is_empty() {
            return true;
        }
        let Some(at) = at else { return false };
        let (minute, weekday) = at.local(self.offset().minutes());
        let in_hours = self.hours().is_none_or(|hours| {
            let (start, end) = (hours.start.minutes(), hours.end.minutes());
            if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end }
        });
        let on_day = self.days().is_empty() || Weekday::from_code(weekday).is_some_and(|day| self.days().contains(day));
        self.from().is_none_or(|from| at >= from) && self.until().is_none_or(|until| at < until) && in_hours && on_day
    }
}

impl Rates {
    /// The currency of all of them.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The rate of one meter, per million units; `None` when the list does not name it.
    #[must_use]
    pub const fn get(&self, meter: Meter) -> Option<Rate> {
        self.rates[meter.code() as usize]
    }

    /// Every rate that is named, in the order of the meters.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
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

impl fmt::Debug for Price<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entry(&"condition", &self.condition()).entries(self.rates()).finish()
    }
}

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
