//! The list of models: all of them, or those that a query asks for.

use crate::page;
use crate::query::Query;
use modeldex_formats::json::{ModelRow, ProviderRow};
use modeldex_table::{Catalog, CurrentRates, Model, Moment};
use schemars::JsonSchema;
use serde::Serialize;

/// A page of the list of models.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Models<'a> {
    /// The number of models in all pages.
    total: usize,
    /// The number of models before this page.
    offset: usize,
    /// The path of the next page; null on the last one.
    next: Option<String>,
    models: Vec<ModelRow<'a>>,
}

/// The list of providers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Providers<'a> {
    total: usize,
    providers: Vec<ProviderRow<'a>>,
}

/// The list as JSON. `next` is the path of what comes after it.
pub(crate) fn models(catalog: &Catalog<'_>, query: &Query, text: &str, at: Moment) -> String {
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
    let next = (end < total && query.offset < total).then(|| format!("/models?{}", at_offset(text, end)));
    let rows = page.iter().map(|&(model, today)| ModelRow { model, today, availability: None });
    row_a_line(&Models { total, offset: query.offset, next, models: Vec::new() }, rows)
}

/// The list of providers as JSON.
pub(crate) fn providers(catalog: &Catalog<'_>) -> String {
    let rows = catalog.providers().map(|provider| ProviderRow::new(provider, None));
    row_a_line(&Providers { total: rows.len(), providers: Vec::new() }, rows)
}

/// A list as JSON with each row on a line of its own, so that a difference of two lists can be read. `list` has no rows, and ends with
/// their array.
fn row_a_line(list: &impl Serialize, rows: impl ExactSizeIterator<Item: Serialize>) -> String {
    let mut text = page::line(list);
    if rows.len() > 0 {
        text.truncate(text.len() - "]}\n".len());
        for (at, row) in rows.enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            text.push_str(&serde_json::to_string(&row).expect("rows have texts as keys"));
        }
        text.push_str("\n]}\n");
    }
    text
}

/// The same query from another place on.
fn at_offset(text: &str, offset: usize) -> String {
    let others = text.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("offset"));
    others.map(str::to_owned).chain(Some(format!("offset={offset}"))).collect::<Vec<_>>().join("&")
}
