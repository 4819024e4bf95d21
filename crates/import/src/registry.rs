//! The registry of a catalog: its sources, provider map and confirmed routing. Decisions depend on the evidence and on the registry.

use crate::evidence::ProviderEvidence;
use crate::imported::DecidedProvider;
use crate::policy::Policy;
use crate::routing_check::RoutingCheck;
use crate::sources::{self, RegistryReadError, Sources};
use modeldex_compile::authored::routing::Routing;
use modeldex_compile::registry;
use modeldex_formats::ProviderIdMap;
use modeldex_table::ProviderKind;
use std::path::Path;

/// Registry of a catalog: its sources, provider map and confirmed routing.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Sources of `catalog/sources.yaml`, each with its imported snapshots.
    pub sources: Sources,
    /// Provider map, which maps the provider ids of sources to provider ids of the catalog.
    pub map: ProviderIdMap,
    /// Confirmed routing, from `catalog/routing.yaml`.
    pub routing: Routing,
}

impl Registry {
    /// Reads the registry from a catalog folder and its evidence folder. If the file `routing.yaml` does not exist, no routing is confirmed.
    ///
    /// # Errors
    /// Fails if one of the files cannot be read or has errors.
    pub fn read(catalog: &Path, evidence: &Path) -> Result<Self, RegistryReadError> {
        let sources = sources::read(catalog, evidence)?;
        let map = registry::provider_map(catalog)?.into();
        Ok(Self { sources, map, routing: registry::routing(catalog)? })
    }
}

/// Decides all facts of one provider and its models, and records the decisions in `evidence`. Impossible prices are not detected, because this would
/// require the evidence of other providers.
pub(crate) fn decide(sources: &Sources, kind: Option<ProviderKind>, routing: &Routing, provider: &str, evidence: &mut ProviderEvidence) {
    if let Some(policy) = Policy::new(sources) {
        DecidedProvider::new(&policy, provider, evidence, kind, RoutingCheck::Confirmed(routing));
    }
}
