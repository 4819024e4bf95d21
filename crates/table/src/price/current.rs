//! The rates on a given day. Lists of models show these rates, and the command `modeldex emit` writes them in the formats of other tools.

use super::{PriceEntry, PriceList, RequestContext};
use crate::{Currency, Meter, Moment, Rate, ServiceTier};

/// The rates of a model at one moment. The first entry of the price list states the basic rates. Later entries that apply at this moment change these
/// rates or add rates.
///
/// [`CurrentRates::of`] ignores entries that are limited to a service tier, a number of input tokens, a region or hours of the day. Therefore the
/// rates are those of a standard request, and do not depend on the hour of the day.
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
    /// Returns the rates of a standard request at the moment `now`. Ignores entries that are limited to a service tier, a number of input tokens, a
    /// region or hours of the day. Returns `None` if the price list is empty.
    #[must_use]
    pub fn of(prices: PriceList<'_>, now: Moment) -> Option<Self> {
        let context = RequestContext { at: Some(now), ..RequestContext::default() };
        Self::with(prices, |price| price.condition().is_date_only() && price.applies_to(&context))
    }

    /// Returns the rates of a request with the service tier `tier` (`None` for the standard tier) and `input_tokens` input tokens, at the moment
    /// `now`. Ignores entries that are limited to hours of the day or to a region. Returns `None` if the price list is empty.
    #[must_use]
    pub fn of_request(prices: PriceList<'_>, now: Moment, tier: Option<ServiceTier>, input_tokens: u64) -> Option<Self> {
        let context = RequestContext { at: Some(now), tier, input_tokens, region: None };
        Self::with(prices, |price| price.condition().ignores_region_and_hours() && price.applies_to(&context))
    }

    /// Returns the rates of the entries that have no condition and therefore apply to every request. Returns `None` if the price list is empty.
    #[must_use]
    pub fn always(prices: PriceList<'_>) -> Option<Self> {
        Self::with(prices, |_| false)
    }

    /// Returns the rates of the entries without a condition, changed by the entries for which `applies` returns `true`.
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

    /// Returns the rate of `meter` in currency units, per million tokens or per single unit such as an image. Returns `None` if the price list has no
    /// rate for the meter.
    #[must_use]
    pub fn get(&self, meter: Meter) -> Option<Rate> {
        self.rates[usize::from(meter.code())].map(|rate| rate.authored(meter))
    }

    /// Iterates over the meters that have a rate, each with its rate in currency units, per million tokens or per single unit such as an image.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}
