//! The shape of a usage object as data: `catalog/usage/<name>.yaml`.
//!
//! The JSON Schema is generated from these types and their comments, so a comment here is what an editor shows.

use modeldex_table::{Api, Meter, ServiceTier};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How usage objects of one shape become counts: which field counts what, which count is part of which, what is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// The protocols whose usage objects may have this shape. Of several shapes for a protocol, the one with its name is tried first, then
    /// the others by name; the first whose `needs` are met reads the object.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub apis: Vec<Api>,
    /// Fields at least one of which is in every object of this shape, if only as null.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub needs: Vec<Path>,
    /// Further fields one of which is enough; the error about an object without any does not name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or_needs: Vec<Path>,
    /// Other names of fields, by the field's path. An object has one of the names at most.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Objects whose names errors leave out: `a.b` is then called `b`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<Path>,
    /// Lists of objects, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, List>,
    /// The counts, in the order in which they are judged. A meter that has several is the greatest of them.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub counts: Vec<Count>,
    /// The count of all tokens, which the counts above must account for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// More counts, judged after the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Count>,
    /// Parts of `input` or `output` that the field of these leaves out, so that they are added to it. All other parts are in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Meter>,
    /// The object or list that states which cached tokens are audio or images. Without it these are taken to be different tokens, and an
    /// object where both do not fit is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Path>,
    /// Fields with words for the service tier. A word that is not listed is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierField>,
    /// The field that names the region. A region that is not listed is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionField>,
}

/// A field: the names of the objects that it is in and its own, with dots between them. `list[word]` is the sum of the counts of a list's
/// entries of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Path(#[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[^.\[\]]+(\.[^.\[\]]+)*(\[[^\[\]]+\])?$")))] pub String);

/// A count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Count<F = Path> {
    /// What is counted.
    pub meter: Meter,
    /// The fields that state it. They state the same: the greatest counts.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub fields: Vec<F>,
    /// Only used where no count above has stated the meter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fallback: bool,
    /// The field with those of them that are another meter's, and are subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<F>,
    /// Fields that come on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plus: Vec<F>,
    /// The same count split by meter. Where one of the parts is stated they count instead, and must add up to the whole where that is
    /// stated, too. The last of `fields` is the one that an error about them names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part<F>>,
}

/// A part of a count that is split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Part<F = Path> {
    /// What is counted.
    pub meter: Meter,
    /// The fields that state it; the greatest counts.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub fields: Vec<F>,
}

/// A count of all tokens. More than the counts is an error, since the rest is charged and nobody knows as what; less is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Total<F = Path> {
    /// The field; 0 and null are no total.
    pub field: F,
    /// What it is the sum of, in words for the error.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub counted: String,
    /// Fields that are not more than it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_least: Vec<F>,
    /// A part that some servers count beside `output` or `input`, and others in it: it is beside it where the total is the sum of all three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Meter>,
}

/// A list of objects of several kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The field of an entry with the word for its kind.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub kind: String,
    /// The field of an entry with its count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub count: Option<String>,
    /// Whether `AUDIO` and `audio` are the same word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
    /// Kinds of entries that may be there and count nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// What entries of all other kinds mean; they are skipped by default.
    #[serde(default, skip_serializing_if = "Others::is_skipped")]
    pub others: Others,
}

/// What entries of a list mean that no count names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Others {
    /// Nothing that is charged apart.
    #[default]
    Skipped,
    /// The object cannot be read.
    Invalid,
    /// Requests of their own, which the counts of the object leave out.
    SeveralRequests,
}

/// A field with a word for the service tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierField {
    /// The field.
    pub field: Path,
    /// Words for the ordinary tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ordinary: Vec<String>,
    /// Words that state no tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstated: Vec<String>,
    /// Words for tiers with rates of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub special: BTreeMap<String, ServiceTier>,
}

/// A field with the name of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionField {
    /// The field.
    pub field: Path,
    /// Words for regions with the ordinary price.
    pub ordinary: Vec<String>,
}

impl Others {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_skipped(&self) -> bool {
        *self == Self::Skipped
    }
}
