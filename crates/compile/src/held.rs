//! Which held facts are unconfirmed in a catalog.

use crate::authored::held::HeldFact;
use crate::authored::routing::Confirmed;
use crate::decode;
use modeldex_table::Catalog;

/// Whether a held fact is unconfirmed: its provider is in `catalog`, and no hand-written file there states the same endpoint or variable.
#[must_use]
pub fn is_open(fact: &HeldFact, catalog: &Catalog<'_>) -> bool {
    catalog.provider(&fact.provider).is_some_and(|provider| {
        let stated = Confirmed {
            endpoints: provider.endpoints().map(decode::endpoint).collect(),
            auth: provider.auth().map(decode::auth).collect(),
            ..Confirmed::default()
        };
        !fact.is_allowed_by(&stated)
    })
}
