use modeldex_table::{Modality, Rate};
use serde::{Deserialize, Serialize};

/// A view: the definition of a TypeScript data file `<name>.ts` for a web UI.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Number that is exported instead of an unknown rate. Without this key, a cost with an unknown rate is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpriced_cost: Option<Rate>,
    /// Groups of exports, in the order of the data file.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub exports: Vec<ViewExport>,
}

/// A group of exports: constants with facts of the first model of the group, an array of all models of the group, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewExport {
    /// Prefix of the constants `<PREFIX>_DEFAULT_ID`, `_CONTEXT_WINDOW`, `_MAX_TOKENS`, `_INPUT` and `_COST`, which state facts of the first model of
    /// the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Z0-9_]*$")))]
    pub constants: Option<String>,
    /// Name of an array that has a row with `id`, `name`, `alias` and `reasoning` for each model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Z0-9_]*$")))]
    pub array: Option<String>,
    /// Name of the TypeScript type of the rows of `array`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Z][A-Za-z0-9]*$")))]
    pub row_type: Option<String>,
    /// Models of the group, in the order in which the generated array lists them.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub models: Vec<ViewRow>,
    /// Overrides for the constants of this group. An override is exported instead of the value from the catalog.
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    pub overrides: Option<ViewOverrides>,
}

/// A row of a view: a model to export, and values that the web UI shows for the model instead of the defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewRow {
    /// Reference to the model, as `provider/model`. Each part is an id or an alias.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Name of the model in this UI; by default the name in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Short name of the model in this UI; by default the same as `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether this UI shows the model as a reasoning model; by default as the catalog states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
}

/// Overrides for the constants of a group of exports. An override is exported instead of the value from the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewOverrides {
    /// Reason for the overrides.
    pub reason: String,
    /// Value of the constant `<PREFIX>_CONTEXT_WINDOW`, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub context_window: Option<u32>,
    /// Value of the constant `<PREFIX>_MAX_TOKENS`, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub max_output_tokens: Option<u32>,
    /// Value of the constant `<PREFIX>_INPUT`: the input modalities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Modality>,
    /// With the value `unpriced`, every rate of the constant `<PREFIX>_COST` is the `unpriced_cost` of the view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<ViewCost>,
}

/// An override for the cost of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ViewCost {
    /// Every rate of the cost is the `unpriced_cost` of the view.
    Unpriced,
}
