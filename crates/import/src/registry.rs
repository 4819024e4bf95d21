//! The registry of a catalog: sources, provider map and confirmed routing (`catalog/routing.yaml`). Decisions need the registry in addition to the
//! evidence.

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

/// Sources, provider map and confirmed routing of a catalog.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// The sources, with the snapshots of each.
    pub sources: Sources,
    /// The provider map, which maps the ids in the sources to providers.
    pub map: ProviderIdMap,
    /// The confirmed routing of providers.
    pub routing: Routing,
}

impl Registry {
    /// Reads the registry of a catalog folder and its evidence folder.
    ///
    /// # Errors
    /// If one of the files cannot be read or has errors. A missing `routing.yaml` is not an error: no routing is confirmed then.
    pub fn read(catalog: &Path, evidence: &Path) -> Result<Self, RegistryReadError> {
        let sources = sources::read(catalog, evidence)?;
        let map = registry::provider_map(catalog)?.into();
        Ok(Self { sources, map, routing: registry::routing(catalog)? })
    }
}

/// Decides every fact of one provider and its models, and records the decisions in its evidence. Impossible prices are not detected, because their
/// detection needs the other providers.
pub(crate) fn decide(sources: &Sources, kind: Option<ProviderKind>, routing: &Routing, provider: &str, evidence: &mut ProviderEvidence) {
    if let Some(policy) = Policy::new(sources) {
        DecidedProvider::new(&policy, provider, evidence, kind, RoutingCheck::Confirmed(routing));
    }
}
