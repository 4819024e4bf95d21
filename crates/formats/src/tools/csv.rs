//! Writes limits and prices as one CSV table, for spreadsheets and other tools that read CSV.
//!
//! The table has a row for each band of each model's price list ([`PriceBand`]). A band has the rates of one service tier, for a range of input
//! tokens and a period of time. A model without a price list has one row. Rates are in units of the currency, per million tokens or per single unit.
//! Unknown values are empty.
//!
//! A spreadsheet calculates a cell that begins like a formula, and a formula may send the content of other cells to a server. Therefore an apostrophe
//! is written before a text that begins like a formula: spreadsheets do not calculate a cell that begins with an apostrophe. Numbers are written
//! unchanged.

use crate::bands::{PriceBand, price_bands};
use crate::fields::{self, FieldMapping, fact, field};
use crate::loss::{CatalogPart, ConditionKind, Loss, LossReport};
use crate::object::JsonValue;
use crate::selection::ModelSelection;
use crate::target::{EmitTarget, OutputFile};
use modeldex_support::text::is_invisible;
use modeldex_table::{Fact, Meter, Model, Moment, ServiceTier};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "csv",
    summary: "limits and prices of all models as one CSV table",
    file_name: Some("models.csv"),
    fields: PLACES,
    changes: &[&[Loss::FormulaAsText]],
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

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write =
        |row: &[String]| writer.write_record(row).unwrap_or_else(|error| unreachable!("writing to memory does not fail: {error}"));
    let model_columns = ["provider", "id"].into_iter().chain(FACTS.iter().map(|field| field.name)).chain(BAND.iter().copied());
    write(&model_columns.map(str::to_owned).chain(Meter::ALL.iter().map(ToString::to_string)).collect::<Vec<_>>());
    for &model in selection.models() {
        let mut facts = facts(model);
        for cell in facts.iter_mut().filter(|cell| is_formula(cell)) {
            cell.insert(0, '\'');
            losses.record(Loss::FormulaAsText, model);
        }
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

/// Returns whether a spreadsheet may calculate a cell. This is so in two cases: after spaces, quotes and invisible characters, the cell begins with a
/// sign that begins formulas (also in full width); or the cell begins with a tab or a line end. A number with a sign is not a formula.
fn is_formula(cell: &str) -> bool {
    let is_skipped = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`') || is_invisible(letter);
    let is_number = || cell.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && cell.parse::<f64>().is_ok();
    let rest = cell.trim_start_matches(is_skipped);
    let begins = rest.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    cell.starts_with(['\t', '\r', '\n', '\0']) || begins && !is_number()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_recognised() {
        for cell in [
            "=1+1",
            "+1+1",
            "-1+1",
            "@cf/meta/llama",
            "=",
            "-",
            "\tx",
            "\rx",
            "\nx",
            " =1",
            "  @x",
            "\"=1",
            "'=1",
            "\u{200b}=1",
            "\u{feff}+x",
            "\u{a0}-x",
            "\u{ff1d}1",
            "=cmd|' /C calc'!A0",
            "-1.5x",
            "+e",
            "-1-1",
            "=\"a\"",
            "\0=1",
        ] {
            assert!(is_formula(cell), "{cell:?}");
        }
        for cell in ["", "-1.5", "+2", "1e6", "-1e-6", "gpt-5", "a=b", "lab/one:free", "x@1", " x", "'x'", "2026-01-01", "0.5"] {
            assert!(!is_formula(cell), "{cell:?}");
        }
    }
}
