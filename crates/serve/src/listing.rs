//! The responses `/models` and `/providers`: lists of models and of providers.

use crate::page::json_line;
use crate::query::ModelQuery;
use modeldex_formats::json::{ModelRow, ProviderRow};
use modeldex_table::{Catalog, CurrentRates, Model, Moment};
use schemars::JsonSchema;
use serde::Serialize;

/// List of models, or one page of the list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Models<'a> {
    /// Number of models that match the query, counted over all pages.
    total: usize,
    /// Number of models on the pages before this page.
    offset: usize,
    /// Path of the next page; null on the last page.
    next: Option<String>,
    models: Vec<ModelRow<'a>>,
}

/// List of providers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Providers<'a> {
    total: usize,
    providers: Vec<ProviderRow<'a>>,
}

/// Renders the models that match `query` as JSON. The field `next` is derived from the query string `text`.
pub(crate) fn models(catalog: &Catalog<'_>, query: &ModelQuery, text: &str, at: Moment) -> String {
    let mut rows: Vec<(Model<'_>, Option<CurrentRates>)> = catalog
        .providers()
        .filter(|provider| query.providers.is_empty() || query.providers.contains(&provider.index()))
        .flat_map(|provider| provider.models().map(|model| (model, CurrentRates::of(model.prices(), at))))
        .filter(|(model, today)| query.filter.matches(*model, today.as_ref()))
        .collect();
    query.sort.sort_rows(&mut rows, query.reverse, |row| *row);
    let total = rows.len();
    let end = query.limit.map_or(total, |limit| query.offset.saturating_add(limit).min(total));
    let page = rows.get(query.offset.min(total)..end).unwrap_or_default();
    let next = (end < total && query.offset < total).then(|| format!("/models?{}", with_offset(text, end)));
    let rows = page.iter().map(|&(model, today)| ModelRow { model, today, availability: None });
    one_row_per_line(&Models { total, offset: query.offset, next, models: Vec::new() }, rows)
}

/// Renders all providers as JSON.
pub(crate) fn providers(catalog: &Catalog<'_>) -> String {
    let rows = catalog.providers().map(|provider| ProviderRow::new(provider, None));
    one_row_per_line(&Providers { total: rows.len(), providers: Vec::new() }, rows)
}

/// Renders `list` as JSON with `rows` in its last field, which is an empty array. Each row has a line of its own, so that a diff of two lists is
/// readable.
fn one_row_per_line(list: &impl Serialize, rows: impl ExactSizeIterator<Item: Serialize>) -> String {
    let mut text = json_line(list);
    if rows.len() > 0 {
        text.truncate(text.len() - "]}\n".len());
        for (at, row) in rows.enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            text.push_str(&serde_json::to_string(&row).expect("rows have string keys"));
        }
        text.push_str("\n]}\n");
    }
    text
}

/// Returns the query string `text` with the parameter `offset` replaced.
fn with_offset(text: &str, offset: usize) -> String {
    let others = text.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("offset"));
    others.map(str::to_owned).chain(Some(format!("offset={offset}"))).collect::<Vec<_>>().join("&")
}
