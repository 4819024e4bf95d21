//! The choice between confirmed routing and all claimed routing.

use modeldex_compile::authored::routing::{ConfirmedRouting, Routing};

/// Specifies whether routing claims need confirmation.
#[derive(Clone, Copy, Debug)]
pub enum RoutingCheck<'r> {
    /// Only the routing in `routing.yaml` is used.
    Confirmed(&'r Routing),
    /// All claims are used. This is for catalogs that are compared and never used for requests.
    Unchecked,
}

impl<'r> RoutingCheck<'r> {
    /// Returns the confirmed base URLs, headers, variables and auth methods of a provider; `None` if it has none, or if claims are not checked.
    #[must_use]
    pub fn confirmed(self, provider: &str) -> Option<&'r ConfirmedRouting> {
        match self {
            Self::Confirmed(routing) => routing.providers.get(provider),
            Self::Unchecked => None,
        }
    }
}
