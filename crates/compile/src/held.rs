//! Checks whether routing claims are still held back.

use crate::authored::held::HeldFact;
use crate::authored::routing::ConfirmedRouting;
use crate::decode;
use modeldex_table::Catalog;

/// Returns whether the held-back claim `fact` is still unconfirmed in `catalog`. A claim is unconfirmed if the catalog has the provider of the claim,
/// but the provider does not have the claimed base URL, variable or wire protocol.
#[must_use]
pub fn is_unconfirmed(fact: &HeldFact, catalog: &Catalog<'_>) -> bool {
    catalog.provider(&fact.provider).is_some_and(|provider| {
        let stated = ConfirmedRouting {
            endpoints: provider.endpoints().map(decode::endpoint).collect(),
            auth: provider.auth().map(decode::auth).collect(),
            ..ConfirmedRouting::default()
        };
        !fact.is_confirmed_by(&stated)
    })
}
