//! The list of models: all of them, or those that a query asks for.

use crate::query::Query;
use modeldex_formats::json::{ModelRow, ProviderRow};
use modeldex_table::{Catalog, Model, Moment, Today};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use std::io::{self, Write};

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
    let mut rows: Vec<(Model<'_>, Option<Today>)> = catalog
        .providers()
        .filter(|provider| query.providers.is_empty() || query.providers.contains(&provider.place()))
        .flat_map(|provider| provider.models().map(|model| (model, Today::of(model.prices(), at))))
        .filter(|(model, today)| query.filter.passes(*model, today.as_ref()))
        .collect();
    query.sort.sort(&mut rows, query.reverse, |row| *row);
    let total = rows.len();
    let end = query.limit.map_or(total, |limit| query.offset.saturating_add(limit).min(total));
    let page = rows.get(query.offset.min(total)..end).unwrap_or_default();
    let next = (end < total && query.offset < total).then(|| format!("/models?{}", at_offset(text, end)));
    let models: Vec<_> = page.iter().map(|&(model, today)| ModelRow { model, today, availability: None }).collect();
    let size = models.len() * 512 + 128;
    row_a_line(&Models { total, offset: query.offset, next, models }, size)
}

/// The list of providers as JSON.
pub(crate) fn providers(catalog: &Catalog<'_>) -> String {
    let providers: Vec<_> = catalog.providers().map(|provider| ProviderRow::new(provider, None)).collect();
    let size = providers.len() * 1_024;
    row_a_line(&Providers { total: providers.len(), providers }, size)
}

/// A list as JSON with each row on a line of its own, so that a difference of two lists can be read.
fn row_a_line(list: &impl Serialize, size: usize) -> String {
    let mut text = Vec::with_capacity(size);
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, RowALine::default());
    list.serialize(&mut serializer).unwrap_or_else(|error| unreachable!("rows have texts as keys: {error}"));
    text.push(b'\n');
    String::from_utf8(text).unwrap_or_else(|error| unreachable!("JSON is UTF-8: {error}"))
}

/// Compact JSON but for the arrays that are values of the outermost object.
#[derive(Default)]
struct RowALine {
    /// How many arrays and objects are open.
    depth: usize,
    /// Whether the outer array has a row.
    has_rows: bool,
}

/// In the outermost object and an array of it.
const ROWS: usize = 2;

impl Formatter for RowALine {
    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        CompactFormatter.begin_object(writer)
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        CompactFormatter.end_object(writer)
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        CompactFormatter.begin_array(writer)
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        CompactFormatter.begin_array_value(writer, first)?;
        if self.depth == ROWS {
            self.has_rows = true;
            writer.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.depth == ROWS && std::mem::take(&mut self.has_rows) {
            writer.write_all(b"\n")?;
        }
        self.depth -= 1;
        CompactFormatter.end_array(writer)
    }
}

/// The same query from another place on.
fn at_offset(text: &str, offset: usize) -> String {
    let others = text.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("offset"));
    others.map(str::to_owned).chain(Some(format!("offset={offset}"))).collect::<Vec<_>>().join("&")
}
