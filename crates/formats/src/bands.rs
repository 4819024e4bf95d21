//! A price list as rows: one for each stretch of length, class of service and time in which the rates are the same.

use modeldex_table::{Condition, CurrentRates, Meter, Model, Moment, PriceEntry, PriceList, Rate, ServiceTier};
use std::collections::BTreeSet;

/// The rates that hold for requests of one class of service, between two lengths, between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    /// The class of service; `None` is the ordinary one.
    pub(crate) tier: Option<ServiceTier>,
    /// Requests of more input tokens than this.
    pub(crate) above: u32,
    /// Requests of at most so many input tokens.
    pub(crate) up_to: Option<u32>,
    /// From this moment on; `None` is since ever.
    pub(crate) from: Option<Moment>,
    /// Before this moment; `None` is for good, as far as is known.
    pub(crate) until: Option<Moment>,
    /// The rates, as they are written.
    pub(crate) rates: CurrentRates,
}

/// The rows of a price list. Prices by region and by the hour are not among them.
pub(crate) fn bands(model: Model<'_>) -> Vec<Band> {
    let prices = model.prices();
    let dates: BTreeSet<Moment> = everywhere(prices).flat_map(|condition| condition.from.into_iter().chain(condition.until)).collect();
    let tiers = [None].into_iter().chain(crate::steps::tiers(model).map(Some));
    let mut bands: Vec<Band> = Vec::new();
    for tier in tiers {
        let lengths: Vec<u32> = [0].into_iter().chain(crate::steps::lengths(model, tier)).collect();
        for (at, &above) in lengths.iter().enumerate() {
            let up_to = lengths.get(at + 1).copied();
            let starts = [None].into_iter().chain(dates.iter().copied().map(Some));
            for (from, until) in starts.zip(dates.iter().copied().map(Some).chain([None])) {
                // Before the first date, the first moment that there is stands for all.
                let when = from.unwrap_or(Moment::from_minutes(0));
                let Some(rates) = CurrentRates::of_request(prices, when, tier, u64::from(above) + 1) else { continue };
                let band = Band { tier, above, up_to, from, until, rates };
                match bands.last_mut() {
                    Some(last)
                        if last.until == from && from.is_some() && Band { from: last.from, until, ..band } == (Band { until, ..*last }) =>
                    {
                        last.until = until;
                    }
                    _ => bands.push(band),
                }
            }
        }
    }
    bands
}

impl Band {
    /// The rate of a meter, as it is written.
    pub(crate) fn rate(&self, meter: Meter) -> Option<Rate> {
        self.rates.get(meter)
    }
}

fn everywhere(prices: PriceList<'_>) -> impl Iterator<Item = Condition<&str>> {
    prices.iter().map(PriceEntry::condition).filter(Condition::ignores_region_and_hours)
}
