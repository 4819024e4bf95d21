//! What the query of `/models` asks for: the filters of `models list`, in its words and with its meaning.

use crate::numbers;
use crate::problem::Problem;
use hyper::StatusCode;
use modeldex_emit::Filter;
use modeldex_table::nearest::nearest;
use modeldex_table::{Capability, Catalog, Modality, ModelKind, Provider, Status};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::fmt::Display;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// The places of the providers; all, when there are none.
    pub(crate) providers: Vec<usize>,
    pub(crate) filter: Filter,
    pub(crate) sort: Sort,
    pub(crate) reverse: bool,
    /// As many as this at most.
    pub(crate) limit: Option<usize>,
    /// Without this many at the start.
    pub(crate) offset: usize,
}

/// What a list is sorted by, smallest first; unknown is last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    #[default]
    Ref,
    Name,
    Context,
    Output,
    Price,
    Released,
}

/// Every name that a query may have.
pub(crate) const NAMES: &[&str] = &[
    "provider",
    "search",
    "q",
    "capability",
    "input",
    "output",
    "min_context",
    "max_price",
    "max_output_price",
    "status",
    "kind",
    "sort",
    "reverse",
    "limit",
    "offset",
];

const SORTS: &[(&str, Sort)] = &[
    ("ref", Sort::Ref),
    ("name", Sort::Name),
    ("context", Sort::Context),
    ("output", Sort::Output),
    ("price", Sort::Price),
    ("released", Sort::Released),
];

impl Query {
    /// Reads a query; a name or a word that is none is a problem that names the nearest.
    pub(crate) fn read(text: &str, catalog: &Catalog<'_>) -> Result<Self, Problem> {
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            query.take(&name, &value, catalog)?;
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str, catalog: &Catalog<'_>) -> Result<(), Problem> {
        let wrong = |reason: String| bad(name, value, &reason);
        match name {
            "provider" => {
                for id in words(value) {
                    self.providers.push(provider(catalog, id).map_err(|near| unknown_word("provider", id, near, None))?.place());
                }
            }
            "search" | "q" => self.filter.search = Some(value.to_owned()),
            "capability" => parse_words(name, value, Capability::ALL, Capability::parse, &mut self.filter.capability)?,
            "input" => parse_words(name, value, Modality::ALL, Modality::parse, &mut self.filter.input)?,
            "output" => parse_words(name, value, Modality::ALL, Modality::parse, &mut self.filter.output)?,
            "status" => parse_words(name, value, Status::ALL, Status::parse, &mut self.filter.status)?,
            "kind" => parse_words(name, value, ModelKind::ALL, ModelKind::parse, &mut self.filter.kind)?,
            "min_context" => self.filter.min_context = Some(modeldex_emit::parse_tokens(value).map_err(wrong)?),
            "max_price" => self.filter.max_price = Some(modeldex_emit::parse_rate(value).map_err(wrong)?),
            "max_output_price" => self.filter.max_output_price = Some(modeldex_emit::parse_rate(value).map_err(wrong)?),
            "sort" => {
                let known = SORTS.iter().find(|(word, _)| *word == value).map(|(_, sort)| *sort);
                let all = || SORTS.iter().map(|(word, _)| *word);
                self.sort = known.ok_or_else(|| unknown_word(name, value, nearest(value, all()), Some(all().collect())))?;
            }
            "reverse" => self.reverse = numbers::flag(value).map_err(wrong)?,
            "limit" => match numbers::count(value).map_err(wrong)? {
                0 => return Err(wrong("a list has at least one".to_owned())),
                limit => self.limit = Some(limit),
            },
            "offset" => self.offset = numbers::count(value).map_err(wrong)?,
            _ => {
                let problem = Problem::new(StatusCode::BAD_REQUEST, "unknown-parameter", format!("there is no parameter `{name}`"));
                let near = nearest(name, NAMES.iter().copied()).map(str::to_owned);
                return Err(problem.help(format!("these are known: {}", NAMES.join(", "))).nearest(near.into_iter().collect()));
            }
        }
        Ok(())
    }
}

/// The provider of an id or alias, or the nearest id.
pub(crate) fn provider<'a>(catalog: &'a Catalog<'a>, id: &str) -> Result<Provider<'a>, Option<&'a str>> {
    catalog.provider(id).ok_or_else(|| {
        let ids = catalog.providers().map(Provider::id).chain(catalog.provider_aliases().map(modeldex_table::ProviderAlias::id));
        nearest(id, ids.clone()).or_else(|| ids.clone().find(|other| !id.is_empty() && other.contains(id)))
    })
}

/// Several words may stand in one value, with commas between them, or in one each.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim)
}

fn parse_words<W: Copy + Display>(
    name: &str,
    value: &str,
    all: &'static [W],
    parse: fn(&str) -> Option<W>,
    into: &mut Vec<W>,
) -> Result<(), Problem> {
    for word in words(value) {
        let Some(found) = parse(word) else {
            let known: Vec<String> = all.iter().map(ToString::to_string).collect();
            let near = nearest(word, known.iter().map(String::as_str));
            return Err(unknown_word(name, word, near, Some(known.iter().map(String::as_str).collect())));
        };
        into.push(found);
    }
    Ok(())
}

fn unknown_word(name: &str, word: &str, near: Option<&str>, known: Option<Vec<&str>>) -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST, "unknown-word", format!("`{name}` knows no `{word}`"));
    let help = known.map_or_else(|| "/providers has them all".to_owned(), |known| format!("these are known: {}", known.join(", ")));
    problem.help(help).nearest(near.map(str::to_owned).into_iter().collect())
}

fn bad(name: &str, value: &str, reason: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-value", format!("`{name}` cannot be `{value}`: {reason}"))
}

/// A name or a value without its encoding.
fn decoded(text: &str) -> Result<Cow<'_, str>, Problem> {
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    let plain = percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned());
    plain.map(Cow::Owned).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", "the query is not UTF-8"))
}
