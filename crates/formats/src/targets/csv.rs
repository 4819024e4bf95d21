//! Limits and prices as one table, for spreadsheets and for whatever reads CSV.
//!
//! A row for each model and each stretch of its price list ([`Band`]): a class of service, the lengths of a request, and the time in
//! which the rates are the same. Rates are in units of the currency, per million tokens or per single unit. What is unknown is empty.

use crate::bands::{Band, bands};
use crate::loss::{ConditionPart, Loss, Lost, Places};
use crate::selection::Selection;
use crate::target::{Document, Target};
use modeldex_table::{Fact, Meter, Model, Moment, ServiceTier};

pub(super) struct Csv;

/// What the tables for warehouses have a place for: those of SQL, too.
pub(super) const PLACES: Places = Places {
    facts: &[
        Fact::Name,
        Fact::Family,
        Fact::Kind,
        Fact::ContextWindow,
        Fact::MaxInputTokens,
        Fact::MaxOutputTokens,
        Fact::ReleaseDate,
        Fact::Status,
        Fact::RetirementDate,
        Fact::Billing,
    ],
    meters: Meter::ALL,
    conditions: &[ConditionPart::Above, ConditionPart::Dates],
    tiers: ServiceTier::ALL,
    ..Places::NONE
};

impl Target for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn summary(&self) -> &'static str {
        "limits and prices as one table"
    }

    fn file(&self) -> Option<&'static str> {
        Some("models.csv")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        Vec::new()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |row: &[String]| writer.write_record(row).unwrap_or_else(|error| unreachable!("memory takes every row: {error}"));
        let of_model = FACTS.iter().chain(BAND).map(|name| (*name).to_owned());
        write(&of_model.chain(Meter::ALL.iter().map(ToString::to_string)).collect::<Vec<_>>());
        for &model in selection.models() {
            lost.note_missing(PLACES, model);
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
}

const FACTS: &[&str] = &[
    "provider",
    "id",
    "name",
    "family",
    "kind",
    "status",
    "billing",
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "release_date",
    "retirement_date",
];

fn facts(model: Model<'_>) -> Vec<String> {
    let count = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
    let date = |date: Option<modeldex_table::Date>| date.map(|date| date.to_string()).unwrap_or_default();
    vec![
        model.provider().id().to_owned(),
        model.id().to_owned(),
        model.name().to_owned(),
        model.family().unwrap_or_default().to_owned(),
        model.kind().to_string(),
        model.status().to_string(),
        model.billing().to_string(),
        count(model.context_window()),
        count(model.max_input_tokens()),
        count(model.max_output_tokens()),
        date(model.release_date()),
        date(model.retirement_date()),
    ]
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
