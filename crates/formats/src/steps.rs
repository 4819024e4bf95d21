//! The token thresholds and the service tiers for which the price list of a model has separate rates.

use modeldex_table::{Condition, Model, ServiceTier};
use std::collections::BTreeSet;

/// Returns the service tiers for which the price list of a model has rates. Prices that depend on the region or the hour are ignored.
pub(crate) fn priced_tiers(model: Model<'_>) -> impl Iterator<Item = ServiceTier> {
    ServiceTier::ALL.iter().copied().filter(move |tier| conditions(model).any(|condition| condition.tier == Some(*tier)))
}

/// Returns the numbers of input tokens above which the prices of a service tier change, smallest first.
pub(crate) fn token_thresholds(model: Model<'_>, tier: Option<ServiceTier>) -> BTreeSet<u32> {
    let applies_to_tier = |condition: &Condition<&str>| condition.tier.is_none_or(|named| Some(named) == tier);
    conditions(model).filter(applies_to_tier).filter_map(|condition| condition.above).collect()
}

/// Returns the conditions in a price list that depend neither on the region nor on the hour.
fn conditions(model: Model<'_>) -> impl Iterator<Item = Condition<&str>> {
    model.prices().iter().map(modeldex_table::PriceEntry::condition).filter(Condition::ignores_region_and_hours)
}
