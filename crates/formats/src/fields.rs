//! Field tables: each row of a table maps a field of a tool's format to a part of the catalog. Readers and writers use these tables. If no row maps a
//! part of the catalog, this part is a loss of the format.

use crate::exact_decimal::ExactDecimal;
use crate::loss::{CatalogPart, ConditionKind};
use crate::object::JsonValue;
use crate::rows::RawObject;
use crate::snapshot::SnapshotEntry;
use crate::statement::{FactKey, OwnedCondition};
use modeldex_table::{Capability, Fact, FactType, Meter, Modality, Model, ServiceTier, Value};
use serde_json::value::RawValue;

/// A field of a tool's format, and the part of the catalog that the field states.
///
/// A name with a dot is a path: `limit.context`. If the tool does not store a part of the catalog in one field, `name` describes where the tool
/// stores it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldMapping {
    pub(crate) name: &'static str,
    pub(crate) part: CatalogPart,
    handling: FieldHandling,
}

/// How a field is read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldHandling {
    /// Read and written by the loop over the table.
    ReadAndWritten,
    /// Read by the loop over the table, never written.
    ReadOnly,
    /// Written by the loop over the table, never read.
    WriteOnly,
    /// Read by the loop over the table, written by the tool's module.
    WrittenByModule,
    /// Read and written by the tool's module.
    ByModule,
    /// Written by the tool's module. The value of the field is not sufficient to restore the part of the catalog, so the part still counts as lost.
    Hint,
}

/// Maps a field that is read and written unchanged.
pub(crate) const fn field(name: &'static str, part: CatalogPart) -> FieldMapping {
    FieldMapping { name, part, handling: FieldHandling::ReadAndWritten }
}

pub(crate) const fn fact(name: &'static str, fact: Fact) -> FieldMapping {
    field(name, CatalogPart::Fact(fact))
}

pub(crate) const fn capability(name: &'static str, capability: Capability) -> FieldMapping {
    field(name, CatalogPart::Capability(capability))
}

pub(crate) const fn rate(name: &'static str, meter: Meter) -> FieldMapping {
    field(name, CatalogPart::Meter(meter))
}

pub(crate) const fn tier(name: &'static str, tier: ServiceTier) -> FieldMapping {
    field(name, CatalogPart::Tier(tier)).handled_by_module()
}

pub(crate) const fn price_steps(name: &'static str) -> FieldMapping {
    field(name, CatalogPart::Condition(ConditionKind::Above)).handled_by_module()
}

/// Maps the entry of a tool's format that represents the provider.
pub(crate) const fn provider_entry(name: &'static str) -> FieldMapping {
    field(name, CatalogPart::Provider).handled_by_module()
}

/// Maps every meter to a field with the meter's name.
pub(crate) const fn every_meter() -> [FieldMapping; Meter::ALL.len()] {
    let mut fields = [rate("", Meter::Input); Meter::ALL.len()];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = rate(Meter::ALL[at].as_str(), Meter::ALL[at]);
        at += 1;
    }
    fields
}

/// Maps every service tier to a field with the tier's name.
pub(crate) const fn every_tier() -> [FieldMapping; ServiceTier::ALL.len()] {
    let mut fields = [tier("", ServiceTier::Batch); ServiceTier::ALL.len()];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = tier(ServiceTier::ALL[at].as_str(), ServiceTier::ALL[at]);
        at += 1;
    }
    fields
}

impl FieldMapping {
    /// Restricts the field to reading: the output for the tool does not have the field.
    pub(crate) const fn only_read(self) -> Self {
        Self { handling: FieldHandling::ReadOnly, ..self }
    }

    /// Restricts the field to writing: its values in the tool's files are ignored.
    pub(crate) const fn only_written(self) -> Self {
        Self { handling: FieldHandling::WriteOnly, ..self }
    }

    /// Leaves writing to the tool's module.
    pub(crate) const fn written_by_module(self) -> Self {
        Self { handling: FieldHandling::WrittenByModule, ..self }
    }

    /// Leaves reading and writing to the tool's module, because the tool represents this part of the catalog in its own way.
    pub(crate) const fn handled_by_module(self) -> Self {
        Self { handling: FieldHandling::ByModule, ..self }
    }

    /// Marks a field whose value is not sufficient to restore the part of the catalog.
    pub(crate) const fn hint(self) -> Self {
        Self { handling: FieldHandling::Hint, ..self }
    }

    /// Returns whether the part of the catalog can be restored from the output.
    pub(crate) fn is_exported(&self) -> bool {
        !matches!(self.handling, FieldHandling::ReadOnly | FieldHandling::Hint)
    }

    /// Returns whether the loop over the table writes the field.
    pub(crate) fn is_written(&self) -> bool {
        matches!(self.handling, FieldHandling::ReadAndWritten | FieldHandling::WriteOnly)
    }

    fn is_read(&self) -> bool {
        matches!(self.handling, FieldHandling::ReadAndWritten | FieldHandling::ReadOnly | FieldHandling::WrittenByModule)
    }

    fn meter(&self) -> Option<Meter> {
        if let CatalogPart::Meter(meter) = self.part { Some(meter) } else { None }
    }
}

/// Returns the rates in a table that can be restored from the output, each with the name of its field.
pub(crate) fn rate_fields(table: &[FieldMapping]) -> impl Iterator<Item = (&'static str, Meter)> {
    table.iter().filter(|field| field.is_exported()).filter_map(|field| Some((field.name, field.meter()?)))
}

/// Returns the value of a model for a part of the catalog. The result is absent if the value is unknown.
pub(crate) fn value(model: Model<'_>, part: CatalogPart) -> JsonValue<'_> {
    let value = match part {
        CatalogPart::Capability(capability) => return model.can(capability).into(),
        CatalogPart::Base => return model.base().map(|base| base.reference().to_string()).into(),
        CatalogPart::Fact(fact) => model.value(fact),
        _ => None,
    };
    match value {
        Some(Value::Text(text)) => text.into(),
        Some(Value::Flag(yes)) => yes.into(),
        Some(Value::Tokens(count)) => count.into(),
        Some(Value::Date(date)) => date.to_string().into(),
        Some(Value::Word(word)) => word.as_str().into(),
        Some(Value::Words(words)) => words.iter().collect(),
        _ => JsonValue::Absent,
    }
}

/// Returns whether a model accepts images, for tools with a flag for image input. Returns `None` if the model's input modalities are unknown.
pub(crate) fn takes_images(model: Model<'_>) -> Option<bool> {
    (!model.input().is_empty()).then(|| model.input().contains(Modality::Image))
}

/// Pairs of a word of a tool and a value of the catalog. If a value has several words, the first one is written. If a word has several values, the
/// first one is read.
pub(crate) type WordTable<T> = [(&'static str, T)];

/// Returns the value of a tool's word.
pub(crate) fn parse_word<T: Copy>(words: &WordTable<T>, word: &str) -> Option<T> {
    words.iter().find(|(other, _)| *other == word).map(|(_, meaning)| *meaning)
}

/// Returns a tool's word for a value.
pub(crate) fn word_for<T: Copy + PartialEq>(words: &WordTable<T>, meaning: T) -> Option<&'static str> {
    words.iter().find(|(_, other)| *other == meaning).map(|(word, _)| *word)
}

/// A field's value, as read from the tool's file.
#[derive(Clone, Debug)]
pub(crate) enum FieldValue {
    Flag(bool),
    Number(ExactDecimal),
    Text(String),
    Texts(Vec<String>),
}

/// Parsed fields of a row, in the order of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowFacts(Vec<(CatalogPart, FieldValue)>);

impl FieldValue {
    fn read(part: CatalogPart, raw: &RawValue) -> Result<Option<Self>, String> {
        use crate::rows::parse_value;
        let fact_type = match part {
            CatalogPart::Fact(fact) => fact.fact_type(),
            CatalogPart::Capability(_) => FactType::Flag,
            CatalogPart::Meter(_) => FactType::Tokens,
            _ => FactType::Text,
        };
        Ok(match fact_type {
            FactType::Flag => parse_value::<Option<bool>>(raw)?.map(Self::Flag),
            FactType::Tokens => parse_value::<Option<ExactDecimal>>(raw)?.map(Self::Number),
            FactType::Words(_) | FactType::Urls => parse_value::<Option<Vec<String>>>(raw)?.map(Self::Texts),
            _ => parse_value::<Option<String>>(raw)?.map(Self::Text),
        })
    }
}

impl RowFacts {
    /// Parses the fields of a row that a table maps.
    ///
    /// # Errors
    /// Fails if a field has a value of an unexpected type.
    pub(crate) fn read(table: &[FieldMapping], row: &RawObject<'_>) -> Result<Self, String> {
        let mut facts = Self::default();
        for field in table.iter().filter(|field| field.is_read()) {
            if let Some(raw) = row.value_at(field.name)? {
                facts.0.extend(FieldValue::read(field.part, raw)?.map(|stated| (field.part, stated)));
            }
        }
        Ok(facts)
    }

    /// Parses the fields of a row that a table maps. A field with a value of an unexpected type is reported and left out.
    pub(crate) fn read_each(table: &[FieldMapping], row: &RawObject<'_>, subject: &mut SnapshotEntry<'_>) -> Self {
        let mut facts = Self::default();
        for field in table.iter().filter(|field| field.is_read()) {
            match row.value_at(field.name).and_then(|raw| raw.map_or(Ok(None), |raw| FieldValue::read(field.part, raw))) {
                Ok(stated) => facts.0.extend(stated.map(|stated| (field.part, stated))),
                Err(reason) => {
                    subject.reject(&field.part.key(&OwnedCondition::default()), format_args!("`{field}`: {reason}", field = field.name))
                }
            }
        }
        facts
    }

    /// Returns the number of a field.
    pub(crate) fn number(&self, part: CatalogPart) -> Option<ExactDecimal> {
        self.0.iter().find_map(|(other, stated)| match stated {
            FieldValue::Number(number) if *other == part => Some(*number),
            _ => None,
        })
    }

    /// Returns the rate of a meter in the tool's unit.
    pub(crate) fn rate(&self, meter: Meter) -> Option<ExactDecimal> {
        self.number(CatalogPart::Meter(meter))
    }

    /// Returns all rates in the order of the table.
    pub(crate) fn rates(&self) -> impl Iterator<Item = (Meter, ExactDecimal)> {
        self.0.iter().filter_map(|(part, stated)| match (part, stated) {
            (CatalogPart::Meter(meter), FieldValue::Number(rate)) => Some((*meter, *rate)),
            _ => None,
        })
    }

    /// Removes the numbers for which `is_filler` returns true, because they are placeholders.
    #[must_use]
    pub(crate) fn without(mut self, is_filler: impl Fn(CatalogPart, ExactDecimal) -> bool) -> Self {
        self.0.retain(|(part, stated)| !matches!(stated, FieldValue::Number(number) if is_filler(*part, *number)));
        self
    }

    /// Removes the words of `target_part` if `is_filler` returns true for them, because they are placeholders.
    #[must_use]
    pub(crate) fn without_texts(mut self, target_part: CatalogPart, is_filler: impl Fn(&[String]) -> bool) -> Self {
        self.0.retain(|(part, stated)| !matches!(stated, FieldValue::Texts(texts) if *part == target_part && is_filler(texts)));
        self
    }

    /// Removes cache rates of zero, which are placeholders in several tools.
    #[must_use]
    pub(crate) fn without_zero_cache(self) -> Self {
        self.without(|part, rate| matches!(part, CatalogPart::Meter(Meter::CacheRead | Meter::CacheWrite)) && rate.is_zero())
    }

    /// Records all facts. Rates are in US dollars per [`Meter::per`] units and unconditional.
    pub(crate) fn record(&self, subject: &mut SnapshotEntry<'_>) {
        self.record_when(&OwnedCondition::default(), 0, subject);
    }

    /// Records all facts. Rates are multiplied by ten to the power of `places` and recorded under `condition`.
    pub(crate) fn record_when(&self, condition: &OwnedCondition, places: i32, subject: &mut SnapshotEntry<'_>) {
        for (part, stated) in &self.0 {
            let key = part.key(condition);
            match (part, stated) {
                (CatalogPart::Meter(meter), FieldValue::Number(rate)) => {
                    subject.set_rate_when(condition.clone(), *meter, Some(rate.shifted(places)))
                }
                (CatalogPart::Fact(fact), FieldValue::Number(count)) => subject.set_tokens(*fact, Some(*count)),
                (CatalogPart::Fact(fact), FieldValue::Texts(words)) => subject.set_words(*fact, words.iter().map(String::as_str)),
                (CatalogPart::Fact(fact), FieldValue::Text(text)) => match fact.fact_type() {
                    FactType::Date => subject.set_date(*fact, Some(text)),
                    FactType::Word(_) => subject.set_word(*fact, text),
                    _ => subject.set_text(key, Some(text)),
                },
                (_, FieldValue::Text(text)) => subject.set_text(key, Some(text)),
                (_, FieldValue::Flag(flag)) => subject.set_flag(key, Some(*flag)),
                _ => {}
            }
        }
    }
}

impl CatalogPart {
    /// Returns the fact key of a part of the catalog.
    pub(crate) fn key(self, condition: &OwnedCondition) -> FactKey {
        match self {
            Self::Fact(fact) => FactKey::Fact(fact),
            Self::Capability(capability) => FactKey::Capability(capability),
            Self::Base => FactKey::Base,
            Self::Aliases => FactKey::AliasOf,
            Self::Meter(meter) => FactKey::Rate(condition.clone(), meter),
            Self::Condition(_) | Self::Tier(_) | Self::Provider => FactKey::Fact(Fact::Prices),
        }
    }
}
