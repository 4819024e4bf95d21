//! What was decided, and by which rule: the words that evidence, policy and author share.

use crate::statement::{Key, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What was decided of one model or provider.
pub type Decisions = BTreeMap<Key, Decision>;

/// A value that was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The value; nothing where the sources contradict each other too much.
    pub value: Option<Value>,
    /// The rule that chose it.
    pub rule: Rule,
}

impl Decision {
    /// A value that follows from others.
    #[must_use]
    pub const fn new(value: Value, rule: Rule) -> Self {
        Self { value: Some(value), rule }
    }

    /// The text, for values that are one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value.as_ref().and_then(Value::text)
    }
}

/// The rule by which a value was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The provider itself publishes it.
    FirstParty,
    /// Nobody else says anything.
    Only,
    /// The most independent sources say so.
    Agreement,
    /// As many say otherwise, and these are newer.
    Recency,
    /// No source lists it any more.
    Disappeared,
    /// It follows from other facts, such as a retirement in the past.
    Derived,
    /// The sources contradict each other and none weighs enough: nothing is chosen.
    Contested,
    /// It cannot be: a thousand times off what others ask for the same model. Nothing is chosen.
    Impossible,
}

impl Rule {
    /// The word for it, as evidence writes it.
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

    /// Why a value won by it, as part of a sentence.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::FirstParty => "the provider itself publishes it",
            Self::Only => "nobody says otherwise, and one source says it",
            Self::Agreement => "the most independent sources say so",
            Self::Recency => "as many say otherwise, and these are newer",
            Self::Disappeared => "no source lists it any more",
            Self::Derived => "it follows from the other facts",
            Self::Contested => "the sources contradict each other, and none weighs enough",
            Self::Impossible => "it is a thousand times off what others ask for the same model",
        }
    }

    /// Whether a value was chosen by it.
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
