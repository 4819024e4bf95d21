//! Usage shapes as data: the types of the files `catalog/usage/<name>.yaml`.
//!
//! The JSON Schema of these files is generated from the types, and editors show the doc comments as descriptions.

use modeldex_table::{Api, Meter, ServiceTier};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Usage shape: describes the usage objects of one or more wire protocols. It states which meter each field counts, which counts are included in
/// other counts, and which objects are invalid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Wire protocols whose usage objects have this shape. If a wire protocol has several shapes, the shape with the name of the protocol is tried
    /// first, then all others in order of their names. The first shape whose required fields are present is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub apis: Vec<Api>,
    /// Required fields: a usage object must have at least one field of `needs` or `or_needs`. The value of the field may be null.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub needs: Vec<FieldPath>,
    /// Alternatives to the fields in `needs`: one field of one of the two lists is enough. The error about missing required fields does not name
    /// these alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or_needs: Vec<FieldPath>,
    /// Alternative names of fields, by the path of the field. A usage object may use only one of the names of a field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Paths of objects whose names are omitted in errors: if `a` is listed, an error names the field `a.b` as `b`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<FieldPath>,
    /// Lists of objects in the usage object, by the path of the list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, ListShape>,
    /// Count rules, which are applied in order. If several rules count the same meter, the greatest count is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub counts: Vec<CountRule>,
    /// Rule for the field with the total number of tokens, which is compared with the sum of the counts from `counts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<TotalRule>,
    /// Count rules that are applied after the total has been compared with the sum of the counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<CountRule>,
    /// Meters whose tokens the server does not include in its numbers of input and output tokens. In the catalog, the meters `input` and `output`
    /// include all tokens, so the counts of these meters are added to `input` or `output`. If a meter is not listed here, the server's numbers
    /// already include its tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Meter>,
    /// Path of the object or list that states how many cached tokens are audio or image tokens. If a usage object does not state this, its cached,
    /// audio and image tokens must not add up to more than its input tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<FieldPath>,
    /// Fields that state the service tier, each with its known values. An unknown value is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierField>,
    /// Field that states the region, with its known values. An unknown value is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionField>,
}

/// Path of a field: the names of the enclosing objects and of the field, separated by dots. The path `list[kind]` selects the entries with the kind
/// `kind` in the list `list`, and means the sum of their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct FieldPath(#[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[^.\[\]]+(\.[^.\[\]]+)*(\[[^\[\]]+\])?$")))] pub String);

/// Count rule: states which fields of a usage object contain the count of a meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountRule<F = FieldPath> {
    /// Meter that the rule counts.
    pub meter: Meter,
    /// Fields that state the count of the meter. If several of them are present, the greatest count is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub fields: Vec<F>,
    /// Whether the rule is ignored if an earlier rule has counted the meter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fallback: bool,
    /// Field with the count of another meter. The count in `fields` includes the count of the other meter, so the count of the other meter is
    /// subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<F>,
    /// Fields with further counts of the meter, which are added to the count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plus: Vec<F>,
    /// Parts into which the count is split, each with its own meter and fields. If a usage object has the field of a part, the counts of the parts
    /// replace the count of the rule. If the usage object also has one of `fields`, the counts of the parts must add up to the count in that field.
    /// If they do not, the error names the last of `fields`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<CountPart<F>>,
}

/// One part of a count rule: a meter, and the fields that state the number of tokens of this meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountPart<F = FieldPath> {
    /// Meter of these tokens.
    pub meter: Meter,
    /// Fields that state the number of these tokens. If several of them are present, the greatest number is used.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub fields: Vec<F>,
}

/// Rule for the total number of tokens that a usage object states. A total that is greater than the sum of the counts is an error, because the
/// meter of the additional tokens is unknown. A total that is less than the sum is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TotalRule<F = FieldPath> {
    /// Path of the field with the total number of tokens. If the value is 0 or null, the total is not checked.
    pub field: F,
    /// Description of the counts that add up to the total, such as `the input tokens and the output tokens`. If the total is greater than the sum of
    /// the counts, the error message contains this text.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub counted: String,
    /// Fields whose counts must not be greater than the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_least: Vec<F>,
    /// Meter whose tokens only some servers include in their numbers of input and output tokens. If the total equals the sum of `input`, `output` and
    /// the count of this meter, the server has not included the tokens of this meter. Then the count of this meter is added to `input` or `output`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Meter>,
}

/// A list in a usage object. The entries of the list are objects of several kinds: for example, one kind for each modality.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListShape {
    /// Name of the field that states the kind of an entry.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub kind: String,
    /// Name of the field that states the count of an entry. Omitted if no count rule uses the entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub count: Option<String>,
    /// Whether kinds are compared without regard to upper and lower case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
    /// Kinds of entries that are valid, but are not counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Handling of entries of a kind that no count rule uses and `skip` does not list. Default: `skipped`.
    #[serde(default, skip_serializing_if = "OtherEntries::is_skipped")]
    pub others: OtherEntries,
}

/// What to do with list entries whose kind no count rule uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OtherEntries {
    /// The entries are ignored: they are not charged separately.
    #[default]
    Skipped,
    /// The usage object is invalid.
    Invalid,
    /// Each entry is a separate request, which the counts of the usage object do not include. The usage object is rejected.
    SeveralRequests,
}

/// Field of a usage object that states the service tier of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierField {
    /// Path of the field.
    pub field: FieldPath,
    /// Values of the field that mean the standard tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ordinary: Vec<String>,
    /// Values of the field that do not state a service tier, such as `TRAFFIC_TYPE_UNSPECIFIED`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstated: Vec<String>,
    /// Values of the field that mean a service tier with its own rates, such as `ON_DEMAND_FLEX`. Each value is mapped to its service tier, such as
    /// `flex`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub special: BTreeMap<String, ServiceTier>,
}

/// Field of a usage object that states the region of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionField {
    /// Path of the field.
    pub field: FieldPath,
    /// Values of the field that mean a region with the standard rates.
    pub ordinary: Vec<String>,
}

impl OtherEntries {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_skipped(&self) -> bool {
        *self == Self::Skipped
    }
}
