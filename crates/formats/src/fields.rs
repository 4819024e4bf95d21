//! The fields of a tool as tables: one row for each field, by which it is read, written, and known what has no place.

use crate::exact::Exact;
use crate::loss::{ConditionPart, Part};
use crate::object::Json;
use crate::rows::Rows;
use crate::snapshot::Subject;
use crate::statement::{Condition, Key};
use modeldex_table::{Capability, Fact, FactType, Meter, Modality, Model, ServiceTier, Value};
use serde_json::value::RawValue;

/// A field of a tool: its name, and the part of the catalog that it holds.
///
/// A name with a point in it is a path, `limit.context`. Where a part of the catalog has a place that no single field is, the row names what
/// the tool has instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) part: Part,
    way: Way,
}

/// In which direction a table's loop treats a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Both,
    Read,
    Written,
    /// Read by the loop, and written by the tool's module.
    Apart,
    /// Read and written by the tool's module.
    ByHand,
    /// Written by the tool's module, and not enough for readers to know the part of the catalog by it.
    Hint,
}

pub(crate) const fn field(name: &'static str, part: Part) -> Field {
    Field { name, part, way: Way::Both }
}

pub(crate) const fn fact(name: &'static str, fact: Fact) -> Field {
    field(name, Part::Fact(fact))
}

pub(crate) const fn can(name: &'static str, capability: Capability) -> Field {
    field(name, Part::Capability(capability))
}

pub(crate) const fn rate(name: &'static str, meter: Meter) -> Field {
    field(name, Part::Meter(meter))
}

pub(crate) const fn tier(name: &'static str, tier: ServiceTier) -> Field {
    field(name, Part::Tier(tier)).by_hand()
}

pub(crate) const fn above(name: &'static str) -> Field {
    field(name, Part::Condition(ConditionPart::Above)).by_hand()
}

/// That the tool has an entry for the provider itself.
pub(crate) const fn provider(name: &'static str) -> Field {
    field(name, Part::Provider).by_hand()
}

/// A place for every meter, under its own name.
pub(crate) const fn every_meter() -> [Field; Meter::ALL.len()] {
    let mut fields = [rate("", Meter::Input); Meter::ALL.len()];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = rate(Meter::ALL[at].as_str(), Meter::ALL[at]);
        at += 1;
    }
    fields
}

/// A place for every service tier, under its own name.
pub(crate) const fn every_tier() -> [Field; ServiceTier::ALL.len()] {
    let mut fields = [tier("", ServiceTier::Batch); ServiceTier::ALL.len()];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = tier(ServiceTier::ALL[at].as_str(), ServiceTier::ALL[at]);
        at += 1;
    }
    fields
}

impl Field {
    /// The tool's files have the field, but what is written for the tool does not.
    pub(crate) const fn only_read(self) -> Self {
        Self { way: Way::Read, ..self }
    }

    /// The field is written, but what the tool's files have there is not taken over.
    pub(crate) const fn only_written(self) -> Self {
        Self { way: Way::Written, ..self }
    }

    /// The field is written among others that no table has.
    pub(crate) const fn written_apart(self) -> Self {
        Self { way: Way::Apart, ..self }
    }

    /// The tool has its own way to put this part of the catalog, which its module reads and writes.
    pub(crate) const fn by_hand(self) -> Self {
        Self { way: Way::ByHand, ..self }
    }

    /// The field has something of this part of the catalog, but not enough to know it by.
    pub(crate) const fn hint(self) -> Self {
        Self { way: Way::Hint, ..self }
    }

    /// Whether the part of the catalog comes along when a catalog is written.
    pub(crate) fn is_place(&self) -> bool {
        !matches!(self.way, Way::Read | Way::Hint)
    }

    pub(crate) fn is_written(&self) -> bool {
        matches!(self.way, Way::Both | Way::Written)
    }

    fn is_read(&self) -> bool {
        matches!(self.way, Way::Both | Way::Read | Way::Apart)
    }

    fn meter(&self) -> Option<Meter> {
        if let Part::Meter(meter) = self.part { Some(meter) } else { None }
    }
}

/// The rates of a table that are written, by their fields.
pub(crate) fn meters(table: &[Field]) -> impl Iterator<Item = (&'static str, Meter)> {
    table.iter().filter(|field| field.is_place()).filter_map(|field| Some((field.name, field.meter()?)))
}

/// The value that a model has for a part of the catalog; absent where it is unknown.
pub(crate) fn value(model: Model<'_>, part: Part) -> Json<'_> {
    let value = match part {
        Part::Capability(capability) => return model.can(capability).into(),
        Part::Base => return model.base().map(|base| base.reference().to_string()).into(),
        Part::Fact(fact) => model.value(fact),
        _ => None,
    };
    match value {
        Some(Value::Text(text)) => text.into(),
        Some(Value::Flag(yes)) => yes.into(),
        Some(Value::Tokens(count)) => count.into(),
        Some(Value::Date(date)) => date.to_string().into(),
        Some(Value::Word(word)) => word.as_str().into(),
        Some(Value::Words(words)) => words.iter().collect(),
        _ => Json::Absent,
    }
}

/// Whether images go into a model, for tools that have one flag for it.
pub(crate) fn takes_images(model: Model<'_>) -> Option<bool> {
    (!model.input().is_empty()).then(|| model.input().contains(Modality::Image))
}

/// A word of a tool for each of some things, and the other way round. Of several words for one thing the first is written, and of several
/// things under one word the first is read.
pub(crate) type Words<T> = [(&'static str, T)];

/// What a tool's word stands for.
pub(crate) fn meaning<T: Copy>(words: &Words<T>, word: &str) -> Option<T> {
    words.iter().find(|(other, _)| *other == word).map(|(_, meaning)| *meaning)
}

/// A tool's word for something.
pub(crate) fn word<T: Copy + PartialEq>(words: &Words<T>, meaning: T) -> Option<&'static str> {
    words.iter().find(|(_, other)| *other == meaning).map(|(word, _)| *word)
}

/// A value of a field, as it was written.
#[derive(Clone, Debug)]
pub(crate) enum Stated {
    Flag(bool),
    Number(Exact),
    Text(String),
    Texts(Vec<String>),
}

/// What the fields of a row state, read and not yet handed on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(Vec<(Part, Stated)>);

impl Stated {
    fn read(part: Part, raw: &RawValue) -> Result<Option<Self>, String> {
        use crate::rows::read;
        let of = match part {
            Part::Fact(fact) => fact.fact_type(),
            Part::Capability(_) => FactType::Flag,
            Part::Meter(_) => FactType::Tokens,
            _ => FactType::Text,
        };
        Ok(match of {
            FactType::Flag => read::<Option<bool>>(raw)?.map(Self::Flag),
            FactType::Tokens => read::<Option<Exact>>(raw)?.map(Self::Number),
            FactType::Words(_) | FactType::Urls => read::<Option<Vec<String>>>(raw)?.map(Self::Texts),
            _ => read::<Option<String>>(raw)?.map(Self::Text),
        })
    }
}

impl Facts {
    /// Reads the fields of a row that a table names.
    ///
    /// # Errors
    /// When one of them has a value of another type.
    pub(crate) fn read(table: &[Field], row: &Rows<'_>) -> Result<Self, String> {
        let mut facts = Self::default();
        for field in table.iter().filter(|field| field.is_read()) {
            if let Some(raw) = row.at(field.name)? {
                facts.0.extend(Stated::read(field.part, raw)?.map(|stated| (field.part, stated)));
            }
        }
        Ok(facts)
    }

    /// Reads the fields of a row that a table names. One that has a value of another type is reported, and left out.
    pub(crate) fn read_each(table: &[Field], row: &Rows<'_>, subject: &mut Subject<'_>) -> Self {
        let mut facts = Self::default();
        for field in table.iter().filter(|field| field.is_read()) {
            match row.at(field.name).and_then(|raw| raw.map_or(Ok(None), |raw| Stated::read(field.part, raw))) {
                Ok(stated) => facts.0.extend(stated.map(|stated| (field.part, stated))),
                Err(reason) => subject.problem(&field.part.key(&Condition::default()), format_args!("`{}`: {reason}", field.name)),
            }
        }
        facts
    }

    /// The number of a field.
    pub(crate) fn number(&self, part: Part) -> Option<Exact> {
        self.0.iter().find_map(|(other, stated)| match stated {
            Stated::Number(number) if *other == part => Some(*number),
            _ => None,
        })
    }

    /// The rate of a meter, as it was written.
    pub(crate) fn rate(&self, meter: Meter) -> Option<Exact> {
        self.number(Part::Meter(meter))
    }

    /// The rates, in the order of the table.
    pub(crate) fn rates(&self) -> impl Iterator<Item = (Meter, Exact)> {
        self.0.iter().filter_map(|(part, stated)| match (part, stated) {
            (Part::Meter(meter), Stated::Number(rate)) => Some((*meter, *rate)),
            _ => None,
        })
    }

    /// Leaves out numbers that are filler.
    #[must_use]
    pub(crate) fn without(mut self, is_filler: impl Fn(Part, Exact) -> bool) -> Self {
        self.0.retain(|(part, stated)| !matches!(stated, Stated::Number(number) if is_filler(*part, *number)));
        self
    }

    /// Leaves out the words of a part where they are filler.
    #[must_use]
    pub(crate) fn without_texts(mut self, of: Part, is_filler: impl Fn(&[String]) -> bool) -> Self {
        self.0.retain(|(part, stated)| !matches!(stated, Stated::Texts(texts) if *part == of && is_filler(texts)));
        self
    }

    /// Leaves out rates of a cache that are zero, with which several tools fill the fields.
    #[must_use]
    pub(crate) fn without_zero_cache(self) -> Self {
        self.without(|part, rate| matches!(part, Part::Meter(Meter::CacheRead | Meter::CacheWrite)) && rate.is_zero())
    }

    /// Hands everything on: rates as they are, in US dollars per [`Meter::per`] units, and always.
    pub(crate) fn state(&self, subject: &mut Subject<'_>) {
        self.state_when(&Condition::default(), 0, subject);
    }

    /// Hands everything on: rates under a condition, and times ten to the power of `places`.
    pub(crate) fn state_when(&self, condition: &Condition, places: i32, subject: &mut Subject<'_>) {
        for (part, stated) in &self.0 {
            let key = part.key(condition);
            match (part, stated) {
                (Part::Meter(meter), Stated::Number(rate)) => subject.rate_when(condition.clone(), *meter, Some(rate.shifted(places))),
                (Part::Fact(fact), Stated::Number(count)) => subject.tokens(*fact, Some(*count)),
                (Part::Fact(fact), Stated::Texts(words)) => subject.words(*fact, words.iter().map(String::as_str)),
                (Part::Fact(fact), Stated::Text(text)) => match fact.fact_type() {
                    FactType::Date => subject.date(*fact, Some(text)),
                    FactType::Word(_) => subject.word(*fact, text),
                    _ => subject.text(key, Some(text)),
                },
                (_, Stated::Text(text)) => subject.text(key, Some(text)),
                (_, Stated::Flag(flag)) => subject.flag(key, Some(*flag)),
                _ => {}
            }
        }
    }
}

impl Part {
    /// The key of the statements about a part of the catalog.
    pub(crate) fn key(self, condition: &Condition) -> Key {
        match self {
            Self::Fact(fact) => Key::Fact(fact),
            Self::Capability(capability) => Key::Capability(capability),
            Self::Base => Key::Base,
            Self::Aliases => Key::AliasOf,
            Self::Meter(meter) => Key::Rate(condition.clone(), meter),
            Self::Condition(_) | Self::Tier(_) | Self::Provider => Key::Fact(Fact::Prices),
        }
    }
}
