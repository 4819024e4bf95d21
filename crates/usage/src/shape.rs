//! Usage shapes as data: the files `catalog/usage/<name>.yaml`.
//!
//! The JSON Schema is generated from these types; editors show the doc comments.

use modeldex_table::{Api, Meter, ServiceTier};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Usage shape: maps the fields of a usage object to counts, states which counts include others, and what is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Wire protocols with usage objects of this shape. If a protocol has several shapes, the one with its name is tried first, then the others
    /// in order of their names; the first whose `needs` are met is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub apis: Vec<Api>,
    /// Required fields: at least one of them, or of `or_needs`, must be present, possibly as null.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub needs: Vec<FieldPath>,
    /// Alternatives to `needs`, which the error about missing fields does not name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or_needs: Vec<FieldPath>,
    /// Alternative names of fields, by path. An object may have at most one of the names of a field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Objects whose names are omitted in errors: `a.b` is then reported as `b`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<FieldPath>,
    /// Lists of objects, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, ListShape>,
    /// Count rules, applied in order. A meter with several counts has their maximum.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub counts: Vec<CountRule>,
    /// Field with the total number of tokens, which the counts above must add up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<TotalRule>,
    /// Count rules that are applied after the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<CountRule>,
    /// Parts of `input` or `output` that the field of the total does not include, so that they are added to it. All other parts are included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Meter>,
    /// Object or list that states which cached tokens are audio or image tokens. Without it, they are assumed to be disjoint; an object in
    /// which they cannot be disjoint is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<FieldPath>,
    /// Fields with the service tier. An unlisted word is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierField>,
    /// Field with the region. An unlisted region is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionField>,
}

/// Path of a field: names separated by dots. `list[word]` is the sum of the counts of list entries of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct FieldPath(#[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[^.\[\]]+(\.[^.\[\]]+)*(\[[^\[\]]+\])?$")))] pub String);

/// Count rule: the fields that count a meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountRule<F = FieldPath> {
    /// The counted meter.
    pub meter: Meter,
    /// Fields with the count. All have the same meaning; the maximum is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub fields: Vec<F>,
    /// Use this rule only if no rule above has a count for the meter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fallback: bool,
    /// Field with a count of another meter that is included here, and is subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<F>,
    /// Fields that are added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plus: Vec<F>,
    /// The same count, split by meter. If any part is present, the parts are used instead, and must add up to the count if that is present as
    /// well. The error names the last of `fields`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<CountPart<F>>,
}

/// Part of a split count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountPart<F = FieldPath> {
    /// The counted meter.
    pub meter: Meter,
    /// Fields that may contain the count; the largest value is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub fields: Vec<F>,
}

/// Rule for the total number of tokens of a usage object. A total above the sum of the counts is an error, because it is unknown what the remaining
/// tokens are. A lower total is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TotalRule<F = FieldPath> {
    /// The field; 0 and null count as missing.
    pub field: F,
    /// Description of the summed counts, for the error.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub counted: String,
    /// Fields that must not exceed the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_least: Vec<F>,
    /// A part that some servers include in `input` or `output` and others do not. If the total equals input + output + this part, it is not included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Meter>,
}

/// List of objects of several kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListShape {
    /// Field of an entry with its kind.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub kind: String,
    /// Field of an entry with its count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub count: Option<String>,
    /// Whether kinds are case-insensitive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
    /// Kinds of entries that are allowed and not counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Handling of entries of all other kinds. Default: `skipped`.
    #[serde(default, skip_serializing_if = "OtherEntries::is_skipped")]
    pub others: OtherEntries,
}

/// Handling of list entries that no count rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OtherEntries {
    /// Not charged separately.
    #[default]
    Skipped,
    /// The object is invalid.
    Invalid,
    /// Separate requests, which the counts of the object do not include.
    SeveralRequests,
}

/// Field with the service tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierField {
    /// The field.
    pub field: FieldPath,
    /// Words for the standard tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ordinary: Vec<String>,
    /// Words that do not state a tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstated: Vec<String>,
    /// Words for tiers with separate rates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub special: BTreeMap<String, ServiceTier>,
}

/// The field of a usage object that states the region of the request, and the regions that have the standard rates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionField {
    /// The field.
    pub field: FieldPath,
    /// Regions at the standard rates.
    pub ordinary: Vec<String>,
}

impl OtherEntries {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_skipped(&self) -> bool {
        *self == Self::Skipped
    }
}
