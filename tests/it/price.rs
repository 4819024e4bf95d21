//! Invariants of pricing with the price lists of the catalog. `crates/table/tests/it/price.rs` tests random price lists.

#![allow(clippy::print_stderr, reason = "prints the skipped price lists")]

use modeldex::{Amount, Billing, Meter, Model, Moment, PriceList, RequestContext, Usage};
use std::collections::BTreeSet;

/// 2026-08-10, a Monday, in minutes since 1970.
const START: u32 = 29_771_520;

/// Adds to a count and to the total that includes it.
fn charge(usage: &mut Usage, meter: Meter, count: u64) {
    for meter in [Some(meter), meter.part_of()].into_iter().flatten() {
        usage.set(meter, usage.get(meter) + count);
    }
}

/// Returns a context for each combination of moments, tiers and regions that a price list distinguishes.
fn contexts<'a>(prices: PriceList<'a>) -> Vec<RequestContext<'a>> {
    let conditions = || prices.iter().map(|price| price.condition());
    let tiers: BTreeSet<_> = [None].into_iter().chain(conditions().map(|condition| condition.tier)).collect();
    let regions: BTreeSet<_> = [None].into_iter().chain(conditions().map(|condition| condition.region)).collect();
    let mut times = BTreeSet::from([None, Some(Moment::from_minutes(START))]);
    for condition in conditions() {
        for bound in [condition.from, condition.until].into_iter().flatten() {
            times.extend([Some(bound), Some(Moment::from_minutes(bound.minutes() - 1))]);
        }
        if let Some(hours) = condition.hours {
            let minute = |time: u16| START + (u32::from(time) + 2_880 - hours.offset().minutes().rem_euclid(1_440) as u32) % 1_440;
            times.extend([hours.start(), hours.end()].map(|time| Some(Moment::from_minutes(minute(time.minutes())))));
        }
    }
    let mut all = Vec::new();
    for at in times {
        for tier in &tiers {
            all.extend(regions.iter().map(|region| RequestContext { at, tier: *tier, region: *region, ..RequestContext::default() }));
        }
    }
    all
}

/// Returns whether any meter becomes cheaper, or loses its rate, above any threshold of input tokens.
fn has_cheaper_threshold(prices: PriceList<'_>) -> bool {
    let thresholds: BTreeSet<u32> = prices.iter().filter_map(|price| price.condition().above).collect();
    contexts(prices).iter().any(|context| {
        thresholds.iter().any(|above| {
            let at = |input_tokens| prices.rates_for(&RequestContext { input_tokens, ..*context });
            let (below, over) = (at(u64::from(*above)), at(u64::from(*above) + 1));
            let (Some(below), Some(over)) = (below, over) else { return false };
            // A meter without a rate falls back to another rate, which may be above its own rate beyond the threshold.
            below.currency() != over.currency()
                || Meter::ALL.iter().any(|meter| match (below.get(*meter), over.get(*meter)) {
                    (Some(below), over) => over.is_none_or(|over| over < below),
                    (None, over) => over.is_some(),
                })
        })
    })
}

#[test]
fn more_usage_never_costs_less_in_catalog() {
    let catalog = modeldex::catalog();
    let metered: Vec<Model<'_>> = catalog.models().filter(|model| model.billing() == Billing::Metered).collect();
    let (cheapening, checked): (Vec<Model<'_>>, Vec<Model<'_>>) =
        metered.iter().copied().partition(|model| has_cheaper_threshold(model.prices()));
    eprintln!("{} price lists, {} skipped because long requests are cheaper: {cheapening:?}", metered.len(), cheapening.len());
    assert!(cheapening.len() * 100 < metered.len(), "{} of {} price lists skipped", cheapening.len(), metered.len());
    let steps = [1_u64, 999, 32_000, 128_000, 200_000, 300_000, 1_000_000];
    let mut compared = 0_u64;
    for model in checked {
        for context in contexts(model.prices()) {
            let rates = model.prices().rates_for(&context).unwrap();
            let totals: Vec<Meter> = rates.iter().map(|(meter, _)| meter).filter(|meter| meter.part_of().is_none()).collect();
            let mut last = Amount::ZERO;
            let mut usage = Usage::default();
            for step in steps {
                for meter in
                    rates.iter().map(|(meter, _)| meter).filter(|meter| meter.part_of().is_none_or(|total| totals.contains(&total)))
                {
                    charge(&mut usage, meter, step);
                    let amount = model.price(&usage, &context).unwrap_or_else(|error| panic!("{model:?} {context:?}: {error}")).amount();
                    assert!(amount >= last, "{model:?} {context:?} {usage:?}");
                    (last, compared) = (amount, compared + 1);
                }
            }
        }
    }
    assert!(compared > 100_000, "{compared}");
}

#[test]
fn lines_add_up_in_catalog() {
    let catalog = modeldex::catalog();
    for model in catalog.models().filter(|model| model.billing() == Billing::Metered) {
        for context in contexts(model.prices()) {
            let rates = model.prices().rates_for(&context).unwrap();
            let mut usage = Usage::default();
            rates.iter().enumerate().for_each(|(at, (meter, _))| charge(&mut usage, meter, 12_345 * (at as u64 + 1)));
            let Ok(cost) = model.price(&usage, &context) else { continue };
            let sum = cost.lines().try_fold(Amount::ZERO, |sum, line| sum.checked_add(line.amount));
            assert_eq!(sum, Some(cost.amount()), "{model:?}");
        }
    }
}
