//! `imported/held.yaml`: routing claims that are held back until they are confirmed in `routing.yaml`.

use super::Day;
use super::routing::ConfirmedRouting;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Unconfirmed routing claims: values that sources state, but that `routing.yaml` does not confirm. No request uses these values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFacts {
    /// Unconfirmed claims, sorted by provider.
    #[serde(default)]
    pub held: Vec<HeldFact>,
    /// Providers that sources or the provider map list, but the catalog does not contain. They are sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<AbsentProvider>,
}

/// A provider that sources list but the catalog does not contain. Other tools may know this provider, and send their key for it to the host that an
/// overlay states. Therefore modeldex warns if an overlay uses a name or a variable of this provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AbsentProvider {
    /// Id of the provider.
    pub id: String,
    /// Other ids that sources use for the provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Environment variables that sources claim for the provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
}

impl HeldFacts {
    /// Adds the claims and the absent providers of another file.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.held.extend_from_slice(&other.held);
        self.absent.extend_from_slice(&other.absent);
    }
}

impl AbsentProvider {
    /// Iterates over the id and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(&self.aliases).map(String::as_str)
    }
}

/// An unconfirmed claim of sources about the routing of a provider. The claim is a base URL, the wire protocol of a confirmed base URL, or the name
/// of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFact {
    /// Id of the provider in this catalog.
    pub provider: String,
    /// Whether the claimed value is a base URL, a wire protocol or an environment variable.
    pub fact: RoutingFact,
    /// Claimed base URL, claimed wire protocol, or claimed name of an environment variable.
    pub value: String,
    /// Names of the sources that state the value in their newest snapshot.
    pub sources: Vec<String>,
    /// Date of the first snapshot that states the value.
    pub since: Day,
}

/// The kind of value that a routing claim states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoutingFact {
    /// Base URL. A confirmation applies to the whole URL, including its path and its variables.
    BaseUrl,
    /// Name of an environment variable whose value is sent with requests.
    Env,
    /// Wire protocol of a confirmed base URL. It determines the header in which the API key is sent. Some wire protocols also determine the host.
    Api,
}

impl HeldFact {
    /// Returns whether the claimed value is part of `confirmed`, the confirmed routing of the provider.
    #[must_use]
    pub fn is_confirmed_by(&self, confirmed: &ConfirmedRouting) -> bool {
        match self.fact {
            RoutingFact::BaseUrl => confirmed.allows_url(&self.value),
            RoutingFact::Env => confirmed.allows_variable(&self.value),
            RoutingFact::Api => confirmed.allows_protocol(&self.value),
        }
    }

    /// Returns whether two claims state the same value for the same provider. Their sources and dates may differ.
    #[must_use]
    pub fn has_same_value(&self, other: &Self) -> bool {
        (&self.provider, self.fact, &self.value) == (&other.provider, other.fact, &other.value)
    }
}

impl RoutingFact {
    /// Returns the name in `held.yaml`: `base_url`, `env` or `api`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::Env => "env",
            Self::Api => "api",
        }
    }
}

impl fmt::Display for RoutingFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
