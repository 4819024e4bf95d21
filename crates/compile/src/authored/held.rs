//! `imported/held.yaml`: routing claims of sources that `routing.yaml` does not confirm.

use super::Day;
use super::routing::Confirmed;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Routing facts that sources claim and `routing.yaml` does not confirm. No request uses them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFacts {
    /// The facts, by provider.
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
    /// Which fact of it.
    pub fact: Route,
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
pub enum Route {
    /// A base URL: its scheme, host and port, and the variables in it.
    BaseUrl,
    /// The name of an environment variable that is read and sent.
    Env,
}

impl HeldFact {
    /// Whether `routing` confirms it.
    #[must_use]
    pub fn is_allowed_by(&self, confirmed: &Confirmed) -> bool {
        match self.fact {
            Route::BaseUrl => confirmed.allows_url(&self.value),
            Route::Env => confirmed.allows_variable(&self.value),
        }
    }
}

impl Route {
    /// The key of the fact.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::Env => "env",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
