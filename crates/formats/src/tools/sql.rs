//! Writes limits and prices as SQL, so that the usage logs in a data warehouse can be priced with a join.
//!
//! The script works in SQLite, PostgreSQL, DuckDB and ClickHouse, because it uses only types and statements that all four support. The script creates
//! three tables:
//!
//! - `modeldex_models` has the facts of each model.
//! - `modeldex_ids` has every id and alias of a model that logs may contain.
//! - `modeldex_prices` has a row for each band of a price list ([`PriceBand`]). Rates are per million tokens, or per single unit such as an image.
//!
//! Unknown values are NULL. A free model has no prices, and its `billing` is `free`.

use super::csv::{FACTS, PLACES, tier};
use crate::bands::{PriceBand, price_bands};
use crate::fields::{self, field};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::object::JsonValue;
use crate::selection::ModelSelection;
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Alias, Meter, Model, Moment};
use std::fmt::{Display, Write};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "sql",
    summary: "limits and prices of all models as SQL tables for SQLite, PostgreSQL, DuckDB and ClickHouse",
    file_name: Some("models.sql"),
    fields: &[PLACES[0], PLACES[1], PLACES[2], PLACES[3], &[field("modeldex_ids", CatalogPart::Aliases)]],
    changes: &[&[Loss::UnportableCharacter]],
    write,
};

/// Maximum number of rows per `INSERT`: enough to be fast, and few enough for every parser.
const MAX_ROWS_PER_INSERT: usize = 500;

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let mut models = Table::new("modeldex_models", MODELS);
    let mut ids = Table::new("modeldex_ids", IDS);
    let rates: Vec<(String, &str)> = Meter::ALL.iter().map(|meter| (format!("{meter}_rate"), RATE)).collect();
    let columns: Vec<(&str, &str)> =
        PRICES.iter().copied().chain(rates.iter().map(|(name, kind)| (name.as_str(), *kind))).chain(PRICES_KEY.iter().copied()).collect();
    let mut prices = Table::new("modeldex_prices", &columns);
    for &model in selection.models() {
        if !is_portable(model) {
            losses.record(Loss::UnportableCharacter, model);
            continue;
        }
        models.row(&facts(model));
        let provider = text(model.provider().id());
        for id in [model.id()].into_iter().chain(model.aliases().map(Alias::id)) {
            ids.row(&[provider.clone(), text(id), text(model.id())]);
        }
        for band in price_bands(model) {
            prices.row(&band_values(model, &band));
        }
    }
    let text = [models, ids, prices].into_iter().map(Table::finish).collect::<Vec<_>>().join("\n");
    vec![OutputFile { path: "models.sql".to_owned(), text }]
}

const MODELS: &[(&str, &str)] = &[
    ("provider", "VARCHAR(200) NOT NULL"),
    ("model", "VARCHAR(500) NOT NULL"),
    ("name", "VARCHAR(500) NOT NULL"),
    ("family", "VARCHAR(200) NULL"),
    ("kind", "VARCHAR(40) NOT NULL"),
    ("status", "VARCHAR(40) NOT NULL"),
    ("billing", "VARCHAR(40) NOT NULL"),
    ("context_window", "BIGINT NULL"),
    ("max_input_tokens", "BIGINT NULL"),
    ("max_output_tokens", "BIGINT NULL"),
    ("release_date", "VARCHAR(10) NULL"),
    ("retirement_date", "VARCHAR(10) NULL"),
    ("PRIMARY KEY", "(provider, model)"),
];

const IDS: &[(&str, &str)] = &[
    ("provider", "VARCHAR(200) NOT NULL"),
    ("id", "VARCHAR(500) NOT NULL"),
    ("model", "VARCHAR(500) NOT NULL"),
    ("PRIMARY KEY", "(provider, id)"),
];

/// Columns before the rates.
const PRICES: &[(&str, &str)] = &[
    ("provider", "VARCHAR(200) NOT NULL"),
    ("model", "VARCHAR(500) NOT NULL"),
    ("service_tier", "VARCHAR(40) NOT NULL"),
    ("above_input_tokens", "BIGINT NOT NULL"),
    ("up_to_input_tokens", "BIGINT NULL"),
    ("valid_from", "TIMESTAMP NOT NULL"),
    ("valid_until", "TIMESTAMP NULL"),
    ("currency", "VARCHAR(3) NOT NULL"),
];

/// A rate has at most six decimals.
const RATE: &str = "DECIMAL(18, 6) NULL";

const PRICES_KEY: &[(&str, &str)] = &[("PRIMARY KEY", "(provider, model, service_tier, above_input_tokens, valid_from)")];

/// The SQL of a table: its definition and its rows.
struct Table {
    name: &'static str,
    sql: String,
    rows: usize,
}

impl Table {
    fn new(name: &'static str, columns: &[(&str, &str)]) -> Self {
        let columns: Vec<String> = columns.iter().map(|(name, kind)| format!("  {name} {kind}")).collect();
        Self { name, sql: format!("CREATE TABLE {name} (\n{columns}\n);\n", columns = columns.join(",\n")), rows: 0 }
    }

    fn row(&mut self, values: &[String]) {
        if self.rows.is_multiple_of(MAX_ROWS_PER_INSERT) {
            let end = if self.rows == 0 { "" } else { ";\n" };
            let _ = writeln!(self.sql, "{end}INSERT INTO {table} VALUES", table = self.name);
        } else {
            self.sql.push_str(",\n");
        }
        let _ = write!(self.sql, "({})", values.join(", "));
        self.rows += 1;
    }

    fn finish(mut self) -> String {
        if self.rows > 0 {
            self.sql.push_str(";\n");
        }
        self.sql
    }
}

fn facts(model: Model<'_>) -> Vec<String> {
    let value = |part| match fields::value(model, part) {
        JsonValue::Text(word) => text(word),
        JsonValue::Count(count) => count.to_string(),
        _ => null(),
    };
    [text(model.provider().id()), text(model.id())].into_iter().chain(FACTS.iter().map(|field| value(field.part))).collect()
}

fn band_values(model: Model<'_>, band: &PriceBand) -> Vec<String> {
    // Primary keys must not be NULL: an unbounded period begins with the earliest moment.
    let from = band.from.unwrap_or(Moment::from_minutes(0));
    let start = [
        text(model.provider().id()),
        text(model.id()),
        text(tier(band)),
        band.above.to_string(),
        number(band.up_to),
        moment(from),
        band.until.map_or_else(null, moment),
        text(band.rates.currency()),
    ];
    start.into_iter().chain(Meter::ALL.iter().map(|meter| number(band.rate(*meter)))).collect()
}

fn null() -> String {
    "NULL".to_owned()
}

fn number(number: Option<impl Display>) -> String {
    number.map_or_else(null, |number| number.to_string())
}

/// Returns a timestamp literal in UTC: `'2026-08-16 16:00:00'`.
fn moment(moment: Moment) -> String {
    let seconds = if moment.to_string().contains('T') { ":00" } else { " 00:00:00" };
    format!("'{}{seconds}'", moment.to_string().replace('T', " ").trim_end_matches('Z'))
}

/// Returns whether all four databases parse the texts of a model alike. Only ClickHouse treats a backslash as an escape.
fn is_portable(model: Model<'_>) -> bool {
    let texts = [model.provider().id(), model.id(), model.name(), model.family().unwrap_or_default()];
    texts.into_iter().chain(model.aliases().map(Alias::id)).all(|text| !text.contains(['\\', '\0']))
}

/// Returns a string literal. All four databases escape quotes by doubling them.
fn text(text: impl Display) -> String {
    format!("'{}'", text.to_string().replace('\'', "''"))
}
