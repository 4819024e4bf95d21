//! Whether routing claims need confirmation.

use modeldex_compile::authored::routing::{Confirmed, Routing};

/// Whether routing claims need confirmation.
#[derive(Clone, Copy, Debug)]
pub enum RoutingCheck<'r> {
    /// Only the routing in `routing.yaml` is used.
    Confirmed(&'r Routing),
    /// All claims are used: for catalogs that are compared and never used for requests.
    Unchecked,
}

impl<'r> RoutingCheck<'r> {
    /// Returns the confirmed routing of a provider.
    #[must_use]
    pub fn confirmed(self, provider: &str) -> Option<&'r Confirmed> {
        match self {
            Self::Confirmed(routing) => routing.providers.get(provider),
            Self::Unchecked => None,
        }
    }
}
