//! Which routing of providers counts as confirmed.

use modeldex_compile::authored::routing::{Confirmed, Routing};

/// Which routing of providers counts as confirmed.
#[derive(Clone, Copy, Debug)]
pub enum Routes<'r> {
    /// What `routing.yaml` confirms, and nothing else.
    Confirmed(&'r Routing),
    /// Whatever sources claim: for catalogs that are only compared, and that nothing is sent by.
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
