//! What the query of `/models` asks for: the filters of `models list`, in its words and with its meaning.

use crate::problem::Problem;
use hyper::StatusCode;
use modeldex_formats::filter::{self, ParameterParser};
use modeldex_formats::schema::vocabulary_reference;
use modeldex_formats::{ModelFilter, SortKey};
use modeldex_table::nearest::nearest;
use modeldex_table::{Catalog, Provider};
use percent_encoding::percent_decode_str;
use schemars::{Schema, SchemaGenerator, json_schema};

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// The places of the providers; all, when there are none.
    pub(crate) providers: Vec<usize>,
    pub(crate) filter: ModelFilter,
    pub(crate) sort: SortKey,
    pub(crate) reverse: bool,
    /// As many as this at most.
    pub(crate) limit: Option<usize>,
    /// Without this many at the start.
    pub(crate) offset: usize,
}

/// A parameter of `/models`.
pub(crate) enum Parameter {
    /// The ids of providers.
    Provider,
    /// A filter.
    Filter(&'static filter::FilterParameter),
    Sort,
    Reverse,
    Limit,
    Offset,
}

/// Every parameter, in the order in which they are documented.
pub(crate) fn parameters() -> impl Iterator<Item = Parameter> {
    let filters = filter::FILTER_PARAMETERS.iter().map(Parameter::Filter);
    let page = [Parameter::Sort, Parameter::Reverse, Parameter::Limit, Parameter::Offset];
    [Parameter::Provider].into_iter().chain(filters).chain(page)
}

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
        let Some(parameter) = parameters().find(|parameter| parameter.name() == name) else { return Err(unknown_parameter(name)) };
        match parameter {
            Parameter::Provider => {
                for id in words(value) {
                    self.providers.push(provider(catalog, id).map_err(|near| unknown_word(name, id, near, None))?.index());
                }
            }
            Parameter::Filter(filter::FilterParameter { parser: ParameterParser::Vocabulary(vocabulary, add), .. }) => {
                let known = || vocabulary.words.iter().map(|(word, _)| *word);
                for word in words(value) {
                    if !add(&mut self.filter, word) {
                        return Err(unknown_word(name, word, nearest(word, known()), Some(known().collect())));
                    }
                }
            }
            Parameter::Filter(filter::FilterParameter { parser: ParameterParser::Value(read), .. }) => {
                read(&mut self.filter, value).map_err(wrong)?
            }
            Parameter::Sort => {
                self.sort =
                    SortKey::parse(value).ok_or_else(|| unknown_word(name, value, nearest(value, sorts()), Some(sorts().collect())))?;
            }
            Parameter::Reverse => self.reverse = flag(value).map_err(wrong)?,
            Parameter::Limit => match count(value).map_err(wrong)? {
                0 => return Err(wrong("a list has at least one".to_owned())),
                limit => self.limit = Some(limit),
            },
            Parameter::Offset => self.offset = count(value).map_err(wrong)?,
        }
        Ok(())
    }
}

impl Parameter {
    /// The name in a query.
    pub(crate) fn name(&self) -> &'static str {
        self.words().0
    }

    /// What it asks for, without a period.
    pub(crate) fn documentation(&self) -> &'static str {
        self.words().1
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Provider => ("provider", "Is sold by this provider, by id or alias; any, when given several times"),
            Self::Filter(filter) => (filter.name, filter.documentation),
            Self::Sort => ("sort", "Sort by this, smallest first; unknown is last"),
            Self::Reverse => ("reverse", "Sort the other way round; unknown stays last"),
            Self::Limit => ("limit", "Return at most this many; all, without it"),
            Self::Offset => ("offset", "Skip this many at the start; `next` of an answer is the path of the page after it"),
        }
    }

    /// The schema of its value. A list may be given as several parameters, or with commas.
    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Provider => json_schema!({"type": "array", "items": {"type": "string"}}),
            Self::Filter(filter) => match filter.parser {
                ParameterParser::Vocabulary(vocabulary, _) => {
                    json_schema!({"type": "array", "items": vocabulary_reference(vocabulary, generator)})
                }
                ParameterParser::Value(_) => json_schema!({"type": "string"}),
            },
            Self::Sort => {
                let sorts: Vec<_> = sorts().collect();
                json_schema!({"type": "string", "enum": sorts, "default": sorts[0]})
            }
            Self::Reverse => json_schema!({"type": "boolean", "default": false}),
            Self::Limit => json_schema!({"type": "integer", "minimum": 1}),
            Self::Offset => json_schema!({"type": "integer", "minimum": 0, "default": 0}),
        }
    }
}

fn sorts() -> impl Iterator<Item = &'static str> {
    SortKey::ALL.iter().map(|(word, ..)| *word)
}

fn unknown_parameter(name: &str) -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST, "unknown-parameter", format!("there is no parameter `{name}`"));
    let known = || parameters().map(|parameter| parameter.name());
    let near = nearest(name, known()).map(str::to_owned);
    problem.help(format!("these are known: {}", known().collect::<Vec<_>>().join(", "))).nearest(near.into_iter().collect())
}

/// The provider of an id or alias, or the nearest id.
pub(crate) fn provider<'a>(catalog: &'a Catalog<'a>, id: &str) -> Result<Provider<'a>, Option<&'a str>> {
    catalog.provider(id).ok_or_else(|| {
        let ids = catalog.providers().map(Provider::id).chain(catalog.provider_aliases().map(modeldex_table::ProviderAlias::id));
        nearest(id, ids.clone()).or_else(|| ids.clone().find(|other| !id.is_empty() && other.contains(id)))
    })
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "write it as a whole number".to_owned())
}

/// Yes or no; a name alone is yes.
fn flag(text: &str) -> Result<bool, String> {
    match text {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("write it as true or false".to_owned()),
    }
}

/// Several words may stand in one value, with commas between them, or in one each.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim)
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
fn decoded(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let plain = percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned());
    plain.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", "the query is not UTF-8"))
}
