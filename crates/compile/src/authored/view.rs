use modeldex_table::{Modality, Rate};
use serde::{Deserialize, Serialize};

/// A view: a TypeScript data file for a web UI. Written as `<name>.ts`, the exports in the order given here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct View {
    /// What each rate becomes in a cost where the catalog has no price. A view without it may not export an unpriced cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpriced_cost: Option<Rate>,
    /// What the file exports.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub exports: Vec<Export>,
}

/// One group of exports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Exports the constants `<PREFIX>_DEFAULT_ID`, `_CONTEXT_WINDOW`, `_MAX_TOKENS`, `_INPUT` and `_COST` of the first model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Z0-9_]*$")))]
    pub constants: Option<String>,
    /// Exports an array of rows with `id`, `name`, `alias` and `reasoning` under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Z0-9_]*$")))]
    pub array: Option<String>,
    /// Exports the type of one row of the array under this name.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Za-z0-9]*$")))]
    pub row_type: Option<String>,
    /// The models, in order.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub models: Vec<Row>,
    /// Values that this UI wants otherwise than the catalog has them.
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Overrides>,
}

/// One model of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its name in this UI, where that is not the catalog's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its short name in this UI; its name where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether this UI shows it as thinking, where that is not the catalog's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
}

/// Values that a UI wants otherwise than the catalog has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// Why.
    pub reason: String,
    /// For `_CONTEXT_WINDOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub context_window: Option<u32>,
    /// For `_MAX_TOKENS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub max_output_tokens: Option<u32>,
    /// For `_INPUT`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Modality>,
    /// For `_COST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// What a view writes for a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Cost {
    /// As if the model were unpriced.
    Unpriced,
}
