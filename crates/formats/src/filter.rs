//! Filters for lists of models, shared by `models list` and the server's `/models`.

use modeldex_table::{
    Alias, Billing, Capability, Currency, CurrentRates, Decimal, Meter, Modality, Model, ModelKind, Rate, Remainder, Status, Vocabulary,
};

/// A filter for models. Each field that is not empty is a condition, and a model matches if it meets all conditions. If a fact of a model is unknown,
/// the model does not meet a condition on this fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFilter {
    /// Capabilities; the model has all of them.
    pub capability: Vec<Capability>,
    /// Input modalities; the model accepts all of them.
    pub input: Vec<Modality>,
    /// Output modalities; the model generates all of them.
    pub output: Vec<Modality>,
    /// Minimum context window of the model, in tokens.
    pub min_context: Option<u32>,
    /// Maximum input rate in US dollars per million tokens. Free models match. Models with prices in other currencies do not match.
    pub max_price: Option<Rate>,
    /// Maximum output rate in US dollars per million tokens. Free models match. Models with prices in other currencies do not match.
    pub max_output_price: Option<Rate>,
    /// Lifecycle statuses; the model has one of them.
    pub status: Vec<Status>,
    /// Tasks, such as chat; the model has one of them.
    pub kind: Vec<ModelKind>,
    /// Words separated by spaces. Each word occurs in the model's reference, name, family, aliases or provider name. Case is ignored.
    pub search: Option<String>,
}

/// A condition of a [`ModelFilter`] as a query parameter of the server.
pub struct FilterParameter {
    /// Name of the query parameter.
    pub name: &'static str,
    /// Description of the models that match, without a full stop.
    pub documentation: &'static str,
    /// Parser of the parameter's value.
    pub parser: ParameterParser,
    /// Regular expression for valid values, for the OpenAPI document. `None` means that the value is not a number, but a text or a word of a
    /// vocabulary.
    pub pattern: Option<&'static str>,
}

/// A parser that adds the value of a query parameter to a [`ModelFilter`].
#[derive(Clone, Copy)]
pub enum ParameterParser {
    /// The value is a word of a vocabulary. The function adds the word to the filter, or returns `false` if the vocabulary does not have the word.
    Vocabulary(&'static Vocabulary, fn(&mut ModelFilter, &str) -> bool),
    /// The value is a text or number. The function adds the value to the filter, or returns a message that states the expected form.
    Value(fn(&mut ModelFilter, &str) -> Result<(), String>),
}

/// Defines the parser of a parameter whose value is a word of a vocabulary.
macro_rules! words {
    ($word:ident, $field:ident) => {
        ParameterParser::Vocabulary($word::VOCABULARY, |filter, text| {
            let word = $word::parse(text);
            filter.$field.extend(word);
            word.is_some()
        })
    };
}

/// All query parameters for filters, except the parameter for the provider: only a catalog can resolve the value of this parameter.
pub const FILTER_PARAMETERS: &[FilterParameter] = &[
    FilterParameter {
        name: "search",
        documentation: "Only models with each of these words in the reference, name, family, aliases or provider name",
        parser: SEARCH,
        pattern: None,
    },
    FilterParameter { name: "q", documentation: "Another name of the parameter `search`", parser: SEARCH, pattern: None },
    FilterParameter {
        name: "capability",
        documentation: "Only models with this capability; if repeated, models with all given capabilities",
        parser: words!(Capability, capability),
        pattern: None,
    },
    FilterParameter {
        name: "input",
        documentation: "Only models that accept this input modality; if repeated, models that accept all given modalities",
        parser: words!(Modality, input),
        pattern: None,
    },
    FilterParameter {
        name: "output",
        documentation: "Only models that generate this output modality; if repeated, models that generate all given modalities",
        parser: words!(Modality, output),
        pattern: None,
    },
    FilterParameter {
        name: "min_context",
        documentation: "Only models with at least this context window in tokens, such as `262144`, `200k` or `1M`",
        parser: ParameterParser::Value(|filter, text| parse_token_count(text).map(|min| filter.min_context = Some(min))),
        pattern: Some(TOKEN_COUNT_PATTERN),
    },
    FilterParameter {
        name: "max_price",
        documentation: "Only models with at most this input price, in US dollars per million tokens; free models match, \
                        but models with prices in other currencies do not",
        parser: ParameterParser::Value(|filter, text| parse_rate(text).map(|max| filter.max_price = Some(max))),
        pattern: Some(RATE_PATTERN),
    },
    FilterParameter {
        name: "max_output_price",
        documentation: "Only models with at most this output price, in US dollars per million tokens; free models match, \
                        but models with prices in other currencies do not",
        parser: ParameterParser::Value(|filter, text| parse_rate(text).map(|max| filter.max_output_price = Some(max))),
        pattern: Some(RATE_PATTERN),
    },
    FilterParameter {
        name: "status",
        documentation: "Only models with this lifecycle status; if repeated, models with any of the given statuses",
        parser: words!(Status, status),
        pattern: None,
    },
    FilterParameter {
        name: "kind",
        documentation: "Only models for this task; if repeated, models for any of the given tasks",
        parser: words!(ModelKind, kind),
        pattern: None,
    },
];

const TOKEN_COUNT_PATTERN: &str = r"^[0-9][0-9_]*([kKmM]|\.[0-9]{1,3}[kK]|\.[0-9]{1,6}[mM])?$";
const RATE_PATTERN: &str = r"^\$?[0-9]+(\.[0-9]{1,6})?$";

const SEARCH: ParameterParser = ParameterParser::Value(|filter, text| {
    filter.search = Some(text.to_owned());
    Ok(())
});

impl ModelFilter {
    /// Returns whether `model` meets all conditions. `today` has the model's current rates for a standard request; see [`CurrentRates`]. `today` is
    /// `None` if the model has no price list.
    #[must_use]
    pub fn matches(&self, model: Model<'_>, today: Option<&CurrentRates>) -> bool {
        let is_priced_within = |limit: Option<Rate>, meter| match (limit, model.billing(), today) {
            (None, _, _) | (_, Billing::Free, _) => true,
            (Some(limit), Billing::Metered, Some(today)) => {
                today.currency() == Currency::Usd && today.get(meter).is_some_and(|rate| rate <= limit)
            }
            _ => false,
        };
        self.capability.iter().all(|&capability| model.can(capability) == Some(true))
            && self.input.iter().all(|&modality| model.input().contains(modality))
            && self.output.iter().all(|&modality| model.output().contains(modality))
            && self.min_context.is_none_or(|least| model.limits().window.is_some_and(|context| context >= least))
            && (self.status.is_empty() || self.status.contains(&model.status()))
            && (self.kind.is_empty() || self.kind.contains(&model.kind()))
            && is_priced_within(self.max_price, Meter::Input)
            && is_priced_within(self.max_output_price, Meter::Output)
            && self.search.as_ref().is_none_or(|words| matches_search(model, words))
    }
}

/// Returns whether every word of a search is in one of a model's names.
fn matches_search(model: Model<'_>, words: &str) -> bool {
    let reference = model.reference().to_string();
    let names = [reference.as_str(), model.name(), model.family().unwrap_or_default()];
    let mut names: Vec<String> = names.into_iter().chain(model.aliases().map(Alias::id)).map(str::to_lowercase).collect();
    names.push(model.provider().name().to_lowercase());
    words.to_lowercase().split_whitespace().all(|word| names.iter().any(|name| name.contains(word)))
}

/// Parses a number of tokens: `262144`, `200k`, `1.5M`.
///
/// # Errors
/// Returns a message that states the expected form, if the text is not a whole number of tokens, or if the number does not fit into 32 bits.
pub fn parse_token_count(text: &str) -> Result<u32, String> {
    let (number, unit) = match text.trim().strip_suffix(['k', 'K']) {
        Some(number) => (number, 3),
        None => text.trim().strip_suffix(['m', 'M']).map_or((text.trim(), 0), |number| (number, 6)),
    };
    let number = Decimal::parse(&number.replace('_', "")).filter(|number| !number.is_negative());
    let number = number.ok_or_else(|| "expected a number of tokens, such as 262144, 200k or 1M".to_owned())?;
    let (count, rest) = number.shifted(unit).scaled(0).unwrap_or((u128::MAX, Remainder::Zero));
    let count = u32::try_from(count).map_err(|_| "the number of tokens is too large: the maximum is 4294967295".to_owned())?;
    if rest == Remainder::Zero { Ok(count) } else { Err("expected a whole number of tokens".to_owned()) }
}

/// Parses a rate in US dollars per million tokens: `0.6`, `$0.60`.
///
/// # Errors
/// Returns a message that states the problem, if the text is not a rate.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text.trim().trim_start_matches('$')).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_numbers_with_and_without_a_unit() {
        for (text, count) in [("200k", 200_000), ("1M", 1_000_000), ("1.5m", 1_500_000), ("262144", 262_144), ("262_144", 262_144)] {
            assert_eq!(parse_token_count(text), Ok(count), "{text}");
        }
        assert_eq!(parse_token_count("4294967295"), Ok(u32::MAX));
        for text in ["", "k", "-1", "1.5", "abc", "1e30", "99999M"] {
            assert!(parse_token_count(text).is_err(), "{text}");
        }
        assert_eq!(parse_rate("$0.60").map(Rate::micros), Ok(600_000));
        assert!(parse_rate("cheap").is_err());
    }

    #[test]
    fn large_numbers_are_errors_in_every_parameter() {
        let parse = |name: &str, text: &str| {
            let parameter = FILTER_PARAMETERS.iter().find(|parameter| parameter.name == name).unwrap();
            let ParameterParser::Value(parse) = parameter.parser else { unreachable!() };
            let mut filter = ModelFilter::default();
            parse(&mut filter, text).map(|()| filter)
        };
        for (bits, more) in [(32, 0_u128), (32, 1), (64, 1), (96, 1), (127, 1)] {
            let number = (1_u128 << bits) + more;
            for text in [number.to_string(), format!("{number}00000000000"), format!("{number}e9")] {
                assert!(parse("min_context", &text).is_err(), "{text}");
                for name in ["max_price", "max_output_price"] {
                    let found = parse(name, &text);
                    assert!(found.is_err(), "{name} {text}: {found:?}");
                }
            }
        }
        for text in ["340282366920938463463374607431768211456", "340282366920938463463374607431768211457", "1e9", "1e999999999999999999999"]
        {
            assert_eq!(parse("max_price", text).unwrap_err(), "the number is a billion or more", "{text}");
        }
        assert!(parse("min_context", "4294967296").unwrap_err().contains("the maximum is 4294967295"));
    }
}
