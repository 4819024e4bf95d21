//! `imported/held.yaml`: what sources claim of where keys go, and nobody has confirmed.

use super::Day;
use super::routing::Confirmed;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Routing facts that sources claim and `routing.yaml` does not confirm. Nothing that sends a request uses them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFacts {
    /// The facts, by provider.
    #[serde(default)]
    pub held: Vec<HeldFact>,
}

/// A routing fact that is claimed and not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFact {
    /// The provider, by its id in this catalog.
    pub provider: String,
    /// Which fact of it.
    pub fact: Route,
    /// The value that is claimed.
    pub value: String,
    /// The sources that claim it now, by name.
    pub sources: Vec<String>,
    /// The date of the first snapshot that claims it.
    pub since: Day,
}

/// What decides where a key goes, as far as sources claim such things.
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
    /// Whether a routing confirms it.
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
