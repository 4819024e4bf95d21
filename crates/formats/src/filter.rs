//! What a model must have to be listed: the filters of `models list` and of a server's `/models`, which mean the same.

use modeldex_table::{Alias, Billing, Capability, Currency, CurrentRates, Meter, Modality, Model, ModelKind, Rate, Status, Vocabulary};

/// What a model must have. A fact that is unknown never passes; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// It can do all of these.
    pub capability: Vec<Capability>,
    /// It takes all of these.
    pub input: Vec<Modality>,
    /// It gives all of these.
    pub output: Vec<Modality>,
    /// It has at least this context window, in tokens.
    pub min_context: Option<u32>,
    /// A million tokens of input cost at most this, in US dollars; free ones pass, other currencies do not.
    pub max_price: Option<Rate>,
    /// A million tokens of output cost at most this.
    pub max_output_price: Option<Rate>,
    /// It stands at one of these places in its life.
    pub status: Vec<Status>,
    /// It is called for one of these.
    pub kind: Vec<ModelKind>,
    /// Its reference, name, family or another id of it has this in it, in any case.
    pub search: Option<String>,
}

/// A filter as a parameter: its name, what it asks for, and how its text is read.
pub struct Parameter {
    /// The name, as a query spells it.
    pub name: &'static str,
    /// Which models pass, without a period.
    pub documentation: &'static str,
    /// How it is read.
    pub reader: Reader,
}

/// How the text of a parameter becomes a part of a [`Filter`].
#[derive(Clone, Copy)]
pub enum Reader {
    /// Words of a vocabulary, and how one is added to the filter; `false` where there is no such word.
    Words(&'static Vocabulary, fn(&mut Filter, &str) -> bool),
    /// One value. What is wrong with its text is a sentence that says how to write it.
    Value(fn(&mut Filter, &str) -> Result<(), String>),
}

/// The reader of a vocabulary's words.
macro_rules! words {
    ($word:ident, $field:ident) => {
        Reader::Words($word::VOCABULARY, |filter, text| {
            let word = $word::parse(text);
            filter.$field.extend(word);
            word.is_some()
        })
    };
}

/// Every filter but the provider, which needs a catalog to be read.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "search",
        documentation: "Has these words in its reference, name, family, aliases or the name of its provider",
        reader: SEARCH,
    },
    Parameter { name: "q", documentation: "The same as `search`", reader: SEARCH },
    Parameter { name: "capability", documentation: "Can do this; all, when given several times", reader: words!(Capability, capability) },
    Parameter { name: "input", documentation: "Takes this; all, when given several times", reader: words!(Modality, input) },
    Parameter { name: "output", documentation: "Gives this; all, when given several times", reader: words!(Modality, output) },
    Parameter {
        name: "min_context",
        documentation: "Has at least this context window, such as `262144`, `200k` or `1M`",
        reader: Reader::Value(|filter, text| parse_tokens(text).map(|least| filter.min_context = Some(least))),
    },
    Parameter {
        name: "max_price",
        documentation: "Costs at most this many US dollars for a million tokens of input; free ones pass, other currencies do not",
        reader: Reader::Value(|filter, text| parse_rate(text).map(|most| filter.max_price = Some(most))),
    },
    Parameter {
        name: "max_output_price",
        documentation: "Costs at most this many US dollars for a million tokens of output",
        reader: Reader::Value(|filter, text| parse_rate(text).map(|most| filter.max_output_price = Some(most))),
    },
    Parameter { name: "status", documentation: "Has this lifecycle status; any, when given several times", reader: words!(Status, status) },
    Parameter { name: "kind", documentation: "Is for this task; any, when given several times", reader: words!(ModelKind, kind) },
];

const SEARCH: Reader = Reader::Value(|filter, text| {
    filter.search = Some(text.to_owned());
    Ok(())
});

impl Filter {
    /// Whether a model has all that is asked for. `today` is its ordinary rates.
    #[must_use]
    pub fn passes(&self, model: Model<'_>, today: Option<&CurrentRates>) -> bool {
        let costs_at_most = |limit: Option<Rate>, meter| match (limit, model.billing(), today) {
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
            && costs_at_most(self.max_price, Meter::Input)
            && costs_at_most(self.max_output_price, Meter::Output)
            && self.search.as_ref().is_none_or(|words| is_about(model, words))
    }
}

/// Whether every word of a search is in one of the names of a model.
fn is_about(model: Model<'_>, words: &str) -> bool {
    let reference = model.reference().to_string();
    let names = [reference.as_str(), model.name(), model.family().unwrap_or_default()];
    let mut names: Vec<String> = names.into_iter().chain(model.aliases().map(Alias::id)).map(str::to_lowercase).collect();
    names.push(model.provider().name().to_lowercase());
    words.to_lowercase().split_whitespace().all(|word| names.iter().any(|name| name.contains(word)))
}

/// Reads a count of tokens: `262144`, `200k`, `1.5M`.
///
/// # Errors
/// When it is no whole number of tokens, as a sentence that says how to write it.
pub fn parse_tokens(text: &str) -> Result<u32, String> {
    let (number, unit) = match text.trim().strip_suffix(['k', 'K']) {
        Some(number) => (number, 1_000),
        None => text.trim().strip_suffix(['m', 'M']).map_or((text.trim(), 1), |number| (number, 1_000_000)),
    };
    let micros = Rate::parse(&number.replace('_', "")).map_err(|_| "write it as 262144, 200k or 1M".to_owned())?.micros();
    let scaled = u128::from(micros) * unit;
    let count = u32::try_from(scaled / 1_000_000).map_err(|_| "no model has that many".to_owned())?;
    if scaled % 1_000_000 == 0 { Ok(count) } else { Err("it is not a whole number of tokens".to_owned()) }
}

/// Reads a rate in dollars per million: `0.6`, `$0.60`.
///
/// # Errors
/// When it is no rate.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text.trim().trim_start_matches('$')).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_and_without_a_unit() {
        for (text, count) in [("200k", 200_000), ("1M", 1_000_000), ("1.5m", 1_500_000), ("262144", 262_144), ("262_144", 262_144)] {
            assert_eq!(parse_tokens(text), Ok(count), "{text}");
        }
        for text in ["", "k", "-1", "1.5", "abc", "1e30", "99999M"] {
            assert!(parse_tokens(text).is_err(), "{text}");
        }
        assert_eq!(parse_rate("$0.60").map(Rate::micros), Ok(600_000));
        assert!(parse_rate("cheap").is_err());
    }
}
