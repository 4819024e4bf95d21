//! At which lengths and in which classes of service a model has prices of its own.

use modeldex_table::{Condition, Model, ServiceTier};
use std::collections::BTreeSet;

/// The classes of service that some entry names, whatever the region.
pub(crate) fn tiers(model: Model<'_>) -> impl Iterator<Item = ServiceTier> {
    ServiceTier::ALL.iter().copied().filter(move |tier| conditions(model).any(|condition| condition.tier == Some(*tier)))
}

/// The lengths of a request, in tokens, above which prices in a class of service change, smallest first.
pub(crate) fn lengths(model: Model<'_>, tier: Option<ServiceTier>) -> BTreeSet<u32> {
    let of_tier = |condition: &Condition<&str>| condition.tier.is_none_or(|named| Some(named) == tier);
    conditions(model).filter(of_tier).filter_map(|condition| condition.above).collect()
}

/// The conditions that hold in every region and at every hour.
fn conditions(model: Model<'_>) -> impl Iterator<Item = Condition<&str>> {
    model.prices().iter().map(modeldex_table::PriceEntry::condition).filter(Condition::ignores_region_and_hours)
}
