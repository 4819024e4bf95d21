//! Validation of regions: an unknown region is an error, because it would otherwise be priced like no region.

use super::error::{LineError, cut};
use modeldex_table::nearest::nearest;
use modeldex_table::{Model, Provider};
use std::collections::{BTreeSet, HashMap};

/// Regions per provider, by its index. Collected once per provider, because it takes all of its prices.
pub(super) type Regions<'a> = HashMap<usize, Vec<&'a str>>;

/// Fails if the model's provider has neither an endpoint nor a price in `region`.
pub(super) fn check<'a>(regions: &mut Regions<'a>, model: Model<'a>, region: &str) -> Result<(), LineError> {
    let provider = model.provider();
    let known = regions.entry(provider.index()).or_insert_with(|| all(provider));
    if known.contains(&region) { Ok(()) } else { Err(unknown(provider, region, known)) }
}

fn all<'a>(provider: Provider<'a>) -> Vec<&'a str> {
    let prices = provider.models().flat_map(|model| model.prices().iter());
    let of_prices = prices.filter_map(|price| price.condition().region);
    let all: BTreeSet<&'a str> = provider.endpoints().filter_map(|endpoint| endpoint.region()).chain(of_prices).collect();
    all.into_iter().collect()
}

fn unknown(provider: Provider<'_>, region: &str, known: &[&str]) -> LineError {
    let same = known.iter().copied().find(|other| other.eq_ignore_ascii_case(region));
    let near = same.or_else(|| nearest(&region.to_ascii_lowercase(), known.iter().copied()));
    let near = near.map_or_else(String::new, |near| format!("; nearest: `{near}`"));
    let all = known.iter().map(|region| format!("`{region}`")).collect::<Vec<_>>().join(", ");
    let all = if all.is_empty() { "it has no regions".to_owned() } else { format!("known regions: {all}") };
    LineError::of("unknown-region", format_args!("`{}` has no region `{}`{near}; {all}", provider.id(), cut(region)))
}
