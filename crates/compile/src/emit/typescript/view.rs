//! Renders a view: the TypeScript data file of one web UI.
//!
//! A UI calculates with numbers and cannot represent an unknown cost. Therefore the key `unpriced_cost` of a view states the value that the UI shows
//! for an unknown rate. Without this key, an unknown rate is an error instead of a zero. Unknown rates occur in unpriced models, in models included
//! in a plan (their cost by usage is unknown), and in price lists that lack some rates. A missing rate `cache_write` is not replaced by the input
//! rate: this would be right for some providers and wrong for others. A free model costs zero, because its provider states this price.

use super::literal::{self, Object};
use crate::authored::{View, ViewCost, ViewExport, ViewOverrides, ViewRow};
use crate::pointer::pointer;
use modeldex_table::{Billing, Capability, Catalog, Currency, Meter, Modality, Model, Rate};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;

/// An error in a view, such as a constant for a fact that the catalog does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewError {
    /// The index of the group in `exports` of the view.
    pub export: usize,
    /// The index of the model in `models` of the group. `None` means that the error does not concern a single model.
    pub row: Option<usize>,
    /// The place of the error in the file of the view, as a JSON pointer.
    pub pointer: String,
    /// For a duplicate name, the place of the first export with this name, as a JSON pointer. For all other errors, `None`.
    pub before: Option<String>,
    /// The kind of the error.
    pub kind: ViewErrorKind,
    /// The problem, as one sentence without a full stop.
    pub message: String,
    /// How to fix the error.
    pub help: String,
}

/// The kind of an error in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewErrorKind {
    /// A reference does not resolve to a model.
    UnknownModel,
    /// A constant requires a fact that the catalog does not have.
    UnknownFact,
    /// A cost requires a rate that the catalog does not have, and the view has no `unpriced_cost` to export instead of the rate.
    Unpriced,
    /// A cost requires a price in US dollars, and the price of the model is in another currency.
    Currency,
    /// The name of an export is not a valid identifier, or occurs twice.
    Name,
    /// An entry of `exports` has neither `constants` nor `array`, so it exports nothing.
    Empty,
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pointer, message, help, .. } = self;
        write!(f, "{pointer}: {message}; {help}")
    }
}

impl std::error::Error for ViewError {}

/// Renders the data file `<name>.ts` of a view, with the exports in the order of the view.
///
/// An alias is exported as the id of its model, because a UI sends the id in requests.
///
/// # Errors
/// Returns the first error in the view; [`view_errors`] returns all errors.
pub fn render_view(catalog: &Catalog<'_>, name: &str, view: &View) -> Result<String, Box<ViewError>> {
    let mut writer = Writer::new(catalog, view);
    let file = writer.file(name);
    match writer.errors.into_iter().next() {
        None => Ok(file),
        Some(error) => Err(Box::new(error)),
    }
}

/// Returns all errors in a view, in the order of its `exports`.
#[must_use]
pub fn view_errors(catalog: &Catalog<'_>, view: &View) -> Vec<ViewError> {
    let mut writer = Writer::new(catalog, view);
    writer.file("");
    writer.errors
}

/// The suffixes of the names of the constants, in order of output.
const CONSTANT_SUFFIXES: [&str; 5] = ["DEFAULT_ID", "CONTEXT_WINDOW", "MAX_TOKENS", "INPUT", "COST"];

/// The four rates of a cost: property in the UI, and meter in the catalog.
const COST_RATES: [(&str, Meter); 4] =
    [("input", Meter::Input), ("output", Meter::Output), ("cacheRead", Meter::CacheRead), ("cacheWrite", Meter::CacheWrite)];

/// Renders a view and collects its errors. If there are errors, the output is meaningless.
struct Writer<'a> {
    catalog: &'a Catalog<'a>,
    view: &'a View,
    /// The exported names, each with its place in the view.
    exported: HashMap<String, String>,
    errors: Vec<ViewError>,
}

/// An export with its first model, whose facts are exported as constants.
#[derive(Clone, Copy)]
struct FirstModel<'a> {
    index: usize,
    export: &'a ViewExport,
    /// The reference of the model as the view states it.
    reference: &'a str,
    model: Model<'a>,
}

impl FirstModel<'_> {
    /// Returns the place of the reference in the view.
    fn pointer(self) -> String {
        pointer!("exports", self.index, "models", 0, "ref")
    }
}

/// The exported cost and its comment.
struct ExportedCost {
    rates: Object,
    comment: String,
}

impl<'a> Writer<'a> {
    fn new(catalog: &'a Catalog<'a>, view: &'a View) -> Self {
        Self { catalog, view, exported: HashMap::new(), errors: Vec::new() }
    }

    fn file(&mut self, name: &str) -> String {
        let mut file =
            literal::line_comment(&format!("Generated by `modeldex generate` from views/{name}.yaml and the models that the view names."));
        file.push_str(&literal::line_comment("Do not edit: change the view or the catalog, and run the command again."));
        let exports = &self.view.exports;
        for (at, export) in exports.iter().enumerate() {
            file.push_str(&self.export(at, export));
        }
        file
    }

    fn export(&mut self, at: usize, export: &'a ViewExport) -> String {
        let models: Vec<Option<Model<'a>>> = (0..).zip(&export.models).map(|(row, model)| self.model(at, row, model)).collect();
        let mut text = String::new();
        if let Some(prefix) = &export.constants {
            let names = CONSTANT_SUFFIXES.map(|suffix| format!("{prefix}_{suffix}"));
            self.add_names(at, "constants", &names);
            match export.models.first().zip(models.first()) {
                Some((row, Some(model))) => {
                    let first = FirstModel { index: at, export, reference: &row.reference, model: *model };
                    text.push_str(&self.constants(&names, first));
                }
                Some((_, None)) => {}
                None => self.empty_group(at, pointer!("exports", at), "the group of exports has no model", "add a model to `models`"),
            }
        }
        if let Some(name) = &export.array {
            self.add_names(at, "array", std::slice::from_ref(name));
            let rows: Vec<Value> = export.models.iter().zip(&models).filter_map(|(row, model)| Some(columns(row, (*model)?))).collect();
            text.push_str(&constant(name, "", rows));
        }
        if let Some(name) = &export.row_type {
            self.add_names(at, "type", std::slice::from_ref(name));
            if let Some(array) = &export.array {
                text.push_str(&format!("\nexport type {name} = (typeof {array})[number];\n"));
            }
        }
        if export.constants.is_none() && export.array.is_none() {
            self.empty_group(
                at,
                pointer!("exports", at),
                "the entry of `exports` has neither `constants` nor `array`",
                "add the key `constants` or `array`",
            );
        } else if export.row_type.is_some() && export.array.is_none() {
            let message = "the group has a `type` for the rows of `array`, but no `array`";
            self.empty_group(at, pointer!("exports", at, "type"), message, "add `array`, or remove `type`");
        }
        text
    }

    fn model(&mut self, export: usize, row: usize, model: &'a ViewRow) -> Option<Model<'a>> {
        let found = self.catalog.model(&model.reference).ok();
        if found.is_none() {
            let (pointer, message) =
                (pointer!("exports", export, "models", row, "ref"), format!("unknown model `{reference}`", reference = model.reference));
            let help = "use a reference to a model that the catalog contains, such as `openai/gpt-5.5`";
            self.error((export, Some(row)), ViewErrorKind::UnknownModel, pointer, message, help);
        }
        found
    }

    fn constants(&mut self, names: &[String; CONSTANT_SUFFIXES.len()], first: FirstModel<'a>) -> String {
        let [id_name, window_name, output_name, input_name, cost_name] = names;
        let (model, no_overrides) = (first.model, ViewOverrides::default());
        let overrides = first.export.overrides.as_ref().unwrap_or(&no_overrides);
        let comment = |text: &str, is_overridden: bool| {
            let reason =
                is_overridden.then(|| format!("Overridden by the view: {reason}.", reason = overrides.reason.trim_end_matches('.')));
            [Some(text.to_owned()).filter(|text| !text.is_empty()), reason].into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        let costs = self.costs(first, cost_name, overrides.cost);
        let window = overrides.context_window.or(model.context_window()).map(Value::from);
        let output = overrides.max_output_tokens.or(model.max_output_tokens()).map(Value::from);
        let (about_window, about_output) = ("Maximum number of input and output tokens together.", "Maximum number of output tokens.");
        [
            constant(id_name, "", model.id()),
            constant(
                window_name,
                &comment(about_window, overrides.context_window.is_some()),
                self.fact(first, "context_window", window_name, window),
            ),
            constant(
                output_name,
                &comment(about_output, overrides.max_output_tokens.is_some()),
                self.fact(first, "max_output_tokens", output_name, output),
            ),
            constant(
                input_name,
                &comment("", !overrides.input.is_empty()),
                self.fact(first, "input", input_name, modalities(&overrides.input, model)),
            ),
            constant(cost_name, &comment(&costs.comment, overrides.cost.is_some()), Value::from(costs.rates)),
        ]
        .concat()
    }

    /// Returns the value of the constant `name`; an unknown fact is an error.
    fn fact(&mut self, first: FirstModel<'_>, key: &str, name: &str, value: Option<Value>) -> Value {
        value.unwrap_or_else(|| {
            let message =
                format!("the constant `{name}` requires the fact `{key}`, which is unknown for `{reference}`", reference = first.reference);
            let help = format!("add `{key}` to the model in the catalog, or to `override` in the view");
            self.error_in_first(first, ViewErrorKind::UnknownFact, first.pointer(), message, &help);
            Value::Null
        })
    }

    /// Returns the cost for the constant `name`.
    fn costs(&mut self, first: FirstModel<'a>, name: &str, overridden: Option<ViewCost>) -> ExportedCost {
        let dollars = "Dollars per million tokens.";
        if overridden == Some(ViewCost::Unpriced) {
            if self.unpriced_cost().is_none() {
                let place = pointer!("exports", first.index, "override", "cost");
                let message = format!("`override` has `cost: unpriced`, but the view has no `unpriced_cost` for the constant `{name}`");
                self.missing_unpriced_cost(first, place, message);
            }
            return ExportedCost { rates: uniform_cost(self.unpriced_cost()), comment: dollars.to_owned() };
        }
        match first.model.billing() {
            Billing::Unpriced => self.unpriced(first, name, "the model has no published price"),
            Billing::Plan => self.unpriced(first, name, "the model is included in a plan"),
            Billing::Free => {
                ExportedCost { rates: uniform_cost(Some(Rate::from_micros(0))), comment: format!("{dollars} The model is free.") }
            }
            Billing::Metered => self.metered(first, name, dollars),
        }
    }

    fn metered(&mut self, first: FirstModel<'a>, name: &str, dollars: &str) -> ExportedCost {
        let rates = match first.model.prices().base_rates() {
            None => return self.unpriced(first, name, "the price list is empty"),
            Some(rates) => rates,
        };
        if rates.currency() != Currency::Usd {
            let message = format!(
                "the constant `{name}` requires a price in US dollars, but the price of `{reference}` is in {currency}",
                reference = first.reference,
                currency = rates.currency()
            );
            let help = "use a model with a price in USD, or add `cost: unpriced` to `override` to export no price";
            self.error_in_first(first, ViewErrorKind::Currency, first.pointer(), message, help);
        }
        let mut costs = Object::default();
        let mut missing = Vec::new();
        for (property, meter) in COST_RATES {
            let rate = rates.get(meter).map(|rate| rate.authored(meter));
            if rate.is_none() {
                missing.push(meter.as_str());
            }
            costs = costs.known(property, rate.or(self.unpriced_cost()));
        }
        if missing.is_empty() {
            return ExportedCost { rates: costs, comment: dollars.to_owned() };
        }
        let why = format!("the price list has no rate for {meters}", meters = missing.join(" or "));
        if self.unpriced_cost().is_none() {
            let (reference, meters) = (first.reference, missing.join("` or `"));
            let message = format!(
                "the price list of `{reference}` has no rate for `{meters}`, and the view has no `unpriced_cost` for the constant `{name}`"
            );
            self.missing_unpriced_cost(first, first.pointer(), message);
        }
        ExportedCost { rates: costs, comment: self.unknown_rates_comment(&why) }
    }

    /// Returns the cost of a model without a price.
    fn unpriced(&mut self, first: FirstModel<'_>, name: &str, why: &str) -> ExportedCost {
        if self.unpriced_cost().is_none() {
            let message = format!(
                "the model `{reference}` has no price, and the view has no `unpriced_cost` for the constant `{name}`",
                reference = first.reference
            );
            self.missing_unpriced_cost(first, first.pointer(), message);
        }
        ExportedCost { rates: uniform_cost(self.unpriced_cost()), comment: self.unknown_rates_comment(why) }
    }

    /// Returns the comment of a cost with unknown rates.
    fn unknown_rates_comment(&self, why: &str) -> String {
        let comment = |rate| format!("Dollars per million tokens. Unknown rates are {rate}, because {why}.");
        self.unpriced_cost().map(comment).unwrap_or_default()
    }

    /// Reports that a cost has an unknown rate, but the view has no `unpriced_cost`.
    fn missing_unpriced_cost(&mut self, first: FirstModel<'_>, pointer: String, message: String) {
        let help = "add `unpriced_cost` to the view: the number that your program shows for an unknown cost, such as 0";
        self.error_in_first(first, ViewErrorKind::Unpriced, pointer, message, help);
    }

    fn unpriced_cost(&self) -> Option<Rate> {
        self.view.unpriced_cost
    }

    /// Adds the names that a property exports; reports at most one invalid or duplicate name.
    fn add_names(&mut self, export: usize, property: &str, names: &[String]) {
        let pointer = pointer!("exports", export, property);
        let mut before = None;
        for name in names {
            match self.exported.get(name) {
                Some(first) => before = before.or_else(|| Some((name, first.clone()))),
                None => drop(self.exported.insert(name.clone(), pointer.clone())),
            }
        }
        let (message, help, before) = if let Some(name) = names.iter().find(|name| !literal::is_identifier(name)) {
            (
                format!("the name `{name}` is not valid for an export"),
                "use a name of letters, digits and underscores that begins with a letter",
                None,
            )
        } else if let Some((name, first)) = before {
            (format!("the name `{name}` is exported twice"), "rename one of the two exports", Some(first))
        } else {
            return;
        };
        let help = help.to_owned();
        self.errors.push(ViewError { export, row: None, pointer, before, kind: ViewErrorKind::Name, message, help });
    }

    fn empty_group(&mut self, export: usize, pointer: String, message: &str, help: &str) {
        self.error((export, None), ViewErrorKind::Empty, pointer, message.to_owned(), help);
    }

    /// Reports an error of the first model of an export.
    fn error_in_first(&mut self, first: FirstModel<'_>, kind: ViewErrorKind, pointer: String, message: String, help: &str) {
        self.error((first.index, Some(0)), kind, pointer, message, help);
    }

    /// Reports an error of an export (`row` is `None`) or of one of its models.
    fn error(&mut self, (export, row): (usize, Option<usize>), kind: ViewErrorKind, pointer: String, message: String, help: &str) {
        self.errors.push(ViewError { export, row, pointer, before: None, kind, message, help: help.to_owned() });
    }
}

/// Returns the row of an array for a model.
fn columns(row: &ViewRow, model: Model<'_>) -> Value {
    let name = row.name.as_deref().unwrap_or(model.name());
    Object::default()
        .with("id", model.id())
        .with("name", name)
        .with("alias", row.alias.as_deref().unwrap_or(name))
        .with("reasoning", row.reasoning.unwrap_or(model.can(Capability::Reasoning) == Some(true)))
        .into()
}

/// Returns the modalities in `overridden`, in their order. If there are none, returns those of the catalog in canonical order. Returns `None` if both
/// lists are empty.
fn modalities(overridden: &[Modality], model: Model<'_>) -> Option<Value> {
    let known = if overridden.is_empty() { model.input().iter().collect() } else { overridden.to_vec() };
    (!known.is_empty()).then(|| json!(known))
}

/// Returns a cost with the same rate four times, or an empty cost for an unknown rate.
fn uniform_cost(rate: Option<Rate>) -> Object {
    COST_RATES.into_iter().fold(Object::default(), |cost, (name, _)| cost.known(name, rate))
}

fn constant(name: &str, comment: &str, value: impl Serialize) -> String {
    let comment = if comment.is_empty() { String::new() } else { literal::comment(0, comment) };
    format!("\n{comment}export const {name} = {} as const;\n", literal::expression(&json!(value), 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Compiled;
    use crate::testing::compiled;

    const FACTS: &str = "context_window: 256000, max_output_tokens: 8192, input: [text]";

    /// A catalog of one model with an alias and the given facts.
    fn kimi(facts: &str) -> Compiled {
        let aliases = "model_aliases:\n  - {id: k2p5, target: kimi-k2.5, kind: legacy}\n";
        let model = format!("  - {{id: kimi-k2.5, name: Kimi K2.5, reasoning: true, {facts}}}\n");
        compiled(&[("providers/kimi-coding.yaml", &format!("name: Kimi Coding\n{aliases}models:\n{model}"))])
    }

    fn parse(yaml: &str) -> View {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn only_error(fixture: &Compiled, yaml: &str) -> (ViewErrorKind, String) {
        let (catalog, view) = (fixture.catalog(), parse(yaml));
        let errors = view_errors(&catalog, &view);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(*super::render_view(&catalog, "x", &view).unwrap_err(), errors[0]);
        (errors[0].kind, errors[0].pointer.clone())
    }

    #[test]
    fn exports_are_in_the_order_of_the_view() {
        let fixture = kimi(FACTS);
        let yaml = r#"
unpriced_cost: 0
exports:
  - constants: KIMI_CODING
    models: [ref: kimi-coding/kimi-k2.5]
    override: {reason: "the UI */ shows it", context_window: 200000, input: [image, text]}
  - array: KIMI_CODING_MODELS
    type: KimiCodingModel
    models:
      - ref: kimi-coding/kimi-k2.5
      - {ref: kimi-coding/k2p5, name: 'Kimi "Code" K2.5', reasoning: false}
      - {ref: kimi-coding/kimi-k2.5, name: Long, alias: Short}
"#;
        let expected = r#"// Generated by `modeldex generate` from views/kimi.yaml and the models that the view names.
// Do not edit: change the view or the catalog, and run the command again.

export const KIMI_CODING_DEFAULT_ID = "kimi-k2.5" as const;

/** Maximum number of input and output tokens together. Overridden by the view: the UI *\/ shows it. */
export const KIMI_CODING_CONTEXT_WINDOW = 200000 as const;

/** Maximum number of output tokens. */
export const KIMI_CODING_MAX_TOKENS = 8192 as const;

/** Overridden by the view: the UI *\/ shows it. */
export const KIMI_CODING_INPUT = ["image", "text"] as const;

/** Dollars per million tokens. Unknown rates are 0, because the model has no published price. */
export const KIMI_CODING_COST = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
} as const;

export const KIMI_CODING_MODELS = [
  {
    id: "kimi-k2.5",
    name: "Kimi K2.5",
    alias: "Kimi K2.5",
    reasoning: true,
  },
  {
    id: "kimi-k2.5",
    name: "Kimi \"Code\" K2.5",
    alias: "Kimi \"Code\" K2.5",
    reasoning: false,
  },
  {
    id: "kimi-k2.5",
    name: "Long",
    alias: "Short",
    reasoning: true,
  },
] as const;

export type KimiCodingModel = (typeof KIMI_CODING_MODELS)[number];
"#;
        assert_eq!(render_view(&fixture.catalog(), "kimi", &parse(yaml)).unwrap(), expected);
    }

    #[test]
    fn a_price_is_written_exactly_and_an_unknown_rate_never_as_zero() {
        let with = |rates: &str| kimi(&format!("{FACTS}, prices: [{{{rates}}}]"));
        let priced = with("input: 0.6, output: 2.5, cache_read: 0.07, cache_write: 0.6");
        let yaml = "exports: [{constants: A, models: [{ref: kimi-coding/kimi-k2.5}]}]";
        let text = render_view(&priced.catalog(), "x", &parse(yaml)).unwrap();
        assert!(text.contains("{\n  input: 0.6,\n  output: 2.5,\n  cacheRead: 0.07,\n  cacheWrite: 0.6,\n}"), "{text}");

        let partial = with("input: 0.6, output: 2.5, cache_read: 0.07");
        assert_eq!(only_error(&partial, yaml), (ViewErrorKind::Unpriced, "/exports/0/models/0/ref".to_owned()));
        let text = render_view(&partial.catalog(), "x", &parse(&format!("unpriced_cost: 9.5\n{yaml}"))).unwrap();
        assert!(text.contains("cacheRead: 0.07,\n  cacheWrite: 9.5,\n}"), "{text}");
        assert!(text.contains("Unknown rates are 9.5, because the price list has no rate for cache_write."), "{text}");
    }

    #[test]
    fn free_plan_and_unpriced_costs_differ() {
        let yaml = "exports: [{constants: A, models: [{ref: kimi-coding/kimi-k2.5}]}]";
        let free = kimi(&format!("{FACTS}, billing: free"));
        let text = render_view(&free.catalog(), "x", &parse(yaml)).unwrap();
        assert!(text.contains("The model is free. */") && text.contains("input: 0,"), "{text}");
        for (billing, why) in [(Billing::Plan, "the model is included in a plan."), (Billing::Unpriced, "no published price.")] {
            let fixture = kimi(&format!("{FACTS}, billing: {billing}"));
            assert_eq!(only_error(&fixture, yaml).0, ViewErrorKind::Unpriced);
            let text = render_view(&fixture.catalog(), "x", &parse(&format!("unpriced_cost: 1\n{yaml}"))).unwrap();
            assert!(text.contains(why) && text.contains("cacheWrite: 1,"), "{text}");
        }
    }

    #[test]
    fn an_override_exports_no_price() {
        let fixture = kimi(&format!("{FACTS}, prices: [{{currency: CNY, input: 4}}]"));
        let export = "exports: [{constants: A, models: [{ref: kimi-coding/kimi-k2.5}]";
        assert_eq!(only_error(&fixture, &format!("unpriced_cost: 0\n{export}}}]")).0, ViewErrorKind::Currency);
        let left_out = parse(&format!("unpriced_cost: 0\n{export}, override: {{reason: not shown, cost: unpriced}}}}]"));
        let text = render_view(&fixture.catalog(), "x", &left_out).unwrap();
        assert!(text.contains("million tokens. Overridden by the view: not shown. */"), "{text}");
    }

    #[test]
    fn errors_have_places() {
        let fixture = kimi(FACTS);
        let unknown = "unpriced_cost: 0\nexports: [{array: A, models: [{ref: kimi-coding/kimi-k2.5}, {ref: kimi-coding/kimi-k9}]}]";
        assert_eq!(only_error(&fixture, unknown), (ViewErrorKind::UnknownModel, "/exports/0/models/1/ref".to_owned()));
        let model = "models: [{ref: kimi-coding/kimi-k2.5}]";
        for (yaml, kind, pointer) in [
            (format!("exports: [{{array: A, {model}}}, {{array: A, {model}}}]"), ViewErrorKind::Name, "/exports/1/array"),
            (format!("exports: [{{array: A-B, {model}}}]"), ViewErrorKind::Name, "/exports/0/array"),
            (format!("unpriced_cost: 0\nexports: [{{constants: A, type: B, {model}}}]"), ViewErrorKind::Empty, "/exports/0/type"),
            (format!("exports: [{{type: A, {model}}}]"), ViewErrorKind::Empty, "/exports/0"),
            (format!("exports: [{{{model}}}]"), ViewErrorKind::Empty, "/exports/0"),
            ("exports: [{constants: A, models: []}]".to_owned(), ViewErrorKind::Empty, "/exports/0"),
            (
                format!("unpriced_cost: 0\nexports: [{{array: A_COST, {model}}}, {{constants: A, {model}}}]"),
                ViewErrorKind::Name,
                "/exports/1/constants",
            ),
        ] {
            assert_eq!(only_error(&fixture, &yaml), (kind, pointer.to_owned()));
        }
        let bare = kimi("");
        let errors = view_errors(&bare.catalog(), &parse(&format!("exports: [{{constants: A, {model}}}]")));
        let kinds: Vec<ViewErrorKind> = errors.iter().map(|error| error.kind).collect();
        assert_eq!(kinds, [ViewErrorKind::Unpriced, ViewErrorKind::UnknownFact, ViewErrorKind::UnknownFact, ViewErrorKind::UnknownFact]);
    }
}
