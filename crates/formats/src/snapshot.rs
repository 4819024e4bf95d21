//! Snapshots: the facts that one source states on one day, with the ids and vocabularies of this catalog.

use crate::provider_map::{ProviderIdMap, ProviderMapping, is_provider_id};
use crate::statement::{FactKey, OwnedCondition, Value};
use crate::{ExactDecimal, ExactDecimalError};
use modeldex_compile::{is_valid_model_id, is_web_url};
use modeldex_support::secret::mask;
use modeldex_support::text::is_printable;
use modeldex_table::{Date, Fact, FactType, Meter, Word, Words};
use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt::Display;

/// The facts that one source states on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Facts of each provider, by the id of the provider in this catalog.
    pub providers: BTreeMap<String, ProviderFacts>,
    /// Invalid rows and values of the source. They are not part of the snapshot.
    pub rejected: Vec<RejectedInput>,
}

/// Facts that a source states about one provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderFacts {
    /// Facts of the provider.
    pub facts: BTreeMap<FactKey, Value>,
    /// Facts of each model of the provider. The key is the model id that requests to the provider contain.
    pub models: BTreeMap<String, BTreeMap<FactKey, Value>>,
}

/// An invalid row or value of a source. It is not part of the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedInput {
    /// Place of the row or value in the source, such as `provider/model`.
    pub place: String,
    /// Why the row or value is invalid, without a full stop.
    pub reason: String,
    /// The fact that the value states. `None` means that a whole row is invalid.
    pub fact: Option<FactKey>,
}

/// Maximum number of models in a snapshot: twice the number of models in the largest source. An import keeps facts, claims and files for each
/// model, so an import of more models would need gigabytes of memory.
pub const MAX_MODELS: usize = 20_000;

/// Maximum number of facts of a model, prices included.
pub const MAX_FACTS: usize = 1_000;

/// Maximum number of rejected rows and values in a snapshot.
pub const MAX_REJECTED: usize = 50_000;

/// Builder of a [`Snapshot`]. All readers add the facts of a source to a builder. The builder validates the facts, so the readers do not have to: an
/// invalid row or value becomes a [`RejectedInput`].
#[derive(Debug)]
pub struct SnapshotBuilder<'m> {
    source: &'m str,
    map: &'m ProviderIdMap,
    snapshot: Snapshot,
    /// The number of models of all providers.
    models: usize,
}

/// A provider or model in a snapshot, to which facts are added.
#[derive(Debug)]
pub struct SnapshotEntry<'b> {
    place: String,
    facts: &'b mut BTreeMap<FactKey, Value>,
    rejected: &'b mut Vec<RejectedInput>,
}

impl RejectedInput {
    /// Returns whether the rejected value is part of the routing of a provider: a base URL, a wire protocol or an environment variable.
    #[must_use]
    pub const fn is_routing(&self) -> bool {
        matches!(self.fact, Some(FactKey::BaseUrl | FactKey::Api | FactKey::Env))
    }
}

impl Snapshot {
    /// Returns the number of models of all providers.
    #[must_use]
    pub fn model_count(&self) -> usize {
        self.providers.values().map(|provider| provider.models.len()).sum()
    }
}

impl<'m> SnapshotBuilder<'m> {
    /// Creates a builder with an empty snapshot of the source with the name `source`.
    #[must_use]
    pub fn new(source: &'m str, map: &'m ProviderIdMap) -> Self {
        Self { source, map, snapshot: Snapshot::default(), models: 0 }
    }

    /// Converts `id`, the id of a provider in the source, to the id of this provider in the catalog. Returns `None` if the provider map skips the
    /// provider, or if the map does not have the id. In the second case, the id is also recorded as rejected.
    pub fn provider_id(&mut self, id: &str) -> Option<&'m str> {
        match self.map.lookup(self.source, id) {
            ProviderMapping::Provider(provider) => Some(provider),
            ProviderMapping::Skipped(_) => None,
            ProviderMapping::Unmapped => {
                self.reject(
                    id,
                    "the provider is not in catalog/provider-map.yaml; add the provider to `providers` in this file, or to `skip` with a reason",
                );
                None
            }
        }
    }

    /// Returns the entry of a provider. `provider` is the id of the provider in this catalog. Adds the provider if the snapshot does not have it.
    pub fn provider(&mut self, provider: &str) -> SnapshotEntry<'_> {
        let Snapshot { providers, rejected } = &mut self.snapshot;
        let facts = &mut providers.entry(provider.to_owned()).or_default().facts;
        facts.entry(FactKey::Listed).or_insert(Value::Flag(true));
        SnapshotEntry { place: provider.to_owned(), facts, rejected }
    }

    /// Returns the entry of a model. `provider` is the id of the provider in this catalog. Adds the model if the snapshot does not have it. Returns
    /// `None` if `id` is not a valid model id; the id is then recorded as rejected.
    pub fn model(&mut self, provider: &str, id: &str) -> Option<SnapshotEntry<'_>> {
        let place = format!("{provider}/{id}");
        if mask(id) != id {
            self.reject(provider, "the id of a model looks like a secret");
            return None;
        }
        if !is_valid_model_id(id) {
            self.reject(
                place,
                "invalid model id: expected at most 128 characters (letters, digits and `-._:/@~()+[]`); a segment between slashes must not be empty, \
                 begin with `-` or `.`, end with `.`, or be a Windows device name such as `con`",
            );
            return None;
        }
        let Snapshot { providers, rejected } = &mut self.snapshot;
        let provider = providers.entry(provider.to_owned()).or_default();
        provider.facts.entry(FactKey::Listed).or_insert(Value::Flag(true));
        let facts = match provider.models.entry(id.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                self.models += 1;
                // The snapshot is refused when it has been read.
                if self.models > MAX_MODELS {
                    return None;
                }
                entry.insert(BTreeMap::new())
            }
        };
        facts.entry(FactKey::Listed).or_insert(Value::Flag(true));
        Some(SnapshotEntry { place, facts, rejected })
    }

    /// Records a row or value as rejected. Secrets in `place` and `reason` are masked.
    pub fn reject(&mut self, place: impl Into<String>, reason: impl Display) {
        // The malformed value may be an API key that was pasted into the source.
        let (place, reason) = (mask(&place.into()), mask(&reason.to_string()));
        push_rejected(&mut self.snapshot.rejected, RejectedInput { place, reason, fact: None });
    }

    /// Returns the finished snapshot.
    ///
    /// # Errors
    /// Fails if the snapshot has more models than [`MAX_MODELS`], or more rejected rows and values than [`MAX_REJECTED`].
    pub fn finish(self) -> Result<Snapshot, String> {
        if self.models > MAX_MODELS {
            return Err(format!("the snapshot has {models} models, more than the limit of {MAX_MODELS} models", models = self.models));
        }
        if self.snapshot.rejected.len() > MAX_REJECTED {
            return Err(format!("the snapshot has more invalid rows and values than the limit of {MAX_REJECTED}"));
        }
        Ok(self.snapshot)
    }
}

/// Adds a rejected row or value. Does nothing if there are already more than [`MAX_REJECTED`], because then [`SnapshotBuilder::finish`] fails.
fn push_rejected(rejected: &mut Vec<RejectedInput>, input: RejectedInput) {
    if rejected.len() <= MAX_REJECTED {
        rejected.push(input);
    }
}

impl SnapshotEntry<'_> {
    /// Sets the value of a fact. If the fact already has another value, the old value is kept, and `value` is recorded as rejected.
    pub fn set(&mut self, key: FactKey, value: Value) {
        let is_secret = |text: &String| {
            mask(text) != *text || text.split("://").nth(1).is_some_and(|rest| rest.split('/').next().unwrap_or_default().contains('@'))
        };
        if matches!(&value, Value::Text(text) if is_secret(text)) || matches!(&value, Value::Texts(texts) if texts.iter().any(is_secret)) {
            return self.reject(&key, "the value looks like a secret");
        }
        if matches!((&key, value.text()), (FactKey::Base, Some(base)) if !is_base(base)) {
            return self.reject(&key, "expected a base model in the form `lab/model`");
        }
        if matches!((&key, value.text()), (FactKey::DocUrl, Some(url)) if !is_web_url(url)) {
            return self.reject(&key, "expected an http or https URL without user name, quotes, spaces or non-ASCII characters");
        }
        let value = key.coerce_value(value);
        if self.facts.len() >= MAX_FACTS && !self.facts.contains_key(&key) {
            return self.reject(&key, format_args!("the model has more facts than the limit of {MAX_FACTS} facts"));
        }
        match self.facts.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(entry) if *entry.get() == value => {}
            Entry::Occupied(entry) => {
                let (key, first) = (entry.key(), entry.get());
                let reason = format!("the source states two values for `{key}`, {first} and {value}; the first one is used");
                push_rejected(self.rejected, RejectedInput { place: self.place.clone(), reason, fact: Some(key.clone()) });
            }
        }
    }

    /// Sets a fact to a text, without leading and trailing whitespace. Does nothing if the text is `None` or empty.
    pub fn set_text(&mut self, key: FactKey, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        if text.len() > 300 || !is_printable(text) {
            return self.reject(&key, "expected one line of at most 300 bytes without invisible characters");
        }
        self.set(key, Value::Text(text.to_owned()));
    }

    /// Sets a fact to a flag. Does nothing if the flag is `None`.
    pub fn set_flag(&mut self, key: FactKey, flag: Option<bool>) {
        if let Some(flag) = flag {
            self.set(key, Value::Flag(flag));
        }
    }

    /// Sets a fact to a number of tokens. Does nothing if the number is `None` or zero.
    pub fn set_tokens(&mut self, fact: Fact, count: Option<ExactDecimal>) {
        match count.map(ExactDecimal::count) {
            None | Some(Ok(0)) => {}
            Some(Ok(count)) => self.set(FactKey::Fact(fact), Value::Tokens(count)),
            Some(Err(error)) => self.reject(&FactKey::Fact(fact), error),
        }
    }

    /// Sets a fact to a date. The date is as precise as the text. Does nothing if the text is `None` or empty.
    pub fn set_date(&mut self, fact: Fact, date: Option<&str>) {
        let Some(text) = date.map(str::trim).filter(|text| !text.is_empty()) else { return };
        match Date::parse(text) {
            Ok(date) => self.set(FactKey::Fact(fact), Value::Date(date)),
            Err(error) => self.reject(&FactKey::Fact(fact), format_args!("invalid date `{text}`: {error}")),
        }
    }

    /// Sets a rate that applies without conditions. The rate is in US dollars: for tokens, per million tokens; for other meters, per request, image
    /// or search (see [`Meter::per`]). Does nothing if the rate is `None`.
    pub fn set_rate(&mut self, meter: Meter, rate: Option<ExactDecimal>) {
        self.set_rate_when(OwnedCondition::default(), meter, rate);
    }

    /// Sets a rate that applies under `condition`. The rate is in US dollars: for tokens, per million tokens; for other meters, per request, image or
    /// search (see [`Meter::per`]). Does nothing if the rate is `None`.
    pub fn set_rate_when(&mut self, condition: OwnedCondition, meter: Meter, rate: Option<ExactDecimal>) {
        let is_above_zero = condition.above == Some(0);
        let key = FactKey::Rate(condition, meter);
        match rate.map(ExactDecimal::rate) {
            None => {}
            Some(_) if is_above_zero => self.reject(&key, "the price step applies above 0 tokens, and thus to every request"),
            Some(Ok(rate)) => self.set(key, Value::dollars(rate)),
            // Several catalogs write -1 for prices that depend on the request.
            Some(Err(ExactDecimalError::Negative)) => self.reject(&key, "the rate is negative"),
            Some(Err(error)) => self.reject(&key, error),
        }
    }

    /// Sets a fact to a word of its vocabulary. A word that is not in the vocabulary is recorded as rejected.
    pub fn set_word(&mut self, fact: Fact, word: &str) {
        match fact.fact_type() {
            FactType::Word(vocabulary) if Word::parse(vocabulary, word).is_some() => self.set_text(FactKey::Fact(fact), Some(word)),
            _ => self.reject_word(fact, word),
        }
    }

    /// Sets a fact to words of its vocabulary. If one of the words is not in the vocabulary, this word is recorded as rejected, and the fact is not
    /// set.
    pub fn set_words<'w>(&mut self, fact: Fact, words: impl IntoIterator<Item = &'w str>) {
        let FactType::Words(vocabulary) = fact.fact_type() else { return };
        let words: Vec<&str> = words.into_iter().collect();
        match Words::parse(vocabulary, words.iter().copied()) {
            Some(words) if words.is_empty() => {}
            Some(words) => self.set(FactKey::Fact(fact), Value::Words(words)),
            None => {
                let unknown = words.into_iter().find(|word| Word::parse(vocabulary, word).is_none());
                self.reject_word(fact, unknown.unwrap_or_default());
            }
        }
    }

    /// Records `word` as rejected, because the vocabulary of `fact` does not have the word.
    pub fn reject_word(&mut self, fact: Fact, word: &str) {
        self.reject(&FactKey::Fact(fact), format_args!("invalid value `{word}`"));
    }

    /// Records the value of a fact as rejected.
    pub fn reject(&mut self, key: &FactKey, reason: impl Display) {
        let (place, reason) = (mask(&self.place), mask(&format!("`{key}`: {reason}")));
        push_rejected(self.rejected, RejectedInput { place, reason, fact: Some(key.clone()) });
    }
}

/// Maximum length of a variable name, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// Returns whether a text is a reference to a base model: `lab/model`.
fn is_base(reference: &str) -> bool {
    reference.split_once('/').is_some_and(|(lab, id)| is_provider_id(lab) && is_valid_model_id(id))
}

/// Returns whether a text is a valid environment variable name in the catalog.
pub(crate) fn is_variable(name: &str) -> bool {
    if name.len() > MAX_NAME_BYTES {
        return false;
    }
    let rest = name.trim_start_matches(|digit: char| digit.is_ascii_digit());
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::Modality;

    #[test]
    fn malformed_input_is_rejected() {
        let map = ProviderIdMap::parse("providers:\n  acme: {x: [ac]}\nskip:\n  x: {tool: no models}\n").unwrap();
        let mut builder = SnapshotBuilder::new("x", &map);
        assert_eq!(builder.provider_id("ac"), Some("acme"));
        assert_eq!(builder.provider_id("tool"), None);
        assert_eq!(builder.provider_id("new"), None);
        assert!(builder.model("acme", "with space").is_none());
        let mut model = builder.model("acme", "m").unwrap();
        model.set_tokens(Fact::ContextWindow, "0".parse().ok());
        model.set_tokens(Fact::MaxOutputTokens, "1.5".parse().ok());
        model.set_rate(Meter::Input, "-1".parse().ok());
        model.set_words(Fact::Input, ["text", "smell"]);
        model.set_words(Fact::Output, ["image", "text", "text"]);
        model.set_date(Fact::ReleaseDate, Some("2026-13-01"));
        model.set_text(FactKey::Fact(Fact::Name), Some("  A  "));
        model.set_text(FactKey::Fact(Fact::Name), Some("B"));
        let snapshot = builder.finish().unwrap();
        let facts = &snapshot.providers["acme"].models["m"];
        assert_eq!(facts.len(), 3, "{facts:?}");
        assert_eq!(facts[&FactKey::Fact(Fact::Output)], Value::Words(Words::parse(Modality::VOCABULARY, ["text", "image"]).unwrap()));
        assert_eq!(facts[&FactKey::Fact(Fact::Name)], Value::Text("A".to_owned()));
        let places: Vec<_> = snapshot.rejected.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["new", "acme/with space", "acme/m", "acme/m", "acme/m", "acme/m", "acme/m"]);
    }

    #[test]
    fn the_size_of_a_snapshot_is_limited() {
        let map = ProviderIdMap::parse("providers:\n  acme: {x: [ac]}\n").unwrap();
        let with = |models: usize, rejected: usize| {
            let mut builder = SnapshotBuilder::new("x", &map);
            (0..models).for_each(|model| drop(builder.model("acme", &format!("m{model}"))));
            (0..rejected).for_each(|row| builder.reject("acme", format_args!("row {row}")));
            // A model that the snapshot has already is not a new one.
            assert!(builder.model("acme", "m0").is_some());
            builder.finish()
        };
        assert_eq!(with(MAX_MODELS, MAX_REJECTED).unwrap().model_count(), MAX_MODELS);
        assert_eq!(with(MAX_MODELS + 2, 0).unwrap_err(), "the snapshot has 20002 models, more than the limit of 20000 models");
        assert_eq!(with(1, 2 * MAX_REJECTED).unwrap_err(), "the snapshot has more invalid rows and values than the limit of 50000");
        let mut builder = SnapshotBuilder::new("x", &map);
        let mut model = builder.model("acme", "m").unwrap();
        for above in 1..=MAX_FACTS as u32 {
            let condition = OwnedCondition { above: Some(above), ..OwnedCondition::default() };
            model.set_rate_when(condition, Meter::Input, "1".parse().ok());
        }
        let snapshot = builder.finish().unwrap();
        assert_eq!((snapshot.providers["acme"].models["m"].len(), snapshot.rejected.len()), (MAX_FACTS, 1));
        assert!(snapshot.rejected[0].reason.contains("the limit of 1000 facts"), "{:?}", snapshot.rejected);
    }
}
