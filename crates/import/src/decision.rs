//! Decisions and the rules that make them.

use crate::statement::{FactKey, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Decisions about one model or provider, by fact.
pub type Decisions = BTreeMap<FactKey, Decision>;

/// The result of the policy for one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The chosen value; `None` if the rule chooses none.
    pub value: Option<Value>,
    /// The rule that decided the fact.
    pub rule: Rule,
}

impl Decision {
    /// Creates a decision with a value.
    #[must_use]
    pub const fn new(value: Value, rule: Rule) -> Self {
        Self { value: Some(value), rule }
    }

    /// Returns the chosen value if it is a text; otherwise `None`.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value.as_ref().and_then(Value::text)
    }
}

/// The rule that decided a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Published by the provider itself.
    FirstParty,
    /// The only claimed value, from one source.
    Only,
    /// Claimed by more sources than any other value.
    Agreement,
    /// The value has no more sources than another value, but more weight: its snapshots are newer or independent.
    Recency,
    /// Status of a model that no source lists any more.
    Disappeared,
    /// Derived from other facts, such as a retirement date in the past.
    Derived,
    /// No value has enough weight, so no value is chosen.
    Contested,
    /// The price is a thousand times higher or lower than the price of other providers for the same base model, so no value is chosen.
    Impossible,
}

impl Rule {
    /// Returns the name used in reports, such as `first-party`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstParty => "first-party",
            Self::Only => "only",
            Self::Agreement => "agreement",
            Self::Recency => "recency",
            Self::Disappeared => "disappeared",
            Self::Derived => "derived",
            Self::Contested => "contested",
            Self::Impossible => "impossible",
        }
    }

    /// Returns the explanation of the rule, as part of a sentence.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::FirstParty => "published by the provider itself",
            Self::Only => "claimed by one source; no other value is claimed",
            Self::Agreement => "claimed by the most independent sources",
            Self::Recency => "claimed by newer snapshots; as many sources claim another value",
            Self::Disappeared => "no source lists it any more",
            Self::Derived => "derived from other facts",
            Self::Contested => "sources disagree, and no value has enough weight",
            Self::Impossible => "a thousand times off the prices of other providers for the same model",
        }
    }

    /// Returns whether the rule chooses a value.
    #[must_use]
    pub const fn chooses(self) -> bool {
        !matches!(self, Self::Contested | Self::Impossible)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
