//! Validation of regions. An unknown region is an error; otherwise the request would be priced as if it had no region.

use super::error::{LineError, cut};
use modeldex_table::nearest::nearest;
use modeldex_table::{Model, Provider};
use std::collections::{BTreeSet, HashMap};

/// The known regions of each provider, by the provider's index. Cached, because collecting them reads all prices of the provider.
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
    let known = known.iter().map(|region| format!("`{region}`")).collect::<Vec<_>>().join(", ");
    let (provider, region) = (provider.id(), cut(region));
    let message = match near {
        Some(near) => format!("the provider `{provider}` has no region `{region}`; nearest: `{near}`; known regions: {known}"),
        None if known.is_empty() => {
            format!("the provider `{provider}` has no region `{region}`; none of its endpoints and prices has a region")
        }
        None => format!("the provider `{provider}` has no region `{region}`; known regions: {known}"),
    };
    LineError::of("unknown-region", message)
}
