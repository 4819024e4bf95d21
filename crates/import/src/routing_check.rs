//! The choice between importing only confirmed routing and importing all claimed routing.

use modeldex_compile::authored::routing::{ConfirmedRouting, Routing};

/// Whether a routing claim must be confirmed before it is imported.
#[derive(Clone, Copy, Debug)]
pub enum RoutingCheck<'r> {
    /// Only routing that `routing.yaml` confirms is imported. The field is the content of `routing.yaml`.
    Confirmed(&'r Routing),
    /// All routing claims are imported. Use this only for catalogs that are compared, but never used for requests.
    Unchecked,
}

impl<'r> RoutingCheck<'r> {
    /// Returns the confirmed base URLs, headers, variables and authentication methods of a provider. Returns `None` if nothing is confirmed for the
    /// provider, or if routing claims are not checked.
    #[must_use]
    pub fn confirmed(self, provider: &str) -> Option<&'r ConfirmedRouting> {
        match self {
            Self::Confirmed(routing) => routing.providers.get(provider),
            Self::Unchecked => None,
        }
    }
}
