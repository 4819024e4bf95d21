//! What an ordinary request costs on a day: the rates that lists and other tools' formats show.

use super::{Circumstances, Price, Prices};
use crate::{Currency, Meter, Moment, Rate, ServiceTier};

/// The rates of an ordinary request today: the first entry of a price list, changed by those whose dates hold now.
///
/// Entries for a tier, a size, a region or hours of the day are left out, so that a list does not change from hour to hour.
///
/// ```
/// # let catalog = modeldex_table::Catalog::default();
/// use modeldex_table::{Meter, Moment, Today};
/// for model in catalog.models() {
///     if let Some(today) = Today::of(model.prices(), Moment::from_unix(1_780_000_000)) {
///         let _per_million_tokens = today.get(Meter::Input);
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Today {
    currency: Currency,
    rates: [Option<Rate>; Meter::ALL.len()],
}

impl Today {
    /// `None` when the list is empty.
    #[must_use]
    pub fn of(prices: Prices<'_>, now: Moment) -> Option<Self> {
        let circumstances = Circumstances { at: Some(now), ..Circumstances::default() };
        Self::with(prices, |price| price.condition().has_dates_only() && price.holds(&circumstances))
    }

    /// The rates of a request of one class of service and length, on that day and whatever the hour and region; `None` when the list is
    /// empty.
    #[must_use]
    pub fn of_request(prices: Prices<'_>, now: Moment, tier: Option<ServiceTier>, input_tokens: u64) -> Option<Self> {
        let circumstances = Circumstances { at: Some(now), tier, input_tokens, region: None };
        Self::with(prices, |price| price.condition().is_everywhere_all_day() && price.holds(&circumstances))
    }

    /// The rates that hold always, whatever the day; `None` when the list is empty.
    #[must_use]
    pub fn always(prices: Prices<'_>) -> Option<Self> {
        Self::with(prices, |_| false)
    }

    /// The rates that hold always, changed by those whose condition holds.
    fn with<'a>(prices: Prices<'a>, holds: impl Fn(Price<'a>) -> bool) -> Option<Self> {
        let mut today: Option<Self> = None;
        for price in prices.iter().filter(|price| price.is_always() || holds(*price)) {
            let held = match &mut today {
                Some(held) if held.currency == price.currency() => held,
                _ => today.insert(Self { currency: price.currency(), rates: [None; Meter::ALL.len()] }),
            };
            for (meter, rate) in price.rates() {
                held.rates[usize::from(meter.code())] = Some(rate);
            }
        }
        today
    }

    /// The currency of all of them.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The rate of one meter as it is written, per million tokens or per single unit.
    #[must_use]
    pub fn get(&self, meter: Meter) -> Option<Rate> {
        self.rates[usize::from(meter.code())].map(|rate| rate.authored(meter))
    }

    /// Every rate that is named, as it is written.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}
