//! `provider-map.yaml`: the ids of providers in the sources.

use modeldex_table::ProviderKind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The provider map: maps the provider ids of sources to the providers of this catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderMap {
    /// Providers, by their id in this catalog.
    #[cfg_attr(feature = "schemars", schemars(extend("propertyNames" = super::field_schema::provider_id())))]
    pub providers: BTreeMap<String, MappedProvider>,
    /// Ids of sources that are not mapped, by source; each with the reason.
    #[serde(default)]
    pub skip: BTreeMap<String, BTreeMap<String, String>>,
}

/// A provider: its kind, and its ids in the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct MappedProvider {
    /// Kind of service.
    pub kind: Option<ProviderKind>,
    /// Ids in the sources, by name of the source; the first id is the primary one.
    #[serde(flatten)]
    pub ids: BTreeMap<String, Vec<String>>,
}

impl ProviderMap {
    /// Parses `provider-map.yaml` without schema validation.
    ///
    /// # Errors
    /// With the first error, including line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }
}
