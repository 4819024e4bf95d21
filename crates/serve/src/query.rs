//! Query of `/models`. Its parameters are the filters of the command `modeldex models list`, with the same names and values.

use crate::problem::Problem;
use hyper::StatusCode;
use modeldex_formats::filter::{self, ParameterParser};
use modeldex_formats::schema::vocabulary_reference;
use modeldex_formats::{ModelFilter, SortKey};
use modeldex_table::nearest::nearest;
use modeldex_table::{Catalog, Provider};
use percent_encoding::percent_decode_str;
use schemars::{Schema, SchemaGenerator, json_schema};
use std::num::{IntErrorKind, ParseIntError};

/// Parsed query of `/models`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ModelQuery {
    /// Indexes, in the catalog, of the providers whose models are listed; empty for all providers.
    pub(crate) providers: Vec<usize>,
    pub(crate) filter: ModelFilter,
    pub(crate) sort: SortKey,
    pub(crate) reverse: bool,
    /// Maximum number of models in the response; `None` for all models.
    pub(crate) limit: Option<usize>,
    /// Number of models to skip before the first model in the response.
    pub(crate) offset: usize,
}

/// Parameter in the query of `/models`.
pub(crate) enum Parameter {
    /// Ids of providers.
    Provider,
    /// Filter by a fact of the models.
    Filter(&'static filter::FilterParameter),
    Sort,
    Reverse,
    Limit,
    Offset,
}

/// Returns all parameters, in the order in which the documentation lists them.
pub(crate) fn parameters() -> impl Iterator<Item = Parameter> {
    let filters = filter::FILTER_PARAMETERS.iter().map(Parameter::Filter);
    let page = [Parameter::Sort, Parameter::Reverse, Parameter::Limit, Parameter::Offset];
    [Parameter::Provider].into_iter().chain(filters).chain(page)
}

impl ModelQuery {
    /// Parses a query. If a parameter or value is unknown, the error lists similar valid parameters or values.
    pub(crate) fn parse(text: &str, catalog: &Catalog<'_>) -> Result<Self, Problem> {
        let (mut query, mut single) = (Self::default(), Vec::new());
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (percent_decode(name)?, percent_decode(value)?);
            let parameter = parameters().find(|parameter| parameter.name() == name).ok_or_else(|| unknown_parameter(&name))?;
            if !parameter.is_list() {
                let name = parameter.canonical_name();
                if single.contains(&name) {
                    return Err(repeated_parameter(name));
                }
                single.push(name);
            }
            query.set(&parameter, &value, catalog)?;
        }
        Ok(query)
    }

    fn set(&mut self, parameter: &Parameter, value: &str, catalog: &Catalog<'_>) -> Result<(), Problem> {
        let name = parameter.name();
        let invalid = |reason: String| invalid_value(name, value, &reason);
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
                0 => return Err(invalid("expected a positive integer".to_owned())),
                limit => self.limit = Some(limit),
            },
            Parameter::Offset => self.offset = parse_count(value).map_err(invalid)?,
        }
        Ok(())
    }
}

impl Parameter {
    /// Returns the name of the parameter in a query.
    pub(crate) fn name(&self) -> &'static str {
        self.name_and_documentation().0
    }

    /// Returns the description of the parameter, without a period at the end.
    pub(crate) fn documentation(&self) -> &'static str {
        self.name_and_documentation().1
    }

    /// Returns whether the value is a list, so that the parameter may be repeated.
    fn is_list(&self) -> bool {
        matches!(self, Self::Provider | Self::Filter(filter::FilterParameter { parser: ParameterParser::Vocabulary(..), .. }))
    }

    /// Returns the name of the parameter or, if it has two names, the first.
    fn canonical_name(&self) -> &'static str {
        if self.name() == "q" { "search" } else { self.name() }
    }

    fn name_and_documentation(&self) -> (&'static str, &'static str) {
        match self {
            Self::Provider => ("provider", "Only models of this provider, by id or alias (repeatable)"),
            Self::Filter(filter) => (filter.name, filter.documentation),
            Self::Sort => ("sort", "Sort the models by this value, in ascending order; models without the value are last"),
            Self::Reverse => ("reverse", "Sort the models in descending order; models without the sort value are still last"),
            Self::Limit => ("limit", "Maximum number of models in the response; all models by default"),
            Self::Offset => (
                "offset",
                "Number of models to skip before the first model in the response; `next` in the response is the path of the next page",
            ),
        }
    }

    /// Returns the schema of the parameter's value. In a query, a list is written as several parameters or with commas.
    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Provider => json_schema!({"type": "array", "items": {"type": "string"}}),
            Self::Filter(filter) => match filter.parser {
                ParameterParser::Vocabulary(vocabulary, _) => {
                    json_schema!({"type": "array", "items": vocabulary_reference(vocabulary, generator)})
                }
                ParameterParser::Value(_) => match filter.pattern {
                    Some(pattern) => json_schema!({"type": "string", "pattern": pattern}),
                    None => json_schema!({"type": "string"}),
                },
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
    let names = known().collect::<Vec<_>>().join(", ");
    problem.help(format!("known parameters: {names}")).nearest(near.into_iter().collect())
}

/// Returns the provider with the id or alias `id`. The error is the most similar id or alias, if any is similar.
pub(crate) fn find_provider<'a>(catalog: &'a Catalog<'a>, id: &str) -> Result<Provider<'a>, Option<&'a str>> {
    catalog.provider(id).ok_or_else(|| {
        let ids = catalog.providers().map(Provider::id).chain(catalog.provider_aliases().map(modeldex_table::ProviderAlias::id));
        nearest(id, ids.clone()).or_else(|| ids.clone().find(|other| !id.is_empty() && other.contains(id)))
    })
}

/// Parses a count. A count that is larger than every list is the largest count.
fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().or_else(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => Ok(usize::MAX),
        _ => Err("expected a non-negative integer".to_owned()),
    })
}

/// Parses a boolean. The empty text, from a parameter without a value, is true.
fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

/// Splits a comma-separated value. Empty items are omitted: clients write an empty list as an empty value.
fn split_list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn repeated_parameter(name: &str) -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST, "repeated-parameter", format!("the parameter `{name}` occurs more than once"));
    problem.help("only parameters whose value is a list may be repeated")
}

fn unknown_value(name: &str, word: &str, near: Option<&str>, known: Option<Vec<&str>>) -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST, "unknown-word", format!("the parameter `{name}` has the unknown value `{word}`"));
    let help = known.map_or_else(
        || "see `/providers` for the list of providers".to_owned(),
        |known| format!("known values of the parameter: {values}", values = known.join(", ")),
    );
    problem.help(help).nearest(near.map(str::to_owned).into_iter().collect())
}

fn invalid_value(name: &str, value: &str, reason: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-value", format!("the parameter `{name}` has the invalid value `{value}`: {reason}"))
}

/// Percent-decodes the name or the value of a parameter.
fn percent_decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let plain = percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned());
    plain.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", "the query of the URL is not percent-encoded UTF-8"))
}
