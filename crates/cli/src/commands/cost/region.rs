//! Regions: one that a provider does not have is a slip of the pen, which must not cost what it costs elsewhere.

use super::fault::{Fault, cut};
use modeldex_table::nearest::nearest;
use modeldex_table::{Model, Provider};
use std::collections::{BTreeSet, HashMap};

/// The regions of providers, by their places. Each is looked for once: it takes all of a provider's prices.
pub(super) type Regions<'a> = HashMap<usize, Vec<&'a str>>;

/// Whether the model's provider has an endpoint or a price in `region`.
pub(super) fn check<'a>(regions: &mut Regions<'a>, model: Model<'a>, region: &str) -> Result<(), Fault> {
    let provider = model.provider();
    let there_are = regions.entry(provider.index()).or_insert_with(|| all(provider));
    if there_are.contains(&region) { Ok(()) } else { Err(unknown(provider, region, there_are)) }
}

fn all<'a>(provider: Provider<'a>) -> Vec<&'a str> {
    let prices = provider.models().flat_map(|model| model.prices().iter());
    let of_prices = prices.filter_map(|price| price.condition().region);
    let all: BTreeSet<&'a str> = provider.endpoints().filter_map(|endpoint| endpoint.region()).chain(of_prices).collect();
    all.into_iter().collect()
}

fn unknown(provider: Provider<'_>, region: &str, there_are: &[&str]) -> Fault {
    let same = there_are.iter().copied().find(|other| other.eq_ignore_ascii_case(region));
    let near = same.or_else(|| nearest(&region.to_ascii_lowercase(), there_are.iter().copied()));
    let near = near.map_or_else(String::new, |near| format!("; nearest: `{near}`"));
    let all: String = there_are.iter().map(|region| format!(" `{region}`")).collect();
    let all = if all.is_empty() { "it has none at all".to_owned() } else { format!("there are{all}") };
    Fault::of("unknown-region", format_args!("`{}` has no region `{}`{near}; {all}", provider.id(), cut(region)))
}
