//! Converts price lists to bands. A band has the rates of one service tier, for a range of input tokens and a period of time.

use modeldex_table::{Condition, CurrentRates, Meter, Model, Moment, PriceEntry, PriceList, Rate, ServiceTier};
use std::collections::BTreeSet;

/// The rates of one service tier, for a range of input tokens and a period of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PriceBand {
    /// Service tier; `None` is the default tier.
    pub(crate) tier: Option<ServiceTier>,
    /// Exclusive lower bound of input tokens.
    pub(crate) above: u32,
    /// Inclusive upper bound of input tokens.
    pub(crate) up_to: Option<u32>,
    /// Inclusive start of the period; `None` is unbounded.
    pub(crate) from: Option<Moment>,
    /// Exclusive end of the period; `None` is unbounded.
    pub(crate) until: Option<Moment>,
    /// Rates of the band.
    pub(crate) rates: CurrentRates,
}

/// Returns the bands of the price list of a model. Prices that depend on the region or the hour are left out.
pub(crate) fn price_bands(model: Model<'_>) -> Vec<PriceBand> {
    let prices = model.prices();
    let dates: BTreeSet<Moment> = everywhere(prices).flat_map(|condition| condition.from.into_iter().chain(condition.until)).collect();
    let tiers = [None].into_iter().chain(crate::steps::priced_tiers(model).map(Some));
    let mut bands: Vec<PriceBand> = Vec::new();
    for tier in tiers {
        let lengths: Vec<u32> = [0].into_iter().chain(crate::steps::token_thresholds(model, tier)).collect();
        for (at, &above) in lengths.iter().enumerate() {
            let up_to = lengths.get(at + 1).copied();
            let starts = [None].into_iter().chain(dates.iter().copied().map(Some));
            for (from, until) in starts.zip(dates.iter().copied().map(Some).chain([None])) {
                // The period before the first date is represented by the earliest moment.
                let when = from.unwrap_or(Moment::from_minutes(0));
                let Some(rates) = CurrentRates::of_request(prices, when, tier, u64::from(above) + 1) else { continue };
                let band = PriceBand { tier, above, up_to, from, until, rates };
                match bands.last_mut() {
                    Some(last)
                        if last.until == from
                            && from.is_some()
                            && PriceBand { from: last.from, until, ..band } == (PriceBand { until, ..*last }) =>
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

impl PriceBand {
    /// Returns the rate of a meter.
    pub(crate) fn rate(&self, meter: Meter) -> Option<Rate> {
        self.rates.get(meter)
    }
}

fn everywhere(prices: PriceList<'_>) -> impl Iterator<Item = Condition<&str>> {
    prices.iter().map(PriceEntry::condition).filter(Condition::ignores_region_and_hours)
}
