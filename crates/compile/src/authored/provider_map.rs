//! `provider-map.yaml`: the ids that sources use for the providers of this catalog.

use modeldex_table::ProviderKind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The provider map: the ids that sources use for the providers of this catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderMap {
    /// Providers of this catalog, by id.
    #[cfg_attr(feature = "schemars", schemars(extend("propertyNames" = super::field_schema::provider_id())))]
    pub providers: BTreeMap<String, MappedProvider>,
    /// Provider ids that are deliberately not mapped, grouped by the source that uses them. Each id is listed with the reason.
    #[serde(default)]
    pub skip: BTreeMap<String, BTreeMap<String, String>>,
}

/// A provider of this catalog: its kind, and the ids that sources use for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct MappedProvider {
    /// Kind of service.
    pub kind: Option<ProviderKind>,
    /// Ids of the provider, by the name of the source that uses them. The first id of a source is the primary one.
    #[serde(flatten)]
    pub ids: BTreeMap<String, Vec<String>>,
}

impl ProviderMap {
    /// Parses `provider-map.yaml` without schema validation.
    ///
    /// # Errors
    /// Returns the message of the first error. If the error is a syntax error, the message states the line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = modeldex_yaml::parse(text).map_err(|error| error.to_string())?;
        Self::deserialize(value).map_err(|error| error.to_string())
    }
}
