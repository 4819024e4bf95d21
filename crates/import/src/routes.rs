//! Which routing counts as confirmed.

use modeldex_compile::authored::routing::{Confirmed, Routing};

/// Which routing counts as confirmed.
#[derive(Clone, Copy, Debug)]
pub enum Routes<'r> {
    /// The routing in `routing.yaml`.
    Confirmed(&'r Routing),
    /// All claims: for catalogs that are only compared and never used to send requests.
    Unchecked,
}

impl<'r> Routes<'r> {
    /// What is confirmed of a provider.
    #[must_use]
    pub fn of(self, provider: &str) -> Option<&'r Confirmed> {
        match self {
            Self::Confirmed(routing) => routing.providers.get(provider),
            Self::Unchecked => None,
        }
    }
}
