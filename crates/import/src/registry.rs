//! The input of decisions besides the evidence: the sources, the provider map and the confirmed routing in
//! `catalog/routing.yaml`.

use crate::evidence::ProviderEvidence;
use crate::imported::Decided;
use crate::policy::Policy;
use crate::routes::Routes;
use crate::sources::{self, ReadError, Sources};
use modeldex_compile::authored::routing::Routing;
use modeldex_compile::registry;
use modeldex_formats::ProviderMap;
use modeldex_table::ProviderKind;
use std::path::Path;

/// The input of decisions besides the evidence.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// The sources, with the snapshots of each.
    pub sources: Sources,
    /// The provider map: which id of a source is which provider.
    pub map: ProviderMap,
    /// The confirmed routing of providers.
    pub routing: Routing,
}

impl Registry {
    /// Reads the registry of a catalog folder and its evidence folder.
    ///
    /// # Errors
    /// When one of its files cannot be read or has errors. A catalog without `routing.yaml` confirms nothing.
    pub fn read(catalog: &Path, evidence: &Path) -> Result<Self, ReadError> {
        let sources = sources::read(catalog, evidence)?;
        let map = registry::provider_map(catalog)?.into();
        Ok(Self { sources, map, routing: registry::routing(catalog)? })
    }
}

/// Decides every fact of one provider and its models, and notes it in its evidence. What is seen beside other providers, that a price is
/// impossible, is not seen here.
pub(crate) fn decide(sources: &Sources, kind: Option<ProviderKind>, routing: &Routing, provider: &str, evidence: &mut ProviderEvidence) {
    if let Some(policy) = Policy::new(sources) {
        Decided::new(&policy, provider, evidence, kind, Routes::Confirmed(routing));
    }
}
