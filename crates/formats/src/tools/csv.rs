//! Writes limits and prices as one CSV table, for spreadsheets and other tools that read CSV.
//!
//! There is a row for each band of each model's price list ([`PriceBand`]). A band is a service tier, a range of input tokens and a period with the
//! same rates. A model without a price list has one row. Rates are in units of the currency, per million tokens or per single unit. Unknown values
//! are empty.

use crate::bands::{PriceBand, price_bands};
use crate::fields::{self, FieldMapping, fact, field};
use crate::loss::{CatalogPart, ConditionKind, LossReport};
use crate::object::JsonValue;
use crate::selection::ModelSelection;
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Fact, Meter, Model, Moment, ServiceTier};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "csv",
    summary: "limits and prices of all models as one CSV table",
    file_name: Some("models.csv"),
    fields: PLACES,
    changes: &[],
    write,
};

/// Columns of a model's facts, after provider and id. The SQL output has the same columns.
pub(super) const FACTS: &[FieldMapping] = &[
    fact("name", Fact::Name),
    fact("family", Fact::Family),
    fact("kind", Fact::Kind),
    fact("status", Fact::Status),
    fact("billing", Fact::Billing),
    fact("context_window", Fact::ContextWindow),
    fact("max_input_tokens", Fact::MaxInputTokens),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    fact("release_date", Fact::ReleaseDate),
    fact("retirement_date", Fact::RetirementDate),
];

/// Fields of the tables.
pub(super) const PLACES: &[&[FieldMapping]] = &[FACTS, CONDITIONS, &fields::every_meter(), &fields::every_tier()];

/// Columns of price conditions other than the service tier.
const CONDITIONS: &[FieldMapping] = &[
    field("above_input_tokens", CatalogPart::Condition(ConditionKind::Above)),
    field("valid_from", CatalogPart::Condition(ConditionKind::Dates)),
];

fn write(selection: &ModelSelection<'_>, _lost: &mut LossReport) -> Vec<OutputFile> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write =
        |row: &[String]| writer.write_record(row).unwrap_or_else(|error| unreachable!("writing to memory does not fail: {error}"));
    let model_columns = ["provider", "id"].into_iter().chain(FACTS.iter().map(|field| field.name)).chain(BAND.iter().copied());
    write(&model_columns.map(str::to_owned).chain(Meter::ALL.iter().map(ToString::to_string)).collect::<Vec<_>>());
    for &model in selection.models() {
        let facts = facts(model);
        let bands = price_bands(model);
        let rows = bands.iter().map(|band| band_cells(Some(band)));
        // A model without a price list has one row.
        let rows = rows.chain(bands.is_empty().then(|| band_cells(None)));
        rows.for_each(|cells| write(&facts.iter().cloned().chain(cells).collect::<Vec<_>>()));
    }
    let bytes = writer.into_inner().unwrap_or_else(|error| unreachable!("writing to memory does not fail: {error}"));
    let text = String::from_utf8(bytes).unwrap_or_else(|error| unreachable!("rows of UTF-8 are UTF-8: {error}"));
    vec![OutputFile { path: "models.csv".to_owned(), text }]
}

fn facts(model: Model<'_>) -> Vec<String> {
    let cell = |field: &FieldMapping| match fields::value(model, field.part) {
        JsonValue::Text(text) => text.into_owned(),
        JsonValue::Count(count) => count.to_string(),
        _ => String::new(),
    };
    [model.provider().id().to_owned(), model.id().to_owned()].into_iter().chain(FACTS.iter().map(cell)).collect()
}

const BAND: &[&str] = &["currency", "service_tier", "above_input_tokens", "up_to_input_tokens", "valid_from", "valid_until"];

fn band_cells(band: Option<&PriceBand>) -> Vec<String> {
    let Some(band) = band else { return vec![String::new(); BAND.len() + Meter::ALL.len()] };
    let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
    let conditions = [
        band.rates.currency().to_string(),
        tier(band).to_owned(),
        band.above.to_string(),
        band.up_to.map(|up_to| up_to.to_string()).unwrap_or_default(),
        moment(band.from),
        moment(band.until),
    ];
    let rates = Meter::ALL.iter().map(|meter| band.rate(*meter).map(|rate| rate.to_string()).unwrap_or_default());
    conditions.into_iter().chain(rates).collect()
}

/// Returns the service tier's name in the tables. The default tier has a name, because the column is part of the primary key.
pub(super) fn tier(band: &PriceBand) -> &'static str {
    band.tier.map_or("standard", ServiceTier::as_str)
}
