//! The list of models: all of them, or those that a query asks for.

use crate::query::{Query, Sort};
use modeldex_emit::json::ModelRow;
use modeldex_table::{Billing, Catalog, Currency, Meter, Model, Moment, Rate, Today};
use serde_json::json;
use std::cmp::Ordering;

/// The list as JSON. `next` is the path of what comes after it.
pub(crate) fn models(catalog: &Catalog<'_>, query: &Query, text: &str, at: Moment) -> String {
    let mut rows: Vec<(Model<'_>, Option<Today>)> = catalog
        .providers()
        .filter(|provider| query.providers.is_empty() || query.providers.contains(&provider.place()))
        .flat_map(|provider| provider.models().map(|model| (model, Today::of(model.prices(), at))))
        .filter(|(model, today)| query.filter.passes(*model, today.as_ref()))
        .collect();
    sort(&mut rows, query);
    let total = rows.len();
    let end = query.limit.map_or(total, |limit| query.offset.saturating_add(limit).min(total));
    let page = rows.get(query.offset.min(total)..end).unwrap_or_default();
    let next = (end < total && query.offset < total).then(|| format!("/models?{}", at_offset(text, end)));
    let mut json = String::with_capacity(page.len() * 512 + 128);
    json.push_str(&format!("{{\"total\":{total},\"offset\":{},\"next\":{},\"models\":[", query.offset, json!(next)));
    for (place, &(model, today)) in page.iter().enumerate() {
        json.push_str(if place == 0 { "\n" } else { ",\n" });
        let row = serde_json::to_string(&ModelRow { model, today, availability: None });
        json.push_str(&row.unwrap_or_else(|error| unreachable!("rows can be written: {error}")));
    }
    json.push_str(if page.is_empty() { "]}\n" } else { "\n]}\n" });
    json
}

/// The same query from another place on.
fn at_offset(text: &str, offset: usize) -> String {
    let others = text.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("offset"));
    others.map(str::to_owned).chain(Some(format!("offset={offset}"))).collect::<Vec<_>>().join("&")
}

/// Sorts as `models list` does, and leaves what is the same in the order of the catalog.
fn sort(rows: &mut [(Model<'_>, Option<Today>)], query: &Query) {
    match query.sort {
        // The catalog is in this order already.
        Sort::Ref if query.reverse => rows.reverse(),
        Sort::Ref => {}
        Sort::Name => by(rows, query.reverse, |(model, _)| Some(model.name())),
        Sort::Context => by(rows, query.reverse, |(model, _)| model.context_window()),
        Sort::Output => by(rows, query.reverse, |(model, _)| model.max_output_tokens()),
        Sort::Price => by(rows, query.reverse, price),
        Sort::Released => by(rows, query.reverse, |(model, _)| model.release_date()),
    }
}

fn by<R, K: Ord>(rows: &mut [R], reverse: bool, key: impl Fn(&R) -> Option<K>) {
    rows.sort_by(|a, b| match (key(a), key(b)) {
        (Some(a), Some(b)) if reverse => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
}

/// Currencies are not converted, so each is by itself; free comes first.
fn price((model, today): &(Model<'_>, Option<Today>)) -> Option<(Option<Currency>, Option<Rate>, Option<Rate>)> {
    match (model.billing(), today) {
        (Billing::Free, _) => Some((None, None, None)),
        (Billing::Metered, Some(today)) => Some((Some(today.currency()), Some(today.get(Meter::Input)?), today.get(Meter::Output))),
        _ => None,
    }
}
