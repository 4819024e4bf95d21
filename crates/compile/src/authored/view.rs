use modeldex_table::{Modality, Rate};
use serde::{Deserialize, Serialize};

/// A view: a TypeScript data file `<name>.ts` for a web UI, with exports in the order given here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Value of a rate in a cost for which the catalog has no price. Without it, exporting such a cost is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpriced_cost: Option<Rate>,
    /// Groups of exports.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub exports: Vec<ViewExport>,
}

/// A group of exports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewExport {
    /// Exports the constants `<PREFIX>_DEFAULT_ID`, `_CONTEXT_WINDOW`, `_MAX_TOKENS`, `_INPUT` and `_COST` of the first model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Z0-9_]*$")))]
    pub constants: Option<String>,
    /// Exports an array of rows with `id`, `name`, `alias` and `reasoning` under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Z0-9_]*$")))]
    pub array: Option<String>,
    /// Exports the type of the rows of the array under this name.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Za-z0-9]*$")))]
    pub row_type: Option<String>,
    /// Models, in order.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub models: Vec<ViewRow>,
    /// Values to export instead of those of the catalog.
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    pub overrides: Option<ViewOverrides>,
}

/// A model of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewRow {
    /// Reference of the model.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Name in this UI; the name in the catalog by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Short name in this UI; the name by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether this UI shows the model as a reasoning model; the value in the catalog by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
}

/// Values to export instead of those of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewOverrides {
    /// Reason for the overrides.
    pub reason: String,
    /// Value of `_CONTEXT_WINDOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub context_window: Option<u32>,
    /// Value of `_MAX_TOKENS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub max_output_tokens: Option<u32>,
    /// Value of `_INPUT`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Modality>,
    /// Value of `_COST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<ViewCost>,
}

/// An override for a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ViewCost {
    /// Export `unpriced_cost` for every rate.
    Unpriced,
}
