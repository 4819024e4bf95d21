//! Rates on a given day, as model lists and other tools' formats show them.

use super::{PriceEntry, PriceList, RequestContext};
use crate::{Currency, Meter, Moment, Rate, ServiceTier};

/// The rates of a standard request at a moment: the first entry of a price list, changed by entries whose dates apply.
///
/// Entries with a tier, threshold, region or hours of the day are skipped, so that the rates do not change within a day.
///
/// ```
/// # let catalog = modeldex_table::Catalog::default();
/// use modeldex_table::{Meter, Moment, CurrentRates};
/// for model in catalog.models() {
///     if let Some(rates) = CurrentRates::of(model.prices(), Moment::from_unix(1_780_000_000)) {
///         let _per_million_tokens = rates.get(Meter::Input);
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentRates {
    currency: Currency,
    rates: [Option<Rate>; Meter::ALL.len()],
}

impl CurrentRates {
    /// Returns the rates at `now`; `None` if the list is empty.
    #[must_use]
    pub fn of(prices: PriceList<'_>, now: Moment) -> Option<Self> {
        let context = RequestContext { at: Some(now), ..RequestContext::default() };
        Self::with(prices, |price| price.condition().is_date_only() && price.applies_to(&context))
    }

    /// Returns the rates of requests with a service tier and a number of input tokens at `now`, ignoring entries with hours or regions; `None`
    /// if the list is empty.
    #[must_use]
    pub fn of_request(prices: PriceList<'_>, now: Moment, tier: Option<ServiceTier>, input_tokens: u64) -> Option<Self> {
        let context = RequestContext { at: Some(now), tier, input_tokens, region: None };
        Self::with(prices, |price| price.condition().ignores_region_and_hours() && price.applies_to(&context))
    }

    /// Returns the rates of the entries that always apply, ignoring entries with dates; `None` if the list is empty.
    #[must_use]
    pub fn always(prices: PriceList<'_>) -> Option<Self> {
        Self::with(prices, |_| false)
    }

    /// Returns the unconditional rates, changed by the entries that `applies` accepts.
    fn with<'a>(prices: PriceList<'a>, applies: impl Fn(PriceEntry<'a>) -> bool) -> Option<Self> {
        let mut current: Option<Self> = None;
        for price in prices.iter().filter(|price| price.is_always() || applies(*price)) {
            let rates = match &mut current {
                Some(rates) if rates.currency == price.currency() => rates,
                _ => current.insert(Self { currency: price.currency(), rates: [None; Meter::ALL.len()] }),
            };
            for (meter, rate) in price.rates() {
                rates.rates[usize::from(meter.code())] = Some(rate);
            }
        }
        current
    }

    /// Returns the currency of all rates.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Returns the rate of a meter as authored, per million tokens or per single unit.
    #[must_use]
    pub fn get(&self, meter: Meter) -> Option<Rate> {
        self.rates[usize::from(meter.code())].map(|rate| rate.authored(meter))
    }

    /// Iterates over all rates as authored, per million tokens or per single unit.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}
