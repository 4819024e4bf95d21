//! Query of `/models`: the filters of `models list`, with the same names and values.

use crate::problem::Problem;
use hyper::StatusCode;
use modeldex_formats::filter::{self, ParameterParser};
use modeldex_formats::schema::vocabulary_reference;
use modeldex_formats::{ModelFilter, SortKey};
use modeldex_table::nearest::nearest;
use modeldex_table::{Catalog, Provider};
use percent_encoding::percent_decode_str;
use schemars::{Schema, SchemaGenerator, json_schema};

/// Parsed query of `/models`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ModelQuery {
    /// Indexes of the providers in the catalog; empty for all.
    pub(crate) providers: Vec<usize>,
    pub(crate) filter: ModelFilter,
    pub(crate) sort: SortKey,
    pub(crate) reverse: bool,
    /// Maximum number of models; `None` for all.
    pub(crate) limit: Option<usize>,
    /// Number of models to skip.
    pub(crate) offset: usize,
}

/// Parameter of `/models`.
pub(crate) enum Parameter {
    /// Provider ids.
    Provider,
    /// Filter.
    Filter(&'static filter::FilterParameter),
    Sort,
    Reverse,
    Limit,
    Offset,
}

/// Returns every parameter, in the order of the documentation.
pub(crate) fn parameters() -> impl Iterator<Item = Parameter> {
    let filters = filter::FILTER_PARAMETERS.iter().map(Parameter::Filter);
    let page = [Parameter::Sort, Parameter::Reverse, Parameter::Limit, Parameter::Offset];
    [Parameter::Provider].into_iter().chain(filters).chain(page)
}

impl ModelQuery {
    /// Parses a query. Errors for unknown parameters and values list similar ones.
    pub(crate) fn parse(text: &str, catalog: &Catalog<'_>) -> Result<Self, Problem> {
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (percent_decode(name)?, percent_decode(value)?);
            query.set(&name, &value, catalog)?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str, catalog: &Catalog<'_>) -> Result<(), Problem> {
        let invalid = |reason: String| invalid_value(name, value, &reason);
        let Some(parameter) = parameters().find(|parameter| parameter.name() == name) else { return Err(unknown_parameter(name)) };
        match parameter {
            Parameter::Provider => {
                for id in split_list(value) {
                    self.providers.push(find_provider(catalog, id).map_err(|near| unknown_value(name, id, near, None))?.index());
                }
            }
            Parameter::Filter(filter::FilterParameter { parser: ParameterParser::Vocabulary(vocabulary, add), .. }) => {
                let known = || vocabulary.words.iter().map(|(word, _)| *word);
                for word in split_list(value) {
                    if !add(&mut self.filter, word) {
                        return Err(unknown_value(name, word, nearest(word, known()), Some(known().collect())));
                    }
                }
            }
            Parameter::Filter(filter::FilterParameter { parser: ParameterParser::Value(read), .. }) => {
                read(&mut self.filter, value).map_err(invalid)?
            }
            Parameter::Sort => {
                self.sort = SortKey::parse(value)
                    .ok_or_else(|| unknown_value(name, value, nearest(value, sort_names()), Some(sort_names().collect())))?;
            }
            Parameter::Reverse => self.reverse = parse_bool(value).map_err(invalid)?,
            Parameter::Limit => match parse_count(value).map_err(invalid)? {
                0 => return Err(invalid("expected at least 1".to_owned())),
                limit => self.limit = Some(limit),
            },
            Parameter::Offset => self.offset = parse_count(value).map_err(invalid)?,
        }
        Ok(())
    }
}

impl Parameter {
    /// Returns the name in a query.
    pub(crate) fn name(&self) -> &'static str {
        self.name_and_documentation().0
    }

    /// Returns the description, without a period.
    pub(crate) fn documentation(&self) -> &'static str {
        self.name_and_documentation().1
    }

    fn name_and_documentation(&self) -> (&'static str, &'static str) {
        match self {
            Self::Provider => ("provider", "Only models of this provider, by id or alias (repeatable)"),
            Self::Filter(filter) => (filter.name, filter.documentation),
            Self::Sort => ("sort", "Sort by this value, ascending; models without a value are last"),
            Self::Reverse => ("reverse", "Sort in descending order; models without a value stay last"),
            Self::Limit => ("limit", "Return at most this many models; all by default"),
            Self::Offset => ("offset", "Skip this many models; `next` in the response is the path of the next page"),
        }
    }

    /// Returns the schema of the value. A list is given as a repeated parameter or with commas.
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
                let names: Vec<_> = sort_names().collect();
                json_schema!({"type": "string", "enum": names, "default": names[0]})
            }
            Self::Reverse => json_schema!({"type": "boolean", "default": false}),
            Self::Limit => json_schema!({"type": "integer", "minimum": 1}),
            Self::Offset => json_schema!({"type": "integer", "minimum": 0, "default": 0}),
        }
    }
}

fn sort_names() -> impl Iterator<Item = &'static str> {
    SortKey::ALL.iter().map(|(word, ..)| *word)
}

fn unknown_parameter(name: &str) -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST, "unknown-parameter", format!("unknown parameter `{name}`"));
    let known = || parameters().map(|parameter| parameter.name());
    let near = nearest(name, known()).map(str::to_owned);
    problem.help(format!("known parameters: {}", known().collect::<Vec<_>>().join(", "))).nearest(near.into_iter().collect())
}

/// Returns the provider of an id or alias; the error is a similar id, if any.
pub(crate) fn find_provider<'a>(catalog: &'a Catalog<'a>, id: &str) -> Result<Provider<'a>, Option<&'a str>> {
    catalog.provider(id).ok_or_else(|| {
        let ids = catalog.providers().map(Provider::id).chain(catalog.provider_aliases().map(modeldex_table::ProviderAlias::id));
        nearest(id, ids.clone()).or_else(|| ids.clone().find(|other| !id.is_empty() && other.contains(id)))
    })
}

fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a non-negative integer".to_owned())
}

/// Parses a boolean. A parameter without a value is true.
fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

/// Splits a comma-separated value.
fn split_list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim)
}

fn unknown_value(name: &str, word: &str, near: Option<&str>, known: Option<Vec<&str>>) -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST, "unknown-word", format!("unknown value `{word}` for `{name}`"));
    let help = known.map_or_else(|| "see /providers for the list".to_owned(), |known| format!("known values: {}", known.join(", ")));
    problem.help(help).nearest(near.map(str::to_owned).into_iter().collect())
}

fn invalid_value(name: &str, value: &str, reason: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-value", format!("invalid value `{value}` for `{name}`: {reason}"))
}

/// Percent-decodes a name or a value.
fn percent_decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let plain = percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned());
    plain.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", "the query is not percent-encoded UTF-8"))
}
