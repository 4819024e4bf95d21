//! `imported/held.yaml`: routing claims that are held back until `routing.yaml` confirms them.

use super::Day;
use super::routing::ConfirmedRouting;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Routing claims of sources that `routing.yaml` does not confirm. No request uses them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFacts {
    /// The claims, by provider.
    #[serde(default)]
    pub held: Vec<HeldFact>,
}

/// An unconfirmed routing claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFact {
    /// Id of the provider in this catalog.
    pub provider: String,
    /// The claimed fact.
    pub fact: RoutingFact,
    /// The claimed value.
    pub value: String,
    /// Names of the sources whose newest snapshot claims it.
    pub sources: Vec<String>,
    /// The date of the first snapshot that claims it.
    pub since: Day,
}

/// The kind of a routing fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoutingFact {
    /// A base URL: its scheme, host and port, and the variables in it.
    BaseUrl,
    /// The name of an environment variable whose value is sent.
    Env,
}

impl HeldFact {
    /// Returns whether `confirmed` confirms the claim.
    #[must_use]
    pub fn is_confirmed_by(&self, confirmed: &ConfirmedRouting) -> bool {
        match self.fact {
            RoutingFact::BaseUrl => confirmed.allows_url(&self.value),
            RoutingFact::Env => confirmed.allows_variable(&self.value),
        }
    }
}

impl RoutingFact {
    /// Returns the key of the fact.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::Env => "env",
        }
    }
}

impl fmt::Display for RoutingFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
