//! Decisions: the values that the policy chooses, and the policy rules by which it chooses.

use crate::statement::{FactKey, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Decisions about the facts of one model or provider.
pub type Decisions = BTreeMap<FactKey, Decision>;

/// Decision of the policy about one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Value that the policy chose; `None` if the policy chose no value.
    pub value: Option<Value>,
    /// Policy rule that applied.
    pub rule: Rule,
}

impl Decision {
    /// Creates a decision with a value.
    #[must_use]
    pub const fn new(value: Value, rule: Rule) -> Self {
        Self { value: Some(value), rule }
    }

    /// Returns the chosen value as text. Returns `None` if the policy chose no value, or if the value is not a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value.as_ref().and_then(Value::text)
    }
}

/// Policy rule: the reason for which the policy chose a value, or chose no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The provider itself publishes the value.
    FirstParty,
    /// One source claims the value, and no source claims another value.
    Only,
    /// More sources claim this value than claim any other value.
    Agreement,
    /// At least as many sources claim another value. But the chosen value has more weight, because the snapshots of its sources are newer, or because
    /// its sources are independent of each other.
    Recency,
    /// No source lists the model any more, so its status is retired.
    Disappeared,
    /// The value follows from other facts, such as a retirement date in the past.
    Derived,
    /// No value has enough weight, so no value is chosen.
    Contested,
    /// The price is a thousand times higher or lower than at other providers of the base model, so no value is chosen.
    Impossible,
}

impl Rule {
    /// Returns the name of the rule in reports, such as `first-party`.
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

    /// Returns the explanation of the rule, as a sentence without a period.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::FirstParty => "the provider itself publishes the value",
            Self::Only => "one source claims the value, and no source claims another value",
            Self::Agreement => "more sources claim this value than claim any other value",
            Self::Recency => {
                "the chosen value has no more sources than another value, but the sources of the chosen value are newer or more independent"
            }
            Self::Disappeared => "no source lists the model any more",
            Self::Derived => "the value follows from other facts",
            Self::Contested => "sources claim different values, and none of the values has enough weight",
            Self::Impossible => "the price is a thousand times higher or lower than at other providers of the same model",
        }
    }

    /// Returns whether the rule is a reason to choose a value. The other rules are reasons to choose no value.
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
