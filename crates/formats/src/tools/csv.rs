//! Limits and prices as one table, for spreadsheets and for whatever reads CSV.
//!
//! A row for each model and each stretch of its price list ([`Band`]): a class of service, the lengths of a request, and the time in
//! which the rates are the same. Rates are in units of the currency, per million tokens or per single unit. What is unknown is empty.

use crate::bands::{Band, bands};
use crate::fields::{self, Field, fact, field};
use crate::loss::{ConditionPart, Lost, Part};
use crate::object::Json;
use crate::selection::Selection;
use crate::target::{Document, Target};
use modeldex_table::{Fact, Meter, Model, Moment, ServiceTier};

pub(super) const TARGET: Target =
    Target { name: "csv", summary: "limits and prices as one table", file: Some("models.csv"), fields: PLACES, changes: &[], write };

/// The facts of a model in the tables for warehouses, after its provider and id: those of SQL, too.
pub(super) const FACTS: &[Field] = &[
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

/// What the tables have a place for.
pub(super) const PLACES: &[&[Field]] = &[FACTS, CONDITIONS, &fields::every_meter(), &fields::every_tier()];

/// The columns of conditions that prices can depend on, beside the service tier.
const CONDITIONS: &[Field] =
    &[field("above_input_tokens", Part::Condition(ConditionPart::Above)), field("valid_from", Part::Condition(ConditionPart::Dates))];

fn write(selection: &Selection<'_>, _lost: &mut Lost) -> Vec<Document> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |row: &[String]| writer.write_record(row).unwrap_or_else(|error| unreachable!("memory takes every row: {error}"));
    let of_model = ["provider", "id"].into_iter().chain(FACTS.iter().map(|field| field.name)).chain(BAND.iter().copied());
    write(&of_model.map(str::to_owned).chain(Meter::ALL.iter().map(ToString::to_string)).collect::<Vec<_>>());
    for &model in selection.models() {
        let facts = facts(model);
        let bands = bands(model);
        let rows = bands.iter().map(|band| band_cells(Some(band)));
        // A model without a price list is there all the same.
        let rows = rows.chain(bands.is_empty().then(|| band_cells(None)));
        rows.for_each(|cells| write(&facts.iter().cloned().chain(cells).collect::<Vec<_>>()));
    }
    let bytes = writer.into_inner().unwrap_or_else(|error| unreachable!("memory takes every row: {error}"));
    let text = String::from_utf8(bytes).unwrap_or_else(|error| unreachable!("rows of text are text: {error}"));
    vec![Document { path: "models.csv".to_owned(), text }]
}

fn facts(model: Model<'_>) -> Vec<String> {
    let cell = |field: &Field| match fields::value(model, field.part) {
        Json::Text(text) => text.into_owned(),
        Json::Count(count) => count.to_string(),
        _ => String::new(),
    };
    [model.provider().id().to_owned(), model.id().to_owned()].into_iter().chain(FACTS.iter().map(cell)).collect()
}

const BAND: &[&str] = &["currency", "service_tier", "above_input_tokens", "up_to_input_tokens", "valid_from", "valid_until"];

fn band_cells(band: Option<&Band>) -> Vec<String> {
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

/// The class of service as the tables spell it: the ordinary one has a word there, because it is a part of their keys.
pub(super) fn tier(band: &Band) -> &'static str {
    band.tier.map_or("standard", ServiceTier::as_str)
}
