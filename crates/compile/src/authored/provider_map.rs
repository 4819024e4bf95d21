//! `provider-map.yaml`: which service is meant by which id in which source.

use modeldex_table::ProviderKind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The provider map: the service that each id of a source stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderMap {
    /// The services, by the id of the provider in this catalog.
    #[cfg_attr(feature = "schemars", schemars(extend("propertyNames" = super::field_schema::provider_id())))]
    pub providers: BTreeMap<String, Service>,
    /// Ids that stand for no provider of models, by source; each with the reason.
    #[serde(default)]
    pub skip: BTreeMap<String, BTreeMap<String, String>>,
}

/// A service: its kind, and its ids in the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Service {
    /// The kind of service.
    pub kind: Option<ProviderKind>,
    /// Its ids, by the name of the source; the first id is the main one.
    #[serde(flatten)]
    pub ids: BTreeMap<String, Vec<String>>,
}

impl ProviderMap {
    /// Reads the text of `provider-map.yaml` by its types alone.
    ///
    /// # Errors
    /// The first fault, with its line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }
}
